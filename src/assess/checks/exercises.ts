import { z } from 'zod';
import { durationOrParameter, measureCriterion, numberOrParameter } from '../../catalog/schemas.ts';
import type { BodyOf, Observation } from '../../evidence/observation.ts';
import { daysBetween, instant } from '../../schema.ts';
import { type AttackClass, type ExerciseType, NOTIFIED, SURFACE_TITLES, surfacesInWords } from '../../terms.ts';
import { grouped } from '../../wording.ts';
import { daysOf, type EvaluationContext, numberOf, sourcesOf } from '../context.ts';
import { notYetValid } from '../freshness.ts';
import { notApplicable, notAssessed, notSatisfied, type Outcome, satisfied, worstOf } from '../outcome.ts';
import { boundAfter } from './boundAfter.ts';
import { defineCheck } from './check.ts';
import { type Lack, recordsOutcome } from './records.ts';

type AnyExercise = Observation<BodyOf<'exercise'>>;
type Exercise<T extends ExerciseType> = Extract<AnyExercise, { of: T }>;

/** What is called one of each kind. */
const NAMES: Record<ExerciseType, string> = {
  'breach-notification': 'notification of a breach',
  'secret-revocation': 'revocation of a leaked secret',
  erasure: 'erasure',
  'memory-reset': "reset of an agent's memory",
  'query-budget': 'attempt to exceed the query budget',
};

/**
 * The exercises that decide: everything in earnest within the time, and of what was practised the latest. The outcome
 * instead, when there is none.
 */
function decidingExercises<T extends ExerciseType>(
  of: T,
  attackClass: AttackClass,
  within: number,
  context: EvaluationContext,
  keep: (exercise: Exercise<T>) => boolean = () => true,
): Exercise<T>[] | Outcome {
  const logged = context
    .evidence('exercise')
    .filter((one): one is Exercise<T> => one.of === of && one.attackClasses.includes(attackClass))
    .filter(keep);
  const all = logged.filter(({ started }) => daysBetween(started, context.asOf) >= 0);
  const [ahead] = logged;
  if (ahead && all.length === 0)
    return notAssessed('not-yet', {
      detail: `The ${NAMES[of]} is ${notYetValid(ahead.started, context.asOf)}.`,
      evidence: sourcesOf(logged),
    });
  if (all.length === 0)
    return notAssessed('no-evidence', {
      detail: `No ${NAMES[of]} that names this class (kind: ExerciseLog), done or practised before the as-of date, was found in the evidence.`,
    });
  const recent = all.filter(({ started }) => daysBetween(started, context.asOf) <= within);
  const open = all.filter(({ real, finished }) => real && finished === undefined && of !== 'breach-notification');
  if (recent.length === 0 && open.length === 0)
    return notAssessed('stale', {
      detail: `The latest ${NAMES[of]} is more than ${within} days old.`,
      evidence: sourcesOf(all),
    });
  const latest = recent
    .filter(({ real }) => !real)
    .map(({ started }) => started.slice(0, 10))
    .sort()
    .at(-1);
  const deciding = new Set([...open, ...recent.filter(({ real, started }) => real || started.slice(0, 10) === latest)]);
  return [...deciding];
}

/** Hours from one moment to another, at most: what is given as a day alone counts from its beginning to its end. */
function hoursBetween(from: string, to: string): number {
  return (instant(to, true) - instant(from, false)) / 3_600_000;
}

/** Something took no longer than it may, each time in earnest and the last time it was practised. */
export const exercisedInTime = defineCheck({
  name: 'exercised-in-time',
  parameters: z.discriminatedUnion('of', [
    z.strictObject({
      of: z.literal('breach-notification'),
      hours: numberOrParameter,
      within: durationOrParameter,
      whom: z.array(z.enum(NOTIFIED)).min(1),
    }),
    z.strictObject({ of: z.literal('secret-revocation'), hours: numberOrParameter, within: durationOrParameter }),
  ]),
  evaluate(wanted, question, context) {
    const hours = numberOf(wanted.hours, context);
    const within = daysOf(wanted.within, context) ?? 0;
    const summary = { what: ['case', 'cases'] as [string, string], asks: `was done within ${grouped(hours)} hours` };
    const judged = <T extends ExerciseType>(of: T, lacksOf: (one: Exercise<T>) => (Lack | undefined)[]): Outcome => {
      const found = decidingExercises(of, question.attackClass, within, context);
      if (!Array.isArray(found)) return found;
      return recordsOutcome(
        found.map((one) => ({ name: one.id, source: one.source, lacks: lacksOf(one) })),
        summary,
      );
    };
    return wanted.of === 'breach-notification'
      ? judged(wanted.of, (one) => wanted.whom.map((whom) => notifiedLack(one, whom, hours, context.asOf)))
      : judged(wanted.of, (one) => [timeLack(one, hours, context.asOf), refusedLack(one)]);
  },
});

