/**
 * Judges what a subscription hands on. Each channel carries the numbers 1, 2, 3 … as `data.n`, so
 * what is lost, repeated or out of order shows without a copy of the log.
 */
export class Reader {
  lost = 0;
  repeated = 0;
  reordered = 0;
  received = 0;
  /** The longest time without a message, in ms. */
  longestSilence = 0;

  #now;
  #heardAt = 0;
  #last = '';
  /** channel → the number that comes next. */
  #next = new Map();
  /** channel → numbers that were passed over. */
  #missing = new Map();

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  take({ channel, id, data: { n } }) {
    this.#listen();
    this.received++;
    const next = this.#next.get(channel) ?? 1;
    if (n >= next) {
      for (let passed = next; passed < n; passed++) this.#pass(channel, passed);
      this.#next.set(channel, n + 1);
      this.#checkOrder(id);
    } else if (this.#missing.get(channel)?.delete(n)) {
      this.lost--;
      this.reordered++;
    } else {
      this.repeated++;
    }
  }

  /** Silence counts from here on. */
  forgetSilence() {
    this.#heardAt = this.#now();
    this.longestSilence = 0;
  }

  /** Numbers that were published and did not come, given how far each channel went. */
  missing(totals) {
    return Object.entries(totals).reduce((sum, [channel, total]) => sum + total - (this.#next.get(channel) ?? 1) + 1, this.lost);
  }

  #listen() {
    const now = this.#now();
    if (this.#heardAt) this.longestSilence = Math.max(this.longestSilence, now - this.#heardAt);
    this.#heardAt = now;
  }

  #pass(channel, n) {
    this.lost++;
    if (!this.#missing.has(channel)) this.#missing.set(channel, new Set());
    this.#missing.get(channel).add(n);
  }

  /** Ids rise over the whole subscription, not on each channel alone, as long as the epoch lasts. */
  #checkOrder(id) {
    const [epoch, seq] = id.split('-');
    const [lastEpoch, lastSeq] = this.#last.split('-');
    if (epoch === lastEpoch && Number(seq) <= Number(lastSeq)) this.reordered++;
    else this.#last = id;
  }
}
