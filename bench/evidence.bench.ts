/**
 * Reads large files of each streamed format as `evidence inspect` does, beside hashing the same bytes: speed as a ratio of
 * processor time, which other work on the machine changes little, and the most memory resident.
 *
 * Records are those of the tools (test/evidence/fixtures), with texts of the length that answers have. Limits: garak at
 * least 0.8 of the speed of hashing, promptfoo and Inspect 0.4, which were set against a processor without instructions for
 * SHA-256: with them hashing is several times as fast, and no parser in JavaScript comes near it; 500 MB. `PROBITY_BENCH_MB` sets the size of each file
 * (200), `PROBITY_BENCH_FORMAT` picks formats by name.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Zip, ZipDeflate } from 'fflate';

const SIZE = Number(process.env.PROBITY_BENCH_MB ?? 200) * 1e6;
const ONLY = process.env.PROBITY_BENCH_FORMAT ?? '';
const ROUNDS = 3;

interface Subject {
  name: string;
  file: string;
  /** The least speed as a share of that of hashing; undefined where no limit was set. */
  limit?: number;
  source?: object;
  /** Writes the file, and returns how many records are in it. */
  write(file: string): number;
  /** What has to come out of it, given the number of records. */
  counted(observations: readonly { kind: string; n?: number }[]): number;
}

const FIXTURES = new URL('../test/evidence/fixtures/', import.meta.url);
const fixture = (name: string): string => readFileSync(new URL(name, FIXTURES), 'utf8');
/** As long as answers are, with what needs escaping in JSON. */
const ANSWER = 'Quisquam "quiquia" modi porro sed dolore neque.\n'.repeat(60);
const trials = (observations: readonly { kind: string; n?: number }[]): number =>
  observations.reduce((sum, { n }) => sum + (n ?? 0), 0);

const SUBJECTS: Subject[] = [
  {
    name: 'garak report',
    file: 'large.report.jsonl',
    limit: 0.8,
    write: garakReport,
    counted: trials,
  },
  {
    name: 'promptfoo results (JSON)',
    file: 'results.json',
    limit: 0.4,
    write: (file) => {
      const whole = JSON.parse(fixture('promptfoo.json'));
      const row = promptfooRow(whole.results.results[0]);
      whole.results.results = ['ROWS'];
      delete whole.results.stats;
      const [head = '', tail = ''] = JSON.stringify(whole, null, 2).split('"ROWS"');
      return repeated(file, head, tail, ',\n', row);
    },
    counted: trials,
  },
  {
    name: 'promptfoo results (JSON Lines)',
    file: 'results.jsonl',
    limit: 0.4,
    write: (file) =>
      repeated(file, '', '\n', '\n', promptfooRow(JSON.parse(fixture('promptfoo.json')).results.results[0], 0)),
    counted: trials,
  },
  {
    name: 'Inspect log (JSON)',
    file: 'log.json',
    limit: 0.4,
    source: { technique: 'prompt-leakage', surface: 'model-api', leaks: 'high' },
    write: (file) => {
      const { samples: _samples, ...log } = inspectLog();
      return repeated(
        file,
        `${JSON.stringify(log, null, 2).slice(0, -2)},\n  "samples": [\n`,
        ']}',
        ',\n',
        inspectSample,
      );
    },
    counted: trials,
  },
  {
    name: 'Inspect log (.eval)',
    file: 'log.eval',
    limit: 0.4,
    source: { technique: 'prompt-leakage', surface: 'model-api', leaks: 'high' },
    write: inspectEval,
    counted: trials,
  },
  {
    name: 'PyRIT results (JSON Lines)',
    file: 'results.jsonl',
    source: { technique: 'prompt-leakage', surface: 'model-api' },
    write: (file) =>
      repeated(file, '', '\n', '\n', (index) =>
        JSON.stringify({
          ...JSON.parse(fixture('small/pyrit.jsonl').split('\n')[0] ?? ''),
          objective: `objective ${index}`,
          last_response: ANSWER,
        }),
      ),
    counted: trials,
  },
  {
    name: 'membership scores (CSV)',
    file: 'scores.csv',
    source: { technique: 'likelihood-ratio', surface: 'model-api', collected: '2026-11-12' },
    write: (file) =>
      repeated(file, 'record_id,score,is_member\n', '\n', '\n', (index) => `r${index},${Math.sin(index)},${index % 2}`),
    counted: trials,
  },
  {
    name: 'trufflehog findings (JSON Lines)',
    file: 'trufflehog.jsonl',
    source: { collected: '2026-11-12' },
    write: (file) =>
      repeated(file, '', '\n', '\n', (index) =>
        JSON.stringify({
          SourceMetadata: {
            Data: {
              Git: {
                commit: 'c'.repeat(40),
                file: `src/${index}.ts`,
                email: 'a@example.org',
                repository: 'r',
                timestamp: '2026-01-01 00:00:00 +0000',
                line: index,
              },
            },
          },
          SourceID: 1,
          SourceType: 16,
          SourceName: 'trufflehog - git',
          DetectorType: 2,
          DetectorName: 'AWS',
          DecoderName: 'PLAIN',
          Verified: false,
          Raw: ANSWER,
          Redacted: '',
          ExtraData: null,
          StructuredData: null,
        }),
      ),
    counted: (observations) => observations.filter(({ kind }) => kind === 'secret-finding').length,
  },
];

