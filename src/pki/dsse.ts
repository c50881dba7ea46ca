import { verify as rawVerify, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { ProbityError } from '../errors.ts';
import { repeatsKeys } from '../files/json.ts';
import { certificateBlocks, fingerprint } from './certificates.ts';
import type { Timestamper } from './cms.ts';
import type { Signer } from './signer.ts';

/** https://github.com/secure-systems-lab/dsse: the envelope and its pre-authentication encoding. */
export const IN_TOTO_TYPE = 'application/vnd.in-toto+json';

/** Base64 as DSSE has it, of either alphabet; written as an encoder writes it, so that every program reads the same bytes. */
const base64 = z.string().refine((text) => {
  const bytes = Buffer.from(text, 'base64');
  return [bytes.toString('base64'), bytes.toString('base64url')].includes(text);
}, 'not base64');

/** Nothing else may stand in an envelope: nobody would have signed it. */
const envelopeSchema = z.strictObject({
  payload: base64,
  payloadType: z.string(),
  /** PEM certificates of the signer and its issuers stand beside the signature, as in-toto's tools expect (`cert`). */
  signatures: z
    .array(
      z.strictObject({
        keyid: z.string(),
        sig: base64,
        cert: z.string().regex(/^(?:\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----)+\s*$/),
        /** An RFC 3161 token over the signature's bytes, base64; a field of ours, which other tools pass over. */
        timestamp: base64.optional(),
      }),
    )
    .min(1)
    .max(16),
});
export type Envelope = z.infer<typeof envelopeSchema>;

/** DSSEv1 pre-authentication encoding: lengths keep type and payload apart. */
function preAuthEncoding(type: string, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload]);
}

/** Wraps and signs a statement. The key id is the SHA-256 of the signer's certificate. */
export function sealEnvelope(statement: unknown, identity: Signer): string {
  const payload = Buffer.from(JSON.stringify(statement));
  return writeEnvelope({
    payload: payload.toString('base64'),
    payloadType: IN_TOTO_TYPE,
    signatures: [signatureOver(payload, identity)],
  });
}

/** Adds a signature over the same statement; those that are there stay. */
export function cosignEnvelope(envelope: Envelope, identity: Signer): string {
  return writeEnvelope({
    ...envelope,
    signatures: [...envelope.signatures, signatureOver(Buffer.from(envelope.payload, 'base64'), identity)],
  });
}

/** Puts a time-stamp beside the newest signature. @param timestamp gives a token over the signature's bytes */
export async function stampEnvelope(envelope: Envelope, timestamp: Timestamper): Promise<string> {
  const newest = envelope.signatures.at(-1);
  if (newest) newest.timestamp = Buffer.from(await timestamp(Buffer.from(newest.sig, 'base64'))).toString('base64');
  return writeEnvelope(envelope);
}

function signatureOver(payload: Uint8Array, identity: Signer): Envelope['signatures'][number] {
  return {
    keyid: fingerprint(identity.certificate),
    sig: Buffer.from(identity.sign(preAuthEncoding(IN_TOTO_TYPE, payload))).toString('base64'),
    cert: [identity.certificate, ...identity.chain].map((one) => one.toString()).join(''),
  };
}

function writeEnvelope(envelope: Envelope): string {
  return `${JSON.stringify(envelope, null, 2)}\n`;
}

/** Reads an envelope. @throws ProbityError ATTESTATION_INVALID */
export function readEnvelope(text: string, where: string): Envelope {
  try {
    const value: unknown = JSON.parse(text);
    if (repeatsKeys(text, value)) throw new Error('a key is there twice');
    return envelopeSchema.parse(value);
  } catch (error) {
    throw new ProbityError('ATTESTATION_INVALID', 'not a DSSE envelope', { where, cause: error });
  }
}

/** The certificates beside one signature, signer first. */
export function envelopeCertificates(signature: Envelope['signatures'][number]): X509Certificate[] {
  return certificateBlocks(signature.cert).map((pem) => new X509Certificate(pem));
}

/** Whether one signature of an envelope is over its payload by the key of this certificate. */
export function verifyEnvelope(
  envelope: Envelope,
  signature: Envelope['signatures'][number],
  certificate: X509Certificate,
): boolean {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
    const hash =
      asymmetricKeyType === 'ed25519' ? null : asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'sha384' : 'sha256';
    return rawVerify(
      hash,
      preAuthEncoding(envelope.payloadType, Buffer.from(envelope.payload, 'base64')),
      certificate.publicKey,
      Buffer.from(signature.sig, 'base64'),
    );
  } catch {
    return false;
  }
}
