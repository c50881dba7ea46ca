import type { AlternativesCriterion, MeasureCriterion } from '../catalog/schemas.ts';
import { countsInWords } from '../measure/counts.ts';
import { figure } from '../measure/figures.ts';
import type { Measurement } from '../measure/measurement.ts';
import {
  ATTRIBUTE_TECHNIQUE,
  type AttackClass,
  SURFACE_TITLES,
  type Subject,
  type Surface,
  surfacesInWords,
} from '../terms.ts';
import { grouped } from '../wording.ts';
import { barOf } from './bar.ts';
import { daysOf, type EvaluationContext, numberOf, type Question } from './context.ts';
import { powerOf } from './controls.ts';
import { type Staleness, staleness, unchangedUnknown } from './freshness.ts';
import type { Open } from './ground.ts';
import {
  aside,
  compareOutcomes,
  inOrder,
  type Judgement,
  type Need,
  notApplicable,
  notAssessed,
  notSatisfied,
  type Outcome,
  satisfied,
  worstOf,
} from './outcome.ts';
import { demands, needed } from './power.ts';
import { strengthOf } from './warrant.ts';

/** What a criterion is about. Attribute inference is never judged together with recovered content. */
export function subjectOf(criterion: Pick<MeasureCriterion, 'techniques'>, attackClass: AttackClass): Subject {
  if (attackClass === 'membership-inference') return 'membership';
  return criterion.techniques?.every((technique) => technique === ATTRIBUTE_TECHNIQUE) ? 'attribute' : 'content';
}

/** An outcome with what judging found out about each measurement. */
export interface BoundOutcome {
  outcome: Outcome;
  judgements: Judgement[];
}

/**
 * Decides a criterion that compares an interval bound with a limit, on every surface the control is about. What leaks on
 * one surface, by one probe or in one run fails it; a pass needs a test with a complete warrant on every surface, and
 * nothing beside it that speaks against it.
 */
export function evaluateBound(
  criterion: MeasureCriterion,
  question: Question,
  context: EvaluationContext,
): BoundOutcome {
  const nothing = (outcome: Outcome): BoundOutcome => ({ outcome, judgements: [] });
  const threshold = numberOf(criterion.max, context);
  const measures: readonly string[] = Array.isArray(criterion.measure) ? criterion.measure : [criterion.measure];
  const subject = subjectOf(criterion, question.attackClass);
  const relevant = context.measurements.filter(
    (m) =>
      m.subject === subject &&
      measures.includes(m.measure) &&
      (criterion.at === undefined || m.falsePositiveLimit === criterion.at.fpr) &&
      (criterion.techniques === undefined ||
        criterion.techniques.includes(m.technique) ||
        (m.technique === 'undeclared' && speaksOfLeakage(m, threshold))),
  );
  if (question.surfaces.length === 0) return nothing(undeclaredSurfaces(relevant, question, context));
  // A surface on which none of the criterion's techniques can be used needs no such test.
  const surfaces = question.surfaces.filter((surface) => applies(criterion, question, context, surface));
  if (surfaces.length === 0)
    return nothing(notApplicable("none of this criterion's techniques applies to the surfaces the system has"));
  const judgements: Judgement[] = [];
  const perSurface = surfaces.map((surface) => {
    // Leakage of nobody knows which surface or technique may be leakage here.
    const here = relevant.filter(
      (m) => m.surface === surface || (m.surface === 'undeclared' && speaksOfLeakage(m, threshold)),
    );
    if (here.length === 0) return missing(criterion, question, context, surface, relevant.length > 0, threshold);
    const judged = here.map((m) => judge(criterion, m, threshold, context));
    judgements.push(...judged.map((one) => one.judgement));
    return together(judged);
  });
  const outcome = worstOf(perSurface);
  const considered = judgements.map(({ measurement }) => measurement);
  return { outcome: { ...outcome, considered }, judgements };
}

