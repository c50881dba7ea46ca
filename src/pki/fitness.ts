// @peculiar/x509 needs this loaded before it.
import 'reflect-metadata';
import type { KeyObject, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { isSelfSigned, subjectName } from './certificates.ts';
import type { SignatureAlgorithm } from './signer.ts';

/* What a certificate and its key must be for a document's signature; signing and verifying ask the same. */

/** Why a certificate or key is not fit, and what would help. */
export interface Unfit {
  /** Forgeable, or not meant for this. */
  weak: boolean;
  why: string;
  remedy?: string;
}

/** Certificate signatures over MD5 and SHA-1 can be forged (RFC 6194). */
const WEAK_DIGESTS = new Set(['MD5', 'SHA-1']);

/** Whether a certificate could be a forged one. One that is its own issuer proves nothing by its signature, whatever it is over. */
export function unfitDigest(certificate: X509Certificate): Unfit | undefined {
  const { hash } = new x509.X509Certificate(new Uint8Array(certificate.raw)).signatureAlgorithm as {
    hash?: { name?: string };
  };
  return hash?.name !== undefined && WEAK_DIGESTS.has(hash.name)
    ? {
        weak: true,
        why: `the certificate of ${subjectName(certificate)} is signed over ${hash.name}, which can be forged`,
        remedy: 'Have it issued again over SHA-256',
      }
    : undefined;
}

/** Extended key usages that have nothing to do with documents (RFC 5280, 4.2.1.12). */
const OTHER_PURPOSES = new Map([
  ['1.3.6.1.5.5.7.3.1', 'servers'],
  ['1.3.6.1.5.5.7.3.8', 'time-stamps'],
  ['1.3.6.1.5.5.7.3.9', 'OCSP answers'],
]);

/** Whether a certificate says that it is for something else than signing documents. */
export function unfitUsage(certificate: X509Certificate): Unfit | undefined {
  const parsed = new x509.X509Certificate(new Uint8Array(certificate.raw));
  const usages = parsed.getExtension(x509.KeyUsagesExtension)?.usages;
  if (
    usages !== undefined &&
    (usages & (x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.nonRepudiation)) === 0
  )
    return {
      weak: false,
      why: 'the certificate is not meant for signing (its key usage has neither digitalSignature nor nonRepudiation)',
    };
  const purposes = parsed.getExtension(x509.ExtendedKeyUsageExtension)?.usages.map(String);
  if (purposes?.every((purpose) => OTHER_PURPOSES.has(purpose)))
    return {
      weak: false,
      why: `the certificate is not meant for signing documents but for ${purposes.map((purpose) => OTHER_PURPOSES.get(purpose)).join(', ')}`,
    };
  if (certificate.ca && !isSelfSigned(certificate))
    return { weak: false, why: 'the certificate is that of an issuer, not of a signer' };
  return undefined;
}

/** How a key signs, or why it must not. */
export function algorithmOfKey(key: KeyObject): SignatureAlgorithm | Unfit {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === 'rsa') {
    if ((details?.modulusLength ?? 0) < 2048)
      return { weak: true, why: `the RSA key has ${details?.modulusLength} bits; at least 2048 are needed` };
    return { kind: 'rsa', hash: 'sha256' };
  }
  if (key.asymmetricKeyType === 'ec') {
    if (details?.namedCurve === 'prime256v1') return { kind: 'ecdsa', hash: 'sha256', curve: 'P-256' };
    if (details?.namedCurve === 'secp384r1') return { kind: 'ecdsa', hash: 'sha384', curve: 'P-384' };
  }
  if (key.asymmetricKeyType === 'ed25519') return { kind: 'ed25519', hash: 'sha512' };
  return {
    weak: true,
    why: `keys of type ${key.asymmetricKeyType}${details?.namedCurve ? ` on ${details.namedCurve}` : ''} are not supported`,
    remedy: 'Use RSA of 2048 bits or more, ECDSA on P-256 or P-384, or Ed25519',
  };
}

/** Why a document's signature by this certificate is not to be trusted, whoever issued it. */
export function unfitToSign(certificate: X509Certificate): Unfit | undefined {
  const algorithm = algorithmOfKey(certificate.publicKey);
  return 'why' in algorithm ? algorithm : unfitUsage(certificate);
}

/** Why a certificate proves nothing about the one that it issued, or about a time. */
export function unfitOnPath(certificate: X509Certificate): Unfit | undefined {
  const bits = certificate.publicKey.asymmetricKeyDetails?.modulusLength;
  if (certificate.publicKey.asymmetricKeyType === 'rsa' && (bits ?? 0) < 2048)
    return { weak: true, why: `the RSA key of ${subjectName(certificate)} has ${bits} bits; at least 2048 are needed` };
  return isSelfSigned(certificate) ? undefined : unfitDigest(certificate);
}
