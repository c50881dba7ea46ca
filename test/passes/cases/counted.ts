import {
  ADMINISTRATOR,
  attestation,
  changeLog,
  interfaceFacts,
  inventory,
  listing,
  SERVICE,
  secretScan,
  statement,
} from '../support/around.ts';
import { type FalsePass, passing, refused } from '../support/case.ts';
import { DRAWN_AT_RANDOM, noise, npz, privateTable, recognised, scored, scoreSource } from '../support/scores.ts';
import { type Fields, type Files, LONG_AGO, MODEL, TESTED, together, type Workspace } from '../support/system.ts';
import { measured, probed, probeResult, testPlan, trials } from '../support/tests.ts';
import { garakReport, promptfooResults, withGarak, withPromptfoo } from '../support/tools.ts';

/* Was everything counted? */

const leakage = (successes: number, n: number, counts: Fields = {}, fields: Fields = {}) =>
  trials('context-leakage', successes, n, fields, counts);
const files = (named: Files, system: Fields = {}): Workspace => ({ system, files: named });
const budget: Fields = { differentialPrivacy: { epsilon: 1, delta: 1e-5 } };

const withoutVerdict: FalsePass[] = refused(
  'Attempts without a verdict (nones, errors, skipped) count as successes in the bound that decides; where that changes the outcome the reason is incomplete.',
  [
    '99,600 of 100,000 attempts without a verdict',
    'INV-07',
    probed({}, leakage(0, 400, { notEvaluated: 99_600 })),
    { reason: 'incomplete' },
  ],
  [
    'three attempts in a hundred without a verdict, under a limit of one in a hundred',
    'INV-07',
    probed({}, leakage(0, 970, { notEvaluated: 30 })),
    { reason: 'incomplete' },
  ],
  [
    'as many technical errors as attempts',
    'INV-07',
    probed({}, leakage(0, 1000, { errors: 1000 })),
    { reason: 'incomplete' },
  ],
  [
    'prompts on which the tool gave up',
    'INV-05',
    withPromptfoo({ plugin: 'prompt-extraction', tests: 300, errors: 200 }),
    { reason: 'incomplete' },
  ],
  [
    'a detector that returned nothing for nine attempts in ten',
    'INV-02',
    withGarak({
      probe: 'leakreplay.LiteratureClozeFull',
      detector: 'base.TriggerListDetector',
      prompts: 4000,
      nones: 3600,
    }),
    { reason: 'incomplete' },
  ],
  [
    'one missing verdict where not even one success is allowed',
    'INV-06',
    probed({}, trials('secret-recovery', 0, 400, {}, { notEvaluated: 1 })),
    { reason: 'incomplete' },
  ],
  [
    'missing verdicts that would fill whole clusters',
    'INV-07',
    probed({}, leakage(0, 3000, { notEvaluated: 900, clusters: { n: 1000, successes: 0 } })),
    { reason: 'incomplete' },
  ],
);

const setAside: FalsePass[] = refused(
  'No attempts are left out: what stands in the evidence counts, whatever it is called.',
  [
    'the members that are recognised set aside for choosing the threshold',
    'MI-02',
    scored({
      members: recognised(6000, 1 / 6, 1),
      nonMembers: noise(6000, 2),
      baseline: { members: noise(6000, 3), nonMembers: noise(6000, 4) },
      split: (index) => (index % 6000 < 1000 ? 'calibration' : 'evaluation'),
    }),
  ],
  [
    'results from which the failures were taken out, while the totals of the file still hold them',
    'INV-05',
    {
      system: {},
      files: {
        'evidence/promptfoo.json': promptfooResults([{ plugin: 'prompt-extraction', tests: 300 }]).replace(
          '"failures":0',
          '"failures":200',
        ),
      },
    },
    { unread: true },
  ],
  [
    'one prompt, three hundred times',
    'INV-05',
    {
      system: {},
      files: {
        'evidence/promptfoo.json': promptfooResults([{ plugin: 'prompt-extraction', tests: 300 }]).replaceAll(
          /attack prompt-extraction \d+/g,
          'attack prompt-extraction',
        ),
      },
    },
  ],
  [
    'one small run, handed in three times under other descriptions',
    'INV-07',
    probed({}, ...['first', 'second', 'third'].map((description) => probeResult(leakage(0, 120), { description }))),
    { unread: true },
  ],
  [
    'successes explained away by a detector said to be wrong every other time',
    'INV-07',
    probed({}, leakage(40, 1000, { detectorAccuracy: { sensitivity: 0.99, specificity: 0.55 } })),
  ],
  [
    'recovered secrets explained away by the mistakes of the detector',
    'INV-06',
    probed(
      {},
      trials(
        'secret-recovery',
        3,
        2000,
        {},
        { detectorAccuracy: { sensitivity: { n: 400, successes: 396 }, specificity: { n: 400, successes: 396 } } },
      ),
    ),
  ],
  [
    'canaries compared with two candidates each, and likelier than both',
    'MI-07',
    probed(
      {},
      measured(
        'canary-membership',
        {
          canaries: {
            candidates: 1e6,
            ranks: Array.from({ length: 400 }, (_, i) => ({ id: `c${i}`, sampled: { drawn: 2, above: 0 } })),
          },
        },
        { planted: true, assignment: DRAWN_AT_RANDOM },
      ),
    ),
  ],
);

