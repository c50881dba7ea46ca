import { z } from 'zod';
import type { Adapter } from '../../adapter.ts';
import { fitted } from '../../fitting.ts';
import { type FoundSecret, placeOf, secretReading } from '../../secretScans.ts';
import { eachLine, eachValue } from '../../streaming.ts';

// https://github.com/trufflesecurity/trufflehog: pkg/output/json.go writes one finding a line; some people make a list of
// them. `Raw`, `RawV2` and `Redacted` hold the secret or parts of it; none of them is taken. `Verified` false is also what
// nobody could try.

const place = z.looseObject({
  file: z.string().max(1000).optional(),
  path: z.string().max(1000).optional(),
  link: z.string().max(1000).optional(),
  line: z.number().int().optional(),
  commit: z.string().max(64).optional(),
  repository: z.string().max(500).optional(),
  bucket: z.string().max(300).optional(),
  image: z.string().max(500).optional(),
});
const finding = z.looseObject({
  DetectorName: z.string().min(1).max(200),
  SourceMetadata: z.looseObject({ Data: z.record(z.string(), place.nullish()) }).nullish(),
  SourceName: z.string().max(300).optional(),
  Verified: z.boolean().optional(),
});

export const adapter: Adapter = {
  format: 'trufflehog',
  title: 'trufflehog findings (JSON Lines or JSON)',
  about: {
    group: 'secrets',
    files: 'trufflehog (JSON Lines or JSON)',
    recognisedBy: '`DetectorName`, `SourceMetadata`',
    gives: 'detector, place, and whether the secret works',
    limits: '`Verified: false` is also what could not be tried, so it says nothing',
  },
  recognise: (head) =>
    /^\s*[[{]/.test(head.text) && /"DetectorName"\s*:/.test(head.text) && /"SourceMetadata"\s*:/.test(head.text)
      ? 0.95
      : 0,
  async read(file, context) {
    const head = await file.head();
    const findings: FoundSecret[] = [];
    const scanned = new Set<string>();
    const use = (value: unknown, at: string): void => {
      // The same output carries lines of its log where nobody parted the two.
      if (typeof value === 'object' && value !== null && 'level' in value && !('DetectorName' in value)) return;
      const found = fitted(finding, value, file, 'a finding of trufflehog', at.startsWith('/') ? at : '');
      const [of] = Object.values(found.SourceMetadata?.Data ?? {});
      // An address may carry the token it was cloned with.
      const within = (of?.repository ?? of?.bucket ?? of?.image)?.replace(/\/\/[^/@]*@/, '//');
      if (within) scanned.add(within);
      const name = of?.file ?? of?.path ?? of?.link ?? found.SourceName ?? 'an unnamed place';
      const where = `${within ? `${within}, ` : ''}${placeOf(name, of?.line, of?.commit)}`;
      findings.push({
        id: `${where}/${found.DetectorName}`,
        rule: found.DetectorName,
        where,
        ...(found.Verified === true ? { verified: true } : {}),
        at,
      });
    };
    if (/^\s*\[/.test(head.text)) await eachValue(file, ['$.*'], use);
    else await eachLine(file, use);
    return secretReading(
      { tool: { name: 'trufflehog' }, what: 'the list of findings', scanned, at: '' },
      findings,
      context,
    );
  },
};
