/**
 * A large garak report summarised at once, in four parts of which two are read at a time, and by two threads (--jobs 2): the
 * same bytes, at least 1.6 times as fast. What other work leaves of two cores is measured beside each, by two programs that
 * hash the same file against one that does; a ratio counts as its share of what those reach, of two. SUMMARISE_GB says how
 * large (10), SUMMARISE_ROUNDS how often (3).
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../test/support/workspace.ts';

const GIGABYTES = Number(process.env.SUMMARISE_GB ?? 10);
const ROUNDS = Number(process.env.SUMMARISE_ROUNDS ?? 3);
const LIMIT = 1.6;
const PARTS = 4;
const folder = mkdtempSync(path.join(process.env.BENCH_FOLDER ?? tmpdir(), 'probity-summarise-bench-'));
const report = path.join(folder, 'run.report.jsonl');

/** Writes a report of many attempts, each sent and judged, and the summaries that agree with them. */
function writeReport(): void {
  const file = openSync(report, 'w');
  const line = (record: object): string =>
    `${JSON.stringify(record).replace('"detector_results":{', '"detector_results": {')}\n`;
  const said = 'What the model said, at some length and with "quotes". '.repeat(90);
  writeSync(file, line({ entry_type: 'start_run setup', 'run.eval_threshold': 0.5 }));
  writeSync(file, line({ entry_type: 'init', garak_version: '0.14.0', start_time: '2026-09-01T10:00:00' }));
  const probes = [
    'leakreplay.LiteratureCloze',
    'leakreplay.GuardianCloze',
    'leakreplay.NYTCloze',
    'leakreplay.PotterCloze',
  ];
  let written = 0;
  for (let p = 0; p < probes.length; p++) {
    let [passed, fails, i] = [0, 0, 0];
    while (written < (GIGABYTES * 1e9 * (p + 1)) / probes.length) {
      let batch = '';
      for (let k = 0; k < 100; k++, i++) {
        const hit = i % 97 === 0 ? 1 : 0;
        const attempt = {
          entry_type: 'attempt',
          uuid: `u${i}`,
          seq: i,
          status: 1,
          probe_classname: probes[p],
          prompt: said,
          outputs: [] as string[],
        };
        batch += line(attempt);
        batch += line({
          ...attempt,
          status: 2,
          outputs: [said],
          detector_results: { 'leakreplay.StartsWith': [hit, 0] },
        });
        fails += hit;
        passed += 2 - hit;
      }
      written += writeSync(file, batch);
    }
    writeSync(
      file,
      line({
        entry_type: 'eval',
        probe: probes[p],
        detector: 'leakreplay.StartsWith',
        passed,
        fails,
        nones: 0,
        total_evaluated: passed + fails,
        total_processed: passed + fails,
      }),
    );
  }
  closeSync(file);
}

/** Runs a program to its end; the seconds of processor that it took, its threads and what it started together. */
function run(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const usage = path.join(folder, `usage-${Math.random()}`);
    const child = spawn(process.execPath, ['--require', reporter, ...args], {
      cwd: folder,
      stdio: 'inherit',
      env: { ...process.env, USAGE_FILE: usage },
    });
    child.once('exit', (code) => {
      if (code !== 0) return reject(new Error(`it ended with ${code}`));
      resolve(Number(readFileSync(usage, 'utf8')));
      rmSync(usage);
    });
  });
}

const reporter = path.join(folder, 'usage.cjs');
const hasher = path.join(folder, 'hash.mjs');

function writePrograms(): void {
  writeFileSync(
    reporter,
    `if (require('node:worker_threads').isMainThread) process.on('exit', () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  require('node:fs').writeFileSync(process.env.USAGE_FILE, String((userCPUTime + systemCPUTime) / 1e6));
});`,
  );
  // A fifth of the file, hashed twice: long enough to tell, and mostly the processor's work.
  writeFileSync(
    hasher,
    `import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
const piece = Buffer.alloc(1 << 20);
const hash = createHash('sha256');
const file = openSync('run.report.jsonl', 'r');
for (let at = 0; at < ${GIGABYTES} * 2e8; at += piece.length) {
  readSync(file, piece, 0, piece.length, at);
  hash.update(piece).update(piece);
}
closeSync(file);`,
  );
}

const summarise = (args: readonly string[]): Promise<number> =>
  run([path.join(ROOT, 'bin/probity.js'), 'evidence', 'summarise', '-q', ...args]);

async function seconds<T>(work: () => Promise<T>): Promise<{ wall: number; result: T }> {
  const start = performance.now();
  const result = await work();
  return { wall: (performance.now() - start) / 1000, result };
}

const parts = Array.from({ length: PARTS }, (_, i) => `part${i + 1}.json`);

/** Two at a time, as `xargs -P 2` does. @returns core-seconds of each of the two lanes, on average, and of putting together */
async function inParts(): Promise<number> {
  const left = parts.map((name, i) => ['run.report.jsonl', '--part', `${i + 1}/${PARTS}`, '-o', name]);
  const lane = async (): Promise<number> => {
    let spent = 0;
    for (let args = left.shift(); args; args = left.shift()) spent += await summarise(args);
    return spent;
  };
  const lanes = await Promise.all([lane(), lane()]);
  return lanes.reduce((sum, one) => sum + one, 0) / 2 + (await summarise([...parts, '-o', 'merged.json']));
}

/** How many times as much two hash programs do as one, just now: 2 where two cores are free. */
async function allowed(): Promise<number> {
  const one = await seconds(() => run([hasher]));
  const two = await seconds(() => Promise.all([run([hasher]), run([hasher])]));
  return (2 * one.wall) / two.wall;
}

try {
  writePrograms();
  writeReport();
  const best = { parts: 0, threads: 0 };
  for (let i = 0; i < ROUNDS; i++) {
    const before = await allowed();
    const whole = await seconds(() => summarise(['run.report.jsonl', '-o', 'whole.json']));
    const four = await seconds(inParts);
    const threads = await seconds(() => summarise(['run.report.jsonl', '--jobs', '2', '-o', 'threads.json']));
    const limit = (before + (await allowed())) / 2;
    const ratio = (wall: number): number => whole.wall / wall;
    best.parts = Math.max(best.parts, (ratio(four.wall) * 2) / limit);
    best.threads = Math.max(best.threads, (ratio(threads.wall) * 2) / limit);
    console.log(
      `${GIGABYTES} GB at once ${whole.wall.toFixed(1)} s (${whole.result.toFixed(1)} of processor); in four parts, two at a time ${four.wall.toFixed(1)} s: ${ratio(four.wall).toFixed(2)} times as fast (by processor time on two free cores ${(whole.result / four.result).toFixed(2)}); by two threads ${threads.wall.toFixed(1)} s: ${ratio(threads.wall).toFixed(2)} times (${threads.result.toFixed(1)} of processor); two hash programs ${limit.toFixed(2)} of 2`,
    );
  }
  const bytes = (name: string): Buffer => readFileSync(path.join(folder, name));
  const same = bytes('merged.json').equals(bytes('whole.json')) && bytes('threads.json').equals(bytes('whole.json'));
  console.log(`parts and threads give ${same ? 'the bytes' : 'NOT the bytes'} of the whole`);
  for (const [name, reached] of Object.entries(best))
    console.log(`${reached < LIMIT ? 'UNDER' : '     '} ${name}: ${reached.toFixed(2)} (limit ${LIMIT})`);
  if (!same || best.parts < LIMIT || best.threads < LIMIT) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
