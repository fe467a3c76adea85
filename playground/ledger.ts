import type { LedgerEntry } from './api.js';

const ENTRIES_KEPT = 50_000;

/** What the REST API was asked and how it answered. */
export interface Ledger {
  record(entry: LedgerEntry): void;
  unknownRoute(line: string): void;
  entries(): LedgerEntry[];
  counts(): { requests: number; status429: number; errors: Record<string, number>; unknownRoutes: string[] };
  reset(): void;
}

/** A ledger that keeps the newest 50,000 entries; the counts go on over all of them. */
export function createLedger(): Ledger {
  let entries: LedgerEntry[] = [];
  let requests = 0;
  let status429 = 0;
  let errors: Record<string, number> = {};
  let unknownRoutes: string[] = [];
  return {
    record(entry) {
      entries.push(entry);
      // Cut in big steps: shifting a long list at every request would cost more than the request.
      if (entries.length > ENTRIES_KEPT * 1.2) entries = entries.slice(-ENTRIES_KEPT);
      requests++;
      if (entry.status === 429) status429++;
      if (entry.status >= 400) {
        const key = String(entry.code ?? entry.status);
        errors[key] = (errors[key] ?? 0) + 1;
      }
    },
    unknownRoute: (line) => void unknownRoutes.push(line),
    entries: () => entries.slice(-ENTRIES_KEPT),
    counts: () => ({ requests, status429, errors: { ...errors }, unknownRoutes: [...unknownRoutes] }),
    reset() {
      entries = [];
      requests = 0;
      status429 = 0;
      errors = {};
      unknownRoutes = [];
    },
  };
}
