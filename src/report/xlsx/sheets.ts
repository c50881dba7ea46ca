import { type Assessment, assessmentDigest, type Finding } from '../../assess/assessment.ts';
import { STATES } from '../../assess/outcome.ts';
import { SUPPORTING_FAMILIES } from '../../catalog/schemas.ts';
import { sampleSize } from '../../measure/counts.ts';
import { ATTACK_CLASSES, type AttackClass } from '../../terms.ts';
import { grouped } from '../../wording.ts';
import { signingLine } from '../signing.ts';
import {
  CLASS_QUESTIONS,
  CLASS_TITLES,
  measureTitle,
  methodTitle,
  REASON_TITLES,
  STATE_TITLES,
  SURFACE_TITLES,
  stateText,
} from '../words.ts';
import type { Cell, Row, SheetDefinition } from './sheet.ts';

/* The sheets of the workbook, in order. A new sheet is one more value in this list. */

function evidenceLink(assessment: Assessment, sources: readonly { path: string; at: string }[]): Cell {
  const first = sources[0];
  if (!first) return null;
  const row = assessment.evidence.findIndex((entry) => entry.path === first.path);
  const text = `${sources
    .slice(0, 3)
    .map((source) => `${source.path}, ${source.at}`)
    .join('\n')}${sources.length > 3 ? `\nand ${sources.length - 3} more places` : ''}`;
  return row === -1 ? text : { text, sheet: 'Evidence index', row };
}

const summary: SheetDefinition = {
  name: 'Summary',
  table: 'Summary',
  intro: (assessment, signing) => [
    `${assessment.system.name}: membership inference and model inversion, each on its own`,
    `As of ${assessment.asOf}; period ${assessment.period.from} to ${assessment.period.to}; profile ${assessment.profile.id}.`,
    `Evidence root ${assessment.evidenceRoot}`,
    signingLine(signing),
    ...(assessment.redacted ? [] : ['Secrets and personal data in evidence were not masked, on request.']),
  ],
  columns: [
    { name: 'Attack class', width: 26 },
    { name: 'State', width: 18, states: true },
    ...STATES.map((state) => ({ name: STATE_TITLES[state], width: 14 })),
    { name: 'Worst bound: control', width: 20 },
    { name: 'Observed', width: 12, format: '0.0000' },
    { name: 'Upper bound', width: 12, format: '0.0000' },
    { name: 'Threshold', width: 12, format: '0.0000' },
  ],
  rows: (assessment) =>
    ATTACK_CLASSES.map((attackClass): Row => {
      const verdict = assessment.verdicts[attackClass];
      const counts = STATES.map((state) => verdict.counts[state] ?? 0);
      return [
        CLASS_TITLES[attackClass],
        STATE_TITLES[verdict.state],
        ...counts,
        verdict.worst?.control ?? null,
        verdict.worst?.observed ?? null,
        verdict.worst?.bound ?? null,
        verdict.worst?.threshold ?? null,
      ];
    }),
};

function classSheet(attackClass: AttackClass, table: string): SheetDefinition {
  return {
    name: CLASS_TITLES[attackClass],
    table,
    intro: () => [CLASS_TITLES[attackClass], CLASS_QUESTIONS[attackClass]],
    columns: [
      { name: 'Control', width: 10 },
      { name: 'Title', width: 40 },
      { name: 'Result', width: 26, states: true },
      { name: 'Severity', width: 10 },
      { name: 'Criterion', width: 44 },
      { name: 'Criterion state', width: 26, states: true },
      { name: 'Observed', width: 16, format: '0.0000' },
      { name: 'Bound', width: 10, format: '0.0000' },
      { name: 'Threshold', width: 16, format: '0.0000' },
      { name: 'What was found', width: 70 },
      { name: 'Evidence', width: 36 },
    ],
    rows: (assessment) =>
      assessment.results
        .filter(
          (result) =>
            result.attackClass === attackClass &&
            !SUPPORTING_FAMILIES.includes(
              assessment.controls.find((control) => control.id === result.control)?.family ?? '',
            ),
        )
        .flatMap((result) =>
          result.criteria.map(
            (criterion): Row => [
              result.control,
              assessment.controls.find((control) => control.id === result.control)?.title ?? '',
              stateText(result.state, result.reason),
              result.severity,
              criterion.statement,
              stateText(criterion.state, criterion.reason),
              criterion.observed,
              criterion.bound,
              criterion.threshold,
              criterion.detail,
              evidenceLink(assessment, criterion.evidence),
            ],
          ),
        ),
  };
}

