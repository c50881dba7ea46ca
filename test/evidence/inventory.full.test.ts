import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { yamlText } from '../../src/files/yaml.ts';
import { assessedFiles, resultOf } from '../support/assessing.ts';
import { filledExamples } from '../support/examples.ts';
import { read } from '../support/reading.ts';
import { AS_OF, EXAMPLE_AS_OF, ROOT, scratch, write } from '../support/workspace.ts';

const folder = scratch();

const inventory = (identities: string, more = '') => `apiVersion: probity/v1
kind: AccessInventory
collected: 2026-09-25
identities:
${identities}${more}`;

async function rejected(text: string): Promise<string> {
  write(folder, { 'i.yaml': text });
  const { entry, reading } = await read(folder, 'i.yaml');
  assert.equal(entry.accepted, false, text);
  assert.equal(reading, undefined);
  return entry.reason ?? '';
}

test('what is wrong with an inventory is one line with the place, and nothing of it is used', async () => {
  const two = '  - {id: a, type: machine}\n  - {id: b, type: machine}\n  - {id: a, type: human}\n';
  const cases: [text: string, expected: RegExp][] = [
    [inventory(two), /the identity "a" stands twice, first as number 1 of the list; merge the two at i.yaml:7/],
    [inventory('  - {id: a, type: machine}\n', 'roles: [{id: r}, {id: r}]\n'), /the role "r" stands twice.*i.yaml:6/],
    [
      inventory('  - {id: a, type: machine}\n', 'resources: [{id: r, type: data}, {id: r, type: tool}]\n'),
      /the resource "r" stands twice.*i.yaml:6/,
    ],
    [inventory('  - {id: a, type: robot}\n'), /identities\/0\/type: has to be.*i.yaml:5/],
    [inventory('  - {id: a, type: machine, colour: red}\n'), /there is no field "colour" here.*i.yaml:5/],
    [
      inventory('  - {id: a, type: machine, credentials: [{id: k, type: key, created: 2026-02-31}]}\n'),
      /no such day.*i.yaml:5/,
    ],
    [inventory('  - {id: a, type: machine, rights: [fly]}\n'), /rights\/0: has to be.*i.yaml:5/],
    [inventory('  - {id: a, type: machine\n'), /not valid YAML.*i.yaml:\d/],
    [inventory('  []\n'), /has to have at least 1 entries.*i.yaml:5/],
  ];
  for (const [text, expected] of cases) {
    const reason = await rejected(text);
    assert.match(reason, expected);
    assert.ok(!reason.includes('\n'));
  }
});

test('a large inventory in JSON is refused by the pointer, as quickly as it is read', async () => {
  const identities = Array.from({ length: 12_000 }, (_, i) => ({
    id: `service/${i}`,
    type: 'machine',
    owner: 'Team',
    usedBy: { workloads: ['w'] },
    credentials: [],
  }));
  const document = { apiVersion: 'probity/v1', kind: 'AccessInventory', collected: '2026-09-25', identities };
  write(folder, { 'large.json': JSON.stringify(document) });
  assert.ok((await read(folder, 'large.json')).entry.accepted);
  write(folder, {
    'large.json': JSON.stringify({ ...document, identities: [...identities, { id: 'service/7', type: 'machine' }] }),
  });
  assert.match(
    (await read(folder, 'large.json')).entry.reason ?? '',
    /"service\/7" stands twice, first as number 8 of the list; merge the two at large.json#\/identities\/12000\/id/,
  );
  write(folder, { 'large.json': JSON.stringify(document).replace('"owner"', '"__proto__"') });
  assert.match((await read(folder, 'large.json')).entry.reason ?? '', /__proto__ is not allowed/);
});

