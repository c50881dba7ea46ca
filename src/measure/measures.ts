import type { Subject } from '../terms.ts';

/** What a number is: a share of 1, a difference of shares, an area of 1, a privacy loss in nats, a rank in bits. */
export type Unit = 'share' | 'difference' | 'area' | 'nats' | 'bits';

interface MeasureDefinition {
  /** The subjects it can be about. Naming it for another does not compile, and evidence that does is refused. */
  subjects: readonly Subject[];
  /** What readers see. */
  title: string;
  unit: Unit;
  /** The least and the largest value that can be. */
  range: readonly [least: number, largest: number];
  /** What a chart's axis is called. */
  axis: string;
  /** What its sample is counted in. */
  counted: string;
  /** Whether a criterion may compare a bound of it with a limit. */
  decides: boolean;
}

/** Every measure. A new one is a line here, a function that computes it, and a shape of evidence. */
export const MEASURES = {
  rate: {
    subjects: ['membership', 'attribute', 'content'],
    title: 'Success rate',
    unit: 'share',
    range: [0, 1],
    axis: 'share of attempts that succeed',
    counted: 'trials',
    decides: true,
  },
  advantage: {
    subjects: ['membership', 'attribute', 'content'],
    title: 'Advantage over baseline',
    unit: 'difference',
    range: [-1, 1],
    axis: 'attack minus baseline',
    counted: 'targets',
    decides: true,
  },
  'roc.auc': {
    subjects: ['membership'],
    title: 'Area under the ROC curve',
    unit: 'area',
    range: [0, 1],
    axis: 'area',
    counted: 'records of each kind',
    decides: true,
  },
  'roc.tpr': {
    subjects: ['membership'],
    title: 'True-positive rate',
    unit: 'share',
    range: [0, 1],
    axis: 'share of members recognised',
    counted: 'members',
    decides: true,
  },
  'roc.advantage': {
    subjects: ['membership'],
    title: 'Largest TPR minus FPR',
    unit: 'difference',
    range: [-1, 1],
    axis: 'TPR minus FPR',
    counted: 'records of each kind',
    decides: true,
  },
  'roc.ppv': {
    subjects: ['membership'],
    title: 'Accusations that are right',
    unit: 'share',
    range: [0, 1],
    axis: 'share of accusations that are right',
    counted: 'members',
    decides: false,
  },
  'baseline.auc': {
    subjects: ['membership'],
    title: 'Area under the curve without the model',
    unit: 'area',
    range: [0, 1],
    axis: 'area',
    counted: 'records of each kind',
    decides: false,
  },
  'privacy.epsilonLower': {
    subjects: ['membership'],
    title: 'Privacy loss, lower bound on epsilon',
    unit: 'nats',
    range: [0, 1000],
    axis: 'epsilon',
    counted: 'records of each kind',
    decides: false,
  },
  exposure: {
    subjects: ['membership'],
    title: 'Exposure of the canary that stands out most',
    unit: 'bits',
    range: [0, 1000],
    axis: 'bits',
    counted: 'canaries',
    decides: true,
  },
  'canary.share': {
    subjects: ['membership'],
    title: 'Canaries exposed beyond the limit',
    unit: 'share',
    range: [0, 1],
    axis: 'share of canaries',
    counted: 'canaries',
    decides: true,
  },
  reconstruction: {
    subjects: ['content'],
    title: 'Targets reconstructed',
    unit: 'share',
    range: [0, 1],
    axis: 'share of targets',
    counted: 'targets',
    decides: true,
  },
  extraction: {
    subjects: ['content'],
    title: 'Targets that repeated sampling brings out',
    unit: 'share',
    range: [0, 1],
    axis: 'share of targets',
    counted: 'targets',
    decides: true,
  },
  disclosure: {
    subjects: ['content'],
    title: 'Items recovered within the budget',
    unit: 'share',
    range: [0, 1],
    axis: 'share of items',
    counted: 'items',
    decides: true,
  },
} as const satisfies Record<string, MeasureDefinition>;

export type MeasureName = keyof typeof MEASURES;

/** The measures that every subject has. */
type CommonMeasure = {
  [N in MeasureName]: [Subject] extends [(typeof MEASURES)[N]['subjects'][number]] ? N : never;
}[MeasureName];

/** The measures that a subject has. */
export type MeasureOf<S extends Subject> =
  | CommonMeasure
  | { [N in MeasureName]: S extends (typeof MEASURES)[N]['subjects'][number] ? N : never }[MeasureName];

const NAMES = Object.keys(MEASURES) as MeasureName[];

export function isMeasure(name: string): name is MeasureName {
  return Object.hasOwn(MEASURES, name);
}

/** Whether a measure says something of a subject. */
export function isMeasureOf<S extends Subject>(name: string, subject: S): name is MeasureOf<S> {
  if (!isMeasure(name)) return false;
  const { subjects }: MeasureDefinition = MEASURES[name];
  return subjects.includes(subject);
}

/** The measures of a subject, in the order of the table. */
export function measuresOf<S extends Subject>(subject: S): MeasureOf<S>[] {
  return NAMES.filter((name): name is MeasureOf<S> => isMeasureOf(name, subject));
}

/** The measures that a criterion may set a limit for. */
export type DecidingMeasure = {
  [N in MeasureName]: (typeof MEASURES)[N]['decides'] extends true ? N : never;
}[MeasureName];
export const DECIDING_MEASURES = NAMES.filter((name): name is DecidingMeasure => MEASURES[name].decides);
