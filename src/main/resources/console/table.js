// A table whose rows are replaced as a whole, with words where there is none.

import { element } from '/dom.js';

/** `columns` are the heads; `show(rows)` takes lists of cells: text or elements. */
export function table(columns, none) {
  const body = element('tbody');
  const heads = columns.map(column => element('th', { scope: 'col' }, column));
  const head = element('thead', {}, element('tr', {}, ...heads));
  const empty = element('p', { class: 'empty' }, none);
  const whole = element('table', {}, head, body);
  return {
    element: element('div', { class: 'framed' }, whole, empty),
    show(rows) {
      body.replaceChildren(
        ...rows.map(cells => element('tr', {}, ...cells.map(cell => element('td', {}, cell)))),
      );
      whole.hidden = rows.length === 0;
      empty.hidden = rows.length > 0;
    },
  };
}

/** A small button for a row; what it refuses is said in `say`. */
export function action(name, label, act, say) {
  const button = element('button', { type: 'button', class: 'small', 'aria-label': label }, name);
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      await act();
      say('');
    } catch (failure) {
      say(failure.message);
    } finally {
      button.disabled = false;
    }
  });
  return button;
}
