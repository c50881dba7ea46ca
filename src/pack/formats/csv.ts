import type { Format } from './format.ts';

export const format: Format = {
  id: 'csv',
  file: 'findings.csv',
  title: 'table of findings',
  render: async (assessment) => Buffer.from((await import('../../report/csv.ts')).findingsCsv(assessment)),
};
