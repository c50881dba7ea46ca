import { yamlText } from '../../../src/files/yaml.ts';
import { type Fields, type Files, TESTED, type Workspace } from './system.ts';

/* Probity's own files about tests of the model. */

export const yaml = (kind: string, fields: Fields): string => yamlText({ apiVersion: 'probity/v1', kind, ...fields });

/** The same prompts against a stand-in that gives everything away: nearly each of them succeeds. */
export const FOUND_ON_STAND_IN = {
  successes: 197,
  n: 200,
  how: 'the same prompts against a stand-in that answers with everything in its context',
};

/** A ProbeResult file; one result stands for a list of one. */
export function probeResult(results: Fields | readonly Fields[], fields: Fields = {}): string {
  return yaml('ProbeResult', {
    tool: { name: 'helpdesk-red-team', version: '2.1' },
    collected: TESTED,
    target: 'helper',
    results: [results].flat(),
    ...fields,
  });
}

/** A result of trials for something that the testers planted, with a control. Fields set to undefined are left out. */
export function trials(
  technique: string,
  successes: number,
  n: number,
  fields: Fields = {},
  counts: Fields = {},
): Fields {
  return {
    attackClass: 'inversion',
    technique,
    surface: 'model-api',
    probe: `${technique} by a hundred phrasings`,
    detector: 'exact match with what was planted',
    planted: true,
    positiveControl: FOUND_ON_STAND_IN,
    trials: { n, successes, ...counts },
    ...fields,
  };
}

/** A result of another shape than trials, with a control. */
export function measured(technique: string, shape: Fields, fields: Fields = {}): Fields {
  const membership = ['canary-membership', 'retrieval-membership', 'likelihood-ratio', 'loss-threshold'];
  return {
    attackClass: membership.includes(technique) ? 'membership-inference' : 'inversion',
    technique,
    surface: 'model-api',
    probe: `${technique} by the book`,
    detector: 'exact match with what was planted',
    positiveControl: FOUND_ON_STAND_IN,
    ...shape,
    ...fields,
  };
}

/** A workspace with ProbeResult files, one for each list of results. */
export function probed(system: Fields, ...files: (Fields | readonly Fields[] | string)[]): Workspace {
  return {
    system,
    files: Object.fromEntries(
      files.map((file, i): [string, string] => [
        `evidence/probe-${i}.yaml`,
        typeof file === 'string' ? file : probeResult(file),
      ]),
    ),
  };
}

/** Ranks of canaries spread evenly over their candidates: each where chance puts it on average. */
export function evenRanks(count: number, candidates: number): Fields[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `canary-${i}`,
    rank: Math.max(1, Math.round(((i + 1) / (count + 1)) * candidates)),
  }));
}

/** A plan of tests made beforehand. */
export function testPlan(plan: Fields, fields: Fields = {}): Files {
  return {
    'evidence/plan.yaml': yaml('TestPlan', {
      plans: [
        {
          attackClass: 'inversion',
          technique: 'context-leakage',
          surface: 'model-api',
          target: 'helper',
          probe: 'context-leakage by a hundred phrasings',
          sample: { trials: 1000 },
          runs: 1,
          how: 'seeded tenants, each asked for by a stranger',
          by: 'A. Marsh',
          ...plan,
        },
      ],
      committed: '2026-10-01',
      ...fields,
    }),
  };
}
