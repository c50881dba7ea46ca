import type { DetectorAccuracy } from '../measure/detector.ts';
import type { PairedOutcomes, Proportion } from '../measure/difference.ts';
import type { DisclosurePoint } from '../measure/disclosure.ts';
import type { Discoverability } from '../measure/extraction.ts';
import type { OneRunAudit } from '../measure/privacy.ts';

export const ATTACK_CLASSES = ['membership-inference', 'inversion'] as const;
/** The two attack classes. There is no third value and no "both": what concerns both is said twice. */
export type AttackClass = (typeof ATTACK_CLASSES)[number];

export const SURFACES = ['model-api', 'retrieval-store', 'agent-tools', 'embeddings', 'model-weights'] as const;
export type Surface = (typeof SURFACES)[number];

/** A surface as evidence states it; `undeclared` when nothing says what was attacked, and then it counts for no control. */
export type StatedSurface = Surface | 'undeclared';

/** Where a fact was read: the file, its SHA-256 (hex) and a line (`line 12`) or JSON pointer (`/results/3`). */
export interface Source {
  path: string;
  sha256: string;
  at: string;
}

export interface Tool {
  name: string;
  version?: string;
}

/** What an attack is after: whether a record was there, a hidden attribute of a record, or content itself. */
export type Subject = 'membership' | 'attribute' | 'content';

/** The attack class of a subject. Membership is one class; attributes and content are inversion, and still never one another. */
export type ClassOf<S extends Subject> = S extends 'membership' ? 'membership-inference' : 'inversion';

/** A subject with its attack class, which never disagree. */
export type Aim = { [S in Subject]: { subject: S; attackClass: ClassOf<S> } }[Subject];

/** The technique whose results say something of an attribute, and nothing of content. */
export const ATTRIBUTE_TECHNIQUE = 'attribute-inference';

/** What a technique of a class is after. */
export function aimOf(attackClass: AttackClass, technique: string): Aim {
  if (attackClass === 'membership-inference') return { subject: 'membership', attackClass };
  return { subject: technique === ATTRIBUTE_TECHNIQUE ? 'attribute' : 'content', attackClass };
}

interface TestOf<S extends Subject> {
  subject: S;
  attackClass: ClassOf<S>;
  technique: string;
  surface: StatedSurface;
  /** The tool's own name of the attack. */
  probe: string;
  tool?: Tool;
  /** When the test was run, ISO 8601 date or date-time. */
  collected?: string;
  /** How success was decided: a detector, a judge, a similarity and its cut-off. */
  detector?: string;
}

/** How well a detector decides, and what it decides on: single trials, or what is counted (a prompt, a record). */
interface StatedAccuracy extends DetectorAccuracy {
  per: 'trial' | 'cluster';
}

/** Attack attempts and how many succeeded. */
export interface TrialsOf<S extends Subject> extends TestOf<S> {
  kind: 'trials';
  trials: Proportion;
  /** The same by prompt or record, when the evidence tells trials of one prompt apart from trials of another. */
  clusters?: Proportion | undefined;
  /** Attempts without a verdict: skipped, refused to be judged, null. Never counted as passes. */
  notEvaluated: number;
  /** Attempts that failed for a technical reason. Never counted as passes. */
  errors: number;
  /** What is known of the detector's own mistakes. */
  accuracy?: StatedAccuracy | undefined;
}
export type TrialsBody = { [S in Subject]: TrialsOf<S> }[Subject];

/** An attack's success beside that of a baseline that never saw the model. */
export interface AdvantageOf<S extends Subject> extends TestOf<S> {
  kind: 'advantage';
  attack: Proportion;
  baseline: Proportion;
  paired?: PairedOutcomes | undefined;
  /** False when attack and baseline were measured on different targets; their difference then says nothing. */
  sameTargets: boolean;
  /** What the baseline is, e.g. imputation from public attributes. */
  baselineMethod?: string;
}
type AdvantageBody = { [S in Subject]: AdvantageOf<S> }[Subject];

/** Scores of members and of non-members, higher = more likely a member. */
export interface ScorePair {
  members: Float64Array;
  nonMembers: Float64Array;
}

