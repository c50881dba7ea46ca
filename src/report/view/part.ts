import type { AssessedMeasurement, Assessment, Finding, Result } from '../../assess/assessment.ts';
import { SUPPORTING_FAMILIES } from '../../catalog/schemas.ts';
import type { AttackClass } from '../../terms.ts';
import { plural } from '../numbers.ts';
import {
  BASIS_TITLES,
  CLASS_PARTS,
  CLASS_QUESTIONS,
  CLASS_TITLES,
  inOneLine,
  REASON_ANSWERS,
  SURFACE_TITLES,
} from '../words.ts';
import { chip, gapAnchor, intervalOf, measurementOf, resultsOf, sourceLinks } from './common.ts';
import { disclosures, rocs } from './figures.ts';
import { measurementGroups } from './measurements.ts';

/** Part A or part B: everything about one class. */
export function part(assessment: Assessment, attackClass: AttackClass, anchors: ReadonlyMap<string, string>) {
  const measurements = assessment.measurements.filter((m) => m.attackClass === attackClass);
  const own = resultsOf(
    assessment,
    attackClass,
    (result) => !SUPPORTING_FAMILIES.includes(familyOf(assessment, result.control)),
  );
  return {
    attackClass,
    letter: CLASS_PARTS[attackClass],
    title: CLASS_TITLES[attackClass],
    question: CLASS_QUESTIONS[attackClass],
    matrix: matrix(assessment, attackClass),
    results: own.map((result) => resultView(assessment, result)),
    groups: measurementGroups(assessment, measurements, anchors),
    rocs: attackClass === 'membership-inference' ? rocs(assessment, measurements) : [],
    disclosures: disclosures(measurements),
    gaps: assessment.findings
      .filter((finding) => finding.attackClass === attackClass)
      .map((finding) => gapView(assessment, finding, anchors)),
    residual: residual(assessment, attackClass),
    limitations: limitations(assessment, attackClass, measurements),
  };
}

function controlTitle(assessment: Assessment, id: string): string {
  return assessment.controls.find((control) => control.id === id)?.title ?? id;
}

function familyOf(assessment: Assessment, id: string): string {
  return assessment.controls.find((control) => control.id === id)?.family ?? '';
}

function matrix(assessment: Assessment, attackClass: AttackClass) {
  const surfaces = assessment.system.surfaces;
  const techniques = [
    ...new Map(
      assessment.coverage
        .filter((cell) => cell.attackClass === attackClass)
        .map((cell) => [cell.technique, cell.title]),
    ),
  ];
  return {
    surfaces: surfaces.map((surface) => SURFACE_TITLES[surface]),
    rows: techniques
      .map(([technique, title]) => ({
        title,
        cells: surfaces.map((surface) => {
          const cell = assessment.coverage.find((one) => one.technique === technique && one.surface === surface);
          if (!cell || cell.state === 'not-applicable') return { kind: 'none', text: 'does not apply' };
          if (cell.state === 'untested') return { kind: 'untested', text: 'not tested' };
          const aside = [
            cell.stale > 0 ? `${cell.stale} stale` : '',
            cell.invalid > 0 ? `${cell.invalid} invalid comparison` : '',
          ].filter(Boolean);
          return { kind: cell.fresh === 0 ? 'old' : 'tested', text: [plural(cell.tests, 'test'), ...aside].join(', ') };
        }),
      }))
      .filter((row) => row.cells.some((cell) => cell.kind !== 'none')),
  };
}

function resultView(assessment: Assessment, result: Result) {
  return {
    control: result.control,
    title: controlTitle(assessment, result.control),
    objective: assessment.controls.find((control) => control.id === result.control)?.objective ?? '',
    severity: result.severity,
    chip: chip(result.state, result.reason),
    basis: result.basis ? `rests on ${BASIS_TITLES[result.basis]}` : undefined,
    criteria: result.criteria.map((criterion) => {
      const m = measurementOf(assessment, criterion.measurement);
      return {
        ...criterion,
        chip: chip(criterion.state, criterion.reason),
        others: (criterion.others ?? []).map(inOneLine),
        interval:
          m && typeof criterion.threshold === 'number' && criterion.bound !== null
            ? intervalOf(m, criterion.threshold)
            : undefined,
      };
    }),
  };
}

