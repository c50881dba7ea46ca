import { jsonSchemas, modeline, schemaFile } from './jsonSchemas.ts';

/**
 * The files of a new workspace, by name. The examples are left out of every assessment by their ending: values that nobody
 * has replaced must never satisfy a control.
 */
export function workspaceFiles(name: string, today: string): Map<string, string> {
  const id =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'system';
  const files: [name: string, kind: string, text: string][] = [
    ['probity.yaml', 'System', workspace(id, name, today)],
    ['evidence/probe-result.example.yaml', 'ProbeResult', probeResult(today)],
    ['evidence/access-inventory.example.yaml', 'AccessInventory', accessInventory(today)],
    ['evidence/threat-model.example.yaml', 'ThreatModel', threatModel(today)],
    ['evidence/attestations.example.yaml', 'Attestation', attestations(today)],
    ['evidence/changes.example.yaml', 'ChangeLog', changes(today)],
    ['evidence/interface.example.yaml', 'Interface', interfaceFacts(today)],
    ['evidence/events.example.yaml', 'EventSample', events(today)],
    ['evidence/secrets.example.yaml', 'SecretScan', secrets(today)],
    ['evidence/waivers.example.yaml', 'Waiver', waivers(today)],
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

function workspace(id: string, name: string, today: string): string {
  return `# The system under assessment. Replace every value.
apiVersion: probity/v1
kind: System
id: ${id}
name: ${JSON.stringify(name)}
owner: {name: Model Risk, contact: model-risk@example.org}
riskTier: moderate                 # low, moderate or high
period: {from: ${today}, to: ${today}}
models:
  - id: my-model
    version: "1.0"
    provider: self-hosted
    deployed: ${today}
    training: own                  # own, tuned, or none for a vendor's model used as it is
    targets: []                    # what tools call it, e.g. "rest/helpdesk"; * stands for anything
surfaces: [model-api]              # of model-api, retrieval-store, agent-tools, embeddings, model-weights
data: [{name: customer records, sensitivity: personal}]
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

function probeResult(today: string): string {
  return `# Results of any test, as counts. Replace the numbers by yours.
apiVersion: probity/v1
kind: ProbeResult
tool: {name: "<replace: the tool>", version: "1.0"}
collected: ${today}
target: my-model                   # what was tested, as targets in probity.yaml names it
results:
  - attackClass: inversion
    technique: prompt-leakage
    surface: model-api
    probe: "<replace: what the attack did>"
    detector: "<replace: how success was decided>"
    planted: true                  # only where the testers put there what was looked for
    trials: {n: 100, successes: 0}
  - attackClass: membership-inference
    technique: loss-threshold
    surface: model-api
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
