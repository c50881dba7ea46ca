import type { DetectorAccuracy } from '../../statistics/detector.ts';
import type { PairedOutcomes, Proportion } from '../../statistics/difference.ts';
import type { DisclosurePoint } from '../../statistics/disclosure.ts';
import type { Discoverability } from '../../statistics/extraction.ts';
import type { OneRunAudit } from '../../statistics/privacy.ts';
import type { ClassOf, Shows, StatedSurface, Subject, Tool } from '../../terms.ts';
import type { Example } from '../content.ts';

/* What a test of the model found: attempts, scores, counts. */

/** How members and non-members, or the canaries put in and held out, were assigned before training. */
export interface Assignment {
  /** Drawn at random before training, which alone makes both comparable without a baseline. */
  random: boolean;
  by: string;
  how: string;
}

/** The same attack where it has to succeed: on a model known to leak, or on what was planted to be found. */
export type PositiveControl =
  | {
      kind: 'operating-point';
      falsePositiveLimit: number;
      truePositives: number;
      members: number;
      falsePositives: number;
      nonMembers: number;
      how: string;
    }
  | { kind: 'trials'; successes: number; n: number; how: string }
  /** Scores of the same attack in another evidence file, relative to the workspace, which is recomputed. */
  | { kind: 'file'; file: string; how: string };

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
  /** Whether the detector is one that comes with a known tool and its probe, not one of the testers' own. */
  toolDetector?: boolean;
  /** What was tested, as the tool recorded it or the evidence's keeper declares it. */
  target?: string;
  /** What success and failure of this probe can show; undefined: what its technique's kind of test shows. */
  shows?: Shows;
  /** It replays texts that everybody can read, so a success speaks of this system only where they were its own. */
  publicText?: boolean;
  /** The secret, record or canary was put there by the testers, so that it can be found. */
  planted?: boolean;
  assignment?: Assignment;
  positiveControl?: PositiveControl;
  /** Of how many runs of the same test these are the counts together; default 1. */
  runs?: number;
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
  /** Of the clusters, how many have an attempt without a verdict and no success; undefined: as many as such attempts. */
  clustersMissing?: number | undefined;
  /** Attempts without a verdict: skipped, refused to be judged, null. Never counted as passes. */
  notEvaluated: number;
  /** Attempts that failed for a technical reason. Never counted as passes. */
  errors: number;
  /** What is known of the detector's own mistakes. */
  accuracy?: StatedAccuracy | undefined;
  /** A few of the answers that succeeded, where content was asked for. */
  examples?: Example[];
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
  /** The number of what each score belongs to (a person, a record under several models), in the order of the scores. */
  clusters?: ScorePair;
  /** Records that appear more than once by their identifier; undefined when records carry no identifier. */
  duplicateRecords?: number;
  /** How often the most repeated record was put into training, where above once: a declared budget speaks of one copy. */
  copies?: number;
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
  /** Whether the number of guesses was fixed before any was made. */
  fixedBeforehand?: boolean | undefined;
}

/** Canaries planted into training, and how far each stands out from those that might have been. */
interface CanariesBody extends TestOf<'membership'> {
  kind: 'canaries';
  /** Size of the space each canary was drawn from. */
  candidates: number;
  canaries: {
    id: string;
    rank?: number | undefined;
    sampled?: { drawn: number; above: number } | undefined;
    extrapolated?: number | undefined;
  }[];
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
  /**
   * The query budget the system is said to enforce; the query at which the test saw it refuse, and how many queries it
   * then saw refused.
   */
  budget?: { queries: number; refusedAt?: number | undefined; refused?: number | undefined } | undefined;
}

/** A number without the counts behind it. It can fail a criterion, never satisfy one. */
export interface StatedOf<S extends Subject> extends TestOf<S> {
  kind: 'stated';
  measure: string;
  falsePositiveLimit?: number | undefined;
  value: number;
}

type StatedBody = { [S in Subject]: StatedOf<S> }[Subject];

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

/** Every kind of test result; one that is missing here does not compile. */
export const TEST_KINDS: Readonly<Record<TestResultBody['kind'], true>> = {
  trials: true,
  advantage: true,
  scores: true,
  'operating-point': true,
  'one-run': true,
  canaries: true,
  reconstruction: true,
  extraction: true,
  disclosure: true,
  stated: true,
};
