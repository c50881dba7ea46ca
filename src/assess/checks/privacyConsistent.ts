import { z } from 'zod';
import { countsInWords, sampleSize } from '../../measure/counts.ts';
import { figure } from '../../measure/figures.ts';
import type { Measurement } from '../../measure/measurement.ts';
import { gaussianMu, muAtThreshold } from '../../statistics/gaussian.ts';
import { guessesToContradict, recordsToContradict } from '../../statistics/privacy.ts';
import { SURFACE_TITLES } from '../../terms.ts';
import { grouped } from '../../wording.ts';
import type { DeclaredBudget, EvaluationContext } from '../context.ts';
import { powerOf } from '../controls.ts';
import { staleness } from '../freshness.ts';
import type { Open } from '../ground.ts';
import {
  bestUnlessFailing,
  inOrder,
  type Judgement,
  type Need,
  notApplicable,
  notAssessed,
  notSatisfied,
  type Outcome,
  satisfied,
} from '../outcome.ts';
import { strengthOf } from '../warrant.ts';
import { defineCheck } from './check.ts';

/**
 * The privacy loss that an attack showed does not exceed the declared budget. A budget is one of training, so a test on any
 * surface can contradict it. A test that could not have shown more than the budget, whatever the model did, contradicts
 * nothing and confirms nothing.
 */
export const privacyConsistent = defineCheck({
  name: 'privacy-consistent',
  restsOnChanges: true,
  about: 'leakage',
  parameters: z.strictObject({}),
  evaluate(_parameters, question, context, maxAgeDays) {
    const { privacy } = context;
    if (!privacy)
      return notApplicable('the system declares no differential-privacy budget that a measurement could contradict');
    const shown = context.measurements.filter(
      (m) => m.measure === 'privacy.epsilonLower' && m.attackClass === question.attackClass && m.group === undefined,
    );
    if (shown.length === 0)
      return notAssessed('no-evidence', {
        threshold: privacy.epsilon,
        detail: `A budget of epsilon ${privacy.epsilon}, delta ${privacy.delta} is declared, and no membership test shows what the model really loses.`,
      });
    // One test that had the power to contradict and did not speaks for the budget; weaker ones beside it take nothing away.
    const outcomes = shown.map((m) => judge(m, privacy, context, maxAgeDays));
    return {
      ...bestUnlessFailing(outcomes),
      considered: shown.map(({ id }) => id),
      judgements: outcomes.flatMap((outcome) => outcome.judgements ?? []),
    };
  },
});

function judge(
  m: Measurement,
  privacy: DeclaredBudget,
  context: EvaluationContext,
  maxAgeDays: number | undefined,
): Outcome {
  const ground = context.grounds.get(m.id);
  const what = `${SURFACE_TITLES[m.surface]}: ${m.probe}`;
  const power = powerOf(m, ground, privacy.epsilon, context);
  const short = shortfall(m, privacy);
  const judged = (open: readonly Open[]): Judgement => ({
    measurement: m.id,
    power: { basis: power.basis, ...(power.control ? { control: power.control } : {}) },
    bar: [],
    needs: short && short !== 'never' ? [short] : [],
    open: inOrder(open.map(({ reason }) => reason)),
  });
  const fields = { observed: m.estimate, threshold: privacy.epsilon, measurement: m.id, evidence: m.source };
  const gaussian =
    m.gaussian && m.gaussian.epsilon !== null
      ? `; if the mechanism is Gaussian, ${figure('privacy.epsilonLower', m.gaussian.epsilon)}`
      : '';
  const bound = `at 95% confidence the model loses at least epsilon ${figure('privacy.epsilonLower', m.estimate)} (delta ${privacy.delta}${gaussian}; ${countsInWords(m.counts)})`;
  const changes = context.changes.filter((change) => m.surface !== 'undeclared' && change.surfaces.includes(m.surface));
  const stale = staleness(m.collected, context.asOf, maxAgeDays, changes);
  const matched = ground?.target.matched === true;
  // Several tests of one declaration share their error, so that many honest files do not accuse an honest model.
  const contradicted =
    (m.sharedLower ?? m.estimate) > privacy.epsilon ||
    (privacy.mechanism === 'gaussian' && (m.gaussian?.sharedEpsilon ?? 0) > privacy.epsilon);
  if (contradicted && matched && !stale && ground.comparable !== 'refuted')
    return notSatisfied({
      ...fields,
      bound: m.estimate,
      judgements: [judged([])],
      detail: `${what}: ${bound}, more than the declared ${privacy.epsilon}; declaration and model contradict each other.`,
    });
  const open: Open[] = [...(ground?.open ?? []), ...power.open];
  if (stale) open.push({ reason: stale.reason, why: stale.why });
  if (contradicted && !matched)
    open.push({ reason: 'contradictory', why: 'it contradicts the declared budget, on a target that is not declared' });
  if (short === 'never')
    open.push({
      reason: 'insufficient-sample',
      why: `no test of a practical size could show more than epsilon ${privacy.epsilon}, so the declared budget is beyond testing this way`,
    });
  else if (short)
    open.push({
      reason: 'insufficient-sample',
      why: `needs at least ${grouped(short.atLeast)} ${short.of} for even a perfect attack to show more than epsilon ${privacy.epsilon}, has ${grouped(short.has)}`,
    });
  if (open.length > 0)
    return notAssessed(
      open.map(({ reason }) => reason),
      {
        ...fields,
        judgements: [judged(open)],
        ...(short && short !== 'never' ? { needs: [short] } : {}),
        detail: `${what}: ${[...new Set(open.map(({ why }) => why))].join('; ')}. It showed that ${bound}.`,
      },
    );
  return satisfied({
    ...fields,
    judgements: [judged([])],
    basis: strengthOf(m, ground, power.basis),
    detail: `${what}: ${bound}, which the declared ${privacy.epsilon} allows; the sample could have shown more.`,
  });
}

/** What a sample lacks to have been able to contradict the budget. */
function shortfall(m: Measurement, privacy: DeclaredBudget): Need | 'never' | undefined {
  const has = sampleSize(m.counts);
  if (m.method === 'one-run') {
    const atLeast = guessesToContradict(privacy);
    if (atLeast === undefined) return 'never';
    return has < atLeast ? { of: 'guesses', atLeast, has } : undefined;
  }
  const atLeast =
    (privacy.mechanism === 'gaussian' ? recordsForGaussian(privacy) : undefined) ?? recordsToContradict(privacy);
  if (atLeast === undefined) return 'never';
  return has < atLeast ? { of: 'members and as many non-members', atLeast, has } : undefined;
}

/** So many records of each kind a perfect attack needs to show more than the mu that goes with the budget. */
function recordsForGaussian(privacy: DeclaredBudget): number | undefined {
  if (!(privacy.delta > 0)) return undefined;
  const mu = gaussianMu(privacy);
  for (let n = 16; n <= 1e7; n = Math.ceil(n * 1.1)) {
    const perfect = { truePositives: n, members: n, falsePositives: 0, nonMembers: n };
    if (muAtThreshold(perfect) > mu) return n;
  }
  return undefined;
}
