import type { Format } from './format.ts';

export const format: Format = {
  id: 'cdx',
  file: 'attestation.cdx.json',
  title: 'CycloneDX attestation',
  render: async (assessment) => {
    const { cyclonedxAttestation } = await import('../../report/cyclonedx.ts');
    return Buffer.from(`${JSON.stringify(cyclonedxAttestation(assessment), null, 2)}\n`);
  },
};
