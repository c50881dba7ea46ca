import { type Assessment, serialiseAssessment } from '../assess/assessment.ts';
import type { Signer } from '../pki/signer.ts';
import { serialiseManifest } from '../report/manifest.ts';
import type { SigningStatement } from '../report/signing.ts';
import type { SealOptions } from '../sign/pdf/levels.ts';

/** What signing needs to know besides the identity. */
export type SigningOptions = SealOptions;

/** One output: what it is called, how it is made, and how it is signed inside, where it can be. */
export interface Format {
  id: string;
  file: string;
  title: string;
  render(assessment: Assessment, signing: SigningStatement | undefined): Promise<Uint8Array>;
  sign?(bytes: Uint8Array, identity: Signer, signing: SigningOptions): Promise<Uint8Array>;
}

/** Every output format. Renderers are loaded when they are asked for, so that a JSON run starts no browser. */
export const FORMATS: readonly Format[] = [
  {
    id: 'pdf',
    file: 'report.pdf',
    title: 'PDF report',
    render: async (assessment, signing) => (await import('../report/pdf/index.ts')).renderPdf(assessment, signing),
    sign: async (bytes, identity, signing) => (await import('../sign/pdf/seal.ts')).sealPdf(bytes, identity, signing),
  },
  {
    id: 'xlsx',
    file: 'report.xlsx',
    title: 'Excel workbook',
    render: async (assessment, signing) => (await import('../report/xlsx/index.ts')).renderXlsx(assessment, signing),
    sign: async (bytes, identity, signing) =>
      (await import('../sign/xlsx/index.ts')).signXlsx(bytes, identity, signing),
  },
  {
    id: 'html',
    file: 'report.html',
    title: 'page',
    render: async (assessment, signing) => (await import('../report/html/index.ts')).renderHtml(assessment, signing),
  },
  {
    id: 'json',
    file: 'assessment.json',
    title: 'assessment',
    render: async (assessment) => Buffer.from(serialiseAssessment(assessment)),
  },
];

/** Goes with every pack, whatever formats were asked for. */
export const MANIFEST: Format = {
  id: 'manifest',
  file: 'evidence-manifest.json',
  title: 'evidence manifest',
  render: async (assessment) => Buffer.from(serialiseManifest(assessment)),
};

export const ATTESTATION_FILE = 'attestation.dsse.json';
/** The statement over an assessment that has no pack yet; no part of one. */
export const ASSESSMENT_ATTESTATION_FILE = 'assessment.dsse.json';

/** Where the workbook goes while people's own stands in its place; no part of a pack. */
export const WORKBOOK_FILE = 'report.xlsx';
export const WORKBOOK_BESIDE = 'report.new.xlsx';

/** The names a pack may contain; a run replaces or removes exactly these. */
export const PACK_FILES: readonly string[] = [...FORMATS.map((format) => format.file), MANIFEST.file, ATTESTATION_FILE];
