import type { Format } from './format.ts';

export const format: Format = {
  id: 'junit',
  file: 'results.junit.xml',
  title: 'JUnit results',
  render: async (assessment) => Buffer.from((await import('../../report/junit.ts')).junitXml(assessment)),
};
