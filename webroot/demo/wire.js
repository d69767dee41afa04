// Wire: opens /ws or /sse as the visitor says, by the platform's own means, and shows what comes.

import { byId, element, refusal } from '/dom.js';
import { bar } from './page.js';
import { Raw, idOf, readLines } from './raw.js';

const EXAMPLES = [
  { type: 'publish', ref: 1, channel: 'chat:lobby', data: { name: 'Ann', text: 'hi' } },
  { type: 'subscribe', ref: 2, channel: 'chat:lobby', last: 10 },
  { type: 'subscribe', ref: 3, channel: 'ticker:*', last: 1, conflate: 1000 },
  { type: 'unsubscribe', ref: 4, channel: 'ticker:A*' },
  { type: 'history', ref: 5, channel: 'chat:lobby', limit: 2 },
  { type: 'presence', ref: 6, channel: 'chat:lobby' },
  { type: 'call', ref: 7, service: 'library.list' },
  { type: 'ping', ref: 8 },
];

const raw = new Raw(byId('raw'));
const strip = bar(['websocket', 'sse'], choose);
let connection;
let cursor;

/** What both kinds of connection tell the page; what comes after the end is passed over. */
class Connection {
  #over = false;

  opened() {
    if (!this.#over) strip.show('open', this.transport);
  }

  /** Everything up to this id has come; frames without one say nothing of it. */
  reached(id) {
    if (this.#over || !id) return;
    cursor = id;
    byId('cursor').textContent = id;
    buttons();
  }

  ended(words) {
    if (this.#over) return;
    this.#over = true;
    connection = undefined;
    raw.own(words);
    strip.show('closed', null);
    buttons();
  }
}

class Stream extends Connection {
  transport = 'sse';
  #abort = new AbortController();

  constructor(path, token, after) {
    super();
    const headers = { Accept: 'text/event-stream' };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (after) headers['Last-Event-ID'] = after;
    raw.own(`GET ${path}${after ? `, Last-Event-ID: ${after}` : ''}`);
    this.#read(path, headers);
  }

  async #read(path, headers) {
    try {
      const options = { headers, signal: this.#abort.signal, cache: 'no-store' };
      const response = await fetch(path, options);
      if (!response.ok) throw new Error(await refusal(response));
      raw.own(`${response.status}, ${response.headers.get('Content-Type')}`);
      this.opened();
      await readLines(response.body, line => {
        raw.line(line);
        this.reached(idOf(line));
      });
      this.ended('Ended by the hub');
    } catch (failure) {
      this.ended(failure.message);
    }
  }

  cut() {
    this.ended('Cut');
    this.#abort.abort();
  }
}

class Socket extends Connection {
  transport = 'websocket';
  #socket;

  constructor(path, token) {
    super();
    const protocols = ['anabranch.v1', ...(token ? [`bearer.${token}`] : [])];
    raw.own(`WebSocket ${path}`);
    this.#socket = new WebSocket(location.origin.replace(/^http/, 'ws') + path, protocols);
    this.#socket.onopen = () => this.opened();
    this.#socket.onmessage = ({ data }) => this.#receive(data);
    this.#socket.onclose = ({ code, reason }) => this.ended(`Closed: ${code} ${reason}`);
  }

  #receive(text) {
    const frame = JSON.parse(text);
    raw.frame(text, frame.type);
    if (frame.type === 'message') this.reached(frame.id);
    if (frame.type === 'ready' || frame.type === 'heartbeat') this.reached(frame.cursor);
  }

  send(text) {
    raw.frame(text, 'sent', true);
    this.#socket.send(text);
  }

  cut() {
    this.ended('Cut');
    this.#socket.close();
  }
}

/** The path and query, after an id or as the fields say. */
function path(after = '') {
  const query = new URLSearchParams();
  for (const channel of byId('channels').value.split(/[\s,]+/).filter(Boolean)) {
    query.append('channel', channel);
  }
  const begin = after || byId('after').value.trim();
  if (begin) query.set('after', begin);
  else if (byId('last').value.trim()) query.set('last', byId('last').value.trim());
  if (byId('conflate').value.trim()) query.set('conflate', byId('conflate').value.trim());
  if (isStream() && byId('envelope').checked) query.set('envelope', 'true');
  return `/${isStream() ? 'sse' : 'ws'}?${String(query).replaceAll('%3A', ':')}`;
}

function isStream() {
  return strip.choice === 'sse';
}

function open(after) {
  connection?.cut();
  const token = byId('token').value.trim();
  strip.show('connecting', null);
  connection = isStream() ? new Stream(path(), token, after) : new Socket(path(after), token);
  buttons();
}

function choose() {
  connection?.cut();
  show();
}

function show() {
  const scheme = isStream() ? location.origin : location.origin.replace(/^http/, 'ws');
  byId('url').textContent = scheme + path();
  byId('envelope').disabled = !isStream();
}

function buttons() {
  byId('cut').disabled = !connection;
  byId('resume').disabled = Boolean(connection) || !cursor;
  byId('go').disabled = connection?.transport !== 'websocket';
}

for (const example of EXAMPLES) {
  const { type, channel, service } = example;
  const name = `${type} ${channel ?? service ?? ''}`.trim();
  byId('example').append(element('option', { value: JSON.stringify(example) }, name));
}
const takeExample = () => {
  byId('text').value = byId('example').value;
};
byId('example').addEventListener('change', takeExample);
byId('open').addEventListener('input', show);
byId('open').addEventListener('submit', event => {
  event.preventDefault();
  open();
});
byId('cut').addEventListener('click', () => connection.cut());
byId('resume').addEventListener('click', () => open(cursor));
byId('frame').addEventListener('submit', event => {
  event.preventDefault();
  connection.send(byId('text').value);
});
strip.show('Not connected', null);
takeExample();
show();
