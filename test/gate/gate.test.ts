import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { type Assessment, serialiseAssessment } from '../../src/assess/assessment.ts';
import { verdictOf } from '../../src/assess/verdicts.ts';
import { decisionInputs, policyFromFlags } from '../../src/cli/gating.ts';
import { compare } from '../../src/compare/compare.ts';
import { ProbityError } from '../../src/errors.ts';
import { type Decision, decide, type GateInput } from '../../src/gate/decide.ts';
import { decisionDocument, decisionJunit, decisionMarkdown } from '../../src/gate/documents.ts';
import { gatePolicySchema } from '../../src/gate/policy.ts';
import { verificationSummary } from '../../src/gate/summary.ts';
import { actionsOf, opens } from '../../src/gate/words.ts';
import type { Handed } from '../../src/pack/read.ts';
import type { Signer } from '../../src/pki/signer.ts';
import type { AttackClass } from '../../src/terms.ts';
import { trials } from '../support/assessing.ts';
import { few, passing } from '../support/few.ts';
import { packIn, signerIn } from '../support/handed.ts';
import { catalog } from '../support/reading.ts';
import { AS_OF, scratch } from '../support/workspace.ts';

const ARTIFACT = { name: 'app.tar', sha256: 'd'.repeat(64) };
const SIGNER = { signer: 'A. Signer', fingerprint: 'a'.repeat(64), trusted: true };

/** An assessment handed over with a signature that holds, and whatever else is said. */
function handed(assessment: Assessment, more: Partial<Handed> = {}): Handed {
  return {
    path: 'pack',
    kind: 'pack',
    assessment,
    sha256: 'e'.repeat(64),
    signed: true,
    problems: [],
    unmet: [],
    vouchedBy: [SIGNER],
    signatures: [],
    releases: [ARTIFACT],
    attestations: [{ name: 'attestation.dsse.json', sha256: 'f'.repeat(64) }],
    ...more,
  };
}

/** A policy over both classes with these rules, and whatever else. */
function policy(rules: object = {}, more: object = {}) {
  return gatePolicySchema.parse({
    apiVersion: 'probity/v1',
    kind: 'GatePolicy',
    id: 'release',
    classes: { 'membership-inference': rules, inversion: rules },
    ...more,
  });
}

function asked(assessment: Assessment, more: Partial<GateInput> & { handed?: Handed } = {}): GateInput {
  return {
    policy: policy(),
    handed: handed(assessment),
    asOf: AS_OF,
    trusting: false,
    artifacts: [],
    comparison: undefined,
    profiles: catalog.bundledProfiles,
    ...more,
  };
}

/* Assessments. */
const good = few(passing());
const leaking = (k: number, probe = 'p') => [
  ...passing().filter(({ path: name }) => name !== 'prompts.yaml'),
  {
    path: 'prompts.yaml',
    content: `${k} ${probe}`,
    bodies: [trials('prompt-leakage', k, 900, { toolDetector: true, probe })],
  },
];
const failing = few(leaking(300));
const unassessed = few(passing().filter(({ path: name }) => name !== 'prompts.yaml'));
const miMissing = few(passing().filter(({ path: name }) => name !== 'scores.csv'));
const stale = few(passing('2026-05-01'));
const twoSurfaces = few(passing(), { workspace: 'surfaces: [model-api, agent-tools]\n' });
const loose = few(passing(), { parameters: { 'mi-auc': 0.9 } });
const low = few(passing(), { profile: 'low' });
const off = few(passing(), { off: [{ control: 'MI-03', reason: 'r', by: 'b' }] });
const noMembership = few(passing(), { controls: ['INV-05', 'INV-06'] });
const allOff = few(passing(), { off: ['MI-02', 'MI-03'].map((control) => ({ control, reason: 'r', by: 'b' })) });
const undatedTest = changed(good, (one) => {
  for (const m of one.measurements) delete m.collected;
});
const weak = changed(good, (one) => {
  for (const result of one.results.filter(({ control }) => control === 'INV-05')) result.basis = 'weak';
});
const stated = changed(good, (one) => {
  for (const result of one.results.filter(({ control }) => control === 'INV-05')) result.basis = 'statement';
});
/** A pass of a control that asks for a statement and nothing else. */
const attested = changed(stated, (one) => {
  for (const { criteria } of one.results.filter(({ control }) => control === 'INV-05'))
    for (const criterion of criteria) delete criterion.measurement;
  for (const control of one.controls.filter(({ id }) => id === 'INV-05')) control.area = 'safeguards';
});
const attestedByOverlay = changed(attested, (one) => one.catalog.replaced.push('INV-05'));
/** Measured in one criterion, stated in another. */
const attestedInPart = changed(stated, (one) => {
  for (const control of one.controls.filter(({ id }) => id === 'INV-05')) control.area = 'safeguards';
});
/** About what tests show, with a statement in the place of the test. */
const attestedTest = changed(attested, (one) => {
  for (const control of one.controls.filter(({ id }) => id === 'INV-05')) control.area = 'leakage';
});
const attestedWeak = changed(attested, (one) => {
  for (const result of one.results.filter(({ control }) => control === 'INV-05')) result.basis = 'weak';
});
const STATEMENTS = policy({ minimumWarrant: 'strong', statements: 'allowed' });

