import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { catalog, read } from '../support/reading.ts';
import { ROOT, scratch, write } from '../support/workspace.ts';

/* Files that the tools themselves wrote (fixtures/tools, each with its script): counted as the tool counts, and again here. */

const TOOLS = path.join(ROOT, 'test/evidence/fixtures/tools');
const techniques = new Map(catalog.techniques.map(({ id, attackClass }) => [id, attackClass]));
type Sources = NonNullable<Parameters<typeof read>[2]>;

async function resultOf(name: string, sources: Sources = []) {
  const { entry, reading } = await read(TOOLS, name, sources, techniques);
  assert.equal(entry.accepted, true, `${name}: ${entry.reason}`);
  return { entry, trials: (reading?.observations ?? []).flatMap((one) => (one.kind === 'trials' ? [one] : [])) };
}

const textOf = (name: string): string => readFileSync(path.join(TOOLS, name), 'utf8');
const leaking = (more: object = {}): Sources => [
  {
    match: '**',
    technique: 'prompt-leakage',
    surface: 'model-api',
    leaks: 'high',
    higherMeansMember: true,
    target: 'desk',
    ...more,
  },
];

interface InspectCount {
  status: string;
  task: string;
  model: string;
  version: string;
  planned: number;
  samples: number;
  errors: number;
  values: Record<string, Record<string, number>>;
}
const inspect: Record<string, InspectCount> = JSON.parse(textOf('inspect/counts.json'));
const timesOf = (values: Record<string, number> | undefined, wanted: readonly string[]): number =>
  wanted.reduce((sum, value) => sum + (values?.[value] ?? 0), 0);

for (const [name, own] of Object.entries(inspect))
  for (const scorer of Object.keys(own.values).filter((one) => one !== 'leaked_share'))
    test(`Inspect, ${name}: ${scorer} is counted as Inspect's own reader counts it`, async () => {
      const k = timesOf(own.values[scorer], ['"C"', 'true']);
      const n = k + timesOf(own.values[scorer], ['"I"', 'false']);
      const { entry, trials } = await resultOf(`inspect/${name}`, leaking({ scorer }));
      assert.equal(entry.format, 'inspect-log');
      assert.deepEqual(entry.tool, { name: 'Inspect', version: own.version });
      assert.deepEqual(
        trials.map((one) => [one.probe, one.target, one.detector, one.trials, one.errors, one.notEvaluated]),
        [[own.task, own.model, scorer, { k, n }, own.errors, own.planned - own.errors - n]],
      );
      if (own.status !== 'success') assert.match(entry.warnings.join(), new RegExp(`"${own.status}"`));
    });

test('Inspect: a log counted here, sample by sample, and an undeclared one is listed with the same counts', async () => {
  for (const name of Object.keys(inspect).filter((one) => one.endsWith('.json'))) {
    const log: { samples: { scores?: Record<string, { value: unknown }> | null }[] } = JSON.parse(
      textOf(`inspect/${name}`),
    );
    const words = log.samples.flatMap(({ scores }) => (scores?.['includes'] ? [scores['includes'].value] : []));
    const { entry } = await resultOf(`inspect/${name}`);
    const listed = entry.unmapped.find(({ probe }) => probe.endsWith('(includes)'));
    assert.deepEqual([listed?.trials, listed?.successes], [words.length, words.filter((one) => one === 'C').length]);
  }
  const unscored = await resultOf('inspect/unscored.eval', leaking({ scorer: 'includes' }));
  assert.deepEqual(
    unscored.trials.map((one) => [one.trials, one.notEvaluated]),
    [[{ k: 0, n: 0 }, 3]],
  );
  assert.match(unscored.entry.warnings.join(), /no sample was scored by includes/);
});

