import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { z } from 'zod';
import { readYaml, yamlText } from '../../src/files/yaml.ts';
import { ATTACK_CLASSES, type AttackClass } from '../../src/terms.ts';
import { assessedFiles, resultOf } from '../support/assessing.ts';
import { catalog } from '../support/reading.ts';

/*
 * For each control and class: evidence files that satisfy it, that do not, and that leave it unassessed, read by the
 * adapters like any others. The YAML files beside this one hold the cases; what their short forms stand for is below.
 */

const piece = z.record(z.string(), z.unknown());
const cases = z.strictObject({
  satisfied: z.array(piece),
  'not-satisfied': z.union([z.array(piece), z.literal('impossible')]),
  'not-assessed': z.strictObject({ reason: z.string(), evidence: z.array(piece) }),
  /** Evidence that says nothing, or says it of something else; none of these may satisfy. */
  'says-nothing': z.array(z.array(piece)).default([]),
});
const fixture = z.strictObject({
  workspace: z.string().default(''),
  surfaces: z.array(z.string()).optional(),
  'membership-inference': cases.optional(),
  inversion: cases.optional(),
  both: cases.optional(),
});

const COLLECTED = '2026-09-15';
const ASSIGNMENT = { random: true, by: 'A', how: 'seeded shuffle before training' };
/** The same attack on a model known to leak. */
const CONTROL = {
  falsePositiveLimit: 0.001,
  truePositives: 800,
  members: 1000,
  falsePositives: 1,
  nonMembers: 1000,
  how: 'over-fitted copy',
};
const TRIAL_CONTROL = { successes: 95, n: 100, how: 'stand-in that gives everything away' };
type Fields = Record<string, unknown>;
const fields = (value: unknown): Fields => piece.parse(value);
const result = (body: Fields, collected: unknown = COLLECTED): Fields => ({
  apiVersion: 'probity/v1',
  kind: 'ProbeResult',
  tool: { name: 't' },
  collected,
  target: 'm',
  results: [
    {
      surface: 'model-api',
      probe: 'p',
      detector: 'judge',
      ...(body.attackClass === 'inversion' ? { planted: true } : { assignment: ASSIGNMENT, positiveControl: CONTROL }),
      ...body,
    },
  ],
});

