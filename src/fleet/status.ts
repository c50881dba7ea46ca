import type { Job as QueueJob } from 'bullmq';
import { ProbityError } from '../errors.ts';
import { outcomeSchema, type PortfolioJob, portfolioSchema, systemOf } from './job.ts';
import { jobsOf, type Queues } from './queue.ts';
import { childrenOf, gateId, settledOf } from './submission.ts';
import { reopen } from './submit.ts';

type JobState = 'queued' | 'running' | 'done' | 'failed';

/** What became of one system. */
interface SystemStatus {
  id: string;
  state: JobState;
  error?: string;
  pack?: string;
}

/** What became of a submission. */
export interface FleetStatus {
  submission: string;
  asOf: string;
  results: string;
  counts: Record<JobState, number>;
  /** Systems that were taken out of the queue. */
  cancelled: number;
  portfolio: { state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'; at?: string; error?: string };
  systems: SystemStatus[];
}

const PAGE = 1000;

/** The portfolio job of a submission; without its id, of the newest one. @throws ProbityError QUEUE_FAILED when there is none */
async function parentOf({ portfolios }: Queues, submission: string | undefined): Promise<QueueJob> {
  if (submission !== undefined) {
    const job = await portfolios.getJob(submission);
    if (job) return job;
    throw new ProbityError('QUEUE_FAILED', 'the queue holds no such submission', {
      where: submission.slice(0, 64),
      remedy: 'Submit it with: probity fleet submit',
    });
  }
  const jobs = await portfolios.getJobs();
  const [newest] = jobs.filter(Boolean).sort((a, b) => b.timestamp - a.timestamp);
  if (newest) return newest;
  throw new ProbityError('QUEUE_FAILED', 'the queue holds no submission', {
    remedy: 'Submit one with: probity fleet submit systems.yaml',
  });
}

function dataOf(job: QueueJob): PortfolioJob {
  const parsed = portfolioSchema.safeParse(job.data);
  if (parsed.success) return parsed.data;
  throw new ProbityError('QUEUE_FAILED', 'the queue holds a submission that is none of ours', {
    where: job.id ?? '',
    remedy: 'Use a Redis database of its own for the fleet',
  });
}

/** What became of a submission. */
export async function fleetStatus(queues: Queues, submission: string | undefined): Promise<FleetStatus> {
  const parent = await parentOf(queues, submission);
  const data = dataOf(parent);
  const active = new Set((await queues.systems.getJobs(['active'])).map((job) => job?.id));
  const systems = new Map<string, SystemStatus>();
  for await (const { settled, open } of childrenOf(parent, data.superseded)) {
    for (const one of settled) {
      const id = systemOf(one.id);
      if ('failed' in one) {
        systems.set(one.id, { id, state: 'failed', error: one.failed });
        continue;
      }
      const outcome = outcomeSchema.safeParse(one.done);
      systems.set(one.id, { id, state: 'done', ...(outcome.success ? { pack: outcome.data.pack } : {}) });
    }
    for (const id of open)
      if (!systems.has(id)) systems.set(id, { id: systemOf(id), state: active.has(id) ? 'running' : 'queued' });
  }
  const list = [...systems.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const counts: Record<JobState, number> = { queued: 0, running: 0, done: 0, failed: 0 };
  for (const { state } of list) counts[state]++;
  return {
    submission: data.submission,
    asOf: data.asOf,
    results: data.results,
    counts,
    cancelled: data.cancelled ? Math.max(0, data.systems - list.length) : 0,
    portfolio: await portfolioStatus(parent, data),
    systems: list,
  };
}

async function portfolioStatus(parent: QueueJob, data: PortfolioJob): Promise<FleetStatus['portfolio']> {
  const state = await parent.getState();
  if (data.cancelled) return { state: 'cancelled' };
  if (state === 'active') return { state: 'running' };
  if (state === 'failed') return { state: 'failed', error: parent.failedReason };
  if (state !== 'completed') return { state: 'waiting' };
  const value: unknown = parent.returnvalue;
  const at: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'portfolio') : undefined;
  return { state: 'done', ...(typeof at === 'string' ? { at } : {}) };
}

/** Puts failed systems back into the queue: those named, else all. @returns their ids */
export async function retryFailed(
  queues: Queues,
  submission: string | undefined,
  named: readonly string[],
): Promise<string[]> {
  const parent = await parentOf(queues, submission);
  const data = dataOf(parent);
  const ids: string[] = [];
  for await (const one of settledOf(parent, data.superseded))
    if ('failed' in one && (named.length === 0 || named.includes(systemOf(one.id)))) ids.push(one.id);
  const missing = named.filter((system) => !ids.some((id) => systemOf(id) === system));
  if (missing.length > 0)
    throw new ProbityError('USAGE', `no failed system is called ${missing.join(', ')}`, {
      remedy: 'See which failed with: probity fleet status',
    });
  for (let from = 0; from < ids.length; from += PAGE)
    await Promise.all(
      (await jobsOf(queues.systems, ids.slice(from, from + PAGE))).map((job) =>
        job.retry('failed', { resetAttemptsMade: true }),
      ),
    );
  if (ids.length > 0 && data.cancelled) await parent.updateData({ ...data, cancelled: false });
  // A portfolio that failed is tried again, too.
  await reopen(queues, data.submission);
  return ids.map(systemOf);
}

/** Takes out of the queue what is not done or running yet; what is done stays. @returns how many were taken out and still run */
export async function cancelFleet(
  queues: Queues,
  submission: string | undefined,
): Promise<{ submission: string; cancelled: number; running: number }> {
  const parent = await parentOf(queues, submission);
  const data = dataOf(parent);
  // First, so that no portfolio is made of what is left.
  await parent.updateData({ ...data, cancelled: true });
  const open: string[] = [];
  for await (const page of childrenOf(parent)) open.push(...page.open);
  let cancelled = 0;
  let running = 0;
  for (let from = 0; from < open.length; from += PAGE)
    await Promise.all(
      (await jobsOf(queues.systems, open.slice(from, from + PAGE))).map(async (job) => {
        try {
          await job.remove();
          cancelled++;
        } catch {
          // A worker has it.
          running++;
        }
      }),
    );
  await (await queues.systems.getJob(gateId(data.submission)))?.remove();
  return { submission: data.submission, cancelled, running };
}
