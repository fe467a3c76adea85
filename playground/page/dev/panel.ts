/**
 * The developer panel: REST calls, gateway frames, rate limits, faults and the clock, live.
 *
 * Hooks for browser tests (`data-testid`): `dev-tab-<name>` the tabs · `dev-rest`, `dev-gateway` the lists · `dev-limits` · `dev-faults`,
 * `dev-faults-now` what is set, `dev-told` what was done, `dev-clear` · `dev-time`, `dev-now` the clock.
 */
import type { DevEvent, DevRequest, DevState } from '../../pageserver/dev-protocol.js';
import type { PageContext } from '../context.js';
import { add, el, icon } from '../dom.js';
import { faultsTab } from './faults-tab.js';
import { devFeed } from './feed.js';
import { limitsTab } from './limits-tab.js';
import { frameList, restList } from './lists.js';
import { timeTab } from './time-tab.js';

type TabName = 'rest' | 'gateway' | 'limits' | 'faults' | 'time';

const titles: Record<TabName, string> = { rest: 'REST', gateway: 'Gateway', limits: 'Limits', faults: 'Faults', time: 'Time' };
const names = Object.keys(titles) as TabName[];
/** Tabs whose figures are told twice a second while they are looked at. */
const watched: TabName[] = ['limits', 'time'];

/** Draws the panel into `element`; called once, when it is opened for the first time. It listens whenever `element` is not hidden. */
export function mountDeveloperPanel(context: PageContext, element: HTMLElement): void {
  const send = (request: DevRequest): void => {
    if (!feed.send(request)) context.toast('Not connected', 'The local Discord is not there.');
  };
  const rest = restList(send);
  const frames = frameList(send);
  const limits = limitsTab();
  const faults = faultsTab(send);
  const time = timeTab(send);
  let state: DevState | null = null;
  let current: TabName = 'rest';
  const status = el('span', { class: 'dev-connection', attrs: { role: 'status' } });
  const panes: Record<TabName, HTMLElement> = {
    rest: rest.node,
    gateway: frames.node,
    limits: limits.node,
    faults: faults.node,
    time: time.node,
  };
  const tabs = tabList((name) => select(name));

  function handle(event: DevEvent): void {
    switch (event.type) {
      case 'rest':
        rest.add(event.lines, event.dropped);
        return;
      case 'frames':
        frames.add(event.lines, event.dropped);
        return;
      case 'detail':
        (event.of === 'rest' ? rest : frames).show(event.n, event.parts);
        return;
      case 'state':
        state = event;
        faults.draw(event);
        return;
      case 'watch':
        limits.draw(event, state);
        time.draw(event.now);
        return;
      case 'told':
        faults.told(event.what);
        return;
      case 'error':
        faults.told(event.message, true);
        context.toast('That did not work', event.message);
        return;
    }
  }

  const feed = devFeed(handle, (connected) => {
    status.textContent = connected ? '' : 'Connection lost, trying again …';
    if (!connected) return;
    // What the last connection told is numbered otherwise.
    rest.clear();
    frames.clear();
    watch();
  });

  function watch(): void {
    feed.send({ type: 'watch', on: watched.includes(current) });
  }

  function select(name: TabName): void {
    current = name;
    tabs.select(name);
    for (const each of names) panels[each].hidden = each !== name;
    watch();
  }

  const panels = Object.fromEntries(
    names.map((name) => [
      name,
      el(
        'section',
        { class: 'dev-pane', attrs: { role: 'tabpanel', id: `dev-pane-${name}`, 'aria-labelledby': `dev-tab-${name}` } },
        panes[name],
      ),
    ]),
  ) as Record<TabName, HTMLElement>;
  const close = el(
    'button',
    { class: 'icon-button', attrs: { type: 'button', 'aria-label': 'Close the developer panel' } },
    icon('close'),
  );
  close.addEventListener('click', closePanel);
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    event.preventDefault();
    closePanel();
  });
  add(
    element,
    el('header', { class: 'dev-head' }, el('h2', {}, 'Developer'), status, close),
    tabs.node,
    ...names.map((name) => panels[name]),
  );
  select(current);
  const follow = (): void => {
    if (element.hidden) {
      feed.close();
      return;
    }
    feed.open();
    tabs.focus();
  };
  new MutationObserver(follow).observe(element, { attributes: true, attributeFilter: ['hidden'] });
  follow();
}

/** The button that opened it also closes it, and gets the focus back. */
function closePanel(): void {
  const toggle = document.querySelector<HTMLElement>('[data-testid="developer-toggle"]');
  toggle?.click();
  document.querySelector<HTMLElement>('[data-testid="developer-toggle"]')?.focus();
}

/** The row of tabs: arrows, Home and End go from one to the next, as the pattern of tabs asks for. */
function tabList(onSelect: (name: TabName) => void): { node: HTMLElement; select(name: TabName): void; focus(): void } {
  const buttons = names.map((name) =>
    el(
      'button',
      {
        class: 'dev-tab',
        testid: `dev-tab-${name}`,
        attrs: { type: 'button', role: 'tab', id: `dev-tab-${name}`, 'aria-controls': `dev-pane-${name}` },
        on: { click: () => onSelect(name) },
      },
      titles[name],
    ),
  );
  const node = el('div', { class: 'dev-tabs', attrs: { role: 'tablist', 'aria-label': 'Developer panel' } }, ...buttons);
  const chosen = (): number => buttons.findIndex((button) => button.getAttribute('aria-selected') === 'true');
  node.addEventListener('keydown', (event) => {
    const at = chosen();
    const to: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 };
    const wanted = to[event.key];
    const name = wanted === undefined ? undefined : names.at(wanted % names.length);
    if (!name) return;
    event.preventDefault();
    onSelect(name);
    buttons[chosen()]?.focus();
  });
  return {
    node,
    select(name) {
      buttons.forEach((button, index) => {
        button.setAttribute('aria-selected', String(names[index] === name));
        button.tabIndex = names[index] === name ? 0 : -1;
      });
    },
    focus: () => buttons[chosen()]?.focus(),
  };
}
