/**
 * Keeps what did not change: a message is drawn as parts, each with a key that says what it shows. When the message changes, only
 * the parts whose key is another are drawn anew; all others stay with their focus, selection and open lists.
 */

export interface Part {
  /** Which part: stays the same over changes. */
  name: string;
  /** What it shows; an equal key means an equal look. */
  key: string;
  draw(): Node | null;
}

interface Drawn {
  key: string;
  node: ChildNode | null;
}

/** The parts inside one element, in order. */
export class Parts {
  readonly #parent: HTMLElement;
  #drawn = new Map<string, Drawn>();

  constructor(parent: HTMLElement) {
    this.#parent = parent;
  }

  /** Brings the element in line with these parts. */
  show(parts: readonly Part[]): void {
    const next = new Map<string, Drawn>();
    for (const part of parts) next.set(part.name, this.#drawn.get(part.name) ?? { key: '', node: null });
    for (const [name, drawn] of this.#drawn) if (!next.has(name)) drawn.node?.remove();
    let cursor = this.#parent.firstChild;
    for (const part of parts) {
      const before = this.#drawn.get(part.name);
      const same = before?.key === part.key;
      const node = same ? before.node : (part.draw() as ChildNode | null);
      if (!same && before?.node) {
        if (before.node === cursor) cursor = cursor.nextSibling;
        before.node.remove();
      }
      next.set(part.name, { key: part.key, node });
      if (!node) continue;
      if (node === cursor) cursor = cursor.nextSibling;
      else this.#parent.insertBefore(node, cursor);
    }
    this.#drawn = next;
  }
}
