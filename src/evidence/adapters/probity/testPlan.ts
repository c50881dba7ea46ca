import { z } from 'zod';
import { apiVersion, attackClass, identifier, isoDate, surface } from '../../../schema.ts';
import { evidenceKind } from './kind.ts';

const positive = z.number().int().min(1);

const plan = z.strictObject({
  attackClass,
  technique: identifier,
  surface,
  /** As tools record it; `*` stands for any run of characters. */
  target: z.string().min(1).max(300),
  probe: z.string().min(1).max(200).optional(),
  sample: z
    .strictObject({ members: positive.optional(), nonMembers: positive.optional(), trials: positive.optional() })
    .default({}),
  runs: positive.default(1),
  how: z.string().min(1).max(1000),
  by: z.string().min(1).max(200),
});

export const testPlanSchema = z.strictObject({
  apiVersion,
  kind: z.literal('TestPlan'),
  plans: z.array(plan).min(1).max(1000),
  /** When the plan was made; tests from before that day were not planned. */
  committed: isoDate,
});

/** Tests that were planned before they were run, so that runs that were not handed in are missed. */
export const testPlan = evidenceKind({
  kind: 'TestPlan',
  schema: testPlanSchema,
  observe(document, _context, reading) {
    reading.collected = document.committed;
    document.plans.forEach(({ probe, ...found }, index) => {
      reading.observations.push({
        kind: 'planned-test',
        ...found,
        ...(probe === undefined ? {} : { probe }),
        committed: document.committed,
        at: `/plans/${index}`,
      });
    });
  },
});
