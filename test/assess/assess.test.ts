import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assess } from '../../src/assess/assess.ts';
import { type Assessment, parseAssessment, serialiseAssessment } from '../../src/assess/assessment.ts';
import { findProfile } from '../../src/catalog/catalog.ts';
import type { Observation, ObservationBody } from '../../src/evidence/observation.ts';
import type { IdentityBody } from '../../src/evidence/observations/access.ts';
import type { AttackClass } from '../../src/terms.ts';
import { alike, assessed, resultOf, scores, TARGET, trials, unlike, workspace } from '../support/assessing.ts';
import { catalog } from '../support/reading.ts';
import { AS_OF } from '../support/workspace.ts';

test('every control gives one result for each class it names, and no class is ever missing', () => {
  const { results, verdicts } = assessed([], {
    workspace: workspace(
      'surfaces: [model-api, retrieval-store, agent-tools, embeddings, model-weights]\ndifferentialPrivacy: {epsilon: 1, delta: 0}\nmodels: [{id: n, version: "1", provider: Vendor, deployed: 2026-08-01}]\n',
    ),
  });
  const expected = catalog.controls.reduce((sum, { document }) => sum + Object.keys(document.attackClasses).length, 0);
  assert.equal(results.length, expected);
  assert.deepEqual(Object.keys(verdicts), ['membership-inference', 'inversion']);
  for (const result of results) {
    assert.equal(result.state, 'not-assessed');
    assert.ok(result.reason, `${result.control} says why`);
  }
});

test('no successes in a handful of trials is a small sample, in many it satisfies', () => {
  const few = resultOf(assessed([trials('training-data-extraction', 0, 40)]), 'INV-02');
  assert.deepEqual([few.state, few.reason], ['not-assessed', 'insufficient-sample']);
  assert.match(few.criteria[0]?.detail ?? '', /needs at least 299 trials, has 40/);
  assert.equal(resultOf(assessed([trials('training-data-extraction', 0, 400)]), 'INV-02').state, 'satisfied');
  assert.equal(resultOf(assessed([trials('secret-recovery', 0, 298)]), 'INV-06').reason, 'insufficient-sample');
  assert.equal(resultOf(assessed([trials('secret-recovery', 0, 299)]), 'INV-06').state, 'satisfied');
  assert.equal(resultOf(assessed([trials('secret-recovery', 1, 300)]), 'INV-06').state, 'not-satisfied');
});

test('a failure that is certain needs no large sample', () => {
  assert.equal(resultOf(assessed([trials('training-data-extraction', 9, 10)]), 'INV-02').state, 'not-satisfied');
});

test('trials of one prompt are not trials of many', () => {
  const clustered = resultOf(
    assessed([trials('training-data-extraction', 0, 4000, { clusters: { k: 0, n: 20 } })]),
    'INV-02',
  );
  assert.equal(clustered.reason, 'insufficient-sample');
});

test('the bound decides, never the estimate', () => {
  const state = (k: number, n: number) => {
    const result = resultOf(assessed([trials('training-data-extraction', k, n)]), 'INV-02');
    return result.reason ?? result.state;
  };
  assert.equal(state(3, 400), 'insufficient-sample', 'three of 400 are below the limit, and the bound is not');
  assert.equal(state(3, 2000), 'satisfied');
  assert.equal(state(5, 400), 'not-satisfied', 'content that came out more often than the limit allows');
});

test('the worst probe decides, and the others are listed', () => {
  const result = resultOf(
    assessed([
      trials('training-data-extraction', 0, 5000, { probe: 'good' }),
      trials('training-data-extraction', 50, 400, { probe: 'bad' }),
    ]),
    'INV-02',
  );
  assert.equal(result.state, 'not-satisfied');
  assert.match(result.criteria[0]?.detail ?? '', /bad/);
  assert.ok(result.criteria[0]?.others?.some(({ detail }) => detail.includes('good')));
});

