/** What a file is, told from its first bytes rather than from its name. */
import { isUtf8 } from 'node:buffer';

/** `format`: for people. `text`: how its text is encoded, or undefined for binary. */
export interface FileKind {
  format: string;
  contentType: string;
  text: TextEncodingFound | undefined;
}

export interface TextEncodingFound {
  /** For TextDecoder. */
  label: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
  /** For people. */
  name: string;
}

interface Signature {
  at: number;
  bytes: string | readonly number[];
  format: string;
  contentType: string;
}

/** Offsets and bytes as the formats' specifications give them; longer ones before their prefixes. */
const SIGNATURES: readonly Signature[] = [
  { at: 0, bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], format: 'PNG image', contentType: 'image/png' },
  { at: 0, bytes: [0xff, 0xd8, 0xff], format: 'JPEG image', contentType: 'image/jpeg' },
  { at: 0, bytes: 'GIF8', format: 'GIF image', contentType: 'image/gif' },
  { at: 8, bytes: 'WEBP', format: 'WebP image', contentType: 'image/webp' },
  { at: 8, bytes: 'WAVE', format: 'WAV audio', contentType: 'audio/wav' },
  { at: 8, bytes: 'AVI ', format: 'AVI video', contentType: 'video/x-msvideo' },
  { at: 0, bytes: [0x49, 0x49, 0x2a, 0x00], format: 'TIFF image', contentType: 'image/tiff' },
  { at: 0, bytes: [0x4d, 0x4d, 0x00, 0x2a], format: 'TIFF image', contentType: 'image/tiff' },
  { at: 0, bytes: [0x00, 0x00, 0x01, 0x00], format: 'icon', contentType: 'image/x-icon' },
  { at: 0, bytes: '%PDF-', format: 'PDF document', contentType: 'application/pdf' },
  { at: 0, bytes: [0x1f, 0x8b], format: 'gzip archive', contentType: 'application/gzip' },
  { at: 0, bytes: 'BZh', format: 'bzip2 archive', contentType: 'application/x-bzip2' },
  { at: 0, bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], format: 'xz archive', contentType: 'application/x-xz' },
  { at: 0, bytes: [0x28, 0xb5, 0x2f, 0xfd], format: 'zstd archive', contentType: 'application/zstd' },
  { at: 0, bytes: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], format: '7-Zip archive', contentType: 'application/x-7z-compressed' },
  { at: 0, bytes: 'Rar!\u001a\u0007', format: 'RAR archive', contentType: 'application/vnd.rar' },
  { at: 257, bytes: 'ustar', format: 'tar archive', contentType: 'application/x-tar' },
  { at: 0, bytes: 'SQLite format 3\u0000', format: 'SQLite database', contentType: 'application/vnd.sqlite3' },
  { at: 4, bytes: 'ftypM4A', format: 'M4A audio', contentType: 'audio/mp4' },
  { at: 4, bytes: 'ftypavif', format: 'AVIF image', contentType: 'image/avif' },
  { at: 4, bytes: 'ftypheic', format: 'HEIC image', contentType: 'image/heic' },
  { at: 4, bytes: 'ftypqt', format: 'QuickTime video', contentType: 'video/quicktime' },
  { at: 4, bytes: 'ftyp', format: 'MP4 video', contentType: 'video/mp4' },
  { at: 0, bytes: [0x1a, 0x45, 0xdf, 0xa3], format: 'Matroska or WebM video', contentType: 'video/webm' },
  { at: 0, bytes: 'OggS', format: 'Ogg media', contentType: 'application/ogg' },
  { at: 0, bytes: 'fLaC', format: 'FLAC audio', contentType: 'audio/flac' },
  { at: 0, bytes: 'ID3', format: 'MP3 audio', contentType: 'audio/mpeg' },
  { at: 0, bytes: [0x7f, 0x45, 0x4c, 0x46], format: 'Linux program (ELF)', contentType: 'application/x-elf' },
  { at: 0, bytes: [0x00, 0x61, 0x73, 0x6d], format: 'WebAssembly module', contentType: 'application/wasm' },
  { at: 0, bytes: [0xca, 0xfe, 0xba, 0xbe], format: 'Java class', contentType: 'application/java-vm' },
];

/** Formats whose two letters could as well start a text: they count only when the rest is no text. */
const WEAK_SIGNATURES: readonly Signature[] = [
  { at: 0, bytes: 'BM', format: 'BMP image', contentType: 'image/bmp' },
  { at: 0, bytes: 'MZ', format: 'Windows program', contentType: 'application/vnd.microsoft.portable-executable' },
  { at: 0, bytes: [0xff, 0xfb], format: 'MP3 audio', contentType: 'audio/mpeg' },
];

