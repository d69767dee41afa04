// The channels: what they hold and who listens; a look into one, and a message to one.

import { connect } from '/anabranch.js';
import { element, oncePerFrame, prepend, textOf, timeOfDay } from '/dom.js';
import { count } from './numbers.js';
import { action, table } from './table.js';

const SHOWN = 50;

export function channels(api) {
  const prefix = element('input', { type: 'search', id: 'prefix', spellcheck: 'false' });
  const rows = table(['channel', 'messages', 'head', 'listen', ''], 'No such channel.');
  const said = element('p', { class: 'refusal', role: 'alert' });
  const tail = new Tail(api);
  return {
    element: element(
      'section',
      { class: 'panel tall channels' },
      element('h2', {}, 'Channels'),
      element('div', { class: 'field' }, element('label', { for: 'prefix' }, 'That begin with'), prefix),
      said,
      rows.element,
      tail.element,
      publisher(api),
    ),
    async update() {
      const query = new URLSearchParams({ limit: SHOWN, prefix: prefix.value });
      const page = await api.get(`/api/v1/channels?${query}`);
      rows.show(
        page.channels.map(each => [
          element('code', {}, each.channel),
          count(each.messages),
          element('code', { class: 'small' }, each.head),
          count(each.subscribers),
          action('Tail', `Tail ${each.channel}`, () => tail.open(each.channel), text => {
            said.textContent = text;
          }),
        ]),
      );
    },
  };
}

/** The newest messages of a channel or a pattern, as they come. */
class Tail {
  #api;
  #hub;
  #subscription;
  #came = [];
  #list = element('ol', { class: 'stream', reversed: true });
  #name = element('code', { class: 'grow' });
  #box;
  #draw = oncePerFrame(() => this.#drawAll());

  constructor(api) {
    this.#api = api;
    const stop = element('button', { type: 'button', class: 'small' }, 'Stop');
    stop.addEventListener('click', () => this.close());
    const head = element('div', { class: 'row' }, this.#name, stop);
    this.#box = element('div', { class: 'stack', hidden: true }, head, this.#list);
  }

  get element() {
    return this.#box;
  }

  open(pattern) {
    this.close();
    this.#hub ??= this.#connect();
    this.#name.textContent = pattern;
    this.#box.hidden = false;
    this.#subscription = this.#hub.subscribe(pattern, message => this.#receive(message), { last: 5 });
  }

  #connect() {
    const hub = connect(location.origin, {
      token: async () => this.#api.token,
      transports: ['sse'],
    });
    hub.on('error', error => this.#add('refused', error.message));
    hub.on('gap', gap => this.#add('gap', `messages after ${gap.after} are missing (${gap.reason})`));
    return hub;
  }

  #receive({ id, channel, data, time }) {
    this.#add(`${timeOfDay(time)} · ${channel} · ${id}`, textOf(data));
  }

  #add(head, text) {
    this.#came.push({ head, text });
    this.#draw();
  }

  /** What came since the last frame: of a flood, its end. */
  #drawAll() {
    for (const { head, text } of this.#came.splice(0).slice(-100)) {
      const line = element('li', {}, element('span', { class: 'id' }, head), element('code', {}, text));
      prepend(this.#list, line, 100);
    }
  }

  close() {
    this.#subscription?.close();
    this.#subscription = undefined;
    this.#list.replaceChildren();
    this.#box.hidden = true;
  }
}

function publisher(api) {
  const channel = element('input', { type: 'text', id: 'to', required: true, spellcheck: 'false' });
  const data = element('input', { type: 'text', id: 'data', required: true, spellcheck: 'false' });
  const said = element('p', { class: 'small', role: 'status' });
  const form = element(
    'form',
    { class: 'stack', autocomplete: 'off' },
    element('h3', {}, 'Publish'),
    element(
      'div',
      { class: 'row' },
      element('div', { class: 'field half' }, element('label', { for: 'to' }, 'Channel'), channel),
      element('div', { class: 'field half' }, element('label', { for: 'data' }, 'Data, as JSON'), data),
      element('button', {}, 'Publish'),
    ),
    said,
  );
  form.addEventListener('submit', async event => {
    event.preventDefault();
    try {
      const path = `/api/v1/channels/${encodeURIComponent(channel.value)}/messages`;
      const { id } = await api.post(path, parsed(data.value));
      said.textContent = `Stored as ${id}.`;
    } catch (failure) {
      said.textContent = failure.message;
    }
  });
  return form;
}

function parsed(json) {
  try {
    return JSON.parse(json);
  } catch (failure) {
    throw new Error(`Data is no JSON: ${failure.message} (expected: such as {"text":"hi"} or "hi")`);
  }
}
