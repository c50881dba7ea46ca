import type { Format } from './format.ts';

export const format: Format = {
  id: 'html',
  file: 'report.html',
  title: 'page',
  render: async (assessment, signing, tools) =>
    (await import('../../report/html/index.ts')).renderHtml(assessment, signing, tools?.template),
};
