import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collect, fixture } from './support/fixture.js';
import { problem } from './support/model.js';

const codes = errors => errors.map(error => error.code);

describe('choosing a transport', () => {
  it('serves over WebSocket when that is ready in 300 ms', async () => {
    const { clock, hub, model } = fixture();
    collect(hub, 'a');
    await clock.advance(1_000);
    assert.equal(hub.transport, 'websocket');
    assert.equal(hub.state, 'open');
    assert.equal(model.seen.streams.length, 0);
  });

  it('opens SSE beside a WebSocket that takes longer, and serves by it', async () => {
    const { clock, hub, model } = fixture({ prepare: model => (model.websocket = 'blackhole') });
    const reader = collect(hub, 'a');
    await clock.advance(299);
    assert.equal(model.seen.streams.length, 0);
    await clock.advance(20);
    assert.equal(hub.transport, 'sse');
    model.publish('a', 1);
    await clock.advance(10);
    assert.deepEqual(reader.data, [1]);
  });

  it('does not wait for the 300 ms when the upgrade is refused', async () => {
    const { clock, hub, told } = fixture({ prepare: model => (model.websocket = 'refused') });
    collect(hub, 'a');
    await clock.advance(30);
    assert.equal(hub.transport, 'sse');
    assert.deepEqual(codes(told.error), ['disconnected']);
    assert.equal(told.error[0].transport, 'websocket');
  });

  it('takes the WebSocket when that is ready before the SSE stream beside it', async () => {
    const { clock, hub, model, told } = fixture({ prepare: model => Object.assign(model, { latency: 200, sse: 'blackhole' }) });
    collect(hub, 'a');
    await clock.advance(1_000);
    assert.equal(hub.transport, 'websocket');
    assert.equal(model.seen.streams.length, 1);
    await clock.advance(20_000);
    assert.deepEqual(told.error, [], 'the stream was given up');
  });

  for (const kind of ['websocket', 'sse']) {
    it(`uses ${kind} alone when told to`, async () => {
      const { clock, hub, model } = fixture({ client: { transports: [kind] } });
      const reader = collect(hub, 'a');
      await clock.advance(100);
      model.cut();
      await clock.advance(60_000);
      model.publish('a', 1);
      await clock.advance(100);
      assert.equal(hub.transport, kind);
      assert.deepEqual(reader.data, [1]);
      assert.equal(model.seen[kind === 'sse' ? 'websockets' : 'streams'].length, 0);
    });
  }

  it('reads by SSE where the platform has no WebSocket', async () => {
    const { clock, model, start } = fixture({ later: true });
    const hub = start({ WebSocket: undefined });
    const reader = collect(hub, 'a');
    await clock.advance(100);
    model.publish('a', 1);
    await clock.advance(100);
    assert.equal(hub.transport, globalThis.WebSocket ? 'websocket' : 'sse');
    if (!globalThis.WebSocket) assert.deepEqual(reader.data, [1]);
    hub.close();
  });

  it('refuses transports that there are none of', () => {
    const { start } = fixture({ later: true });
    assert.throws(() => start({ transports: ['pigeon'] }), { name: 'HubError', status: 400 });
  });

  it('starts with what worked before in the page’s session', async () => {
    const { clock, hub, model, start } = fixture({ prepare: model => (model.websocket = 'blackhole') });
    collect(hub, 'a');
    await clock.advance(10_000);
    hub.close();
    const again = start();
    collect(again, 'a');
    await clock.advance(20);
    assert.equal(again.transport, 'sse');
    assert.equal(model.seen.streams.length, 2);
  });

  it('offers the token and the client id to both', async () => {
    const { clock, hub, model } = fixture({ client: { token: 'jwt', client: 'client-01' }, prepare: model => (model.websocket = 'blackhole') });
    collect(hub, 'a');
    await clock.advance(400);
    const [socket] = model.seen.websockets;
    assert.deepEqual(socket.protocols, ['anabranch.v1', 'bearer.jwt']);
    assert.equal(socket.url.href, 'ws://hub.test/ws?client=client-01');
    const [{ url, token }] = model.seen.streams;
    assert.equal(token, 'jwt');
    assert.deepEqual(Object.fromEntries(url.searchParams), { channel: 'a', envelope: 'true', client: 'client-01' });
  });
});

