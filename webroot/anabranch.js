/**
 * Anabranch: the client of the realtime hub, for browsers and Node 20 or later.
 *
 *     import { connect } from '/anabranch.js';
 *     const hub = connect('http://localhost:8080', { token: async () => jwt });
 *     hub.subscribe('chat:lobby', message => console.log(message.data), { last: 10 });
 *     await hub.publish('chat:lobby', { text: 'hi' });
 *
 * From the top down:
 *
 * - `Hub`: what a page calls.
 * - `Subscription`: one reader's place in the log; removes repeats, proves by `prev` that nothing is missing.
 * - `Outbox`: requests that outlive the connection they were made on.
 * - `Connection`: the state machine that chooses, watches and changes transports.
 * - `WebSocketLink`, `SseLink`: one open transport each. They read from a cursor and judge nothing.
 */

/** A WebSocket that is not ready by then gets an SSE stream beside it (ms). */
const HEAD_START = 300;
/** A link that has answered for so long is trusted (ms). */
const STEADY = 5_000;
/** A link that is not ready by then has failed (ms). */
const OPEN_WITHIN = 10_000;
/** A living hub answers a ping in this time (ms). */
const ANSWER_WITHIN = 2_000;
/** A REST request without an answer by then is a broken connection (ms). */
const REQUEST_WITHIN = 30_000;
/** A token is renewed this long before it expires (ms), or at half its life when that is shorter. */
const RENEW_BEFORE = 30_000;
/** The bounds of full jitter between attempts to reconnect, and to move up to WebSocket (ms). */
const RECONNECT = { first: 500, most: 30_000 };
const PROBE = { first: 2_000, most: 120_000 };
/** Requests kept while there is no connection. */
const KEPT_REQUESTS = 100;
/**
 * A publish that may have arrived is not sent again later than this (ms): with a last request it
 * stays within the two minutes for which a hub knows a repeat.
 */
const REPEAT_WITHIN = 90_000;
/** Messages of one REST request. */
const MOST_IN_BATCH = 50;
/** Timers of browsers and Node hold 31 bits. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** How often the link is looked at, when the hub names no shorter heartbeat (ms). */
const LONGEST_TICK = 20_000;

const PROTOCOL = 'anabranch.v1';
const KINDS = ['websocket', 'sse'];
/** The events of a stream; an EventSource has to name what it listens to. */
const EVENT_NAMES = ['message', 'hub.ready', 'hub.gap', 'hub.join', 'hub.leave', 'hub.close'];
const ID = /^[a-z0-9]{4,8}-\d+$/;
const CHANNEL = /^[A-Za-z0-9._\-:/@~]{0,254}[A-Za-z0-9._\-:/@~*]$/;

/**
 * Opens a connection to the hub at `url` and keeps it open, over whatever transport works.
 *
 * @param {string | URL} url the hub's address, `http:` or `https:`; a relative one is the page's own hub
 * @param {object} [options] see `ConnectOptions` in anabranch.d.ts
 * @returns {Hub}
 */
export function connect(url, options = {}) {
  return new Hub(url, options);
}

/**
 * A refusal by the hub (`status` is the HTTP status, `code` its short name), or a failure on the
 * way there (`status` 0). `retryAfter` (ms) is the hub's wish, where it gave one.
 */
export class HubError extends Error {
  constructor(status, code, message, { cause, ...details } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'HubError';
    this.status = status;
    this.code = code;
    Object.assign(this, details);
  }
}

/** What a page calls. Made by `connect`. */
export class Hub {
  /** How many messages were handed on, repeats removed, missing ones fetched, gaps raised. */
  stats = { messages: 0, repeats: 0, repaired: 0, gaps: 0 };

  #listeners = new Map();
  #subscriptions = new Set();
  #syncing = false;
  #env;
  #tokens;
  #rest;
  #outbox;
  #connection;
  #stopListening;
  #renewal;

  constructor(url, options) {
    const env = (this.#env = environment(options));
    this.#tokens = new TokenSource(options.token);
    this.#rest = new Rest(baseUrl(url), env, this.#tokens);
    const context = {
      env,
      base: baseUrl(url),
      client: options.client ?? randomId(),
      tokens: this.#tokens,
      rest: this.#rest,
      subscriptions: this.#subscriptions,
      receive: (frame, subscriptions) => this.#receive(frame, subscriptions),
      presence: (link, frame) => link === this.#connection.active && this.#emit(frame.type, frame),
      expires: link => link === this.#connection.active && this.#renewBefore(link.expires),
      refuse: (subscription, error) => this.#refuse(subscription, error),
      report: error => this.#report(error),
    };
    this.#outbox = new Outbox(env);
    this.#connection = new Connection({
      ...env,
      kinds: chooseKinds(options.transports, env),
      createLink: (kind, events) => new LINKS[kind](context, events),
      tokens: this.#tokens,
      memory: env.memory ?? sessionMemory(context.base),
      events: {
        state: state => this.#emit('state', state),
        transport: transport => this.#emit('transport', transport),
        serving: link => this.#serving(link),
        error: error => this.#report(error),
        closed: error => this.#closed(error),
      },
    });
    this.#stopListening = env.page.listen(event => this.#connection.pageEvent(event));
    // A page subscribes right after connecting: the first request then carries all of it.
    queueMicrotask(() => this.#connection.start());
  }

  /** `connecting`, `open`, `waiting` or `closed`. */
  get state() {
    return this.#connection.state;
  }

  /** `websocket`, `sse`, or `null` while there is none. */
  get transport() {
    return this.#connection.active?.kind ?? null;
  }

  /**
   * Hands each message of a channel or pattern to `handler`, once and in order, until `close()`.
   * Starts live; with `last` at the last messages of each channel, with `after` behind a cursor
   * (or at `earliest`). `conflate` (ms) asks for the newest of each channel only, that often.
   *
   * @returns {Subscription}
   */
  subscribe(channel, handler, options = {}) {
    if (this.state === 'closed') throw closedError();
    checkSubscription(channel, options);
    const subscription = new Subscription(channel, handler, options, {
      stats: this.stats,
      gap: gap => this.#emit('gap', gap),
      report: error => this.#report(error),
      history: (name, after) => this.#patientHistory(name, after),
      changed: changed => this.#changed(changed),
    });
    this.#changed(subscription);
    return subscription;
  }

  /** Publishes JSON `data`; resolves with the message's id when the log has it. */
  async publish(channel, data, { event, dedup = randomId() } = {}) {
    const { id } = await this.#outbox.add('publish', { channel, event, data, dedup }, { repeat: true });
    return { id };
  }

  /** A page of a channel's past: `{ messages, cursor, more }`. */
  async history(channel, { after, before, limit } = {}) {
    const { messages, cursor, more } = await this.#outbox.add('history', { channel, after, before, limit }, { repeat: true });
    return { messages, cursor, more };
  }

  /** Who is on a channel: `{ count, users }`. */
  async presence(channel) {
    const { count, users } = await this.#outbox.add('presence', { channel }, { repeat: true });
    return { count, users };
  }

  /** Asks a service behind the hub. Never repeated: the hub cannot know whether it ran twice. */
  async call(service, data) {
    return (await this.#outbox.add('call', { service, data }, { repeat: false })).data;
  }

  /**
   * Listens to `state`, `transport`, `gap`, `join`, `leave` or `error`; returns a function that
   * stops it. Errors without a listener go to the console.
   */
  on(event, listener) {
    if (!this.#listeners.has(event)) this.#listeners.set(event, new Set());
    this.#listeners.get(event).add(listener);
    return () => this.off(event, listener);
  }

  off(event, listener) {
    this.#listeners.get(event)?.delete(listener);
  }

  /** Ends the connection for good; what was not answered is refused. */
  close() {
    this.#connection.close();
  }

  #changed(subscription) {
    if (subscription.closed) this.#subscriptions.delete(subscription);
    else this.#subscriptions.add(subscription);
    if (this.#syncing) return;
    // Many calls in one go make one change on the wire.
    this.#syncing = true;
    queueMicrotask(() => {
      this.#syncing = false;
      this.#connection.sync();
    });
  }

  #receive(frame, subscriptions) {
    for (const subscription of subscriptions) {
      if (subscription.matches(frame.channel)) subscription.take(frame);
    }
  }

  #refuse(subscription, error) {
    subscription.close();
    error.channel = subscription.channel;
    this.#report(error);
  }

