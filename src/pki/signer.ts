import type { X509Certificate } from 'node:crypto';

/** How an identity signs: its algorithm and the digest that goes with its strength. */
export type SignatureAlgorithm =
  | { kind: 'rsa'; hash: 'sha256' }
  | { kind: 'ecdsa'; hash: 'sha256' | 'sha384'; curve: 'P-256' | 'P-384' }
  /** Signs the bytes themselves; the hash is the one that goes with it in CMS (RFC 8419). */
  | { kind: 'ed25519'; hash: 'sha512' };

/** A certificate with the means to sign under it. The key itself never leaves the object. */
export interface Signer {
  certificate: X509Certificate;
  /** Issuers, nearest first, without the signer's own certificate. */
  chain: X509Certificate[];
  algorithm: SignatureAlgorithm;
  selfSigned: boolean;
  trial: boolean;
  /** Where the key is kept, for people: a file, or a token. */
  keptIn: string;
  /** Signs bytes: PKCS #1 v1.5 for RSA; for ECDSA the DER form, or r and s side by side for XML; Ed25519 as it is. */
  sign(data: Uint8Array, form?: 'der' | 'ieee-p1363'): Uint8Array;
}
