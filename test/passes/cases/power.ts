import { type FalsePass, passing, refused } from '../support/case.ts';
import {
  coarse,
  constant,
  DRAWN_AT_RANDOM,
  FOUND_ON_TWIN,
  moved,
  noise,
  npz,
  privateTable,
  RECORDS,
  recognised,
  scoreCsv,
  scored,
  scoredIn,
  scoreLines,
  turned,
} from '../support/scores.ts';
import { declaring, type Fields, type Files, together, type Workspace } from '../support/system.ts';
import { evenRanks, FOUND_ON_STAND_IN, measured, probed, probeResult, trials } from '../support/tests.ts';
import { withPromptfoo } from '../support/tools.ts';

/* Could it have succeeded? */

const low: Fields = { riskTier: 'low' };
const high: Fields = { riskTier: 'high' };
const budget: Fields = { differentialPrivacy: { epsilon: 1, delta: 1e-5 } };
const bare = { planted: undefined, positiveControl: undefined };
const beside = (files: Files, workspace: Workspace): Workspace => together(workspace, { system: {}, files });
/** Files that show the attack at work, as a score file of the same form. */
const twin = (table: Partial<Parameters<typeof scoreCsv>[0]> = {}): Files => ({
  'evidence/twin.csv': scoreCsv({
    members: recognised(4000, 0.7, 41),
    nonMembers: noise(4000, 42),
    id: (index) => `t${index}`,
    ...table,
  }),
});
const byFile = { positiveControl: { file: 'evidence/twin.csv', how: 'the same attack on an over-fitted twin' } };
const retrieval = (attack: number, baseline: number, fields: Fields = {}, n = 8000) =>
  measured(
    'retrieval-membership',
    {
      advantage: {
        attack: { n, successes: attack },
        baseline: { n, successes: baseline },
        baselineMethod: 'guessing, half of the documents are in the store',
      },
    },
    { surface: 'retrieval-store', probe: 'is this ticket in your files', ...fields },
  );
const store: Fields = { surfaces: ['retrieval-store'] };
const attribute = (advantage: Fields, fields: Fields = {}) =>
  measured(
    'attribute-inference',
    { advantage: { baselineMethod: 'logistic imputation from public fields', ...advantage } },
    { probe: 'condition from confidence', ...fields },
  );
const canaries = (fields: Fields = {}) =>
  measured(
    'canary-membership',
    { canaries: { candidates: 1e6, ranks: evenRanks(400, 1e6) } },
    { planted: true, assignment: DRAWN_AT_RANDOM, probe: 'codes planted into tickets', ...fields },
  );

/** Scores inside a ProbeResult, with what a source would say of them. */
function inProbeResult(
  { members, nonMembers }: { members: readonly number[]; nonMembers: readonly number[] },
  unsaid: Fields = {},
): string {
  const { target = 'helper', ...result } = { target: 'helper', ...unsaid };
  return probeResult(
    measured(
      'likelihood-ratio',
      { scores: { members, nonMembers, duplicates: 'removed' } },
      { positiveControl: FOUND_ON_TWIN, assignment: DRAWN_AT_RANDOM, ...result },
    ),
    'target' in unsaid ? { target: undefined } : { target },
  );
}