const task = process.argv[2];
if (task === 'hash') hash(process.argv[3] ?? '');
else if (task === 'read') await read(process.argv[3] ?? '', JSON.parse(process.argv[4] ?? '{}'));
else
  for (const subject of SUBJECTS.filter(({ name }) => name.toLowerCase().includes(ONLY.toLowerCase())))
    compare(subject);

/** Processor time of this process since it started, in seconds. */
function spent(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function hash(name: string): void {
  const file = openSync(name, 'r');
  const buffer = Buffer.alloc(1 << 20);
  const digest = createHash('sha256');
  const start = spent();
  for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer))
    digest.update(buffer.subarray(0, count));
  console.log(JSON.stringify({ seconds: spent() - start, digest: digest.digest('hex') }));
}

async function read(file: string, source: object): Promise<void> {
  const { ingestFile } = await import('../src/evidence/ingest.ts');
  const { loadCatalog, probeLookup, threatTerms } = await import('../src/catalog/catalog.ts');
  await import('../src/evidence/adapters/index.ts');
  const catalog = await loadCatalog();
  // Loading the program is not reading the file.
  const start = spent();
  const { entry, reading } = await ingestFile(path.basename(file), {
    root: path.dirname(file),
    probes: probeLookup(catalog),
    terms: threatTerms(catalog),
    techniques: new Map(catalog.techniques.map(({ id, attackClass }) => [id, attackClass])),
    sources: [{ match: path.basename(file), higherMeansMember: true, ...source }],
  });
  const seconds = spent() - start;
  if (!entry.accepted) throw new Error(entry.reason);
  const observations = (reading?.observations ?? []).map((observation) => {
    if (observation.kind === 'trials') return { kind: 'trials', n: observation.clusters?.n ?? observation.trials.n };
    if (observation.kind === 'scores')
      return { kind: 'scores', n: observation.members.length + observation.nonMembers.length };
    return { kind: observation.kind };
  });
  console.log(
    JSON.stringify({ seconds, digest: entry.sha256, megabytes: process.resourceUsage().maxRSS / 1024, observations }),
  );
}

