// Action: POST goes up, a plain EventSource brings the result down.

import { byId, element, prepend, refusal, textOf, timeOfDay } from '/dom.js';
import { bar, notice, publishAddress } from './page.js';

const CHANNEL = 'demo:action';

const strip = bar(['sse'], () => {});
const sent = new Map();

function listen() {
  const source = new EventSource(`/sse?channel=${CHANNEL}&last=20&envelope=true`);
  strip.show('connecting', 'sse');
  source.onopen = () => strip.show('open', 'sse');
  source.onmessage = event => show(JSON.parse(event.data));
  source.onerror = () => {
    const over = source.readyState === EventSource.CLOSED;
    strip.show(over ? 'closed' : 'connecting', 'sse');
  };
}

function show({ id, data, time }) {
  const row = element(
    'li',
    { 'data-via': 'sse' },
    element('span', { class: 'muted' }, timeOfDay(time)),
    element('span', {}, textOf(data?.action ?? data)),
    element('span', { class: 'id' }, id),
  );
  if (sent.has(id)) row.append(took(sent.get(id)));
  row.dataset.id = id;
  prepend(byId('list'), row);
}

function took(milliseconds) {
  return element('span', { class: 'tag' }, `sent from here, stored in ${milliseconds} ms`);
}

async function act(event) {
  event.preventDefault();
  const began = performance.now();
  try {
    const response = await fetch(publishAddress(CHANNEL), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ action: byId('action').value }),
    });
    if (!response.ok) return notice(await refusal(response));
    const { id } = await response.json();
    stored(id, response.status, Math.round(performance.now() - began));
  } catch (failure) {
    notice(`Not sent: ${failure.message}`);
  }
  return byId('action').select();
}

/** The push may come before the answer or after it: the row is marked either way. */
function stored(id, status, milliseconds) {
  sent.set(id, milliseconds);
  byId('answer').textContent = `${status}: stored as ${id} in ${milliseconds} ms.`;
  const row = Array.from(byId('list').children).find(each => each.dataset.id === id);
  row?.append(took(milliseconds));
}

byId('act').addEventListener('submit', act);
listen();