/** An inventory of a megabyte and more, as a value. */
function largeInventory(): Record<string, unknown> & { identities: Record<string, unknown>[] } {
  const identities = Array.from({ length: 5000 }, (_, i) => ({
    id: `service/${i}`,
    type: 'machine',
    owner: `Team ${i % 7}`,
    created: '2026-09-01',
    usedBy: { workloads: ['w'], environments: ['e'] },
    entitlements: [
      { actions: ['read'], resources: [`store/${i}`, `store/${i % 10}`] },
      { actions: ['write', 'delete'], resources: ['store/a'] },
      { actions: ['read'], resources: ['store/b'] },
    ],
    assumes: i > 0 ? [`service/${i - 1}`] : [],
    credentials: [{ id: `k${i}`, type: 'key', created: '2026-09-01', expires: 'never' }],
  }));
  return {
    apiVersion: 'probity/v1',
    kind: 'AccessInventory',
    // The lists may stand before the day.
    identities,
    roles: [{ id: 'r', admin: true }],
    resources: [{ id: 'store/a', type: 'data', surface: 'retrieval-store' }],
    thirdParties: 'none',
    collected: '2026-09-25',
  };
}

test('a large inventory says what the same one says in YAML', async () => {
  const document = largeInventory();
  write(folder, { 'stream.json': JSON.stringify(document), 'whole.yaml': yamlText(document) });
  const pairs = (body: { entitlements?: { actions: string[]; resources: string[] }[] }): string[] =>
    (body.entitlements ?? [])
      .flatMap(({ actions, resources }) => resources.map((resource) => `${actions.join()} ${resource}`))
      .sort();
  const [stream, whole] = await Promise.all(
    ['stream.json', 'whole.yaml'].map(async (name) => {
      const { entry, reading } = await read(folder, name);
      assert.ok(entry.accepted, entry.reason);
      assert.equal(entry.collected, '2026-09-25');
      return (reading?.observations ?? []).map((body) =>
        body.kind === 'identity' || body.kind === 'role' ? { ...body, entitlements: pairs(body) } : body,
      );
    }),
  );
  assert.equal(stream?.length, 5003);
  assert.deepEqual(stream, whole);
});