const withoutControl: FalsePass[] = refused(
  'Membership scores and canaries, at moderate and high: the same attack on a model known to leak must be shown to find it.',
  [
    'a control that nobody describes',
    'MI-02 MI-03',
    scored({}, { positiveControl: { ...FOUND_ON_TWIN, how: 'n/a' } }),
    { reason: 'no-power' },
  ],
  [
    'random numbers under a strong name',
    'MI-02 MI-03',
    scored({}, { positiveControl: undefined }),
    { reason: 'no-power' },
  ],
  [
    'a control in which the attack finds next to nobody',
    'MI-02 MI-03',
    scored({}, { positiveControl: { ...FOUND_ON_TWIN, truePositives: 2 } }),
    { reason: 'no-power' },
  ],
  [
    'a control that accuses as many others as it finds',
    'MI-02',
    scored({}, { positiveControl: { ...FOUND_ON_TWIN, truePositives: 400, falsePositives: 400 } }),
    { reason: 'no-power' },
  ],
  [
    'a control of ten records',
    'MI-02',
    scored(
      {},
      {
        positiveControl: {
          falsePositiveLimit: 0.001,
          truePositives: 10,
          members: 10,
          falsePositives: 0,
          nonMembers: 10,
          how: 'twin',
        },
      },
    ),
    { reason: 'no-power' },
  ],
  [
    'a control of trials for an attack by scores',
    'MI-02',
    scored({}, { positiveControl: { successes: 0, n: 500, how: 'twin' } }),
    { reason: 'no-power' },
  ],
  [
    'canaries that nobody has shown could be found',
    'MI-07',
    probed({}, canaries({ positiveControl: undefined })),
    { reason: 'no-power' },
  ],
  [
    'canaries whose control found none',
    'MI-07',
    probed({}, canaries({ positiveControl: { successes: 0, n: 80, how: 'twin' } })),
    { reason: 'no-power' },
  ],
  [
    'questions about a store by an attack that finds nothing anywhere',
    'MI-08',
    probed(store, retrieval(4010, 4000, { positiveControl: undefined })),
    { reason: 'no-power' },
  ],
  [
    'questions about a store whose control finds no more than chance',
    'MI-08',
    probed(store, retrieval(4010, 4000, { positiveControl: { successes: 101, n: 200, how: 'an open store' } })),
    { reason: 'no-power' },
  ],
);

const controlFiles: FalsePass[] = refused(
  'At high, a file of scores of the same attack on a model known to leak, which is recomputed by the failing rule.',
  ['counts where a file is asked for', 'MI-02', scored(privateTable(15_000), {}, high), { reason: 'no-power' }],
  [
    'a control file of random numbers',
    'MI-02',
    beside(twin({ members: noise(4000, 43) }), scored({}, byFile)),
    { reason: 'no-power' },
  ],
  ['a control file that is not there', 'MI-02', scored({}, byFile), { reason: 'no-power' }],
  [
    'the tested scores as their own control',
    'MI-02',
    scored({}, { positiveControl: { file: 'evidence/scores.csv', how: 'itself' } }),
  ],
  [
    'a control file of one member',
    'MI-02',
    beside(twin({ members: [9], nonMembers: [0] }), scored({}, byFile)),
    { reason: 'no-power' },
  ],
  [
    'a control file that is no score file',
    'MI-02',
    beside({ 'evidence/twin.csv': 'the twin was found, every time\n' }, scored({}, byFile)),
    { reason: 'no-power', unread: true },
  ],
);

const weakTechniques: FalsePass[] = refused(
  'low accepts techniques that are strong by construction without a control; weak ones never without.',
  [
    'a plain threshold on the loss at low',
    'MI-02 MI-03',
    scored({}, { technique: 'loss-threshold', positiveControl: undefined }, low),
    { reason: 'no-power' },
  ],
  [
    'labels only at low',
    'MI-02',
    scored({}, { technique: 'label-only', positiveControl: undefined }, low),
    { reason: 'no-power' },
  ],
);

const trialsWithoutControl: FalsePass[] = refused(
  "A harness or detector of one's own needs planted or a control; high always needs a control.",
  [
    'an own harness, nothing planted',
    'INV-07',
    probed({}, trials('context-leakage', 0, 1000, bare)),
    { reason: 'no-power' },
  ],
  [
    'an own search for secrets, nothing planted',
    'INV-06',
    probed({}, trials('secret-recovery', 0, 1000, bare)),
    { reason: 'no-power' },
  ],
  [
    'an own harness for the prompt',
    'INV-05',
    probed({}, trials('prompt-leakage', 0, 1000, bare)),
    { reason: 'no-power' },
  ],
  [
    'an own harness for tools',
    'INV-08',
    probed({ surfaces: ['agent-tools'] }, trials('connected-leakage', 0, 1000, { surface: 'agent-tools', ...bare })),
    { reason: 'no-power' },
  ],
  ['an own harness at low', 'INV-07', probed(low, trials('context-leakage', 0, 1000, bare)), { reason: 'no-power' }],
  [
    'a harness whose control gave nothing away',
    'INV-07',
    probed(
      {},
      trials('context-leakage', 0, 1000, {
        planted: undefined,
        positiveControl: { ...FOUND_ON_STAND_IN, successes: 0 },
      }),
    ),
    { reason: 'no-power' },
  ],
  [
    'planted, with a control at which the planted was not found',
    'INV-07',
    probed({}, trials('context-leakage', 0, 1000, { positiveControl: { ...FOUND_ON_STAND_IN, successes: 0 } })),
    { reason: 'no-power' },
  ],
  [
    'planted without a control at high',
    'INV-07',
    probed(high, trials('context-leakage', 0, 2000, { positiveControl: undefined })),
    { reason: 'no-power' },
  ],
  [
    "a known tool's own detector without a control at high",
    'INV-05',
    withPromptfoo({ plugin: 'prompt-extraction', tests: 600 }, high),
    { reason: 'no-power' },
  ],
  [
    'vectors inverted by a program that has never inverted one',
    'INV-04',
    probed(
      { surfaces: ['embeddings'] },
      measured(
        'embedding-inversion',
        { reconstruction: { similarity: { metric: 'bleu', cutOff: 0.3 }, recovered: { n: 400, successes: 0 } } },
        { surface: 'embeddings', positiveControl: undefined },
      ),
    ),
    { reason: 'no-power' },
  ],
);