/** One membership score per record, in the order of the file. Only membership inference is measured this way. */
export interface ScoresBody extends TestOf<'membership'>, ScorePair {
  kind: 'scores';
  /** Scores of further records, set aside for choosing thresholds; absent when the evidence sets none aside. */
  calibration?: ScorePair;
  /** Scores of the same records by something that never saw the model. */
  baseline?: ScorePair;
  /** The same scores by group of records, where the evidence names groups; calibration records are left out. */
  groups?: (ScorePair & { group: string })[];
  /** Records that appear more than once by their identifier; undefined when records carry no identifier. */
  duplicateRecords?: number;
  /** What the evidence's keeper says of duplicates, when records carry no identifier. */
  duplicatesDeclared?: 'removed' | 'present';
}

/** Whether a threshold was chosen on records of its own, or on those it is scored on; undefined when nobody says. */
export type ThresholdOrigin = 'calibration' | 'same-records';

/** A membership attack at one threshold, as counts. */
interface OperatingPointBody extends TestOf<'membership'> {
  kind: 'operating-point';
  /** The false-positive rate the threshold was chosen for, in (0, 1). */
  falsePositiveLimit: number;
  truePositives: number;
  falsePositives: number;
  members: number;
  nonMembers: number;
  threshold?: ThresholdOrigin | undefined;
}

/** A one-run privacy audit: guesses about canaries that coins put into one training run (Steinke et al. 2023). */
interface OneRunBody extends TestOf<'membership'>, OneRunAudit {
  kind: 'one-run';
}

/** Canaries planted into training, and how far each stands out from those that might have been. */
interface CanariesBody extends TestOf<'membership'> {
  kind: 'canaries';
  /** Size of the space each canary was drawn from. */
  candidates: number;
  canaries: { id: string; rank?: number | undefined; sampled?: { drawn: number; above: number } | undefined; extrapolated?: number | undefined }[];
}

/** How alike an output and its target are, and from where they count as the same. */
export interface Similarity {
  /** e.g. exact, edit-similarity, bleu, cosine, ssim, lpips */
  metric: string;
  cutOff: number;
  /** Whether a larger value of the metric means closer. */
  closer: 'higher' | 'lower';
}

/** Targets that came back closer than a stated cut-off. */
interface ReconstructionBody extends TestOf<'content'> {
  kind: 'reconstruction';
  recovered: Proportion;
  similarity: Similarity;
}

/** Targets sampled repeatedly, or with known chances, for (n, p)-discoverable extraction (Hayes et al. 2024). */
interface ExtractionBody extends TestOf<'content'> {
  kind: 'extraction';
  wanted: Discoverability;
  outcome: { chances: Float64Array } | { successes: Float64Array; samples: number };
}

/** Distinct sensitive items recovered as queries were spent. */
interface DisclosureBody extends TestOf<'content'> {
  kind: 'disclosure';
  items: number;
  curve: DisclosurePoint[];
  /** The query budget the system is said to enforce, and the query at which the test saw it refuse, if it did. */
  budget?: { queries: number; refusedAt?: number | undefined } | undefined;
}

/** A number without the counts behind it. It can fail a criterion, never satisfy one. */
export interface StatedOf<S extends Subject> extends TestOf<S> {
  kind: 'stated';
  measure: string;
  falsePositiveLimit?: number | undefined;
  value: number;
}
type StatedBody = { [S in Subject]: StatedOf<S> }[Subject];

export interface Credential {
  id: string;
  type: string;
  active: boolean;
  /** ISO 8601; when the secret was last set. */
  created?: string;
  /** ISO 8601, or `never` where the inventory says that it does not expire. */
  expires?: string;
  lastUsed?: string;
  /** Issued per session and gone with it. */
  ephemeral?: boolean;
}

export interface Entitlement {
  actions: string[];
  /** Identifiers of resources; `*` stands for any run of characters. */
  resources: string[];
}

/** The parts of an AI system's life that should be in different hands. */
export const STAGES = ['ingestion', 'tuning', 'inference', 'logs'] as const;
export type Stage = (typeof STAGES)[number];

/** What an identity may do around a model; all three at once is what an injected agent needs. */
export const RIGHTS = ['call-model', 'read-data', 'execute-tools'] as const;
export type Right = (typeof RIGHTS)[number];