function changed(assessment: Assessment, change: (one: Assessment) => void): Assessment {
  const copy = structuredClone(assessment);
  change(copy);
  return copy;
}

/** The failing control's risk is accepted, by whom and until when. */
function accepted(approver: string, ends: string, inForce = true, attackClass: AttackClass = 'inversion'): Assessment {
  return changed(failing, (one) => {
    for (const result of one.results.filter(({ control }) => control === 'INV-05'))
      Object.assign(result, { state: 'risk-accepted', underlying: 'not-satisfied' });
    one.findings = one.findings.filter(({ control }) => control !== 'INV-05');
    one.verdicts.inversion = verdictOf(one.results, 'inversion', []);
    one.waivers = [
      {
        control: 'INV-05',
        attackClass,
        reason: 'r',
        approver,
        issued: '2026-08-01',
        expires: ends,
        inForce,
        ends,
        capped: false,
        source: { path: 'w', sha256: 'a'.repeat(64), at: '/' },
      },
    ];
  });
}

const since = (before: Assessment, after: Assessment) => compare(before, after, { profiles: catalog.bundledProfiles });
const earlier = few(passing('2026-06-15', 'earlier'), { asOf: '2026-06-30' });
const earlierFailing = few(
  [
    ...passing('2026-06-15', 'earlier').filter(({ path: name }) => name !== 'prompts.yaml'),
    {
      path: 'prompts.yaml',
      content: 'x',
      bodies: [trials('prompt-leakage', 300, 900, { probe: 'other', collected: '2026-06-15', toolDetector: true })],
    },
  ],
  { asOf: '2026-06-30' },
);

