import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Assessment } from '../../src/assess/assessment.ts';
import type { ObservationBody } from '../../src/evidence/observation.ts';
import { seededRandom } from '../../src/statistics/random.ts';
import {
  ATTACK_CLASSES,
  type AttackClass,
  EVENT_TYPES,
  OUTPUTS,
  RIGHTS,
  SENSITIVITIES,
  STAGES,
  SURFACES,
} from '../../src/terms.ts';
import { assessed, trials, workspace } from '../support/assessing.ts';
import { catalog } from '../support/reading.ts';

/*
 * Random evidence of every kind. What is about one attack class is then taken away, and no result of the other may move:
 * neither its state nor a number or a word of it.
 */

const everywhere = workspace(
  'surfaces: [model-api, retrieval-store, agent-tools, embeddings, model-weights]\ndifferentialPrivacy: {epsilon: 1, delta: 0}\nmodels: [{id: m, version: "1", provider: Vendor, deployed: 2026-08-01}]\n',
);

function randomEvidence(random: () => number): { body: ObservationBody; about: AttackClass | undefined }[] {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const day = () => `2026-0${3 + Math.floor(random() * 7)}-${10 + Math.floor(random() * 18)}`;
  const recent = () => `2026-0${7 + Math.floor(random() * 3)}-${10 + Math.floor(random() * 18)}`;
  const maybe = <T>(value: T): T | undefined => (random() < 0.5 ? value : undefined);
  const defined = <T extends object>(value: T): T =>
    Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as T;
  // Most statements say most of what is asked, so that many of them decide.
  const thorough = () => random() < 0.6;
  const facts = (
    maybe = thorough()
      ? <T>(value: T): T | undefined => value
      : <T>(value: T): T | undefined => (random() < 0.5 ? value : undefined),
  ) =>
    defined({
      events: maybe(['model-access', 'tool-call', 'secret-use']),
      identityInEvent: maybe(true),
      residualRisk: maybe('low'),
      privacyAssessment: maybe('D'),
      rule: maybe('r'),
      exercised: maybe(recent()),
      procedure: maybe('p'),
      minutesToContain: maybe(random() * 500),
      trainLoss: maybe(0.4),
      heldOutLoss: maybe(0.5),
      duplicatesRemoved: maybe('yes'),
      protection: maybe('early-stopping'),
      register: maybe('R'),
      tolerance: maybe('t'),
      approvalFrom: maybe(pick(['low', 'medium', 'high'])),
      approvalPoints: maybe(['send']),
      model: maybe('m'),
      evaluated: maybe(`2026-07-1${Math.floor(random() * 9)}`),
      provenance: maybe('p'),
      minimisation: maybe('m'),
      retention: maybe('r'),
    }) as Record<string, string | number | boolean | string[]>;
  const STATED = new Set(['attested', 'vendor-evaluated', 'detection-exercised']);
  const stated = catalog.controls.filter(({ document }) =>
    Object.values(document.attackClasses).some((entry) =>
      entry.criteria.some((criterion) => 'check' in criterion && STATED.has(criterion.check)),
    ),
  );
  const techniques = (attackClass: AttackClass) =>
    catalog.techniques.filter((technique) => technique.attackClass === attackClass);
  const kinds: (() => { body: ObservationBody; about: AttackClass | undefined })[] = [
    () => {
      const technique = pick(
        techniques('inversion').filter(
          ({ id }) => !['reconstruction', 'embedding-inversion', 'gradient-inversion'].includes(id),
        ),
      );
      const n = 1 + Math.floor(random() * 900);
      const surface = pick(technique.surfaces);
      return {
        about: 'inversion',
        body: { ...trials(technique.id, Math.floor(random() * random() * n), n), surface, collected: day() },
      };
    },
    () => {
      const technique = pick(techniques('membership-inference'));
      const n = 50 + Math.floor(random() * 4000);
      return {
        about: 'membership-inference',
        body: {
          kind: 'operating-point',
          subject: 'membership',
          attackClass: 'membership-inference',
          technique: technique.id,
          surface: pick(technique.surfaces),
          probe: 'p',
          collected: day(),
          falsePositiveLimit: pick([0.001, 0.01]),
          truePositives: Math.floor(random() * random() * n),
          falsePositives: 0,
          members: n,
          nonMembers: n,
        },
      };
    },
    () => {
      const attackClass = pick(ATTACK_CLASSES);
      const control = pick(stated).document.id;
      return {
        about: attackClass,
        body: {
          kind: 'attestation',
          control,
          attackClass,
          statement: 's',
          facts: facts(),
          by: { name: 'n', role: 'r' },
          issued: recent(),
        },
      };
    },
    () => {
      const attackClass = pick(ATTACK_CLASSES);
      return {
        about: attackClass,
        body: {
          kind: 'waiver',
          control: pick(catalog.controls).document.id,
          attackClass,
          reason: 'r',
          approver: 'a',
          issued: day(),
          expires: '2026-12-31',
        },
      };
    },
    () => {
      const attackClass = pick(ATTACK_CLASSES);
      const body: ObservationBody = defined({
        kind: 'threat' as const,
        id: 't',
        title: 't',
        status: pick(['open', 'mitigated'] as const),
        severity: pick(['low', 'high'] as const),
        mitigation: maybe('m'),
        owner: maybe('o'),
        due: maybe('2026-12-31'),
        names: [{ attackClass, basis: 'declared' as const, term: 't' }],
        surfaces: [{ surface: pick(SURFACES), basis: 'declared' as const, term: 's' }],
        collected: '2026-09-01',
      });
      return { about: attackClass, body };
    },
    () => ({ about: undefined, body: { kind: 'threat-model', title: 't', threats: 1, collected: '2026-09-01' } }),
    () => ({
      about: undefined,
      body: { kind: 'change', of: pick(['model', 'tool', 'data'] as const), date: day(), description: 'd' },
    }),
    () => ({
      about: undefined,
      body: defined({
        kind: 'event' as const,
        id: 'e',
        type: pick(EVENT_TYPES),
        time: maybe(day()),
        identity: maybe('i'),
        output: maybe(pick(['o1', 'o2'])),
        data: maybe(['d']),
        collected: '2026-09-01',
      }),
    }),
    () => ({
      about: undefined,
      body: { kind: 'output', surface: pick(SURFACES), gives: pick(OUTPUTS), collected: '2026-09-01' },
    }),
    () => ({ about: undefined, body: { kind: 'secret-scan', scanned: ['r'], findings: 0, collected: '2026-09-20' } }),
    () => ({
      about: undefined,
      body: {
        kind: 'resource',
        id: pick(['r1', 'r2', 'r3']),
        type: pick(['model', 'data', 'tool'] as const),
        stage: pick(STAGES),
        surface: pick(SURFACES),
        sensitivity: pick(SENSITIVITIES),
      },
    }),
    () => ({
      about: undefined,
      body: defined({
        kind: 'identity' as const,
        id: `i${Math.floor(random() * 6)}`,
        name: 'i',
        type: pick(['human', 'machine'] as const),
        owner: maybe('o'),
        statesOwners: true,
        active: true,
        admin: maybe(false),
        mfa: maybe(true),
        lastUsed: maybe(day()),
        entitlements: maybe([{ actions: ['use'], resources: [pick(['r1', 'r2', 'r3', 'r*'])] }]),
        assumes: maybe([`i${Math.floor(random() * 6)}`]),
        rights: maybe([...RIGHTS]),
        credentials: [],
        collected: '2026-09-20',
      }),
    }),
  ];
  return Array.from({ length: 5 + Math.floor(random() * 40) }, () => pick(kinds)());
}

