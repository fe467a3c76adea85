import type { ServerResponse } from 'node:http';
import type { PlaygroundClock } from './api.js';
import type { PlaygroundLimits } from './limits.js';

/** What is to go wrong with the next REST requests. */
export interface RestFault {
  /** Beginning of the route (`/channels/:id/messages`) or of the path; absent: every request. */
  route?: string;
  method?: string;
  /** How many requests it hits. */
  times: number;
  status?: number;
  /**
   * `status` (the default) answers with `status`; `cut` closes the connection before any answer; `truncate` closes it in the
   * middle of the body; `stall` sends half of the body and then nothing more; `hang` never answers.
   */
  how?: 'status' | 'cut' | 'truncate' | 'stall' | 'hang';
  /** Before the request has its effect (the default), or after it. */
  when?: 'before' | 'after';
  /** The answer waits this long, on the playground's clock; alone, without `status` and `how`, it is all that goes wrong. */
  delayMs?: number;
}

/** A limit of one route besides its own; the first whose route fits counts. */
export interface RouteLimit {
  /** Beginning of the route (`/channels/:id/messages`) or of the path (`/users/@me`). */
  route: string;
  method?: string;
  limit: number;
  windowMs: number;
  /** `shared` is a limit of the resource, which others use up, too: it does not count as an invalid request. Default `user`. */
  scope?: 'user' | 'shared';
  /**
   * What a `shared` limit answers besides the time: 20028 a channel's and 20029 a server's write limit, 40003 too many DMs
   * opened, 40062 any other resource (topics/opcodes-and-status-codes). Discord tells none of their sizes: they are set here.
   */
  code?: 20028 | 20029 | 40003 | 40062;
}

/** What can be made to go wrong. All take effect at once. */
export interface Faults {
  /** Closes every gateway socket with this code (default 4000), or without a close frame when `code` is 0. */
  dropGateway(code?: number): void;
  /** Every gateway socket stays open and falls silent: no event, no heartbeat ACK, no close. `false`: what was held goes out. */
  hangGateway(hang?: boolean): void;
  /** While on, heartbeats get no ACK, as on a zombied connection; events go on. */
  withholdAcks(on: boolean): void;
  /** Asks the bot for a heartbeat (op 1). */
  askForHeartbeat(): void;
  /** Ends all sessions with 4004 and refuses their tokens from now on, as Discord does after 1,000 IDENTIFYs a day. */
  resetToken(): void;
  /** From now on every event reaches the bot this much later, in order; 0: at once. */
  delayGateway(delayMs: number): void;
  /** Asks the bot to reconnect (op 7), as Discord does now and then. */
  reconnectGateway(): void;
  /** Ends every session (op 9); a resumable one may come back with RESUME. */
  invalidateGateway(resumable?: boolean): void;
  /** While refused, new gateway connections are closed at once. */
  refuseGateway(refuse: boolean): void;
  /** The next `times` REST requests whose route starts with `route` fail. */
  failRest(fault: RestFault): void;
  /** Sets one limit anew, for everybody and at once. */
  setLimit(name: keyof PlaygroundLimits, value: number): void;
  /** One more limit for a route. */
  limitRoute(limit: RouteLimit): void;
  /** Blocks the address as after too many invalid requests; default: for `blockMs` of the limits. */
  blockAddress(forMs?: number): void;
  /** The next `times` interactions reach the bot this much later; the person's 3 s run all the same. */
  delayInteractions(fault: { times: number; delayMs: number }): void;
  /** Sends the last interaction of this id again (a second delivery), at once or later. */
  redeliver(interactionId: string, delayMs?: number): void;
  deleteChannel(channelId: string): void;
  deleteMessage(channelId: string, messageId: string): void;
  /** Sets a permission overwrite for a role, the bot or a user in a channel (bits allowed and denied). */
  overwrite(channelId: string, roleOrUserId: string, allow: bigint, deny: bigint): void;
  /** Takes permissions away from a role; the role of everybody has the guild's id. */
  denyRole(guildId: string, roleId: string, permissions: bigint): void;
  /** Takes permissions away from every role that this member (default: the bot) has, Administrator included. */
  denyMember(guildId: string, permissions: bigint, userId?: string): void;
  /** From now on this person takes no direct messages of the bot (50007). */
  closeDms(userId: string): void;
  removeBot(guildId: string): void;
  /** Content matching this is refused with 200000 (AutoMod) from now on; null: off. */
  autoMod(pattern: RegExp | null): void;
  /**
   * Ends every fault: what was set is set back (permissions and limits, too), late events and delayed requests go on at once,
   * and requests that would never be answered are cut off. What was deleted or removed stays so.
   */
  clear(): void;
}

/** Faults that are set now. The parts of the playground ask it; `Faults` of the API changes it. */
export interface FaultState {
  rest: RestFault[];
  refuseGateway: boolean;
  /** Events reach the bot this much later. */
  gatewayDelayMs: number;
  lateInteractions: { times: number; delayMs: number };
  autoMod: RegExp | null;
  /** People who take no DMs from the bot (50007). */
  closedDms: Set<string>;
  /** The fault that this request meets, counted down; undefined when none. */
  takeRest(method: string, route: string, path: string): RestFault | undefined;
  /** Publishes an interaction now, or later when it is to be late. */
  deliver(clock: PlaygroundClock, publish: () => void): void;
  /** Resolves when this time is over on the clock, or the playground closes. */
  pause(clock: PlaygroundClock, ms: number): Promise<void>;
  /** Remembers an answer that never comes, so that closing the playground can end it. */
  hold(response: ServerResponse): void;
  /** Ends held answers and pauses. */
  release(): void;
  /** How to set back what was changed; the newest first. */
  undo: (() => void)[];
  /** Tells of a fault that was set or happened, as one line. */
  tell(what: string): void;
  onTell(listener: (what: string) => void): () => void;
}

/** Whether a rule of this route and method is about a request. */
export function fitsRoute(rule: { route?: string; method?: string }, method: string, route: string, path = route): boolean {
  if (rule.method && rule.method.toUpperCase() !== method) return false;
  return !rule.route || route.startsWith(rule.route) || path.startsWith(rule.route);
}

/** A state without faults. */
export function createFaultState(): FaultState {
  const held = new Set<ServerResponse>();
  const pauses = new Set<() => void>();
  const listeners = new Set<(what: string) => void>();
  return {
    rest: [],
    refuseGateway: false,
    gatewayDelayMs: 0,
    lateInteractions: { times: 0, delayMs: 0 },
    autoMod: null,
    closedDms: new Set(),
    undo: [],
    takeRest(method, route, path) {
      const fault = this.rest.find((one) => one.times > 0 && fitsRoute(one, method, route, path));
      if (!fault) return undefined;
      fault.times--;
      this.rest = this.rest.filter((one) => one.times > 0);
      return fault;
    },
    deliver(clock, publish) {
      if (this.lateInteractions.times <= 0) return publish();
      this.lateInteractions.times--;
      clock.after(this.lateInteractions.delayMs, publish);
    },
    pause(clock, ms) {
      return new Promise((resolve) => {
        const finish = () => {
          cancel();
          pauses.delete(finish);
          resolve();
        };
        const cancel = clock.after(ms, finish);
        pauses.add(finish);
      });
    },
    hold(response) {
      held.add(response);
      response.once('close', () => held.delete(response));
    },
    release() {
      for (const response of held) response.destroy();
      for (const finish of [...pauses]) finish();
    },
    tell(what) {
      for (const listener of listeners) listener(what);
    },
    onTell(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
