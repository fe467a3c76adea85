/** A file that someone posted; `name` is already safe for a path. */
export interface StoredFile {
  id: string;
  name: string;
  contentType: string;
  data: Buffer;
}

/** The files behind `/cdn`, by attachment id. */
export interface FileStore {
  put(file: StoredFile): void;
  get(id: string): StoredFile | undefined;
  delete(id: string): void;
  all(): IterableIterator<StoredFile>;
}

/** Files in memory; persistence copies them to disk. */
export function createFileStore(): FileStore {
  const files = new Map<string, StoredFile>();
  return {
    put: (file) => void files.set(file.id, file),
    get: (id) => files.get(id),
    delete: (id) => void files.delete(id),
    all: () => files.values(),
  };
}

/** Discord keeps letters, digits, `_`, `-` and `.` of a file name; spaces become `_`. */
export function safeFileName(name: string): string {
  const safe = name
    .replaceAll(/\s+/g, '_')
    .replaceAll(/[^\w.-]/gu, '')
    .slice(-128);
  return safe === '' || /^\.+$/.test(safe) ? 'file' : safe;
}

const TYPES: Record<string, string> = {
  csv: 'text/csv; charset=utf-8',
  gif: 'image/gif',
  htm: 'text/html; charset=utf-8',
  html: 'text/html; charset=utf-8',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  json: 'application/json; charset=utf-8',
  log: 'text/plain; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  webp: 'image/webp',
  xml: 'application/xml',
  zip: 'application/zip',
};

/** The content type that Discord would find out: by the name's ending, else what was said, else octets. */
export function contentTypeOf(name: string, said?: string): string {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return TYPES[ending] ?? (said && /^[\w.+-]+\/[\w.+-]+/.test(said) ? said : 'application/octet-stream');
}

/** Width and height of a PNG, or nothing for anything else. */
export function imageSize(data: Buffer): { width: number; height: number } | undefined {
  const isPng = data.length >= 24 && data.readUInt32BE(0) === 0x89504e47;
  return isPng ? { width: data.readUInt32BE(16), height: data.readUInt32BE(20) } : undefined;
}
