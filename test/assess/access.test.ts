import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BodyOf, ObservationBody } from '../../src/evidence/observation.ts';
import type { IdentityBody } from '../../src/evidence/observations/access.ts';
import { assessed, resultOf, workspace } from '../support/assessing.ts';

/* Each condition of a check on its own, beside the cases of test/controls: what fails it, and what it cannot know. */

const bot = (fields: Partial<IdentityBody> = {}): IdentityBody => ({
  kind: 'identity',
  id: 'bot',
  name: 'bot',
  type: 'machine',
  owner: 'Team',
  statesOwners: true,
  statesType: true,
  active: true,
  lastUsed: '2026-09-20',
  usedBy: { workloads: ['api'], environments: ['production'], tenants: ['one'] },
  interactive: { enabled: false },
  entitlements: [{ actions: ['read'], resources: ['b/x'] }],
  credentials: [
    { id: 'k', type: 'key', active: true, created: '2026-09-01', expires: '2026-12-01', lastUsed: '2026-09-20' },
  ],
  collected: '2026-09-20',
  ...fields,
});
const person = (fields: Partial<IdentityBody> = {}): IdentityBody => ({
  ...bot(),
  id: 'p',
  name: 'p',
  type: 'human',
  admin: true,
  mfa: true,
  credentials: [],
  ...fields,
});
const store = (fields: Partial<BodyOf<'resource'>> = {}): ObservationBody => ({
  kind: 'resource',
  id: 'b/x',
  type: 'data',
  sensitivity: 'internal',
  ...fields,
});

function state(control: string, ...bodies: ObservationBody[]): string {
  const result = resultOf(assessed(bodies), control, 'inversion');
  return result.reason ?? result.state;
}

test('one workload, one environment, one tenant: each alone breaks it', () => {
  assert.equal(state('ACC-02', bot()), 'satisfied');
  for (const usedBy of [
    { workloads: ['a', 'b'], environments: ['e'] },
    { workloads: ['a'], environments: ['e', 'f'] },
    { workloads: ['a'], environments: ['e'], tenants: ['t', 'u'] },
  ])
    assert.equal(state('ACC-02', bot({ usedBy })), 'not-satisfied');
  assert.equal(
    state('ACC-02', bot({ usedBy: { workloads: ['a', 'a'], environments: ['e'] } })),
    'satisfied',
    'one name twice is one',
  );
  assert.equal(state('ACC-02', bot({ usedBy: { workloads: ['a'] } })), 'no-evidence', 'environments are not stated');
});

test('credentials: an old one, a lasting one and an expired one each break it; sessions never do', () => {
  const key = (fields: object) =>
    bot({
      credentials: [{ id: 'k', type: 'key', active: true, created: '2026-09-01', expires: '2026-12-01', ...fields }],
    });
  assert.equal(state('ACC-03', key({})), 'satisfied');
  assert.equal(state('ACC-03', key({ expires: 'never' })), 'not-satisfied');
  assert.equal(state('ACC-03', key({ created: '2026-01-01' })), 'not-satisfied');
  assert.equal(state('ACC-03', key({ expires: '2026-09-29' })), 'not-satisfied');
  assert.equal(state('ACC-03', key({ created: '2020-01-01', expires: undefined, ephemeral: true })), 'satisfied');
  assert.equal(
    state('ACC-03', key({ created: '2020-01-01', expires: 'never', active: false }), bot({ id: 'other' })),
    'satisfied',
  );
});

test('rights: three at once need a decision in force, held or reached', () => {
  const decision = { reason: 'r', approvedBy: 'a' };
  const all: IdentityBody['rights'] = ['call-model', 'read-data', 'execute-tools'];
  assert.equal(state('ACC-06', bot({ rights: all })), 'not-satisfied');
  assert.equal(state('ACC-06', bot({ rights: all, justification: decision })), 'satisfied');
  assert.equal(
    state('ACC-06', bot({ rights: all, justification: { ...decision, expires: '2026-09-29' } })),
    'not-satisfied',
  );
  const reached = bot({ rights: ['call-model'], assumes: ['tools'] });
  const tools = bot({ id: 'tools', rights: ['execute-tools'] });
  assert.equal(
    state('ACC-06', reached, tools, store()),
    'not-satisfied',
    'reading the store and becoming the tools make three',
  );
  assert.equal(state('ACC-06', reached, store()), 'no-evidence', 'nobody lists what it can become');
});

