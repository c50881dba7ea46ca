import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { ADAPTERS } from '../../src/evidence/adapters/index.ts';
import type { Located } from '../../src/evidence/observation.ts';
import { yamlDocuments } from '../../src/files/yaml.ts';
import { read } from '../support/reading.ts';
import { ROOT, scratch, write } from '../support/workspace.ts';

/* Files that the tools themselves wrote (fixtures/tools/PROVENANCE.tsv): counts are those of a count made here. */

const TOOLS = path.join(ROOT, 'test/evidence/fixtures/tools');
const folder = scratch();

function textOf(name: string): string {
  const bytes = readFileSync(path.join(TOOLS, name));
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}
const list = z.array(z.record(z.string(), z.unknown()));
const json = (name: string): unknown => JSON.parse(textOf(name));
const listed = (name: string): Record<string, unknown>[] => list.parse(json(name));
const within = (name: string, field: string): Record<string, unknown>[] =>
  list.parse(z.record(z.string(), z.unknown()).parse(json(name))[field]);

async function reading(name: string, root = TOOLS, sources: Parameters<typeof read>[2] = []) {
  const { entry, reading: found } = await read(root, name, sources);
  assert.ok(entry.accepted, `${name}: ${entry.reason}`);
  return { entry, found: found?.observations ?? [] };
}
const count = (found: readonly Located[], kind: Located['kind']): number =>
  found.filter((one) => one.kind === kind).length;
const identities = (found: readonly Located[]) => found.flatMap((one) => (one.kind === 'identity' ? [one] : []));
const rolesOf = (found: readonly Located[]) => found.flatMap((one) => (one.kind === 'role' ? [one] : []));
const threatsOf = (found: readonly Located[]) => found.flatMap((one) => (one.kind === 'threat' ? [one] : []));

const lines = (name: string): Record<string, unknown>[] =>
  textOf(name)
    .trim()
    .split('\n')
    .map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)));
const rows = (name: string): string[][] => z.array(z.array(z.string())).parse(parse(textOf(name)));
const hits = (name: string): number =>
  within(name, 'runs').reduce((sum, run) => sum + list.parse(run['results']).length, 0);
const baseline = (name: string): number =>
  Object.values(z.looseObject({ results: z.record(z.string(), list) }).parse(json(name)).results).flat().length;

/** What of each file counts, and how many there are by a walk of its own. */
const SCANS: [name: string, format: string, counted: () => number][] = [
  ...['git', 'files', 'redacted', 'gitleaks-empty'].map((one): [string, string, () => number] => [
    `gitleaks/${one}.json`,
    'gitleaks',
    () => listed(`gitleaks/${one}.json`).length,
  ]),
  ['gitleaks/git.csv', 'gitleaks-csv', () => rows('gitleaks/git.csv').length - 1],
  ['gitleaks/git.sarif', 'sarif', () => hits('gitleaks/git.sarif')],
  ['gitleaks/empty.sarif', 'sarif', () => hits('gitleaks/empty.sarif')],
  ...['git', 'files', 'with-log'].map((one): [string, string, () => number] => [
    `trufflehog/${one}.jsonl`,
    'trufflehog',
    () => lines(`trufflehog/${one}.jsonl`).filter((line) => 'DetectorName' in line).length,
  ]),
  ...['scan', 'audited', 'empty'].map((one): [string, string, () => number] => [
    `detect-secrets/${one}.json`,
    'detect-secrets',
    () => baseline(`detect-secrets/${one}.json`),
  ]),
  ...['scan', 'audited', 'excluded'].map((one): [string, string, () => number] => [
    `ibm-detect-secrets/${one}.json`,
    'detect-secrets',
    () => baseline(`ibm-detect-secrets/${one}.json`),
  ]),
];

/** Every secret that repository.sh and the other scripts invent, and what scanners make of them. */
const SECRETS = [
  'k3Jq8Zt1Vw6Yp0Nd5Rb2Hx7Lc4Mf9Gs',
  'Vq7ZtB2nLxW9',
  'pX4sTr8mQe2v',
  'TXkgd29yZHMgYXJlIG5vIGtleSw',
  'My words are no key',
  'Wq8ZtR2nLxV9',
  'Hx7LcPm4Mf9G',
  Buffer.from('invented-Wq8ZtR2nLxV9-token').toString('base64'),
  Buffer.from('invented-Hx7LcPm4Mf9G-password').toString('base64'),
];
const digests = (name: string): string[] => [...textOf(name).matchAll(/"hashed_secret": "([0-9a-f]+)"/g)].map(String);

