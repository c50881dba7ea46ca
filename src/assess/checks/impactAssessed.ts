import { z } from 'zod';
import { durationOrParameter, parameterReference, SEVERITIES } from '../../catalog/schemas.ts';
import type { BodyOf, Observation } from '../../evidence/observation.ts';
import { daysBetween } from '../../schema.ts';
import { CHANGE_KINDS, type ChangeKind } from '../../terms.ts';
import { daysOf, type EvaluationContext, type Question, type Severity, severityOf } from '../context.ts';
import { notYetValid, staleness } from '../freshness.ts';
import { defineCheck } from './check.ts';
import { type Judged, type Lack, type Open, recordsOutcome } from './records.ts';

type Assessed = Observation<BodyOf<'impact-assessment'>>;

const TYPES = ['data-protection', 'fundamental-rights'] as const;
const TITLES = { 'data-protection': 'data protection', 'fundamental-rights': 'fundamental rights' } as const;

/**
 * Assessments of impact weigh this class by name, are dated documents with a tolerable risk, and were made anew for every
 * change that they say takes it. For fundamental rights, a dated decision that none is required will do.
 */
export const impactAssessed = defineCheck({
  name: 'impact-assessed',
  restsOnChanges: true,
  parameters: z.strictObject({
    types: z.array(z.enum(TYPES)).min(1),
    residualRisk: parameterReference,
    triggers: z.array(z.enum(CHANGE_KINDS)).min(1),
    /** So long before a change an assessment counts as made for it. */
    ahead: durationOrParameter,
  }),
  evaluate({ types, residualRisk, triggers, ahead }, question, context, maxAgeDays) {
    const limit = severityOf(residualRisk, context);
    const window = daysOf(ahead, context) ?? 0;
    const judged: Judged[] = [];
    const missing: Open[] = [];
    for (const type of types) {
      const known = context
        .evidence('impact-assessment')
        .filter((one) => one.type === type && one.residualRisk[question.attackClass] !== undefined);
      const made = known.filter(
        ({ completed, approved }) => completed.slice(0, 10) <= context.asOf && approved.on.slice(0, 10) <= context.asOf,
      );
      const newest = made
        .map(({ completed }) => completed.slice(0, 10))
        .sort()
        .at(-1);
      const deciding = made.filter(({ completed }) => completed.slice(0, 10) === newest);
      judged.push(
        ...deciding.map((one) => ({
          name: one.id,
          source: one.source,
          lacks: [
            riskLack(one, question, limit),
            ageLack(one.completed, context, maxAgeDays),
            triggerLack(one, triggers),
            changeLack(one, triggers, window, context),
          ],
        })),
      );
      if (deciding.length > 0) continue;
      const excused =
        type === 'fundamental-rights'
          ? context
              .evidence('impact-not-required')
              .filter((one) => one.type === type && one.decided.on.slice(0, 10) <= context.asOf)
          : [];
      judged.push(
        ...excused.map((one) => ({
          name: `decision that no assessment of ${TITLES[type]} is required`,
          source: one.source,
          lacks: [ageLack(one.decided.on, context, maxAgeDays)],
        })),
      );
      // None of those that are known was made and approved by now.
      const [coming] = known;
      if (excused.length === 0 && coming)
        missing.push({
          reason: 'not-yet',
          open: `${coming.id} is ${notYetValid(laterOf(coming.completed, coming.approved.on), context.asOf)}`,
        });
      else if (excused.length === 0)
        missing.push({
          reason: 'no-evidence',
          open: `no approved assessment of impact on ${TITLES[type]} weighs this class by name (kind: ImpactAssessment)`,
        });
    }
    return recordsOutcome(judged, {
      what: ['document', 'documents'],
      asks: 'is dated, in force, and newer than what would have it made anew',
      missing,
    });
  },
});

function laterOf(a: string, b: string): string {
  return a > b ? a : b;
}

function riskLack({ residualRisk }: Assessed, { attackClass }: Question, limit: Severity): Lack | undefined {
  const risk = residualRisk[attackClass];
  return risk !== undefined && SEVERITIES.indexOf(risk) < SEVERITIES.indexOf(limit)
    ? { fails: `states a residual risk of ${risk}, at most ${limit}` }
    : undefined;
}

function ageLack(day: string, { asOf }: EvaluationContext, maxAgeDays: number | undefined): Lack | undefined {
  const stale = staleness(day, asOf, maxAgeDays, []);
  return stale ? { reason: stale.reason, open: stale.why } : undefined;
}

function triggerLack({ triggers }: Assessed, asked: readonly ChangeKind[]): Lack | undefined {
  const missed = asked.filter((kind) => !triggers.includes(kind));
  return missed.length > 0 ? { fails: `a change of ${missed.join(' or ')} does not have it made anew` } : undefined;
}

function changeLack(
  { completed, triggers }: Assessed,
  asked: readonly ChangeKind[],
  window: number,
  { changes }: EvaluationContext,
): Lack | undefined {
  const later = changes.find(
    (change) =>
      (triggers.includes(change.of) || asked.includes(change.of)) && daysBetween(completed, change.date) > window,
  );
  return later
    ? {
        fails: `of ${completed.slice(0, 10)}, and not made anew for the ${later.of} change of ${later.date.slice(0, 10)} (${later.description})`,
      }
    : undefined;
}
