import { z } from 'zod';
import { table } from '../../../table.ts';
import type { Adapter } from '../../adapter.ts';
import { fitted, moment } from '../../fitting.ts';
import { eachValue } from '../../streaming.ts';
import { FindingCounts, type Outcome } from '../../toolFindings.ts';

// AWS IAM Access Analyzer: `aws accessanalyzer list-findings`, `list-findings-v2`, and `get-finding(-v2)` of one.
// https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_FindingSummaryV2.html
// An analyzer lists what it found and never what it looked at and found in order, so nothing passes by a short list.

const finding = z.looseObject({
  id: z.string().max(300),
  resource: z.string().max(2000).nullish(),
  resourceType: z.string().max(200).nullish(),
  findingType: z.string().max(100).nullish(),
  status: z.string().max(60),
  isPublic: z.boolean().nullish(),
  analyzedAt: z.union([z.string().max(60), z.number()]).nullish(),
  error: z.string().nullish(),
});

const TYPES = table<string>({
  ExternalAccess: 'access from outside',
  InternalAccess: 'access from inside the organisation',
  UnusedIAMRole: 'unused role',
  UnusedIAMUserAccessKey: 'unused access key',
  UnusedIAMUserPassword: 'unused password',
  UnusedPermission: 'unused permission',
});

function outcomeOf({ status, error }: z.infer<typeof finding>): Outcome {
  if (error) return 'manual';
  if (/^resolved$/i.test(status)) return 'passed';
  return /^archived$/i.test(status) ? 'muted' : /^active$/i.test(status) ? 'failed' : 'manual';
}

export const adapter: Adapter = {
  format: 'aws-access-analyzer',
  title: 'AWS IAM Access Analyzer findings (JSON)',
  about: {
    group: 'findings of other tools',
    files: 'AWS IAM Access Analyzer (`accessanalyzer list-findings`, `list-findings-v2`, `get-finding`)',
    recognisedBy: '`analyzedAt` and `resourceType` of findings',
    gives:
      'active, resolved and archived findings by kind of access and of resource: from outside, public, unused roles, keys, passwords and permissions',
    limits:
      'what an analyzer looked at and found in order is not in it, and neither are rights; an answer of several pages is named as a part',
  },
  recognise: ({ text }) =>
    /^\s*\{\s*"(?:findings?|analyzedAt|nextToken)"\s*:/.test(text) &&
    /"analyzedAt"\s*:/.test(text) &&
    /"resourceType"\s*:/.test(text)
      ? 0.95
      : 0,
  async read(file, context) {
    const counts = new FindingCounts();
    let further = false;
    let whole: Record<string, unknown> | undefined;
    const take = (value: unknown, at: string): void => {
      const one = fitted(finding, value, file, 'a finding of Access Analyzer', at);
      const type = one.findingType ?? 'ExternalAccess';
      const what = one.resourceType ?? 'a resource';
      counts.add(
        {
          id: `${type}${one.isPublic ? '/public' : ''}/${what}`,
          title: `${TYPES[type] ?? type}${one.isPublic ? ', by anybody' : ''}, ${what}`,
          severity: one.isPublic ? 'high' : 'unknown',
        },
        outcomeOf(one),
        at,
      );
      counts.time(moment(typeof one.analyzedAt === 'number' ? one.analyzedAt * 1000 : one.analyzedAt));
    };
    await eachValue(file, ['$.*', '$.findings.*'], (value, at, key) => {
      if (at.startsWith('/findings/')) take(value, at);
      else if (key === 'finding') take(value, at);
      else if (key === 'nextToken') further = typeof value === 'string' && value !== '';
      else if (key !== 'findings') whole = { ...whole, [String(key)]: value };
    });
    // get-finding-v2 gives the fields of one finding by themselves.
    if (whole?.['analyzedAt'] !== undefined) take(whole, '');
    const reading = counts.reading({ name: 'AWS IAM Access Analyzer' }, 'the list', context);
    if (further) reading.warnings.push('its answer goes on on a further page, which is not in this file');
    return reading;
  },
};
