import type { Playground } from '../../playground/api.js';

/**
 * What a bot asked of the local Discord that the real one would not take: routes that nobody answers, bodies that Discord's
 * own schemas or the rules beside them refuse (50035). A line for each.
 */
export function nonconforming(playground: Playground): string[] {
  const routes = playground.counts().unknownRoutes.map((line) => `no route: ${line}`);
  const bodies = playground
    .ledger()
    .filter((entry) => entry.code === 50035 || entry.violations)
    .map(
      ({ method, route, status, violations = [], body }) =>
        `${status} ${method} ${route}: ${violations.join('; ')} ${JSON.stringify(body)?.slice(0, 500)}`,
    );
  return [...routes, ...bodies];
}

/** Fails when there is any; for the end of every test that runs the whole bot, or a part of it, against the local Discord. */
export function expectConforming(playground: Playground): void {
  const lines = nonconforming(playground);
  if (lines.length > 0) throw new Error(`Discord would not take this:\n${lines.join('\n')}`);
}
