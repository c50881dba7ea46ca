import type { Fields, Files, Workspace } from './system.ts';
import { yaml } from './tests.ts';

/* What surrounds the model: who may do what, what is logged, what people state. */

/** When inventories, scans and interface facts were collected. */
const LISTED = '2026-11-15';

/** A service that may call one model, seldom sees a new face, and is owned by somebody. */
export const SERVICE: Fields = {
  id: 'service/inference',
  type: 'machine',
  owner: 'Platform Team',
  created: '2026-09-15',
  lastUsed: '2026-11-14',
  admin: false,
  reaches: ['model-api'],
  entitlements: [{ actions: ['model:Invoke'], resources: ['model/helper'] }],
  credentials: [
    {
      id: 'service/inference/token',
      type: 'token',
      created: '2026-11-01',
      expires: '2026-12-15',
      lastUsed: '2026-11-14',
    },
  ],
  usedBy: { workloads: ['answering'], environments: ['production'], tenants: ['example'] },
  stages: ['inference'],
  rights: ['call-model'],
  interactive: { enabled: false },
};

/** Somebody who administers, with a second factor. */
export const ADMINISTRATOR: Fields = {
  id: 'person/marsh',
  type: 'human',
  owner: 'A. Marsh',
  created: '2025-02-01',
  lastUsed: '2026-11-14',
  admin: true,
  mfa: true,
};

/** The account that owns everything, without a key. */
export const ROOT_ACCOUNT: Fields = { ...ADMINISTRATOR, id: 'account/root', owner: 'Head of Platform', root: true };

const RESOURCES: readonly Fields[] = [
  { id: 'model/helper', type: 'model', surface: 'model-api', stage: 'inference', sensitivity: 'internal' },
  { id: 'store/tickets', type: 'data', surface: 'model-api', stage: 'ingestion', sensitivity: 'confidential' },
];

/** An AccessInventory. */
export function inventory(identities: readonly Fields[], fields: Fields = {}): string {
  return yaml('AccessInventory', {
    collected: LISTED,
    thirdParties: 'none',
    identities,
    resources: RESOURCES,
    ...fields,
  });
}

/** A workspace with one inventory of the service, changed as a case wants, and of others. */
export function listing(service: Fields = {}, others: readonly Fields[] = [], fields: Fields = {}): Workspace {
  return { system: {}, files: { 'evidence/access.yaml': inventory([{ ...SERVICE, ...service }, ...others], fields) } };
}

/** A statement for one control and one class, by somebody with a name. */
export function statement(control: string, attackClass: string, facts: Fields, fields: Fields = {}): Fields {
  return {
    control,
    attackClass,
    statement: 'As recorded in the register of decisions, entry 114.',
    facts,
    by: { name: 'Ruth Okafor', role: 'Data Protection Officer' },
    issued: '2026-10-20',
    expires: '2027-04-20',
    document: {
      title: 'Register of decisions, entry 114',
      sha256: '3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea',
    },
    ...fields,
  };
}

export function attestation(statements: readonly Fields[]): string {
  return yaml('Attestation', { statements });
}

/** A workspace in which one statement is made. */
export function stating(control: string, attackClass: string, facts: Fields, fields: Fields = {}): Workspace {
  return {
    system: {},
    files: { 'evidence/attested.yaml': attestation([statement(control, attackClass, facts, fields)]) },
  };
}

/** A threat of one class on one surface, decided. */
export function threat(attackClass: string, fields: Fields = {}): Fields {
  return {
    id: `T-${attackClass}`,
    title: attackClass === 'inversion' ? 'A caller gets training text back' : 'A caller learns who was in training',
    status: 'open',
    severity: 'high',
    mitigation: 'Retraining with early stopping; answers are compared with training text',
    owner: 'Model Platform',
    due: '2027-01-31',
    attackClasses: [attackClass],
    surfaces: ['model-api'],
    ...fields,
  };
}

export function threatModel(threats: readonly Fields[], collected = '2026-11-02'): Files {
  return { 'evidence/threats.yaml': yaml('ThreatModel', { title: 'Helpdesk assistant', collected, threats }) };
}

export function changeLog(changes: readonly Fields[]): Files {
  return {
    'evidence/changes.yaml': yaml('ChangeLog', {
      changes: changes.map((change) => ({ description: 'as planned', ...change })),
    }),
  };
}

export function waiver(control: string, attackClass: string, fields: Fields = {}): Fields {
  return {
    control,
    attackClass,
    reason: 'The old interface is kept until the year-end close; it gives labels only.',
    approver: 'Head of Model Risk',
    issued: '2026-11-01',
    expires: '2027-03-31',
    ...fields,
  };
}

export function waivers(entries: readonly Fields[]): Files {
  return { 'evidence/waivers.yaml': yaml('Waiver', { waivers: entries }) };
}

export function interfaceFacts(outputs: readonly Fields[], collected = LISTED): string {
  return yaml('Interface', { collected, outputs });
}

/** A sample of a log. */
export function eventSample(events: readonly Fields[], collected = LISTED): Files {
  return {
    'evidence/events.yaml': yaml('EventSample', {
      collected,
      source: 'central log, every event of outputs drawn at random from October',
      events,
    }),
  };
}

/** Events of so many outputs: who asked, and what was read for the answer. */
export function tracedOutputs(count: number): Fields[] {
  const time = '2026-10-07T09:12:44Z';
  return Array.from({ length: count }, (_, i): Fields[] => [
    { id: `a-${i}`, type: 'model-access', time, identity: 'person/lund via portal', output: `o-${i}` },
    { id: `d-${i}`, type: 'data-access', time, identity: 'service/agent', output: `o-${i}`, data: [`ticket/${i}`] },
  ]).flat();
}

export function secretScan(findings: readonly Fields[], fields: Fields = {}): string {
  return yaml('SecretScan', {
    collected: LISTED,
    tool: { name: 'gitleaks', version: '8.24' },
    scanned: ['git/helpdesk', 'git/helper-training'],
    findings,
    ...fields,
  });
}
