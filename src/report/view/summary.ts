import type { Assessment } from '../../assess/assessment.ts';
import { STATES } from '../../assess/outcome.ts';
import { countsInWords } from '../../measure/counts.ts';
import { ATTACK_CLASSES, type AttackClass } from '../../terms.ts';
import { figure, plural } from '../numbers.ts';
import { CLASS_PARTS, CLASS_QUESTIONS, CLASS_TITLES, measureTitle, SURFACE_TITLES, verdictInWords } from '../words.ts';
import { changeLine } from './change.ts';
import { atRate, chip, decidingInterval, gapAnchor, measurementOf, resultsOf } from './common.ts';
import { hasReason, linesOf, verdictSentence } from './verdict.ts';

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
    /** What changed since the assessment before; none where none was given. */
    change: changeLine(assessment, attackClass),
    responses: responsesLine(assessment, attackClass),
    worst:
      verdict.worst && measured
        ? {
            control: verdict.worst.control,
            text: `${measureTitle(measured.measure)}${atRate(measured)}: ${figure(measured.measure, verdict.worst.observed)}, bound ${figure(measured.measure, verdict.worst.bound)}, limit ${figure(measured.measure, verdict.worst.threshold)}`,
            where: `${SURFACE_TITLES[measured.surface]}, ${measured.probe}; ${countsInWords(measured.counts)}`,
            interval: decidingInterval(measured, verdict.worst),
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

/** How far people are with the open gaps of a class: owned, overdue, done by their own word, and accepted. */
export function responsesLine(assessment: Assessment, attackClass: AttackClass): string {
  const gaps = assessment.findings.filter((finding) => finding.attackClass === attackClass);
  const today = assessment.asOf.slice(0, 10);
  const owned = gaps.filter(({ owner }) => owner !== undefined).length;
  const overdue = gaps.filter(({ due }) => due !== undefined && due.slice(0, 10) < today).length;
  const working = gaps.filter(({ status }) => status === 'in progress').length;
  const accepted = assessment.verdicts[attackClass].counts['risk-accepted'] ?? 0;
  const also = accepted > 0 ? `; ${accepted} accepted beside them` : '';
  if (gaps.length === 0) return `Responses: no gap is open${also}.`;
  const parts = [
    `${owned === 0 ? 'none' : owned} of ${plural(gaps.length, 'open gap')} ${owned > 1 ? 'have' : 'has'} an owner`,
    ...(working > 0 ? [`${working} in progress`] : []),
    `${overdue === 0 ? 'none' : overdue} overdue`,
  ];
  return `Responses: ${parts.join(', ')}${also}.`;
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
    controls: resultsOf(assessment, attackClass, (result) => hasReason(result, 'stale')).map(
      (result) => result.control,
    ),
  }));
}
