import {
  type AssessedMeasurement,
  type Assessment,
  assessmentDigest,
  type Finding,
  type Result,
} from '../assess/assessment.ts';
import { STATES, type State } from '../assess/outcome.ts';
import { countsInWords } from '../measure/counts.ts';
import { ATTACK_CLASSES, type AttackClass } from '../terms.ts';
import { grouped } from '../wording.ts';
import { countsBar } from './charts/counts.ts';
import { disclosureChart } from './charts/disclosure.ts';
import { intervalBar } from './charts/intervals.ts';
import { reachBar } from './charts/reach.ts';
import { type RocMark, rocChart } from './charts/roc.ts';
import { type SigningStatement, signingLine } from './signing.ts';
import {
  CLASS_PARTS,
  CLASS_QUESTIONS,
  CLASS_TITLES,
  figure,
  MEASURE_TITLES,
  METHOD_TITLES,
  percent,
  plural,
  REASON_TITLES,
  STATE_TITLES,
  SURFACE_TITLES,
} from './words.ts';

/*
 * What the PDF shows, in words and drawings. Nothing here is computed: numbers come from the assessment, and this file
 * only selects, orders and phrases them.
 */

/** A state as it is shown: its word, its style, and the reason where there is one. */
interface Chip {
  css: string;
  text: string;
  reason?: string;
}

function chip(state: State, reason?: string): Chip {
  return { css: state, text: STATE_TITLES[state], ...(reason ? { reason: REASON_TITLES[reason] ?? reason } : {}) };
}

const SUPPORTING = new Set(['access', 'monitoring', 'governance']);

/** The PDF's and HTML's view of an assessment. */
export function reportModel(assessment: Assessment, signing: SigningStatement | undefined) {
  const anchors = new Map(assessment.evidence.map((entry, index) => [entry.path, `evidence-${index + 1}`]));
  return {
    title: `${assessment.system.name}: assurance report on membership inference and model inversion`,
    assessment,
    signing: signingLine(signing),
    signer: signing,
    assessmentDigest: assessmentDigest(assessment),
    rootShort: assessment.evidenceRoot.slice(0, 16),
    surfaces: assessment.system.surfaces.map((surface) => SURFACE_TITLES[surface] ?? surface),
    panels: ATTACK_CLASSES.map((attackClass) => panel(assessment, attackClass)),
    untested: untested(assessment),
    stale: staleResults(assessment),
    decisions: decisions(assessment),
    parts: ATTACK_CLASSES.map((attackClass) => part(assessment, attackClass, anchors)),
    supporting: supporting(assessment, anchors),
    frameworks: frameworkViews(assessment),
    catalogChanges: catalogChanges(assessment),
    legacy: assessment.legacy,
    waivers: assessment.waivers.map((waiver) => ({
      ...waiver,
      className: CLASS_TITLES[waiver.attackClass],
      issued: waiver.issued.slice(0, 10),
      expires: waiver.expires.slice(0, 10),
    })),
    changes: assessment.changes.map((change) => ({
      ...change,
      date: change.date.slice(0, 10),
      surfaces: change.surfaces.map((surface) => SURFACE_TITLES[surface] ?? surface).join(', '),
    })),
    parameters: Object.entries(assessment.profile.parameters).map(([name, value]) => ({ name, value: String(value) })),
    methods: [...new Set(assessment.measurements.map((m) => m.method))]
      .sort()
      .map((method) => METHOD_TITLES[method] ?? method),
    evidence: assessment.evidence.map((entry, index) => evidenceRow(assessment, entry, `evidence-${index + 1}`)),
    unmapped: assessment.evidence.flatMap((entry) =>
      entry.unmapped.map((one) => ({ ...one, path: entry.path, anchor: anchors.get(entry.path) })),
    ),
    rejected: assessment.evidence.filter((entry) => !entry.accepted).length,
  };
}

function resultsOf(
  assessment: Assessment,
  attackClass: AttackClass,
  keep: (result: Result) => boolean = () => true,
): Result[] {
  return assessment.results.filter((result) => result.attackClass === attackClass && keep(result));
}

function controlTitle(assessment: Assessment, id: string): string {
  return assessment.controls.find((control) => control.id === id)?.title ?? id;
}

