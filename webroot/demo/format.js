// Format: reads /sse with fetch and shows its lines as they are on the wire.

import { byId, refusal } from '/dom.js';
import { notice, publishAddress } from './page.js';
import { Raw, idOf, readLines } from './raw.js';

const raw = new Raw(byId('raw'));
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
  raw.own(`GET ${path}${cursor ? `, Last-Event-ID: ${cursor}` : ''}`);
  state('Connecting');
  try {
    const response = await fetch(path, { headers, signal: abort.signal, cache: 'no-store' });
    if (!response.ok) throw new Error(await refusal(response));
    raw.own(`${response.status}, ${response.headers.get('Content-Type')}`);
    state('Open');
    await readLines(response.body, line, count);
    finish(abort, 'Ended by the server');
  } catch (failure) {
    finish(abort, abort.signal.aborted ? 'Cut' : failure.message);
  }
}

function pathOf() {
  const envelope = byId('envelope').checked ? '&envelope=true' : '';
  return `/sse?channel=${byId('channel').value}${envelope}`;
}

function count(length) {
  bytes += length;
  byId('bytes').textContent = bytes.toLocaleString('en');
}

function line(text) {
  last = idOf(text) ?? last;
  byId('last').textContent = last ?? 'none';
  raw.line(text);
}

/** Notes the end of a reading, unless another has taken its place. */
function finish(abort, words) {
  raw.own(words);
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
