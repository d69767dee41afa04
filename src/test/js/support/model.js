/**
 * A hub in memory: one ordered log, read over pretended WebSockets and event streams whose network
 * a test can cut, stall, delay and slice.
 */

const LATENCY = 5;

const matches = (pattern, channel) => (pattern.endsWith('*') ? channel.startsWith(pattern.slice(0, -1)) : channel === pattern);
const before = message => message && message.id.replace(/\d+$/, seq => seq - 1);
const seqOf = id => Number(id.slice(id.indexOf('-') + 1));

export class ModelHub {
  epoch = 'k4x9';
  log = [];
  head = 1000;
  /** Ids up to here are no longer in the log. */
  forgotten = 0;
  heartbeat = 15_000;
  /** What happens to new connections: `ok`, `refused`, `blackhole`, `mute`, `dies`, `buffered`, or an answer. */
  websocket = 'ok';
  sse = 'ok';
  rest = 'ok';
  /** Whether a token is good. */
  accepts = () => true;
  /** Milliseconds from now until a token ends. */
  lifetime = undefined;
  services = { echo: data => data };
  /** How subscriptions are refused: status and code. */
  refusal = [403, 'forbidden'];
  /** Subscriptions that are refused. */
  forbidden = new Set();
  /** Whether a refusal names the channels. */
  naming = true;
  latency = LATENCY;
  slice = text => [text];
  /** What arrived, for tests to look at. */
  seen = { websockets: [], streams: [], requests: [], frames: [], tickets: [] };
  connections = new Set();
  #dedup = new Map();
  #prev = new Map();

  constructor(clock) {
    this.clock = clock;
    this.WebSocket = webSocketOf(this);
    this.EventSource = eventSourceOf(this);
    this.fetch = (url, options) => this.#fetch(new URL(url), options);
    this.#beat();
  }

  get cursor() {
    return `${this.epoch}-${this.head}`;
  }

  publish(channel, data, { dedup, event } = {}) {
    if (dedup && this.#dedup.has(dedup)) return this.#dedup.get(dedup);
    this.head += 1 + (this.head % 3);
    const message = { type: 'message', id: this.cursor, prev: this.#prev.get(channel), channel, event, data, time: this.clock.now() };
    this.#prev.set(channel, message.id);
    if (dedup) this.#dedup.set(dedup, message.id);
    this.log.push(message);
    for (const connection of this.connections) connection.offer(message);
    return message.id;
  }

  /** The past is lost: another epoch begins. */
  reset(epoch) {
    this.epoch = epoch;
    this.head = 0;
    this.log = [];
    this.#prev.clear();
    this.cut();
  }

  /** What a reader at `after` gets: `{ gaps, messages }`. */
  read(patterns, { after, last }) {
    const kept = this.log.filter(({ id, channel }) => seqOf(id) > this.forgotten && patterns.some(pattern => matches(pattern, channel)));
    if (after === 'earliest') return { gaps: [], messages: kept };
    if (after) return this.#readAfter(kept, patterns, after);
    if (!last) return { gaps: [], messages: [] };
    const channels = new Set(kept.map(({ channel }) => channel));
    const newest = [...channels].flatMap(name => kept.filter(({ channel }) => channel === name).slice(-last));
    return { gaps: [], messages: newest.sort((a, b) => seqOf(a.id) - seqOf(b.id)) };
  }

  #readAfter(kept, patterns, after) {
    if (!after.startsWith(`${this.epoch}-`)) {
      return { gaps: patterns.map(channel => ({ type: 'gap', channel, after, resumed: kept.find(m => m.channel === channel)?.prev, reason: 'reset' })), messages: kept };
    }
    const messages = kept.filter(({ id }) => seqOf(id) > seqOf(after));
    const gaps = [];
    for (const channel of new Set(messages.map(message => message.channel))) {
      const resumed = messages.find(message => message.channel === channel).prev;
      if (resumed && seqOf(resumed) > seqOf(after)) gaps.push({ type: 'gap', channel, after, resumed, reason: 'expired' });
    }
    return { gaps, messages };
  }

  /** Breaks what is open, all or one kind, as a lost network does. */
  cut(kind) {
    for (const connection of [...this.connections]) {
      if (!kind || connection.kind === kind) connection.break();
    }
  }

  /** From now on nothing passes any more through what is open. */
  stall(kind) {
    for (const connection of this.connections) {
      if (!kind || connection.kind === kind) connection.stalled = true;
    }
  }

  close(code, reason, retryAfter) {
    for (const connection of [...this.connections]) connection.goodbye({ type: 'close', code, reason, retryAfter });
  }

  open(kind) {
    return [...this.connections].filter(connection => connection.kind === kind);
  }

  ready(token) {
    const expires = this.lifetime === undefined ? undefined : this.clock.now() + this.lifetime;
    return { type: 'ready', session: 's', user: token, cursor: this.cursor, heartbeat: this.heartbeat, expires };
  }

  later(action) {
    this.clock.setTimeout(action, this.latency);
  }

  #beat() {
    this.clock.setTimeout(() => {
      for (const connection of this.connections) connection.beat();
      this.#beat();
    }, this.heartbeat);
  }

