// How the hub is, in figures; those that somebody should look at are marked.

import { element } from '/dom.js';
import { bytes, count, duration } from './numbers.js';

const MINUTE = 60_000;

const FIGURES = {
  'connections': s => count(s.last.sum('anabranch_connections')),
  'switched to WebSocket, 5 min': s => count(switches(s, 'websocket')),
  'switched to SSE, 5 min': s => count(switches(s, 'sse')),
  'clients behind now': {
    text: s => count(s.last.sum('anabranch_subscriptions_behind')),
    isBad: s => s.last.sum('anabranch_subscriptions_behind') > 0,
  },
  'gaps told, 1 min': {
    text: s => count(s.rise('anabranch_gaps_total', {}, MINUTE)),
    isBad: s => s.rise('anabranch_gaps_total', { reason: 'overflow' }, MINUTE) > 0,
  },
  'failures': {
    text: s => count(s.last.sum('anabranch_failures_total')),
    isBad: s => s.last.sum('anabranch_failures_total') > 0,
  },
  'waiting for the log': s => count(s.last.sum('anabranch_log_appends_waiting')),
  'log': s => bytes(s.last.sum('anabranch_log_size_bytes')),
  'newest message': s => count(s.last.sum('anabranch_log_head')),
  'present': s => count(s.last.sum('anabranch_presence_members')),
  'heap': s => bytes(s.last.sum('jvm_memory_used_bytes', { area: 'heap' })),
  'processor': s => `${Math.round(100 * s.last.sum('process_cpu_usage'))} %`,
  'up for': s => duration(s.last.sum('process_uptime_seconds')),
};

function switches(samples, to) {
  return samples.rise('anabranch_transport_switches_total', { to });
}

export function overview() {
  const rows = Object.entries(FIGURES).map(([name, figure]) => {
    const { text, isBad } = typeof figure === 'function' ? { text: figure } : figure;
    const value = element('dd', {}, '–');
    const row = element('div', {}, element('dt', {}, name), value);
    return { row, value, text, isBad };
  });
  const figures = element('dl', { class: 'figures wide' }, ...rows.map(({ row }) => row));
  return {
    element: element('section', { class: 'panel across', 'aria-label': 'Overview' }, figures),
    update(samples) {
      for (const { row, value, text, isBad } of rows) {
        value.textContent = text(samples);
        row.classList.toggle('bad', isBad?.(samples) ?? false);
      }
    },
  };
}
