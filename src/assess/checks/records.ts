import type { Source } from '../../terms.ts';
import { grouped } from '../../wording.ts';
import { type EvaluationContext, plural, someOf, sourcesOf } from '../context.ts';
import { noneCounts, staleness } from '../freshness.ts';
import { type Need, notAssessed, notSatisfied, type Outcome, REASONS, type Reason, satisfied } from '../outcome.ts';

/** What one record lacks: it fails by something, or leaves something open. Neither: it is in order. */
export type Lack = { fails: string } | Open;
export interface Open {
  reason: Reason;
  open: string;
  needs?: Need;
}

/** A record with everything it lacks. */
export interface Judged {
  name: string;
  source: Source;
  lacks: (Lack | undefined)[];
}

/**
 * What many records come to: one that fails decides, then one that leaves something open, by the first reason.
 * @param what one record and many, in words
 * @param asks what each was asked, completing "each of 3 stores .."
 * @param missing what is missing beside the records that are there
 */
export function recordsOutcome(
  judged: readonly Judged[],
  { what, asks, missing = [] }: { what: [one: string, many: string]; asks: string; missing?: readonly Open[] },
): Outcome {
  const failing = judged.flatMap(({ name, source, lacks }) =>
    lacks.flatMap((lack) => (lack && 'fails' in lack ? [{ text: `${name}: ${lack.fails}`, source }] : [])),
  );
  const open = [
    ...judged.flatMap(({ name, source, lacks }) =>
      lacks.flatMap((lack) => (lack && 'open' in lack ? [{ ...lack, open: `${name}: ${lack.open}`, source }] : [])),
    ),
    ...missing.map((one) => ({ ...one, source: undefined })),
  ];
  const bad = new Set(judged.filter(({ lacks }) => lacks.some((lack) => lack && 'fails' in lack)));
  const fields = {
    observed: `${grouped(bad.size)} of ${plural(judged.length, ...what)} fail`,
    threshold: '0 fail',
  };
  if (failing.length > 0)
    return notSatisfied({
      ...fields,
      detail: `${someOf(failing.map(({ text }) => text))}.`,
      evidence: sourcesOf(failing),
    });
  const reason = REASONS.find((one) => open.some((lack) => lack.reason === one));
  if (reason !== undefined) {
    const needs = open.flatMap((lack) => (lack.needs ? [lack.needs] : []));
    return notAssessed(reason, {
      ...fields,
      ...(needs.length > 0 ? { needs } : {}),
      detail: `${someOf(open.map((lack) => lack.open))}.`,
      evidence: sourcesOf(open.flatMap(({ source }) => (source ? [{ source }] : []))),
    });
  }
  return satisfied({
    ...fields,
    basis: 'record',
    detail: `${judged.length === 1 ? `The one ${what[0]}` : `Each of ${plural(judged.length, ...what)}`} ${asks}.`,
    evidence: sourcesOf(judged),
  });
}

/** The newest records of each name that are fresh, or the outcome when there are none. On one day all of them count. */
export function freshRecords<Found extends { id: string; collected?: string; source: Source }>(
  records: readonly Found[],
  what: string,
  { asOf }: EvaluationContext,
  maxAgeDays: number | undefined,
): Found[] | Outcome {
  if (records.length === 0) return notAssessed('no-evidence', { detail: `No ${what} was found in the evidence.` });
  const dated = records.map((record) => ({ record, stale: staleness(record.collected, asOf, maxAgeDays, []) }));
  const fresh = dated.filter(({ stale }) => stale === undefined).map(({ record }) => record);
  if (fresh.length === 0) {
    const { reasons, why } = noneCounts(dated.map(({ stale }) => stale));
    return notAssessed(reasons, {
      detail: `The ${what} does not count: ${why}.`,
      evidence: sourcesOf(records.slice(0, 1)),
    });
  }
  const newest = new Map<string, string>();
  for (const { id, collected = '' } of fresh)
    if (collected.slice(0, 10) > (newest.get(id) ?? '')) newest.set(id, collected.slice(0, 10));
  return fresh.filter(({ id, collected = '' }) => collected.slice(0, 10) === (newest.get(id) ?? ''));
}

/** Resources of the access inventories that no record describes, by its id or by what it says it covers. */
export function undescribed(
  resources: readonly { id: string }[],
  records: readonly { id: string; covers?: readonly string[] }[],
): string[] {
  const names = records.flatMap(({ id, covers }) => covers ?? [id]);
  const exact = new Set(names);
  const prefixes = names.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));
  return [...new Set(resources.map(({ id }) => id))]
    .filter((id) => !exact.has(id) && !prefixes.some((prefix) => id.startsWith(prefix)))
    .sort();
}
