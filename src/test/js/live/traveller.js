import { drawFaults } from './faults.js';
import { Reader } from './reader.js';

/** A WebSocket has to serve so long before the client takes it for steady (ms). */
const STEADY = 5_000;
const MOST_UNANSWERED = 50;
/** Longer than a client takes to move by itself, whatever befalls it (ms). */
const LONG = 30_000;

const sleep = delay => new Promise(resolve => setTimeout(resolve, delay));

/**
 * One real client whose network fails again and again, whichever transport it is on: it travels
 * from WebSocket to SSE and back. What it reads and publishes is counted.
 */
export class Traveller {
  /** Changes of the transport that serves; `seamless` are those without a moment between. */
  switches = { up: 0, down: 0, seamless: 0 };
  errors = {};
  gaps = 0;
  published = 0;

  #proxy;
  #random;
  #faults;
  #kind = null;
  #broken = false;
  #waiters = [];
  /** When each publication was made that has no answer yet, the oldest first (ms). */
  #unanswered = new Set();
  #travelling = true;

  constructor({ connect, options, url, id, proxy, random, channels }) {
    this.id = id;
    this.channels = channels;
    this.#proxy = proxy;
    this.#random = random;
    this.#faults = drawFaults(random);
    this.hub = connect(url, { client: id, ...options });
    this.hub.on('transport', kind => this.#moved(kind));
    this.hub.on('gap', () => this.gaps++);
    this.hub.on('error', ({ code }) => (this.errors[code] = (this.errors[code] ?? 0) + 1));
    this.readers = channels.map(channel => {
      const reader = new Reader();
      this.hub.subscribe(channel, message => reader.take(message), { after: 'earliest' });
      return reader;
    });
  }

  get ready() {
    return this.hub.state === 'open';
  }

  /** Goes through faults until `rest()`, publishing all the while. */
  async travel() {
    for (const reader of this.readers) reader.forgetSilence();
    await Promise.all([this.#suffer(), this.#publish()]);
  }

  /** No more faults, nothing more to publish. */
  rest() {
    this.#travelling = false;
    this.#tell();
  }

  #moved(kind) {
    this.#broken ||= kind === null;
    if (kind && this.#kind && kind !== this.#kind) {
      this.switches[kind === 'websocket' ? 'up' : 'down']++;
      if (!this.#broken) this.switches.seamless++;
    }
    if (kind) {
      this.#kind = kind;
      this.#broken = false;
    }
    this.#tell();
  }

  #tell() {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  async #suffer() {
    while (this.#travelling) {
      while (this.#travelling && this.recovering) await sleep(100);
      const kind = this.hub.transport;
      if (!kind) {
        await this.#change(LONG);
      } else if (!(await this.#change(this.#patience(kind)))) {
        await this.#hit(kind);
      }
    }
  }

  /**
   * Whether a publication is old. Where clients have too little of the processor, the next fault would
   * come before each answer, until they give up, as they say that they do: so faults have to wait.
   */
  get recovering() {
    const [oldest = Infinity] = this.#unanswered;
    return oldest < performance.now() - LONG;
  }

  /** How long a transport is left in peace. On SSE often long enough to move up by itself. */
  #patience(kind) {
    if (kind === 'websocket') return this.#random() < 0.15 ? this.#random() * STEADY : STEADY + this.#random() * 1_000;
    return this.#random() < 0.25 ? LONG : this.#random() * 1_500;
  }

  async #hit(kind) {
    const client = this.id;
    const spoil = this.#faults.spoil();
    const end = this.#faults.end();
    if (spoil) await this.#proxy('set', { client, ...spoil });
    await this.#proxy(end, { client, kind });
    await this.#change(kind === 'sse' || end === 'stall' ? LONG : 2_000);
    if (!spoil) return;
    await sleep(500 + this.#random() * 1_500);
    await this.#proxy('set', { client, kind: spoil.kind });
  }

  /** Whether the transport changed within `delay` (ms). */
  async #change(delay) {
    let timer;
    const changed = await new Promise(resolve => {
      this.#waiters.push(() => resolve(true));
      timer = setTimeout(() => resolve(false), delay);
    });
    clearTimeout(timer);
    return changed;
  }

  /** Waits with more while many are unanswered: a client keeps no more than 100. */
  async #publish() {
    const answers = new Set();
    while (this.#travelling) {
      if (this.#unanswered.size < MOST_UNANSWERED) {
        const made = performance.now();
        this.#unanswered.add(made);
        const answer = this.hub.publish(`up:${this.id}`, { n: ++this.published }).then(() => {
          this.#unanswered.delete(made);
          answers.delete(answer);
        });
        answers.add(answer);
      }
      await sleep(200 + this.#random() * 400);
    }
    await Promise.all(answers);
  }
}
