import { ATTACK_CLASSES } from '../../../src/terms.ts';
import {
  ADMINISTRATOR,
  attestation,
  changeLog,
  eventSample,
  interfaceFacts,
  inventory,
  listing,
  ROOT_ACCOUNT,
  SERVICE,
  secretScan,
  statement,
  stating,
  threat,
  threatModel,
  tracedOutputs,
} from '../support/around.ts';
import { passing, refused } from '../support/case.ts';
import { noise, privateTable, RECORDS, scored } from '../support/scores.ts';
import { type Fields, type Files, MODEL, together, type Workspace } from '../support/system.ts';
import { probed, probeResult, trials } from '../support/tests.ts';

/* What people state, and what surrounds the model. */

const files = (named: Files, system: Fields = {}): Workspace => ({ system, files: named });
/** One statement for each class. */
const attest = (control: string, facts: Fields, fields: Fields = {}): Workspace =>
  files({
    'evidence/attested.yaml': attestation(ATTACK_CLASSES.map((one) => statement(control, one, facts, fields))),
  });
const both = (fields: Fields = {}): Fields[] => ATTACK_CLASSES.map((one) => threat(one, fields));
/** A model of Threat Composer with a threat of each class in this status, and mitigations in these linked to both. */
const composed = (status: string, ...mitigations: readonly string[]): Workspace =>
  files(
    {
      'evidence/model.tc.json': JSON.stringify({
        schema: 1,
        applicationInfo: { name: 'Helpdesk assistant' },
        threats: ['Membership inference', 'Model inversion (training data extraction)'].map((what, index) => ({
          id: `t${index}`,
          statement: `${what} through the model API`,
          status,
        })),
        mitigations: mitigations.map((one, index) => ({
          id: `m${index}`,
          content: `Measure ${index + 1}`,
          status: one,
        })),
        mitigationLinks: mitigations.flatMap((_, index) =>
          ['t0', 't1'].map((linkedId) => ({ mitigationId: `m${index}`, linkedId })),
        ),
      }),
    },
    { sources: [{ match: 'evidence/model.tc.json', collected: '2026-11-02' }] },
  );
const vendor: Fields = { models: [{ ...MODEL, provider: 'Example Models Ltd' }] };
const testsOf = (collected: string, name: string): Workspace =>
  together(scored(privateTable(RECORDS, name === 'before' ? 2 : 1), { collected }, {}, `evidence/${name}.csv`), {
    system: {},
    files: {
      [`evidence/${name}.yaml`]: probeResult(trials('context-leakage', 0, 1000), { collected, description: name }),
    },
  });

const OWNERS: Fields = {
  data: 'Data Office',
  training: 'L. Ahn',
  deployment: 'Model Platform',
  prompts: 'Agent Team',
  tools: 'K. Lund',
  incidentResponse: 'A. Marsh',
};
const LEARNT: Fields = {
  trainLoss: 0.41,
  heldOutLoss: 0.43,
  duplicatesRemoved: '2026-08-20',
  protection: 'early-stopping',
};
const LOGGED: Fields = { events: ['model-access', 'tool-call', 'secret-use'], identityInEvent: true };
const ASSESSED: Fields = { residualRisk: 'low', privacyAssessment: 'DPIA-2026-11', assessed: '2026-10-12' };
const SOURCED: Fields = {
  provenance: 'register entry D-114',
  minimisation: 'field list of 2026-06',
  retention: 'three years',
  retentionDays: 1095,
};
const CONTAINED: Fields = { procedure: 'RB-7', exercised: '2026-08-14', minutesToContain: 35 };
const APPROVED: Fields = { approvalFrom: 'medium', approvalPoints: ['send letter', 'change payee'] };
const TOLERATED: Fields = { register: 'R-31', tolerance: '1 in 1000' };
const FIRED: Fields = { rule: 'near-identical prompts from one caller', exercised: '2026-11-11' };
const EVALUATED: Fields = { model: 'helper', evaluated: '2026-08-12' };
const logged = eventSample(
  (['model-access', 'tool-call', 'secret-use', 'data-access'] as const).map((type, i) => ({
    id: `e-${i}`,
    type,
    time: '2026-10-07T09:12:44Z',
    identity: 'service/agent',
  })),
);
const tested = testsOf('2026-11-10', 'tested');
const unreviewed: Fields = { id: 'f-1', rule: 'generic-api-key', file: 'deploy/env.sh', line: 12 };