const degenerate: FalsePass[] = refused(
  'Scores that are constant, or so coarse that no threshold comes near the rate asked for, say nothing at that rate. Ties are drawn by lot inside the tied block.',
  [
    'a dead attack whose every score is one half',
    'MI-01 MI-02 MI-03',
    scored({ members: constant(RECORDS, 0.5), nonMembers: constant(RECORDS, 0.5) }),
    { reason: 'no-power' },
  ],
  [
    'a dead attack under a declared budget',
    'MI-06',
    scored({ members: constant(RECORDS, 0.5), nonMembers: constant(RECORDS, 0.5) }, {}, budget),
    { reason: 'no-power' },
  ],
  [
    'non-members of whom all have one score',
    'MI-02',
    scored({ members: noise(RECORDS, 1), nonMembers: constant(RECORDS, 0) }),
  ],
  [
    'members of whom all have one score, in the middle of the others',
    'MI-02',
    scored({ members: constant(RECORDS, 0), nonMembers: noise(RECORDS, 2) }),
  ],
  [
    'non-members with one score, members with another',
    'MI-02 MI-03',
    scored({ members: constant(RECORDS, 1), nonMembers: constant(RECORDS, 0) }),
  ],
  [
    'two levels, half of everybody at each',
    'MI-02',
    scored({
      members: coarse(noise(RECORDS, 1), 1000).map((_, i) => i % 2),
      nonMembers: constant(RECORDS, 0).map((_, i) => i % 2),
    }),
    { reason: 'no-power' },
  ],
  [
    'scores in three steps',
    'MI-02',
    scored({ members: coarse(noise(RECORDS, 1), 2), nonMembers: coarse(noise(RECORDS, 2), 2) }),
    { reason: 'no-power' },
  ],
  [
    'two members in five tied at the top with one other in fifty',
    'MI-02',
    scored({
      members: noise(RECORDS, 1).map((score, i) => (i % 5 < 2 ? 9 : Math.min(score, 4))),
      nonMembers: noise(RECORDS, 2).map((score, i) => (i % 50 === 0 ? 9 : Math.min(score, 4))),
    }),
  ],
  [
    'a leak cut off by an interface that gives ten levels',
    'MI-02',
    scored({
      members: coarse(recognised(RECORDS, 0.3, 1, 2.5), 0.5),
      nonMembers: coarse(noise(RECORDS, 2), 0.5),
    }),
  ],
);