function measurementOf(assessment: Assessment, id: string | undefined): AssessedMeasurement | undefined {
  return assessment.measurements.find((m) => m.id === id);
}

function panel(assessment: Assessment, attackClass: AttackClass) {
  const verdict = assessment.verdicts[attackClass];
  const measured = measurementOf(assessment, verdict.worst?.measurement);
  return {
    attackClass,
    title: CLASS_TITLES[attackClass],
    part: CLASS_PARTS[attackClass],
    question: CLASS_QUESTIONS[attackClass],
    verdict: chip(verdict.state),
    bar: countsBar(verdict.counts, CLASS_TITLES[attackClass], attackClass),
    counts: STATES.filter((state) => (verdict.counts[state] ?? 0) > 0).map((state) => ({
      ...chip(state),
      count: verdict.counts[state],
    })),
    worst:
      verdict.worst && measured
        ? {
            control: verdict.worst.control,
            text: `${MEASURE_TITLES[measured.measure]}${atRate(measured)}: ${figure(measured.measure, verdict.worst.observed)}, bound ${figure(measured.measure, verdict.worst.bound)}, limit ${figure(measured.measure, verdict.worst.threshold)}`,
            where: `${SURFACE_TITLES[measured.surface]}, ${measured.probe}; ${sampleText(measured)}`,
            bar: barOf(measured, verdict.worst.threshold),
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

function atRate(m: AssessedMeasurement): string {
  const rate = m.falsePositiveLimit === undefined ? '' : ` at ${m.falsePositiveLimit * 100}% false positives`;
  const prior = m.prior === undefined ? '' : `, where ${m.prior * 100}% are members`;
  return `${rate}${prior}${m.group === undefined ? '' : `, group ${m.group}`}`;
}

function barOf(m: AssessedMeasurement, threshold: number | null): string {
  return intervalBar({
    measure: m.measure,
    estimate: m.estimate,
    lower: m.lower,
    upper: m.upper,
    threshold,
    name: `${MEASURE_TITLES[m.measure]}, ${m.probe}`,
  });
}

function sampleText(m: AssessedMeasurement): string {
  return countsInWords(m.counts);
}

function gapAnchor(finding: Pick<Finding, 'control' | 'attackClass'>): string {
  return `gap-${finding.control}-${CLASS_PARTS[finding.attackClass]}`.toLowerCase();
}

function untested(assessment: Assessment) {
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
      surfaces: surfaces.map((surface) => SURFACE_TITLES[surface] ?? surface),
    };
  });
}

function staleResults(assessment: Assessment) {
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
function decisions(assessment: Assessment): string[] {
  const asks: string[] = [];
  for (const attackClass of ATTACK_CLASSES) {
    const open = assessment.findings.filter((finding) => finding.attackClass === attackClass);
    const failing = open.filter((finding) => finding.state === 'not-satisfied');
    const unknown = open.filter((finding) => finding.state === 'not-assessed');
    const name = CLASS_TITLES[attackClass];
    if (failing.length > 0)
      asks.push(
        `${name}: remediate or formally accept ${failing.map((finding) => finding.control).join(', ')}; none has a risk acceptance in force for this class.`,
      );
    if (unknown.length > 0)
      asks.push(
        `${name}: commission the tests or records that ${unknown.map((finding) => finding.control).join(', ')} lack.`,
      );
  }
  for (const waiver of assessment.waivers.filter((one) => one.inForce))
    asks.push(
      `${CLASS_TITLES[waiver.attackClass]}: the acceptance of ${waiver.control} by ${waiver.approver} ends on ${waiver.expires.slice(0, 10)}; renew it or close the gap.`,
    );
  return asks;
}

function part(assessment: Assessment, attackClass: AttackClass, anchors: ReadonlyMap<string, string>) {
  const measurements = assessment.measurements.filter((m) => m.attackClass === attackClass);
  const own = resultsOf(assessment, attackClass, (result) => !SUPPORTING.has(familyOf(assessment, result.control)));
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
    surfaces: surfaces.map((surface) => SURFACE_TITLES[surface] ?? surface),
    rows: techniques
      .map(([technique, title]) => ({
        title,
        cells: surfaces.map((surface) => {
          const cell = assessment.coverage.find((one) => one.technique === technique && one.surface === surface);
          if (!cell || cell.state === 'not-applicable') return { css: 'none', text: 'does not apply' };
          if (cell.state === 'untested') return { css: 'untested', text: 'not tested' };
          const aside = [
            cell.tests - cell.fresh - cell.invalid > 0 ? `${cell.tests - cell.fresh - cell.invalid} stale` : '',
            cell.invalid > 0 ? `${cell.invalid} invalid comparison` : '',
          ].filter(Boolean);
          return { css: cell.fresh === 0 ? 'old' : 'tested', text: [plural(cell.tests, 'test'), ...aside].join(', ') };
        }),
      }))
      .filter((row) => row.cells.some((cell) => cell.css !== 'none')),
  };
}

