import { createHash } from 'node:crypto';
import type { Example } from '../evidence/content.ts';
import type { TestFor } from '../evidence/observation.ts';
import type { Assignment, PositiveControl, Similarity, ThresholdOrigin } from '../evidence/observations/tests.ts';
import type { Interval } from '../statistics/binomial.ts';
import type { DisclosureBand } from '../statistics/disclosure.ts';
import type { Discoverability } from '../statistics/extraction.ts';
import type { CurvePoint } from '../statistics/roc.ts';
import type { ClassOf, Shows, Source, StatedSurface, Subject, Tool } from '../terms.ts';
import type { Counts } from './counts.ts';
import type { MeasureOf } from './measures.ts';

/** The confidence of every interval, two-sided unless it says otherwise. */
export const CONFIDENCE = 0.95;

/** The numbers of a measurement, whatever it is about. Shares lie in [0, 1], epsilon is in nats, exposure in bits. */
export interface MeasurementDetail {
  /** For `roc.tpr` and `roc.ppv`: the false-positive limit. */
  falsePositiveLimit?: number;
  /** For `roc.ppv`: the share of members among those an attacker meets. */
  prior?: number;
  /** The group of records it is about, where it is not about all. */
  group?: string;
  estimate: number;
  /** Two-sided bounds; null when the evidence has no counts to compute them from, or there is no such bound. */
  lower: number | null;
  upper: number | null;
  /** One-sided upper bound at the same confidence, where a criterion may ask for it. */
  upperOneSided?: number;
  method: string;
  /** The counts behind the numbers. */
  counts: Counts;
  /**
   * Whether members and non-members, or the targets of attack and baseline, can be compared. Undefined when nothing was
   * there to tell.
   */
  comparable?: boolean;
  /** The same bounds with every attempt that has no verdict counted against what they are to show. */
  withMissing?: Bounds;
  /** What an attacker finds who reads the scores the other way round: low for member. */
  turned?: Bounds & { estimate: number; truePositives?: number; falsePositives?: number; beyond?: Beyond[] };
  /** For `roc.tpr`: what further thresholds do, by which two assessments are compared. */
  beyond?: Beyond[];
  /**
   * Where what belongs together is counted once: the same number counted by attempt or by score, in the worse direction. One
   * prompt or person that most of them fall on would otherwise hide what they show.
   */
  byPart?: number;
  /** All scores of the test are alike. */
  constant?: boolean;
  /** For scores: whether they can tell anything at this rate. */
  resolution?: Resolution;
  /** What the baseline tells or does without the model: an area for scores, a share of successes for an advantage. */
  baseline?: BaselineFacts;
  /** What the baseline is, in the evidence's words. */
  baselineMethod?: string;
  /** For scores: SHA-256 over the sorted scores, by which a copy of a test is known. */
  scores?: string;
  /** What the evidence's keeper declares of duplicates. */
  duplicatesDeclared?: 'removed' | 'present';
  /** For measurements put together from several runs: their ids. */
  pooled?: string[];
  /** Where the threshold came from. `same-records` is optimistic for the attacker, and said wherever the number is. */
  thresholdFrom?: ThresholdOrigin;
  /** For `roc.tpr`: whether there are enough non-members to see the rate at all. */
  resolvable?: boolean;
  /** For `roc.tpr`: the most any attacker reaches at this false-positive limit under the declared privacy budget. */
  cap?: number;
  /** For `privacy.epsilonLower`: the bound that holds for all tests of the declaration together. */
  sharedLower?: number;
  /** For `privacy.epsilonLower`: what the same thresholds show of a Gaussian mechanism; no epsilon without a delta. */
  gaussian?: { mu: number; epsilon: number | null; sharedEpsilon: number | null };
  /** For one-run audits: whether the number of guesses was fixed before any was made. */
  fixedBeforehand?: boolean;
  /** For `privacy.epsilonLower`: the delta it holds for. */
  delta?: number;
  /** For `roc.auc`: the variance of the estimate. */
  variance?: number;
  /** The rate before it was corrected for the detector's own mistakes. */
  uncorrected?: Interval & { estimate: number };
  similarity?: Similarity;
  /** For `extraction`: samples an attacker may draw, and the probability of success. */
  discoverability?: Discoverability;
  /** For `disclosure`: the budget, whether the test spent it, and the query at which it saw the system refuse. */
  budget?: { queries: number; reached: boolean; refusedAt?: number; refused?: number };
  curve?: CurvePoint[];
  disclosure?: DisclosureBand[];
  /** A few of the answers that succeeded, where content was asked for. */
  examples?: Example[];
  notes: string[];
}