/** What is asked, and what the gate says. */
const CASES: readonly [what: string, input: GateInput, state: Decision['state'], rule?: string][] = [
  ['all satisfied and signed', asked(good), 'open'],
  ['on the day of the assessment itself', asked(good, { asOf: undefined }), 'open'],
  ['one control fails', asked(failing), 'closed', 'verdict'],
  ['one control is not assessed', asked(unassessed), 'closed', 'verdict'],
  [
    'not assessed is tolerated where the policy says so',
    asked(unassessed, { policy: policy({ verdict: 'not-assessed' }) }),
    'open',
  ],
  [
    'a failing control is not tolerated with it',
    asked(failing, { policy: policy({ verdict: 'not-assessed' }) }),
    'closed',
    'verdict',
  ],
  ['evidence of one class is missing', asked(miMissing), 'closed', 'verdict'],
  [
    'the other class alone is asked, and satisfied',
    asked(miMissing, { policy: policy({}, { classes: { inversion: {} } }) }),
    'open',
  ],
  [
    'the failing class is not asked',
    asked(failing, { policy: policy({}, { classes: { 'membership-inference': {} } }) }),
    'open',
  ],
  ['no control of a class', asked(noMembership), 'closed', 'class'],
  ['every control of a class is switched off', asked(allOff), 'closed', 'class'],
  [
    'no control of a class that is not asked',
    asked(noMembership, { policy: policy({}, { classes: { inversion: {} } }) }),
    'open',
  ],
  ['stale evidence', asked(stale), 'closed', 'verdict'],
  // Signatures.
  [
    'nothing signed, and nobody asked for',
    asked(good, { handed: handed(good, { signed: false, vouchedBy: [], attestations: [] }) }),
    'open',
  ],
  [
    'nothing signed, and a signer asked for',
    asked(good, {
      handed: handed(good, { signed: false, vouchedBy: [] }),
      policy: policy({}, { signers: { all: ['a'.repeat(16)] } }),
    }),
    'closed',
    'signatures',
  ],
  [
    'nothing signed, and any signer asked for',
    asked(good, { handed: handed(good, { signed: false, vouchedBy: [] }), policy: policy({}, { signers: {} }) }),
    'closed',
    'signatures',
  ],
  [
    'nothing signed, and certificates given',
    asked(good, { handed: handed(good, { signed: false, vouchedBy: [] }), trusting: true }),
    'closed',
    'signatures',
  ],
  [
    'a broken signature',
    asked(good, { handed: handed(good, { problems: ['report.pdf: was changed'] }) }),
    'closed',
    'signatures',
  ],
  [
    'a missing signer',
    asked(good, {
      handed: handed(good, { unmet: ['b has not signed everything here'] }),
      policy: policy({}, { signers: { all: ['b'.repeat(16)] } }),
    }),
    'closed',
    'signers',
  ],
  [
    'signed, and nobody vouches for the assessment',
    asked(good, { handed: handed(good, { vouchedBy: [] }), policy: policy({}, { signers: {} }) }),
    'closed',
    'signers',
  ],
  [
    'trusted signers asked for, and no certificates given',
    asked(good, { policy: policy({}, { signers: { trusted: true } }) }),
    'cannot-say',
    'signers',
  ],
  [
    'trusted signers asked for, and given',
    asked(good, { policy: policy({}, { signers: { trusted: true } }), trusting: true }),
    'open',
  ],
  [
    'a broken signature of a leaking system',
    asked(failing, { handed: handed(failing, { problems: ['report.xlsx: was changed'] }) }),
    'closed',
    'signatures',
  ],
  // The artifact.
  ['the artifact of the pack', asked(good, { artifacts: [ARTIFACT] }), 'open'],
  ['another artifact', asked(good, { artifacts: [{ name: 'app.tar', sha256: 'c'.repeat(64) }] }), 'closed', 'artifact'],
  [
    'one of two artifacts is another',
    asked(good, { artifacts: [ARTIFACT, { name: 'b', sha256: 'c'.repeat(64) }] }),
    'closed',
    'artifact',
  ],
  [
    'the pack speaks for no artifact',
    asked(good, { handed: handed(good, { releases: [] }), artifacts: [ARTIFACT] }),
    'closed',
    'artifact',
  ],
  [
    'an artifact, and nothing is signed',
    asked(good, { handed: handed(good, { signed: false }), artifacts: [ARTIFACT] }),
    'closed',
    'artifact',
  ],
  [
    'an artifact, and the attestation is broken',
    asked(good, { handed: handed(good, { problems: ['report.xlsx: was changed'] }), artifacts: [ARTIFACT] }),
    'closed',
    'artifact',
  ],
  [
    'an artifact is asked for, and none named',
    asked(good, { policy: policy({}, { artifact: 'required' }) }),
    'cannot-say',
    'artifact',
  ],
  [
    'an artifact is asked for, and named',
    asked(good, { policy: policy({}, { artifact: 'required' }), artifacts: [ARTIFACT] }),
    'open',
  ],
  // Scope.
  ['the system of the policy', asked(good, { policy: policy({}, { system: 'tested' }) }), 'open'],
  ['another system', asked(good, { policy: policy({}, { system: 'other' }) }), 'closed', 'system'],
  ['the profile of the policy', asked(good, { policy: policy({}, { profile: 'moderate' }) }), 'open'],
  ['a stricter profile is enough', asked(good, { policy: policy({}, { profile: 'low' }) }), 'open'],
  ['a laxer profile', asked(low, { policy: policy({}, { profile: 'moderate' }) }), 'closed', 'profile'],
  [
    'a profile of that name with a limit of its own',
    asked(loose, { policy: policy({}, { profile: 'moderate' }) }),
    'closed',
    'profile',
  ],
  [
    'a profile that says nothing of something',
    asked(
      changed(good, (one) => {
        delete one.profile.parameters['waiver-max'];
      }),
      { policy: policy({}, { profile: 'moderate' }) },
    ),
    'closed',
    'profile',
  ],
  ['a control switched off, where that is allowed', asked(off), 'open'],
  [
    'a control switched off, where that is not',
    asked(off, { policy: policy({}, { catalogChanges: 'none' }) }),
    'closed',
    'catalog',
  ],
  [
    'a control replaced',
    asked(
      changed(good, (one) => {
        one.catalog.replaced = ['MI-02'];
      }),
      { policy: policy({}, { catalogChanges: 'none' }) },
    ),
    'closed',
    'catalog',
  ],
  ['an untouched catalog', asked(good, { policy: policy({}, { catalogChanges: 'none' }) }), 'open'],
  // Days.
  ['an assessment from after the day of the decision', asked(good, { asOf: '2026-09-29' }), 'closed', 'date'],
  ['an old assessment', asked(good, { asOf: '2026-11-15', policy: policy({}, { maxAge: 'P30D' }) }), 'closed', 'age'],
  [
    'an assessment just young enough',
    asked(good, { asOf: '2026-10-30', policy: policy({}, { maxAge: 'P30D' }) }),
    'open',
  ],
  [
    'an assessment a day too old',
    asked(good, { asOf: '2026-10-31', policy: policy({}, { maxAge: 'P30D' }) }),
    'closed',
    'age',
  ],
  [
    'an age is asked, and no day given',
    asked(good, { asOf: undefined, policy: policy({}, { maxAge: 'P30D' }) }),
    'cannot-say',
    'age',
  ],
  ['tests that have become stale since', asked(good, { asOf: '2026-12-15' }), 'closed', 'evidence-age'],
  ['tests that are just fresh by the profile', asked(good, { asOf: '2026-12-14' }), 'open'],
  [
    'tests older than the policy wants',
    asked(good, { policy: policy({ maxEvidenceAge: 'P14D' }) }),
    'closed',
    'evidence-age',
  ],
  ['tests as young as the policy wants', asked(good, { policy: policy({ maxEvidenceAge: 'P15D' }) }), 'open'],
  [
    'a policy cannot make stale tests fresh',
    asked(good, { asOf: '2026-12-20', policy: policy({ maxEvidenceAge: 'P900D' }) }),
    'closed',
    'evidence-age',
  ],
  [
    'tests without a date',
    asked(undatedTest, { policy: policy({ maxEvidenceAge: 'P900D' }) }),
    'closed',
    'evidence-age',
  ],
  [
    'age of tests is asked, and no day given',
    asked(good, { asOf: undefined, policy: policy({ maxEvidenceAge: 'P30D' }) }),
    'cannot-say',
    'evidence-age',
  ],
  // Gaps.
  [
    'a gap graver than tolerated',
    asked(failing, { policy: policy({ verdict: 'not-assessed', maxSeverity: 'low' }) }),
    'closed',
    'severity',
  ],
  [
    'no gap is tolerated',
    asked(unassessed, { policy: policy({ verdict: 'not-assessed', maxSeverity: 'none' }) }),
    'closed',
    'severity',
  ],
  [
    'a gap as grave as tolerated',
    asked(unassessed, { policy: policy({ verdict: 'not-assessed', maxSeverity: 'critical' }) }),
    'open',
  ],
  ['nothing new', asked(good, { policy: policy({ noNewGaps: true }), comparison: since(earlier, good) }), 'open'],
  [
    'a new gap',
    asked(unassessed, {
      policy: policy({ verdict: 'not-assessed', noNewGaps: true }),
      comparison: since(earlier, unassessed),
    }),
    'closed',
    'new-gaps',
  ],
  [
    'a gap that went away with its evidence',
    asked(good, { policy: policy({ noNewGaps: true }), comparison: since(earlierFailing, good) }),
    'closed',
    'new-gaps',
  ],
  [
    'new gaps are asked, and nothing to compare with',
    asked(good, { policy: policy({ noNewGaps: true }) }),
    'cannot-say',
    'new-gaps',
  ],
  [
    'compared with itself',
    asked(good, { policy: policy({ noNewGaps: true }), comparison: since(good, good) }),
    'cannot-say',
    'new-gaps',
  ],
  [
    'a new gap closes even where something else cannot be told',
    asked(unassessed, {
      asOf: undefined,
      policy: policy({ noNewGaps: true, verdict: 'not-assessed' }, { maxAge: 'P1D' }),
      comparison: since(earlier, unassessed),
    }),
    'closed',
    'new-gaps',
  ],
  // Surfaces and warrants.
  [
    'a surface without a test',
    asked(twoSurfaces, { policy: policy({ verdict: 'not-assessed', noUntestedSurface: true }) }),
    'closed',
    'untested-surface',
  ],
  ['every surface tested', asked(good, { policy: policy({ noUntestedSurface: true }) }), 'open'],
  [
    'a surface whose tests are stale',
    asked(stale, { policy: policy({ verdict: 'not-assessed', noUntestedSurface: true }), asOf: undefined }),
    'closed',
    'untested-surface',
  ],
  ['strong tests', asked(good, { policy: policy({ minimumWarrant: 'weak' }) }), 'open'],
  [
    'a weak test where strong ones are asked',
    asked(weak, { policy: policy({ minimumWarrant: 'strong' }) }),
    'closed',
    'warrant',
  ],
  ['a weak test where that is enough', asked(weak, { policy: policy({ minimumWarrant: 'weak' }) }), 'open'],
  [
    'a statement where a test is asked',
    asked(stated, { policy: policy({ minimumWarrant: 'weak' }) }),
    'closed',
    'warrant',
  ],
  [
    'a statement where nothing else is asked of the control, unless the policy allows it',
    asked(attested, { policy: policy({ minimumWarrant: 'strong' }) }),
    'closed',
    'warrant',
  ],
  ['a statement where nothing else is asked, and allowed', asked(attested, { policy: STATEMENTS }), 'open'],
  ['statements allowed, a measured control on one', asked(stated, { policy: STATEMENTS }), 'closed', 'warrant'],
  [
    'statements allowed, a control measured in part',
    asked(attestedInPart, { policy: STATEMENTS }),
    'closed',
    'warrant',
  ],
  ['statements allowed, one in the place of a test', asked(attestedTest, { policy: STATEMENTS }), 'closed', 'warrant'],
  ['statements allowed, by an overlay', asked(attestedByOverlay, { policy: STATEMENTS }), 'closed', 'warrant'],
  ['statements allowed, a weak test', asked(attestedWeak, { policy: STATEMENTS }), 'closed', 'warrant'],
  // Accepted risks.
  ['an acceptance in force', asked(accepted('CISO', '2026-12-31')), 'open'],
  ['an acceptance that ends on the day', asked(accepted('CISO', AS_OF)), 'open'],
  [
    'an acceptance that has ended since',
    asked(accepted('CISO', '2026-10-10'), { asOf: '2026-10-11' }),
    'closed',
    'acceptance',
  ],
  [
    'no acceptance is taken',
    asked(accepted('CISO', '2026-12-31'), { policy: policy({ acceptances: 'none' }) }),
    'closed',
    'acceptance',
  ],
  [
    'an acceptance by somebody named',
    asked(accepted('CISO', '2026-12-31'), { policy: policy({ acceptances: { by: ['CISO'] } }) }),
    'open',
  ],
  [
    'an acceptance by somebody else',
    asked(accepted('Dev', '2026-12-31'), { policy: policy({ acceptances: { by: ['CISO'] } }) }),
    'closed',
    'acceptance',
  ],
  [
    'an acceptance that runs for too long',
    asked(accepted('CISO', '2026-12-31'), { policy: policy({ acceptances: { endWithin: 'P30D' } }) }),
    'closed',
    'acceptance',
  ],
  ['an acceptance that is not in force', asked(accepted('CISO', '2026-12-31', false)), 'closed', 'acceptance'],
  [
    'an acceptance of the other class',
    asked(accepted('CISO', '2026-12-31', true, 'membership-inference')),
    'closed',
    'acceptance',
  ],
];

