import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Assessment } from '../assess/assessment.ts';
import { sha256Hex } from '../schema.ts';

/** https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
const PREDICATE_TYPE = 'urn:probity:attestation:assurance-pack:v1';

const PORTFOLIO_TYPE = 'urn:probity:attestation:portfolio:v1';

const subject = z.object({ name: z.string(), digest: z.object({ sha256: sha256Hex }) });
export const statementSchema = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(subject).min(1),
  predicateType: z.enum([PREDICATE_TYPE, PORTFOLIO_TYPE]),
  predicate: z.looseObject({
    asOf: z.string(),
    evidenceRoot: sha256Hex,
    /** Names of roles in which the pack's files may be signed. */
    roles: z.array(z.string().max(200)).max(100).optional(),
  }),
});
export type Statement = z.infer<typeof statementSchema>;

/** An artifact the pack speaks for, such as the release it is to approve. */
export interface ReleaseSubject {
  name: string;
  sha256: string;
}

/** The same statement over a pack whose files were signed again; it says which attestation it takes the place of. */
export function renewedStatement(
  former: Statement,
  formerEnvelope: Uint8Array,
  files: ReadonlyMap<string, Uint8Array>,
): Statement {
  const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  return {
    ...former,
    subject: former.subject.map((one) => {
      const bytes = files.get(one.name);
      return bytes ? { name: one.name, digest: { sha256: digest(bytes) } } : one;
    }),
    predicate: { ...former.predicate, supersedes: { sha256: digest(formerEnvelope) } },
  };
}

/** The statement over the files of a portfolio, and the packs that it was made from. */
export function portfolioStatement(
  portfolio: { asOf: string; evidenceRoot: string; tool: object; systems: readonly { id: string; sha256: string }[] },
  files: ReadonlyMap<string, Uint8Array>,
): Statement {
  const { asOf, evidenceRoot, tool, systems } = portfolio;
  const packed = packedFiles(files);
  return {
    _type: STATEMENT_TYPE,
    subject: packed,
    predicateType: PORTFOLIO_TYPE,
    predicate: {
      asOf,
      evidenceRoot,
      tool,
      systems: systems.map(({ id, sha256 }) => ({ id, assessment: { sha256 } })),
      packFiles: packed.map(({ name }) => name),
    },
  };
}

function packedFiles(files: ReadonlyMap<string, Uint8Array>): Statement['subject'] {
  return [...files].map(([name, bytes]) => ({
    name,
    digest: { sha256: createHash('sha256').update(bytes).digest('hex') },
  }));
}

/**
 * The statement over a pack: the released artifacts, every file of the pack, and what was concluded by which means.
 * @param signing the sentence about the signature that its reports carry
 */
export function packStatement(
  assessment: Assessment,
  files: ReadonlyMap<string, Uint8Array>,
  releases: readonly ReleaseSubject[],
  signing?: string,
): Statement {
  const packed = packedFiles(files);
  return {
    _type: STATEMENT_TYPE,
    subject: [...releases.map(({ name, sha256 }) => ({ name, digest: { sha256 } })), ...packed],
    predicateType: PREDICATE_TYPE,
    predicate: {
      ...packPredicate(assessment),
      packFiles: packed.map(({ name }) => name),
      ...(signing === undefined ? {} : { signing }),
    },
  };
}

/** What an attestation says of an assessment; every word of it follows from the assessment. */
export function packPredicate(assessment: Assessment) {
  return {
    asOf: assessment.asOf,
    system: { id: assessment.system.id, name: assessment.system.name },
    verdicts: assessment.verdicts,
    policy: { profile: assessment.profile, catalog: assessment.catalog },
    evidenceRoot: assessment.evidenceRoot,
    tool: assessment.tool,
  };
}
