// @peculiar/x509 needs this loaded before it.
import 'reflect-metadata';
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign as rawSign, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import * as x509 from '@peculiar/x509';
import forge from 'node-forge';
import { messageOf, ProbityError, systemCode } from '../errors.ts';
import { PASSPHRASE_VARIABLE } from './passphrase.ts';

/** What a certificate's organisation says when `identity create` made it for trying things out. */
const TRIAL_ORGANISATION = 'Self-signed, for trial';

/** How an identity signs: its algorithm and the digest that goes with its strength. */
type SignatureAlgorithm = { kind: 'rsa'; hash: 'sha256' } | { kind: 'ecdsa'; hash: 'sha256' | 'sha384'; curve: 'P-256' | 'P-384' };

/** A certificate with the means to sign under it. The key itself never leaves the object. */
export interface Identity {
  certificate: X509Certificate;
  /** Issuers, nearest first, without the signer's own certificate. */
  chain: X509Certificate[];
  algorithm: SignatureAlgorithm;
  selfSigned: boolean;
  trial: boolean;
  /** Signs bytes: PKCS #1 v1.5 for RSA; for ECDSA the DER form, or r and s side by side for XML. */
  sign(data: Uint8Array, form?: 'der' | 'ieee-p1363'): Uint8Array;
}

/** SHA-256 of a certificate's DER, hex. */
export function fingerprint(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('hex');
}

/** A certificate's common name, or its whole subject on one line. */
export function subjectName(certificate: X509Certificate): string {
  return nameField(certificate.subject, 'CN') ?? certificate.subject.replaceAll('\n', ', ');
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

/**
 * Opens a PKCS #12 file, with old or new encryption.
 * @param now the moment at which the certificate must be valid
 * @throws ProbityError IDENTITY_PASSPHRASE, IDENTITY_INVALID, IDENTITY_EXPIRED, IDENTITY_NOT_YET_VALID, IDENTITY_WEAK
 */
export async function loadPkcs12(file: string, passphrase: string, now: Date = new Date()): Promise<Identity> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new ProbityError('IDENTITY_INVALID', `the identity cannot be read (${systemCode(error) ?? 'unknown'})`, {
      where: file,
      remedy: 'Name a .p12 file with --identity, or make one with: probity identity create',
      cause: error,
    });
  }
  const { key, certificates } = openPkcs12(bytes, passphrase, file);
  const certificate = certificates.find((candidate) => candidate.checkPrivateKey(key));
  if (!certificate) throw new ProbityError('IDENTITY_INVALID', 'no certificate in the file belongs to its key', { where: file });
  return makeIdentity(certificate, orderChain(certificate, certificates), key, file, now);
}

function openPkcs12(bytes: Buffer, passphrase: string, file: string): { key: KeyObject; certificates: X509Certificate[] } {
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
  const keyBag = bags.find((bag) => bag.type === forge.pki.oids.pkcs8ShroudedKeyBag || bag.type === forge.pki.oids.keyBag);
  if (!keyBag) throw new ProbityError('IDENTITY_INVALID', 'the file holds no private key', { where: file });
  // forge understands RSA keys only; other keys and their certificates it hands over undecoded.
  const keyInfo = keyBag.key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(keyBag.key)) : keyBag.asn1;
  const key = createPrivateKey({ key: toDer(keyInfo), format: 'der', type: 'pkcs8' });
  const certificates = bags
    .filter((bag) => bag.type === forge.pki.oids.certBag)
    .map((bag) => new X509Certificate(toDer(bag.cert ? forge.pki.certificateToAsn1(bag.cert) : bag.asn1)));
  return { key, certificates };
}

function orderChain(leaf: X509Certificate, all: readonly X509Certificate[]): X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (let current = leaf; ; ) {
    const issuer = all.find((candidate) => candidate !== current && !chain.includes(candidate) && current.checkIssued(candidate));
    if (!issuer || isSelfSigned(current)) return chain;
    chain.push(issuer);
    current = issuer;
  }
}

function makeIdentity(certificate: X509Certificate, chain: X509Certificate[], key: KeyObject, where: string, now: Date): Identity {
  const from = new Date(certificate.validFrom);
  const to = new Date(certificate.validTo);
  if (now < from) throw new ProbityError('IDENTITY_NOT_YET_VALID', `the certificate is valid only from ${from.toISOString()}`, { where });
  if (now > to)
    throw new ProbityError('IDENTITY_EXPIRED', `the certificate expired on ${to.toISOString()}`, {
      where,
      remedy: 'Renew it; a report must not be signed with it',
    });
  checkUsage(certificate, where);
  const algorithm = algorithmOf(key, where);
  return {
    certificate,
    chain,
    algorithm,
    selfSigned: isSelfSigned(certificate),
    trial: isTrial(certificate),
    sign(data, form = 'der') {
      return rawSign(algorithm.hash, data, algorithm.kind === 'rsa' ? key : { key, dsaEncoding: form });
    },
  };
}

