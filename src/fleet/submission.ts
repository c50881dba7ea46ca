import type { Job as QueueJob } from 'bullmq';

/* The systems of a submission, as the queue holds them below its portfolio job: page by page, however many there are. */

/** What is known of a system whose job has ended: what it gave back, or why it came to nothing. */
export type Settled = { id: string; done: unknown } | { id: string; failed: string };

const PAGE = 1000;

export function gateId(submission: string): string {
  return `gate-${submission}`;
}

/** Ids of the jobs of a submission, and what became of those that have ended. A page may hold what an earlier one held. */
export async function* childrenOf(
  parent: QueueJob,
  superseded: readonly string[] = [],
): AsyncGenerator<{ settled: Settled[]; open: string[] }> {
  const passed = new Set([gateId(parent.id ?? ''), ...superseded]);
  const idOf = (key: string): string => key.slice(key.lastIndexOf(':') + 1);
  const counts = <T extends { id: string }>(one: T): boolean => !passed.has(one.id);
  for (const kind of ['processed', 'ignored', 'unprocessed'] as const) {
    let cursor = 0;
    do {
      const page = await parent.getDependencies({ [kind]: { cursor, count: PAGE } });
      const settled: Settled[] = [
        ...Object.entries(page.processed ?? {}).map(([key, done]) => ({ id: idOf(key), done })),
        ...Object.entries(page.ignored ?? {}).map(([key, failed]) => ({ id: idOf(key), failed: String(failed) })),
      ];
      cursor = page.nextProcessedCursor ?? page.nextIgnoredCursor ?? page.nextUnprocessedCursor ?? 0;
      yield {
        settled: settled.filter(counts),
        open: (page.unprocessed ?? []).map(idOf).filter((id) => !passed.has(id)),
      };
    } while (cursor !== 0);
  }
}

/** Those that have ended, each once. */
export async function* settledOf(parent: QueueJob, superseded: readonly string[]): AsyncGenerator<Settled> {
  const seen = new Set<string>();
  for await (const { settled } of childrenOf(parent, superseded))
    for (const one of settled) {
      if (seen.has(one.id)) continue;
      seen.add(one.id);
      yield one;
    }
}

export async function* childIds(parent: QueueJob): AsyncGenerator<string> {
  for await (const { settled, open } of childrenOf(parent)) {
    for (const { id } of settled) yield id;
    yield* open;
  }
}
