import type { Assessment } from '../../assess/assessment.ts';
import { STATES } from '../../assess/outcome.ts';
import { countsInWords } from '../../measure/counts.ts';
import { ATTACK_CLASSES, type AttackClass } from '../../terms.ts';
import { figure } from '../numbers.ts';
import { CLASS_PARTS, CLASS_QUESTIONS, CLASS_TITLES, measureTitle, SURFACE_TITLES, verdictInWords } from '../words.ts';
import { atRate, chip, gapAnchor, intervalOf, measurementOf, resultsOf } from './common.ts';
import { isStale, linesOf, verdictSentence } from './verdict.ts';

/** One class on the first page. */
export function panel(assessment: Assessment, attackClass: AttackClass) {
  const verdict = assessment.verdicts[attackClass];
  const measured = measurementOf(assessment, verdict.worst?.measurement);
  return {
    attackClass,
    title: CLASS_TITLES[attackClass],
    part: CLASS_PARTS[attackClass],
    question: CLASS_QUESTIONS[attackClass],
    verdict: chip(verdict.state),
    sentence: verdictSentence(assessment, attackClass),
    lines: linesOf(assessment, attackClass, untestedOf(assessment, attackClass)),
    counts: STATES.filter((state) => (verdict.counts[state] ?? 0) > 0).map((state) => ({
      ...chip(state),
      count: verdict.counts[state] ?? 0,
    })),
    rests: verdictInWords(verdict),
    worst:
      verdict.worst && measured
        ? {
            control: verdict.worst.control,
            text: `${measureTitle(measured.measure)}${atRate(measured)}: ${figure(measured.measure, verdict.worst.observed)}, bound ${figure(measured.measure, verdict.worst.bound)}, limit ${figure(measured.measure, verdict.worst.threshold)}`,
            where: `${SURFACE_TITLES[measured.surface]}, ${measured.probe}; ${countsInWords(measured.counts)}`,
            interval: intervalOf(measured, verdict.worst.threshold),
          }
        : undefined,
    gaps: assessment.findings
      .filter((finding) => finding.attackClass === attackClass)
      .slice(0, 3)
      .map((finding) => ({
        anchor: gapAnchor(finding),
        control: finding.control,
        title: finding.title,
        severity: finding.severity,
        chip: chip(finding.state, finding.reason),
      })),
  };
}

/** The surfaces that no test of a class reached. */
export function untested(assessment: Assessment) {
  return ATTACK_CLASSES.map((attackClass) => ({
    className: CLASS_TITLES[attackClass],
    surfaces: untestedOf(assessment, attackClass),
  }));
}

function untestedOf(assessment: Assessment, attackClass: AttackClass): string[] {
  const cells = assessment.coverage.filter(
    (cell) => cell.attackClass === attackClass && assessment.system.surfaces.includes(cell.surface),
  );
  return assessment.system.surfaces
    .filter(
      (surface) =>
        cells.some((cell) => cell.surface === surface && cell.state === 'untested') &&
        !cells.some((cell) => cell.surface === surface && cell.tests > 0),
    )
    .map((surface) => SURFACE_TITLES[surface]);
}

/** The controls for which evidence is stale, by the reasons of their criteria. */
export function staleResults(assessment: Assessment) {
  return ATTACK_CLASSES.map((attackClass) => ({
    className: CLASS_TITLES[attackClass],
    controls: resultsOf(assessment, attackClass, isStale).map((result) => result.control),
  }));
}
