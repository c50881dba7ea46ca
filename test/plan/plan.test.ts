import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { findProfile } from '../../src/catalog/catalog.ts';
import { testPlanSchema } from '../../src/evidence/adapters/probity/testPlan.ts';
import { readYaml } from '../../src/files/yaml.ts';
import { testPlanText } from '../../src/plan/commit.ts';
import { planMarkdown, planWorkbook } from '../../src/plan/documents.ts';
import { type Plan, planOf } from '../../src/plan/plan.ts';
import { passingPower } from '../../src/statistics/lowRate.ts';
import { ratePower, trialsToPass } from '../../src/statistics/passing.ts';
import { ATTACK_CLASSES } from '../../src/terms.ts';
import { workspace } from '../support/assessing.ts';
import { catalog } from '../support/reading.ts';
import { AS_OF, probity, scratch, workspaceYaml, write } from '../support/workspace.ts';

const ALL = 'surfaces: [model-api, retrieval-store, agent-tools, embeddings, model-weights]\n';
const planFor = (lines: string, profile = 'moderate'): Plan =>
  planOf({
    workspace: workspace(lines),
    catalog,
    profile: findProfile(catalog, profile),
    kinds: new Map(),
    committed: [],
    callsPerSecond: 1,
  });

test('a sample of trials lets a system at half its limit pass in 80% of cases, and one a tenth smaller does not', () => {
  for (const limit of [0.01, 0.02, 0.05, 0.1]) {
    const n = trialsToPass(limit, { oneSided: true });
    for (const times of [1, 1.05, 1.5])
      assert.ok(ratePower(Math.ceil(n * times), limit, limit / 2, true) >= 0.8, `${limit} ${n}`);
    assert.ok(ratePower(Math.floor(n * 0.85), limit, limit / 2, true) < 0.83, `${limit}: no more than it takes`);
  }
  assert.deepEqual(
    [0.01, 0.05, 0.003].map((limit) => trialsToPass(limit, { oneSided: true, noSuccess: true })),
    [299, 59, 998],
  );
});

test('membership samples pass with the power that is said', () => {
  for (const profile of ['low', 'moderate']) {
    const scores = planFor('', profile).tests.find(({ controls }) => controls.includes('MI-02'));
    assert.ok(scores?.sample.members);
    const { parameters } = findProfile(catalog, profile);
    for (const [alpha, name] of [
      [0.001, 'mi-tpr-0.1pct'],
      [0.01, 'mi-tpr-1pct'],
    ] as const) {
      const limit = Number(parameters[name]);
      const leak = (limit / 2 - alpha) / (1 - alpha);
      const sizes = { members: scores.sample.members, nonMembers: scores.sample.nonMembers ?? 0 };
      assert.ok(passingPower(alpha, limit, leak, sizes) >= 0.8, `${profile} ${name}`);
    }
  }
});

test('every surface gets a test of each class that has a technique there; each test says with what and against what', () => {
  for (const profile of ['low', 'moderate', 'high']) {
    const plan = planFor(ALL, profile);
    for (const attackClass of ATTACK_CLASSES)
      for (const surface of ['model-api', 'retrieval-store', 'agent-tools', 'embeddings', 'model-weights'] as const) {
        const testable = catalog.techniques.some(
          (one) => one.attackClass === attackClass && one.surfaces.includes(surface),
        );
        const planned = plan.tests.some((one) => one.attackClass === attackClass && one.surface === surface);
        assert.equal(planned, testable, `${profile} ${attackClass} ${surface}`);
      }
    for (const one of plan.tests) {
      assert.ok(one.tool && (one.command || one.template), JSON.stringify(one));
      const { members = 0, nonMembers = 0, trials = 0 } = one.sample;
      assert.ok(Number.isSafeInteger(members + nonMembers + trials) && members + trials > 0, JSON.stringify(one));
      assert.ok(one.control || (profile === 'low' && one.attackClass === 'membership-inference'), JSON.stringify(one));
      assert.ok(one.cost.calls >= members + nonMembers + trials);
      if (one.template) assert.ok(existsSync(new URL(`../../${one.template}`, import.meta.url)), one.template);
    }
  }
});

test('what is not asked is not planned: surfaces that are not there, training of others, what is switched off', () => {
  assert.ok(planFor('').tests.every(({ surface }) => surface === 'model-api'));
  const vendor = planFor(
    'models: [{id: m, version: "1", provider: p, deployed: 2026-08-01, targets: [m], training: none}]\n',
  );
  const own = planFor(
    'models: [{id: m, version: "1", provider: p, deployed: 2026-08-01, targets: [m], training: own}]\n',
  );
  assert.ok(own.tests.some(({ controls }) => controls.includes('MI-02')));
  assert.ok(!vendor.tests.some(({ controls }) => controls.includes('MI-02')));
});

test('two models are tested each, and a committed plan is read back as it was made', () => {
  const plan = planFor(
    'models: [{id: a, version: "1", provider: p, deployed: 2026-08-01, targets: ["rest.R/a"]}, {id: b, version: "1", provider: p, deployed: 2026-08-01}]\n',
  );
  const targets = new Set(plan.tests.filter(({ controls }) => controls.includes('INV-05')).map(({ target }) => target));
  assert.deepEqual([...targets].sort(), ['b', 'rest.R/a']);
  const text = testPlanText(plan, { by: 'A: "B" \\ c', committed: AS_OF });
  const read = readYaml(testPlanSchema, text, 'plan.yaml', 'EVIDENCE_MALFORMED');
  assert.equal(read.plans.length, plan.tests.length);
  assert.equal(read.plans[0]?.by, 'A: "B" \\ c');
  assert.equal(testPlanText(plan, { by: 'A: "B" \\ c', committed: AS_OF }), text);
  assert.deepEqual(planWorkbook(plan, AS_OF), planWorkbook(plan, AS_OF));
  const [mi = '', inv = ''] = planMarkdown(plan).split('## Model inversion');
  assert.ok(mi.includes('MI-02') && !mi.includes('INV-05') && inv.includes('INV-05'));
});

test('plan --commit writes evidence that the next plan and run know, once; a changed plan would prove nothing', async () => {
  const root = scratch();
  const home = path.join(root, 'home');
  write(root, { 'probity.yaml': workspaceYaml() });
  const args = ['plan', '--config', path.join(root, 'probity.yaml'), '--as-of', AS_OF];
  const made = await probity([...args, '--commit', '--by', 'A. Marsh', '--json'], { home });
  assert.equal(made.code, 0, made.stderr);
  const { committed } = JSON.parse(made.stdout);
  assert.match(committed.sha256, /^[0-9a-f]{64}$/);
  assert.match(readFileSync(path.join(root, 'evidence/test-plan.yaml'), 'utf8'), /kind: TestPlan/);
  const elsewhere = await probity([...args, '--commit', '--plan', path.join(root, 'other.yaml')], { home });
  assert.match(elsewhere.stdout, /^Written: \S+\n\nNext: the tests, then probity run\n$/);
  rmSync(path.join(root, 'other.yaml'));
  const again = await probity([...args, '--commit'], { home });
  assert.equal(again.code, 2);
  assert.match(again.stderr, /OUTPUT_FAILED/);
  const next = await probity([...args, '--json'], { home });
  const { tests, records }: Plan = JSON.parse(next.stdout);
  assert.ok(tests.every(({ planned }) => planned === true));
  for (const one of records) assert.ok(one.control && one.kind && one.what);
});
