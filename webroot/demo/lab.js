// Transport lab: counts what the page was handed, and breaks its own connection on request.
// The counters trust nothing: repeats are found by id and holes by `prev`, whatever the client
// says.

import { byId, element, prepend, refusal, timeOfDay } from '/dom.js';
import { Line, isAfter, nameOf, notice } from './page.js';

const CHANNEL = 'ticker:A*';
const WINDOW = 60000;

const line = new Line();
const counts = { messages: 0, repeats: 0, gaps: 0, switches: 0, silence: 0 };
const heads = new Map();
const dots = [];
const turns = [];
let transport;
let latest;

line.on('gap', gap => {
  heads.delete(gap.channel);
  hole(`Gap on ${gap.channel} after ${gap.after}: ${gap.reason}`);
});
line.on('transport', turn);
line.on('error', error => {
  if (error.transport) row(`${nameOf(error.transport)}: ${error.message}`, error.transport);
});
line.on('state', state => {
  if (state !== 'open') row(`State: ${state}`);
});
line.subscribe(CHANNEL, receive);

function receive(message) {
  const now = Date.now();
  const { id, prev, channel, time } = message;
  const head = heads.get(channel);
  if (!isAfter(id, head)) return repeat(id);
  if (head && prev !== head) hole(`Hole on ${channel} between ${head} and ${id}`);
  heads.set(channel, id);
  counts.messages += 1;
  if (latest) counts.silence = Math.max(counts.silence, now - latest);
  latest = now;
  dots.push({ at: now, latency: Math.max(0, now - time), via: line.transport });
}

function repeat(id) {
  counts.repeats += 1;
  row(`Repeat of ${id}`);
}

function hole(words) {
  counts.gaps += 1;
  row(words);
}

function turn(next) {
  if (!next || next === transport) return;
  if (transport) {
    counts.switches += 1;
    turns.push({ at: Date.now(), via: next });
  }
  row(transport ? `From ${nameOf(transport)} to ${nameOf(next)}` : `On ${nameOf(next)}`, next);
  transport = next;
}

function row(text, via) {
  const at = element('span', { class: 'muted' }, timeOfDay(Date.now()));
  prepend(byId('list'), element('li', { 'data-via': via }, at, text), 100);
}

async function fault(name, label) {
  try {
    const response = await fetch('/dev/faults', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ client: line.client, fault: name }),
    });
    if (response.status === 404 || response.status === 405) {
      return notice('This hub has no switch for faults: only one in development mode has.');
    }
    if (!response.ok) return notice(await refusal(response));
    press(name);
    return row(`Asked for: ${label}`);
  } catch (failure) {
    return notice(`Not asked for: ${failure.message}`);
  }
}

function press(name) {
  for (const button of document.querySelectorAll('[data-fault]')) {
    button.setAttribute('aria-pressed', button.dataset.fault === name);
  }
}

function show() {
  for (const [name, count] of Object.entries(counts)) {
    byId(name).textContent = count.toLocaleString('en');
  }
  for (const figure of document.querySelectorAll('[data-watch]')) {
    figure.classList.toggle('bad', figure.lastElementChild.textContent !== '0');
  }
  const begin = Date.now() - WINDOW;
  while (dots[0]?.at < begin) dots.shift();
  while (turns[0]?.at < begin) turns.shift();
  const sorted = dots.map(dot => dot.latency).sort((a, b) => a - b);
  if (sorted.length) byId('median').textContent = sorted[sorted.length >> 1];
  paint(begin, sorted.at(-1) ?? 0);
}

function paint(begin, worst) {
  const canvas = byId('plot');
  const scale = devicePixelRatio;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext('2d');
  pen.scale(scale, scale);
  const colours = getComputedStyle(canvas);
  const colour = name => colours.getPropertyValue(name).trim();
  const inks = { websocket: colour('--main'), sse: colour('--side') };
  const top = ceiling(worst);
  const x = at => 40 + ((at - begin) / WINDOW) * (width - 44);
  const y = latency => height - 20 - (latency / top) * (height - 30);

  pen.font = `12px ${colours.fontFamily}`;
  pen.fillStyle = colour('--muted');
  pen.strokeStyle = colour('--line');
  pen.textAlign = 'right';
  for (const mark of [0, top / 2, top]) {
    pen.strokeRect(40, y(mark), width - 44, 0);
    pen.fillText(mark, 34, y(mark) + 4);
  }
  pen.fillText('now', width - 4, height - 4);
  pen.textAlign = 'left';
  pen.fillText('ms, one minute ago', 40, height - 4);
  for (const { at, via } of turns) {
    pen.fillStyle = inks[via];
    pen.fillRect(x(at) - 1, 10, 2, height - 30);
  }
  for (const { at, latency, via } of dots) {
    pen.fillStyle = inks[via] ?? colour('--muted');
    pen.fillRect(x(at) - 1.5, y(latency) - 1.5, 3, 3);
  }
}

/** The next of 10, 20, 50, 100, … that is not less. */
function ceiling(value) {
  for (let unit = 10; ; unit *= 10) {
    for (const factor of [1, 2, 5]) if (unit * factor >= value) return unit * factor;
  }
}

for (const button of document.querySelectorAll('[data-fault]')) {
  button.addEventListener('click', () => fault(button.dataset.fault, button.textContent));
}
press('none');
setInterval(show, 250);
