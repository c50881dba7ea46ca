import type { AttackClass, Surface, Tool } from '../../terms.ts';

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
