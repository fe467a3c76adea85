/** What happened on a gateway connection: it was opened, something went over it, it was closed. */
export type GatewayFrame =
  /** `url` is what the client asked for, e.g. `/gateway?v=10&encoding=json`. */
  | { kind: 'open'; at: number; connection: number; url: string }
  | {
      kind: 'frame';
      /** By the playground's clock. */
      at: number;
      connection: number;
      /** `in`: from the bot. */
      direction: 'in' | 'out';
      op: number;
      t: string | null;
      s: number | null;
      /** The payload as JSON, tokens masked. What the client sent may be no JSON: then `op` is -1. */
      text: string;
    }
  | { kind: 'close'; at: number; connection: number; code: number };

/** Where connections tell what goes over them, for whoever listens. */
export interface FrameFeed {
  /** Called with a function, so that nothing is made when nobody listens. */
  tell(frame: () => GatewayFrame): void;
  listen(listener: (frame: GatewayFrame) => void): () => void;
}

/** A feed without listeners. */
export function createFrameFeed(): FrameFeed {
  const listeners = new Set<(frame: GatewayFrame) => void>();
  return {
    tell(frame) {
      if (listeners.size === 0) return;
      const told = frame();
      for (const listener of [...listeners]) listener(told);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
