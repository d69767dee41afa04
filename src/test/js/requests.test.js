import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HubError } from '../../../webroot/anabranch.js';
import { collect, fixture } from './support/fixture.js';
import { problem } from './support/model.js';

const published = model => model.log.map(({ data }) => data);

async function open(kind, options) {
  const all = fixture({ client: { transports: kind && [kind], ...options } });
  collect(all.hub, 'a');
  await all.clock.advance(6_000);
  return all;
}

/** What a promise came to, without waiting for it. */
function outcome(promise) {
  const result = { state: 'pending' };
  promise.then(
    value => Object.assign(result, { state: 'resolved', value }),
    error => Object.assign(result, { state: 'rejected', error }),
  );
  return result;
}

for (const kind of ['websocket', 'sse']) {
  describe(`requests over ${kind}`, () => {
    it('publish, with an event and a dedup value', async () => {
      const { clock, hub, model } = await open(kind);
      const first = outcome(hub.publish('room:1/a@b', { text: 'hi' }, { event: 'said', dedup: 'one' }));
      await clock.advance(100);
      const again = outcome(hub.publish('room:1/a@b', { text: 'hi' }, { event: 'said', dedup: 'one' }));
      await clock.advance(100);
      assert.equal(model.log.length, 1);
      const [{ id, channel, event, data }] = model.log;
      assert.deepEqual({ channel, event, data }, { channel: 'room:1/a@b', event: 'said', data: { text: 'hi' } });
      assert.deepEqual(first.value, { id });
      assert.deepEqual(again.value, { id });
    });

    it('publish falsy values', async () => {
      const { clock, hub, model } = await open(kind);
      for (const value of [null, 0, '', false]) hub.publish('a', value);
      await clock.advance(100);
      assert.deepEqual(published(model), [null, 0, '', false]);
    });

    it('keep the order of publishes', async () => {
      const { clock, hub, model } = await open(kind);
      for (let i = 0; i < 20; i++) hub.publish('a', i);
      await clock.advance(1_000);
      assert.deepEqual(published(model), Array.from({ length: 20 }, (_, i) => i));
    });

    it('read history, presence and services', async () => {
      const { clock, hub, model } = await open(kind);
      model.publish('a', 1);
      model.publish('a', 2);
      const history = outcome(hub.history('a', { after: 'earliest', limit: 1 }));
      const presence = outcome(hub.presence('a'));
      const call = outcome(hub.call('echo', { book: 3 }));
      await clock.advance(100);
      assert.deepEqual(history.value.messages.map(({ data }) => data), [1]);
      assert.equal(history.value.more, true);
      assert.deepEqual(presence.value, { count: 0, users: [] });
      assert.deepEqual(call.value, { book: 3 });
    });

    it('wait until there is a connection, in order', async () => {
      const { clock, hub, model } = fixture({
        client: { transports: [kind] },
        prepare: model => (model[kind] = 'refused'),
      });
      collect(hub, 'a');
      await clock.advance(1_000);
      const results = [1, 2, 3].map(i => outcome(hub.publish('a', i)));
      await clock.advance(1_000);
      assert.ok(results.every(({ state }) => state === 'pending'));
      model[kind] = 'ok';
      await clock.advance(10_000);
      assert.deepEqual(published(model), [1, 2, 3]);
      assert.ok(results.every(({ state }) => state === 'resolved'));
    });

    it('are kept up to 100, then refused', async () => {
      const { clock, hub, model } = fixture({ client: { transports: [kind] }, prepare: model => (model[kind] = 'refused') });
      collect(hub, 'a');
      await clock.advance(100);
      const results = Array.from({ length: 101 }, (_, i) => outcome(hub.publish('a', i)));
      await clock.advance(0);
      assert.equal(results[100].error.code, 'queue_full');
      model[kind] = 'ok';
      await clock.advance(10_000);
      assert.equal(model.log.length, 100);
    });

    it('publish once, although the answer was lost', async () => {
      const { clock, hub, model } = await open(kind);
      model.rest = 'loses answers';
      const result = outcome(hub.publish('a', 1));
      await clock.advance(100);
      assert.equal(result.state, 'pending');
      model.rest = 'ok';
      await clock.advance(5_000);
      assert.deepEqual(result, { state: 'resolved', value: { id: model.log[0].id } });
      assert.equal(model.log.length, 1);
    });

    it('are refused when the hub is closed', async () => {
      const { clock, hub, model } = await open(kind);
      model.stall();
      const result = outcome(hub.publish('a', 1));
      hub.close();
      await clock.advance(0);
      assert.ok(result.error instanceof HubError);
      assert.equal(result.error.code, 'closed');
      await assert.rejects(hub.history('a'), { code: 'closed' });
    });
  });
}