test('scanners of secrets: as many findings as the file that the scanner wrote lists, and none of the secrets', async () => {
  for (const [name, format, counted] of SCANS) {
    const { entry, found } = await reading(name);
    assert.equal(entry.format, format, name);
    assert.equal(count(found, 'secret-finding'), counted(), name);
    assert.equal(count(found, 'secret-scan'), 1, name);
    const out = JSON.stringify({ entry, found });
    for (const secret of [...SECRETS, ...digests(name)]) assert.ok(!out.includes(secret), `${name}: ${secret}`);
  }
  assert.ok(SCANS.some(([, , counted]) => counted() === 0) && SCANS.some(([, , counted]) => counted() > 3));
});

test('gitleaks says the same in JSON, CSV and SARIF, and tells where in words that hold no secret', async () => {
  const where = async (name: string) =>
    (await reading(name)).found
      .flatMap((one) => (one.kind === 'secret-finding' ? [`${one.rule} in ${one.where}`] : []))
      .toSorted();
  const expected = listed('gitleaks/git.json')
    .map((one) => `${one['RuleID']} in ${one['File']}:${one['StartLine']} at ${String(one['Commit']).slice(0, 12)}`)
    .toSorted();
  for (const form of ['git.json', 'git.csv', 'git.sarif', 'redacted.json'])
    assert.deepEqual(await where(`gitleaks/${form}`), expected, form);
  const { entry } = await read(TOOLS, 'gitleaks/git.junit.xml');
  assert.match(entry.reason ?? '', /JUnit report.*--report-format json/);
});

test('trufflehog: the repository is named by the scan of its history, and nothing untried is called tried', async () => {
  const { found } = await reading('trufflehog/git.jsonl');
  const [scan] = found;
  assert.deepEqual(scan?.kind === 'secret-scan' ? scan.scanned : [], ['file:///srv/notes']);
  for (const one of found) if (one.kind === 'secret-finding') assert.equal(one.verified, undefined);
});

