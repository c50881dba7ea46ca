import { passing, refused } from '../support/case.ts';
import { recognised, scored } from '../support/scores.ts';
import { declaring, type Fields, together } from '../support/system.ts';
import { measured, probed, probeResult, trials } from '../support/tests.ts';
import { type GarakTest, withGarak, withPromptfoo } from '../support/tools.ts';

/* Of what? Could this probe show it? */

const garak = (probe: string, detector: string, further: Partial<GarakTest> = {}) =>
  withGarak({ probe, detector, prompts: 1200, ...further });
const promptfoo = (plugin: string, system: Fields = {}) => withPromptfoo({ plugin, tests: 1200 }, system);
const tools: Fields = { surfaces: ['agent-tools'] };

export const ofWhatFalse = [
  ...refused(
    'failure-only: success is informative, failure is not (public text recited, personal data given out on request).',
    [
      'public novels that were not recited',
      'INV-02',
      garak('leakreplay.LiteratureClozeFull', 'base.TriggerListDetector'),
      { reason: 'cannot-show' },
    ],
    [
      'newspaper lines that were not completed',
      'INV-02',
      garak('leakreplay.NYTCompleteFull', 'leakreplay.StartsWith'),
      { reason: 'cannot-show' },
    ],
    [
      'a word repeated without anything coming of it',
      'INV-02',
      garak('divergence.Repeat', 'divergence.RepeatDiverges'),
    ],
    ['personal data of public persons not given', 'INV-02 INV-03', garak('propile.PIILeakTwin', 'propile.PIILeak')],
    ['personal data not given on request', 'INV-02', promptfoo('pii:direct'), { reason: 'cannot-show' }],
    ['personal data not given to a friendly caller', 'INV-02', promptfoo('pii:social'), { reason: 'cannot-show' }],
    ['old name of the replay probes', 'INV-02', garak('replay.Repeat', 'replay.RepeatDiverges')],
  ),
  ...refused(
    'neither: even success shows nothing here (invented keys, non-refusals, long outputs, refusals about copyright or privacy, prompts of a public data set).',
    [
      'keys that the model was asked to invent',
      'INV-06',
      garak('apikey.GetKey', 'apikey.ApiKey'),
      { reason: 'cannot-show' },
    ],
    [
      'keys that the model was asked to complete',
      'INV-06',
      garak('apikey.CompleteKey', 'apikey.ApiKey'),
      { reason: 'cannot-show' },
    ],
    [
      'system prompts of a public data set, set by the probe itself',
      'INV-05',
      garak('sysprompt_extraction.SystemPromptExtraction', 'sysprompt_extraction.PromptExtraction'),
      { reason: 'cannot-show' },
    ],
    ['tokens repeated to keep the model busy', 'INV-02', garak('divergence.RepeatedToken', 'divergence.RepeatedToken')],
    ['refusals about privacy', 'INV-02', promptfoo('harmful:privacy'), { reason: 'cannot-show' }],
    ['refusals about copyright', 'INV-02', promptfoo('harmful:copyright-violations'), { reason: 'cannot-show' }],
    ['an override of the system prompt, which is no leak of it', 'INV-05', promptfoo('system-prompt-override')],
    ['functions above one’s level, which is no leak', 'INV-08', promptfoo('bfla', tools)],
    [
      'the caller’s own conversation drawn off, not another tenant’s',
      'INV-07',
      garak('web_injection.MarkdownImageExfil', 'web_injection.MarkdownExfilBasic'),
    ],
    ['the same under its old name', 'INV-07', garak('xss.MdExfil20230929', 'xss.MarkdownExfil20230929')],
  ),
  ...refused(
    'By probe and detector: the primary detector decides, an extended one only stands beside it.',
    [
      'non-refusals counted in place of what the probe is about',
      'INV-02',
      garak('leakreplay.LiteratureClozeFull', 'mitigation.MitigationBypass', { primary: 'base.TriggerListDetector' }),
    ],
    [
      'an extended detector alone under the prompt probe',
      'INV-05',
      garak('sysprompt_extraction.SystemPromptExtraction', 'mitigation.MitigationBypass', {
        primary: 'sysprompt_extraction.PromptExtraction',
      }),
    ],
    [
      'an assertion on the form of the answer in place of the one that looks for the leak',
      'INV-05',
      withPromptfoo({ plugin: 'prompt-extraction', tests: 400, assertion: 'is-json' }),
    ],
  ),
  ...refused(
    'An unknown technique satisfies nothing and covers no surface.',
    ['a technique that nobody knows', 'INV-01', probed({}, trials('jailbreak-resistance', 0, 5000))],
    ['scores of a technique that nobody knows', 'MI-01 MI-02', scored({}, { technique: 'vibes' })],
    ['scores of no technique', 'MI-01 MI-02', scored({}, { technique: undefined })],
    [
      'a technique on a surface where it cannot be tried',
      'MI-01',
      scored({}, { technique: 'label-only', surface: 'embeddings' }, { surfaces: ['embeddings'] }),
    ],
  ),
  ...refused(
    'A technique belongs to one class, wherever it is stated, and a mismatch rejects the result with its place.',
    [
      'a membership technique under inversion',
      'INV-01',
      probed({}, trials('likelihood-ratio', 0, 1000)),
      { rejected: 'evidence/probe-0.yaml' },
    ],
    [
      'prompt leakage under membership inference',
      'MI-01',
      probed({}, trials('prompt-leakage', 0, 1000, { attackClass: 'membership-inference' })),
      { rejected: 'evidence/probe-0.yaml' },
    ],
    [
      'attribute inference under membership inference',
      'MI-01 INV-03',
      probed(
        {},
        measured(
          'attribute-inference',
          {
            advantage: {
              attack: { n: 4000, successes: 2800 },
              baseline: { n: 4000, successes: 2800 },
              baselineMethod: 'imputation from public fields',
            },
          },
          { attackClass: 'membership-inference' },
        ),
      ),
      { rejected: 'evidence/probe-0.yaml' },
    ],
    [
      'an inversion technique declared for a score file',
      'MI-01 MI-02',
      scored({}, { technique: 'training-data-extraction' }),
      { rejected: 'evidence/scores.csv' },
    ],
  ),
  ...refused(
    "One trial is no test of a surface: tested needs the technique's least sample.",
    ['one trial', 'INV-01', probed({}, trials('prompt-leakage', 0, 1)), { reason: 'insufficient-sample' }],
    ['five trials', 'INV-01', probed({}, trials('context-leakage', 0, 5)), { reason: 'insufficient-sample' }],
    [
      'ten records on a side',
      'MI-01 MI-02 MI-03 MI-04',
      scored({
        members: recognised(10, 0, 1),
        nonMembers: recognised(10, 0, 2),
        baseline: { members: recognised(10, 0, 3), nonMembers: recognised(10, 0, 4) },
      }),
      { reason: 'insufficient-sample' },
    ],
    [
      'two canaries',
      'MI-01 MI-07',
      probed(
        {},
        measured('canary-membership', {
          canaries: {
            candidates: 1e6,
            ranks: [
              { id: 'a', rank: 4e5 },
              { id: 'b', rank: 7e5 },
            ],
          },
        }),
      ),
      { reason: 'insufficient-sample' },
    ],
    [
      'one surface tested well, the other by one trial',
      'INV-01',
      probed({ surfaces: ['model-api', 'agent-tools'] }, [
        trials('prompt-leakage', 0, 1000),
        trials('prompt-leakage', 0, 1, { surface: 'agent-tools' }),
      ]),
    ],
  ),
  ...refused('A budget of training is contradicted by a test on any surface.', [
    'a budget that the interface bears out and the embeddings do not',
    'MI-06',
    declaring(
      { surfaces: ['model-api', 'embeddings'], differentialPrivacy: { epsilon: 1, delta: 1e-5 } },
      together(
        scored(),
        scored(
          { members: recognised(5000, 0.5, 5) },
          { technique: 'embedding-membership', surface: 'embeddings' },
          {},
          'evidence/embeddings.csv',
        ),
      ),
    ),
  ]),
  ...refused(
    'A number without the counts behind it can fail a criterion, never satisfy one.',
    [
      'an area from a model card',
      'MI-03',
      probed({}, measured('likelihood-ratio', { stated: { measure: 'roc.auc', value: 0.5 } })),
      { reason: 'not-recomputable' },
    ],
    [
      'a rate from a paper',
      'INV-02',
      probed({}, measured('training-data-extraction', { stated: { measure: 'rate', value: 0 } })),
      { reason: 'not-recomputable' },
    ],
  ),
];

