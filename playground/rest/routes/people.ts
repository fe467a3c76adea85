import { z } from 'zod';
import type { Core } from '../../core.js';
import { DiscordError } from '../../errors.js';
import { apiUser } from '../../gateway/payloads.js';
import { picture } from '../../validation/fields.js';
import { parseForm } from '../../validation/form.js';
import { pictureOf } from '../../world/pictures.js';
import type { UserRecord } from '../../world/types.js';
import { RateLimited } from '../pipeline.js';
import { ok, type RestRequest, type Route } from '../route.js';

/** The bot's own user, with what only it is told. */
function ownUser(user: UserRecord) {
  return { ...apiUser(user), verified: true, mfa_enabled: true, email: null, flags: 0, locale: user.locale };
}

function getUser({ core, params }: RestRequest) {
  const id = params.userId === '@me' ? core.world.botId : params.userId;
  const user = core.world.users.get(id ?? '');
  if (!user) throw new DiscordError('unknownUser');
  return ok(user.id === core.world.botId ? ownUser(user) : apiUser(user));
}

/** Names that nobody has (resources/user, Usernames and Nicknames). */
const username = z
  .string()
  .trim()
  .min(2)
  .max(32)
  .refine((name) => !/@|#|:|```|discord/i.test(name) && !/^(?:everyone|here)$/i.test(name), {
    message: 'Username contains characters or words that are not allowed.',
    params: { code: 'USERNAME_INVALID_CONTAINS' },
  });
const userPatch = z.object({ username: username.nullish(), avatar: picture.nullish(), banner: picture.nullish() });

function rename(core: Core, user: UserRecord, name: string): void {
  if (name === user.username) return;
  // A bot changes its name twice an hour at most; the same counter as for channels, by the user's id.
  const wait = core.limiter.takeRename(user.id);
  if (wait !== undefined) throw new RateLimited(wait);
  user.username = name;
  user.displayName = name;
}

function patchOwn({ core, body }: RestRequest) {
  const user = core.world.bot;
  const patch = parseForm(userPatch, body);
  if (patch.username) rename(core, user, patch.username);
  if (patch.avatar) user.picture = pictureOf(patch.avatar);
  else if (patch.avatar === null) delete user.picture;
  core.bus.publish({ type: 'user_update', userId: user.id });
  return ok(ownUser(user));
}

/** Users, for the bot (resources/user). */
export const peopleRoutes: Route[] = [
  { method: 'GET', path: '/users/:userId', auth: 'bot', bucket: 'general', handle: getUser },
  { method: 'PATCH', path: '/users/@me', auth: 'bot', bucket: 'general', handle: patchOwn },
];
