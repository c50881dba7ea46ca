import { z } from 'zod';
import type { AttestationBody, Observation } from '../../evidence/observation.ts';
import { sourcesOf } from '../context.ts';
import { staleness } from '../freshness.ts';
import { notAssessed, notSatisfied, type Outcome, satisfied } from '../outcome.ts';
import { defineCheck } from './check.ts';

const required = z.union([z.literal(true), z.string(), z.array(z.string()).min(1)]);

/** Somebody accountable states it for this control and this very attack class, with the facts that it takes. */
export const attested = defineCheck({
  name: 'attested',
  parameters: z.strictObject({ facts: z.record(z.string(), required).default({}) }),
  evaluate({ facts }, question, context, maxAgeDays) {
    const statements = context.attestations
      .filter((attestation) => attestation.control === question.control.id && attestation.attackClass === question.attackClass)
      .sort((a, b) => b.issued.localeCompare(a.issued));
    if (statements.length === 0)
      return notAssessed('no-evidence', { threshold: 'an attestation', detail: `No attestation for ${question.control.id} names this attack class.` });
    const outcomes = statements.map((attestation) => judge(attestation, facts, context.asOf, maxAgeDays));
    return outcomes.find((outcome) => outcome.state !== 'not-assessed') ?? (outcomes[0] as Outcome);
  },
});

function judge(
  attestation: Observation<AttestationBody>,
  facts: Record<string, z.infer<typeof required>>,
  asOf: string,
  maxAgeDays: number | undefined,
): Outcome {
  const who = `${attestation.by.name}, ${attestation.by.role}, ${attestation.issued.slice(0, 10)}`;
  const fields = { observed: `attested by ${who}`, threshold: 'an attestation in force', evidence: sourcesOf([attestation]) };
  const old = staleness(attestation.issued, asOf, maxAgeDays, []);
  const expired = attestation.expires !== undefined && attestation.expires.slice(0, 10) < asOf;
  if (expired || old)
    return notAssessed('stale', {
      ...fields,
      detail: `The attestation of ${who} ${expired ? `expired on ${attestation.expires?.slice(0, 10)}` : `does not count: ${old?.why}`}.`,
    });
  const lacking = Object.entries(facts).flatMap(([name, wanted]) => lack(name, wanted, attestation.facts[name]));
  if (lacking.length > 0) return notSatisfied({ ...fields, detail: `The attestation of ${who} does not state ${lacking.join('; ')}.` });
  return satisfied({ ...fields, detail: `${attestation.statement} (${who}${attestation.document ? `; document: ${attestation.document.title}` : ''})` });
}

function lack(name: string, wanted: z.infer<typeof required>, stated: AttestationBody['facts'][string] | undefined): string[] {
  if (Array.isArray(wanted)) {
    const listed: readonly string[] = Array.isArray(stated) ? stated : [];
    const missing = wanted.filter((item) => !listed.includes(item));
    return missing.length > 0 ? [`${name}: ${missing.join(', ')}`] : [];
  }
  if (wanted === true) return stated === undefined || stated === false || stated === '' ? [name] : [];
  return stated === wanted ? [] : [`${name}: ${wanted}`];
}