const supporting: SheetDefinition = {
  name: 'Supporting controls',
  table: 'SupportingControls',
  intro: () => [
    'Supporting controls',
    'One state for membership inference and one for model inversion; they can differ.',
  ],
  columns: [
    { name: 'Control', width: 10 },
    { name: 'Title', width: 40 },
    { name: 'Severity', width: 10 },
    { name: 'Membership inference', width: 26, states: true },
    { name: 'Found for membership inference', width: 60 },
    { name: 'Model inversion', width: 26, states: true },
    { name: 'Found for model inversion', width: 60 },
  ],
  rows: (assessment) =>
    assessment.controls
      .filter((control) => SUPPORTING_FAMILIES.includes(control.family))
      .map((control): Row => {
        const cells = ATTACK_CLASSES.flatMap((attackClass): Cell[] => {
          const result = assessment.results.find(
            (one) => one.control === control.id && one.attackClass === attackClass,
          );
          return result
            ? [stateText(result.state, result.reason), result.criteria.map((criterion) => criterion.detail).join('\n')]
            : ['Not named', null];
        });
        return [control.id, control.title, control.severity, ...cells];
      }),
};

function decisive(assessment: Assessment, finding: Finding) {
  const result = assessment.results.find(
    (one) => one.control === finding.control && one.attackClass === finding.attackClass,
  );
  return result?.criteria.find((criterion) => criterion.state === finding.state && criterion.reason === finding.reason);
}

const gaps: SheetDefinition = {
  name: 'Gaps',
  table: 'Gaps',
  intro: () => [
    'Gaps',
    'One row a finding. The shaded columns are yours to fill in; rows are known by their id, which stays the same from run to run.',
  ],
  columns: [
    { name: 'Id', width: 28 },
    { name: 'Attack class', width: 20 },
    { name: 'Control', width: 10 },
    { name: 'State', width: 16, states: true },
    { name: 'Reason', width: 18 },
    { name: 'Severity', width: 10 },
    { name: 'Title', width: 40 },
    { name: 'What was found', width: 60 },
    { name: 'Why it matters', width: 44 },
    { name: 'Observed', width: 14, format: '0.0000' },
    { name: 'Bound', width: 10, format: '0.0000' },
    { name: 'Threshold', width: 14, format: '0.0000' },
    { name: 'n', width: 10, format: '#,##0' },
    { name: 'Sample needed', width: 26 },
    { name: 'Evidence', width: 36 },
    { name: 'Remediation', width: 60 },
    { name: 'Owner', width: 20, input: true },
    { name: 'Due date', width: 12, input: true, format: 'yyyy-mm-dd' },
    { name: 'Status', width: 14, input: true, choices: ['open', 'in progress', 'closed', 'risk accepted'] },
    { name: 'Management response', width: 36, input: true },
    { name: 'Risk acceptance', width: 30, input: true },
    { name: 'Approver', width: 18, input: true },
    { name: 'Expiry', width: 12, input: true, format: 'yyyy-mm-dd' },
  ],
  rows: (assessment) =>
    assessment.findings.map((finding): Row => {
      const criterion = decisive(assessment, finding);
      const counts = assessment.measurements.find((m) => m.id === criterion?.measurement)?.counts;
      return [
        finding.id,
        CLASS_TITLES[finding.attackClass],
        finding.control,
        STATE_TITLES[finding.state],
        finding.reason ? REASON_TITLES[finding.reason] : null,
        finding.severity,
        finding.title,
        finding.why.join('\n'),
        finding.consequence,
        criterion?.observed ?? null,
        criterion?.bound ?? null,
        criterion?.threshold ?? null,
        counts ? sampleSize(counts) : null,
        criterion?.needs?.map(({ of, atLeast, has }) => `${grouped(atLeast)} ${of} (has ${grouped(has)})`).join('\n') ??
          null,
        evidenceLink(assessment, finding.evidence),
        finding.remediation.map((step, index) => `${index + 1}. ${step}`).join('\n'),
        finding.owner ?? null,
        finding.due ?? null,
        'open',
        null,
        null,
        null,
        null,
      ];
    }),
};

const crosswalk: SheetDefinition = {
  name: 'Framework crosswalk',
  table: 'FrameworkCrosswalk',
  intro: (assessment) => [
    'Framework crosswalk',
    'Every item of every framework; those without a control are shown as uncovered. Outcomes in our own words; statements are there once probity catalog import has brought them in.',
    ...assessment.legacy.slice(0, 40).map((entry) => entry.note),
  ],
  columns: [
    { name: 'Framework', width: 22 },
    { name: 'Item', width: 16 },
    { name: 'Outcome', width: 70 },
    { name: "Publisher's statement", width: 50 },
    { name: 'Controls', width: 30 },
    { name: 'Membership inference', width: 22, states: true },
    { name: 'Model inversion', width: 22, states: true },
  ],
  rows: (assessment) =>
    assessment.frameworks.flatMap((framework) =>
      framework.items.map(
        (item): Row => [
          framework.short,
          item.id,
          item.title ? `${item.title}. ${item.outcome}` : item.outcome,
          item.statement ?? null,
          item.controls.length > 0
            ? item.controls.join(', ')
            : item.outOfScope === undefined
              ? 'uncovered'
              : `out of scope: ${item.outOfScope}`,
          ...ATTACK_CLASSES.map((attackClass) => {
            const state = item.states[attackClass];
            return state ? STATE_TITLES[state] : null;
          }),
        ],
      ),
    ),
};

