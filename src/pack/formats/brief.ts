import type { Format } from './format.ts';

/** The first pages of the report, for a board paper. */
export const format: Format = {
  id: 'brief',
  file: 'brief.pdf',
  title: 'brief',
  printed: true,
  render: async (assessment, signing, tools) =>
    (await import('../../report/pdf/index.ts')).renderPdf(assessment, signing, { ...tools, pages: 'summary' }),
  sign: async (bytes, identity, signing) => (await import('../../sign/pdf/seal.ts')).sealPdf(bytes, identity, signing),
};
