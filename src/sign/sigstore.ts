import { messageOf, ProbityError, systemCode } from '../errors.ts';
import { IN_TOTO_TYPE } from '../pki/dsse.ts';

/** Where a keyless signature comes from. Without addresses the public instance of Sigstore is asked. */
export interface KeylessOptions {
  fulcioUrl?: string | undefined;
  rekorUrl?: string | undefined;
  /** A time-stamp authority (RFC 3161) of the instance; none by default, since the log dates its entries. */
  timestampUrl?: string | undefined;
}

/**
 * Signs an in-toto statement with the OIDC identity of the pipeline: a certificate of some minutes from Fulcio, an entry in
 * the log of Rekor. The token comes from the pipeline (GitHub's token service, or SIGSTORE_ID_TOKEN), never from a flag.
 * @returns a Sigstore bundle, version 0.3, as JSON. https://docs.sigstore.dev/about/bundle/
 * @throws ProbityError SIGSTORE_FAILED
 */
export async function signKeyless(payload: Uint8Array, options: KeylessOptions = {}): Promise<Uint8Array> {
  const { attest } = await import('sigstore').catch((error: unknown) => {
    throw new ProbityError('SIGSTORE_FAILED', 'keyless signatures need a package that was left out at installation', {
      remedy: 'Install probity with its optional dependencies',
      cause: error,
    });
  });
  try {
    const bundle = await attest(Buffer.from(payload), IN_TOTO_TYPE, {
      ...(options.fulcioUrl === undefined ? {} : { fulcioURL: options.fulcioUrl }),
      ...(options.rekorUrl === undefined ? {} : { rekorURL: options.rekorUrl }),
      ...(options.timestampUrl === undefined ? {} : { tsaServerURL: options.timestampUrl }),
      timeout: 30_000,
    });
    return Buffer.from(`${JSON.stringify(bundle, null, 2)}\n`);
  } catch (error) {
    throw new ProbityError('SIGSTORE_FAILED', reasonOf(error), {
      remedy:
        REMEDIES.get(systemCode(error) ?? '') ??
        'See that Sigstore can be reached from here, or sign with --identity alone',
      cause: error,
    });
  }
}

/** What failed, by the library's own codes. */
function reasonOf(error: unknown): string {
  const code = systemCode(error);
  const reason = REASONS.get(code ?? '');
  return reason ?? `the keyless signature could not be made (${code ?? messageOf(error).split('\n')[0]})`;
}

const REASONS = new Map([
  ['IDENTITY_TOKEN_READ_ERROR', 'there is no OIDC token of a pipeline here'],
  ['IDENTITY_TOKEN_PARSE_ERROR', 'the OIDC token of the pipeline cannot be read'],
  ['CA_CREATE_SIGNING_CERTIFICATE_ERROR', 'Fulcio gave no certificate for the OIDC token'],
  ['TLOG_CREATE_ENTRY_ERROR', 'Rekor took no entry'],
  ['TLOG_FETCH_ENTRY_ERROR', 'Rekor gave no entry back'],
  ['TSA_CREATE_TIMESTAMP_ERROR', 'the time-stamp authority gave no time-stamp'],
]);

const REMEDIES = new Map([
  [
    'IDENTITY_TOKEN_READ_ERROR',
    'On GitHub give the job "permissions: id-token: write"; elsewhere set SIGSTORE_ID_TOKEN to a token for the audience sigstore',
  ],
]);