test('the table has at least sixty cases, open, closed and undecided', () => {
  assert.ok(CASES.length >= 60, String(CASES.length));
  for (const state of ['open', 'closed', 'cannot-say'])
    assert.ok(CASES.filter(([, , one]) => one === state).length >= 6);
});

for (const [what, input, state, rule] of CASES)
  test(`${what}: ${state}`, () => {
    const decision = decide(input);
    assert.equal(decision.state, state, JSON.stringify(decisionDocument(decision).reasons));
    const { reasons, open } = decisionDocument(decision);
    assert.equal(open, state === 'open');
    if (rule !== undefined)
      assert.ok(
        reasons.some((one) => one.rule === rule),
        JSON.stringify(reasons),
      );
    else
      assert.deepEqual(
        reasons.filter((one) => !one.unanswered),
        [],
      );
    for (const reason of reasons)
      assert.ok(reason.why.length > 5 && (reason.opens ?? '').length > 5, JSON.stringify(reason));
    // Whatever does not hold is in the documents as well.
    const junit = decisionJunit(decision);
    assert.equal(
      junit.includes('<failure'),
      decision.judged.some(({ holds }) => holds === false),
    );
    assert.ok(
      decisionMarkdown(decision, 'x', true).startsWith(`# Gate: ${state === 'cannot-say' ? 'cannot say' : state}`),
    );
    const stated = { policy: input.policy, uri: 'gate.yaml', sha256: '0'.repeat(64) };
    const { predicate } = verificationSummary(decision, stated, input.handed, input.artifacts);
    assert.equal(predicate.verificationResult, state === 'open' ? 'PASSED' : 'FAILED');
    assert.equal(predicate.verifiedLevels.includes('FAILED'), state !== 'open');
  });

