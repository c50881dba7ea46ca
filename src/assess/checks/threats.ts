import { z } from 'zod';
import { parameterReference, SEVERITIES } from '../../catalog/schemas.ts';
import type { Observation } from '../../evidence/observation.ts';
import type { ThreatBody, ThreatModelBody } from '../../evidence/observations/governance.ts';
import { type EvaluationContext, plural, type Question, severityOf, someOf, sourcesOf } from '../context.ts';
import { isAfter, noneCounts, notYetValid, staleness, timeOrder } from '../freshness.ts';
import { isSomething } from '../named.ts';
import { notAssessed, notSatisfied, type Outcome, satisfied } from '../outcome.ts';
import { defineCheck } from './check.ts';

/** The threat models that are fresh and their threats of the question's class, or the outcome when there is no such model. */
function freshThreats(
  question: Question,
  context: EvaluationContext,
  maxAgeDays: number | undefined,
): Outcome | { models: Observation<ThreatModelBody>[]; named: Observation<ThreatBody>[] } {
  if (context.evidence('threat-model').length === 0)
    return notAssessed('no-evidence', { detail: 'No threat model was found in the evidence.' });
  const models = context
    .evidence('threat-model')
    .filter((model) => staleness(model.collected, context.asOf, maxAgeDays, []) === undefined);
  if (models.length === 0) {
    const { reasons, why } = noneCounts(
      context.evidence('threat-model').map(({ collected }) => staleness(collected, context.asOf, maxAgeDays, [])),
    );
    return notAssessed(reasons, {
      detail: `The threat model does not count: ${why}.`,
      evidence: sourcesOf(context.evidence('threat-model')),
    });
  }
  const fresh = new Set(models.map((model) => model.source.path));
  const named = context
    .evidence('threat')
    .filter(
      (threat) =>
        fresh.has(threat.source.path) && threat.names.some((name) => name.attackClass === question.attackClass),
    );
  return { models, named };
}

/** The threat model names this attack class on every declared surface, each threat with a status and a mitigation. */
export const threatsCover = defineCheck({
  name: 'threats-cover',
  parameters: z.strictObject({}),
  evaluate(_parameters, question, context, maxAgeDays): Outcome {
    const found = freshThreats(question, context, maxAgeDays);
    if ('state' in found) return found;
    const { models, named } = found;
    const covered = question.surfaces.filter((surface) =>
      named.some((threat) => !isWaved(threat) && threat.surfaces.some((entry) => entry.surface === surface)),
    );
    const uncovered = question.surfaces.filter((surface) => !covered.includes(surface));
    const unfinished = named.filter((threat) => !isDecided(threat));
    const byText = named.filter((threat) =>
      threat.names.some((name) => name.attackClass === question.attackClass && name.basis === 'text'),
    ).length;
    const aside = byText > 0 ? ` ${plural(byText, 'threat')} matched by wording, not by identifier.` : '';
    const fields = {
      observed: `${covered.length} of ${question.surfaces.length} surfaces`,
      threshold: `${question.surfaces.length} surfaces`,
      evidence: sourcesOf([...models, ...named]),
    };
    if (uncovered.length > 0)
      return notSatisfied({
        ...fields,
        detail: `The threat model names no threat of this class on: ${uncovered.join(', ')}.${wavedInWords(named)}${aside}`,
      });
    if (unfinished.length > 0)
      return notSatisfied({
        ...fields,
        detail: `${plural(unfinished.length, 'threat')} without a status or a mitigation: ${unfinished.map((threat) => threat.title).join('; ')}.${aside}`,
      });
    return satisfied({
      ...fields,
      detail: `${plural(named.length, 'threat')} of this class cover ${covered.join(', ')}.${aside}`,
    });
  },
});

function isDecided(threat: ThreatBody): boolean {
  return threat.status === 'not-applicable' || (threat.status !== 'unknown' && hasReason(threat));
}

function hasReason({ mitigation }: ThreatBody): boolean {
  return mitigation !== undefined && isSomething(mitigation);
}

/** Set aside as not applicable, with nothing that says why: it answers no question. */
function isWaved(threat: ThreatBody): boolean {
  return threat.status === 'not-applicable' && !hasReason(threat);
}

function wavedInWords(threats: readonly ThreatBody[]): string {
  const waved = threats.filter(isWaved).length;
  return waved === 0
    ? ''
    : ` ${plural(waved, 'threat')} ${waved === 1 ? 'is' : 'are'} set aside as not applicable without a reason, and ${waved === 1 ? 'covers' : 'cover'} nothing.`;
}