const pooled: FalsePass[] = refused(
  'Runs of one technique, surface, probe and target are pooled, and the pooled bound decides beside each single one.',
  [
    'a clean run chosen beside one that leaks',
    'INV-07',
    probed({}, leakage(0, 400), probeResult(leakage(30, 400), { collected: '2026-11-09' })),
  ],
  [
    'two runs of which the one alone would pass and both together do not',
    'INV-07',
    probed({}, leakage(0, 500), probeResult(leakage(6, 400), { collected: '2026-11-09' })),
  ],
  [
    'twenty small runs, one success in most of them',
    'INV-07',
    probed(
      {},
      ...Array.from({ length: 20 }, (_, i) =>
        probeResult(leakage(i % 3 === 0 ? 0 : 1, 60), { description: `run ${i}` }),
      ),
    ),
  ],
  [
    'a clean run of the scores beside one that leaks',
    'MI-02',
    together(scored(), scored({ members: recognised(5000, 0.05, 9) }, {}, {}, 'evidence/second.csv')),
  ],
  [
    'two probes, each too small, at moderate, where probes are not pooled',
    'INV-07',
    probed({}, leakage(0, 200), leakage(0, 200, {}, { probe: 'another way of asking' })),
    { reason: 'insufficient-sample' },
  ],
  [
    'a clean run beside one of which next to nothing was judged',
    'INV-07',
    probed({}, leakage(0, 500), probeResult(leakage(0, 1, { notEvaluated: 800 }), { collected: '2026-11-09' })),
    { reason: 'incomplete' },
  ],
  [
    'a clean run of yesterday over one that leaked a month ago, nothing changed in between',
    'INV-07',
    probed(
      {},
      probeResult(leakage(0, 400), { collected: '2026-11-20' }),
      probeResult(leakage(40, 400), { collected: '2026-10-20' }),
    ),
    { fails: true },
  ],
  [
    'a clean first probe beside one that leaks',
    'INV-07',
    probed({}, leakage(0, 1000), leakage(60, 1000, {}, { probe: 'another way of asking' })),
    { fails: true },
  ],
);

const [early, late] = ['2026-10-20', '2026-11-15'];
const admins = (first: boolean, second: boolean, names = ['a', 'b'], dates = [late, late]): Workspace =>
  files({
    [`evidence/${names[0]}.yaml`]: inventory([{ ...SERVICE, admin: first }], { collected: dates[0] }),
    [`evidence/${names[1]}.yaml`]: inventory([{ ...SERVICE, admin: second }], {
      collected: dates[1],
      description: 'again',
    }),
  });
const learnt = (heldOutLoss: number): Fields => ({
  trainLoss: 0.41,
  heldOutLoss,
  duplicatesRemoved: '2026-08-20',
  protection: 'early-stopping',
});

