import type { AdvantageOf, StatedOf, TrialsOf } from '../evidence/observations/tests.ts';
import { clopperPearson, clopperPearsonUpper } from '../statistics/binomial.ts';
import { roganGladen } from '../statistics/detector.ts';
import { pairedDifference, unpairedDifference } from '../statistics/difference.ts';
import type { Subject } from '../terms.ts';
import {
  COMMON_MEASURES,
  CONFIDENCE,
  type Maker,
  MEASURES_OF,
  type MeasurementOf,
  type MeasureOf,
} from './measurement.ts';

/* What tests of every subject can be: attempts, attempts beside a baseline, or a bare number. */

type AnyTest<S extends Subject> = TrialsOf<S> | AdvantageOf<S> | StatedOf<S>;

export function measureTest<S extends Subject>(test: AnyTest<S>, make: Maker<S>): MeasurementOf<S>[] {
  if (test.kind === 'trials') return ofTrials(test, make);
  if (test.kind === 'advantage') return [ofAdvantage(test, make)];
  return [ofStated(test, make)];
}

function ofTrials<S extends Subject>(test: TrialsOf<S>, make: Maker<S>): MeasurementOf<S>[] {
  const counted = test.clusters ?? test.trials;
  if (counted.n === 0) return [];
  const notes: string[] = [];
  if (test.clusters && test.clusters.n !== test.trials.n)
    notes.push(`${test.trials.k} of ${test.trials.n} trials, counted as ${test.clusters.n} prompts or records`);
  if (test.notEvaluated > 0) notes.push(`${test.notEvaluated} attempts had no verdict and are not counted`);
  if (test.errors > 0) notes.push(`${test.errors} attempts failed technically and are not counted`);
  if (test.subject === 'attribute')
    notes.push('without a baseline this says neither that the model leaks nor that it does not');
  const counts = {
    k: counted.k,
    n: counted.n,
    trials: test.trials.n,
    trialSuccesses: test.trials.k,
    notEvaluated: test.notEvaluated,
    errors: test.errors,
  };
  const seen = { estimate: counted.k / counted.n, ...clopperPearson(counted.k, counted.n, CONFIDENCE) };
  const oneSided = clopperPearsonUpper(counted.k, counted.n, CONFIDENCE);
  const { accuracy } = test;
  const ofOtherUnit = test.clusters !== undefined && accuracy?.per === 'trial';
  if (ofOtherUnit)
    notes.push('not corrected for the detector: its accuracy is known by trial, and prompts or records are counted');
  if (!accuracy || ofOtherUnit)
    return [make('rate', { ...seen, upperOneSided: oneSided, method: 'clopper-pearson', counts, notes })];
  const corrected = roganGladen(counted, accuracy, CONFIDENCE);
  const validated = typeof accuracy.sensitivity !== 'number' && typeof accuracy.specificity !== 'number';
  notes.push(
    `the detector flagged ${counted.k} of ${counted.n}; sensitivity ${said(accuracy.sensitivity)}, specificity ${said(accuracy.specificity)}`,
    ...(validated
      ? []
      : [
          "the detector's accuracy is stated without the counts of its validation, so it can raise the rate and never lower it",
        ]),
  );
  const upperOneSided = roganGladen(counted, accuracy, 1 - 2 * (1 - CONFIDENCE)).upper;
  // An accuracy that nobody can check must not make a leak look smaller than it was seen to be.
  const decisive = validated
    ? { ...corrected, upperOneSided }
    : {
        estimate: Math.max(corrected.estimate, seen.estimate),
        lower: Math.min(corrected.lower, seen.lower),
        upper: Math.max(corrected.upper, seen.upper),
        upperOneSided: Math.max(upperOneSided, oneSided),
      };
  return [make('rate', { ...decisive, uncorrected: seen, method: 'rogan-gladen', counts, notes })];
}

function said(value: { k: number; n: number } | number): string {
  return typeof value === 'number' ? `${value}` : `${value.k} of ${value.n}`;
}

function ofAdvantage<S extends Subject>(test: AdvantageOf<S>, make: Maker<S>): MeasurementOf<S> {
  const difference = test.paired
    ? pairedDifference(test.paired, CONFIDENCE)
    : unpairedDifference(test.attack, test.baseline, CONFIDENCE);
  return make('advantage', {
    ...difference,
    method: test.paired ? 'newcombe-paired' : 'newcombe-unpaired',
    counts: {
      attackK: test.attack.k,
      attackN: test.attack.n,
      baselineK: test.baseline.k,
      baselineN: test.baseline.n,
      n: Math.min(test.attack.n, test.baseline.n),
      ...test.paired,
    },
    ...(test.sameTargets ? {} : { comparable: false }),
    notes: test.baselineMethod ? [`baseline: ${test.baselineMethod}`] : [],
  });
}

function ofStated<S extends Subject>(test: StatedOf<S>, make: Maker<S>): MeasurementOf<S> {
  const names: readonly string[] = [...COMMON_MEASURES, ...MEASURES_OF[test.subject]];
  const name = (names.includes(test.measure) ? test.measure : 'rate') as MeasureOf<S>;
  return make(name, {
    ...(test.falsePositiveLimit === undefined ? {} : { falsePositiveLimit: test.falsePositiveLimit }),
    estimate: test.value,
    lower: null,
    upper: null,
    method: 'stated',
    counts: {},
    notes: ['stated without counts: it can fail a criterion, never satisfy one'],
  });
}