/* Through files. */
const root = scratch();
const pem = path.join(root, 'signer.pem');

async function packOf(name: string, assessment: Assessment, sign = true): Promise<string> {
  identity ??= await signerIn(root);
  writeFileSync(pem, identity.certificate.toString());
  return packIn(path.join(root, name), assessment, sign ? identity : undefined, [ARTIFACT]);
}
let identity: Signer | undefined;

const none = {
  artifact: undefined,
  image: undefined,
  previous: undefined,
  trust: undefined,
  signer: undefined,
  asOf: AS_OF,
};

async function gate(target: string, flags: Partial<typeof none> | Record<string, unknown> = {}) {
  const { policy: simple } = await policyFromFlags({ policy: undefined, 'fail-on': undefined });
  return decide(await decisionInputs(target, simple, { ...none, ...flags }));
}

test('every action is said once, with the reasons that it answers, and no command is left unfilled', () => {
  const rules = policy({ maxSeverity: 'none', noUntestedSurface: true });
  for (const assessment of [failing, unassessed, miMissing]) {
    const decision = decide(asked(assessment, { policy: rules }));
    const reasons = decision.judged.filter(({ holds }) => holds !== true);
    const actions = actionsOf(decision);
    assert.equal(new Set(actions.map(({ action }) => action)).size, actions.length);
    // Each reason that has an answer is answered once.
    const answered = actions.flatMap(({ answers }) => answers);
    assert.equal(new Set(answered).size, answered.length);
    assert.deepEqual(new Set(answered), new Set(reasons.filter((one) => opens(one) !== '')));
    // A control that two rules close the gate for is closed by one action.
    for (const { control, attackClass } of reasons.filter(({ rule }) => rule === 'severity')) {
      const of = actions.filter(({ answers }) =>
        answers.some((one) => one.control === control && one.attackClass === attackClass),
      );
      assert.equal(of.length, 1, control);
    }
    const text = decisionMarkdown(decision, 'a system', false);
    assert.ok(text.indexOf('| Rule | About | Why |') < text.indexOf('## What would open it'));
    assert.doesNotMatch(JSON.stringify([text, decisionDocument(decision)]), /catalog show CONTROL/);
  }
});

