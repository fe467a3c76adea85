/** Everything that is found out about one file. */
import { createHash } from 'node:crypto';
import type { InputFile } from '../contract.js';
import type { Pace } from '../pace.js';
import { type CsvSummary, summariseCsv } from './csv.js';
import { type JsonSummary, summariseJson } from './json.js';
import { detectKind, type FileKind } from './kind.js';
import { countText, type TextStatistics } from './text.js';

export interface FileSummary {
  name: string;
  /** Bytes. */
  size: number;
  sha256: string;
  format: string;
  contentType: string;
  /** What the sender said it is. */
  declaredContentType: string;
  text?: TextStatistics;
  csv?: CsvSummary;
  json?: JsonSummary;
}

/** Hashing this much takes about a millisecond. */
const CHUNK_BYTES = 256 * 1024;

/** @param report is told each stage before it starts. */
export async function analyseFile(file: InputFile, pace: Pace, report: (stage: string) => void): Promise<FileSummary> {
  report('reading');
  const bytes = await file.read();
  report('hashing');
  const sha256 = await hash(bytes, pace);
  const kind = detectKind(bytes, file.name, file.contentType);
  await pace();
  const summary: FileSummary = {
    name: file.name,
    size: bytes.length,
    sha256,
    format: kind.format,
    contentType: kind.contentType,
    declaredContentType: file.contentType,
  };
  return kind.text ? { ...summary, ...(await analyseText(bytes, kind, kind.text, pace, report)) } : summary;
}

async function hash(bytes: Buffer, pace: Pace): Promise<string> {
  const digest = createHash('sha256');
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    digest.update(bytes.subarray(at, at + CHUNK_BYTES));
    await pace();
  }
  return digest.digest('hex');
}

async function analyseText(
  bytes: Buffer,
  kind: FileKind,
  encoding: NonNullable<FileKind['text']>,
  pace: Pace,
  report: (stage: string) => void,
): Promise<Partial<FileSummary>> {
  report('counting words');
  const text = await countText(bytes, encoding, pace);
  if (kind.format === 'CSV table' || kind.format === 'TSV table') {
    report('reading columns');
    return { text, csv: await summariseCsv(bytes, encoding, pace) };
  }
  if (kind.format === 'JSON') {
    report('reading the structure');
    return { text, json: await summariseJson(bytes, encoding, pace) };
  }
  return { text };
}