  #serving(link) {
    this.#outbox.use(link);
    this.#renewBefore(link.expires);
  }

  #renewBefore(expires) {
    this.#env.clock.clearTimeout(this.#renewal);
    if (!expires || !this.#tokens.renewable) return;
    const left = expires - this.#env.clock.now();
    const delay = Math.max(left - Math.min(RENEW_BEFORE, left / 2), RECONNECT.first);
    this.#renewal = this.#env.clock.setTimeout(
      () => (delay > LONGEST_TIMER ? this.#renewBefore(expires) : this.#renew(expires)),
      Math.min(delay, LONGEST_TIMER),
    );
  }

  async #renew(expires) {
    try {
      const token = await this.#tokens.renew();
      await this.#connection.active?.authenticate(token);
    } catch (error) {
      this.#report(error);
      this.#renewBefore(expires);
    }
  }

  /** History for filling a hole: waits for a connection, and asks again where that may help. */
  async #patientHistory(channel, after) {
    for (let attempt = 0; ; attempt++) {
      await this.#connection.whenOpen();
      try {
        return await this.history(channel, { after, limit: 1000 });
      } catch (error) {
        if (attempt === 4 || !(error.status === 0 || error.status === 429 || error.status >= 500)) throw error;
        await this.#env.sleep((error.retryAfter ?? 0) + fullJitter(this.#env.random, RECONNECT, attempt));
      }
    }
  }

  #closed(error) {
    this.#stopListening();
    this.#env.clock.clearTimeout(this.#renewal);
    for (const subscription of [...this.#subscriptions]) subscription.close();
    this.#outbox.close(error ?? closedError());
    if (error) this.#report(error);
  }

  #report(error) {
    if (!this.#listeners.get('error')?.size) console.error(error);
    else this.#emit('error', error);
  }

  #emit(event, value) {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        listener(value);
      } catch (error) {
        if (event === 'error') console.error(error);
        else this.#report(error);
      }
    }
  }
}

/**
 * One reader's place in the log. `cursor` says "all up to here was handed on": a new link reads
 * from there, so that it does not matter which link a message came by, nor how often.
 */
export class Subscription {
  closed = false;
  /** Where a link goes on reading; `null` until the hub has said where this began. */
  cursor = null;

  #handler;
  #hub;
  #first;
  #live;
  /** The messages that `last` and `earliest` ask for are older than the start. */
  #asksForPast;
  #start = null;
  /** channel → id of the last message handed on; a pattern reads many channels. */
  #seen = new Map();
  /** Channels whose last message was a conflated one: the next one's `prev` proves nothing. */
  #skipping = new Set();
  /** What waits while a hole is filled; `null` when none is. */
  #held = null;

  constructor(channel, handler, { last, after, conflate = 0 }, hub) {
    this.channel = channel;
    this.conflate = conflate;
    this.#handler = handler;
    this.#hub = hub;
    this.#first = after !== undefined ? { after } : last !== undefined ? { last } : {};
    this.#live = after === undefined && last === undefined;
    this.#asksForPast = after === 'earliest' || last !== undefined;
    if (after !== undefined && after !== 'earliest') this.cursor = this.#start = after;
  }

  /** Changes `conflate` (ms) while reading on; 0 asks for every message again. */
  update({ conflate }) {
    this.conflate = conflate;
    this.#hub.changed(this);
  }

  close() {
    if (this.closed) return;
    this.closed = true;
    this.#hub.changed(this);
  }

  /** The position to ask the hub for: the cursor, before there is one what the caller asked for. */
  get position() {
    return this.cursor ? { after: this.cursor } : this.#first;
  }

  /** Whether it has yet to read what it asked for of the past, without a cursor to check that by. */
  get isNewToPast() {
    return !this.cursor && this.#asksForPast;
  }

  /** Whether some channel is of both. */
  overlaps(other) {
    return this.matches(other.channel) || other.matches(this.channel);
  }

  matches(channel) {
    return this.channel.endsWith('*') ? channel.startsWith(this.channel.slice(0, -1)) : channel === this.channel;
  }

  /** The hub began to read at `head`, with `replayed` messages of before it still to come. */
  begin(head, replayed) {
    this.#start ??= head;
    if (replayed === 0 || this.#live) this.mark(head);
  }

  /**
   * An event stream began, at `cursor`: before the first message that it will send of any of its
   * channels. For one channel this is where it began; of several, that asked for their last
   * messages, it tells nothing, and of all that there is neither.
   */
  beginStream(cursor, alone) {
    if (this.#live || (alone && this.#first.last !== undefined)) this.begin(cursor);
  }

  /** The hub says that nothing up to `cursor` is still to come. */
  mark(cursor) {
    if (cursor && !this.#held && isLater(cursor, this.cursor)) this.cursor = cursor;
  }

  /** Takes a `message` or `gap` frame from any link. */
  take(frame) {
    if (this.closed) return;
    if (this.#held) this.#held.push(frame);
    else if (frame.type === 'gap') this.#takeGap(frame);
    else this.#takeMessage(frame);
  }

  #takeMessage(message) {
    const at = this.#at(message.channel);
    if (this.#isRepeat(message, at)) {
      this.#hub.stats.repeats++;
    } else if (at && epochOf(at) !== epochOf(message.id)) {
      this.#raise({ channel: message.channel, after: at, resumed: message.prev, reason: 'reset' });
      this.#deliver(message);
    } else if (this.#isHole(message, at)) {
      this.#held = [message];
      this.#repair(message);
    } else {
      this.#deliver(message);
    }
  }

  #takeGap(gap) {
    const at = this.#at(gap.channel);
    // Read from an older cursor than this reader's own: what is missing there was seen here.
    if (at && gap.resumed && !isLater(gap.resumed, at)) return;
    this.#raise(gap);
    if (gap.channel === this.channel && this.channel.endsWith('*')) this.#forget();
    else this.#seen.set(gap.channel, gap.resumed);
  }

  /** A gap over a whole pattern: where its channels go on, only their next messages tell. */
  #forget() {
    this.#seen.clear();
    this.#start = null;
  }

  #at(channel) {
    return this.#seen.has(channel) ? this.#seen.get(channel) : this.#start;
  }

  #isRepeat(message, at) {
    if (!at || isLater(message.id, at)) return false;
    return !this.#asksForPast || this.#seen.has(message.channel);
  }

  #isHole(message, at) {
    return at && message.prev && !this.conflate && !this.#skipping.has(message.channel) && isLater(message.prev, at);
  }

  #deliver(message) {
    if (this.closed) return;
    this.#seen.set(message.channel, message.id);
    if (this.conflate) this.#skipping.add(message.channel);
    else this.#skipping.delete(message.channel);
    if (isLater(message.id, this.cursor)) this.cursor = message.id;
    this.#hub.stats.messages++;
    try {
      const result = this.#handler(message);
      if (typeof result?.catch === 'function') result.catch(error => this.#hub.report(error));
    } catch (error) {
      this.#hub.report(error);
    }
  }

  /** Hands on what lies between the last message and `message`, then `message` and what came since. */
  async #repair(message) {
    try {
      await this.#fetchUpTo(message);
    } catch (error) {
      this.#hub.report(error);
      this.#raiseBefore(message, 'unavailable');
    }
    this.#raiseBefore(message, 'expired');
    const held = this.#held;
    this.#held = null;
    for (const frame of held) this.take(frame);
  }

  async #fetchUpTo({ channel, id, prev }) {
    for (let more = true; more && !this.closed && isLater(prev, this.#at(channel)); ) {
      const page = await this.#hub.history(channel, this.#at(channel));
      for (const message of page.messages) {
        if (!isLater(message.id, this.#at(channel)) || !isLater(id, message.id)) continue;
        this.#raiseBefore(message, 'expired');
        this.#hub.stats.repaired++;
        this.#deliver(message);
      }
      more = page.more && page.messages.length > 0;
    }
  }

  #raiseBefore({ channel, prev }, reason) {
    const at = this.#at(channel);
    if (!at || !prev || !isLater(prev, at)) return;
    this.#raise({ channel, after: at, resumed: prev, reason });
    this.#seen.set(channel, prev);
  }

  #raise({ channel, after, resumed, reason }) {
    if (this.closed) return;
    this.#hub.stats.gaps++;
    this.#hub.gap({ channel, after, resumed, reason });
  }
}

/**
 * Requests on their way to the hub. They belong to no link: what a broken one did not answer goes
 * out again on the next, publishes in the order in which they were made.
 */
class Outbox {
  #env;
  #link = null;
  #entries = new Set();
  #closed = null;

  constructor(env) {
    this.#env = env;
  }

