// The console: asks for a token, then shows the hub's panels for as long as the token is good.

import { byId } from '/dom.js';
import { Api, Refused } from './api.js';
import { channels } from './channels.js';
import { connections } from './connections.js';
import { overview } from './overview.js';
import { refusals } from './refusals.js';
import { revocations } from './revocations.js';
import { traffic } from './traffic.js';
import { verticles } from './verticles.js';
import { Samples } from './samples.js';

const EVERY_MS = 1_000;
const PANELS = [overview, traffic, channels, refusals, revocations, connections, verticles];

let timer;

byId('enter').addEventListener('submit', async event => {
  event.preventDefault();
  const token = byId('token').value.trim();
  const api = new Api(token);
  try {
    await api.get('/api/v1/sessions?limit=1');
  } catch (refusal) {
    byId('enter-refusal').textContent = refusal.message;
    return;
  }
  byId('token').value = '';
  byId('enter-refusal').textContent = '';
  open(api);
});

byId('leave').addEventListener('click', () => location.reload());

function open(api) {
  const samples = new Samples();
  const panels = PANELS.map(panel => panel(api));
  byId('desk').replaceChildren(...panels.map(panel => panel.element));
  show(true);

  async function look() {
    try {
      samples.add(await api.text('/metrics'));
      health('up', 'Answers');
      await Promise.all(panels.map(panel => panel.update(samples)));
    } catch (failure) {
      if (failure instanceof Refused && failure.status === 401) return leave(failure.message);
      health('down', `Does not answer: ${failure.message}`);
    }
    timer = setTimeout(look, EVERY_MS);
  }
  look();
}

function leave(why) {
  clearTimeout(timer);
  byId('desk').replaceChildren();
  byId('enter-refusal').textContent = why;
  health('', '');
  show(false);
}

function show(isOpen) {
  byId('enter').hidden = isOpen;
  byId('desk').hidden = !isOpen;
  byId('leave').hidden = !isOpen;
}

function health(state, words) {
  byId('health').dataset.state = state;
  byId('health').textContent = words;
}
