// Reads an event stream with the npm client, as an application would, and prints "id data" for
// each message until the one whose data is "end".
//
//   TOKEN=… node read.js 'http://127.0.0.1:8080/sse?channel=chat:*'
import { EventSource } from 'eventsource';

const source = new EventSource(process.argv[2], {
  fetch: (url, init) =>
    fetch(url, {
      ...init,
      headers: { ...init.headers, Authorization: `Bearer ${process.env.TOKEN}` },
    }),
});

source.onmessage = ({ lastEventId, data }) => {
  if (data === 'end') {
    source.close();
  } else {
    console.log(`${lastEventId} ${data}`);
  }
};

source.onerror = ({ code, message }) => {
  console.error(`error ${code ?? ''} ${message ?? ''}`);
  if (source.readyState === source.CLOSED) {
    process.exitCode = 1;
  }
};
