/**
 * The picture of `/admin stats`: what ended when, and which agents did it. Chart.js and the canvas cost tens of megabytes
 * of memory, so they are imported when the first chart is drawn.
 */
import { type StatsChartData, statsConfigs } from './configs.js';
import { COLOURS, FONT } from './theme.js';

export type { StatsChartData } from './configs.js';

/** Pixels. Discord shows about half of the width, which keeps the text sharp and readable. */
export const CHART_SIZE = { width: 1100, height: 900 } as const;
const TITLE_HEIGHT = 76;
const MARGIN = 28;
const AGENTS_SHARE = 0.4;

/** The chart as PNG, 1100 × 900 pixels, opaque, dark like Discord; usually 40–80 KB. Without any data it says so in the picture. */
export async function renderStatsChart(data: StatsChartData): Promise<Buffer> {
  const [{ Chart, registerables }, { createCanvas }] = await Promise.all([import('chart.js'), loadCanvas()]);
  // Registering again what is registered does nothing, so no state of our own has to remember it.
  Chart.register(...registerables);
  const { width, height } = CHART_SIZE;
  const picture = createCanvas(width, height);
  const context = picture.getContext('2d');
  context.fillStyle = COLOURS.background;
  context.fillRect(0, 0, width, height);
  context.fillStyle = COLOURS.text;
  context.font = `bold 30px ${FONT}`;
  context.textBaseline = 'middle';
  const room = width - 2 * MARGIN;
  const title = shortenTo(data.title, (text) => context.measureText(text).width <= room);
  context.fillText(title, MARGIN, TITLE_HEIGHT / 2 + 6);

  const roomBelow = height - TITLE_HEIGHT - MARGIN;
  const [throughput, agents] = statsConfigs(data);
  let top = TITLE_HEIGHT;
  for (const [config, share] of [
    [throughput, 1 - AGENTS_SHARE],
    [agents, AGENTS_SHARE],
  ] as const) {
    const part = createCanvas(room, Math.floor(roomBelow * share));
    // The canvas has all that Chart.js uses of an HTML canvas element, but not its type.
    const chart = new Chart(part as unknown as ConstructorParameters<typeof Chart>[0], config);
    context.drawImage(part, MARGIN, top);
    chart.destroy();
    top += part.height;
  }
  return picture.encode('png');
}

/** The longest beginning that fits, with an ellipsis when it is not all. */
function shortenTo(text: string, fits: (text: string) => boolean): string {
  if (fits(text)) return text;
  const characters = [...text].slice(0, 200);
  while (characters.length > 0 && !fits(`${characters.join('')}…`)) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}

/** The canvas with a font of our own: slim images have none, and charts would come without a single letter. */
async function loadCanvas(): Promise<typeof import('@napi-rs/canvas')> {
  const canvas = await import('@napi-rs/canvas');
  if (canvas.GlobalFonts.has(FONT)) return canvas;
  const { createRequire } = await import('node:module');
  const { resolve } = createRequire(import.meta.url);
  for (const file of ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'])
    canvas.GlobalFonts.registerFromPath(resolve(`dejavu-fonts-ttf/ttf/${file}`), FONT);
  return canvas;
}
