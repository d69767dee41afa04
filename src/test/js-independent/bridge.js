// Talks to the hub with a client of the Vert.x event bus bridge, as an application would, and prints
// what came of it as JSON.
//
//   TOKEN=… node bridge.js @vertx/eventbus-bridge-client.js http://127.0.0.1:8080/eventbus websocket
import { createRequire } from 'node:module';

const [library, url, transport] = process.argv.slice(2);
const EventBus = createRequire(import.meta.url)(library);
const bus = new EventBus(url, { transports: [transport] });
bus.defaultHeaders = { Authorization: `Bearer ${process.env.TOKEN}` };

const seen = { received: [] };
const send = (address, body) =>
  new Promise(resolve =>
    bus.send(address, body, (error, reply) => resolve(error ?? reply.body)));

bus.onopen = async () => {
  bus.registerHandler('chat:lobby', (error, message) => {
    seen.received.push(error ?? message.body);
    if (message?.body === 'end') {
      console.log(JSON.stringify(seen));
      bus.close();
    }
  });
  seen.stored = await send('chat:lobby', { text: 'hi' });
  seen.answer = await send('service.echo', { book: 3 });
  seen.nobody = await send('service.nothing', null);
  seen.refused = await send('secret:a', 1);
  bus.publish('chat:lobby', 'end');
};