/** What each short form stands for: a file. */
const FORMS: Record<string, (value: unknown, all: Fields, control: string, attackClass: AttackClass) => Fields> = {
  point(value, all) {
    const { at, of, hits } = z
      .object({ at: z.number(), of: z.number(), hits: z.tuple([z.number(), z.number()]) })
      .parse(value);
    return result({
      attackClass: 'membership-inference',
      technique: 'likelihood-ratio',
      probe: all.probe ?? `at ${at}`,
      operatingPoint: {
        falsePositiveLimit: at,
        truePositives: hits[0],
        falsePositives: hits[1],
        members: of,
        nonMembers: of,
        threshold: 'calibration',
      },
    });
  },
  scores(value) {
    const {
      n,
      others = n,
      shift,
      baseline,
      duplicates,
      collected,
      undrawn,
    } = z
      .object({
        n: z.number(),
        shift: z.number(),
        baseline: z.number().optional(),
        duplicates: z.string().optional(),
        others: z.number().optional(),
        collected: z.string().optional(),
        undrawn: z.boolean().default(false),
      })
      .parse(value);
    const spread = (step: number, by: number, count = n) =>
      Array.from({ length: count }, (_, i) => ((i * step) % count) / count + by);
    return result(
      {
        attackClass: 'membership-inference',
        technique: 'likelihood-ratio',
        ...(undrawn ? { assignment: undefined } : {}),
        scores: {
          members: spread(7919, shift),
          nonMembers: spread(7907, 0, others),
          ...(baseline === undefined
            ? {}
            : { baseline: { members: spread(101, baseline), nonMembers: spread(103, 0) } }),
          ...(duplicates ? { duplicates } : {}),
        },
      },
      collected,
    );
  },
  canaries(value) {
    const { candidates, ranks, more } = z
      .object({ candidates: z.number(), ranks: z.array(z.number()), more: z.number().default(0) })
      .parse(value);
    const others = Array.from({ length: more }, (_, i) => 100_000 + 7 * i);
    return result({
      attackClass: 'membership-inference',
      technique: 'canary-membership',
      positiveControl: TRIAL_CONTROL,
      canaries: { candidates, ranks: [...ranks, ...others].map((rank, i) => ({ id: `c${i}`, rank })) },
    });
  },
  advantage(value) {
    const { technique, surface, n, attack, baseline, ...more } = z
      .looseObject({
        technique: z.string(),
        surface: z.string(),
        n: z.number(),
        attack: z.number(),
        baseline: z.number(),
      })
      .parse(value);
    return result({
      attackClass: technique === 'attribute-inference' ? 'inversion' : 'membership-inference',
      technique,
      surface,
      positiveControl: TRIAL_CONTROL,
      advantage: {
        attack: { n, successes: attack },
        baseline: { n, successes: baseline },
        baselineMethod: 'b',
        ...more,
      },
    });
  },
  trials(value) {
    const { technique, surface = 'model-api', k, n, collected } = fields(value);
    return result({ attackClass: 'inversion', technique, surface, trials: { n, successes: k } }, collected);
  },
  reconstruction(value) {
    const { technique, surface, k, n } = fields(value);
    return result({
      attackClass: 'inversion',
      technique,
      surface,
      reconstruction: { similarity: { metric: 'bleu', cutOff: 0.75 }, recovered: { n, successes: k } },
    });
  },
  disclosure(value) {
    const { items, budget, refusedAt, curve } = z
      .object({
        items: z.number(),
        budget: z.number().optional(),
        refusedAt: z.number().optional(),
        curve: z.array(z.tuple([z.number(), z.number()])),
      })
      .parse(value);
    return result({
      attackClass: 'inversion',
      technique: 'training-data-extraction',
      disclosure: {
        items,
        curve: curve.map(([queries, recovered]) => ({ queries, recovered })),
        ...(budget ? { budget: { queries: budget, refusedAt, refused: 5 } } : {}),
      },
    });
  },
  /** Some test of the class, fresh. */
  test: (value, all, control, attackClass) =>
    attackClass === 'inversion'
      ? (FORMS.trials as (typeof FORMS)[string])(
          { technique: 'prompt-leakage', k: 0, n: 100, ...fields(value) },
          all,
          control,
          attackClass,
        )
      : result(
          {
            attackClass,
            technique: 'likelihood-ratio',
            operatingPoint: {
              falsePositiveLimit: 0.01,
              truePositives: 1,
              falsePositives: 1,
              members: 1000,
              nonMembers: 1000,
              threshold: 'calibration',
            },
          },
          fields(value).collected,
        ),
  outputs: (outputs) => ({ apiVersion: 'probity/v1', kind: 'Interface', collected: COLLECTED, outputs }),
  attest: (facts, all, control, attackClass) => ({
    apiVersion: 'probity/v1',
    kind: 'Attestation',
    statements: [
      {
        control,
        attackClass,
        statement: 's',
        facts,
        by: { name: 'A', role: 'R' },
        issued: all.issued ?? '2026-08-01',
        ...(all.expires ? { expires: all.expires } : {}),
        ...(all.document ? { document: { title: 'D', sha256: 'a'.repeat(64) } } : {}),
      },
    ],
  }),
  identity(value, all) {
    const base: Fields = {
      id: 'bot',
      type: 'machine',
      owner: 'Team',
      lastUsed: '2026-09-20',
      usedBy: { workloads: ['api'], environments: ['production'], tenants: ['one'] },
      interactive: { enabled: false },
      entitlements: [{ actions: ['read'], resources: ['b/x'] }],
      credentials: [{ id: 'k', type: 'key', created: '2026-09-01', expires: '2026-11-30', lastUsed: '2026-09-20' }],
    };
    const grants = z.record(z.string(), z.array(z.string())).parse(all.grants ?? {});
    const others = z.array(piece).parse(all.others ?? []);
    const withGrants = [
      { ...base, ...fields(value) },
      ...others.map((one) => ({ type: 'machine', owner: 'Team', ...one })),
    ].map((one) => {
      const resources = grants[String(Reflect.get(one, 'id'))];
      return resources ? { ...one, entitlements: [{ actions: ['use'], resources }] } : one;
    });
    const known = withGrants.map((one) =>
      Object.fromEntries(Object.entries(one).filter(([, inner]) => inner !== null)),
    );
    return {
      apiVersion: 'probity/v1',
      kind: 'AccessInventory',
      collected: all.collected ?? '2026-09-25',
      identities: known,
      roles: all.roles ?? [],
      resources: all.resources ?? [],
    };
  },
  secrets: (findings) => ({
    apiVersion: 'probity/v1',
    kind: 'SecretScan',
    collected: '2026-09-20',
    tool: { name: 't' },
    scanned: ['git/a'],
    findings,
  }),
  events: (events) => ({ apiVersion: 'probity/v1', kind: 'EventSample', collected: COLLECTED, source: 'log', events }),
  outputsTraced(value) {
    const { n, nameless } = z.object({ n: z.number(), nameless: z.boolean().optional() }).parse(value);
    const events = Array.from({ length: n }, (_, i) => [
      {
        id: `a${i}`,
        type: 'model-access',
        time: '2026-09-01',
        ...(nameless && i === 4 ? {} : { identity: 'x' }),
        output: `o${i}`,
      },
      { id: `d${i}`, type: 'data-access', time: '2026-09-01', identity: 'x', output: `o${i}`, data: ['b/x'] },
    ]).flat();
    return { apiVersion: 'probity/v1', kind: 'EventSample', collected: COLLECTED, source: 'log', events };
  },
  threat(value, _all, _control, attackClass) {
    const { other, ...more } = fields(value);
    const base: Fields = {
      id: 't',
      title: 't',
      status: 'open',
      severity: 'high',
      mitigation: 'm',
      owner: 'A',
      due: '2026-12-31',
      attackClasses: [other ? ATTACK_CLASSES.find((name) => name !== attackClass) : attackClass],
      surfaces: ['model-api'],
    };
    const threat = Object.fromEntries(Object.entries({ ...base, ...more }).filter(([, inner]) => inner !== null));
    return { apiVersion: 'probity/v1', kind: 'ThreatModel', title: 'm', collected: '2026-09-10', threats: [threat] };
  },
  changes: (changes) => ({ apiVersion: 'probity/v1', kind: 'ChangeLog', changes }),
  channels: (channels) => ({
    apiVersion: 'probity/v1',
    kind: 'Interface',
    collected: COLLECTED,
    outputs: [{ surface: 'model-api', gives: 'label' }],
    channels,
  }),
  store: (value, all) => ({
    apiVersion: 'probity/v1',
    kind: 'StoreFacts',
    collected: all.collected ?? '2026-09-20',
    stores: [laidOver(STORE, value)],
  }),
  tool: (value) => ({
    apiVersion: 'probity/v1',
    kind: 'ToolInventory',
    collected: '2026-09-20',
    tools: [laidOver(TOOL, value)],
  }),
  exercise: (value, _all, _control, attackClass) => ({
    apiVersion: 'probity/v1',
    kind: 'ExerciseLog',
    exercises: [laidOver({ ...EXERCISE, attackClasses: [attackClass] }, value)],
  }),
  terms: (value) => ({ apiVersion: 'probity/v1', kind: 'VendorTerms', terms: [laidOver(TERMS, value)] }),
  dataset: (value) => ({
    apiVersion: 'probity/v1',
    kind: 'DataSheet',
    collected: '2026-09-20',
    datasets: [laidOver(DATASET, value)],
  }),
  impact: (value, all, _control, attackClass) => ({
    apiVersion: 'probity/v1',
    kind: 'ImpactAssessment',
    assessments: [laidOver({ ...IMPACT, residualRisk: { [attackClass]: 'low' } }, value)],
    notRequired: all.excused
      ? [
          {
            type: 'fundamental-rights',
            reason: 'no deployer under article 27',
            document: DOCUMENT,
            decided: { ...BY, on: '2026-07-20' },
          },
        ]
      : [],
  }),
};

