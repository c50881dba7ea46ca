import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { Flags } from '@oclif/core';
import { ProbityError } from '../errors.ts';
import { ALL_FORMATS, DEFAULT_FORMATS, FORMAT_IDS } from '../pack/choose.ts';
import type { ReleaseSubject } from '../pack/statement.ts';
import type { Signer } from '../pki/signer.ts';
import { PADES_LEVELS, type SealOptions } from '../sign/pdf/levels.ts';
import { ROLES } from '../sign/roles.ts';

/* What `run` and `report` have in common: formats, where to, and under whose name. */

/** Whose signature. */
export const identityFlags = {
  identity: Flags.string({
    description:
      'sign with this identity: a PKCS #12 file (.p12), a PEM file with key and certificates, or a PKCS #11 URI; its passphrase or PIN comes from PROBITY_PASSPHRASE, --passphrase-file or a prompt',
  }),
  key: Flags.string({
    description: "the identity's private key, PEM, when it is not in the same file",
    dependsOn: ['identity'],
  }),
  'passphrase-file': Flags.string({ description: "read the identity's passphrase or PIN from this file" }),
};

/** How a PDF is sealed. */
export const sealFlags = {
  'timestamp-url': Flags.string({ description: 'ask this RFC 3161 server for a time-stamp over the PDF signature' }),
  'timestamp-trust': Flags.string({
    description:
      'certificates of the time-stamp authority that you trust, PEM; without them its proofs of revocation are not asked for, except where it shares an authority with the signer',
    dependsOn: ['timestamp-url'],
  }),
  timestamp: Flags.string({
    description: 'whether a run may go on without the time-stamp',
    options: ['required', 'optional'],
    default: 'required',
  }),
  pades: Flags.string({
    description: 'the level of the PDF signature; auto: the highest that the time-stamp and the certificates allow',
    options: [...PADES_LEVELS],
    default: 'auto',
  }),
  invisible: Flags.boolean({ description: 'draw no signature block on the first page of the PDF' }),
};

interface SealFlags {
  'timestamp-url': string | undefined;
  'timestamp-trust'?: string | undefined;
  timestamp: string;
  pades: string;
  invisible: boolean;
}

/** How to sign, out of the flags. @throws ProbityError USAGE */
export function sealFromFlags(flags: SealFlags & { role: string }, note: (line: string) => void): SealOptions {
  const url = flags['timestamp-url'];
  requireAddress('timestamp-url', url);
  return {
    role: flags.role,
    time: new Date(),
    ...(url === undefined
      ? {}
      : { timestamp: { url, optional: flags.timestamp === 'optional', trust: trustText(flags['timestamp-trust']) } }),
    level: PADES_LEVELS.find((level) => level === flags.pades) ?? 'auto',
    visible: !flags.invisible,
    note,
  };
}

interface KeylessFlags {
  sigstore: boolean;
  'fulcio-url': string | undefined;
  'rekor-url': string | undefined;
  'sigstore-timestamp-url': string | undefined;
}

/**
 * How to sign keyless, out of the flags; undefined where nobody asks for it.
 * @throws ProbityError USAGE, SIGSTORE_FAILED where the pipeline gives no identity
 */
export function keylessFromFlags(flags: KeylessFlags): ((statement: Uint8Array) => Promise<Uint8Array>) | undefined {
  if (!flags.sigstore) return undefined;
  for (const name of ['fulcio-url', 'rekor-url', 'sigstore-timestamp-url'] as const) requireAddress(name, flags[name]);
  const { SIGSTORE_ID_TOKEN, ACTIONS_ID_TOKEN_REQUEST_URL, ACTIONS_ID_TOKEN_REQUEST_TOKEN } = process.env;
  if (!SIGSTORE_ID_TOKEN && !(ACTIONS_ID_TOKEN_REQUEST_URL && ACTIONS_ID_TOKEN_REQUEST_TOKEN))
    throw new ProbityError('SIGSTORE_FAILED', 'there is no OIDC token of a pipeline here', {
      remedy:
        'On GitHub give the job "permissions: id-token: write"; elsewhere set SIGSTORE_ID_TOKEN to a token for the audience sigstore',
    });
  return async (statement) => {
    const { signKeyless } = await import('../sign/sigstore.ts');
    return signKeyless(statement, {
      fulcioUrl: flags['fulcio-url'],
      rekorUrl: flags['rekor-url'],
      timestampUrl: flags['sigstore-timestamp-url'],
    });
  };
}

function requireAddress(name: string, url: string | undefined): void {
  if (url !== undefined && (!/^https?:\/\/./i.test(url) || !URL.canParse(url)))
    throw new ProbityError('USAGE', `--${name} is "${url}"`, {
      remedy: 'Give an address that begins with http:// or https://',
    });
}