  add(op, args, { repeat }) {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closed);
      if (!this.#usable && this.#entries.size >= KEPT_REQUESTS) {
        return reject(new HubError(503, 'queue_full', `${KEPT_REQUESTS} requests wait for a connection already`));
      }
      this.#entries.add({ op, args, repeat, resolve, reject, link: null, attempts: 0, resting: false });
      this.#pump();
    });
  }

  /** The link that takes requests from now on. */
  use(link) {
    this.#link = link;
    this.#pump();
  }

  close(error) {
    this.#closed = error;
    for (const entry of this.#entries) entry.reject(error);
    this.#entries.clear();
  }

  get #usable() {
    return this.#link && !this.#link.closed;
  }

  #pump() {
    if (!this.#usable) return;
    let publishing = true;
    for (const entry of this.#entries) {
      const publish = entry.op === 'publish';
      if (!entry.link && !entry.resting && (!publish || publishing)) this.#send(entry);
      // What another link has still to answer must not be overtaken.
      if (publish) publishing &&= entry.link === this.#link;
    }
  }

  #send(entry) {
    const link = (entry.link = this.#link);
    entry.attempts++;
    entry.sentAt ??= this.#env.clock.now();
    link.request(entry.op, entry.args).then(
      answer => this.#settle(entry, () => entry.resolve(answer)),
      error => this.#failed(entry, error),
    );
  }

  #failed(entry, error) {
    if (!this.#entries.has(entry)) return;
    if (!entry.repeat || !isPassing(error, entry.attempts)) {
      this.#settle(entry, () => entry.reject(error));
      return;
    }
    if (entry.op === 'publish' && this.#env.clock.now() - entry.sentAt > REPEAT_WITHIN) {
      this.#settle(entry, () => entry.reject(unanswered(error)));
      return;
    }
    const abandoned = entry.link !== this.#link || entry.link.closed;
    entry.link = null;
    if (abandoned) this.#pump();
    else this.#rest(entry, error.retryAfter ?? 0);
  }

  async #rest(entry, retryAfter) {
    entry.resting = true;
    await this.#env.sleep(retryAfter + fullJitter(this.#env.random, RECONNECT, entry.attempts - 1));
    entry.resting = false;
    this.#pump();
  }

  #settle(entry, answer) {
    if (!this.#entries.delete(entry)) return;
    answer();
    this.#pump();
  }
}

function unanswered(cause) {
  const text = `no answer for ${REPEAT_WITHIN / 1_000} s: the message may have been published`;
  return new HubError(0, 'unanswered', text, { cause });
}

/** A broken connection passes; a hub or proxy that is unavailable may, so that gets three attempts. */
function isPassing({ status }, attempts) {
  return status === 0 || ([502, 503, 504].includes(status) && attempts < 3);
}

/**
 * Chooses, watches and changes transports. Knows links only by what all of them have (`Link`
 * below), and nothing of channels.
 *
 * At any time at most one link is `active` and serves; others are candidates. A candidate takes
 * over when there is no active link, when that one fell silent, or, a WebSocket beside a serving
 * SSE stream, when it has answered for five seconds and read up to where the stream is. The old
 * link is closed after the new one serves, never before.
 */
export class Connection {
  state = 'connecting';
  /** The link that serves, or `null`. */
  active = null;

  #kinds;
  #createLink;
  #tokens;
  #memory;
  #clock;
  #random;
  #page;
  #events;
  #candidates = new Map();
  #untried = [];
  #timers = new Map();
  #attempts = 0;
  #probes = 0;
  #retryAfter = 0;
  #suspect = false;
  #waiters = [];

  /**
   * @param {object} options `kinds` allowed, best first; `createLink(kind, events)`; `tokens` with
   * `refused(token)`, `accepted()` and `doubt()`; `memory` with `get()` and `set(kind)`; `clock`, `random`,
   * `page`; and the `events` it tells: `state`, `transport`, `serving`, `error`, `closed`
   */
  constructor({ kinds, createLink, tokens, memory, clock, random, page, events }) {
    this.#kinds = kinds;
    this.#createLink = createLink;
    this.#tokens = tokens;
    this.#memory = memory;
    this.#clock = clock;
    this.#random = random;
    this.#page = page;
    this.#events = events;
  }

  start() {
    if (this.state !== 'closed') this.#seek();
  }

