import { connect } from '../../../../webroot/anabranch.js';
import { FakeClock } from './clock.js';
import { ModelHub } from './model.js';

/** A page that a test hides, shows, and takes off line. */
export class FakePage {
  hidden = false;
  #tell = null;

  listen(tell) {
    this.#tell = tell;
    return () => (this.#tell = null);
  }

  tell(event) {
    if (event === 'hidden' || event === 'shown') this.hidden = event === 'hidden';
    this.#tell?.(event);
  }

  get listening() {
    return this.#tell !== null;
  }
}

export function rememberingNothing() {
  let kind = null;
  return { get: () => kind, set: worked => (kind = worked) };
}

/** A model hub, a client of it, and a record of all that the client told. */
export function fixture(options = {}) {
  const clock = new FakeClock();
  const model = new ModelHub(clock);
  const page = new FakePage();
  const memory = rememberingNothing();
  options.prepare?.(model);
  const told = { state: [], transport: [], gap: [], error: [], join: [], leave: [] };
  const start = more => {
    const { WebSocket, fetch, EventSource } = model;
    const hub = connect('http://hub.test', { clock, page, memory, random: () => 0.5, WebSocket, fetch, EventSource, ...options.client, ...more });
    for (const event of Object.keys(told)) hub.on(event, value => told[event].push(value));
    return hub;
  };
  return { clock, model, page, memory, told, start, hub: options.later ? null : start() };
}

/** Subscribes, and keeps what came. */
export function collect(hub, channel, options) {
  const messages = [];
  const subscription = hub.subscribe(channel, message => messages.push(message), options);
  return {
    messages,
    subscription,
    get data() {
      return messages.map(message => message.data);
    },
  };
}
