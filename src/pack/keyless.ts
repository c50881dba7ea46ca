import { readEnvelope } from '../pki/dsse.ts';
import type { SignatureReport } from '../verify/signature.ts';
import type { KeylessPolicy } from '../verify/sigstore.ts';
import { ATTESTATION_FILE, SIGSTORE_FILE } from './files.ts';

export interface KeylessReport {
  problems: string[];
  signatures: SignatureReport[];
}

/**
 * The keyless signature of a pack, where there is one or one is asked for: over the statement of the pack's attestation, byte
 * for byte, so that it reaches the same files.
 */
export async function judgeKeyless(
  contents: ReadonlyMap<string, Buffer>,
  policy: KeylessPolicy | undefined,
): Promise<KeylessReport | undefined> {
  const bytes = contents.get(SIGSTORE_FILE);
  if (!bytes)
    return policy
      ? { problems: ['a keyless signature is asked for, and the pack has none'], signatures: [] }
      : undefined;
  const { verifyKeyless } = await import('../verify/sigstore.ts');
  const { problems, signatures, payload } = await verifyKeyless(bytes.toString('utf8'), policy);
  if (problems.length > 0 || payload === undefined) return { problems, signatures };
  if (payload !== attestedPayload(contents))
    return { problems: ['was made over another statement than the attestation'], signatures: refused(signatures) };
  return { problems, signatures };
}

/** A signature over something else says nothing of this pack. */
function refused(signatures: readonly SignatureReport[]): SignatureReport[] {
  return signatures.map(({ trustedBy: _by, ...one }) => ({
    ...one,
    integrity: false,
    trusted: false,
    reason: 'it is over another statement than the attestation',
  }));
}

function attestedPayload(contents: ReadonlyMap<string, Buffer>): string | undefined {
  const bytes = contents.get(ATTESTATION_FILE);
  if (!bytes) return undefined;
  try {
    return Buffer.from(readEnvelope(bytes.toString('utf8'), ATTESTATION_FILE).payload, 'base64').toString('base64');
  } catch {
    return undefined;
  }
}