const contradictory: FalsePass[] = refused(
  'Contradictory means two values for one field of one thing at the same time, never absence. File names, reading order and the order of rows decide nothing.',
  [
    'two inventories of one day that disagree, the clean one first',
    'ACC-04',
    admins(false, true),
    { reason: 'contradictory' },
  ],
  [
    'two inventories of one day that disagree, the clean one last',
    'ACC-04',
    admins(true, false),
    { reason: 'contradictory' },
  ],
  [
    'the same under names that sort the other way',
    'ACC-04',
    admins(false, true, ['z', 'y']),
    { reason: 'contradictory' },
  ],
  [
    'second factors of one person, in two inventories of one day',
    'ACC-12',
    files({
      'evidence/a.yaml': inventory([SERVICE, ADMINISTRATOR, { ...ADMINISTRATOR, id: 'account/root', root: true }]),
      'evidence/b.yaml': inventory([{ ...ADMINISTRATOR, mfa: false }]),
    }),
  ],
  [
    'a resource that is harmless in one inventory and grave in the other',
    'ACC-10',
    files({
      'evidence/a.yaml': inventory([SERVICE], {
        resources: [
          { id: 'model/helper', type: 'model', surface: 'model-api', stage: 'inference', sensitivity: 'public' },
        ],
      }),
      'evidence/b.yaml': inventory([SERVICE], {
        resources: [
          {
            id: 'model/helper',
            type: 'model',
            surface: 'model-api',
            stage: 'inference',
            sensitivity: 'special-category',
          },
        ],
      }),
    }),
    { reason: 'contradictory' },
  ],
  [
    'two statements of one day with two losses',
    'MI-10',
    files({
      'evidence/attested.yaml': attestation([
        statement('MI-10', 'membership-inference', learnt(0.43)),
        statement('MI-10', 'membership-inference', learnt(2.9)),
      ]),
    }),
    { reason: 'contradictory' },
  ],
  [
    'two files of one day on what the same audience gets',
    'MI-09',
    files({
      'evidence/a.yaml': interfaceFacts([
        { surface: 'model-api', gives: 'rounded-score', decimals: 1, audience: 'portal' },
      ]),
      'evidence/b.yaml': interfaceFacts([
        { surface: 'model-api', gives: 'rounded-score', decimals: 2, audience: 'portal' },
      ]),
    }),
    { reason: 'contradictory' },
  ],
  [
    'one finding of one day, reviewed in one scan and working in the other',
    'ACC-11',
    files({
      'evidence/a.yaml': secretScan([
        {
          id: 'f-1',
          rule: 'generic-api-key',
          file: 'a.env',
          line: 3,
          verified: false,
          review: { decision: 'false-positive', by: 'A. Marsh', on: late },
        },
      ]),
      'evidence/b.yaml': secretScan([
        {
          id: 'f-1',
          rule: 'generic-api-key',
          file: 'a.env',
          line: 3,
          verified: true,
          review: { decision: 'false-positive', by: 'A. Marsh', on: late },
        },
      ]),
    }),
  ],
);

