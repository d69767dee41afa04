// The open connections: who they are, which of them do not keep up; and an end to them.

import { element, timeOfDay } from '/dom.js';
import { action, table } from './table.js';

const SHOWN = 50;
const NAMES = { websocket: 'WebSocket', sse: 'SSE' };

export function connections(api) {
  const user = element('input', { type: 'search', id: 'of-user', spellcheck: 'false' });
  const behind = element('input', { type: 'checkbox' });
  const said = element('p', { class: 'refusal', role: 'alert' });
  const total = element('span', { class: 'muted small' });
  const rows = table(['user', 'over', 'from', 'since', 'channels', ''], 'No such connection.');

  async function update() {
    const query = new URLSearchParams({ limit: SHOWN, behind: behind.checked });
    if (user.value) query.set('user', user.value);
    const { sessions, count } = await api.get(`/api/v1/sessions?${query}`);
    total.textContent = count > sessions.length ? `${sessions.length} of ${count}` : `${count}`;
    rows.show(sessions.map(row));
  }

  function row(session) {
    const via = element('span', { class: 'tag', 'data-via': session.transport }, NAMES[session.transport]);
    const late = element('span', { class: 'tag late', hidden: !session.behind }, 'behind');
    const end = async () => {
      await api.delete(`/api/v1/sessions/${encodeURIComponent(session.id)}`);
      await update();
    };
    return [
      session.user ?? '(nobody)',
      element('span', {}, via, ' ', late),
      session.address,
      timeOfDay(session.since),
      element('span', { class: 'names', title: session.channels.join(' ') }, session.channels.join(' ')),
      action('Disconnect', `Disconnect ${session.user ?? session.id}`, end, say),
    ];
  }

  function say(text) {
    said.textContent = text;
  }

  return {
    element: element(
      'section',
      { class: 'panel across' },
      element('div', { class: 'plot-head' }, element('h2', {}, 'Connections'), total),
      element(
        'div',
        { class: 'row' },
        element('div', { class: 'field grow' }, element('label', { for: 'of-user' }, 'Of the user'), user),
        element('label', { class: 'tick' }, behind, 'Only those that are behind'),
      ),
      said,
      rows.element,
    ),
    update,
  };
}
