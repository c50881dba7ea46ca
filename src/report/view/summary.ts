import type { Assessment } from '../../assess/assessment.ts';
import { STATES } from '../../assess/outcome.ts';
import { countsInWords } from '../../measure/counts.ts';
import { ATTACK_CLASSES, type AttackClass } from '../../terms.ts';
import { figure } from '../numbers.ts';
import { CLASS_PARTS, CLASS_QUESTIONS, CLASS_TITLES, measureTitle, SURFACE_TITLES, verdictInWords } from '../words.ts';
import { atRate, chip, day, gapAnchor, intervalOf, measurementOf, resultsOf } from './common.ts';

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
  return ATTACK_CLASSES.map((attackClass) => {
    const cells = assessment.coverage.filter(
      (cell) => cell.attackClass === attackClass && assessment.system.surfaces.includes(cell.surface),
    );
    const surfaces = assessment.system.surfaces.filter(
      (surface) =>
        cells.some((cell) => cell.surface === surface && cell.state === 'untested') &&
        !cells.some((cell) => cell.surface === surface && cell.tests > 0),
    );
    return {
      className: CLASS_TITLES[attackClass],
      surfaces: surfaces.map((surface) => SURFACE_TITLES[surface]),
    };
  });
}

/** The controls for which evidence is stale, by the reasons of their criteria. */
export function staleResults(assessment: Assessment) {
  return ATTACK_CLASSES.map((attackClass) => ({
    className: CLASS_TITLES[attackClass],
    controls: resultsOf(assessment, attackClass, (result) =>
      result.criteria.some(
        (criterion) =>
          (criterion.reasons ?? []).includes('stale') || criterion.others?.some((other) => other.reason === 'stale'),
      ),
    ).map((result) => result.control),
  }));
}

/** What the report asks of its reader: each a decision somebody can take, in the order of weight. */
export function decisions(assessment: Assessment): string[] {
  const asks: string[] = [];
  for (const attackClass of ATTACK_CLASSES) {
    const open = assessment.findings.filter((finding) => finding.attackClass === attackClass);
    const failing = open.filter((finding) => finding.state === 'not-satisfied');
    const unknown = open.filter((finding) => finding.state === 'not-assessed');
    const name = CLASS_TITLES[attackClass];
    if (failing.length > 0)
      asks.push(
        `${name}: remediate or formally accept ${firstOf(failing)}; none has a risk acceptance in force for this class.`,
      );
    if (unknown.length > 0) asks.push(`${name}: commission the tests or records that ${firstOf(unknown)} lack.`);
  }
  for (const waiver of assessment.waivers.filter((one) => one.inForce))
    asks.push(
      `${CLASS_TITLES[waiver.attackClass]}: the acceptance of ${waiver.control} by ${waiver.approver} ends on ${day(waiver.expires)}; renew it or close the gap.`,
    );
  return asks;
}

/** How many controls a decision names; the list of gaps has them all. */
const NAMED = 8;

function firstOf(findings: readonly { control: string }[]): string {
  const more = findings.length - NAMED;
  const names = findings.slice(0, NAMED).map(({ control }) => control);
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}
