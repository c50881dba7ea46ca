import { z } from 'zod';
import { apiVersion, identifier, isoDate } from '../../../schema.ts';
import { evidenceKind } from './kind.ts';
import { fixedDocument, said } from './stated.ts';

const keptDays = z.number().min(0).max(36_500);

const terms = z.strictObject({
  /** The model's id in probity.yaml. */
  model: identifier,
  vendor: said(200),
  /** The contract or data-processing agreement that says so. */
  document: fixedDocument,
  /** From when to when it is in force. */
  from: isoDate,
  until: isoDate.optional(),
  /** Somebody read them against what is used, on that day. */
  read: isoDate,
  /** Days that prompts and answers are kept, and logs of them; 0 for not at all. */
  promptRetentionDays: keptDays.optional(),
  logRetentionDays: keptDays.optional(),
  /** Whether the vendor may train on what is sent. */
  trainsOnInputs: z.boolean().optional(),
  /** Every sub-processor that what is sent may reach, or that there is none. */
  subProcessors: z.union([z.literal('none'), z.array(said(200)).min(1).max(500)]).optional(),
  /** Where it is processed, and where it may be. */
  regions: z.array(said(100)).min(1).max(100).optional(),
  allowedRegions: z.array(said(100)).min(1).max(100).optional(),
});

const vendorTermsSchema = z.strictObject({
  apiVersion,
  kind: z.literal('VendorTerms'),
  terms: z.array(terms).min(1).max(1000),
});

export const vendorTerms = evidenceKind({
  kind: 'VendorTerms',
  schema: vendorTermsSchema,
  observe(document, _context, reading) {
    document.terms.forEach((found, index) => {
      reading.observations.push({ kind: 'vendor-terms', ...found, at: `/terms/${index}` });
    });
  },
});