describe('moving up', () => {
  const slow = { prepare: model => (model.websocket = 'blackhole') };

  it('moves to a WebSocket that works later, after it has answered for 5 s', async () => {
    const { clock, hub, model, told } = fixture({ prepare: model => (model.websocket = 'refused') });
    collect(hub, 'a');
    await clock.advance(50);
    model.websocket = 'ok';
    await clock.advance(1_000 + 4_900);
    assert.equal(hub.transport, 'sse');
    await clock.advance(200);
    assert.equal(hub.transport, 'websocket');
    assert.deepEqual(told.transport, ['sse', 'websocket']);
    assert.deepEqual(told.state, ['open']);
    assert.equal(model.open('sse').length, 0);
  });

  it('closes the stream only when the WebSocket has read up to it', async () => {
    const { clock, hub, model } = fixture({ prepare: model => (model.websocket = 'refused') });
    const reader = collect(hub, 'a');
    await clock.advance(50);
    model.websocket = 'ok';
    const overlaps = [];
    for (let i = 0; i < 700; i++) {
      model.publish('a', i);
      await clock.advance(10);
      overlaps.push(model.open('sse').length + model.open('websocket').length);
    }
    assert.equal(hub.transport, 'websocket');
    assert.ok(Math.min(...overlaps) >= 1);
    assert.deepEqual(reader.data, Array.from({ length: 700 }, (_, i) => i));
  });

  it('stays where it is when the upgrade dies after opening, and tries less and less often', async () => {
    const { clock, hub, model, told } = fixture({ prepare: model => (model.websocket = 'dies') });
    collect(hub, 'a');
    await clock.advance(1_500);
    assert.equal(hub.transport, 'sse');
    await clock.advance(600_000);
    assert.equal(hub.transport, 'sse');
    const { length } = model.seen.websockets;
    assert.ok(length > 5 && length < 20, `${length} attempts`);
    assert.ok(told.state.every(state => state !== 'waiting'));
  });

  it('fails a WebSocket that opens but brings no ready frame', async () => {
    const { clock, hub, told } = fixture({ prepare: model => (model.websocket = 'mute') });
    collect(hub, 'a');
    await clock.advance(11_000);
    assert.equal(hub.transport, 'sse');
    assert.deepEqual(codes(told.error), ['buffered']);
  });

  it('does not move to a WebSocket that falls silent while it is tried', async () => {
    const { clock, hub, model, told } = fixture(slow);
    collect(hub, 'a');
    await clock.advance(10_900);
    model.websocket = 'ok';
    await clock.advance(2_000);
    assert.equal(model.open('websocket').length, 1);
    model.stall('websocket');
    await clock.advance(6_000);
    assert.equal(hub.transport, 'sse');
    assert.deepEqual(codes(told.error), ['timeout', 'silent']);
  });

  it('is served by a tried WebSocket at once when the stream breaks', async () => {
    const { clock, hub, model, told } = fixture(slow);
    const reader = collect(hub, 'a');
    await clock.advance(10_900);
    model.websocket = 'ok';
    await clock.advance(2_000);
    model.cut('sse');
    model.publish('a', 1);
    await clock.advance(50);
    assert.equal(hub.transport, 'websocket');
    assert.ok(!told.state.includes('waiting'));
    assert.deepEqual(reader.data, [1]);
  });
});

