import type { Handed } from '../pack/read.ts';
import { ATTACK_CLASSES } from '../terms.ts';
import { TOOL } from '../tool.ts';
import type { Decision } from './decide.ts';
import { decisionDocument } from './documents.ts';
import type { GatePolicy } from './policy.ts';

/** https://slsa.dev/spec/v1.1/verification_summary; the statement around it: https://github.com/in-toto/attestation */
const PREDICATE_TYPE = 'https://slsa.dev/verification_summary/v1';
const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
/** Where what the format has no field for stands in the predicate. */
const EXTENSION = 'urn:probity:gate:v1';

/** A policy with the digest of the file that it was read from. */
export interface StatedPolicy {
  policy: GatePolicy;
  uri: string;
  sha256: string;
}

/**
 * A verification summary for admission at deployment: what was decided about the artifacts, by which policy, from which
 * attestations. Without an artifact it is about the assessment. Levels are ours, one a class, and only those that were asked.
 */
export function verificationSummary(
  decision: Decision,
  { policy, uri, sha256 }: StatedPolicy,
  handed: Handed,
  artifacts: readonly { name: string; sha256: string }[],
): { predicate: { verificationResult: string; verifiedLevels: string[] } & Record<string, unknown> } & Record<
  string,
  unknown
> {
  const open = decision.state === 'open';
  const { reasons, held } = decisionDocument(decision);
  const asked = ATTACK_CLASSES.filter((attackClass) => policy.classes[attackClass] !== undefined);
  const subjects = artifacts.length > 0 ? artifacts : [{ name: 'assessment.json', sha256: handed.sha256 }];
  return {
    _type: STATEMENT_TYPE,
    subject: subjects.map((one) => ({ name: one.name, digest: { sha256: one.sha256 } })),
    predicateType: PREDICATE_TYPE,
    predicate: {
      verifier: { id: 'urn:probity:gate', version: { [TOOL.name]: TOOL.version } },
      timeVerified: `${decision.asOf.slice(0, 10)}T00:00:00Z`,
      resourceUri: artifacts[0]?.name ?? `urn:probity:system:${handed.assessment.system.id}`,
      policy: { uri, digest: { sha256 } },
      inputAttestations: handed.attestations.map((one) => ({ uri: one.name, digest: { sha256: one.sha256 } })),
      verificationResult: open ? 'PASSED' : 'FAILED',
      verifiedLevels: open
        ? asked
            .filter((attackClass) => handed.assessment.verdicts[attackClass].state === 'satisfied')
            .map((attackClass) => `PROBITY_${attackClass.toUpperCase().replaceAll('-', '_')}_SATISFIED`)
        : ['FAILED'],
      [EXTENSION]: {
        policy: policy.id,
        system: handed.assessment.system.id,
        assessment: { sha256: handed.sha256, asOf: handed.assessment.asOf },
        classes: Object.fromEntries(
          asked.map((attackClass) => [
            attackClass,
            {
              verdict: handed.assessment.verdicts[attackClass].state,
              open: decision.judged.every((one) => one.attackClass !== attackClass || one.holds === true),
            },
          ]),
        ),
        reasons,
        held: held.length,
      },
    },
  };
}
