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
const baseline = z.looseObject({
  version: z.string().max(40),
  plugins_used: z.array(z.unknown()),
  results: z.record(z.string().max(1000), z.array(found)),
  generated_at: z.iso.datetime({ offset: true }).optional(),
});

export const adapter: Adapter = {
  format: 'detect-secrets',
  title: 'detect-secrets baseline (JSON)',
  about: {
    group: 'secrets',
    files: "detect-secrets, IBM's too (JSON)",
    recognisedBy: '`plugins_used`',
    gives: 'rule, place, what was tried, what an audit decided',
    limits: 'it does not say what was searched',
  },
  recognise: (head) =>
    /^\s*\{/.test(head.text) &&
    /"plugins_used"\s*:/.test(head.text) &&
    (/"(results|filters_used)"\s*:/.test(head.text) || !head.complete)
      ? 0.95
      : 0,
  async read(file, context) {
    const {
      version,
      results,
      generated_at: date,
    } = fitted(baseline, await file.json(), file, 'a detect-secrets baseline');
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
      },
      findings,
      context,
    );
  },
};
