import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { zipSync } from 'fflate';
import { evidenceRoot } from '../../src/evidence/merkle.ts';
import { read, readAll } from '../support/reading.ts';
import { ROOT, scratch, write } from '../support/workspace.ts';

const folder = scratch();

test('every accepted file carries the digest that other tools compute', async () => {
  const { entry } = await read(path.join(ROOT, 'evidence'), 'scores/triage-likelihood-ratio.csv');
  assert.equal(
    entry.sha256,
    createHash('sha256')
      .update(readFileSync(path.join(ROOT, 'evidence/scores/triage-likelihood-ratio.csv')))
      .digest('hex'),
  );
});

test('promptfoo: a failed assertion is a success of the attack, an error is neither', async () => {
  const one = (fields: object) => ({
    success: true,
    failureReason: 0,
    metadata: { pluginId: 'prompt-extraction' },
    vars: { q: 1 },
    promptId: 'p',
    gradingResult: { pass: true, componentResults: [{ assertion: { type: 'llm-rubric' } }] },
    ...fields,
  });
  const results = [
    one({}),
    one({ success: false, failureReason: 1, vars: { q: 2 } }),
    one({ success: false, failureReason: 2, vars: { q: 3 } }),
    one({ metadata: { pluginId: 'hijacking' } }),
    one({ metadata: {} }),
  ];
  write(folder, {
    'pf.json': JSON.stringify({
      evalId: 'e',
      results: {
        version: 3,
        timestamp: '2026-09-02T10:00:00Z',
        prompts: [],
        results,
        stats: { successes: 3, failures: 1, errors: 1 },
      },
      metadata: { promptfooVersion: '0.121.0' },
    }),
  });
  const { entry, reading } = await read(folder, 'pf.json');
  const trials = reading?.observations[0];
  assert.equal(entry.format, 'promptfoo-results');
  assert.deepEqual(
    trials?.kind === 'trials' ? [trials.trials, trials.errors, trials.detector, trials.collected] : undefined,
    [{ k: 1, n: 2 }, 1, 'llm-rubric', '2026-09-02'],
  );
  assert.deepEqual(
    entry.unmapped.map((u) => u.probe),
    ['hijacking'],
  );
  assert.match(entry.warnings.join(), /1 tests name no plugin/);
  assert.deepEqual(entry.tool, { name: 'promptfoo', version: '0.121.0' });
});

test('promptfoo: a cut-off file is rejected as a whole', async () => {
  const whole = readFileSync(path.join(folder, 'pf.json'), 'utf8');
  write(folder, { 'cut.json': whole.slice(0, -40) });
  const { entry } = await read(folder, 'cut.json');
  assert.equal(entry.accepted, false);
  assert.match(entry.reason ?? '', /JSON/);
});

test('scores: columns are found or mapped, and lower can mean member', async () => {
  write(folder, {
    's.csv': 'id,loss,seen\na,0.1,true\nb,0.2,1\nc,3,0\nd,"4",false\n',
    's.jsonl': '{"score": 2, "is_member": true}\n{"score": 1, "is_member": 0}',
  });
  const { reading } = await read(folder, 's.csv', [
    {
      match: 's.csv',
      columns: { score: 'loss', isMember: 'seen' },
      higherMeansMember: false,
      technique: 'loss-threshold',
      surface: 'model-api',
      collected: '2026-09-01',
    },
  ]);
  const scores = reading?.observations[0];
  assert.ok(scores?.kind === 'scores');
  assert.deepEqual([...scores.members], [-0.1, -0.2]);
  assert.equal(scores.duplicateRecords, 0);
  const lines = await read(folder, 's.jsonl');
  assert.equal(lines.entry.format, 'membership-scores');
  assert.match(lines.entry.warnings.join(), /not declared/);
});