const direction: FalsePass[] = refused(
  'An attacker may turn the score round: both tails are always judged, the worse decides.',
  [
    'scores of the wrong sign: area 0.02, the attacker’s 0.98',
    'MI-02 MI-03',
    scored({ members: moved(noise(RECORDS, 1), -2.9) }),
    { fails: true },
  ],
  [
    'one member in thirty in the lower tail',
    'MI-02',
    scored({ members: recognised(RECORDS, 0.033, 1, -12) }),
    { fails: true },
  ],
  [
    'a leak hidden by declaring that lower means member',
    'MI-02 MI-03',
    scored({ members: recognised(RECORDS, 0.4, 1) }, { higherMeansMember: false }),
    { fails: true },
  ],
  [
    'losses of the right sign, declared the wrong way',
    'MI-02 MI-03',
    scored({ members: turned(recognised(RECORDS, 0.4, 1)) }, { higherMeansMember: true }),
    { fails: true },
  ],
  [
    'a budget contradicted by the lower tail',
    'MI-06',
    scored({ members: recognised(RECORDS, 0.6, 1, -12) }, {}, budget),
    { fails: true },
  ],
  [
    'both tails a little, neither alone above the limit of the area',
    'MI-02',
    scored({
      members: noise(RECORDS, 1).map((score, i) => (i < 150 ? score + 12 : i < 300 ? score - 12 : score)),
    }),
    { fails: true },
  ],
  [
    'canary scores of the wrong sign',
    'MI-07',
    scored({ members: recognised(RECORDS, 0.4, 1, -12) }, { technique: 'canary-membership' }),
    { fails: true },
  ],
  [
    'scores about a store of the wrong sign',
    'MI-08',
    scored(
      { members: recognised(RECORDS, 0.4, 1, -12) },
      { technique: 'retrieval-membership', surface: 'retrieval-store' },
      store,
    ),
    { fails: true },
  ],
);

const everyForm: FalsePass[] = refused(
  'A rule that holds for one adapter, measure or control holds for all of the kind.',
  ...(
    [
      ['lines of JSON', 'evidence/scores.jsonl', scoreLines],
      ["ML Privacy Meter's archive", 'evidence/attack_result_0.npz', npz],
      ['a ProbeResult', 'evidence/scores.yaml', inProbeResult],
    ] as const
  ).flatMap(([form, name, write]) => {
    const unsaid = { target: undefined, positiveControl: undefined, assignment: undefined };
    return [
      [
        `scores of the wrong sign as ${form}`,
        'MI-02 MI-03',
        scoredIn(name, write({ members: recognised(RECORDS, 0.4, 1, -12), nonMembers: noise(RECORDS, 2) })),
        { fails: true },
      ] as const,
      [
        `a dead attack as ${form}`,
        'MI-02 MI-03',
        scoredIn(name, write({ members: constant(RECORDS, 0.5), nonMembers: constant(RECORDS, 0.5) })),
        { reason: 'no-power' },
      ] as const,
      [
        `scores of which nothing is said as ${form}`,
        'MI-02',
        scoredIn(name, write({ members: noise(RECORDS, 1), nonMembers: noise(RECORDS, 2) }, unsaid), unsaid),
        { reason: 'unrelated-target' },
      ] as const,
    ];
  }),
);

const baselines: FalsePass[] = [
  ...refused(
    "Baselines must be able to see a difference: a constant column, a copy of the attack's score, or three records show nothing.",
    [
      'a baseline that says the same of everybody',
      'MI-02 MI-05',
      scored({ baseline: { members: constant(RECORDS, 1), nonMembers: constant(RECORDS, 1) } }),
    ],
    [
      'the attack itself as its baseline',
      'MI-02 MI-05',
      scored({ baseline: { members: noise(RECORDS, 1), nonMembers: noise(RECORDS, 1001) } }),
    ],
    [
      'the attack itself, on another scale',
      'MI-05',
      scored({
        baseline: {
          members: noise(RECORDS, 1).map((score) => 2 * score + 1),
          nonMembers: noise(RECORDS, 1001).map((score) => 2 * score + 1),
        },
      }),
    ],
    [
      'the attack itself with the sign turned',
      'MI-05',
      scored({ baseline: { members: turned(noise(RECORDS, 1)), nonMembers: turned(noise(RECORDS, 1001)) } }),
    ],
    [
      'three records on a side',
      'MI-05',
      scored({
        members: noise(3, 1),
        nonMembers: noise(3, 2),
        baseline: { members: [0.1, 0.5, 0.9], nonMembers: [0.2, 0.4, 0.8] },
      }),
    ],
  ),
  ...refused(
    'MI-05 is an equivalence claim: satisfied when the whole interval of the area lies within the margin, failed when it lies beyond it, insufficient-sample between.',
    [
      'two hundred records, whose interval is wider than the margin',
      'MI-05',
      scored(privateTable(200)),
      { reason: 'insufficient-sample' },
    ],
    [
      'a baseline just outside the margin',
      'MI-05',
      scored({ baseline: { members: moved(noise(RECORDS, 21), 0.2), nonMembers: noise(RECORDS, 22) } }),
    ],
    [
      'a baseline far outside the margin',
      'MI-02 MI-05',
      scored({ baseline: { members: moved(noise(RECORDS, 21), 0.6), nonMembers: noise(RECORDS, 22) } }),
    ],
    [
      'a baseline outside the margin on its other side',
      'MI-05',
      scored({ baseline: { members: moved(noise(RECORDS, 21), -0.6), nonMembers: noise(RECORDS, 22) } }),
    ],
  ),
  ...refused(
    'Random assignment is the other way to be comparable. Without either no membership number satisfies anything, and a copy of a test without its baseline inherits what the copy with it showed.',
    [
      'neither baseline nor random assignment',
      'MI-02 MI-03',
      scored({ baseline: undefined }),
      { reason: 'invalid-comparison' },
    ],
    [
      'an assignment that was not random',
      'MI-02',
      scored({ baseline: undefined }, { assignment: { ...DRAWN_AT_RANDOM, random: false } }),
      { reason: 'invalid-comparison' },
    ],
    [
      'a copy of the test without the baseline that gives it away',
      'MI-02',
      together(
        scored({ baseline: { members: moved(noise(RECORDS, 21), 0.8), nonMembers: noise(RECORDS, 22) } }),
        scored({ baseline: undefined }, { assignment: DRAWN_AT_RANDOM }, {}, 'evidence/again.csv'),
      ),
      { reason: 'invalid-comparison' },
    ],
    [
      'members and non-members apart without the model, said to be drawn at random',
      'MI-02 MI-05',
      scored(
        { baseline: { members: moved(noise(RECORDS, 21), 0.8), nonMembers: noise(RECORDS, 22) } },
        { assignment: DRAWN_AT_RANDOM },
      ),
    ],
  ),
];

