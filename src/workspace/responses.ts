import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ProbityError, systemCode, whyUnread } from '../errors.ts';
import { readNamed } from '../files/read.ts';
import { readYaml } from '../files/yaml.ts';
import { apiVersion, isoDate } from '../schema.ts';

/** How far the work on a finding is, as its people say; it changes no result. */
export const RESPONSE_STATUSES = ['open', 'in progress', 'closed', 'risk accepted'] as const;

export type ResponseStatus = (typeof RESPONSE_STATUSES)[number];

/** Most characters of what people write. */
export const RESPONSE_LIMITS = { name: 200, text: 4000, reason: 2000 } as const;

const day = isoDate.refine((text) => text.length === 10, 'a day like 2026-12-01, without a time');

/** The name of a finding: control, dot, attack class. */
const findingId = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\.(?:membership-inference|inversion)$/,
    'the id of a finding like MI-02.membership-inference',
  );

const name = z.string().min(1).max(RESPONSE_LIMITS.name);

/** A wish to accept a risk. It changes nothing: only a file of kind Waiver among the evidence does. */
const acceptance = z.strictObject({
  reason: z.string().min(1).max(RESPONSE_LIMITS.reason),
  approver: name,
  expires: day,
});

const response = z.strictObject({
  finding: findingId,
  owner: name.optional(),
  due: day.optional(),
  status: z.enum(RESPONSE_STATUSES).optional(),
  response: z.string().min(1).max(RESPONSE_LIMITS.text).optional(),
  acceptance: acceptance.optional(),
});

const request = z.strictObject({
  request: z.string().min(1).max(200),
  from: name.optional(),
  due: day.optional(),
  /** The day on which it came. */
  received: day.optional(),
});

/** `kind: Responses`: what the people of a system answer to its findings, by the id of each. */
export const responsesSchema = z.strictObject({
  apiVersion,
  kind: z.literal('Responses'),
  responses: z
    .array(response)
    .superRefine(once((one) => one.finding))
    .default([]),
  /** What became of the evidence that was asked for, by the id of each request. */
  requests: z
    .array(request)
    .superRefine(once((one) => one.request))
    .default([]),
});

export type Responses = z.infer<typeof responsesSchema>;
export type Response = Responses['responses'][number];

/** Refuses a list in which two entries speak of one thing. */
function once<T>(nameOf: (one: T) => string) {
  return (entries: T[], context: z.RefinementCtx): void => {
    const seen = new Set<string>();
    entries.forEach((one, index) => {
      const id = nameOf(one);
      if (seen.has(id)) context.addIssue({ code: 'custom', path: [index], message: `${id} is there twice` });
      seen.add(id);
    });
  };
}

/** A file of responses as it was read. */
export interface LoadedResponses {
  /** As it is named in the assessment: from the workspace's folder, with slashes. */
  path: string;
  /** SHA-256 of its bytes, hex. */
  sha256: string;
  document: Responses;
}

/** Reads a text of kind Responses. @throws ProbityError RESPONSES_INVALID naming file, line and pointer */
function parseResponses(text: string, file: string): Responses {
  return readYaml(responsesSchema, text, file, 'RESPONSES_INVALID');
}

/**
 * Reads a file of kind Responses.
 * @param named how the assessment names it
 * @throws ProbityError RESPONSES_INVALID
 */
export async function loadResponses(file: string, named: string): Promise<LoadedResponses> {
  const bytes = await readNamed(file).catch((error: unknown) => {
    throw new ProbityError(
      'RESPONSES_INVALID',
      systemCode(error) === 'ENOENT' ? 'there is no such file of responses' : whyUnread(error, 'the file of responses'),
      { where: file, remedy: 'Make it with: probity responses import report.xlsx --out responses.yaml', cause: error },
    );
  });
  if (bytes.subarray(0, 4).toString('latin1') === 'PK\u0003\u0004')
    throw new ProbityError('RESPONSES_INVALID', 'this is a workbook, and responses are a YAML file', {
      where: file,
      remedy: 'Bring its columns into one first: probity responses import FILE.xlsx --out responses.yaml',
    });
  return {
    path: named,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    document: parseResponses(bytes.toString('utf8'), file),
  };
}
