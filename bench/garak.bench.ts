/**
 * Reads a garak report of 500 MB as `evidence inspect` does, beside hashing the same bytes: speed as a ratio, and the
 * most memory resident. The limits are half the speed of hashing, and 400 MB.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const MEGABYTES = 500;
const task = process.argv[2];

if (task === 'hash') {
  const file = openSync(process.argv[3] ?? '', 'r');
  const buffer = Buffer.alloc(1 << 20);
  const hash = createHash('sha256');
  const start = process.hrtime.bigint();
  for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer))
    hash.update(buffer.subarray(0, count));
  console.log(JSON.stringify({ seconds: Number(process.hrtime.bigint() - start) / 1e9, digest: hash.digest('hex') }));
} else if (task === 'read') {
  const { ingestFile } = await import('../src/evidence/ingest.ts');
  const { loadCatalog, probeLookup, threatTerms } = await import('../src/catalog/catalog.ts');
  await import('../src/evidence/adapters/index.ts');
  const catalog = await loadCatalog();
  // Loading the program is not reading the file.
  const file = process.argv[3] ?? '';
  const start = process.hrtime.bigint();
  const { entry, reading } = await ingestFile(path.basename(file), {
    root: path.dirname(file),
    probes: probeLookup(catalog),
    terms: threatTerms(catalog),
  });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (!entry.accepted) throw new Error(entry.reason);
  const [first] = reading?.observations ?? [];
  console.log(
    JSON.stringify({
      seconds,
      digest: entry.sha256,
      megabytes: process.resourceUsage().maxRSS / 1024,
      prompts: first?.kind === 'trials' ? first.clusters?.n : 0,
    }),
  );
} else {
  const folder = mkdtempSync(path.join(tmpdir(), 'probity-bench-'));
  try {
    compare(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compare(folder: string): void {
  const file = path.join(folder, 'large.report.jsonl');
  const attempts = makeReport(file);
  const run = (kind: string): { seconds: number; digest: string; megabytes?: number; prompts?: number } => {
    const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), kind, file], { encoding: 'utf8' });
    if (child.status !== 0) throw new Error(child.stderr);
    return JSON.parse(child.stdout);
  };
  const rounds = [1, 2, 3].map(() => ({ hash: run('hash'), read: run('read') }));
  const best = (kind: 'hash' | 'read'): number => Math.min(...rounds.map((round) => round[kind].seconds));
  const [first] = rounds;
  if (first?.hash.digest !== first?.read.digest || first?.read.prompts !== attempts)
    throw new Error('the reader did not read what is there');
  const memory = Math.max(...rounds.map((round) => round.read.megabytes ?? 0));
  console.log(`  hashing alone  ${best('hash').toFixed(2)} s`);
  console.log(`  reading        ${best('read').toFixed(2)} s, ${attempts} prompts counted`);
  console.log(`  ratio of speed ${(best('hash') / best('read')).toFixed(2)} (limit 0.50)`);
  console.log(
    `  memory         ${memory.toFixed(0)} MB resident at most, ${(memory / 400).toFixed(2)} of the limit of 400 MB`,
  );
}

/** Writes a report of the given size with lines of about 10 kB, and returns how many prompts were judged. */
function makeReport(file: string): number {
  const handle = openSync(file, 'w');
  const text = 'Quisquam \\"quiquia\\" modi porro sed dolore neque. '.repeat(90);
  writeSync(
    handle,
    `${JSON.stringify({ entry_type: 'start_run setup', 'run.eval_threshold': 0.5 }).replace(':', ': ')}\n`,
  );
  writeSync(
    handle,
    `${JSON.stringify({ entry_type: 'init', garak_version: '0.14.0', start_time: '2026-09-01T00:00:00' }).replace(':', ': ')}\n`,
  );
  let written = 0;
  let attempts = 0;
  while (written < MEGABYTES * 1e6) {
    for (const status of [1, 2]) {
      const results = status === 2 ? '{"base.D": [0.0]}' : '{}';
      written += writeSync(
        handle,
        `{"entry_type": "attempt", "uuid": "${attempts}", "seq": ${attempts}, "status": ${status}, "probe_classname": "leakreplay.Bench", "probe_params": {}, "targets": [], "prompt": {"turns": [{"role": "user", "content": {"text": "${text}"}}]}, "outputs": [{"text": "${text}"}], "detector_results": ${results}, "notes": {}, "goal": "g", "conversations": []}\n`,
      );
    }
    attempts++;
  }
  writeSync(
    handle,
    `{"entry_type": "eval", "probe": "leakreplay.Bench", "detector": "base.D", "passed": ${attempts}, "fails": 0, "nones": 0, "total_evaluated": ${attempts}, "total_processed": ${attempts}}\n`,
  );
  closeSync(handle);
  return attempts;
}