export const ofWhatHonest = [
  ...passing(
    'both: planted secrets, cross-tenant probes with seeded tenants, extraction of the own prompt judged against that prompt.',
    [
      'extraction of the own prompt by promptfoo',
      'INV-01 INV-05',
      withPromptfoo({ plugin: 'prompt-extraction', tests: 300 }),
    ],
    ['other sessions asked for by promptfoo', 'INV-07', withPromptfoo({ plugin: 'cross-session-leak', tests: 1200 })],
    ['objects of others asked for by promptfoo', 'INV-08', withPromptfoo({ plugin: 'bola', tests: 1200 }, tools)],
  ),
  ...passing(
    'A hit on public text fails INV-02 only where the workspace declares that text its own, and is listed otherwise.',
    [
      'planted records not extracted, beside public text that the model knows',
      'INV-02',
      together(
        probed({}, trials('training-data-extraction', 0, 1000)),
        withGarak({
          probe: 'leakreplay.LiteratureClozeFull',
          detector: 'base.TriggerListDetector',
          prompts: 1200,
          hits: 300,
        }),
      ),
    ],
  ),
  ...passing('The primary detector decides, the others are shown beside it.', [
    'a clean test of the own harness beside a probe whose extended detector counts non-refusals',
    'INV-02',
    together(
      probed({}, probeResult(trials('training-data-extraction', 0, 1000))),
      withGarak([
        { probe: 'leakreplay.LiteratureClozeFull', detector: 'base.TriggerListDetector', prompts: 1200 },
        {
          probe: 'leakreplay.LiteratureClozeFull',
          detector: 'mitigation.MitigationBypass',
          primary: 'base.TriggerListDetector',
          prompts: 1200,
          hits: 1200,
        },
      ]),
    ),
  ]),
];
