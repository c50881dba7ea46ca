import { z } from 'zod';
import { apiVersion, attackClass, isoDate } from '../../../schema.ts';
import { CHANGE_KINDS } from '../../../terms.ts';
import { evidenceKind } from './kind.ts';
import { answerable, fixedDocument, oncePerId, said } from './stated.ts';

const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;

const entry = z.strictObject({
  id: said(200),
  type: z.enum(['data-protection', 'fundamental-rights']),
  /** The classes of attack that it weighs by name, each with the risk that remains. */
  residualRisk: z.partialRecord(attackClass, z.enum(SEVERITIES)),
  completed: isoDate,
  document: fixedDocument,
  approved: answerable.extend({ on: isoDate }),
  /** Changes after which it is to be done anew. */
  triggers: z.array(z.enum(CHANGE_KINDS)).min(1),
});

const impactAssessmentSchema = z.strictObject({
  apiVersion,
  kind: z.literal('ImpactAssessment'),
  assessments: z.array(entry).default([]).superRefine(oncePerId('assessment')),
  /** Why none of a type has to be made, with the duty that was looked at. */
  notRequired: z
    .array(
      z.strictObject({
        type: z.enum(['data-protection', 'fundamental-rights']),
        reason: said(1000),
        document: fixedDocument,
        decided: answerable.extend({ on: isoDate }),
      }),
    )
    .default([]),
});

export const impactAssessment = evidenceKind({
  kind: 'ImpactAssessment',
  schema: impactAssessmentSchema,
  observe({ assessments, notRequired }, _context, reading) {
    assessments.forEach((found, index) => {
      reading.observations.push({ kind: 'impact-assessment', ...found, at: `/assessments/${index}` });
    });
    notRequired.forEach((found, index) => {
      reading.observations.push({ kind: 'impact-not-required', ...found, at: `/notRequired/${index}` });
    });
  },
});
