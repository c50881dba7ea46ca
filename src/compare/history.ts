import { type Assessment, assessmentDigest, canonicalAssessment } from '../assess/assessment.ts';
import type { History } from '../assess/history.ts';
import type { Profile } from '../catalog/schemas.ts';
import { ProbityError } from '../errors.ts';
import { perClass } from '../terms.ts';
import { compare } from './compare.ts';
import { quarterOf } from './quarter.ts';

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
    previous: row.slice(-MOST).map((one) => ({ ...quarterOf(one), sha256: assessmentDigest(one) })),
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
