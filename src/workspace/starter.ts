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
  return new Map([
    ['probity.yaml', workspace(id, name, today)],
    ['evidence/probe-result.example.yaml', probeResult(today)],
    ['evidence/access-inventory.example.yaml', accessInventory(today)],
    ['evidence/threat-model.example.yaml', threatModel(today)],
    ['evidence/attestations.example.yaml', attestations(today)],
    [
      'evidence/changes.example.yaml',
      `apiVersion: probity/v1\nkind: ChangeLog\n# of: model, prompt, tool, data or integration\nchanges:\n  - {of: model, date: ${today}, description: first deployment}\n`,
    ],
  ]);
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
  - {id: my-model, version: "1.0", provider: self-hosted, deployed: ${today}}
surfaces: [model-api]              # of model-api, retrieval-store, agent-tools, embeddings, model-weights
data: [{name: customer records, sensitivity: personal}]
evidence: ["evidence/**/*"]
ignore: ["**/*.example.yaml"]      # replace the values of an example, then drop .example from its name
# What files cannot say of themselves, such as a bare table of scores:
# sources:
#   - {match: "evidence/scores.csv", technique: likelihood-ratio, surface: model-api, collected: ${today}}
`;
}

function probeResult(today: string): string {
  return `# Results of any test, as counts. Replace the numbers by yours.
apiVersion: probity/v1
kind: ProbeResult
tool: {name: my-probe, version: "1.0"}
collected: ${today}
results:
  - attackClass: inversion
    technique: prompt-leakage
    surface: model-api
    probe: asked to repeat its instructions
    trials: {n: 100, successes: 0}
  - attackClass: membership-inference
    technique: loss-threshold
    surface: model-api
    probe: loss threshold at 0.1% false positives
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
    owner: Platform Team
    lastUsed: ${today}
    reaches: [model-api]
    entitlements: [{actions: ["model:Invoke"], resources: ["model/my-model"]}]
    credentials: [{id: service/inference/token, type: token, created: ${today}, lastUsed: ${today}}]
`;
}

function threatModel(today: string): string {
  return `apiVersion: probity/v1
kind: ThreatModel
title: Threats of the system
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
    statement: Model access, tool calls and secret use are logged apart, each with the identity.
    facts: {events: [model-access, tool-call, secret-use], identityInEvent: true}
    by: {name: Your Name, role: Head of Platform Security}
    issued: ${today}
`;
}
