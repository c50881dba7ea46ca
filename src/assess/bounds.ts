import type { MeasureCriterion } from '../catalog/schemas.ts';
import { trialsNeeded } from '../measure/binomial.ts';
import type { Measurement } from '../measure/measurement.ts';
import { grouped } from '../wording.ts';
import { daysOf, type EvaluationContext, numberOf, type Question } from './context.ts';
import { staleness } from './freshness.ts';
import { combine, compareOutcomes, notApplicable, notAssessed, notSatisfied, type Outcome, satisfied } from './outcome.ts';

/**
 * Decides a criterion that compares an interval bound with a threshold, on every surface the control is about.
 * Per surface every probe counts and the worst decides; a probe's older or smaller runs give way to one that decides.
 */
export function evaluateBound(criterion: MeasureCriterion, question: Question, context: EvaluationContext): Outcome {
  if (question.surfaces.length === 0) return notApplicable('the system has none of the surfaces this control is about');
  const threshold = numberOf(criterion.max, context);
  const relevant = context.measurements.filter(
    (m) =>
      m.attackClass === question.attackClass &&
      m.measure === criterion.measure &&
      (criterion.at === undefined || m.falsePositiveLimit === criterion.at.fpr) &&
      (criterion.techniques === undefined || criterion.techniques.includes(m.technique)),
  );
  // A surface on which none of the criterion's techniques can be used needs no such test.
  const surfaces = question.surfaces.filter((surface) => applies(criterion, question, context, surface));
  if (surfaces.length === 0) return notApplicable("none of this criterion's techniques applies to the surfaces the system has");
  const perSurface = surfaces.map((surface) => {
    const here = relevant.filter((m) => m.surface === surface);
    if (here.length === 0) return { surface, decisive: missing(criterion, question, context, surface, relevant.length > 0, threshold), all: [] };
    const judged = here.map((m) => judge(criterion, m, threshold, context));
    return { surface, decisive: worstPerSurface(judged), all: judged };
  });
  const ranked = perSurface.sort((a, b) => compareOutcomes(a.decisive, b.decisive));
  const deciding = ranked[0]?.decisive ?? missing(criterion, question, context, 'any', false, threshold);
  const others = ranked
    .flatMap(({ decisive, all }) => (all.length === 0 ? [decisive] : all.map((one) => one.outcome)))
    .filter((outcome) => outcome !== deciding)
    .map((outcome) => `${outcome.state}${outcome.reason ? ` (${outcome.reason})` : ''}: ${outcome.detail}`);
  const considered = ranked.flatMap(({ all }) => all.map((one) => one.measurement.id));
  return { ...deciding, considered, ...(others.length > 0 ? { others } : {}) };
}

function applies(criterion: MeasureCriterion, question: Question, context: EvaluationContext, surface: string): boolean {
  return context.techniques.some(
    (technique) =>
      technique.attackClass === question.attackClass &&
      technique.surfaces.some((name) => name === surface) &&
      (criterion.techniques === undefined || criterion.techniques.includes(technique.id)),
  );
}

function missing(criterion: MeasureCriterion, question: Question, context: EvaluationContext, surface: string, elsewhere: boolean, threshold: number): Outcome {
  const same = context.measurements.filter(
    (m) =>
      m.attackClass === question.attackClass &&
      m.surface === surface &&
      m.measure !== criterion.measure &&
      (criterion.techniques?.includes(m.technique) ?? false),
  );
  if (same.length > 0 && criterion.measure === 'advantage')
    return notAssessed('no-evidence', {
      threshold,
      detail: `${surface}: tested (${same.map((m) => m.probe).join(', ')}), but without a baseline, so nothing says what the model adds to what correlation alone gives.`,
      evidence: same.flatMap((m) => m.source),
    });
  return elsewhere || hasAny(question, context)
    ? notAssessed('untested-surface', { threshold, detail: `${surface}: no test of this kind on this surface.` })
    : notAssessed('no-evidence', { threshold, detail: `No test of this class was found in the evidence.` });
}

function hasAny(question: Question, context: EvaluationContext): boolean {
  return context.measurements.some((m) => m.attackClass === question.attackClass);
}

interface Judged {
  measurement: Measurement;
  outcome: Outcome;
}

