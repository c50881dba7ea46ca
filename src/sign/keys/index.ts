import { open } from 'node:fs/promises';
import { ProbityError, whyUnread } from '../../errors.ts';
import type { Signer } from '../../pki/signer.ts';

export interface KeyOptions {
  /** A private key in PEM, when it is not in the identity's own file. */
  keyFile?: string | undefined;
  /** The passphrase or PIN; asked for only where one is needed. */
  passphrase(): Promise<string>;
  now?: Date;
}

/**
 * Opens an identity, whatever it is kept in: a PKCS #11 URI, or a file, PEM or PKCS #12 by its content.
 * @throws ProbityError with a code beginning IDENTITY_
 */
export async function loadSigner(reference: string, { keyFile, passphrase, now }: KeyOptions): Promise<Signer> {
  if (reference.startsWith('pkcs11:')) return (await import('./pkcs11.ts')).loadPkcs11(reference, passphrase, now);
  if (keyFile !== undefined || (await beginsWithPem(reference)))
    return (await import('./pem.ts')).loadPem(reference, keyFile, passphrase, now);
  return (await import('./pkcs12.ts')).loadPkcs12(reference, await passphrase(), now);
}

async function beginsWithPem(file: string): Promise<boolean> {
  let handle: Awaited<ReturnType<typeof open>> | undefined;
  try {
    handle = await open(file, 'r');
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
    return buffer.toString('latin1', 0, bytesRead).includes('-----BEGIN ');
  } catch (error) {
    throw new ProbityError('IDENTITY_INVALID', whyUnread(error, 'the identity'), {
      where: file,
      remedy: 'Name a .p12 or .pem file with --identity, or make one with: probity identity create',
      cause: error,
    });
  } finally {
    await handle?.close();
  }
}
