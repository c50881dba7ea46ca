/**
 * A large garak report summarised at once, and in four parts of which two are read at a time: together the same bytes, at
 * least 1.6 times as fast where two cores are free. SUMMARISE_GB says how large (10).
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../test/support/workspace.ts';

const GIGABYTES = Number(process.env.SUMMARISE_GB ?? 10);
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

function summarise(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(ROOT, 'bin/probity.js'), 'evidence', 'summarise', '-q', ...args], {
      cwd: folder,
      stdio: 'inherit',
    });
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`it ended with ${code}`))));
  });
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

const parts = Array.from({ length: PARTS }, (_, i) => `part${i + 1}.json`);

/** Two at a time, as `xargs -P 2` does. */
async function inParts(): Promise<void> {
  const left = parts.map((name, i) => ['run.report.jsonl', '--part', `${i + 1}/${PARTS}`, '-o', name]);
  const worker = async (): Promise<void> => {
    for (let args = left.shift(); args; args = left.shift()) await summarise(args);
  };
  await Promise.all([worker(), worker()]);
  await summarise([...parts, '-o', 'merged.json']);
}

try {
  writeReport();
  const pairs: [number, number][] = [];
  for (let i = 0; i < 3; i++)
    pairs.push([await seconds(() => summarise(['run.report.jsonl', '-o', 'whole.json'])), await seconds(inParts)]);
  const same =
    Buffer.compare(readFileSync(path.join(folder, 'merged.json')), readFileSync(path.join(folder, 'whole.json'))) === 0;
  const best = Math.max(...pairs.map(([one, four]) => one / four));
  for (const [one, four] of pairs)
    console.log(
      `${GIGABYTES} GB at once ${one.toFixed(1)} s, in four parts on two cores ${four.toFixed(1)} s: ${(one / four).toFixed(2)} times as fast`,
    );
  console.log(`the parts together are ${same ? 'the bytes' : 'NOT the bytes'} of the whole`);
  if (!same || best < 1.6) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