  async #fetch(url, { method = 'GET', headers = {}, body, signal }) {
    const token = headers.Authorization?.slice('Bearer '.length);
    if (url.pathname.endsWith('/sse')) return this.#stream(url, token, signal);
    const request = { method, path: url.pathname.replace(/^.*\/api\/v1/, ''), url, headers, body: body && parse(body, headers), token };
    this.seen.requests.push(request);
    await this.#travel(signal);
    const { rest } = this;
    if (rest === 'refused') throw new TypeError('fetch failed');
    if (rest === 'blackhole') return this.#never(signal);
    if (rest instanceof Response) return rest.clone();
    if (!this.accepts(token)) return problem(401, 'unauthorized');
    const answer = this.#answer(request);
    await this.#travel(signal);
    if (rest === 'loses answers') throw new TypeError('fetch failed');
    return Response.json(answer);
  }

  #travel(signal) {
    return new Promise((resolve, reject) => {
      this.later(resolve);
      signal?.addEventListener('abort', () => reject(signal.reason));
    });
  }

  #never(signal) {
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  }

  #answer({ method, path, url, headers, body }) {
    const [, kind, name, what] = path.split('/').map(decodeURIComponent);
    const query = Object.fromEntries(url.searchParams);
    if (kind === 'tickets') return { ticket: 'once', expiresIn: 30 };
    if (kind === 'messages') return body.map(({ channel, data, event, dedup }) => ({ id: this.publish(channel, data, { event, dedup }), channel }));
    if (kind === 'services') return { data: this.services[name](body) };
    if (method === 'POST') return { id: this.publish(name, body, { dedup: headers['Idempotency-Key'], ...query }), channel: name };
    return what === 'presence' ? { count: 0, users: [] } : this.history(name, query);
  }

  history(channel, { after = 'earliest', limit = 100 }) {
    const { messages } = this.read([channel], { after });
    const page = messages.slice(0, Number(limit));
    return { messages: page, cursor: page.at(-1)?.id ?? this.cursor, more: page.length < messages.length };
  }

  async #stream(url, token, signal) {
    this.seen.streams.push({ url, token });
    await this.#travel(signal);
    const { sse } = this;
    if (sse === 'refused') throw new TypeError('fetch failed');
    if (sse === 'blackhole') return this.#never(signal);
    if (sse instanceof Response) return sse.clone();
    if (!this.accepts(token)) return problem(401, 'unauthorized');
    const channels = url.searchParams.getAll('channel').filter(channel => this.forbidden.has(channel));
    if (channels.length) return problem(...this.refusal, this.naming ? { channels } : {});
    const stream = new Stream(this, url.searchParams, token);
    signal.addEventListener('abort', () => stream.end(signal.reason));
    return new Response(stream.body, { headers: { 'Content-Type': 'text/event-stream' } });
  }
}

export function problem(status, code, more = {}, headers = {}) {
  return new Response(JSON.stringify({ status, code, detail: code, ...more }), { status, headers: { 'Content-Type': 'application/problem+json', ...headers } });
}

/** What a hub knows of one connection: what it reads, and a wire that a test may hold. */
class Reader {
  stalled = false;
  alive = true;
  /** When the last of what is on its way arrives. */
  arrival = 0;
  /** Ids of messages that are lost on the way to this reader, once. */
  losing = new Set();
  feeds = new Map();