const mappings: SheetDefinition = {
  name: 'Control mappings',
  table: 'ControlMappings',
  intro: () => [
    'Control mappings',
    'The crosswalk from the other side: each control, every framework item it speaks to, and why. A control supports an item; it is not the item.',
  ],
  columns: [
    { name: 'Control', width: 10 },
    { name: 'Title', width: 44 },
    { name: 'Framework', width: 22 },
    { name: 'Item', width: 18 },
    { name: 'Why', width: 70 },
    { name: 'Membership inference', width: 26, states: true },
    { name: 'Model inversion', width: 26, states: true },
  ],
  rows: (assessment) => {
    const results = new Map(assessment.results.map((result) => [`${result.control}\0${result.attackClass}`, result]));
    const items = assessment.frameworks.flatMap((framework) => framework.items.map((item) => ({ framework, item })));
    return assessment.controls.flatMap((control) =>
      items
        .filter(({ item }) => item.controls.includes(control.id))
        .map(
          ({ framework, item }): Row => [
            control.id,
            control.title,
            framework.short,
            item.id,
            item.reasons[control.id] ?? null,
            ...ATTACK_CLASSES.map((attackClass) => {
              const result = results.get(`${control.id}\0${attackClass}`);
              return result ? stateText(result.state, result.reason) : null;
            }),
          ],
        ),
    );
  },
};

const identities: SheetDefinition = {
  name: 'Identities',
  table: 'Identities',
  intro: (assessment) => [
    'Identities',
    `${grouped(assessment.identities.total)} identities are known; the machine identities that reach furthest, by themselves and by becoming others.`,
  ],
  columns: [
    { name: 'Identity', width: 40 },
    { name: 'Name', width: 30 },
    { name: 'Resources reached', width: 12, format: '#,##0' },
    { name: 'Weight', width: 12, format: '#,##0' },
    { name: 'By sensitivity', width: 30 },
    { name: 'The way to the gravest', width: 60 },
    { name: 'Complete', width: 20 },
    { name: 'Evidence', width: 34 },
  ],
  rows: (assessment) =>
    assessment.identities.widest.map(
      (reach): Row => [
        reach.id,
        reach.name,
        reach.resources,
        reach.weight,
        Object.entries(reach.bySensitivity)
          .map(([sensitivity, count]) => `${count} ${sensitivity}`)
          .join(', '),
        reach.path.map(({ how, to }) => `${how} ${to}`).join(', '),
        reach.atLeast ? 'at least so much' : reach.closed ? 'yes' : 'no, not all of it is listed',
        evidenceLink(assessment, [reach.source]),
      ],
    ),
};

const coverage: SheetDefinition = {
  name: 'Coverage',
  table: 'Coverage',
  intro: () => ['Coverage', 'Each technique on each surface. What was not tested is not passed.'],
  columns: [
    { name: 'Attack class', width: 22 },
    { name: 'Surface', width: 20 },
    { name: 'Technique', width: 28 },
    { name: 'State', width: 18 },
    { name: 'Tests', width: 8 },
    { name: 'Fresh', width: 8 },
    { name: 'Invalid comparison', width: 12 },
  ],
  rows: (assessment) =>
    assessment.coverage.map(
      (cell): Row => [
        CLASS_TITLES[cell.attackClass],
        SURFACE_TITLES[cell.surface],
        cell.title,
        cell.state,
        cell.tests,
        cell.fresh,
        cell.invalid,
      ],
    ),
};

