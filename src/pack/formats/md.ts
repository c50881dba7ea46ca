import type { Format } from './format.ts';

export const format: Format = {
  id: 'md',
  file: 'summary.md',
  title: 'Markdown summary',
  render: async (assessment) => Buffer.from((await import('../../report/markdown.ts')).summaryMarkdown(assessment)),
};
