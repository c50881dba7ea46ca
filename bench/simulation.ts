import { seededRandom } from '../src/statistics/random.ts';

/* A fleet of any size, simulated event by event from times that were measured on a small one. */

export interface Assumptions {
  /** Seconds of one core that systems took, as measured; each simulated one takes one of these, by lot. */
  serviceSeconds: readonly number[];
  /** Seconds of the queue server's one thread that a system takes, from claim to end. */
  queueSeconds: number;
  /** Requests to the store that a system makes one after the other, and seconds that each takes, unloaded. */
  storeRequests: number;
  storeSeconds: number;
  /** Requests that the store answers in a second, in all. */
  storeRate: number;
}

export interface Simulated {
  workers: number;
  /** Seconds until the last system is done. */
  seconds: number;
  perSecond: number;
  /** Shares of the time that the queue server and the store are busy. */
  queueBusy: number;
  storeBusy: number;
}

/**
 * Runs so many systems over so many workers, each of one core. The queue server does one thing at a time, in the order in
 * which it is asked; the store answers at most so often.
 */
export function simulate(systems: number, workers: number, assumed: Assumptions, seed = 1): Simulated {
  const random = seededRandom(seed);
  const { serviceSeconds, queueSeconds, storeRequests, storeSeconds, storeRate } = assumed;
  const half = queueSeconds / 2;
  /** When the server and the store are free again. */
  let queueFree = 0;
  let storeFree = 0;
  let queueUsed = 0;
  let storeUsed = 0;
  const events = new Heap();
  let left = systems;
  let last = 0;
  const askQueue = (at: number): number => {
    const start = Math.max(at, queueFree);
    queueFree = start + half;
    queueUsed += half;
    return queueFree;
  };
  // Steps of one worker: claim, work, store, end; and from the beginning again.
  for (let i = 0; i < Math.min(workers, systems); i++) events.push(0, 0);
  for (let event = events.pop(); event; event = events.pop()) {
    const { at, step } = event;
    if (step === 0) {
      if (left === 0) continue;
      left--;
      events.push(askQueue(at), 1);
    } else if (step === 1) {
      const spent = serviceSeconds[Math.floor(random() * serviceSeconds.length)] ?? 0;
      events.push(at + spent, 2);
    } else if (step === 2) {
      const start = Math.max(at, storeFree);
      storeFree = start + storeRequests / storeRate;
      storeUsed += storeRequests / storeRate;
      events.push(Math.max(storeFree, at + storeRequests * storeSeconds), 3);
    } else {
      const done = askQueue(at);
      last = Math.max(last, done);
      events.push(done, 0);
    }
  }
  return {
    workers,
    seconds: last,
    perSecond: systems / last,
    queueBusy: queueUsed / last,
    storeBusy: storeUsed / last,
  };
}

/** A binary heap of events by time. */
class Heap {
  #items: { at: number; step: number }[] = [];

  push(at: number, step: number): void {
    const items = this.#items;
    let i = items.push({ at, step }) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const [a, b] = [items[parent], items[i]];
      if (!a || !b || a.at <= b.at) break;
      items[parent] = b;
      items[i] = a;
      i = parent;
    }
  }

  pop(): { at: number; step: number } | undefined {
    const items = this.#items;
    const top = items[0];
    const end = items.pop();
    if (!top || !end || items.length === 0) return top;
    items[0] = end;
    for (let i = 0; ; ) {
      const left = 2 * i + 1;
      const right = left + 1;
      let least = i;
      if ((items[left]?.at ?? Number.POSITIVE_INFINITY) < (items[least]?.at ?? 0)) least = left;
      if ((items[right]?.at ?? Number.POSITIVE_INFINITY) < (items[least]?.at ?? 0)) least = right;
      if (least === i) return top;
      const [a, b] = [items[i], items[least]];
      if (!a || !b) return top;
      items[i] = b;
      items[least] = a;
      i = least;
    }
  }
}