test('a low average does not hide a strong tail', () => {
  const assessment = assessed([scores(4000, 200, { baseline: alike(4000) })]);
  assert.equal(resultOf(assessment, 'MI-03').state, 'satisfied');
  assert.equal(resultOf(assessment, 'MI-02').state, 'not-satisfied');
  assert.equal(assessment.verdicts['membership-inference'].state, 'not-satisfied');
});

test('populations that differ without the model make every membership number an invalid comparison', () => {
  const assessment = assessed([scores(4000, 0, { baseline: unlike(4000) })]);
  assert.equal(resultOf(assessment, 'MI-05').state, 'not-satisfied');
  for (const control of ['MI-02', 'MI-03'])
    assert.deepEqual(
      [resultOf(assessment, control).state, resultOf(assessment, control).reason],
      ['not-assessed', 'invalid-comparison'],
    );
});

test('an invalid comparison is no test of a surface', () => {
  const assessment = assessed([scores(4000, 0, { baseline: unlike(4000) })]);
  assert.equal(resultOf(assessment, 'MI-01').reason, 'invalid-comparison');
  const cell = assessment.coverage.find(
    ({ technique, surface }) => technique === 'likelihood-ratio' && surface === 'model-api',
  );
  assert.deepEqual([cell?.tests, cell?.fresh, cell?.invalid, cell?.stale], [1, 0, 1, 0]);
  assert.equal(resultOf(assessed([scores(4000, 0, { baseline: alike(4000) })]), 'MI-01').state, 'satisfied');
});

test('without a baseline, comparability is not assumed', () => {
  const { assignment: _drawn, ...undrawn } = scores(4000, 0);
  const assessment = assessed([undrawn]);
  assert.equal(resultOf(assessment, 'MI-05').reason, 'no-evidence');
  assert.equal(resultOf(assessment, 'MI-02').reason, 'invalid-comparison');
  assert.equal(resultOf(assessed([scores(4000, 0)]), 'MI-05').state, 'satisfied', 'assigned at random');
});

test('too few non-members cannot resolve a rate, and repeated records are noticed', () => {
  const small = resultOf(assessed([scores(400, 0)]), 'MI-04');
  assert.equal(small.reason, 'insufficient-sample');
  assert.match(small.criteria[0]?.detail ?? '', /needs at least 1\u202f000 non-members.*has 400/);
  assert.equal(resultOf(assessed([scores(4000, 0, { duplicateRecords: 5 })]), 'MI-04').state, 'not-satisfied');
});

test('a number without counts can fail, and never satisfies', () => {
  const stated = (value: number): ObservationBody => ({
    kind: 'stated',
    subject: 'membership',
    attackClass: 'membership-inference',
    technique: 'likelihood-ratio',
    surface: 'model-api',
    probe: 's',
    target: TARGET,
    collected: '2026-09-15',
    measure: 'roc.auc',
    value,
  });
  const result = resultOf(assessed([stated(0.5)]), 'MI-03');
  assert.equal(result.state, 'not-assessed');
  assert.ok(result.reasons?.includes('not-recomputable'));
  assert.equal(resultOf(assessed([stated(0.9)]), 'MI-03').state, 'not-satisfied');
});

test('attribute inference counts only against a baseline, on the same targets', () => {
  const advantage = (sameTargets: boolean): ObservationBody => ({
    kind: 'advantage',
    subject: 'attribute',
    attackClass: 'inversion',
    technique: 'attribute-inference',
    surface: 'model-api',
    probe: 'a',
    target: TARGET,
    planted: true,
    baselineMethod: 'imputation from public attributes',
    collected: '2026-09-15',
    attack: { k: 2800, n: 4000 },
    baseline: { k: 2800, n: 4000 },
    sameTargets,
  });
  assert.equal(resultOf(assessed([advantage(true)]), 'INV-03').state, 'satisfied');
  assert.equal(resultOf(assessed([advantage(false)]), 'INV-03').reason, 'invalid-comparison');
  const alone = resultOf(assessed([trials('attribute-inference', 0, 5000)]), 'INV-03');
  assert.equal(alone.reason, 'no-evidence');
  assert.match(alone.criteria[0]?.detail ?? '', /without a baseline/);
});