/** The threat model is at least as new as the last change of the system. */
export const threatModelCurrent = defineCheck({
  name: 'threat-model-current',
  restsOnChanges: true,
  parameters: z.strictObject({}),
  evaluate(_parameters, question, context): Outcome {
    const relevant = context.changes.filter((change) =>
      change.surfaces.some((surface) => question.surfaces.includes(surface)),
    );
    const last = relevant.at(-1);
    const named = new Set(
      context
        .evidence('threat')
        .filter((threat) => threat.names.some((name) => name.attackClass === question.attackClass))
        .map((threat) => threat.source.path),
    );
    const models = context
      .evidence('threat-model')
      .filter((model) => named.has(model.source.path) && (model.collected ?? '') <= `${context.asOf}T24`);
    const newest = models
      .filter((model) => model.collected !== undefined)
      .sort((a, b) => timeOrder(b.collected, a.collected))[0];
    const ahead = context
      .evidence('threat-model')
      .find(({ source, collected }) => named.has(source.path) && (collected ?? '') > `${context.asOf}T24`);
    if (!newest?.collected)
      return notAssessed(ahead && models.length === 0 ? 'not-yet' : 'no-evidence', {
        detail:
          context.evidence('threat-model').length === 0
            ? 'No threat model was found in the evidence.'
            : ahead?.collected && models.length === 0
              ? `The threat model that names this attack class is ${notYetValid(ahead.collected, context.asOf)}.`
              : 'No dated threat model names this attack class.',
        evidence: sourcesOf(context.evidence('threat-model')),
      });
    const evidence = sourcesOf([newest, ...(last?.source ? [{ source: last.source }] : [])]);
    const fields = { observed: newest.collected.slice(0, 10), threshold: last?.date.slice(0, 10) ?? null, evidence };
    if (last && !isAfter(newest.collected, last.date)) {
      const sameDay = newest.collected.slice(0, 10) === last.date.slice(0, 10);
      const change = `the ${last.of} change of ${last.date.slice(0, 10)}`;
      return sameDay
        ? notAssessed('stale', {
            ...fields,
            detail: `The threat model and ${change} are of one day (${last.description}), and nothing shows that the model came after it; give both a time.`,
          })
        : notSatisfied({
            ...fields,
            detail: `The threat model dates from ${newest.collected.slice(0, 10)}; ${change} came after it (${last.description}).`,
          });
    }
    return satisfied({
      ...fields,
      detail: last
        ? `The threat model of ${newest.collected.slice(0, 10)} is newer than the last change (${last.date.slice(0, 10)}, ${last.description}).`
        : `The threat model dates from ${newest.collected.slice(0, 10)}, and no change of the system is recorded.`,
    });
  },
});

/** No open threat of this class, from the profile's severity upwards, goes without an owner and a date. */
export const threatsDecided = defineCheck({
  name: 'threats-decided',
  parameters: z.strictObject({ from: parameterReference }),
  evaluate({ from }, question, context, maxAgeDays): Outcome {
    const found = freshThreats(question, context, maxAgeDays);
    if ('state' in found) return found;
    const { models, named } = found;
    if (named.length === 0)
      return notAssessed('no-evidence', {
        detail: 'The threat model names no threat of this class, so nothing says how its threats stand.',
        evidence: sourcesOf(models),
      });
    if (named.every(isWaved))
      return notAssessed('no-evidence', {
        detail: `Nothing says how the threats of this class stand.${wavedInWords(named)}`,
        evidence: sourcesOf(named),
      });
    const limit = severityOf(from, context);
    const grave = named.filter(
      (threat) =>
        (threat.status === 'open' || threat.status === 'unknown') &&
        (threat.severity === 'unknown' || SEVERITIES.indexOf(threat.severity) <= SEVERITIES.indexOf(limit)),
    );
    // What states no severity may be of any, and is said to be so.
    const orUnknown = grave.some(({ severity }) => severity === 'unknown') ? ', or of none that is stated' : '';
    const undecided = grave.flatMap((threat) => {
      const lacks = [...(threat.owner && isSomething(threat.owner) ? [] : ['owner']), ...(threat.due ? [] : ['date'])];
      const late =
        threat.due !== undefined && threat.due.slice(0, 10) < context.asOf
          ? [`due ${threat.due.slice(0, 10)} and still open`]
          : [];
      return lacks.length > 0
        ? [{ threat, why: `no ${lacks.join(', no ')}` }]
        : late.length > 0
          ? [{ threat, why: late.join() }]
          : [];
    });
    const fields = {
      observed: `${undecided.length} of ${plural(grave.length, 'open threat')} undecided`,
      threshold: `0 of severity ${limit} or above`,
    };
    if (undecided.length > 0)
      return notSatisfied({
        ...fields,
        detail: `${plural(undecided.length, 'open threat')} of severity ${limit} or above${orUnknown}: ${someOf(undecided.map(({ threat, why }) => `${threat.title} (${why})`))}.`,
        evidence: sourcesOf(undecided.map(({ threat }) => threat)),
      });
    return satisfied({
      ...fields,
      detail:
        grave.length === 0
          ? `No threat of this class is open at severity ${limit} or above (${plural(named.length, 'threat')} in all).`
          : `Of ${plural(named.length, 'threat')} of this class ${plural(grave.length, 'is', 'are')} open at severity ${limit} or above${orUnknown}, each with an owner and a date.`,
      evidence: sourcesOf(named),
    });
  },
});
