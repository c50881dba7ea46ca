import { z } from 'zod';
import type { Measurement } from '../../measure/measurement.ts';
import { SURFACE_TITLES, type Surface, surfacesInWords } from '../../terms.ts';
import { type EvaluationContext, type Question, sourcesOf } from '../context.ts';
import { staleness } from '../freshness.ts';
import { isTest } from '../ground.ts';
import { inOrder, notApplicable, notAssessed, type Reason, satisfied } from '../outcome.ts';
import { defineCheck } from './check.ts';

/**
 * At least one test of this very class, of this system, large enough and fresh, on every declared surface where one of
 * its techniques applies; and no test of what the workspace does not declare.
 */
export const testedSurfaces = defineCheck({
  name: 'tested-surfaces',
  restsOnChanges: true,
  about: 'tests',
  parameters: z.strictObject({}),
  evaluate(_parameters, question, context, maxAgeDays) {
    const testable = question.surfaces.filter((surface) =>
      context.techniques.some((t) => t.attackClass === question.attackClass && t.surfaces.includes(surface)),
    );
    if (testable.length === 0)
      return notApplicable('no technique of this class applies to the surfaces the system has');
    const tests = context.measurements.filter(
      (m) => m.attackClass === question.attackClass && m.measure !== 'baseline.auc' && m.group === undefined,
    );
    const undeclared = beyondDeclaration(tests, context);
    if (tests.length === 0)
      return notAssessed('no-evidence', {
        observed: `0 of ${testable.length} surfaces tested`,
        threshold: `${testable.length} surfaces`,
        detail: 'No test of this class was found in the evidence.',
      });
    const perSurface = testable.map((surface) => ofSurface(surface, tests, question, context, maxAgeDays));
    const open = perSurface.filter(({ lacks }) => lacks !== undefined);
    const fields = {
      observed: `${testable.length - open.length} of ${testable.length} surfaces tested`,
      threshold: `${testable.length} surfaces`,
      evidence: sourcesOf(tests.flatMap((m) => m.source.map((source) => ({ source })))),
    };
    if (open.length === 0 && undeclared.length === 0)
      return satisfied({
        ...fields,
        detail: `Every surface has a test of this class that is fresh: ${surfacesInWords(testable)}.`,
      });
    const reasons: Reason[] = [
      ...(undeclared.length > 0 ? (['contradictory'] as const) : []),
      ...open.flatMap(({ lacks }) => (lacks ? [lacks.reason] : [])),
    ];
    return notAssessed(inOrder(reasons), {
      ...fields,
      detail: [...undeclared, ...open.map(({ surface, lacks }) => `${SURFACE_TITLES[surface]}: ${lacks?.why}.`)].join(
        ' ',
      ),
    });
  },
});

/** Evidence of a surface or target that the workspace does not declare, one sentence each. */
function beyondDeclaration(tests: readonly Measurement[], context: EvaluationContext): string[] {
  const surfaces = [...new Set(tests.map((m) => m.surface))].filter(
    (surface) => surface !== 'undeclared' && !context.surfaces.includes(surface),
  );
  const targets = [
    ...new Set(
      tests.flatMap((m) => {
        const target = context.grounds.get(m.id)?.target;
        return target?.stated !== undefined && !target.matched ? [target.stated] : [];
      }),
    ),
  ];
  return [
    ...surfaces
      .sort()
      .map(
        (surface) =>
          `Tests of ${SURFACE_TITLES[surface]} lie in the evidence, and probity.yaml declares no such surface.`,
      ),
    ...targets
      .sort()
      .map(
        (target) =>
          `Tests of the target "${target}" lie in the evidence, and probity.yaml neither declares nor ignores it.`,
      ),
  ];
}

interface OfSurface {
  surface: Surface;
  /** Why it does not count as tested. */
  lacks?: { reason: Reason; why: string };
}

function ofSurface(
  surface: Surface,
  all: readonly Measurement[],
  question: Question,
  context: EvaluationContext,
  maxAgeDays: number | undefined,
): OfSurface {
  const here = all.filter((m) => m.surface === surface);
  const changes = context.changes.filter((change) => change.surfaces.includes(surface));
  const lack = (reason: Reason, why: string): OfSurface => ({ surface, lacks: { reason, why } });
  if (here.length === 0) return lack('untested-surface', 'never tested for this class');
  const ground = (m: Measurement) => context.grounds.get(m.id);
  const ofSystem = here.filter((m) => ground(m)?.target.matched);
  if (ofSystem.length === 0) return lack('unrelated-target', 'tested only on targets that are not declared');
  const applicable = ofSystem.filter((m) => {
    const technique = ground(m)?.technique;
    return technique?.attackClass === question.attackClass && technique.surfaces.includes(surface);
  });
  const able = applicable.filter((m) => m.shows === 'both' && ground(m)?.comparable !== 'refuted');
  if (able.length === 0) {
    const refuted = applicable.some((m) => m.shows === 'both');
    return refuted
      ? lack('invalid-comparison', 'tested only by comparisons that do not hold')
      : lack('cannot-show', 'tested only by what cannot show it');
  }
  const powerful = able.filter((m) => m.constant !== true);
  if (powerful.length === 0) return lack('no-power', 'tested only by scores that are all alike');
  const large = powerful.filter((m) => isTest(m, ground(m)));
  if (large.length === 0) {
    if (powerful.every(({ counts }) => counts.of === 'nothing'))
      return lack('not-recomputable', 'tested only by numbers without the counts behind them');
    const least = Math.min(...powerful.map((m) => ground(m)?.technique?.least ?? 0));
    return lack('insufficient-sample', `tested by too few attempts or records; a test takes at least ${least}`);
  }
  const dates = large.map((m) => staleness(m.collected, context.asOf, maxAgeDays, changes));
  if (dates.includes(undefined)) return { surface };
  return dates.every((one) => one?.reason === 'not-yet')
    ? lack('not-yet', 'tested only after the as-of date')
    : lack('stale', 'tested too long ago, on no stated day, or before a later change');
}
