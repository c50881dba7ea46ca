import { z } from 'zod';
import { sourcesOf } from '../context.ts';
import { staleness } from '../freshness.ts';
import { notApplicable, notAssessed, satisfied } from '../outcome.ts';
import { defineCheck } from './check.ts';

/** At least one test of this very class, fresh enough, on every declared surface where one of its techniques applies. */
export const testedSurfaces = defineCheck({
  name: 'tested-surfaces',
  parameters: z.strictObject({}),
  evaluate(_parameters, question, context, maxAgeDays) {
    const testable = question.surfaces.filter((surface) =>
      context.techniques.some((t) => t.attackClass === question.attackClass && t.surfaces.includes(surface)),
    );
    if (testable.length === 0)
      return notApplicable('no technique of this class applies to the surfaces the system has');
    const tests = context.measurements.filter(
      (m) => m.attackClass === question.attackClass && m.measure !== 'baseline.auc',
    );
    if (tests.length === 0)
      return notAssessed('no-evidence', {
        observed: `0 of ${testable.length} surfaces tested`,
        threshold: `${testable.length} surfaces`,
        detail: 'No test of this class was found in the evidence.',
      });
    const perSurface = testable.map((surface) => {
      const here = tests.filter((m) => m.surface === surface);
      const changes = context.changes.filter((change) => change.surfaces.includes(surface));
      const valid = here.filter((m) => m.comparable !== false);
      const fresh = valid.filter((m) => staleness(m.collected, context.asOf, maxAgeDays, changes) === undefined);
      return { surface, here, valid, fresh };
    });
    const fields = {
      observed: `${perSurface.filter(({ fresh }) => fresh.length > 0).length} of ${testable.length} surfaces tested`,
      threshold: `${testable.length} surfaces`,
      evidence: sourcesOf(tests.flatMap((m) => m.source.map((source) => ({ source })))),
    };
    const untested = perSurface.filter(({ here }) => here.length === 0).map(({ surface }) => surface);
    const invalid = perSurface
      .filter(({ here, valid }) => here.length > 0 && valid.length === 0)
      .map(({ surface }) => surface);
    const stale = perSurface
      .filter(({ valid, fresh }) => valid.length > 0 && fresh.length === 0)
      .map(({ surface }) => surface);
    const sentences = [
      untested.length > 0 ? `Never tested for this class: ${untested.join(', ')}.` : '',
      invalid.length > 0 ? `Tested only by comparisons that do not hold: ${invalid.join(', ')}.` : '',
      stale.length > 0 ? `Tested, but too long ago or before a later change: ${stale.join(', ')}.` : '',
    ].filter(Boolean);
    if (untested.length > 0) return notAssessed('untested-surface', { ...fields, detail: sentences.join(' ') });
    if (invalid.length > 0) return notAssessed('invalid-comparison', { ...fields, detail: sentences.join(' ') });
    if (stale.length > 0) return notAssessed('stale', { ...fields, detail: sentences.join(' ') });
    return satisfied({
      ...fields,
      detail: `Every surface has a test of this class that is fresh: ${testable.join(', ')}.`,
    });
  },
});
