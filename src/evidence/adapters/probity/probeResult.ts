import { z } from 'zod';
import { apiVersion, attackClass, identifier, isoDate, surface } from '../../../schema.ts';
import { type Aim, aimOf, type Subject } from '../../../terms.ts';
import { assignmentSchema, positiveControlSchema } from '../../declaration.ts';
import type { Located } from '../../observation.ts';
import type { ScorePair, Similarity, TestResultBody } from '../../observations/tests.ts';
import { evidenceKind } from './kind.ts';

const count = z.number().int().min(0);
const positive = z.number().int().min(1);
const proportion = z
  .strictObject({ successes: count, n: positive })
  .refine((value) => value.successes <= value.n, 'more successes than trials')
  .transform(({ successes, n }) => ({ k: successes, n }));
const share = z.number().min(0).max(1);
const rate = z.number().gt(0).lt(1);
const finite = z.array(z.number()).min(1);
const text = z.string().min(1).max(200);

const trials = z
  .strictObject({
    n: positive,
    successes: count,
    clusters: proportion.optional(),
    notEvaluated: count.default(0),
    errors: count.default(0),
    /** Of the clusters, how many hold an attempt without a verdict and no success. */
    clustersMissing: count.optional(),
    detectorAccuracy: z
      .strictObject({
        sensitivity: z.union([share, proportion]),
        specificity: z.union([share, proportion]),
        per: z.enum(['trial', 'cluster']).default('trial'),
      })
      .refine(
        ({ sensitivity, specificity }) => asNumber(sensitivity) + asNumber(specificity) > 1,
        'a detector whose sensitivity and specificity sum to 1 or less is no better than chance',
      )
      .optional(),
  })
  .refine((value) => value.successes <= value.n, 'more successes than trials')
  .refine(({ clusters, n }) => !clusters || clusters.n <= n, 'more clusters than trials')
  .refine(({ clusters, successes }) => !clusters || clusters.k <= successes, 'more clusters succeed than trials do')
  .refine(
    ({ clusters, successes }) => !clusters || successes === 0 || clusters.k > 0,
    'trials succeed, and no cluster that holds them does',
  )
  .refine(
    ({ clusters, clustersMissing }) => clustersMissing === undefined || clusters !== undefined,
    'clustersMissing goes with clusters',
  );

function asNumber(accuracy: number | { k: number; n: number }): number {
  return typeof accuracy === 'number' ? accuracy : accuracy.k / accuracy.n;
}

const paired = z
  .strictObject({ both: count, attackOnly: count, baselineOnly: count, neither: count })
  .refine((value) => value.both + value.attackOnly + value.baselineOnly + value.neither > 0, 'no targets');
const advantage = z
  .strictObject({
    attack: proportion,
    baseline: proportion,
    paired: paired.optional(),
    baselineMethod: z.string().max(300),
    sameTargets: z.boolean().default(true),
  })
  .refine(({ paired: p, sameTargets }) => !p || sameTargets, 'paired outcomes are of the same targets by definition')
  .refine(
    ({ attack, paired: p }) =>
      !p || (p.both + p.attackOnly === attack.k && p.both + p.attackOnly + p.baselineOnly + p.neither === attack.n),
    'the paired counts are not those of the attack',
  )
  .refine(
    ({ attack, baseline, sameTargets }) => !sameTargets || baseline.n <= attack.n,
    'the baseline has more targets than the attack',
  )
  .refine(
    ({ baseline, paired: p }) => !p || p.both + p.baselineOnly === baseline.k,
    'the paired counts are not those of the baseline',
  );

const pair = z.strictObject({ members: finite, nonMembers: finite });
const scores = z
  .strictObject({
    members: finite,
    nonMembers: finite,
    calibration: pair.optional(),
    baseline: pair.optional(),
    groups: z
      .array(z.strictObject({ group: text, members: z.array(z.number()), nonMembers: z.array(z.number()) }))
      .max(50)
      .optional(),
    duplicates: z.enum(['removed', 'present']).optional(),
  })
  .refine(
    (value) =>
      !value.baseline ||
      (value.baseline.members.length === value.members.length &&
        value.baseline.nonMembers.length === value.nonMembers.length),
    'a baseline score is missing for some records',
  );

