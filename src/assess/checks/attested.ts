import { z } from 'zod';
import { durationOrParameter, numberOrParameter, parameterReference, SEVERITIES } from '../../catalog/schemas.ts';
import type { Observation } from '../../evidence/observation.ts';
import type { AttestationBody } from '../../evidence/observations/governance.ts';
import { daysBetween, isoDate } from '../../schema.ts';
import { daysOf, type EvaluationContext, numberOf, type Question, severityOf, sourcesOf } from '../context.ts';
import { hasEnded, staleness, timeOrder } from '../freshness.ts';
import { isSomething } from '../named.ts';
import { notAssessed, notSatisfied, type Outcome, satisfied } from '../outcome.ts';
import { defineCheck } from './check.ts';

/** Severities are ordered from the gravest, so a limit of `high` admits medium and low. */
const severity = z.union([z.enum(SEVERITIES), parameterReference]);

/** What a fact has to be: merely stated, this very text, a list that holds these, or within a limit. */
const requirement = z.union([
  z.literal(true),
  z.string(),
  z.array(z.string()).min(1),
  z.strictObject({ oneOf: z.array(z.string()).min(2) }),
  z.strictObject({
    number: z.literal(true),
    atMost: numberOrParameter.optional(),
    atLeast: numberOrParameter.optional(),
  }),
  /** Something that can be looked up: a number, a date, a digest, or an identifier with a digit in it. */
  z.strictObject({ reference: z.literal(true) }),
  z.strictObject({ dateWithin: durationOrParameter }),
  z.strictObject({ severityAtMost: severity }),
]);
type Requirement = z.infer<typeof requirement>;
type Fact = AttestationBody['facts'][string];

const parameters = z.strictObject({
  facts: z.record(z.string(), requirement).default({}),
  /** By how much the first of two stated numbers may exceed the second, as a share of the first. */
  gap: z.strictObject({ of: z.tuple([z.string(), z.string()]), atMost: numberOrParameter }).optional(),
  /** Whether the statement has to name a document with its SHA-256. */
  document: z.boolean().default(false),
});

/** Somebody accountable states it for this control and this very attack class, with the facts that it takes. */
export const attested = defineCheck({
  name: 'attested',
  parameters,
  evaluate: (wanted, question, context, maxAgeDays) =>
    attestationOf(question, context, maxAgeDays, (attestation) => [
      ...Object.entries(wanted.facts).flatMap(([name, one]) => lack(name, one, attestation.facts[name], context)),
      ...(wanted.gap ? gapProblem(wanted.gap, attestation, context) : []),
      ...(wanted.document && !attestation.document?.sha256 ? ['a document with its SHA-256'] : []),
    ]),
});

/**
 * The newest statement for the question's control and class that decides, judged by what it lacks.
 * @param lacking what a statement in force fails to say, each completing "does not state .."
 */
export function attestationOf(
  question: Question,
  context: EvaluationContext,
  maxAgeDays: number | undefined,
  lacking: (attestation: Observation<AttestationBody>) => string[],
): Outcome {
  const statements = context
    .evidence('attestation')
    .filter(
      (attestation) => attestation.control === question.control.id && attestation.attackClass === question.attackClass,
    )
    .sort((a, b) => timeOrder(b.issued, a.issued));
  if (statements.length === 0)
    return notAssessed('no-evidence', {
      threshold: 'an attestation',
      detail: `No attestation for ${question.control.id} names this attack class.`,
    });
  const [newest] = statements;
  const twin = statements.find(
    (one) => newest && timeOrder(one.issued, newest.issued) === 0 && differs(one.facts, newest.facts),
  );
  if (newest && twin)
    return notAssessed('contradictory', {
      detail: `Two statements of ${newest.issued.slice(0, 10)} give different facts: ${[newest, twin].map(({ source }) => `${source.path}, ${source.at}`).join(' and ')}.`,
      evidence: sourcesOf([newest, twin]),
    });
  const outcomes = statements.map((attestation) => judge(attestation, lacking, context.asOf, maxAgeDays));
  return outcomes.find((outcome) => outcome.state !== 'not-assessed') ?? (outcomes[0] as Outcome);
}

/** Whether two statements give one fact two values; a fact that one of them leaves out is no difference. */
function differs(a: AttestationBody['facts'], b: AttestationBody['facts']): boolean {
  return Object.entries(a).some(
    ([name, value]) => Object.hasOwn(b, name) && JSON.stringify(b[name]) !== JSON.stringify(value),
  );
}

