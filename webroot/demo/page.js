// What the demo pages share: head and navigation, the transport chooser, the status line, notices,
// and a connection that the visitor can move from one transport to another.

import { connect } from '/anabranch.js';
import { byId, drawing, element, prepend } from '/dom.js';

const PAGES = [
  'chat', 'ticker', 'library', 'clock', 'digits', 'action', 'both', 'format', 'wire', 'lab',
];
const TRANSPORTS = { auto: 'Automatic', websocket: 'WebSocket', sse: 'SSE' };
const STATES = {
  connecting: 'Connecting',
  open: 'Open',
  waiting: 'Waiting to reconnect',
  closed: 'Closed',
};

/** The name of a transport for people. */
export function nameOf(transport) {
  return TRANSPORTS[transport] ?? 'no transport';
}

/** The address at which messages are published to a channel. */
export function publishAddress(channel) {
  return `/api/v1/channels/${encodeURIComponent(channel)}/messages`;
}

/** A value that this browser keeps, `otherwise` where it keeps none. */
export function remembered(name, otherwise) {
  try {
    return localStorage.getItem(`anabranch.${name}`) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Keeps a value in this browser, where it lets us. */
export function remember(name, value) {
  try {
    localStorage.setItem(`anabranch.${name}`, value);
  } catch {
    // Storage is switched off: the value lasts as long as the page.
  }
}

/** A parameter of the page's address, and a way to change it without leaving the page. */
export const address = {
  get: name => new URL(location.href).searchParams.get(name),
  set(name, value) {
    const url = new URL(location.href);
    url.searchParams.set(name, value);
    history.replaceState(null, '', url);
  },
};

/** Says something at the top of the page, and aloud, until the visitor puts it away. */
export function notice(text) {
  const region = byId('notices') ?? addNotices();
  const away = element('button', { type: 'button', 'aria-label': 'Put away' }, '×');
  const line = element('div', { class: 'notice' }, element('span', {}, text), away);
  away.addEventListener('click', () => line.remove());
  prepend(region, line, 3);
}

/** A gap in words. */
export function gapText(gap) {
  const reasons = {
    expired: 'the log no longer holds them',
    reset: 'the log began anew',
    overflow: 'this reader fell too far behind',
  };
  const why = reasons[gap.reason] ?? gap.reason;
  return `Gap on ${gap.channel}: messages after ${gap.after} are missing, ${why}.`;
}

/**
 * The strip that shows the state and the transport, and lets the visitor choose one. The choice
 * is kept in the page's address (`?transport=sse`), so that two windows can show both.
 */
export function bar(choices, onChoose) {
  const asked = address.get('transport');
  let chosen = choices.includes(asked) ? asked : choices[0];
  const said = element('span', { role: 'status' });
  const status = element('div', { class: 'status' }, river(), said);
  byId('bar').replaceChildren(status);
  if (choices.length > 1) byId('bar').append(chooser());

  function chooser() {
    const set = element('div', { class: 'choice-set' });
    for (const choice of choices) {
      const input = element('input', {
        type: 'radio',
        name: 'transport',
        value: choice,
        checked: choice === chosen,
      });
      input.addEventListener('change', () => choose(choice));
      set.append(element('label', {}, input, TRANSPORTS[choice]));
    }
    return element('fieldset', { class: 'choice' }, element('legend', {}, 'Transport'), set);
  }

  function choose(choice) {
    chosen = choice;
    address.set('transport', choice);
    onChoose(choice);
  }

  return {
    get choice() {
      return chosen;
    },
    /** Shows a state (one of the client's, or words) and the transport in use, or null. */
    show(state, transport) {
      status.dataset.transport = state === 'open' ? (transport ?? '') : '';
      status.dataset.state = state;
      const words = STATES[state] ?? state;
      if (state !== 'open' || !transport) return said.replaceChildren(words);
      const via = element('strong', { class: 'via' }, nameOf(transport));
      return said.replaceChildren(`${words}, over `, via);
    },
  };
}

/**
 * A connection to the hub that the visitor can move to another transport: each subscription goes
 * on from its cursor.
 */
export class Line {
  #hub;
  #bar = bar(['auto', 'websocket', 'sse'], () => this.#open());
  #subscriptions = new Set();
  #listeners = [];

  /** The name by which the hub knows this page, on any transport. */
  client = `page-${randomName()}`;

  constructor() {
    this.on('gap', gap => notice(gapText(gap)));
    // A transport that fails is the client's own affair: the bar shows what it does about it.
    this.on('error', error => error.transport || notice(`Error: ${error.message}`));
    this.#open();
  }

  get transport() {
    return this.#hub.transport;
  }

  /** Listens to the client's events: `transport`, `state`, `gap`, `join`, `leave`, `error`. */
  on(name, listener) {
    this.#listeners.push({ name, listener });
  }

  /** Subscribes; the result has `close()`, and `conflate(milliseconds)`. */
  subscribe(channel, onMessage, options = {}) {
    const subscription = { channel, onMessage, options };
    this.#subscriptions.add(subscription);
    this.#attach(subscription);
    return {
      conflate: milliseconds => {
        subscription.options = { ...subscription.options, conflate: milliseconds };
        subscription.attached.update({ conflate: milliseconds });
      },
      close: () => {
        this.#subscriptions.delete(subscription);
        subscription.attached.close();
      },
    };
  }

  publish(channel, data, options) {
    return this.#hub.publish(channel, data, options);
  }

  presence(channel) {
    return this.#hub.presence(channel);
  }

  call(service, data) {
    return this.#hub.call(service, data);
  }

  history(channel, options) {
    return this.#hub.history(channel, options);
  }

  #open() {
    const left = this.#hub;
    const choice = this.#bar.choice;
    const transports = choice === 'auto' ? ['websocket', 'sse'] : [choice];
    const hub = connect(location.origin, { transports, client: this.client });
    this.#hub = hub;
    for (const name of ['transport', 'state', 'gap', 'join', 'leave', 'error']) {
      hub.on(name, value => {
        if (hub !== this.#hub) return;
        this.#show();
        this.#emit(name, value);
      });
    }
    for (const subscription of this.#subscriptions) this.#attach(subscription);
    left?.close();
    this.#show();
  }

  #attach(subscription) {
    const { channel, onMessage, options, attached } = subscription;
    const from = attached?.cursor ? { ...options, after: attached.cursor } : options;
    attached?.close();
    subscription.attached = this.#hub.subscribe(channel, onMessage, from);
  }

  #show() {
    this.#bar.show(this.#hub.state, this.#hub.transport);
  }

  #emit(name, value) {
    for (const each of this.#listeners) if (each.name === name) each.listener(value);
  }
}

/** Whether an id comes after another one, or there is no other, or the log began anew between. */
export function isAfter(id, other) {
  if (other === undefined) return true;
  const [epoch, sequence] = id.split('-');
  const [otherEpoch, otherSequence] = other.split('-');
  return epoch !== otherEpoch || Number(sequence) > Number(otherSequence);
}

function randomName() {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}

// The river and its side channel: `river` for the status line, `mark` for the head.

function river() {
  const stream = 'M3 27 C22 27 26 25 40 25 S 72 25 101 29';
  const side = 'M22 25.500 C36 23 34 7 52 7 S 70 23 84 26';
  return drawing(
    'svg',
    { class: 'river', viewBox: '0 0 104 36', 'aria-hidden': 'true' },
    drawing('path', { class: 'river-side', d: side }),
    drawing('path', { class: 'river-main', d: stream }),
    drawing('path', { class: 'flow flow-side', d: side }),
    drawing('path', { class: 'flow flow-main', d: stream }),
  );
}

function mark() {
  const side = 'M11 10.5 C14.5 4.5 27 7 27 15.5 C27 21.5 22 23 19 23.5';
  const stream = 'M8 2 C8 10 12 11.5 14 15.5 C16.5 20.5 20 21.5 20 30';
  const line = { fill: 'none', 'stroke-linecap': 'round' };
  return drawing(
    'svg',
    { viewBox: '0 0 32 32', 'aria-hidden': 'true' },
    drawing('path', { ...line, class: 'mark-side', 'stroke-width': 3, d: side }),
    drawing('path', { ...line, class: 'mark-main', 'stroke-width': 5, d: stream }),
  );
}

function addHead() {
  const here = location.pathname;
  const nav = element('nav', { class: 'nav', 'aria-label': 'Demos' });
  for (const page of PAGES) {
    const href = `/demo/${page}.html`;
    const current = here === href && 'page';
    const name = page[0].toUpperCase() + page.slice(1);
    nav.append(element('a', { href, 'aria-current': current }, name));
  }
  const brand = element('a', { class: 'brand', href: '/' }, mark(), 'Anabranch');
  const skip = element('a', { class: 'skip', href: '#main' }, 'Skip to the page');
  document.body.prepend(skip, element('header', { class: 'top' }, brand, nav));
  const current = nav.querySelector('[aria-current]');
  if (current) nav.scrollLeft = current.offsetLeft - nav.clientWidth / 2;
  const tellMore = () => showMore(nav);
  nav.addEventListener('scroll', tellMore, { passive: true });
  new ResizeObserver(tellMore).observe(nav);
}

/** Marks the ends behind which there is more: they fade out. */
function showMore(nav) {
  const left = nav.scrollWidth - nav.clientWidth - nav.scrollLeft;
  nav.classList.toggle('more-before', nav.scrollLeft > 1);
  nav.classList.toggle('more-after', left > 1);
}

function addFoot() {
  const links = { 'OpenAPI': '/openapi.yaml', 'Live': '/health/live', 'Ready': '/health/ready' };
  const foot = element('footer', { class: 'foot' });
  for (const [text, href] of Object.entries(links)) foot.append(element('a', { href }, text));
  document.body.append(foot);
}

function addNotices() {
  const region = element('div', { id: 'notices', class: 'notices', role: 'alert' });
  byId('main').querySelector('header').after(region);
  return region;
}

addHead();
addFoot();
addNotices();
for (const span of document.querySelectorAll('[data-origin]')) span.textContent = location.origin;
