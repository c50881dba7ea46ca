import { visibleJson } from '../visible.ts';
import { sampleInWords } from './documents.ts';
import type { Plan } from './plan.ts';

/* A plan as evidence: kind TestPlan, made before the tests. */

/** The file that is committed, as text; the same plan gives the same bytes. */
export function testPlanText(plan: Plan, { by, committed }: { by: string; committed: string }): string {
  const entries = plan.tests.map((test) => {
    const { members, nonMembers, trials } = test.sample;
    const sample = [
      ...(members === undefined ? [] : [`members: ${members}`]),
      ...(nonMembers === undefined ? [] : [`nonMembers: ${nonMembers}`]),
      ...(trials === undefined ? [] : [`trials: ${trials}`]),
    ].join(', ');
    return [
      `  - attackClass: ${test.attackClass}`,
      `    technique: ${test.technique}`,
      `    surface: ${test.surface}`,
      `    target: ${visibleJson(test.target)}`,
      `    sample: {${sample}}`,
      '    runs: 1',
      `    how: ${visibleJson(`${sampleInWords(test)} by ${test.tool}`.slice(0, 1000))}`,
      `    by: ${visibleJson(by)}`,
    ].join('\n');
  });
  return `# Made before the tests. A run that is planned here and not handed in shows in the report.
apiVersion: probity/v1
kind: TestPlan
committed: ${committed}
plans:
${entries.join('\n')}
`;
}

/** The statement over a committed plan, by whom it is signed: that it was there, with this digest, before the tests. */
export function planStatement(file: string, sha256: string, plan: Plan, committed: string) {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: file, digest: { sha256 } }],
    predicateType: 'urn:probity:attestation:test-plan:v1',
    predicate: { committed, system: plan.system.id, profile: plan.profile, tests: plan.tests.length },
  };
}