describe('requests', () => {
  it('go out again, in order, over the transport that is next', async () => {
    const { clock, hub, model } = await open();
    model.stall('websocket');
    const results = [1, 2, 3].map(i => outcome(hub.publish('a', i)));
    await clock.advance(100);
    model.websocket = 'refused';
    model.cut('websocket');
    hub.publish('a', 4);
    await clock.advance(2_000);
    assert.equal(hub.transport, 'sse');
    assert.deepEqual(published(model), [1, 2, 3, 4]);
    assert.ok(results.every(({ state }) => state === 'resolved'));
  });

  it('do not overtake each other when moving up', async () => {
    const { clock, hub, model } = fixture({ prepare: model => (model.websocket = 'refused') });
    collect(hub, 'a');
    await clock.advance(50);
    model.websocket = 'ok';
    const sent = [];
    for (let i = 0; hub.transport !== 'websocket' || i % 10; i++) {
      hub.publish('a', i);
      sent.push(i);
      await clock.advance(20);
    }
    await clock.advance(1_000);
    assert.deepEqual(published(model), sent);
  });

  it('go together by REST when they wait for one another', async () => {
    const { clock, hub, model } = await open('sse');
    const before = model.seen.requests.length;
    for (let i = 0; i < 60; i++) hub.publish('a', i);
    await clock.advance(1_000);
    assert.deepEqual(published(model), Array.from({ length: 60 }, (_, i) => i));
    assert.equal(model.seen.requests.length - before, 3, 'one, then 50, then 9');
  });

  it('are not repeated when the hub may have forgotten the first', async () => {
    const { clock, hub, model } = await open('sse');
    model.rest = 'loses answers';
    const result = outcome(hub.publish('a', 1));
    await clock.advance(180_000);
    assert.equal(result.error.code, 'unanswered');
    const sent = model.seen.requests.length;
    await clock.advance(180_000);
    assert.equal(model.seen.requests.length, sent);
  });

  it('do not repeat a call over a broken connection', async () => {
    const { clock, hub, model } = await open('websocket');
    model.stall();
    const result = outcome(hub.call('echo', 1));
    model.cut();
    await clock.advance(2_000);
    assert.equal(result.error.code, 'disconnected');
  });

  it('are refused with status, code and message', async () => {
    const { clock, hub, model } = await open('sse');
    model.rest = problem(403, 'forbidden', { detail: 'no publish permission for a' });
    const result = outcome(hub.publish('a', 1));
    await clock.advance(100);
    const { name, status, code, message } = result.error;
    assert.deepEqual({ name, status, code, message }, { name: 'HubError', status: 403, code: 'forbidden', message: 'no publish permission for a' });
    model.forbidden.add('b');
  });

  it('are refused the same over WebSocket', async () => {
    const { clock, hub, model } = await open('websocket');
    model.forbidden.add('b');
    const result = outcome(hub.publish('b', 1));
    await clock.advance(100);
    assert.deepEqual([result.error.status, result.error.code], [403, 'forbidden']);
  });

  it('come again after Retry-After when the hub is unavailable, three times in all', async () => {
    const { clock, hub, model } = await open('sse');
    model.rest = problem(503, 'unavailable', {}, { 'Retry-After': '2' });
    const result = outcome(hub.publish('a', 1));
    await clock.advance(1_900);
    assert.equal(model.seen.requests.length, 1);
    await clock.advance(10_000);
    assert.equal(model.seen.requests.length, 3);
    assert.equal(result.error.status, 503);
    assert.equal(result.error.retryAfter, 2_000);
  });

  it('understand a Retry-After that is a date, and answers that are no JSON', async () => {
    const { clock, hub, model } = await open('sse');
    const date = new Date(Date.now() + 60_000).toUTCString();
    model.rest = new Response('<html>', { status: 429, headers: { 'Retry-After': date } });
    const result = outcome(hub.publish('a', 1));
    await clock.advance(100);
    assert.equal(result.error.code, 'http');
    assert.ok(result.error.retryAfter > 50_000 && result.error.retryAfter <= 60_000);
  });

  it('come again when nothing answers for 30 s', async () => {
    const { clock, hub, model } = await open('sse');
    model.rest = 'blackhole';
    const result = outcome(hub.publish('a', 1));
    await clock.advance(31_000);
    model.rest = 'ok';
    await clock.advance(40_000);
    assert.equal(result.state, 'resolved');
    assert.equal(model.log.length, 1);
  });

  it('wait less and less eagerly while the network refuses them', async () => {
    const { clock, hub, model } = await open('sse');
    model.rest = 'refused';
    const result = outcome(hub.publish('a', 1));
    await clock.advance(60_000);
    assert.ok(model.seen.requests.length < 10);
    assert.equal(result.state, 'pending');
    model.rest = 'ok';
    await clock.advance(30_000);
    assert.equal(result.state, 'resolved');
  });

  it('find the hub below a path', async () => {
    const all = fixture({ later: true });
    const hub = all.start({ transports: ['sse'] });
    hub.close();
    const { connect } = await import('../../../webroot/anabranch.js');
    const below = connect('https://example.org/hub?x=1', { clock: all.clock, fetch: all.model.fetch, WebSocket: all.model.WebSocket });
    collect(below, 'a');
    below.publish('a', 1);
    await all.clock.advance(50);
    assert.equal(all.model.seen.websockets[0].url.origin + all.model.seen.websockets[0].url.pathname, 'wss://example.org/hub/ws');
    below.close();
  });

  it('without a listener for errors tell the console', async t => {
    const complaint = t.mock.method(console, 'error', () => {});
    const { clock, model, start } = fixture({ later: true, prepare: model => (model.websocket = 'refused') });
    const { connect } = await import('../../../webroot/anabranch.js');
    // The probe for a WebSocket comes at a random moment: not within this test.
    const random = () => 0.5;
    const hub = connect('http://hub.test', { clock, random, fetch: model.fetch, WebSocket: model.WebSocket });
    collect(hub, 'a');
    await clock.advance(100);
    assert.equal(complaint.mock.callCount(), 1);
    assert.equal(complaint.mock.calls[0].arguments[0].code, 'disconnected');
    hub.close();
    assert.ok(start);
  });
});
