import { mkdir, writeFile } from 'node:fs/promises';
import { loadImage } from '@napi-rs/canvas';
import { describe, expect, it } from 'vitest';
import { CHART_SIZE, renderStatsChart, type StatsChartData } from '../../../src/discord/charts/stats-chart.js';

const days = Array.from({ length: 14 }, (_, index) => ({
  label: `Nov ${index + 10}`,
  completed: (index * 37) % 120,
  failed: (index * 13) % 17,
  cancelled: (index * 5) % 7,
}));
const agents = ['researcher', 'sample', 'file-processing', 'api-call', 'batch'].map((agentId, index) => ({
  agentId,
  count: 400 - index * 90,
}));

async function render(name: string, data: StatsChartData) {
  const png = await renderStatsChart(data);
  // To look at them: CHARTS_TO=directory npx vitest run test/discord/charts
  const directory = process.env.CHARTS_TO;
  if (directory) {
    await mkdir(directory, { recursive: true });
    await writeFile(`${directory}/${name}.png`, png);
  }
  return { png, image: await loadImage(png) };
}

describe('the chart of the statistics', () => {
  const many = Array.from({ length: 168 }, (_, index) => ({
    label: `${String(index % 24).padStart(2, '0')}:00`,
    completed: index % 50,
    failed: index % 3,
    cancelled: 0,
  }));
  const crowd = Array.from({ length: 40 }, (_, index) => ({
    agentId: `${'long-agent-name-'.repeat(5)}${index}`,
    count: index * 1000,
  }));

  it.each<[string, StatsChartData]>([
    ['usual', { title: 'Tasks of the last 14 days', buckets: days, agents }],
    ['empty', { title: 'Tasks of the last 24 hours', buckets: [], agents: [] }],
    [
      'one',
      {
        title: 'Tasks today',
        buckets: [{ label: 'today', completed: 1, failed: 0, cancelled: 0 }],
        agents: [{ agentId: 'sample', count: 1 }],
      },
    ],
    ['crowded', { title: `A title that is much too long: ${'word '.repeat(60)}`, buckets: many, agents: crowd }],
  ])('%s: a PNG of the right size, opaque, under 1 MB', async (name, data) => {
    const { png, image } = await render(name, data);
    expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
    expect({ width: image.width, height: image.height }).toEqual(CHART_SIZE);
    expect(png.length).toBeLessThan(1_000_000);
    expect(png.length).toBeGreaterThan(5000);
    const pixels = await pixelsOf(image);
    expect(pixels.filter((_, index) => index % 4 === 3).every((alpha) => alpha === 255)).toBe(true);
  });

  it('has letters in it, also where the system has no fonts', async () => {
    const blank = await pixelsOf((await render('untitled', { title: '', buckets: [], agents: [] })).image);
    const titled = await pixelsOf((await render('titled', { title: 'Żółć 42', buckets: [], agents: [] })).image);
    expect(titled.filter((value, index) => value !== blank[index]).length).toBeGreaterThan(1000);
  });

  it('draws several at once', async () => {
    const data = { title: 'At once', buckets: days, agents };
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => renderStatsChart(data)));
    for (const other of others) expect(other.equals(first ?? Buffer.of())).toBe(true);
  });
});

async function pixelsOf(image: Awaited<ReturnType<typeof loadImage>>): Promise<Uint8ClampedArray> {
  const { createCanvas } = await import('@napi-rs/canvas');
  const context = createCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, image.width, image.height).data;
}
