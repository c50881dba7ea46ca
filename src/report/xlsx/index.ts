import type { Assessment } from '../../assess/assessment.ts';
import { type WorkbookPlan, writeWorkbook } from '../../files/workbook.ts';
import { type SigningStatement, signingLine } from '../signing.ts';
import { workbookPlan } from './plan.ts';

/** Renders the workbook, before signing: the same assessment gives the same bytes. */
export async function renderXlsx(assessment: Assessment, signing: SigningStatement | undefined): Promise<Uint8Array> {
  return writeWorkbook(workbookPlan(assessment, signingLine(signing)));
}

export type { WorkbookPlan };
