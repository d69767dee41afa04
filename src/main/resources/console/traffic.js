// What goes through the hub, over the last minutes.

import { element } from '/dom.js';
import { count, milliseconds } from './numbers.js';
import { plot } from './plot.js';

const BY_TRANSPORT = [
  { label: 'WebSocket', colour: 'main', stack: true, labels: { transport: 'websocket' } },
  { label: 'SSE', colour: 'side', stack: true, labels: { transport: 'sse' } },
];

export function traffic() {
  const connections = plot('Connections', BY_TRANSPORT, count);
  const delivered = plot('Delivered a second', BY_TRANSPORT, count);
  const published = plot('Published a second', [{ label: 'messages', colour: 'main' }], count);
  const latency = plot(
    'Time to append',
    [
      { label: 'p99', colour: 'side' },
      { label: 'p50', colour: 'main' },
    ],
    milliseconds,
  );
  const plots = [connections, delivered, published, latency];
  return {
    element: element('div', { class: 'plots across' }, ...plots.map(each => each.element)),
    update(samples) {
      const { times } = samples;
      const each = read => BY_TRANSPORT.map(({ labels }) => read(labels));
      connections.draw(times, each(labels => samples.values('anabranch_connections', labels)));
      delivered.draw(
        times,
        each(labels => samples.rates('anabranch_messages_delivered_total', labels)),
      );
      published.draw(times, [samples.rates('anabranch_messages_published_total')]);
      latency.draw(
        times,
        [0.99, 0.5].map(quantile => samples.quantiles('anabranch_append_seconds', quantile)),
      );
    },
  };
}
