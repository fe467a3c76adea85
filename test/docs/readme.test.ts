/** What the README says of the program is what the program does. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createCommands } from '../../commands/index.js';
import type { Services } from '../../commands/services.js';
import { renderMarkdownTable } from '../../src/config/table.js';
import { PERMISSION } from '../../src/discord/router/permissions.js';

const pathOf = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const read = (name: string) => readFile(pathOf(name), 'utf8');
const readme = await read('README.md');

/** What stands between <!-- name --> and <!-- /name -->. */
function section(name: string): string {
  const found = new RegExp(`<!-- ${name} -->\n(.*?)<!-- /${name} -->`, 's').exec(readme)?.[1];
  if (found === undefined) throw new Error(`README.md has no section ${name}`);
  return found;
}

function code(name: string): string {
  return section(name).replace(/^```ts\n|```\n$/g, '');
}

describe('README.md', () => {
  it('has the table of settings (npm run build, then node scripts/settings-docs.mjs)', () => {
    expect(section('settings')).toBe(renderMarkdownTable());
  });

  it('names every command with its options', () => {
    // Definitions are constants: nothing of the services is touched until a command is called.
    const commands = createCommands({} as Services);
    const expected = commands.slash.flatMap(({ name, actions }) =>
      [...actions].map(([path, { definition }]) => {
        const options = (definition.options ?? []).map((option) => `\`${option.name}\`${option.required ? '*' : ''}`).join(' ');
        return `| \`/${[name, path].filter(Boolean).join(' ')}\` | ${options ? `${options} ` : ''}| ${definition.description} |`;
      }),
    );
    const rows = readme.split('\n').filter((line) => /^\| `\/[a-z -]+` \| .*\|.*\|$/.test(line));
    expect(rows).toEqual(expected);
    for (const { name } of commands.messageMenu) expect(readme).toContain(`**${name}** (right-click a message`);
  });

  it('invites the bot with the permissions that it uses', () => {
    const { viewChannel, sendMessages, sendInThreads, embedLinks, attachFiles, readHistory } = PERMISSION;
    const permissions = viewChannel | sendMessages | sendInThreads | embedLinks | attachFiles | readHistory;
    expect(readme).toContain(`scope=bot+applications.commands&permissions=${permissions}\n`);
  });

  it('shows the example agent and the line that embeds', async () => {
    expect(await read('examples/agent-dice.ts')).toContain(code('agent'));
    expect(await read('examples/embed-in-a-bot.ts')).toContain(code('embed'));
    expect(code('agent').trimEnd().split('\n').length).toBeLessThanOrEqual(12);
  });

  it.each(['README.md', 'CHANGELOG.md', 'docs/architecture.md', 'docs/writing-agents.md'])(
    '%s links to what is there',
    async (name) => {
      const links = [...(await read(name)).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target]) => target as string);
      const missing = links.filter((target) => !existsSync(new URL(target, new URL(`../../${name}`, import.meta.url))));
      expect(missing).toEqual([]);
    },
  );
});