export const statedFalse = [
  ...refused(
    'An attestation passes only with facts that can be judged (an enumeration, a date, a number, a digest) and are acceptable.',
    ['a residual risk that is critical', 'GOV-05', attest('GOV-05', { ...ASSESSED, residualRisk: 'critical' })],
    ['a residual risk in words', 'GOV-05', attest('GOV-05', { ...ASSESSED, residualRisk: 'we sleep well' })],
    [
      'an assessment that was not done',
      'GOV-05',
      attest(
        'GOV-05',
        { ...ASSESSED, privacyAssessment: 'none was done', assessed: undefined },
        { document: undefined },
      ),
    ],
    [
      'an assessment to be done',
      'GOV-05',
      attest('GOV-05', { ...ASSESSED, privacyAssessment: 'TBD', assessed: undefined }, { document: undefined }),
    ],
    ['duplicates that were not removed', 'MI-10', attest('MI-10', { ...LEARNT, duplicatesRemoved: 'no' })],
    ['no protection, named as one', 'MI-10', attest('MI-10', { ...LEARNT, protection: 'none' })],
    [
      'a loss on held-out records five times that of training',
      'MI-10',
      attest('MI-10', { ...LEARNT, heldOutLoss: 2.05 }),
    ],
    ['losses below zero', 'MI-10', attest('MI-10', { ...LEARNT, trainLoss: -3, heldOutLoss: -2 })],
    ['nobody an owner', 'GOV-04', attest('GOV-04', { ...OWNERS, data: 'nobody', training: 'n/a', tools: '-' })],
    ['owners to be found', 'GOV-04', attest('GOV-04', { ...OWNERS, incidentResponse: 'TBD' })],
    [
      'no provenance, and data kept for ever',
      'GOV-07',
      attest('GOV-07', { ...SOURCED, provenance: 'unknown', retention: 'for ever', retentionDays: undefined }),
    ],
    ['no minimisation', 'GOV-07', attest('GOV-07', { ...SOURCED, minimisation: 'none' })],
    ['a tolerance without a limit', 'GOV-10', attest('GOV-10', { ...TOLERATED, tolerance: 'unlimited' })],
    ['no entry in the register', 'GOV-10', attest('GOV-10', { ...TOLERATED, register: 'none' })],
    ['a containment that takes less than no time', 'MON-04', attest('MON-04', { ...CONTAINED, minutesToContain: -5 })],
    ['a containment that takes two days', 'MON-04', attest('MON-04', { ...CONTAINED, minutesToContain: 2880 })],
    ['no procedure', 'MON-04', attest('MON-04', { ...CONTAINED, procedure: 'none' })],
    ['approval from critical impact on', 'GOV-09', attest('GOV-09', { ...APPROVED, approvalFrom: 'critical' })],
    ['no points of approval', 'GOV-09', attest('GOV-09', { ...APPROVED, approvalPoints: ['none'] })],
    ['no rule', 'MON-02', together(tested, attest('MON-02', { ...FIRED, rule: 'none' }))],
    [
      'identities left out of what is logged',
      'MON-01',
      together(attest('MON-01', { ...LOGGED, identityInEvent: 'no' }), files(logged)),
    ],
  ),
  ...refused(
    'Statements count by who makes them, for what, and when; an unsigned placeholder is nobody.',
    [
      'a statement by Your Name',
      'GOV-05',
      attest('GOV-05', ASSESSED, { by: { name: 'Your Name', role: 'Head of Platform Security' } }),
    ],
    ['a statement by a placeholder', 'GOV-10', attest('GOV-10', TOLERATED, { by: { name: 'TODO', role: 'TODO' } })],
    ['a statement of next year', 'GOV-05', attest('GOV-05', ASSESSED, { issued: '2027-01-10', expires: '2027-12-31' })],
    [
      'a statement that has expired',
      'GOV-05',
      attest('GOV-05', ASSESSED, { issued: '2026-03-01', expires: '2026-09-01' }),
    ],
    [
      'a statement of three years ago',
      'GOV-10',
      attest('GOV-10', TOLERATED, { issued: '2023-11-01', expires: undefined }),
    ],
    ['a statement for another control', 'GOV-05', attest('GOV-07', { ...ASSESSED, ...SOURCED })],
    [
      'a statement for the other class',
      'GOV-05',
      stating('GOV-05', 'membership-inference', ASSESSED),
      { attackClass: 'inversion' },
    ],
    [
      'an evaluation after the first use',
      'GOV-08',
      together(files({}, vendor), attest('GOV-08', { ...EVALUATED, evaluated: '2026-10-01' })),
    ],
    [
      'an evaluation of next year',
      'GOV-08',
      together(files({}, vendor), attest('GOV-08', { ...EVALUATED, evaluated: '2027-03-01' })),
    ],
    [
      'an evaluation of another model',
      'GOV-08',
      together(files({}, vendor), attest('GOV-08', { ...EVALUATED, model: 'helper-2' })),
    ],
    ['an exercise of next year', 'MON-04', attest('MON-04', { ...CONTAINED, exercised: '2027-02-01' })],
    [
      'a rule that fired beside a test of nobody knows what',
      'MON-02',
      together(
        scored({}, { target: undefined }),
        probed({}, probeResult(trials('context-leakage', 0, 1000), { target: 'test.Blank' })),
        attest('MON-02', FIRED),
      ),
    ],
    ['a rule that fired when nobody tested', 'MON-02', attest('MON-02', FIRED)],
  ),
  ...refused(
    'Tests around a deployment are tests: of this system, and enough of one.',
    [
      'one trial before and one after',
      'GOV-06',
      together(
        probed(
          {},
          probeResult(trials('context-leakage', 0, 1), { collected: '2026-08-20' }),
          probeResult(trials('context-leakage', 0, 1), { collected: '2026-10-20' }),
        ),
        scored({ members: [0.1, 0.2], nonMembers: [0.3, 0.1], baseline: undefined }, { collected: '2026-08-20' }),
        scored(
          { members: [0.1, 0.2], nonMembers: [0.3, 0.2], baseline: undefined },
          { collected: '2026-10-20' },
          {},
          'evidence/later.csv',
        ),
      ),
    ],
    [
      "tests of the tool's own dummy on both sides",
      'GOV-06',
      together(
        probed(
          {},
          probeResult(trials('context-leakage', 0, 1000), { collected: '2026-08-20', target: 'test.Blank' }),
          probeResult(trials('context-leakage', 0, 1000), { collected: '2026-10-20', target: 'test.Blank' }),
        ),
        scored({}, { collected: '2026-08-20', target: 'test.Blank' }),
        scored(
          { members: noise(RECORDS, 77) },
          { collected: '2026-10-20', target: 'test.Blank' },
          {},
          'evidence/later.csv',
        ),
      ),
    ],
    ['a test after the deployment only', 'GOV-06', tested],
  ),
  ...refused(
    'A threat model is judged by what it decides, and by its day.',
    [
      'threats of one surface where there are two',
      'GOV-01',
      files(threatModel(both()), { surfaces: ['model-api', 'agent-tools'] }),
    ],
    ['threats without a mitigation', 'GOV-01', files(threatModel(both({ mitigation: undefined })))],
    ['threats whose mitigation is to be written', 'GOV-01', files(threatModel(both({ mitigation: 'TODO' })))],
    [
      'threats set aside as not applicable without a reason',
      'GOV-01 GOV-03',
      files(threatModel(both({ status: 'not-applicable', mitigation: undefined }))),
    ],
    ['threats that a tool calls of no use, without a word', 'GOV-01 GOV-03', composed('threatResolvedNotUseful')],
    [
      'threats resolved by a mitigation that is only identified',
      'GOV-03',
      composed('threatResolved', 'mitigationIdentified'),
    ],
    [
      'threats resolved by a mitigation that was refused',
      'GOV-01 GOV-03',
      composed('threatResolved', 'mitigationResolvedWillNotAction'),
    ],
    [
      'threats resolved by two mitigations of which one is in progress',
      'GOV-03',
      composed('threatResolved', 'mitigationResolved', 'mitigationInProgress'),
    ],
    ['a model of next year', 'GOV-01 GOV-02', files(threatModel(both(), '2027-01-05'))],
    [
      'a model from before the last change',
      'GOV-02',
      files({ ...threatModel(both()), ...changeLog([{ of: 'tool', date: '2026-11-12', surfaces: ['model-api'] }]) }),
    ],
    [
      'a model of the day of the last change',
      'GOV-02',
      files({ ...threatModel(both(), '2026-11-12'), ...changeLog([{ of: 'prompt', date: '2026-11-12' }]) }),
    ],
    ['open threats that nobody owns', 'GOV-03', files(threatModel(both({ owner: undefined })))],
    ['open threats past their day', 'GOV-03', files(threatModel(both({ due: '2026-10-01' })))],
    ['open threats owned by a placeholder', 'GOV-03', files(threatModel(both({ owner: 'TBD' })))],
    ['open threats that are assigned to nobody', 'GOV-03', files(threatModel(both({ owner: 'Unassigned' })))],
    [
      'open threats owned by a cell that could not be worked out',
      'GOV-03',
      files(threatModel(both({ owner: '#REF!' }))),
    ],
  ),
  ...refused(
    'An inventory of another time, or of days that have not come, shows nothing.',
    ['an inventory of last winter', 'ACC-01 ACC-04', listing({}, [], { collected: '2026-01-15' }), { reason: 'stale' }],
    ['an inventory of next year', 'ACC-01 ACC-04', listing({}, [], { collected: '2027-01-15' })],
    [
      'a secret made next year',
      'ACC-03',
      listing({
        credentials: [{ id: 'k', type: 'key', created: '2027-05-01', expires: '2027-06-01', lastUsed: '2026-11-14' }],
      }),
    ],
    [
      'a secret that expires in a hundred years',
      'ACC-03',
      listing({
        credentials: [{ id: 'k', type: 'key', created: '2026-11-01', expires: '2126-01-01', lastUsed: '2026-11-14' }],
      }),
    ],
    ['an identity last used next year', 'ACC-07', listing({ lastUsed: '2027-05-01', credentials: [] })],
    [
      'a key last used next year',
      'ACC-07',
      listing({ credentials: [{ id: 'k', type: 'key', created: '2025-01-01', lastUsed: '2027-05-01' }] }),
    ],
    [
      'a review of next year',
      'ACC-09',
      listing({ thirdParty: { vendor: 'Tickets Ltd', reviewed: '2027-03-01', scopes: ['read'] } }, [], {
        thirdParties: 'listed',
      }),
    ],
  ),
  ...refused(
    'What an inventory says must be so of every identity, and silence is not a yes.',
    ['an identity that nobody owns', 'ACC-01', listing({ owner: undefined })],
    ['an identity owned by a placeholder', 'ACC-01', listing({ owner: 'TBD' })],
    [
      'an identity of two workloads',
      'ACC-02',
      listing({ usedBy: { workloads: ['answering', 'training'], environments: ['production'] } }),
    ],
    ['an identity of nobody knows which workload', 'ACC-02', listing({ usedBy: undefined })],
    [
      'a key of last year',
      'ACC-03',
      listing({
        credentials: [{ id: 'k', type: 'key', created: '2025-01-01', expires: '2027-01-01', lastUsed: '2026-11-14' }],
      }),
    ],
    [
      'a service known by a token of any repository in production',
      'ACC-18',
      listing({
        authentication: {
          method: 'oidc',
          issuer: 'https://tokens.example.org',
          audience: 'api',
          conditions: [
            { claim: 'sub', value: 'repo:example/app' },
            { claim: 'sub', value: 'repo:*' },
            { claim: 'environment', value: 'production' },
          ],
        },
      }),
    ],
    ['everything on everything', 'ACC-04', listing({ entitlements: [{ actions: ['*'], resources: ['*'] }] })],
    ['a service whose rights nobody lists', 'ACC-04', listing({ entitlements: undefined })],
    ['a service that can become what no inventory lists', 'ACC-04 ACC-10', listing({ assumes: ['role/unknown'] })],
    ['two stages in one hand', 'ACC-05', listing({ stages: ['ingestion', 'inference'] })],
    ['all three rights in one hand', 'ACC-06', listing({ rights: ['call-model', 'read-data', 'execute-tools'] })],
    [
      'all three rights by a decision that ended',
      'ACC-06',
      listing({
        rights: ['call-model', 'read-data', 'execute-tools'],
        justification: { reason: 'triage', approvedBy: 'Head of Platform', expires: '2026-10-01' },
      }),
    ],
    [
      'a second service with every right, said to reach another surface only',
      'ACC-04',
      listing({}, [
        {
          ...SERVICE,
          id: 'service/batch',
          reaches: [],
          entitlements: [{ actions: ['*'], resources: ['*'] }],
        },
      ]),
    ],
    [
      'a second service with every right, said to be inactive, with a key in use',
      'ACC-04',
      listing({}, [
        {
          ...SERVICE,
          id: 'service/old',
          active: false,
          entitlements: [{ actions: ['*'], resources: ['*'] }],
          credentials: [{ id: 'k', type: 'key', active: true, created: '2026-11-01', lastUsed: '2026-11-14' }],
        },
      ]),
    ],
    ['a person signing in as a machine', 'ACC-08', listing({ interactive: { enabled: true } })],
    [
      'a vendor never reviewed',
      'ACC-09',
      listing({ thirdParty: { vendor: 'Tickets Ltd' } }, [], { thirdParties: 'listed' }),
    ],
    [
      'a vendor never reviewed, under the statement that there is none',
      'ACC-09',
      listing({ thirdParty: { vendor: 'Tickets Ltd' } }),
    ],
    [
      'an administrator without a second factor',
      'ACC-12',
      listing({}, [{ ...ADMINISTRATOR, mfa: false }, ROOT_ACCOUNT]),
    ],
    [
      'a root account with a key',
      'ACC-12',
      listing({}, [ADMINISTRATOR, { ...ROOT_ACCOUNT, credentials: [{ id: 'k', type: 'key', created: '2026-11-01' }] }]),
    ],
    ['a finding that nobody reviewed', 'ACC-11', files({ 'evidence/scan.yaml': secretScan([unreviewed]) })],
    [
      'a finding that works and was accepted',
      'ACC-11',
      files({
        'evidence/scan.yaml': secretScan([
          { ...unreviewed, verified: true, review: { decision: 'accepted', by: 'A. Marsh', on: '2026-11-14' } },
        ]),
      }),
    ],
    [
      'log probabilities, and no decision',
      'MI-09',
      files({ 'evidence/outputs.yaml': interfaceFacts([{ surface: 'model-api', gives: 'log-probabilities' }]) }),
    ],
    [
      'log probabilities by a decision that ended',
      'MI-09',
      files({
        'evidence/outputs.yaml': interfaceFacts([
          {
            surface: 'model-api',
            gives: 'log-probabilities',
            justification: { reason: 'ranking', approvedBy: 'Risk', expires: '2026-10-01' },
          },
        ]),
      }),
    ],
    [
      'events that name nobody',
      'MON-01',
      together(
        attest('MON-01', LOGGED),
        files(
          eventSample([
            { id: 'a', type: 'model-access', time: '2026-10-07' },
            { id: 'b', type: 'tool-call', time: '2026-10-07' },
            { id: 'c', type: 'secret-use', time: '2026-10-07' },
          ]),
        ),
      ),
    ],
    [
      'events of years ago in a sample of today',
      'MON-01 MON-03',
      together(
        attest('MON-01', LOGGED),
        files(
          eventSample(
            [
              ...tracedOutputs(12),
              { id: 't', type: 'tool-call', identity: 'x' },
              { id: 's', type: 'secret-use', identity: 'x' },
            ].map((event) => ({ ...event, time: '2019-03-01T09:00:00Z' })),
          ),
        ),
      ),
    ],
    ['three outputs traced', 'MON-03', files(eventSample(tracedOutputs(3))), { reason: 'insufficient-sample' }],
  ),
];

