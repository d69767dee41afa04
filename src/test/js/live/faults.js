/** The fault proxy's control port (see FaultControl.java). */
export function faultProxy(url) {
  return async (action, body = {}) => {
    // Text, so that a page of another origin may ask without a preflight.
    const response = await fetch(url + action, { method: 'POST', body: JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${action}: ${answer.message}`);
    return answer.connections;
  };
}

/** How a connection ends, each with its weight. */
const ENDS = [
  [5, 'cut'],
  [5, 'reset'],
  [2, 'half-close'],
  [2, 'stall'],
];

/** What else the network does to the client in the meantime. */
const SPOILS = [
  [12, null],
  [1, { delay: 40 }],
  [1, { slice: 7 }],
  [1, { delay: 15, slice: 90 }],
  [1, { kind: 'websocket', door: 'refuse', status: 503 }],
  [1, { kind: 'websocket', door: 'strip' }],
  [1, { kind: 'websocket', door: 'black-hole' }],
  [1, { kind: 'sse', buffer: true }],
];

/** Draws faults from a generator of numbers from 0 to 1. */
export function drawFaults(random) {
  const any = weighted => {
    let left = random() * weighted.reduce((sum, [weight]) => sum + weight, 0);
    return weighted.find(([weight]) => (left -= weight) < 0)[1];
  };
  return { end: () => any(ENDS), spoil: () => any(SPOILS) };
}
