import { visibleJson } from '../visible.ts';
import { jsonSchemas, modeline, schemaFile } from './jsonSchemas.ts';
import type { KindName } from './kinds.ts';

/** What a workspace is made for: what such systems have, how their models came to be, and what evidence is particular to them. */
interface Kind {
  title: string;
  surfaces: string;
  training: string;
  /** What comes after the value of `training`, for whoever replaces it. */
  provider: string;
  data: string;
  /** An inversion test of such systems, and a membership test. */
  tests: { inversion: Test; membership: Test };
  /** Evidence besides what every system has. */
  more: readonly Example[];
}

type Example = readonly [name: string, kind: string, text: (today: string) => string];

const STORES: Example = ['stores', 'StoreFacts', stores];
const TOOLS: Example = ['tools', 'ToolInventory', tools];
const TERMS: Example = ['vendor-terms', 'VendorTerms', vendorTerms];
const DATA: Example = ['data-sheet', 'DataSheet', dataSheet];

type Test = readonly [technique: string, surface: string];

const MEMBERSHIP: { membership: Test } = { membership: ['loss-threshold', 'model-api'] };
const RETRIEVAL: { membership: Test } = { membership: ['retrieval-membership', 'retrieval-store'] };

/** What each kind of system has. */
const KINDS: Record<KindName, Kind> = {
  rag: {
    title: 'answers from a store of documents',
    surfaces: 'model-api, retrieval-store, embeddings',
    training: 'none',
    provider: 'a vendor',
    data: '{name: indexed documents, sensitivity: confidential}',
    tests: { inversion: ['context-leakage', 'retrieval-store'], ...RETRIEVAL },
    more: [STORES, TERMS],
  },
  agent: {
    title: 'acts with tools',
    surfaces: 'model-api, agent-tools, retrieval-store',
    training: 'none',
    provider: 'a vendor',
    data: '{name: what its tools reach, sensitivity: confidential}',
    tests: { inversion: ['connected-leakage', 'agent-tools'], ...RETRIEVAL },
    more: [TOOLS, STORES, TERMS],
  },
  classifier: {
    title: 'gives labels or scores',
    surfaces: 'model-api',
    training: 'own',
    provider: 'self-hosted',
    data: '{name: training records, sensitivity: personal}',
    tests: { inversion: ['attribute-inference', 'model-api'], ...MEMBERSHIP },
    more: [DATA],
  },
  'fine-tuned': {
    title: "a vendor's model, tuned on own data",
    surfaces: 'model-api',
    training: 'tuned',
    provider: 'self-hosted',
    data: '{name: tuning records, sensitivity: personal}',
    tests: { inversion: ['training-data-extraction', 'model-api'], ...MEMBERSHIP },
    more: [DATA],
  },
  'vendor-hosted': {
    title: "a vendor's model behind its interface, used as it is",
    surfaces: 'model-api',
    training: 'none',
    provider: 'a vendor',
    data: '{name: what people type, sensitivity: personal}',
    tests: { inversion: ['prompt-leakage', 'model-api'], ...MEMBERSHIP },
    more: [TERMS],
  },
};

/** Where nobody says what the system is. */
const ANY: Kind = {
  title: 'any system',
  surfaces: 'model-api',
  training: 'own',
  provider: 'self-hosted',
  data: '{name: customer records, sensitivity: personal}',
  tests: { inversion: ['prompt-leakage', 'model-api'], ...MEMBERSHIP },
  more: [],
};

/**
 * The files of a new workspace, by name. The examples are left out of every assessment by their ending: values that nobody
 * has replaced must never satisfy a control.
 */
export function workspaceFiles(name: string, today: string, of?: KindName): Map<string, string> {
  const kind: Kind = of === undefined ? ANY : KINDS[of];
  const id =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'system';
  const examples: Example[] = [
    ['probe-result', 'ProbeResult', (day) => probeResult(day, kind)],
    ['access-inventory', 'AccessInventory', accessInventory],
    ['threat-model', 'ThreatModel', threatModel],
    ['attestations', 'Attestation', attestations],
    ['changes', 'ChangeLog', changes],
    ['interface', 'Interface', interfaceFacts],
    ['events', 'EventSample', events],
    ['secrets', 'SecretScan', secrets],
    ['waivers', 'Waiver', waivers],
    ...kind.more,
  ];
  const files: [name: string, kind: string, text: string][] = [
    ['probity.yaml', 'System', workspace(id, name, today, kind)],
    ...examples.map(([file, of, text]): [string, string, string] => [`evidence/${file}.example.yaml`, of, text(today)]),
  ];
  const schemas = jsonSchemas();
  return new Map([
    ...files.map(([file, kind, text]): [string, string] => [
      file,
      modeline(kind, file.includes('/') ? `../${SCHEMAS}` : SCHEMAS) + text,
    ]),
    ...files.map(([, kind]): [string, string] => [
      `${SCHEMAS}/${schemaFile(kind)}`,
      schemas.get(schemaFile(kind)) ?? '',
    ]),
  ]);
}

