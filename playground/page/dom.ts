/** Building elements. Text always becomes a text node; nothing here reads markup. */

type Child = Node | string | number | null | undefined | false;

interface Props {
  class?: string;
  testid?: string;
  on?: { [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };
  /** Attributes; `true` sets an empty one, null and false leave it out. */
  attrs?: Record<string, string | number | boolean | null | undefined>;
}

/** Makes an HTML element with attributes, listeners and children. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  if (props.class) node.className = props.class;
  if (props.testid) node.dataset.testid = props.testid;
  for (const [name, value] of Object.entries(props.attrs ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    node.setAttribute(name, value === true ? '' : String(value));
  }
  for (const [name, listener] of Object.entries(props.on ?? {})) node.addEventListener(name, listener as EventListener);
  add(node, ...children);
  return node;
}

/** Appends children, skipping what is absent. */
export function add(parent: Node, ...children: Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** Replaces all children. */
export function fill(parent: HTMLElement, ...children: Child[]): void {
  parent.replaceChildren();
  add(parent, ...children);
}

/** Outlines of the icons, 24 by 24, drawn for this page. */
const icons = {
  hash: 'M9.5 3 7.5 21M16.5 3l-2 18M4 8.5h17M3 15.5h17',
  thread: 'M4 4v8a3 3 0 0 0 3 3h4M14 10h7M14 15h7M14 20h7',
  at: 'M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0zm0 0v1.5a2.5 2.5 0 0 0 5 0V12a9 9 0 1 0-3.5 7.1',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  people:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-4 3-6 6.5-6s6.5 2 6.5 6M16 4.3a3.5 3.5 0 0 1 0 6.4M18 14.5c2.2.6 3.5 2.5 3.5 5.5',
  menu: 'M4 6h16M4 12h16M4 18h16',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6 6 18',
  send: 'M4 12 20 4l-5 16-4-6.5z',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4',
  download: 'M12 4v11m-4.5-4.5L12 15l4.5-4.5M5 20h14',
  reply: 'M10 6 4 12l6 6M4 12h9c4 0 7 2 7 6',
  down: 'M6 9l6 6 6-6',
  right: 'M9 6l6 6-6 6',
  external: 'M14 4h6v6M20 4l-9 9M18 14v6H4V6h6',
  check: 'M5 12.5 10 17.5 19.5 7',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
  warning: 'M12 4 2.5 20h19zM12 10v4.5M12 17.5h.01',
  slash: 'M15 4 9 20',
  smile: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.5 14.5c.8 1.2 2 2 3.5 2s2.7-.8 3.5-2M9 9.5h.01M15 9.5h.01',
  edit: 'M4 20l1-5L16 4l4 4L9 19zM13.5 6.5l4 4',
  pin: 'M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6',
  archive: 'M4 5h16v4H4zM6 9v10h12V9M10 13h4',
  expand: 'M8 4H4v4M16 4h4v4M8 20H4v-4M16 20h4v-4',
  code: 'M8 7l-5 5 5 5M16 7l5 5-5 5',
} as const;

export type IconName = keyof typeof icons;

/** An icon that screen readers skip; the button around it carries the name. */
export function icon(name: IconName, size = 20): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', icons[name]);
  svg.append(path);
  for (const [key, value] of [
    ['viewBox', '0 0 24 24'],
    ['width', size],
    ['height', size],
    ['aria-hidden', 'true'],
    ['class', `icon icon-${name}`],
  ] as const) {
    svg.setAttribute(key, String(value));
  }
  return svg;
}

/** Three pulsing dots: something is being waited for. */
export function dots(): HTMLElement {
  return el('span', { class: 'dots', attrs: { 'aria-hidden': 'true' } }, el('i'), el('i'), el('i'));
}