const operatingPoint = z
  .strictObject({
    falsePositiveLimit: rate,
    truePositives: count,
    falsePositives: count,
    members: positive,
    nonMembers: positive,
    threshold: z.enum(['calibration', 'same-records']).optional(),
  })
  .refine(
    (value) => value.truePositives <= value.members && value.falsePositives <= value.nonMembers,
    'more positives than records',
  );

const oneRun = z
  .strictObject({ canaries: positive, guesses: count, correct: count, fixedBeforehand: z.boolean().optional() })
  .refine(
    (value) => value.correct <= value.guesses && value.guesses <= value.canaries,
    'needs correct <= guesses <= canaries',
  );

const canary = z
  .strictObject({
    id: text,
    rank: positive.optional(),
    sampled: z
      .strictObject({ drawn: positive, above: count })
      .refine((value) => value.above <= value.drawn, 'more above than drawn')
      .optional(),
    extrapolated: z.number().min(0).max(1000).optional(),
  })
  .refine(
    (value) => ['rank', 'sampled', 'extrapolated'].filter((key) => key in value).length === 1,
    'give exactly one of rank, sampled, extrapolated',
  );
const canaries = z
  .strictObject({ candidates: z.number().int().min(2), ranks: z.array(canary).min(1).max(100_000) })
  .refine(
    ({ candidates, ranks }) =>
      ranks.every(({ rank, sampled }) => (rank ?? 1) <= candidates && (sampled?.drawn ?? 0) < candidates),
    'a rank or a draw is larger than the space of candidates',
  );

interface Metric {
  closer: Similarity['closer'];
  /** What the metric can be. */
  range: readonly [least: number, largest: number];
}

/** Which way each metric points and how far it goes; any other says its direction itself. */
const METRICS: ReadonlyMap<string, Metric> = new Map([
  ['exact', { closer: 'higher', range: [0, 1] }],
  ['edit-similarity', { closer: 'higher', range: [0, 1] }],
  ['edit-distance', { closer: 'lower', range: [0, Infinity] }],
  ['bleu', { closer: 'higher', range: [0, 1] }],
  ['rouge', { closer: 'higher', range: [0, 1] }],
  ['cosine', { closer: 'higher', range: [-1, 1] }],
  ['ssim', { closer: 'higher', range: [-1, 1] }],
  ['psnr', { closer: 'higher', range: [0, Infinity] }],
  ['lpips', { closer: 'lower', range: [0, Infinity] }],
  ['mse', { closer: 'lower', range: [0, Infinity] }],
]);

function inRange(metric: string, value: number): boolean {
  const [least, largest] = METRICS.get(metric)?.range ?? [-Infinity, Infinity];
  return value >= least && value <= largest;
}

const similarity = z
  .strictObject({
    metric: z.string().min(1).max(60),
    cutOff: z.number(),
    closer: z.enum(['higher', 'lower']).optional(),
  })
  .refine(
    ({ metric, closer }) => closer !== undefined || METRICS.has(metric),
    `say closer: higher or lower; it is known only for ${[...METRICS.keys()].join(', ')}`,
  )
  .refine(
    ({ metric, closer }) => closer === undefined || (METRICS.get(metric)?.closer ?? closer) === closer,
    'this metric points the other way',
  )
  .refine(({ metric, cutOff }) => inRange(metric, cutOff), 'the cut-off lies outside what the metric can be')
  .refine(
    ({ metric, cutOff }) =>
      METRICS.get(metric)?.closer !== 'higher' || cutOff > (METRICS.get(metric)?.range[0] ?? -Infinity),
    'every target reaches this cut-off',
  )
  .transform(
    ({ metric, cutOff, closer }): Similarity => ({
      metric,
      cutOff,
      closer: closer ?? METRICS.get(metric)?.closer ?? 'higher',
    }),
  );
