import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collect, fixture } from './support/fixture.js';

/** Tokens t1, t2, … each time it is asked. */
function supplier() {
  let count = 0;
  const ask = async () => `t${++count}`;
  return Object.defineProperty(ask, 'count', { get: () => count });
}

for (const kind of ['websocket', 'sse']) {
  describe(`tokens over ${kind}`, () => {
    it('are renewed before they expire, without a reconnection', async () => {
      const token = supplier();
      const { clock, hub, model, told } = fixture({ client: { token, transports: [kind] }, prepare: model => (model.lifetime = 3_600_000) });
      const reader = collect(hub, 'a');
      await clock.advance(3_560_000);
      assert.equal(token.count, 1);
      await clock.advance(11_000);
      assert.equal(token.count, 2);
      const [connection] = model.connections;
      assert.equal(kind === 'sse' ? model.seen.streams.at(-1).token : connection.token, 't2');
      assert.equal(model.connections.size, 1);
      model.publish('a', 1);
      await clock.advance(100);
      assert.deepEqual(reader.data, [1]);
      assert.deepEqual(told.state, ['open']);
      await clock.advance(3_600_000);
      assert.equal(token.count, 3);
    });

    it('that live for seconds are renewed at half their life', async () => {
      const token = supplier();
      const { clock, hub } = fixture({ client: { token, transports: [kind] }, prepare: model => (model.lifetime = 4_000) });
      collect(hub, 'a');
      await clock.advance(10_500);
      assert.ok(token.count >= 5 && token.count <= 6, `${token.count}`);
    });

    it('are asked for again when the hub refuses one in the middle', async () => {
      const token = supplier();
      const { clock, hub, model, told } = fixture({ client: { token, transports: [kind] } });
      const reader = collect(hub, 'a');
      await clock.advance(6_000);
      model.accepts = value => value === 't2';
      model.close(4401, 'expired');
      model.publish('a', 1);
      await clock.advance(100);
      assert.equal(hub.state, 'open');
      assert.deepEqual(reader.data, [1]);
      assert.deepEqual(told.error.map(({ status, code }) => [status, code]), [[401, 'unauthorized']]);
    });

    it('that are refused twice end it', async () => {
      const token = supplier();
      const { clock, hub, model, told } = fixture({ client: { token, transports: [kind] } });
      collect(hub, 'a');
      await clock.advance(6_000);
      model.close(4401, 'expired');
      await clock.advance(1_000);
      model.close(4401, 'revoked');
      await clock.advance(1_000);
      assert.equal(hub.state, 'closed');
      assert.equal(told.error.length, 2);
      assert.equal(token.count, 2);
    });

    it('that are fixed cannot be renewed', async () => {
      const { clock, hub, model } = fixture({ client: { token: 'fixed', transports: [kind] }, prepare: model => (model.lifetime = 10_000) });
      collect(hub, 'a');
      await clock.advance(9_000);
      assert.equal(hub.state, 'open');
      model.close(4401, 'expired');
      await clock.advance(100);
      assert.equal(hub.state, 'closed');
    });

    it('that cannot be had now are asked for later', async () => {
      let fails = true;
      const token = async () => {
        if (fails) throw new Error('login server down');
        return 't';
      };
      const { clock, hub, told } = fixture({ client: { token, transports: [kind] } });
      collect(hub, 'a');
      await clock.advance(100);
      assert.equal(hub.state, 'waiting');
      assert.equal(told.error[0].code, 'no_token');
      assert.equal(told.error[0].cause.message, 'login server down');
      fails = false;
      await clock.advance(10_000);
      assert.equal(hub.state, 'open');
    });
  });
}

describe('tokens', () => {
  it('are asked for once when both transports are refused for one', async () => {
    const token = supplier();
    const { clock, hub, model } = fixture({ client: { token }, prepare: model => (model.accepts = value => value === 't2') });
    collect(hub, 'a');
    await clock.advance(1_000);
    assert.equal(hub.state, 'open');
    assert.equal(token.count, 2);
    assert.ok(model.seen.streams.length >= 1);
  });

  it('are asked for again when REST refuses one', async () => {
    const token = supplier();
    const { clock, hub, model } = fixture({ client: { token, transports: ['sse'] } });
    collect(hub, 'a');
    await clock.advance(6_000);
    model.accepts = value => value === 't2';
    const publish = hub.publish('a', 1);
    await clock.advance(100);
    await publish;
    assert.equal(token.count, 2);
  });

  it('that expire without a connection are replaced each time', async () => {
    const token = supplier();
    const { clock, hub, model } = fixture({ client: { token, transports: ['sse'] } });
    for (let i = 1; i <= 4; i++) {
      model.accepts = value => value === `t${i}`;
      const publish = hub.publish('a', i);
      await clock.advance(100);
      await publish;
    }
    assert.equal(token.count, 4);
  });

  it('are asked for again when an upgrade was refused, for whatever reason', async () => {
    const token = supplier();
    const { clock, hub, model } = fixture({ client: { token, transports: ['websocket'] }, prepare: model => (model.accepts = value => value === 't3') });
    collect(hub, 'a');
    await clock.advance(10_000);
    assert.equal(hub.state, 'open');
    assert.equal(model.seen.websockets.length, 3);
  });

  it('are tried again when renewing one fails', async () => {
    let count = 0;
    const token = async () => {
      if (++count === 2) throw new Error('login server down');
      return `t${count}`;
    };
    const { clock, hub, told } = fixture({ client: { token }, prepare: model => (model.lifetime = 100_000) });
    collect(hub, 'a');
    await clock.advance(99_000);
    assert.equal(count, 3);
    assert.deepEqual(told.error.map(({ code }) => code), ['no_token']);
    assert.equal(hub.state, 'open');
  });
});
