import type { Assessment, Finding } from './assessment.ts';
import type { Reason } from './outcome.ts';

/** What can leave a question open: a test of the model, or a statement, a record or an inventory. */
export type LeftOpenBy = 'test' | 'document';

/**
 * By what each reason of a finding was left open. A criterion rests on tests when evidence of it is what something was
 * measured from; where nothing says so, on a document.
 */
export function leftOpenBy(assessment: Assessment): (finding: Finding, reason: Reason) => LeftOpenBy[] {
  const measured = new Set(assessment.measurements.flatMap(({ source }) => source.map(placeOf)));
  const results = new Map(assessment.results.map((result) => [`${result.control}.${result.attackClass}`, result]));
  const areas = new Map(assessment.controls.map(({ id, area }) => [id, area]));
  return ({ control, attackClass }, reason) => {
    const criteria =
      results
        .get(`${control}.${attackClass}`)
        ?.criteria.filter((one) => one.reason === reason || (one.reasons ?? []).includes(reason)) ?? [];
    const area = areas.get(control);
    const kinds = criteria.map((one): LeftOpenBy => {
      // Where there is no evidence at all, what the control is about says what is missing.
      if (one.evidence.length === 0) return area === 'leakage' || area === 'tests' ? 'test' : 'document';
      return one.evidence.some((source) => measured.has(placeOf(source))) ? 'test' : 'document';
    });
    return kinds.length === 0 ? ['document'] : [...new Set(kinds)];
  };
}

function placeOf({ path, at }: { path: string; at: string }): string {
  return JSON.stringify([path, at]);
}
