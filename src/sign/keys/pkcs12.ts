import { createPrivateKey, type KeyObject, pbkdf2Sync, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import forge from 'node-forge';
import { messageOf, ProbityError, whyUnread } from '../../errors.ts';
import type { Signer } from '../../pki/signer.ts';
import { PASSPHRASE_VARIABLE } from '../passphrase.ts';
import { signerAtHand } from '../signer.ts';

/** Keys are derived by Node, which takes a fiftieth of the time that the library's own code takes. */
Object.assign(forge.pkcs5, {
  pbkdf2: (password: string, salt: string, iterations: number, size: number, digest?: { algorithm: string } | string) =>
    pbkdf2Sync(
      Buffer.from(password, 'latin1'),
      Buffer.from(salt, 'latin1'),
      iterations,
      size,
      typeof digest === 'string' ? digest : (digest?.algorithm ?? 'sha1'),
    ).toString('latin1'),
});

/**
 * Opens a PKCS #12 file, with old or new encryption.
 * @param now the moment at which the certificate must be valid
 * @throws ProbityError IDENTITY_PASSPHRASE, IDENTITY_INVALID, IDENTITY_EXPIRED, IDENTITY_NOT_YET_VALID, IDENTITY_WEAK
 */
export async function loadPkcs12(file: string, passphrase: string, now: Date = new Date()): Promise<Signer> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new ProbityError('IDENTITY_INVALID', whyUnread(error, 'the identity'), {
      where: file,
      remedy: 'Name a .p12 file with --identity, or make one with: probity identity create',
      cause: error,
    });
  }
  return signerOfPkcs12(bytes, passphrase, file, now);
}

/** The signer in a PKCS #12 file held in memory. @param file what errors call it */
export function signerOfPkcs12(bytes: Buffer, passphrase: string, file: string, now: Date): Promise<Signer> | Signer {
  const { key, certificates } = openPkcs12(bytes, passphrase, file);
  const mismatch = 'no certificate in the file belongs to its key';
  return signerAtHand(key, certificates, { file, mismatch, keptIn: file }, now);
}

function openPkcs12(
  bytes: Buffer,
  passphrase: string,
  file: string,
): { key: KeyObject; certificates: X509Certificate[] } {
  let container: forge.pkcs12.Pkcs12Pfx;
  try {
    container = forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(bytes.toString('binary')), true, passphrase);
  } catch (error) {
    if (/MAC|password|decrypt/i.test(messageOf(error)))
      throw new ProbityError('IDENTITY_PASSPHRASE', 'the passphrase does not open the identity', {
        where: file,
        remedy: `Set ${PASSPHRASE_VARIABLE} or use --passphrase-file`,
      });
    throw new ProbityError('IDENTITY_INVALID', 'not a PKCS #12 file', { where: file, cause: error });
  }
  const bags = container.safeContents.flatMap((contents) => contents.safeBags);
  const toDer = (asn1: forge.asn1.Asn1): Buffer => Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'binary');
  const keyBag = bags.find(
    (bag) => bag.type === forge.pki.oids.pkcs8ShroudedKeyBag || bag.type === forge.pki.oids.keyBag,
  );
  if (!keyBag) throw new ProbityError('IDENTITY_INVALID', 'the file holds no private key', { where: file });
  // forge understands RSA keys only; other keys and their certificates it hands over undecoded.
  const keyInfo = keyBag.key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(keyBag.key)) : keyBag.asn1;
  const key = createPrivateKey({ key: toDer(keyInfo), format: 'der', type: 'pkcs8' });
  const certificates = bags
    .filter((bag) => bag.type === forge.pki.oids.certBag)
    .map((bag) => new X509Certificate(toDer(bag.cert ? forge.pki.certificateToAsn1(bag.cert) : bag.asn1)));
  return { key, certificates };
}
