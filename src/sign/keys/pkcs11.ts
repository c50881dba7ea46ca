import { spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { ProbityError } from '../../errors.ts';
import { orderChain } from '../../pki/certificates.ts';
import type { SignatureAlgorithm, Signer } from '../../pki/signer.ts';
import { makeSigner } from '../signer.ts';

/*
 * Keys in a token or HSM, by way of OpenSC's pkcs11-tool: the key never leaves the device, and nothing has to be compiled
 * for Node. The PIN is handed over in the environment, never on a command line.
 */

const TOOL = 'pkcs11-tool';
/** How long a device may take for one answer, in milliseconds. */
const PATIENCE = 60_000;

/** What an RFC 7512 URI names. */
interface Token {
  /** The library that speaks to the device. */
  module: string;
  token: string | undefined;
  label: string | undefined;
  /** Hex. */
  id: string | undefined;
}

const EXAMPLE = 'pkcs11:token=NAME;object=KEY?module-path=/usr/lib/softhsm/libsofthsm2.so';

/**
 * Reads a PKCS #11 URI (RFC 7512): token, object and id from the path, module-path from the query.
 * @throws ProbityError USAGE
 */
export function parsePkcs11Uri(uri: string): Token {
  const fail = (what: string): never => {
    throw new ProbityError('USAGE', `the PKCS #11 URI ${what}`, {
      where: '--identity',
      remedy: `Write it like ${EXAMPLE}`,
    });
  };
  const [path = '', query = ''] = uri.slice('pkcs11:'.length).split('?');
  const pairs = (text: string, separator: RegExp): Map<string, string> =>
    new Map(
      text
        .split(separator)
        .filter(Boolean)
        .map((part): [string, string] => {
          const at = part.indexOf('=');
          return at === -1
            ? fail(`holds "${part.slice(0, 40)}", which is no name and value`)
            : [part.slice(0, at), part.slice(at + 1)];
        }),
    );
  const named = pairs(path, /;/);
  const asked = pairs(query, /[&;]/);
  if (asked.has('pin-value'))
    fail(
      'holds a PIN, which others could read; it is asked for, or comes from PROBITY_PASSPHRASE or --passphrase-file',
    );
  const text = (value: string | undefined): string | undefined =>
    value === undefined ? undefined : decodeURIComponent(value);
  const module = text(asked.get('module-path')) ?? fail('names no module-path');
  const id = named.get('id');
  const token = {
    module,
    token: text(named.get('token')),
    label: text(named.get('object')),
    id: id === undefined ? undefined : percentBytes(id).toString('hex'),
  };
  if (token.label === undefined && token.id === undefined) fail('names neither object nor id of the key');
  return token;
}

/** Percent-encoded bytes (RFC 7512, 2.3). */
function percentBytes(text: string): Buffer {
  return Buffer.from(
    text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}

/**
 * Opens a key that a token keeps, with the certificates beside it there.
 * @param pin asked for once
 * @throws ProbityError IDENTITY_INVALID, IDENTITY_PASSPHRASE and those of {@link makeSigner}
 */
export async function loadPkcs11(uri: string, pin: () => Promise<string>, now: Date = new Date()): Promise<Signer> {
  const token = parsePkcs11Uri(uri);
  const secret = await pin();
  const keptIn = `the token ${token.token ?? token.module}`;
  const certificates = certificatesOf(token, keptIn);
  const own = certificates.find(
    ({ label, id }) =>
      (token.id === undefined || id === token.id) && (token.label === undefined || label === token.label),
  );
  if (!own)
    throw new ProbityError('IDENTITY_INVALID', 'the token holds no certificate with the name or id of the key', {
      where: keptIn,
    });
  const all = certificates.map(({ certificate }) => certificate);
  const key = {
    publicKey: own.certificate.publicKey,
    sign: (data: Uint8Array, algorithm: SignatureAlgorithm, form: 'der' | 'ieee-p1363'): Uint8Array => {
      const select = own.id ? ['--id', own.id] : ['--label', own.label];
      // Not every token hashes for ECDSA, so the digest is what it is given.
      const input = algorithm.kind === 'ecdsa' ? createHash(algorithm.hash).update(data).digest() : data;
      const format = algorithm.kind === 'ecdsa' ? ['--signature-format', form === 'der' ? 'sequence' : 'rs'] : [];
      return run(
        [
          ...place(token),
          '--login',
          '--pin',
          'env:PROBITY_TOKEN_PIN',
          '--sign',
          ...select,
          '--mechanism',
          mechanism(algorithm),
          ...format,
        ],
        keptIn,
        secret,
        input,
      );
    },
  };
  const identity = makeSigner(own.certificate, orderChain(own.certificate, all), key, keptIn, now);
  // A wrong PIN, or a key that is not there, shows now and not in the middle of a run.
  identity.sign(Buffer.from('probity'));
  return identity;
}

function mechanism(algorithm: SignatureAlgorithm): string {
  if (algorithm.kind === 'rsa') return 'SHA256-RSA-PKCS';
  if (algorithm.kind === 'ed25519') return 'EDDSA';
  return 'ECDSA';
}

function place(token: Token): string[] {
  return ['--module', token.module, ...(token.token === undefined ? [] : ['--token-label', token.token])];
}

function certificatesOf(token: Token, keptIn: string): { label: string; id: string; certificate: X509Certificate }[] {
  const listing = run([...place(token), '--list-objects', '--type', 'cert'], keptIn).toString('utf8');
  const entries = listing.split(/^(?=Certificate Object)/m).filter((part) => part.startsWith('Certificate Object'));
  return entries.flatMap((entry) => {
    const label = /^\s*label:\s+(.*)$/m.exec(entry)?.[1]?.trim() ?? '';
    const id = /^\s*ID:\s+([0-9a-f]+)\s*$/m.exec(entry)?.[1] ?? '';
    const select = id ? ['--id', id] : ['--label', label];
    const der = run([...place(token), '--read-object', '--type', 'cert', ...select], keptIn);
    return [{ label, id, certificate: new X509Certificate(der) }];
  });
}

function run(args: readonly string[], keptIn: string, pin?: string, input?: Uint8Array): Buffer {
  const { PROBITY_PASSPHRASE: _hidden, ...environment } = process.env;
  const result = spawnSync(TOOL, args, {
    env: pin === undefined ? environment : { ...environment, PROBITY_TOKEN_PIN: pin },
    ...(input ? { input } : {}),
    timeout: PATIENCE,
    maxBuffer: 2 ** 22,
  });
  if (result.error && 'code' in result.error && result.error.code === 'ENOENT')
    throw new ProbityError('IDENTITY_INVALID', `keys in tokens need the program ${TOOL}, and it was not found`, {
      where: keptIn,
      remedy: 'Install OpenSC',
    });
  const said = result.stderr?.toString('utf8') ?? '';
  if (result.status === 0) return result.stdout;
  if (/CKR_PIN_|PIN/i.test(said))
    throw new ProbityError('IDENTITY_PASSPHRASE', 'the token refused the PIN', { where: keptIn });
  const line = said.split('\n').find((part) => /error|fail|not found/i.test(part));
  throw new ProbityError(
    'IDENTITY_INVALID',
    `the token did not answer${line ? `: ${line.trim().slice(0, 160)}` : ''}`,
    { where: keptIn },
  );
}
