import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { messageOf, ProbityError } from '../../../errors.ts';
import { check, firstIssue } from '../../../schema.ts';
import { type Adapter, newReading } from '../../adapter.ts';
import type { EvidenceFile } from '../../file.ts';
import { datedBy, fitted, moment } from '../../fitting.ts';
import type { Located } from '../../observation.ts';
import type { Credential, IdentityBody } from '../../observations/access.ts';

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
// The report says nothing of owners or permissions, and does not date itself.

const ABSENT = new Set(['', 'N/A', 'not_supported', 'no_information', 'no-information']);
const flag = z
  .enum(['true', 'false', 'TRUE', 'FALSE', 'not_supported', 'N/A', ''])
  .transform((value) => value.toLowerCase() === 'true');
const time = z
  .string()
  .refine((value) => ABSENT.has(value) || Number.isFinite(Date.parse(value)), 'neither a time nor N/A')
  .transform((value) => (ABSENT.has(value) ? undefined : new Date(value).toISOString()));
const row = z.looseObject({
  user: z.string().min(1).max(200),
  arn: z.string().max(300),
  user_creation_time: time,
  password_enabled: flag,
  password_last_used: time,
  password_last_changed: time,
  mfa_active: flag,
  access_key_1_active: flag,
  access_key_1_last_rotated: time,
  access_key_1_last_used_date: time,
  access_key_2_active: flag,
  access_key_2_last_rotated: time,
  access_key_2_last_used_date: time,
});
type Row = z.infer<typeof row>;

const TOOL = { name: 'AWS IAM credential report' };

function accessKey(user: Row, number: 1 | 2): Credential[] {
  const created = user[`access_key_${number}_last_rotated`];
  const active = user[`access_key_${number}_active`];
  if (!active && created === undefined) return [];
  const lastUsed = user[`access_key_${number}_last_used_date`];
  // An access key has no expiry of its own.
  return [
    {
      id: `${user.user}/access-key-${number}`,
      type: 'access key',
      active,
      expires: 'never',
      ...(created ? { created } : {}),
      ...(lastUsed ? { lastUsed } : {}),
    },
  ];
}

function latest(...times: (string | undefined)[]): string | undefined {
  return times
    .filter((value) => value !== undefined)
    .sort()
    .at(-1);
}

function toIdentity(user: Row, at: string, collected: string | undefined): Located<IdentityBody> {
  const root = user.user === '<root_account>';
  const lastUsed = latest(user.password_last_used, user.access_key_1_last_used_date, user.access_key_2_last_used_date);
  return {
    kind: 'identity',
    id: user.arn,
    name: user.user,
    type: user.password_enabled || root ? 'human' : 'machine',
    statesOwners: false,
    active: root || user.password_enabled || user.access_key_1_active || user.access_key_2_active,
    ...(user.user_creation_time ? { created: user.user_creation_time } : {}),
    ...(lastUsed ? { lastUsed } : {}),
    ...(root ? { admin: true, root: true } : {}),
    interactive: {
      enabled: root || user.password_enabled,
      ...(user.password_last_used ? { lastUsed: user.password_last_used } : {}),
    },
    mfa: user.mfa_active,
    credentials: [...accessKey(user, 1), ...accessKey(user, 2)],
    ...(collected ? { collected } : {}),
    tool: TOOL,
    at,
  };
}

function observe(
  text: string,
  file: EvidenceFile,
  collected: string | undefined,
  place: (line: number) => string,
): Located<IdentityBody>[] {
  let records: { record: Record<string, string>; info: { lines: number } }[];
  try {
    records = parse(text, { columns: true, info: true, skip_empty_lines: true, max_record_size: 100_000 });
  } catch (error) {
    throw new ProbityError('EVIDENCE_MALFORMED', messageOf(error), { where: file.path, cause: error });
  }
  return records.map(({ record, info }) => {
    const parsed = check(row, record);
    if (!parsed.success) {
      const { pointer, message } = firstIssue(parsed.error);
      throw new ProbityError('EVIDENCE_MALFORMED', `${pointer.slice(1)}: ${message}`, {
        where: `${file.path}:${info.lines}`,
      });
    }
    return toIdentity(parsed.data, place(info.lines), collected);
  });
}

export const adapter: Adapter = {
  format: 'aws-iam-credential-report',
  title: 'AWS IAM credential report (CSV)',
  about: {
    group: 'access',
    files: 'AWS credential report (CSV)',
    recognisedBy: 'its header',
    gives: 'identities, keys, ages, last use, second factors',
    limits: 'no owners and no rights; it does not date itself',
  },
  recognise: (head) => (/^"?user"?,"?arn"?,"?user_creation_time"?,/.test(head.text) ? 1 : 0),
  async read(file, context) {
    const reading = newReading(TOOL);
    const { collected } = datedBy(reading, context, undefined, 'the report');
    reading.observations.push(...observe(await file.text(), file, collected, (line) => `line ${line}`));
    return reading;
  },
};

const answer = z.looseObject({
  Content: z.string().min(1),
  ReportFormat: z.string().optional(),
  GeneratedTime: z.union([z.string(), z.number()]).optional(),
});

/** What `aws iam get-credential-report` prints: the same table within JSON, plain or in base 64, with its day. */
export const jsonAdapter: Adapter = {
  format: 'aws-iam-credential-report-json',
  title: 'AWS IAM credential report (JSON of get-credential-report)',
  about: {
    group: 'access',
    files: 'AWS `get-credential-report` (JSON)',
    recognisedBy: '`Content` and `GeneratedTime`',
    gives: 'identities, keys, ages, last use, second factors',
    limits: 'no owners and no rights',
  },
  recognise: (head) =>
    /^\s*\{/.test(head.text) && /"Content"\s*:\s*"(?:user,arn,|dXNlcixhcm4s)/.test(head.text) ? 1 : 0,
  async read(file, context) {
    const { Content: content, GeneratedTime: time } = fitted(answer, await file.json(), file, 'a credential report');
    const text = content.startsWith('user,') ? content : Buffer.from(content, 'base64').toString('utf8');
    if (!text.startsWith('user,arn,'))
      throw new ProbityError('EVIDENCE_MALFORMED', 'its content is no credential report', {
        where: `${file.path}#/Content`,
      });
    const reading = newReading(TOOL);
    const { collected } = datedBy(
      reading,
      context,
      moment(typeof time === 'number' ? time * 1000 : time),
      'the report',
    );
    reading.observations.push(...observe(text, file, collected, (line) => `/Content line ${line}`));
    return reading;
  },
};