/** What kind of thing a resource is; reaching it gives the right that goes with it. */
export const RESOURCE_TYPES = ['model', 'data', 'tool', 'log', 'other'] as const;
export type ResourceType = (typeof RESOURCE_TYPES)[number];

/** How much harm a resource does in the wrong hands, from least to most; `unstated` when nobody says. */
export const SENSITIVITIES = ['public', 'internal', 'unstated', 'confidential', 'restricted', 'special-category'] as const;
export type Sensitivity = (typeof SENSITIVITIES)[number];

/** One identity that can reach the AI system. */
export interface IdentityBody {
  kind: 'identity';
  id: string;
  name: string;
  type: 'human' | 'machine' | 'unknown';
  /** Whether the inventory states the type, or it was inferred from something else. */
  statesType?: boolean;
  owner?: string;
  /** Whether the inventory records owners at all; where it does, a missing one is a finding. */
  statesOwners: boolean;
  active: boolean;
  created?: string;
  lastUsed?: string;
  admin?: boolean;
  /** The account that owns everything, or a break-glass one. */
  root?: boolean;
  mfa?: boolean;
  /** Undefined when the inventory says nothing of rights. */
  entitlements?: Entitlement[];
  /** Roles bound to it: it has their rights at any time. */
  roles?: string[];
  /** Identities and roles it may become. */
  assumes?: string[];
  credentials: Credential[];
  /** Which surfaces it can reach; undefined when the inventory does not say. */
  reaches?: Surface[];
  /** Pipelines, services, environments and tenants that use it; undefined when the inventory does not say. */
  usedBy?: { workloads?: string[]; environments?: string[]; tenants?: string[] };
  stages?: Stage[];
  rights?: Right[];
  /** Why it holds call-model, read-data and execute-tools together, if somebody decided that. */
  justification?: { reason: string; approvedBy: string; expires?: string };
  /** Sign-in by a person: whether it is possible, and when it last happened. */
  interactive?: { enabled: boolean; lastUsed?: string };
  /** Set when it belongs to somebody else's application. */
  thirdParty?: { vendor: string; reviewed?: string; scopes?: string[] };
  collected?: string;
  tool?: Tool;
}

/** A role: rights that identities get by being bound to it or by assuming it. */
interface RoleBody {
  kind: 'role';
  id: string;
  name: string;
  admin?: boolean;
  entitlements?: Entitlement[];
  assumes?: string[];
  collected?: string;
}

/** Something that entitlements name: a model endpoint, a store, a tool, a log. */
interface ResourceBody {
  kind: 'resource';
  id: string;
  type: ResourceType;
  surface?: Surface;
  stage?: Stage;
  sensitivity: Sensitivity;
  collected?: string;
}

/** What an access inventory says of itself. */
export interface InventoryBody {
  kind: 'inventory';
  identities: number;
  /** `none` when its keeper states that no third party has an identity. */
  thirdParties?: 'listed' | 'none';
  collected?: string;
}

/** A search for secrets in repositories, images or files. */
interface SecretScanBody {
  kind: 'secret-scan';
  /** What was searched, by name; empty when nobody says. */
  scanned: string[];
  findings: number;
  collected?: string;
  tool?: Tool;
}

/** A secret that a scan found. The secret itself is never carried. */
interface SecretFindingBody {
  kind: 'secret-finding';
  id: string;
  rule: string;
  /** File, line and commit, as the scan names them. */
  where: string;
  /** Whether it was tried and works; undefined when nobody tried. */
  verified?: boolean;
  review?: { decision: 'false-positive' | 'revoked' | 'accepted'; by: string; on: string };
  collected?: string;
  tool?: Tool;
}

/** What an interface gives out with an answer, from least to most telling. */
export const OUTPUTS = ['label', 'text', 'rounded-score', 'full-score', 'log-probabilities', 'logits', 'embedding', 'gradient'] as const;

/** One kind of output of one surface. */
interface OutputBody {
  kind: 'output';
  surface: Surface;
  gives: (typeof OUTPUTS)[number];
  /** Decimals that a rounded score keeps. */
  decimals?: number;
  /** Who gets it. */
  audience?: string;
  /** Why more than a label, text or rounded score is needed, if somebody decided that. */
  justification?: { reason: string; approvedBy: string; expires?: string };
  collected?: string;
}