  constructor(hub, kind) {
    this.hub = hub;
    this.kind = kind;
    hub.connections.add(this);
  }

  follow(channel, { conflate }) {
    this.feeds.set(channel, { conflate: Number(conflate ?? 0), newest: new Map() });
  }

  offer(message) {
    const feeds = [...this.feeds].filter(([pattern]) => matches(pattern, message.channel)).map(([, feed]) => feed);
    if (feeds.some(({ conflate }) => !conflate)) this.message(message);
    else for (const feed of feeds) this.#conflate(feed, message);
  }

  #conflate(feed, message) {
    if (feed.newest.size === 0) this.hub.clock.setTimeout(() => this.#flush(feed), feed.conflate);
    feed.newest.set(message.channel, message);
  }

  #flush(feed) {
    const messages = [...feed.newest.values()].sort((a, b) => seqOf(a.id) - seqOf(b.id));
    feed.newest.clear();
    for (const message of messages) this.message(message);
  }

  message(message) {
    if (!this.losing.delete(message.id)) this.write(message);
  }

  gone() {
    this.alive = false;
    this.hub.connections.delete(this);
  }

  /** Brings something to the other side, in order, unless the wire is held or broken by then. */
  deliver(action) {
    if (this.stalled) return;
    const now = this.hub.clock.now();
    this.arrival = Math.max(this.arrival, now + this.hub.latency);
    this.hub.clock.setTimeout(() => this.alive && !this.stalled && action(), this.arrival - now);
  }
}

function webSocketOf(hub) {
  return class extends Reader {
    readyState = 0;

    constructor(url, protocols) {
      super(hub, 'websocket');
      this.url = new URL(url);
      this.protocols = protocols;
      this.token = protocols.find(protocol => protocol.startsWith('bearer.'))?.slice('bearer.'.length);
      hub.seen.websockets.push(this);
      this.stalled = hub.websocket === 'blackhole';
      if (hub.websocket === 'refused' || !hub.accepts(this.token)) hub.later(() => this.break());
      else this.deliver(() => this.#open());
    }

    #open() {
      this.readyState = 1;
      this.onopen?.({});
      if (hub.websocket === 'mute') return;
      this.write(hub.ready(this.token));
      if (hub.websocket === 'dies') hub.clock.setTimeout(() => this.break(), 1_000);
    }

    send(text) {
      if (this.readyState !== 1) throw new Error('this WebSocket is not open');
      const frame = JSON.parse(text);
      this.deliver(() => {
        hub.seen.frames.push(frame);
        this.#take(frame);
      });
    }

    #take(frame) {
      const { type, ref, channel } = frame;
      if (hub.forbidden.has(channel)) return this.write({ type: 'error', ref, status: hub.refusal[0], code: hub.refusal[1], message: 'refused' });
      const answer = this[`on_${type}`](frame);
      if (answer) this.write({ type: 'ok', ref, ...answer });
    }

    on_subscribe({ ref, channel, after, last, conflate }) {
      const again = this.feeds.has(channel) && !after && !last;
      if (again || (!after && !last)) {
        this.follow(channel, { conflate });
        return { cursor: hub.cursor, replayed: 0 };
      }
      this.feeds.delete(channel);
      const { gaps, messages } = hub.read([channel], { after, last });
      const { cursor } = hub;
      this.write({ type: 'ok', ref, cursor, replayed: messages.length, recovered: !gaps.length });
      // The log is read after the answer: what others follow may come between.
      hub.later(() => {
        gaps.forEach(gap => this.write(gap));
        const since = hub.read([channel], { after: cursor }).messages;
        [...messages, ...since].forEach(message => this.message(message));
        this.follow(channel, { conflate });
      });
      return null;
    }

    on_unsubscribe({ channel }) {
      this.feeds.delete(channel);
      return {};
    }

    on_publish({ channel, data, dedup, event }) {
      const id = hub.publish(channel, data, { dedup, event });
      if (hub.rest !== 'loses answers') return { id };
      this.break();
      return null;
    }

    on_history({ channel, ...query }) {
      return hub.history(channel, query);
    }

    on_presence() {
      return { count: 0, users: [] };
    }

    on_call({ service, data }) {
      return hub.services[service] && { data: hub.services[service](data) };
    }

    on_auth({ token }) {
      this.token = token;
      return { user: token, expires: hub.ready(token).expires };
    }

    on_ping() {
      return {};
    }

    write(frame) {
      const text = JSON.stringify(frame);
      this.deliver(() => this.onmessage?.({ data: text }));
    }

    beat() {
      if (this.readyState === 1) this.write({ type: 'heartbeat', cursor: hub.cursor });
    }

    goodbye(frame) {
      this.write(frame);
      this.#end(frame.code, frame.reason);
    }

    break() {
      this.#end(1006, '');
    }

    /** A close called by the client: no news for it. */
    close() {
      this.readyState = 3;
      this.gone();
    }

    #end(code, reason) {
      hub.connections.delete(this);
      hub.later(() => {
        if (this.readyState === 3) return;
        this.readyState = 3;
        this.gone();
        this.onclose?.({ code, reason });
      });
    }
  };
}

