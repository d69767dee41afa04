import { seeded } from '../support/clock.js';
import { faultProxy } from './faults.js';
import { Reader } from './reader.js';
import { Traveller } from './traveller.js';

/** Requests of all clients share connections: these are reset every so often (ms). */
const RESET_REST_EVERY = 1_500;

const sleep = delay => new Promise(resolve => setTimeout(resolve, delay));

/** Asks every 50 ms; the answer is whether it came true in time. */
async function until(condition, timeout) {
  for (const end = performance.now() + timeout; performance.now() < end; await sleep(50)) {
    if (condition()) return true;
  }
  return condition();
}

/** Many travellers, the observer of what they publish, and the sum of what they have seen. */
export class Journey {
  #travellers;
  #observer;
  #proxy;
  #done;

  /**
   * @param {object} options `connect` and its `options`; `url`, through the fault proxy; `direct`, past it;
   * `control`, the proxy's control port; `tokens`, one for each client and one for the observer; `seed`;
   * `name`, which no other journey at the same time has
   */
  constructor({ connect, options, url, direct, control, tokens, seed, name }) {
    const [observerToken, ...clients] = tokens;
    this.#proxy = faultProxy(control);
    this.#travellers = clients.map((token, i) => {
      const random = seeded(seed * 1_000 + i);
      // Each reads everything at the full rate, some also a part of it by a subscription of its own.
      const channels = i % 4 ? ['load:*'] : ['load:*', `load:${i % 10}`, `load:${(i + 3) % 10}`];
      return new Traveller({ connect, options: { ...options, token, random }, url, id: `${name}-${1000 + i}`, proxy: this.#proxy, random, channels });
    });
    this.#observer = { hub: connect(direct, { ...options, token: observerToken }), reader: new Reader() };
    // On a busy machine it may lose its connection too, which is no matter.
    this.#observer.hub.on('error', () => {});
    this.#observer.hub.subscribe(`up:${name}-*`, message => this.#observer.reader.take(message), { after: 'earliest' });
  }

  ready(timeout) {
    return until(() => this.#travellers.every(({ ready }) => ready) && this.#observer.hub.state === 'open', timeout);
  }

  /** Travels until there were so many changes of transport, or the time (ms) is over. */
  async travel(switches, atLeast, atMost) {
    this.#done = Promise.all(this.#travellers.map(traveller => traveller.travel()));
    let failure = null;
    this.#done.catch(error => (failure = error));
    const timer = setInterval(() => this.#resetRequests(), RESET_REST_EVERY);
    await sleep(atLeast);
    await until(() => failure || this.#switches('up') + this.#switches('down') >= switches, atMost - atLeast);
    clearInterval(timer);
    if (failure) throw failure;
  }

  #resetRequests() {
    if (!this.#travellers.some(({ recovering }) => recovering)) this.#proxy('reset', { kind: 'rest' });
  }

  /** Heals the network, waits for what is still to come, and reports. `totals`: channel → how far it went. */
  async finish(totals) {
    for (const traveller of this.#travellers) traveller.rest();
    await this.#done;
    await this.#proxy('clear');
    await until(() => this.#missing(totals) === 0, 60_000);
    const report = this.#report(totals);
    for (const { hub } of [...this.#travellers, this.#observer]) hub.close();
    return report;
  }

  get #readers() {
    return this.#travellers.flatMap(({ readers }) => readers);
  }

  #missing(totals) {
    return this.#unread(totals) + this.#unpublished();
  }

  #unread(totals) {
    const part = channel => (channel.endsWith('*') ? totals : { [channel]: totals[channel] });
    return sum(this.#travellers, ({ readers, channels }) => sum(readers, (reader, i) => reader.missing(part(channels[i]))));
  }

  #unpublished() {
    return this.#observer.reader.missing(Object.fromEntries(this.#travellers.map(({ id, published }) => [`up:${id}`, published])));
  }

  #switches(kind) {
    return sum(this.#travellers, ({ switches }) => switches[kind]);
  }

  #report(totals) {
    const { reader } = this.#observer;
    const stat = name => sum(this.#travellers, ({ hub }) => hub.stats[name]);
    return {
      clients: this.#travellers.length,
      received: sum(this.#readers, ({ received }) => received),
      up: this.#switches('up'),
      down: this.#switches('down'),
      seamless: this.#switches('seamless'),
      fewestSwitches: Math.min(...this.#travellers.map(({ switches }) => switches.up + switches.down)),
      lost: this.#unread(totals),
      repeated: sum(this.#readers, ({ repeated }) => repeated),
      reordered: sum(this.#readers, ({ reordered }) => reordered),
      gaps: sum(this.#travellers, ({ gaps }) => gaps),
      repeatsRemoved: stat('repeats'),
      repaired: stat('repaired'),
      longestSilence: Math.round(Math.max(...this.#travellers.map(({ readers: [all] }) => all.longestSilence))),
      published: sum(this.#travellers, ({ published }) => published),
      publishedLost: this.#unpublished(),
      publishedTwice: reader.repeated,
      publishedReordered: reader.reordered,
      errors: this.#errors(),
    };
  }

  #errors() {
    const all = {};
    for (const { errors } of this.#travellers) {
      for (const [code, count] of Object.entries(errors)) all[code] = (all[code] ?? 0) + count;
    }
    return all;
  }
}

function sum(list, number) {
  return list.reduce((total, each, i) => total + number(each, i), 0);
}
