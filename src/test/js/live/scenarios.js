/** Does with anabranch.js what lines on standard input say, and tells what it hears (see ClientProcess.java). */
import { createInterface } from 'node:readline';
import WebSocket from 'ws';
import { connect } from '../../../../webroot/anabranch.js';

const clients = new Map();
const say = value => console.log(JSON.stringify(value));
const failure = ({ status, code, message, channel }) => ({ status, code, message, channel });

class Client {
  asked = 0;
  subscriptions = new Map();

  constructor(name, { url, transports, tokens, fixed }) {
    this.name = name;
    const token = fixed ? tokens[0] : () => tokens[Math.min(this.asked++, tokens.length - 1)];
    this.hub = connect(url, { token, transports, WebSocket });
    for (const event of ['state', 'transport', 'gap', 'join']) this.hub.on(event, value => this.tell(event, value));
    this.hub.on('error', error => this.tell('error', failure(error)));
  }

  tell(event, value, sub) {
    say({ hub: this.name, event, sub, value });
  }

  subscribe({ sub, channel, options }) {
    this.subscriptions.set(sub, this.hub.subscribe(channel, message => this.tell('message', message, sub), options));
    return {};
  }

  update({ sub, conflate }) {
    this.subscriptions.get(sub).update({ conflate });
    return {};
  }

  look({ sub }) {
    const { cursor, closed } = this.subscriptions.get(sub) ?? {};
    return { state: this.hub.state, transport: this.hub.transport, tokens: this.asked, cursor, closed };
  }

  publish({ channel, data, options }) {
    return this.hub.publish(channel, data, options);
  }

  history({ channel, options }) {
    return this.hub.history(channel, options);
  }

  presence({ channel }) {
    return this.hub.presence(channel);
  }

  async call({ service, data }) {
    return { data: await this.hub.call(service, data) };
  }

  close() {
    this.hub.close();
    return {};
  }
}

async function act({ do: what, hub, ref, ...details }) {
  try {
    if (what === 'connect') clients.set(hub, new Client(hub, details));
    const ok = what === 'connect' ? {} : await clients.get(hub)[what](details);
    say({ ref, ok });
  } catch (error) {
    say({ ref, error: failure(error) });
  }
}

for await (const line of createInterface({ input: process.stdin })) act(JSON.parse(line));
process.exit();
