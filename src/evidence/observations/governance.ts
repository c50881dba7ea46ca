import type { AttackClass, ChangeKind, Sensitivity, Surface, Tool } from '../../terms.ts';

/* What people model, state and accept. */

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

/** One test that was planned beforehand. */
export interface PlanBody {
  kind: 'planned-test';
  attackClass: AttackClass;
  technique: string;
  surface: Surface;
  /** As tools record it; `*` stands for any run of characters. */
  target: string;
  probe?: string;
  sample: { members?: number | undefined; nonMembers?: number | undefined; trials?: number | undefined };
  /** How often it was to be run. */
  runs: number;
  how: string;
  by: string;
  /** When the plan was made. */
  committed: string;
}

/** The terms under which somebody else serves a model. */
export interface VendorTermsBody {
  kind: 'vendor-terms';
  /** The model's id in the workspace. */
  model: string;
  vendor: string;
  document: { title: string; sha256: string };
  from: string;
  until?: string;
  read: string;
  /** Days; 0 for not at all. */
  promptRetentionDays?: number;
  logRetentionDays?: number;
  trainsOnInputs?: boolean;
  subProcessors?: 'none' | string[];
  regions?: string[];
  allowedRegions?: string[];
}

/** A set of data that the system learns or answers from. */
export interface DatasetBody {
  kind: 'dataset';
  id: string;
  feeds: 'training' | 'tuning' | 'retrieval';
  covers?: string[];
  sensitivity?: Sensitivity;
  records: number;
  ingested: string;
  scrub?: {
    tool: { name: string; version?: string };
    on: string;
    searched: number;
    found: number;
    removed: number;
    kept?: { count: number; reason: string; approvedBy: string; expires: string };
  };
  collected?: string;
}

type ImpactType = 'data-protection' | 'fundamental-rights';

/** A dated assessment of impact (GDPR article 35, AI Act article 27). */
export interface ImpactAssessmentBody {
  kind: 'impact-assessment';
  id: string;
  type: ImpactType;
  residualRisk: Partial<Record<AttackClass, 'low' | 'medium' | 'high' | 'critical'>>;
  completed: string;
  document: { title: string; sha256: string };
  approved: { name: string; role: string; on: string };
  triggers: ChangeKind[];
}

/** The decision that no assessment of a type has to be made. */
export interface ImpactNotRequiredBody {
  kind: 'impact-not-required';
  type: ImpactType;
  reason: string;
  document: { title: string; sha256: string };
  decided: { name: string; role: string; on: string };
}
