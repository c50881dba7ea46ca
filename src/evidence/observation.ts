import type { PairedOutcomes, Proportion } from '../measure/difference.ts';

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

interface TestBody {
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

/** Attack attempts and how many succeeded. */
export interface TrialsBody extends TestBody {
  kind: 'trials';
  attackClass: AttackClass;
  trials: Proportion;
  /** The same by prompt or record, when the evidence tells trials of one prompt apart from trials of another. */
  clusters?: Proportion;
  /** Attempts without a verdict: skipped, refused to be judged, null. Never counted as passes. */
  notEvaluated: number;
  /** Attempts that failed for a technical reason. Never counted as passes. */
  errors: number;
}

/** An attack's success beside that of a baseline that never saw the model. */
interface AdvantageBody extends TestBody {
  kind: 'advantage';
  attackClass: AttackClass;
  attack: Proportion;
  baseline: Proportion;
  paired?: PairedOutcomes | undefined;
  /** False when attack and baseline were measured on different targets; their difference then says nothing. */
  sameTargets: boolean;
  /** What the baseline is, e.g. imputation from public attributes. */
  baselineMethod?: string;
}

/** One membership score per record. Only membership inference is measured this way. */
export interface ScoresBody extends TestBody {
  kind: 'scores';
  attackClass: 'membership-inference';
  members: Float64Array;
  nonMembers: Float64Array;
  /** Scores of the same records by something that never saw the model. */
  baseline?: { members: Float64Array; nonMembers: Float64Array };
  /** Records that appear more than once by their identifier; undefined when records carry no identifier. */
  duplicateRecords?: number;
  /** What the evidence's keeper says of duplicates, when records carry no identifier. */
  duplicatesDeclared?: 'removed' | 'present';
}

/** A membership attack at one threshold, as counts. */
interface OperatingPointBody extends TestBody {
  kind: 'operating-point';
  attackClass: 'membership-inference';
  /** The false-positive rate the threshold was chosen for, in (0, 1). */
  falsePositiveLimit: number;
  truePositives: number;
  falsePositives: number;
  members: number;
  nonMembers: number;
}

/** A number without the counts behind it. It can fail a criterion, never satisfy one. */
export interface StatedBody extends TestBody {
  kind: 'stated';
  attackClass: AttackClass;
  measure: string;
  falsePositiveLimit?: number;
  value: number;
}

export interface Credential {
  id: string;
  type: string;
  active: boolean;
  /** ISO 8601; when the secret was last set. */
  created?: string;
  expires?: string;
  lastUsed?: string;
  /** Issued per session and gone with it. */
  ephemeral?: boolean;
}

interface Entitlement {
  actions: string[];
  resources: string[];
}

/** One identity that can reach the AI system. */
export interface IdentityBody {
  kind: 'identity';
  id: string;
  name: string;
  type: 'human' | 'machine' | 'unknown';
  owner?: string;
  /** Whether the inventory records owners at all; where it does, a missing one is a finding. */
  statesOwners: boolean;
  active: boolean;
  created?: string;
  lastUsed?: string;
  admin?: boolean;
  mfa?: boolean;
  /** Undefined when the inventory says nothing of rights. */
  entitlements?: Entitlement[];
  credentials: Credential[];
  /** Which surfaces it can reach; undefined when the inventory does not say. */
  reaches?: Surface[];
  collected?: string;
  tool?: Tool;
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

export type TestResultBody = TrialsBody | AdvantageBody | ScoresBody | OperatingPointBody | StatedBody;
export type ObservationBody = TestResultBody | IdentityBody | ThreatBody | ThreatModelBody | AttestationBody | ChangeBody | WaiverBody;

/** A fact as an adapter finds it: what, and where in the file. */
export type Located<Body extends ObservationBody = ObservationBody> = Body & { at: string };

/** A fact with its full source. */
export type Observation<Body extends ObservationBody = ObservationBody> = Body & { source: Source };

export type TestResult = Observation<TestResultBody>;

const TEST_KINDS: ReadonlySet<string> = new Set(['trials', 'advantage', 'scores', 'operating-point', 'stated']);

export function isTestResult(observation: Observation): observation is TestResult {
  return TEST_KINDS.has(observation.kind);
}

/** The observations of one kind. */
export function ofKind<K extends ObservationBody['kind']>(observations: readonly Observation[], kind: K): Observation<Extract<ObservationBody, { kind: K }>>[] {
  return observations.filter((o): o is Observation<Extract<ObservationBody, { kind: K }>> => o.kind === kind);
}
