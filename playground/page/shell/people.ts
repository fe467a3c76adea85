/** Who is here (the list at the right) and who one is (the panel at the bottom left, with the menu to switch). */
import type { PageUser } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { el, fill } from '../dom.js';
import type { MenuItem } from '../menu.js';
import { appItems, userCommand } from '../messages/message-menu.js';

/** The members of the current guild, or both sides of a direct message. */
export function drawMembers(node: HTMLElement, context: PageContext): void {
  const { store } = context;
  const guild = store.guildOf(store.current);
  const here = [...store.users.values()].filter((user) =>
    guild ? guild.memberIds.includes(user.id) : user.id === store.me?.id || user.id === store.botId,
  );
  const bots = here.filter((user) => user.bot);
  const people = here.filter((user) => !user.bot);
  fill(
    node,
    el('h2', { class: 'category' }, `Bots — ${bots.length}`),
    ...bots.map((user) => memberRow(user, context)),
    el('h2', { class: 'category' }, `Members — ${people.length}`),
    ...people.map((user) => memberRow(user, context)),
  );
}

function memberRow(user: PageUser, context: PageContext): HTMLElement {
  const { store } = context;
  const online = user.id !== store.botId || store.botOnline;
  const status = user.id === store.botId ? (online ? 'Online' : 'Offline') : user.role;
  const button = el(
    'button',
    { class: online ? 'member' : 'member offline', attrs: { type: 'button', 'aria-haspopup': 'menu', 'aria-expanded': 'false' } },
    el(
      'span',
      { class: 'avatar-shell' },
      el('img', { class: 'small-avatar', attrs: { src: user.avatar, alt: '' } }),
      el('i', { class: 'presence' }),
    ),
    el(
      'span',
      { class: 'member-text' },
      el('span', { class: 'member-name' }, user.displayName, user.bot ? el('span', { class: 'app-tag' }, 'APP') : null),
      status ? roleLine(status) : null,
    ),
  );
  button.addEventListener('click', () => context.openMenu(button, user.displayName, memberMenu(user, context)));
  return button;
}

/** What somebody is, without what that means: there is no room for it beside the name. */
function roleLine(role: string): HTMLElement {
  return el('span', { class: 'member-role', attrs: { title: role } }, role.split(':')[0] ?? role);
}

function memberMenu(user: PageUser, context: PageContext): MenuItem[] {
  const items: MenuItem[] = [
    { kind: 'heading', label: user.username },
    { kind: 'action', label: 'Copy user ID', run: () => context.copy(user.id, 'ID') },
  ];
  if (user.id === context.store.botId) {
    items.push({ kind: 'action', label: 'Message', run: () => context.openDm() });
  }
  return [...items, ...appItems(userCommand, user.id, context)];
}

/** The panel with one's own name; pressing it offers the other people. */
export function drawPanel(node: HTMLElement, context: PageContext, switchTo: (userId: string) => void): void {
  const { store } = context;
  const { me } = store;
  if (!me) return;
  const focused = node.contains(document.activeElement);
  const button = el(
    'button',
    {
      class: 'panel-button',
      testid: 'person-menu',
      attrs: {
        type: 'button',
        'aria-haspopup': 'menu',
        'aria-expanded': 'false',
        title: 'Switch person',
      },
    },
    el('img', { class: 'small-avatar', attrs: { src: me.avatar, alt: '' } }),
    el('span', { class: 'member-text' }, el('span', { class: 'member-name' }, me.displayName), roleLine(me.role)),
    el('span', { class: 'panel-switch' }, 'Switch', el('span', { class: 'visually-hidden' }, ' person')),
  );
  button.addEventListener('click', () => {
    const people = [...store.users.values()].filter((user) => !user.bot);
    const items = people.map(
      (user): MenuItem => ({
        kind: 'action',
        label: user.displayName,
        detail: user.role,
        lead: el('img', { class: 'small-avatar', attrs: { src: user.avatar, alt: '' } }),
        checked: user.id === me.id,
        testid: `person-${user.username}`,
        run: () => switchTo(user.id),
      }),
    );
    context.openMenu(button, 'Switch person', [{ kind: 'heading', label: 'See and act as' }, ...items]);
  });
  fill(node, button);
  if (focused) button.focus();
}
