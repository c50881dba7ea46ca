import type { Format } from './format.ts';

export const format: Format = {
  id: 'oscal-ar',
  file: 'assessment-results.oscal.json',
  title: 'OSCAL assessment results',
  render: async (assessment) => {
    const { assessmentResults } = await import('../../report/oscal/assessmentResults.ts');
    return Buffer.from(`${JSON.stringify(assessmentResults(assessment), null, 2)}\n`);
  },
};
