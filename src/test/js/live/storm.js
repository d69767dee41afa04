/**
 * Many clients that lose their connections at once. The first argument is `{ url, tokens, count, channel }`
 * as JSON; each line on standard input is a command that is answered by one on standard output (see
 * StormTest.java).
 */
import { createInterface } from 'node:readline';
import WebSocket from 'ws';
import { connect } from '../../../../webroot/anabranch.js';
import { Reader } from './reader.js';

/** Clients that connect together at first. */
const WAVE = 100;

const { url, tokens, count, channel } = JSON.parse(process.argv[2]);
const say = value => console.log(JSON.stringify(value));
const sleep = delay => new Promise(resolve => setTimeout(resolve, delay));

class Client {
  reader = new Reader();
  gaps = {};
  /** How long this client was without a connection, in ms. */
  outage = 0;
  #lostAt = 0;

  constructor(token) {
    this.hub = connect(url, { token, WebSocket });
    this.hub.on('state', state => this.#changed(state));
    this.hub.on('gap', ({ reason }) => (this.gaps[reason] = (this.gaps[reason] ?? 0) + 1));
    this.hub.on('error', () => {});
    this.hub.subscribe(channel, message => this.reader.take(message), { after: 'earliest' });
  }

  #changed(state) {
    if (state !== 'open') this.#lostAt ||= performance.now();
    else if (this.#lostAt) {
      this.outage += performance.now() - this.#lostAt;
      this.#lostAt = 0;
    }
  }
}

const clients = [];
const total = number => clients.reduce((sum, client) => sum + number(client), 0);
const isOpen = ({ hub }) => hub.state === 'open';

async function allOpen() {
  while (!clients.every(isOpen)) await sleep(50);
}

const commands = {
  async connect() {
    while (clients.length < count) {
      for (let i = 0; i < WAVE && clients.length < count; i++) clients.push(new Client(tokens[clients.length % tokens.length]));
      await allOpen();
    }
    return commands.forget();
  },
  /** Outages count from here on; one that lasts is counted when it is over. */
  forget() {
    for (const client of clients) client.outage = 0;
    return {};
  },
  /** Waits until each client has been without a connection, and has one again. */
  async back() {
    while (!clients.every(({ outage }) => outage)) await sleep(50);
    await allOpen();
    const outages = clients.map(({ outage }) => outage).sort((a, b) => a - b);
    return { open: total(isOpen), longest: Math.round(outages.at(-1)), median: Math.round(outages[outages.length >> 1]) };
  },
  /** Waits until each has read so far as `totals` says, which it may never do. */
  async read(totals) {
    for (const end = performance.now() + 60_000; performance.now() < end && total(({ reader }) => reader.missing(totals)); ) await sleep(100);
    const reasons = {};
    for (const { gaps } of clients) for (const [reason, times] of Object.entries(gaps)) reasons[reason] = (reasons[reason] ?? 0) + times;
    return {
      received: total(({ reader }) => reader.received),
      lost: total(({ reader }) => reader.missing(totals)),
      repeated: total(({ reader }) => reader.repeated),
      reordered: total(({ reader }) => reader.reordered),
      gaps: reasons,
    };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name, argument] = JSON.parse(line);
  say(await commands[name](argument));
}
