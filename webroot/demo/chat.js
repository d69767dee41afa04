// Chat: a room is a channel, `chat:<room>`. What visitors typed is only ever set as text.

import { byId, element, textOf, timeOfDay } from '/dom.js';
import { Line, address, gapText, notice, remember, remembered } from './page.js';

const ROOMS = ['lobby', 'harbour', 'delta'];
const MOST = 500;

const line = new Line();
/** Who is in the room: session → user, or undefined for somebody without a token. */
const here = new Map();
let room;
let subscription;

function join(next) {
  if (next === room) return;
  room = next;
  subscription?.close();
  byId('talk').replaceChildren();
  byId('empty').hidden = false;
  byId('room').value = room;
  address.set('room', room);
  for (const button of byId('rooms').children) {
    button.setAttribute('aria-pressed', button.textContent === room);
  }
  subscription = line.subscribe(`chat:${room}`, show, { last: 50 });
  lookAround();
}

/** Asks who is here; from then on `join` and `leave` tell. */
async function lookAround() {
  const asked = room;
  try {
    const { users } = await line.presence(`chat:${asked}`);
    if (asked !== room) return;
    here.clear();
    for (const { session, user } of users) here.set(session, user);
    showWhoIsHere();
  } catch (failure) {
    byId('here').textContent = `Who is here is not known: ${failure.message}`;
  }
}

function onPresence({ type, channel, session, user }) {
  if (channel !== `chat:${room}`) return;
  if (type === 'join') here.set(session, user);
  else here.delete(session);
  showWhoIsHere();
}

function showWhoIsHere() {
  const users = [...new Set([...here.values()].filter(user => user !== undefined))];
  const guests = [...here.values()].filter(user => user === undefined).length;
  if (guests) users.push(guests === 1 ? '1 guest' : `${guests} guests`);
  byId('here').textContent = users.length ? `Here: ${users.join(', ')}` : '';
}

function show(message) {
  const { data, time } = message;
  const name = String(message.user ?? data?.name ?? 'somebody');
  const text = textOf(data?.text ?? data);
  const row = element(
    'li',
    { 'data-via': line.transport, title: message.id },
    element('span', { class: 'who' }, name),
    element('span', { class: 'said' }, text),
    element('time', { class: 'id', datetime: new Date(time).toISOString() }, timeOfDay(time)),
  );
  if (name === myName()) row.classList.add('mine');
  add(row);
}

function myName() {
  return byId('name').value.trim() || 'somebody';
}

function add(row) {
  const log = byId('log');
  const talk = byId('talk');
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  byId('empty').hidden = true;
  talk.append(row);
  while (talk.children.length > MOST) talk.firstElementChild.remove();
  if (atEnd) log.scrollTop = log.scrollHeight;
}

async function send(event) {
  event.preventDefault();
  const input = byId('text');
  const text = input.value.trim();
  if (!text) return;
  input.value = '';
  input.focus();
  try {
    await line.publish(`chat:${room}`, { text, name: myName() });
  } catch (failure) {
    notice(`Not sent: ${failure.message}`);
    input.value ||= text;
  }
}

line.on('join', onPresence);
line.on('leave', onPresence);
// The stream of a new connection begins with it; who came meanwhile is only in a fresh look.
line.on('transport', transport => transport && lookAround());
line.on('gap', gap => add(element('li', { class: 'break' }, gapText(gap))));

for (const name of ROOMS) {
  const button = element('button', { type: 'button' }, name);
  button.addEventListener('click', () => join(name));
  byId('rooms').append(button);
}
byId('name').value = remembered('name', `guest-${Math.floor(1000 + Math.random() * 9000)}`);
byId('name').addEventListener('change', () => remember('name', byId('name').value));
byId('say').addEventListener('submit', send);
byId('room').addEventListener('change', () => {
  if (byId('room').reportValidity()) join(byId('room').value);
});
byId('join').addEventListener('submit', event => {
  event.preventDefault();
  join(byId('room').value);
  byId('text').focus();
});

byId('room').value = address.get('room') ?? ROOMS[0];
join(byId('room').checkValidity() ? byId('room').value : ROOMS[0]);
