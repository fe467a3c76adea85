import type { LedgerEntry, RouteCounts } from './api.js';

const ENTRIES_KEPT = 50_000;

/** Counts since the start or the last reset. */
export interface LedgerCounts {
  requests: number;
  status429: number;
  /** By Discord's error code, or the status where there is none. */
  errors: Record<string, number>;
  unknownRoutes: string[];
  /** By method and route, e.g. `POST /channels/:id/messages`. */
  routes: Record<string, RouteCounts>;
}

/** What a request was answered, for those who watch. */
export interface RestAnswered {
  entry: LedgerEntry;
  headers: Record<string, string>;
  /** The JSON body; undefined when there was none. */
  answer?: unknown;
}

/** What the REST API was asked and how it answered. */
export interface Ledger {
  /** `answered` is asked only when somebody watches. */
  record(entry: LedgerEntry, answered: () => Omit<RestAnswered, 'entry'>): void;
  unknownRoute(line: string): void;
  entries(): LedgerEntry[];
  counts(): LedgerCounts;
  reset(): void;
  /** Tells each request once it is answered; the returned function ends that. */
  onRequest(listener: (answered: RestAnswered) => void): () => void;
}

const nothingCounted = (): LedgerCounts => ({ requests: 0, status429: 0, errors: {}, unknownRoutes: [], routes: {} });

function countRoute(routes: Record<string, RouteCounts>, entry: LedgerEntry): void {
  const name = `${entry.method} ${entry.route}`;
  routes[name] ??= { requests: 0, status429: 0, refused: 0, waitMs: 0, longestMs: 0 };
  const counts = routes[name];
  counts.requests++;
  if (entry.status === 429) counts.status429++;
  if (entry.status >= 400) counts.refused++;
  counts.waitMs += entry.retryAfterMs ?? 0;
  counts.longestMs = Math.max(counts.longestMs, entry.durationMs);
}

/** A ledger that keeps the newest 50,000 entries; the counts go on over all of them. */
export function createLedger(): Ledger {
  const listeners = new Set<(answered: RestAnswered) => void>();
  let entries: LedgerEntry[] = [];
  let counts = nothingCounted();
  return {
    record(entry, answered) {
      entries.push(entry);
      // Cut in big steps: shifting a long list at every request would cost more than the request.
      if (entries.length > ENTRIES_KEPT * 1.2) entries = entries.slice(-ENTRIES_KEPT);
      counts.requests++;
      if (entry.status === 429) counts.status429++;
      if (entry.status >= 400) {
        const key = String(entry.code ?? entry.status);
        counts.errors[key] = (counts.errors[key] ?? 0) + 1;
      }
      countRoute(counts.routes, entry);
      if (listeners.size === 0) return;
      const told = { entry, ...answered() };
      for (const listener of [...listeners]) listener(told);
    },
    unknownRoute: (line) => void counts.unknownRoutes.push(line),
    entries: () => entries.slice(-ENTRIES_KEPT),
    counts: () => structuredClone(counts),
    reset() {
      entries = [];
      counts = nothingCounted();
    },
    onRequest(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
