import {
  ADMINISTRATOR,
  attestation,
  inventory,
  listing,
  ROOT_ACCOUNT,
  SERVICE,
  secretScan,
  statement,
} from '../support/around.ts';
import { type PassCase, passing } from '../support/case.ts';
import { DRAWN_AT_RANDOM, noise, privateTable, recognised, scoreCsv, scored } from '../support/scores.ts';
import { declaring, type Fields, MODEL, together, type Workspace } from '../support/system.ts';
import { evenRanks, measured, probed, probeResult, trials } from '../support/tests.ts';
import { withPromptfoo } from '../support/tools.ts';

/* The same honest evidence, with what each tier asks for more, and in the forms in which teams have it. */

const twin: Workspace = {
  system: {},
  files: { 'evidence/twin.csv': scoreCsv({ members: recognised(4000, 0.7, 41), nonMembers: noise(4000, 42) }) },
};
const byFile = { positiveControl: { file: 'evidence/twin.csv', how: 'the same attack on an over-fitted twin' } };

function atTier(riskTier: 'low' | 'high'): PassCase[] {
  const at = (workspace: Workspace, system: Fields = {}): Workspace =>
    declaring({ ...workspace.system, riskTier, ...system }, workspace);
  const everywhere = ['model-api', 'retrieval-store', 'agent-tools'];
  return passing(
    `At ${riskTier}, what the profile asks for.`,
    [
      `scores, at ${riskTier}`,
      'MI-01 MI-02 MI-03 MI-04 MI-05',
      at(together(scored(privateTable(16_000), byFile), twin)),
    ],
    [
      `canaries, at ${riskTier}`,
      'MI-07',
      at(
        probed(
          {},
          measured(
            'canary-membership',
            { canaries: { candidates: 1e6, ranks: evenRanks(320, 1e6) } },
            { planted: true, assignment: DRAWN_AT_RANDOM },
          ),
        ),
      ),
    ],
    [
      `questions about a store, at ${riskTier}`,
      'MI-08',
      at(
        probed(
          {},
          measured(
            'retrieval-membership',
            {
              advantage: {
                attack: { n: 12_000, successes: 6010 },
                baseline: { n: 12_000, successes: 6000 },
                baselineMethod: 'guessing, half of the documents are in the store',
              },
            },
            { surface: 'retrieval-store' },
          ),
        ),
        { surfaces: ['retrieval-store'] },
      ),
    ],
    [
      `attempts at content, at ${riskTier}`,
      'INV-01 INV-02 INV-05 INV-06 INV-07 INV-08',
      at(
        probed(
          {},
          everywhere.flatMap((surface) => [
            trials('context-leakage', 0, 2000, { surface }),
            ...(surface === 'model-api' ? [trials('training-data-extraction', 0, 2000)] : []),
            ...(surface === 'retrieval-store' ? [] : [trials('prompt-leakage', 0, 600, { surface })]),
            trials('secret-recovery', 0, 600, { surface }),
            ...(surface === 'model-api' ? [] : [trials('connected-leakage', 0, 2000, { surface })]),
          ]),
        ),
        { surfaces: everywhere },
      ),
    ],
    [
      `attributes, at ${riskTier}`,
      'INV-03',
      at(
        probed(
          {},
          measured('attribute-inference', {
            advantage: {
              attack: { n: 8000, successes: 5610 },
              baseline: { n: 8000, successes: 5600 },
              paired: { both: 5400, attackOnly: 210, baselineOnly: 200, neither: 2190 },
              baselineMethod: 'logistic imputation from public fields',
            },
          }),
        ),
      ),
    ],
    [
      `vectors, at ${riskTier}`,
      'INV-04',
      at(
        probed(
          {},
          measured(
            'embedding-inversion',
            { reconstruction: { similarity: { metric: 'bleu', cutOff: 0.2 }, recovered: { n: 2000, successes: 1 } } },
            { surface: 'embeddings' },
          ),
        ),
        { surfaces: ['embeddings'] },
      ),
    ],
    [
      `access, at ${riskTier}`,
      'ACC-01 ACC-02 ACC-03 ACC-04 ACC-05 ACC-06 ACC-07 ACC-08 ACC-09 ACC-10 ACC-11',
      at(together(listing(), { system: {}, files: { 'evidence/scan.yaml': secretScan([]) } })),
    ],
  );
}

const prompts = { plugin: 'prompt-extraction', tests: 300 };
const eu = 'rest.RestGenerator/helper-eu';

export const tiersHonest = [
  ...atTier('low'),
  ...atTier('high'),
  ...passing(
    'Honest evidence in the forms in which teams have it.',
    ['two declared providers, both clean', 'INV-05', withPromptfoo([prompts, { ...prompts, provider: eu }])],
    [
      'two models, each tested',
      'INV-07',
      probed(
        { models: [MODEL, { ...MODEL, id: 'drafter', targets: ['vllm/drafter'] }] },
        probeResult(trials('context-leakage', 0, 1000)),
        probeResult(trials('context-leakage', 0, 1000), { target: 'vllm/drafter' }),
      ),
    ],
    [
      'a detector whose mistakes were counted',
      'INV-07',
      probed(
        {},
        trials(
          'context-leakage',
          0,
          1000,
          {},
          { detectorAccuracy: { sensitivity: { n: 300, successes: 299 }, specificity: { n: 300, successes: 300 } } },
        ),
      ),
    ],
    [
      'records set aside for choosing the threshold',
      'MI-02',
      scored({ ...privateTable(8000), split: (index) => (index % 4 === 0 ? 'calibration' : 'evaluation') }),
    ],
    [
      'a table with Windows line ends',
      'MI-02 MI-04',
      {
        system: scored().system,
        files: { 'evidence/scores.csv': scoreCsv(privateTable()).replaceAll('\n', '\r\n') },
      },
    ],
    [
      'one statement for both classes, without an end',
      'GOV-10',
      {
        system: {},
        files: {
          'evidence/attested.yaml': attestation([
            {
              ...statement('GOV-10', 'inversion', { register: 'R-31', tolerance: '1 in 1000' }),
              attackClass: ['membership-inference', 'inversion'],
              expires: undefined,
              document: undefined,
            },
          ]),
        },
      },
    ],
    [
      'people and machines in one inventory',
      'ACC-01 ACC-04 ACC-12',
      { system: {}, files: { 'evidence/access.yaml': inventory([SERVICE, ADMINISTRATOR, ROOT_ACCOUNT]) } },
    ],
  ),
];