const reconstruction = z
  .strictObject({
    similarity,
    recovered: proportion.optional(),
    values: z.array(z.number()).min(1).max(1_000_000).optional(),
  })
  .refine(
    (value) => 'recovered' in value !== 'values' in value,
    'give recovered (counts) or values (the similarity of each target), not both',
  )
  .refine(
    ({ similarity: { metric }, values }) => values?.every((value) => inRange(metric, value)) ?? true,
    'a value lies outside what the metric can be',
  );

const discoverable = { n: positive.max(1e9), p: rate };
const extraction = z.union([
  z.strictObject({ ...discoverable, chances: z.array(share).min(1).max(1_000_000) }),
  z
    .strictObject({
      ...discoverable,
      samples: positive.max(1_000_000),
      successes: z.array(count).min(1).max(1_000_000),
    })
    .refine((value) => value.successes.every((k) => k <= value.samples), 'a target has more successes than samples'),
]);

const disclosure = z
  .strictObject({
    items: positive,
    curve: z
      .array(z.strictObject({ queries: positive, recovered: count }))
      .min(1)
      .max(100_000),
    budget: z
      .strictObject({
        queries: positive,
        refusedAt: positive.optional(),
        /** How many queries the test then saw refused. */
        refused: positive.optional(),
      })
      .refine(
        ({ refusedAt, refused }) => refused === undefined || refusedAt !== undefined,
        'refused goes with refusedAt',
      )
      .optional(),
  })
  .refine(
    ({ curve, budget }) => budget?.refusedAt === undefined || (curve.at(-1)?.queries ?? 0) < budget.refusedAt,
    'queries were answered after the one that is said to be refused',
  )
  .refine(
    ({ items, curve }) => curve.every(({ recovered }) => recovered <= items),
    'more recovered than there are items',
  )
  .refine(
    ({ curve }) => curve.every(({ queries }, i) => i === 0 || queries > (curve[i - 1]?.queries ?? 0)),
    'queries must rise from point to point',
  )
  .refine(
    ({ curve }) => curve.every(({ recovered }, i) => recovered >= (curve[i - 1]?.recovered ?? 0)),
    'distinct items recovered cannot fall',
  );

/** What can be stated without counts, by subject. A measure that the subject does not have is refused. */
const STATABLE = [
  'roc.auc',
  'roc.tpr',
  'roc.advantage',
  'rate',
  'advantage',
  'reconstruction',
  'extraction',
  'disclosure',
  'exposure',
] as const;
const STATED_OF: Record<Subject, readonly (typeof STATABLE)[number][]> = {
  membership: ['roc.auc', 'roc.tpr', 'roc.advantage', 'rate', 'advantage', 'exposure'],
  attribute: ['rate', 'advantage'],
  content: ['rate', 'advantage', 'reconstruction', 'extraction', 'disclosure'],
};

const stated = z
  .strictObject({
    measure: z.enum(STATABLE),
    value: z.number().min(-1).max(1000),
    falsePositiveLimit: rate.optional(),
  })
  .refine(
    ({ measure, value }) => measure === 'exposure' || value <= 1,
    'only an exposure, in bits, can be larger than 1',
  );

/** What a result may state, exactly one of each. A new one does not compile until {@link BODIES} says what it is. */
const SHAPES = z.strictObject({
  trials,
  advantage,
  scores,
  operatingPoint,
  oneRun,
  canaries,
  reconstruction,
  extraction,
  disclosure,
  stated,
});
type Shapes = z.infer<typeof SHAPES>;
type Shape = keyof Shapes;
const SHAPE_NAMES = Object.keys(SHAPES.shape) as Shape[];