/** Decides a criterion that several kinds of evidence can show: of those that are there, the worst. */
export function evaluateAlternatives(
  criterion: AlternativesCriterion,
  question: Question,
  context: EvaluationContext,
): BoundOutcome {
  const decided = criterion.anyOf.map((alternative) => evaluateBound(alternative, question, context));
  const shown = decided.filter(({ outcome: { reason } }) => reason !== 'no-evidence' && reason !== 'untested-surface');
  const counted = shown.length > 0 ? shown : decided;
  const outcome = worstOf(counted.map((one) => one.outcome));
  const left = decided
    .filter((one) => !counted.includes(one))
    .map((one) => aside({ ...one.outcome, detail: `Another way to show it was not tried: ${one.outcome.detail}` }));
  const others = [...(outcome.others ?? []), ...left];
  return {
    outcome: {
      ...outcome,
      considered: decided.flatMap((one) => one.outcome.considered ?? []),
      ...(others.length > 0 ? { others } : {}),
    },
    judgements: decided.flatMap((one) => one.judgements),
  };
}

/** The system has none of the surfaces; tests of them in the evidence say that it has. */
function undeclaredSurfaces(relevant: readonly Measurement[], question: Question, context: EvaluationContext): Outcome {
  const { appliesTo } = question.control;
  const elsewhere = relevant.filter(
    (m) =>
      m.surface !== 'undeclared' && appliesTo?.surfaces?.includes(m.surface) && !context.surfaces.includes(m.surface),
  );
  if (elsewhere.length === 0) return notApplicable('the system has none of the surfaces this control is about');
  const surfaces = surfacesInWords([...new Set(elsewhere.map((m) => m.surface))].sort());
  return notAssessed('contradictory', {
    detail: `Tests of ${surfaces} lie in the evidence, and probity.yaml declares no such surface. Declare it, or take the tests out.`,
    evidence: elsewhere.flatMap((m) => m.source).slice(0, 50),
  });
}

/** Whether a test shows more than a limit by itself, whatever may be doubted about it. */
function speaksOfLeakage(m: Measurement, threshold: number): boolean {
  const { lower, estimate } = decidingOf(m, false);
  return (lower ?? estimate) > threshold;
}

function applies(
  criterion: MeasureCriterion,
  question: Question,
  context: EvaluationContext,
  surface: Surface,
): boolean {
  return context.techniques.some(
    (technique) =>
      technique.attackClass === question.attackClass &&
      technique.surfaces.some((name) => name === surface) &&
      (criterion.techniques === undefined || criterion.techniques.includes(technique.id)),
  );
}

function missing(
  criterion: MeasureCriterion,
  question: Question,
  context: EvaluationContext,
  surface: Surface,
  elsewhere: boolean,
  threshold: number,
): Outcome {
  const same = context.measurements.filter(
    (m) =>
      m.attackClass === question.attackClass &&
      m.surface === surface &&
      (criterion.techniques?.includes(m.technique) ?? false),
  );
  if (same.length > 0 && criterion.measure === 'advantage')
    return notAssessed('no-evidence', {
      threshold,
      detail: `${SURFACE_TITLES[surface]}: tested (${same.map((m) => m.probe).join(', ')}), but without a baseline, so nothing says what the model adds to what correlation alone gives.`,
      evidence: same.flatMap((m) => m.source),
    });
  return elsewhere || context.measurements.some((m) => m.attackClass === question.attackClass)
    ? notAssessed('untested-surface', {
        threshold,
        detail: `${SURFACE_TITLES[surface]}: no test of this kind on this surface.`,
      })
    : notAssessed('no-evidence', { threshold, detail: `No test of this class was found in the evidence.` });
}

/**
 * What one measurement does to a criterion on its surface: it fails it, it passes it, it stands in the way of a pass
 * because it speaks of leakage without settling it, or it does neither.
 */
type Weight = 'fails' | 'passes' | 'blocks' | 'neither';

interface Judged {
  measurement: Measurement;
  outcome: Outcome;
  weight: Weight;
  judgement: Judgement;
}

/**
 * All tests of one surface together. Runs of one test stand for it as a whole: where they are put together, the parts
 * that are merely too small for a decision of their own take nothing away, and a part passes nothing that the whole
 * does not.
 */
