import type { AssessedMeasurement, Assessment, Finding, Result } from '../../assess/assessment.ts';
import { SUPPORTING_FAMILIES } from '../../catalog/schemas.ts';
import type { AttackClass } from '../../terms.ts';
import { figure, plural } from '../numbers.ts';
import {
  BASIS_TITLES,
  CLASS_PARTS,
  CLASS_QUESTIONS,
  CLASS_TITLES,
  FAILS_BY_ITSELF,
  inOneLine,
  measureTitle,
  SURFACE_TITLES,
  warrantInWords,
} from '../words.ts';
import { type Due, duesOf, planOf } from './actions.ts';
import {
  answersIn,
  atRate,
  chip,
  decidingCriterion,
  decidingInterval,
  gapAnchor,
  type Interval,
  inShort,
  measurementOf,
  resultsOf,
  sourceLinks,
} from './common.ts';
import { disclosures, rocs } from './figures.ts';
import { measurementGroups } from './measurements.ts';
import { dueText } from './plan.ts';

/** How much of each kind a part lists. */
export interface Most {
  measurements: number;
  curves: number;
}

const EVERYTHING: Most = { measurements: Number.POSITIVE_INFINITY, curves: Number.POSITIVE_INFINITY };

/** Part A or part B: everything about one class. */
export function part(
  assessment: Assessment,
  attackClass: AttackClass,
  anchors: ReadonlyMap<string, string>,
  most: Most = EVERYTHING,
) {
  const measurements = assessment.measurements.filter((m) => m.attackClass === attackClass);
  const own = resultsOf(
    assessment,
    attackClass,
    (result) => !SUPPORTING_FAMILIES.includes(familyOf(assessment, result.control)),
  );
  const curves = attackClass === 'membership-inference' ? rocs(assessment, measurements) : [];
  const disclosed = disclosures(measurements);
  const dues = duesOf(planOf(assessment));
  const answers = answersIn(assessment);
  const asked = decidingTests(assessment, own);
  // Those that were held against a limit come first where not all are listed.
  const listed =
    measurements.length <= most.measurements
      ? measurements
      : measurements
          .toSorted((a, b) => Number(b.limits.length > 0) - Number(a.limits.length > 0))
          .slice(0, most.measurements);
  return {
    attackClass,
    letter: CLASS_PARTS[attackClass],
    title: CLASS_TITLES[attackClass],
    question: CLASS_QUESTIONS[attackClass],
    matrix: matrix(assessment, attackClass),
    forest: forest(assessment, own),
    controls: own.map((result) => controlRow(assessment, result)),
    results: own.map((result) => resultView(assessment, result)),
    groups: measurementGroups(assessment, listed, anchors),
    /** How many measurements are not listed. */
    unlisted: measurements.length - listed.length,
    rocs: curves.slice(0, most.curves),
    disclosures: disclosed.slice(0, most.curves),
    unlistedCurves: Math.max(0, curves.length - most.curves) + Math.max(0, disclosed.length - most.curves),
    /** The curves of the tests that decide, failing ones first; the first where none does. */
    deciding: {
      roc:
        asked.map((m) => curves.find(({ curve, invalid }) => !invalid && isSameTest(curve.test, m))).find(Boolean) ??
        curves[0],
      disclosure: asked.map((m) => disclosed.find(({ curve }) => curve.test.id === m.id)).find(Boolean) ?? disclosed[0],
    },
    gaps: assessment.findings
      .filter((finding) => finding.attackClass === attackClass)
      .map((finding) => gapView(assessment, finding, anchors, dues.get(finding.id), answers(finding))),
    residual: residual(assessment, attackClass),
    limitations: limitations(assessment, attackClass, measurements),
  };
}

/** The measurements that decide results, those of failing criteria first. */
function decidingTests(assessment: Assessment, results: readonly Result[]): AssessedMeasurement[] {
  const criteria = results.flatMap((result) => result.criteria);
  const failing = criteria.filter(({ state }) => state === 'not-satisfied');
  return [...failing, ...criteria].flatMap(({ measurement }) => measurementOf(assessment, measurement) ?? []);
}

function isSameTest(a: AssessedMeasurement, b: AssessedMeasurement): boolean {
  return a.probe === b.probe && a.source[0]?.path === b.source[0]?.path && a.source[0]?.at === b.source[0]?.at;
}

