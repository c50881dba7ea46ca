import { Flags } from '@oclif/core';
import { ProbityError } from '../errors.ts';
import type { ReleaseSubject } from '../sign/attestation/statement.ts';
import type { Identity } from '../sign/identity.ts';

/* What `run` and `report` have in common: formats, where to, and under whose name. */

export const packFlags = {
  out: Flags.string({ char: 'o', description: 'the folder to write the pack to', default: 'out' }),
  format: Flags.string({ char: 'f', description: 'formats, comma-separated: pdf, xlsx, json', default: 'pdf,xlsx,json' }),
  identity: Flags.string({ description: 'sign with this PKCS #12 file (.p12); its passphrase comes from PROBITY_PASSPHRASE, --passphrase-file or a prompt' }),
  'passphrase-file': Flags.string({ description: "read the identity's passphrase from this file" }),
  role: Flags.string({ description: 'the role to sign in', default: 'preparer' }),
  'no-sign': Flags.boolean({ description: 'write the pack unsigned and without an attestation', exclusive: ['identity'] }),
  subject: Flags.string({ description: 'a released artifact this pack speaks for, NAME=sha256:DIGEST', multiple: true }),
};

interface PackFlags {
  identity: string | undefined;
  'passphrase-file': string | undefined;
  'no-sign': boolean;
}

/** The identity to sign with: the one named, else the user's trial identity, made at the first use. */
export async function identityFromFlags(flags: PackFlags, note: (line: string) => void): Promise<Identity | undefined> {
  if (flags['no-sign']) return undefined;
  const { loadPkcs12, trialIdentity } = await import('../sign/identity.ts');
  if (flags.identity) {
    const { readPassphrase } = await import('../sign/passphrase.ts');
    return loadPkcs12(flags.identity, await readPassphrase(flags['passphrase-file'], `Passphrase of ${flags.identity}: `));
  }
  const { identity, created, file } = await trialIdentity();
  if (created) note(`Made a trial identity for you: ${file}`);
  return identity;
}

/** Released artifacts out of `NAME=sha256:DIGEST`. @throws ProbityError USAGE */
export function parseSubjects(values: readonly string[] | undefined): ReleaseSubject[] {
  return (values ?? []).map((value) => {
    const match = /^(.+)=sha256:([0-9a-f]{64})$/i.exec(value);
    if (!match?.[1] || !match[2]) throw new ProbityError('USAGE', `--subject is "${value}"`, { remedy: 'Write it as NAME=sha256: and 64 hex digits' });
    return { name: match[1], sha256: match[2].toLowerCase() };
  });
}