/** The subjects a shape can be about; `any` for those that can be about each. */
const SUBJECT_OF = {
  trials: 'any',
  advantage: 'any',
  stated: 'any',
  scores: 'membership',
  operatingPoint: 'membership',
  oneRun: 'membership',
  canaries: 'membership',
  reconstruction: 'content',
  extraction: 'content',
  disclosure: 'content',
} as const satisfies Record<Shape, Subject | 'any'>;
const SUBJECT_WORDS: Record<Subject, string> = {
  membership: 'membership inference',
  attribute: 'attribute inference',
  content: 'inversion of content',
};

/** Techniques whose success is a matter of degree, which only the reconstruction shape states. */
const BY_SIMILARITY: ReadonlySet<string> = new Set(['reconstruction', 'embedding-inversion', 'gradient-inversion']);

function shapesIn(value: Partial<Shapes>): Shape[] {
  return SHAPE_NAMES.filter((shape) => Object.hasOwn(value, shape) && value[shape] !== undefined);
}

const result = z
  .strictObject({
    attackClass,
    technique: identifier,
    surface,
    probe: text,
    detector: z.string().min(1).max(200).optional(),
    /** What was tested, as the tool names it. */
    target: z.string().min(1).max(300).optional(),
    /** Put there by the testers, so that it can be found. */
    planted: z.boolean().optional(),
    assignment: assignmentSchema.optional(),
    positiveControl: positiveControlSchema.optional(),
    collected: isoDate.optional(),
    ...SHAPES.partial().shape,
  })
  .check(({ value, issues }) => {
    const wrong = (message: string): void => {
      issues.push({ code: 'custom', message, input: value, path: [] });
    };
    const [shape, ...more] = shapesIn(value);
    if (!shape || more.length > 0) return wrong(`give exactly one of ${SHAPE_NAMES.join(', ')}`);
    const { subject } = aimOf(value.attackClass, value.technique);
    const only = SUBJECT_OF[shape];
    if (only !== 'any' && only !== subject)
      wrong(`${shape} belongs to ${SUBJECT_WORDS[only]} only, and this is ${SUBJECT_WORDS[subject]}`);
    if (value.stated && !STATED_OF[subject].includes(value.stated.measure))
      wrong(`${value.stated.measure} is no measure of ${SUBJECT_WORDS[subject]}`);
    if (value.trials && BY_SIMILARITY.has(value.technique))
      wrong(`${value.technique} needs its similarity and cut-off: use the shape reconstruction`);
  });

const probeResultSchema = z.strictObject({
  apiVersion,
  kind: z.literal('ProbeResult'),
  tool: z.strictObject({ name: z.string().min(1).max(100), version: z.string().max(60).optional() }),
  collected: isoDate,
  /** What was tested, where no result says otherwise. */
  target: z.string().min(1).max(300).optional(),
  description: z.string().max(2000).optional(),
  results: z.array(result).min(1).max(100_000),
});
type Result = z.infer<typeof result>;

/** What every shape of result says of itself. */
type Identity = Pick<
  TestResultBody,
  'technique' | 'surface' | 'probe' | 'detector' | 'target' | 'planted' | 'assignment' | 'positiveControl'
>;

/** The earlier of two dates; of one day, the one that says less, since a time might be too late. */
function older(one: string | undefined, other: string): string {
  if (one === undefined) return other;
  const [a, b] = [one.slice(0, 10), other.slice(0, 10)];
  if (a !== b) return a < b ? one : other;
  return one.length <= other.length && (one.length <= 10 || one < other) ? one : other;
}

/** What a shape can be about. */
type AimFor = { any: Aim } & { [S in Subject]: Extract<Aim, { subject: S }> };
type AimOf<S extends Shape> = AimFor[(typeof SUBJECT_OF)[S]];

