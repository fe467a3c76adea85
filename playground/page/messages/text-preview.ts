/** The beginning of a text file, with the whole of it one press away. */
import { el, fill, icon } from '../dom.js';

const textTypes = /^(?:text\/|application\/(?:json|xml|x-ndjson|javascript|x-yaml|yaml|toml|sql))/;
const textNames =
  /\.(?:txt|md|csv|tsv|json|jsonl|log|xml|ya?ml|toml|ini|sql|sh|[cm]?[jt]sx?|py|rb|go|rs|java|c|h|cpp|css|html?)$/i;
/** Larger files are only offered for download. */
const mostBytes = 512 * 1024;
/** Characters that the whole view shows. */
const mostShown = 50_000;
const firstLines = 6;
const longestLine = 300;

/** Null for what is no text, or too large. The file is fetched when it comes into view. */
export function textPreview(file: { name: string; size: number | undefined; type: string; source: string }): HTMLElement | null {
  const isText =
    textTypes.test(file.type) || ((file.type === '' || file.type === 'application/octet-stream') && textNames.test(file.name));
  if (!isText || file.size === undefined || file.size > mostBytes || file.size === 0) return null;
  const code = el('code');
  const box = el(
    'pre',
    {
      class: 'text-preview',
      testid: 'text-preview',
      attrs: { tabindex: 0, role: 'group', 'aria-label': `Beginning of ${file.name}` },
    },
    code,
  );
  const toggle = el('button', { class: 'preview-toggle', attrs: { type: 'button', 'aria-expanded': 'false' } });
  toggle.hidden = true;
  const node = el('div', { class: 'preview-shell' }, box, toggle);
  let text = '';
  let open = false;
  const draw = (): void => {
    const lines = text.split('\n');
    const short = lines.slice(0, firstLines).map((line) => (line.length > longestLine ? `${line.slice(0, longestLine)}…` : line));
    const whole = text.length > mostShown ? `${text.slice(0, mostShown)}\n…` : text;
    fill(code, open ? whole : short.join('\n'));
    const hidden = lines.length - firstLines;
    toggle.hidden = hidden <= 0;
    toggle.setAttribute('aria-expanded', String(open));
    fill(toggle, icon('expand', 14), open ? 'Show less' : `Show ${hidden} more ${hidden === 1 ? 'line' : 'lines'}`);
    box.classList.toggle('open', open);
  };
  toggle.addEventListener('click', () => {
    open = !open;
    draw();
  });
  const load = async (): Promise<void> => {
    try {
      const answer = await fetch(file.source);
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      text = (await answer.text()).replace(/\r\n?/g, '\n').trimEnd();
      draw();
    } catch {
      // The file is gone or the playground has ended: its card below still says what it was.
      node.remove();
    }
  };
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    void load();
  });
  watch.observe(node);
  return node;
}
