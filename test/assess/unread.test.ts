import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { CHECKS } from '../../src/assess/checks/index.ts';
import { jsonSchemas, schemaFile } from '../../src/authoring/jsonSchemas.ts';
import { EVIDENCE_KINDS } from '../../src/evidence/adapters/probity/index.ts';
import { OTHER_KINDS } from '../../src/evidence/unread.ts';
import { assessedFiles, resultOf } from '../support/assessing.ts';
import { ROOT } from '../support/workspace.ts';

/* What was not read is unknown, not absent: no pass rests on a change that nobody made being in no file that was read. */

const probe = (successes: number) => `apiVersion: probity/v1
kind: ProbeResult
target: m
collected: 2026-09-15
tool: {name: own harness, version: "1"}
results:
  - attackClass: inversion
    technique: prompt-leakage
    surface: model-api
    probe: system prompt
    detector: canary in the answer
    planted: true
    trials: {successes: ${successes}, n: 400}
`;
const LOG = `apiVersion: probity/v1
kind: ChangeLog
changes:
  - {of: model, date: 2026-08-01, description: new version}
`;
const COMMIT = `${'a'.repeat(40)}\t2026-08-01T10:00:00+00:00\tnew prompt\n`;
const GIT = 'sources: [{match: "evidence/prompts.gitlog", change: {of: prompt}}]\n';

async function result(files: Record<string, string | Uint8Array>, lines = '', successes = 0) {
  return resultOf(await assessedFiles({ 'evidence/probe.yaml': probe(successes), ...files }, lines), 'INV-05');
}

test('a change log that was read lets a newer test pass', async () => {
  assert.equal((await result({})).state, 'satisfied');
  assert.equal((await result({ 'evidence/changes.yaml': LOG })).state, 'satisfied');
  assert.equal((await result({ 'evidence/prompts.gitlog': COMMIT }, GIT)).state, 'satisfied');
});

const UNREAD: [name: string, files: Record<string, string | Uint8Array>, lines?: string][] = [
  ['a day that there is not', { 'evidence/changes.yaml': LOG.replace('2026-08-01', '2026-09-31') }],
  ['a kind of change that nobody knows', { 'evidence/changes.yaml': LOG.replace('of: model', 'of: weights') }],
  ['no valid YAML', { 'evidence/changes.yaml': `${LOG}  - {of: model, date: [\n` }],
  ['cut off before its kind', { 'evidence/changes.yaml': 'apiVersion: probity/v1\n' }],
  ['a kind that is misspelt', { 'evidence/changes.yaml': LOG.replace('ChangeLog', 'Changelogs') }],
  ['no header', { 'evidence/changes.yaml': LOG.slice(LOG.indexOf('changes:')) }],
  ['a placeholder', { 'evidence/changes.yaml': LOG.replace('new version', '"<replace: what was changed>"') }],
  [
    'as JSON, cut off',
    { 'evidence/changes.json': '{"apiVersion":"probity/v1","kind":"ChangeLog","changes":[{"of":"mod' },
  ],
  ['a table', { 'evidence/changes.csv': 'date,change,by\n2026-09-20,new prompt,Ada\n' }],
  [
    'a git log in its own form',
    {
      'evidence/prompts.gitlog': `commit ${'a'.repeat(40)}\nAuthor: A <a@example.org>\nDate:   Mon Sep 20 10:00:00 2026 +0000\n\n    new prompt\n`,
    },
    GIT,
  ],
  ['a git log that sources does not know', { 'evidence/prompts.gitlog': COMMIT }],
  ['an empty git log', { 'evidence/prompts.gitlog': '' }, GIT],
  ['not gzip to its end', { 'evidence/changes.yaml.gz': Buffer.from([0x1f, 0x8b, 8, 0]) }],
];

for (const [name, files, lines] of UNREAD)
  test(`a change log that was not read gives no pass, and takes no failure: ${name}`, async () => {
    const open = await result(files, lines);
    assert.equal(open.state, 'not-assessed', JSON.stringify(open.criteria.map(({ state }) => state)));
    assert.equal(open.reason, 'incomplete');
    assert.match(JSON.stringify(open.criteria), /whether the system was changed since is not known/);
    assert.equal((await result(files, lines, 60)).state, 'not-satisfied');
  });

test('checks that rest on changes pass by those that were read alone', async () => {
  const stateOf = async (files: Record<string, string>) =>
    resultOf(await assessedFiles({ 'evidence/probe.yaml': probe(0), ...files }), 'INV-01', 'inversion');
  const tested = await stateOf({ 'evidence/changes.yaml': LOG });
  const open = await stateOf({ 'evidence/changes.yaml': LOG.replace('of: model', 'of: weights') });
  assert.equal(tested.criteria[0]?.state, 'satisfied', tested.criteria[0]?.detail);
  assert.deepEqual([open.criteria[0]?.state, open.criteria[0]?.reason], ['not-assessed', 'incomplete']);
});

test('other files that are not read, or are no evidence, stand in no pass', async () => {
  const others: Record<string, string> = {
    'evidence/README.md': '# How this was collected\n\nBy hand.\n',
    'evidence/policy.yaml': 'apiVersion: probity/v1\nkind: GatePolicy\n',
    'evidence/waiver.yaml': 'apiVersion: probity/v1\nkind: Waiver\nwaivers: 7\n',
    'evidence/notes.csv': 'a,b\n1,2\n',
    'evidence/empty.txt': '',
  };
  const assessed = await assessedFiles({ 'evidence/probe.yaml': probe(0), ...others });
  assert.equal(assessed.evidence.filter(({ accepted }) => !accepted).length, Object.keys(others).length);
  assert.equal(resultOf(assessed, 'INV-05').state, 'satisfied');
});

test('a plan that was not read leaves open what was planned', async () => {
  const open = await result({ 'evidence/plan.yaml': 'apiVersion: probity/v1\nkind: TestPlan\nplans: 7\n' });
  assert.deepEqual([open.state, open.reason], ['not-assessed', 'incomplete']);
});

test('every check that looks at changes says that its passes rest on them, and every kind is known', () => {
  const folder = path.join(ROOT, 'src/assess/checks');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts'))) {
    const text = readFileSync(path.join(folder, file), 'utf8');
    if (/context\.changes\b|\{ changes \}: EvaluationContext/.test(text))
      assert.match(text, /restsOnChanges: true/, `${file} looks at changes`);
  }
  assert.ok(CHECKS.length > 20);
  const known = new Set([...OTHER_KINDS, ...EVIDENCE_KINDS.map(({ kind }) => kind)].map(schemaFile));
  for (const file of jsonSchemas().keys()) assert.ok(known.has(file), file);
});
