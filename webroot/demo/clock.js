// Clock: lists the server's time each second.

import { byId, element, prepend } from '/dom.js';
import { Line } from './page.js';

const line = new Line();

line.subscribe('demo:clock', show, { last: 10 });

function show(message) {
  const time = String(message.data);
  byId('face').textContent = time.slice(11, 19);
  const row = element(
    'li',
    { 'data-via': line.transport },
    element('time', { datetime: time }, time.slice(11, 19)),
    element('span', { class: 'muted hide-narrow' }, time.slice(0, 10)),
    element('span', { class: 'id' }, message.id),
  );
  prepend(byId('list'), row, 100);
}
