import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Job as QueueJob, Worker as QueueWorker } from 'bullmq';
import { trialSigner } from '../sign/trial.ts';
import { TOOL } from '../tool.ts';
import { visible } from '../visible.ts';
import type { Bounds } from './bounds.ts';
import { Children, JobFailure, type JobLimits } from './children.ts';
import { type Listening, Metrics, serveHealth } from './health.ts';
import { jobSchema, type Outcome, outcomeSchema, type PortfolioOutcome, portfolioSchema, systemOf } from './job.ts';
import { openQueues, PORTFOLIOS, PREFIX, type QueueAddress, type Queues, SYSTEMS } from './queue.ts';
import { settledOf } from './submission.ts';

/** How a worker works. */
export interface WorkerOptions {
  address: QueueAddress;
  bounds: Bounds;
  limits: JobLimits;
  concurrency: number;
  /** How long running jobs may take to end once the worker is told to stop, in milliseconds. */
  grace: number;
  listening: Listening | undefined;
  /** Stop once there is nothing to do. */
  untilEmpty: boolean;
  say(line: string): void;
}

/** How long a job stays a worker's without a sign of life, and how often others look, in milliseconds. */
const LOCK = 30_000;
/** A job whose worker was killed is begun anew so often; its own failures are counted apart. */
const MOST_STALLS = 50;
const LONGEST_LINE = 500;

/** A worker that takes jobs until it is told to stop. */
export class FleetWorker {
  #options: WorkerOptions;
  #queues: Queues;
  #children: Children;
  #metrics = new Metrics();
  #workers: QueueWorker[] = [];
  #health: { url: string; close(): void } | undefined;
  #stopping: Promise<void> | undefined;
  #givingBack = false;
  #ended: (() => void) | undefined;
  /** Settled when the worker has stopped. */
  readonly ended: Promise<void>;

  private constructor(options: WorkerOptions, queues: Queues) {
    this.#options = options;
    this.#queues = queues;
    this.#children = new Children(options.limits);
    this.ended = new Promise((resolve) => {
      this.#ended = resolve;
    });
  }

  /** @throws ProbityError those of {@link openQueues} and {@link serveHealth} */
  static async start(options: WorkerOptions): Promise<FleetWorker> {
    const { bounds } = options;
    // Made before several processes need it at once.
    if (bounds.sign && bounds.identities.length === 0) await trialSigner();
    const worker = new FleetWorker(options, await openQueues(options.address));
    try {
      await worker.#begin();
    } catch (error) {
      await worker.#queues.close();
      throw error;
    }
    return worker;
  }