test('scores: NaN, one class, one column and short rows are one clear line each', async () => {
  const bad: [string, string, RegExp][] = [
    ['nan.csv', 'score,is_member\n0.5,1\nNaN,0\n', /"NaN", not a finite number at nan.csv:3/],
    ['inf.csv', 'score,is_member\n0.5,1\nInfinity,0\n', /not a finite number at inf.csv:3/],
    ['members.csv', 'score,is_member\n0.5,1\n0.6,1\n', /all 2 records are members/],
    ['scores-one.csv', 'score\n0.5\n', /no is_member column/],
    ['short.csv', 'score,is_member\n0.5,1\n0.6\n', /1 columns, the header 2 at short.csv:3/],
    ['label.csv', 'score,is_member\n0.5,maybe\n', /is_member is "maybe" at label.csv:2/],
    ['none.csv', 'score,is_member\n', /no scores/],
  ];
  write(folder, Object.fromEntries(bad.map(([name, text]) => [name, text])));
  for (const [name, , reason] of bad) {
    const { entry } = await read(folder, name);
    assert.equal(entry.accepted, false, name);
    assert.match(entry.reason ?? '', reason);
    assert.doesNotMatch(entry.reason ?? '', /\n/);
  }
});

/** A NumPy array file, version 1.0. */
function npy(descr: string, values: Uint8Array, count: number): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${count},), }`;
  const padded = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const head = Buffer.alloc(10);
  head.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  head.writeUInt16LE(padded.length, 8);
  return Buffer.concat([head, Buffer.from(padded, 'latin1'), values]);
}

test('.npz: half, single and double precision, and big endian, read alike', async () => {
  const labels = npy('|b1', Uint8Array.of(1, 0, 1, 0), 4);
  const big = Buffer.alloc(32);
  for (const [index, value] of [1, 0, 2, -1].entries()) big.writeDoubleBE(value, index * 8);
  const variants: Record<string, Uint8Array> = {
    'f2.npz': npy('<f2', new Uint8Array(Uint16Array.of(0x3c00, 0, 0x4000, 0xbc00).buffer), 4),
    'f4.npz': npy('<f4', new Uint8Array(Float32Array.of(1, 0, 2, -1).buffer), 4),
    'f8.npz': npy('<f8', new Uint8Array(Float64Array.of(1, 0, 2, -1).buffer), 4),
    'be.npz': npy('>f8', big, 4),
  };
  for (const [name, scores] of Object.entries(variants)) {
    write(folder, { [name]: zipSync({ 'scores.npy': scores, 'memberships.npy': labels }) });
    const { entry, reading } = await read(folder, name);
    assert.equal(entry.accepted, true, entry.reason);
    const found = reading?.observations[0];
    assert.deepEqual(found?.kind === 'scores' ? [...found.members, ...found.nonMembers] : [], [1, 2, 0, -1], name);
  }
});

test('.npz: pickled objects, lengths that lie and zip bombs are refused', async () => {
  const labels = npy('|b1', Uint8Array.of(1, 0), 2);
  write(folder, {
    'pickle.npz': zipSync({ 'scores.npy': npy('|O', Uint8Array.of(1, 2, 3), 2), 'memberships.npy': labels }),
    'short.npz': zipSync({ 'scores.npy': npy('<f8', new Uint8Array(8), 2), 'memberships.npy': labels }),
    'bomb.npz': zipSync({ 'scores.npy': [new Uint8Array(64 * 2 ** 20), { level: 9 }], 'memberships.npy': labels }),
  });
  assert.match((await read(folder, 'pickle.npz')).entry.reason ?? '', /not supported/);
  assert.match((await read(folder, 'short.npz')).entry.reason ?? '', /8 bytes where 16 were announced/);
  assert.match((await read(folder, 'bomb.npz')).entry.reason ?? '', /not a NumPy array|unpacks to more/);
});

test('AWS: the root account is a person with every right; keys carry their ages', async () => {
  const columns =
    'user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated';
  write(folder, {
    'aws.csv': `${columns}\n<root_account>,arn:aws:iam::1:root,2020-01-01T00:00:00+00:00,not_supported,2026-01-01T00:00:00+00:00,not_supported,not_supported,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\nbot,arn:aws:iam::1:user/bot,2024-01-01T00:00:00+00:00,false,N/A,N/A,N/A,false,true,2025-01-01T00:00:00+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n`,
  });
  const { entry, reading } = await read(folder, 'aws.csv');
  assert.equal(entry.format, 'aws-iam-credential-report');
  const [root, bot] = (reading?.observations ?? []).flatMap((one) => (one.kind === 'identity' ? [one] : []));
  assert.deepEqual([root?.type, root?.admin, root?.mfa], ['human', true, false]);
  assert.deepEqual(
    [bot?.type, bot?.credentials.length, bot?.credentials[0]?.created],
    ['machine', 1, '2025-01-01T00:00:00.000Z'],
  );
  assert.match(entry.warnings.join(), /does not say when it was made/);
});

test('Threat Dragon: identifiers name a class, words are marked as words', async () => {
  const threat = (title: string, description: string) => ({
    id: title,
    title,
    type: 'Information disclosure',
    status: 'Open',
    severity: 'High',
    description,
    mitigation: 'm',
  });
  write(folder, {
    'td.json': JSON.stringify({
      version: '2.0',
      summary: { title: 'T' },
      detail: {
        diagrams: [
          {
            id: 0,
            diagramType: 'STRIDE',
            cells: [
              {
                shape: 'store',
                data: {
                  name: 'Retrieval store',
                  threats: [
                    threat('one', 'AML.T0024.000'),
                    threat('two', 'the model may be inverted by model inversion'),
                    threat('three', 'slow'),
                  ],
                },
              },
            ],
          },
        ],
      },
    }),
  });
  const { entry, reading } = await read(folder, 'td.json');
  assert.equal(entry.format, 'threat-dragon-v2');
  const threats = (reading?.observations ?? []).flatMap((one) => (one.kind === 'threat' ? [one] : []));
  assert.deepEqual(
    threats.map((one) => one.names.map(({ attackClass, basis }) => [attackClass, basis])),
    [[['membership-inference', 'identifier']], [['inversion', 'text']], []],
  );
  assert.deepEqual(
    threats[0]?.surfaces.map(({ surface }) => surface),
    ['retrieval-store'],
  );
  assert.equal(threats[0]?.at, '/detail/diagrams/0/cells/0/data/threats/0');
});

test('the real Threat Dragon samples: one is read whole, the malformed one is refused by name', {
  skip: existsSync(path.join(ROOT, '../shared/samples')) ? false : 'the samples are not here',
}, async () => {
  const samples = path.join(ROOT, '../shared/samples');
  const model: { detail: { diagrams: { cells: { data?: { threats?: unknown[] } }[] }[] } } = JSON.parse(
    readFileSync(path.join(samples, 'threat-dragon/v2-threat-model.json'), 'utf8'),
  );
  const held = model.detail.diagrams.flatMap((diagram) =>
    diagram.cells.flatMap((cell) => cell.data?.threats ?? []),
  ).length;
  const { entry } = await read(samples, 'threat-dragon/v2-threat-model.json');
  assert.equal(entry.observations, held + 1);
  const malformed = await read(samples, 'threat-dragon/v2-malformed-new-model.json');
  assert.equal(malformed.entry.format, 'threat-dragon-v2');
  assert.equal(malformed.entry.accepted, false);
});

test("Probity's own kinds: exact place of what is wrong, and classes that cannot be mixed", async () => {
  const head = (kind: string): string => `apiVersion: probity/v1\nkind: ${kind}\n`;
  const result = (fields: string): string =>
    `${head('ProbeResult')}tool: {name: t}\ncollected: 2026-09-01\nresults:\n  - {attackClass: inversion, technique: prompt-leakage, surface: model-api, probe: p, ${fields}}\n`;
  const bad: [string, string, RegExp][] = [
    ['more.yaml', result('trials: {n: 3, successes: 4}'), /more successes than trials at more.yaml:6/],
    [
      'both.yaml',
      result('scores: {members: [1], nonMembers: [0]}'),
      /scores belongs to membership inference only, and this is inversion of content/,
    ],
    ['none.yaml', result('detector: d'), /exactly one of/],
    ['third.yaml', result('trials: {n: 1, successes: 0}').replace('inversion', 'both'), /attackClass/],
    ['unknown.yaml', `${head('Recipe')}x: 1\n`, /no kind of evidence.*Use one of/],
    ['key.yaml', `${head('ChangeLog')}changes: []\nextra: 1\n`, /no field "extra" here/],
    [
      'day.yaml',
      `${head('ChangeLog')}changes:\n  - {of: model, date: 2026-02-30, description: x}\n`,
      /no such day at day.yaml:4/,
    ],
    ['tag.yaml', `${head('ChangeLog')}changes: !!js/function "x"\n`, /not valid YAML/],
    ['proto.yaml', `${head('ChangeLog')}__proto__: {polluted: true}\nchanges: []\n`, /not allowed/],
    [
      'bomb.yaml',
      `${head('ChangeLog')}a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\nchanges: [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n`,
      /not acceptable YAML/,
    ],
  ];
  write(folder, Object.fromEntries(bad.map(([name, text]) => [name, text])));
  for (const [name, , reason] of bad) {
    const { entry } = await read(folder, name);
    assert.equal(entry.accepted, false, name);
    assert.match(entry.reason ?? '', reason, `${name}: ${entry.reason}`);
  }
  assert.equal(Reflect.get({}, 'polluted'), undefined);
});

test('empty files, folders, links, unknown files and twins are listed with their reason', async () => {
  const place = path.join(folder, 'mixed');
  write(place, {
    'empty.json': '',
    'notes.txt': 'hello',
    'a/changes.yaml': 'apiVersion: probity/v1\nkind: ChangeLog\nchanges: []\n',
    'b/changes.yaml': 'apiVersion: probity/v1\nkind: ChangeLog\nchanges: []\n',
    'oscal.json': '{"assessment-results": {}}',
  });
  mkdirSync(path.join(place, 'inner'), { recursive: true });
  symlinkSync('/etc/hostname', path.join(place, 'link.json'));
  const { files } = await readAll(place, ['**/*']);
  const reasons = new Map(files.map((entry) => [entry.path, entry.reason ?? 'accepted']));
  assert.match(reasons.get('empty.json') ?? '', /empty/);
  assert.match(reasons.get('notes.txt') ?? '', /not a format that is known/);
  assert.match(reasons.get('oscal.json') ?? '', /not OSCAL assessment results: neither metadata/);
  assert.match(reasons.get('link.json') ?? '', /links are not followed/);
  assert.equal(reasons.get('a/changes.yaml'), 'accepted');
  assert.match(reasons.get('b/changes.yaml') ?? '', /same bytes as a\/changes.yaml/);
  assert.match((await read(place, 'inner')).entry.reason ?? '', /folder/);
  await assert.rejects(readAll(place, ['nowhere']), /no such file/);
});

test('secrets and personal data are masked when they are read; control characters are shown, not sent', async () => {
  const secrets = [
    'AKIAIOSFODNN7EXAMPLE',
    'jane.doe@example.org',
    'ghp_0123456789abcdefghijklmnopqrstuvwxyz',
    'DE89370400440532013000',
    '4111 1111 1111 1111',
    'password=hunter2hunter2',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln',
    'postgres://user:secretword@db',
  ];
  const changes = secrets.map((secret) => ({
    of: 'model',
    date: '2026-01-01',
    description: `leaked ${secret} there \u001b[31m\u202e`,
  }));
  write(folder, { 'leak.json': JSON.stringify({ apiVersion: 'probity/v1', kind: 'ChangeLog', changes }) });
  const { reading } = await read(folder, 'leak.json');
  const text = JSON.stringify(reading);
  for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} was carried on`);
  assert.ok(!text.includes('\\u001b') && text.includes('<U+001B>') && text.includes('<U+202E>'));
  assert.match(text, /leaked j\*\*\*\([0-9a-f]{4}\)@example.org there/);
});

