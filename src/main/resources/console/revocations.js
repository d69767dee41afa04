// Tokens that are good no more: which they are, one more, one less.

import { element, timeOfDay } from '/dom.js';
import { action, table } from './table.js';

const KINDS = { sub: 'All tokens of the user', jti: 'The token with the id' };

export function revocations(api) {
  const rows = table(['revoked', 'since', 'until', ''], 'Nothing is revoked.');
  const said = element('p', { class: 'refusal', role: 'alert' });
  const say = text => {
    said.textContent = text;
  };

  async function update() {
    const { revocations: list } = await api.get('/api/v1/revocations?limit=50');
    rows.show(list.map(row));
  }

  function row(revocation) {
    const lift = async () => {
      await api.delete(`/api/v1/revocations/${encodeURIComponent(revocation.id)}`);
      await update();
    };
    return [
      element('code', {}, revocation.id),
      moment(revocation.issuedBefore),
      moment(revocation.until),
      action('Lift', `Lift ${revocation.id}`, lift, say),
    ];
  }

  return {
    element: element(
      'section',
      { class: 'panel' },
      element('h2', {}, 'Revocations'),
      rows.element,
      form(api, update, say),
      said,
    ),
    update,
  };
}

function moment(ms) {
  return ms === undefined ? '–' : `${new Date(ms).toLocaleDateString('en-GB')} ${timeOfDay(ms)}`;
}

function form(api, update, say) {
  const kinds = Object.entries(KINDS).map(([value, text]) => element('option', { value }, text));
  const kind = element('select', { id: 'kind' }, ...kinds);
  const name = element('input', { type: 'text', id: 'revoked', required: true, spellcheck: 'false' });
  const whole = element(
    'form',
    { class: 'row', autocomplete: 'off' },
    element('div', { class: 'field half' }, element('label', { for: 'kind' }, 'Revoke'), kind),
    element('div', { class: 'field half' }, element('label', { for: 'revoked' }, 'Name'), name),
    element('button', {}, 'Revoke'),
  );
  whole.addEventListener('submit', async event => {
    event.preventDefault();
    try {
      await api.post('/api/v1/revocations', { [kind.value]: name.value });
      name.value = '';
      say('');
      await update();
    } catch (failure) {
      say(failure.message);
    }
  });
  return whole;
}
