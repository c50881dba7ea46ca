/**
 * Ten million membership scores, from a CSV file end to end and from arrays alone, beside scikit-learn where Python has
 * it (PYTHON names another interpreter): ratios of time and of memory. The limits are three times as fast, in both, at no
 * more memory. Ours also hashes the file and gives DeLong's variance and interval; theirs gives the area and every point of the curve.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  auc,
  logCurve,
  normal,
  operatingPoints,
  type ScoreSample,
  seededRandom,
  sortedScores,
} from '../src/statistics/index.ts';

const RECORDS = 10_000_000;
const [, self, task, file = ''] = process.argv;

interface Outcome {
  seconds: number;
  auc: number;
  megabytes: number;
}

function finish(start: bigint, sample: ScoreSample): void {
  const area = auc(sample);
  operatingPoints(sample, [0.001, 0.01]);
  logCurve(sample);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  console.log(JSON.stringify({ seconds, auc: area.estimate, megabytes: process.resourceUsage().maxRSS / 1024 }));
}

if (task === 'csv') {
  const { ingestFile } = await import('../src/evidence/ingest.ts');
  await import('../src/evidence/adapters/index.ts');
  const start = process.hrtime.bigint();
  const none = { probes: () => undefined, terms: { attackClasses: () => [], surfaces: () => [] } };
  const { entry, reading } = await ingestFile(path.basename(file), { root: path.dirname(file), ...none });
  const scores = reading?.observations[0];
  if (scores?.kind !== 'scores') throw new Error(entry.reason ?? 'no scores');
  finish(start, sortedScores(scores.members, scores.nonMembers));
} else if (task === 'arrays') {
  const bytes = readFileSync(file);
  const numbers = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
  const half = numbers.length / 2;
  const start = process.hrtime.bigint();
  finish(start, sortedScores(numbers.subarray(0, half), numbers.subarray(half)));
} else {
  const folder = mkdtempSync(path.join(tmpdir(), 'probity-bench-'));
  try {
    compare(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compare(folder: string): void {
  const table = path.join(folder, 'scores.csv');
  const arrays = path.join(folder, 'scores.f64');
  write(table, arrays);
  const python = process.env.PYTHON ?? 'python3';
  const present = spawnSync(python, ['-c', 'import numpy, pandas, sklearn'], { stdio: 'ignore' }).status === 0;
  for (const [name, kind, input] of [
    ['CSV, end to end', 'csv', table],
    ['arrays alone', 'arrays', arrays],
  ] as const) {
    const ours = best(process.execPath, [self ?? '', kind, input]);
    console.log(`  ${name}: ${ours.seconds.toFixed(2)} s, ${ours.megabytes.toFixed(0)} MB`);
    if (!present) {
      console.log(`    ${python} has no scikit-learn and pandas; set PYTHON to one that has, to compare`);
      continue;
    }
    const theirs = best(python, [fileURLToPath(new URL('scores.py', import.meta.url)), kind, input]);
    if (Math.abs(ours.auc - theirs.auc) > 1e-12) throw new Error(`the areas differ: ${ours.auc} and ${theirs.auc}`);
    console.log(
      `    scikit-learn: ${theirs.seconds.toFixed(2)} s, ${theirs.megabytes.toFixed(0)} MB; the same area to 1e-12`,
    );
    console.log(
      `    ${(theirs.seconds / ours.seconds).toFixed(1)} times as fast (limit 3), memory ${(ours.megabytes / theirs.megabytes).toFixed(2)} of theirs (limit 1)`,
    );
  }
}

/** The quickest of three runs, with the most memory of any. */
function best(program: string, args: readonly string[]): Outcome {
  const runs = [1, 2, 3].map((): Outcome => {
    const child = spawnSync(program, args, { encoding: 'utf8' });
    if (child.status !== 0) throw new Error(child.stderr);
    return JSON.parse(child.stdout);
  });
  return {
    ...runs[0],
    seconds: Math.min(...runs.map(({ seconds }) => seconds)),
    megabytes: Math.max(...runs.map(({ megabytes }) => megabytes)),
    auc: runs[0]?.auc ?? 0,
  };
}

/** The same scores twice: as a table in random order, and as members followed by non-members. */
function write(table: string, arrays: string): void {
  const random = seededRandom(1);
  const half = RECORDS / 2;
  const numbers = new Float64Array(RECORDS);
  // As many digits as a double needs, as pandas and Python write them.
  for (let i = 0; i < RECORDS; i++) numbers[i] = normal(random) + (i < half ? 0.2 : 0);
  writeFileSync(arrays, numbers);
  const order = new Uint32Array(RECORDS).map((_, index) => index);
  for (let i = RECORDS - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [order[i], order[other]] = [order[other] as number, order[i] as number];
  }
  const handle = openSync(table, 'w');
  let text = 'score,is_member\n';
  for (const index of order) {
    text += `${numbers[index]},${index < half ? 1 : 0}\n`;
    if (text.length > 1 << 20) {
      writeSync(handle, text);
      text = '';
    }
  }
  writeSync(handle, text);
  closeSync(handle);
}
