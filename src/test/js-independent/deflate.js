// Publishes texts over a WebSocket with permessage-deflate, of npm's ws, and prints as a line of JSON
// what comes back from the channel: [extensions, compressed bytes read, [data, …]].
//
//   echo '["one","two"]' | TOKEN=… node deflate.js ws://… chat:a
import { text } from 'node:stream/consumers';
import { WebSocket } from 'ws';

const [url, channel] = process.argv.slice(2);
const texts = JSON.parse(await text(process.stdin));
const socket = new WebSocket(url, ['anabranch.v1'], {
  headers: { authorization: `Bearer ${process.env.TOKEN}` },
  perMessageDeflate: { threshold: 0 },
});
const send = frame => socket.send(JSON.stringify(frame));
const seen = [];

socket.on('open', () => send({ type: 'subscribe', ref: 0, channel }));
socket.on('close', (code, reason) => {
  if (seen.length < texts.length) {
    throw new Error(`closed after ${seen.length} of ${texts.length}: ${code} ${reason}`);
  }
});
socket.on('message', bytes => {
  const frame = JSON.parse(bytes);
  if (frame.type === 'ok' && frame.ref === 0) {
    texts.forEach((data, i) => send({ type: 'publish', ref: i + 1, channel, data }));
  } else if (frame.type === 'error') {
    throw new Error(frame.message);
  } else if (frame.type === 'message' && seen.push(frame.data) === texts.length) {
    console.log(JSON.stringify([socket.extensions, socket._socket.bytesRead, seen]));
    socket.close();
  }
});