describe('moving down', () => {
  async function serving(options) {
    const all = fixture(options);
    all.reader = collect(all.hub, 'a');
    await all.clock.advance(6_000);
    assert.equal(all.hub.transport, 'websocket');
    return all;
  }

  it('moves to SSE at once when the WebSocket is cut, and loses nothing', async () => {
    const { clock, hub, model, reader } = await serving();
    model.websocket = 'refused';
    model.publish('a', 1);
    await clock.advance(20);
    model.cut();
    model.publish('a', 2);
    await clock.advance(40);
    assert.equal(hub.transport, 'sse');
    assert.deepEqual(reader.data, [1, 2]);
  });

  it('moves to SSE when the WebSocket is silent for two heartbeats, and keeps it until then', async () => {
    const { clock, hub, model, reader, told } = await serving();
    model.stall();
    model.websocket = 'blackhole';
    model.publish('a', 1);
    await clock.advance(30_000 - 6_000);
    assert.equal(hub.transport, 'websocket');
    await clock.advance(6_100);
    assert.equal(hub.transport, 'sse');
    assert.deepEqual(told.transport, ['websocket', 'sse'], 'never without one');
    assert.deepEqual(told.state, ['open']);
    assert.deepEqual(codes(told.error), ['silent']);
    assert.deepEqual(reader.data, [1]);
    assert.equal(model.open('websocket').filter(socket => socket.readyState === 1).length, 0);
  });

  it('keeps a WebSocket that comes to life again before anything else is ready', async () => {
    const { clock, hub, model, told } = await serving();
    model.sse = model.websocket = 'blackhole';
    const [socket] = model.open('websocket');
    socket.stalled = true;
    await clock.advance(26_000);
    socket.stalled = false;
    await clock.advance(30_000);
    assert.equal(hub.transport, 'websocket');
    assert.equal(model.open('websocket')[0], socket);
    assert.ok(!told.state.includes('waiting'));
  });

  it('tries a WebSocket again beside a stream that a proxy holds back', async () => {
    const { clock, hub, model, reader } = await serving();
    model.sse = 'buffered';
    model.cut('websocket');
    model.publish('a', 1);
    await clock.advance(2_500);
    assert.equal(hub.transport, 'websocket');
    assert.deepEqual(reader.data, [1]);
  });

  it('says that it is connecting while nothing goes either way', async () => {
    const { clock, hub, model, reader, told } = await serving();
    model.sse = 'blackhole';
    model.stall();
    model.websocket = 'blackhole';
    model.publish('a', 1);
    await clock.advance(31_000);
    assert.equal(hub.state, 'connecting');
    model.open('websocket')[0].stalled = false;
    model.publish('a', 2);
    await clock.advance(1_000);
    assert.equal(hub.state, 'open');
    assert.deepEqual(told.state, ['open', 'connecting', 'open']);
    assert.deepEqual(reader.data, [1, 2]);
  });

  it('opens another WebSocket beside a silent one when that is all there is', async () => {
    const { clock, hub, model, told, reader } = await serving({ client: { transports: ['websocket'] } });
    model.stall();
    model.publish('a', 1);
    await clock.advance(31_000);
    assert.equal(hub.transport, 'websocket');
    assert.deepEqual(told.transport, ['websocket']);
    assert.deepEqual(reader.data, [1]);
  });

  it('waits when everything is silent', async () => {
    const { clock, hub, model } = await serving();
    model.stall();
    model.websocket = model.sse = 'blackhole';
    await clock.advance(60_000);
    assert.notEqual(hub.state, 'open');
    assert.equal(hub.transport, null);
    model.websocket = model.sse = 'ok';
    await clock.advance(60_000);
    assert.equal(hub.state, 'open');
  });

  it('says so when something holds the stream back, and tries the next', async () => {
    const { clock, hub, model, told } = fixture({ prepare: model => Object.assign(model, { sse: 'buffered', websocket: 'blackhole' }) });
    collect(hub, 'a');
    await clock.advance(9_000);
    model.websocket = 'ok';
    await clock.advance(5_000);
    assert.ok(told.error.some(({ code, transport }) => code === 'buffered' && transport === 'sse'));
    assert.equal(hub.transport, 'websocket');
  });
});

