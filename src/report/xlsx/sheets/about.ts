import { assessmentDigest } from '../../../assess/assessment.ts';
import { parameterTitle, parameterValue } from '../../parameters.ts';
import { CLASS_TITLES } from '../../words.ts';
import { sheetOf } from '../sheet.ts';

type Line = readonly [subject: string, value: string];

export const about = sheetOf<Line>({
  name: 'About',
  table: 'About',
  intro: () => ['About', 'How this workbook came to be, and what it does not say.'],
  columns: [
    { name: 'Subject', width: 34, cell: ([subject]) => subject },
    { name: 'Value', width: 110, cell: ([, value]) => value },
  ],
  items: (assessment, signing) => [
    ['Made by', `${assessment.tool.name} ${assessment.tool.version}`],
    ['System', `${assessment.system.name} (${assessment.system.id}), risk tier ${assessment.system.riskTier}`],
    ['Owner', assessment.system.owner.name],
    ['Signature', signing],
    ['Assessment, SHA-256', assessmentDigest(assessment)],
    ['Catalog', `${assessment.catalog.controls} controls, SHA-256 ${assessment.catalog.sha256}`],
    [
      'Intervals',
      'Two-sided at 95% unless a criterion says one-sided; a criterion compares the bound, never the estimate.',
    ],
    ['Not a certification', 'This workbook is no certification and holds no combined score of the two attack classes.'],
    ['Thresholds', 'No regulator prescribes numeric thresholds; those used are starting points of the profile.'],
    ...assessment.catalog.off.map(
      ({ control, attackClass, reason, by }): Line => [
        'Switched off in the catalog',
        `${control}, ${attackClass === undefined ? 'both classes' : CLASS_TITLES[attackClass]}: ${reason} (${by})`,
      ],
    ),
    ...(assessment.catalog.added.length > 0
      ? [['Added to the catalog', assessment.catalog.added.join(', ')] satisfies Line]
      : []),
    ...(assessment.catalog.replaced.length > 0
      ? [['Worded anew in the catalog', assessment.catalog.replaced.join(', ')] satisfies Line]
      : []),
    ...Object.entries(assessment.profile.parameters).map(
      ([name, value]): Line => [`Threshold: ${parameterTitle(name)}`, parameterValue(name, value)],
    ),
    ...assessment.notes.map((note): Line => ['Note', note]),
    ...assessment.frameworks.map(
      (framework): Line => [
        'Framework',
        `${framework.title} ${framework.version}, ${framework.publisher}, ${framework.url}. ${framework.licence}.`,
      ],
    ),
  ],
});
