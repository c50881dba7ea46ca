// @peculiar/x509 needs this loaded before it.
import 'reflect-metadata';
import { type KeyObject, sign as rawSign, type X509Certificate } from 'node:crypto';
import { ProbityError } from '../errors.ts';
import { isSelfSigned, isTrial, orderChain } from '../pki/certificates.ts';
import { algorithmOfKey, type Unfit, unfitDigest, unfitUsage } from '../pki/fitness.ts';
import type { SignatureAlgorithm, Signer } from '../pki/signer.ts';

/** What signs: a private key at hand, or a device that keeps it. */
export interface SigningKey {
  /** The public half, by which the kind and strength of the key are known. */
  publicKey: KeyObject;
  sign(data: Uint8Array, algorithm: SignatureAlgorithm, form: 'der' | 'ieee-p1363'): Uint8Array;
}

/** A private key in memory as something that signs. */
function keyAtHand(key: KeyObject, publicKey: KeyObject): SigningKey {
  return {
    publicKey,
    sign: (data, algorithm, form) =>
      rawSign(
        algorithm.kind === 'ed25519' ? null : algorithm.hash,
        data,
        algorithm.kind === 'ecdsa' ? { key, dsaEncoding: form } : key,
      ),
  };
}

/**
 * A key at hand with the certificate among several that belongs to it, and the issuers among the rest.
 * @param file the file of the certificates, for errors; `mismatch` what to say when none belongs to the key
 * @param keptIn where the key is kept
 * @throws ProbityError IDENTITY_INVALID, and those of {@link makeSigner}
 */
export function signerAtHand(
  key: KeyObject,
  certificates: X509Certificate[],
  { file, mismatch, keptIn }: { file: string; mismatch: string; keptIn: string },
  now: Date,
): Signer {
  const certificate = certificates.find((candidate) => candidate.checkPrivateKey(key));
  if (!certificate) throw new ProbityError('IDENTITY_INVALID', mismatch, { where: file });
  return makeSigner(
    certificate,
    orderChain(certificate, certificates),
    keyAtHand(key, certificate.publicKey),
    keptIn,
    now,
  );
}

/**
 * Puts a certificate and its key together, after checking that a report may be signed with them now.
 * @param keptIn where the key is kept, for people and for errors
 * @throws ProbityError IDENTITY_EXPIRED, IDENTITY_NOT_YET_VALID, IDENTITY_WEAK, IDENTITY_INVALID
 */
export function makeSigner(
  certificate: X509Certificate,
  chain: X509Certificate[],
  key: SigningKey,
  keptIn: string,
  now: Date,
): Signer {
  const from = new Date(certificate.validFrom);
  const to = new Date(certificate.validTo);
  if (now < from)
    throw new ProbityError('IDENTITY_NOT_YET_VALID', `the certificate is valid only from ${from.toISOString()}`, {
      where: keptIn,
    });
  if (now > to)
    throw new ProbityError('IDENTITY_EXPIRED', `the certificate expired on ${to.toISOString()}`, {
      where: keptIn,
      remedy: 'Renew it; a report must not be signed with it',
    });
  const unfit =
    unfitUsage(certificate) ??
    [certificate, ...chain.filter((issuer) => !isSelfSigned(issuer))].map(unfitDigest).find((one) => one !== undefined);
  if (unfit) refuse(unfit, keptIn);
  const algorithm = algorithmOfKey(key.publicKey);
  if ('why' in algorithm) refuse(algorithm, keptIn);
  return {
    certificate,
    chain,
    algorithm,
    selfSigned: isSelfSigned(certificate),
    trial: isTrial(certificate),
    keptIn,
    sign: (data, form = 'der') => key.sign(data, algorithm, form),
  };
}

function refuse({ weak, why, remedy }: Unfit, where: string): never {
  throw new ProbityError(weak ? 'IDENTITY_WEAK' : 'IDENTITY_INVALID', why, { where, ...(remedy ? { remedy } : {}) });
}