const measurements: SheetDefinition = {
  name: 'Measurements',
  table: 'Measurements',
  intro: () => ['Measurements', 'Every statistic with its interval, counts and method.'],
  columns: [
    { name: 'Id', width: 14 },
    { name: 'Attack class', width: 22 },
    { name: 'Surface', width: 18 },
    { name: 'Technique', width: 26 },
    { name: 'Probe', width: 34 },
    { name: 'Measure', width: 30 },
    { name: 'At false-positive rate', width: 12, format: '0.0%' },
    { name: 'Share of members met', width: 12, format: '0%' },
    { name: 'Group', width: 16 },
    { name: 'Before correction', width: 12, format: '0.00000' },
    { name: 'Estimate', width: 12, format: '0.00000' },
    { name: 'Lower 95%', width: 12, format: '0.00000' },
    { name: 'Upper 95%', width: 12, format: '0.00000' },
    { name: 'Counts', width: 44 },
    { name: 'Method', width: 28 },
    { name: 'Collected', width: 12 },
    { name: 'Notes', width: 50 },
    { name: 'Evidence', width: 36 },
  ],
  rows: (assessment) =>
    assessment.measurements.map(
      (m): Row => [
        m.id,
        CLASS_TITLES[m.attackClass],
        SURFACE_TITLES[m.surface],
        m.technique,
        m.probe,
        measureTitle(m.measure),
        m.falsePositiveLimit ?? null,
        m.prior ?? null,
        m.group ?? null,
        m.uncorrected?.estimate ?? null,
        m.estimate,
        m.lower,
        m.upper,
        Object.entries(m.counts)
          .map(([name, count]) => `${name} ${count}`)
          .join(', '),
        methodTitle(m.method),
        m.collected?.slice(0, 10) ?? 'undated',
        [...m.notes, ...(m.comparable === false ? ['not comparable: shown, and not used'] : [])].join('; '),
        evidenceLink(assessment, m.source),
      ],
    ),
};

const evidence: SheetDefinition = {
  name: 'Evidence index',
  table: 'EvidenceIndex',
  intro: (assessment) => ['Evidence index', `Merkle root over this list: ${assessment.evidenceRoot}`],
  columns: [
    { name: 'File', width: 40 },
    { name: 'SHA-256', width: 68 },
    { name: 'Bytes', width: 12, format: '#,##0' },
    { name: 'Format', width: 26 },
    { name: 'Tool', width: 26 },
    { name: 'Collected', width: 12 },
    { name: 'Accepted', width: 10 },
    { name: 'Observations', width: 13 },
    { name: 'Reason or warnings', width: 60 },
    { name: 'Unmapped tests', width: 40 },
  ],
  rows: (assessment) =>
    assessment.evidence.map(
      (entry): Row => [
        entry.path,
        entry.sha256,
        entry.bytes,
        entry.format,
        entry.tool ? `${entry.tool.name} ${entry.tool.version ?? ''}`.trim() : null,
        entry.collected?.slice(0, 10) ?? 'undated',
        entry.accepted ? 'yes' : 'rejected',
        entry.observations,
        [entry.reason, ...entry.warnings].filter(Boolean).join('\n') || null,
        entry.unmapped.map((one) => `${one.probe}: ${one.successes} of ${one.trials}, ${one.at}`).join('\n') || null,
      ],
    ),
};

const about: SheetDefinition = {
  name: 'About',
  table: 'About',
  intro: () => ['About', 'How this workbook came to be, and what it does not say.'],
  columns: [
    { name: 'Subject', width: 34 },
    { name: 'Value', width: 110 },
  ],
  rows: (assessment, signing) => [
    ['Made by', `${assessment.tool.name} ${assessment.tool.version}`],
    ['System', `${assessment.system.name} (${assessment.system.id}), risk tier ${assessment.system.riskTier}`],
    ['Owner', assessment.system.owner.name],
    ['Signature', signingLine(signing)],
    ['Assessment, SHA-256', assessmentDigest(assessment)],
    ['Catalog', `${assessment.catalog.controls} controls, SHA-256 ${assessment.catalog.sha256}`],
    [
      'Intervals',
      'Two-sided at 95% unless a criterion says one-sided; a criterion compares the bound, never the estimate.',
    ],
    ['Not a certification', 'This workbook is no certification and holds no combined score of the two attack classes.'],
    ['Thresholds', 'No regulator prescribes numeric thresholds; those used are starting points of the profile.'],
    ...assessment.catalog.off.map(
      ({ control, attackClass, reason, by }): Row => [
        'Switched off in the catalog',
        `${control}, ${attackClass === undefined ? 'both classes' : CLASS_TITLES[attackClass]}: ${reason} (${by})`,
      ],
    ),
    ...(assessment.catalog.added.length > 0
      ? [['Added to the catalog', assessment.catalog.added.join(', ')] satisfies Row]
      : []),
    ...(assessment.catalog.replaced.length > 0
      ? [['Worded anew in the catalog', assessment.catalog.replaced.join(', ')] satisfies Row]
      : []),
    ...Object.entries(assessment.profile.parameters).map(([name, value]): Row => [`Parameter ${name}`, String(value)]),
    ...assessment.notes.map((note): Row => ['Note', note]),
    ...assessment.frameworks.map(
      (framework): Row => [
        'Framework',
        `${framework.title} ${framework.version}, ${framework.publisher}, ${framework.url}. ${framework.licence}.`,
      ],
    ),
  ],
};

export const SHEETS: readonly SheetDefinition[] = [
  summary,
  classSheet('membership-inference', 'MembershipInference'),
  classSheet('inversion', 'ModelInversion'),
  supporting,
  gaps,
  crosswalk,
  mappings,
  coverage,
  measurements,
  identities,
  evidence,
  about,
];