function notifiedLack(
  { started, notified }: Exercise<'breach-notification'>,
  whom: string,
  hours: number,
  asOf: string,
): Lack | undefined {
  const told = notified.filter((one) => one.whom === whom && one.at.slice(0, 10) <= asOf);
  if (told.length === 0) {
    const passed = (daysBetween(started, asOf) - 1) * 24;
    return passed > hours
      ? { fails: `${whom} never told` }
      : { reason: 'no-evidence', open: `${whom} not told yet, and there is time until ${hours} hours have passed` };
  }
  const least = Math.min(...told.map(({ at }) => hoursBetween(started, at)));
  return least > hours ? { fails: `${whom} told after up to ${Math.ceil(least)} hours, at most ${hours}` } : undefined;
}

function timeLack(
  { started, finished }: Pick<AnyExercise, 'started' | 'finished'>,
  hours: number,
  asOf: string,
): Lack | undefined {
  if (finished !== undefined && finished.slice(0, 10) <= asOf) {
    const took = hoursBetween(started, finished);
    return took > hours ? { fails: `took up to ${Math.ceil(took)} hours, at most ${hours}` } : undefined;
  }
  const passed = (daysBetween(started, asOf) - 1) * 24;
  return passed > hours
    ? { fails: `not done after more than ${grouped(passed)} hours, at most ${grouped(hours)}` }
    : { reason: 'no-evidence', open: 'not done yet' };
}

/** The same for a limit in days, by the calendar. */
function daysLack(
  { started, finished }: Pick<AnyExercise, 'started' | 'finished'>,
  most: number,
  asOf: string,
): Lack | undefined {
  const done = finished !== undefined && finished.slice(0, 10) <= asOf;
  const took = daysBetween(started, done ? finished : asOf);
  if (took > most) return { fails: `${done ? 'took' : 'not done after'} ${took} days, at most ${most}` };
  return done ? undefined : { reason: 'no-evidence', open: 'not done yet' };
}

function refusedLack({ refusedAfter }: Exercise<'secret-revocation'>): Lack | undefined {
  if (refusedAfter === false) return { fails: 'the old secret still worked afterwards' };
  return refusedAfter ? undefined : { reason: 'no-evidence', open: 'nobody tried the old secret afterwards' };
}

/**
 * What was to be erased was erased in time, and a test of this class after it, by the probe that the erasure names, on every
 * surface that it names, does not find it again.
 */
export const erasureVerified = defineCheck({
  name: 'erasure-verified',
  parameters: z.strictObject({
    days: durationOrParameter,
    within: durationOrParameter,
    tests: z.array(measureCriterion).min(1),
  }),
  evaluate({ days, within, tests }, question, context) {
    const found = decidingExercises('erasure', question.attackClass, daysOf(within, context) ?? 0, context);
    if (!Array.isArray(found)) return found;
    const most = daysOf(days, context) ?? 0;
    const outcomes = found.flatMap((erasure): Outcome[] => {
      const { id, probe, surfaces, finished, source } = erasure;
      const done = recordsOutcome([{ name: id, source, lacks: [daysLack(erasure, most, context.asOf)] }], {
        what: ['erasure', 'erasures'],
        asks: 'was done in time',
      });
      if (finished === undefined || finished.slice(0, 10) > context.asOf) return [done];
      if (probe === undefined)
        return [
          done,
          notAssessed('no-evidence', {
            detail: `${id}: no probe is named that asked afterwards for what was erased.`,
            evidence: sourcesOf([erasure]),
          }),
        ];
      const here = question.surfaces.filter((surface) => surfaces.includes(surface));
      if (here.length === 0)
        return [
          done,
          notAssessed('no-evidence', {
            detail: `${id}: erased from ${surfacesInWords(surfaces)}, which the system does not have.`,
            evidence: sourcesOf([erasure]),
          }),
        ];
      return [
        done,
        ...here.map((surface) => {
          const outcome = boundAfter(tests, question, context, surface, finished, (m) => m.probe === probe);
          return { ...outcome, detail: `${id}, erased by ${finished.slice(0, 10)}: ${outcome.detail}` };
        }),
      ];
    });
    return worstOf(outcomes);
  },
});

/** An agent's memory was emptied, and what was in it did not come back. */
export const memoryEmptied = defineCheck({
  name: 'memory-emptied',
  parameters: z.strictObject({ within: durationOrParameter, asked: numberOrParameter }),
  evaluate({ within, asked }, question, context) {
    const found = decidingExercises('memory-reset', question.attackClass, daysOf(within, context) ?? 0, context);
    if (!Array.isArray(found)) return found;
    const least = numberOf(asked, context);
    return recordsOutcome(
      found.map((one) => ({ name: one.id, source: one.source, lacks: [recallLack(one, least, context.asOf)] })),
      { what: ['reset', 'resets'], asks: 'left nothing that could be recalled' },
    );
  },
});