test("packs and assessments on the disk: what was changed, left out or is somebody else's never opens", async () => {
  const pack = await packOf('good', good);
  assert.equal((await gate(pack)).state, 'open');
  assert.equal((await gate(pack, { image: [`registry/app@sha256:${ARTIFACT.sha256}`] })).state, 'open');
  assert.equal((await gate(pack, { image: [`registry/app@sha256:${'1'.repeat(64)}`] })).state, 'closed');
  assert.equal((await gate(pack, { trust: pem })).state, 'open');
  assert.equal((await gate(pack, { signer: [identity?.certificate.fingerprint256 ?? ''] })).state, 'open');
  assert.equal((await gate(pack, { signer: ['0123456789abcdef'] })).state, 'closed');
  assert.equal((await gate(path.join(pack, 'assessment.json'))).state, 'open');
  assert.equal(
    (await gate(path.join(pack, 'assessment.json'), { image: [`a@sha256:${ARTIFACT.sha256}`] })).state,
    'open',
  );

  const other = path.join(root, 'other.pem');
  writeFileSync(other, (await signerIn(root, 'other')).certificate.toString());
  for (const target of [pack, path.join(pack, 'assessment.json')]) {
    const untrusted = (await gate(target, { trust: other })).judged.filter(({ holds }) => holds === false);
    assert.match(untrusted.map(opens).join(), /^Add that signer's certificate to --trust/);
  }

  const bad = await packOf('bad', failing);
  assert.equal((await gate(bad)).state, 'closed');
  const file = path.join(bad, 'assessment.json');
  // A whole good assessment in the place of the bad one: consistent in itself, and not the one that was signed.
  writeFileSync(file, serialiseAssessment(good));
  assert.equal((await gate(bad)).state, 'closed');
  assert.equal((await gate(file)).state, 'closed');
  // Edited without care, it contradicts itself.
  writeFileSync(file, serialiseAssessment(failing).replaceAll('"not-satisfied"', '"satisfied"'));
  await assert.rejects(gate(bad), (error) => error instanceof ProbityError && error.code === 'ASSESSMENT_INVALID');

  const unsigned = await packOf('unsigned', good, false);
  assert.equal((await gate(unsigned)).state, 'open');
  assert.equal((await gate(unsigned, { trust: pem })).state, 'closed');
  assert.equal((await gate(unsigned, { signer: ['0123456789abcdef'] })).state, 'closed');
  assert.equal((await gate(unsigned, { image: [`a@sha256:${ARTIFACT.sha256}`] })).state, 'closed');

  const added = path.join(root, 'added');
  cpSync(pack, added, { recursive: true });
  writeFileSync(path.join(added, 'approval.txt'), 'approved');
  assert.equal((await gate(added)).state, 'closed');

  for (const [target, flags] of [
    [path.join(root, 'nowhere'), {}],
    [pack, { previous: [path.join(root, 'nowhere')] }],
    [pack, { previous: [file] }],
    [pack, { trust: path.join(root, 'nowhere.pem') }],
    [pack, { artifact: [path.join(root, 'nowhere.tar')] }],
    [pack, { image: ['app:latest'] }],
    [pack, { signer: ['A. Signer'] }],
  ] as const)
    await assert.rejects(gate(target, flags), (error) => error instanceof ProbityError, JSON.stringify(flags));
});

test('a policy that is not one is refused with its place', async () => {
  const file = path.join(root, 'gate.yaml');
  for (const text of [
    '',
    'kind: GatePolicy\n',
    'apiVersion: probity/v1\nkind: GatePolicy\nid: a\nclasses: {}\n',
    'apiVersion: probity/v1\nkind: GatePolicy\nid: a\nclasses: {both: {}}\n',
    'apiVersion: probity/v1\nkind: GatePolicy\nid: a\nclasses: {inversion: {verdct: satisfied}}\n',
  ]) {
    writeFileSync(file, text);
    await assert.rejects(
      policyFromFlags({ policy: file, 'fail-on': undefined }),
      (error) => error instanceof ProbityError && error.code === 'POLICY_INVALID',
      text,
    );
  }
  assert.ok(readFileSync(file, 'utf8').includes('verdct'));
});
