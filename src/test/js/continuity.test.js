import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collect, fixture } from './support/fixture.js';
import { settle } from './support/clock.js';
import { problem } from './support/model.js';

const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

async function open(kind, channel = 'a', options) {
  const all = fixture({ client: { transports: [kind] } });
  all.reader = collect(all.hub, channel, options);
  await all.clock.advance(6_000);
  return all;
}

for (const kind of ['websocket', 'sse']) {
  describe(`over ${kind}`, () => {
    it('begins live', async () => {
      const all = fixture({ client: { transports: [kind] }, prepare: model => model.publish('a', 'old') });
      const reader = collect(all.hub, 'a');
      await all.clock.advance(100);
      all.model.publish('a', 'new');
      await all.clock.advance(100);
      assert.deepEqual(reader.data, ['new']);
    });

    it('begins with the last messages, and asks for them only once', async () => {
      const all = fixture({ client: { transports: [kind] }, prepare: model => numbers(1, 9).forEach(i => model.publish('a', i)) });
      const reader = collect(all.hub, 'a', { last: 3 });
      await all.clock.advance(100);
      assert.deepEqual(reader.data, [7, 8, 9]);
      all.model.cut();
      all.model.publish('a', 10);
      await all.clock.advance(2_000);
      assert.deepEqual(reader.data, [7, 8, 9, 10]);
      assert.equal(all.hub.stats.repeats, 0);
    });

    it('loses nothing when cut before the first of the last messages came', async () => {
      const all = await open(kind, 'a', { last: 1 });
      all.model.cut();
      numbers(1, 3).forEach(i => all.model.publish('a', i));
      await all.clock.advance(2_000);
      assert.deepEqual(all.reader.data, [1, 2, 3]);
      assert.equal(all.told.gap.length, 0);
    });

    it('begins with the last messages of each channel of a pattern, and takes none for lost', async () => {
      const all = fixture({ client: { transports: [kind] }, prepare: model => numbers(1, 20).forEach(i => model.publish(i < 11 ? 'p:x' : 'p:y', i)) });
      const reader = collect(all.hub, 'p:*', { last: 2 });
      const everything = collect(all.hub, 'p:*', { after: 'earliest' });
      await all.clock.advance(100);
      assert.deepEqual(reader.data, [9, 10, 19, 20]);
      assert.deepEqual(everything.data, numbers(1, 20));
      assert.equal(all.hub.stats.repaired, 0);
    });

    it('takes nothing for lost that was gone before it began', async () => {
      const all = fixture({ client: { transports: [kind] }, prepare: model => numbers(1, 5).forEach(i => model.publish('a', i)) });
      all.model.forgotten = Number(all.model.log[2].id.split('-')[1]);
      const reader = collect(all.hub, 'a', { after: 'earliest' });
      await all.clock.advance(100);
      assert.deepEqual(reader.data, [4, 5]);
      assert.deepEqual(all.told.gap, []);
    });

    for (const [after, expected] of [['earliest', [1, 2, 3]], ['k4x9-1002', [2, 3]]]) {
      it(`begins after ${after}`, async () => {
        const all = fixture({ client: { transports: [kind] }, prepare: model => numbers(1, 3).forEach(i => model.publish('a', i)) });
        assert.equal(all.model.log[0].id, 'k4x9-1002');
        const reader = collect(all.hub, 'a', { after });
        await all.clock.advance(100);
        assert.deepEqual(reader.data, expected);
      });
    }

    it('goes on from the cursor, without what it has', async () => {
      const { clock, model, reader } = await open(kind);
      numbers(1, 5).forEach(i => model.publish('a', i));
      await clock.advance(100);
      model.cut();
      numbers(6, 9).forEach(i => model.publish('a', i));
      await clock.advance(2_000);
      assert.deepEqual(reader.data, numbers(1, 9));
    });

    it('keeps a quiet channel’s cursor at the head by heartbeats', async () => {
      const { clock, hub, model, reader, told } = await open(kind, 'quiet');
      numbers(1, 50).forEach(i => model.publish('busy', i));
      await clock.advance(16_000);
      assert.equal(reader.subscription.cursor, model.cursor);
      model.forgotten = model.head;
      model.cut();
      model.publish('quiet', 1);
      await clock.advance(3_000);
      assert.deepEqual(reader.data, [1]);
      assert.deepEqual(told.gap, []);
      assert.equal(hub.state, 'open');
    });

    it('fetches what is missing before it hands on the next message', async () => {
      const { clock, hub, model, reader, told } = await open(kind);
      model.publish('a', 1);
      const [connection] = model.connections;
      for (const i of [2, 3, 4]) {
        connection.losing.add(`k4x9-${model.head + 1 + (model.head % 3)}`);
        model.publish('a', i);
      }
      numbers(5, 7).forEach(i => model.publish('a', i));
      await clock.advance(100);
      assert.deepEqual(reader.data, numbers(1, 7));
      assert.equal(hub.stats.repaired, 3);
      assert.deepEqual(told.gap, []);
    });

    it('does not move its cursor over a hole that is being filled', async () => {
      const { clock, model, reader } = await open(kind);
      const first = model.publish('a', 1);
      await clock.advance(10);
      const [connection] = model.connections;
      connection.stalled = true;
      model.publish('a', 2);
      connection.stalled = false;
      model.publish('a', 3);
      connection.beat();
      await clock.advance(6);
      assert.equal(reader.subscription.cursor, first);
      await clock.advance(100);
      assert.deepEqual(reader.data, [1, 2, 3]);
    });

    it('fetches a long hole page by page', async () => {
      const { clock, model, reader } = await open(kind);
      model.publish('a', 0);
      await clock.advance(10);
      const [connection] = model.connections;
      connection.stalled = true;
      numbers(1, 2_500).forEach(i => model.publish('a', i));
      connection.stalled = false;
      model.publish('a', 2_501);
      await clock.advance(200);
      assert.deepEqual(reader.data, numbers(0, 2_501));
    });

    it('raises a gap for what history does not have any more', async () => {
      const { clock, hub, model, reader, told } = await open(kind);
      const first = model.publish('a', 1);
      await clock.advance(10);
      const [connection] = model.connections;
      connection.stalled = true;
      numbers(2, 5).forEach(i => model.publish('a', i));
      connection.stalled = false;
      const third = model.log.find(({ data }) => data === 3).id;
      model.forgotten = Number(third.split('-')[1]);
      model.publish('a', 6);
      await clock.advance(100);
      assert.deepEqual(reader.data, [1, 4, 5, 6]);
      assert.deepEqual(told.gap, [{ channel: 'a', after: first, resumed: third, reason: 'expired' }]);
      assert.equal(hub.stats.gaps, 1);
    });

    it('passes on the hub’s gap, and believes what follows', async () => {
      const { clock, model, reader, told } = await open(kind);
      model.publish('a', 1);
      await clock.advance(10);
      const { cursor } = reader.subscription;
      model.cut();
      const lost = [2, 3].map(i => model.publish('a', i)).at(-1);
      model.forgotten = model.head;
      model.publish('a', 4);
      await clock.advance(2_000);
      assert.deepEqual(reader.data, [1, 4]);
      assert.deepEqual(told.gap, [{ channel: 'a', after: cursor, resumed: lost, reason: 'expired' }]);
      assert.equal(model.seen.requests.length + model.seen.frames.filter(({ type }) => type === 'history').length, 0);
    });

    it('goes on in another epoch after a gap', async () => {
      const { clock, model, reader, told } = await open(kind);
      model.publish('a', 1);
      await clock.advance(10);
      model.reset('fresh1');
      model.publish('a', 2);
      model.publish('a', 3);
      await clock.advance(2_000);
      model.publish('a', 4);
      await clock.advance(100);
      assert.deepEqual(reader.data, [1, 2, 3, 4]);
      assert.deepEqual(told.gap.map(({ reason }) => reason), ['reset']);
    });

    it('notices another epoch by itself', async () => {
      const { clock, model, reader, told } = await open(kind);
      model.publish('a', 1);
      model.epoch = 'fresh1';
      model.publish('a', 2);
      await clock.advance(100);
      assert.deepEqual(reader.data, [1, 2]);
      assert.deepEqual(told.gap.map(({ reason }) => reason), ['reset']);
    });

    it('raises a gap when history is refused, and says why', async () => {
      const { clock, hub, model, reader, told } = await open(kind);
      model.publish('a', 1);
      await clock.advance(10);
      const [connection] = model.connections;
      if (kind === 'sse') model.rest = problem(403, 'forbidden');
      else connection.on_history = ({ ref }) => connection.write({ type: 'error', ref, status: 403, code: 'forbidden', message: 'no' });
      connection.stalled = true;
      model.publish('a', 2);
      connection.stalled = false;
      model.publish('a', 3);
      await clock.advance(100);
      assert.deepEqual(reader.data, [1, 3]);
      assert.deepEqual(told.gap.map(({ reason }) => reason), ['unavailable']);
      assert.deepEqual(told.error.map(({ status }) => status), [403]);
      assert.equal(hub.state, 'open');
    });

    it('hands each channel of a pattern on in order, and checks each', async () => {
      const { clock, hub, model, reader } = await open(kind, 'p:*');
      const [connection] = model.connections;
      model.publish('p:x', 'x1');
      model.publish('p:y', 'y1');
      connection.stalled = true;
      model.publish('p:x', 'x2');
      connection.stalled = false;
      model.publish('p:y', 'y2');
      model.publish('p:x', 'x3');
      model.publish('q', 'not this');
      await clock.advance(100);
      assert.deepEqual(reader.data, ['x1', 'y1', 'y2', 'x2', 'x3']);
      assert.equal(hub.stats.repaired, 1);
    });

    it('conflates, without taking what was left out for lost', async () => {
      const { clock, hub, model, reader, told } = await open(kind, 't:*', { conflate: 500 });
      numbers(1, 100).forEach(i => model.publish('t:x', i));
      model.publish('t:y', 'y');
      await clock.advance(600);
      numbers(101, 200).forEach(i => model.publish('t:x', i));
      await clock.advance(600);
      assert.deepEqual(reader.data, [100, 'y', 200]);
      assert.equal(hub.stats.repaired, 0);
      assert.deepEqual(told.gap, []);
    });

    it('changes how it conflates while reading on', async () => {
      const { clock, hub, model, reader, told } = await open(kind, 't', { conflate: 500 });
      numbers(1, 10).forEach(i => model.publish('t', i));
      await clock.advance(600);
      reader.subscription.update({ conflate: 0 });
      await clock.advance(100);
      numbers(11, 15).forEach(i => model.publish('t', i));
      await clock.advance(100);
      assert.deepEqual(reader.data, [10, 11, 12, 13, 14, 15]);
      reader.subscription.update({ conflate: 200 });
      await clock.advance(100);
      numbers(16, 20).forEach(i => model.publish('t', i));
      await clock.advance(300);
      assert.equal(reader.data.at(-1), 20);
      assert.ok(reader.data.length < 11);
      assert.deepEqual(told.gap, []);
      assert.equal(hub.stats.repaired, 0);
    });

    it('ends a subscription', async () => {
      const { clock, model, reader, hub } = await open(kind);
      const other = collect(hub, 'b');
      await clock.advance(100);
      reader.subscription.close();
      reader.subscription.close();
      await clock.advance(100);
      model.publish('a', 1);
      model.publish('b', 2);
      await clock.advance(100);
      assert.deepEqual(reader.data, []);
      assert.deepEqual(other.data, [2]);
      assert.ok([...model.connections].every(({ feeds }) => !feeds.has('a')));
    });

    for (const naming of [true, false]) {
      it(`closes a subscription that the hub refuses, ${naming ? 'by' : 'without its'} name, and keeps the others`, async () => {
        const all = fixture({ client: { transports: [kind] }, prepare: model => Object.assign(model, { naming }).forbidden.add('secret') });
        const secret = collect(all.hub, 'secret');
        const readers = ['a', 'b'].map(channel => collect(all.hub, channel));
        await all.clock.advance(200);
        all.model.publish('a', 1);
        all.model.publish('b', 2);
        await all.clock.advance(100);
        assert.deepEqual(readers.map(({ data }) => data), [[1], [2]]);
        assert.equal(secret.subscription.closed, true);
        assert.deepEqual(all.told.error.map(({ status, channel }) => [status, channel]), [[403, 'secret']]);
        assert.equal(all.hub.state, 'open');
        assert.equal(all.model.connections.size, 1);
      });
    }

    it('closes for a visitor what needs a token, and keeps the rest', async () => {
      const prepare = model => Object.assign(model, { refusal: [401, 'unauthorized'] }).forbidden.add('secret');
      const all = fixture({ client: { transports: [kind], token: undefined }, prepare });
      const secret = collect(all.hub, 'secret');
      const reader = collect(all.hub, 'a');
      await all.clock.advance(200);
      all.model.publish('a', 1);
      await all.clock.advance(100);
      assert.equal(secret.subscription.closed, true);
      assert.deepEqual(reader.data, [1]);
      assert.deepEqual(all.told.error.map(({ status, channel }) => [status, channel]), [[401, 'secret']]);
      assert.equal(all.hub.state, 'open');
    });

    it('serves two subscribers of one channel, each from its own beginning', async () => {
      const { clock, model, hub, reader } = await open(kind);
      numbers(1, 5).forEach(i => model.publish('a', i));
      await clock.advance(100);
      const late = collect(hub, 'a', { last: 2 });
      await clock.advance(100);
      model.publish('a', 6);
      await clock.advance(100);
      assert.deepEqual(reader.data, numbers(1, 6));
      assert.deepEqual(late.data, [4, 5, 6]);
      reader.subscription.close();
      await clock.advance(100);
      model.publish('a', 7);
      await clock.advance(100);
      assert.deepEqual(late.data, [4, 5, 6, 7]);
    });

    it('tells a handler’s failure, and hands on the next message', async () => {
      const { clock, model, hub, told } = await open(kind);
      const seen = [];
      hub.subscribe('b', ({ data }) => {
        seen.push(data);
        if (data === 1) throw new Error('broken');
        if (data === 2) return Promise.reject(new Error('broken later'));
      });
      await clock.advance(100);
      numbers(1, 3).forEach(i => model.publish('b', i));
      await clock.advance(100);
      assert.deepEqual(seen, [1, 2, 3]);
      assert.deepEqual(told.error.map(({ message }) => message), ['broken', 'broken later']);
    });

    it('tells who joins and leaves', async () => {
      const { clock, model, told } = await open(kind);
      const [connection] = model.connections;
      connection.write({ type: 'join', channel: 'a', user: 'bob', session: '1' });
      connection.write({ type: 'leave', channel: 'a', user: 'bob', session: '1' });
      await clock.advance(100);
      assert.equal(told.join[0].user, 'bob');
      assert.equal(told.leave.length, 1);
    });

    it('reports what is not JSON, and stays', async () => {
      const { clock, hub, model, told } = await open(kind);
      const [connection] = model.connections;
      if (kind === 'sse') connection.text('data: {"type":\n\n');
      else connection.deliver(() => connection.onmessage({ data: '{"type":' }));
      await clock.advance(100);
      assert.deepEqual(told.error.map(({ code }) => code), ['bad_frame']);
      assert.equal(hub.state, 'open');
    });
  });
}