function worstPerSurface(judged: Judged[]): Outcome {
  const groups = new Map<string, Judged[]>();
  for (const one of judged) {
    const { technique, probe, detector, tool } = one.measurement;
    const key = JSON.stringify([technique, probe, detector ?? '', tool?.name ?? '']);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const deciding = [...groups.values()].map((group) => {
    const decided = group.filter(({ outcome }) => outcome.state !== 'not-assessed');
    const candidates = (decided.length > 0 ? decided : group).map(({ outcome }) => outcome).sort(compareOutcomes);
    return candidates[0] as Outcome;
  });
  const { state, reason } = combine(deciding);
  return deciding.filter((outcome) => outcome.state === state && outcome.reason === reason).sort(compareOutcomes)[0] as Outcome;
}

function judge(criterion: MeasureCriterion, m: Measurement, threshold: number, context: EvaluationContext): Judged {
  return { measurement: m, outcome: judgeOne(criterion, m, threshold, context) };
}

function judgeOne(criterion: MeasureCriterion, m: Measurement, threshold: number, context: EvaluationContext): Outcome {
  const oneSided = criterion.bound === 'upper95-one-sided';
  const bound = oneSided ? (m.upperOneSided ?? null) : m.upper;
  const fields = { observed: m.estimate, bound, threshold, measurement: m.id, evidence: m.source };
  const what = `${m.surface}: ${m.probe} (${m.technique})`;
  const numbers = `${show(m.estimate)}, ${oneSided ? 'one-sided ' : ''}upper 95% bound ${bound === null ? 'unknown' : show(bound)}, threshold ${show(threshold)}`;

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
      ? notSatisfied({ ...fields, detail: `${what}: stated as ${show(m.estimate)} without counts, which is above the threshold ${show(threshold)}.` })
      : notAssessed('not-recomputable', {
          ...fields,
          detail: `${what}: stated as ${show(m.estimate)} without the counts behind it; such a number cannot satisfy a criterion.`,
        });
  if (m.lower > threshold)
    return notSatisfied({ ...fields, detail: `${what}: ${numbers}; even the lower 95% bound ${show(m.lower)} is above the threshold (${countsOf(m)}).` });
  const short = shortfalls(criterion, m, context);
  if (short.length > 0) return notAssessed('insufficient-sample', { ...fields, detail: `${what}: ${short.join('; ')}. It gave ${numbers}.` });
  if (bound <= threshold) return satisfied({ ...fields, detail: `${what}: ${numbers} (${countsOf(m)}).` });
  return notSatisfied({ ...fields, detail: `${what}: ${numbers} (${countsOf(m)}).${needed(criterion, m, threshold)}` });
}

function shortfalls(criterion: MeasureCriterion, m: Measurement, context: EvaluationContext): string[] {
  const { minMembers, minNonMembers, minTrials } = criterion.sample;
  const demands: [string, number | undefined, number | undefined][] = [
    ['members', minMembers === undefined ? undefined : numberOf(minMembers, context), m.counts.members],
    ['non-members', nonMembersNeeded(criterion, minNonMembers === undefined ? undefined : numberOf(minNonMembers, context)), m.counts.nonMembers],
    ['trials', minTrials === undefined ? undefined : numberOf(minTrials, context), m.counts.n],
  ];
  return demands.flatMap(([name, least, have]) =>
    least !== undefined && (have ?? 0) < least ? [`needs at least ${grouped(least)} ${name}; has ${grouped(have ?? 0)}`] : [],
  );
}

/** A false-positive rate of 1 in a thousand cannot be seen among fewer than a thousand non-members. */
function nonMembersNeeded(criterion: MeasureCriterion, stated: number | undefined): number | undefined {
  const resolving = criterion.at ? Math.ceil(1 / criterion.at.fpr - 1e-9) : undefined;
  return stated === undefined ? resolving : Math.max(stated, resolving ?? 0);
}

function needed(criterion: MeasureCriterion, m: Measurement, threshold: number): string {
  if (criterion.measure !== 'rate' && criterion.measure !== 'roc.tpr') return '';
  if (m.estimate >= threshold) return '';
  const n = trialsNeeded(m.estimate, threshold, { oneSided: criterion.bound === 'upper95-one-sided' });
  return n === undefined
    ? ''
    : ` At the observed rate the bound would meet the threshold with ${grouped(n)} ${criterion.measure === 'rate' ? 'trials' : 'members'}.`;
}

function countsOf(m: Measurement): string {
  const { k, n, truePositives, members, nonMembers, attackK, attackN, baselineK, baselineN } = m.counts;
  if (k !== undefined && n !== undefined) return `${grouped(k)} of ${grouped(n)}`;
  if (attackK !== undefined && attackN !== undefined)
    return `attack ${grouped(attackK)} of ${grouped(attackN)}, baseline ${grouped(baselineK ?? 0)} of ${grouped(baselineN ?? 0)}`;
  if (truePositives !== undefined) return `${grouped(truePositives)} of ${grouped(members ?? 0)} members, ${grouped(nonMembers ?? 0)} non-members`;
  return `${grouped(members ?? 0)} members, ${grouped(nonMembers ?? 0)} non-members`;
}

/** Four significant digits, without exponents for the sizes that occur. */
export function show(value: number): string {
  return Number(value.toPrecision(4)).toString();
}
