import { z } from 'zod';
import { durationOrParameter } from '../../catalog/schemas.ts';
import type { BodyOf, Observation } from '../../evidence/observation.ts';
import { daysBetween } from '../../schema.ts';
import { daysOf, type EvaluationContext } from '../context.ts';
import { notApplicable } from '../outcome.ts';
import { defineCheck } from './check.ts';
import { freshRecords, type Lack, type Open, recordsOutcome, undescribed } from './records.ts';
import { authorisationLack } from './stores.ts';

type Tool = Observation<BodyOf<'agent-tool'>>;

const asks = z
  .strictObject({
    pinned: z.literal(true).optional(),
    review: z.strictObject({ within: durationOrParameter }).optional(),
    transport: z.literal(true).optional(),
    authenticates: z.literal(true).optional(),
    authorisation: z.literal(true).optional(),
  })
  .refine((value) => Object.keys(value).length > 0, 'asks nothing');

/** Every tool that an agent may call is listed and kept as asked. */
export const toolsKept = defineCheck({
  name: 'tools-kept',
  parameters: z.strictObject({ asks }),
  evaluate({ asks: wanted }, question, context, maxAgeDays) {
    if (!question.surfaces.includes('agent-tools')) return notApplicable('the system has no agent with tools');
    const found = freshRecords(
      context.evidence('agent-tool'),
      "list of the agent's tools (kind: ToolInventory)",
      context,
      maxAgeDays,
    );
    if (!Array.isArray(found)) return found;
    const listed = context.evidence('resource').filter(({ type }) => type === 'tool');
    return recordsOutcome(
      found.map((tool) => ({
        name: tool.id,
        source: tool.source,
        lacks: [
          wanted.pinned && pinLack(tool),
          wanted.review && reviewLack(tool, daysOf(wanted.review.within, context) ?? 0, context),
          wanted.transport && transportLack(tool),
          wanted.authenticates && callerLack(tool),
          wanted.authorisation && authorisationLack(tool.authorisation, context),
        ],
      })),
      {
        what: ['tool', 'tools'],
        asks: `is as asked (${Object.keys(wanted).join(', ')})`,
        missing: undescribed(listed, context.evidence('agent-tool')).map(
          (id): Open => ({
            reason: 'incomplete',
            open: `${id} is in the access inventory, and no tool is said to be it`,
          }),
        ),
      },
    );
  },
});

function silent(what: string): Open {
  return { reason: 'no-evidence', open: `not stated ${what}` };
}

/** A version is a name that can be given anew; a digest is not. */
function pinLack({ version, pinned }: Tool): Lack | undefined {
  if (pinned !== undefined) return undefined;
  return version === undefined
    ? silent('which version is loaded')
    : { fails: `version ${version} is not pinned by a digest` };
}

function reviewLack({ review, pinned }: Tool, most: number, { asOf }: EvaluationContext): Lack | undefined {
  if (review === undefined) return silent('whether it was reviewed');
  const age = daysBetween(review.on, asOf);
  if (age < 0) return { fails: `reviewed on ${review.on.slice(0, 10)}, after the as-of date` };
  if (pinned !== undefined && review.of !== pinned) return { fails: 'what was reviewed is not what is loaded' };
  return age > most ? { fails: `reviewed ${age} days ago, the limit is ${most}` } : undefined;
}

function transportLack({ transport }: Tool): Lack | undefined {
  if (transport === undefined) return silent('how it is reached');
  return transport === 'http' ? { fails: 'reached without encryption' } : undefined;
}

function callerLack({ authenticates }: Tool): Lack | undefined {
  if (authenticates === undefined) return silent('how its caller proves who it is');
  if (authenticates === 'nobody') return { fails: 'asks nobody who calls' };
  return authenticates === 'shared-key' ? { fails: 'tells callers apart by one shared key' } : undefined;
}
