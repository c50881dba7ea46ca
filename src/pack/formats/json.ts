import type { Format } from './format.ts';

export const format: Format = {
  id: 'json',
  file: 'assessment.json',
  title: 'assessment',
  byDefault: true,
  render: async (assessment) =>
    Buffer.from((await import('../../assess/assessment.ts')).serialiseAssessment(assessment)),
};
