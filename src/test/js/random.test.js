import assert from 'node:assert/strict';
import { it } from 'node:test';
import { collect, fixture } from './support/fixture.js';
import { seeded } from './support/clock.js';

const SEEDS = process.env.ANABRANCH_SEED ? [Number(process.env.ANABRANCH_SEED)] : [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const STEPS = 400;
const CHANNELS = ['a', 'p:x', 'p:y', 'p:z'];

/** What a network does to a client, each with its weight. */
const FAULTS = [
  [3, ({ model }) => model.cut()],
  [3, ({ model }) => model.cut('websocket')],
  [3, ({ model }) => model.cut('sse')],
  [2, ({ model, any }) => model.stall(any(['websocket', 'sse']))],
  [6, ({ model, any }) => (model.websocket = any(['ok', 'ok', 'ok', 'refused', 'blackhole', 'dies', 'mute']))],
  [6, ({ model, any }) => (model.sse = any(['ok', 'ok', 'ok', 'refused', 'blackhole', 'buffered']))],
  [4, ({ model, any }) => (model.rest = any(['ok', 'ok', 'ok', 'refused', 'loses answers']))],
  [4, ({ model, any }) => any([...model.connections, null])?.losing.add(nextId(model))],
  [2, ({ model }) => model.close(4503, 'restarting', 700)],
  [2, ({ model }) => (model.latency = 1 + Math.floor(model.random() * 40))],
  [3, ({ page, any }) => page.tell(any(['hidden', 'shown', 'offline', 'online']))],
  [1, ({ clock }) => clock.sleep(60_000)],
  [20, () => {}],
].flatMap(([weight, fault]) => Array(weight).fill(fault));

function nextId(model) {
  return `${model.epoch}-${model.head + 1 + (model.head % 3)}`;
}

function sliceRandomly(random) {
  return bytes => {
    const at = 1 + Math.floor(random() * (bytes.length - 1));
    return [bytes.slice(0, at), bytes.slice(at)];
  };
}

for (const seed of SEEDS) {
  it(`loses, repeats and reorders nothing, whatever the network does (seed ${seed})`, async () => {
    const random = seeded(seed);
    const any = list => list[Math.floor(random() * list.length)];
    const all = fixture({
      client: { random },
      prepare: model => Object.assign(model, { random, slice: sliceRandomly(random) }),
    });
    const { clock, model, hub, page, told } = all;
    const readers = [collect(hub, 'a'), collect(hub, 'p:*', { last: 2 }), collect(hub, 'p:x'), collect(hub, 'p:y', { conflate: 300 })];
    await clock.advance(15_000);
    const begun = model.head;
    const sent = [];
    const sentDone = [];
    const unknown = new Set();
    let late = null;
    for (let step = 0; step < STEPS; step++) {
      any(FAULTS)({ ...all, any });
      for (let i = Math.floor(random() * 6); i > 0; i--) model.publish(any(CHANNELS), step * 10 + i);
      if (random() < 0.2 && sent.length - sentDone.length - unknown.size < 90) {
        sent.push(step);
        hub.publish('sent', step).then(() => sentDone.push(step), error => {
          assert.equal(error.code, 'unanswered');
          unknown.add(step);
        });
      }
      if (step === STEPS / 2) late = collect(hub, 'p:z', { after: 'earliest' });
      await clock.advance(Math.floor(random() * random() * 12_000));
    }
    Object.assign(model, { websocket: 'ok', sse: 'ok', rest: 'ok', latency: 5 });
    page.tell('shown');
    await clock.advance(180_000);
    // The last word on each channel: what was lost before it, it shows by its `prev`.
    for (const connection of model.connections) connection.losing.clear();
    for (const channel of CHANNELS) model.publish(channel, 'last');
    await clock.advance(1_000);

    assert.ok(begun >= 1000);
    const [a, p, x, conflated] = readers;
    assert.deepEqual(byChannel(a), expected(model, ['a']));
    assert.deepEqual(byChannel(p), expected(model, ['p:x', 'p:y', 'p:z']));
    assert.deepEqual(byChannel(x), expected(model, ['p:x']));
    assert.deepEqual(byChannel(late), expected(model, ['p:z']));
    const ys = conflated.messages.map(({ id }) => Number(id.split('-')[1]));
    assert.deepEqual(ys, [...new Set(ys)].sort((one, other) => one - other), 'conflated, but in order and once');
    assert.equal(conflated.messages.at(-1).id, model.log.findLast(({ channel }) => channel === 'p:y').id);
    const stored = model.log.filter(({ channel }) => channel === 'sent').map(({ data }) => data);
    assert.deepEqual(stored, sent.filter(step => stored.includes(step)), 'published once, in order');
    assert.deepEqual(sentDone, sent.filter(step => !unknown.has(step)), 'each has its answer');
    assert.ok(sentDone.every(step => stored.includes(step)));
    assert.deepEqual(told.gap, []);
    assert.equal(hub.state, 'open');
    assert.equal(hub.transport, 'websocket');
    assert.ok(told.transport.length > 20, `only ${told.transport.length} changes of transport`);
    hub.close();
  });
}

function byChannel({ messages }) {
  return group(messages);
}

function expected(model, channels) {
  return group(model.log.filter(({ channel }) => channels.includes(channel)));
}

/** channel → ids in their order; over channels the order may differ after a repair. */
function group(messages) {
  const groups = {};
  for (const { channel, id } of messages) (groups[channel] ??= []).push(id);
  return groups;
}
