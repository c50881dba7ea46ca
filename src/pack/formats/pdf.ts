import type { Format } from './format.ts';

export const format: Format = {
  id: 'pdf',
  file: 'report.pdf',
  title: 'PDF report',
  byDefault: true,
  render: async (assessment, signing) => (await import('../../report/pdf/index.ts')).renderPdf(assessment, signing),
  sign: async (bytes, identity, signing) => (await import('../../sign/pdf/seal.ts')).sealPdf(bytes, identity, signing),
};
