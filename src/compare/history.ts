import { type Assessment, assessmentDigest, canonicalAssessment } from '../assess/assessment.ts';
import type { History } from '../assess/history.ts';
import type { Profile } from '../catalog/schemas.ts';
import { ProbityError } from '../errors.ts';
import type { AttackClass } from '../terms.ts';
import { compare } from './compare.ts';

/** So many assessments are drawn beside each other: two years of quarters. */
const MOST = 8;

/**
 * An assessment with what changed since those before it. The newest of them is compared with; the others say since when.
 * @param previous in any order
 * @throws ProbityError COMPARISON_IMPOSSIBLE
 */
export function withHistory(
  assessment: Assessment,
  previous: readonly Assessment[],
  profiles: readonly Profile[],
): Assessment {
  const own = assessmentDigest(assessment);
  const distinct = new Map(previous.map((one) => [assessmentDigest(one), one]));
  distinct.delete(own);
  const row = [...distinct]
    .sort(([a, one], [b, other]) => one.asOf.localeCompare(other.asOf, 'en') || (a < b ? -1 : 1))
    .map(([, one]) => one);
  const before = row.at(-1);
  if (!before)
    throw new ProbityError('COMPARISON_IMPOSSIBLE', 'the previous assessment is this one', {
      remedy: 'Name one of an earlier day with --previous',
    });
  const comparison = compare(before, assessment, { profiles, earlier: row.slice(0, -1) });
  const history: History = {
    previous: row.slice(-MOST).map(quarterOf),
    gaps: comparison.gaps.map(({ severity: _severity, title: _title, ...gap }) => gap),
    measurements: comparison.measurements.flatMap(({ change, difference, old, new: fresh }) =>
      change === 'no-evidence' || difference.lower === null || difference.upper === null
        ? []
        : [
            {
              measurement: fresh.id,
              change,
              old: old.estimate,
              difference: { estimate: difference.estimate, lower: difference.lower, upper: difference.upper },
            },
          ],
    ),
    compared: perClass(
      (attackClass) =>
        comparison.measurements.filter((one) => one.attackClass === attackClass && one.difference.lower !== null)
          .length,
    ),
    goalposts: comparison.goalposts,
  };
  return canonicalAssessment({ ...assessment, history });
}

function perClass<T>(of: (attackClass: AttackClass) => T): Record<AttackClass, T> {
  return { 'membership-inference': of('membership-inference'), inversion: of('inversion') };
}

/** One assessment of a row, in short. */
function quarterOf(assessment: Assessment): History['previous'][number] {
  return {
    asOf: assessment.asOf,
    sha256: assessmentDigest(assessment),
    profile: assessment.profile.id,
    classes: perClass((attackClass) => {
      const { state, passes, worst } = assessment.verdicts[attackClass];
      const measured = assessment.measurements.find(({ id }) => id === worst?.measurement);
      const gaps = { critical: 0, high: 0, medium: 0, low: 0 };
      for (const one of assessment.findings) if (one.attackClass === attackClass) gaps[one.severity]++;
      return {
        state,
        gaps,
        worst:
          worst && measured
            ? {
                control: worst.control,
                measure: measured.measure,
                bound: worst.bound ?? worst.observed,
                threshold: worst.threshold,
              }
            : null,
        passes,
      };
    }),
  };
}