test('old evidence, undated evidence and evidence from before a change are stale; from after the as-of date it is not yet valid', () => {
  const at = (collected: string | undefined, more: ObservationBody[] = []) => {
    const { collected: _dated, ...undated } = trials('training-data-extraction', 0, 5000);
    return resultOf(assessed([collected ? { ...undated, collected } : undated, ...more]), 'INV-02');
  };
  assert.equal(at('2026-09-15').state, 'satisfied');
  assert.equal(at('2026-07-02').state, 'satisfied', '90 days old');
  assert.equal(at('2026-07-01').reason, 'stale', '91 days old');
  assert.equal(at(undefined).reason, 'stale');
  assert.equal(at('2026-10-01').reason, 'not-yet');
  assert.match(
    at('2026-10-01').criteria[0]?.detail ?? '',
    /dated 2026-10-01, and not yet valid at the as-of date \(2026-09-30\)/,
  );
  assert.equal(
    at('2026-09-15', [{ kind: 'change', of: 'model', date: '2026-09-16', description: 'new' }]).reason,
    'stale',
  );
  assert.equal(
    at('2026-09-15', [{ kind: 'change', of: 'tool', date: '2026-09-16', description: 'new' }]).state,
    'satisfied',
    'a tool does not change the model interface',
  );
  assert.equal(
    at('2026-09-15', [{ kind: 'change', of: 'model', date: '2026-10-16', description: 'later' }]).state,
    'satisfied',
  );
});

test('a surface that nobody tested is said to be so, and one the system lacks does not matter', () => {
  const both = workspace('surfaces: [model-api, retrieval-store]\n');
  const assessment = assessed([trials('context-leakage', 0, 5000)], { workspace: both });
  assert.equal(resultOf(assessment, 'INV-07').reason, 'untested-surface');
  assert.equal(resultOf(assessment, 'INV-01').reason, 'untested-surface');
  const cells = assessment.coverage.filter((cell) => cell.technique === 'context-leakage');
  assert.deepEqual(Object.fromEntries(cells.map((cell) => [cell.surface, cell.state])), {
    'model-api': 'tested',
    'retrieval-store': 'untested',
    'agent-tools': 'not-applicable',
    embeddings: 'not-applicable',
    'model-weights': 'not-applicable',
  });
  const without = assessed([], { workspace: workspace('surfaces: [embeddings]\n') });
  assert.equal(resultOf(without, 'MI-02').state, 'not-applicable');
});

function identity(fields: Partial<IdentityBody> = {}): IdentityBody {
  return {
    kind: 'identity',
    id: 'bot',
    name: 'bot',
    type: 'machine',
    owner: 'Team',
    statesOwners: true,
    active: true,
    lastUsed: '2026-09-20',
    collected: '2026-09-20',
    entitlements: [{ actions: ['s3:GetObject'], resources: ['b/*'] }],
    credentials: [
      { id: 'k', type: 'key', active: true, created: '2026-09-01', expires: '2026-12-01', lastUsed: '2026-09-20' },
    ],
    ...fields,
  };
}