test('detect-secrets: what the auditor answered counts, what the search passed over is said, and all passed over is no search', async () => {
  for (const tool of ['detect-secrets', 'ibm-detect-secrets']) {
    const { found } = await reading(`${tool}/audited.json`);
    const settled = found.filter((one) => one.kind === 'secret-finding' && one.review?.decision === 'false-positive');
    assert.equal(settled.length, textOf(`${tool}/audited.json`).split('"is_secret": false').length - 1);
    assert.equal(settled.length, 1);
  }
  const sources = [{ match: '**', probe: 'git/notes', higherMeansMember: true }];
  const scanned = async (text: string) => {
    write(folder, { 'b.json': text });
    const { found, entry } = await reading('b.json', folder, sources);
    return {
      scans: found.flatMap((one) => (one.kind === 'secret-scan' ? one.scanned : [])),
      warnings: entry.warnings.join(),
    };
  };
  const narrowed = textOf('ibm-detect-secrets/excluded.json');
  assert.deepEqual((await scanned(narrowed)).scans, ['git/notes without what fits ^docs/']);
  for (const all of ['.*', '^.*$', '(.*)', 'docs/|.+', '', '[\\\\s\\\\S]*', '(?s).*', '[\\\\w\\\\W]+', '.{1,}'])
    assert.deepEqual((await scanned(narrowed.replace('^docs/', all))).scans, [], `"${all}" is everything`);
  for (const some of ['.*\\\\.lock$', 'package-lock.json', '^docs/.*'])
    assert.equal((await scanned(narrowed.replace('^docs/', some))).scans.length, 1, some);
  const yelp = z.looseObject({ filters_used: z.array(z.unknown()) }).parse(json('detect-secrets/scan.json'));
  const filter = { path: 'detect_secrets.filters.regex.should_exclude_file', pattern: ['.*'] };
  assert.deepEqual((await scanned(JSON.stringify({ ...yelp, filters_used: [filter] }))).scans, []);
  const left = async (used: object) => (await scanned(JSON.stringify({ ...yelp, filters_used: [used] }))).scans.join();
  const levels = 'detect_secrets.filters.common.is_ignored_due_to_verification_policies';
  assert.equal(await left({ path: levels, min_level: 2 }), 'git/notes');
  assert.equal(await left({ path: levels, min_level: 3 }), 'git/notes without what could not be shown to work');
  assert.match(await left({ path: 'file://all.py::all' }), /without what a filter of its user's own left out/);
  const words = { path: 'detect_secrets.filters.wordlist.should_exclude_secret', min_length: 3 };
  assert.equal(await left(words), 'git/notes without the words of a list');
  const none = await scanned(JSON.stringify({ ...yelp, plugins_used: [] }));
  assert.deepEqual(none.scans, []);
  assert.match(none.warnings, /no plugin, so it does not count as a search/);
});

test('AWS CLI: as many users and roles as listed, keys by their columns, and what is not evaluated stays unknown', async () => {
  const name = 'aws/authorization-details.json';
  const { found } = await reading(name);
  const inAccount = identities(found).filter(({ id }) => id.startsWith('arn:aws:iam::123456789012:'));
  assert.equal(inAccount.length, within(name, 'UserDetailList').length + within(name, 'RoleDetailList').length);
  assert.equal(
    rolesOf(found).filter(({ id }) => id.includes('123456789012')).length,
    within(name, 'GroupDetailList').length + within(name, 'Policies').length,
  );
  const by = new Map(identities(found).map((one) => [one.name, one]));
  const groups = new Map(rolesOf(found).map((one) => [one.name, one]));
  assert.deepEqual(
    [groups.get('operators')?.admin, groups.get('operators')?.unevaluated],
    [undefined, ['conditions']],
    'everything under a condition is not given',
  );
  assert.ok(by.get('ann')?.unevaluated?.includes('conditions'), 'she may take on a role with a second factor');
  assert.equal(by.get('ann')?.assumes, undefined);
  assert.ok(by.get('assistant')?.unevaluated?.includes('denials'));
  assert.deepEqual(by.get('pipeline')?.roles, ['arn:aws:iam::aws:policy/AdministratorAccess']);
  assert.deepEqual(by.get('deploy')?.authentication?.method, 'oidc');

  for (const form of ['csv', 'json']) {
    const report = await reading(`aws/credential-report.${form}`);
    const [header = [], ...users] = rows('aws/credential-report.csv');
    assert.equal(identities(report.found).length, users.length, form);
    const active = users.flatMap((row) =>
      ['access_key_1_active', 'access_key_2_active'].filter((column) => row[header.indexOf(column)] === 'true'),
    );
    const keys = identities(report.found).flatMap(({ credentials }) =>
      credentials.filter(({ type, active: on }) => /key/.test(type) && on),
    );
    assert.equal(keys.length, active.length, form);
  }
  // Chosen fields are a listing all the same; what the rest says of them is unknown.
  assert.equal(
    identities((await reading('aws/users.json')).found).length,
    within('aws/users.json', 'UserDetailList').length,
  );
  assert.equal((await read(TOOLS, 'aws/list-users.json')).entry.accepted, false);
});

test('kubectl of a real API server: every object is counted, its own bindings are none of the system, tokens never come out', async () => {
  const name = 'kubernetes/cluster.json.gz';
  const { entry, found } = await reading(name);
  const objects = within(name, 'items');
  const kinds = new Map<string, number>();
  for (const one of objects) kinds.set(String(one['kind']), (kinds.get(String(one['kind'])) ?? 0) + 1);
  const said = [...kinds].map(([kind, n]) => `${kind} ${n}`).toSorted();
  assert.ok(entry.warnings.includes(`objects: ${said.join(', ')}`), entry.warnings.join());
  assert.deepEqual(
    identities(found)
      .map(({ name: one }) => one)
      .toSorted(),
    ['Group platform', 'User ann', 'ai/assistant', 'ai/deploy'],
    'those of objects.yaml, and no part of the cluster itself',
  );
  const [deploy] = identities(found).filter((one) => one.name === 'ai/deploy');
  assert.deepEqual(
    deploy?.credentials.map(({ id, expires }) => [id, expires]),
    [['ai/deploy-token', 'never']],
  );
  const roles = new Map(rolesOf(found).map((one) => [one.id, one]));
  assert.equal(roles.get(deploy?.roles?.[0] ?? '')?.admin, true);
  assert.ok(roles.get('ClusterRole read-secrets in ai')?.unevaluated?.includes('escalation'));
  const part = await reading('kubernetes/namespace.yaml');
  const [document] = [...yamlDocuments(textOf('kubernetes/namespace.yaml'), 'n', 'USAGE')];
  const items = z.looseObject({ items: list }).parse(document?.value).items;
  assert.equal(
    part.entry.warnings
      .find((one) => one.startsWith('objects: '))
      ?.match(/\d+/g)
      ?.reduce((sum, n) => sum + Number(n), 0),
    items.length,
  );
  for (const one of identities(part.found)) assert.ok(one.unevaluated?.includes('unlisted'), one.name);
  const cut = await reading('kubernetes/clusterrolebindings.json.gz');
  for (const one of identities(cut.found)) assert.ok(one.unevaluated?.includes('unlisted'), one.name);
  const out = JSON.stringify([found, part.found, cut.found]);
  for (const secret of SECRETS) assert.ok(!out.includes(secret));
});

test('SPIRE: one identity for each SPIFFE ID that the server lists, and none of an empty server', async () => {
  const name = 'spire/entries.json';
  const { entry, found } = await reading(name);
  const ids = new Set(
    within(name, 'entries').map((one) => {
      const { trust_domain, path: of } = z
        .looseObject({ trust_domain: z.string(), path: z.string() })
        .parse(one['spiffe_id']);
      return `spiffe://${trust_domain}${of}`;
    }),
  );
  assert.deepEqual(new Set(identities(found).map(({ id }) => id)), ids);
  assert.match(entry.warnings.join(), new RegExp(`${within(name, 'entries').length} entries`));
  assert.deepEqual(
    identities(found)
      .flatMap(({ id, unevaluated }) => (unevaluated?.includes('escalation') ? [id] : []))
      .toSorted(),
    ['spiffe://example.org/nested', 'spiffe://example.org/operator'],
  );
  const empty = await reading('spire/empty.json');
  assert.deepEqual([empty.entry.format, empty.found], ['spire-entries', []]);
});

test('Terraform: resources are counted, and an output that is sensitive stays where it is', async () => {
  for (const name of ['terraform/null.tfstate', 'terraform/destroyed.tfstate']) {
    const { entry, found } = await reading(name);
    const resources = within(name, 'resources').length;
    assert.equal(entry.format, 'terraform-state');
    assert.match(entry.warnings.join(), resources === 0 ? /holds no resources/ : new RegExp(`${resources} resources`));
    assert.ok(!JSON.stringify({ entry, found }).includes('Wq8ZtR2nLxV9'));
  }
});

test('SARIF of Bandit and Semgrep: as many hits as results, by rule, and set aside what is suppressed', async () => {
  for (const name of ['sarif/bandit.sarif', 'sarif/semgrep.sarif', 'sarif/bandit-empty.sarif']) {
    const { found } = await reading(name);
    const results = within(name, 'runs').flatMap((run) => list.parse(run['results']));
    const sum = found.reduce((all, one) => (one.kind === 'tool-finding' ? all + one.failed + one.muted : all), 0);
    assert.equal(sum, results.length, name);
    assert.equal(count(found, 'tool-finding'), new Set(results.map((one) => one['ruleId'])).size, name);
    assert.ok(!JSON.stringify(found).includes('Wq8ZtR2nLxV9'), name);
  }
});

test('Threagile: as many risks as its own statistics count, open where nobody has checked them', async () => {
  for (const name of ['threagile/model-risks.json', 'threagile/bare-risks.json'])
    assert.equal(threatsOf((await reading(name)).found).length, listed(name).length, name);
  const stats = z
    .object({ risks: z.record(z.string(), z.record(z.string(), z.number())) })
    .parse(json('threagile/model-stats.json')).risks;
  const { found } = await reading('threagile/model-risks.json');
  const unchecked = Object.values(stats).reduce((sum, of) => sum + (of['unchecked'] ?? 0), 0);
  assert.equal(threatsOf(found).filter(({ status }) => status === 'open').length, unchecked);
  const own = threatsOf((await reading('threagile/model.yaml')).found);
  assert.deepEqual(
    own.map(({ status, names }) => [status, names.map((one) => one.attackClass)]),
    [['mitigated', ['membership-inference']]],
  );
});

test('pytm: as many threats as findings, each open, and those about what is out of scope set aside', async () => {
  const name = 'pytm/model.json.gz';
  const { found } = await reading(name);
  assert.equal(threatsOf(found).length, within(name, 'findings').length);
  const outside = new Set(within(name, 'elements').flatMap((one) => (one['inScope'] === false ? [one['name']] : [])));
  assert.equal(
    threatsOf(found).filter(({ status }) => status === 'open').length,
    within(name, 'findings').filter((one) => !outside.has(one['target'])).length,
  );
});

test('a file that a tool wrote and Probity reads otherwise names the way in; fields that nobody filled in are no fault', async () => {
  const guesses: [string, RegExp][] = [
    ['{"results": [{"check_id": "x.y", "path": "a.py", "start": {"line": 1}}]}', /Semgrep or Checkov.*--sarif/],
    ['{"errors": [], "metrics": {"_totals": {"SEVERITY.HIGH": 0}}}', /Bandit.*-f sarif/],
    ['[{"SchemaVersion": "2018-10-08", "ProductArn": "arn:aws:x"}]', /Security Hub \(ASFF\)/],
    ['[{"CheckID": "x", "CheckTitle": "y", "Status": "FAIL"}]', /older Prowler.*json-ocsf/],
    ['[{"rule": {"id": "high-entropy", "message": "High Entropy"}, "path": "a"}]', /trufflehog 2 or trufflehog3/],
  ];
  for (const [text, wanted] of guesses) {
    write(folder, { 'x.json': text });
    assert.match((await read(folder, 'x.json')).entry.reason ?? '', wanted);
  }
  const threat = {
    id: '1',
    title: null,
    type: null,
    status: 'Open',
    severity: null,
    mitigation: null,
    description: null,
  };
  write(folder, {
    'gitleaks-none.json': 'null',
    'dragon.json': JSON.stringify({
      version: '2.0',
      summary: { title: 'T' },
      detail: { diagrams: [{ diagramType: 'STRIDE', cells: [{ data: { name: null, threats: [threat] } }] }] },
    }),
    'sorted.otm': JSON.stringify({
      components: [{ id: 'a', name: 'A'.repeat(3000), parent: { trustZone: 'z' } }],
      dataflows: [],
      otmVersion: '0.1.0',
      project: { id: 'p', name: 'P' },
    }),
    'scan.json': JSON.stringify({
      metadata: {},
      resources: [{ object: { apiVersion: 'v1', kind: 'ServiceAccount' } }],
    }),
  });
  assert.equal(threatsOf((await reading('dragon.json', folder)).found)[0]?.status, 'open');
  assert.equal((await reading('sorted.otm', folder)).entry.format, 'open-threat-model');
  assert.equal(count((await reading('gitleaks-none.json', folder)).found, 'secret-scan'), 1);
  assert.notEqual(
    (await read(folder, 'scan.json')).entry.format,
    'kubernetes-rbac',
    'objects within a report are no listing',
  );
});

test('no two formats take a file that a tool wrote for theirs with the same certainty', () => {
  for (const [name, format] of [...SCANS, ['spire/empty.json', 'spire-entries'] as const]) {
    const text = textOf(name);
    const head = { name: path.basename(name), bytes: Buffer.from(text), text, complete: true };
    const ranked = ADAPTERS.map((one) => ({ format: one.format, score: one.recognise(head, {}) })).toSorted(
      (a, b) => b.score - a.score,
    );
    assert.equal(ranked[0]?.format, format, name);
    assert.ok((ranked[0]?.score ?? 0) > (ranked[1]?.score ?? 0), name);
  }
});

test('gitleaks: a table of names of columns alone is no search, for gitleaks writes none', async () => {
  write(folder, { 'bare.csv': `${rows('gitleaks/git.csv')[0]}\n` });
  const { entry, reading: found } = await read(folder, 'bare.csv');
  assert.equal(entry.accepted, false);
  assert.match(entry.reason ?? '', /only the names of columns/);
  assert.equal(found?.observations.length ?? 0, 0);
});

test('SARIF: a search that notified of an error, or whose results lie elsewhere, is none', async () => {
  const scansOf = async (more: object) => {
    const run = { tool: { driver: { name: 'gitleaks' } }, results: [], ...more };
    write(folder, { 'run.sarif': JSON.stringify({ version: '2.1.0', $schema: 'sarif-2.1.0.json', runs: [run] }) });
    return (await reading('run.sarif', folder)).found.length;
  };
  const notified = (level: string) => ({
    invocations: [{ executionSuccessful: true, toolExecutionNotifications: [{ level, message: { text: 'x' } }] }],
  });
  assert.equal(await scansOf({}), 1);
  assert.equal(await scansOf(notified('warning')), 1);
  assert.equal(await scansOf(notified('error')), 0);
  assert.equal(await scansOf({ externalPropertyFileReferences: { results: [{ itemCount: 9 }] } }), 0);
  assert.equal(await scansOf({ externalPropertyFileReferences: { artifacts: [{ itemCount: 9 }] } }), 1);
});