test('what is wrong with a large inventory is one line with the pointer', async () => {
  const good = JSON.stringify(largeInventory());
  const cases: [text: string, expected: RegExp][] = [
    [good.replace('"collected":"2026-09-25"', '"description":"x"'), /collected: is missing|\/collected/],
    [
      good.replace('"thirdParties"', '"thirdPartys"'),
      /there is no field "thirdPartys" here.*did you mean "thirdParties"/,
    ],
    [good.replace('"owner":"Team 3"', '"colour":"red"'), /there is no field "colour" here.*#\/identities\/3\/colour/],
    [
      good.replace('"id":"service/9"', '"id":"service/8"'),
      /"service\/8" stands twice, first as number 9 .*identities\/9\/id/,
    ],
    [good.replace('"2026-09-01"', '"2026-02-31"'), /no such day.*#\/identities\/0\/created/],
    [good.replace('"kind"', '"kind":"AccessInventory","kind"'), /the same key twice/],
    [
      good.replace('"owner":"Team 3"', '"owner":"<replace: the team>"'),
      /placeholder that nobody has replaced.*identities\/3\/owner/,
    ],
    [good.replace('"identities":[', '"identities":{"x":1},"spare":['), /has to be a list/],
    [good.replace('"identities":[', '"identities":[],"spare":['), /at least 1 entries|no field "spare"/],
    [good.slice(0, -5), /ends before it is complete/],
  ];
  for (const [text, expected] of cases) {
    write(folder, { 'large.json': text });
    const { entry, reading } = await read(folder, 'large.json');
    assert.equal(reading, undefined);
    assert.match(entry.reason ?? '', expected);
    assert.ok(!(entry.reason ?? '').includes('\n'));
  }
});

test('roles that lead back to themselves and names nobody lists are noted with their place, and everything else goes on', async () => {
  const assessment = await assessedFiles({
    'evidence/i.yaml': inventory(
      '  - {id: a, type: machine, owner: Team, assumes: [r1, ghost]}\n',
      'roles:\n  - {id: r1, assumes: [r2]}\n  - {id: r2, assumes: [r1]}\n',
    ),
  });
  const notes = assessment.notes.join('\n');
  assert.match(notes, /Cyclic role assumption: r1, r2 \(evidence\/i.yaml, \/roles\/0\)/);
  assert.match(notes, /a can become ghost, which no inventory lists \(evidence\/i.yaml, \/identities\/0\)/);
  assert.equal(resultOf(assessment, 'ACC-01').state, 'satisfied');
});

test('two inventories make one identity, and both are named', async () => {
  const assessment = await assessedFiles({
    'evidence/a.yaml': inventory('  - {id: x, type: machine, owner: Team}\n'),
    'evidence/b.yaml': inventory('  - {id: x, type: machine, interactive: {enabled: true}}\n'),
  });
  assert.equal(assessment.identities.total, 1);
  const result = resultOf(assessment, 'ACC-08');
  assert.equal(result.state, 'not-satisfied');
  assert.deepEqual(result.criteria[0]?.evidence.map(({ path: file }) => file).sort(), [
    'evidence/a.yaml',
    'evidence/b.yaml',
  ]);
});

test("the secret itself goes nowhere: neither a scanner's digest of it nor a field that holds it", async () => {
  const baseline = JSON.parse(readFileSync(path.join(ROOT, 'evidence/access/claims-agent.secrets.json'), 'utf8'));
  write(folder, { 'b.json': JSON.stringify(baseline) });
  const { entry, reading } = await read(folder, 'b.json');
  assert.deepEqual(
    [entry.format, entry.accepted, entry.observations, entry.tool?.version],
    ['detect-secrets', true, 3, '1.5.0'],
  );
  assert.ok(!JSON.stringify(reading).includes(baseline.results['deploy/env.sh'][0].hashed_secret));
  assert.match(entry.warnings.join(), /does not say what was searched/);
  const clean = await assessedFiles({
    'evidence/b.json': JSON.stringify({ ...baseline, results: {}, generated_at: '2026-09-20T10:00:00Z' }),
  });
  assert.deepEqual(
    [resultOf(clean, 'ACC-11').state, resultOf(clean, 'ACC-11').reason],
    ['not-assessed', 'no-evidence'],
    'nothing found where nobody says what was searched',
  );
  const review = reading?.observations.find((one) => one.kind === 'secret-finding' && one.review !== undefined);
  assert.equal(review?.kind === 'secret-finding' ? review.where : '', 'test/fixture.ini:1');
  write(folder, { 'b.json': JSON.stringify({ ...baseline, results: { x: [{ type: 1 }] } }) });
  assert.match(
    (await read(folder, 'b.json')).entry.reason ?? '',
    /not a detect-secrets baseline.*b.json#\/results\/x\/0\/type/,
  );
  assert.match(
    await rejected(
      'apiVersion: probity/v1\nkind: SecretScan\ncollected: 2026-09-25\ntool: {name: t}\nscanned: [r]\nfindings: [{id: f, rule: r, file: a, secret: hunter2hunter2}]\n',
    ),
    /there is no field "secret" here/,
  );
});

test('every example file is read, and the date it bears is not in the future of the example', async () => {
  const folder = scratch();
  const names = filledExamples(folder);
  assert.ok(names.length >= 8);
  for (const name of names) {
    const { entry } = await read(folder, name);
    assert.ok(entry.accepted && entry.observations > 0, `${name}: ${entry.reason}`);
    assert.ok((entry.collected ?? AS_OF) < EXAMPLE_AS_OF, name);
  }
});

test('an example that nobody filled in says nothing', async () => {
  for (const folder of ['examples', 'examples/probe-results'])
    for (const name of readdirSync(path.join(ROOT, folder)).filter((one) => one.endsWith('.yaml'))) {
      const { entry } = await read(path.join(ROOT, folder), name);
      assert.match(entry.reason ?? '', /is a placeholder that nobody has replaced/, name);
    }
});
