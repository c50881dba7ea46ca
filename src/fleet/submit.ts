import { TOOL } from '../tool.ts';
import type { Fleet } from './definition.ts';
import { type Job, jobId, type PortfolioJob, systemOf } from './job.ts';
import { jobsOf, PORTFOLIOS, type Queues, SYSTEMS } from './queue.ts';
import { childIds, gateId } from './submission.ts';

/** So many jobs are handed to the queue at once. */
const BATCH = 250;
const DAY = 86_400;
/** How long what is done stays to be asked about, in seconds. */
const KEPT = { age: 14 * DAY };
const YEAR = 365 * DAY * 1000;

/** How often a job is tried, and how long it waits before it is tried again: 2 s, then twice as long each time. */
const ATTEMPTS = 3;
const BACKOFF = { type: 'exponential', delay: 2000 };

/** What a submission did. */
export interface Submitted {
  submission: string;
  systems: number;
  /** How many of them the queue did not hold before. */
  added: number;
}

/**
 * Puts a job for each system into the queue, and one for the portfolio that waits for them. A job that is there already is
 * left as it is, so doing it twice does no more; a submission that was broken off is completed by doing it again.
 */
export async function submitFleet(queues: Queues, fleet: Fleet, progress: (done: number) => void): Promise<Submitted> {
  const { systems, portfolios, flows } = queues;
  const parent: PortfolioJob = {
    version: 1,
    submission: fleet.submission,
    results: fleet.results,
    asOf: fleet.asOf,
    format: fleet.format,
    ...(fleet.identity === undefined ? {} : { identity: fleet.identity }),
    systems: fleet.jobs.length,
    submitted: new Date().toISOString(),
    superseded: [],
  };
  const gate = gateId(fleet.submission);
  const settings = {
    attempts: ATTEMPTS,
    backoff: BACKOFF,
    removeOnComplete: KEPT,
    removeOnFail: KEPT,
    stackTraceLimit: 1,
  };
  // The portfolio waits for this one until every system has been added.
  await flows.add({
    name: 'portfolio',
    queueName: PORTFOLIOS,
    data: parent,
    opts: { jobId: fleet.submission, ...settings },
    children: [{ name: 'submission', queueName: SYSTEMS, data: {}, opts: { jobId: gate, delay: YEAR } }],
  });
  const before = await held(queues, fleet.submission);
  const superseded = before > 0 ? await supersededBy(queues, fleet) : [];
  for (let from = 0; from < fleet.jobs.length; from += BATCH) {
    await systems.addBulk(
      fleet.jobs.slice(from, from + BATCH).map((job: Job) => ({
        name: job.system,
        data: job,
        opts: {
          jobId: jobId(job, TOOL.version),
          parent: { id: fleet.submission, queue: portfolios.qualifiedName },
          // The portfolio is made of those that came to something, and names the others.
          ignoreDependencyOnFailure: true,
          ...settings,
        },
      })),
    );
    if (before > 0) await anew(queues, fleet.jobs.slice(from, from + BATCH));
    progress(Math.min(from + BATCH, fleet.jobs.length));
  }
  const now = await held(queues, fleet.submission);
  await portfolios
    .getJob(fleet.submission)
    .then((job) => job?.updateData({ ...parent, superseded, systems: now - superseded.length }));
  await (await systems.getJob(gate))?.remove();
  await reopen(queues, fleet.submission);
  return { submission: fleet.submission, systems: fleet.jobs.length, added: now - before };
}

/** Jobs of systems that were submitted before with other references; those that wait are taken out. */
async function supersededBy(queues: Queues, fleet: Fleet): Promise<string[]> {
  const parent = await queues.portfolios.getJob(fleet.submission);
  if (!parent) return [];
  const ids = new Map(fleet.jobs.map((job) => [job.system, jobId(job, TOOL.version)]));
  const former = new Set<string>();
  for await (const id of childIds(parent)) {
    const current = ids.get(systemOf(id));
    if (current !== undefined && current !== id) former.add(id);
  }
  const left: string[] = [];
  for (const id of former) {
    const job = await queues.systems.getJob(id);
    const waits = job !== undefined && !(await job.isCompleted()) && !(await job.isFailed());
    const gone =
      waits &&
      (await job.remove().then(
        () => true,
        () => false,
      ));
    if (!gone) left.push(id);
  }
  return left;
}

/** Jobs that are to be done whatever was done before, and were in the queue already. */
async function anew({ systems }: Queues, jobs: readonly Job[]): Promise<void> {
  const forced = new Map(jobs.filter(({ force }) => force !== undefined).map((job) => [jobId(job, TOOL.version), job]));
  for (const job of await jobsOf(systems, [...forced.keys()])) {
    const state = await job.getState();
    await job.updateData(forced.get(job.id ?? ''));
    if (state === 'completed' || state === 'failed') await job.retry(state, { resetAttemptsMade: true });
  }
}

/** How many systems hang on a submission, whatever became of them. */
async function held({ portfolios, systems }: Queues, submission: string): Promise<number> {
  const parent = await portfolios.getJob(submission);
  if (!parent) return 0;
  const {
    processed = 0,
    unprocessed = 0,
    ignored = 0,
    failed = 0,
  } = await parent.getDependenciesCount({
    processed: true,
    unprocessed: true,
    ignored: true,
    failed: true,
  });
  const gate = (await systems.getJob(gateId(submission))) ? 1 : 0;
  return processed + unprocessed + ignored + failed - gate;
}

/** A portfolio that was made, or failed, is made again when systems were added to it or are tried again. */
export async function reopen({ portfolios }: Queues, submission: string): Promise<void> {
  const parent = await portfolios.getJob(submission);
  if (!parent) return;
  const state = await parent.getState();
  if (state !== 'completed' && state !== 'failed') return;
  const { unprocessed = 0 } = await parent.getDependenciesCount({ unprocessed: true });
  if (unprocessed > 0 || state === 'failed') await parent.retry(state);
}
