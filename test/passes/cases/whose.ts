import { passing, refused } from '../support/case.ts';
import { noise, privateTable, RECORDS, recognised, scoreCsv, scored } from '../support/scores.ts';
import { declaring, type Fields, MODEL, TARGET, together } from '../support/system.ts';
import { probed, probeResult, trials } from '../support/tests.ts';
import { withGarak, withPromptfoo } from '../support/tools.ts';

/* Whose? Was it this system that was tested? */

const resisted = (fields: Fields = {}) => trials('context-leakage', 0, 1000, fields);
const gaveWay = (fields: Fields = {}) => trials('context-leakage', 400, 1000, fields);
const clozes = { probe: 'leakreplay.LiteratureClozeFull', detector: 'base.TriggerListDetector', prompts: 1200 };
const prompts = { plugin: 'prompt-extraction', tests: 300 };
const anything: Fields = { models: [{ ...MODEL, targets: ['*'] }] };

export const whoseFalse = [
  ...refused(
    'Was it this system that was tested: the target that the tool recorded matches one that the workspace declares.',
    [
      'scores of nobody knows what',
      'MI-01 MI-02 MI-03 MI-04 MI-05',
      scored({}, { target: undefined }),
      { reason: 'unrelated-target' },
    ],
    ['scores of another model', 'MI-02 MI-03', scored({}, { target: 'billing' }), { reason: 'unrelated-target' }],
    [
      'trials of nobody knows what',
      'INV-01 INV-07',
      probed({}, probeResult(resisted(), { target: undefined })),
      { reason: 'unrelated-target' },
    ],
    [
      'trials of a target that the workspace does not declare',
      'INV-07',
      probed({}, probeResult(resisted(), { target: 'openai.OpenAIGenerator/gpt-4o' })),
      { reason: 'unrelated-target' },
    ],
    [
      'a target whose name only begins like the declared one',
      'INV-07',
      probed({}, probeResult(resisted(), { target: 'helper-of-somebody-else' })),
      { reason: 'unrelated-target' },
    ],
    [
      'a target that holds the declared pattern in its middle',
      'INV-07',
      probed({}, probeResult(resisted(), { target: `mirror.of/${TARGET}` })),
      { reason: 'unrelated-target' },
    ],
    [
      'a result of another target in a file of the declared one',
      'INV-07',
      probed({}, resisted({ target: 'openai.OpenAIGenerator/gpt-4o' })),
      { reason: 'unrelated-target' },
    ],
    [
      'a workspace that declares no target of its model',
      'INV-05',
      withPromptfoo(prompts, { models: [{ ...MODEL, targets: undefined }] }),
      { reason: 'unrelated-target' },
    ],
  ),
  ...refused(
    "A tool's own dummy (test.Blank, echo, mockllm) matches only where the workspace names it.",
    [
      "garak's own blank generator under a pattern for anything",
      'INV-01 INV-02',
      withGarak(clozes, { target: 'test.Blank' }, anything),
      { reason: 'unrelated-target' },
    ],
    [
      "garak's repeating generator, named without a family",
      'INV-01 INV-02',
      withGarak(clozes, { target: 'test/Repeat' }, anything),
      { reason: 'unrelated-target' },
    ],
    [
      "garak's generator of filler text",
      'INV-01 INV-02',
      withGarak(clozes, { target: 'test.Lipsum' }),
      { reason: 'unrelated-target' },
    ],
    [
      "promptfoo's echo under a pattern for anything",
      'INV-01 INV-05',
      withPromptfoo({ ...prompts, provider: 'echo' }, anything),
      { reason: 'unrelated-target' },
    ],
    [
      "promptfoo's echo, declared to be the model by whoever keeps the file",
      'INV-05',
      declaring(
        { sources: [{ match: 'evidence/promptfoo.json', target: 'helper' }] },
        withPromptfoo({ ...prompts, provider: 'echo' }),
      ),
    ],
    [
      "garak's blank generator, declared to be the model by whoever keeps the file",
      'INV-01',
      declaring(
        { sources: [{ match: 'evidence/*.jsonl', target: 'helper' }] },
        withGarak(clozes, { target: 'test.Blank' }),
      ),
    ],
    [
      'a stand-in of another tool under a pattern for anything',
      'INV-07',
      probed(anything, probeResult(resisted(), { target: 'mockllm/model' })),
      { reason: 'unrelated-target' },
    ],
  ),
  ...refused(
    'A failing test of an undeclared target blocks the passes of its technique until the target is declared or ignored with a reason.',
    [
      'a clean run of the declared target beside a failing one of an undeclared target',
      'INV-07',
      probed({}, resisted(), probeResult(gaveWay(), { target: 'staging' })),
    ],
    [
      'a failing run of nobody knows what beside a clean one',
      'INV-07',
      probed({}, resisted(), probeResult(gaveWay(), { target: undefined })),
    ],
    [
      'two providers in one file, the undeclared one giving its prompt away',
      'INV-05',
      withPromptfoo([
        { ...prompts, label: '' },
        { ...prompts, provider: 'openai:chat:helper-next', hits: 200 },
      ]),
    ],
    [
      'two declared providers in one file, the second giving its prompt away',
      'INV-05',
      withPromptfoo([prompts, { ...prompts, provider: 'rest.RestGenerator/helper-eu', hits: 200 }]),
      { fails: true },
    ],
    [
      'two results in one file, the undeclared target leaking',
      'INV-07',
      probed({}, [resisted(), gaveWay({ target: 'helper-eu' })]),
    ],
    [
      'a leaking score file of a model that is not declared beside a clean one',
      'MI-02',
      together(
        scored(),
        scored({ members: recognised(5000, 0.3, 5) }, { target: 'helper-next' }, {}, 'evidence/next.csv'),
      ),
    ],
    [
      'a leaking score file that nobody declares, beside a clean one',
      'MI-02',
      together(scored(), {
        system: {},
        files: { 'evidence/more.csv': scoreCsv({ ...privateTable(RECORDS, 8), members: recognised(RECORDS, 0.3, 8) }) },
      }),
    ],
    [
      'a leaking score file of the model that is not said to be of any surface',
      'MI-02',
      together(
        scored(),
        scored({ members: recognised(RECORDS, 0.3, 8) }, { surface: undefined }, {}, 'evidence/more.csv'),
      ),
    ],
    [
      'failing runs set aside by ignoring the very target that the model declares',
      'INV-07',
      probed(
        { ignoredTargets: [{ target: 'rest.RestGenerator/helper-prod', reason: 'old' }] },
        probeResult(gaveWay(), { target: TARGET }),
        probeResult(resisted(), { target: 'rest.RestGenerator/helper-eu' }),
      ),
    ],
    [
      'everything ignored, by one star',
      'INV-07',
      probed({ ignoredTargets: [{ target: '*', reason: 'noise' }] }, resisted(), gaveWay()),
    ],
  ),
  ...refused(
    'Evidence of a surface, model or target that the workspace does not declare makes the class contradictory.',
    [
      'a leaking retrieval store that the workspace does not mention',
      'INV-01',
      probed({}, resisted(), gaveWay({ surface: 'retrieval-store' })),
      { reason: 'contradictory' },
    ],
    [
      'a clean test of tools that the workspace does not mention',
      'INV-01',
      probed({}, resisted(), resisted({ surface: 'agent-tools' })),
      { reason: 'contradictory' },
    ],
    [
      'scores on the weights of a model that is said to be reached through its interface only',
      'MI-01',
      together(scored(), scored(privateTable(RECORDS, 2), { surface: 'model-weights' }, {}, 'evidence/weights.csv')),
      { reason: 'contradictory' },
    ],
    [
      'scores on embeddings that leak, no longer declared',
      'MI-01',
      together(
        scored(),
        scored(
          { members: recognised(5000, 0.3, 5) },
          { technique: 'embedding-membership', surface: 'embeddings' },
          {},
          'evidence/embeddings.csv',
        ),
      ),
      { reason: 'contradictory' },
    ],
  ),
  ...refused(
    'Controls on training are not applicable to a vendor model by a judged statement; credible leakage fails a criterion whatever else is missing.',
    [
      'a model said to be nobody’s training, whose members are recognised',
      'MI-02',
      declaring(
        { models: [{ ...MODEL, training: 'none' }] },
        scored({ members: recognised(5000, 0.3, 5), nonMembers: noise(5000, 6) }),
      ),
    ],
  ),
];

