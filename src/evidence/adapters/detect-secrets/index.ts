import { z } from 'zod';
import { ProbityError } from '../../../errors.ts';
import { check, firstIssue } from '../../../schema.ts';
import { type Adapter, newReading } from '../../adapter.ts';

// https://github.com/Yelp/detect-secrets: what `detect-secrets scan` prints, and `detect-secrets audit` completes.
// `is_secret` is the auditor's answer; the digest of the secret is left behind with the file.

const found = z.looseObject({
  type: z.string().min(1).max(200),
  is_verified: z.boolean().optional(),
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
  recognise: (head) =>
    /^\s*\{/.test(head.text) &&
    /"plugins_used"\s*:/.test(head.text) &&
    (/"(results|filters_used)"\s*:/.test(head.text) || !head.complete)
      ? 0.95
      : 0,
  async read(file, context) {
    const parsed = check(baseline, await file.json());
    if (!parsed.success) {
      const { pointer, message } = firstIssue(parsed.error);
      throw new ProbityError('EVIDENCE_MALFORMED', `not a detect-secrets baseline: ${message}`, {
        where: `${file.path}#${pointer}`,
      });
    }
    const { version, results, generated_at: generated } = parsed.data;
    const tool = { name: 'detect-secrets', version };
    const collected = context.declared.collected ?? generated;
    const dated = collected ? { collected } : {};
    const reading = newReading(tool);
    if (collected) reading.collected = collected;
    else
      reading.warnings.push(
        'the baseline does not say when it was made: declare collected under sources in probity.yaml, or its age cannot be shown',
      );
    if (!context.declared.probe)
      reading.warnings.push(
        'a baseline does not say what was searched: declare probe under sources in probity.yaml, with the name of the repository',
      );
    let count = 0;
    for (const [name, entries] of Object.entries(results))
      entries.forEach((entry, index) => {
        count++;
        const line = entry.line_number ? `:${entry.line_number}` : '';
        reading.observations.push({
          kind: 'secret-finding',
          id: `${name}${line}/${entry.type}`,
          rule: entry.type,
          where: `${name}${line}`,
          // What was not tried says false here, so only true tells something.
          ...(entry.is_verified === true ? { verified: true } : {}),
          ...(entry.is_secret === false
            ? { review: { decision: 'false-positive', by: 'detect-secrets audit', on: collected ?? '' } }
            : {}),
          ...dated,
          tool,
          at: `/results/${name.replaceAll('~', '~0').replaceAll('/', '~1')}/${index}`,
        });
      });
    reading.observations.unshift({
      kind: 'secret-scan',
      scanned: context.declared.probe ? [context.declared.probe] : [],
      findings: count,
      ...dated,
      tool,
      at: '/results',
    });
    return reading;
  },
};