function recallLack(
  { asked, recalled, finished }: Exercise<'memory-reset'>,
  least: number,
  asOf: string,
): Lack | undefined {
  if (recalled > 0) return { fails: `${grouped(recalled)} of ${grouped(asked)} entries came back after the reset` };
  if (finished === undefined || finished.slice(0, 10) > asOf) return { reason: 'no-evidence', open: 'not done yet' };
  return asked < least
    ? {
        reason: 'insufficient-sample',
        open: `needs at least ${grouped(least)} entries asked for again; has ${grouped(asked)}`,
        needs: { of: 'entries asked for', atLeast: least, has: asked },
      }
    : undefined;
}

/** On every surface an identity that asked too much was refused, at a budget that the profile accepts. */
export const queryBudgetExercised = defineCheck({
  name: 'query-budget-exercised',
  parameters: z.strictObject({ perDay: numberOrParameter, within: durationOrParameter }),
  evaluate({ perDay, within }, question, context) {
    if (question.surfaces.length === 0)
      return notApplicable('the system has none of the surfaces this control is about');
    const most = numberOf(perDay, context);
    const anywhere = context
      .evidence('exercise')
      .some((one) => one.of === 'query-budget' && one.attackClasses.includes(question.attackClass));
    if (!anywhere)
      return notAssessed('no-evidence', {
        threshold: `${grouped(most)} queries a day and identity`,
        detail: 'Nobody tried to exceed the query budget with queries of this class (kind: ExerciseLog).',
      });
    const outcomes = question.surfaces.flatMap((surface): Outcome[] => {
      const found = decidingExercises(
        'query-budget',
        question.attackClass,
        daysOf(within, context) ?? 0,
        context,
        (one) => one.surface === surface,
      );
      if (Array.isArray(found)) return found.map((one) => budgetOutcome(one, most));
      return [
        found.reason === 'no-evidence'
          ? notAssessed('untested-surface', {
              detail: `${SURFACE_TITLES[surface]}: nobody tried to exceed the query budget here.`,
            })
          : { ...found, detail: `${SURFACE_TITLES[surface]}: ${found.detail}` },
      ];
    });
    return worstOf(outcomes);
  },
});

/** Most queries that a budget leaves an identity in any 24 hours. */
function dailyQueries({ queries, hours }: { queries: number; hours: number }): number {
  return queries * Math.max(1, Math.ceil(24 / hours));
}

function budgetOutcome(one: Exercise<'query-budget'>, most: number): Outcome {
  const { surface, budget, sent, refusedAt } = one;
  const daily = dailyQueries(budget);
  const fields = {
    observed: refusedAt === undefined ? `${grouped(sent)} answered` : `refused at query ${grouped(refusedAt)}`,
    threshold: `${grouped(budget.queries)} queries in ${budget.hours} hours; at most ${grouped(most)} a day`,
    evidence: [one.source],
  };
  const what = `${SURFACE_TITLES[surface]}, ${one.id}`;
  if (budget.per !== 'identity')
    return notSatisfied({ ...fields, detail: `${what}: the budget is counted by ${budget.per}, not by identity.` });
  if (daily > most)
    return notSatisfied({
      ...fields,
      detail: `${what}: the budget lets one identity ask ${grouped(daily)} times a day, at most ${grouped(most)} should pass.`,
    });
  if (refusedAt !== undefined && refusedAt > budget.queries + 1)
    return notSatisfied({
      ...fields,
      detail: `${what}: refused only at query ${grouped(refusedAt)}, past the budget of ${grouped(budget.queries)}.`,
    });
  if (refusedAt === undefined && sent > budget.queries)
    return notSatisfied({
      ...fields,
      detail: `${what}: ${grouped(sent)} queries were answered under a budget of ${grouped(budget.queries)}; it is not enforced.`,
    });
  if (refusedAt === undefined)
    return notAssessed('insufficient-sample', {
      ...fields,
      needs: [{ of: 'queries', atLeast: budget.queries + 1, has: sent }],
      detail: `${what}: needs at least ${grouped(budget.queries + 1)} queries to see whether the budget holds; has ${grouped(sent)}.`,
    });
  return satisfied({
    ...fields,
    basis: 'record',
    detail: `${what}: refused at query ${grouped(refusedAt)}; the budget is ${grouped(budget.queries)} in ${budget.hours} hours for each identity.`,
  });
}
