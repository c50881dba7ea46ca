import { createHash } from 'node:crypto';

/*
 * What every OSCAL document of ours shares. https://pages.nist.gov/OSCAL-Reference/ Identifiers are derived from names
 * (RFC 9562, version 5), so that the same content gives the same bytes, and a thing keeps its identifier over documents.
 */

export const OSCAL_VERSION = '1.2.1';
/** Names that OSCAL does not know are ours under this namespace. */
export const OSCAL_NAMESPACE = 'urn:probity:oscal';
/** The namespace of our name-based identifiers. */
const ROOT = '9b3c1f0a-5d0e-5a5b-8a53-6c8f2f1d7e10';

/** A name-based UUID (RFC 9562, section 5.5). */
export function nameUuid(kind: string, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(ROOT.replaceAll('-', ''), 'hex'))
    .update(`${kind}\0${name}`)
    .digest()
    .subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A name as OSCAL's token type allows: it begins with a letter or an underscore. */
export function token(name: string): string {
  return /^[\p{L}_]/u.test(name) ? name : `_${name}`;
}
