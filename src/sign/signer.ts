// @peculiar/x509 needs this loaded before it.
import { table } from '../table.ts';
import 'reflect-metadata';
import { type KeyObject, sign as rawSign, type X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { ProbityError } from '../errors.ts';
import { isSelfSigned, isTrial, subjectName } from '../pki/certificates.ts';
import type { SignatureAlgorithm, Signer } from '../pki/signer.ts';

/** What signs: a private key at hand, or a device that keeps it. */
export interface SigningKey {
  /** The public half, by which the kind and strength of the key are known. */
  publicKey: KeyObject;
  sign(data: Uint8Array, algorithm: SignatureAlgorithm, form: 'der' | 'ieee-p1363'): Uint8Array;
}

/** A private key in memory as something that signs. */
export function keyAtHand(key: KeyObject, publicKey: KeyObject): SigningKey {
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
  checkUsage(certificate, keptIn);
  for (const one of [certificate, ...chain.filter((issuer) => !isSelfSigned(issuer))]) checkDigest(one, keptIn);
  const algorithm = algorithmOf(key.publicKey, keptIn);
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

/** Certificate signatures over MD5 and SHA-1 can be forged (RFC 6194). */
const WEAK_DIGESTS = new Set(['MD5', 'SHA-1']);

function checkDigest(certificate: X509Certificate, where: string): void {
  const { hash } = new x509.X509Certificate(new Uint8Array(certificate.raw)).signatureAlgorithm as {
    hash?: { name?: string };
  };
  if (hash?.name !== undefined && WEAK_DIGESTS.has(hash.name))
    throw new ProbityError(
      'IDENTITY_WEAK',
      `the certificate of ${subjectName(certificate)} is signed over ${hash.name}, which can be forged`,
      {
        where,
        remedy: 'Have it issued again over SHA-256',
      },
    );
}

/** Extended key usages that have nothing to do with documents (RFC 5280, 4.2.1.12). */
const OTHER_PURPOSES = table<string>({
  '1.3.6.1.5.5.7.3.1': 'servers',
  '1.3.6.1.5.5.7.3.8': 'time-stamps',
  '1.3.6.1.5.5.7.3.9': 'OCSP answers',
});

function checkUsage(certificate: X509Certificate, where: string): void {
  const usages = new x509.X509Certificate(new Uint8Array(certificate.raw)).getExtension(
    x509.KeyUsagesExtension,
  )?.usages;
  if (
    usages !== undefined &&
    (usages & (x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.nonRepudiation)) === 0
  )
    throw new ProbityError(
      'IDENTITY_INVALID',
      'the certificate is not meant for signing (its key usage has neither digitalSignature nor nonRepudiation)',
      {
        where,
      },
    );
  const purposes = new x509.X509Certificate(new Uint8Array(certificate.raw)).getExtension(
    x509.ExtendedKeyUsageExtension,
  )?.usages;
  if (purposes?.every((purpose) => OTHER_PURPOSES[String(purpose)] !== undefined))
    throw new ProbityError(
      'IDENTITY_INVALID',
      `the certificate is not meant for signing documents but for ${purposes.map((purpose) => OTHER_PURPOSES[String(purpose)]).join(', ')}`,
      { where },
    );
  if (certificate.ca && !isSelfSigned(certificate))
    throw new ProbityError('IDENTITY_INVALID', 'the certificate is that of an issuer, not of a signer', { where });
}

function algorithmOf(key: KeyObject, where: string): SignatureAlgorithm {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === 'rsa') {
    if ((details?.modulusLength ?? 0) < 2048)
      throw new ProbityError(
        'IDENTITY_WEAK',
        `the RSA key has ${details?.modulusLength} bits; at least 2048 are needed`,
        { where },
      );
    return { kind: 'rsa', hash: 'sha256' };
  }
  if (key.asymmetricKeyType === 'ec') {
    if (details?.namedCurve === 'prime256v1') return { kind: 'ecdsa', hash: 'sha256', curve: 'P-256' };
    if (details?.namedCurve === 'secp384r1') return { kind: 'ecdsa', hash: 'sha384', curve: 'P-384' };
  }
  if (key.asymmetricKeyType === 'ed25519') return { kind: 'ed25519', hash: 'sha512' };
  throw new ProbityError(
    'IDENTITY_WEAK',
    `keys of type ${key.asymmetricKeyType}${details?.namedCurve ? ` on ${details.namedCurve}` : ''} are not supported`,
    {
      where,
      remedy: 'Use RSA of 2048 bits or more, ECDSA on P-256 or P-384, or Ed25519',
    },
  );
}
