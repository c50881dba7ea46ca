import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fits } from '../../src/evidence/adapters/aws-authorization-details/policy.ts';
import type { Located } from '../../src/evidence/observation.ts';
import type { IdentityBody, RoleBody } from '../../src/evidence/observations/access.ts';
import { yamlDocuments } from '../../src/files/yaml.ts';
import { assessedFiles, resultOf } from '../support/assessing.ts';
import { allow, document, EVIDENCE_FILES } from '../support/evidenceFiles.ts';
import { read, readAll } from '../support/reading.ts';
import { ROOT, scratch, write } from '../support/workspace.ts';

const folder = scratch();
const SAMPLES = path.join(ROOT, '../shared/samples');
const skip = existsSync(SAMPLES) ? false : 'the samples are not here';

async function observed(name: string, content: unknown): Promise<Located[]> {
  write(folder, { [name]: typeof content === 'string' ? content : JSON.stringify(content) });
  const { entry, reading } = await read(folder, name);
  assert.ok(entry.accepted, entry.reason);
  return reading?.observations ?? [];
}

const identitiesOf = (found: readonly Located[]): Located<IdentityBody>[] =>
  found.flatMap((one) => (one.kind === 'identity' ? [one] : []));
const rolesOf = (found: readonly Located[]): Located<RoleBody>[] =>
  found.flatMap((one) => (one.kind === 'role' ? [one] : []));

const ACCOUNT = '123456789012';
const arn = (kind: string, name: string): string => `arn:aws:iam::${ACCOUNT}:${kind}/${name}`;
const trust = (Principal: unknown, more: object = {}) =>
  document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal, ...more });
const role = (name: string, statements: object[], more: object = {}) => ({
  RoleName: name,
  Arn: arn('role', name),
  CreateDate: '2026-01-01T00:00:00Z',
  AssumeRolePolicyDocument: trust({ Service: 'lambda.amazonaws.com' }),
  RolePolicyList: statements.length > 0 ? [{ PolicyName: 'p', PolicyDocument: document(...statements) }] : [],
  AttachedManagedPolicies: [],
  RoleLastUsed: { LastUsedDate: '2026-09-20T00:00:00Z' },
  ...more,
});
const details = (roles: object[], more: object = {}) => ({
  UserDetailList: [],
  GroupDetailList: [],
  RoleDetailList: roles,
  Policies: [],
  ...more,
});
async function one(statements: object[], more: object = {}): Promise<Located<IdentityBody>> {
  const [found] = identitiesOf(await observed('aws.json', details([role('r', statements, more)])));
  assert.ok(found);
  return found;
}