/** What is observed of each shape. */
const BODIES: { [S in Shape]: (stated: Shapes[S], said: Identity & AimOf<S>) => TestResultBody } = {
  trials: ({ n, successes, detectorAccuracy, ...rest }, said) => ({
    kind: 'trials',
    ...said,
    trials: { k: successes, n },
    ...rest,
    ...(detectorAccuracy ? { accuracy: detectorAccuracy } : {}),
  }),
  advantage: (found, said) => ({ kind: 'advantage', ...said, ...found }),
  stated: (found, said) => ({ kind: 'stated', ...said, ...found }),
  operatingPoint: (found, said) => ({ kind: 'operating-point', ...said, ...found }),
  oneRun: (found, said) => ({ kind: 'one-run', ...said, ...found }),
  canaries: ({ candidates, ranks }, said) => ({ kind: 'canaries', ...said, candidates, canaries: ranks }),
  scores: ({ calibration, baseline, groups, duplicates, ...own }, said) => ({
    kind: 'scores',
    ...said,
    ...typed(own),
    ...(calibration ? { calibration: typed(calibration) } : {}),
    ...(baseline ? { baseline: typed(baseline) } : {}),
    ...(groups ? { groups: groups.map((one) => ({ group: one.group, ...typed(one) })) } : {}),
    ...(duplicates ? { duplicatesDeclared: duplicates } : {}),
  }),
  disclosure: (found, said) => ({ kind: 'disclosure', ...said, ...found }),
  extraction: ({ n, p, ...rest }, said) => ({
    kind: 'extraction',
    ...said,
    wanted: { n, p },
    outcome:
      'chances' in rest
        ? { chances: Float64Array.from(rest.chances) }
        : { successes: Float64Array.from(rest.successes), samples: rest.samples },
  }),
  reconstruction: ({ similarity: how, recovered, values }, said) => {
    const close = (value: number): boolean => (how.closer === 'higher' ? value >= how.cutOff : value <= how.cutOff);
    return {
      kind: 'reconstruction',
      ...said,
      recovered: recovered ?? { k: (values ?? []).filter(close).length, n: values?.length ?? 0 },
      similarity: how,
    };
  },
};

function typed({ members, nonMembers }: { members: number[]; nonMembers: number[] }): ScorePair {
  return { members: Float64Array.from(members), nonMembers: Float64Array.from(nonMembers) };
}

/** The one thing that a result states; its schema has seen to it that there is one, and that it is of its subject. */
function body(found: Result): TestResultBody {
  const [shape] = shapesIn(found);
  if (!shape) throw new Error('a result of no shape passed its schema');
  return bodyOf(shape, found, {
    technique: found.technique,
    surface: found.surface,
    probe: found.probe,
    ...(found.detector ? { detector: found.detector } : {}),
    ...(found.target ? { target: found.target } : {}),
    ...(found.planted ? { planted: true } : {}),
    ...(found.assignment ? { assignment: found.assignment } : {}),
    ...(found.positiveControl ? { positiveControl: found.positiveControl } : {}),
  });
}

function bodyOf<S extends Shape>(shape: S, found: Result, identity: Identity): TestResultBody {
  const aim = aimOf(found.attackClass, found.technique) as AimOf<S>;
  return BODIES[shape](found[shape] as Shapes[S], { ...identity, ...aim });
}

export const probeResult = evidenceKind({
  kind: 'ProbeResult',
  schema: probeResultSchema,
  observe(document, _context, reading) {
    reading.tool = { name: document.tool.name, ...(document.tool.version ? { version: document.tool.version } : {}) };
    reading.collected = document.collected;
    document.results.forEach((found, index) => {
      const located: Located<TestResultBody> = {
        ...body(found),
        // The older of two dates counts: what a file was made of is no younger than the file says.
        collected: older(found.collected, document.collected),
        ...(document.target && found.target === undefined ? { target: document.target } : {}),
        ...(reading.tool ? { tool: reading.tool } : {}),
        at: `/results/${index}`,
      };
      reading.observations.push(located);
    });
  },
});
