import { z } from 'zod';
import type { Measurement } from '../../measure/measurement.ts';
import { grouped } from '../../wording.ts';
import {
  combine,
  compareOutcomes,
  notApplicable,
  notAssessed,
  notSatisfied,
  type Outcome,
  satisfied,
} from '../outcome.ts';
import { defineCheck } from './check.ts';

/** The score sample can carry the claim: enough non-members for the rate, classes in proportion, no duplicates. */
export const sampleResolves = defineCheck({
  name: 'sample-resolves',
  parameters: z.strictObject({
    falsePositiveLimit: z.number().gt(0).lt(1),
    balance: z.number().int().min(1),
    duplicates: z.boolean().default(false),
  }),
  evaluate(parameters, question, context) {
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
    const outcomes = tests.map((m) =>
      parameters.duplicates ? duplicates(m) : size(m, parameters.falsePositiveLimit, parameters.balance),
    );
    const { state, reason } = combine(outcomes);
    const ranked = outcomes.toSorted(compareOutcomes);
    const worst = ranked.find((outcome) => outcome.state === state && outcome.reason === reason) as Outcome;
    const others = ranked
      .filter((outcome) => outcome !== worst)
      .map((outcome) => `${outcome.state}: ${outcome.detail}`);
    return others.length > 0 ? { ...worst, others } : worst;
  },
});

function size(m: Measurement, limit: number, balance: number): Outcome {
  const members = m.counts.members ?? 0;
  const nonMembers = m.counts.nonMembers ?? 0;
  const least = Math.ceil(1 / limit - 1e-9);
  const fields = {
    observed: `${grouped(members)} members, ${grouped(nonMembers)} non-members`,
    threshold: `${grouped(least)} non-members, within 1:${balance}`,
    measurement: m.id,
    evidence: m.source,
  };
  const what = `${m.surface}: ${m.probe}`;
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
  const what = `${m.surface}: ${m.probe}`;
  const found = m.counts.duplicateRecords;
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
  if (m.notes.includes('duplicates declared removed'))
    return satisfied({
      ...fields,
      observed: 'declared removed',
      detail: `${what}: the evidence's keeper declares that duplicates were removed.`,
    });
  return notAssessed('no-evidence', {
    ...fields,
    detail: `${what}: records carry no identifier, and nothing declares whether duplicates were removed.`,
  });
}
