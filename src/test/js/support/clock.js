/** Lets everything run that waits for no timer. */
export const settle = () => new Promise(resolve => setImmediate(resolve));

/** Time that passes only when a test says so. */
export class FakeClock {
  #now = 1_795_223_640_000;
  #timers = new Map();
  #count = 0;

  now() {
    return this.#now;
  }

  setTimeout(action, delay = 0) {
    this.#timers.set(++this.#count, { at: this.#now + delay, action });
    return this.#count;
  }

  clearTimeout(timer) {
    this.#timers.delete(timer);
  }

  async advance(duration) {
    const end = this.#now + duration;
    await settle();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      const [timer, { at, action }] = next;
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, at);
      action();
      await settle();
    }
    this.#now = end;
  }

  /** The machine sleeps: the time of day goes on, timers do not. */
  sleep(duration) {
    this.#now += duration;
    for (const timer of this.#timers.values()) timer.at += duration;
  }

  get pending() {
    return this.#timers.size;
  }

  #next(end) {
    let first = null;
    for (const entry of this.#timers) {
      if (entry[1].at <= end && (!first || entry[1].at < first[1].at)) first = entry;
    }
    return first;
  }
}

/** A generator of numbers from 0 to 1 that a seed repeats (mulberry32). */
export function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
