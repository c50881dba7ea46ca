import { type Assessment, assessmentDigest } from '../assess/assessment.ts';
import type { Profile } from '../catalog/schemas.ts';
import { ProbityError } from '../errors.ts';
import { COMPARISON_ERROR } from './error.ts';
import { compareGaps, type Gap, gapsOf } from './gaps.ts';
import { compareGoalposts, type Goalpost } from './goalposts.ts';
import { compareMeasurements, type MeasurementChanges } from './measurements.ts';

/** The schema name written into every comparison. */
const COMPARISON_SCHEMA = 'probity/comparison/v1';

/** What changed between two assessments of one system. Facts only; words are made of it where it is shown. */
export interface Comparison extends MeasurementChanges {
  schema: typeof COMPARISON_SCHEMA;
  system: { id: string; name: string };
  asOf: { old: string; new: string };
  digests: { old: string; new: string };
  gaps: Gap[];
  goalposts: Goalpost[];
  /** The chance that an unchanged system is said to have changed, over all comparisons together. */
  sharedError: number;
  /** As-of dates of earlier assessments that say since when gaps are open. */
  earlier: string[];
}

export interface CompareOptions {
  /** The bundled profiles, by which "looser" is told. */
  profiles: readonly Profile[];
  /** Assessments before the older one, in any order. */
  earlier?: readonly Assessment[];
}

/**
 * Compares two assessments of one system. Pure: the same input gives the same document.
 * @throws ProbityError COMPARISON_IMPOSSIBLE for different systems, or where the older one is the later
 */
export function compare(before: Assessment, after: Assessment, { profiles, earlier = [] }: CompareOptions): Comparison {
  for (const one of [before, ...earlier])
    if (one.system.id !== after.system.id)
      throw new ProbityError(
        'COMPARISON_IMPOSSIBLE',
        `the assessments are of two systems, ${one.system.id} and ${after.system.id}`,
        { remedy: 'Compare assessments of one system; for several systems see: probity portfolio' },
      );
  if (before.asOf > after.asOf)
    throw new ProbityError(
      'COMPARISON_IMPOSSIBLE',
      `the older assessment is as of ${before.asOf}, after the newer one, ${after.asOf}`,
      { remedy: 'Name the older one first' },
    );
  const [old, fresh] = [before, after].map(assessmentDigest) as [string, string];
  const row = rowOf([...earlier], [old, fresh]);
  for (const one of row)
    if (one.asOf > before.asOf)
      throw new ProbityError(
        'COMPARISON_IMPOSSIBLE',
        `an earlier assessment is as of ${one.asOf}, after the older of the two, ${before.asOf}`,
        { remedy: 'Name the assessments from the oldest to the newest' },
      );
  return {
    schema: COMPARISON_SCHEMA,
    system: { id: after.system.id, name: after.system.name },
    asOf: { old: before.asOf, new: after.asOf },
    digests: { old, new: fresh },
    gaps: compareGaps(
      before,
      after,
      { assessments: row.map((one) => ({ asOf: one.asOf, gaps: gapsOf(one) })) },
      profiles,
    ),
    ...compareMeasurements(before, after),
    goalposts: compareGoalposts(before, after, profiles),
    sharedError: COMPARISON_ERROR,
    earlier: row.map(({ asOf }) => asOf),
  };
}

/** Earlier assessments from the oldest on, each once, without the two that are compared. */
function rowOf(earlier: readonly Assessment[], without: readonly string[]): Assessment[] {
  const byDigest = new Map(earlier.map((one) => [assessmentDigest(one), one]));
  for (const digest of without) byDigest.delete(digest);
  return [...byDigest]
    .sort(([a, one], [b, other]) => one.asOf.localeCompare(other.asOf, 'en') || (a < b ? -1 : 1))
    .map(([, one]) => one);
}