export function detectKind(bytes: Buffer, name: string, declared: string): FileKind {
  if (bytes.length === 0) return { format: 'empty file', contentType: 'application/octet-stream', text: undefined };
  const signature = SIGNATURES.find((candidate) => matches(bytes, candidate));
  if (signature) return { format: signature.format, contentType: signature.contentType, text: undefined };
  if (matches(bytes, { at: 0, bytes: 'PK\u0003\u0004' })) return zipKind(bytes);
  const encoding = detectEncoding(bytes);
  if (encoding) return { ...textKind(bytes, encoding, name, declared), text: encoding };
  const weak = WEAK_SIGNATURES.find((candidate) => matches(bytes, candidate));
  return {
    format: weak?.format ?? 'binary data',
    contentType: weak?.contentType ?? 'application/octet-stream',
    text: undefined,
  };
}

function matches(bytes: Buffer, { at, bytes: wanted }: Pick<Signature, 'at' | 'bytes'>): boolean {
  const expected = typeof wanted === 'string' ? Buffer.from(wanted, 'latin1') : Buffer.from(wanted);
  return bytes.subarray(at, at + expected.length).equals(expected);
}

/** Office documents are zip archives whose local headers name their parts within the first kilobytes. */
function zipKind(bytes: Buffer): FileKind {
  const head = bytes.subarray(0, 8192).toString('latin1');
  const office: [string, string, string][] = [
    ['word/', 'Word document', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    ['xl/', 'Excel workbook', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    ['ppt/', 'PowerPoint presentation', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
    ['mimetypeapplication/vnd.oasis.opendocument', 'OpenDocument file', 'application/vnd.oasis.opendocument'],
    ['mimetypeapplication/epub+zip', 'EPUB book', 'application/epub+zip'],
  ];
  const found = office.find(([mark]) => head.includes(mark) && (mark.startsWith('mime') || head.includes('[Content_Types].xml')));
  const [, format, contentType] = found ?? ['', 'zip archive', 'application/zip'];
  return { format, contentType, text: undefined };
}

/** Bytes that are looked at for signs of binary data. */
const SAMPLE = 64 * 1024;

function detectEncoding(bytes: Buffer): TextEncodingFound | undefined {
  if (matches(bytes, { at: 0, bytes: [0xff, 0xfe] })) return { label: 'utf-16le', name: 'UTF-16 (little-endian)' };
  if (matches(bytes, { at: 0, bytes: [0xfe, 0xff] })) return { label: 'utf-16be', name: 'UTF-16 (big-endian)' };
  const sample = bytes.subarray(0, SAMPLE);
  // Text has no NUL and hardly any control characters besides tab, line ends, form feed and escape.
  const controls = sample.filter((byte) => byte < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d, 0x1b].includes(byte)).length;
  if (sample.includes(0) || controls > sample.length / 100) return undefined;
  if (!isUtf8(bytes)) return { label: 'windows-1252', name: 'not valid UTF-8, read as Windows-1252' };
  const marked = matches(bytes, { at: 0, bytes: [0xef, 0xbb, 0xbf] });
  return { label: 'utf-8', name: marked ? 'UTF-8 with byte order mark' : 'UTF-8' };
}

function textKind(bytes: Buffer, encoding: TextEncodingFound, name: string, declared: string): Omit<FileKind, 'text'> {
  const extension = /\.([a-z0-9]{1,10})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const type = declared.split(';')[0]?.trim().toLowerCase() ?? '';
  const start = new TextDecoder(encoding.label).decode(bytes.subarray(0, 512)).trimStart().toLowerCase();
  if (extension === 'csv' || type === 'text/csv') return { format: 'CSV table', contentType: 'text/csv' };
  if (extension === 'tsv' || type === 'text/tab-separated-values')
    return { format: 'TSV table', contentType: 'text/tab-separated-values' };
  if (extension === 'json' || type === 'application/json') return { format: 'JSON', contentType: 'application/json' };
  if (start.startsWith('<!doctype html') || start.startsWith('<html')) return { format: 'HTML page', contentType: 'text/html' };
  if (start.startsWith('<svg')) return { format: 'SVG image', contentType: 'image/svg+xml' };
  if (start.startsWith('<?xml')) return { format: 'XML', contentType: 'application/xml' };
  if (extension === 'md' || type === 'text/markdown') return { format: 'Markdown text', contentType: 'text/markdown' };
  return { format: 'plain text', contentType: 'text/plain' };
}
