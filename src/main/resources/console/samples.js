// What `GET /metrics` answered over the last minutes, and what follows from two of its answers.

const KEPT_MS = 5 * 60_000;
const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** One answer of Prometheus' text format: when it came, and its numbers by name and labels. */
class Sample {
  constructor(text) {
    this.time = Date.now();
    this.series = new Map();
    for (const line of text.split('\n')) this.#read(line);
  }

  #read(line) {
    const match = line.startsWith('#') ? null : LINE.exec(line);
    if (!match) return;
    const [, name, labels = '', value] = match;
    if (!this.series.has(name)) this.series.set(name, []);
    this.series.get(name).push({ labels: labelsOf(labels), value: Number(value) });
  }

  /** The sum of a metric's parts that have these labels. */
  sum(name, labels = {}) {
    return this.parts(name, labels).reduce((sum, part) => sum + part.value, 0);
  }

  parts(name, labels = {}) {
    const wanted = Object.entries(labels);
    const parts = this.series.get(name) ?? [];
    return parts.filter(part => wanted.every(([key, value]) => part.labels[key] === value));
  }
}

function labelsOf(text) {
  return Object.fromEntries(Array.from(text.matchAll(LABEL), ([, name, value]) => [name, value]));
}

export class Samples {
  #kept = [];

  add(text) {
    this.#kept.push(new Sample(text));
    while (this.last.time - this.#kept[0].time > KEPT_MS) this.#kept.shift();
  }

  get last() {
    return this.#kept.at(-1);
  }

  /** How much a counter rose in the time that is kept, or since `ms` ago. */
  rise(name, labels, ms = KEPT_MS) {
    return this.last.sum(name, labels) - this.#since(ms).sum(name, labels);
  }

  #since(ms) {
    return this.#kept.find(sample => this.last.time - sample.time <= ms);
  }

  /** The times of all samples but the first, in ms. */
  get times() {
    return this.#kept.slice(1).map(sample => sample.time);
  }

  /** A number at each of `times`. */
  values(name, labels) {
    return this.#kept.slice(1).map(sample => sample.sum(name, labels));
  }

  /** How fast a counter rose up to each of `times`, a second. */
  rates(name, labels) {
    return this.#pairs((before, after) => {
      const rise = after.sum(name, labels) - before.sum(name, labels);
      return (1_000 * Math.max(rise, 0)) / Math.max(after.time - before.time, 1);
    });
  }

  /** A quantile of a histogram between samples, in its unit; null where nothing was measured. */
  quantiles(name, quantile) {
    return this.#pairs((before, after) => {
      const buckets = after.parts(`${name}_bucket`).map(({ labels, value }) => ({
        most: labels.le === '+Inf' ? Infinity : Number(labels.le),
        count: value - before.sum(`${name}_bucket`, { le: labels.le }),
      }));
      return quantileOf(buckets, quantile);
    });
  }

  #pairs(compute) {
    return this.#kept.slice(1).map((after, index) => compute(this.#kept[index], after));
  }
}

/** Within its bucket a value may be anywhere: it is taken to be in proportion. */
function quantileOf(buckets, quantile) {
  const all = buckets.at(-1)?.count ?? 0;
  if (all <= 0) return null;
  const rank = quantile * all;
  let least = 0;
  let below = 0;
  for (const { most, count } of buckets) {
    if (count >= rank) {
      if (most === Infinity) return least;
      return least + ((most - least) * (rank - below)) / Math.max(count - below, 1);
    }
    least = most;
    below = count;
  }
  return least;
}
