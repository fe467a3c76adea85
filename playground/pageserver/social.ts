import type { Core } from '../core.js';
import { archive, deleteOne, editOwn, pin, pinned, react, startThread } from '../people/social.js';
import type { PageEvent, PageRequest } from '../protocol.js';
import type { ChannelRecord } from '../world/types.js';
import { pageMessage } from './view.js';

/** What people do with messages and threads besides writing. */
export type SocialRequest = Extract<
  PageRequest,
  { type: 'edit' | 'delete' | 'react' | 'pin' | 'pins' | 'archive' | 'start_thread' }
>;

/** Does it in a channel that the person sees; gives what the page is told besides the change itself. Throws `Refused`. */
export function actSocially(core: Core, userId: string, channel: ChannelRecord, request: SocialRequest): PageEvent | undefined {
  switch (request.type) {
    case 'edit':
      editOwn(core, userId, request.messageId, request.content);
      return undefined;
    case 'delete':
      deleteOne(core, userId, request.messageId);
      return undefined;
    case 'react':
      react(core, userId, request.messageId, request.emoji, request.on);
      return undefined;
    case 'pin':
      pin(core, userId, request.messageId, request.on);
      return undefined;
    case 'archive':
      archive(core, userId, channel, request.on);
      return undefined;
    case 'pins': {
      const messages = pinned(core, channel, userId).map((stored) => pageMessage(stored, userId));
      return { type: 'pins', channelId: channel.id, messages };
    }
    case 'start_thread': {
      const { requestId, name, messageId } = request;
      const thread = startThread(core, userId, { channel, name, ...(messageId && { messageId }) });
      return { type: 'thread_started', requestId, channelId: thread.id };
    }
  }
}