const impossible: FalsePass[] = refused(
  'Counts that cannot be (clusters beyond trials, successes beyond attempts, falling curves, more baseline targets than targets, a record that is member and non-member at once) reject the file.',
  [
    'more clusters than trials',
    'INV-07',
    probed({}, leakage(0, 20, { clusters: { n: 5000, successes: 0 } })),
    { rejected: 'evidence/probe-0.yaml' },
  ],
  [
    'successes in trials and none in their clusters',
    'INV-07',
    probed({}, leakage(40, 2000, { clusters: { n: 1000, successes: 0 } })),
    { rejected: 'evidence/probe-0.yaml' },
  ],
  [
    'more successes in clusters than in trials',
    'INV-07',
    probed({}, leakage(0, 2000, { clusters: { n: 1000, successes: 3 } })),
    { rejected: 'evidence/probe-0.yaml' },
  ],
  ['more successes than trials', 'INV-07', probed({}, leakage(600, 500)), { rejected: 'evidence/probe-0.yaml' }],
  [
    'a curve of distinct items that falls',
    'INV-09',
    probed(
      {},
      measured('context-leakage', {
        disclosure: {
          items: 250,
          curve: [
            { queries: 100, recovered: 200 },
            { queries: 500, recovered: 0 },
          ],
          budget: { queries: 500, refusedAt: 501 },
        },
      }),
    ),
    { rejected: 'evidence/probe-0.yaml' },
  ],
  [
    'more baseline targets than targets',
    'INV-03',
    probed(
      {},
      measured('attribute-inference', {
        advantage: {
          attack: { n: 4000, successes: 2800 },
          baseline: { n: 9000, successes: 6300 },
          baselineMethod: 'imputation from public fields',
        },
      }),
    ),
    { rejected: 'evidence/probe-0.yaml' },
  ],
  [
    'records that are members and non-members at once',
    'MI-02 MI-04',
    scored({ id: (index) => `r${index % 5000}` }),
    { rejected: 'evidence/scores.csv' },
  ],
  [
    'one record that is member and non-member at once',
    'MI-02',
    scored({ id: (index) => (index === 9999 ? 'r0' : `r${index}`) }),
    { rejected: 'evidence/scores.csv' },
  ],
  [
    'more accused than there are',
    'MI-02',
    probed(
      {},
      measured('likelihood-ratio', {
        operatingPoint: {
          falsePositiveLimit: 0.001,
          truePositives: 3,
          falsePositives: 30_000,
          members: 5000,
          nonMembers: 20_000,
        },
      }),
    ),
    { rejected: 'evidence/probe-0.yaml' },
  ],
  [
    'more guesses than canaries',
    'MI-06',
    probed(
      budget,
      measured('canary-membership', { oneRun: { canaries: 100, guesses: 5000, correct: 2500, fixedBeforehand: true } }),
    ),
    { rejected: 'evidence/probe-0.yaml' },
  ],
  [
    'a summary that passes more than it evaluated',
    'INV-02',
    files({
      'evidence/garak.report.jsonl': garakReport([
        { probe: 'leakreplay.LiteratureClozeFull', detector: 'base.TriggerListDetector', prompts: 500 },
      ]).replace('"passed":500', '"passed":900'),
    }),
    { rejected: 'evidence/garak.report.jsonl' },
  ],
);

const repeated = privateTable(1000, 1);
const fiveTimes = (scores: readonly number[]): number[] => [...scores, ...scores, ...scores, ...scores, ...scores];
const distinct = (index: number): string => (index < 5000 ? `m${index % 1000}` : `n${index % 1000}`);

