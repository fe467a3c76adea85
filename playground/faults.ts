import type { ServerResponse } from 'node:http';
import type { Faults } from './api.js';

type RestFault = Parameters<Faults['failRest']>[0];

/** Faults that are set now. The parts of the playground ask it; `Faults` of the API changes it. */
export interface FaultState {
  rest: RestFault[];
  refuseGateway: boolean;
  autoMod: RegExp | null;
  /** People who take no DMs from the bot (50007). */
  closedDms: Set<string>;
  /** The fault that this request meets, counted down; undefined when none. */
  takeRest(method: string, route: string, path: string): RestFault | undefined;
  /** Remembers an answer that never comes, so that closing the playground can end it. */
  hold(response: ServerResponse): void;
  cutHeld(): void;
}

/** A state without faults. */
export function createFaultState(): FaultState {
  const held = new Set<ServerResponse>();
  return {
    hold(response) {
      held.add(response);
      response.once('close', () => held.delete(response));
    },
    cutHeld() {
      for (const response of held) response.destroy();
    },
    rest: [],
    refuseGateway: false,
    autoMod: null,
    closedDms: new Set(),
    takeRest(method, route, path) {
      const fits = (fault: RestFault) =>
        fault.times > 0 &&
        (!fault.method || fault.method.toUpperCase() === method) &&
        (!fault.route || route.startsWith(fault.route) || path.startsWith(fault.route));
      const fault = this.rest.find(fits);
      if (!fault) return undefined;
      fault.times--;
      this.rest = this.rest.filter((one) => one.times > 0);
      return fault;
    },
  };
}
