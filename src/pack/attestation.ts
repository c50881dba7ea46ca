import { createHash } from 'node:crypto';
import { messageOf, ProbityError } from '../errors.ts';
import { repeatsKeys } from '../files/json.ts';
import { fingerprint, issuerName, subjectName } from '../pki/certificates.ts';
import {
  type Envelope,
  envelopeCertificates,
  IN_TOTO_TYPE,
  readEnvelope,
  sealEnvelope,
  stampEnvelope,
  verifyEnvelope,
} from '../pki/dsse.ts';
import type { Signer } from '../pki/signer.ts';
import type { SealOptions } from '../sign/pdf/levels.ts';
import { rolesWith } from '../sign/roles.ts';
import type { FileVerdict } from '../verify/pdf.ts';
import {
  type Judging,
  judgeStamp,
  judgeTrust,
  provenOutside,
  type SignatureReport,
  type TrustStore,
} from '../verify/signature.ts';
import { type Statement, statementSchema } from './statement.ts';

export interface AttestationVerdict extends FileVerdict {
  /** The statement, only when a signature over it holds. */
  statement?: Statement;
  /** When it must have been there, by a trusted time-stamp. */
  existed?: Date;
}

/**
 * Signs a statement, which then lists the roles in which its pack has been signed, with a time-stamp where the PDF has one, so that it can be believed when the certificate has expired.
 * @throws ProbityError NETWORK_FAILED, TIMESTAMP_INVALID
 */
export async function sealStatement(statement: Statement, identity: Signer, moment: SealOptions): Promise<Uint8Array> {
  const { roles, ...predicate } = statement.predicate;
  const listed = { ...statement, predicate: { ...predicate, roles: rolesWith(...(roles ?? []), moment.role) } };
  return stampNewest(sealEnvelope(listed, identity), moment);
}

/** Adds a time-stamp over the newest signature of an envelope, where one is asked for. */
export async function stampNewest(
  envelope: string,
  { timestamp, level, note }: Pick<SealOptions, 'timestamp' | 'level' | 'note'>,
): Promise<Uint8Array> {
  if (!timestamp || level === 'b') return Buffer.from(envelope);
  const { requestTimestamp } = await import('../pki/timestamp.ts');
  try {
    return Buffer.from(
      await stampEnvelope(readEnvelope(envelope, ATTESTATION), (data) => requestTimestamp(timestamp.url, data)),
    );
  } catch (error) {
    if (!timestamp.optional || !(error instanceof ProbityError)) throw error;
    note?.(`No time-stamp over the attestation: ${messageOf(error)}`);
    return Buffer.from(envelope);
  }
}

const ATTESTATION = 'the attestation';

/** Checks a DSSE envelope and what it carries. */
export function verifyAttestation(
  text: string,
  where: string,
  trust: TrustStore,
  now: Date = new Date(),
): AttestationVerdict {
  try {
    const envelope = readEnvelope(text, where);
    const problems: string[] = [];
    const signatures = envelope.signatures.map((signature) => judge(envelope, signature, { trust, now }));
    for (const signature of signatures)
      if (!signature.integrity) problems.push(`the signature of ${signature.signer}: ${signature.reason}`);
    if (envelope.payloadType !== IN_TOTO_TYPE) problems.push('the payload is not an in-toto statement');
    if (problems.length > 0) return { problems, signatures };
    const payload = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(envelope.payload, 'base64'));
    const parsed = statementSchema.safeParse(JSON.parse(payload));
    if (!parsed.success || repeatsKeys(payload, JSON.parse(payload)))
      return { problems: ['the statement is not one about a pack'], signatures };
    // Whoever finds a time-stamp over some signature can make a key under which that signature fits other bytes; nobody
    // trusted has such a key.
    const times = signatures.flatMap(({ timestamp, timestampTrusted, trusted }) =>
      timestamp && timestampTrusted && trusted ? [new Date(timestamp)] : [],
    );
    const existed = times.toSorted((a, b) => a.getTime() - b.getTime())[0];
    return { problems, signatures, statement: parsed.data, ...(existed ? { existed } : {}) };
  } catch (error) {
    return { problems: [`not an attestation: ${messageOf(error)}`], signatures: [] };
  }
}

function judge(envelope: Envelope, signature: Envelope['signatures'][number], judging: Judging): SignatureReport {
  const [certificate, ...others] = envelopeCertificates(signature);
  const no = { integrity: false, trusted: false };
  if (!certificate)
    return { signer: 'unknown', fingerprint: '', level: 'DSSE', ...no, reason: 'it carries no certificate' };
  const base = {
    signer: subjectName(certificate),
    issuer: issuerName(certificate),
    fingerprint: fingerprint(certificate),
    level: 'DSSE, in-toto Statement v1',
  };
  if (!verifyEnvelope(envelope, signature, certificate))
    return { ...base, ...no, reason: 'the statement was changed after signing' };
  if (signature.keyid !== fingerprint(certificate))
    return { ...base, ...no, reason: 'the key id is not that of the certificate' };
  if (signature.timestamp === undefined)
    return { ...base, integrity: true, ...judgeTrust(certificate, others, judging.trust, provenOutside(judging)) };
  const { facts, proven, problem } = judgeStamp(
    Buffer.from(signature.timestamp, 'base64'),
    Buffer.from(signature.sig, 'base64'),
    judging,
  );
  if (problem !== undefined) return { ...base, ...no, reason: problem };
  return { ...base, ...facts, integrity: true, ...judgeTrust(certificate, others, judging.trust, proven) };
}

/** The SHA-256 of bytes, hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
