import type { Format } from './format.ts';

export const format: Format = {
  id: 'sarif',
  file: 'results.sarif',
  title: 'SARIF results',
  render: async (assessment) => {
    const { sarifLog } = await import('../../report/sarif.ts');
    return Buffer.from(`${JSON.stringify(sarifLog(assessment), null, 2)}\n`);
  },
};
