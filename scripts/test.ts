/*
 * Runs the tests with Node's own runner: those of every day, or with `full` those that take longer, or the files that are
 * named. As many files at a time as there are processors (the runner by itself leaves one idle, which is half of two), and
 * with compiled code kept between processes, of which there are hundreds.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..');
const [which = 'daily', ...named] = process.argv.slice(2);
const SUITES: Record<string, { files: string; minutes: number }> = {
  daily: { files: 'test/**/!(*.full).test.ts', minutes: 5 },
  full: { files: 'test/**/*.full.test.ts', minutes: 15 },
};
const suite = SUITES[which] ?? { files: which, minutes: 15 };
const { status } = spawnSync(
  process.execPath,
  [
    '--test',
    `--test-timeout=${suite.minutes * 60_000}`,
    `--test-concurrency=${availableParallelism()}`,
    suite.files,
    ...named,
  ],
  {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? path.join(ROOT, 'node_modules/.cache/compiled'),
    },
  },
);
process.exitCode = status ?? 1;
