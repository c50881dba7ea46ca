import type { Assessment } from '../assess/assessment.ts';

/** The evidence list on its own, for those who check files rather than read reports. */
export function serialiseManifest(assessment: Assessment): string {
  const manifest = {
    schema: 'probity/evidence-manifest/v1',
    asOf: assessment.asOf,
    system: assessment.system.id,
    root: assessment.evidenceRoot,
    tree: 'RFC 6962 section 2.1 with SHA-256; each leaf is the compact JSON of path, sha256, bytes, accepted, in this order',
    files: assessment.evidence.map(({ path, sha256, bytes, accepted, format, reason }) => ({
      path,
      sha256,
      bytes,
      accepted,
      format,
      ...(reason ? { reason } : {}),
    })),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
