import { type Assessment, soundAssessment } from '../assess/assessment.ts';
import { fingerprint, subjectName } from '../pki/certificates.ts';
import type { Signer } from '../pki/signer.ts';
import { type AssessmentOrigin, type SigningStatement, signingLine } from '../report/signing.ts';
import { sealStatement } from './attestation.ts';
import { ATTESTATION_FILE, MANIFEST } from './files.ts';
import type { Format, SigningOptions } from './formats/format.ts';
import { packStatement, type ReleaseSubject } from './statement.ts';

export interface PackOptions {
  formats: readonly Format[];
  /** Without an identity nothing is signed and there is no attestation. */
  identity?: Signer;
  signing: SigningOptions;
  releases?: readonly ReleaseSubject[];
  /** Where the assessment comes from, when it was read from a file. */
  origin?: AssessmentOrigin;
  onStep?: (what: string) => void;
}

/**
 * Assessment to a pack held in memory: reports rendered, signed, and attested over. Names to bytes, in writing order.
 * @throws ProbityError ASSESSMENT_INVALID for what our own schema would refuse to read again
 */
export async function buildPack(assessment: Assessment, options: PackOptions): Promise<Map<string, Uint8Array>> {
  const { identity, signing } = options;
  soundAssessment(assessment);
  const statement = identity
    ? { ...describe(identity, signing), ...(options.origin ? { origin: options.origin } : {}) }
    : undefined;
  const files = new Map<string, Uint8Array>();
  for (const format of [...options.formats, MANIFEST]) {
    options.onStep?.(format.title);
    const rendered = await format.render(assessment, statement);
    files.set(format.file, identity && format.sign ? await format.sign(rendered, identity, signing) : rendered);
  }
  if (identity) {
    options.onStep?.('attestation');
    files.set(
      ATTESTATION_FILE,
      await sealStatement(
        packStatement(assessment, files, options.releases ?? [], signingLine(statement)),
        identity,
        signing,
      ),
    );
  }
  return files;
}

function describe(identity: Signer, signing: SigningOptions): SigningStatement {
  return {
    signer: subjectName(identity.certificate),
    role: signing.role,
    selfSigned: identity.selfSigned,
    trial: identity.trial,
    fingerprint: fingerprint(identity.certificate),
  };
}
