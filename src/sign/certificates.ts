import { X509Certificate } from 'node:crypto';
import * as pkijs from 'pkijs';

/* One certificate in its three shapes: text in a PEM file, Node's object, and pkijs's structure with its fields. */

/** The certificate blocks of a PEM text (RFC 7468), in order; what stands between them is passed over. */
export function certificateBlocks(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
}

/** A certificate with its extensions parsed. */
export function parseCertificate(certificate: X509Certificate): pkijs.Certificate {
  return pkijs.Certificate.fromBER(new Uint8Array(certificate.raw));
}

/** A certificate that came inside another structure. @throws when Node cannot read it */
export function nodeCertificate(certificate: pkijs.Certificate): X509Certificate {
  return new X509Certificate(Buffer.from(certificate.toSchema(true).toBER()));
}
