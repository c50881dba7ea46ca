import { createHash, X509Certificate } from 'node:crypto';
import * as pkijs from 'pkijs';
import { visible } from '../visible.ts';

/* One certificate in its three shapes: text in a PEM file, Node's object, and pkijs's structure with its fields. */

/** The certificate blocks of a PEM text (RFC 7468), in order; what stands between them is passed over. */
export function certificateBlocks(text: string): string[] {
  const [begin, end] = ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----'];
  const blocks: string[] = [];
  for (let at = text.indexOf(begin); at !== -1; ) {
    const close = text.indexOf(end, at);
    if (close === -1) break;
    blocks.push(text.slice(at, close + end.length));
    at = text.indexOf(begin, close);
  }
  return blocks;
}

/** A certificate with its extensions parsed. */
export function parseCertificate(certificate: X509Certificate): pkijs.Certificate {
  return pkijs.Certificate.fromBER(new Uint8Array(certificate.raw));
}

/** A certificate that came inside another structure. @throws when Node cannot read it */
export function nodeCertificate(certificate: pkijs.Certificate): X509Certificate {
  return new X509Certificate(Buffer.from(certificate.toSchema(true).toBER()));
}

// @peculiar/x509 needs this loaded before it.
/** What a certificate's organisation says when `identity create` made it for trying things out. */
export const TRIAL_ORGANISATION = 'Self-signed, for trial';

/** SHA-256 of a certificate's DER, hex. */
export function fingerprint(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('hex');
}

/** A certificate's common name, or its whole subject on one line. */
export function subjectName(certificate: X509Certificate): string {
  return visible(nameField(certificate.subject, 'CN') ?? certificate.subject.replaceAll('\n', ', '));
}

/** The issuer's common name, or its whole name on one line. */
export function issuerName(certificate: X509Certificate): string {
  return visible(nameField(certificate.issuer, 'CN') ?? certificate.issuer.replaceAll('\n', ', '));
}

function nameField(name: string, field: string): string | undefined {
  return name
    .split('\n')
    .find((part) => part.startsWith(`${field}=`))
    ?.slice(field.length + 1)
    .replace(/\\(.)/g, '$1');
}

/** Whether a certificate is its own issuer, by name and by signature. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.issuer === certificate.subject && certificate.verify(certificate.publicKey);
}

export function isTrial(certificate: X509Certificate): boolean {
  return isSelfSigned(certificate) && nameField(certificate.subject, 'O') === TRIAL_ORGANISATION;
}

/** The issuers of a certificate among others, nearest first. */
export function orderChain(leaf: X509Certificate, all: readonly X509Certificate[]): X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (let current = leaf; ; ) {
    const issuer = all.find(
      (candidate) => candidate !== current && !chain.includes(candidate) && current.checkIssued(candidate),
    );
    if (!issuer || isSelfSigned(current)) return chain;
    chain.push(issuer);
    current = issuer;
  }
}
