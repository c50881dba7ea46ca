import { z } from 'zod';
import { apiVersion, attackClass, identifier, isoDate, surface } from '../../../schema.ts';
import type { Located, StatedBody, TestResultBody } from '../../observation.ts';
import { evidenceKind } from './kind.ts';

const count = z.number().int().min(0);
const proportion = z
  .strictObject({ successes: count, n: z.number().int().min(1) })
  .refine((value) => value.successes <= value.n, 'more successes than trials')
  .transform(({ successes, n }) => ({ k: successes, n }));
const rate = z.number().gt(0).lt(1);
const finite = z.array(z.number()).min(1);

const trials = z
  .strictObject({ n: z.number().int().min(1), successes: count, clusters: proportion.optional(), notEvaluated: count.default(0), errors: count.default(0) })
  .refine((value) => value.successes <= value.n, 'more successes than trials');
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
    ({ attack, paired: p }) => !p || (p.both + p.attackOnly === attack.k && p.both + p.attackOnly + p.baselineOnly + p.neither === attack.n),
    'the paired counts are not those of the attack',
  )
  .refine(({ baseline, paired: p }) => !p || p.both + p.baselineOnly === baseline.k, 'the paired counts are not those of the baseline');
const scores = z
  .strictObject({
    members: finite,
    nonMembers: finite,
    baseline: z.strictObject({ members: finite, nonMembers: finite }).optional(),
    duplicates: z.enum(['removed', 'present']).optional(),
  })
  .refine(
    (value) => !value.baseline || (value.baseline.members.length === value.members.length && value.baseline.nonMembers.length === value.nonMembers.length),
    'a baseline score is missing for some records',
  );
const operatingPoint = z
  .strictObject({
    falsePositiveLimit: rate,
    truePositives: count,
    falsePositives: count,
    members: z.number().int().min(1),
    nonMembers: z.number().int().min(1),
  })
  .refine((value) => value.truePositives <= value.members && value.falsePositives <= value.nonMembers, 'more positives than records');
const stated = z.strictObject({
  measure: z.enum(['roc.auc', 'roc.tpr', 'rate', 'advantage']),
  value: z.number().min(-1).max(1),
  falsePositiveLimit: rate.optional(),
});

const result = z
  .strictObject({
    attackClass,
    technique: identifier,
    surface,
    probe: z.string().min(1).max(200),
    detector: z.string().max(200).optional(),
    collected: isoDate.optional(),
    trials: trials.optional(),
    advantage: advantage.optional(),
    scores: scores.optional(),
    operatingPoint: operatingPoint.optional(),
    stated: stated.optional(),
  })
  .refine(
    (value) => ['trials', 'advantage', 'scores', 'operatingPoint', 'stated'].filter((shape) => shape in value).length === 1,
    'give exactly one of trials, advantage, scores, operatingPoint, stated',
  )
  .refine(
    (value) => value.attackClass === 'membership-inference' || (!value.scores && !value.operatingPoint),
    'scores and operating points belong to membership inference only',
  );

const probeResultSchema = z.strictObject({
  apiVersion,
  kind: z.literal('ProbeResult'),
  tool: z.strictObject({ name: z.string().min(1).max(100), version: z.string().max(60).optional() }),
  collected: isoDate,
  description: z.string().max(2000).optional(),
  results: z.array(result).min(1).max(100_000),
});
type Result = z.infer<typeof result>;

function body(found: Result): TestResultBody | undefined {
  const base = { technique: found.technique, surface: found.surface, probe: found.probe, ...(found.detector ? { detector: found.detector } : {}) };
  if (found.trials) {
    const { n, successes, ...rest } = found.trials;
    return { kind: 'trials', attackClass: found.attackClass, ...base, trials: { k: successes, n }, ...rest };
  }
  if (found.advantage) return { kind: 'advantage', attackClass: found.attackClass, ...base, ...found.advantage };
  if (found.stated) {
    const stated: StatedBody = { kind: 'stated', attackClass: found.attackClass, ...base, ...found.stated };
    return stated;
  }
  if (found.operatingPoint) return { kind: 'operating-point', attackClass: 'membership-inference', ...base, ...found.operatingPoint };
  if (!found.scores) return undefined;
  const { members, nonMembers, baseline, duplicates } = found.scores;
  return {
    kind: 'scores',
    attackClass: 'membership-inference',
    ...base,
    members: Float64Array.from(members),
    nonMembers: Float64Array.from(nonMembers),
    ...(baseline ? { baseline: { members: Float64Array.from(baseline.members), nonMembers: Float64Array.from(baseline.nonMembers) } } : {}),
    ...(duplicates ? { duplicatesDeclared: duplicates } : {}),
  };
}

export const probeResult = evidenceKind({
  kind: 'ProbeResult',
  schema: probeResultSchema,
  observe(document, _context, reading) {
    reading.tool = { name: document.tool.name, ...(document.tool.version ? { version: document.tool.version } : {}) };
    reading.collected = document.collected;
    document.results.forEach((found, index) => {
      const observed = body(found);
      if (!observed) return;
      const located: Located<TestResultBody> = {
        ...observed,
        collected: found.collected ?? document.collected,
        ...(reading.tool ? { tool: reading.tool } : {}),
        at: `/results/${index}`,
      };
      reading.observations.push(located);
    });
  },
});
