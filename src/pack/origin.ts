import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Assessment } from '../assess/assessment.ts';
import { ProbityError } from '../errors.ts';
import { sealEnvelope } from '../pki/dsse.ts';
import type { Signer } from '../pki/signer.ts';
import type { AssessmentOrigin } from '../report/signing.ts';
import { sha256, verifyAttestation } from './attestation.ts';
import { ASSESSMENT_ATTESTATION_FILE, ATTESTATION_FILE } from './files.ts';
import { reperform } from './reperform.ts';
import { packStatement } from './statement.ts';

/* What shows that an assessment that is read from a file is the one that evidence gave. */

/** The envelope over an assessment by itself: a DSSE statement over its digest. `text` is the file as it is written. */
export function attestAssessment(assessment: Assessment, text: string, identity: Signer): string {
  return sealEnvelope(packStatement(assessment, new Map([['assessment.json', Buffer.from(text)]]), []), identity);
}

/**
 * What shows where an assessment comes from. With `evidence` it is performed again; else a statement over its digest is
 * looked for beside it.
 * @param config the workspace file of that evidence; default `probity.yaml` in it
 * @throws ProbityError ASSESSMENT_INVALID when the evidence gives another assessment
 */
export async function originOf(
  file: string,
  evidence: string | undefined,
  config: string | undefined,
  controls: readonly string[] = [],
  responses?: string,
): Promise<AssessmentOrigin> {
  if (evidence !== undefined) {
    const { same, differences } = await reperform(file, evidence, config, controls, responses);
    const [first, ...more] = differences;
    if (!same && first)
      throw new ProbityError(
        'ASSESSMENT_INVALID',
        `its evidence gives another assessment: at ${first.at} it says ${first.recorded}, the evidence ${first.recomputed}${more.length > 0 ? ` (and ${more.length} more)` : ''}`,
        { where: file, remedy: 'Make it anew with: probity assess' },
      );
    return { kind: 'performed-again' };
  }
  const digest = sha256(readFileSync(file));
  for (const name of [ASSESSMENT_ATTESTATION_FILE, ATTESTATION_FILE]) {
    const beside = path.join(path.dirname(file), name);
    if (!existsSync(beside)) continue;
    const { statement, signatures } = verifyAttestation(readFileSync(beside, 'utf8'), beside, []);
    const [signature] = signatures;
    if (signature?.integrity && statement?.subject.some((one) => one.digest.sha256 === digest))
      return { kind: 'attested', by: signature.signer, fingerprint: signature.fingerprint };
  }
  return { kind: 'not-attested' };
}