describe('a WebSocket', () => {
  it('speaks by its heartbeats only for the subscriptions that it has answered', async () => {
    const { clock, model, reader } = await open('websocket');
    const { prototype } = model.WebSocket;
    const { on_subscribe: answers } = prototype;
    prototype.on_subscribe = function () {
      this.beat();
      clock.setTimeout(() => this.break(), 50);
    };
    model.cut();
    numbers(1, 5).forEach(i => model.publish('a', i));
    await clock.advance(400);
    prototype.on_subscribe = answers;
    await clock.advance(5_000);
    assert.deepEqual(reader.data, numbers(1, 5));
  });
});

describe('streams', () => {
  it('carry all subscriptions of one conflate, folded into one request', async () => {
    const { clock, hub, model, reader } = await open('sse');
    const others = ['b', 'c'].map(channel => collect(hub, channel));
    const last = collect(hub, 'd', { last: 1 });
    await clock.advance(16_000);
    assert.equal(model.open('sse').length, 1);
    const { url } = model.seen.streams.at(-1);
    assert.deepEqual(url.searchParams.getAll('channel').sort(), ['a', 'b', 'c', 'd']);
    assert.equal(url.searchParams.has('last'), false);
    ['a', 'b', 'c', 'd'].forEach(channel => model.publish(channel, channel));
    await clock.advance(100);
    assert.deepEqual([reader, ...others, last].map(({ data }) => data), [['a'], ['b'], ['c'], ['d']]);
  });

  it('are one for each conflate', async () => {
    const { clock, hub, model } = await open('sse');
    collect(hub, 'b', { conflate: 500 });
    collect(hub, 'c', { conflate: 500 });
    await clock.advance(100);
    const asked = model.open('sse').map(({ feeds }) => [...feeds].map(([channel, { conflate }]) => `${channel} ${conflate}`));
    assert.deepEqual(asked, [['a 0'], ['b 500', 'c 500']]);
  });

  it('are replaced when one of several falls silent', async () => {
    const { clock, hub, model, reader, told } = await open('sse');
    collect(hub, 'b', { conflate: 500 });
    await clock.advance(1_000);
    model.open('sse').find(({ feeds }) => feeds.has('a')).stalled = true;
    model.publish('a', 1);
    await clock.advance(46_000);
    assert.deepEqual(reader.data, [1]);
    assert.deepEqual(told.transport, ['sse']);
    assert.equal(model.open('sse').length, 2);
  });

  it('are replaced only when the new one has caught up', async () => {
    const { clock, hub, model, reader } = await open('sse');
    const counts = [];
    for (let i = 1; i <= 40; i++) {
      if (i === 10) collect(hub, 'b');
      model.publish('a', i);
      await clock.advance(2);
      counts.push(model.open('sse').filter(({ feeds }) => feeds.has('a')).length);
    }
    await clock.advance(100);
    assert.equal(Math.min(...counts), 1);
    assert.equal(Math.max(...counts), 2);
    assert.deepEqual(reader.data, numbers(1, 40));
  });

  it('are read whatever the pieces that they come in', async () => {
    const all = fixture({ client: { transports: ['sse'] }, prepare: model => (model.slice = bytes => [...bytes].map(byte => Uint8Array.of(byte))) });
    const reader = collect(all.hub, 'a');
    await all.clock.advance(100);
    all.model.publish('a', { text: 'Grüße 🌊\r\n' });
    await all.clock.advance(100);
    assert.deepEqual(reader.data, [{ text: 'Grüße 🌊\r\n' }]);
  });

  for (const end of ['\r', '\r\n', '\n']) {
    it(`may end their lines with ${JSON.stringify(end)}`, async () => {
      const { clock, model, reader } = await open('sse');
      const [stream] = model.open('sse');
      const message = { type: 'message', id: 'k4x9-5000', channel: 'a', data: 1, time: 0 };
      const lines = [': a comment', 'id: k4x9-5000', `data:${JSON.stringify(message)}`, '', 'id: k4x9-5001', '', ': more', ''];
      lines.forEach(line => stream.text(line + end));
      await clock.advance(100);
      assert.deepEqual(reader.data, [1]);
      assert.equal(reader.subscription.cursor, 'k4x9-5001');
    });
  }

  it('are read by an EventSource with a ticket where a body cannot be streamed', async () => {
    const all = fixture({ later: true });
    const streamless = async (url, options) => {
      const response = await all.model.fetch(url, options);
      return url.includes('/sse') ? { status: response.status, ok: response.ok, headers: response.headers, json: () => response.json(), body: null } : response;
    };
    const hub = all.start({ transports: ['sse'], fetch: streamless, token: 'jwt' });
    const reader = collect(hub, 'a');
    await all.clock.advance(200);
    assert.equal(hub.state, 'open');
    all.model.publish('a', 1);
    await all.clock.advance(100);
    all.model.cut();
    all.model.publish('a', 2);
    await all.clock.advance(3_000);
    assert.deepEqual(reader.data, [1, 2]);
    assert.deepEqual(all.model.seen.tickets, ['once', 'once']);
    await all.clock.advance(120_000);
    assert.equal(hub.state, 'open');
    assert.ok(!all.told.error.some(({ code }) => code === 'silent'), 'an EventSource shows no heartbeats');
    hub.close();
    await settle();
    assert.equal(all.model.open('sse').length <= 1, true);
  });

  it('are not needed to publish', async () => {
    const { clock, hub, model } = fixture({ client: { transports: ['sse'] } });
    const published = hub.publish('a', 1);
    await clock.advance(100);
    assert.deepEqual(await published, { id: model.log[0].id });
    assert.equal(model.seen.streams.length, 0);
    await clock.advance(120_000);
    assert.equal(hub.state, 'open');
  });
});