function resultView(assessment: Assessment, result: Result) {
  return {
    control: result.control,
    title: controlTitle(assessment, result.control),
    objective: assessment.controls.find((control) => control.id === result.control)?.objective ?? '',
    severity: result.severity,
    chip: chip(result.state, result.reason),
    criteria: result.criteria.map((criterion) => {
      const m = measurementOf(assessment, criterion.measurement);
      return {
        ...criterion,
        chip: chip(criterion.state, criterion.reason),
        bar:
          m && typeof criterion.threshold === 'number' && criterion.bound !== null
            ? barOf(m, criterion.threshold)
            : undefined,
      };
    }),
  };
}

/** From so many numbers on, a test has a table of its own, which says once what all its rows share. */
const TABLE_OF_ITS_OWN = 4;

/** Every measurement of a class, by technique, so that attribute inference never stands in a row with reconstruction. */
function measurementGroups(
  assessment: Assessment,
  measurements: readonly AssessedMeasurement[],
  anchors: ReadonlyMap<string, string>,
) {
  const titles = new Map(assessment.coverage.map((cell) => [cell.technique, cell.title]));
  return [...Map.groupBy(measurements, (m) => m.technique)].map(([technique, ofTechnique]) => {
    const tests = [
      ...Map.groupBy(ofTechnique, (m) => JSON.stringify([m.source, m.surface, m.probe, m.detector])).values(),
    ];
    const large = tests.filter((test) => test.length >= TABLE_OF_ITS_OWN);
    return {
      title: titles.get(technique) ?? technique,
      rows: tests
        .filter((test) => !large.includes(test))
        .flatMap((test) => test.map((m) => ({ ...identityOf(m, anchors), ...measurementRow(m, []) }))),
      tests: large.map((test) => {
        const all = test.flatMap(notesOf);
        const shared = [...new Set(all.filter((note, index) => all.indexOf(note) !== index))];
        return {
          ...identityOf(test[0] as AssessedMeasurement, anchors),
          rows: test.map((m) => measurementRow(m, shared)),
          shared: shared.map((note, index) => ({ letter: letterOf(index), note })),
        };
      }),
    };
  });
}

function identityOf(m: AssessedMeasurement, anchors: ReadonlyMap<string, string>) {
  return {
    probe: m.probe,
    detector: m.detector,
    surface: SURFACE_TITLES[m.surface] ?? m.surface,
    collected: m.collected?.slice(0, 10) ?? 'undated',
    tool: m.tool ? `${m.tool.name} ${m.tool.version ?? ''}`.trim() : undefined,
    source: sourceLinks(m.source, anchors),
  };
}

/** @param shared notes that stand below the table, called by their letters */
function measurementRow(m: AssessedMeasurement, shared: readonly string[]) {
  const notes = notesOf(m);
  return {
    name: `${MEASURE_TITLES[m.measure]}${atRate(m)}`,
    estimate:
      m.measure === 'privacy.epsilonLower'
        ? `at least ${figure(m.measure, m.estimate)}`
        : figure(m.measure, m.estimate),
    interval: intervalText(m),
    bar: m.measure === 'privacy.epsilonLower' ? '' : barOf(m, thresholdFor(m)),
    sample: sampleText(m),
    method: METHOD_TITLES[m.method] ?? m.method,
    notes: notes.filter((note) => !shared.includes(note)),
    letters: shared.flatMap((note, index) => (notes.includes(note) ? [letterOf(index)] : [])).join(' '),
  };
}