test('a wildcard counts wherever it comes from: held, by a role, or by becoming another', () => {
  const role = (actions: string[]): ObservationBody => ({
    kind: 'role',
    id: 'r',
    name: 'r',
    entitlements: [{ actions, resources: ['*'] }],
  });
  const { entitlements: _none, ...bound } = bot({ roles: ['r'] });
  assert.equal(state('ACC-04', bound, role(['s3:*'])), 'not-satisfied');
  assert.equal(state('ACC-04', bot({ assumes: ['r'] }), role(['*'])), 'not-satisfied');
  assert.equal(state('ACC-04', bound, role(['s3:GetObject'])), 'satisfied');
  assert.equal(state('ACC-04', bound), 'no-evidence', 'nobody lists the role');
});

test('people do not sign in as machines, nor could they', () => {
  assert.equal(state('ACC-08', bot({ interactive: { enabled: true } })), 'not-satisfied');
  assert.equal(state('ACC-08', bot({ interactive: { enabled: false, lastUsed: '2026-01-01' } })), 'not-satisfied');
  assert.equal(state('ACC-08', person(), bot()), 'satisfied', 'a person may');
  const report = bot({ type: 'human', statesType: false, interactive: { enabled: true }, collected: '2026-09-28' });
  const { interactive: _silent, ...stated } = bot();
  assert.equal(
    state('ACC-08', stated, report),
    'not-satisfied',
    'a report guesses a person; the inventory states a machine',
  );
});

test('third parties: reviewed lately, scopes on record, or stated to be none', () => {
  const party = (fields: object) => bot({ thirdParty: { vendor: 'v', reviewed: '2026-09-01', scopes: [], ...fields } });
  assert.equal(state('ACC-09', party({})), 'satisfied');
  for (const fields of [
    { reviewed: undefined },
    { reviewed: '2026-01-01' },
    { reviewed: '2026-10-05' },
    { scopes: undefined },
  ])
    assert.equal(state('ACC-09', party(fields)), 'not-satisfied', JSON.stringify(fields));
  const says = (thirdParties: 'listed' | 'none'): ObservationBody => ({
    kind: 'inventory',
    identities: 1,
    thirdParties,
    collected: '2026-09-20',
  });
  assert.equal(state('ACC-09', bot(), says('none')), 'satisfied');
  assert.equal(state('ACC-09', bot()), 'no-evidence');
});

test('blast radius: the number, the weight and what is not listed each count', () => {
  const grave = Array.from({ length: 4 }, (_, i) => store({ id: `s/${i}`, sensitivity: 'special-category' }));
  assert.equal(state('ACC-10', bot(), store()), 'satisfied');
  assert.equal(
    state('ACC-10', bot({ entitlements: [{ actions: ['r'], resources: ['s/*'] }] }), ...grave),
    'not-satisfied',
    'weight 120 of 100',
  );
  const many = Array.from({ length: 51 }, (_, i) => store({ id: `s/${i}`, sensitivity: 'public' }));
  assert.equal(
    state('ACC-10', bot({ entitlements: [{ actions: ['r'], resources: ['s/*'] }] }), ...many),
    'not-satisfied',
    '51 of 50 resources',
  );
  assert.equal(
    state('ACC-10', bot({ entitlements: [{ actions: ['r'], resources: ['b/x', 'elsewhere'] }] }), store()),
    'no-evidence',
  );
  const { entitlements: _silent, ...silent } = bot();
  assert.equal(state('ACC-10', silent, store()), 'no-evidence');
});