describe('subscribing', () => {
  for (const [channel, options] of [['', {}], ['a b', {}], ['a*b', {}], ['x'.repeat(256), {}], ['a', { after: 'nowhere' }], ['a', { last: -1 }], ['a', { conflate: 60_001 }]]) {
    it(`refuses ${JSON.stringify([channel.slice(0, 5), options])}`, () => {
      const { hub } = fixture();
      assert.throws(() => hub.subscribe(channel, () => {}, options), { name: 'HubError', status: 400, code: 'bad_request' });
      hub.close();
    });
  }
});

describe('overlapping subscriptions over a WebSocket', () => {
  const overlapping = async () => {
    const all = fixture({ client: { transports: ['websocket'] } });
    all.one = collect(all.hub, 'p:x');
    all.both = collect(all.hub, 'p:*');
    await all.clock.advance(6_000);
    return all;
  };
  const subscribed = ({ model }) => model.seen.frames.filter(({ type }) => type === 'subscribe').map(({ channel, after }) => [channel, after]);

  it('go on as one, from the older cursor, so that no replay runs ahead of another', async () => {
    const all = await overlapping();
    all.model.publish('p:x', 1);
    await all.clock.advance(100);
    const after = all.one.subscription.cursor;
    all.model.publish('p:y', 2);
    await all.clock.advance(100);
    all.model.seen.frames.length = 0;
    all.model.cut();
    numbers(3, 6).forEach(i => all.model.publish(i % 2 ? 'p:x' : 'p:y', i));
    await all.clock.advance(2_000);
    assert.deepEqual(subscribed(all), [['p:*', after]]);
    assert.deepEqual(all.one.data, [1, 3, 5]);
    assert.deepEqual(all.both.data, numbers(1, 6));
    assert.equal(all.hub.stats.repaired, 0);
  });

  it('part when the wider is closed', async () => {
    const all = await overlapping();
    all.model.cut();
    await all.clock.advance(2_000);
    all.both.subscription.close();
    await all.clock.advance(100);
    all.model.publish('p:y', 1);
    all.model.publish('p:x', 2);
    await all.clock.advance(100);
    assert.deepEqual(all.one.data, [2]);
    assert.deepEqual(all.both.data, []);
  });

  it('part when one is conflated', async () => {
    const all = await overlapping();
    all.model.cut();
    await all.clock.advance(2_000);
    all.both.subscription.update({ conflate: 500 });
    await all.clock.advance(100);
    numbers(1, 4).forEach(i => all.model.publish('p:x', i));
    await all.clock.advance(1_000);
    assert.deepEqual(all.one.data, numbers(1, 4));
    assert.equal(all.hub.stats.repaired, 0);
  });
});

