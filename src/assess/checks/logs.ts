import { z } from 'zod';
import { durationOrParameter, numberOrParameter } from '../../catalog/schemas.ts';
import type { BodyOf, Observation } from '../../evidence/observation.ts';
import { isoDate } from '../../schema.ts';
import { EVENT_TYPES } from '../../terms.ts';
import { grouped } from '../../wording.ts';
import { daysOf, type EvaluationContext, numberOf, plural, someOf, sourcesOf } from '../context.ts';
import { noneCounts, staleness } from '../freshness.ts';
import { isTest } from '../ground.ts';
import { isSomething } from '../named.ts';
import { notAssessed, notSatisfied, type Outcome, satisfied } from '../outcome.ts';
import { attestationOf } from './attested.ts';
import { defineCheck } from './check.ts';

type Event = Observation<BodyOf<'event'>>;

/** The events of samples that are fresh, or the outcome when there are none. */
function freshEvents(context: EvaluationContext, maxAgeDays: number | undefined): Event[] | Outcome {
  if (context.evidence('event').length === 0)
    return notAssessed('no-evidence', {
      detail: 'No sample of log events (kind: EventSample) was found in the evidence.',
    });
  const fresh = context.evidence('event').filter(
    (event) =>
      staleness(event.collected, context.asOf, maxAgeDays, []) === undefined &&
      // A sample of today that holds what happened years ago is one of years ago.
      (event.time === undefined || staleness(event.time, context.asOf, maxAgeDays, []) === undefined),
  );
  if (fresh.length > 0) return fresh;
  const { reasons, why } = noneCounts(
    context
      .evidence('event')
      .map(
        (event) =>
          staleness(event.collected, context.asOf, maxAgeDays, []) ??
          staleness(event.time, context.asOf, maxAgeDays, []),
      ),
  );
  return notAssessed(reasons, {
    detail: `The sample of log events does not count: ${why}.`,
    evidence: sourcesOf(context.evidence('event').slice(0, 1)),
  });
}

/** A sample of the log holds every type of event asked for, and each names who caused it and when. */
export const eventsAttributable = defineCheck({
  name: 'events-attributable',
  parameters: z.strictObject({ types: z.array(z.enum(EVENT_TYPES)).min(1) }),
  evaluate({ types }, _question, context, maxAgeDays) {
    const fresh = freshEvents(context, maxAgeDays);
    if (!Array.isArray(fresh)) return fresh;
    const asked = fresh.filter((event) => types.includes(event.type));
    const absent = types.filter((type) => !asked.some((event) => event.type === type));
    const nameless = asked.filter((event) => event.identity === undefined || event.time === undefined);
    const fields = {
      observed: `${grouped(asked.length - nameless.length)} of ${grouped(asked.length)} events attributable`,
      threshold: `all, of types ${types.join(', ')}`,
    };
    if (nameless.length > 0)
      return notSatisfied({
        ...fields,
        detail: `${plural(nameless.length, 'event')} of ${grouped(asked.length)} without identity or time: ${someOf(nameless.map(({ id, type }) => `${id} (${type})`))}.`,
        evidence: sourcesOf(nameless),
      });
    if (absent.length > 0)
      return notAssessed('no-evidence', {
        ...fields,
        detail: `The sample holds no event of type ${absent.join(', ')}.`,
        evidence: sourcesOf(asked.length > 0 ? asked : fresh),
      });
    return satisfied({
      ...fields,
      detail: `All ${plural(asked.length, 'sampled event')} of types ${types.join(', ')} name who and when.`,
      evidence: sourcesOf(asked),
    });
  },
});