describe('coming back', () => {
  it('waits as long as Retry-After says, and a little more', async () => {
    const { clock, hub, model, told } = fixture({
      client: { transports: ['sse'] },
      prepare: model => (model.sse = problem(503, 'unavailable', {}, { 'Retry-After': '7' })),
    });
    collect(hub, 'a');
    await clock.advance(100);
    assert.equal(hub.state, 'waiting');
    assert.equal(told.error[0].retryAfter, 7_000);
    model.sse = 'ok';
    await clock.advance(6_900);
    assert.equal(model.seen.streams.length, 1);
    await clock.advance(500);
    assert.equal(hub.state, 'open');
  });

  it('takes the longest Retry-After of all transports', async () => {
    const { clock, hub, model } = fixture({
      prepare: model => Object.assign(model, { websocket: 'refused', sse: problem(429, 'too_many_requests', {}, { 'Retry-After': '20' }) }),
    });
    collect(hub, 'a');
    await clock.advance(19_000);
    assert.equal(hub.state, 'waiting');
    assert.equal(model.seen.streams.length, 1);
  });

  for (const kind of ['websocket', 'sse']) {
    it(`waits as the hub asks in its close over ${kind}`, async () => {
      const { clock, hub, model, told } = fixture({ client: { transports: [kind] } });
      const reader = collect(hub, 'a');
      await clock.advance(100);
      model.close(4503, 'restarting', 1_800);
      model.publish('a', 1);
      await clock.advance(1_700);
      assert.equal(hub.state, 'waiting');
      await clock.advance(500);
      assert.equal(hub.state, 'open');
      assert.deepEqual(reader.data, [1]);
      assert.deepEqual([told.error[0].status, told.error[0].closeCode, told.error[0].retryAfter], [503, 4503, 1_800]);
    });

    it(`does not come back over ${kind} when the hub says not to`, async () => {
      const { clock, hub, model, told, page } = fixture({ client: { transports: [kind] } });
      collect(hub, 'a');
      await clock.advance(100);
      model.close(4403, 'forbidden');
      await clock.advance(100);
      assert.equal(hub.state, 'closed');
      assert.deepEqual(codes(told.error), ['forbidden']);
      assert.equal(page.listening, false);
      await assert.rejects(hub.publish('a', 1), { status: 403 });
    });
  }

  it('ends for good on 204', async () => {
    const { clock, hub } = fixture({ client: { transports: ['sse'] }, prepare: model => (model.sse = new Response(null, { status: 204 })) });
    collect(hub, 'a');
    await clock.advance(100);
    assert.equal(hub.state, 'closed');
  });

  it('spreads its attempts by full jitter between 0 and a bound that doubles up to 30 s', async () => {
    const delays = [];
    let last = 0;
    const { clock, hub, model } = fixture({
      client: { transports: ['sse'], random: () => 1 },
      prepare: model => (model.sse = 'refused'),
    });
    collect(hub, 'a');
    for (let i = 0; i < 1_500; i++) {
      await clock.advance(100);
      if (model.seen.streams.length > delays.length) {
        delays.push(Math.round((clock.now() - last) / 500) / 2);
        last = clock.now();
      }
    }
    assert.deepEqual(delays.slice(1), [0.5, 1, 2, 4, 8, 16, 30, 30, 30]);
    assert.equal(hub.state, 'waiting');
  });

  it('begins anew with short waits after five steady seconds', async () => {
    const { clock, hub, model } = fixture({ client: { transports: ['sse'], random: () => 1 }, prepare: model => (model.sse = 'refused') });
    collect(hub, 'a');
    await clock.advance(60_000);
    model.sse = 'ok';
    await clock.advance(40_000);
    model.cut();
    await clock.advance(600);
    assert.equal(hub.state, 'open');
  });

  it('closes everything when the page is done with it', async () => {
    const { clock, hub, model, page, told } = fixture();
    const { subscription } = collect(hub, 'a');
    await clock.advance(100);
    hub.close();
    await clock.advance(100);
    assert.equal(hub.state, 'closed');
    assert.equal(hub.transport, null);
    assert.equal(subscription.closed, true);
    assert.equal(model.connections.size, 0);
    assert.equal(page.listening, false);
    assert.equal(clock.pending, 1, 'only the model’s heartbeat is left');
    assert.throws(() => hub.subscribe('a', () => {}), { code: 'closed' });
    assert.deepEqual(told.error, []);
  });
});