describe('subscriptions that begin in each other\'s past over a WebSocket', () => {
  const beginning = async (wide, narrow) => {
    const prepare = model => numbers(1, 5).forEach(i => model.publish('p:x', i));
    const all = fixture({ client: { transports: ['websocket'] }, prepare });
    all.narrow = collect(all.hub, 'p:x', narrow);
    all.wide = collect(all.hub, 'p:*', wide);
    await settle();
    return all;
  };

  for (const [wide, narrow, first] of [
    [{ last: 2 }, { after: 'earliest' }, { wide: 4, narrow: 1 }],
    [{ after: 'earliest' }, { last: 2 }, { wide: 1, narrow: 4 }],
    [{}, { after: 'earliest' }, { wide: 6, narrow: 1 }],
    [{ last: 1 }, { last: 3 }, { wide: 5, narrow: 3 }],
  ]) {
    it(`read each from its own beginning: ${JSON.stringify([wide, narrow])}`, async () => {
      const all = await beginning(wide, narrow);
      await all.clock.advance(6_000);
      numbers(6, 9).forEach(i => all.model.publish('p:x', i));
      await all.clock.advance(100);
      assert.deepEqual(all.narrow.data, numbers(first.narrow, 9));
      assert.deepEqual(all.wide.data, numbers(first.wide, 9));
    });
  }

  it('come together on one WebSocket, and go on from there', async () => {
    const all = await beginning({ last: 2 }, { after: 'earliest' });
    await all.clock.advance(60_000);
    assert.equal(all.model.open('websocket').length, 1);
    all.model.cut();
    all.model.publish('p:x', 6);
    await all.clock.advance(6_000);
    assert.equal(all.model.open('websocket').length, 1);
    assert.deepEqual(all.narrow.data, numbers(1, 6));
    assert.deepEqual(all.wide.data, numbers(4, 6));
  });

  it('miss nothing when all is cut before they have come together', async () => {
    for (let ms = 0; ms <= 60; ms += 3) {
      const all = await beginning({ last: 2 }, { after: 'earliest' });
      await all.clock.advance(ms);
      all.model.cut();
      all.model.publish('p:x', 6);
      await all.clock.advance(60_000);
      all.model.publish('p:x', 7);
      await all.clock.advance(100);
      assert.deepEqual(all.narrow.data, numbers(1, 7), `cut after ${ms} ms`);
      assert.deepEqual(all.wide.data.slice(-2), [6, 7], `cut after ${ms} ms`);
    }
  });

  it('go on when the WebSocket of one is lost', async () => {
    for (const lose of ['break', 'stall']) {
      const all = await beginning({ last: 2 }, { after: 'earliest' });
      for (let i = 0; i < 500 && all.model.open('websocket').length < 2; i++) await all.clock.advance(1);
      const [, detour] = all.model.open('websocket');
      assert.ok(detour, 'a WebSocket of its own');
      if (lose === 'break') detour.break();
      else detour.stalled = true;
      await all.clock.advance(120_000);
      all.model.publish('p:x', 6);
      await all.clock.advance(6_000);
      assert.deepEqual(all.narrow.data, numbers(1, 6), lose);
      assert.deepEqual(all.wide.data, numbers(4, 6), lose);
    }
  });

  it('leave no WebSocket behind when they are closed', async () => {
    const all = await beginning({ last: 2 }, { after: 'earliest' });
    for (let i = 0; i < 500 && all.model.open('websocket').length < 2; i++) await all.clock.advance(1);
    all.narrow.subscription.close();
    await all.clock.advance(100);
    assert.equal(all.model.open('websocket').length, 1);
    all.hub.close();
    await all.clock.advance(100);
    assert.equal(all.model.open('websocket').length, 0);
  });
});