function gapView(assessment: Assessment, finding: Finding, anchors: ReadonlyMap<string, string>) {
  const shorts = new Map(assessment.frameworks.map((framework) => [framework.id, framework.short]));
  const byFramework = Map.groupBy(finding.frameworks, (entry) => entry.framework);
  return {
    anchor: gapAnchor(finding),
    id: finding.id,
    control: finding.control,
    title: finding.title,
    severity: finding.severity,
    chip: chip(finding.state, finding.reason),
    consequence: finding.consequence,
    why: finding.why,
    answers: (finding.reasons ?? []).map((reason) => REASON_ANSWERS[reason]),
    remediation: finding.remediation,
    owner: finding.owner ?? assessment.system.owner.name,
    ownerBasis: finding.owner ? '' : ' (owner of the system; none assigned)',
    due: finding.due ?? 'not set',
    evidence: sourceLinks(finding.evidence.slice(0, 6), anchors),
    moreEvidence: Math.max(0, finding.evidence.length - 6),
    frameworks: [...byFramework].map(
      ([id, entries]) => `${shorts.get(id) ?? id}: ${entries.map((entry) => entry.item).join(', ')}`,
    ),
  };
}

function residual(assessment: Assessment, attackClass: AttackClass): string[] {
  const accepted = resultsOf(assessment, attackClass, (result) => result.state === 'risk-accepted');
  const open = resultsOf(assessment, attackClass, (result) => result.state === 'not-satisfied');
  const unknown = resultsOf(assessment, attackClass, (result) => result.state === 'not-assessed');
  const list = (results: readonly Result[]): string => results.map((result) => result.control).join(', ');
  return [
    open.length > 0
      ? `Shown to exist and not accepted: ${list(open)}.`
      : 'Nothing that was measured exceeds its limit without being accepted.',
    unknown.length > 0
      ? `Of unknown size, because it was not assessed: ${list(unknown)}.`
      : 'Every applicable control was assessed.',
    accepted.length > 0 ? `Accepted for now: ${list(accepted)}.` : 'No risk of this class is accepted.',
  ];
}

function limitations(
  assessment: Assessment,
  attackClass: AttackClass,
  measurements: readonly AssessedMeasurement[],
): string[] {
  const notes: string[] = [];
  const detectors = [...new Set(measurements.map((m) => m.detector).filter((name) => name !== undefined))];
  if (detectors.length > 0) notes.push(`Success was decided by: ${detectors.join('; ')}.`);
  const trusted = [
    ...new Set(measurements.filter((m) => m.detector !== undefined && !m.uncorrected).map((m) => m.detector)),
  ];
  if (trusted.length > 0)
    notes.push(
      `Rates are not corrected for the mistakes of ${trusted.length === detectors.length ? 'these detectors' : trusted.join('; ')}: their error rates are not provided.`,
    );
  const optimistic = new Set(measurements.filter((m) => m.thresholdFrom === 'same-records').map((m) => m.probe));
  if (optimistic.size > 0)
    notes.push(`Thresholds were chosen on the records they are scored on in: ${[...optimistic].join('; ')}.`);
  const undecided = measurements.reduce(
    (sum, m) => sum + (m.counts.of === 'attempts' && !m.pooled ? m.counts.notEvaluated + m.counts.errors : 0),
    0,
  );
  if (undecided > 0)
    notes.push(
      `${undecided} attempts had no verdict or failed technically; in the bound that decides they are counted as successes of the attack.`,
    );
  const invalid = measurements.filter((m) => m.comparable === false);
  if (invalid.length > 0)
    notes.push(`Invalid comparisons, shown and not used: ${[...new Set(invalid.map((m) => m.probe))].join('; ')}.`);
  if (attackClass === 'membership-inference')
    notes.push(
      'A strong attack bounds what this attacker reached, not what a better one might reach.',
      ...(assessment.toolsWithoutMembership.length > 0
        ? [`No membership inference test comes from: ${assessment.toolsWithoutMembership.join(', ')}.`]
        : []),
    );
  else
    notes.push(
      'Attribute inference is judged only by its advantage over imputation, and apart from extraction and reconstruction.',
    );
  return notes;
}
