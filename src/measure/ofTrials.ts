import type { AdvantageOf, StatedOf, TrialsOf } from '../evidence/observations/tests.ts';
import { clopperPearson, clopperPearsonUpper } from '../statistics/binomial.ts';
import { type DetectorAccuracy, roganGladen } from '../statistics/detector.ts';
import { type Proportion, pairedDifference, unpairedDifference } from '../statistics/difference.ts';
import type { Subject } from '../terms.ts';
import { CONFIDENCE, type Maker, type MeasurementDetail, type MeasurementOf } from './measurement.ts';
import { isMeasureOf } from './measures.ts';

/* What tests of every subject can be: attempts, attempts beside a baseline, or a bare number. */

type AnyTest<S extends Subject> = TrialsOf<S> | AdvantageOf<S> | StatedOf<S>;

export function measureTest<S extends Subject>(test: AnyTest<S>, make: Maker<S>): MeasurementOf<S>[] {
  if (test.kind === 'trials') return ofTrials(test, make);
  if (test.kind === 'advantage') return [ofAdvantage(test, make)];
  return ofStated(test, make);
}

function ofTrials<S extends Subject>(test: TrialsOf<S>, make: Maker<S>): MeasurementOf<S>[] {
  const counted = test.clusters ?? test.trials;
  const missing = missingOf(test);
  if (counted.n + missing === 0) return [];
  const notes: string[] = [];
  if (test.clusters && test.clusters.n !== test.trials.n)
    notes.push(`${test.trials.k} of ${test.trials.n} trials, counted as ${test.clusters.n} prompts or records`);
  if (test.notEvaluated > 0) notes.push(`${test.notEvaluated} attempts have no verdict`);
  if (test.errors > 0) notes.push(`${test.errors} attempts failed technically`);
  if (test.subject === 'attribute')
    notes.push('without a baseline this says neither that the model leaks nor that it does not');
  const counts = {
    of: 'attempts' as const,
    k: counted.k,
    n: counted.n,
    trials: test.trials.n,
    trialSuccesses: test.trials.k,
    notEvaluated: test.notEvaluated,
    errors: test.errors,
    missing,
    runs: test.runs ?? 1,
  };
  const { accuracy } = test;
  const ofOtherUnit = test.clusters !== undefined && accuracy?.per === 'trial';
  if (ofOtherUnit)
    notes.push('not corrected for the detector: its accuracy is known by trial, and prompts or records are counted');
  const byPart = test.clusters && test.trials.n > 0 ? rateOf(test.trials, 0, accuracy, []).estimate : undefined;
  return [
    make('rate', {
      ...rateOf(counted, missing, ofOtherUnit ? undefined : accuracy, notes),
      ...(byPart === undefined ? {} : { byPart }),
      counts,
      ...(test.examples ? { examples: test.examples } : {}),
      notes,
    }),
  ];
}

/**
 * How many of what is counted have no verdict: attempts, or prompts and records of which an attempt has none and no other
 * succeeded.
 */
function missingOf(test: Pick<TrialsOf<Subject>, 'notEvaluated' | 'errors' | 'clusters' | 'clustersMissing'>): number {
  const attempts = test.notEvaluated + test.errors;
  if (!test.clusters) return attempts;
  return test.clustersMissing ?? attempts;
}