/** For every output in a sample, the log answers who asked, when, and (where asked for) what data went into it. */
export const outputsTraceable = defineCheck({
  name: 'outputs-traceable',
  parameters: z.strictObject({ data: z.boolean(), outputs: numberOrParameter }),
  evaluate({ data, outputs }, _question, context, maxAgeDays) {
    const fresh = freshEvents(context, maxAgeDays);
    if (!Array.isArray(fresh)) return fresh;
    const sampled = Map.groupBy(
      fresh.filter((event) => event.output !== undefined),
      (event) => event.output,
    );
    const least = numberOf(outputs, context);
    const untraced = [...sampled].flatMap(([output, events]) => {
      const lacking = lackingFor(events, data);
      return lacking.length > 0 ? [{ output, lacking, event: events[0] as Event }] : [];
    });
    const fields = {
      observed: `${grouped(sampled.size - untraced.length)} of ${grouped(sampled.size)} outputs traced`,
      threshold: `all, of at least ${grouped(least)}`,
      evidence: sourcesOf(untraced.length > 0 ? untraced.map(({ event }) => event) : [...sampled.values()].flat()),
    };
    if (untraced.length > 0)
      return notSatisfied({
        ...fields,
        detail: `For ${plural(untraced.length, 'sampled output')} of ${grouped(sampled.size)} the log does not answer: ${someOf(untraced.map(({ output, lacking }) => `${output} (${lacking.join(', ')})`))}.`,
      });
    if (sampled.size < least)
      return notAssessed('insufficient-sample', {
        ...fields,
        needs: [{ of: 'sampled outputs', atLeast: least, has: sampled.size }],
        detail: `needs at least ${plural(least, 'sampled output')}; has ${grouped(sampled.size)}.`,
      });
    return satisfied({
      ...fields,
      detail: `For all ${plural(sampled.size, 'sampled output')} the log answers who asked, when${data ? ' and from what data' : ''}.`,
    });
  },
});

function lackingFor(events: readonly Event[], data: boolean): string[] {
  const asked = events.find((event) => event.type === 'model-access');
  return [
    ...(asked?.identity === undefined ? ['who'] : []),
    ...(asked?.time === undefined ? ['when'] : []),
    ...(data && !events.some((event) => event.type === 'data-access' && (event.data ?? []).length > 0)
      ? ['what data']
      : []),
  ];
}

/**
 * A rule that notices repeated probing is attested, and was seen to fire during a test of this class inside the period:
 * the day it was exercised on lies within a week of such a test.
 */
export const detectionExercised = defineCheck({
  name: 'detection-exercised',
  parameters: z.strictObject({ within: durationOrParameter.default('P7D') }),
  evaluate({ within }, question, context, maxAgeDays) {
    const outcome = attestationOf(question, context, maxAgeDays, (attestation) => {
      const { rule, exercised } = attestation.facts;
      return [
        ...(typeof rule === 'string' && isSomething(rule) ? [] : ['rule: the name of the detection rule']),
        ...(typeof exercised === 'string' && isoDate.safeParse(exercised).success
          ? periodProblem(exercised, context)
          : ['exercised: the day on which the rule was seen to fire']),
      ];
    });
    if (outcome.state !== 'satisfied') return outcome;
    const days = daysOf(within, context) ?? 0;
    const exercised = context
      .evidence('attestation')
      .filter((attestation) => outcome.evidence.includes(attestation.source))
      .flatMap(({ facts }) => (typeof facts.exercised === 'string' ? [facts.exercised.slice(0, 10)] : []));
    const tests = context.measurements.filter(
      (m) =>
        m.attackClass === question.attackClass && m.collected !== undefined && isTest(m, context.grounds.get(m.id)),
    );
    const run = tests.find((m) =>
      exercised.some(
        (day) => Math.abs(Date.parse(day) - Date.parse(m.collected?.slice(0, 10) ?? '')) <= days * 86_400_000,
      ),
    );
    return run
      ? {
          ...outcome,
          detail: `${outcome.detail} A test of this class was run at that time (${run.probe}, ${run.collected?.slice(0, 10)}).`,
          evidence: [...outcome.evidence, ...run.source],
        }
      : notAssessed('no-evidence', {
          observed: outcome.observed,
          threshold: outcome.threshold,
          evidence: outcome.evidence,
          detail: `The rule is said to have fired, but no test of this class within ${days} days of it is in the evidence, so nothing shows what it noticed.`,
        });
  },
});

function periodProblem(day: string, { period, asOf }: EvaluationContext): string[] {
  const date = day.slice(0, 10);
  return date >= period.from.slice(0, 10) && date <= period.to.slice(0, 10) && date <= asOf
    ? []
    : [
        `exercised: a day inside the period ${period.from.slice(0, 10)} to ${period.to.slice(0, 10)} that is not in the future (states ${date})`,
      ];
}
