import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseAssessment } from '../assess/assessment.ts';
import { ProbityError } from '../errors.ts';
import { sha256, verifyAttestation } from './attestation.ts';
import { ATTESTATION_FILE, WORKBOOK_BESIDE, WORKBOOK_FILE } from './files.ts';

/* A workbook is worked in, so what stands in its place may be people's work, which no run may take away. */

/** What becomes of the workbooks in a folder when a pack is written into it. */
export interface WorkbookPlace {
  /** Where the new workbook goes. */
  file: string;
  /** Names that stay as they are. */
  keep: string[];
}

/**
 * Where a new workbook may go: into its place, unless somebody changed the one that is there, and then beside it.
 * @throws ProbityError OUTPUT_FAILED when the one beside was changed as well
 */
export async function placeOfWorkbook(folder: string): Promise<WorkbookPlace> {
  const changed = await wasChanged(folder, WORKBOOK_FILE);
  const besideChanged = await wasChanged(folder, WORKBOOK_BESIDE);
  if (changed && besideChanged)
    throw new ProbityError(
      'OUTPUT_FAILED',
      `${WORKBOOK_FILE} and ${WORKBOOK_BESIDE} were both changed since they were written, and neither is overwritten`,
      {
        where: folder,
        remedy: 'Import them with: probity responses import FILE, and move one away; or say --overwrite',
      },
    );
  if (changed) return { file: WORKBOOK_BESIDE, keep: [WORKBOOK_FILE] };
  return { file: WORKBOOK_FILE, keep: besideChanged ? [WORKBOOK_BESIDE] : [] };
}

/** Whether a workbook is there that is not as it was written. Where nothing says how that was, what people filled in does. */
async function wasChanged(folder: string, name: string): Promise<boolean> {
  const bytes = await readFile(path.join(folder, name)).catch(() => undefined);
  if (bytes === undefined) return false;
  const attestation = await readFile(path.join(folder, ATTESTATION_FILE), 'utf8').catch(() => undefined);
  if (attestation !== undefined) {
    const { statement } = verifyAttestation(attestation, ATTESTATION_FILE, []);
    const stated = statement?.subject.find((subject) => subject.name === WORKBOOK_FILE);
    if (stated) return stated.digest.sha256 !== sha256(bytes);
  }
  const assessment = await readFile(path.join(folder, 'assessment.json'), 'utf8').catch(() => undefined);
  if (assessment !== undefined && (await isRendered(bytes, assessment))) return false;
  const { holdsAnswers } = await import('../responses/import.ts');
  return holdsAnswers(bytes);
}

async function isRendered(bytes: Uint8Array, text: string): Promise<boolean> {
  try {
    const { renderXlsx } = await import('../report/xlsx/index.ts');
    return Buffer.from(await renderXlsx(parseAssessment(text, 'assessment.json'), undefined)).equals(bytes);
  } catch (error) {
    if (error instanceof ProbityError) return false;
    throw error;
  }
}
