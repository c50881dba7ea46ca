import type { Format } from './format.ts';

export const format: Format = {
  id: 'oscal-poam',
  file: 'poam.oscal.json',
  title: 'OSCAL plan of action',
  render: async (assessment) => {
    const { planOfAction } = await import('../../report/oscal/poam.ts');
    return Buffer.from(`${JSON.stringify(planOfAction(assessment), null, 2)}\n`);
  },
};
