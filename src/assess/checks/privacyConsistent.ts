import { z } from 'zod';
import type { Measurement } from '../../measure/measurement.ts';
import { guessesToContradict, type PrivacyBudget, recordsToContradict } from '../../statistics/privacy.ts';
import { grouped } from '../../wording.ts';
import { show } from '../bounds.ts';
import type { EvaluationContext } from '../context.ts';
import { staleness } from '../freshness.ts';
import {
  compareOutcomes,
  inOneLine,
  type Need,
  notApplicable,
  notAssessed,
  notSatisfied,
  type Outcome,
  satisfied,
} from '../outcome.ts';
import { defineCheck } from './check.ts';

/**
 * The privacy loss that an attack showed does not exceed the declared budget. A test that could not have shown more than
 * the budget, whatever the model did, contradicts nothing and confirms nothing.
 */
export const privacyConsistent = defineCheck({
  name: 'privacy-consistent',
  parameters: z.strictObject({}),
  evaluate(_parameters, question, context, maxAgeDays) {
    if (question.surfaces.length === 0)
      return notApplicable('the system has none of the surfaces this control is about');
    const { privacy } = context;
    if (!privacy)
      return notApplicable('the system declares no differential-privacy budget that a measurement could contradict');
    const shown = context.measurements.filter(
      (m) =>
        m.measure === 'privacy.epsilonLower' &&
        m.attackClass === question.attackClass &&
        question.surfaces.some((surface) => surface === m.surface),
    );
    if (shown.length === 0)
      return notAssessed('no-evidence', {
        threshold: privacy.epsilon,
        detail: `A budget of epsilon ${privacy.epsilon}, delta ${privacy.delta} is declared, and no membership test shows what the model really loses.`,
      });
    const powers = { threshold: recordsToContradict(privacy), guesses: guessesToContradict(privacy) };
    const ranked = shown.map((m) => judge(m, privacy, powers, context, maxAgeDays)).sort(compareOutcomes);
    const failing = ranked.filter(({ state }) => state === 'not-satisfied');
    // One test that had the power to contradict and did not speaks for the budget; weaker ones beside it take nothing away.
    const decided = failing[0] ?? ranked.find(({ state }) => state === 'satisfied') ?? (ranked[0] as Outcome);
    const others = ranked.filter((outcome) => outcome !== decided).map(inOneLine);
    return { ...decided, ...(others.length > 0 ? { others } : {}) };
  },
});

function judge(
  m: Measurement,
  privacy: PrivacyBudget,
  powers: { threshold: number | undefined; guesses: number | undefined },
  context: EvaluationContext,
  maxAgeDays: number | undefined,
): Outcome {
  const what = `${m.surface}: ${m.probe}`;
  const fields = { observed: m.estimate, threshold: privacy.epsilon, measurement: m.id, evidence: m.source };
  const bound = `at 95% confidence the model loses at least epsilon ${show(m.estimate)} (delta ${privacy.delta})`;
  if (m.comparable === false)
    return notAssessed('invalid-comparison', {
      ...fields,
      detail: `${what}: members and non-members differ without the model, so what was measured is not privacy loss.`,
    });
  const changes = context.changes.filter((change) => m.surface !== 'undeclared' && change.surfaces.includes(m.surface));
  const stale = staleness(m.collected, context.asOf, maxAgeDays, changes);
  if (stale) return notAssessed('stale', { ...fields, detail: `${what}: ${stale.why}. It then showed that ${bound}.` });
  if (m.estimate > privacy.epsilon)
    return notSatisfied({
      ...fields,
      bound: m.estimate,
      detail: `${what}: ${bound}, more than the declared ${privacy.epsilon}; declaration and model contradict each other.`,
    });
  const short = shortfall(m, powers);
  if (short === 'never')
    return notAssessed('insufficient-sample', {
      ...fields,
      detail: `${what}: ${bound}; no test of a practical size could show more than epsilon ${privacy.epsilon}, so the declared budget is beyond testing this way.`,
    });
  if (short)
    return notAssessed('insufficient-sample', {
      ...fields,
      needs: [short],
      detail: `${what}: needs at least ${grouped(short.atLeast)} ${short.of} for even a perfect attack to show more than epsilon ${privacy.epsilon}; has ${grouped(short.has)}. It showed that ${bound}.`,
    });
  return satisfied({
    ...fields,
    detail: `${what}: ${bound}, which the declared ${privacy.epsilon} allows; the sample could have shown more.`,
  });
}

function shortfall(
  m: Measurement,
  powers: { threshold: number | undefined; guesses: number | undefined },
): Need | 'never' | undefined {
  const oneRun = m.method === 'one-run';
  const atLeast = oneRun ? powers.guesses : powers.threshold;
  if (atLeast === undefined) return 'never';
  const has = oneRun ? (m.counts.guesses ?? 0) : Math.min(m.counts.members ?? 0, m.counts.nonMembers ?? 0);
  return has < atLeast
    ? {
        of: oneRun ? 'guesses' : 'members and as many non-members that are not used to choose the threshold',
        atLeast,
        has,
      }
    : undefined;
}
