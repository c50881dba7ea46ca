import { z } from 'zod';
import { apiVersion, isoDate } from '../../../schema.ts';
import { EVENT_TYPES } from '../../../terms.ts';
import { evidenceKind } from './kind.ts';

const event = z.strictObject({
  id: z.string().min(1).max(200),
  type: z.enum(EVENT_TYPES),
  time: isoDate.optional(),
  identity: z.string().min(1).max(300).optional(),
  output: z.string().min(1).max(200).optional(),
  data: z.array(z.string().min(1).max(300)).max(1000).optional(),
});

const eventSampleSchema = z.strictObject({
  apiVersion,
  kind: z.literal('EventSample'),
  collected: isoDate,
  /** The log it was drawn from, and how. */
  source: z.string().min(1).max(400),
  events: z.array(event).min(1).max(100_000),
});

export const eventSample = evidenceKind({
  kind: 'EventSample',
  schema: eventSampleSchema,
  observe(document, _context, reading) {
    reading.collected = document.collected;
    document.events.forEach((found, index) => {
      reading.observations.push({ kind: 'event', ...found, collected: document.collected, at: `/events/${index}` });
    });
  },
});
