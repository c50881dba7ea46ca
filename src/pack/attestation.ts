import { createHash } from 'node:crypto';
import { messageOf } from '../errors.ts';
import { fingerprint, issuerName, subjectName } from '../pki/certificates.ts';
import { envelopeCertificates, IN_TOTO_TYPE, readEnvelope, verifyEnvelope } from '../pki/dsse.ts';
import type { FileVerdict } from '../verify/pdf.ts';
import { judgeTrust, type SignatureReport, type TrustStore } from '../verify/signature.ts';
import { type Statement, statementSchema } from './statement.ts';

export interface AttestationVerdict extends FileVerdict {
  /** The statement, only when a signature over it holds. */
  statement?: Statement;
}

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
    const signatures = envelope.signatures.map((signature): SignatureReport => {
      const [certificate, ...others] = envelopeCertificates(signature);
      if (!certificate)
        return {
          signer: 'unknown',
          fingerprint: '',
          level: 'DSSE',
          integrity: false,
          trusted: false,
          reason: 'it carries no certificate',
        };
      const base = {
        signer: subjectName(certificate),
        issuer: issuerName(certificate),
        fingerprint: fingerprint(certificate),
        level: 'DSSE, in-toto Statement v1',
      };
      if (!verifyEnvelope(envelope, signature, certificate))
        return { ...base, integrity: false, trusted: false, reason: 'the statement was changed after signing' };
      if (signature.keyid !== fingerprint(certificate))
        return { ...base, integrity: false, trusted: false, reason: 'the key id is not that of the certificate' };
      return { ...base, integrity: true, ...judgeTrust(certificate, others, trust, { at: now, stamped: false }) };
    });
    for (const signature of signatures)
      if (!signature.integrity) problems.push(`the signature of ${signature.signer}: ${signature.reason}`);
    if (envelope.payloadType !== IN_TOTO_TYPE) problems.push('the payload is not an in-toto statement');
    if (problems.length > 0) return { problems, signatures };
    const parsed = statementSchema.safeParse(JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8')));
    return parsed.success
      ? { problems, signatures, statement: parsed.data }
      : { problems: ['the statement is not one about a pack'], signatures };
  } catch (error) {
    return { problems: [`not an attestation: ${messageOf(error)}`], signatures: [] };
  }
}

/** The SHA-256 of bytes, hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
