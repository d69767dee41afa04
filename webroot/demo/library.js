// Library: `call` asks the verticle, the channel tells everyone. A state of a book has a version,
// so it does not matter whether the answer or the news comes first.

import { byId, element, timeOfDay } from '/dom.js';
import { Line, remember, remembered } from './page.js';

const CHANNEL = 'demo:library';
const MOVES = {
  borrow: { service: 'library.borrow', refused: 'Not borrowed' },
  return: { service: 'library.return', refused: 'Not returned' },
};

const line = new Line();
const cards = new Map();
let isRead = false;

function take(book) {
  const card = cards.get(book.id) ?? addCard(book);
  if (card.book?.version >= book.version) return false;
  card.book = book;
  draw(card);
  return true;
}

function addCard({ id, title, author, year }) {
  const state = element('span', { class: 'state' });
  const button = element('button', { type: 'button' });
  const refusal = element('p', { class: 'refusal', role: 'alert' });
  const row = element(
    'li',
    { 'data-book': id },
    element('strong', {}, title),
    element('span', { class: 'muted' }, `${author}, ${year}`),
    state,
    button,
    refusal,
  );
  const card = { row, state, button, refusal, book: undefined };
  button.addEventListener('click', () => move(card));
  cards.set(id, card);
  byId('shelf').append(row);
  return card;
}

function draw(card) {
  const { row, state, button, refusal, book } = card;
  const mine = isMine(book);
  row.classList.toggle('mine', mine);
  refusal.textContent = '';
  state.replaceChildren(...stateOf(book, mine));
  label(button, mine ? 'Return' : 'Borrow', book.title);
}

function label(button, word, title) {
  button.textContent = word;
  button.setAttribute('aria-label', `${word} ${title}`);
  button.classList.toggle('first', word === 'Return');
}

function stateOf({ borrowedBy, since }, mine) {
  if (!borrowedBy) return ['On the shelf'];
  const time = element('time', { datetime: new Date(since).toISOString() }, moment(since));
  if (mine) return [element('b', {}, 'You have it'), ' since ', time];
  return [element('b', {}, borrowedBy), ' has it since ', time];
}

/** The time of day; of another day its date. */
function moment(milliseconds) {
  const then = new Date(milliseconds);
  if (then.toDateString() === new Date().toDateString()) return timeOfDay(milliseconds);
  return then.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
}

function isMine({ borrowedBy, guest }) {
  return guest === true && borrowedBy === myName();
}

function myName() {
  return byId('name').value.trim();
}

async function move(card) {
  if (!byId('name').reportValidity()) return;
  const { service, refused } = isMine(card.book) ? MOVES.return : MOVES.borrow;
  card.button.disabled = true;
  card.refusal.textContent = '';
  try {
    take(await line.call(service, { book: card.book.id, name: myName() }));
  } catch (failure) {
    card.refusal.textContent = `${refused}: ${failure.message}`;
  } finally {
    card.button.disabled = false;
    card.button.focus({ preventScroll: true });
  }
}

function hear({ data: book }) {
  if (!take(book)) return;
  const { title, borrowedBy } = book;
  const news = borrowedBy ? `${borrowedBy} has borrowed ${title}.` : `${title} is on the shelf.`;
  byId('news').textContent = news;
}

/** Reads the shelf when a connection is there, and again on the next where one went away meanwhile. */
async function readShelf() {
  if (isRead) return;
  try {
    for (const book of await line.call('library.list')) take(book);
    isRead = true;
    byId('empty').hidden = true;
  } catch (failure) {
    byId('empty').textContent = `The shelf cannot be read: ${failure.message}`;
    byId('empty').hidden = false;
  }
}

/** What changed meanwhile is not known, nor whether the versions go on. */
function readAgain() {
  for (const card of cards.values()) card.book = { ...card.book, version: -1 };
  isRead = false;
  readShelf();
}

const mine = remembered('name', `guest-${Math.floor(1000 + Math.random() * 9000)}`);
byId('name').value = mine;
// A book is returned under the name it was borrowed under, also after a reload.
remember('name', mine);
byId('name').addEventListener('input', () => {
  if (myName()) remember('name', myName());
  for (const card of cards.values()) draw(card);
});
line.on('gap', readAgain);
line.on('state', state => state === 'open' && readShelf());
line.subscribe(CHANNEL, hear);