const clustered: FalsePass[] = [
  ...refused(
    'Members and non-members are alike: somebody says by name how chance decided, or a baseline shows it.',
    [
      "an assignment at random, and a template's word for who drew it",
      'MI-02 MI-03',
      scored({ baseline: undefined }, { assignment: { ...DRAWN_AT_RANDOM, by: 'TBD' } }),
      { reason: 'invalid-comparison' },
    ],
    [
      "an assignment at random, and a template's word for how it was drawn",
      'MI-02 MI-03',
      scored({ baseline: undefined }, { assignment: { ...DRAWN_AT_RANDOM, how: 'n/a' } }),
      { reason: 'invalid-comparison' },
    ],
    [
      'the same as what MI-05 rests on',
      'MI-05',
      scored({ baseline: undefined }, { assignment: { ...DRAWN_AT_RANDOM, by: 'TBD', how: 'n/a' } }),
    ],
  ),
  ...refused(
    'The sample can carry the claim: classes in proportion, each record once.',
    [
      'eight hundred members and twenty-four thousand others',
      'MI-04',
      scored({ ...privateTable(24_000), members: noise(800, 1), baseline: undefined }, { assignment: DRAWN_AT_RANDOM }),
    ],
    ['records that nothing identifies', 'MI-04', scored({ id: undefined })],
    ['duplicates declared present', 'MI-04', scored({ id: undefined }, { duplicates: 'present' })],
    ['one record in ten twice', 'MI-04', scored({ id: (index) => `r${index < 500 ? index + 500 : index}` })],
  ),
  ...refused(
    'Scores of one record under several models, or of one person in several records, are one cluster, and the count that enters an interval is of clusters.',
    [
      'a thousand records, each under five models',
      'MI-02 MI-04',
      scored({
        members: fiveTimes(repeated.members),
        nonMembers: fiveTimes(repeated.nonMembers),
        id: distinct,
        baseline: { members: noise(5000, 31), nonMembers: noise(5000, 32) },
      }),
    ],
    [
      'the same, with duplicates declared removed',
      'MI-02',
      scored(
        {
          members: fiveTimes(repeated.members),
          nonMembers: fiveTimes(repeated.nonMembers),
          id: distinct,
          baseline: { members: noise(5000, 31), nonMembers: noise(5000, 32) },
        },
        { duplicates: 'removed' },
      ),
    ],
    [
      'five thousand records of two hundred persons',
      'MI-02',
      scored({ cluster: (index) => `person-${index < 5000 ? 'm' : 'n'}${index % 200}` }),
      { reason: 'insufficient-sample' },
    ],
    [
      'one person on whom four thousand recognised records fall',
      'MI-02 MI-03',
      scored({
        ...privateTable(10_000),
        members: recognised(10_000, 0.4, 1),
        cluster: (index) => `person-${index < 4000 ? 'one' : index}`,
      }),
      { reason: 'contradictory' },
    ],
    [
      'four in ten attempts that succeed, all by one prompt of six hundred',
      'INV-07',
      probed({}, leakage(400, 1000, { clusters: { n: 600, successes: 1 } })),
      { reason: 'contradictory' },
    ],
    [
      "ML Privacy Meter's average, which puts the records of several models one after the other",
      'MI-02',
      {
        system: {
          sources: [scoreSource({ match: 'evidence/*.npz', duplicates: 'removed', assignment: DRAWN_AT_RANDOM })],
        },
        files: {
          'evidence/attack_result_average.npz': npz({
            members: fiveTimes(repeated.members),
            nonMembers: fiveTimes(repeated.nonMembers),
          }),
        },
      },
    ],
  ),
  ...refused(
    "An operating point passes only if its false-positive rate's lower bound is at least the rate asked for. So nobody accused, or an achieved rate below the limit, passes nothing.",
    ...(
      [
        ['nobody accused', 0, 0, 5000, 20_000],
        ['an achieved rate below the limit', 4, 5, 5000, 20_000],
        ['an achieved rate that happens to be at the limit', 5, 20, 5000, 20_000],
        ['everybody a member to the attack’s mind', 0, 0, 1000, 1000],
      ] as const
    ).map(
      ([name, truePositives, falsePositives, members, nonMembers]) =>
        [
          name,
          'MI-02',
          probed(
            {},
            [0.001, 0.01].map((falsePositiveLimit) =>
              measured(
                'likelihood-ratio',
                {
                  operatingPoint: {
                    falsePositiveLimit,
                    truePositives,
                    falsePositives,
                    members,
                    nonMembers,
                    threshold: 'calibration',
                  },
                },
                { probe: `at ${falsePositiveLimit}`, assignment: DRAWN_AT_RANDOM },
              ),
            ),
          ),
        ] as const,
    ),
  ),
  ...refused(
    'A disclosure curve reaches the budget, or the refusal stands in the evidence as refused queries.',
    [
      'a curve that ends at a tenth of the budget, with a refusal that is only said',
      'INV-09',
      probed(
        {},
        measured('context-leakage', {
          disclosure: {
            items: 250,
            curve: [{ queries: 100, recovered: 0 }],
            budget: { queries: 1000, refusedAt: 1001 },
          },
        }),
      ),
    ],
    [
      'a budget that nobody ran into',
      'INV-09',
      probed(
        {},
        measured('context-leakage', {
          disclosure: { items: 250, curve: [{ queries: 1000, recovered: 0 }], budget: { queries: 1000 } },
        }),
      ),
    ],
    [
      'a refusal long after the budget',
      'INV-09',
      probed(
        {},
        measured('context-leakage', {
          disclosure: {
            items: 250,
            curve: [{ queries: 9000, recovered: 0 }],
            budget: { queries: 1000, refusedAt: 9001 },
          },
        }),
      ),
      { fails: true },
    ],
    [
      'a refusal at a query before others that were answered',
      'INV-09',
      probed(
        {},
        measured('context-leakage', {
          disclosure: {
            items: 250,
            curve: [
              { queries: 100, recovered: 0 },
              { queries: 5000, recovered: 0 },
            ],
            budget: { queries: 1000, refusedAt: 101 },
          },
        }),
      ),
      { unread: true },
    ],
    [
      'no budget',
      'INV-09',
      probed({}, measured('context-leakage', { disclosure: { items: 250, curve: [{ queries: 1000, recovered: 0 }] } })),
    ],
  ),
];

