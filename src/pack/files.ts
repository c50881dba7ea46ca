import type { Format } from './formats/format.ts';
import { FORMATS } from './formats/index.ts';

/** Goes with every pack, whatever formats were asked for. */
export const MANIFEST: Format = {
  id: 'manifest',
  file: 'evidence-manifest.json',
  title: 'evidence manifest',
  render: async (assessment) => Buffer.from((await import('../report/manifest.ts')).serialiseManifest(assessment)),
};

export const ATTESTATION_FILE = 'attestation.dsse.json';
/** The statement over an assessment that has no pack yet; no part of one. */
export const ASSESSMENT_ATTESTATION_FILE = 'assessment.dsse.json';

/** Where the workbook goes while people's own stands in its place; no part of a pack. */
export const WORKBOOK_FILE = 'report.xlsx';
export const WORKBOOK_BESIDE = 'report.new.xlsx';

/** The names a pack may contain; a run replaces or removes exactly these. */
export const PACK_FILES: readonly string[] = [...FORMATS.map((format) => format.file), MANIFEST.file, ATTESTATION_FILE];