  async #begin(): Promise<void> {
    const { listening, concurrency, say } = this.#options;
    if (listening)
      this.#health = await serveHealth(listening, {
        healthy: () => this.#healthy(),
        metrics: () => this.#metricsText(),
      });
    const { bullmq } = this.#queues.packages;
    const settings = {
      prefix: PREFIX,
      lockDuration: LOCK,
      stalledInterval: LOCK,
      maxStalledCount: MOST_STALLS,
      removeOnComplete: { age: 14 * 86_400 },
      removeOnFail: { age: 14 * 86_400 },
    };
    this.#workers = [
      new bullmq.Worker(SYSTEMS, (job, token) => this.#system(job, token), {
        ...settings,
        connection: this.#queues.connect(),
        concurrency,
      }),
      new bullmq.Worker(PORTFOLIOS, (job, token) => this.#portfolio(job, token), {
        ...settings,
        connection: this.#queues.connect(),
        concurrency: 1,
      }),
    ];
    for (const worker of this.#workers) {
      worker.on('error', () => undefined);
      worker.on('failed', (job, error) => {
        const name = job?.queueName === PORTFOLIOS ? 'the portfolio' : systemOf(job?.id ?? '');
        say(`failed  ${name}: ${visible(error.message)} (attempt ${job?.attemptsMade ?? '?'})`);
      });
    }
    if (this.#options.untilEmpty) this.#watchForEmpty();
    say(
      `Working on ${this.#options.address.shown}, ${concurrency} at a time${this.#health ? `; health at ${this.#health.url}/healthz` : ''}`,
    );
  }

  async #system(job: QueueJob, token: string | undefined): Promise<Outcome | undefined> {
    // The one that holds a submission open until all of it is there.
    if (job.name === 'submission') return undefined;
    const parsed = jobSchema.safeParse(job.data);
    if (!parsed.success)
      throw this.#final('JOB_REFUSED', 'JOB_REFUSED: the queue holds something that is no job of ours');
    try {
      const outcome = await this.#children.system({ kind: 'system', job: parsed.data, bounds: this.#options.bounds });
      this.#metrics.done(outcome);
      this.#options.say(
        `done    ${parsed.data.system}: ${outcome.pack}${outcome.how === 'made' ? '' : ` (${WORDS[outcome.how]})`}`,
      );
      return outcome;
    } catch (error) {
      return await this.#failed(job, token, error);
    }
  }

  async #portfolio(job: QueueJob, token: string | undefined): Promise<PortfolioOutcome | { cancelled: true }> {
    const parsed = portfolioSchema.safeParse(job.data);
    if (!parsed.success)
      throw this.#final('JOB_REFUSED', 'JOB_REFUSED: the queue holds something that is no job of ours');
    if (parsed.data.cancelled) return { cancelled: true };
    const { WaitingChildrenError } = this.#queues.packages.bullmq;
    // Made again after systems were added or retried: it waits for them first.
    if (await job.moveToWaitingChildren(token ?? '')) throw new WaitingChildrenError();
    const scratch = await mkdtemp(path.join(tmpdir(), 'probity-fleet-'));
    try {
      const list = path.join(scratch, 'systems.jsonl');
      let systems = 0;
      const lines = async function* (): AsyncGenerator<string> {
        for await (const line of linesOf(job, parsed.data.superseded)) {
          systems++;
          yield line;
        }
      };
      await pipeline(Readable.from(lines()), createWriteStream(list, { mode: 0o600 }));
      const made = await this.#children.portfolio(
        { kind: 'portfolio', job: parsed.data, bounds: this.#options.bounds, list },
        systems,
      );
      this.#metrics.portfolio();
      this.#options.say(`done    portfolio of ${made.systems} systems: ${made.portfolio}`);
      return made;
    } catch (error) {
      return await this.#failed(job, token, error);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  /** What is told to the queue of a failure; a job that is given back is none. */
  async #failed(job: QueueJob, token: string | undefined, error: unknown): Promise<never> {
    const { DelayedError } = this.#queues.packages.bullmq;
    if (this.#givingBack) {
      await job.moveToDelayed(Date.now(), token);
      throw new DelayedError();
    }
    const failure =
      error instanceof JobFailure
        ? error
        : new JobFailure('INTERNAL', `INTERNAL: ${error instanceof Error ? error.message : String(error)}`);
    this.#metrics.failed(failure.code);
    if (!failure.passing) throw this.#unrecoverable(failure.message);
    throw new Error(failure.message.slice(0, LONGEST_LINE));
  }

  #final(code: string, line: string): Error {
    this.#metrics.failed(code);
    return this.#unrecoverable(line);
  }

  /** Another attempt would come to the same. */
  #unrecoverable(line: string): Error {
    return new this.#queues.packages.bullmq.UnrecoverableError(line.slice(0, LONGEST_LINE));
  }

  async #healthy(): Promise<boolean> {
    if (this.#stopping) return false;
    const late = new Promise<boolean>((resolve) => setTimeout(resolve, 2000, false).unref());
    return Promise.race([
      this.#queues.systems.getJobCounts('active').then(
        () => true,
        () => false,
      ),
      late,
    ]);
  }

  async #metricsText(): Promise<string> {
    const counts = await this.#queues.systems.getJobCounts('wait', 'active', 'delayed', 'failed');
    const { counts: ended } = this.#children;
    return this.#metrics.text({
      queue_waiting: ['Systems in the queue.', (counts.wait ?? 0) + (counts.delayed ?? 0)],
      queue_active: ['Systems that some worker has.', counts.active ?? 0],
      queue_failed: ['Systems that came to nothing.', counts.failed ?? 0],
      children_started: ['Processes that this worker started for jobs.', ended.started],
      children_crashed: ['Processes that crashed.', ended.crashed],
      children_over_memory: ['Processes ended for their memory.', ended.memory],
      children_over_time: ['Processes ended for their time.', ended.timeout],
      worker_info: [`Probity ${TOOL.version}.`, 1],
    });
  }

  /** Stops when nothing waits and nothing runs, here or elsewhere. */
  #watchForEmpty(): void {
    const look = async (): Promise<void> => {
      if (this.#stopping) return;
      const [systems, portfolios] = await Promise.all([
        this.#queues.systems.getJobCounts('wait', 'active', 'delayed', 'prioritized'),
        this.#queues.portfolios.getJobCounts('wait', 'active', 'delayed', 'waiting-children'),
      ]).catch(() => [{ wait: 1 }, {}]);
      const left = [...Object.values(systems), ...Object.values(portfolios)].reduce((sum, one) => sum + one, 0);
      if (left === 0) await this.stop();
      else setTimeout(() => void look(), 300).unref();
    };
    setTimeout(() => void look(), 300);
  }

  /** Takes no more jobs, lets running ones end, and gives back those that take too long. Twice does no more. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const closed = Promise.all(this.#workers.map((worker) => worker.close()));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, this.#options.grace, 'late');
    });
    if ((await Promise.race([closed, late])) === 'late') {
      this.#givingBack = true;
      this.#options.say(`giving back ${this.#children.running} jobs`);
      this.#children.end();
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 5000).unref())]);
    }
    clearTimeout(timer);
    this.#children.end();
    this.#health?.close();
    await this.#queues.close();
    this.#ended?.();
  }
}

const WORDS: Record<Exclude<Outcome['how'], 'made'>, string> = {
  'same-listing': 'nothing changed',
  'same-content': 'the same content',
  'nothing-aged': 'only the date changed',
};

/** What the systems of a submission came to, a line of JSON each. */
async function* linesOf(parent: QueueJob, superseded: readonly string[]): AsyncGenerator<string> {
  for await (const one of settledOf(parent, superseded)) {
    const outcome = 'done' in one ? outcomeSchema.safeParse(one.done) : undefined;
    const system = systemOf(one.id);
    if (outcome?.success) yield `${JSON.stringify({ system, outcome: outcome.data })}\n`;
    else if ('failed' in one) yield `${JSON.stringify({ system, error: one.failed })}\n`;
  }
}
