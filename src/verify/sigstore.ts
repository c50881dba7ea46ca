import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Bundle } from '@sigstore/bundle';
import type { TrustMaterial } from '@sigstore/verify';
import { messageOf, ProbityError, whyUnread } from '../errors.ts';
import { fingerprint, issuerName } from '../pki/certificates.ts';
import { IN_TOTO_TYPE, verifyEnvelope } from '../pki/dsse.ts';
import type { FileVerdict } from './pdf.ts';
import type { SignatureReport } from './signature.ts';

/*
 * Keyless signatures: Sigstore bundles over an in-toto statement. https://docs.sigstore.dev/about/bundle/ Without a policy
 * only the signature's mathematics are checked; who signed is then claimed, as everywhere.
 */

/** The level that keyless signatures are reported at. */
export const KEYLESS_LEVEL = 'Sigstore bundle, in-toto Statement v1';

/** Who must have signed, to the letter, and whose word is taken for it. */
export interface KeylessPolicy {
  /** The subject of the certificate: a workflow's address, or an e-mail address. */
  identity: string;
  /** The address of the OIDC provider that vouched for it. */
  issuer: string;
  root: KeylessRoot;
}

interface KeylessRoot {
  material: TrustMaterial;
  /** Whether the instance has logs of these kinds; those it has must have an entry. */
  logs: boolean;
  certificateLogs: boolean;
}

/**
 * The trusted root of a Sigstore instance.
 * @param file a `trusted_root.json`; without it the root of the public instance is fetched and checked (TUF)
 * @throws ProbityError IDENTITY_INVALID, NETWORK_FAILED
 */
export async function loadKeylessRoot(file: string | undefined): Promise<KeylessRoot> {
  const { toTrustMaterial } = await library(() => import('@sigstore/verify'));
  const root = file === undefined ? await publicRoot() : await rootOf(file);
  return {
    material: toTrustMaterial(root),
    logs: root.tlogs.length > 0,
    certificateLogs: root.ctlogs.length > 0,
  };
}

async function publicRoot() {
  const { getTrustedRoot } = await library(() => import('@sigstore/tuf'));
  return getTrustedRoot().catch((error: unknown) => {
    throw new ProbityError('NETWORK_FAILED', `the trusted root of Sigstore cannot be fetched (${messageOf(error)})`, {
      remedy: 'Give it with --trusted-root FILE',
      cause: error,
    });
  });
}

async function rootOf(file: string) {
  const { TrustedRoot } = await library(() => import('@sigstore/protobuf-specs'));
  const invalid = (why: string, cause: unknown): ProbityError =>
    new ProbityError('IDENTITY_INVALID', `the trusted root ${why}`, {
      where: file,
      remedy: 'Give the trusted_root.json of the Sigstore instance',
      cause,
    });
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw invalid(whyUnread(error), error);
  });
  try {
    const root = TrustedRoot.fromJSON(JSON.parse(text));
    if (root.certificateAuthorities.length === 0) throw new Error('no certificate authority');
    return root;
  } catch (error) {
    throw invalid('holds no certificate authorities', error);
  }
}

async function library<T>(load: () => Promise<T>): Promise<T> {
  return load().catch((error: unknown) => {
    throw new ProbityError('SIGSTORE_FAILED', 'keyless signatures need a package that was left out at installation', {
      remedy: 'Install probity with its optional dependencies',
      cause: error,
    });
  });
}

export interface KeylessVerdict extends FileVerdict {
  /** The signed statement, base64, when a signature over it holds. */
  payload?: string;
}

/**
 * Checks a bundle. With a policy the certificate must lead to the instance's authority, be in its logs, have been valid when
 * the log or a time-stamp says that it signed, and name exactly this identity and provider.
 */