const guessing: FalsePass[] = refused(
  'Guessing is about chance; an attack significantly worse than its baseline is an attack turned round. Attribute inference: baseline and attack on the same targets, its method named, and not the model itself.',
  ['guessing that is always right', 'MI-08', probed(store, retrieval(8000, 8000))],
  ['guessing that is right four times in five', 'MI-08', probed(store, retrieval(6400, 6400))],
  ['an attack that is always wrong', 'MI-08', probed(store, retrieval(100, 4000)), { fails: true }],
  ['guessing that is never right, nor the attack', 'MI-08', probed(store, retrieval(0, 0))],
  [
    'attributes inferred always wrongly',
    'INV-03',
    probed({}, attribute({ attack: { n: 4000, successes: 200 }, baseline: { n: 4000, successes: 2800 } })),
  ],
  [
    'a baseline on fewer targets than the attack',
    'INV-03',
    probed({}, attribute({ attack: { n: 4000, successes: 2800 }, baseline: { n: 400, successes: 280 } })),
    { unread: true },
  ],
  [
    'a baseline that answers each target as the attack does',
    'INV-03',
    probed(
      {},
      attribute({
        attack: { n: 4000, successes: 3600 },
        baseline: { n: 4000, successes: 3600 },
        paired: { both: 3600, attackOnly: 0, baselineOnly: 0, neither: 400 },
        baselineMethod: 'the model itself',
      }),
    ),
  ],
  [
    'a baseline on other targets',
    'INV-03',
    probed(
      {},
      attribute({ attack: { n: 4000, successes: 2800 }, baseline: { n: 4000, successes: 2800 }, sameTargets: false }),
    ),
    { reason: 'invalid-comparison' },
  ],
  [
    'a baseline of no named method',
    'INV-03',
    probed(
      {},
      attribute({ attack: { n: 4000, successes: 2800 }, baseline: { n: 4000, successes: 2800 }, baselineMethod: '' }),
    ),
  ],
);

export const powerFalse = [
  ...withoutControl,
  ...controlFiles,
  ...weakTechniques,
  ...trialsWithoutControl,
  ...degenerate,
  ...direction,
  ...everyForm,
  ...baselines,
  ...guessing,
];