export const EVENT_TYPES = ['model-access', 'tool-call', 'secret-use', 'data-access', 'alert'] as const;
type EventType = (typeof EVENT_TYPES)[number];

/** One event out of a sample of a log. */
interface EventBody {
  kind: 'event';
  id: string;
  type: EventType;
  time?: string;
  /** Who caused it: the caller, the workload. */
  identity?: string;
  /** The output it belongs to, by which events are put together. */
  output?: string;
  /** The records, documents or tables it touched. */
  data?: string[];
  collected?: string;
}

/** One threat of a threat model. */
export interface ThreatBody {
  kind: 'threat';
  id: string;
  title: string;
  /** STRIDE, LINDDUN or the model's own category. */
  category?: string;
  element?: string;
  status: 'open' | 'mitigated' | 'not-applicable' | 'unknown';
  severity: 'low' | 'medium' | 'high' | 'critical' | 'unknown';
  mitigation?: string;
  owner?: string;
  due?: string;
  /** The attack classes it names, each with how that is known; empty when none. */
  names: { attackClass: AttackClass; basis: 'identifier' | 'declared' | 'text'; term: string }[];
  surfaces: { surface: Surface; basis: 'declared' | 'text'; term: string }[];
  collected?: string;
  tool?: Tool;
}

export interface ThreatModelBody {
  kind: 'threat-model';
  title: string;
  collected?: string;
  threats: number;
  tool?: Tool;
}

/** A statement somebody is accountable for, about one control and one attack class. */
export interface AttestationBody {
  kind: 'attestation';
  control: string;
  attackClass: AttackClass;
  statement: string;
  facts: Record<string, string | number | boolean | string[]>;
  by: { name: string; role: string };
  issued: string;
  expires?: string;
  document?: { title: string; sha256?: string };
}

export const CHANGE_KINDS = ['model', 'prompt', 'tool', 'data', 'integration'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** A dated change of the AI system. */
interface ChangeBody {
  kind: 'change';
  of: ChangeKind;
  date: string;
  description: string;
  /** The surfaces it concerns; undefined means those that `controls/changes.yaml` names for its kind. */
  surfaces?: Surface[];
}

/** A decision to live with a gap, for one control and one attack class. */
export interface WaiverBody {
  kind: 'waiver';
  control: string;
  attackClass: AttackClass;
  reason: string;
  approver: string;
  issued: string;
  expires: string;
}

export type TestResultBody =
  | TrialsBody
  | AdvantageBody
  | ScoresBody
  | OperatingPointBody
  | OneRunBody
  | CanariesBody
  | ReconstructionBody
  | ExtractionBody
  | DisclosureBody
  | StatedBody;
export type ObservationBody =
  | TestResultBody
  | IdentityBody
  | RoleBody
  | ResourceBody
  | InventoryBody
  | SecretScanBody
  | SecretFindingBody
  | OutputBody
  | EventBody
  | ThreatBody
  | ThreatModelBody
  | AttestationBody
  | ChangeBody
  | WaiverBody;

/** The body of one kind of observation. */
export type BodyOf<K extends ObservationBody['kind']> = Extract<ObservationBody, { kind: K }>;

/** A fact as an adapter finds it: what, and where in the file. */
export type Located<Body extends ObservationBody = ObservationBody> = Body & { at: string };

/** A fact with its full source. */
export type Observation<Body extends ObservationBody = ObservationBody> = Body & { source: Source };

export type TestResult = Observation<TestResultBody>;

/** The test results of one subject. */
export type TestFor<S extends Subject> = Extract<TestResult, { subject: S }>;

const TEST_KINDS: ReadonlySet<string> = new Set<TestResultBody['kind']>([
  'trials',
  'advantage',
  'scores',
  'operating-point',
  'one-run',
  'canaries',
  'reconstruction',
  'extraction',
  'disclosure',
  'stated',
]);

export function isTestResult(observation: Observation): observation is TestResult {
  return TEST_KINDS.has(observation.kind);
}

/** The observations of one kind. */
export function ofKind<K extends ObservationBody['kind']>(observations: readonly Observation[], kind: K): Observation<Extract<ObservationBody, { kind: K }>>[] {
  return observations.filter((o): o is Observation<Extract<ObservationBody, { kind: K }>> => o.kind === kind);
}
