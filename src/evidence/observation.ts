import type { Source, Subject } from '../terms.ts';
import type {
  IdentityBody,
  InventoryBody,
  ResourceBody,
  RoleBody,
  SecretFindingBody,
  SecretScanBody,
} from './observations/access.ts';
import type {
  AttestationBody,
  DatasetBody,
  ImpactAssessmentBody,
  ImpactNotRequiredBody,
  PlanBody,
  ThreatBody,
  ThreatModelBody,
  VendorTermsBody,
  WaiverBody,
} from './observations/governance.ts';
import type {
  AgentToolBody,
  ChangeBody,
  ChannelBody,
  EventBody,
  ExerciseBody,
  OutputBody,
  StoreBody,
  ToolFindingBody,
} from './observations/operations.ts';
import { TEST_KINDS, type TestResultBody } from './observations/tests.ts';

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
  | ChannelBody
  | StoreBody
  | AgentToolBody
  | ExerciseBody
  | ToolFindingBody
  | VendorTermsBody
  | DatasetBody
  | ImpactAssessmentBody
  | ImpactNotRequiredBody
  | WaiverBody
  | PlanBody;

/** The body of one kind of observation. */
export type BodyOf<K extends ObservationBody['kind']> = Extract<ObservationBody, { kind: K }>;

/** A fact as an adapter finds it: what, and where in the file. */
export type Located<Body extends ObservationBody = ObservationBody> = Body & { at: string };

/** A fact with its full source. */
export type Observation<Body extends ObservationBody = ObservationBody> = Body & { source: Source };

export type TestResult = Observation<TestResultBody>;

/** The test results of one subject. */
export type TestFor<S extends Subject> = Extract<TestResult, { subject: S }>;

export function isTestBody(body: Located): body is Located<TestResultBody> {
  return Object.hasOwn(TEST_KINDS, body.kind);
}

export function isTestResult(observation: Observation): observation is TestResult {
  return Object.hasOwn(TEST_KINDS, observation.kind);
}

/** The observations of one kind. */
export function ofKind<K extends ObservationBody['kind']>(
  observations: readonly Observation[],
  kind: K,
): Observation<Extract<ObservationBody, { kind: K }>>[] {
  return observations.filter((o): o is Observation<Extract<ObservationBody, { kind: K }>> => o.kind === kind);
}
