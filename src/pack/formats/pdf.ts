import type { Format } from './format.ts';

export const format: Format = {
  id: 'pdf',
  file: 'report.pdf',
  title: 'PDF report',
  byDefault: true,
  printed: true,
  render: async (assessment, signing, tools) =>
    (await import('../../report/pdf/index.ts')).renderPdf(assessment, signing, tools),
  sign: async (bytes, identity, signing) => (await import('../../sign/pdf/seal.ts')).sealPdf(bytes, identity, signing),
};