test('the evidence root changes with any file, and is that of RFC 6962', () => {
  const entry = (name: string, digit: string) => ({ path: name, sha256: digit.repeat(64), bytes: 1, accepted: true });
  const leaf = (one: object) =>
    createHash('sha256')
      .update(Buffer.concat([Buffer.of(0), Buffer.from(JSON.stringify(one))]))
      .digest();
  const node = (a: Buffer, b: Buffer) =>
    createHash('sha256')
      .update(Buffer.concat([Buffer.of(1), a, b]))
      .digest();
  const [a, b, c] = [entry('a', '1'), entry('b', '2'), entry('c', '3')];
  assert.equal(evidenceRoot([a, b, c]), node(node(leaf(a), leaf(b)), leaf(c)).toString('hex'));
  assert.notEqual(evidenceRoot([a, b]), evidenceRoot([b, a]));
  assert.notEqual(evidenceRoot([a]), evidenceRoot([{ ...a, accepted: false }]));
});

test('promptfoo: what judged the answer, and against what, decides what a result can show', async () => {
  const row = (pluginId: string, pass: boolean | undefined, metadata: object = {}) => ({
    success: pass !== false,
    failureReason: pass === false ? 1 : 0,
    metadata: { pluginId, ...metadata },
    provider: { id: 'https', label: 'helpdesk' },
    gradingResult:
      pass === undefined
        ? null
        : { pass, componentResults: [{ pass, assertion: { type: `promptfoo:redteam:${pluginId}` } }] },
  });
  const results = [
    row('cross-session-leak', undefined),
    row('cross-session-leak', true, { crossSessionLeakMatch: 'BLUE RABBIT' }),
    row('cross-session-leak', undefined),
    row('cross-session-leak', false, { crossSessionLeakMatch: 'TIMMY' }),
    row('prompt-extraction', true),
    row('pii:session', true),
    row('divergent-repetition', false),
    row('bfla', true),
  ];
  write(folder, {
    'seeds.json': JSON.stringify({
      evalId: 'e',
      results: { version: 3, timestamp: '2026-09-02', prompts: [], results },
    }),
    'own.json': JSON.stringify({
      evalId: 'e',
      results: {
        version: 3,
        timestamp: '2026-09-02',
        prompts: [],
        results: [row('prompt-extraction', true, { systemPrompt: 'You are' })],
      },
    }),
  });
  const shown = async (name: string) =>
    ((await read(folder, name)).reading?.observations ?? []).map((one) =>
      one.kind === 'trials' ? [one.probe, one.shows, one.trials.k, one.trials.n, one.toolDetector ?? false] : [],
    );
  assert.deepEqual(await shown('seeds.json'), [
    ['cross-session-leak', 'both', 1, 2, true],
    ['prompt-extraction', 'failure-only', 0, 1, true],
    ['pii:session', 'failure-only', 0, 1, true],
    ['divergent-repetition', 'neither', 1, 1, true],
    ['bfla', 'neither', 0, 1, true],
  ]);
  write(folder, {
    'seeds.jsonl': `${results.map((one) => JSON.stringify({ promptIdx: 0, testIdx: 0, ...one })).join('\n')}\n`,
  });
  assert.deepEqual(await shown('seeds.jsonl'), await shown('seeds.json'), 'the rows alone, one a line');
  const own = { pass: true, componentResults: [{ pass: true, assertion: { type: 'not-contains' } }] };
  write(folder, {
    'testers.jsonl': `${JSON.stringify({ testIdx: 0, ...row('cross-session-leak', true), gradingResult: own })}\n`,
  });
  assert.deepEqual(
    await shown('testers.jsonl'),
    [['cross-session-leak', 'both', 0, 1, false]],
    'judged by the testers',
  );
  assert.deepEqual(await shown('own.json'), [['prompt-extraction', 'both', 0, 1, true]]);
});