export const whoseHonest = [
  ...passing(
    'The target that the tool recorded matches one that the workspace declares.',
    ['a target by a pattern of its model', 'INV-07', probed({}, probeResult(resisted(), { target: TARGET }))],
    ['a target by the name of its model', 'INV-07', probed({}, resisted())],
    [
      'a target of one result, not of the file',
      'INV-07',
      probed({}, probeResult(resisted({ target: 'helper' }), { target: undefined })),
    ],
    [
      'a target of the whole application',
      'INV-07',
      probed(
        { targets: ['https://helpdesk.example.org/*'] },
        probeResult(resisted(), { target: 'https://helpdesk.example.org/v2/chat' }),
      ),
    ],
    [
      'a provider that promptfoo labels',
      'INV-05',
      withPromptfoo({ ...prompts, provider: 'https://10.0.0.7/chat', label: 'rest.RestGenerator/helper-eu' }),
    ],
  ),
  ...passing(
    'A test of an undeclared target counts for no pass; a failing one blocks until the target is declared or ignored with a reason.',
    [
      'a failing run of a target that is ignored with a reason',
      'INV-07',
      probed(
        { ignoredTargets: [{ target: 'staging', reason: 'a copy with its guards off, kept to try attacks on' }] },
        resisted(),
        probeResult(gaveWay(), { target: 'staging' }),
      ),
    ],
    [
      "the tool's dummy as a check of the harness, ignored with a reason",
      'INV-05',
      together(
        withPromptfoo(prompts, { ignoredTargets: [{ target: 'test.*', reason: 'check of the harness' }] }),
        withGarak(
          clozes,
          { target: 'test.Blank' },
          { ignoredTargets: [{ target: 'test.*', reason: 'check of the harness' }] },
        ),
      ),
    ],
    [
      'a clean run of an undeclared target beside a clean one of the declared',
      'INV-07',
      probed({}, resisted(), probeResult(resisted(), { target: 'staging' })),
    ],
  ),
];
