/** An HTTP answer as Markdown. */
import { STATUS_CODES } from 'node:http';
import { clip, codeBlock, escapeMarkdown, formatBytes, inlineCode } from '../markdown.js';
import type { Answer } from './request.js';

/** Characters of the body that the text shows. A card's embed has room for 4,096 in all. */
const PREVIEW_LENGTH = 1500;

/** `complete`: the text shows the whole body, so that no file is needed. */
export interface DescribedAnswer {
  text: string;
  complete: boolean;
}

export function describeAnswer(
  answer: Answer,
  { method, shownUrl, elapsedMs }: { method: string; shownUrl: string; elapsedMs: number },
): DescribedAnswer {
  const status = `${answer.status} ${STATUS_CODES[answer.status] ?? ''}`.trim();
  const facts = [
    formatBytes(answer.body.length),
    answer.contentType && escapeMarkdown(clip(answer.contentType, 100)),
    `${elapsedMs} ms`,
  ];
  if (answer.redirects > 0) facts.push(`${answer.redirects} redirect${answer.redirects === 1 ? '' : 's'}`);
  const lines = [`**${status}** · ${inlineCode(clip(`${method} ${shownUrl}`, 300))}`, facts.filter(Boolean).join(' · ')];
  if (answer.body.length === 0) return { text: [...lines, 'The answer has no body.'].join('\n'), complete: true };

  const body = decodeText(answer.body, answer.contentType);
  if (body === undefined) return { text: [...lines, 'The answer is not text; it is attached.'].join('\n'), complete: false };
  const preview = clip(body, PREVIEW_LENGTH);
  lines.push(codeBlock(preview, languageFor(answer.contentType)));
  const complete = preview === body;
  if (!complete) lines.push('The whole answer is attached.');
  return { text: lines.join('\n'), complete };
}

/** The body as text by its declared charset (UTF-8 without one); undefined: it is not text. */
function decodeText(body: Buffer, contentType: string): string | undefined {
  const charset = /charset="?([\w-]+)"?/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    const text = new TextDecoder(charset, { fatal: true }).decode(body);
    return text.includes('\u0000') ? undefined : text;
  } catch {
    return undefined; // Unknown charset or bytes that do not fit it: shown as a file, which is right for both.
  }
}

function languageFor(contentType: string): string {
  if (/json/i.test(contentType)) return 'json';
  if (/html/i.test(contentType)) return 'html';
  return /xml/i.test(contentType) ? 'xml' : '';
}

export function extensionFor(contentType: string): string {
  const [type = '', subtype = ''] = (contentType.split(';')[0] ?? '').trim().toLowerCase().split('/');
  if (/json$/.test(subtype)) return '.json';
  if (/xml$/.test(subtype) && type !== 'image') return '.xml';
  const known: Record<string, string> = {
    html: '.html',
    csv: '.csv',
    png: '.png',
    jpeg: '.jpg',
    gif: '.gif',
    webp: '.webp',
    pdf: '.pdf',
  };
  return known[subtype] ?? (type === 'text' ? '.txt' : '.bin');
}