test('a file that is not read says what it looks like and what to hand in', async () => {
  const cases: [string, string | Buffer, RegExp][] = [
    ['redteam.csv', 'pluginId,Score,Pass\npii,1,true\n', /promptfoo eval -o results\.json/],
    ['out.csv', 'Test,Score\na,1\n', /need a column is_member/],
    ['a.npy', Buffer.from('\u0093NUMPY\u0001', 'latin1'), /numpy\.savez/],
    ['config.toml', '[mcp_servers.github]\ncommand = "npx"\n', /hand it in as JSON/],
    ['pods.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n', /kubectl get serviceaccounts/],
  ];
  for (const [name, content, reason] of cases) {
    write(folder, { [name]: content });
    const { entry } = await read(folder, name);
    assert.equal(entry.accepted, false, name);
    assert.match(entry.reason ?? '', reason, name);
  }
});

test('scores: semicolons and tabs separate as commas do, quoted or not', async () => {
  const rows = [
    ['record_id', 'score', 'is_member'],
    ['a', '0.9', '1'],
    ['"b, c; d"', '0.25', '0'],
    ['e', '1e-3', 'false'],
  ];
  for (const separator of [',', ';', '\t']) {
    const name = `sep-${separator.charCodeAt(0)}.csv`;
    write(folder, { [name]: `${rows.map((row) => row.join(separator)).join('\n')}\n` });
    const { entry, reading } = await read(folder, name);
    const scores = reading?.observations[0];
    assert.equal(entry.format, 'membership-scores', `${name}: ${entry.reason}`);
    assert.deepEqual(
      scores?.kind === 'scores' ? [[...scores.members], [...scores.nonMembers], scores.duplicateRecords] : undefined,
      [[0.9], [0.25, 0.001], 0],
    );
  }
});
