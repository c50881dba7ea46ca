import type { ChangeKind, EventType, OUTPUTS, Surface } from '../../terms.ts';

/* How the system is run: what it gives out, what it logs, what was changed. */

/** One kind of output of one surface. */
export interface OutputBody {
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

/** One event out of a sample of a log. */
export interface EventBody {
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

/** A dated change of the AI system. */
export interface ChangeBody {
  kind: 'change';
  of: ChangeKind;
  date: string;
  description: string;
  /** The surfaces it concerns; undefined means those that `controls/changes.yaml` names for its kind. */
  surfaces?: Surface[];
}
