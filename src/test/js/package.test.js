import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'node:test';

const here = fileURLToPath(new URL('.', import.meta.url));
const webroot = join(here, '../../../webroot');

describe('the npm package', () => {
  let directory;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'anabranch-'));
    writeFileSync(join(directory, 'package.json'), '{"private": true, "type": "module"}');
  });

  after(() => rmSync(directory, { recursive: true }));

  const run = (command, args) => execFileSync(command, args, { cwd: directory, encoding: 'utf8' });

  it('is the module, its types and nothing else', () => {
    const [{ files, filename, name, version }] = JSON.parse(run('npm', ['pack', '--json', webroot]));
    assert.deepEqual(files.map(({ path }) => path).sort(), ['anabranch.d.ts', 'anabranch.js', 'package.json']);
    assert.equal(filename, `${name}-${version}.tgz`);
  });

  it('can be installed and imported', () => {
    run('npm', ['install', '--offline', '--no-audit', '--no-fund', './anabranch-0.1.0.tgz']);
    assert.deepEqual(readdirSync(join(directory, 'node_modules')).filter(name => !name.startsWith('.')), ['anabranch']);
    const script = "import('anabranch').then(module => console.log(Object.keys(module).sort().join()))";
    assert.equal(run('node', ['-e', script]).trim(), 'Connection,Hub,HubError,Subscription,connect');
  });

  it('has a reference that names all that its types name', () => {
    const types = readFileSync(join(webroot, 'anabranch.d.ts'), 'utf8');
    const reference = readFileSync(join(webroot, '../docs/anabranch.js.md'), 'utf8');
    for (const described of DESCRIBED) {
      const [, body] = types.match(new RegExp(`(?:interface|class) ${described}\\b[^\\n]*\\{\\n(.*?)\\n\\}`, 's'));
      const names = [...body.matchAll(/^  (?:readonly )?(\w+)\??[:(<]/gm)].map(([, name]) => name);
      assert.ok(names.length > 0, described);
      for (const name of names.filter(each => each !== 'constructor')) {
        assert.match(reference, new RegExp(`\\b${name}\\b`), `${described}.${name}`);
      }
    }
  });

  it('has types that TypeScript checks a program against', () => {
    const compiler = join(here, 'node_modules/typescript/bin/tsc');
    assert.ok(existsSync(compiler), 'TypeScript is not installed: run `npm ci` in src/test/js');
    const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2022,dom'];
    const check = source => {
      writeFileSync(join(directory, 'sample.ts'), source);
      run('node', [compiler, ...options, 'sample.ts']);
    };
    check(SAMPLE);
    for (const wrong of WRONG) assert.throws(() => check(`${SAMPLE}\n${wrong}\n`), /Command failed/, wrong);
  });
});

const DESCRIBED = [
  'ConnectOptions',
  'SubscribeOptions',
  'PublishOptions',
  'HistoryOptions',
  'Message',
  'Gap',
  'Presence',
  'PresenceChange',
  'Stats',
  'HubEvents',
  'Hub',
  'Subscription',
  'HubError',
];

const SAMPLE = `
import { connect, HubError, type Gap, type Message, type State, type Transport } from 'anabranch';

interface Tick { price: number }

const hub = connect('http://localhost:8080', {
  token: async () => 'jwt',
  transports: ['websocket', 'sse'],
  WebSocket,
  EventSource,
  fetch,
});
const ticks = hub.subscribe<Tick>('ticker:*', (message: Message<Tick>) => message.data.price.toFixed(2), { last: 1, conflate: 500 });
ticks.update({ conflate: 0 });
const cursor: string | null = ticks.cursor;
hub.subscribe('chat:lobby', async message => void message.id, { after: cursor ?? 'earliest' });
const { id }: { id: string } = await hub.publish('chat:lobby', { text: 'hi' }, { event: 'said', dedup: '1' });
const { messages, more } = await hub.history<Tick>('ticker:ACME', { after: id, limit: 10 });
const total: number = messages.reduce((sum, { data }) => sum + data.price, more ? 1 : 0);
const { count } = await hub.presence('chat:lobby');
const book: { title: string } = await hub.call('library.borrow', { book: 3 });
const stop: () => void = hub.on('gap', (gap: Gap) => gap.reason === 'overflow');
hub.on('state', (state: State) => state === 'waiting');
hub.on('transport', (transport: Transport | null) => transport ?? 'none');
hub.on('error', error => error instanceof HubError && error.status + (error.retryAfter ?? 0));
stop();
ticks.close();
hub.close();
console.log(total + count + book.title + hub.state + hub.transport + hub.stats.repeats);
`;

const WRONG = [
  "hub.on('stat', () => {});",
  "connect('/', { transports: ['pigeon'] });",
  "hub.subscribe('a', () => {}, { conflate: '1s' });",
  "hub.state = 'open';",
  "hub.publish('a');",
];
