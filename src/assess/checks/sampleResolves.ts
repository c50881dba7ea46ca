import { z } from 'zod';
import { countsOf } from '../../measure/counts.ts';
import type { Measurement } from '../../measure/measurement.ts';
import { SURFACE_TITLES } from '../../terms.ts';
import { grouped } from '../../wording.ts';
import type { EvaluationContext } from '../context.ts';
import { staleness } from '../freshness.ts';
import { bestUnlessFailing, notApplicable, notAssessed, notSatisfied, type Outcome, satisfied } from '../outcome.ts';
import { defineCheck } from './check.ts';

/** The score sample can carry the claim: enough non-members for the rate, classes in proportion, no duplicates. */
export const sampleResolves = defineCheck({
  name: 'sample-resolves',
  restsOnChanges: true,
  about: 'tests',
  parameters: z.strictObject({
    falsePositiveLimit: z.number().gt(0).lt(1),
    balance: z.number().int().min(1),
    duplicates: z.boolean().default(false),
  }),
  evaluate(parameters, question, context, maxAgeDays) {
    if (question.surfaces.length === 0)
      return notApplicable('the system has none of the surfaces this control is about');
    const tests = context.measurements.filter(
      (m) =>
        m.measure === 'roc.tpr' &&
        m.group === undefined &&
        m.falsePositiveLimit === parameters.falsePositiveLimit &&
        m.attackClass === question.attackClass &&
        question.surfaces.some((surface) => surface === m.surface),
    );
    if (tests.length === 0)
      return notAssessed('no-evidence', {
        detail: 'No membership test with scores or counts was found for the surfaces this control is about.',
      });
    const outcomes = tests.map((m) => {
      const doubt = unsuitable(m, context, maxAgeDays);
      if (doubt) return doubt;
      return parameters.duplicates ? duplicates(m) : size(m, parameters.falsePositiveLimit, parameters.balance);
    });
    return bestUnlessFailing(outcomes);
  },
});

/** What keeps a sample from speaking for this system today. */
function unsuitable(m: Measurement, context: EvaluationContext, maxAgeDays: number | undefined): Outcome | undefined {
  const what = `${SURFACE_TITLES[m.surface]}: ${m.probe}`;
  const fields = { measurement: m.id, evidence: m.source };
  const target = context.grounds.get(m.id)?.open.find(({ reason }) => reason === 'unrelated-target');
  if (target) return notAssessed('unrelated-target', { ...fields, detail: `${what}: ${target.why}.` });
  // A sample whose members and non-members differ in kind carries no claim, however large it is.
  if (context.grounds.get(m.id)?.comparable === 'refuted')
    return notAssessed('invalid-comparison', {
      ...fields,
      detail: `${what}: members and non-members are told apart without the model, so its numbers are not used.`,
    });
  const changes = context.changes.filter((change) => m.surface !== 'undeclared' && change.surfaces.includes(m.surface));
  const stale = staleness(m.collected, context.asOf, maxAgeDays, changes);
  return stale ? notAssessed(stale.reason, { ...fields, detail: `${what}: ${stale.why}.` }) : undefined;
}

function size(m: Measurement, limit: number, balance: number): Outcome {
  const { members, nonMembers } = countsOf(m.counts, 'records') ?? { members: 0, nonMembers: 0 };
  const least = Math.ceil(1 / limit - 1e-9);
  const fields = {
    observed: `${grouped(members)} members, ${grouped(nonMembers)} non-members`,
    threshold: `${grouped(least)} non-members, within 1:${balance}`,
    measurement: m.id,
    evidence: m.source,
  };
  const what = `${SURFACE_TITLES[m.surface]}: ${m.probe}`;
  if (members === 0 || nonMembers === 0)
    return notAssessed('not-recomputable', { ...fields, detail: `${what} states no counts.` });
  if (nonMembers < least)
    return notAssessed('insufficient-sample', {
      ...fields,
      detail: `${what}: needs at least ${grouped(least)} non-members to resolve a false-positive rate of ${limit}; has ${grouped(nonMembers)}.`,
    });
  const ratio = Math.max(members / nonMembers, nonMembers / members);
  if (ratio > balance)
    return notSatisfied({
      ...fields,
      detail: `${what}: members and non-members stand 1:${Math.round(ratio)}, further apart than 1:${balance}.`,
    });
  return satisfied({ ...fields, detail: `${what}: ${fields.observed}.` });
}

function duplicates(m: Measurement): Outcome {
  const what = `${SURFACE_TITLES[m.surface]}: ${m.probe}`;
  const counts = countsOf(m.counts, 'records');
  const found = counts?.duplicateRecords;
  const fields = { threshold: 0, measurement: m.id, evidence: m.source };
  if (found !== undefined) {
    return found === 0
      ? satisfied({ ...fields, observed: 0, detail: `${what}: every record identifier occurs once.` })
      : notSatisfied({
          ...fields,
          observed: found,
          detail: `${what}: ${grouped(found)} records occur more than once, which makes the sample look larger than it is.`,
        });
  }
  if (m.duplicatesDeclared === 'present')
    return notSatisfied({
      ...fields,
      observed: 'declared present',
      detail: `${what}: the evidence's keeper declares that records occur more than once.`,
    });
  if (m.duplicatesDeclared === 'removed')
    return satisfied({
      ...fields,
      observed: 'declared removed',
      basis: 'statement',
      detail: `${what}: the evidence's keeper declares that duplicates were removed.`,
    });
  return notAssessed('no-evidence', {
    ...fields,
    detail: `${what}: records carry no identifier, and nothing declares whether duplicates were removed.`,
  });
}