test('an identity whose resources all belong elsewhere is out of reach; one resource without a surface keeps it in', () => {
  const ownerless = bot({ id: 'far', entitlements: [{ actions: ['r'], resources: ['t'] }] });
  const { owner: _owner, ...far } = ownerless;
  const bodies = (surface?: 'agent-tools') => [
    bot(),
    far,
    store({ surface: 'model-api' }),
    store({ id: 't', ...(surface ? { surface } : {}) }),
  ];
  const membership = (...list: ObservationBody[]) => resultOf(assessed(list), 'ACC-01', 'membership-inference').state;
  assert.equal(membership(...bodies('agent-tools')), 'satisfied');
  assert.equal(membership(...bodies()), 'not-satisfied');
});

test('administrators sign in strongly, those who can become one too, and root holds no keys', () => {
  const root = person({ id: 'root', root: true });
  assert.equal(state('ACC-12', person(), root), 'satisfied');
  assert.equal(state('ACC-12', person({ mfa: false }), root), 'not-satisfied');
  assert.equal(state('ACC-12', person({ admin: false, mfa: false, assumes: ['root'] }), root), 'not-satisfied');
  assert.equal(
    state(
      'ACC-12',
      person(),
      person({ id: 'root', root: true, credentials: [{ id: 'k', type: 'key', active: true }] }),
    ),
    'not-satisfied',
  );
  assert.equal(state('ACC-12', person()), 'no-evidence', 'nothing is said of a root account');
});

test("outputs: more than the profile's decimals, an old decision and a surface nobody describes each count", () => {
  const both = workspace('surfaces: [model-api, embeddings]\n');
  const outputs = (...list: Partial<BodyOf<'output'>>[]) => {
    const result = resultOf(
      assessed(
        list.map(
          (one): ObservationBody => ({
            kind: 'output',
            surface: 'model-api',
            gives: 'label',
            collected: '2026-09-20',
            ...one,
          }),
        ),
        { workspace: both },
      ),
      'MI-09',
    );
    return result.reason ?? result.state;
  };
  const vector = {
    surface: 'embeddings',
    gives: 'embedding',
    justification: { reason: 'r', approvedBy: 'a' },
  } as const;
  assert.equal(outputs({}, vector), 'satisfied');
  assert.equal(outputs({ gives: 'rounded-score', decimals: 2 }, vector), 'satisfied');
  assert.equal(outputs({ gives: 'rounded-score', decimals: 3 }, vector), 'not-satisfied');
  assert.equal(
    outputs({}, { ...vector, justification: { ...vector.justification, expires: '2026-09-29' } }),
    'not-satisfied',
  );
  assert.equal(outputs({}), 'no-evidence');
  assert.equal(outputs({}, { ...vector, collected: '2024-01-01' }), 'stale');
});

test('never used is said only by a listing that has a field for use', () => {
  const key = (fields: object) => ({ id: 'k', type: 'key', active: true, expires: '2026-12-01', ...fields });
  const old = { created: '2025-01-01' };
  const silent = { ...old, statesUse: false };
  const [young, other] = [{ created: '2026-09-01', statesUse: false }, { id: 'other' }];
  const { lastUsed: _used, ...unseen } = bot();
  const with_ = (...credentials: IdentityBody['credentials']) => state('ACC-07', { ...unseen, credentials });
  assert.equal(with_(key(old)), 'not-satisfied');
  assert.equal(with_(key(silent)), 'no-evidence');
  assert.equal(with_(key(young)), 'satisfied', 'what is new cannot have lain idle for long');
  assert.equal(with_(key(young), key({ ...silent, ...other })), 'no-evidence');
  assert.equal(with_(key(young), key({ ...old, ...other })), 'not-satisfied');
  // The use of an identity is that of its only secret, and of none in particular where it has several.
  assert.equal(state('ACC-07', bot({ credentials: [key(silent)] })), 'satisfied');
  assert.equal(state('ACC-07', bot({ lastUsed: '2026-01-01', credentials: [key(silent)] })), 'not-satisfied');
  assert.equal(state('ACC-07', bot({ credentials: [key(silent), key({ ...silent, ...other })] })), 'no-evidence');
  assert.equal(state('ACC-07', { ...unseen, created: '2025-01-01', credentials: [] }), 'not-satisfied');
  assert.equal(state('ACC-07', { ...unseen, created: '2025-01-01', statesUse: false, credentials: [] }), 'no-evidence');
});
