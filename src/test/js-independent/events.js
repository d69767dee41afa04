// Reads event streams with an npm client, one after the other, and prints the events of each as a
// line of JSON: [[id, event, data], …]. The event "-end-" ends a stream.
//
//   echo '[{"url":"http://…/sse?channel=a","events":["message"]}]' | node events.js undici
import { text } from 'node:stream/consumers';
import { EventSource as Npm } from 'eventsource';
import { EventSource as Undici } from 'undici';

const END = '-end-';
const EventSource = { eventsource: Npm, undici: Undici }[process.argv[2]];

function read({ url, events }) {
  return new Promise((resolve, reject) => {
    const source = new EventSource(url);
    const seen = [];
    const listen = event => {
      if (event.data === undefined) {
        return; // The client's own "open" or "error".
      }
      if (event.type === END) {
        source.close();
        resolve(seen);
      } else {
        seen.push([event.lastEventId, event.type, event.data]);
      }
    };
    new Set([...events, END]).forEach(name => source.addEventListener(name, listen));
    source.addEventListener('error', event => {
      if (source.readyState === source.CLOSED) {
        reject(new Error(`${url}: ${event.message ?? 'closed'}`));
      }
    });
  });
}

for (const stream of JSON.parse(await text(process.stdin))) {
  console.log(JSON.stringify(await read(stream)));
}