test('identities: each condition fails on its own, passes, and says when it cannot know', () => {
  const state = (control: string, one: IdentityBody, attackClass: AttackClass = 'inversion') => {
    const result = resultOf(assessed([one]), control, attackClass);
    return result.reason ?? result.state;
  };
  for (const control of ['ACC-01', 'ACC-03', 'ACC-04', 'ACC-07'])
    assert.equal(state(control, identity()), 'satisfied', control);
  const { owner: _owner, ...ownerless } = identity();
  assert.equal(state('ACC-01', ownerless), 'not-satisfied');
  assert.equal(state('ACC-01', { ...ownerless, statesOwners: false }), 'no-evidence');
  const key = (fields: object) => identity({ credentials: [{ id: 'k', type: 'key', active: true, ...fields }] });
  assert.equal(state('ACC-03', key({ created: '2026-01-01', lastUsed: '2026-09-20' })), 'not-satisfied');
  assert.equal(state('ACC-03', key({ created: '2026-09-01', expires: '2026-09-10' })), 'not-satisfied');
  assert.equal(state('ACC-03', key({})), 'no-evidence');
  assert.equal(state('ACC-04', identity({ entitlements: [{ actions: ['s3:*'], resources: ['*'] }] })), 'not-satisfied');
  assert.equal(state('ACC-04', identity({ admin: true })), 'not-satisfied');
  assert.equal(state('ACC-04', { ...identity(), entitlements: undefined } as IdentityBody), 'no-evidence');
  assert.equal(state('ACC-07', key({ created: '2026-01-01', lastUsed: '2026-05-01' })), 'not-satisfied');
  assert.equal(state('ACC-01', identity({ collected: '2026-08-01' })), 'stale');
  const toolOnly = { ...ownerless, reaches: ['agent-tools' as const] };
  assert.equal(
    resultOf(assessed([toolOnly, identity({ id: 'other' })]), 'ACC-01', 'membership-inference').state,
    'satisfied',
    'out of reach of this class',
  );
  assert.equal(resultOf(assessed([toolOnly, identity({ id: 'other' })]), 'ACC-01', 'inversion').state, 'not-satisfied');
});

test('an identity of two inventories is one identity', () => {
  const { owner: _owner, ...report } = identity({ statesOwners: false });
  const assessment = assessed([identity(), { ...report, collected: '2026-09-25' }]);
  assert.equal(assessment.identities.total, 1);
  assert.equal(resultOf(assessment, 'ACC-01').state, 'satisfied');
});

test('threats: named on every surface, decided, and newer than the last change', () => {
  const model: ObservationBody = { kind: 'threat-model', title: 't', threats: 1, collected: '2026-09-01' };
  const threat = (attackClass: AttackClass): ObservationBody => ({
    kind: 'threat',
    id: 't',
    title: 't',
    status: 'open',
    severity: 'high',
    mitigation: 'm',
    names: [{ attackClass, basis: 'declared', term: 't' }],
    surfaces: [{ surface: 'model-api', basis: 'declared', term: 's' }],
    collected: '2026-09-01',
  });
  const place = (bodies: ObservationBody[], change?: string) => {
    const observations = [
      ...bodies,
      ...(change ? [{ kind: 'change' as const, of: 'model' as const, date: change, description: 'c' }] : []),
    ].map((body): Observation => ({ ...body, source: { path: 'threats.json', sha256: 'b'.repeat(64), at: '/' } }));
    return assess({
      workspace: workspace(),
      catalog,
      profile: findProfile(catalog, 'moderate'),
      files: [],
      observations,
      asOf: AS_OF,
      tool: { name: 'probity', version: '0' },
      redacted: true,
    });
  };
  const one = place([model, threat('inversion')]);
  assert.equal(resultOf(one, 'GOV-01', 'inversion').state, 'satisfied');
  assert.equal(resultOf(one, 'GOV-01', 'membership-inference').state, 'not-satisfied');
  assert.equal(resultOf(place([model, threat('inversion')], '2026-08-30'), 'GOV-02', 'inversion').state, 'satisfied');
  assert.equal(
    resultOf(place([model, threat('inversion')], '2026-09-02'), 'GOV-02', 'inversion').state,
    'not-satisfied',
  );
  assert.equal(resultOf(one, 'GOV-02', 'membership-inference').reason, 'no-evidence');
});

test('attestations: for this control and this class, in force, with the facts it takes', () => {
  const statement = (fields: object = {}): ObservationBody => ({
    kind: 'attestation',
    control: 'MON-01',
    attackClass: 'inversion',
    statement: 's',
    facts: { events: ['model-access', 'tool-call', 'secret-use'], identityInEvent: true },
    by: { name: 'n', role: 'r' },
    issued: '2026-09-01',
    ...fields,
  });
  const state = (fields: object, attackClass: AttackClass = 'inversion') => {
    const attested = resultOf(assessed([statement(fields)]), 'MON-01', attackClass).criteria.find(
      ({ id }) => id === 'logging-attested',
    );
    return attested?.reason ?? attested?.state;
  };
  assert.equal(state({}), 'satisfied');
  assert.equal(state({ facts: { events: ['model-access'], identityInEvent: true } }), 'not-satisfied');
  assert.equal(state({ expires: '2026-09-29' }), 'stale');
  assert.equal(state({ issued: '2025-01-01' }), 'stale');
  assert.equal(state({}, 'membership-inference'), 'no-evidence');
});

