import { DiscordError } from '../errors.js';
import type { PlaygroundLimits } from '../limits.js';
import type { Upload } from '../messages/attachments.js';
import { formTree, noteFaults } from '../validation/form.js';
import { faultLine, judgeOf } from '../validation/spec.js';

/** A body taken apart: the JSON part and the files. */
export interface ParsedBody {
  body: unknown;
  uploads: Upload[];
}

/** A body with what Discord's own schemas say against it, a line each. */
export interface CheckedBody extends ParsedBody {
  violations: string[];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DiscordError('invalidJson');
  }
}

type Sizes = Pick<PlaygroundLimits, 'maxFileBytes' | 'maxRequestBytes'>;

async function parseMultipart(raw: Buffer, contentType: string, { maxFileBytes }: Sizes): Promise<ParsedBody> {
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(raw), { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw new DiscordError(
      'invalidForm',
      formTree([{ path: [], code: 'CONTENT_TYPE_INVALID', message: 'Malformed multipart body.' }]),
    );
  }
  const uploads: Upload[] = [];
  // Fields may be given one by one instead of together in `payload_json` (resources/message.mdx, "JSON/Form Params").
  const fields: Record<string, string> = {};
  for (const [key, value] of form.entries()) {
    if (typeof value === 'string') {
      fields[key] = value;
      continue;
    }
    if (value.size > maxFileBytes) throw new DiscordError('tooLarge');
    const index = Number(/^files?\[?(\d+)?\]?$/.exec(key)?.[1] ?? uploads.length);
    uploads.push({ index, name: value.name, contentType: value.type, data: Buffer.from(await value.arrayBuffer()) });
  }
  return { body: fields.payload_json === undefined ? fields : parseJson(fields.payload_json), uploads };
}

/** Reads JSON or `multipart/form-data` with `payload_json` and `files[n]`; throws 50109, 50035 or 40005. */
async function parseBody(raw: unknown, contentType: string | undefined, sizes: Sizes): Promise<ParsedBody> {
  if (!Buffer.isBuffer(raw) || raw.length === 0) return { body: undefined, uploads: [] };
  if (raw.length > sizes.maxRequestBytes) throw new DiscordError('tooLarge');
  if (contentType?.startsWith('multipart/form-data')) return parseMultipart(raw, contentType, sizes);
  if (contentType === undefined || contentType.includes('json')) return { body: parseJson(raw.toString('utf8')), uploads: [] };
  throw new DiscordError(
    'invalidForm',
    formTree([
      {
        path: ['_misc'],
        code: 'CONTENT_TYPE_INVALID',
        message: 'Expected "Content-Type" header to be one of {\'application/json\'}.',
      },
    ]),
  );
}

/**
 * Makes the reader of a route's bodies: it reads one as `parseBody` does and asks Discord's own schemas. What they say is
 * noted on the body, so that the handler refuses it (50035) where it parses it, and given as lines for the ledger.
 */
export function bodyReader(route: { method: string; path: string }) {
  const judge = judgeOf(route.method, route.path);
  return async (raw: unknown, contentType: string | undefined, sizes: Sizes): Promise<CheckedBody> => {
    const parsed = await parseBody(raw, contentType, sizes);
    if (parsed.body === undefined) return { ...parsed, violations: [] };
    const faults = await judge(parsed.body);
    noteFaults(parsed.body, faults);
    return { ...parsed, violations: faults.map(faultLine) };
  };
}
