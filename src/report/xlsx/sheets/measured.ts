import { countsInWords } from '../../../measure/counts.ts';
import {
  CLASS_TITLES,
  CONTENT_SHOWN,
  measureTitle,
  methodTitle,
  POWER_TITLES,
  SURFACE_TITLES,
  warrantInWords,
} from '../../words.ts';
import { sheetOf } from '../sheet.ts';
import { evidenceLink, figureCell, percentCell } from './common.ts';

export const coverage = sheetOf({
  name: 'Coverage',
  table: 'Coverage',
  intro: () => ['Coverage', 'Each technique on each surface. What was not tested is not passed.'],
  items: (assessment) => assessment.coverage,
  columns: [
    { name: 'Attack class', width: 22, cell: ({ attackClass }) => CLASS_TITLES[attackClass] },
    { name: 'Surface', width: 20, cell: ({ surface }) => SURFACE_TITLES[surface] },
    { name: 'Technique', width: 28, cell: ({ title }) => title },
    { name: 'State', width: 18, cell: ({ state }) => state },
    { name: 'Tests', width: 8, cell: ({ tests }) => tests },
    { name: 'Fresh', width: 8, cell: ({ fresh }) => fresh },
    { name: 'Stale', width: 8, cell: ({ stale }) => stale },
    { name: 'Invalid comparison', width: 12, cell: ({ invalid }) => invalid },
    { name: 'Of the stale, not yet valid', width: 12, cell: ({ notYet }) => notYet ?? 0 },
  ],
});

/** A measurement's answers that succeeded, where they are shown. */
export const leakedAnswers = sheetOf({
  name: 'Leaked answers',
  table: 'LeakedAnswers',
  when: ({ contentShown }) => contentShown === true,
  intro: () => ['Leaked answers', CONTENT_SHOWN],
  items: (assessment) =>
    assessment.measurements.flatMap((m, row) => (m.examples ?? []).map((example) => ({ m, row, example }))),
  columns: [
    { name: 'Measurement', width: 14, cell: ({ m, row }) => ({ text: m.id, sheet: 'Measurements', row }) },
    { name: 'Attack class', width: 22, cell: ({ m }) => CLASS_TITLES[m.attackClass] },
    { name: 'Probe', width: 34, cell: ({ m }) => m.probe },
    { name: 'Answer', width: 90, cell: ({ example }) => example.text },
    { name: 'Goes on', width: 10, cell: ({ example }) => (example.cut ? 'yes' : 'no') },
    { name: 'Place', width: 26, cell: ({ example }) => example.at },
    { name: 'Evidence', width: 36, cell: ({ m }, assessment) => evidenceLink(assessment, m.source) },
  ],
});

export const measurements = sheetOf({
  name: 'Measurements',
  table: 'Measurements',
  intro: () => ['Measurements', 'Every statistic with its interval, counts and method.'],
  items: (assessment) => {
    const techniques = new Map(assessment.coverage.map(({ technique, title }) => [technique, title]));
    return assessment.measurements.map((m) => ({ m, technique: techniques.get(m.technique) ?? m.technique }));
  },
  columns: [
    { name: 'Id', width: 14, cell: ({ m }) => m.id },
    { name: 'Attack class', width: 22, cell: ({ m }) => CLASS_TITLES[m.attackClass] },
    { name: 'Surface', width: 18, cell: ({ m }) => SURFACE_TITLES[m.surface] },
    { name: 'Technique', width: 26, cell: ({ technique }) => technique },
    { name: 'Probe', width: 34, cell: ({ m }) => m.probe },
    { name: 'Measure', width: 30, cell: ({ m }) => measureTitle(m.measure) },
    { name: 'At false-positive rate', width: 12, cell: ({ m }) => percentCell(m.falsePositiveLimit) },
    { name: 'Assumed share of members', width: 12, cell: ({ m }) => percentCell(m.prior) },
    { name: 'Group', width: 16, cell: ({ m }) => m.group ?? null },
    { name: 'Before correction', width: 12, cell: ({ m }) => figureCell(m.measure, m.uncorrected?.estimate) },
    { name: 'Estimate', width: 12, cell: ({ m }) => figureCell(m.measure, m.estimate) },
    { name: 'Lower 95%', width: 12, cell: ({ m }) => figureCell(m.measure, m.lower) },
    { name: 'Upper 95%', width: 12, cell: ({ m }) => figureCell(m.measure, m.upper) },
    { name: 'Counts', width: 44, cell: ({ m }) => countsInWords(m.counts) },
    { name: 'Method', width: 28, cell: ({ m }) => methodTitle(m.method) },
    { name: 'Collected', width: 12, cell: ({ m }) => m.collected?.slice(0, 10) ?? 'undated' },
    { name: 'Target', width: 24, cell: ({ m }) => m.warrant.target.stated ?? null },
    { name: 'Could have succeeded by', width: 24, cell: ({ m }) => POWER_TITLES[m.warrant.power.basis] },
    { name: 'Without a verdict', width: 12, cell: ({ m }) => m.warrant.counted.missing },
    { name: 'Runs', width: 8, cell: ({ m }) => m.warrant.counted.runs },
    { name: 'Warrant', width: 40, cell: ({ m }) => warrantInWords(m.warrant) },
    {
      name: 'Notes',
      width: 50,
      cell: ({ m }) =>
        [...m.notes, ...(m.comparable === false ? ['not comparable: shown, and not used'] : [])].join('; '),
    },
    { name: 'Evidence', width: 36, cell: ({ m }, assessment) => evidenceLink(assessment, m.source) },
  ],
});
