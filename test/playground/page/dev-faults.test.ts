import { PermissionFlagsBits } from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultGroups } from '../../../playground/page/dev/fault-specs.js';
import { applyFault, faultsNow } from '../../../playground/pageserver/dev-faults.js';
import { type DevState, faultRequest } from '../../../playground/pageserver/dev-protocol.js';
import { createFaults } from '../../../playground/triggers.js';
import { WORLD_IDS } from '../../../playground/world/seed.js';
import { type GatewayStage, stageGateway } from '../gateway-client.js';

/** Ids and words that the forms are filled with, by the name of the field. */
const typed: Record<string, string> = {
  guild: WORLD_IDS.otherGuild,
  channel: WORLD_IDS.channels.lab,
  user: WORLD_IDS.people.member,
  text: '(spam',
};

describe('the forms of the developer panel', () => {
  let stage: GatewayStage;
  beforeEach(async () => {
    stage = await stageGateway();
  });
  afterEach(() => stage.close());

  const state = () =>
    ({
      limits: stage.core.limits,
      guilds: [],
      people: [],
      interactions: [],
      permissions: Object.keys(PermissionFlagsBits),
    }) as unknown as DevState;

  for (const [group, forms] of faultGroups) {
    for (const form of forms) {
      it(`${group}: ${form.title}`, () => {
        const { core, gateway } = stage;
        const values = Object.fromEntries(
          form.fields.map((field) => [field.name, typed[field.name] ?? field.value ?? field.choices?.(state())[0]?.[0] ?? '']),
        );
        const asked = form.request(values);
        // What names a message or an interaction needs one that is there; the browser test has it.
        if (asked === null || asked.kind === 'deleteMessage') return;
        const faults = createFaults(core, gateway);
        expect(() => applyFault(core, faults, faultRequest.parse(asked))).not.toThrow();
        faults.clear();
        expect(faultsNow(core)).toEqual([]);
      });
    }
  }

  it('say in words what is set', () => {
    const { core, gateway } = stage;
    const faults = createFaults(core, gateway);
    applyFault(core, faults, { kind: 'failRest', times: 2, how: 'cut', when: 'after', method: 'POST', route: '/channels' });
    applyFault(core, faults, { kind: 'failRest', times: 1, delayMs: 500 });
    applyFault(core, faults, { kind: 'delayGateway', delayMs: 2_000 });
    expect(faultsNow(core)).toEqual([
      'The next 2 of POST /channels will be cut off, after their effect',
      'The next 1 of REST requests will come 500 ms late',
      'Gateway events come 2000 ms late',
    ]);
    expect(() => applyFault(core, faults, { kind: 'setLimit', name: 'constructor', value: 1 })).toThrow(
      'There is no limit constructor.',
    );
    expect(() => applyFault(core, faults, { kind: 'denyInGuild', guildId: WORLD_IDS.guild, permission: 'Fly' })).toThrow('Fly');
  });
});