function together(judged: readonly Judged[]): Outcome {
  const wholes = new Map(
    judged.flatMap((one) => (one.measurement.pooled ?? []).map((part): [string, Judged] => [part, one])),
  );
  const weighed = judged.map((one): Judged => {
    const { measurement: m, outcome, weight } = one;
    // A group of records can only make things worse: too small to judge, it leaves the whole test as it is.
    if (m.group !== undefined && weight !== 'fails') return { ...one, weight: 'neither' };
    const whole = wholes.get(m.id);
    if (!whole) return one;
    const onlyTooSmall = outcome.reasons?.every((reason) => reason === 'insufficient-sample') ?? false;
    if (weight === 'blocks' && onlyTooSmall && whole.weight === 'passes') return { ...one, weight: 'neither' };
    const sameProbe = whole.measurement.probe === m.probe;
    return weight === 'passes' && sameProbe && whole.weight !== 'passes' ? { ...one, weight: 'neither' } : one;
  });
  const rank: Record<Weight, number> = { fails: 0, blocks: 1, passes: 2, neither: 3 };
  const ranked = weighed.toSorted((a, b) => rank[a.weight] - rank[b.weight] || compareOutcomes(a.outcome, b.outcome));
  const first = ranked[0] as Judged;
  const deciding = decide(first, ranked);
  const others = ranked
    .filter(({ outcome }) => outcome.detail !== deciding.detail)
    .map(({ outcome }) => aside(outcome));
  return { ...deciding, ...(others.length > 0 ? { others } : {}) };
}

function decide(first: Judged, ranked: readonly Judged[]): Outcome {
  if (first.weight === 'passes' || first.weight === 'fails') return first.outcome;
  const alike = ranked.filter(({ weight, outcome }) => weight === first.weight && outcome.state === 'not-assessed');
  const best = alike.toSorted(
    (a, b) =>
      (a.outcome.reasons?.length ?? 0) - (b.outcome.reasons?.length ?? 0) || compareOutcomes(a.outcome, b.outcome),
  )[0];
  if (!best) return first.outcome;
  // Nothing stands in the way: what the nearest test lacks is what is asked for. Otherwise every doubt is named.
  if (first.weight === 'neither') return best.outcome;
  const reasons = inOrder(alike.flatMap(({ outcome }) => outcome.reasons ?? []));
  return { ...first.outcome, ...(reasons[0] ? { reason: reasons[0], reasons } : {}) };
}

/** The tail of the scores, and the bounds, that a criterion is held against. */
interface Deciding {
  estimate: number;
  /** Bound that proves more than a limit; null when there is none. */
  lower: number | null;
  /** Bound that proves a limit kept, with what has no verdict counted against it; null when there is none. */
  upper: number | null;
  /** The same without what has no verdict. */
  decided: number | null;
  turned: boolean;
}

/** The worse of the two directions of scores, and the bound that the criterion asks for. */
function decidingOf(m: Measurement, oneSided: boolean): Deciding {
  const pick = (of: { upper: number | null; upperOneSided?: number | undefined }): number | null =>
    oneSided ? (of.upperOneSided ?? of.upper) : of.upper;
  const straight: Deciding = {
    estimate: m.estimate,
    lower: m.withMissing?.lower ?? m.lower,
    upper: m.withMissing ? pick(m.withMissing) : pick(m),
    decided: pick(m),
    turned: false,
  };
  if (!m.turned) return straight;
  const { turned } = m;
  const worse = turned.estimate > m.estimate;
  return {
    estimate: Math.max(m.estimate, turned.estimate),
    lower: larger(straight.lower, turned.lower),
    upper: larger(straight.upper, pick(turned)),
    decided: larger(straight.decided, pick(turned)),
    turned: worse,
  };
}

