/** A router with commands made for the test, on the local Discord through the real discord.js client; no stores. */
import { Client, GatewayIntentBits } from 'discord.js';
import { pino } from 'pino';
import type { PlaygroundOptions } from '../../../playground/api.js';
import { createPlayground, type Playground } from '../../../playground/index.js';
import { type ClientSource, createGateway, type Gateway } from '../../../src/discord/gateway/gateway.js';
import {
  type Action,
  action,
  type CommandSet,
  type Component,
  type Form,
  type MessageAction,
} from '../../../src/discord/router/contract.js';
import { createHistogram, type Histogram } from '../../../src/discord/router/histogram.js';
import { registerCommands } from '../../../src/discord/router/registration.js';
import { createRouter, type Router, type RouterOptions } from '../../../src/discord/router/router.js';
import { expectConforming } from '../../support/conformance.js';

export interface RouterHall {
  playground: Playground;
  gateway: Gateway;
  router: Router;
  acknowledged: Histogram;
  /** What was logged, newest last. */
  logged: { level: number; msg: string; ref?: string }[];
  /** Changes each payload before the router sees it, as somebody who forges would. */
  tamper: (change: (payload: Record<string, never>) => void) => void;
  close(): Promise<void>;
}

export interface HallCommands {
  actions?: Record<string, Action>;
  menu?: MessageAction[];
  components?: Record<string, Component>;
  forms?: Record<string, Form>;
}

/** All actions become subcommands of `/try`. */
function commandSet({ actions = {}, menu = [], components = {}, forms = {} }: HallCommands): CommandSet {
  const placeholder = action(
    { name: 'nothing', description: 'nothing' },
    { run: async () => ({ kind: 'message', body: { content: 'nothing' } }) },
  );
  const table = new Map(Object.entries({ nothing: placeholder, ...actions }));
  return {
    slash: [{ name: 'try', description: 'For tests', directMessages: true, actions: table }],
    messageMenu: menu,
    components: new Map(Object.entries(components)),
    forms: new Map(Object.entries(forms)),
  };
}

export async function openRouterHall(
  commands: HallCommands,
  more: Partial<RouterOptions> & { playground?: PlaygroundOptions; foreign?: boolean } = {},
): Promise<RouterHall> {
  const playground = createPlayground({ page: false, log: () => undefined, ...more.playground });
  await playground.listen();
  const logged: RouterHall['logged'] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const acknowledged = createHistogram();
  let change: (payload: Record<string, never>) => void = () => undefined;
  const set = commandSet(commands);
  const source: ClientSource = more.foreign
    ? { client: new Client({ intents: [GatewayIntentBits.Guilds], rest: { api: playground.apiUrl() }, waitGuildTimeout: 300 }) }
    : { token: 'secret', apiUrl: playground.apiUrl(), waitGuildTimeoutMs: 300 };
  const claimed = new Set<string>();
  const gateway = createGateway({
    source,
    ownerIds: [],
    onFatal: () => undefined,
    log,
    monotonic: () => performance.now(),
    onInteraction(payload) {
      const copy = structuredClone(payload) as Record<string, never>;
      change(copy);
      void router.handle(copy);
    },
  });
  const router = createRouter({
    rest: gateway.rest(),
    commands: set,
    guild: (id) => gateway.guild(id),
    isMember: (id) => gateway.isMember(id),
    claim: async (id) => !claimed.has(id) && claimed.add(id) !== undefined,
    isOwner: gateway.isOwner,
    acknowledged,
    log,
    clock: () => new Date(),
    monotonic: () => performance.now(),
    newRef: () => 'ref12345',
    shared: more.foreign === true,
    ...more,
  });
  const started = gateway.start();
  if ('client' in source) await source.client.login('secret');
  await started;
  await registerCommands({ rest: gateway.rest(), applicationId: playground.world.application, commands: set, mode: 'replace' });
  return {
    playground,
    gateway,
    router,
    acknowledged,
    logged,
    tamper: (next) => {
      change = next;
    },
    async close() {
      await router.idle();
      await gateway.stop();
      if ('client' in source) await source.client.destroy();
      await playground.close();
      expectConforming(playground);
    },
  };
}
