import type { MeasureCriterion, Profile, Technique } from '../catalog/schemas.ts';
import { recordsToPass } from '../statistics/lowRate.ts';
import { recordsForArea, targetsToPass, trialsToPass } from '../statistics/passing.ts';

/** What a test has to hold so that a system at half its limit passes it in 80% of cases. */
export interface PlannedSample {
  members?: number;
  nonMembers?: number;
  trials?: number;
  /** Records planted among so many candidates. */
  candidates?: number;
  /** Queries that the test has to spend, or run into a refusal. */
  queries?: number;
  /** Of what system the power is said. */
  passes: 'half the limit in 80% of cases' | 'a system that gives nothing away';
}

type Parameters = Profile['parameters'];

function numberOf(value: number | { param: string } | undefined, parameters: Parameters): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  const found = parameters[value.param];
  return typeof found === 'number' ? found : 0;
}

/** The sample that one criterion takes. */
export function sampleFor(criterion: MeasureCriterion, technique: Technique, parameters: Parameters): PlannedSample {
  const limit = numberOf(criterion.max, parameters);
  const oneSided = criterion.bound === 'upper95-one-sided';
  const { minMembers, minNonMembers, minTrials } = criterion.sample;
  const least = (asked: number | { param: string } | undefined): number =>
    Math.max(technique.least, numberOf(asked, parameters));
  const half = 'half the limit in 80% of cases' as const;
  const records = (needed: number): PlannedSample => ({
    members: Math.max(needed, least(minMembers)),
    nonMembers: Math.max(needed, least(minNonMembers)),
    passes: half,
  });
  const measures = [criterion.measure].flat();
  if (measures.includes('roc.tpr') && criterion.at)
    return records(recordsToPass(criterion.at.fpr, limit, true) ?? Infinity);
  if (measures.includes('roc.auc')) return records(recordsForArea(limit));
  if (measures.includes('exposure'))
    return { trials: least(minTrials), candidates: Math.ceil(CANDIDATES * 2 ** limit), passes: half };
  // A canary beyond the limit of exposure fails by itself, so its share is planned for none: with more canaries than that needs,
  // chance alone puts one beyond the limit (410 canaries at 10 bits: in a third of cases).
  const noSuccess = criterion.maxSuccesses === 0 || measures.includes('canary.share');
  const needed =
    measures.includes('advantage') && !measures.includes('rate')
      ? targetsToPass(limit)
      : trialsToPass(limit, { oneSided, noSuccess });
  const queries = measures.includes('disclosure') ? numberOf({ param: 'inv-query-budget' }, parameters) : 0;
  return {
    trials: Math.max(needed, least(minTrials)),
    ...(queries > 0 ? { queries } : {}),
    passes: noSuccess ? 'a system that gives nothing away' : half,
  };
}

/** Canaries are ranked among at least so many times what the limit needs; see assess/bar.ts. */
const CANDIDATES = 16;

/** What holds enough for both. */
export function largerOf(a: PlannedSample, b: PlannedSample): PlannedSample {
  const most = (key: 'members' | 'nonMembers' | 'trials' | 'candidates' | 'queries') => {
    const value = Math.max(a[key] ?? 0, b[key] ?? 0);
    return value > 0 ? { [key]: value } : {};
  };
  return {
    ...most('members'),
    ...most('nonMembers'),
    ...most('trials'),
    ...most('candidates'),
    ...most('queries'),
    passes: a.passes === b.passes ? a.passes : 'half the limit in 80% of cases',
  };
}

/** How many times the target is asked. */
export function callsOf({ members = 0, nonMembers = 0, trials = 0, queries = 0 }: PlannedSample): number {
  return members + nonMembers + Math.max(trials, queries);
}
