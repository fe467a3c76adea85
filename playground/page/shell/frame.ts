/** The frame of the page: servers and channels at the left, messages in the middle, members and the developer panel at the right. */
import type { PageContext } from '../context.js';
import { el } from '../dom.js';
import { developerSide } from './developer.js';
import { type MainPane, mainPane } from './main-pane.js';
import { type Sidebar, sidebar } from './sidebar.js';

/** Wide enough for the member list and the developer panel to stand beside the messages instead of over them. */
const wideWindow = matchMedia('(min-width: 1000px)');
/** Wide enough for both of them at once: less would leave the messages narrower than on a phone. */
const roomForBoth = matchMedia('(min-width: 1400px)');

export interface Frame {
  node: HTMLElement;
  pane: MainPane;
  side: Sidebar;
  /** The person's own panel, at the lower left. */
  panel: HTMLElement;
  members: HTMLElement;
  setDrawer(open: boolean): void;
  /** Closes what lies over the messages; false when nothing does. */
  closeSides(): boolean;
}

export function frame(options: { context: PageContext; composer: HTMLElement; onSeen(): void }): Frame {
  const { context } = options;
  const node = el('div', { class: 'app' });
  const developer = developerSide(context, () => node, makeRoom);
  const side = sidebar(context, () => setDrawer(false));
  const panel = el('div', { class: 'panel' });
  const members = el('aside', { class: 'members', attrs: { id: 'members', 'aria-label': 'Members' } });
  const pane = mainPane({
    ...options,
    toggleDrawer: () => setDrawer(!node.classList.contains('drawer-open')),
    toggleMembers,
    toggleDeveloper: () => developer.toggle(),
  });
  const shade = el('div', { class: 'shade', on: { click: () => closeSides() } });
  const columns = el('div', { class: 'side-columns' }, side.rail, side.list);
  node.append(el('div', { class: 'side', attrs: { id: 'sidebar' } }, columns, panel), pane.node, members, developer.node, shade);
  setMembers(wideWindow.matches);
  // In a narrow window the list lies over the messages, so it does not stay open when the window gets narrow.
  wideWindow.addEventListener('change', () => setMembers(wideWindow.matches && fits()));
  roomForBoth.addEventListener('change', () => fits() || setMembers(false));

  /** Whether the member list may stand beside what is open. */
  function fits(): boolean {
    return roomForBoth.matches || !developer.isOpen();
  }
  /** Whether the member list was closed for the developer panel, and comes back after it. */
  let membersWait = false;
  function makeRoom(developerOpens: boolean): void {
    if (!wideWindow.matches || roomForBoth.matches) return;
    const open = node.classList.contains('members-open');
    if (developerOpens || membersWait) setMembers(!developerOpens);
    membersWait = developerOpens && open;
  }
  function toggleMembers(): void {
    const open = !node.classList.contains('members-open');
    membersWait = false;
    if (open && wideWindow.matches && !roomForBoth.matches) developer.toggle(false);
    setMembers(open);
  }
  function setMembers(open: boolean): void {
    node.classList.toggle('members-open', open);
    document.querySelector('[aria-controls="members"]')?.setAttribute('aria-expanded', String(open));
  }
  function setDrawer(open: boolean): void {
    node.classList.toggle('drawer-open', open);
    document.querySelector('[aria-controls="sidebar"]')?.setAttribute('aria-expanded', String(open));
    if (open) side.list.querySelector<HTMLElement>('.current')?.focus();
  }
  function closeSides(): boolean {
    const open =
      node.classList.contains('drawer-open') ||
      (!wideWindow.matches && (node.classList.contains('members-open') || developer.isOpen()));
    setDrawer(false);
    if (wideWindow.matches) return open;
    setMembers(false);
    developer.toggle(false);
    return open;
  }
  return { node, pane, side, panel, members, setDrawer, closeSides };
}
