/** Tells what the files of a task are and what is in them, without ever holding up the event loop. */
import { z } from 'zod';
import { defineAgent, PermanentError } from '../contract.js';
import { createPace } from '../pace.js';
import { analyseFile, type FileSummary } from './analyse.js';
import { describeFile } from './report.js';

export const fileProcessingAgent = defineAgent({
  id: 'file-processing',
  name: 'File processing',
  description: 'Examines the attached files: type, size, hash, text statistics, columns of tables, structure of JSON.',
  inputSchema: z.object({}),
  files: 'required',
  module: import.meta.url,
  async run({ files }, context) {
    if (files.length === 0) throw new PermanentError('There is no file to examine. Attach one to the task.');
    const pace = createPace(context.signal);
    const summaries: FileSummary[] = [];
    for (const [index, file] of files.entries()) {
      context.signal.throwIfAborted();
      const step = files.length === 1 ? file.name : `${file.name} (${index + 1} of ${files.length})`;
      let stages = 0;
      const summary = await analyseFile(file, pace, (stage) => {
        // At most four stages a file; the last fifth of its share is for what comes after them.
        context.progress(((index + stages / 5) / files.length) * 100, step, stage);
        stages += 1;
      });
      context.log('file examined', { name: file.name, format: summary.format, size: summary.size });
      summaries.push(summary);
    }
    const bytes = Buffer.from(`${JSON.stringify({ files: summaries }, null, 2)}\n`);
    await context.attach({ name: 'summary.json', contentType: 'application/json', bytes });
    context.progress(100, 'Done');
    const data = summaries.map(({ name, size, sha256, format }) => ({ name, size, sha256, format }));
    return { text: `${summaries.map(describeFile).join('\n\n')}\n\nMore in \`summary.json\`.`, data: { files: data } };
  },
});
