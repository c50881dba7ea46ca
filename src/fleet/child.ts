import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { ProbityError } from '../errors.ts';
import { keepBrowser } from '../report/pdf/browser.ts';
import type { Bounds } from './bounds.ts';
import type { Job, Outcome, PortfolioJob, PortfolioOutcome } from './job.ts';

/* The process in which jobs are done, one after the other. Its parent (children.ts) ends it when a job takes too long. */

/** What the parent asks for. */
export type Task =
  | { kind: 'system'; job: Job; bounds: Bounds }
  | { kind: 'portfolio'; job: PortfolioJob; bounds: Bounds; list: string };

/** What comes back. */
export type Reply = { ok: true; outcome: Outcome | PortfolioOutcome } | { ok: false; code: string; line: string };

/** Ends the process on this signal when it holds more than it may; on SIGKILL when nobody waits for it any more. */
export const MEMORY_SIGNAL = 'SIGUSR2';

/** How long one browser may serve. */
const BROWSER = { prints: 100, milliseconds: 30 * 60_000 };

const settings = z.object({ memoryBytes: z.number() });

/*
 * A thread that looks after the process even while a job keeps it busy: as plain text, because it must not depend on how
 * the rest was loaded. What a browser holds counts as well, where the system says it (Linux): without the pages that its
 * processes share.
 */
const WATCH = `
const { readFileSync, readdirSync } = require('node:fs');
const { workerData } = require('node:worker_threads');
const read = (file) => {
  try { return readFileSync(file, 'utf8'); } catch { return ''; }
};
const begun = (pid) => {
  try {
    return readdirSync('/proc/' + pid + '/task').flatMap((task) =>
      read('/proc/' + pid + '/task/' + task + '/children').split(' ').filter(Boolean));
  } catch { return []; }
};
const held = (pid) => begun(pid).reduce((sum, child) =>
  sum + 1024 * Number(/^RssAnon:\\s*(\\d+)/m.exec(read('/proc/' + child + '/status'))?.[1] ?? 0) + held(child), 0);
let others = 0;
let turn = 0;
setInterval(() => {
  if (process.ppid !== workerData.parent) process.kill(process.pid, 'SIGKILL');
  if (turn++ % 5 === 0) others = held(process.pid);
  if (process.memoryUsage.rss() + others > workerData.memoryBytes) process.kill(process.pid, workerData.signal);
}, 100);
`;

async function answer(task: Task): Promise<Reply> {
  try {
    if (task.kind === 'system') {
      const { performJob } = await import('./perform.ts');
      return { ok: true, outcome: await performJob(task.job, task.bounds) };
    }
    const { performPortfolio } = await import('./portfolio.ts');
    return { ok: true, outcome: await performPortfolio(task.job, task.bounds, task.list) };
  } catch (error) {
    if (error instanceof ProbityError) return { ok: false, code: error.code, line: error.line };
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, code: 'INTERNAL', line: `INTERNAL: ${message.split('\n')[0]?.slice(0, 300)}` };
  }
}

if (process.send) {
  const { memoryBytes } = settings.parse(JSON.parse(process.argv[2] ?? '{}'));
  const watch = new Worker(WATCH, {
    eval: true,
    workerData: { parent: process.ppid, memoryBytes, signal: MEMORY_SIGNAL },
    execArgv: [],
    env: {},
  });
  watch.unref();
  await keepBrowser(BROWSER);
  process.on('message', (task: Task) => {
    answer(task).then((reply) => process.send?.(reply));
  });
  // Whoever is told to stop from a terminal is told by the parent, when its jobs are done.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  process.on('disconnect', () => process.exit(0));
  // Loading the program is not doing a job.
  await import('./perform.ts');
  process.send({ ready: true });
}