  /** Closes for good; `error` says why, when it was not the caller's wish. */
  close(error) {
    if (this.state === 'closed') return;
    for (const name of [...this.#timers.keys()]) this.#cancel(name);
    this.#dropCandidates();
    this.#dropActive();
    this.#setState('closed');
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error ?? closedError());
    this.#events.closed(error);
  }

  /** Resolves when a link serves; rejects when there will be none any more. */
  whenOpen() {
    if (this.state === 'open') return Promise.resolve();
    if (this.state === 'closed') return Promise.reject(closedError());
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** The set of subscriptions has changed. */
  sync() {
    this.active?.sync();
    for (const link of this.#candidates.values()) link.sync();
  }

  /** What the page that this runs in reports: `shown`, `hidden`, `online` or `offline`. */
  pageEvent(event) {
    if (event === 'hidden') this.#cancel('probe');
    if (event === 'offline') this.#ask();
    if (event === 'shown') this.#lookAround();
    if (event === 'online') this.#backOnline();
  }

  #backOnline() {
    this.#attempts = this.#probes = 0;
    // Perhaps over another network: a stream that cannot be asked is opened anew beside the old one.
    if (this.active && !this.active.pingable) this.#suspectActive();
    this.#lookAround();
  }

  /** Time has passed unobserved: do not wait any longer, and see whether the link still lives. */
  #lookAround() {
    if (this.state === 'waiting' && this.#retryAfter === 0) this.#seek();
    this.#ask();
    this.#scheduleProbe();
  }

  // ---- finding a link

  /** Opens the kind of link that comes first at once, the next when that fails or takes too long. */
  #seek(first = this.#memory.get()) {
    this.#retryAfter = 0;
    if (!this.active) this.#setState('connecting');
    this.#untried = [...this.#kinds].sort((a, b) => (b === first) - (a === first));
    this.#tryNext();
    // Nobody waits for a slow WebSocket. A slow SSE stream may be one that a proxy holds back.
    const headStart = this.#untried[0] === 'sse' ? HEAD_START : ANSWER_WITHIN;
    if (this.#untried.length) this.#after('headStart', headStart, () => this.#tryNext());
  }

  #tryNext() {
    this.#cancel('headStart');
    const kind = this.#untried.shift();
    if (kind) this.#try(kind);
    return Boolean(kind);
  }

  #try(kind) {
    if (this.#candidates.has(kind) || this.state === 'closed') return;
    const link = this.#createLink(kind, {
      ready: () => this.#ready(link),
      caughtUp: () => this.#isCandidate(link) && this.#serve(link),
      heard: () => this.#heard(link),
      down: error => this.#down(link, error),
    });
    this.#candidates.set(kind, link);
    link.open();
  }

  #isCandidate(link) {
    return this.#candidates.get(link.kind) === link;
  }

  #ready(link) {
    if (!this.#isCandidate(link)) return;
    if (!this.active || this.#suspect) this.#serve(link);
    else if (this.#rank(link) < this.#rank(this.active)) this.#tryOut(link);
    else this.#dropCandidate(link);
  }

  #rank(link) {
    return this.#kinds.indexOf(link.kind);
  }

  /** A better link beside a serving one has to answer for a while before it carries anything. */
  #tryOut(link) {
    this.#after('trial', STEADY - ANSWER_WITHIN, () => this.#askCandidate(link));
  }

  /** From the first answer on it reads from the cursors, until it has caught up and serves. */
  #askCandidate(link) {
    const { heard } = link;
    link.ping();
    this.#after('trial', ANSWER_WITHIN, () => {
      if (link.heard === heard) return link.fail(silence(link));
      link.join();
      if (this.#isCandidate(link)) this.#askCandidate(link);
    });
  }

  #serve(link) {
    const old = this.active;
    this.#cancel('headStart');
    this.#forget(link);
    this.#dropCandidates(candidate => this.#rank(candidate) >= this.#rank(link));
    this.active = link;
    this.#suspect = false;
    link.join();
    old?.close();
    this.#after('steady', STEADY, () => this.#steady(link));
    this.#watch();
    this.#scheduleProbe();
    // Told last: a listener may close everything.
    this.#events.serving(link);
    if (old?.kind !== link.kind) this.#events.transport(link.kind);
    this.#open();
  }

  #open() {
    this.#setState('open');
    for (const waiter of this.#waiters.splice(0)) waiter.resolve();
  }

  #steady(link) {
    this.#attempts = 0;
    if (this.#rank(link) === 0) this.#probes = 0;
    this.#tokens.accepted();
    this.#memory.set(link.kind);
  }

  /** While a lesser link serves, the best one is tried from time to time; not for a hidden page. */
  #scheduleProbe() {
    const [best] = this.#kinds;
    if (!this.active || this.active.kind === best || this.#candidates.has(best) || this.#page.hidden) return;
    if (this.#timers.has('probe')) return;
    // Counted when it is made: a stream that is cut often must not put off the first attempt.
    this.#after('probe', fullJitter(this.#random, PROBE, this.#probes), () => {
      this.#probes++;
      this.#try(best);
    });
  }

  // ---- watching it

  /** Ticks four times a heartbeat. A tick that comes late tells that the machine slept. */
  #watch() {
    const { heartbeat } = this.active;
    const period = Math.min(heartbeat, LONGEST_TICK) / 4;
    const due = this.#clock.now() + period;
    this.#after('watch', period, () => {
      const now = this.#clock.now();
      if (now - due > Math.max(period, ANSWER_WITHIN)) this.#lookAround();
      else if (now - this.active.heardAt >= heartbeat && !this.#timers.has('answer')) this.#ask(this.#silentAt());
      this.#watch();
    });
  }

  #silentAt() {
    return this.active.heardAt + 2 * this.active.heartbeat;
  }

  /** Asks the active link for a sign of life; without one by `deadline` it is suspected. */
  #ask(deadline = this.active?.pingable ? 0 : this.active && this.#silentAt()) {
    if (!this.active || deadline === Infinity) return;
    const { active } = this;
    const { heard } = active;
    if (active.pingable) active.ping();
    this.#after('answer', Math.max(ANSWER_WITHIN, deadline - this.#clock.now()), () => {
      if (active === this.active && active.heard === heard) this.#suspectActive();
    });
  }

  /** The active link fell silent: it stays, it may come to life again, but another is opened. */
  #suspectActive() {
    if (this.#suspect) return;
    this.#suspect = true;
    // Told only where no other link is ready at once: then nothing goes either way for a while.
    this.#after('silence', HEAD_START, () => this.#suspect && this.#setState('connecting'));
    this.#events.error(silence(this.active));
    const ready = this.#readyCandidate();
    if (ready) this.#serve(ready);
    else this.#seek(this.#kinds.find(kind => kind !== this.active.kind));
  }

  #heard(link) {
    if (link !== this.active || !this.#suspect) return;
    this.#suspect = false;
    this.#open();
  }

  // ---- losing it

  #down(link, error) {
    error.transport ??= link.kind;
    if (link === this.active) this.#activeDown(link, error);
    else if (this.#isCandidate(link)) this.#candidateDown(link, error);
  }

  #activeDown(link, error) {
    this.#dropActive();
    const ready = this.#readyCandidate();
    if (ready) {
      this.#events.error(error);
      this.#serve(ready);
    } else if (this.#endsHere(link, error)) {
      this.close(error);
    } else {
      this.#events.error(error);
      this.#comeBack(link, error);
    }
  }

  #comeBack(link, error) {
    const below = this.#kinds[this.#rank(link) + 1];
    if (error.status === 401) this.#seek(link.kind);
    else if (below && error.status === 0) this.#seek(below);
    else this.#wait(error.retryAfter);
  }

  #candidateDown(link, error) {
    this.#forget(link);
    if (this.#endsHere(link, error)) {
      this.close(error);
      return;
    }
    this.#events.error(error);
    this.#retryAfter = Math.max(this.#retryAfter, error.retryAfter ?? 0);
    if (error.status === 401) this.#try(link.kind);
    else if (this.active && !this.#suspect) this.#scheduleProbe();
    else if (!this.#tryNext() && this.#candidates.size === 0) this.#exhausted();
  }

  #exhausted() {
    this.#dropActive();
    // A browser is not told why an upgrade was refused: it may have been the token.
    if (!this.#kinds.includes('sse')) this.#tokens.doubt();
    this.#wait(this.#retryAfter);
  }

  /** Whether coming back would be refused again. A new token is worth one attempt. */
  #endsHere(link, error) {
    return error.status === 401 ? !this.#tokens.refused(link.token) : isFinal(error);
  }

  #wait(retryAfter = 0) {
    this.#dropCandidates();
    this.#retryAfter = retryAfter;
    this.#setState('waiting');
    const delay = retryAfter + fullJitter(this.#random, RECONNECT, this.#attempts++);
    this.#after('wait', delay, () => this.#seek());
  }

  // ---- small change

  #readyCandidate() {
    return [...this.#candidates.values()].find(link => link.isReady);
  }

  #dropCandidates(condition = () => true) {
    for (const link of [...this.#candidates.values()].filter(condition)) this.#dropCandidate(link);
  }

  #dropCandidate(link) {
    this.#forget(link);
    link.close();
  }

  #forget(link) {
    this.#candidates.delete(link.kind);
    if (this.#rank(link) === 0) this.#cancel('trial');
  }

  #dropActive() {
    const { active } = this;
    if (!active) return;
    this.active = null;
    this.#suspect = false;
    for (const name of ['watch', 'answer', 'steady', 'probe']) this.#cancel(name);
    active.close();
    this.#events.transport(null);
  }

  #setState(state) {
    if (state === this.state || this.state === 'closed') return;
    this.state = state;
    this.#events.state(state);
  }

  /** One timer per name: a new one replaces the old. */
  #after(name, delay, action) {
    this.#cancel(name);
    // A listener may have closed everything in the middle of a change.
    if (this.state === 'closed') return;
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(name);
      action();
    }, delay);
    this.#timers.set(name, timer);
  }

  #cancel(name) {
    this.#clock.clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}

/** What `Connection` knows of a transport. The kinds below fill in `connect`, `join`, `sync` and so on. */
class Link {
  isReady = false;
  closed = false;
  /** Counts what arrived, and when it last did. */
  heard = 0;
  heardAt = 0;
  heartbeat = Infinity;
  expires = undefined;
  token = undefined;

  constructor(context, events) {
    this.context = context;
    this.events = events;
  }

  async open() {
    try {
      const token = await this.context.tokens.get();
      if (!this.closed) this.connect(token);
    } catch (error) {
      this.fail(error instanceof HubError ? error : disconnected(`${this.kind} cannot be opened`, error));
    }
  }

  close() {
    this.closed = true;
  }

  /** Ends this link by a failure, and tells it once. */
  fail(error) {
    if (this.closed) return;
    this.close();
    this.events.down(error);
  }

  /** Whether a subscription is refused, and not the connection: a visitor has no token to renew. */
  isRefused(error) {
    const isVisitor = !this.token && !this.context.tokens.renewable;
    return isRefusal(error) || (isVisitor && error.status === 401 && !error.closeCode);
  }

  hear() {
    this.heard++;
    this.heardAt = this.context.env.clock.now();
    this.events.heard();
  }

  becomeReady() {
    if (this.isReady || this.closed) return;
    this.isReady = true;
    this.heardAt = this.context.env.clock.now();
    this.events.ready();
  }

  /** Takes what a `ready` frame says about the connection. */
  welcome({ heartbeat = Infinity, expires }) {
    this.heartbeat = heartbeat;
    this.setExpires(expires);
  }

  setExpires(expires) {
    this.expires = expires;
    this.context.expires(this);
  }
}

/**
 * A WebSocket: a `subscribe` frame for each subscription, requests and answers by `ref`. Of those
 * that overlap, and go on from a cursor, the widest carries the others: a frame does not tell which
 * subscription it came by, so that one's replay would run ahead of the other's. While one has no
 * cursor yet, and reads the past, those that overlap with it are kept apart: on detours.
 */
class WebSocketLink extends Link {
  kind = 'websocket';
  pingable = true;

  #socket = null;
  #deadline;
  #joined = false;
  #ref = 0;
  /** ref → what to do with the answer. */
  #pending = new Map();
  /**
   * subscription → `{ channel, conflate, answered, position, head, left }` on this link, which
   * riders share. `head` is where the log ended at the answer, `left` how many messages before
   * that are still to come.
   */
  #carried = new Map();
  /** subscription → the detour that it is on. */
  #detours = new Map();
  /** subscription → the cursor up to which this link has yet to read; `null` before that is known. */
  #behind = null;