class Stream extends Reader {
  #controller;

  constructor(hub, query, token) {
    super(hub, 'sse');
    this.body = new ReadableStream({ start: controller => (this.#controller = controller) });
    this.buffered = hub.sse === 'buffered';
    const channels = query.getAll('channel');
    for (const channel of channels) this.follow(channel, { conflate: query.get('conflate') });
    const { gaps, messages } = hub.read(channels, { after: query.get('after'), last: Number(query.get('last')) });
    const beginning = query.get('after') ?? before(messages[0]) ?? hub.cursor;
    this.text(`retry: 1000\n\nid: ${beginning}\n\n`);
    this.write({ ...hub.ready(token), cursor: beginning === 'earliest' ? `${hub.epoch}-0` : beginning });
    gaps.forEach(gap => this.write(gap));
    messages.forEach(message => this.message(message));
  }

  write(frame) {
    const name = frame.type === 'message' ? frame.event : `hub.${frame.type}`;
    const id = frame.type === 'message' ? `id: ${frame.id}\n` : '';
    this.text(`${id}${name ? `event: ${name}\n` : ''}data: ${JSON.stringify(frame)}\n\n`);
  }

  beat() {
    this.text(`id: ${this.hub.cursor}\n\n`);
  }

  text(text) {
    if (this.buffered) return;
    const bytes = new TextEncoder().encode(text);
    for (const piece of this.hub.slice(bytes)) this.deliver(() => this.#controller.enqueue(typeof piece === 'string' ? bytes : piece));
  }

  goodbye(frame) {
    this.write(frame);
    this.hub.connections.delete(this);
    this.hub.later(() => {
      if (!this.alive) return;
      this.gone();
      this.#controller.close();
    });
  }

  break() {
    this.end(new TypeError('terminated'));
  }

  end(reason) {
    if (!this.alive) return;
    this.gone();
    this.#controller.error(reason);
  }
}

/** Serves what `fetch` serves, but as an EventSource shows it: without heartbeats, once a ticket. */
function eventSourceOf(hub) {
  return class {
    #listeners = new Map();
    #abort = new AbortController();

    constructor(url) {
      hub.seen.tickets.push(new URL(url).searchParams.get('ticket'));
      this.#read(url).catch(() => this.#abort.signal.aborted || this.onerror?.({}));
    }

    addEventListener(name, listener) {
      this.#listeners.set(name, listener);
    }

    close() {
      this.#abort.abort();
    }

    async #read(url) {
      const response = await hub.fetch(url, { signal: this.#abort.signal, headers: { Authorization: 'Bearer by-ticket' } });
      let text = '';
      for await (const bytes of response.streamed ?? response.body) {
        text += new TextDecoder().decode(bytes);
        const blocks = text.split('\n\n');
        text = blocks.pop();
        for (const block of blocks) this.#dispatch(block);
      }
      throw new TypeError('ended');
    }

    #dispatch(block) {
      const fields = Object.fromEntries(block.split('\n').map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
      if (fields.data) this.#listeners.get(fields.event ?? 'message')?.({ data: fields.data, lastEventId: fields.id ?? '' });
    }
  };
}

function parse(body, headers) {
  return headers['Content-Type'] === 'application/x-ndjson' ? body.split('\n').map(line => JSON.parse(line)) : JSON.parse(body);
}
