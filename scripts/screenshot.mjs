// `npm run screenshot -- page`: pictures of every kind of message, component, form and state of the page, at the size of a desktop
// and of a phone, into test-artifacts/page, for looking at.
// `npm run screenshot`: takes the pictures of docs/images. Starts the real program in a home of its own, on a free port, and uses
// its page in a real browser, the way a person does.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { browserPath, ensureBrowser } from './browser.mjs';
import { ensureInstalled } from './install.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const images = join(root, 'docs', 'images');
/** The first start may fetch a Redis and build. */
const START_LIMIT_MS = 180_000;
const WIDTH = 1180;

const SALES = `month,region,units,price
${['January', 'February', 'March', 'April']
  .flatMap((month, index) =>
    ['North', 'South', 'West'].map((region, place) => `${month},${region},${120 + 17 * index - 9 * place},4.5`),
  )
  .join('\n')}
`;

/** Starts the program; gives its address and a way to end it with all that it started. */
async function startProgram(home) {
  const env = { ...process.env, GUILDHALL_HOME: home, HTTP_HOST: '127.0.0.1', HTTP_PORT: '0', LOG_LEVEL: 'info' };
  // Neither a real Discord nor stores of somebody's may get into the pictures.
  for (const name of Object.keys(env)) if (/^(DISCORD_|DATABASE_|REDIS_|AGENT)/.test(name)) delete env[name];
  env.AGENT_MODULES = 'dist/examples/agent-dice.js';
  const program = spawn(process.execPath, [join(root, 'scripts', 'start.mjs')], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => program.once('exit', done));
  const stop = async () => {
    program.kill('SIGTERM');
    await ended;
  };
  const url = await new Promise((found, failed) => {
    const timer = setTimeout(() => failed(new Error('The program was not ready in time.')), START_LIMIT_MS);
    ended.then((code) => failed(new Error(`The program ended with code ${code}.`)));
    createInterface({ input: program.stdout }).on('line', (line) => {
      const ready = readyLine(line);
      if (ready?.discord === 'real')
        failed(new Error('A file .env names a real Discord; the pictures are taken on the local one.'));
      if (ready === undefined) return;
      clearTimeout(timer);
      found(ready.url);
    });
  }).catch(async (error) => {
    await stop();
    throw error;
  });
  return { url, stop };
}

function readyLine(line) {
  if (!line.startsWith('{')) return undefined;
  const entry = JSON.parse(line);
  return entry.msg === 'ready' ? entry : undefined;
}

