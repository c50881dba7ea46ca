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
/** The same statement under the identity of a pipeline: a Sigstore bundle. */
export const SIGSTORE_FILE = 'attestation.sigstore.json';
/** The statement over an assessment that has no pack yet; no part of one. */
export const ASSESSMENT_ATTESTATION_FILE = 'assessment.dsse.json';

/** Where the workbook goes while people's own stands in its place; no part of a pack. */
export const WORKBOOK_FILE = 'report.xlsx';
export const WORKBOOK_BESIDE = 'report.new.xlsx';

/** The PDFs of a pack, each of which carries the assessment that it was made from. */
export const PRINTED_FILES: readonly string[] = FORMATS.filter(({ printed }) => printed).map(({ file }) => file);

/** The names a pack may contain; a run replaces or removes exactly these. */
export const PACK_FILES: readonly string[] = [
  ...FORMATS.map((format) => format.file),
  MANIFEST.file,
  ATTESTATION_FILE,
  SIGSTORE_FILE,
];

/** What a portfolio is written as; its attestation is called like a pack's. */
export const PORTFOLIO_FILES = {
  json: 'portfolio.json',
  xlsx: 'portfolio.xlsx',
  html: 'portfolio.html',
  pdf: 'portfolio.pdf',
} as const;

/** The names that a folder with a portfolio may contain. */
export const PORTFOLIO_NAMES: readonly string[] = [...Object.values(PORTFOLIO_FILES), ATTESTATION_FILE];