  connect(token) {
    this.token = token;
    const { env, base, client } = this.context;
    const url = new URL('ws', base);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.searchParams.set('client', client);
    this.#deadline = env.clock.setTimeout(() => this.fail(lateness(this, this.#socket.readyState === 1)), OPEN_WITHIN);
    const socket = (this.#socket = new env.WebSocket(url.href, token ? [PROTOCOL, `bearer.${token}`] : [PROTOCOL]));
    socket.onmessage = event => this.#arrived(event.data);
    socket.onclose = ({ code, reason }) => this.fail(closeError({ code, reason }));
    // A close event follows, and says more.
    socket.onerror = () => {};
  }

  close() {
    if (this.closed) return;
    super.close();
    this.context.env.clock.clearTimeout(this.#deadline);
    this.#socket?.close(1000);
    for (const { failed } of [...this.#pending.values()]) failed(disconnected('the WebSocket was closed'));
    this.#pending.clear();
    for (const detour of this.#detours.values()) detour.close();
    this.#detours.clear();
  }

  /** Any frame that follows is an answer. */
  ping() {
    this.#send({ type: 'ping', ref: ++this.#ref });
  }

  /** Starts to carry the subscriptions; `caughtUp` is told when nothing is missing any more. */
  join() {
    if (this.#joined) return;
    this.#joined = true;
    this.sync();
    this.#checkCaughtUp();
  }

  /** Makes the wire carry what it should: each open subscription, and nothing else. */
  sync() {
    if (!this.#joined || this.closed) return;
    const { subscriptions } = this.context;
    for (const subscription of [...this.#carried.keys()]) {
      if (!subscriptions.has(subscription)) this.#leave(subscription);
    }
    for (const [subscription, detour] of [...this.#detours]) {
      if (subscriptions.has(subscription)) continue;
      this.#detours.delete(subscription);
      detour.close();
    }
    for (const subscription of [...subscriptions].sort(widestFirst)) {
      if (this.#detours.has(subscription)) continue;
      if (this.#wouldMix(subscription)) this.#takeDetour(subscription);
      else this.#carry(subscription);
    }
  }

  /** Whether all that this link carries has come to where the log ended when it was subscribed to. */
  get isSettled() {
    return this.#carried.size > 0 && [...this.#carried.values()].every(isSettled);
  }

  /** Whether one would take what comes by the other's replay for its own. */
  #wouldMix(subscription) {
    if (this.#carried.has(subscription)) return false;
    return [...this.#carried].some(([other, carried]) => {
      if (other === subscription || !other.overlaps(subscription)) return false;
      return subscription.isNewToPast || (carried.readsPast && !isSettled(carried));
    });
  }

  #takeDetour(subscription) {
    this.#detours.set(subscription, new Detour(this.context, subscription, () => this.#endDetours()));
  }

  /** Takes over those whose detour has done its work, where nobody's replay is in their way. */
  #endDetours() {
    for (const [subscription, detour] of [...this.#detours]) {
      if (!detour.isSettled || this.#wouldMix(subscription)) continue;
      this.#detours.delete(subscription);
      this.#carry(subscription);
      detour.close();
    }
  }

  #leave(subscription) {
    const { channel } = this.#carried.get(subscription);
    this.#carried.delete(subscription);
    this.#behind?.delete(subscription);
    if (this.#sharing(channel).length) return;
    this.#ask('unsubscribe', { channel }, () => {}, error => this.#refused(error));
    // Who rode along is subscribed anew.
    for (const [rider, carried] of [...this.#carried]) if (carried.channel === channel) this.#carried.delete(rider);
  }

  #carry(subscription) {
    const { channel } = subscription;
    // The hub knows one subscription a channel: who wants most decides.
    const conflate = Math.min(...this.#sharing(channel).map(other => other.conflate));
    const carried = this.#carried.get(subscription);
    const rides = carried && carried.channel !== channel;
    if (!carried || (rides && carried.conflate !== conflate)) this.#subscribe(subscription, conflate);
    else if (carried.conflate !== conflate) this.#changeConflate(channel, conflate);
  }

  #sharing(channel) {
    return [...this.context.subscriptions].filter(other => other.channel === channel);
  }

  #subscribe(subscription, conflate) {
    const { channel } = subscription;
    const readers = [subscription, ...this.#ridersOn(subscription, conflate)];
    // The hub begins anew for all that share the channel.
    const sharing = this.#sharing(channel).filter(other => other.cursor && this.#carried.has(other));
    const cursors = [...readers, ...sharing].map(each => each.cursor).filter(Boolean);
    const position = cursors.length > 0 ? { after: earliest(cursors) } : subscription.position;
    const carried = { channel, conflate, answered: false, position: position.after, head: null, left: Infinity };
    carried.readsPast = subscription.isNewToPast;
    for (const reader of readers) this.#carried.set(reader, carried);
    const subscribed = ({ cursor, replayed }) => {
      carried.answered = true;
      carried.head = cursor;
      carried.left = replayed;
      for (const reader of readers) reader.begin(cursor, replayed);
      if (replayed === 0) carried.position = cursor;
      this.#checkCaughtUp();
    };
    const failed = error => this.#notSubscribed(subscription, carried, error);
    this.#ask('subscribe', { channel, ...position, conflate: conflate || undefined }, subscribed, failed);
  }

  /** Those that `subscription` covers, and that go on from a cursor as it does. */
  #ridersOn(subscription, conflate) {
    const { cursor } = subscription;
    if (!cursor || conflate) return [];
    return [...this.context.subscriptions].filter(other => {
      if (other === subscription || this.#carried.has(other) || !subscription.matches(other.channel)) return false;
      return !other.conflate && other.cursor && epochOf(other.cursor) === epochOf(cursor);
    });
  }

  #notSubscribed(subscription, carried, error) {
    if (this.closed) return;
    if (this.isRefused(error)) {
      for (const [reader, other] of [...this.#carried]) if (other === carried) this.#carried.delete(reader);
      this.context.refuse(subscription, error);
      this.#checkCaughtUp();
    } else {
      this.fail(error);
    }
  }

  #changeConflate(channel, conflate) {
    for (const [subscription, carried] of this.#carried) {
      if (subscription.channel === channel) carried.conflate = conflate;
    }
    this.#ask('subscribe', { channel, conflate }, () => {}, error => this.#refused(error));
  }

  #refused(error) {
    if (!this.closed) this.context.report(error);
  }

  request(op, args) {
    return new Promise((resolve, reject) => this.#ask(op, args, resolve, reject));
  }

  async authenticate(token) {
    const { expires } = await this.request('auth', { token });
    this.token = token;
    this.setExpires(expires);
  }

  /** Sends a request. The answer is handled before the next frame is looked at, which a promise would not do. */
  #ask(type, args, answered, failed) {
    const ref = ++this.#ref;
    this.#pending.set(ref, { answered, failed });
    this.#send({ type, ref, ...args });
  }

  #send(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  #arrived(text) {
    if (this.closed) return;
    this.hear();
    const frame = parseFrame(text, error => this.context.report(error));
    if (frame) this.#take(frame);
  }

  #take(frame) {
    switch (frame.type) {
      case 'ready':
        this.context.env.clock.clearTimeout(this.#deadline);
        this.welcome(frame);
        return this.becomeReady();
      case 'ok':
      case 'error':
        this.#answer(frame);
        return this.#progressed();
      case 'message':
      case 'gap':
        this.#hand(frame);
        return this.#progressed();
      case 'heartbeat':
        this.#mark(frame.cursor);
        return this.#progressed();
      case 'join':
      case 'leave':
        return this.context.presence(this, frame);
      case 'close':
        return this.fail(closeError(frame));
    }
  }

  #progressed() {
    if (this.#detours.size > 0 && !this.closed) this.#endDetours();
    this.events.progressed?.();
  }

  #answer(frame) {
    const pending = this.#pending.get(frame.ref);
    this.#pending.delete(frame.ref);
    if (frame.type === 'ok') pending?.answered(frame);
    else if (pending) pending.failed(refusal(frame));
    else this.context.report(refusal(frame));
  }

  #hand(frame) {
    const readers = [...this.#carried].filter(([reader, { answered }]) => answered && reader.matches(frame.channel));
    this.context.receive(frame, readers.map(([reader]) => reader));
    const feeds = new Set(readers.map(([, carried]) => carried));
    for (const feed of feeds) if (frame.type === 'message' && !isLater(frame.id, feed.head)) feed.left--;
    for (const [reader, carried] of this.#carried) {
      if (feeds.has(carried)) this.#reached(reader, carried, frame.id ?? frame.resumed);
    }
    this.#checkCaughtUp();
  }

  #mark(cursor) {
    for (const [reader, carried] of this.#carried) {
      if (!carried.answered) continue;
      reader.mark(cursor);
      this.#reached(reader, carried, cursor);
    }
    this.#checkCaughtUp();
  }

  #reached(reader, carried, id) {
    if (!id) return;
    carried.position = id;
    const target = this.#behind?.get(reader);
    if (target && !isLater(target, id)) this.#behind.delete(reader);
  }

  /** Caught up: this link has read all that was handed on when its last subscription was answered. */
  #checkCaughtUp() {
    if (!this.#joined) return;
    if (!this.#behind) {
      if ([...this.#carried.values()].some(({ answered }) => !answered)) return;
      this.#behind = new Map();
      for (const [reader, { position }] of this.#carried) {
        const { cursor } = reader;
        if (cursor && (!ID.test(position) || isLater(cursor, position))) this.#behind.set(reader, cursor);
      }
    }
    if (this.#behind.size === 0) this.events.caughtUp();
  }
}

/** Whether a feed has come to where the log ended when it was subscribed to. */
function isSettled({ answered, position, head, left }) {
  return answered && (left <= 0 || (ID.test(position) && !isLater(head, position)));
}

/**
 * A WebSocket for one subscription alone, beside the one that serves, until it has read what it
 * asked for of the past. One that fails, or falls silent, is opened again.
 */
class Detour {
  #context;
  #onSettled;
  #link;
  #timer;
  #attempts = 0;

  constructor(context, subscription, onSettled) {
    this.#context = { ...context, subscriptions: new Set([subscription]) };
    this.#onSettled = onSettled;
    this.#open();
  }

  get isSettled() {
    return this.#link.isSettled;
  }

  close() {
    this.#context.env.clock.clearTimeout(this.#timer);
    this.#link.close();
  }

  #open() {
    const link = (this.#link = new WebSocketLink(this.#context, {
      ready: () => link.join(),
      caughtUp: () => {},
      heard: () => this.#watch(),
      progressed: () => link.isSettled && this.#onSettled(),
      down: error => this.#comeBack(error),
    }));
    link.open();
  }

  /** A living hub is heard from once a heartbeat. */
  #watch() {
    const { clock } = this.#context.env;
    clock.clearTimeout(this.#timer);
    const { heartbeat } = this.#link;
    if (heartbeat < Infinity) this.#timer = clock.setTimeout(() => this.#link.fail(silence(this.#link)), 2 * heartbeat);
  }

  #comeBack(error) {
    const { clock, random } = this.#context.env;
    this.#context.report(error);
    clock.clearTimeout(this.#timer);
    const delay = (error.retryAfter ?? 0) + fullJitter(random, RECONNECT, this.#attempts++);
    this.#timer = clock.setTimeout(() => this.#open(), delay);
  }
}

/**
 * Server-sent events downstream, REST upstream. One stream carries all subscriptions of the same
 * `conflate`. A request cannot be changed, so a changed set is a new stream from the cursor that
 * replaces the old one when it has caught up; new subscriptions, which have no cursor yet, begin
 * on a stream of their own and are folded into the common one as soon as they have.
 */
class SseLink extends Link {
  kind = 'sse';
  pingable = false;

  #connected = false;
  #streams = new Set();

  connect(token) {
    this.token = token;
    this.#connected = true;
    this.sync();
    this.#checkReady();
  }

  close() {
    super.close();
    for (const stream of this.#streams) stream.close();
    this.#streams.clear();
  }

  /** Its subscriptions are in the request already. */
  join() {}

  sync() {
    if (!this.#connected || this.closed) return;
    for (const subscriptions of this.#newcomers().values()) this.#openStream(subscriptions, []);
    for (const conflate of new Set(this.#staying().map(stream => stream.conflate))) this.#fold(conflate);
  }

  async authenticate(token) {
    this.token = token;
    this.sync();
  }

  request(op, args) {
    return this.context.rest[op](args);
  }

  /** Subscriptions without a stream, together where one request can ask for all of them. */
  #newcomers() {
    const groups = new Map();
    for (const subscription of this.context.subscriptions) {
      if (this.#staying().some(stream => stream.carries(subscription))) continue;
      const { conflate, position } = subscription;
      const where = subscription.cursor ? epochOf(subscription.cursor) : JSON.stringify(position);
      const key = `${conflate} ${where}`;
      groups.set(key, [...(groups.get(key) ?? []), subscription]);
    }
    return groups;
  }

  #staying() {
    return [...this.#streams].filter(stream => !stream.leaving);
  }

  /** Makes one stream of all that have this `conflate`, leaving out who is gone. */
  #fold(conflate) {
    const streams = this.#staying().filter(stream => stream.conflate === conflate);
    const subscriptions = [...this.context.subscriptions].filter(each => streams.some(stream => stream.carries(each)));
    if (!subscriptions.length) return streams.forEach(stream => this.#closeStream(stream));
    const needed = streams.length > 1 || streams[0].isStale;
    const [{ cursor }] = subscriptions;
    const comparable = cursor && subscriptions.every(each => each.cursor && epochOf(each.cursor) === epochOf(cursor));
    if (!needed || !comparable || !streams.every(stream => stream.isReady)) return;
    for (const stream of streams) stream.leaving = true;
    this.#openStream(subscriptions, streams);
  }

  #openStream(subscriptions, replaced) {
    const stream = new SseStream(this, subscriptions, {
      ready: () => this.#streamReady(),
      marked: () => this.sync(),
      caughtUp: () => replaced.splice(0).forEach(old => this.#closeStream(old)),
      down: error => this.#streamDown(stream, replaced, error),
    });
    this.#streams.add(stream);
    stream.open();
  }

  #closeStream(stream) {
    this.#streams.delete(stream);
    stream.close();
    // Without a stream there is nothing to be heard, so silence means nothing.
    if (!this.#streams.size) this.heartbeat = Infinity;
  }

  #streamReady() {
    this.#checkReady();
    this.sync();
  }

  #checkReady() {
    if ([...this.#streams].every(stream => stream.isReady)) this.becomeReady();
  }

  #streamDown(stream, replaced, error) {
    this.#closeStream(stream);
    if (stream.leaving) return;
    if (!this.isRefused(error)) return this.fail(error);
    for (const old of replaced) old.leaving = false;
    this.#refuse(stream.subscriptions, error);
    this.sync();
    this.#checkReady();
  }

  /** Refuses those that the hub names; where it names none, each is asked for alone. */
  #refuse(subscriptions, { status, code, message, channels = [] }) {
    const named = subscriptions.filter(each => channels.includes(each.channel));
    if (!named.length && subscriptions.length > 1) return subscriptions.forEach(each => this.#openStream([each], []));
    for (const subscription of named.length ? named : subscriptions) {
      this.context.refuse(subscription, new HubError(status, code, message));
    }
  }
}

/** One `GET /sse`, read with `fetch`, or with an `EventSource` where a body cannot be streamed. */
class SseStream {
  isReady = false;
  leaving = false;

  #link;
  #context;
  #events;
  #token;
  #position;
  /** Cursors that this stream has yet to read up to; `null` before it is ready, and when it has. */
  #targets = null;
  #heardAt = 0;
  #heartbeat = Infinity;
  /** Whether heartbeats are seen: an EventSource does not show them. */
  #showsHeartbeats = true;
  #deadline;
  #answered = false;
  #abort = new AbortController();

  constructor(link, subscriptions, events) {
    this.#link = link;
    this.#context = link.context;
    this.#events = events;
    this.#token = link.token;
    this.subscriptions = subscriptions;
    this.conflate = subscriptions[0].conflate;
  }

  /** Its request names what is not wanted any more, its token is an old one, or it alone fell silent. */
  get isStale() {
    const { subscriptions, env } = this.#context;
    const wanted = this.subscriptions.every(each => subscriptions.has(each) && this.carries(each));
    const silent = env.clock.now() - this.#heardAt > 2 * this.#heartbeat;
    return !wanted || silent || this.#token !== this.#link.token;
  }

  carries(subscription) {
    return subscription.conflate === this.conflate && this.subscriptions.includes(subscription);
  }

  async open() {
    const { clock } = this.#context.env;
    this.#deadline = clock.setTimeout(() => this.#down(lateness(this.#link, this.#answered)), OPEN_WITHIN);
    try {
      await this.#read();
      this.#down(disconnected('the SSE stream ended'));
    } catch (error) {
      this.#down(error instanceof HubError ? error : disconnected('the SSE stream broke', error));
    }
  }

  close() {
    this.#context.env.clock.clearTimeout(this.#deadline);
    this.#abort.abort();
  }

  #down(error) {
    if (!this.#abort.signal.aborted) this.#events.down(error);
  }

  #url() {
    const url = new URL('sse', this.#context.base);
    const query = url.searchParams;
    for (const channel of new Set(this.subscriptions.map(each => each.channel))) query.append('channel', channel);
    for (const [name, value] of Object.entries(this.#where())) query.set(name, value);
    if (this.conflate) query.set('conflate', this.conflate);
    query.set('envelope', 'true');
    query.set('client', this.#context.client);
    return url;
  }

  /** The oldest of the cursors (repeats are removed), or what all of them asked for at first. */
  #where() {
    const [first] = this.subscriptions;
    if (!first.cursor) return first.position;
    this.#position = earliest(this.subscriptions.map(each => each.cursor));
    return { after: this.#position };
  }

  async #read() {
    const { env } = this.#context;
    const headers = { Accept: 'text/event-stream', ...authorization(this.#token) };
    const response = await env.fetch(this.#url().href, { headers, cache: 'no-store', signal: this.#abort.signal });
    if (response.status === 204) throw new HubError(204, 'ended', 'the hub has ended this stream for good');
    if (!response.ok) throw await problem(response);
    this.#answered = true;
    if (!response.body?.getReader && env.EventSource) return this.#listen();
    const parser = new EventParser(event => this.#take(event));
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.#abort.signal.aborted) return;
      this.#hear();
      parser.push(decoder.decode(value, { stream: true }));
    }
  }

  /**
   * An EventSource sets no header, so a ticket speaks for the token; and it shows no heartbeats,
   * so its silence proves nothing. It lives until its first failure: a ticket is good for once.
   */
  async #listen() {
    this.#showsHeartbeats = false;
    const url = this.#url();
    if (this.#token) url.searchParams.set('ticket', (await this.#context.rest.ticket()).ticket);
    await new Promise((resolve, reject) => {
      const source = new this.#context.env.EventSource(url.href);
      const taken = event => {
        this.#hear();
        this.#take({ id: event.lastEventId, data: event.data });
      };
      for (const name of EVENT_NAMES) source.addEventListener(name, taken);
      source.onerror = () => {
        source.close();
        reject(disconnected('the EventSource failed'));
      };
      this.#abort.signal.addEventListener('abort', () => {
        source.close();
        resolve();
      });
    });
  }

  #hear() {
    this.#heardAt = this.#context.env.clock.now();
    this.#link.hear();
  }

  #take({ id, data }) {
    if (this.#abort.signal.aborted) return;
    if (!data) return this.#mark(id);
    const frame = parseFrame(data, error => this.#context.report(error));
    switch (frame?.type) {
      case 'ready':
        return this.#welcome(frame);
      case 'message':
      case 'gap':
        this.#context.receive(frame, this.subscriptions.filter(each => this.carries(each)));
        return this.#reached(frame.id ?? frame.resumed);
      case 'join':
      case 'leave':
        return this.#context.presence(this.#link, frame);
      case 'close':
        return this.#down(closeError(frame));
    }
  }

  #welcome(frame) {
    this.#context.env.clock.clearTimeout(this.#deadline);
    this.isReady = true;
    if (this.#showsHeartbeats) this.#heartbeat = frame.heartbeat ?? Infinity;
    this.#link.welcome({ ...frame, heartbeat: this.#heartbeat });
    const [{ channel }] = this.subscriptions;
    const alone = !channel.endsWith('*') && this.subscriptions.every(each => each.channel === channel);
    for (const subscription of this.subscriptions) subscription.beginStream(frame.cursor, alone);
    this.#targets = this.subscriptions.map(each => each.cursor).filter(Boolean);
    this.#events.ready();
    this.#reached(this.#position);
  }

  /** An id without data is a heartbeat; before `ready` it only says where the stream begins. */
  #mark(cursor) {
    if (!this.isReady) return;
    for (const subscription of this.subscriptions) {
      if (this.carries(subscription)) subscription.mark(cursor);
    }
    this.#reached(cursor);
    this.#events.marked();
  }

  /** Caught up: read all that was handed on when this stream became ready. */
  #reached(id) {
    if (!this.#targets || !id) return;
    this.#targets = this.#targets.filter(target => isLater(target, id));
    if (this.#targets.length) return;
    this.#targets = null;
    this.#events.caughtUp();
  }
}

const LINKS = { websocket: WebSocketLink, sse: SseLink };

/** Server-sent events as the HTML standard reads them, but also those that only carry an id. */
class EventParser {
  #onEvent;
  #rest = '';
  #id = '';
  #data = [];
  #touched = false;

  constructor(onEvent) {
    this.#onEvent = onEvent;
  }

  push(text) {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    // The last line is not over yet, nor is a CR at the very end: an LF may follow it.
    this.#rest = lines.pop();
    for (const line of lines) this.#line(line);
  }

  #line(line) {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.#data.push(value);
    if (field === 'id') this.#id = value;
    this.#touched ||= field === 'data' || field === 'id';
  }

  #dispatch() {
    if (this.#touched) this.#onEvent({ id: this.#id, data: this.#data.join('\n') });
    this.#data = [];
    this.#touched = false;
  }
}

/** The hub's REST interface, as far as a client needs it. */
class Rest {
  #base;
  #env;
  #tokens;
  #publishing = false;
  /** Publishes that wait for the one under way: `{ item, resolve, reject }`. */
  #waiting = [];

  constructor(base, env, tokens) {
    this.#base = base;
    this.#env = env;
    this.#tokens = tokens;
  }

  /** Requests overtake each other, so there is one at a time; what waits meanwhile goes together. */
  publish(item) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#publishing) this.#publishWaiting();
    });
  }

  async #publishWaiting() {
    this.#publishing = true;
    while (this.#waiting.length) {
      const batch = this.#waiting.splice(0, MOST_IN_BATCH);
      try {
        const results = await this.#publishAll(batch.map(({ item }) => item));
        batch.forEach(({ resolve, reject }, i) => settle(results[i], resolve, reject));
      } catch (error) {
        // Those behind must not overtake these, which may be repeated.
        for (const { reject } of [...batch, ...this.#waiting.splice(0)]) reject(error);
      }
    }
    this.#publishing = false;
  }

  async #publishAll(items) {
    if (items.length > 1) {
      const lines = items.map(item => JSON.stringify(item)).join('\n');
      return this.#request('POST', ['messages'], { body: lines, type: 'application/x-ndjson' });
    }
    const [{ channel, event, data, dedup }] = items;
    const headers = { 'Idempotency-Key': dedup };
    return [await this.#request('POST', ['channels', channel, 'messages'], { query: { event }, ...json(data), headers })];
  }

  history({ channel, ...query }) {
    return this.#request('GET', ['channels', channel, 'messages'], { query });
  }

  presence({ channel }) {
    return this.#request('GET', ['channels', channel, 'presence']);
  }

  call({ service, data }) {
    return this.#request('POST', ['services', service], json(data));
  }

  ticket() {
    return this.#request('POST', ['tickets']);
  }

  /** Asks once more with a new token when the hub refuses the one there is. */
  async #request(method, path, { query = {}, body, type, headers } = {}) {
    const token = await this.#tokens.get();
    const url = new URL(`api/v1/${path.map(encodeURIComponent).join('/')}`, this.#base);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    const request = { method, headers: { ...headers, ...authorization(token) }, cache: 'no-store' };
    if (body !== undefined) {
      request.headers['Content-Type'] = type;
      request.body = body;
    }
    const response = await this.#fetch(url, request);
    if (response.ok) {
      this.#tokens.accepted();
      return response.answer;
    }
    const { error } = response;
    if (error.status === 401 && this.#tokens.refused(token)) return this.#request(method, path, { query, body, type, headers });
    throw error;
  }

  async #fetch(url, request) {
    const { clock } = this.#env;
    const abort = new AbortController();
    const timer = clock.setTimeout(() => abort.abort(), REQUEST_WITHIN);
    try {
      const response = await this.#env.fetch(url.href, { ...request, signal: abort.signal });
      return response.ok ? { ok: true, answer: await response.json() } : { ok: false, error: await problem(response) };
    } catch (error) {
      throw disconnected(`no answer from ${url.host}`, error);
    } finally {
      clock.clearTimeout(timer);
    }
  }
}

function json(data) {
  return { body: JSON.stringify(data), type: 'application/json' };
}

/** One result of a batch: an id, or a refusal. */
function settle(result, resolve, reject) {
  if (result?.id) resolve(result);
  else reject(new HubError(result?.status ?? 0, result?.code ?? 'disconnected', result?.message ?? 'the hub gave no result'));
}

/** The token in use. A function is asked for the first, and again when that one ends or is refused. */
class TokenSource {
  #supplier;
  #asked = null;
  #token;
  #refusals = 0;

  constructor(supplier) {
    this.#supplier = supplier;
  }

  get renewable() {
    return typeof this.#supplier === 'function';
  }

  get() {
    this.#asked ??= this.#ask();
    return this.#asked;
  }

  renew() {
    this.#asked = null;
    return this.get();
  }

  /** The hub refused `token`: is there any point in asking for another? */
  refused(token) {
    // Two requests may be refused for one token, which then is replaced once.
    if (token !== this.#token || !this.#asked) return true;
    if (!this.renewable || this.#refusals > 0) return false;
    this.#refusals++;
    this.#asked = null;
    return true;
  }

  accepted() {
    this.#refusals = 0;
  }

  /** Asks anew when the token is needed next. */
  doubt() {
    this.#asked = null;
  }

  async #ask() {
    try {
      this.#token = this.renewable ? await this.#supplier() : this.#supplier;
      return this.#token;
    } catch (error) {
      this.#asked = null;
      throw new HubError(0, 'no_token', 'the token function failed', { cause: error });
    }
  }
}

// ---- ids

function parseId(id) {
  const dash = id.indexOf('-');
  return { epoch: id.slice(0, dash), seq: BigInt(id.slice(dash + 1)) };
}

/** Patterns before what they may cover: the shorter, the wider. */
function widestFirst({ channel: a }, { channel: b }) {
  const width = channel => (channel.endsWith('*') ? -channel.length : -Infinity);
  return width(b) - width(a) || 0;
}

function epochOf(id) {
  return id.slice(0, id.indexOf('-'));
}

/** Whether `id` lies behind `other`. Another epoch does: the hub begins one when the past is lost. */
function isLater(id, other) {
  if (!other) return true;
  const [a, b] = [parseId(id), parseId(other)];
  return a.epoch !== b.epoch || a.seq > b.seq;
}

function earliest(ids) {
  return ids.reduce((first, id) => (isLater(first, id) ? id : first));
}

// ---- failures

function disconnected(message, cause) {
  return new HubError(0, 'disconnected', message, { cause });
}

function closedError() {
  return new HubError(0, 'closed', 'this hub was closed');
}

function silence({ kind }) {
  return new HubError(0, 'silent', `nothing arrives over ${kind} any more`, { transport: kind });
}

/** A link that was not ready in time: the hub never answered, or what it says does not get here. */
function lateness({ kind }, answered) {
  return answered
    ? new HubError(0, 'buffered', `${kind} opened, but nothing arrives: something on the way holds it back`, { transport: kind })
    : new HubError(0, 'timeout', `${kind} did not open in ${OPEN_WITHIN} ms`, { transport: kind });
}

/** An `error` frame. */
function refusal({ status, code, message, ...details }) {
  return new HubError(status, code, message, { channels: details.channels, retryAfter: details.retryAfter });
}

const CLOSE_NAMES = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  409: 'replaced',
  413: 'too_large',
  503: 'unavailable',
  504: 'heartbeat_missed',
  508: 'too_slow',
};

/** A `close` frame or event. From 4000 on, the code less 4000 is the status. */
function closeError({ code, reason, retryAfter }) {
  if (!(code >= 4000)) return disconnected(`the connection was closed (${code}${reason ? `: ${reason}` : ''})`);
  const status = code - 4000;
  return new HubError(status, CLOSE_NAMES[status] ?? 'closed', reason || `closed by the hub (${code})`, { closeCode: code, retryAfter });
}

/** Close codes 4000 to 4499 and status 204: do not come back. */
function isFinal({ status, closeCode }) {
  return status === 204 || (closeCode >= 4000 && closeCode < 4500);
}

/** Refused by the hub itself for what was asked, so that asking again is no use. */
function isRefusal({ status, code, closeCode }) {
  return !closeCode && status >= 400 && status < 500 && ![401, 408, 429].includes(status) && code !== 'http';
}

/** RFC 9457, or whatever a proxy answered in the hub's place (code `http`). */
async function problem(response) {
  const { status } = response;
  const body = await response.json().catch(() => ({}));
  const { code = 'http', detail, title, channels } = body ?? {};
  return new HubError(status, code, detail ?? title ?? `HTTP ${status}`, { channels, retryAfter: retryAfter(response) });
}

/** Retry-After (RFC 9110 §10.2.3): seconds or a date; here milliseconds. */
function retryAfter({ headers }) {
  const value = headers.get('Retry-After');
  if (!value) return undefined;
  const wait = /^\d+$/.test(value) ? value * 1000 : Date.parse(value) - Date.now();
  return wait > 0 ? wait : undefined;
}

function parseFrame(text, report) {
  try {
    return JSON.parse(text);
  } catch (error) {
    report(new HubError(0, 'bad_frame', `not a frame: ${String(text).slice(0, 100)}`, { cause: error }));
    return null;
  }
}

function checkSubscription(channel, { after, last, conflate }) {
  check('channel', channel, CHANNEL.test(channel), '1 to 255 of A-Z a-z 0-9 . _ - : / @ ~, at most one * at the end');
  check('after', after, after === undefined || after === 'earliest' || ID.test(after), 'a message id, or earliest');
  check('last', last, last === undefined || (Number.isInteger(last) && last >= 0), 'a number of messages');
  check('conflate', conflate, conflate === undefined || (conflate >= 0 && conflate <= 60_000), '0 to 60000 ms');
}

function check(name, value, good, expected) {
  if (!good) throw new HubError(400, 'bad_request', `${name}: ${value} (expected: ${expected})`);
}

// ---- surroundings

/** Full jitter: anything from now to a bound that doubles with each attempt. */
function fullJitter(random, { first, most }, attempt) {
  return random() * Math.min(most, first * 2 ** attempt);
}

function authorization(token) {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

/** 96 bits that nobody guesses, also where a page has no `crypto.randomUUID` (plain http). */
function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), byte => byte.toString(16).padStart(2, '0')).join('');
}

/** The hub's address with a slash at its end, so that paths are found below it. */
function baseUrl(url) {
  const base = new URL(url, globalThis.location?.href);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  base.search = base.hash = '';
  return base;
}

/** What the platform offers, as far as the caller did not hand in something else. */
function environment({
  WebSocket = globalThis.WebSocket,
  fetch = globalThis.fetch,
  EventSource = globalThis.EventSource,
  clock = systemClock,
  random = Math.random,
  page = browserPage(),
  memory,
}) {
  return {
    WebSocket,
    EventSource,
    // A browser's fetch must not be called as a method.
    fetch: fetch && ((...args) => fetch(...args)),
    clock,
    random,
    page,
    memory,
    sleep: delay => new Promise(resolve => clock.setTimeout(resolve, delay)),
  };
}

const systemClock = {
  now: () => Date.now(),
  setTimeout: (action, delay) => setTimeout(action, delay),
  clearTimeout: timer => clearTimeout(timer),
};

function chooseKinds(transports, { WebSocket, fetch }) {
  const possible = { websocket: WebSocket, sse: fetch };
  const kinds = KINDS.filter(kind => possible[kind] && (!transports || transports.includes(kind)));
  check('transports', transports, kinds.length > 0, `some of ${KINDS.filter(kind => possible[kind]).join(', ')}`);
  return kinds;
}

/** Tells when the page is shown or hidden, and the machine on line or off; outside of a page, never. */
function browserPage() {
  const { document, addEventListener, removeEventListener } = globalThis;
  if (!document) return { hidden: false, listen: () => () => {} };
  return {
    get hidden() {
      return document.hidden;
    },
    listen(tell) {
      const visibility = () => tell(document.hidden ? 'hidden' : 'shown');
      const network = ({ type }) => tell(type);
      document.addEventListener('visibilitychange', visibility);
      addEventListener('online', network);
      addEventListener('offline', network);
      return () => {
        document.removeEventListener('visibilitychange', visibility);
        removeEventListener('online', network);
        removeEventListener('offline', network);
      };
    },
  };
}

/** Remembers what worked for the page's session; where storage is forbidden, for this hub object. */
function sessionMemory(base) {
  const key = `anabranch:${base}`;
  let kind = null;
  try {
    kind = globalThis.sessionStorage?.getItem(key) ?? null;
  } catch {
    // Storage is a comfort: a page without it starts as on its first visit.
  }
  return {
    get: () => kind,
    set(worked) {
      kind = worked;
      try {
        globalThis.sessionStorage?.setItem(key, worked);
      } catch {
        // As above.
      }
    },
  };
}