/** Every bound that decides, against its limit; attribute inference apart from content. */
function forest(assessment: Assessment, results: readonly Result[]) {
  const rows = results.flatMap((result) =>
    result.criteria.flatMap((criterion) => {
      const m = measurementOf(assessment, criterion.measurement);
      const held = m?.limits.some((limit) => limit.control === result.control && limit.criterion === criterion.id);
      if (!m || !held || typeof criterion.threshold !== 'number' || typeof criterion.observed !== 'number') return [];
      const { observed, bound, threshold } = criterion;
      const bar = decidingInterval(m, { observed, bound, threshold });
      return [
        {
          subject: m.subject,
          control: result.control,
          what: `${measureTitle(m.measure)}${atRate(m)}`,
          where: `${m.probe}, ${SURFACE_TITLES[m.surface].toLowerCase()}`,
          numbers: numbersText(bar),
          limit: figure(m.measure, criterion.threshold),
          bar,
          chip: chip(criterion.state, criterion.reason),
          warrant: criterion.state === 'not-satisfied' ? FAILS_BY_ITSELF : warrantInWords(m.warrant),
        },
      ];
    }),
  );
  return SUBJECTS.map(({ subject, title }) => ({ title, rows: rows.filter((row) => row.subject === subject) }))
    .filter((group) => group.rows.length > 0)
    .map((group) => ({ ...group, few: group.rows.length <= FEW }));
}

/** So many rows stay on one page. */
const FEW = 8;

const SUBJECTS = [
  { subject: 'membership', title: 'Membership' },
  { subject: 'content', title: 'Content: extraction, reconstruction and leakage' },
  { subject: 'attribute', title: 'Attribute inference, judged only by its advantage over imputation' },
] as const;

function numbersText({ measure, estimate, lower, upper }: Interval): string {
  if (lower !== null && upper === null) return `at least ${figure(measure, lower)}`;
  if (lower === null || upper === null) return `${figure(measure, estimate)}, no interval`;
  return lower === upper
    ? figure(measure, estimate)
    : `${figure(measure, estimate)} (${figure(measure, lower)} to ${figure(measure, upper)})`;
}

/** One control in one row: its state, what decided it in short, and where the whole of it stands. */
function controlRow(assessment: Assessment, result: Result) {
  const deciding = decidingCriterion(result);
  const open = result.state === 'not-satisfied' || result.state === 'not-assessed';
  return {
    control: result.control,
    title: controlTitle(assessment, result.control),
    chip: chip(result.state, result.reason),
    basis: result.basis ? `rests on ${BASIS_TITLES[result.basis]}` : undefined,
    sentence: inShort(deciding?.detail ?? ''),
    link: open ? gapAnchor(result) : undefined,
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
            cell.stale - (cell.notYet ?? 0) > 0 ? `${cell.stale - (cell.notYet ?? 0)} stale` : '',
            (cell.notYet ?? 0) > 0 ? `${cell.notYet} not yet valid` : '',
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
      const { observed, bound, threshold } = criterion;
      return {
        ...criterion,
        chip: chip(criterion.state, criterion.reason),
        others: (criterion.others ?? []).map(inOneLine),
        interval:
          m && typeof observed === 'number' && typeof threshold === 'number' && bound !== null
            ? decidingInterval(m, { observed, bound, threshold })
            : undefined,
      };
    }),
  };
}

function gapView(
  assessment: Assessment,
  finding: Finding,
  anchors: ReadonlyMap<string, string>,
  due: Due | undefined,
  answers: readonly string[],
) {
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
    answers,
    remediation: finding.remediation,
    owner: finding.owner ?? assessment.system.owner.name,
    ownerBasis: finding.owner ? '' : ' (owner of the system; none assigned)',
    due: finding.due
      ? dueText({ date: finding.due, set: true }, assessment)
      : due
        ? dueText(due, assessment)
        : 'not set',
    status: finding.status,
    response: finding.response,
    acceptance: finding.acceptance,
    evidence: sourceLinks(finding.evidence.slice(0, 6), anchors),
    moreEvidence: Math.max(0, finding.evidence.length - 6),
    ...citedOf(assessment, byFramework, shorts),
    frameworks: [...byFramework].map(
      ([id, entries]) => `${shorts.get(id) ?? id}: ${entries.map((entry) => entry.item).join(', ')}`,
    ),
  };
}

/** What a gap says of the frameworks that the workspace cites, and how many others it speaks to. */
function citedOf(
  { system }: Assessment,
  byFramework: ReadonlyMap<string, readonly Finding['frameworks'][number][]>,
  shorts: ReadonlyMap<string, string>,
) {
  const cited = system.frameworks ?? [...byFramework.keys()];
  const others = [...byFramework.keys()].filter((id) => !cited.includes(id)).length;
  return {
    citedFrameworks: cited.flatMap((id) => {
      const items = byFramework.get(id);
      return items ? [`${shorts.get(id) ?? id}: ${items.map(({ item }) => item).join(', ')}`] : [];
    }),
    moreFrameworks: others > 0 ? `items of ${plural(others, 'other framework')}: see the crosswalk` : undefined,
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
