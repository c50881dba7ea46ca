import { X509Certificate } from 'node:crypto';
import { messageOf, ProbityError } from '../../errors.ts';
import { certificateBlocks, fingerprint, isSelfSigned, subjectName } from '../../pki/certificates.ts';
import type { Timestamper } from '../../pki/cms.ts';
import { collectRevocation, responderCertificates, revocationStatus } from '../../pki/revocation.ts';
import type { Signer } from '../../pki/signer.ts';
import { requestTimestamp, timestampCertificates } from '../../pki/timestamp.ts';
import { addDocumentTimestamp, addValidationData, signPdf } from './index.ts';
import type { SealOptions } from './levels.ts';

/**
 * Signs a PDF up to the wanted PAdES baseline level: B-B, B-T (time-stamp), B-LT (certificates and proofs of revocation
 * in the document), B-LTA (archive time-stamp over all of it).
 * @throws ProbityError NETWORK_FAILED, TIMESTAMP_INVALID, REVOKED, USAGE, SIGNATURE_UNSUPPORTED
 */
export async function sealPdf(bytes: Uint8Array, identity: Signer, options: SealOptions): Promise<Uint8Array> {
  const level = options.level ?? 'auto';
  const { timestamp, note = () => undefined } = options;
  if (level !== 'auto' && level !== 'b' && !timestamp)
    throw new ProbityError('USAGE', `PAdES B-${level.toUpperCase()} needs a time-stamp`, {
      remedy: 'Name a server with --timestamp-url',
    });
  const tokens: Uint8Array[] = [];
  const stamper: Timestamper | undefined =
    timestamp && level !== 'b'
      ? async (data) => {
          const token = await requestTimestamp(timestamp.url, data);
          tokens.push(token);
          return token;
        }
      : undefined;
  const signed = await withStamp(bytes, identity, options, stamper, note);
  if (tokens.length === 0 || level === 'b' || level === 't') return signed;
  const chain = [identity.certificate, ...identity.chain, ...tokens.flatMap(timestampCertificates)];
  const path = [...new Map(chain.map((one) => [fingerprint(one), one])).values()];
  const named = certificateBlocks(timestamp?.trust ?? '').map((block) => new X509Certificate(block));
  const data = await collectRevocation(path, [identity.certificate, ...identity.chain, ...named]);
  refuseRevoked(path, data);
  const demanded = level === 'lt' || level === 'lta';
  if (data.missing.length > 0) {
    if (demanded)
      throw new ProbityError(
        'NETWORK_FAILED',
        `no proof that a certificate is not revoked: ${data.missing.join('; ')}`,
        {
          remedy: 'Ask for --pades t, or auto',
        },
      );
    if (path.some((one) => !isSelfSigned(one) && data.ocsps.length + data.crls.length > 0))
      note(`PAdES B-T, not B-LT: ${data.missing.join('; ')}`);
    return signed;
  }
  if (data.ocsps.length + data.crls.length === 0) return signed;
  const complete = await addValidationData(signed, {
    ...data,
    certificates: [...path, ...responderCertificates(data)],
  });
  return level === 'lta' && stamper ? addDocumentTimestamp(complete, stamper) : complete;
}

async function withStamp(
  bytes: Uint8Array,
  identity: Signer,
  options: SealOptions,
  stamper: Timestamper | undefined,
  note: (line: string) => void,
): Promise<Uint8Array> {
  const plain = { role: options.role, time: options.time, visible: options.visible };
  if (!stamper) return signPdf(bytes, identity, plain);
  if (!options.timestamp?.optional) return signPdf(bytes, identity, { ...plain, timestamp: stamper });
  // What the block says is signed before the server answers, so an optional time-stamp is not promised there.
  try {
    return await signPdf(bytes, identity, { ...plain, timestamp: stamper, promised: false });
  } catch (error) {
    if (!(error instanceof ProbityError) || !['NETWORK_FAILED', 'TIMESTAMP_INVALID'].includes(error.code)) throw error;
    note(`No time-stamp: ${messageOf(error)}`);
    return signPdf(bytes, identity, plain);
  }
}

function refuseRevoked(path: readonly X509Certificate[], data: Parameters<typeof responderCertificates>[0]): void {
  for (const certificate of path) {
    const status = revocationStatus(certificate, path, data, new Date());
    if (status.state === 'revoked')
      throw new ProbityError(
        'REVOKED',
        `the certificate of ${subjectName(certificate)} was revoked${status.revoked ? ` on ${status.revoked}` : ''}`,
        {
          remedy: 'Sign with another identity',
        },
      );
  }
}
