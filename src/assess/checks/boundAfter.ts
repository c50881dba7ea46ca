import type { MeasureCriterion } from '../../catalog/schemas.ts';
import type { Measurement } from '../../measure/measurement.ts';
import { SURFACE_TITLES, type Surface } from '../../terms.ts';
import { evaluateAlternatives, evaluateBound } from '../bounds.ts';
import type { EvaluationContext, Question } from '../context.ts';
import { isAfter } from '../freshness.ts';
import { notAssessed, type Outcome } from '../outcome.ts';

/**
 * Decides bounds on one surface by tests that are newer than a moment. A test of the same day counts only where both say
 * at what time.
 */
export function boundAfter(
  tests: readonly MeasureCriterion[],
  question: Question,
  context: EvaluationContext,
  surface: Surface,
  after: string,
  keep: (m: Measurement) => boolean = () => true,
): Outcome {
  const measurements = context.measurements.filter(
    (m) => m.surface === surface && m.collected !== undefined && isAfter(m.collected, after) && keep(m),
  );
  const own = measurements.filter((m) => m.attackClass === question.attackClass);
  if (own.length === 0)
    return notAssessed('no-evidence', {
      detail: `${SURFACE_TITLES[surface]}: no such test of this class from after ${after.slice(0, 10)} was found in the evidence.`,
    });
  const there = { ...context, measurements };
  const here = { ...question, surfaces: [surface] };
  const [first, ...more] = tests;
  const { outcome, judgements } =
    first !== undefined && more.length === 0
      ? evaluateBound(first, here, there)
      : evaluateAlternatives({ id: 'after', statement: 'After it.', anyOf: [...tests] }, here, there);
  return { ...outcome, judgements };
}
