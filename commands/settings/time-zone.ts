/** `/settings time-zone`: in which time zone `delay` is read, for a person or for a server. */
import { DateTime } from 'luxon';
import { line } from '../../src/discord/cards/text.js';
import { action, type Choice, type Invocation, type Part, say } from '../../src/discord/router/contract.js';
import { type ActionDefinition, OPTION } from '../../src/discord/router/options.js';
import { available } from '../../src/store/database.js';
import { readTimeZones, setGuildTimeZone, setUserTimeZone } from '../../src/store/interactions/settings.js';
import { ForbiddenError, InvalidError } from '../../src/tasks/errors.js';
import { isTimeZone } from '../creation/delay.js';
import type { Services } from '../services.js';

const timeZoneDefinition = {
  name: 'time-zone',
  description: 'The time zone in which times such as "tomorrow 9:00" are read',
  options: [
    {
      name: 'zone',
      type: OPTION.string,
      description: 'Such as Europe/Berlin; leave out to see it',
      autocomplete: true,
      max_length: 64,
    },
    { name: 'server', type: OPTION.boolean, description: 'For everybody in this server who has set none (needs Manage Server)' },
    { name: 'reset', type: OPTION.boolean, description: 'Forget what was set' },
  ],
} as const satisfies ActionDefinition;

export function timeZone(services: Services): Part {
  return {
    action: action(timeZoneDefinition, {
      async run({ zone, server = false, reset = false }, { actor, receivedAt }) {
        if (zone !== undefined && reset) throw new InvalidError('Choose a zone or `reset`, not both.');
        if (zone === undefined && !reset) return show(services, actor.userId, actor.guildId, receivedAt);
        if (zone !== undefined && !isTimeZone(zone))
          throw new InvalidError(
            `I do not know the time zone “${line(zone, 80)}”. Type a city and choose one of the suggestions, such as \`Europe/Berlin\`.`,
          );
        await set(services, zone ?? null, server, actor);
        const whose = server ? 'This server' : 'You';
        if (zone === undefined) return forgotten(services, server, actor, receivedAt);
        return say(`${whose} now ${server ? 'uses' : 'use'} **${zone}**, where it is ${clock(receivedAt, zone)}.`);
      },
      suggest: { zone: async (typed, _, { receivedAt }) => suggestZones(typed, receivedAt) },
    }),
  };
}

async function set(services: Services, zone: string | null, server: boolean, actor: Invocation['actor']): Promise<void> {
  if (!server) return available(() => setUserTimeZone(services.sql, actor.userId, zone));
  const { guildId, isAdmin } = actor;
  if (guildId === null) throw new ForbiddenError('Only a server has a time zone of its own. Leave out `server` here.');
  if (!isAdmin)
    throw new ForbiddenError(
      'Only people with the permission **Manage Server** can set it for the server. Leave out `server` to set your own.',
    );
  await available(() => setGuildTimeZone(services.sql, guildId, zone));
}

async function show(services: Services, userId: string, guildId: string | null, now: Date) {
  const { user, guild } = await available(() => readTimeZones(services.sql, userId, guildId));
  const zone = user ?? guild ?? 'UTC';
  const why = user ? 'you have set it' : guild ? 'set for this server' : 'the default';
  return say(`Times are read in **${line(zone, 80)}** (${why}), where it is ${clock(now, zone)}. Choose another with \`zone\`.`);
}

/** What was forgotten, and which zone the person has now. */
async function forgotten(services: Services, server: boolean, { userId, guildId }: Invocation['actor'], now: Date) {
  const { user, guild } = await available(() => readTimeZones(services.sql, userId, guildId));
  const zone = user ?? guild ?? 'UTC';
  const whose = server ? 'The time zone of this server' : 'Your time zone';
  return say(`${whose} is forgotten. Your times are now read in **${line(zone, 80)}**, where it is ${clock(now, zone)}.`);
}

/** A clock time as it is there: Discord's own stamps would show the reader's. */
function clock(now: Date, zone: string): string {
  return DateTime.fromJSDate(now, { zone }).toFormat('HH:mm');
}

function suggestZones(typed: string, now: Date): Choice[] {
  const wanted = typed.trim().toLowerCase().replace(/\s+/g, '_');
  return ['UTC', ...Intl.supportedValuesOf('timeZone')]
    .filter((zone) => zone.toLowerCase().includes(wanted))
    .slice(0, 25)
    .map((zone) => ({ name: `${zone} (${clock(now, zone)})`, value: zone }));
}
