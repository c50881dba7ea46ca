import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ProbityError, whyUnread } from '../errors.ts';
import { certificateBlocks, fingerprint, isSelfSigned, isTrial, subjectName } from '../pki/certificates.ts';
import { unfitOnPath, unfitToSign } from '../pki/fitness.ts';
import { verifyTimestamp } from '../pki/timestamp.ts';

/** What is known of one signature. `trusted` is never implied by `integrity`. */
export interface SignatureReport {
  signer: string;
  /** Who says so: the issuer of the signer's certificate. */
  issuer?: string;
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

/** Against what a file is judged. */
export interface Judging {
  trust: TrustStore;
  /** The time of checking. */
  now: Date;
  /** When a trusted time-stamp over something that holds this file's digest was made, if there is one. */
  existed?: Date;
}

/** When what a file holds must have been there, by what is known from outside of it. */
export function provenOutside({ now, existed }: Judging): Proven {
  return existed ? { at: existed, stamped: true } : { at: now, stamped: false };
}

/** Certificates whose word is taken. */
export type TrustStore = readonly X509Certificate[];

/** Reads a PEM file of trusted certificates. @throws ProbityError IDENTITY_INVALID */
export async function loadTrust(file: string): Promise<TrustStore> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new ProbityError('IDENTITY_INVALID', whyUnread(error, 'the trust file'), {
      where: file,
      remedy: 'Name a file of certificates in PEM form',
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

/** When a signature must have been there, at the latest, and how that is known. */
export interface Proven {
  at: Date;
  /** A time-stamp by somebody trusted says so; otherwise it is now. */
  stamped: boolean;
}

export interface Trust {
  trusted: boolean;
  trustedBy?: string;
  reason?: string;
}

/** Longer than any path of issuers that people use, and than any that takes long to follow. */
const LONGEST_PATH = 10;
const MOST_ISSUERS = 200;

/**
 * Whether a path leads from a certificate to a trusted one, every certificate on it valid at the time, strong, and every issuer
 * allowed to issue; the first must be fit for what it did. A time that the signer claims is no proof of anything. Revocation is
 * not looked up.
 * @param what the certificate signed: a document, or a time-stamp, whose purpose has been checked
 */
export function judgeTrust(
  certificate: X509Certificate,
  others: readonly X509Certificate[],
  trust: TrustStore,
  { at, stamped }: Proven,
  what: 'document' | 'time-stamp' = 'document',
): Trust {
  const known = new Set(trust.map(fingerprint));
  const refuse = (reason: string) => ({ trusted: false, reason });
  try {
    const unfit = what === 'document' ? unfitToSign(certificate) : undefined;
    if (unfit) return refuse(unfit.why);
    const seen = new Set<string>();
    for (let current = certificate; ; ) {
      const weak = known.has(fingerprint(current)) ? undefined : unfitOnPath(current);
      if (weak) return refuse(weak.why);
      if (at < new Date(current.validFrom))
        return refuse(`the certificate of ${subjectName(current)} is valid only from ${current.validFrom}`);
      if (at > new Date(current.validTo))
        return refuse(
          stamped
            ? `the certificate of ${subjectName(current)} had expired when the time-stamp was made`
            : `the certificate of ${subjectName(current)} expired on ${current.validTo}, and no trusted time-stamp shows that it signed before`,
        );
      if (known.has(fingerprint(current))) return { trusted: true, trustedBy: subjectName(current) };
      if (isTrial(current)) return refuse('self-signed, for trial: anybody can make such a certificate');
      if (isSelfSigned(current)) return refuse('self-signed, and not among the trusted certificates');
      seen.add(fingerprint(current));
      if (seen.size > LONGEST_PATH) return refuse(`the path of issuers is longer than ${LONGEST_PATH}`);
      const issuer = [...trust, ...others.slice(0, MOST_ISSUERS)].find(
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
  } catch {
    return refuse('its certificate cannot be read');
  }
}

/** What a time-stamp over a signature says, and the time that it proves; `problem` when it is none. */
export interface JudgedStamp {
  facts: Pick<SignatureReport, 'timestamp' | 'timestampBy' | 'timestampTrusted'>;
  proven: Proven;
  problem?: string;
}

/**
 * Judges an RFC 3161 token that stands beside a signature. Only an authority that leads to a trusted certificate proves a time.
 * @param signature the bytes that it must be over
 */
export function judgeStamp(token: Uint8Array, signature: Uint8Array, judging: Judging): JudgedStamp {
  const outside = provenOutside(judging);
  const { problems, time, certificate, certificates } = verifyTimestamp(token, signature);
  if (problems.length > 0 || !time || !certificate)
    return {
      facts: {},
      proven: outside,
      problem: `its time-stamp does not hold: ${problems.join('; ') || 'it says no time'}`,
    };
  const { trusted } = judgeTrust(certificate, certificates, judging.trust, outside, 'time-stamp');
  return {
    facts: { timestamp: time, timestampBy: subjectName(certificate), timestampTrusted: trusted },
    proven: trusted ? { at: new Date(time), stamped: true } : outside,
  };
}
