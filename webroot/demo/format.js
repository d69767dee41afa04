// Format: reads /sse with fetch and shows its lines as they are on the wire.

import { byId, element, refusal } from '/dom.js';
import { notice, publishAddress } from './page.js';

const MOST = 400;

let reading;
let last;
let bytes = 0;

/** Reads the stream, after `cursor` where there is one, until it ends or is cut. */
async function read(cursor) {
  reading?.abort();
  const abort = new AbortController();
  reading = abort;
  buttons();
  const headers = { Accept: 'text/event-stream' };
  if (cursor) headers['Last-Event-ID'] = cursor;
  const path = pathOf();
  own(`GET ${path}${cursor ? `, Last-Event-ID: ${cursor}` : ''}`);
  state('Connecting');
  try {
    const response = await fetch(path, { headers, signal: abort.signal, cache: 'no-store' });
    if (!response.ok) throw new Error(await refusal(response));
    own(`${response.status}, ${response.headers.get('Content-Type')}`);
    state('Open');
    await show(response.body.getReader());
    finish(abort, 'Ended by the server');
  } catch (failure) {
    finish(abort, abort.signal.aborted ? 'Cut' : failure.message);
  }
}

function pathOf() {
  const envelope = byId('envelope').checked ? '&envelope=true' : '';
  return `/sse?channel=${byId('channel').value}${envelope}`;
}

async function show(reader) {
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    bytes += value.length;
    byId('bytes').textContent = bytes.toLocaleString('en');
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
    rest = lines.pop();
    lines.forEach(line);
  }
}

function line(text) {
  const colon = text.indexOf(':');
  const field = colon < 0 ? text : text.slice(0, colon);
  if (field === 'id') {
    last = text.slice(colon + 1).trim();
    byId('last').textContent = last;
  }
  const tail = colon < 0 ? '' : text.slice(colon);
  append(element('div', { 'data-field': field }, element('b', {}, field), tail));
}

/** A line of this page's own, between those of the stream. */
function own(text) {
  append(element('div', { class: 'own' }, text));
}

function append(row) {
  const raw = byId('raw');
  const atEnd = raw.scrollHeight - raw.scrollTop - raw.clientHeight < 60;
  raw.append(row);
  while (raw.children.length > MOST) raw.firstElementChild.remove();
  if (atEnd) raw.scrollTop = raw.scrollHeight;
}

/** Notes the end of a reading, unless another has taken its place. */
function finish(abort, words) {
  own(words);
  if (reading !== abort) return;
  reading = undefined;
  state(words.replace(/\.$/, ''));
  buttons();
}

function state(words) {
  byId('state').textContent = words;
}

function buttons() {
  byId('cut').disabled = !reading;
  byId('resume').disabled = Boolean(reading) || !last;
}

async function publish(event) {
  event.preventDefault();
  const name = byId('event').value.trim();
  const query = name ? `?event=${encodeURIComponent(name)}` : '';
  try {
    const response = await fetch(publishAddress('demo:action') + query, {
      method: 'POST',
      headers: { 'Content-Type': 'text/plain' },
      body: byId('text').value,
    });
    if (!response.ok) notice(await refusal(response));
  } catch (failure) {
    notice(`Not sent: ${failure.message}`);
  }
}

byId('read').addEventListener('submit', event => {
  event.preventDefault();
  last = undefined;
  byId('last').textContent = 'none';
  read();
});
byId('cut').addEventListener('click', () => reading?.abort());
byId('resume').addEventListener('click', () => read(last));
byId('say').addEventListener('submit', publish);