/** The numbers of a rate. With an accuracy, corrected for the detector's own mistakes. */
export function rateOf(
  counted: Proportion,
  missing: number,
  accuracy: TrialsOf<Subject>['accuracy'],
  notes: string[],
): Omit<MeasurementDetail, 'counts' | 'notes'> {
  const numbers = (of: Proportion) => ({
    estimate: of.n === 0 ? 0 : of.k / of.n,
    ...(of.n === 0 ? { lower: 0, upper: 1 } : clopperPearson(of.k, of.n, CONFIDENCE)),
    upperOneSided: of.n === 0 ? 1 : clopperPearsonUpper(of.k, of.n, CONFIDENCE),
  });
  const worst = { k: counted.k + missing, n: counted.n + missing };
  const best = { k: counted.k, n: counted.n + missing };
  const seen = numbers(counted);
  if (!accuracy || counted.n === 0) {
    const most = numbers(worst);
    return {
      ...seen,
      method: 'clopper-pearson',
      ...(missing > 0
        ? { withMissing: { lower: numbers(best).lower, upper: most.upper, upperOneSided: most.upperOneSided } }
        : {}),
    };
  }
  const correct = (of: Proportion) => {
    const corrected = roganGladen(of, accuracy, CONFIDENCE);
    const upperOneSided = roganGladen(of, accuracy, 1 - 2 * (1 - CONFIDENCE)).upper;
    const plain = numbers(of);
    // An accuracy that nobody can check must not make a leak look smaller than it was seen to be.
    return validated(accuracy)
      ? { ...corrected, upperOneSided }
      : {
          estimate: Math.max(corrected.estimate, plain.estimate),
          lower: Math.min(corrected.lower, plain.lower),
          upper: Math.max(corrected.upper, plain.upper),
          upperOneSided: Math.max(upperOneSided, plain.upperOneSided),
        };
  };
  notes.push(
    `the detector flagged ${counted.k} of ${counted.n}; sensitivity ${said(accuracy.sensitivity)}, specificity ${said(accuracy.specificity)}`,
    ...(validated(accuracy)
      ? []
      : [
          "the detector's accuracy is stated without the counts of its validation, so it can raise the rate and never lower it",
        ]),
  );
  const most = correct(worst);
  return {
    ...correct(counted),
    uncorrected: { estimate: seen.estimate, lower: seen.lower, upper: seen.upper },
    method: 'rogan-gladen',
    ...(missing > 0
      ? { withMissing: { lower: correct(best).lower, upper: most.upper, upperOneSided: most.upperOneSided } }
      : {}),
  };
}

function validated({ sensitivity, specificity }: DetectorAccuracy): boolean {
  return typeof sensitivity !== 'number' && typeof specificity !== 'number';
}

function said(value: { k: number; n: number } | number): string {
  return typeof value === 'number' ? `${value}` : `${value.k} of ${value.n}`;
}

function ofAdvantage<S extends Subject>(test: AdvantageOf<S>, make: Maker<S>): MeasurementOf<S> {
  const { attack, baseline, paired } = test;
  const difference = paired ? pairedDifference(paired, CONFIDENCE) : unpairedDifference(attack, baseline, CONFIDENCE);
  return make('advantage', {
    ...difference,
    // Who answers the other way round is right where this attack is wrong; of an attribute there are more ways than two.
    ...(test.subject === 'membership'
      ? { turned: unpairedDifference({ k: attack.n - attack.k, n: attack.n }, baseline, CONFIDENCE) }
      : {}),
    method: paired ? 'newcombe-paired' : 'newcombe-unpaired',
    counts: {
      of: 'pairs',
      attackK: attack.k,
      attackN: attack.n,
      baselineK: baseline.k,
      baselineN: baseline.n,
      n: Math.min(attack.n, baseline.n),
      ...paired,
    },
    baseline: {
      estimate: baseline.k / baseline.n,
      ...clopperPearson(baseline.k, baseline.n, CONFIDENCE),
      sees: true,
      copy: paired !== undefined && paired.attackOnly === 0 && paired.baselineOnly === 0,
    },
    ...(test.sameTargets && attack.n === baseline.n ? {} : { comparable: false }),
    ...(test.baselineMethod ? { baselineMethod: test.baselineMethod } : {}),
    notes: test.baselineMethod ? [`baseline: ${test.baselineMethod}`] : [],
  });
}

function ofStated<S extends Subject>(test: StatedOf<S>, make: Maker<S>): MeasurementOf<S>[] {
  const name = test.measure;
  // Adapters refuse it with its place; nothing else may give a measure that the subject does not have.
  if (!isMeasureOf(name, test.subject)) return [];
  return [
    make(name, {
      ...(test.falsePositiveLimit === undefined ? {} : { falsePositiveLimit: test.falsePositiveLimit }),
      estimate: test.value,
      lower: null,
      upper: null,
      method: 'stated',
      counts: { of: 'nothing' },
      notes: ['stated without counts: it can fail a criterion, never satisfy one'],
    }),
  ];
}