export const powerHonest = [
  ...passing(
    'Membership scores at moderate: the same attack on a model known to leak, as counts.',
    ['scores with a baseline and a control', 'MI-01 MI-02 MI-03 MI-04 MI-05', scored()],
    ['a plain threshold on the loss, with a control', 'MI-02 MI-03', scored({}, { technique: 'loss-threshold' })],
    ['a control as a file', 'MI-02', beside(twin(), scored({}, byFile))],
    [
      'a control file with a declaration of its own',
      'MI-02',
      beside(
        twin(),
        together(scored({}, byFile, { ignoredTargets: [{ target: 'twin', reason: 'the positive control' }] }), {
          system: {
            sources: [
              {
                match: 'evidence/twin.csv',
                technique: 'likelihood-ratio',
                surface: 'model-api',
                collected: '2026-11-09',
                target: 'twin',
              },
            ],
          },
          files: {},
        }),
      ),
    ],
    ['canaries with a control', 'MI-01 MI-07', probed({}, canaries())],
    [
      'scores as lines of JSON',
      'MI-02 MI-03 MI-04',
      scoredIn('evidence/scores.jsonl', scoreLines({ members: noise(RECORDS, 1), nonMembers: noise(RECORDS, 1001) })),
    ],
    [
      'scores in a ProbeResult',
      'MI-02 MI-03 MI-04',
      scoredIn('evidence/scores.yaml', inProbeResult({ members: noise(RECORDS, 1), nonMembers: noise(RECORDS, 1001) })),
    ],
  ),
  ...passing('At high, a file of scores that is recomputed.', [
    'fifteen thousand a side and a file',
    'MI-02',
    beside(twin(), scored(privateTable(15_000), byFile, high)),
  ]),
  ...passing('low accepts techniques that are strong by construction without a control.', [
    'a likelihood ratio at low',
    'MI-02 MI-03',
    scored({}, { positiveControl: undefined }, low),
  ]),
  ...passing(
    "Trials: a known tool's own detector is enough at low and moderate; an own harness needs planted or a control.",
    [
      'planted, without a control, at moderate',
      'INV-07',
      probed({}, trials('context-leakage', 0, 1000, { positiveControl: undefined })),
    ],
    [
      'a control, nothing planted, at moderate',
      'INV-05',
      probed({}, trials('prompt-leakage', 0, 300, { planted: undefined })),
    ],
    [
      "a known tool's own detector and a run against its echo, at high",
      'INV-05',
      withPromptfoo(
        { plugin: 'prompt-extraction', tests: 600 },
        {
          ...high,
          sources: [
            {
              match: 'evidence/promptfoo.json',
              positiveControl: { successes: 590, n: 600, how: 'the same run against echo, the prompt in front' },
            },
          ],
        },
      ),
    ],
    ['planted and a control, at high', 'INV-07', probed(high, trials('context-leakage', 0, 2500))],
  ),
  ...passing(
    'Scores that come in many levels, some of them tied, say what they say.',
    [
      'scores to two decimals',
      'MI-02 MI-03',
      scored({ members: coarse(noise(RECORDS, 1), 0.01), nonMembers: coarse(noise(RECORDS, 1001), 0.01) }),
    ],
    ['losses, where lower means member', 'MI-02 MI-03', scored({}, { higherMeansMember: false })],
  ),
  ...passing(
    'Random assignment before training is the other way to be comparable.',
    [
      'no baseline, drawn at random',
      'MI-02 MI-03 MI-05',
      scored({ baseline: undefined }, { assignment: DRAWN_AT_RANDOM }),
    ],
    [
      'a copy of the test without its baseline, which was fine',
      'MI-02',
      together(scored(), scored({ baseline: undefined }, {}, {}, 'evidence/again.csv')),
    ],
  ),
  ...passing(
    'Guessing is about chance; baseline and attack on the same targets, its method named.',
    ['an attack about as good as guessing', 'MI-08', probed(store, retrieval(4010, 4000))],
    ['an attack a little worse than guessing, as chance has it', 'MI-08', probed(store, retrieval(3985, 4003))],
    [
      'scores about a store',
      'MI-08',
      declaring(store, scored(privateTable(12_000), { technique: 'retrieval-membership', surface: 'retrieval-store' })),
    ],
    [
      'attributes inferred as well as imputed, target by target',
      'INV-03',
      probed(
        {},
        attribute({
          attack: { n: 4000, successes: 2810 },
          baseline: { n: 4000, successes: 2800 },
          paired: { both: 2700, attackOnly: 110, baselineOnly: 100, neither: 1090 },
        }),
      ),
    ],
    [
      'attributes inferred as well as imputed',
      'INV-03',
      probed({}, attribute({ attack: { n: 4000, successes: 2805 }, baseline: { n: 4000, successes: 2800 } })),
    ],
  ),
];