const DOCUMENT = { title: 'Report R-1', sha256: '0123456789abcdef'.repeat(4) };
const BY = { name: 'A. Marsh', role: 'Security' };
/** Records that are in order; a field laid over them as null is left out. */
const STORE = {
  id: 'b/x',
  type: 'vectors',
  surface: 'retrieval-store',
  authorisation: { by: 'caller', since: '2026-09-01', audience: 'https://store.example.org' },
  partitions: 'caller',
  readers: ['role/ops'],
  encryption: { atRest: true, inTransit: true },
  backups: 'none',
  deletion: { carriedTo: ['index', 'cache'], followed: '2026-08-01', days: 6 },
  retentionDays: 30,
  masking: { masks: ['personal-data', 'secrets'], sampled: '2026-09-01', entries: 400, unmasked: 0 },
};
const TOOL = {
  id: 'tool/x',
  version: '1.0',
  pinned: '0123456789abcdef'.repeat(4),
  transport: 'https',
  authenticates: 'caller-token',
  authorisation: { by: 'caller', since: '2026-09-01', audience: 'https://tool.example.org' },
  review: { on: '2026-08-01', by: 'Agent Team', of: '0123456789abcdef'.repeat(4) },
};
const EXERCISE = { id: 'X-1', real: false, started: '2026-09-01', by: BY, record: DOCUMENT };
const TERMS = {
  model: 'm',
  vendor: 'Vector Works',
  document: DOCUMENT,
  from: '2026-01-01',
  read: '2026-08-01',
  promptRetentionDays: 0,
  logRetentionDays: 30,
  trainsOnInputs: false,
  subProcessors: ['Hosting GmbH'],
  regions: ['eu'],
  allowedRegions: ['eu'],
};
const DATASET = {
  id: 'D-1',
  feeds: 'tuning',
  sensitivity: 'confidential',
  records: 1000,
  ingested: '2026-06-20',
  scrub: { tool: { name: 'presidio' }, on: '2026-06-18', searched: 1000, found: 40, removed: 40 },
};
const IMPACT = {
  id: 'DPIA-1',
  type: 'data-protection',
  completed: '2026-07-20',
  document: DOCUMENT,
  approved: { ...BY, on: '2026-07-21' },
  triggers: ['model', 'data'],
};

