import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { messageOf, ProbityError, whyUnread } from '../../errors.ts';
import { certificateBlocks } from '../../pki/certificates.ts';
import type { Signer } from '../../pki/signer.ts';
import { PASSPHRASE_VARIABLE } from '../passphrase.ts';
import { signerAtHand } from '../signer.ts';

const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[\s\S]+?-----END (?:[A-Z]+ )*PRIVATE KEY-----/;

/**
 * Opens a key and its certificates in PEM: the certificates (signer and issuers, in any order) in one file, the key in
 * the same or in another, encrypted or not.
 * @param passphrase asked for only when the key is encrypted
 * @throws ProbityError IDENTITY_INVALID, IDENTITY_PASSPHRASE and those of {@link signerAtHand}
 */
export async function loadPem(
  file: string,
  keyFile: string | undefined,
  passphrase: () => Promise<string>,
  now: Date = new Date(),
): Promise<Signer> {
  const text = await read(file);
  const keyText = keyFile === undefined ? text : await read(keyFile);
  const where = keyFile ?? file;
  const pem = PRIVATE_KEY.exec(keyText)?.[0];
  if (!pem)
    throw new ProbityError('IDENTITY_INVALID', 'the file holds no private key', {
      where,
      remedy: keyFile === undefined ? 'Name its file with --key' : 'Give a key in PEM form',
    });
  const certificates = certificateBlocks(text).map((block) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw new ProbityError('IDENTITY_INVALID', 'the file holds something that is no certificate', {
        where: file,
        cause: error,
      });
    }
  });
  if (certificates.length === 0)
    throw new ProbityError('IDENTITY_INVALID', 'the file holds no certificate', { where: file });
  const encrypted = /ENCRYPTED/.test(pem);
  const key = open(pem, encrypted ? await passphrase() : undefined, where);
  const mismatch = 'the key and the certificate do not belong together';
  return signerAtHand(key, certificates, { file, mismatch, keptIn: where }, now);
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ProbityError('IDENTITY_INVALID', whyUnread(error, 'the identity'), {
      where: file,
      cause: error,
    });
  }
}

function open(pem: string, passphrase: string | undefined, where: string): KeyObject {
  try {
    return createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase });
  } catch (error) {
    if (passphrase !== undefined && /decrypt|passphrase|bad password|maybe wrong/i.test(messageOf(error)))
      throw new ProbityError('IDENTITY_PASSPHRASE', 'the passphrase does not open the key', {
        where,
        remedy: `Set ${PASSPHRASE_VARIABLE} or use --passphrase-file`,
      });
    throw new ProbityError('IDENTITY_INVALID', 'the private key cannot be read', { where, cause: error });
  }
}