test('a waiver speaks for one class, while it lasts', () => {
  const waiver = (expires: string): ObservationBody => ({
    kind: 'waiver',
    control: 'INV-02',
    attackClass: 'inversion',
    reason: 'r',
    approver: 'a',
    issued: '2026-08-01',
    expires,
  });
  const failing = trials('training-data-extraction', 90, 400);
  const accepted = assessed([failing, waiver('2026-12-31')]);
  assert.deepEqual(
    [resultOf(accepted, 'INV-02').state, resultOf(accepted, 'INV-02').underlying],
    ['risk-accepted', 'not-satisfied'],
  );
  assert.ok(!accepted.findings.some((finding) => finding.control === 'INV-02'));
  const expired = assessed([failing, waiver('2026-09-29')]);
  assert.equal(resultOf(expired, 'INV-02').state, 'not-satisfied');
  assert.match(expired.notes.join(), /not in force/);
  const other = assessed([
    scores(4000, 300),
    {
      kind: 'waiver',
      control: 'MI-02',
      attackClass: 'inversion',
      reason: 'r',
      approver: 'a',
      issued: '2026-08-01',
      expires: '2026-12-31',
    },
  ]);
  assert.equal(resultOf(other, 'MI-02').state, 'not-satisfied');
});

test('evidence of one class never moves a result of the other', () => {
  const base = assessed([]);
  const inversion = [
    trials('training-data-extraction', 9, 400),
    trials('prompt-leakage', 0, 900),
    trials('secret-recovery', 2, 400),
  ];
  const membership = [scores(4000, 100, { baseline: alike(4000) }), scores(300, 10)];
  const states = (assessment: Assessment, attackClass: AttackClass) =>
    assessment.results
      .filter((result) => result.attackClass === attackClass)
      .map(({ control, state, reason }) => [control, state, reason]);
  for (let mask = 0; mask < 8; mask++) {
    const some = inversion.filter((_, index) => mask & (1 << index));
    assert.deepEqual(states(assessed(some), 'membership-inference'), states(base, 'membership-inference'));
  }
  for (const one of membership) assert.deepEqual(states(assessed([one]), 'inversion'), states(base, 'inversion'));
});

test('a verdict is satisfied only when every applicable result of its class is', () => {
  const assessment = assessed([trials('training-data-extraction', 0, 5000)]);
  assert.equal(assessment.verdicts.inversion.state, 'not-assessed');
  assert.equal(assessment.verdicts.inversion.worst?.control, 'INV-02');
  assert.ok(
    !JSON.stringify(Object.keys(assessment)).match(/score|overall|combined|total/i),
    'no combined score anywhere',
  );
});

test('an assessment survives being written and read, and a broken one is refused by place', () => {
  const assessment = assessed([scores(4000, 10), trials('training-data-extraction', 0, 5000)]);
  const text = serialiseAssessment(assessment);
  assert.equal(serialiseAssessment(parseAssessment(text, 'a.json')), text);
  assert.throws(() => parseAssessment(text.replace('"not-assessed"', '"passed"'), 'a.json'), /has to be "satisfied"/);
});

test('a model that no test is of is named, unless the whole application was tested', () => {
  const two = workspace(
    'targets: [app]\nmodels:\n  - {id: m, version: "1", provider: self-hosted, deployed: 2026-09-01, training: own}\n  - {id: untested, version: "2", provider: self-hosted, deployed: 2026-09-01, training: own}\n',
  );
  const notes = (target: string) =>
    assessed([{ ...trials('inversion', 0, 1000), target }], { workspace: two }).notes.join('\n');
  assert.match(notes('m'), /No test is of the model untested 2/);
  assert.doesNotMatch(notes('m'), /model m /);
  assert.doesNotMatch(notes('app'), /No test is of the model/);
});
