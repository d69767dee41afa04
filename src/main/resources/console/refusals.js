// What the hub refused in the last minutes, by reason.

import { element } from '/dom.js';
import { count } from './numbers.js';
import { table } from './table.js';

export function refusals() {
  const rows = table(['refused', 'code', 'last 5 min', 'in all'], 'Nothing was refused.');
  const limits = table(['limit', 'last 5 min', 'in all'], 'No limit was met.');
  return {
    element: element(
      'section',
      { class: 'panel' },
      element('h2', {}, 'Refusals'),
      rows.element,
      element('h3', {}, 'Limits'),
      limits.element,
    ),
    update(samples) {
      rows.show(list(samples, 'anabranch_refusals_total', ['of', 'code']));
      limits.show(list(samples, 'anabranch_limits_exceeded_total', ['limit']));
    },
  };
}

/** Those that ever happened, the ones of the last minutes first. */
function list(samples, metric, names) {
  return samples.last
    .parts(metric)
    .filter(({ value }) => value > 0)
    .map(({ labels, value }) => ({ labels, value, lately: samples.rise(metric, labels) }))
    .sort((a, b) => b.lately - a.lately || b.value - a.value)
    .map(({ labels, value, lately }) => [
      ...names.map(name => labels[name]),
      count(lately),
      count(value),
    ]);
}