function notesOf(m: AssessedMeasurement): string[] {
  return [...m.notes, ...(m.comparable === false ? ['not comparable: the number is shown, and not used'] : [])];
}

function letterOf(index: number): string {
  return String.fromCharCode(97 + (index % 26));
}

function intervalText(m: AssessedMeasurement): string {
  if (m.measure === 'privacy.epsilonLower') return 'one-sided 95% bound';
  if (m.lower === null || m.upper === null) return 'no interval';
  const interval =
    m.method === 'exact-rank' ? 'exact' : `${figure(m.measure, m.lower)} to ${figure(m.measure, m.upper)}`;
  const { uncorrected } = m;
  return uncorrected
    ? `${interval}; before correction for the detector ${figure(m.measure, uncorrected.estimate)}, ${figure(m.measure, uncorrected.lower)} to ${figure(m.measure, uncorrected.upper)}`
    : interval;
}

function disclosures(measurements: readonly AssessedMeasurement[]) {
  return measurements
    .filter((m) => m.measure === 'disclosure' && m.disclosure)
    .map((m) => ({
      title: `${m.probe}, ${SURFACE_TITLES[m.surface]}`,
      svg: disclosureChart(m, thresholdFor(m)),
      caption: `${m.notes.join('; ')}.`,
    }));
}

/** The strictest limit that a criterion set for this measurement. */
function thresholdFor(m: AssessedMeasurement): number | null {
  return m.limits.length === 0 ? null : Math.min(...m.limits.map((limit) => limit.threshold));
}

