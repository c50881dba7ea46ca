// @peculiar/x509 needs this loaded before it.
import 'reflect-metadata';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import * as x509 from '@peculiar/x509';
import forge from 'node-forge';
import { ProbityError, systemCode } from '../errors.ts';
import { writeAlone } from '../files/write.ts';
import { TRIAL_ORGANISATION } from '../pki/certificates.ts';
import type { Signer } from '../pki/signer.ts';
import { loadPkcs12, signerOfPkcs12 } from './keys/pkcs12.ts';

const DAY = 86_400_000;

/**
 * Makes a self-signed identity of one year for trying things out, as a PKCS #12 file that only its owner may read.
 * @throws ProbityError OUTPUT_FAILED when the file exists already or cannot be written
 */
export async function createTrialSigner(
  file: string,
  passphrase: string,
  name: string,
  now: Date = new Date(),
): Promise<void> {
  const bytes = await trialPkcs12(passphrase, name, now);
  try {
    await mkdir(path.dirname(path.resolve(file)), { recursive: true, mode: 0o700 });
    await writeFile(file, bytes, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new ProbityError(
      'OUTPUT_FAILED',
      systemCode(error) === 'EEXIST'
        ? 'there is a file of that name already'
        : `the identity cannot be written (${systemCode(error) ?? 'unknown'})`,
      { where: file, remedy: 'Name another file with --out', cause: error },
    );
  }
}

/** A self-signed identity of one year, as PKCS #12. */
async function trialPkcs12(passphrase: string, name: string, now: Date): Promise<Buffer> {
  const pair = generateKeyPairSync('rsa', { modulusLength: 3072 });
  const pkcs8 = pair.privateKey.export({ type: 'pkcs8', format: 'der' });
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const keys = {
    privateKey: await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
    publicKey: await crypto.subtle.importKey(
      'spki',
      pair.publicKey.export({ type: 'spki', format: 'der' }),
      algorithm,
      true,
      ['verify'],
    ),
  };
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: `00${randomBytes(15).toString('hex')}`,
    name: [{ CN: [name] }, { O: [TRIAL_ORGANISATION] }],
    notBefore: new Date(now.getTime() - 5 * 60_000),
    notAfter: new Date(now.getTime() + 365 * DAY),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.nonRepudiation, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const container = forge.pkcs12.toPkcs12Asn1(
    forge.pki.privateKeyFromPem(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    [forge.pki.certificateFromPem(certificate.toString('pem'))],
    passphrase,
    { algorithm: 'aes256', count: 20_000, friendlyName: name },
  );
  return Buffer.from(forge.asn1.toDer(container).getBytes(), 'binary');
}

/** The user's home; a user that the system does not know has none. */
function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return path.join(path.sep, 'nonexistent');
  }
}

/** The folder in which a user's own trial identity lives. */
export function userFolder(): string {
  const base =
    process.env.PROBITY_HOME ?? (process.platform === 'win32' ? process.env.APPDATA : process.env.XDG_CONFIG_HOME);
  return process.env.PROBITY_HOME
    ? path.resolve(process.env.PROBITY_HOME)
    : path.join(base || path.join(homeFolder(), '.config'), 'probity');
}

const TRIAL_NAME = 'Probity trial identity';

export interface TrialSigner {
  identity: Signer;
  /** Whether it was made just now. */
  created: boolean;
  file: string;
  /** Why it cannot be kept in that file and serves this run alone: the system's code. */
  unkept?: string;
}

/**
 * The user's trial identity, made the first time it is asked for and again when it has expired. Where a home may not be
 * written, as in many containers, it is made for this run alone.
 */
export async function trialSigner(now: Date = new Date()): Promise<TrialSigner> {
  const folder = userFolder();
  const file = path.join(folder, 'trial-identity.p12');
  const secret = path.join(folder, 'trial-identity.passphrase');
  const existing = await readFile(secret, 'utf8').catch(() => undefined);
  if (existing !== undefined) {
    try {
      return { identity: await loadPkcs12(file, existing.trim(), now), created: false, file };
    } catch (error) {
      if (
        !(error instanceof ProbityError) ||
        !['IDENTITY_EXPIRED', 'IDENTITY_INVALID', 'IDENTITY_PASSPHRASE'].includes(error.code)
      )
        throw error;
    }
  }
  const passphrase = randomBytes(24).toString('base64url');
  const bytes = await trialPkcs12(passphrase, TRIAL_NAME, now);
  const made = { identity: await signerOfPkcs12(bytes, passphrase, file, now), created: true, file };
  const fresh = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(fresh, bytes, { mode: 0o600, flag: 'wx' });
    await writeAlone(secret, `${passphrase}\n`, 0o600);
    await rename(fresh, file);
    return made;
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined);
    const cause = error instanceof ProbityError ? (error.cause ?? error) : error;
    return { ...made, unkept: systemCode(cause) ?? 'unknown' };
  }
}
