import type { Measurement } from '../measure/measurement.ts';
import { grouped } from '../wording.ts';
import type { EvaluationContext } from './context.ts';
import { numberParameter } from './controls.ts';
import type { Open } from './ground.ts';
import { isSomething } from './named.ts';
import { similarityParameter } from './parameters.ts';

/** By whose parameters a test was decided (question 6 of a warrant). */
export interface Bar {
  /** What was held against the profile, each in words. */
  held: string[];
  open: Open[];
}

/**
 * Evidence may be stricter than the profile and never laxer: the metric and cut-off from where a target counts as
 * recovered, the (n, p) of extraction, the space of candidates, the queries spent. A detector is always named.
 * @param threshold the limit that the measurement is held against
 */
export function barOf(m: Measurement, threshold: number, context: EvaluationContext): Bar {
  const held: string[] = [];
  const open: Open[] = [];
  const fail = (why: string): void => {
    open.push({ reason: 'cannot-show', why });
  };
  if (m.counts.of === 'attempts' && !(m.detector && isSomething(m.detector)))
    fail('nothing says how success was decided; name the detector');
  if (m.similarity) similarityBar(m.similarity, context, held, fail);
  if (m.discoverability) {
    const n = numberParameter(context, 'inv-extraction-n');
    const p = numberParameter(context, 'inv-extraction-p');
    held.push(`(n, p) = (${m.discoverability.n}, ${m.discoverability.p}); the profile asks for (${n}, ${p})`);
    if (m.discoverability.n < n)
      fail(`${grouped(m.discoverability.n)} samples a target are fewer than the ${grouped(n)} of the profile`);
    if (m.discoverability.p > p)
      fail(`a target counts from a probability of ${m.discoverability.p}, and from ${p} in the profile`);
  }
  if (m.measure === 'exposure' && m.counts.of === 'canaries') {
    const least = CANDIDATES_PER_LIMIT * 2 ** threshold;
    held.push(
      `${grouped(m.counts.candidates)} candidates; at least ${grouped(Math.ceil(least))} are needed for the limit`,
    );
    if (m.counts.candidates < least)
      fail(`among ${grouped(m.counts.candidates)} candidates no canary could stand out by much more than the limit`);
  }
  if (m.measure === 'disclosure' && !m.budget)
    open.push({
      reason: 'no-evidence',
      why: 'no query budget is stated, so nothing says where an attacker has to stop',
    });
  else if (m.measure === 'disclosure') budgetBar(m, context, held, fail);
  if (m.measure === 'advantage' && m.subject === 'attribute') attributeBar(m, context, fail);
  return { held, open };
}

/** A canary can stand out by at most log2 of the candidates; the limit has to lie well below that. */
const CANDIDATES_PER_LIMIT = 16;

function similarityBar(
  { metric, cutOff, closer }: NonNullable<Measurement['similarity']>,
  context: EvaluationContext,
  held: string[],
  fail: (why: string) => void,
): void {
  const name = similarityParameter(metric);
  const asked = Object.hasOwn(context.parameters, name) ? context.parameters[name] : undefined;
  if (typeof asked !== 'number') {
    fail(`the profile says nothing of the metric ${metric} (parameter ${name}), so a cut-off of one's own decides`);
    return;
  }
  held.push(`${metric} ${closer === 'higher' ? 'at least' : 'at most'} ${cutOff}; the profile asks for ${asked}`);
  const laxer = closer === 'higher' ? cutOff > asked : cutOff < asked;
  if (laxer) fail(`a target counts as recovered at ${metric} ${cutOff}, and in the profile already at ${asked}`);
}

function budgetBar(m: Measurement, context: EvaluationContext, held: string[], fail: (why: string) => void): void {
  const asked = numberParameter(context, 'inv-query-budget');
  const spent = m.counts.of === 'items' ? m.counts.queries : 0;
  const refused = (m.budget?.refused ?? 0) > 0 && m.budget?.refusedAt !== undefined;
  held.push(
    `${grouped(spent)} queries spent; the profile asks for ${grouped(asked)}, or for a refusal that the test saw`,
  );
  if (!refused && spent < asked)
    fail(
      `${grouped(spent)} queries were spent, fewer than the ${grouped(asked)} of the profile, and no query was refused`,
    );
}

function attributeBar(m: Measurement, context: EvaluationContext, fail: (why: string) => void): void {
  const method = m.baselineMethod?.trim().toLowerCase() ?? '';
  if (method === '') fail('nothing says what the baseline is');
  const itself = context.models.some(
    ({ id, targets }) => method === id.toLowerCase() || targets.some((target) => method === target.toLowerCase()),
  );
  if (itself || m.baseline?.copy) fail('the baseline is the model itself or answers exactly like it');
}