export const statedHonest = [
  ...passing(
    'An attestation passes with facts that can be judged and are acceptable.',
    ['a low residual risk, assessed', 'GOV-05', attest('GOV-05', ASSESSED)],
    ['losses close together, duplicates removed', 'MI-10', attest('MI-10', LEARNT)],
    ['an owner for each stage', 'GOV-04', attest('GOV-04', OWNERS)],
    ['provenance, minimisation and retention', 'GOV-07', attest('GOV-07', SOURCED)],
    ['a tolerance for each class', 'GOV-10', attest('GOV-10', TOLERATED)],
    ['a containment that was practised', 'MON-04', attest('MON-04', CONTAINED)],
    ['approval from medium impact on', 'GOV-09', attest('GOV-09', APPROVED)],
    [
      "a vendor's model, evaluated before its first use",
      'GOV-08',
      together(files({}, vendor), attest('GOV-08', EVALUATED)),
    ],
    ['a rule that fired during a test', 'MON-02', together(tested, attest('MON-02', FIRED))],
    ['events logged apart, and a sample of them', 'MON-01', together(attest('MON-01', LOGGED), files(logged))],
    ['outputs traced to who, when and from what', 'MON-03', files(eventSample(tracedOutputs(12)))],
  ),
  ...passing('Tests around a deployment are tests: of this system, and enough of one.', [
    'tests shortly before and after',
    'GOV-06',
    together(testsOf('2026-08-20', 'before'), tested),
  ]),
  ...passing(
    'A threat model is judged by what it decides, and by its day.',
    ['threats of both classes, decided and owned', 'GOV-01 GOV-02 GOV-03', files(threatModel(both()))],
    [
      'threats that do not apply, and why',
      'GOV-01 GOV-03',
      files(
        threatModel(both({ status: 'not-applicable', mitigation: 'The model is never trained on records of people' })),
      ),
    ],
    [
      'threats of Threat Composer, resolved by mitigations that were made',
      'GOV-01 GOV-02 GOV-03',
      composed('threatResolved', 'mitigationResolved', 'mitigationResolved'),
    ],
    [
      'threats of Threat Composer, resolved by one mitigation where another was not chosen',
      'GOV-01 GOV-03',
      composed('threatResolved', 'mitigationResolved', 'mitigationResolvedWillNotAction'),
    ],
    [
      'a model from after the last change',
      'GOV-02',
      files({ ...threatModel(both()), ...changeLog([{ of: 'prompt', date: '2026-10-12' }]) }),
    ],
  ),
  ...passing(
    'What an inventory lists in full, and as it should be.',
    [
      'one service that does one thing',
      'ACC-01 ACC-02 ACC-03 ACC-04 ACC-05 ACC-06 ACC-07 ACC-08 ACC-09 ACC-10',
      listing(),
    ],
    ['administrators with a second factor, root without a key', 'ACC-12', listing({}, [ADMINISTRATOR, ROOT_ACCOUNT])],
    [
      'a vendor that was reviewed',
      'ACC-09',
      listing({ thirdParty: { vendor: 'Tickets Ltd', reviewed: '2026-08-01', scopes: ['read tickets'] } }, [], {
        thirdParties: 'listed',
      }),
    ],
    [
      'all three rights by a decision in force',
      'ACC-06',
      listing({
        rights: ['call-model', 'read-data', 'execute-tools'],
        justification: {
          reason: 'triage needs all three; no other caller',
          approvedBy: 'Head of Platform',
          expires: '2027-03-01',
        },
      }),
    ],
    [
      'two inventories, each of half the identities',
      'ACC-01 ACC-04',
      files({
        'evidence/a.yaml': inventory([SERVICE]),
        'evidence/b.yaml': inventory([
          {
            ...SERVICE,
            id: 'service/search',
            entitlements: [{ actions: ['store:Read'], resources: ['store/tickets'] }],
          },
        ]),
      }),
    ],
    [
      'repositories searched, findings reviewed',
      'ACC-11',
      files({
        'evidence/scan.yaml': secretScan([
          { ...unreviewed, verified: true, review: { decision: 'revoked', by: 'A. Marsh', on: '2026-11-14' } },
        ]),
      }),
    ],
    ['repositories searched, nothing found', 'ACC-11', files({ 'evidence/scan.yaml': secretScan([]) })],
    [
      'labels and rounded scores',
      'MI-09',
      files({
        'evidence/outputs.yaml': interfaceFacts([
          { surface: 'model-api', gives: 'label', audience: 'portal' },
          { surface: 'model-api', gives: 'rounded-score', decimals: 2, audience: 'handlers' },
        ]),
      }),
    ],
    [
      'vectors by a decision in force',
      'MI-09',
      files(
        {
          'evidence/outputs.yaml': interfaceFacts([
            {
              surface: 'embeddings',
              gives: 'embedding',
              audience: 'search',
              justification: {
                reason: 'search compares vectors on its own hosts',
                approvedBy: 'Head of Model Risk',
                expires: '2027-06-30',
              },
            },
          ]),
        },
        { surfaces: ['embeddings'] },
      ),
    ],
  ),
];
