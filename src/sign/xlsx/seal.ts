import { messageOf, ProbityError } from '../../errors.ts';
import { openPackage, textOf } from '../../files/ooxml.ts';
import { canonical, children, NAMESPACES, parseXml } from '../../files/xml.ts';
import { zipSame } from '../../files/zip.ts';
import type { Timestamper } from '../../pki/cms.ts';
import type { Signer } from '../../pki/signer.ts';
import { requestTimestamp } from '../../pki/timestamp.ts';
import type { SealOptions } from '../pdf/levels.ts';
import { C14N, newestSignature, signXlsx } from './index.ts';

/**
 * Signs a workbook, with a time-stamp over the signature where the PDF has one (XAdES-T; ETSI EN 319 132-1, 5.3), so that it
 * can be believed when the certificate has expired.
 * @throws ProbityError NETWORK_FAILED, TIMESTAMP_INVALID, SIGNATURE_UNSUPPORTED
 */
export async function sealXlsx(bytes: Uint8Array, identity: Signer, options: SealOptions): Promise<Uint8Array> {
  const signed = signXlsx(bytes, identity, options);
  const { timestamp, level, note } = options;
  if (!timestamp || level === 'b') return signed;
  try {
    return await stampXlsx(signed, (data) => requestTimestamp(timestamp.url, data));
  } catch (error) {
    if (!timestamp.optional || !(error instanceof ProbityError)) throw error;
    note?.(`No time-stamp over the workbook: ${messageOf(error)}`);
    return signed;
  }
}

/** Puts a time-stamp beside the newest signature of a workbook, over its canonical value. */
async function stampXlsx(signed: Uint8Array, timestamp: Timestamper): Promise<Uint8Array> {
  const { parts } = openPackage(signed, 'the workbook');
  const name = newestSignature(parts);
  const xml = textOf(parts.get(name) as Uint8Array);
  const root = parseXml(xml, name).documentElement;
  const value = root && children(root, NAMESPACES.ds, 'SignatureValue')[0];
  if (!value) throw new ProbityError('SIGNATURE_UNSUPPORTED', 'the signature has no value', { where: name });
  const token = Buffer.from(await timestamp(canonical(value))).toString('base64');
  const property = `<xd:UnsignedProperties><xd:UnsignedSignatureProperties><xd:SignatureTimeStamp><CanonicalizationMethod Algorithm="${C14N}"/><xd:EncapsulatedTimeStamp>${token}</xd:EncapsulatedTimeStamp></xd:SignatureTimeStamp></xd:UnsignedSignatureProperties></xd:UnsignedProperties>`;
  const stamped = new Map(parts);
  stamped.set(
    name,
    new Uint8Array(Buffer.from(xml.replace('</xd:QualifyingProperties>', (end) => `${property}${end}`))),
  );
  return zipSame(stamped);
}
