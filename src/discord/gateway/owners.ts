/** Who owns the application: its owner or the members of its team, and whoever the settings name. */
import { Routes } from 'discord-api-types/v10';
import { z } from 'zod';
import type { Rest } from '../router/rest.js';

const user = z.object({ id: z.string() });
const applicationSchema = z.object({
  id: z.string(),
  owner: user.nullish(),
  team: z
    .object({
      owner_user_id: z.string().nullish(),
      /** 2: accepted the invitation. */
      members: z.array(z.object({ user, membership_state: z.number().default(2), role: z.string().optional() })).default([]),
    })
    .nullish(),
});

/** Roles of a team that only look. */
const READERS = new Set(['read_only']);

/** The application's id and its owners, as Discord knows them now. Errors are those of the REST client. */
export async function fetchApplication(rest: Rest): Promise<{ id: string; owners: string[] }> {
  const { id, owner, team } = applicationSchema.parse(await rest.get(Routes.currentApplication()));
  if (!team) return { id, owners: owner ? [owner.id] : [] };
  const members = team.members.filter(({ membership_state, role }) => membership_state === 2 && !READERS.has(role ?? ''));
  return {
    id,
    owners: [...new Set([...(team.owner_user_id ? [team.owner_user_id] : []), ...members.map(({ user }) => user.id)])],
  };
}
