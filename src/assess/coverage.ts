import type { Measurement } from '../measure/measurement.ts';
import { SURFACES } from '../terms.ts';
import type { Assessment } from './assessment.ts';
import type { EvaluationContext } from './context.ts';
import { staleness } from './freshness.ts';
import { isTest } from './ground.ts';

/**
 * Which technique was tried on which surface. Tested means: of this system, large enough for its technique, and by a probe
 * that can show it.
 */
export function coverageOf(context: EvaluationContext, maxAgeDays: number | undefined): Assessment['coverage'] {
  return SURFACES.flatMap((surface) =>
    context.techniques.map((technique) => {
      const applicable = context.surfaces.includes(surface) && technique.surfaces.includes(surface);
      const tests = testsOf(
        context.measurements,
        (m) => m.surface === surface && m.attackClass === technique.attackClass && m.technique === technique.id,
      );
      const changes = context.changes.filter((change) => change.surfaces.includes(surface));
      const ground = (m: Measurement) => context.grounds.get(m.id);
      const full = testsOf(tests, (m) => isTest(m, ground(m)));
      const invalid = testsOf(full, (m) => ground(m)?.comparable === 'refuted');
      const age = (m: Measurement) => staleness(m.collected, context.asOf, maxAgeDays, changes);
      const fresh = testsOf(full, (m) => ground(m)?.comparable !== 'refuted' && age(m) === undefined);
      const ahead = testsOf(full, (m) => ground(m)?.comparable !== 'refuted' && age(m)?.reason === 'not-yet');
      const state = full.length > 0 ? 'tested' : applicable || tests.length > 0 ? 'untested' : 'not-applicable';
      return {
        surface,
        attackClass: technique.attackClass,
        technique: technique.id,
        title: technique.title,
        state: state satisfies 'tested' | 'untested' | 'not-applicable',
        tests: tests.length,
        fresh: fresh.length,
        stale: full.length - fresh.length - invalid.length,
        ...(ahead.length > 0 ? { notYet: ahead.length } : {}),
        invalid: invalid.length,
      };
    }),
  );
}

/** One measurement per test: several numbers of one test count once. */
function testsOf(measurements: readonly Measurement[], keep: (m: Measurement) => boolean): Measurement[] {
  const seen = new Set<string>();
  return measurements.filter((m) => {
    if (m.pooled) return false;
    const key = `${m.source[0]?.path}\0${m.source[0]?.at}\0${m.probe}`;
    if (!keep(m) || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