const resultsOf = (assessment: Assessment, attackClass: AttackClass) =>
  assessment.results
    .filter((result) => result.attackClass === attackClass)
    .map(({ criteria, ...result }) => ({
      ...result,
      criteria: criteria.map(({ evidence: _files, measurement: _id, ...criterion }) => criterion),
    }));

/** Results without the names of their files, which are made anew for each assessment. */
function bare(assessment: Assessment, attackClass: AttackClass): string {
  return JSON.stringify(resultsOf(assessment, attackClass)).replace(/\bf\d+, \//g, 'file');
}

test('no result of one class moves when evidence about the other is taken away', () => {
  const random = seededRandom(20260930);
  const states = new Set<string>();
  for (let round = 0; round < 60; round++) {
    const evidence = randomEvidence(random);
    const whole = assessed(
      evidence.map(({ body }) => body),
      { workspace: everywhere },
    );
    for (const attackClass of ATTACK_CLASSES) {
      const own = assessed(
        evidence.filter(({ about }) => about === undefined || about === attackClass).map(({ body }) => body),
        { workspace: everywhere },
      );
      assert.deepEqual(bare(whole, attackClass), bare(own, attackClass), `round ${round}, ${attackClass}`);
      assert.deepEqual(whole.verdicts[attackClass].counts, own.verdicts[attackClass].counts);
      for (const result of resultsOf(whole, attackClass)) states.add(`${attackClass} ${result.state}`);
    }
  }
  // Evidence that never moves anything would show nothing.
  for (const attackClass of ATTACK_CLASSES)
    for (const state of ['satisfied', 'not-satisfied', 'not-assessed', 'risk-accepted'])
      assert.ok(states.has(`${attackClass} ${state}`), `${attackClass} ${state} occurs`);
});

test('a waiver that has expired warns and does nothing; one for one class never touches the other', () => {
  const failing = trials('training-data-extraction', 90, 400);
  const waiver = (fields: Partial<Extract<ObservationBody, { kind: 'waiver' }>>): ObservationBody => ({
    kind: 'waiver',
    control: 'GOV-09',
    attackClass: 'inversion',
    reason: 'r',
    approver: 'a',
    issued: '2026-01-01',
    expires: '2026-12-31',
    ...fields,
  });
  const plain = assessed([failing], { workspace: everywhere });
  const one = assessed([failing, waiver({})], { workspace: everywhere });
  assert.equal(
    one.results.find(({ control, attackClass }) => control === 'GOV-09' && attackClass === 'inversion')?.state,
    'risk-accepted',
  );
  assert.deepEqual(resultsOf(one, 'membership-inference'), resultsOf(plain, 'membership-inference'));
  const expired = assessed([failing, waiver({ expires: '2026-09-29' })], { workspace: everywhere });
  assert.deepEqual(resultsOf(expired, 'inversion'), resultsOf(plain, 'inversion'));
  assert.match(expired.notes.join(), /GOV-09 for inversion is not in force/);
  const unknown = assessed([failing, waiver({ control: 'XX-99' })], { workspace: everywhere });
  assert.match(unknown.notes.join(), /names XX-99, which is no control of this catalog/);
  const stranger: ObservationBody = {
    kind: 'attestation',
    control: 'XX-98',
    attackClass: 'inversion',
    statement: 's',
    facts: {},
    by: { name: 'n', role: 'r' },
    issued: '2026-09-01',
  };
  assert.match(assessed([stranger]).warnings.join(), /no control of this catalog, and count for nothing: XX-98/);
});