function laidOver(base: Fields, value: unknown): Fields {
  return Object.fromEntries(Object.entries({ ...base, ...fields(value) }).filter(([, inner]) => inner !== null));
}

function filesOf(pieces: readonly Fields[], control: string, attackClass: AttackClass): Record<string, string> {
  return Object.fromEntries(
    pieces.map((all, index) => {
      const form = Object.keys(FORMS).find((name) => name in all);
      assert.ok(form, `${control}: no short form in ${JSON.stringify(all)}`);
      return [
        `evidence/${index}.yaml`,
        yamlText((FORMS[form] as (typeof FORMS)[string])(all[form], all, control, attackClass)),
      ];
    }),
  );
}

const folder = import.meta.dirname;
const fixtures = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) =>
      Object.entries(
        readYaml(
          z.record(z.string(), fixture),
          readFileSync(path.join(folder, name), 'utf8'),
          name,
          'EVIDENCE_MALFORMED',
        ),
      ),
    ),
);

test('every control of the catalog has its cases, for each class it names', () => {
  for (const { document } of catalog.controls)
    for (const attackClass of ATTACK_CLASSES)
      assert.equal(
        Boolean(
          fixtures.get(document.id)?.[attackClass] ??
            (fixtures.get(document.id)?.both && document.attackClasses[attackClass]),
        ),
        document.attackClasses[attackClass] !== undefined,
        `${document.id}, ${attackClass}`,
      );
  assert.equal(fixtures.size, catalog.controls.length);
});

for (const [control, one] of fixtures)
  for (const attackClass of ATTACK_CLASSES) {
    const found = one[attackClass] ?? one.both;
    if (!found) continue;
    test(`${control}, ${attackClass}: satisfied, not satisfied and not assessed, each by evidence of its own`, async () => {
      const surfaces = `surfaces: [${(one.surfaces ?? ['model-api']).join(', ')}]\n`;
      const state = async (pieces: readonly Fields[]) => {
        const assessment = await assessedFiles(filesOf(pieces, control, attackClass), `${surfaces}${one.workspace}`);
        for (const entry of assessment.evidence) assert.ok(entry.accepted, `${control}: ${entry.reason}`);
        return resultOf(assessment, control, attackClass);
      };
      const explain = (outcome: Awaited<ReturnType<typeof state>>) =>
        outcome.criteria.map(({ id, state: own, detail }) => `${id} ${own}: ${detail}`).join('\n');
      const good = await state(found.satisfied);
      assert.equal(good.state, 'satisfied', explain(good));
      for (const criterion of good.criteria)
        assert.ok(criterion.evidence.length > 0, `${criterion.id} says what it rests on`);
      if (found['not-satisfied'] !== 'impossible') {
        const bad = await state(found['not-satisfied']);
        assert.equal(bad.state, 'not-satisfied', explain(bad));
        assert.ok(
          bad.criteria.some((criterion) => criterion.state === 'not-satisfied' && criterion.evidence.length > 0),
        );
      }
      const unknown = await state(found['not-assessed'].evidence);
      assert.deepEqual(
        [unknown.state, unknown.reason],
        ['not-assessed', found['not-assessed'].reason],
        explain(unknown),
      );
      assert.ok((unknown.criteria[0]?.detail ?? '') !== '');
    });
    found['says-nothing'].forEach((pieces, index) => {
      test(`${control}, ${attackClass}: not satisfied by what says nothing (${index + 1})`, async () => {
        const surfaces = `surfaces: [${(one.surfaces ?? ['model-api']).join(', ')}]\n`;
        const assessment = await assessedFiles(filesOf(pieces, control, attackClass), `${surfaces}${one.workspace}`);
        const result = resultOf(assessment, control, attackClass);
        assert.notEqual(result.state, 'satisfied', JSON.stringify(result.criteria, null, 1));
        assert.notEqual(result.state, 'not-applicable', JSON.stringify(result.criteria, null, 1));
      });
    });
  }