const dated: FalsePass[] = [
  ...refused(
    "The older of a file's and a result's date counts.",
    [
      'an old result in a new file',
      'INV-07',
      probed({}, leakage(0, 1000, {}, { collected: LONG_AGO })),
      { reason: 'stale' },
    ],
    [
      'a result dated later than the file that holds it',
      'INV-07',
      probed({}, probeResult(leakage(0, 1000, {}, { collected: TESTED }), { collected: LONG_AGO })),
      { reason: 'stale' },
    ],
    [
      'an old report declared new in the workspace',
      'INV-05',
      {
        system: { sources: [{ match: 'evidence/*.jsonl', collected: TESTED }] },
        files: {
          'evidence/garak.report.jsonl': garakReport(
            [
              {
                probe: 'sysprompt_extraction.SystemPromptExtraction',
                detector: 'sysprompt_extraction.PromptExtraction',
                prompts: 400,
              },
            ],
            { started: `${LONG_AGO}T09:00:00` },
          ),
        },
      },
      { reason: 'stale' },
    ],
    ['a test of next year', 'INV-07', probed({}, probeResult(leakage(0, 1000), { collected: '2027-02-01' }))],
    ['scores of no day', 'MI-02', scored({}, { collected: undefined })],
  ),
  ...refused(
    "A change makes stale the tests of what it changed: a model's change every surface of that model; on one day, times decide where both carry them, else stale.",
    [
      'a model deployed on the day of the test',
      'INV-07',
      probed({ models: [{ ...MODEL, deployed: TESTED }] }, leakage(0, 1000)),
      { reason: 'stale' },
    ],
    [
      'a model deployed after the test',
      'MI-02 MI-03 MI-04 MI-05',
      scored({}, {}, { models: [{ ...MODEL, deployed: '2026-11-18' }] }),
      { reason: 'stale' },
    ],
    [
      'a model deployed later on the day of the test',
      'INV-07',
      probed(
        { models: [{ ...MODEL, deployed: `${TESTED}T15:00:00Z` }] },
        probeResult(leakage(0, 1000), { collected: `${TESTED}T09:00:00Z` }),
      ),
      { reason: 'stale' },
    ],
    [
      'a store tested before the model that answers from it was replaced',
      'INV-07',
      together(
        probed({ surfaces: ['retrieval-store'] }, leakage(0, 1000, {}, { surface: 'retrieval-store' })),
        files(changeLog([{ of: 'model', date: '2026-11-18' }])),
      ),
      { reason: 'stale' },
    ],
    [
      'a change of the model that is said to concern the embeddings only',
      'INV-07',
      together(
        probed({ surfaces: ['model-api', 'embeddings'] }, leakage(0, 1000)),
        files(changeLog([{ of: 'model', date: '2026-11-18', surfaces: ['embeddings'] }])),
      ),
      { reason: 'stale' },
    ],
    [
      'a prompt changed after the test of the prompt',
      'INV-05',
      together(probed({}, trials('prompt-leakage', 0, 400)), files(changeLog([{ of: 'prompt', date: '2026-11-18' }]))),
      { reason: 'stale' },
    ],
  ),
  ...refused('What decides comparability and sample (MI-04, MI-05) ages like the rest.', [
    'scores of last winter',
    'MI-04 MI-05',
    scored({}, { collected: LONG_AGO }),
    { reason: 'stale' },
  ]),
  ...refused('A score file that no sources entry matches counts for nothing.', [
    'a declaration that misses its file by a letter',
    'MI-02',
    (() => {
      const { system, files: written } = scored();
      return { system, files: { 'evidence/score.csv': written['evidence/scores.csv'] ?? '' } };
    })(),
  ]),
];

