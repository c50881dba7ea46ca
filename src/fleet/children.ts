import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ProbityError } from '../errors.ts';
import { MEMORY_SIGNAL, type Reply, type Task } from './child.ts';
import type { Outcome, PortfolioOutcome } from './job.ts';

/** What one job may take. */
export interface JobLimits {
  memoryBytes: number;
  milliseconds: number;
}

/** A portfolio verifies every pack, so it may take a job's time once for each of so many. */
const PACKS_OF_A_LIMIT = 100;
/** So many jobs are done by one process, so that nothing can grow for ever. */
const JOBS_OF_A_CHILD = 200;
/** The heap's share of the memory; buffers, which evidence is read into, lie outside of it. */
const HEAP_SHARE = 0.75;

const ENTRY = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url));

/** What a child has no use for: it never speaks to the queue. */
const WITHHELD = ['PROBITY_QUEUE', 'PROBITY_QUEUE_PASSWORD', 'PROBITY_QUEUE_USER'];

interface Child {
  process: ChildProcess;
  jobs: number;
  ready: Promise<void>;
}

/** Processes that do jobs, one at a time each; as many as jobs run at once. One that fails takes only its job with it. */
export class Children {
  #limits: JobLimits;
  #idle: Child[] = [];
  #busy = new Set<Child>();
  /** Processes started, and ended for taking too much. */
  readonly counts = { started: 0, crashed: 0, memory: 0, timeout: 0 };

  constructor(limits: JobLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#busy.size;
  }

  async system(task: Extract<Task, { kind: 'system' }>): Promise<Outcome> {
    const outcome = await this.#run(task);
    if (!('pack' in outcome)) throw new TypeError('an outcome of another kind');
    return outcome;
  }

  /** @param systems how many it is of */
  async portfolio(task: Extract<Task, { kind: 'portfolio' }>, systems: number): Promise<PortfolioOutcome> {
    const times = Math.max(1, Math.ceil(systems / PACKS_OF_A_LIMIT));
    // A timer cannot wait longer than this.
    const outcome = await this.#run(task, Math.min(times * this.#limits.milliseconds, 2 ** 31 - 1));
    if (!('portfolio' in outcome)) throw new TypeError('an outcome of another kind');
    return outcome;
  }

  /** @throws JobFailure with the code of what went wrong */
  async #run(task: Task, milliseconds = this.#limits.milliseconds): Promise<Outcome | PortfolioOutcome> {
    const child = this.#idle.pop() ?? this.#start();
    this.#busy.add(child);
    try {
      const reply = await this.#ask(child, task, milliseconds);
      child.jobs++;
      if (child.jobs >= JOBS_OF_A_CHILD || !child.process.connected) child.process.kill('SIGKILL');
      else this.#idle.push(child);
      if (reply.ok) return reply.outcome;
      throw new JobFailure(reply.code, reply.line);
    } finally {
      this.#busy.delete(child);
    }
  }

  #start(): Child {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !WITHHELD.includes(name)));
    const { memoryBytes } = this.#limits;
    const forked = fork(ENTRY, [JSON.stringify({ memoryBytes })], {
      env,
      execArgv: [...process.execArgv, `--max-old-space-size=${Math.floor((HEAP_SHARE * memoryBytes) / 2 ** 20)}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.counts.started++;
    const ready = new Promise<void>((resolve, reject) => {
      forked.once('message', () => resolve());
      forked.once('error', reject);
      forked.once('exit', () => reject(new JobFailure('JOB_CRASHED', 'the process of the job did not start')));
    });
    ready.catch(() => undefined);
    // One that ends while it waits for work is not asked again.
    forked.once('exit', () => {
      this.#idle = this.#idle.filter((one) => one.process !== forked);
    });
    return { process: forked, jobs: 0, ready };
  }

  async #ask(child: Child, task: Task, milliseconds: number): Promise<Reply> {
    await child.ready;
    const { process: forked } = child;
    const { memoryBytes } = this.#limits;
    let late = false;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        late = true;
        forked.kill('SIGKILL');
      }, milliseconds);
      const done = (): void => {
        clearTimeout(timer);
        forked.off('message', onMessage);
        forked.off('exit', onExit);
      };
      const onMessage = (reply: Reply): void => {
        done();
        resolve(reply);
      };
      const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
        done();
        if (late) {
          this.counts.timeout++;
          reject(new JobFailure('JOB_TIMEOUT', `JOB_TIMEOUT: it was not done after ${milliseconds / 1000} s`));
        } else if (signal === MEMORY_SIGNAL) {
          this.counts.memory++;
          const megabytes = Math.floor(memoryBytes / 2 ** 20);
          reject(
            new JobFailure('JOB_MEMORY', `JOB_MEMORY: it took more than the ${megabytes} MiB that a job may take`),
          );
        } else {
          this.counts.crashed++;
          reject(new JobFailure('JOB_CRASHED', `JOB_CRASHED: its process ended (${signal ?? `exit ${code}`})`));
        }
      };
      forked.on('message', onMessage);
      forked.on('exit', onExit);
      forked.send(task, (error) => {
        if (!error) return;
        done();
        reject(new JobFailure('JOB_CRASHED', 'JOB_CRASHED: its process had ended'));
      });
    });
  }

  /** Ends all processes, whatever they do. */
  end(): void {
    for (const { process: forked } of [...this.#idle, ...this.#busy]) forked.kill('SIGKILL');
    this.#idle = [];
  }
}

/** Codes of failures that another attempt may not meet. */
const PASSING: ReadonlySet<string> = new Set<ProbityError['code']>([
  'BROWSER_FAILED',
  'JOB_CRASHED',
  'JOB_MEMORY',
  'JOB_TIMEOUT',
  'NETWORK_FAILED',
  'OUTPUT_FAILED',
  'STORE_FAILED',
]);

/** Why a job came to nothing, as the one line that the queue keeps. */
export class JobFailure extends Error {
  readonly code: string;

  constructor(code: string, line: string) {
    super(line);
    this.name = 'JobFailure';
    this.code = code;
    this.stack = '';
  }

  /** Whether another attempt may come to something. */
  get passing(): boolean {
    return PASSING.has(this.code);
  }
}
