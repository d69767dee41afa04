// What the samples of the documentation find around them: the names that their text explains, and
// what browsers have and Node has not.

import { connect } from 'anabranch';
import { EventSource } from 'eventsource';
import WebSocket from 'ws';

const { ANABRANCH_TOKEN: token, HUB: address } = process.env;
const { fetch } = globalThis;
let hub;

Object.assign(globalThis, {
  connect,
  EventSource,
  WebSocket,
  jwt: token,
  draw: message => console.log('drawn', message.channel),
  reload: () => {},
  fetch: (url, options) => (url === '/my/token' ? new Response(token) : fetch(url, options)),
});

Object.defineProperty(globalThis, 'hub', { get: () => (hub ??= connect(address, { token })) });