function compare(subject: Subject): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'probity-bench-'));
  try {
    const file = path.join(folder, subject.file);
    const records = subject.write(file);
    const run = (kind: string) => {
      const child = spawnSync(
        process.execPath,
        [fileURLToPath(import.meta.url), kind, file, JSON.stringify(subject.source ?? {})],
        { encoding: 'utf8', maxBuffer: 1 << 28 },
      );
      if (child.status !== 0) throw new Error(`${subject.name}: ${child.stderr}`);
      return JSON.parse(child.stdout);
    };
    const rounds = Array.from({ length: ROUNDS }, () => ({ hash: run('hash'), read: run('read') }));
    const best = (kind: 'hash' | 'read'): number => Math.min(...rounds.map((round) => round[kind].seconds));
    const [first] = rounds;
    const counted = subject.counted(first?.read.observations ?? []);
    if (first?.hash.digest !== first?.read.digest || counted !== records)
      throw new Error(`${subject.name}: ${counted} of ${records} records were counted`);
    const memory = Math.max(...rounds.map((round) => round.read.megabytes));
    const ratio = best('hash') / best('read');
    console.log(
      `  ${subject.name.padEnd(32)} hashing ${best('hash').toFixed(2)} s, reading ${best('read').toFixed(2)} s: ratio ${ratio.toFixed(2)}${
        subject.limit === undefined ? '' : ` (limit ${subject.limit.toFixed(2)})`
      }; ${memory.toFixed(0)} MB resident, ${(memory / 500).toFixed(2)} of the limit; ${records} records counted`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes records between a head and a tail until the file is large enough, and returns how many. */
function repeated(
  file: string,
  head: string,
  tail: string,
  separator: string,
  record: (index: number) => string,
): number {
  const handle = openSync(file, 'w');
  let written = writeSync(handle, head);
  let index = 0;
  let block = '';
  while (written + block.length < SIZE) {
    block += `${index === 0 ? '' : separator}${record(index++)}`;
    if (block.length < 1 << 20) continue;
    written += writeSync(handle, block);
    block = '';
  }
  writeSync(handle, block + tail);
  closeSync(handle);
  return index;
}

/** Lines of about 10 kB as garak writes them, each attempt twice: begun and judged. Returns how many prompts were judged. */
function garakReport(file: string): number {
  const text = JSON.stringify(ANSWER).slice(1, -1);
  const spaced = (value: object): string => JSON.stringify(value).replace(':', ': ');
  const handle = openSync(file, 'w');
  writeSync(handle, `${spaced({ entry_type: 'start_run setup', 'run.eval_threshold': 0.5 })}\n`);
  writeSync(handle, `${spaced({ entry_type: 'init', garak_version: '0.14.0', start_time: '2026-09-01T00:00:00' })}\n`);
  let written = 0;
  let attempts = 0;
  while (written < SIZE) {
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

function promptfooRow(row: Record<string, unknown>, indent = 2): (index: number) => string {
  return (index) =>
    JSON.stringify(
      {
        ...row,
        id: `row-${index}`,
        testIdx: index,
        prompt: { raw: `prompt ${index}`, label: '{{attack}}', config: {} },
        vars: { attack: `prompt ${index}` },
        response: { output: ANSWER, raw: ANSWER, tokenUsage: { total: 900 } },
      },
      null,
      indent,
    );
}

function inspectLog() {
  const log = JSON.parse(fixture('small/inspect.json').replace('NaN', '0'));
  log.eval.dataset = {};
  log.results = {};
  return log;
}

/** A sample with its messages, as a log holds them. */
function inspectSample(index: number): string {
  const message = (role: string, content: string) => ({ id: `m${index}`, content, source: 'generate', role });
  return JSON.stringify(
    {
      id: index,
      epoch: 1,
      input: `prompt ${index}`,
      target: 'secret',
      messages: [message('user', `prompt ${index}`), message('assistant', ANSWER)],
      output: { model: 'v/m', choices: [{ message: message('assistant', ANSWER), stop_reason: 'stop' }] },
      scores: { judge: { value: 'I', answer: ANSWER, explanation: 'not found', history: [] } },
      metadata: {},
      store: {},
      events: [
        {
          timestamp: '2026-10-02T10:00:00+00:00',
          event: 'model',
          model: 'v/m',
          input: [message('user', `prompt ${index}`)],
        },
      ],
      model_usage: { 'v/m': { input_tokens: 100, output_tokens: 900, total_tokens: 1000 } },
    },
    null,
    2,
  );
}

/** A zip of one entry a sample, deflated, with the header and the summaries at its end, until it unpacks to the size asked for. */
function inspectEval(file: string): number {
  const handle = openSync(file, 'w');
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    writeSync(handle, chunk);
  });
  const add = (name: string, text: string): void => {
    const entry = new ZipDeflate(name, { level: 6 });
    zip.add(entry);
    entry.push(Buffer.from(text), true);
  };
  const { samples: _samples, ...log } = inspectLog();
  const summaries: object[] = [];
  add('_journal/start.json', JSON.stringify({ version: 2, eval: log.eval, plan: {} }));
  for (let unpacked = 0, index = 0; unpacked < SIZE; index++) {
    // Real answers differ, and deflate less well than one that is repeated.
    const text = inspectSample(index);
    add(`samples/${index}_epoch_1.json`, text);
    summaries.push({ id: index, epoch: 1, input: `prompt ${index}`, scores: { judge: { value: 'I' } } });
    unpacked += text.length;
  }
  add('summaries.json', JSON.stringify(summaries));
  add('header.json', JSON.stringify({ ...log, version: 2, status: 'success' }));
  zip.end();
  closeSync(handle);
  return summaries.length;
}