export async function verifyKeyless(text: string, policy: KeylessPolicy | undefined): Promise<KeylessVerdict> {
  const { bundleFromJSON } = await library(() => import('@sigstore/bundle'));
  let bundle: Bundle;
  try {
    bundle = bundleFromJSON(JSON.parse(text));
  } catch {
    return { problems: ['is no Sigstore bundle'], signatures: [] };
  }
  const { content, verificationMaterial } = bundle;
  const certificate = certificateOf(verificationMaterial.content);
  if (content.$case !== 'dsseEnvelope' || content.dsseEnvelope.payloadType !== IN_TOTO_TYPE || !certificate)
    return { problems: ['is no Sigstore bundle over an in-toto statement, with its certificate'], signatures: [] };
  const [signature] = content.dsseEnvelope.signatures;
  const payload = Buffer.from(content.dsseEnvelope.payload).toString('base64');
  const entry = verificationMaterial.tlogEntries[0];
  const seconds = Number(entry?.integratedTime ?? 0);
  const base = {
    signer: subjectOf(certificate),
    issuer: issuerName(certificate),
    fingerprint: fingerprint(certificate),
    level: KEYLESS_LEVEL,
    ...(seconds > 0 ? { timestamp: new Date(seconds * 1000).toISOString(), timestampBy: 'the log of Sigstore' } : {}),
  };
  const envelope = { payload, payloadType: IN_TOTO_TYPE, signatures: [] };
  const sig = Buffer.from(signature?.sig ?? []).toString('base64');
  if (!verifyEnvelope(envelope, { keyid: '', sig, cert: '' }, certificate))
    return broken(base, 'the statement was changed after signing');
  if (!policy)
    return {
      problems: [],
      signatures: [
        {
          ...base,
          ...(seconds > 0 ? { timestampTrusted: false } : {}),
          integrity: true,
          trusted: false,
          reason: 'who that is was not checked: pass --certificate-identity and --certificate-oidc-issuer',
        },
      ],
      payload,
    };
  const { Verifier, toSignedEntity } = await library(() => import('@sigstore/verify'));
  try {
    const verifier = new Verifier(policy.root.material, {
      tlogThreshold: policy.root.logs ? 1 : 0,
      ctlogThreshold: policy.root.certificateLogs ? 1 : 0,
      timestampThreshold: 1,
    });
    // The library would take the identity for a pattern; here it is compared to the letter.
    const { identity } = verifier.verify(toSignedEntity(bundle));
    const found = { identity: identity?.subjectAlternativeName, issuer: identity?.extensions?.issuer };
    if (found.identity !== policy.identity)
      return broken(base, `was signed by ${found.identity ?? 'nobody by name'}, not by ${policy.identity}`);
    if (found.issuer !== policy.issuer)
      return broken(base, `${found.issuer ?? 'no identity provider'} vouched for its signer, not ${policy.issuer}`);
    return {
      problems: [],
      signatures: [
        {
          ...base,
          ...(seconds > 0 ? { timestampTrusted: true } : {}),
          integrity: true,
          trusted: true,
          trustedBy: `Sigstore, on the word of ${policy.issuer}`,
        },
      ],
      payload,
    };
  } catch (error) {
    return broken(base, `does not hold by the trusted root (${messageOf(error).split('\n')[0]})`);
  }
}

function broken(base: Omit<SignatureReport, 'integrity' | 'trusted'>, reason: string): KeylessVerdict {
  return {
    problems: [`the keyless signature ${reason}`],
    signatures: [{ ...base, integrity: false, trusted: false, reason }],
  };
}

function certificateOf(content: Bundle['verificationMaterial']['content']): X509Certificate | undefined {
  const bytes =
    content.$case === 'certificate'
      ? content.certificate.rawBytes
      : content.$case === 'x509CertificateChain'
        ? content.x509CertificateChain.certificates[0]?.rawBytes
        : undefined;
  try {
    return bytes === undefined ? undefined : new X509Certificate(bytes);
  } catch {
    return undefined;
  }
}

/** The first alternative name, which is all that Fulcio's certificates have. */
function subjectOf(certificate: X509Certificate): string {
  return (certificate.subjectAltName ?? '').split(', ')[0]?.replace(/^[\w ]+?:/, '') || 'unknown';
}