/** Where an editor finds what each kind of file may hold; the dot keeps the folder out of the way. */
const SCHEMAS = '.schemas';

function changes(today: string): string {
  return `apiVersion: probity/v1
kind: ChangeLog
# of: model, prompt, tool, data or integration
changes:
  - {of: model, date: ${today}, description: "<replace: what was changed>"}
`;
}

function interfaceFacts(today: string): string {
  return `# What each surface gives out. What tells more than a label, text or a rounded score needs a justification.
apiVersion: probity/v1
kind: Interface
collected: ${today}
outputs:
  - {surface: model-api, gives: rounded-score, decimals: 2, audience: "<replace: who may call it>"}
`;
}

function events(today: string): string {
  return `# A sample of the log. Events of one output carry its identifier: who asked, when, and what data went into it.
apiVersion: probity/v1
kind: EventSample
collected: ${today}
source: the log it was drawn from, and how
events:
  - {id: e-1, type: model-access, time: ${today}, identity: "<replace: who asked>", output: o-1}
  - {id: e-2, type: data-access, time: ${today}, identity: service/inference, output: o-1, data: ["<replace: what was read>"]}
`;
}

function secrets(today: string): string {
  return `# What a secret scanner found, without the secrets. A detect-secrets baseline is read as it is.
apiVersion: probity/v1
kind: SecretScan
collected: ${today}
tool: {name: "<replace: the scanner>", version: "1.0"}
scanned: ["<replace: the repositories that were searched>"]
findings: []
`;
}

function waivers(today: string): string {
  return `# A decision to live with a gap, for one control and one attack class, until a day.
apiVersion: probity/v1
kind: Waiver
waivers:
  - control: ACC-07
    attackClass: membership-inference
    reason: "<replace: why the gap is accepted>"
    approver: "<replace: who may accept it>"
    issued: ${today}
    expires: ${today}
`;
}

function workspace(id: string, name: string, today: string, kind: Kind): string {
  return `# The system under assessment (${kind.title}). Replace every value.
apiVersion: probity/v1
kind: System
id: ${id}
name: ${visibleJson(name)}
owner: {name: Model Risk, contact: model-risk@example.org}
riskTier: moderate                 # low, moderate or high
period: {from: ${today}, to: ${today}}
models:
  - id: my-model
    version: "1.0"
    provider: ${kind.provider}
    deployed: ${today}
    training: ${kind.training.padEnd(20)} # own, tuned, or none for a vendor's model used as it is
    targets: []                    # what tools call it, e.g. "rest/helpdesk"; * stands for anything
surfaces: [${kind.surfaces}]  # of model-api, retrieval-store, agent-tools, embeddings, model-weights
data: [${kind.data}]
evidence: ["evidence/**/*"]
ignore: ["**/*.example.yaml"]      # replace the values of an example, then drop .example from its name
# What files cannot say of themselves, such as a bare table of scores:
# sources:
#   - match: "evidence/scores.csv"
#     technique: likelihood-ratio
#     surface: model-api
#     collected: ${today}
#     target: my-model
#     assignment: {random: true, by: who drew it, how: seeded shuffle before training}
#     positiveControl: {file: evidence/control.csv, how: the same attack on an over-fitted copy}
`;
}

const TRIALS = '    trials: {n: 100, successes: 0}\n';
/** Attribute inference counts beside a baseline that never saw the model. */
const ADVANTAGE = `    advantage:
      attack: {n: 900, successes: 724}
      baseline: {n: 900, successes: 714}
      baselineMethod: "<replace: how the baseline guesses>"
`;