const reach: FalsePass[] = refused(
  'What an inventory does not list is unknown, not absent: an administrator or a wildcard reaches everything. Administrators who are people count too.',
  ['an administrator of everything, of which two things are listed', 'ACC-10', listing({ admin: true })],
  [
    'every action on everything, of which two things are listed',
    'ACC-10',
    listing({ entitlements: [{ actions: ['*'], resources: ['*'] }] }),
  ],
  [
    'everything of one service, of which two things are listed',
    'ACC-10',
    listing({ entitlements: [{ actions: ['s3:Get*'], resources: ['*'] }] }),
  ],
  [
    'a service that can become the administrator',
    'ACC-10',
    listing({ assumes: ['role/admin'] }, [], { roles: [{ id: 'role/admin', admin: true }] }),
  ],
  [
    'a service whose rights come by a role that no inventory lists',
    'ACC-04 ACC-10',
    listing({ roles: ['role/unlisted'] }),
  ],
  ['a person who administers everything', 'ACC-10', listing({}, [ADMINISTRATOR])],
  [
    'a person with a wildcard, not called an administrator',
    'ACC-10',
    listing({}, [{ ...ADMINISTRATOR, admin: false, entitlements: [{ actions: ['*'], resources: ['*'] }] }]),
  ],
  [
    'rights on resources of which the inventory lists none',
    'ACC-10',
    listing({ entitlements: [{ actions: ['read'], resources: ['lake/*'] }] }, [], { resources: [] }),
  ],
);

const planned: FalsePass[] = refused(
  'Planned runs that were not handed in are named and count as incomplete.',
  [
    'one run of twenty that were planned',
    'INV-07',
    together(probed({}, leakage(0, 1000)), files(testPlan({ runs: 20 }))),
    { reason: 'incomplete' },
  ],
  [
    'a planned run stopped when it looked good',
    'INV-07',
    together(probed({}, leakage(0, 400)), files(testPlan({ sample: { trials: 4000 } }))),
    { reason: 'incomplete' },
  ],
  [
    'one of two planned probes',
    'INV-07',
    together(probed({}, leakage(0, 1000)), files(testPlan({ probe: 'another way of asking' }))),
    { reason: 'incomplete' },
  ],
  [
    'scores of two runs that were planned, of which one is here',
    'MI-02',
    together(
      scored(),
      files(
        testPlan({
          attackClass: 'membership-inference',
          technique: 'likelihood-ratio',
          probe: 'likelihood ratio with 16 reference models',
          sample: { members: 5000, nonMembers: 5000 },
          runs: 2,
        }),
      ),
    ),
    { reason: 'incomplete' },
  ],
);

export const countedFalse = [
  ...withoutVerdict,
  ...setAside,
  ...pooled,
  ...contradictory,
  ...impossible,
  ...clustered,
  ...dated,
  ...reach,
  ...planned,
];

