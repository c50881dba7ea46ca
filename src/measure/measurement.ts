import { createHash } from 'node:crypto';
import type { TestFor } from '../evidence/observation.ts';
import type { Similarity, ThresholdOrigin } from '../evidence/observations/tests.ts';
import type { Interval } from '../statistics/binomial.ts';
import type { DisclosureBand } from '../statistics/disclosure.ts';
import type { Discoverability } from '../statistics/extraction.ts';
import type { CurvePoint } from '../statistics/roc.ts';
import type { ClassOf, Source, StatedSurface, Subject, Tool } from '../terms.ts';

/** The confidence of every interval, two-sided unless it says otherwise. */
export const CONFIDENCE = 0.95;

/** Measures that every subject has. */
export const COMMON_MEASURES = ['rate', 'advantage'] as const;

/** Measures that only one subject has; naming one for another subject does not compile. */
export const MEASURES_OF = {
  membership: ['roc.auc', 'roc.tpr', 'roc.advantage', 'roc.ppv', 'baseline.auc', 'privacy.epsilonLower', 'exposure'],
  attribute: [],
  content: ['reconstruction', 'extraction', 'disclosure'],
} as const satisfies Record<Subject, readonly string[]>;

export type MeasureOf<S extends Subject> = (typeof COMMON_MEASURES)[number] | (typeof MEASURES_OF)[S][number];

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
  /** Named counts behind the numbers: members, nonMembers, truePositives, falsePositives, k, n, .. */
  counts: Record<string, number>;
  /** False when the comparison behind the number does not hold: populations that differ without the model, or other targets for the baseline. Undefined when nothing was there to check it. */
  comparable?: boolean;
  /** Where the threshold came from. `same-records` is optimistic for the attacker, and said wherever the number is. */
  thresholdFrom?: ThresholdOrigin;
  /** For `roc.tpr`: the most any attacker reaches at this false-positive limit under the declared privacy budget. */
  cap?: number;
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
  budget?: { queries: number; reached: boolean; refusedAt?: number };
  curve?: CurvePoint[];
  disclosure?: DisclosureBand[];
  notes: string[];
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
  tool?: Tool;
  collected?: string;
  confidence: number;
  source: Source[];
}

/** A statistic of any subject, discriminated by `subject`. */
export type Measurement = { [S in Subject]: MeasurementOf<S> }[Subject];
export type MeasureName = Measurement['measure'];

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
    for (const extra of [detail.prior, detail.group, detail.method === 'extrapolated' ? detail.method : undefined])
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
      ...(test.tool ? { tool: test.tool } : {}),
      ...(test.collected ? { collected: test.collected } : {}),
      confidence: CONFIDENCE,
      source: [test.source],
      ...detail,
    };
  };
}