test('AWS: what a condition, a denial or a boundary decides is unknown, never absent and never given', async () => {
  const plain = await one([allow('s3:GetObject', 'arn:aws:s3:::notes/*')]);
  assert.deepEqual(plain.entitlements, [{ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::notes/*'] }]);
  assert.deepEqual(plain.unevaluated, ['policies-of-resources']);
  const conditional = await one([allow('*', '*', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } })]);
  assert.deepEqual([conditional.admin, conditional.entitlements], [undefined, []]);
  assert.ok(conditional.unevaluated?.includes('conditions'));
  const guarded = await one([allow('*'), { Effect: 'Deny', NotAction: 'bedrock:*', Resource: '*' }]);
  assert.deepEqual([guarded.admin, guarded.entitlements], [undefined, []]);
  assert.ok(guarded.unevaluated?.includes('denials'));
  const single = await one([
    allow('s3:GetObject', 'arn:aws:s3:::notes/*', { Condition: { StringEquals: { 'aws:SourceVpc': 'v' } } }),
  ]);
  assert.deepEqual([single.entitlements, single.unevaluated], [[], ['narrow-conditions', 'policies-of-resources']]);
  const becoming = await one([
    allow('sts:AssumeRole', 'arn:aws:iam::1:role/x', { Condition: { Bool: { x: 'true' } } }),
  ]);
  assert.ok(becoming.unevaluated?.includes('conditions'));
  const narrow = await one([allow('*'), { Effect: 'Deny', Action: 's3:DeleteBucket', Resource: '*' }]);
  assert.equal(narrow.admin, true);
  const nothing = await one([allow('*'), { Effect: 'Deny', Action: '*', Resource: '*' }]);
  assert.deepEqual([nothing.admin, nothing.entitlements, nothing.unevaluated], [undefined, [], undefined]);
  const bounded = await one([allow('*')], { PermissionsBoundary: { PermissionsBoundaryArn: 'x' } });
  assert.deepEqual([bounded.admin, bounded.entitlements], [undefined, []]);
  assert.ok(bounded.unevaluated?.includes('boundary'));
  const climbing = await one([allow(['iam:PassRole', 'lambda:CreateFunction'])]);
  assert.ok(climbing.unevaluated?.includes('escalation'));
});

test('AWS: a star reaches what its service has, and everything only where the right is one to everything', async () => {
  const service = await one([allow(['s3:GetObject', 'ecr:GetAuthorizationToken'])]);
  assert.deepEqual(service.entitlements, [
    { actions: ['s3:GetObject'], resources: ['arn:*:s3:*'] },
    { actions: ['ecr:GetAuthorizationToken'], resources: ['arn:*:ecr:*'] },
  ]);
  assert.deepEqual((await one([allow('s3:*')])).entitlements, [{ actions: ['s3:*'], resources: ['*'] }]);
  const power = await one([{ Effect: 'Allow', NotAction: ['iam:*'], Resource: '*' }]);
  assert.deepEqual(power.entitlements, [{ actions: ['* except iam:*'], resources: ['*'] }]);
  const encoded = await one([], {
    RolePolicyList: [{ PolicyName: 'p', PolicyDocument: encodeURIComponent(JSON.stringify(document(allow('s3:*')))) }],
  });
  assert.deepEqual(encoded.entitlements, [{ actions: ['s3:*'], resources: ['*'] }]);
});

test('AWS: who may take on a role, by its trust and by the right to', async () => {
  const found = await observed(
    'aws.json',
    details(
      [
        role('direct', [], { AssumeRolePolicyDocument: trust({ AWS: arn('user', 'ann') }) }),
        role('delegated', [], { AssumeRolePolicyDocument: trust({ AWS: `arn:aws:iam::${ACCOUNT}:root` }) }),
        role('foreign', [], { AssumeRolePolicyDocument: trust({ AWS: 'arn:aws:iam::999999999999:root' }) }),
        role('anybody', [], { AssumeRolePolicyDocument: trust('*') }),
        role('mfa', [], {
          AssumeRolePolicyDocument: trust({ AWS: arn('user', 'ben') }, { Condition: { Bool: { x: 'true' } } }),
        }),
        role('holder', [allow('sts:AssumeRole', arn('role', 'deleg*'))]),
        role('pipeline', [], {
          AssumeRolePolicyDocument: document({
            Effect: 'Allow',
            Action: 'sts:AssumeRoleWithWebIdentity',
            Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com` },
            Condition: {
              StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' },
              StringLike: { 'token.actions.githubusercontent.com:sub': 'repo:example/*' },
            },
          }),
        }),
      ],
      {
        UserDetailList: ['ann', 'ben'].map((name) => ({ UserName: name, Arn: arn('user', name) })),
      },
    ),
  );
  const by = new Map([...identitiesOf(found), ...rolesOf(found)].map((body) => [body.id, body]));
  assert.deepEqual(by.get(arn('user', 'ann'))?.assumes, [arn('role', 'direct')]);
  assert.deepEqual(by.get('arn:aws:iam::999999999999:root')?.assumes, [arn('role', 'foreign')]);
  assert.deepEqual(by.get('arn:aws:iam::*')?.assumes, [arn('role', 'anybody')]);
  assert.ok(by.get(arn('user', 'ben'))?.unevaluated?.includes('conditions'));
  const [pattern] = by.get(arn('role', 'holder'))?.assumes ?? [];
  assert.deepEqual(by.get(pattern ?? '')?.assumes, [arn('role', 'delegated')]);
  const pipeline = identitiesOf(found).find(({ name }) => name === 'pipeline');
  assert.deepEqual(pipeline?.authentication, {
    method: 'oidc',
    issuer: 'https://token.actions.githubusercontent.com',
    audience: 'sts.amazonaws.com',
    conditions: [{ claim: 'sub', value: 'repo:example/*' }],
  });
});

test('AWS: a listing that shows an administrator fails least privilege; one that cannot show all passes nothing', async () => {
  const assess = (roles: object[]) =>
    assessedFiles(
      { 'evidence/aws.json': JSON.stringify(details(roles)) },
      'sources: [{match: "evidence/aws.json", collected: 2026-09-25}]\n',
    );
  const admin = await assess([
    role('r', [], {
      AttachedManagedPolicies: [
        { PolicyName: 'AdministratorAccess', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
      ],
    }),
  ]);
  assert.equal(resultOf(admin, 'ACC-04').state, 'not-satisfied');
  const fine = await assess([role('r', [allow('s3:GetObject', 'arn:aws:s3:::notes/*')])]);
  assert.equal(resultOf(fine, 'ACC-04').state, 'satisfied');
  const conditional = await assess([role('r', [allow('*', '*', { Condition: { Bool: { x: 'true' } } })])]);
  assert.equal(resultOf(conditional, 'ACC-04').state, 'not-assessed');
  const denied = await assess([
    role('r', [
      allow('s3:GetObject', 'arn:aws:s3:::notes/*'),
      { Effect: 'Deny', Action: 's3:DeleteObject', Resource: '*' },
    ]),
  ]);
  assert.equal(resultOf(denied, 'ACC-04').state, 'satisfied', 'a guard rail takes nothing from a pass');
  const single = await assess([
    role('r', [
      allow('s3:GetObject', 'arn:aws:s3:::notes/*', { Condition: { StringEquals: { 'aws:SourceVpc': 'v' } } }),
    ]),
  ]);
  assert.equal(
    resultOf(single, 'ACC-04').state,
    'satisfied',
    'a right to one thing under a condition is none to everything',
  );
  assert.equal(resultOf(single, 'ACC-10').state, 'not-assessed', 'and still leaves open how far it reaches');
  // What resources themselves grant is not in the file, so how far it reaches cannot be shown.
  assert.equal(resultOf(fine, 'ACC-10').state, 'not-assessed');
});

const GITHUB = 'token.actions.githubusercontent.com';
const federated = (Condition?: object) => ({
  Effect: 'Allow',
  Action: 'sts:AssumeRoleWithWebIdentity',
  Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${GITHUB}` },
  ...(Condition ? { Condition } : {}),
});
const MAIN = 'repo:example/app:ref:refs/heads/main';
const claims = (some: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(some).map(([claim, value]) => [`${GITHUB}:${claim}`, value]));
const aud = { aud: 'sts.amazonaws.com' };

test('AWS: a role trusts tokens of one workload where a claim names it in every alternative', async () => {
  const stateOf = async (...trusted: object[]): Promise<string> => {
    const named = role('r', [], { AssumeRolePolicyDocument: document(...trusted) });
    const assessment = await assessedFiles(
      { 'evidence/aws.json': JSON.stringify(details([named])) },
      'sources: [{match: "evidence/aws.json", collected: 2026-09-25}]\n',
    );
    return resultOf(assessment, 'ACC-18').state;
  };
  const strict = federated({ StringEquals: claims({ ...aud, sub: MAIN }) });
  const trusts: [string, string, object[]][] = [
    ['one subject', 'satisfied', [strict]],
    ['two subjects', 'satisfied', [federated({ StringEquals: claims({ ...aud, sub: [MAIN, `${MAIN}2`] }) })]],
    ['a star that stands for itself', 'satisfied', [federated({ StringEquals: claims({ ...aud, sub: '*' }) })]],
    [
      'an exact subject beside a pattern, both of which have to hold',
      'satisfied',
      [federated({ StringLike: claims({ sub: 'repo:example/*' }), StringEquals: claims({ ...aud, sub: MAIN }) })],
    ],
    [
      'a pattern of branches of one repository by number',
      'satisfied',
      [
        federated({
          StringEquals: claims({ ...aud, repository_id: '1234' }),
          StringLike: claims({ sub: 'repo:example/app:*' }),
        }),
      ],
    ],
    ['keys in other case', 'satisfied', [federated({ StringEquals: claims({ aud: aud.aud, SUB: MAIN }) })]],
    ['no condition', 'not-satisfied', [federated()]],
    [
      'a pattern as an alternative',
      'not-satisfied',
      [federated({ StringEquals: claims(aud), StringLike: claims({ sub: [MAIN, 'repo:*'] }) })],
    ],
    [
      'a branch of any repository',
      'not-satisfied',
      [federated({ StringEquals: claims({ ...aud, ref: 'refs/heads/main' }), StringLike: claims({ sub: 'repo:*' }) })],
    ],
    ['an environment', 'not-satisfied', [federated({ StringEquals: claims({ ...aud, environment: 'production' }) })]],
    [
      'a region',
      'not-satisfied',
      [federated({ StringEquals: { ...claims(aud), 'aws:RequestedRegion': 'eu-west-1' } })],
    ],
    [
      'the subject of another provider',
      'not-satisfied',
      [federated({ StringEquals: { ...claims(aud), 'accounts.google.com:sub': '1' } })],
    ],
    [
      'all values of none',
      'not-satisfied',
      [federated({ StringEquals: claims(aud), 'ForAllValues:StringEquals': claims({ repository: 'example/app' }) })],
    ],
    [
      'a subject if there is one',
      'not-satisfied',
      [federated({ StringEquals: claims(aud), StringEqualsIfExists: claims({ sub: MAIN }) })],
    ],
    [
      'a subject that the token names itself',
      'not-satisfied',
      [federated({ StringEquals: claims({ ...aud, sub: ['$', `{${GITHUB}:sub}`].join('') }) })],
    ],
    [
      'a second statement that names an environment only',
      'not-satisfied',
      [strict, federated({ StringEquals: claims({ ...aud, environment: 'production' }) })],
    ],
    ['a second statement without conditions', 'not-satisfied', [strict, federated()]],
  ];
  for (const [what, state, trusted] of trusts) assert.equal(await stateOf(...trusted), state, what);
});

test('AWS: every way to write everything is everything, and a right to raise rights is one on any resource', async () => {
  const wide: [string, string][] = [
    ['*:*', '*'],
    ['?*', '*'],
    ['*', 'arn:aws:*:*:*:*'],
    ['*', 'arn:*'],
    ['*', `arn:aws:*:*:${ACCOUNT}:*`],
  ];
  for (const [action, resource] of wide)
    assert.equal((await one([allow(action, resource)])).admin, true, `${action} on ${resource}`);
  assert.deepEqual((await one([allow('s3:?*')])).entitlements, [{ actions: ['s3:*'], resources: ['*'] }]);
  const raising: [string, string][] = [
    ['iam:*', `arn:aws:iam::${ACCOUNT}:*`],
    ['iam:PutUserPolicy', arn('user', 'bot')],
    ['iam:*Policy*', arn('user', '*')],
    ['*', 'arn:aws:i*'],
    ['*', 'arn:*:role/x'],
  ];
  for (const [action, resource] of raising)
    assert.ok((await one([allow(action, resource)])).unevaluated?.includes('escalation'), `${action} on ${resource}`);
  const variable = ['$', '{aws:username}'].join('');
  const harmless: [string, string][] = [
    ['*', 'arn:aws:s3:::notes/*'],
    ['*', 'arn:*:s3:::notes/*'],
    ['iam:GetRole', arn('role', '*')],
    ['iam:CreateAccessKey', arn('user', variable)],
  ];
  for (const [action, resource] of harmless)
    assert.ok(!(await one([allow(action, resource)])).unevaluated?.includes('escalation'), `${action} on ${resource}`);
  const denied = await one([allow('*'), { Effect: 'Deny', Action: '*', Resource: `arn:aws:*:*:${ACCOUNT}:*` }]);
  assert.ok(denied.unevaluated?.includes('denials'), 'a denial is taken as it is written');
});

test('AWS: the credential report completes the listing and does not contradict it', async () => {
  const report = EVIDENCE_FILES.find(({ name }) => name === 'credential-report.json')?.text ?? '';
  const assessment = await assessedFiles(
    {
      'evidence/report.json': report,
      'evidence/aws.json': JSON.stringify(
        details([], {
          UserDetailList: [
            {
              UserName: 'bot',
              Arn: arn('user', 'bot'),
              UserPolicyList: [
                { PolicyName: 'p', PolicyDocument: document(allow('s3:GetObject', 'arn:aws:s3:::notes/*')) },
              ],
            },
          ],
        }),
      ),
    },
    'sources: [{match: "evidence/aws.json", collected: 2026-09-25}]\n',
  );
  assert.equal(assessment.identities.total, 2);
  assert.equal(assessment.identities.machine, 1);
  for (const { reasons } of assessment.results) assert.ok(!reasons?.includes('contradictory'));
});

test('patterns of AWS fit as AWS says, in linear time', () => {
  const cases: [string, string, boolean][] = [
    ['s3:Get*', 's3:GetObject', true],
    ['S3:get*', 's3:GetObject', true],
    ['s3:*Object', 's3:GetObject', true],
    ['s3:Get?bject', 's3:GetObject', true],
    ['s3:Get', 's3:GetObject', false],
    ['*', '', true],
    ['a*b*c', 'aXbYc', true],
    ['a*b*c', 'aXbY', false],
  ];
  for (const [pattern, text, expected] of cases) assert.equal(fits(pattern, text), expected, `${pattern} ${text}`);
  const started = performance.now();
  assert.equal(fits(`${'a*'.repeat(2000)}b`, 'a'.repeat(20_000)), false);
  assert.ok(performance.now() - started < 2000);
});

test('real AWS files: as many identities as they list, and keys with their ages', { skip }, async () => {
  const listing = JSON.parse(readFileSync(path.join(SAMPLES, 'aws/authorization-details.json'), 'utf8'));
  const { reading } = await read(SAMPLES, 'aws/authorization-details.json');
  assert.equal(
    identitiesOf(reading?.observations ?? []).length,
    listing.UserDetailList.length + listing.RoleDetailList.length,
  );
  const report = await read(SAMPLES, 'aws/credential-report.json');
  const rows = JSON.parse(readFileSync(path.join(SAMPLES, 'aws/credential-report.json'), 'utf8'))
    .Content.trim()
    .split('\n');
  assert.equal(report.entry.observations, rows.length - 1);
  assert.equal(report.entry.collected?.slice(0, 10), '2019-05-07');
});

const bind = (kind: string, name: string, ref: object, subjects: object[], more: object = {}) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  metadata: { name, ...(kind === 'RoleBinding' ? { namespace: 'ai' } : {}), ...more },
  roleRef: ref,
  subjects,
});
const object = (kind: string, name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'ai' },
  ...more,
});
const everything = { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] };
const rag = { kind: 'ServiceAccount', name: 'rag', namespace: 'ai' };
const list = (...items: object[]) => ({ apiVersion: 'v1', kind: 'List', items });

test('Kubernetes: a binding gives a role where it stands, and a wildcard there is one', async () => {
  const found = await observed(
    'k.json',
    list(
      object('ServiceAccount', 'rag'),
      { ...object('ClusterRole', 'all'), ...everything },
      bind('RoleBinding', 'b', { kind: 'ClusterRole', name: 'all' }, [rag]),
      bind('ClusterRoleBinding', 'c', { kind: 'ClusterRole', name: 'cluster-admin' }, [{ kind: 'User', name: 'jane' }]),
    ),
  );
  const [account, jane] = identitiesOf(found);
  assert.deepEqual(account?.roles, ['ClusterRole all in ai']);
  assert.deepEqual(rolesOf(found).find(({ id }) => id === 'ClusterRole all in ai')?.entitlements, [
    { actions: ['*'], resources: ['kubernetes/ai/*'] },
  ]);
  assert.equal(rolesOf(found).find(({ id }) => id === jane?.roles?.[0])?.admin, true);
  assert.deepEqual([account?.unevaluated, account?.statesCredentials], [['unlisted'], false]);
  const assessment = await assessedFiles(
    {
      'evidence/k.json': JSON.stringify(
        list(
          object('ServiceAccount', 'rag'),
          { ...object('ClusterRole', 'all'), ...everything },
          bind('RoleBinding', 'b', { kind: 'ClusterRole', name: 'all' }, [rag]),
        ),
      ),
    },
    'sources: [{match: "evidence/k.json", collected: 2026-09-25}]\n',
  );
  assert.equal(resultOf(assessment, 'ACC-04').state, 'not-satisfied');
});

test('Kubernetes: lasting tokens are found by their type, never by their data; what is not listed is unknown', async () => {
  const yaml = EVIDENCE_FILES.find(({ name }) => name === 'access.yaml')?.text ?? '';
  const [account] = identitiesOf(await observed('k.yaml', yaml));
  assert.deepEqual(account?.credentials, [
    {
      id: 'ai/rag-token',
      type: 'service account token',
      active: true,
      statesUse: false,
      expires: 'never',
      created: '2025-01-01T00:00:00.000Z',
    },
  ]);
  const alone = await assessedFiles(
    { 'evidence/k.json': JSON.stringify(list(object('ServiceAccount', 'rag'))) },
    'sources: [{match: "evidence/k.json", collected: 2026-09-25}]\n',
  );
  for (const control of ['ACC-03', 'ACC-04', 'ACC-10'])
    assert.equal(resultOf(alone, control).state, 'not-assessed', control);
});

test('Kubernetes: what every cluster makes for itself is no identity of the system, and is said', async () => {
  const defaults = { labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } };
  write(folder, {
    'own.json': JSON.stringify(
      list(
        bind(
          'ClusterRoleBinding',
          'cluster-admin',
          { kind: 'ClusterRole', name: 'cluster-admin' },
          [{ kind: 'Group', name: 'system:masters' }],
          defaults,
        ),
        bind('ClusterRoleBinding', 'mine', { kind: 'ClusterRole', name: 'cluster-admin' }, [rag], defaults),
      ),
    ),
  });
  const { entry, reading } = await read(folder, 'own.json');
  assert.deepEqual(
    identitiesOf(reading?.observations ?? []).map(({ name }) => name),
    ['ai/rag'],
    'the label hides nobody outside the cluster itself',
  );
  assert.match(entry.warnings.join(), /1 subjects are parts of the cluster itself/);
});

/** All bindings of a cluster, one of which gives these rules to an account. */
const cluster = (rules: object[], ...more: object[]) =>
  list(
    object('ServiceAccount', 'rag'),
    { ...object('ClusterRole', 'r'), rules },
    bind('ClusterRoleBinding', 'b', { kind: 'ClusterRole', name: 'r' }, [rag]),
    bind('RoleBinding', 'k', { kind: 'ClusterRole', name: 'r' }, [rag], { namespace: 'kube-system' }),
    ...more,
  );
const leastPrivilege = async (content: object): Promise<string> => {
  const assessment = await assessedFiles(
    { 'evidence/k.json': JSON.stringify(content) },
    'sources: [{match: "evidence/k.json", collected: 2026-09-25}]\n',
  );
  return resultOf(assessment, 'ACC-04').state;
};
const reads = { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] };

test('Kubernetes: rights that lead to all others pass nothing, however they are written', async () => {
  const rbac = ['rbac.authorization.k8s.io'];
  const leading: object[] = [
    { apiGroups: rbac, resources: ['clusterroles'], verbs: ['*'] },
    { apiGroups: rbac, resources: ['clusterrolebindings'], verbs: ['*'] },
    { apiGroups: [''], resources: ['users', 'groups'], verbs: ['*'] },
    { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['*'] },
    { apiGroups: [''], resources: ['replicationcontrollers'], verbs: ['create'] },
    { apiGroups: [''], resources: ['podtemplates'], verbs: ['update'] },
    { apiGroups: [''], resources: ['pods/ephemeralcontainers'], verbs: ['patch'] },
    { apiGroups: [''], resources: ['nodes/proxy'], verbs: ['get'] },
    { apiGroups: [''], resources: ['pods/attach'], verbs: ['create'] },
    { apiGroups: [''], resources: ['pods/*'], verbs: ['create'] },
    { apiGroups: ['*'], resources: ['*/exec'], verbs: ['create'] },
  ];
  for (const rule of leading) assert.notEqual(await leastPrivilege(cluster([rule])), 'satisfied', JSON.stringify(rule));
  const harmless: object[] = [
    reads,
    { apiGroups: [''], resources: ['pods', 'pods/log', 'services'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['get', 'list'] },
    { apiGroups: ['models.example.org'], resources: ['users'], verbs: ['*'] },
    { apiGroups: ['apps'], resources: ['deployments/status', '*/scale'], verbs: ['get', 'update'] },
  ];
  for (const rule of harmless) assert.equal(await leastPrivilege(cluster([rule])), 'satisfied', JSON.stringify(rule));
});

test('Kubernetes: the label of the cluster hides only what every cluster binds, and only as it binds it', async () => {
  const labels = { labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } };
  const own = (name: string, to: string, ...subjects: object[]) =>
    bind('ClusterRoleBinding', name, { kind: 'ClusterRole', name: to }, subjects, labels);
  const group = (name: string) => ({ kind: 'Group', name });
  const discovery = (rules: object[]) => ({ ...object('ClusterRole', 'system:discovery'), rules });
  const looking = { nonResourceURLs: ['/api', '/api/*', '/version'], verbs: ['get'] };
  const everybody = own('system:discovery', 'system:discovery', group('system:authenticated'));
  const honest = cluster(
    [reads],
    own('cluster-admin', 'cluster-admin', group('system:masters')),
    discovery([looking]),
    everybody,
    own('system:controller:job-controller', 'system:controller:job-controller', {
      kind: 'ServiceAccount',
      name: 'job-controller',
      namespace: 'kube-system',
    }),
  );
  assert.equal(await leastPrivilege(honest), 'satisfied');
  const hidden: object[][] = [
    ...[
      { kind: 'User', name: 'system:serviceaccount:ai:rag' },
      group('system:authenticated'),
      group('system:unauthenticated'),
      { kind: 'ServiceAccount', name: 'other', namespace: 'kube-system' },
    ].flatMap((subject) => [
      [own('x', 'cluster-admin', subject)],
      [own('cluster-admin', 'cluster-admin', group('system:masters'), subject)],
    ]),
    [own('system:controller:other', 'cluster-admin', { kind: 'User', name: 'system:other' })],
    [own('system:kube-scheduler', 'cluster-admin', { kind: 'User', name: 'system:kube-scheduler' })],
    [discovery([looking, ...everything.rules]), everybody],
  ];
  for (const more of hidden)
    assert.notEqual(await leastPrivilege(cluster([reads], ...more)), 'satisfied', JSON.stringify(more));
});

test('documents of one YAML text are told apart, with lines of the whole', () => {
  const documents = (text: string) =>
    [...yamlDocuments(text, 'x.yaml', 'USAGE')].map(({ value, line }) => [value, line]);
  assert.deepEqual(documents('a: 1\n---\nb: |\n  ---\n  x\n---\n# nothing\n---\nc: 3\n...\n'), [
    [{ a: 1 }, 1],
    [{ b: '---\nx\n' }, 2],
    [{ c: 3 }, 8],
  ]);
  assert.deepEqual(documents('---\na: 1\n'), [[{ a: 1 }, 1]]);
  assert.deepEqual(documents('# only words\n'), []);
  assert.throws(
    () => documents('a: 1\n---\nb: 2\nb: 3\n'),
    (error: Error & { where?: string }) => error.where === 'x.yaml:4',
  );
});

/** A setting that names a secret elsewhere. */
const reference = (name: string): string => ['$', '{', name, '}'].join('');

test('MCP: packages, images and addresses are told with their versions; settings that refer to secrets are none', async () => {
  const found = await observed('mcp.json', {
    mcpServers: {
      plain: {
        command: 'npx',
        args: ['-y', '@scope/server'],
        env: { API_KEY: reference('API_KEY'), LOG_LEVEL: 'debug' },
      },
      python: { command: 'uvx', args: ['--from', 'mcp-server==1.2.0', 'serve'], env: { TOKEN: 'YOUR_TOKEN_HERE' } },
      image: { command: 'docker', args: ['run', '-i', '-e', 'TOKEN', `example.org/a/b:1@sha256:${'a1'.repeat(32)}`] },
      open: { url: 'http://mcp.example.org/sse?token=aB3dE5fG7hJ9kL' },
      local: { url: 'http://localhost:3000/mcp' },
      off: { command: 'npx', args: ['x'], disabled: true },
    },
  });
  const tools = found.flatMap((body) => (body.kind === 'agent-tool' ? [body] : []));
  assert.deepEqual(
    tools.map(({ id, server, version, pinned, transport }) => [id, server, version, pinned?.slice(0, 4), transport]),
    [
      ['plain', '@scope/server', 'latest', undefined, 'stdio'],
      ['python', 'mcp-server', '1.2.0', undefined, 'stdio'],
      ['image', 'example.org/a/b', '1', 'a1a1', 'stdio'],
      ['open', 'http://mcp.example.org/sse', undefined, undefined, 'http'],
      ['local', 'http://localhost:3000/mcp', undefined, undefined, undefined],
    ],
  );
  assert.deepEqual(
    found.flatMap((body) => (body.kind === 'secret-finding' ? [body.at] : [])),
    ['/mcpServers/open/url'],
  );
});

test('MCP: a secret in a configuration is a secret lying about; none found there shows nothing', async () => {
  const files = (env: object) => ({
    'evidence/mcp.json': JSON.stringify({ mcpServers: { x: { command: 'npx', args: ['x@1'], env } } }),
  });
  const sources = 'sources: [{match: "evidence/mcp.json", collected: 2026-09-25}]\n';
  const leaking = await assessedFiles(files({ OPENAI_API_KEY: 'aB3dE5fG7hJ9kLmN1pQ' }), sources);
  assert.equal(resultOf(leaking, 'ACC-11').state, 'not-satisfied');
  const clean = await assessedFiles(files({ OPENAI_API_KEY: reference('OPENAI_API_KEY') }), sources);
  assert.equal(resultOf(clean, 'ACC-11').state, 'not-assessed');
});

test('evidence that its tool names with a dot before it is found by patterns', async () => {
  const place = path.join(folder, 'dotted');
  write(place, { 'agent/.mcp.json': '{"mcpServers": {}}', 'agent/.env': 'TOKEN=x' });
  const { files } = await readAll(place, ['**/*']);
  assert.deepEqual(
    files.map((file) => file.path),
    ['agent/.mcp.json'],
  );
});

test('GitHub: a list of alerts says by itself neither what was searched nor that it is whole', async () => {
  const alert = (number: number) => ({
    number,
    state: 'resolved',
    resolution: 'revoked',
    resolved_at: '2026-09-01T10:00:00Z',
    secret_type: 'x',
    html_url: `https://github.com/a/b/security/secret-scanning/${number}`,
  });
  const scanned = async (probe: string | undefined, ...numbers: number[]) => {
    write(folder, { 'alerts.json': JSON.stringify(numbers.map(alert)) });
    const sources = [{ match: 'alerts.json', higherMeansMember: true, ...(probe ? { probe } : {}) }];
    const { entry, reading } = await read(folder, 'alerts.json', sources);
    const scans = (reading?.observations ?? []).flatMap((one) => (one.kind === 'secret-scan' ? [one.scanned] : []));
    return { scans, warnings: entry.warnings.join() };
  };
  const prefix = await scanned(undefined, 2, 1);
  assert.deepEqual(prefix.scans, [[]]);
  assert.match(prefix.warnings, /declare probe/);
  assert.deepEqual((await scanned('a/b', 2, 1)).scans, [['a/b']]);
  const gap = await scanned('a/b', 3, 1);
  assert.deepEqual(gap.scans, []);
  assert.match(gap.warnings, /2 of 3 alerts of a\/b are listed/);
});

test('SARIF: a run that failed or lists nothing searched nothing; every run of a scanner of secrets is read', async () => {
  const scan = (name: string, more: object) => ({ tool: { driver: { name } }, ...more });
  const hit = { ruleId: 'aws', message: { text: 'x' } };
  const observing = async (...runs: object[]) => {
    write(folder, { 's.sarif': JSON.stringify({ version: '2.1.0', runs }) });
    const sources = [{ match: 's.sarif', higherMeansMember: true, probe: 'git/app', collected: '2026-09-25' }];
    const { entry, reading } = await read(folder, 's.sarif', sources);
    assert.ok(entry.accepted, entry.reason);
    return {
      kinds: (reading?.observations ?? []).map((one) => one.kind),
      warnings: entry.warnings.join(),
    };
  };
  assert.deepEqual((await observing(scan('gitleaks', { results: [] }))).kinds, ['secret-scan']);
  const well = { invocations: [{ executionSuccessful: true }], results: [hit] };
  assert.deepEqual((await observing(scan('gitleaks', well))).kinds, ['secret-scan', 'secret-finding']);
  for (const failed of [
    {},
    { results: null },
    { results: [], invocations: [{ executionSuccessful: false }] },
    { results: [], invocations: [{ executionSuccessful: true }, { executionSuccessful: false }] },
  ]) {
    const { kinds, warnings } = await observing(scan('gitleaks', failed));
    assert.deepEqual(kinds, [], JSON.stringify(failed));
    assert.match(warnings, /does not count as a search/);
  }
  for (const order of [0, 1]) {
    const runs = [scan('gitleaks', { results: [hit] }), scan('Semgrep', { results: [hit] })];
    const { kinds } = await observing(...(order ? runs.toReversed() : runs));
    assert.deepEqual(kinds, ['secret-scan', 'secret-finding', 'tool-finding']);
  }
  const two = await observing(scan('gitleaks', { results: [] }), scan('trufflehog', { results: [hit] }));
  assert.deepEqual(two.kinds, ['secret-scan', 'secret-scan', 'secret-finding']);
});

test('real secret scans: as many findings as the file lists', { skip }, async () => {
  const { entry, reading } = await read(SAMPLES, 'gitleaks/redacted_v7.json');
  const listed: { offender: string }[] = JSON.parse(
    readFileSync(path.join(SAMPLES, 'gitleaks/redacted_v7.json'), 'utf8'),
  );
  assert.equal(entry.observations, listed.length + 1);
  assert.ok(!JSON.stringify(reading).includes('someuser@'));
});

const fixture = (name: string): string => EVIDENCE_FILES.find((one) => one.name === name)?.text ?? '';

test('Google Cloud: what a basic role allows is known by its name, what another allows is unknown', async () => {
  const assessment = await assessedFiles(
    { 'evidence/p.json': fixture('policy.json') },
    'sources: [{match: "evidence/p.json", collected: 2026-09-25}]\n',
  );
  assert.deepEqual([assessment.identities.human, assessment.identities.machine], [1, 1]);
  assert.equal(
    resultOf(assessment, 'ACC-04').state,
    'not-assessed',
    'the role of the service account is not spelled out',
  );
  const editor = await assessedFiles(
    { 'evidence/p.json': fixture('policy.json').replace('roles/storage.objectViewer', 'roles/editor') },
    'sources: [{match: "evidence/p.json", collected: 2026-09-25}]\n',
  );
  assert.equal(resultOf(editor, 'ACC-04').state, 'not-satisfied');
  const [keys] = identitiesOf(await observed('keys.json', fixture('keys.json')));
  assert.deepEqual(
    keys?.credentials.map(({ type, expires, active }) => [type, expires, active]),
    [['service account key', 'never', true]],
  );
  const conditional = JSON.parse(fixture('policy.json'));
  conditional.bindings[1].condition = { expression: 'request.time < x' };
  const [, account] = identitiesOf(await observed('policy.json', conditional));
  assert.deepEqual([account?.roles, account?.unevaluated], [undefined, ['conditions', 'unlisted']]);
});

test('Entra: an application and its service principal are one identity; what Entra refuses by now is not active', async () => {
  const sources = [{ match: 'principals.json', collected: '2026-09-25', higherMeansMember: true }];
  const answer = JSON.parse(fixture('principals.json'));
  answer.value.push({
    ...answer.value[0],
    passwordCredentials: [{ keyId: 'old', endDateTime: '2025-01-01T00:00:00Z' }],
  });
  answer['@odata.nextLink'] = 'https://graph.microsoft.com/next';
  write(folder, { 'principals.json': JSON.stringify({ '@odata.nextLink': 'x', ...answer }) });
  const { entry, reading } = await read(folder, 'principals.json', sources);
  const found = identitiesOf(reading?.observations ?? []);
  assert.equal(found.length, 1);
  assert.deepEqual(
    found[0]?.credentials.map(({ id, active }) => [id, active]),
    [
      ['k', true],
      ['old', false],
    ],
  );
  assert.match(entry.warnings.join(), /goes on on a further page/);
  assert.equal(found[0]?.owner, 'Ann');
});

test('Entra: secrets are known where both lists are there, and those of an application stay beside its principal', async () => {
  const owners = [{ userPrincipalName: 'a@example.org' }];
  const secret = { keyId: 'k', startDateTime: '2020-01-01T00:00:00Z', endDateTime: '2099-01-01T00:00:00Z' };
  const first = { appId: 'a1', displayName: 'one', owners, passwordCredentials: [], keyCredentials: [] };
  const second = { ...first, appId: 'a2', displayName: 'two' };
  const fleet = async (...value: object[]) =>
    identitiesOf(await observed('e.json', { '@odata.context': 'https://graph.example/#applications', value }));
  const known = async (more: object) =>
    (await fleet(first, { ...second, ...more })).map((one) => one.statesCredentials);
  assert.deepEqual(await known({}), [true, true]);
  assert.deepEqual(await known({ passwordCredentials: undefined }), [true, false]);
  assert.deepEqual(await known({ passwordCredentials: null }), [true, false]);
  assert.deepEqual(await known({ keyCredentials: null }), [true, false]);
  const application = { ...second, passwordCredentials: [secret] };
  const served = { ...second, servicePrincipalType: 'Application', accountEnabled: true };
  for (const both of [
    [application, served],
    [served, application],
  ]) {
    const [two, ...none] = await fleet(...both);
    assert.equal(none.length, 0);
    assert.deepEqual(
      [two?.credentials.map(({ id }) => id), two?.authentication?.method, two?.statesActive],
      [['k'], 'shared-secret', true],
    );
  }
  const [half] = await fleet(served, { ...application, keyCredentials: undefined });
  assert.deepEqual([half?.credentials.length, half?.statesCredentials], [1, false]);
});

test('Vault: a token is short-lived by what it was made for and has got, not by what remains of it', async () => {
  const created = 1_790_000_000;
  const short = async (seconds: number, more: object): Promise<boolean | undefined> => {
    const data = {
      accessor: 'acc1',
      creation_time: created,
      expire_time: new Date((created + seconds) * 1000).toISOString(),
      explicit_max_ttl: 0,
      num_uses: 0,
      policies: ['p'],
      ...more,
    };
    return identitiesOf(await observed('vault.json', { data }))[0]?.credentials[0]?.ephemeral;
  };
  assert.equal(await short(3600, { creation_ttl: 3600, ttl: 60 }), true);
  assert.equal(await short(3600, { ttl: 60 }), true);
  assert.equal(await short(3600 * 24 * 3650, { creation_ttl: 3600 * 24 * 3650, ttl: 3600 }), undefined);
  assert.equal(await short(3600 * 72, { creation_ttl: 3600, ttl: 60 }), undefined, 'renewed for three days');
  assert.equal(await short(3600, { creation_ttl: 3600, period: 3600 }), undefined);
});

test('Terraform: rights are put together from the resources of the state, and nothing passes by a state alone', async () => {
  write(folder, { 'terraform.tfstate': fixture('terraform.tfstate') });
  const { entry, reading } = await read(folder, 'terraform.tfstate');
  const [bot] = identitiesOf(reading?.observations ?? []);
  assert.deepEqual(bot?.entitlements, [{ actions: ['s3:*'], resources: ['*'] }]);
  assert.ok(bot?.unevaluated?.includes('unlisted'));
  assert.deepEqual(
    bot?.credentials.map(({ type, created }) => [type, created?.slice(0, 10)]),
    [['access key', '2026-01-01']],
  );
  assert.match(entry.warnings.join(), /holds 1 secrets in clear/);
  assert.ok(!JSON.stringify(reading).includes('AKIA'));
});

test('Prowler, OCSF and SARIF: counts equal to the file, decided by nobody, said in the report', async () => {
  const counts = async (name: string) => {
    write(folder, { [name]: fixture(name) });
    const { entry, reading } = await read(folder, name);
    return {
      entry,
      found: (reading?.observations ?? []).flatMap((one) =>
        one.kind === 'tool-finding' ? [[one.id, one.failed, one.passed, one.muted]] : [],
      ),
    };
  };
  const prowler = await counts('prowler.csv');
  assert.deepEqual(prowler.found, [
    ['iam_root_mfa', 1, 1, 0],
    ['s3_public', 0, 0, 1],
  ]);
  assert.equal(prowler.entry.tool?.version, '5.4.0');
  assert.equal(prowler.entry.collected?.slice(0, 10), '2026-09-20');
  const sarif = await counts('results.sarif');
  assert.deepEqual(sarif.found, [['r1', 1, 0, 0]]);
  assert.match(sarif.entry.warnings.join(), /not-recomputable/);
  const assessment = await assessedFiles({ 'evidence/prowler.csv': fixture('prowler.csv') });
  assert.match(
    assessment.notes.join(),
    /Prowler reports on 2 rules of its own, and found something by 1 \(iam_root_mfa\).*decide no control/,
  );
  for (const { state } of assessment.results) assert.notEqual(state, 'satisfied');
  write(folder, { 'own.sarif': fixture('results.sarif').replace('Semgrep', 'Probity') });
  assert.equal((await read(folder, 'own.sarif')).entry.observations, 0);
});

test('real findings of Prowler: as many as the file lists', { skip }, async () => {
  const sum = (found: readonly Located[]): number =>
    found.reduce(
      (total, one) => (one.kind === 'tool-finding' ? total + one.failed + one.passed + one.manual + one.muted : total),
      0,
    );
  const listed: unknown[] = JSON.parse(
    readFileSync(path.join(SAMPLES, 'prowler/example_output_aws.ocsf.json'), 'utf8'),
  );
  const ocsf = await read(SAMPLES, 'prowler/example_output_aws.ocsf.json');
  assert.equal(sum(ocsf.reading?.observations ?? []), listed.length);
  const rows = readFileSync(path.join(SAMPLES, 'prowler/example_output_aws.csv'), 'utf8')
    .split('\n')
    .filter((row) => row.startsWith('<auth_method>'));
  const csv = await read(SAMPLES, 'prowler/example_output_aws.csv');
  assert.equal(sum(csv.reading?.observations ?? []), rows.length);
});

test('a listing that has no field for reviews accuses nobody of lacking one', async () => {
  const assessment = await assessedFiles(
    { 'evidence/i.json': fixture('installations.json') },
    'sources: [{match: "evidence/i.json", collected: 2026-09-25}]\n',
  );
  assert.deepEqual(
    [resultOf(assessment, 'ACC-09').state, resultOf(assessment, 'ACC-09').reason],
    ['not-assessed', 'no-evidence'],
  );
});

const LOG = `commit ${'a1'.repeat(20)} (HEAD -> main)
Author:     Ann <ann@example.org>
AuthorDate: Mon Aug 3 10:00:00 2026 +0200
Commit:     Ann <ann@example.org>
CommitDate: Mon Sep 21 10:00:00 2026 +0200

    Shorten the system prompt

    Body with a token

commit ${'b2'.repeat(20)}
Merge: 1 2
Author:     Ben <ben@example.org>
AuthorDate: Sun Sep 20 09:00:00 2026 +0200
Commit:     Ben <ben@example.org>
CommitDate: Sun Sep 20 10:00:00 2026 +0200

    First prompt
`;

test('git: the log of a path is a change log once somebody says what the path is', async () => {
  write(folder, {
    'prompts.gitlog': LOG,
    'short.gitlog': `${'c3'.repeat(20)}\t2026-09-22T10:00:00+02:00\tNew tools\n`,
  });
  const undeclared = await read(folder, 'prompts.gitlog');
  assert.match(undeclared.entry.reason ?? '', /does not say what its commits change.*change: \{of: prompt\}/);
  const sources = [
    { match: 'prompts.gitlog', change: { of: 'prompt' as const }, higherMeansMember: true },
    {
      match: 'short.gitlog',
      change: { of: 'tool' as const, surfaces: ['agent-tools' as const] },
      higherMeansMember: true,
    },
  ];
  const { reading } = await read(folder, 'prompts.gitlog', sources);
  assert.deepEqual(
    reading?.observations.map((one) => (one.kind === 'change' ? [one.of, one.date, one.description, one.at] : [])),
    [
      ['prompt', '2026-09-21T08:00:00.000Z', 'Shorten the system prompt (a1a1a1a1a1a1)', 'line 1'],
      ['prompt', '2026-09-20T08:00:00.000Z', 'First prompt (b2b2b2b2b2b2)', 'line 11'],
    ],
  );
  assert.ok(!JSON.stringify(reading).includes('ann@'));
  const short = await read(folder, 'short.gitlog', sources);
  const [change] = short.reading?.observations ?? [];
  assert.deepEqual(change?.kind === 'change' ? [change.of, change.surfaces, change.date.slice(0, 10)] : [], [
    'tool',
    ['agent-tools'],
    '2026-09-22',
  ]);
});

test('git: every line of a log counts, by the day of its commit, or the log is refused', async () => {
  const [one, two] = ['a1'.repeat(20), 'b2'.repeat(20)];
  const sources = [{ match: '*.gitlog', change: { of: 'prompt' as const }, higherMeansMember: true }];
  const taken: Record<string, [text: string, days: string[]]> = {
    'separator.gitlog': [
      `${one}\t2026-10-12T10:00:00+01:00\told\n${two}\t2026-11-12T10:00:00+01:00\tnew\u2028prompt\n`,
      ['2026-10-12', '2026-11-12'],
    ],
    'fraction.gitlog': [
      `${one}\t2026-10-12T10:00:00+01:00\told\n${two}\t2026-11-12T10:00:00.000+01:00\tnew\n`,
      ['2026-10-12', '2026-11-12'],
    ],
    'tab.gitlog': [`${one}\t2026-11-12T10:00:00Z\ta\tb\r\n`, ['2026-11-12']],
    'rebased.gitlog': [LOG, ['2026-09-21', '2026-09-20']],
    'stat.gitlog': [
      `${LOG}\n prompts/system.md | 3 +-\n 1 file changed, 2 insertions(+), 1 deletion(-)\n`,
      ['2026-09-21', '2026-09-20'],
    ],
  };
  for (const [name, [text, days]] of Object.entries(taken)) {
    write(folder, { [name]: text });
    const { reading, entry } = await read(folder, name, sources);
    assert.deepEqual(
      reading?.observations.map((found) => (found.kind === 'change' ? found.date.slice(0, 10) : '')),
      days,
      `${name}: ${entry.reason}`,
    );
  }
  const refused: Record<string, [text: string, line: number]> = {
    'day.gitlog': [`${one}\t2026-10-12T10:00:00+01:00\told\n${two}\t12 November 2026\tnew\n`, 2],
    'short.gitlog': [`${one}\t2026-10-12T10:00:00+01:00\told\nb2b2b2b\t2026-11-12T10:00:00+01:00\tnew\n`, 2],
    'default.gitlog': [`commit ${one}\nAuthor: x <y>\nDate:   Sun Oct 11 10:00:00 2026 +0100\n\n    new prompt\n`, 1],
    'zone.gitlog': [LOG.replace(/(CommitDate: Sun Sep 20 10:00:00 2026) .*/, '$1'), 11],
    'mixed.gitlog': [`${LOG}\n${one}\t2026-11-12T10:00:00+01:00\tnew\n`, 20],
    'abbreviated.gitlog': [`${LOG}\ncommit b2b2b2b\nCommitDate: Sun Nov 22 10:00:00 2026 +0200\n`, 20],
  };
  for (const [name, [text, line]] of Object.entries(refused)) {
    write(folder, { [name]: text });
    const { entry } = await read(folder, name, sources);
    assert.deepEqual([entry.accepted, entry.code], [false, 'EVIDENCE_MALFORMED'], name);
    assert.match(entry.reason ?? '', new RegExp(`${name}:${line}\\b.*|line ${line}\\b`), name);
    assert.match(entry.reason ?? '', /git log --format='%H%x09%cI%x09%s'/, name);
  }
});