describe('the machine and the page', () => {
  it('asks the WebSocket after the machine slept, and replaces it when there is no answer', async () => {
    const { clock, hub, model, reader } = await open();
    model.stall();
    model.publish('a', 1);
    clock.sleep(3_600_000);
    await clock.advance(3_750 + 2_000 + 100);
    assert.equal(hub.state, 'open');
    assert.equal(hub.transport, 'sse');
    assert.deepEqual(reader.data, [1]);
  });

  it('keeps a connection that outlived the sleep', async () => {
    const { clock, hub, model, told } = await open();
    const [socket] = model.open('websocket');
    clock.sleep(3_600_000);
    await clock.advance(10_000);
    assert.equal(model.open('websocket')[0], socket);
    assert.deepEqual(told.error, []);
    assert.equal(hub.state, 'open');
  });

  it('replaces an SSE stream that did not outlive the sleep', async () => {
    const { clock, hub, model, reader } = await open({ client: { transports: ['sse'] } });
    model.stall();
    model.publish('a', 1);
    clock.sleep(3_600_000);
    await clock.advance(6_000);
    assert.equal(hub.state, 'open');
    assert.deepEqual(reader.data, [1]);
  });

  it('sees after the connection as soon as the page is shown again', async () => {
    const { clock, page, model, reader } = await open();
    page.tell('hidden');
    await clock.advance(5_000);
    model.stall();
    model.publish('a', 1);
    page.tell('shown');
    await clock.advance(2_100);
    assert.deepEqual(reader.data, [1]);
  });

  it('does not wait any longer when the page is shown', async () => {
    const { clock, hub, page, model } = await open({ client: { random: () => 1, transports: ['sse'] } });
    model.sse = 'refused';
    model.cut();
    await clock.advance(60_000);
    assert.equal(hub.state, 'waiting');
    model.sse = 'ok';
    page.tell('shown');
    await clock.advance(50);
    assert.equal(hub.state, 'open');
  });

  it('does not try to move up while the page is hidden', async () => {
    const { clock, hub, page, model } = fixture({ prepare: model => (model.websocket = 'refused') });
    collect(hub, 'a');
    await clock.advance(100);
    page.tell('hidden');
    const { length } = model.seen.websockets;
    await clock.advance(600_000);
    assert.equal(model.seen.websockets.length, length);
    model.websocket = 'ok';
    page.tell('shown');
    await clock.advance(30_000);
    assert.equal(hub.transport, 'websocket');
  });

  it('comes back at once when the machine is on line again', async () => {
    const { clock, hub, page, model } = await open({ client: { random: () => 1 } });
    model.websocket = model.sse = 'refused';
    page.tell('offline');
    model.cut();
    await clock.advance(60_000);
    assert.equal(hub.state, 'waiting');
    model.websocket = model.sse = 'ok';
    page.tell('online');
    await clock.advance(50);
    assert.equal(hub.state, 'open');
  });

  it('opens a stream anew on another network, beside the old one', async () => {
    const { clock, hub, page, model, told, reader } = await open({ client: { transports: ['sse'] } });
    model.stall();
    model.publish('a', 1);
    page.tell('online');
    await clock.advance(100);
    assert.equal(hub.state, 'open');
    assert.deepEqual(told.transport, ['sse']);
    assert.deepEqual(reader.data, [1]);
  });

  it('survives a listener that closes the hub in the middle of a change', async () => {
    const { clock, hub, model } = fixture();
    hub.on('transport', () => hub.close());
    collect(hub, 'a');
    await clock.advance(60_000);
    assert.equal(hub.state, 'closed');
    assert.equal(model.connections.size, 0);
  });
});

async function open(options) {
  const all = fixture(options);
  all.reader = collect(all.hub, 'a');
  await all.clock.advance(6_000);
  assert.equal(all.hub.state, 'open');
  return all;
}

it('tries WebSocket as soon as ever beside an event stream that was cut often, before any attempt failed', async () => {
  const { clock, model, hub } = fixture({ client: { memory: { get: () => 'sse', set() {} } } });
  collect(hub, 'a');
  for (let i = 0; i < 10; i++) {
    await clock.advance(900);
    model.cut('sse');
    while (hub.transport !== 'sse') await clock.advance(100);
  }
  assert.equal(model.seen.websockets.length, 0);
  await clock.advance(7_500);
  assert.equal(hub.transport, 'websocket');
});