test('DeepEval: each metric is counted as evaluate() returned it', async () => {
  const counts: Record<string, Record<string, { passed: number; failed: number; errors: number }>> = JSON.parse(
    textOf('deepeval/counts.json'),
  );
  for (const [name, metrics] of Object.entries(counts)) {
    const { entry, trials } = await resultOf(`deepeval/${name}`);
    assert.equal(entry.format, 'deepeval-test-run');
    const found = new Map<string, number[]>([
      ...trials.map((one): [string, number[]] => [one.probe, [one.trials.k, one.trials.n, one.errors]]),
      ...entry.unmapped.map((one): [string, number[]] => [
        one.probe.replace(/ \(.*/, ''),
        [one.successes, one.trials, 0],
      ]),
    ]);
    for (const [metric, { passed, failed, errors }] of Object.entries(metrics))
      assert.deepEqual(found.get(metric), [failed, failed + passed, errors], `${name}: ${metric}`);
    assert.equal(found.size, Object.keys(metrics).length);
  }
});

const reports = readdirSync(path.join(TOOLS, 'garak')).filter((name) => name.endsWith('.report.jsonl.gz'));
for (const name of reports)
  test(`garak, ${name}: as garak printed it, and as its attempts add up`, async () => {
    const printed = new Map(
      [
        ...textOf(`garak/${name.replace('.report.jsonl.gz', '.txt')}`).matchAll(
          /^(\S+) +(\S+): (?:PASS|FAIL) +ok on +(\d+)\/ *(\d+)$/gm,
        ),
      ].map(([, probe, detector, passed, n]) => [
        `${probe} ${detector}`,
        { k: Number(n) - Number(passed), n: Number(n) },
      ]),
    );
    assert.ok(printed.size > 0);
    const { entry, trials } = await resultOf(`garak/${name}`);
    assert.deepEqual(entry.tool, { name: 'garak', version: /-([\d.]+)\.report/.exec(name)?.[1] });
    const found = new Map([
      ...trials.map((one): [string, { k: number; n: number }] => [`${one.probe} ${one.detector}`, one.trials]),
      ...entry.unmapped.map((one): [string, { k: number; n: number }] => [
        one.probe.replace(/[()]/g, ''),
        { k: one.successes, n: one.trials },
      ]),
    ]);
    assert.deepEqual([...found].sort(), [...printed].sort());

    // The same once more from its attempts, parsed here.
    const sums = new Map<string, { prompts: number; hit: number; missing: number }>();
    for (const line of gunzipSync(readFileSync(path.join(TOOLS, 'garak', name)))
      .toString()
      .split('\n')) {
      const record = line ? JSON.parse(line) : {};
      if (record.entry_type !== 'attempt' || record.status !== 2) continue;
      for (const [detector, scores] of Object.entries<(number | null)[]>(record.detector_results)) {
        const key = `${record.probe_classname} ${detector}`;
        const sum = sums.get(key) ?? { prompts: 0, hit: 0, missing: 0 };
        const judged = scores.filter((score) => score !== null);
        sum.prompts += Number(judged.length > 0);
        sum.hit += Number(judged.some((score) => score >= 0.5));
        sum.missing += scores.length - judged.length;
        sums.set(key, sum);
      }
    }
    for (const one of trials) {
      const sum = sums.get(`${one.probe} ${one.detector}`);
      assert.deepEqual(one.clusters, { k: sum?.hit, n: sum?.prompts }, `${one.probe} ${one.detector}`);
      assert.equal(one.notEvaluated, sum?.missing, `${one.probe} ${one.detector}`);
      assert.match(one.target ?? '', /^function\.Single\/target#/);
    }
    for (const warning of entry.warnings) assert.match(warning, /RepeatDiverges is no better than chance/);
  });

const sqlite = await import('node:sqlite').catch(() => undefined);
const noSqlite = sqlite ? false : 'this Node has no node:sqlite';
const folder = scratch();

/** The database of a real run, unpacked, for the tests that ask it themselves or change it. */
function memory(name = 'memory.db') {
  const bytes = gunzipSync(readFileSync(path.join(TOOLS, 'pyrit/memory-1.1.db.gz')));
  write(folder, { [name]: bytes });
  return bytes;
}

function changed(name: string, statements: string): void {
  memory(name);
  assert.ok(sqlite);
  const database = new sqlite.DatabaseSync(path.join(folder, name));
  database.exec(statements);
  database.close();
}

const strategies = (trials: Awaited<ReturnType<typeof resultOf>>['trials']) =>
  trials.map((one) => [one.probe, one.trials, one.clusters, one.notEvaluated, one.errors, one.target]);

test('PyRIT: the SQLite memory gives what PyRIT counts, and what an export of the same tables gives', {
  skip: noSqlite,
}, async () => {
  const { outcomes }: { outcomes: Record<string, number> } = JSON.parse(textOf('pyrit/counts-1.1.json'));
  const { entry, trials } = await resultOf('pyrit/memory-1.1.db.gz', leaking());
  assert.equal(entry.format, 'pyrit-memory');
  assert.deepEqual(entry.tool, { name: 'PyRIT', version: '1.1.0' });
  assert.deepEqual(
    [
      trials.reduce((sum, one) => sum + one.trials.k, 0),
      trials.reduce((sum, one) => sum + one.trials.n - one.trials.k, 0),
      trials.reduce((sum, one) => sum + (one.notEvaluated ?? 0), 0),
      trials.reduce((sum, one) => sum + (one.errors ?? 0), 0),
    ],
    ['success', 'failure', 'undetermined', 'error'].map((outcome) => outcomes[outcome]),
  );
  assert.deepEqual(
    trials.map(({ probe }) => probe),
    // An attack that failed on the way is kept without its strategy.
    ['PromptSendingAttack', 'attack', 'RedTeamingAttack'],
  );

  memory();
  assert.ok(sqlite);
  const database = new sqlite.DatabaseSync(path.join(folder, 'memory.db'), { readOnly: true });
  const rows = database.prepare('SELECT * FROM AttackResultEntries').all();
  database.close();
  write(folder, {
    'rows.json': JSON.stringify(rows),
    'objects.json': JSON.stringify(
      rows.map((row) => ({ ...row, atomic_attack_identifier: JSON.parse(String(row['atomic_attack_identifier'])) })),
    ),
  });
  for (const name of ['memory.db', 'rows.json', 'objects.json']) {
    const same = await read(folder, name, leaking(), techniques);
    assert.equal(same.entry.accepted, true, same.entry.reason);
    const found = (same.reading?.observations ?? []).flatMap((one) => (one.kind === 'trials' ? [one] : []));
    assert.deepEqual(strategies(found), strategies(trials), name);
  }
});

test('PyRIT: without results of attacks, the conversations of a memory are counted; a leak outside them is not lost', {
  skip: noSqlite,
}, async () => {
  const found = async (name: string) => {
    const { entry, reading } = await read(folder, name, leaking({ scorer: 'SubStringScorer' }), techniques);
    assert.equal(entry.accepted, true, entry.reason);
    return (reading?.observations ?? []).flatMap((one) => (one.kind === 'trials' ? [one] : []));
  };
  changed('talks.db', 'DELETE FROM AttackResultEntries');
  assert.ok(sqlite);
  const database = new sqlite.DatabaseSync(path.join(folder, 'talks.db'), { readOnly: true });
  const said = database
    .prepare(
      "SELECT score_value, count(*) AS n FROM ScoreEntries WHERE json_extract(scorer_class_identifier, '$.class_name') = 'SubStringScorer' GROUP BY 1",
    )
    .all();
  database.close();
  const n = (value: string): number => Number(said.find((one) => one['score_value'] === value)?.['n'] ?? 0);
  const [talks] = await found('talks.db');
  assert.deepEqual([talks?.probe, talks?.trials], ['conversation', { k: n('true'), n: n('true') + n('false') }]);
  // An outcome that is none, over an answer that was judged a leak.
  changed('turned.db', "UPDATE AttackResultEntries SET outcome = 'undetermined'");
  assert.deepEqual(
    (await found('turned.db')).map((one) => [one.probe, one.trials]),
    [
      ['PromptSendingAttack', { k: 0, n: 0 }],
      ['attack', { k: 0, n: 0 }],
      ['RedTeamingAttack', { k: 0, n: 0 }],
      ['conversation', { k: n('true'), n: n('true') }],
    ],
  );
});

test('PyRIT: a database that is not what it seems is refused, with the reason', { skip: noSqlite }, async () => {
  const whole = memory();
  const view = 'AS SELECT * FROM old';
  changed('view.db', `ALTER TABLE AttackResultEntries RENAME TO old; CREATE VIEW AttackResultEntries ${view}`);
  changed(
    'computed.db',
    'ALTER TABLE AttackResultEntries ADD COLUMN endless TEXT GENERATED ALWAYS AS (hex(zeroblob(100000000)))',
  );
  changed('wal.db', 'PRAGMA journal_mode = WAL');
  changed('other.db', 'ALTER TABLE AttackResultEntries RENAME TO a; ALTER TABLE PromptMemoryEntries RENAME TO b');
  changed('odd.db', "UPDATE AttackResultEntries SET outcome = 'perhaps'");
  write(folder, {
    'cut.db': whole.subarray(0, whole.length >> 1),
    'empty.db': Buffer.concat([Buffer.from('SQLite format 3\u0000', 'latin1'), Buffer.alloc(4096, 7)]),
    'torn.db': Buffer.concat([whole.subarray(0, 4096), Buffer.alloc(whole.length - 4096, 9)]),
  });
  for (const [name, reason] of [
    ['view.db', /no plain table/],
    ['computed.db', /computed columns/],
    ['wal.db', /beside it.*journal_mode=DELETE/],
    ['other.db', /without the tables of PyRIT/],
    ['odd.db', /odd\.db#\/AttackResultEntries\/0.*outcome|outcome.*AttackResultEntries\/0/],
    ['cut.db', /not a whole SQLite database/],
    ['empty.db', /not a whole SQLite database/],
    ['torn.db', /not a whole SQLite database/],
  ] as const) {
    const { entry } = await read(folder, name, leaking(), techniques);
    assert.equal(entry.accepted, false, name);
    assert.match(entry.reason ?? '', reason, name);
  }
});

test('garak: hit logs are known as what they are, and nothing of them is counted', async () => {
  const logs = readdirSync(path.join(TOOLS, 'garak')).filter((name) => name.endsWith('.hitlog.jsonl.gz'));
  assert.ok(logs.length > 0);
  for (const name of logs) {
    const { entry, trials } = await resultOf(`garak/${name}`);
    assert.equal(entry.format, 'garak-hitlog');
    assert.deepEqual(trials, []);
  }
});

for (const version of ['0.123.1', '0.80.3'])
  test(`promptfoo ${version}: every file of one run says the same, and what its rows add up to`, async () => {
    const run: {
      results: {
        stats: { successes: number; failures: number };
        results: {
          success: boolean;
          provider: { id: string; label?: string };
          metadata?: Record<string, string>;
          testCase?: { metadata?: Record<string, string> };
          vars: Record<string, string>;
        }[];
        table?: { body: { test: { vars: Record<string, string>; metadata?: Record<string, string> } }[] };
      };
    } = JSON.parse(textOf(`promptfoo/${version}.json`));
    const rows = run.results.results;
    // Version 2 names the plugin in its table only; its rows are known there by what was asked.
    const pluginOf = (row: (typeof rows)[number]): Record<string, string> => ({
      ...run.results.table?.body.find(({ test }) => test.vars['attack'] === row.vars['attack'])?.test.metadata,
      ...row.testCase?.metadata,
      ...row.metadata,
    });
    assert.equal(rows.filter(({ success }) => success).length, run.results.stats.successes, 'as promptfoo counts');
    const wanted = new Map<string, { k: number; n: number }>();
    for (const row of rows) {
      const about = pluginOf(row);
      if (about['pluginId'] !== 'prompt-extraction') continue;
      const key = `${about['pluginId']}${about['strategyId'] ? ` via ${about['strategyId']}` : ''} of ${row.provider.label ?? row.provider.id}`;
      const sum = wanted.get(key) ?? { k: 0, n: 0 };
      wanted.set(key, { k: sum.k + Number(!row.success), n: sum.n + 1 });
    }
    assert.equal(wanted.size, 4);
    const found = async (name: string) => {
      const { entry, trials } = await resultOf(name);
      assert.equal(entry.format, 'promptfoo-results');
      return trials.map((one) => [`${one.probe} of ${one.target}`, one.trials, one.notEvaluated, one.errors] as const);
    };
    const json = await found(`promptfoo/${version}.json`);
    const counted = new Map<string, { k: number; n: number }>(json.map(([name, trials]) => [name, trials]));
    for (const [name, trials] of wanted) assert.deepEqual(counted.get(name), trials, name);
    for (const name of readdirSync(path.join(TOOLS, 'promptfoo')))
      if (name.startsWith(version) && name.endsWith('.jsonl'))
        assert.deepEqual(await found(`promptfoo/${name}`), json, name);
  });

test('promptfoo: YAML of version 2 is more references than text, and is refused with the way in', async () => {
  const { entry } = await read(TOOLS, 'promptfoo/0.80.3.yaml');
  assert.equal(entry.accepted, false);
  assert.match(entry.reason ?? '', /aliases expand too far at promptfoo\/0\.80\.3\.yaml:\d+ \(Write the values out\)/);
});

const declared: Sources = [
  { match: '**', technique: 'likelihood-ratio', surface: 'model-api', higherMeansMember: true, target: 'model' },
];
async function scoresOf(name: string) {
  const { entry, reading } = await read(TOOLS, name, declared, techniques);
  assert.equal(entry.accepted, true, `${name}: ${entry.reason}`);
  const [one] = reading?.observations ?? [];
  assert.ok(one?.kind === 'scores', name);
  return { format: entry.format, members: [...one.members], nonMembers: [...one.nonMembers] };
}
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const noParquet = await import('hyparquet' as string).then(
  () => false as const,
  () => 'hyparquet is not installed',
);
test('Parquet: whatever wrote it and however it was packed, the scores are those that pandas reads', {
  skip: noParquet,
}, async () => {
  const counts: Record<string, Record<'members' | 'nonMembers' | 'sumOfMembers' | 'sumOfOthers', number>> = JSON.parse(
    textOf('parquet/counts.json'),
  );
  assert.ok(Object.keys(counts).length > 10);
  for (const [name, own] of Object.entries(counts)) {
    const found = await scoresOf(`parquet/${name}`);
    assert.equal(found.format, 'membership-parquet');
    assert.deepEqual([found.members.length, found.nonMembers.length], [own.members, own.nonMembers], name);
    assert.ok(Math.abs(sum(found.members) - own.sumOfMembers) < 1e-4, name);
    assert.ok(Math.abs(sum(found.nonMembers) - own.sumOfOthers) < 1e-4, name);
  }
});

test('ART: scores of its membership inference, as CSV and as npz, have the area that scikit-learn gives', async () => {
  const {
    members: m,
    nonMembers: n,
    auc,
  }: Record<'members' | 'nonMembers' | 'auc', number> = JSON.parse(textOf('art/counts.json'));
  for (const name of ['art/black-box.csv', 'art/black-box.npz']) {
    const { members, nonMembers } = await scoresOf(name);
    assert.deepEqual([members.length, nonMembers.length], [m, n], name);
    const won = members.map((own) => sum(nonMembers.map((other) => (own > other ? 1 : own === other ? 0.5 : 0))));
    assert.ok(Math.abs(sum(won) / (m * n) - auc) < 1e-9, name);
  }
});
