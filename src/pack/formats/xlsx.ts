import type { Format } from './format.ts';

export const format: Format = {
  id: 'xlsx',
  file: 'report.xlsx',
  title: 'Excel workbook',
  byDefault: true,
  render: async (assessment, signing) => (await import('../../report/xlsx/index.ts')).renderXlsx(assessment, signing),
  sign: async (bytes, identity, signing) =>
    (await import('../../sign/xlsx/seal.ts')).sealXlsx(bytes, identity, signing),
};