async function openBrowser() {
  const { chromium } = await import('playwright-core');
  ensureBrowser();
  const executablePath = browserPath();
  if (!executablePath) throw new Error('No Chromium or Chrome on PATH (or CHROMIUM_PATH).');
  const fonts = spawnSync('fc-list', [':lang=und-zsye', 'family'], { encoding: 'utf8' }).stdout ?? '';
  if (fonts.trim() === '')
    console.error('No emoji font: emoji will be boxes. Debian, Ubuntu: apt-get install fonts-noto-color-emoji');
  return chromium.launch({
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
}

/** A person at the page. */
function visitor(page) {
  const composer = page.getByTestId('composer');
  const details = page.getByRole('button', { name: 'Details' });
  /** The card of a task; the message that tells of its end has no buttons. */
  const card = (title) => page.getByTestId('message').filter({ hasText: title }).filter({ has: details }).last();

  /** Writes a command with options, `file` as [name, type, text], without sending it. */
  async function write(command, options) {
    await composer.fill(`/${command}`);
    await page
      .getByTestId('command-item')
      .filter({ hasText: `/${command}` })
      .first()
      .waitFor();
    await page.keyboard.press('Enter');
    for (const [name, value] of Object.entries(options)) await fill(name, value);
  }

  async function fill(name, value) {
    const field = page.getByTestId(`option-${name}`);
    if ((await field.count()) === 0) {
      await page.getByTestId('more-options').click();
      await page.getByTestId('optional-item').filter({ hasText: name }).first().click();
    }
    if (Array.isArray(value)) {
      const [fileName, mimeType, text] = value;
      const chooser = page.waitForEvent('filechooser');
      await field.click();
      await (await chooser).setFiles({ name: fileName, mimeType, buffer: Buffer.from(text) });
      await page.getByTestId('command-form').getByText(fileName).waitFor();
      return;
    }
    await field.fill(value);
    if (!['agent', 'priority'].includes(name)) return;
    const choice = page.getByTestId('choice').filter({ hasText: new RegExp(value.replace('-', '.'), 'i') });
    await choice.first().click();
  }

  return { card, write, send: () => page.getByTestId('send').click() };
}

async function shoot(page, name, height) {
  await page.setViewportSize({ width: WIDTH, height });
  // The pointer and the focus leave no trace in the picture.
  await page.mouse.move(0, 0);
  await page.evaluate('document.fonts.ready');
  await page.screenshot({ path: join(images, name), animations: 'disabled', caret: 'hide' });
  console.log(`docs/images/${name}`);
}

async function takePictures(page) {
  const { card, write, send } = visitor(page);
  await page.getByTestId('channel-tasks').click();

  await write('task create', {
    agent: 'sample',
    title: 'Import the old orders',
    input: 'delayMs=1200 steps=4 failAt=3',
    retries: '0',
  });
  await send();
  await card('Import the old orders').getByRole('button', { name: 'Retry' }).waitFor();

  await write('task create', { agent: 'dice', title: 'Who brings the cake?', input: 'dice=3' });
  await send();
  await card('Who brings the cake?').getByRole('button', { name: '👍' }).waitFor();

  await write('task create', { agent: 'sample', title: 'Weekly report', priority: 'High', input: 'delayMs=60000 steps=12' });
  await shoot(page, 'command.png', 620);
  await send();
  await card('Weekly report').getByText('Step 6 of 12').waitFor({ timeout: 60_000 });
  await shoot(page, 'channel.png', 1375);

  await card('Weekly report').getByRole('button', { name: 'Details' }).click();
  await page.getByText('Only you can see this').waitFor();
  await shoot(page, 'details.png', 860);

  await page.getByTestId('channel-agents-lab').click();
  await write('task create', {
    agent: 'file-processing',
    title: 'What is in the sales table?',
    file: ['sales.csv', 'text/csv', SALES],
  });
  await send();
  await card('What is in the sales table?').getByRole('button', { name: '👍' }).waitFor();
  await write('admin stats', {});
  await send();
  await page.getByTestId('message').filter({ hasText: 'used /admin stats' }).locator('.embed img, img').last().waitFor();
  await shoot(page, 'stats.png', 900);
}

async function main() {
  process.chdir(root);
  if (existsSync('.env'))
    throw new Error('There is a file .env: put it aside, the pictures are taken with the default settings.');
  ensureInstalled(root);
  mkdirSync(images, { recursive: true });
  const home = mkdtempSync(join(tmpdir(), 'guildhall-pictures-'));
  // mkdtemp makes it private; the user that runs Postgres has to pass through.
  chmodSync(home, 0o711);
  const undo = [() => rmSync(home, { recursive: true, force: true })];
  try {
    const { url, stop } = await startProgram(home);
    undo.push(stop);
    const browser = await openBrowser();
    undo.push(() => browser.close());
    const page = await browser.newPage({
      viewport: { width: WIDTH, height: 900 },
      colorScheme: 'dark',
      locale: 'en-GB',
      timezoneId: 'UTC',
    });
    page.setDefaultTimeout(15_000);
    await page.goto(url);
    await takePictures(page).catch(async (error) => {
      await page.screenshot({ path: join(root, 'test-artifacts', 'screenshot-failed.png') });
      throw new Error(`${error.message}\nWhat the page showed: test-artifacts/screenshot-failed.png`);
    });
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

/** The pictures of the page are taken by the test that also checks that they can be taken. */
function takePagePictures() {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/browser/page/pictures.test.ts'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The pictures could not be taken.');
  console.log('test-artifacts/page');
}

const run = process.argv[2] === 'page' ? async () => takePagePictures() : main;
await run().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