function rocs(assessment: Assessment, measurements: readonly AssessedMeasurement[]) {
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
      const marks = same.flatMap((measured): RocMark[] => {
        const threshold = thresholdFor(measured);
        return threshold === null || measured.falsePositiveLimit === undefined || measured.resolvable === false
          ? []
          : [{ falsePositiveLimit: measured.falsePositiveLimit, threshold, measured }];
      });
      return {
        title: `${test.probe}, ${SURFACE_TITLES[test.surface]}`,
        svg: rocChart(test, marks, assessment.system.differentialPrivacy),
        caption: [
          `${sampleText(test)}.`,
          ...same.map((m) => operatingPointText(m)),
          same.some((m) => m.thresholdFrom === 'calibration')
            ? 'Thresholds were chosen on records set aside for it.'
            : 'Thresholds were chosen on the records they are scored on, which favours the attacker.',
          ...(test.comparable === false
            ? ['Members and non-members differ without the model, so this curve says nothing about membership.']
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

function sourceLinks(sources: readonly { path: string; at: string }[], anchors: ReadonlyMap<string, string>) {
  return sources.map((source) => ({ text: `${source.path}, ${source.at}`, anchor: anchors.get(source.path) }));
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
      `Rates are not corrected for the mistakes of ${trusted.length === detectors.length ? 'these detectors' : trusted.join('; ')}, which nobody states.`,
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
    notes.push(
      `Shown only to say that they compare what cannot be compared: ${[...new Set(invalid.map((m) => m.probe))].join('; ')}.`,
    );
  if (attackClass === 'membership-inference')
    notes.push(
      'A strong attack bounds what this attacker reached, not what a better one might reach.',
      ...assessment.notes.filter((note) => note.includes('membership-inference test')),
    );
  else
    notes.push(
      'Attribute inference is judged only by its advantage over imputation, and apart from extraction and reconstruction.',
    );
  return notes;
}

function supporting(assessment: Assessment, anchors: ReadonlyMap<string, string>) {
  const controls = assessment.controls.filter((control) => SUPPORTING.has(control.family));
  return {
    identities: assessment.identities,
    widest: widest(assessment, anchors),
    rows: controls.map((control) => ({
      id: control.id,
      title: control.title,
      cells: ATTACK_CLASSES.map((attackClass) => {
        const result = assessment.results.find((one) => one.control === control.id && one.attackClass === attackClass);
        if (!result)
          return {
            chip: undefined,
            consequence: 'This control does not concern this class.',
            detail: '',
            link: undefined,
          };
        const open = result.state === 'not-satisfied' || result.state === 'not-assessed';
        return {
          chip: chip(result.state, result.reason),
          consequence: open || result.state === 'risk-accepted' ? (control.consequences[attackClass] ?? '') : '',
          detail: result.criteria.map((criterion) => criterion.detail).join(' '),
          link: open ? gapAnchor({ control: control.id, attackClass }) : undefined,
        };
      }),
    })),
    threats: assessment.threats.map((threat) => ({
      ...threat,
      classes: threat.names.map((name) => `${CLASS_TITLES[name.attackClass]} (${name.basis}: ${name.term})`).join('; '),
      surfaces: threat.surfaces.map((surface) => SURFACE_TITLES[surface] ?? surface).join(', ') || 'none named',
      link: { text: `${threat.source.path}, ${threat.source.at}`, anchor: anchors.get(threat.source.path) },
    })),
  };
}

/** What the user's own folders did to the catalog that comes with the package; undefined when nothing. */
function catalogChanges({ catalog }: Assessment) {
  const off = catalog.off.map((entry) => ({
    ...entry,
    className: entry.attackClass === undefined ? 'both classes' : CLASS_TITLES[entry.attackClass],
  }));
  const lines = [
    ...(catalog.added.length > 0 ? [`Added: ${catalog.added.join(', ')}.`] : []),
    ...(catalog.replaced.length > 0 ? [`Worded anew: ${catalog.replaced.join(', ')}.`] : []),
    ...(catalog.other.length > 0 ? [`Replaced as well: ${catalog.other.join(', ')}.`] : []),
  ];
  return off.length + lines.length === 0
    ? undefined
    : { off, offIds: off.map(({ control, className }) => `${control} (${className})`), lines };
}

/** The identities that reach furthest, each beside the profile's limit. */
function widest(assessment: Assessment, anchors: ReadonlyMap<string, string>) {
  const limit = assessment.profile.parameters['blast-max-weight'];
  const most = Math.max(1, ...assessment.identities.widest.map(({ weight }) => weight));
  return assessment.identities.widest.map((reach) => ({
    name: reach.name,
    bar: reachBar(reach, typeof limit === 'number' ? limit : null, most),
    size: `${reach.atLeast ? 'at least ' : ''}${plural(reach.resources, 'resource')}, weight ${grouped(reach.weight)}`,
    kinds: Object.entries(reach.bySensitivity)
      .map(([sensitivity, count]) => `${grouped(count)} ${sensitivity.replace('-', ' ')}`)
      .join(', '),
    way: reach.path.map(({ how, to }) => `${how} ${to}`).join(', '),
    open: !reach.closed,
    link: { text: `${reach.source.path}, ${reach.source.at}`, anchor: anchors.get(reach.source.path) },
  }));
}

function frameworkViews(assessment: Assessment) {
  return assessment.frameworks.map((framework) => {
    const covered = framework.items.filter((item) => item.controls.length > 0);
    return {
      ...framework,
      anchor: `framework-${framework.id}`,
      covered: covered.map((item) => ({
        ...item,
        controls: item.controls.join(', '),
        cells: ATTACK_CLASSES.map((attackClass) => {
          const state = item.states[attackClass];
          return state ? chip(state) : undefined;
        }),
      })),
      total: framework.items.length,
      aside: framework.items.flatMap((item) =>
        item.outOfScope === undefined ? [] : [{ id: item.id, reason: item.outOfScope }],
      ),
      uncovered: framework.items
        .filter((item) => item.controls.length === 0 && item.outOfScope === undefined)
        .map((item) => item.id),
    };
  });
}

function evidenceRow(assessment: Assessment, entry: Assessment['evidence'][number], anchor: string) {
  const gaps = assessment.findings.filter((finding) => finding.evidence.some((source) => source.path === entry.path));
  return {
    ...entry,
    anchor,
    size: `${grouped(entry.bytes)} bytes`,
    toolName: entry.tool ? `${entry.tool.name} ${entry.tool.version ?? ''}`.trim() : '',
    gaps: gaps.map((finding) => ({
      anchor: gapAnchor(finding),
      text: `${finding.control} ${CLASS_PARTS[finding.attackClass]}`,
    })),
  };
}
