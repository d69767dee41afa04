// What a connection brings, as it is on the wire: for the pages Format and Wire.

import { element } from '/dom.js';

const MOST = 400;

/** An element that shows lines, scrolls along with them, and forgets the oldest. */
export class Raw {
  #list;

  constructor(list) {
    this.#list = list;
  }

  /** A line of an event stream, its field marked. */
  line(text) {
    const field = text.split(':', 1)[0];
    const marked = element('b', {}, field);
    this.#append(element('div', { 'data-field': field }, marked, text.slice(field.length)));
  }

  /** A frame of a WebSocket, its type in front of it. */
  frame(text, type, sent = false) {
    const marked = element('b', {}, `${sent ? '→' : '←'} ${type}`);
    this.#append(element('div', { 'data-frame': type, 'data-sent': sent }, marked, ` ${text}`));
  }

  /** A line of the page's own, between those of the connection. */
  own(text) {
    this.#append(element('div', { class: 'own' }, text));
  }

  #append(row) {
    const list = this.#list;
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    list.append(row);
    while (list.children.length > MOST) list.firstElementChild.remove();
    if (atEnd) list.scrollTop = list.scrollHeight;
  }
}

/** Hands on each line of a body as it comes, and how many bytes each piece had, until it ends. */
export async function readLines(body, onLine, onBytes = () => {}) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onBytes(value.length);
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
    rest = lines.pop();
    lines.forEach(onLine);
  }
}

/** The id in a line of an event stream, if it has one. */
export function idOf(line) {
  return line.startsWith('id:') ? line.slice(3).trim() : undefined;
}
