/** A small Guildhall that only has its stores: takes the home given as its argument, says what it started, waits to be killed. */
import { openHome } from '../../src/embedded/home.js';
import { startEmbeddedPostgres } from '../../src/embedded/postgres.js';
import { startEmbeddedRedis } from '../../src/embedded/redis.js';

const [home = '', programs = ''] = process.argv.slice(2);
const log = { info: () => undefined, warn: () => undefined };
const held = await openHome(home);
const [database, redis] = await Promise.all([startEmbeddedPostgres({ home, log }), startEmbeddedRedis({ home, log, programs })]);
await held.announce('http://127.0.0.1:1/');
process.stdout.write(`${JSON.stringify({ database: database.url, directory: database.directory, redis })}\n`);
