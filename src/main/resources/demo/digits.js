// Counts on demo:digits: 1 to 10, one number a second, then the event "bye" with the data "bye", then
// a pause of five seconds, and again. digits.py does the same.

const LAST = 10;
const PAUSE = 5;

let step = 0;

const publish = (message) =>
  vertx.eventBus.send('anabranch.publish', { channel: 'demo:digits', ...message });

setInterval(() => {
  step += 1;
  if (step <= LAST) {
    publish({ data: step });
  } else if (step === LAST + 1) {
    publish({ event: 'bye', data: 'bye' });
  } else if (step === LAST + PAUSE) {
    step = 0;
  }
}, 1000);