export const countedHonest = [
  ...passing('Attempts without a verdict count as successes in the bound that decides.', [
    'a verdict missing here and there, which would change nothing',
    'INV-07',
    probed({}, leakage(0, 2000, { notEvaluated: 2, errors: 1 })),
  ]),
  ...passing(
    'Runs of one technique, surface, probe and target are pooled; small clean probes neither pass nor block.',
    [
      'two full runs, both clean',
      'INV-07',
      probed({}, leakage(0, 600), probeResult(leakage(1, 900), { collected: '2026-11-09' })),
    ],
    [
      'runs that are enough together',
      'INV-07',
      probed(
        {},
        leakage(0, 300),
        probeResult(leakage(0, 300), { collected: '2026-11-09' }),
        probeResult(leakage(0, 300), { collected: '2026-11-08' }),
      ),
    ],
    [
      'a small clean probe beside a large one',
      'INV-07',
      probed({}, leakage(0, 1000), leakage(0, 40, {}, { probe: 'another way of asking' })),
    ],
    [
      'two probes that are enough together, at low',
      'INV-07',
      probed({ riskTier: 'low' }, leakage(0, 90), leakage(0, 90, {}, { probe: 'another way of asking' })),
    ],
  ),
  ...passing(
    'Contradictory means two values at the same time, never absence. Times decide where both carry them.',
    ['an administrator of October who is none in November', 'ACC-04', admins(true, false, ['a', 'b'], [early, late])],
    [
      'two inventories of one day, the one silent where the other speaks',
      'ACC-04',
      files({
        'evidence/a.yaml': inventory([SERVICE]),
        'evidence/b.yaml': inventory([{ id: 'service/inference', type: 'machine', owner: 'Platform Team' }]),
      }),
    ],
    [
      'a later statement in place of an earlier one',
      'MI-10',
      files({
        'evidence/attested.yaml': attestation([
          statement('MI-10', 'membership-inference', learnt(2.9), { issued: '2026-05-02', expires: '2026-12-31' }),
          statement('MI-10', 'membership-inference', learnt(0.43)),
        ]),
      }),
    ],
  ),
  ...passing('Counts that can be.', [
    'prompts asked three times each',
    'INV-07',
    probed({}, leakage(2, 3000, { clusters: { n: 1000, successes: 1 } })),
  ]),
  ...passing(
    'Scores of one person in several records are one cluster.',
    [
      'two records a person',
      'MI-02',
      scored({ ...privateTable(8000), cluster: (index) => `person-${Math.floor(index / 2)}` }),
    ],
    [
      "ML Privacy Meter's scores of one model",
      'MI-02 MI-03',
      {
        system: {
          sources: [scoreSource({ match: 'evidence/*.npz', duplicates: 'removed', assignment: DRAWN_AT_RANDOM })],
        },
        files: { 'evidence/attack_result_0.npz': npz(privateTable()) },
      },
    ],
  ),
  ...passing("An operating point passes if its false-positive rate's lower bound is at least the rate asked for.", [
    'thresholds that accuse a little more often than asked for',
    'MI-02',
    probed(
      {},
      (
        [
          [0.001, 25, 40],
          [0.01, 150, 300],
        ] as const
      ).map(([falsePositiveLimit, truePositives, falsePositives]) =>
        measured(
          'likelihood-ratio',
          {
            operatingPoint: {
              falsePositiveLimit,
              truePositives,
              falsePositives,
              members: 10_000,
              nonMembers: 20_000,
              threshold: 'calibration',
            },
          },
          {
            probe: `at ${falsePositiveLimit}`,
            assignment: DRAWN_AT_RANDOM,
            positiveControl: {
              falsePositiveLimit,
              truePositives: 412,
              members: 1000,
              falsePositives: 1,
              nonMembers: 1000,
              how: 'the same attack on an over-fitted twin',
            },
          },
        ),
      ),
    ),
  ]),
  ...passing(
    'On one day, times decide where both carry them.',
    [
      'a test in the evening of the day on which the model was deployed',
      'INV-07',
      probed(
        { models: [{ ...MODEL, deployed: `${TESTED}T08:00:00Z` }] },
        probeResult(leakage(0, 1000), { collected: `${TESTED}T18:00:00Z` }),
      ),
    ],
    [
      'a leak of before the model was replaced, and a clean test of after',
      'INV-07',
      together(
        probed({}, leakage(0, 1000), probeResult(leakage(300, 1000), { collected: '2026-10-20' })),
        files(changeLog([{ of: 'model', date: '2026-11-02' }])),
      ),
    ],
    [
      'scores of before and after a retraining',
      'MI-02',
      together(
        scored({ members: recognised(5000, 0.2, 9) }, { collected: '2026-10-20' }, {}, 'evidence/old.csv'),
        scored(),
        files(changeLog([{ of: 'model', date: '2026-11-02' }])),
      ),
    ],
    [
      'a change of a tool, which is not the model',
      'INV-07',
      together(
        probed({ surfaces: ['model-api'] }, leakage(0, 1000)),
        files(changeLog([{ of: 'tool', date: '2026-11-18' }])),
      ),
    ],
  ),
  ...passing(
    'What was planned was handed in.',
    ['one run, as planned', 'INV-07', together(probed({}, leakage(0, 1000)), files(testPlan({})))],
    ['more than was planned', 'INV-07', together(probed({}, leakage(0, 1500)), files(testPlan({})))],
  ),
];
