import type { AlternativesCriterion, MeasureCriterion } from '../catalog/schemas.ts';
import type { Measurement } from '../measure/measurement.ts';
import { nonMembersToShow } from '../statistics/power.ts';
import { ATTRIBUTE_TECHNIQUE, type AttackClass, type Subject, type Surface } from '../terms.ts';
import { grouped } from '../wording.ts';
import { daysOf, type EvaluationContext, numberOf, type Question } from './context.ts';
import { staleness } from './freshness.ts';
import {
  combine,
  compareOutcomes,
  inOneLine,
  type Need,
  notApplicable,
  notAssessed,
  notSatisfied,
  type Outcome,
  satisfied,
} from './outcome.ts';
import { demands, needed } from './power.ts';

/** What a criterion is about. Attribute inference is never judged together with recovered content. */
export function subjectOf(criterion: Pick<MeasureCriterion, 'techniques'>, attackClass: AttackClass): Subject {
  if (attackClass === 'membership-inference') return 'membership';
  return criterion.techniques?.every((technique) => technique === ATTRIBUTE_TECHNIQUE) ? 'attribute' : 'content';
}

/**
 * Decides a criterion that compares an interval bound with a threshold, on every surface the control is about.
 * Per surface every probe counts and the worst decides; a probe's older or smaller runs give way to one that decides.
 */
export function evaluateBound(criterion: MeasureCriterion, question: Question, context: EvaluationContext): Outcome {
  if (question.surfaces.length === 0) return notApplicable('the system has none of the surfaces this control is about');
  const threshold = numberOf(criterion.max, context);
  const measures: readonly string[] = Array.isArray(criterion.measure) ? criterion.measure : [criterion.measure];
  const subject = subjectOf(criterion, question.attackClass);
  const relevant = context.measurements.filter(
    (m) =>
      m.subject === subject &&
      measures.includes(m.measure) &&
      (criterion.at === undefined || m.falsePositiveLimit === criterion.at.fpr) &&
      (criterion.techniques === undefined || criterion.techniques.includes(m.technique)),
  );
  // A surface on which none of the criterion's techniques can be used needs no such test.
  const surfaces = question.surfaces.filter((surface) => applies(criterion, question, context, surface));
  if (surfaces.length === 0)
    return notApplicable("none of this criterion's techniques applies to the surfaces the system has");
  const perSurface = surfaces.map((surface) => {
    const here = relevant.filter((m) => m.surface === surface);
    if (here.length === 0)
      return {
        surface,
        decisive: missing(criterion, question, context, surface, relevant.length > 0, threshold),
        all: [],
      };
    const judged = here.map((m) => ({ measurement: m, outcome: judge(criterion, m, threshold, context) }));
    return { surface, decisive: worstPerSurface(judged), all: judged };
  });
  const ranked = perSurface.sort((a, b) => compareOutcomes(a.decisive, b.decisive));
  const deciding = ranked[0]?.decisive ?? missing(criterion, question, context, 'any', false, threshold);
  const others = ranked
    .flatMap(({ decisive, all }) => (all.length === 0 ? [decisive] : all.map((one) => one.outcome)))
    .filter((outcome) => outcome !== deciding)
    .map(inOneLine);
  const considered = ranked.flatMap(({ all }) => all.map((one) => one.measurement.id));
  return { ...deciding, considered, ...(others.length > 0 ? { others } : {}) };
}

/** Decides a criterion that several kinds of evidence can show: of those that are there, the worst. */
export function evaluateAlternatives(
  criterion: AlternativesCriterion,
  question: Question,
  context: EvaluationContext,
): Outcome {
  const outcomes = criterion.anyOf.map((alternative) => evaluateBound(alternative, question, context));
  const shown = outcomes.filter(({ reason }) => reason !== 'no-evidence' && reason !== 'untested-surface');
  const ranked = (shown.length > 0 ? shown : outcomes).toSorted(compareOutcomes);
  const worst = ranked[0] as Outcome;
  const others = [...(worst.others ?? []), ...ranked.slice(1).map((outcome) => `${outcome.state}: ${outcome.detail}`)];
  const considered = outcomes.flatMap((outcome) => outcome.considered ?? []);
  return { ...worst, considered, ...(others.length > 0 ? { others } : {}) };
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
  surface: string,
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
      detail: `${surface}: tested (${same.map((m) => m.probe).join(', ')}), but without a baseline, so nothing says what the model adds to what correlation alone gives.`,
      evidence: same.flatMap((m) => m.source),
    });
  return elsewhere || context.measurements.some((m) => m.attackClass === question.attackClass)
    ? notAssessed('untested-surface', { threshold, detail: `${surface}: no test of this kind on this surface.` })
    : notAssessed('no-evidence', { threshold, detail: `No test of this class was found in the evidence.` });
}

interface Judged {
  measurement: Measurement;
  outcome: Outcome;
}

