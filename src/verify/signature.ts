import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ProbityError, systemCode } from '../errors.ts';
import { certificateBlocks, fingerprint, isSelfSigned, isTrial, subjectName } from '../pki/certificates.ts';

/** What is known of one signature. `trusted` is never implied by `integrity`. */
export interface SignatureReport {
  signer: string;
  /** SHA-256 of the signer's certificate, hex; empty when it could not be read. */
  fingerprint: string;
  role?: string;
  /** Claimed by the signer, ISO 8601. */
  time?: string;
  /** Attested by a time-stamp authority, ISO 8601. */
  timestamp?: string;
  timestampBy?: string;
  /** Whether the authority leads to a trusted certificate; one that does not attests nothing. */
  timestampTrusted?: boolean;
  /** What embedded proofs say of revocation. */
  revocation?: string;
  /** What was rightly added after it. */
  later?: string[];
  /** What kind of signature it is and which level it reaches. */
  level: string;
  /** The signed bytes are those that were signed. */
  integrity: boolean;
  trusted: boolean;
  /** The given certificate that vouches for the signer. */
  trustedBy?: string;
  /** Why it is not trusted, or what is wrong. */
  reason?: string;
}

/** Certificates whose word is taken. */
export type TrustStore = readonly X509Certificate[];

/** Reads a PEM file of trusted certificates. @throws ProbityError IDENTITY_INVALID */
export async function loadTrust(file: string): Promise<TrustStore> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new ProbityError('IDENTITY_INVALID', `the trust file cannot be read (${systemCode(error) ?? 'unknown'})`, {
      where: file,
      cause: error,
    });
  }
  const blocks = certificateBlocks(text);
  if (blocks.length === 0)
    throw new ProbityError('IDENTITY_INVALID', 'the trust file holds no certificate', {
      where: file,
      remedy: 'Give certificates in PEM form',
    });
  return blocks.map((block) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw new ProbityError('IDENTITY_INVALID', 'the trust file holds something that is no certificate', {
        where: file,
        cause: error,
      });
    }
  });
}

/**
 * Whether a path leads from a certificate to a trusted one, every certificate on it valid at the time and every issuer
 * allowed to issue. Revocation is not looked up.
 */
export function judgeTrust(
  certificate: X509Certificate,
  others: readonly X509Certificate[],
  trust: TrustStore,
  at: Date,
): { trusted: boolean; trustedBy?: string; reason?: string } {
  const known = new Set(trust.map(fingerprint));
  const refuse = (reason: string) => ({ trusted: false, reason });
  const seen = new Set<string>();
  for (let current = certificate; ; ) {
    if (at < new Date(current.validFrom) || at > new Date(current.validTo))
      return refuse(`the certificate of ${subjectName(current)} was not valid at the time of signing`);
    if (known.has(fingerprint(current))) return { trusted: true, trustedBy: subjectName(current) };
    if (isTrial(current)) return refuse('self-signed, for trial: anybody can make such a certificate');
    if (isSelfSigned(current)) return refuse('self-signed, and not among the trusted certificates');
    seen.add(fingerprint(current));
    const issuer = [...trust, ...others].find(
      (candidate) =>
        !seen.has(fingerprint(candidate)) &&
        candidate.ca &&
        current.checkIssued(candidate) &&
        current.verify(candidate.publicKey),
    );
    if (!issuer)
      return refuse(
        trust.length === 0
          ? 'no trusted certificates were given (--trust)'
          : `no path leads from ${subjectName(current)} to a trusted certificate`,
      );
    current = issuer;
  }
}
