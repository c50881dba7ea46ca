import type { AssessedMeasurement, Assessment } from '../../assess/assessment.ts';
import { countsInWords } from '../../measure/counts.ts';
import { grouped } from '../../wording.ts';
import { figure, percent } from '../numbers.ts';
import { SURFACE_TITLES } from '../words.ts';
import { thresholdFor } from './common.ts';

/** A true-positive limit at one false-positive rate, with the interval measured there. */
export interface LimitMark {
  falsePositiveLimit: number;
  threshold: number;
  measured: AssessedMeasurement;
}

export function disclosures(measurements: readonly AssessedMeasurement[]) {
  return measurements
    .filter((m) => m.measure === 'disclosure' && m.disclosure)
    .map((m) => ({
      title: `${m.probe}, ${SURFACE_TITLES[m.surface]}`,
      curve: { test: m, limit: thresholdFor(m) },
      caption: `${m.notes.join('; ')}.`,
    }));
}

export function rocs(assessment: Assessment, measurements: readonly AssessedMeasurement[]) {
  return measurements
    .filter((m) => m.measure === 'roc.auc' && m.group === undefined && m.curve && m.curve.length > 1)
    .sort(
      (a, b) => Number(a.comparable === false) - Number(b.comparable === false) || nonMembersOf(b) - nonMembersOf(a),
    )
    .map((test) => {
      const same = measurements.filter(
        (m) =>
          m.measure === 'roc.tpr' &&
          m.group === undefined &&
          m.source[0]?.path === test.source[0]?.path &&
          m.source[0]?.at === test.source[0]?.at,
      );
      const marks = same.flatMap((measured): LimitMark[] => {
        const threshold = thresholdFor(measured);
        return threshold === null || measured.falsePositiveLimit === undefined || measured.resolvable === false
          ? []
          : [{ falsePositiveLimit: measured.falsePositiveLimit, threshold, measured }];
      });
      return {
        title: `${test.probe}, ${SURFACE_TITLES[test.surface]}`,
        curve: { test, marks, privacy: assessment.system.differentialPrivacy },
        caption: [
          `${countsInWords(test.counts)}.`,
          ...same.map((m) => operatingPointText(m)),
          same.some((m) => m.thresholdFrom === 'calibration')
            ? 'Thresholds were chosen on records set aside for it.'
            : 'Thresholds were chosen on the records they are scored on, which favours the attacker.',
          ...(test.comparable === false
            ? [
                'Members and non-members can be told apart without the model, so this curve says nothing about membership.',
              ]
            : []),
        ].join(' '),
        invalid: test.comparable === false,
      };
    });
}

function nonMembersOf({ counts }: AssessedMeasurement): number {
  return counts.of === 'records' ? counts.nonMembers : 0;
}

function operatingPointText(m: AssessedMeasurement): string {
  const rate = percent(m.falsePositiveLimit ?? 0);
  return m.resolvable !== false
    ? `At ${rate} false positives the attack recognises ${figure('roc.tpr', m.estimate)} of members (95% interval ${figure('roc.tpr', m.lower)} to ${figure('roc.tpr', m.upper)}).`
    : `${grouped(nonMembersOf(m))} non-members cannot resolve ${rate} false positives; no limit is drawn there.`;
}