function worstPerSurface(judged: Judged[]): Outcome {
  const groups = new Map<string, Judged[]>();
  for (const one of judged) {
    const { technique, probe, detector, tool, group } = one.measurement;
    // A group of records can only make things worse: too small to judge, it leaves the whole test as it is.
    if (group !== undefined && one.outcome.state !== 'not-satisfied') continue;
    const key = JSON.stringify([technique, probe, detector ?? '', tool?.name ?? '', group ?? '']);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const deciding = [...groups.values()].map((group) => {
    const decided = group.filter(({ outcome }) => outcome.state !== 'not-assessed');
    const candidates = (decided.length > 0 ? decided : group).map(({ outcome }) => outcome).sort(compareOutcomes);
    return candidates[0] as Outcome;
  });
  const { state, reason } = combine(deciding);
  return deciding
    .filter((outcome) => outcome.state === state && outcome.reason === reason)
    .sort(compareOutcomes)[0] as Outcome;
}

function judge(criterion: MeasureCriterion, m: Measurement, threshold: number, context: EvaluationContext): Outcome {
  const oneSided = criterion.bound === 'upper95-one-sided';
  const bound = oneSided ? (m.upperOneSided ?? null) : m.upper;
  const fields = { observed: m.estimate, bound, threshold, measurement: m.id, evidence: m.source };
  const what = `${m.surface}: ${m.probe}${m.group === undefined ? '' : `, group ${m.group}`} (${m.technique})`;
  const bounded =
    m.method === 'exact-rank'
      ? 'known exactly'
      : `${oneSided ? 'one-sided ' : ''}upper 95% bound ${bound === null ? 'unknown' : show(bound)}`;
  const numbers = `${show(m.estimate)}, ${bounded}, threshold ${show(threshold)}`;
  const counted = `(${countsOf(m)}${m.thresholdFrom === 'same-records' ? '; its threshold was chosen on the records it is scored on' : ''})`;

  if (m.comparable === false)
    return notAssessed('invalid-comparison', {
      ...fields,
      detail:
        m.measure === 'advantage'
          ? `${what}: attack and baseline were measured on different targets, so their difference says nothing.`
          : `${what}: a baseline that never saw the model tells members and non-members apart, so the number says nothing about membership.`,
    });
  const changes = context.changes.filter((change) => m.surface !== 'undeclared' && change.surfaces.includes(m.surface));
  const stale = staleness(m.collected, context.asOf, daysOf(criterion.maxAge, context), changes);
  if (stale) return notAssessed('stale', { ...fields, detail: `${what}: ${stale.why}. It then gave ${numbers}.` });
  if (bound === null || m.lower === null)
    return m.estimate > threshold
      ? notSatisfied({
          ...fields,
          detail: `${what}: ${unfounded(m)} ${show(m.estimate)}, which is above the threshold ${show(threshold)}.`,
        })
      : notAssessed('not-recomputable', {
          ...fields,
          detail: `${what}: ${unfounded(m)} ${show(m.estimate)}; such a number cannot satisfy a criterion.`,
        });
  if (m.lower > threshold)
    return notSatisfied({
      ...fields,
      detail: `${what}: ${numbers}; ${m.method === 'exact-rank' ? 'it' : `even the lower 95% bound ${show(m.lower)}`} is above the threshold ${counted}.`,
    });
  if (m.measure === 'disclosure' && !m.budget)
    return notAssessed('no-evidence', {
      ...fields,
      detail: `${what}: no query budget is stated, so nothing says where an attacker has to stop. It gave ${numbers}.`,
    });
  const short = demands(criterion, m, context).filter(({ atLeast, has }) => has < atLeast);
  const wanted = needed(criterion, m, threshold, context);
  const needs = wanted.length > 0 ? { needs: wanted } : {};
  if (short.length > 0) {
    const said = short.map((need) => wanted.find(({ of }) => of === need.of) ?? need);
    return notAssessed('insufficient-sample', {
      ...fields,
      ...needs,
      detail: `${what}: ${said.map(needText).join('; ')}${resolving(m, short)}. It gave ${numbers}.`,
    });
  }
  if (bound <= threshold) return satisfied({ ...fields, detail: `${what}: ${numbers} ${counted}.` });
  const more =
    wanted.length > 0
      ? ` At the observed rate the bound would meet the threshold with ${wanted.map(({ of, atLeast }) => `${grouped(atLeast)} ${of}`).join(' and ')}.`
      : '';
  return notSatisfied({ ...fields, ...needs, detail: `${what}: ${numbers} ${counted}.${more}` });
}

function needText({ of, atLeast, has }: Need): string {
  return `needs at least ${grouped(atLeast)} ${of}; has ${grouped(has)}`;
}

/** Resolving a false-positive rate is the least; showing that it was kept takes about three times as many. */
function resolving(m: Measurement, short: readonly Need[]): string {
  const limit = m.falsePositiveLimit;
  const asked = short.find(({ of }) => of === 'non-members')?.atLeast;
  const shown = limit === undefined ? undefined : nonMembersToShow(limit);
  if (limit === undefined || asked === undefined || shown === undefined || shown <= asked) return '';
  return ` (${grouped(shown)} would also show with 95% confidence that a false-positive rate of ${show(100 * limit)}% is kept)`;
}

function unfounded(m: Measurement): string {
  return m.method === 'extrapolated' ? 'extrapolated, not counted, as' : 'stated without the counts behind it as';
}

function countsOf(m: Measurement): string {
  const { k, n, truePositives, members, nonMembers, attackK, attackN, baselineK, baselineN, candidates } = m.counts;
  if (candidates !== undefined) return `${grouped(n ?? 0)} canaries among ${grouped(candidates)} candidates`;
  if (k !== undefined && n !== undefined) return `${grouped(k)} of ${grouped(n)}`;
  if (attackK !== undefined && attackN !== undefined)
    return `attack ${grouped(attackK)} of ${grouped(attackN)}, baseline ${grouped(baselineK ?? 0)} of ${grouped(baselineN ?? 0)}`;
  if (truePositives !== undefined)
    return `${grouped(truePositives)} of ${grouped(members ?? 0)} members, ${grouped(nonMembers ?? 0)} non-members`;
  return `${grouped(members ?? 0)} members, ${grouped(nonMembers ?? 0)} non-members`;
}

/** Four significant digits, without exponents for the sizes that occur. */
export function show(value: number): string {
  return Number(value.toPrecision(4)).toString();
}
