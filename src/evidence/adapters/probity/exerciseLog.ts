import { z } from 'zod';
import { apiVersion, attackClass, instant, surface } from '../../../schema.ts';
import { NOTIFIED } from '../../../terms.ts';
import { evidenceKind } from './kind.ts';
import { answerable, fixedDocument, moment, oncePerId, said } from './stated.ts';

const count = z.number().int().min(0);

const common = {
  id: said(200),
  /** The classes of attack that it was about; another gets nothing from it. */
  attackClasses: z.array(attackClass).min(1),
  /** In earnest, or practised. */
  real: z.boolean(),
  /** When it was noticed, asked for or begun. A day without a time counts from its beginning. */
  started: moment,
  /** When it was done; left out while it is open. A day without a time counts to its end. */
  finished: moment.optional(),
  by: answerable,
  /** The record of it. */
  record: fixedDocument,
};

const exercise = z
  .discriminatedUnion('of', [
    z.strictObject({
      of: z.literal('breach-notification'),
      ...common,
      notified: z.array(z.strictObject({ whom: z.enum(NOTIFIED), at: moment })).max(50),
    }),
    z.strictObject({
      of: z.literal('secret-revocation'),
      ...common,
      /** Whether the old secret was tried afterwards and refused. */
      refusedAfter: z.boolean().optional(),
    }),
    z.strictObject({
      of: z.literal('erasure'),
      ...common,
      surfaces: z.array(surface).min(1),
      /** How many records, documents or people it was about. */
      records: z.number().int().min(1),
      /** The name of the probe that asked for them afterwards, as the results of the test give it. */
      probe: said(200).optional(),
    }),
    z.strictObject({
      of: z.literal('memory-reset'),
      ...common,
      /** Entries that were asked for again after the reset, and how many came back. */
      asked: count,
      recalled: count,
    }),
    z.strictObject({
      of: z.literal('query-budget'),
      ...common,
      surface,
      /** Queries allowed in so many hours, counted by what. */
      budget: z.strictObject({
        queries: z.number().int().min(1),
        hours: z.number().positive().max(8784),
        per: z.enum(['identity', 'tenant', 'address', 'session', 'everybody']),
      }),
      /** Queries that one identity sent within those hours, and the first that was refused, if one was. */
      sent: z.number().int().min(1),
      refusedAt: z.number().int().min(1).optional(),
    }),
  ])
  .superRefine((one, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (one.finished !== undefined && instant(one.finished, true) < instant(one.started, false))
      wrong('finished', 'finished before it started');
    if (one.of === 'breach-notification')
      for (const { at } of one.notified)
        if (instant(at, true) < instant(one.started, false)) wrong('notified', 'notified before it was noticed');
    if (one.of === 'memory-reset' && one.recalled > one.asked) wrong('recalled', 'more recalled than asked for');
    if (one.of === 'query-budget' && one.refusedAt !== undefined && one.refusedAt > one.sent)
      wrong('refusedAt', 'refused at a query that was not sent');
  });

const exerciseLogSchema = z.strictObject({
  apiVersion,
  kind: z.literal('ExerciseLog'),
  exercises: z.array(exercise).min(1).max(10_000).superRefine(oncePerId('exercise')),
});

export const exerciseLog = evidenceKind({
  kind: 'ExerciseLog',
  schema: exerciseLogSchema,
  observe({ exercises }, _context, reading) {
    exercises.forEach((found, index) => {
      reading.observations.push({ kind: 'exercise', ...found, at: `/exercises/${index}` });
    });
  },
});
