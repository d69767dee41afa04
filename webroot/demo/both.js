// Both: one channel over two connections. A message is one row, marked by each way that brought it.

import { connect } from '/anabranch.js';
import { byId, element, prepend, textOf, timeOfDay } from '/dom.js';
import { gapText, nameOf, notice } from './page.js';

const CHANNEL = 'chat:both';

const rows = new Map();
const hubs = { sse: open('sse'), websocket: open('websocket') };

function open(transport) {
  const hub = connect(location.origin, { transports: [transport] });
  hub.on('gap', gap => notice(gapText(gap)));
  hub.on('state', show);
  hub.subscribe(CHANNEL, message => receive(message, transport), { last: 20 });
  return hub;
}

function show() {
  byId('states').replaceChildren(...['sse', 'websocket'].map(state));
  byId('send').textContent = `Send by ${byId('socket').checked ? 'WebSocket' : 'POST'}`;
}

function state(transport) {
  const now = hubs[transport]?.state ?? 'closed';
  const attributes = { class: 'tag', 'data-via': now === 'open' && transport };
  return element('span', attributes, `${nameOf(transport)}: ${now}`);
}

function receive(message, transport) {
  let row = rows.get(message.id);
  if (!row) {
    row = rowOf(message);
    rows.set(message.id, row);
    prepend(byId('list'), row);
  }
  if (row.querySelector(`[data-via="${transport}"]`)) return;
  const tag = element('span', { class: 'tag', 'data-via': transport }, nameOf(transport));
  row.lastElementChild.append(tag);
}

function rowOf({ id, data, time }) {
  return element(
    'li',
    {},
    element('span', { class: 'muted', title: id }, timeOfDay(time)),
    element('span', {}, textOf(data?.text ?? data)),
    element('span', { class: 'legend' }),
  );
}

function change() {
  if (byId('socket').checked) {
    hubs.websocket = open('websocket');
  } else {
    hubs.websocket.close();
    hubs.websocket = undefined;
  }
  show();
}

async function send(event) {
  event.preventDefault();
  const input = byId('text');
  const text = input.value.trim();
  if (!text) return;
  input.value = '';
  const hub = hubs.websocket ?? hubs.sse;
  try {
    await hub.publish(CHANNEL, { text });
  } catch (failure) {
    notice(`Not sent: ${failure.message}`);
    input.value ||= text;
  }
}

byId('socket').addEventListener('change', change);
byId('say').addEventListener('submit', send);
byId('socket').checked = true;
show();
