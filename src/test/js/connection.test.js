import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Connection, HubError } from '../../../webroot/anabranch.js';
import { FakeClock } from './support/clock.js';
import { FakePage, rememberingNothing } from './support/fixture.js';

/** A link that does what a test says. */
class FakeLink {
  isReady = false;
  heard = 0;
  heardAt = 0;
  heartbeat = 15_000;
  did = [];

  constructor(kind, events) {
    this.kind = kind;
    this.events = events;
    this.pingable = kind === 'websocket';
  }

  becomeReady() {
    this.isReady = true;
    this.events.ready();
  }

  hear() {
    this.heard++;
    this.events.heard();
  }

  fail(error) {
    this.close();
    this.events.down(error);
  }

  open() {
    this.did.push('open');
  }

  join() {
    this.did.push('join');
  }

  sync() {
    this.did.push('sync');
  }

  ping() {
    this.did.push('ping');
    this.hear();
  }

  close() {
    this.did.push('close');
  }
}

function machine() {
  const clock = new FakeClock();
  const links = [];
  const told = [];
  const tell = name => value => told.push(`${name} ${value?.kind ?? value?.code ?? value}`);
  const connection = new Connection({
    kinds: ['websocket', 'sse'],
    createLink: (kind, events) => links[links.push(new FakeLink(kind, events)) - 1],
    tokens: { refused: () => false, accepted: tell('accepted'), doubt: tell('doubt') },
    memory: rememberingNothing(),
    clock,
    random: () => 0.5,
    page: new FakePage(),
    events: Object.fromEntries(['state', 'transport', 'serving', 'error', 'closed'].map(name => [name, tell(name)])),
  });
  return { clock, links, told, connection };
}

it('tells each change once, the link that serves first', async () => {
  const { clock, links, told, connection } = machine();
  connection.start();
  await clock.advance(300);
  const [socket, stream] = links;
  stream.becomeReady();
  assert.deepEqual(told, ['serving sse', 'transport sse', 'state open']);
  socket.becomeReady();
  await clock.advance(5_000);
  assert.deepEqual(socket.did, ['open', 'ping', 'join', 'ping']);
  assert.equal(connection.active, stream);
  socket.events.caughtUp();
  assert.equal(connection.active, socket);
  assert.equal(stream.did.at(-1), 'close');
  assert.deepEqual(told.slice(-2), ['serving websocket', 'transport websocket']);
});

it('hears no more of a link that it has left', async () => {
  const { clock, links, told, connection } = machine();
  connection.start();
  links[0].becomeReady();
  connection.close();
  const before = told.length;
  links[0].fail(new HubError(0, 'disconnected', 'late news'));
  links[0].becomeReady();
  await clock.advance(600_000);
  assert.equal(told.length, before);
  assert.equal(links.length, 1);
  assert.equal(clock.pending, 0);
});

it('lets those wait who need a link, and refuses them when there will be none', async () => {
  const { links, connection } = machine();
  connection.start();
  const open = connection.whenOpen();
  links[0].becomeReady();
  await open;
  links[0].fail(new HubError(503, 'unavailable', 'restarting', { retryAfter: 100 }));
  const never = connection.whenOpen();
  connection.close();
  await assert.rejects(never, { code: 'closed' });
  await assert.rejects(connection.whenOpen(), { code: 'closed' });
});
