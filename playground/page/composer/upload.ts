/** Files on their way to the playground, for messages, options and modals. */

export interface Upload {
  file: File;
  state: 'sending' | 'ready' | 'failed';
  /** Once ready. */
  id: string | null;
  reason: string | null;
  /** Resolves when the upload is ready or failed; never rejects. */
  done: Promise<void>;
}

/** Sends the file at once; `onChange` is called when its state changes. */
export function upload(file: File, onChange: () => void): Upload {
  const one: Upload = { file, state: 'sending', id: null, reason: null, done: Promise.resolve() };
  one.done = send(file)
    .then(
      (id) => {
        one.id = id;
        one.state = 'ready';
      },
      (error: unknown) => {
        one.reason = error instanceof Error ? error.message : 'The upload failed';
        one.state = 'failed';
      },
    )
    .then(onChange);
  return one;
}

async function send(file: File): Promise<string> {
  const answer = await fetch(`/page/upload?name=${encodeURIComponent(file.name || 'file')}`, {
    method: 'POST',
    headers: { 'content-type': file.type || 'application/octet-stream' },
    body: file,
  });
  if (answer.status === 413) throw new Error('This file is too large');
  if (!answer.ok) throw new Error(`The upload failed (status ${answer.status})`);
  const body: unknown = await answer.json();
  const id = body !== null && typeof body === 'object' && 'id' in body ? body.id : null;
  if (typeof id !== 'string') throw new Error('The upload failed: no id came back');
  return id;
}

/** Asks for files with the browser's dialog. */
export function pickFiles(multiple: boolean, onPicked: (files: File[]) => void): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = multiple;
  input.addEventListener('change', () => onPicked([...(input.files ?? [])]));
  input.click();
}