function checkUsage(certificate: X509Certificate, where: string): void {
  const usages = new x509.X509Certificate(new Uint8Array(certificate.raw)).getExtension(x509.KeyUsagesExtension)?.usages;
  if (usages !== undefined && (usages & (x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.nonRepudiation)) === 0)
    throw new ProbityError('IDENTITY_INVALID', 'the certificate is not meant for signing (its key usage has neither digitalSignature nor nonRepudiation)', {
      where,
    });
  if (certificate.ca && !isSelfSigned(certificate))
    throw new ProbityError('IDENTITY_INVALID', 'the certificate is that of an issuer, not of a signer', { where });
}

function algorithmOf(key: KeyObject, where: string): SignatureAlgorithm {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === 'rsa') {
    if ((details?.modulusLength ?? 0) < 2048)
      throw new ProbityError('IDENTITY_WEAK', `the RSA key has ${details?.modulusLength} bits; at least 2048 are needed`, { where });
    return { kind: 'rsa', hash: 'sha256' };
  }
  if (key.asymmetricKeyType === 'ec') {
    if (details?.namedCurve === 'prime256v1') return { kind: 'ecdsa', hash: 'sha256', curve: 'P-256' };
    if (details?.namedCurve === 'secp384r1') return { kind: 'ecdsa', hash: 'sha384', curve: 'P-384' };
  }
  throw new ProbityError('IDENTITY_WEAK', `keys of type ${key.asymmetricKeyType}${details?.namedCurve ? ` on ${details.namedCurve}` : ''} are not supported`, {
    where,
    remedy: 'Use RSA of 2048 bits or more, or ECDSA on P-256 or P-384',
  });
}

const DAY = 86_400_000;

/**
 * Makes a self-signed identity of one year for trying things out, as a PKCS #12 file that only its owner may read.
 * @throws ProbityError OUTPUT_FAILED when the file exists already or cannot be written
 */
export async function createTrialIdentity(file: string, passphrase: string, name: string, now: Date = new Date()): Promise<void> {
  const pair = generateKeyPairSync('rsa', { modulusLength: 3072 });
  const pkcs8 = pair.privateKey.export({ type: 'pkcs8', format: 'der' });
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const keys = {
    privateKey: await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
    publicKey: await crypto.subtle.importKey('spki', pair.publicKey.export({ type: 'spki', format: 'der' }), algorithm, true, ['verify']),
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
    { algorithm: 'aes256', count: 100_000, friendlyName: name },
  );
  const bytes = Buffer.from(forge.asn1.toDer(container).getBytes(), 'binary');
  try {
    await mkdir(path.dirname(path.resolve(file)), { recursive: true, mode: 0o700 });
    await writeFile(file, bytes, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new ProbityError(
      'OUTPUT_FAILED',
      systemCode(error) === 'EEXIST' ? 'there is a file of that name already' : `the identity cannot be written (${systemCode(error) ?? 'unknown'})`,
      { where: file, remedy: 'Name another file with --out', cause: error },
    );
  }
}

/** The folder in which a user's own trial identity lives. */
function userFolder(): string {
  const base = process.env.PROBITY_HOME ?? (process.platform === 'win32' ? process.env.APPDATA : process.env.XDG_CONFIG_HOME);
  return process.env.PROBITY_HOME ? path.resolve(process.env.PROBITY_HOME) : path.join(base || path.join(homedir(), '.config'), 'probity');
}

/**
 * The user's trial identity, made the first time it is asked for and again when it has expired.
 * @returns the identity and whether it was made just now
 */
export async function trialIdentity(now: Date = new Date()): Promise<{ identity: Identity; created: boolean; file: string }> {
  const file = path.join(userFolder(), 'trial-identity.p12');
  const secret = path.join(userFolder(), 'trial-identity.passphrase');
  const existing = await readFile(secret, 'utf8').catch(() => undefined);
  if (existing !== undefined) {
    try {
      return { identity: await loadPkcs12(file, existing.trim(), now), created: false, file };
    } catch (error) {
      if (!(error instanceof ProbityError) || !['IDENTITY_EXPIRED', 'IDENTITY_INVALID', 'IDENTITY_PASSPHRASE'].includes(error.code)) throw error;
    }
  }
  const passphrase = randomBytes(24).toString('base64url');
  const fresh = `${file}.${randomBytes(4).toString('hex')}`;
  await createTrialIdentity(fresh, passphrase, 'Probity trial identity', now);
  try {
    await writeFile(secret, `${passphrase}\n`, { mode: 0o600 });
    await chmod(secret, 0o600);
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true });
    throw new ProbityError('OUTPUT_FAILED', `the trial identity cannot be kept (${systemCode(error) ?? 'unknown'})`, { where: file, cause: error });
  }
  return { identity: await loadPkcs12(file, passphrase, now), created: true, file };
}