function judge(
  attestation: Observation<AttestationBody>,
  lacking: (attestation: Observation<AttestationBody>) => string[],
  asOf: string,
  maxAgeDays: number | undefined,
): Outcome {
  const who = `${attestation.by.name}, ${attestation.by.role}, ${attestation.issued.slice(0, 10)}`;
  const fields = {
    observed: `attested by ${who}`,
    threshold: 'an attestation in force',
    evidence: sourcesOf([attestation]),
  };
  const old = staleness(attestation.issued, asOf, maxAgeDays, []);
  const expired = hasEnded(attestation.expires, asOf);
  if (expired || old)
    return notAssessed(expired ? 'stale' : (old?.reason ?? 'stale'), {
      ...fields,
      detail: `The attestation of ${who} ${expired ? `expired on ${attestation.expires?.slice(0, 10)}` : `does not count: ${old?.why}`}.`,
    });
  if (!isSomething(attestation.by.name) || !isSomething(attestation.by.role))
    return notAssessed('no-evidence', {
      ...fields,
      detail: `The statement of ${who} names nobody who answers for it.`,
    });
  const missing = lacking(attestation);
  if (missing.length > 0)
    return notSatisfied({ ...fields, detail: `The attestation of ${who} does not state ${missing.join('; ')}.` });
  return satisfied({
    ...fields,
    basis: 'statement',
    detail: `${attestation.statement} (${who}${attestation.document ? `; document: ${attestation.document.title}` : ''})`,
  });
}

function lack(name: string, wanted: Requirement, stated: Fact | undefined, context: EvaluationContext): string[] {
  const problem = problemOf(wanted, stated, context);
  return problem === undefined ? [] : [problem === '' ? name : `${name}: ${problem}`];
}

/** What is wrong with a fact; empty when it is simply not there. */
function problemOf(wanted: Requirement, stated: Fact | undefined, context: EvaluationContext): string | undefined {
  if (Array.isArray(wanted)) {
    const listed: readonly string[] = Array.isArray(stated) ? stated : [];
    const missing = wanted.filter((item) => !listed.includes(item));
    return missing.length > 0 ? missing.join(', ') : undefined;
  }
  if (wanted === true) return isSaid(stated) ? undefined : '';
  if (typeof wanted === 'string') return stated === wanted ? undefined : wanted;
  if ('reference' in wanted)
    return isReference(stated)
      ? undefined
      : 'as something that can be looked up (an identifier with a number, a date or a digest)';
  if ('oneOf' in wanted)
    return typeof stated === 'string' && wanted.oneOf.includes(stated)
      ? undefined
      : `one of ${wanted.oneOf.join(', ')}`;
  if ('number' in wanted) return numberProblem(wanted, stated, context);
  if ('dateWithin' in wanted) return dateProblem(daysOf(wanted.dateWithin, context) ?? 0, stated, context.asOf);
  const limit = severityOf(wanted.severityAtMost, context);
  const found = SEVERITIES.find((one) => one === stated);
  return found !== undefined && SEVERITIES.indexOf(found) >= SEVERITIES.indexOf(limit)
    ? undefined
    : `${limit} or lower${found ? ` (states ${found})` : ''}`;
}

/** Whether a fact is stated and does not say that there is none. */
function isSaid(stated: Fact | undefined): boolean {
  if (stated === undefined || stated === false) return false;
  if (typeof stated === 'number') return Number.isFinite(stated);
  if (Array.isArray(stated)) return stated.length > 0 && stated.every((one) => isSomething(one));
  return stated === true || isSomething(stated);
}

function isReference(stated: Fact | undefined): boolean {
  if (typeof stated === 'number') return Number.isFinite(stated);
  return typeof stated === 'string' && stated.length <= 120 && isSaid(stated) && /\d/.test(stated);
}

function numberProblem(
  wanted: {
    atMost?: z.infer<typeof numberOrParameter> | undefined;
    atLeast?: z.infer<typeof numberOrParameter> | undefined;
  },
  stated: Fact | undefined,
  context: EvaluationContext,
): string | undefined {
  if (typeof stated !== 'number' || !Number.isFinite(stated)) return 'as a number';
  const most = wanted.atMost === undefined ? undefined : numberOf(wanted.atMost, context);
  const least = wanted.atLeast === undefined ? undefined : numberOf(wanted.atLeast, context);
  if (most !== undefined && stated > most) return `at most ${most} (states ${stated})`;
  return least !== undefined && stated < least ? `at least ${least} (states ${stated})` : undefined;
}

function dateProblem(days: number, stated: Fact | undefined, asOf: string): string | undefined {
  if (typeof stated !== 'string' || !isoDate.safeParse(stated).success) return 'as a date';
  const age = daysBetween(stated, asOf);
  if (age < 0) return `a day in the past (states ${stated.slice(0, 10)})`;
  return age > days ? `within the last ${days} days (states ${stated.slice(0, 10)})` : undefined;
}

function gapProblem(
  gap: { of: [string, string]; atMost: z.infer<typeof numberOrParameter> },
  attestation: AttestationBody,
  context: EvaluationContext,
): string[] {
  const [first, second] = gap.of;
  const larger = attestation.facts[first];
  const smaller = attestation.facts[second];
  // Where a number is missing, the facts say so already.
  if (typeof larger !== 'number' || typeof smaller !== 'number') return [];
  if (!(larger > 0)) return [`a positive ${first}`];
  const share = (larger - smaller) / larger;
  const most = numberOf(gap.atMost, context);
  return share > most
    ? [
        `a gap between ${first} and ${second} of at most ${most} (states ${larger} and ${smaller}, a gap of ${Number(share.toPrecision(3))})`,
      ]
    : [];
}
