import { z } from 'zod';
import { parameterReference } from '../../catalog/schemas.ts';
import type { BodyOf, Observation } from '../../evidence/observation.ts';
import { surface } from '../../schema.ts';
import { SURFACE_TITLES } from '../../terms.ts';
import { type EvaluationContext, numberOf, plural, someOf, sourcesOf } from '../context.ts';
import { hasEnded, noneCounts, type Staleness, staleness, timeOrder } from '../freshness.ts';
import { notApplicable, notAssessed, notSatisfied, satisfied } from '../outcome.ts';
import { defineCheck } from './check.ts';

type Output = Observation<BodyOf<'output'>>;

/** Every surface states what it gives out, and what tells more than labels, text and rounded scores was decided by somebody. */
export const outputsMinimal = defineCheck({
  name: 'outputs-minimal',
  restsOnChanges: true,
  parameters: z.strictObject({ surfaces: z.array(surface).min(1), decimals: parameterReference }),
  evaluate({ surfaces, decimals }, question, context, maxAgeDays) {
    const asked = question.surfaces.filter((name) => surfaces.includes(name));
    if (asked.length === 0) return notApplicable('the system has none of the surfaces this criterion is about');
    const stated = context.evidence('output').filter((output) => asked.includes(output.surface));
    if (stated.length === 0)
      return notAssessed('no-evidence', { detail: 'Nothing (kind: Interface) states what these surfaces give out.' });
    const ageOf = (output: Output): Staleness | undefined =>
      staleness(
        output.collected,
        context.asOf,
        maxAgeDays,
        context.changes.filter((change) => change.surfaces.includes(output.surface)),
      );
    const fresh = stated.filter((output) => ageOf(output) === undefined);
    const torn = contradiction(fresh);
    if (torn)
      return notAssessed('contradictory', {
        detail: `Two files of one time state different outputs of ${SURFACE_TITLES[torn[0].surface]}${torn[0].audience ? ` for ${torn[0].audience}` : ''}: ${torn.map(({ source }) => `${source.path}, ${source.at}`).join(' and ')}.`,
        evidence: sourcesOf(torn),
      });
    const most = numberOf(decimals, context);
    const fields = {
      threshold: `labels, text, scores to ${plural(most, 'decimal')}`,
      evidence: sourcesOf(fresh.length > 0 ? fresh : stated),
    };
    const telling = fresh.flatMap((output) => {
      const why = excess(output, most, context);
      return why === undefined ? [] : [{ output, why }];
    });
    if (telling.length > 0)
      return notSatisfied({
        ...fields,
        observed: plural(telling.length, 'unjustified output'),
        evidence: sourcesOf(telling.map(({ output }) => output)),
        detail: `${someOf(telling.map(({ output, why }) => `${SURFACE_TITLES[output.surface]} gives ${why}`))}.`,
      });
    const silent = asked.filter((name) => !fresh.some((output) => output.surface === name));
    const old = silent.filter((name) => stated.some((output) => output.surface === name));
    if (silent.length > 0) {
      const dates = stated.filter(({ surface: name }) => old.includes(name)).map(ageOf);
      const { reasons } = noneCounts(dates);
      const when = reasons.includes('stale')
        ? 'Stated too long ago or before a later change'
        : 'Stated only after the as-of date';
      return notAssessed(old.length > 0 ? reasons : 'no-evidence', {
        ...fields,
        detail: `${old.length > 0 ? when : 'Nothing states what is given out'}: ${(old.length > 0 ? old : silent).join(', ')}.`,
      });
    }
    return satisfied({
      ...fields,
      observed: plural(fresh.length, 'output'),
      detail: `What ${asked.join(', ')} give out is stated, and no more than the use needs.`,
    });
  },
});

/** Two files of one time that state different outputs of one surface for one audience. */
function contradiction(outputs: readonly Output[]): [Output, Output] | undefined {
  const stated = Map.groupBy(outputs, ({ surface, audience, source }) =>
    JSON.stringify([surface, audience ?? '', source.path]),
  );
  const contentOf = (group: readonly Output[]): string =>
    JSON.stringify(
      group.map(({ gives, decimals, justification }) => JSON.stringify([gives, decimals, justification])).sort(),
    );
  const groups = [...stated.values()];
  for (const [index, group] of groups.entries())
    for (const other of groups.slice(index + 1)) {
      const [a, b] = [group[0], other[0]];
      if (!a || !b || a.surface !== b.surface || (a.audience ?? '') !== (b.audience ?? '')) continue;
      if (timeOrder(a.collected, b.collected) === 0 && contentOf(group) !== contentOf(other)) return [a, b];
    }
  return undefined;
}

function excess(
  { gives, decimals, justification, audience }: Output,
  most: number,
  { asOf }: EvaluationContext,
): string | undefined {
  if (gives === 'label' || gives === 'text' || (gives === 'rounded-score' && (decimals ?? 0) <= most)) return undefined;
  const what = `${gives === 'rounded-score' ? `scores to ${decimals} decimals` : gives.replaceAll('-', ' ')}${audience ? ` to ${audience}` : ''}`;
  if (!justification) return `${what}, and no decision says why`;
  if (hasEnded(justification.expires, asOf))
    return `${what}, by a decision that ended on ${justification.expires?.slice(0, 10)}`;
  return undefined;
}
