/*
 * One small file of each format of access inventories, searches for secrets and threat models, written here in the form of
 * its tool. `secret` stands wherever the tool would put a secret, and may come out of none of them.
 */

import type { SourceDeclaration } from '../../src/evidence/declaration.ts';

/** Never the same as any real one; its shape is that of none that masking knows. */
export const SECRET = 'Zq7mLw2vXc9RtYb4';

export interface EvidenceFixture {
  format: string;
  name: string;
  text: string;
  /** What the workspace has to say of it. */
  source?: Partial<SourceDeclaration>;
  /** How many observations of each kind come out of it. */
  counts: Record<string, number>;
}

const json = (value: unknown): string => JSON.stringify(value, null, 1);

/** A statement of an AWS policy that allows. */
export const allow = (Action: string | string[], Resource: string | string[] = '*', more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
export const document = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });

const COLUMNS =
  'user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated';
const CREDENTIALS = `${COLUMNS}\n<root_account>,arn:aws:iam::123456789012:root,2020-01-01T00:00:00+00:00,not_supported,2026-01-01T00:00:00+00:00,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\nbot,arn:aws:iam::123456789012:user/bot,2024-01-01T00:00:00+00:00,false,N/A,N/A,N/A,false,true,2026-09-01T00:00:00+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n`;

const KUBERNETES = `# written by hand
apiVersion: v1
kind: ServiceAccount
metadata: {name: rag, namespace: ai}
---
apiVersion: v1
kind: Secret
metadata:
  name: rag-token
  namespace: ai
  creationTimestamp: "2025-01-01T00:00:00Z"
  annotations: {kubernetes.io/service-account.name: rag}
type: kubernetes.io/service-account-token
data: {token: ${SECRET}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: ai}
rules:
  - {apiGroups: [""], resources: [configmaps], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader, namespace: ai}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects:
  - {kind: ServiceAccount, name: rag, namespace: ai}
`;

const THREAT = {
  title: 'Members are told apart',
  type: 'Information disclosure',
  status: 'Open',
  severity: 'High',
  description: 'Membership inference through the model API',
  mitigation: 'Noise',
};

/** A listing of identities, and which of its columns is what. */
const LISTING = `Account,Kind,Key id,Key made,Enabled,Right,On,Type of store,Token\nsvc-rag,machine,k1,2026-09-01,yes,read,docs,data,${SECRET}\nada,human,none,,WAHR,,,,\n`;
const LISTED: Partial<SourceDeclaration> = {
  access: {
    columns: {
      id: 'Account',
      type: 'Kind',
      credentialId: 'Key id',
      credentialCreated: 'Key made',
      active: 'Enabled',
      actions: 'Right',
      resources: 'On',
      resourceType: 'Type of store',
    },
  },
};

