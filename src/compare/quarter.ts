import type { Assessment } from '../assess/assessment.ts';
import type { History } from '../assess/history.ts';
import { perClass } from '../terms.ts';

/** One assessment of a row, in short, without its digest. */
export function quarterOf(assessment: Assessment): Omit<History['previous'][number], 'sha256'> {
  return {
    asOf: assessment.asOf,
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