/** Members recognised and non-members wrongly accused at a threshold. */
interface Beyond {
  truePositives: number;
  falsePositives: number;
}

/** Bounds at the confidence of the measurement; null when there is none. */
interface Bounds {
  lower: number | null;
  upper: number | null;
  upperOneSided?: number;
}

/** Whether scores can say anything at a rate. */
interface Resolution {
  /** All scores alike. */
  constant: boolean;
  /** The share of non-members tied where the threshold would have to be. */
  tied: number;
  /** Whether some threshold comes near the rate asked for. */
  near: boolean;
}

/** A baseline that never saw the model. */
export interface BaselineFacts extends Bounds {
  estimate: number;
  /** False when it could not have seen a difference: constant, or too few records. */
  sees: boolean;
  /** It is the attack's own score under another name. */
  copy: boolean;
}

/** A statistic computed from one observation about one subject. */
export interface MeasurementOf<S extends Subject> extends MeasurementDetail {
  /** Stable from run to run for the same statistic of the same test in the same file. */
  id: string;
  measure: MeasureOf<S>;
  subject: S;
  attackClass: ClassOf<S>;
  technique: string;
  surface: StatedSurface;
  probe: string;
  detector?: string;
  /** Whether a known tool's own detector decided. */
  toolDetector?: boolean;
  tool?: Tool;
  collected?: string;
  /** What was tested, as the evidence states it. */
  target?: string;
  /** What success and failure of this probe can show. */
  shows: Shows;
  publicText?: boolean;
  planted?: boolean;
  assignment?: Assignment;
  positiveControl?: PositiveControl;
  confidence: number;
  source: Source[];
}

/** A statistic of any subject, discriminated by `subject`. */
export type Measurement = { [S in Subject]: MeasurementOf<S> }[Subject];

export type Maker<S extends Subject> = (name: MeasureOf<S>, detail: MeasurementDetail) => MeasurementOf<S>;

/** What every measurement of a test has in common, ready to be completed. */
export function maker<S extends Subject>(
  test: Pick<MeasurementOf<S>, 'subject' | 'attackClass'> & Omit<TestFor<Subject>, 'subject' | 'attackClass'>,
): Maker<S> {
  return (name, detail) => {
    const { path, sha256: _digest, at } = test.source;
    const key: (string | number)[] = [
      name,
      detail.falsePositiveLimit ?? '',
      test.attackClass,
      test.technique,
      test.surface,
      test.probe,
      test.detector ?? '',
    ];
    key.push(path, at);
    for (const extra of [
      test.target,
      detail.prior,
      detail.group,
      detail.method === 'extrapolated' ? detail.method : undefined,
    ])
      if (extra !== undefined) key.push(extra);
    return {
      id: `M-${createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 10)}`,
      measure: name,
      subject: test.subject,
      attackClass: test.attackClass,
      technique: test.technique,
      surface: test.surface,
      probe: test.probe,
      ...(test.detector ? { detector: test.detector } : {}),
      ...(test.toolDetector ? { toolDetector: true } : {}),
      ...(test.target ? { target: test.target } : {}),
      shows: test.shows ?? 'both',
      ...(test.publicText ? { publicText: true } : {}),
      ...(test.planted ? { planted: true } : {}),
      ...(test.assignment ? { assignment: test.assignment } : {}),
      ...(test.positiveControl ? { positiveControl: test.positiveControl } : {}),
      ...(test.tool ? { tool: test.tool } : {}),
      ...(test.collected ? { collected: test.collected } : {}),
      confidence: CONFIDENCE,
      source: [test.source],
      ...detail,
    };
  };
}