export const EVIDENCE_FILES: readonly EvidenceFixture[] = [
  {
    format: 'microsoft-tmt-csv',
    name: 'threats.csv',
    text: 'Id,Title,Category,State,Interaction,Priority,Description,Justification,Last Modified\n1,Members are told apart,Information Disclosure,Not Started,HTTPS,High,"Membership inference through the model API, by scores",,2026-09-01\n2,Prompt is repeated,Information Disclosure,Mitigation Implemented,HTTPS,Medium,System prompt extraction,Filtered,\n',
    counts: { 'threat-model': 1, threat: 2 },
  },
  {
    format: 'aws-access-analyzer',
    name: 'findings-v2.json',
    text: json({
      findings: [
        {
          analyzedAt: '2026-09-20T10:00:00Z',
          createdAt: '2026-09-01T10:00:00Z',
          id: 'a',
          resource: 'arn:aws:s3:::weights',
          resourceType: 'AWS::S3::Bucket',
          findingType: 'ExternalAccess',
          status: 'ACTIVE',
        },
        {
          analyzedAt: '2026-09-20T10:00:00Z',
          createdAt: '2026-09-01T10:00:00Z',
          id: 'b',
          resource: 'arn:aws:s3:::docs',
          resourceType: 'AWS::S3::Bucket',
          findingType: 'ExternalAccess',
          status: 'RESOLVED',
        },
        {
          analyzedAt: '2026-09-20T10:00:00Z',
          createdAt: '2026-09-01T10:00:00Z',
          id: 'c',
          resource: 'arn:aws:iam::123456789012:user/bot',
          resourceType: 'AWS::IAM::User',
          findingType: 'UnusedIAMUserAccessKey',
          status: 'ARCHIVED',
        },
      ],
      nextToken: SECRET,
    }),
    counts: { 'tool-finding': 2 },
  },
  {
    format: 'oscal-assessment-results',
    name: 'assessment-results.json',
    text: json({
      'assessment-results': {
        uuid: '7a1f1f3e-0000-4000-8000-000000000001',
        metadata: {
          title: 'Yearly assessment',
          'last-modified': '2026-09-20T10:00:00Z',
          version: '1',
          'oscal-version': '1.1.2',
        },
        results: [
          {
            uuid: '7a1f1f3e-0000-4000-8000-000000000002',
            title: 'x',
            start: '2026-09-01T10:00:00Z',
            findings: [
              {
                title: 'AC-6',
                target: { type: 'objective-id', 'target-id': 'ac-6_obj', status: { state: 'satisfied' } },
              },
              {
                title: 'AC-2',
                target: { type: 'objective-id', 'target-id': 'ac-2_obj', status: { state: 'not-satisfied' } },
              },
            ],
          },
        ],
      },
    }),
    counts: { 'tool-finding': 2 },
  },
  {
    format: 'access-table',
    name: 'listing.csv',
    text: LISTING,
    source: LISTED,
    counts: { inventory: 1, identity: 2, resource: 1 },
  },
  {
    format: 'access-table',
    name: 'listing.tsv',
    text: LISTING.replaceAll(',', '\t'),
    source: LISTED,
    counts: { inventory: 1, identity: 2, resource: 1 },
  },
  {
    format: 'access-table',
    name: 'listing.json',
    text: json([
      { Account: 'svc-rag', Kind: 'machine', Right: ['read', 'list'], On: 'docs', Token: SECRET },
      { Account: 'ada', Kind: 'human', Enabled: true, 'Key id': null, 'Key made': null, 'Type of store': null },
    ]),
    source: LISTED,
    counts: { inventory: 1, identity: 2 },
  },
  {
    format: 'aws-iam-credential-report',
    name: 'credentials.csv',
    text: CREDENTIALS,
    counts: { identity: 2 },
  },
  {
    format: 'aws-iam-credential-report-json',
    name: 'credential-report.json',
    text: json({
      Content: Buffer.from(CREDENTIALS).toString('base64'),
      ReportFormat: 'text/csv',
      GeneratedTime: '2026-09-25T10:00:00Z',
    }),
    counts: { identity: 2 },
  },
  {
    format: 'aws-authorization-details',
    name: 'authorization.json',
    text: json({
      UserDetailList: [
        {
          UserName: 'ann',
          Arn: 'arn:aws:iam::123456789012:user/ann',
          GroupList: ['staff'],
          UserPolicyList: [
            { PolicyName: 'p', PolicyDocument: document(allow('s3:GetObject', 'arn:aws:s3:::notes/*')) },
          ],
          AttachedManagedPolicies: [],
        },
      ],
      GroupDetailList: [
        {
          GroupName: 'staff',
          Arn: 'arn:aws:iam::123456789012:group/staff',
          GroupPolicyList: [],
          AttachedManagedPolicies: [
            { PolicyName: 'AdministratorAccess', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
          ],
        },
      ],
      RoleDetailList: [
        {
          RoleName: 'rag',
          Arn: 'arn:aws:iam::123456789012:role/rag',
          CreateDate: '2026-01-01T00:00:00Z',
          AssumeRolePolicyDocument: document({
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Principal: { Service: 'lambda.amazonaws.com' },
          }),
          RolePolicyList: [],
          AttachedManagedPolicies: [],
          RoleLastUsed: { LastUsedDate: '2026-09-20T00:00:00Z' },
        },
      ],
      Policies: [],
    }),
    counts: { inventory: 1, identity: 2, role: 2 },
  },
  {
    format: 'kubernetes-rbac',
    name: 'access.yaml',
    text: KUBERNETES,
    counts: { inventory: 1, identity: 1, role: 1 },
  },
  {
    format: 'mcp-configuration',
    name: 'mcp.json',
    text: json({
      mcpServers: {
        github: {
          command: 'npx',
          args: ['-y', '@modelcontextprotocol/server-github@2025.4.8'],
          env: { GITHUB_TOKEN: SECRET },
        },
        search: { type: 'http', url: 'https://mcp.example.org/mcp', headers: { Authorization: `Bearer ${SECRET}` } },
      },
    }),
    counts: { 'agent-tool': 2, 'secret-scan': 1, 'secret-finding': 2 },
  },
  {
    format: 'gitleaks',
    name: 'leaks.json',
    text: json([
      {
        RuleID: 'generic-api-key',
        StartLine: 21,
        Match: `apikey = "${SECRET}"`,
        Secret: SECRET,
        File: 'tests/api.py',
        Commit: '69235ea9ea4d59e18e2cc3c295526de46aa1365c',
        Message: `take ${SECRET} out`,
      },
    ]),
    counts: { 'secret-scan': 1, 'secret-finding': 1 },
  },
  {
    format: 'gitleaks',
    name: 'leaks-7.json',
    text: json([
      {
        line: `key = ${SECRET}`,
        lineNumber: 3,
        offender: SECRET,
        commit: '69235ea9',
        repo: '.',
        rule: 'AWS',
        file: 'a.tf',
      },
    ]),
    counts: { 'secret-scan': 1, 'secret-finding': 1 },
  },
  {
    format: 'gitleaks-csv',
    name: 'leaks.csv',
    text: `RuleID,Commit,File,SymlinkFile,Secret,Match,StartLine,EndLine,StartColumn,EndColumn,Author,Message,Date,Email,Fingerprint,Tags
generic-api-key,69235ea9ea4d59e18e2cc3c295526de46aa1365c,src/a.py,,${SECRET},"key = ""${SECRET}""",3,3,2,44,Ann,take ${SECRET} out,2026-09-01T08:00:00Z,ann@example.org,69235ea9:src/a.py:generic-api-key:3,
`,
    counts: { 'secret-scan': 1, 'secret-finding': 1 },
  },
  {
    format: 'trufflehog',
    name: 'truffle.json',
    text: [
      json({
        SourceMetadata: {
          Data: { Git: { commit: 'fbc14303ffbf8fb1', file: 'keys', repository: 'https://example.org/r', line: 4 } },
        },
        SourceName: 'trufflehog - git',
        DetectorName: 'AWS',
        Verified: true,
        Raw: SECRET,
        RawV2: SECRET,
        Redacted: SECRET.slice(0, 12),
      }).replaceAll(/\n\s*/g, ''),
      '{"level":"info-0","msg":"finished scanning"}',
    ].join('\n'),
    counts: { 'secret-scan': 1, 'secret-finding': 1 },
  },
  {
    format: 'github-secret-scanning',
    name: 'alerts.json',
    text: json([
      {
        number: 1,
        state: 'resolved',
        resolution: 'revoked',
        resolved_at: '2026-09-01T10:00:00Z',
        resolved_by: { login: 'ann' },
        secret_type: 'mailchimp_api_key',
        secret: SECRET,
        html_url: 'https://github.com/example/r/security/secret-scanning/1',
      },
    ]),
    counts: { 'secret-scan': 1, 'secret-finding': 1 },
  },
  {
    format: 'detect-secrets',
    name: 'baseline.json',
    text: json({
      version: '0.13.1+ibm.62.dss',
      plugins_used: [{ name: 'DB2Detector' }],
      results: { 'a.py': [{ type: 'DB2 Credentials', line_number: 3, hashed_secret: SECRET, verified_result: true }] },
      generated_at: '2026-09-20T10:00:00Z',
    }),
    counts: { 'secret-scan': 1, 'secret-finding': 1 },
  },
  {
    format: 'threat-dragon-v2',
    name: 'dragon.json',
    text: json({
      version: '2.0',
      summary: { title: 'T' },
      detail: { diagrams: [{ diagramType: 'STRIDE', cells: [{ data: { name: 'Assistant', threats: [THREAT] } }] }] },
    }),
    counts: { 'threat-model': 1, threat: 1 },
  },
  {
    format: 'threat-dragon-v1',
    name: 'dragon-1.json',
    text: json({
      summary: { title: 'T' },
      detail: {
        diagrams: [
          {
            diagramJson: {
              cells: [{ threats: [THREAT], attrs: { text: { text: 'Assistant' } } }, { type: 'tm.Flow' }],
            },
          },
        ],
      },
    }),
    counts: { 'threat-model': 1, threat: 1 },
  },
  {
    format: 'threat-composer',
    name: 'composer.tc.json',
    text: json({
      schema: 1,
      applicationInfo: { name: 'Chatbot' },
      threats: [
        {
          id: 't1',
          statement: 'An actor can query the assistant, which leads to membership inference',
          status: 'threatResolved',
          tags: ['ML04'],
          metadata: [
            { key: 'Priority', value: 'High' },
            { key: 'STRIDE', value: ['I'] },
          ],
        },
      ],
      mitigations: [{ id: 'm1', content: 'Noise', status: 'mitigationResolved' }],
      mitigationLinks: [{ mitigationId: 'm1', linkedId: 't1' }],
    }),
    counts: { 'threat-model': 1, threat: 1 },
  },
  {
    format: 'open-threat-model',
    name: 'model.otm',
    text: `otmVersion: 0.2.0
project: {name: P, id: p}
components:
  - id: c
    name: Assistant
    threats:
      - {threat: t1, state: mitigated, mitigations: [{mitigation: m1, state: implemented}]}
threats:
  - {id: t1, name: Membership inference, categories: [Information disclosure]}
mitigations:
  - {id: m1, name: Noise}
`,
    counts: { 'threat-model': 1, threat: 1 },
  },
  {
    format: 'threagile',
    name: 'threagile.yaml',
    text: `threagile_version: 1.0.0
title: T
date: 2026-09-01
technical_assets:
  Assistant: {id: assistant, out_of_scope: false}
individual_risk_categories:
  Membership inference:
    id: membership
    description: Whether a record was in the training data
    mitigation: Noise
    stride: information-disclosure
    risks_identified:
      "<b>Membership inference</b> at <b>Assistant</b>": {severity: elevated, most_relevant_technical_asset: assistant}
risk_tracking:
  "membership@*": {status: mitigated}
`,
    counts: { 'threat-model': 1, threat: 1 },
  },
  {
    format: 'threagile-risks',
    name: 'risks.json',
    text: json([
      {
        category: 'membership',
        risk_status: 'in-progress',
        severity: 'elevated',
        exploitation_likelihood: 'likely',
        title: '<b>Membership inference</b> at <b>Assistant</b>',
        synthetic_id: 'membership@assistant',
        most_relevant_technical_asset: 'assistant',
      },
    ]),
    counts: { 'threat-model': 1, threat: 1 },
  },
  {
    format: 'pytm',
    name: 'pytm.json',
    text: json({
      name: 'tm',
      threatsFile: 'threats.json',
      mergeResponses: false,
      elements: [{ __class__: 'Server', name: 'Assistant', inScope: true }],
      findings: [
        {
          id: '1',
          threat_id: 'DS01',
          description: 'Membership inference',
          severity: 'Very High',
          target: 'Assistant',
          response: 'mitigated: noise',
        },
      ],
    }),
    counts: { 'threat-model': 1, threat: 1 },
  },
  {
    format: 'owasp-threat-model-library',
    name: 'tm-bom.json',
    text: json({
      $schema: 'https://github.com/OWASP/www-project-threat-model-library/blob/v1.0.1/threat-model.schema.json',
      scope: { title: 'Assistant' },
      reviewed_at: '2026-09-01',
      trust_zones: [],
      threats: [{ symbolic_name: 'm', title: 'Membership inference', description: 'by the inference API' }],
      controls: [{ title: 'Noise', threats: ['m'], status: 'active' }],
      risks: [{ threats: ['m'], level: 'high' }],
    }),
    counts: { 'threat-model': 1, threat: 1 },
  },
  {
    format: 'cyclonedx-threat-model',
    name: 'tm.cdx.json',
    text: json({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      metadata: { timestamp: '2026-09-01T00:00:00Z' },
      components: [{ type: 'threat-model', name: 'Assistant', components: [{ type: 'threat-model', name: 'User' }] }],
    }),
    counts: {},
  },
  {
    format: 'atlas-layer',
    name: 'layer.json',
    text: json({
      name: 'L',
      domain: 'atlas-atlas',
      techniques: [
        {
          techniqueID: 'AML.T0024.000',
          metadata: [
            { name: 'status', value: 'mitigated' },
            { name: 'mitigation', value: 'Noise' },
          ],
        },
        { techniqueID: 'AML.T0024.001' },
      ],
    }),
    counts: { 'threat-model': 1, threat: 1 },
  },
  {
    format: 'microsoft-tmt',
    name: 'model.tm7',
    text: `<ThreatModel xmlns="http://schemas.datacontract.org/2004/07/ThreatModeling.Model"><DrawingSurfaceList/><MetaInformation><ThreatModelName>T</ThreatModelName></MetaInformation><ThreatInstances xmlns:a="http://schemas.microsoft.com/2003/10/Serialization/Arrays"><a:KeyValueOfstringThreatpc_P0_PhOB><a:Key>k</a:Key><a:Value xmlns:b="http://schemas.datacontract.org/2004/07/ThreatModeling.KnowledgeBase"><b:Id>5</b:Id><b:ModifiedAt>2026-09-01T10:00:00</b:ModifiedAt><b:Properties><a:KeyValueOfstringstring><a:Key>Title</a:Key><a:Value>Membership inference &amp; more</a:Value></a:KeyValueOfstringstring><a:KeyValueOfstringstring><a:Key>PossibleMitigations</a:Key><a:Value>Advice</a:Value></a:KeyValueOfstringstring><a:KeyValueOfstringstring><a:Key>Priority</a:Key><a:Value>High</a:Value></a:KeyValueOfstringstring></b:Properties><b:State>Mitigated</b:State><b:StateInformation>Noise</b:StateInformation></a:Value></a:KeyValueOfstringThreatpc_P0_PhOB></ThreatInstances></ThreatModel>`,
    counts: { 'threat-model': 1, threat: 1 },
  },
  {
    format: 'google-cloud-iam-policy',
    name: 'policy.json',
    text: json({
      bindings: [
        { role: 'roles/owner', members: ['user:ann@example.org'] },
        { role: 'roles/storage.objectViewer', members: ['serviceAccount:rag@p.iam.gserviceaccount.com'] },
      ],
      etag: 'x',
      version: 1,
    }),
    counts: { inventory: 1, identity: 2, role: 2 },
  },
  {
    format: 'google-cloud-service-accounts',
    name: 'accounts.json',
    text: json([
      {
        name: 'projects/p/serviceAccounts/rag@p.iam.gserviceaccount.com',
        email: 'rag@p.iam.gserviceaccount.com',
        disabled: true,
      },
    ]),
    counts: { inventory: 1, identity: 1 },
  },
  {
    format: 'google-cloud-service-account-keys',
    name: 'keys.json',
    text: json([
      {
        name: 'projects/p/serviceAccounts/rag@p.iam.gserviceaccount.com/keys/k1',
        keyType: 'USER_MANAGED',
        validAfterTime: '2026-01-01T00:00:00Z',
        validBeforeTime: '9999-12-31T23:59:59Z',
        privateKeyData: SECRET,
      },
    ]),
    counts: { inventory: 1, identity: 1 },
  },
  {
    format: 'microsoft-entra',
    name: 'principals.json',
    text: json({
      '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#servicePrincipals',
      value: [
        {
          appId: '11111111-1111-4111-8111-111111111111',
          displayName: 'claims-rag',
          servicePrincipalType: 'Application',
          accountEnabled: true,
          passwordCredentials: [
            {
              keyId: 'k',
              startDateTime: '2026-01-01T00:00:00Z',
              endDateTime: '2028-01-01T00:00:00Z',
              secretText: SECRET,
              hint: SECRET.slice(0, 3),
            },
          ],
          keyCredentials: [],
          owners: [{ displayName: 'Ann' }],
        },
      ],
    }),
    counts: { inventory: 1, identity: 1 },
  },
  {
    format: 'terraform-state',
    name: 'terraform.tfstate',
    text: json({
      version: 4,
      terraform_version: '1.9.0',
      serial: 7,
      lineage: 'x',
      outputs: { key: { value: SECRET, sensitive: true } },
      resources: [
        {
          mode: 'managed',
          type: 'aws_iam_user',
          name: 'bot',
          instances: [{ attributes: { name: 'bot', arn: 'arn:aws:iam::123456789012:user/bot' } }],
        },
        {
          mode: 'managed',
          type: 'aws_iam_user_policy',
          name: 'p',
          instances: [{ attributes: { name: 'p', user: 'bot', policy: JSON.stringify(document(allow('s3:*'))) } }],
        },
        {
          mode: 'managed',
          type: 'aws_iam_access_key',
          name: 'k',
          instances: [
            {
              attributes: {
                id: 'AKIAIOSFODNN7EXAMPLE',
                user: 'bot',
                status: 'Active',
                create_date: '2026-01-01T00:00:00Z',
                secret: SECRET,
              },
            },
          ],
        },
        { mode: 'managed', type: 'random_password', name: 'r', instances: [{ attributes: { result: SECRET } }] },
      ],
    }),
    counts: { inventory: 1, identity: 1 },
  },
  {
    format: 'prowler-csv',
    name: 'prowler.csv',
    text: 'TIMESTAMP;CHECK_ID;CHECK_TITLE;STATUS;STATUS_EXTENDED;MUTED;SEVERITY;PROWLER_VERSION\n2026-09-20 10:00:00.1;iam_root_mfa;Root has MFA;FAIL;no;False;critical;5.4.0\n2026-09-20 10:00:00.1;iam_root_mfa;Root has MFA;PASS;yes;False;critical;5.4.0\n2026-09-20 10:00:00.1;s3_public;Public;FAIL;yes;True;high;5.4.0\n',
    counts: { 'tool-finding': 2 },
  },
  {
    format: 'ocsf-findings',
    name: 'prowler.ocsf.json',
    text: json([
      {
        metadata: { event_code: 'iam_root_mfa', product: { name: 'Prowler', version: '5.4.0' } },
        severity: 'Critical',
        status: 'New',
        status_code: 'FAIL',
        finding_info: { title: 'Root has MFA', uid: 'u' },
        class_uid: 2004,
        time_dt: '2026-09-20T10:00:00.1',
      },
    ]),
    counts: { 'tool-finding': 1 },
  },
  {
    format: 'sarif',
    name: 'results.sarif',
    text: json({
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          results: [{ ruleId: 'r1', level: 'error', message: { text: SECRET }, locations: [] }],
          tool: {
            driver: { name: 'Semgrep', rules: [{ id: 'r1', shortDescription: { text: 'Prompt from outside' } }] },
          },
        },
      ],
    }),
    counts: { 'tool-finding': 1 },
  },
  {
    format: 'sarif',
    name: 'secrets.sarif',
    text: json({
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'gitleaks', semanticVersion: 'v8.0.0' } },
          results: [
            {
              ruleId: 'aws-access-token',
              message: { text: `found ${SECRET}` },
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'a.py' },
                    region: { startLine: 3, snippet: { text: SECRET } },
                  },
                },
              ],
            },
          ],
        },
      ],
    }),
    counts: { 'secret-scan': 1, 'secret-finding': 1 },
  },
  {
    format: 'github-app-installations',
    name: 'installations.json',
    text: json({
      total_count: 1,
      installations: [
        {
          id: 1,
          app_slug: 'review-bot',
          account: { login: 'example' },
          permissions: { contents: 'write' },
          repository_selection: 'all',
          suspended_at: null,
        },
      ],
    }),
    counts: { inventory: 1, identity: 1 },
  },
  {
    format: 'github-fine-grained-tokens',
    name: 'tokens.json',
    text: json([
      {
        id: 7,
        owner: { login: 'ann' },
        repository_selection: 'all',
        permissions: { repository: { contents: 'read' } },
        access_granted_at: '2026-09-01T00:00:00Z',
        token_expired: false,
        token_expires_at: '2026-12-01T00:00:00Z',
        token_last_used_at: null,
      },
    ]),
    counts: { inventory: 1, identity: 1 },
  },
  {
    format: 'github-deploy-keys',
    name: 'deploy-keys.json',
    text: json([
      {
        id: 9,
        key: `ssh-ed25519 ${SECRET}`,
        title: 'ci',
        url: 'https://api.github.com/repos/example/app/keys/9',
        read_only: false,
        created_at: '2026-01-01T00:00:00Z',
        last_used: '2026-09-01T00:00:00Z',
      },
    ]),
    counts: { inventory: 1, identity: 1 },
  },
  {
    format: 'okta-api-tokens',
    name: 'okta-tokens.json',
    text: json([{ id: '00T', name: 'ci', userId: '00u', tokenWindow: 'P30D', created: '2026-01-01T00:00:00Z' }]),
    counts: { inventory: 1, identity: 1 },
  },
  {
    format: 'okta-applications',
    name: 'okta-apps.json',
    text: json([
      {
        id: '0oa',
        name: 'oidc_client',
        label: 'claims-rag',
        status: 'ACTIVE',
        signOnMode: 'OPENID_CONNECT',
        credentials: {
          oauthClient: { client_id: '0oa', client_secret: SECRET, token_endpoint_auth_method: 'client_secret_basic' },
        },
        settings: { oauthClient: { application_type: 'service' } },
      },
    ]),
    counts: { inventory: 1, identity: 1 },
  },
  {
    format: 'vault-tokens',
    name: 'vault.json',
    text: json({
      data: {
        accessor: 'acc1',
        creation_time: 1_790_000_000,
        creation_ttl: 0,
        expire_time: null,
        explicit_max_ttl: 0,
        id: SECRET,
        num_uses: 0,
        policies: ['root'],
        display_name: 'root',
        type: 'service',
      },
    }),
    counts: { inventory: 1, identity: 1, role: 1 },
  },
  {
    format: 'spire-entries',
    name: 'spire.json',
    text: json({
      entries: [
        {
          id: 'a',
          spiffe_id: { trust_domain: 'example.org', path: '/rag' },
          parent_id: {},
          selectors: [],
          admin: false,
        },
        { id: 'b', spiffe_id: { trust_domain: 'example.org', path: '/rag' }, parent_id: {}, selectors: [] },
      ],
      next_page_token: '',
    }),
    counts: { inventory: 1, identity: 1 },
  },
];