function probeResult(today: string, { tests }: Kind): string {
  const [inversion, reached] = tests.inversion;
  const [membership, asked] = tests.membership;
  return `# Results of any test, as counts. Replace the numbers by yours.
apiVersion: probity/v1
kind: ProbeResult
tool: {name: "<replace: the tool>", version: "1.0"}
collected: ${today}
target: my-model                   # what was tested, as targets in probity.yaml names it
results:
  - attackClass: inversion
    technique: ${inversion}
    surface: ${reached}
    probe: "<replace: what the attack did>"
    detector: "<replace: how success was decided>"
    planted: true                  # only where the testers put there what was looked for
${inversion === 'attribute-inference' ? ADVANTAGE : TRIALS}  - attackClass: membership-inference
    technique: ${membership}
    surface: ${asked}
    probe: "<replace: what the attack did>"
    operatingPoint: {falsePositiveLimit: 0.001, truePositives: 3, falsePositives: 1, members: 1000, nonMembers: 1000}
`;
}

function accessInventory(today: string): string {
  return `apiVersion: probity/v1
kind: AccessInventory
collected: ${today}
identities:
  - id: service/inference
    type: machine
    owner: "<replace: who answers for it>"
    lastUsed: ${today}
    reaches: [model-api]
    entitlements: [{actions: ["model:Invoke"], resources: ["model/my-model"]}]
    credentials: [{id: service/inference/token, type: token, created: ${today}, lastUsed: ${today}}]
`;
}

function threatModel(today: string): string {
  return `apiVersion: probity/v1
kind: ThreatModel
title: "<replace: the system>"
collected: ${today}
threats:
  - id: T-1
    title: A caller learns whether a record was in training
    status: open
    severity: high
    mitigation: Rounded scores
    attackClasses: [membership-inference]
    surfaces: [model-api]
  - id: T-2
    title: A caller gets training text recited
    status: open
    severity: high
    mitigation: Output is compared with training text
    attackClasses: [inversion]
    surfaces: [model-api]
`;
}

function attestations(today: string): string {
  return `# One statement names one class or a list; a class that is not named gets nothing from it.
apiVersion: probity/v1
kind: Attestation
statements:
  - control: MON-01
    attackClass: [membership-inference, inversion]
    statement: "<replace: what is stated>"
    facts: {events: [model-access, tool-call, secret-use], identityInEvent: true}
    by: {name: "<replace: who states it>", role: "<replace: in which role>"}
    issued: ${today}
`;
}

function stores(today: string): string {
  return `# How stores of documents, vectors, memory and traces are kept. What is left out is reported as not stated.
apiVersion: probity/v1
kind: StoreFacts
collected: ${today}
stores:
  - id: index/documents
    type: vectors                   # documents, vectors, memory or traces
    surface: retrieval-store
    # Whose rights decide what is handed out: caller (with the audience of its token), agent or nobody; and since when.
    authorisation: {by: nobody, since: ${today}}
    partitions: none                # or caller, tenant
    readers: ["<replace: who may read all of it>"]
`;
}

function tools(today: string): string {
  return `# The tools and MCP servers that the agent loads. Only a digest (pinned) says what is loaded.
apiVersion: probity/v1
kind: ToolInventory
collected: ${today}
tools:
  - id: tool/example
    server: "<replace: the server it is on>"
    version: 0.0.0
    transport: https                # in-process, stdio, https or http
    authenticates: nobody           # caller-token, workload, shared-key or nobody
`;
}

function vendorTerms(today: string): string {
  return `# The terms under which somebody else serves the model, as somebody read them in the signed document.
apiVersion: probity/v1
kind: VendorTerms
terms:
  - model: my-model
    vendor: "<replace: the vendor>"
    document: {title: "<replace: the document>", sha256: "<replace: its SHA-256>"}
    from: ${today}
    read: ${today}
    trainsOnInputs: true            # false only where the document says so
`;
}

function dataSheet(today: string): string {
  return `# Every set of data that the system learns or answers from, and the search before it was taken in.
apiVersion: probity/v1
kind: DataSheet
collected: ${today}
datasets:
  - id: records-1
    feeds: training                 # training, tuning or retrieval
    covers: ["<replace: the resource of the access inventory that it fills>"]
    sensitivity: confidential       # public, internal, confidential, restricted or special-category
    records: 1
    ingested: ${today}
`;
}
