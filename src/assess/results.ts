import { type Catalog, switchedOff } from '../catalog/catalog.ts';
import type { Control, Criterion, SwitchedOff } from '../catalog/schemas.ts';
import { ProbityError } from '../errors.ts';
import { ATTACK_CLASSES, type AttackClass } from '../terms.ts';
import type { Result } from './assessment.ts';
import { type BoundOutcome, evaluateAlternatives, evaluateBound } from './bounds.ts';
import { CHECKS } from './checks/index.ts';
import { daysOf, type EvaluationContext, type Question } from './context.ts';
import { type Basis, combine, type Judgement, notApplicable, type Outcome } from './outcome.ts';
import type { JudgedWaiver } from './waivers.ts';

/** A result together with what its criteria looked at. */
export interface Evaluated {
  result: Result;
  outcomes: { criterion: Criterion; outcome: Outcome; judgements: Judgement[] }[];
}

/** Every control judged for every class that it names. */
export function resultsOf(catalog: Catalog, context: EvaluationContext, waivers: readonly JudgedWaiver[]): Evaluated[] {
  const inForce = waivers.filter((waiver) => waiver.inForce);
  return catalog.controls.flatMap(({ document }) =>
    ATTACK_CLASSES.flatMap((attackClass) =>
      resultOf(document, attackClass, context, inForce, switchedOff(catalog, document.id, attackClass)),
    ),
  );
}

function resultOf(
  control: Control,
  attackClass: AttackClass,
  context: EvaluationContext,
  waivers: readonly JudgedWaiver[],
  off: SwitchedOff | undefined,
): Evaluated[] {
  const entry = control.attackClasses[attackClass];
  if (!entry) return [];
  if (off)
    return [
      {
        result: withoutJudging(control, attackClass, `Switched off in this catalog by ${off.by}: ${off.reason}`, {
          switchedOff: { reason: off.reason, by: off.by },
        }),
        outcomes: [],
      },
    ];
  const surfaces = context.surfaces.filter(
    (surface) => control.appliesTo?.surfaces === undefined || control.appliesTo.surfaces.includes(surface),
  );
  const question: Question = { control, attackClass, surfaces };
  const outcomes = entry.criteria.map((criterion) => ({ criterion, ...evaluate(criterion, question, context) }));
  const combined = combine(outcomes.map(({ outcome }) => outcome));
  const { state } = combined;
  // Leakage that was measured counts, whoever trained the model.
  if (control.appliesTo?.training && trainedElsewhere(context) && state !== 'not-satisfied')
    return [
      {
        result: withoutJudging(
          control,
          attackClass,
          "Every model is a vendor's and is used as it is (training: none); what the vendor trained on is outside this assessment.",
        ),
        outcomes: [],
      },
    ];
  const waived =
    state !== 'satisfied' &&
    state !== 'not-applicable' &&
    waivers.some((waiver) => waiver.control === control.id && waiver.attackClass === attackClass);
  const basis = state === 'satisfied' ? basisOf(outcomes.map(({ outcome }) => outcome)) : undefined;
  const result: Result = {
    control: control.id,
    attackClass,
    ...combined,
    state: waived ? 'risk-accepted' : state,
    ...(waived ? { underlying: state } : {}),
    ...(basis ? { basis } : {}),
    severity: control.severity,
    criteria: outcomes.map(
      ({ criterion, outcome: { considered: _considered, judgements: _judgements, ...outcome } }) => ({
        id: criterion.id,
        statement: criterion.statement,
        ...outcome,
        observed: finite(outcome.observed),
      }),
    ),
  };
  return [{ result, outcomes }];
}

/** Whether nobody here trains or tunes any model of the system. */
export function trainedElsewhere({ models }: Pick<EvaluationContext, 'models'>): boolean {
  return models.length > 0 && models.every(({ training }) => training === 'none');
}

/** The weakest of what the criteria of a pass rest on. */
export function basisOf(outcomes: readonly Pick<Outcome, 'state' | 'basis'>[]): Basis {
  const bases = outcomes.flatMap(({ state, basis }) => (state === 'satisfied' ? [basis ?? ('record' as const)] : []));
  return (['weak', 'statement', 'strong', 'record'] as const).find((basis) => bases.includes(basis)) ?? 'record';
}

/** A control that is not judged, and says why. */
function withoutJudging(
  control: Control,
  attackClass: AttackClass,
  why: string,
  more: Pick<Result, 'switchedOff'> = {},
): Result {
  const { considered: _considered, judgements: _judgements, ...outcome } = notApplicable(why);
  return {
    control: control.id,
    attackClass,
    state: 'not-applicable',
    ...more,
    severity: control.severity,
    criteria: (control.attackClasses[attackClass]?.criteria ?? []).map(({ id, statement }) => ({
      id,
      statement,
      ...outcome,
    })),
  };
}

function finite<T>(value: T): T | null {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}

function evaluate(criterion: Criterion, question: Question, context: EvaluationContext): BoundOutcome {
  if ('measure' in criterion) return evaluateBound(criterion, question, context);
  if ('anyOf' in criterion) return evaluateAlternatives(criterion, question, context);
  const check = CHECKS.find((candidate) => candidate.name === criterion.check);
  if (!check)
    throw new ProbityError('CATALOG_INVALID', `there is no check called "${criterion.check}"`, {
      where: `${question.control.id}/${criterion.id}`,
      remedy: 'Run: probity catalog lint',
    });
  const outcome =
    question.surfaces.length === 0
      ? notApplicable('the system has none of the surfaces this control is about')
      : check.evaluate(criterion.with, question, context, daysOf(criterion.maxAge, context));
  return { outcome, judgements: outcome.judgements ?? [] };
}

/** The limits that each measurement was held against, by control and criterion. */
export function limitsOf(
  evaluated: readonly Evaluated[],
): Map<string, { control: string; criterion: string; threshold: number }[]> {
  const limits = new Map<string, { control: string; criterion: string; threshold: number }[]>();
  for (const { result, outcomes } of evaluated)
    for (const { criterion, outcome } of outcomes) {
      if (typeof outcome.threshold !== 'number') continue;
      for (const id of new Set(outcome.considered)) {
        const limit = { control: result.control, criterion: criterion.id, threshold: outcome.threshold };
        const known = limits.get(id);
        if (known) known.push(limit);
        else limits.set(id, [limit]);
      }
    }
  return limits;
}

/** What judging found out about each measurement, over all criteria. */
export function judgementsOf(evaluated: readonly Evaluated[]): Map<string, Judgement[]> {
  return Map.groupBy(
    evaluated.flatMap(({ outcomes }) => outcomes.flatMap((one) => one.judgements)),
    ({ measurement }) => measurement,
  );
}
