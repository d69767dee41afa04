// Digits: the stream as any browser reads it, with nothing of the hub's own client.

import { byId, element, prepend, timeOfDay } from '/dom.js';
import { bar, nameOf } from './page.js';

const LAST = 10;
const CHANNEL = 'demo:digits';

let stream;
const strip = bar(['sse', 'websocket'], () => {
  if (!stream) return;
  stop();
  start();
});

function start() {
  byId('start').disabled = true;
  byId('stop').disabled = false;
  byId('count').dataset.via = strip.choice;
  count(0);
  state('connecting');
  stream = strip.choice === 'sse' ? openEventSource() : openWebSocket();
}

function stop() {
  end('Stopped');
}

function end(words) {
  stream.close();
  stream = undefined;
  byId('start').disabled = false;
  byId('stop').disabled = true;
  state(words);
}

function openEventSource() {
  const source = new EventSource(`/sse?channel=${CHANNEL}`);
  source.onopen = () => state('open');
  source.onmessage = event => digit(event.data, event.lastEventId);
  source.addEventListener('bye', bye);
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) end('Refused');
    else state('Reconnecting');
  };
  return source;
}

/** A WebSocket does not come back by itself: this does, after the last id, as EventSource would. */
function openWebSocket() {
  let socket;
  let timer;
  let cursor;
  let opened = false;
  open();
  return { close };

  function open() {
    const url = new URL(`/ws?channel=${CHANNEL}`, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    if (cursor) url.searchParams.set('after', cursor);
    socket = new WebSocket(url);
    socket.onmessage = event => frame(JSON.parse(event.data));
    socket.onclose = () => {
      if (!opened) return end('Refused');
      state('Reconnecting');
      timer = setTimeout(open, 1000);
    };
  }

  function frame(message) {
    if (message.type === 'ready') {
      opened = true;
      state('open');
    }
    cursor = message.id ?? message.cursor ?? cursor;
    if (message.type !== 'message') return;
    if (message.event === 'bye') bye();
    else digit(message.data, message.id);
  }

  function close() {
    clearTimeout(timer);
    socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

function digit(data, id) {
  count(Number(data));
  row(String(data), id);
}

function bye() {
  row('bye');
  end('Ended by bye');
}

function count(number) {
  byId('digit').textContent = number;
  Array.from(byId('steps').children).forEach((step, index) => {
    step.classList.toggle('reached', index < number);
  });
}

let shown;

function state(now) {
  strip.show(now, strip.choice);
  const words = now === 'open' ? `Open, over ${nameOf(strip.choice)}` : now;
  if (words !== shown && now !== 'connecting') row(words);
  shown = words;
}

function row(text, id = '') {
  const at = element('span', { class: 'muted' }, timeOfDay(Date.now()));
  const name = element('span', { class: 'id' }, id);
  prepend(byId('list'), element('li', { 'data-via': strip.choice }, at, text, name), 100);
}

for (let step = 0; step < LAST; step++) byId('steps').append(element('li'));
byId('start').addEventListener('click', start);
byId('stop').addEventListener('click', stop);
strip.show('Not started', null);
