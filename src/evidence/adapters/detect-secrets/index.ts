import { z } from 'zod';
import type { Adapter } from '../../adapter.ts';
import { fitted, pointerStep } from '../../fitting.ts';
import { type FoundSecret, placeOf, secretReading } from '../../secretScans.ts';

// https://github.com/Yelp/detect-secrets and IBM's fork: what `detect-secrets scan` prints, and `detect-secrets audit`
// completes. `is_secret` is the auditor's answer; the digest of the secret is left behind with the file.

const found = z.looseObject({
  type: z.string().min(1).max(200),
  is_verified: z.boolean().optional(),
  verified_result: z.boolean().nullish(),
  is_secret: z.boolean().nullish(),
  line_number: z.number().int().min(0).optional(),
});
const pattern = z.union([z.string().max(4000), z.array(z.string().max(4000))]).nullish();
const baseline = z.looseObject({
  version: z.string().max(40),
  plugins_used: z.array(z.unknown()),
  filters_used: z
    .array(z.looseObject({ path: z.string().max(300), pattern, min_level: z.number().nullish() }))
    .nullish(),
  exclude: z.looseObject({ files: pattern, lines: pattern }).nullish(),
  results: z.record(z.string().max(1000), z.array(found)),
  generated_at: z.iso.datetime({ offset: true }).optional(),
});

/** Patterns of files, lines and secrets that the search passed over, as whoever ran it wrote them. */
function passedOver({ filters_used: filters, exclude }: z.infer<typeof baseline>): string[] {
  const own = (filters ?? []).flatMap(({ path, pattern: given }) =>
    /\.regex\.should_exclude_/.test(path) ? [given] : [],
  );
  const patterns = [...own, exclude?.files, exclude?.lines].flat();
  return patterns.flatMap((one) => (typeof one === 'string' ? [one] : []));
}

/** What it was told to leave out otherwise than by a pattern, in words. */
function leftOut({ filters_used: filters }: z.infer<typeof baseline>): string[] {
  return (filters ?? []).flatMap(({ path, min_level: level }) => {
    if (/\.is_ignored_due_to_verification_policies$/.test(path))
      return typeof level === 'number' && level > UNVERIFIED ? ['what could not be shown to work'] : [];
    if (/\.wordlist\.should_exclude_/.test(path)) return ['the words of a list'];
    return path.startsWith('detect_secrets.filters.')
      ? []
      : [`what a filter of its user's own left out (${path.slice(0, 80)})`];
  });
}

/** Its level of secrets that nobody has tried, or that could not be (VerifiedResult of detect-secrets). */
const UNVERIFIED = 2;

/** Whether an alternative of a pattern fits everything. */
function fitsAll(written: string): boolean {
  return written
    .split('|')
    .some((one) =>
      /^(?:\(\?[a-z]+\))?[(:?^]*(?:\[\\(?:s\\S|w\\W|d\\D)\]|\.)?(?:[*+?]{0,2}|\{[01],\})[)$]*$/.test(one.trim()),
    );
}

export const adapter: Adapter = {
  format: 'detect-secrets',
  title: 'detect-secrets baseline (JSON)',
  about: {
    group: 'secrets',
    files: "detect-secrets, IBM's too (JSON)",
    recognisedBy: '`plugins_used`',
    gives: 'rule, place, what was tried, what an audit decided',
    limits:
      'it does not say what was searched; what it was told to pass over is named with the search, and where that is everything, or no plugin ran, it is no search',
  },
  recognise: (head) =>
    /^\s*\{/.test(head.text) &&
    /"plugins_used"\s*:/.test(head.text) &&
    (/"(results|filters_used)"\s*:/.test(head.text) || !head.complete)
      ? 0.95
      : 0,
  async read(file, context) {
    const found = fitted(baseline, await file.json(), file, 'a detect-secrets baseline');
    const { version, results, generated_at: date, plugins_used: plugins } = found;
    const left = passedOver(found);
    const unfinished =
      plugins.length === 0
        ? 'the baseline was made with no plugin'
        : left.some(fitsAll)
          ? `the search passed over what fits "${left.find(fitsAll)?.slice(0, 100)}", which is everything`
          : undefined;
    const on = context.declared.collected ?? date ?? '';
    const findings = Object.entries(results).flatMap(([name, entries]) =>
      entries.map((entry, index): FoundSecret => {
        const where = placeOf(name, entry.line_number);
        return {
          id: `${where}/${entry.type}`,
          rule: entry.type,
          where,
          // What was not tried says false in Yelp's, and nothing in IBM's; so only true tells something of the first.
          ...(entry.is_verified === true || entry.verified_result === true
            ? { verified: true }
            : entry.verified_result === false
              ? { verified: false }
              : {}),
          ...(entry.is_secret === false
            ? { review: { decision: 'false-positive', by: 'detect-secrets audit', on } }
            : {}),
          at: `/results/${pointerStep(name)}/${index}`,
        };
      }),
    );
    return secretReading(
      {
        tool: { name: /ibm/i.test(version) ? 'detect-secrets (IBM)' : 'detect-secrets', version },
        what: 'a baseline',
        date,
        at: '/results',
        unfinished,
        passedOver: left,
        leftOut: leftOut(found),
      },
      findings,
      context,
    );
  },
};
