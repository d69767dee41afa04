// The verticles beside the hub, and how they are.

import { element, timeOfDay } from '/dom.js';
import { count } from './numbers.js';
import { table } from './table.js';

export function verticles(api) {
  const rows = table(['verticle', 'language', 'status', 'since', 'starts', 'failures'], 'There is none.');
  return {
    element: element('section', { class: 'panel across' }, element('h2', {}, 'Verticles'), rows.element),
    async update() {
      const { verticles: list } = await api.get('/api/v1/verticles');
      rows.show(list.map(row));
    },
  };
}

function row({ name, language, status, since, starts, failures, failure }) {
  const late = status === 'running' ? 'tag' : 'tag late';
  const state = element('span', { class: late, title: failure }, status);
  return [
    element('code', {}, name),
    language,
    state,
    timeOfDay(since),
    count(starts),
    element('span', { title: failure }, count(failures)),
  ];
}