function larger(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

/** Successes that were seen, for tests that bring back content; undefined where nothing is counted so. */
function successes({ subject, counts }: Measurement): number | undefined {
  if (subject !== 'content') return undefined;
  return counts.of === 'attempts' || counts.of === 'targets' || counts.of === 'items' ? counts.k : undefined;
}

function judge(criterion: MeasureCriterion, m: Measurement, threshold: number, context: EvaluationContext): Judged {
  const ground = context.grounds.get(m.id);
  const oneSided = criterion.bound === 'upper95-one-sided';
  const deciding = decidingOf(m, oneSided);
  const found = successes(m);
  const tooMany = criterion.maxSuccesses !== undefined && (found ?? 0) > criterion.maxSuccesses;
  const proved = deciding.lower !== null && deciding.lower > threshold;
  const seen = found !== undefined && found >= 1 && deciding.estimate > threshold;
  const stated = deciding.upper === null && deciding.estimate > threshold;
  const leaks = proved || seen || stated || tooMany;

  const power = powerOf(m, ground, threshold, context);
  const bar = barOf(m, threshold, context);
  const changes = context.changes.filter((change) => m.surface !== 'undeclared' && change.surfaces.includes(m.surface));
  const stale = staleness(m.collected, context.asOf, daysOf(criterion.maxAge, context), changes);
  const short = demands(criterion, m, ground, context).filter(({ atLeast, has }) => has < atLeast);
  const within = deciding.upper !== null && deciding.upper <= threshold;
  const withinDecided = deciding.decided !== null && deciding.decided <= threshold;
  const wanted = within && short.length === 0 ? [] : needed(criterion, m, threshold, ground, context);

  const open: Open[] = [...(ground?.open ?? []), ...power.open, ...bar.open];
  if (stale) open.push({ reason: stale.reason, why: stale.why });
  if (context.changesUnknown) open.push({ reason: 'incomplete', why: unchangedUnknown(context.changesUnknown) });
  if (deciding.upper === null)
    open.push({ reason: 'not-recomputable', why: `${unfounded(m)}; such a number cannot satisfy a criterion` });
  else if (!within && withinDecided && m.counts.of === 'attempts')
    open.push({
      reason: 'incomplete',
      why: `${grouped(m.counts.missing)} of ${grouped(m.counts.n + m.counts.missing)} have no verdict; counted as successes they put the bound at ${figure(m.measure, deciding.upper)}`,
    });
  if (within && m.byPart !== undefined && m.byPart > threshold)
    open.push({
      reason: 'contradictory',
      why: `grouped by ${m.subject === 'membership' ? 'person' : 'prompt'} it keeps the limit, and counted singly it does not (${figure(m.measure, m.byPart)}): most successes come from a few of them`,
    });
  const unreached = m.method === 'operating-point' && m.resolvable === false;
  if (unreached)
    open.push({
      reason: 'insufficient-sample',
      why: 'the sample does not show that the threshold wrongly accuses as many as the rate allows, so it does not say how many members are recognised at that rate; set the threshold slightly looser',
    });
  if (short.length > 0 || (deciding.upper !== null && !within && !withinDecided))
    open.push({ reason: 'insufficient-sample', why: neededInWords(wanted.length > 0 ? wanted : short) });

  const judgement: Judgement = {
    measurement: m.id,
    power: { basis: power.basis, ...(power.control ? { control: power.control } : {}) },
    bar: bar.held,
    needs: wanted,
    open: inOrder(open.map(({ reason }) => reason)),
  };
  const fields = {
    observed: deciding.estimate,
    bound: deciding.upper,
    threshold,
    measurement: m.id,
    evidence: m.source,
    ...(wanted.length > 0 ? { needs: wanted } : {}),
  };
  const what = `${SURFACE_TITLES[m.surface]}: ${m.probe}${m.group === undefined ? '' : `, group ${m.group}`} (${titleOf(m.technique, context)})`;
  const numbers = numbersInWords(m, deciding, threshold, oneSided);

  // Even leakage counts against the system only where it is this system's, of today, and leakage at all.
  const credible =
    ground?.target.matched === true &&
    !stale &&
    ground.comparable !== 'refuted' &&
    ground.ownText &&
    m.shows !== 'neither';
  if (leaks && credible)
    return {
      measurement: m,
      judgement,
      weight: 'fails',
      outcome: notSatisfied({
        ...fields,
        detail: `${what}: ${numbers}. ${failureInWords(m, deciding, threshold, { proved, seen, tooMany })}`,
      }),
    };
  if (open.length === 0 && within)
    return {
      measurement: m,
      judgement,
      weight: 'passes',
      outcome: satisfied({
        ...fields,
        basis: strengthOf(m, ground, power.basis),
        detail: `${what}: ${numbers}.`,
      }),
    };
  return {
    measurement: m,
    judgement,
    weight: weightOf(
      m,
      { leaks, found, deciding, threshold },
      judgement,
      ground?.comparable === 'refuted' || ground?.ownText === false,
      stale,
    ),
    outcome: notAssessed(judgement.open, {
      ...fields,
      detail: `${what}: ${[...new Set(open.map(({ why }) => why))].join('; ')}. It gave ${numbers}.`,
    }),
  };
}

/** Whether a test that settles nothing stands in the way of a pass by others. */
function weightOf(
  m: Measurement,
  {
    leaks,
    found,
    deciding,
    threshold,
  }: { leaks: boolean; found: number | undefined; deciding: Deciding; threshold: number },
  { open }: Judgement,
  besides: boolean,
  stale: Staleness | undefined,
): Weight {
  // A comparison that is refuted, or a text that everybody knows, says nothing of the system, whatever the number.
  if (m.shows === 'neither' || besides) return 'neither';
  // What leaked before the system was changed says nothing of what it is now.
  if (stale?.of === 'change') return 'neither';
  if (leaks || open.includes('contradictory') || open.includes('incomplete')) return 'blocks';
  if (m.shows === 'failure-only') return (found ?? 0) > 0 ? 'blocks' : 'neither';
  const undecided = deciding.upper !== null && deciding.upper > threshold;
  return undecided && ((found ?? 0) > 0 || deciding.estimate > threshold) ? 'blocks' : 'neither';
}

function numbersInWords(m: Measurement, deciding: Deciding, threshold: number, oneSided: boolean): string {
  const bound =
    m.method === 'exact-rank'
      ? 'known exactly'
      : `${oneSided ? 'one-sided ' : ''}upper 95% bound ${figure(m.measure, deciding.upper)}`;
  const origin = m.thresholdFrom === 'same-records' ? '; its threshold was chosen on the records it is scored on' : '';
  const turned = deciding.turned ? '; read the other way round, low scores for members, which is worse' : '';
  return `${figure(m.measure, deciding.estimate)}, ${bound}, limit ${figure(m.measure, threshold)} (${countsInWords(m.counts)}${origin}${turned})`;
}

function failureInWords(
  m: Measurement,
  deciding: Deciding,
  threshold: number,
  { proved, seen, tooMany }: { proved: boolean; seen: boolean; tooMany: boolean },
): string {
  if (m.method === 'exact-rank' && proved) return `It is above the limit ${figure(m.measure, threshold)}.`;
  if (proved && deciding.lower !== null)
    return `Even the lower 95% bound ${figure(m.measure, deciding.lower)} is above the limit.`;
  if (seen) return 'It was seen to succeed, and more often than the limit allows.';
  return tooMany ? 'It was seen to succeed, and the control allows no success.' : 'It is above the limit.';
}

function neededInWords(needs: readonly Need[]): string {
  if (needs.length === 0) return 'the sample is too small to decide';
  return needs
    .map(({ of, atLeast, has }) => `needs at least ${grouped(atLeast)} ${of}, has ${grouped(has)}`)
    .join('; ');
}

function unfounded(m: Measurement): string {
  return m.method === 'extrapolated' ? 'extrapolated, not counted' : 'stated without the counts behind it';
}

/** A technique as readers know it; by its id where the catalog does not know it. */
function titleOf(technique: string, context: EvaluationContext): string {
  const title = context.techniques.find(({ id }) => id === technique)?.title ?? technique;
  return `${title.slice(0, 1).toLowerCase()}${title.slice(1)}`;
}