/** The text of a file of certificates. @throws ProbityError USAGE */
function trustText(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    const text = readFileSync(file, 'utf8');
    // The first certificate is read; the signer reads all of them.
    new X509Certificate(text);
    return text;
  } catch (error) {
    throw new ProbityError('USAGE', '--timestamp-trust names no file of certificates', {
      where: file,
      remedy: 'Give certificates in PEM form',
      cause: error,
    });
  }
}

export const packFlags = {
  out: Flags.string({ char: 'o', description: 'the folder to write the pack to', default: 'out' }),
  format: Flags.string({
    char: 'f',
    description: `${ALL_FORMATS}, or a list with commas of ${FORMAT_IDS} [default: the formats of the workspace file, else ${DEFAULT_FORMATS.map(({ id }) => id).join(',')}]`,
  }),
  pages: Flags.string({
    description: 'summary: write the first four pages as brief.pdf too, for those who decide',
    options: ['all', 'summary'],
    default: 'all',
  }),
  template: Flags.string({
    description:
      'a folder with a Handlebars template of your own (report.hbs for what is printed, page.hbs for report.html)',
  }),
  ...identityFlags,
  ...sealFlags,
  role: Flags.string({ description: 'the role to sign in', options: [...ROLES], default: 'preparer' }),
  'no-sign': Flags.boolean({
    description: 'write the pack unsigned and without an attestation',
    exclusive: ['identity'],
  }),
  overwrite: Flags.boolean({
    description: 'replace a workbook in the folder although somebody changed it since it was written',
  }),
  zip: Flags.boolean({ description: 'write the pack as one zip, named by --out; verify, gate and compare read it' }),
  sigstore: Flags.boolean({
    description:
      'sign the attestation once more with the identity of the pipeline, keyless (Fulcio and Rekor of Sigstore); the identity becomes public in the log',
    exclusive: ['no-sign'],
  }),
  'fulcio-url': Flags.string({ description: 'the Fulcio of your own Sigstore instance', dependsOn: ['sigstore'] }),
  'rekor-url': Flags.string({ description: 'the Rekor of your own Sigstore instance', dependsOn: ['sigstore'] }),
  'sigstore-timestamp-url': Flags.string({
    description: 'a time-stamp authority of your own Sigstore instance',
    dependsOn: ['sigstore'],
  }),
  subject: Flags.string({
    description: 'a released artifact this pack speaks for, NAME=sha256:DIGEST',
    multiple: true,
  }),
};

interface IdentityFlags {
  identity: string | undefined;
  key: string | undefined;
  'passphrase-file': string | undefined;
  'no-sign'?: boolean;
}

/** The identity to sign with: the one named, else the user's trial identity, made at the first use. */
export async function signerFromFlags(flags: IdentityFlags, note: (line: string) => void): Promise<Signer | undefined> {
  if (flags['no-sign']) return undefined;
  if (flags.identity !== undefined) return openSigner(flags.identity, flags);
  if (flags['passphrase-file'] !== undefined)
    throw new ProbityError('USAGE', '--passphrase-file goes with --identity', {
      remedy: 'Name the identity that it opens; the trial identity has its own',
    });
  const { trialSigner } = await import('../sign/trial.ts');
  const { identity, created, file, unkept } = await trialSigner();
  if (unkept !== undefined)
    note(
      `Made a trial identity for this run alone: it cannot be kept as ${file} (${unkept}). Set PROBITY_HOME to a folder that this user may write to keep one, or sign with --identity.`,
    );
  else if (created) note(`Made a trial identity for you: ${file}`);
  return identity;
}

/** Opens the identity that a reference names, asking for its passphrase or PIN only where one is needed. */
export async function openSigner(reference: string, flags: Omit<IdentityFlags, 'identity'>): Promise<Signer> {
  const { loadSigner } = await import('../sign/keys/index.ts');
  const file = flags['passphrase-file'];
  if (file !== undefined && !existsSync(file))
    throw new ProbityError('IDENTITY_PASSPHRASE', 'there is no such passphrase file', {
      where: file,
      remedy: 'Name one that is there with --passphrase-file, or set PROBITY_PASSPHRASE',
    });
  const { readPassphrase } = await import('../sign/passphrase.ts');
  const what = reference.startsWith('pkcs11:') ? 'PIN of the token: ' : `Passphrase of ${reference}: `;
  return loadSigner(reference, {
    keyFile: flags.key,
    passphrase: () => readPassphrase(file, what),
  });
}

/** Released artifacts out of `NAME=sha256:DIGEST`. @throws ProbityError USAGE */
export function parseSubjects(values: readonly string[] | undefined): ReleaseSubject[] {
  return (values ?? []).map((value) => {
    const match = /^(.+)=sha256:([0-9a-f]{64})$/i.exec(value);
    if (!match?.[1] || !match[2])
      throw new ProbityError('USAGE', `--subject is "${value}"`, {
        remedy: 'Write it as NAME=sha256: and 64 hex digits',
      });
    return { name: match[1], sha256: match[2].toLowerCase() };
  });
}
