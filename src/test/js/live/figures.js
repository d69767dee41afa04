/**
 * How long a reader hears nothing when its WebSocket ends in a certain way. The first argument is
 * `{ url, control, tokens, name, actions, rounds }` as JSON; the answer is action → silences in ms, rising.
 */
import WebSocket from 'ws';
import { connect } from '../../../../webroot/anabranch.js';
import { faultProxy } from './faults.js';
import { Reader } from './reader.js';

const { url, control, tokens, name, actions, rounds } = JSON.parse(process.argv[2]);
const proxy = faultProxy(control);
const sleep = delay => new Promise(resolve => setTimeout(resolve, delay));

const becomes = (hub, transport) =>
  new Promise(resolve => {
    const stop = hub.on('transport', kind => {
      if (kind !== transport) return;
      stop();
      resolve();
    });
  });

async function silence(action, round) {
  const client = `${name}-${action}-${round}`;
  const hub = connect(url, { client, token: tokens[0], WebSocket });
  const reader = new Reader();
  hub.on('error', () => {});
  hub.subscribe('load:*', message => reader.take({ ...message, data: { n: 1 } }));
  await becomes(hub, 'websocket');
  await sleep(6_000);
  reader.forgetSilence();
  const moved = becomes(hub, 'sse');
  await proxy(action, { client, kind: 'websocket' });
  await moved;
  await sleep(500);
  hub.close();
  return Math.round(reader.longestSilence * 10) / 10;
}

const figures = {};
for (const action of actions) {
  const measured = [];
  for (let round = 0; round < rounds; round++) {
    // Apart from each other, so that none measures its neighbour.
    measured.push(silence(action, round));
    await sleep(250);
  }
  figures[action] = (await Promise.all(measured)).sort((a, b) => a - b);
}
console.log(JSON.stringify(figures));
process.exit();
