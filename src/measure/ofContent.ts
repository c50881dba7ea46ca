import type { TestFor } from '../evidence/observation.ts';
import { clopperPearson, clopperPearsonUpper } from '../statistics/binomial.ts';
import { disclosureAt, disclosureBand } from '../statistics/disclosure.ts';
import { discoverableFromChances, discoverableFromSamples } from '../statistics/extraction.ts';
import { CONFIDENCE, type MeasurementOf, maker } from './measurement.ts';
import { measureTest } from './ofTrials.ts';

/* Inversion that brings back content: extraction, reconstruction, leakage. Never attributes. */

type ContentTest = TestFor<'content'>;

export function measureContent(test: ContentTest): MeasurementOf<'content'>[] {
  switch (test.kind) {
    case 'reconstruction':
      return [ofReconstruction(test)];
    case 'extraction':
      return [ofExtraction(test)];
    case 'disclosure':
      return [ofDisclosure(test)];
    default:
      return measureTest(test, maker<'content'>(test));
  }
}

function ofReconstruction(test: Extract<ContentTest, { kind: 'reconstruction' }>): MeasurementOf<'content'> {
  const { recovered, similarity } = test;
  return maker<'content'>(test)('reconstruction', {
    estimate: recovered.k / recovered.n,
    ...clopperPearson(recovered.k, recovered.n, CONFIDENCE),
    upperOneSided: clopperPearsonUpper(recovered.k, recovered.n, CONFIDENCE),
    method: 'clopper-pearson',
    counts: { of: 'targets', k: recovered.k, n: recovered.n, runs: 1 },
    similarity,
    notes: [
      `recovered means ${similarity.metric} of ${similarity.closer === 'higher' ? 'at least' : 'at most'} ${similarity.cutOff}`,
    ],
  });
}

function ofExtraction(test: Extract<ContentTest, { kind: 'extraction' }>): MeasurementOf<'content'> {
  const { wanted, outcome } = test;
  const exact = 'chances' in outcome;
  const { discoverable, targets, ...share } = exact
    ? discoverableFromChances(outcome.chances, wanted, CONFIDENCE)
    : discoverableFromSamples(outcome.successes, outcome.samples, wanted, CONFIDENCE);
  return maker<'content'>(test)('extraction', {
    ...share,
    upperOneSided: exact
      ? clopperPearsonUpper(discoverable, targets, CONFIDENCE)
      : discoverableFromSamples(outcome.successes, outcome.samples, wanted, 1 - 2 * (1 - CONFIDENCE)).upper,
    method: exact ? 'clopper-pearson' : 'discoverable-sampled',
    counts: { of: 'targets', k: discoverable, n: targets, runs: 1, ...(exact ? {} : { samples: outcome.samples }) },
    discoverability: wanted,
    notes: [
      `a target counts when ${wanted.n} samples bring it out with a probability of at least ${wanted.p}`,
      exact
        ? 'chances of one sample as the evidence gives them'
        : `estimated from ${outcome.samples} samples of each target`,
    ],
  });
}

function ofDisclosure(test: Extract<ContentTest, { kind: 'disclosure' }>): MeasurementOf<'content'> {
  const { curve, items, budget } = test;
  const last = curve.at(-1)?.queries ?? 0;
  const { estimate, lower, upper, recovered, queries, reached } = disclosureAt(
    curve,
    items,
    budget?.queries ?? last,
    CONFIDENCE,
  );
  const refused = budget?.refusedAt;
  const seenRefusing = budget?.refused === undefined ? {} : { refused: budget.refused };
  return maker<'content'>(test)('disclosure', {
    estimate,
    lower,
    upper,
    method: 'clopper-pearson',
    counts: {
      of: 'items',
      k: recovered,
      n: items,
      queries,
      ...(budget ? { budget: budget.queries } : {}),
      ...(refused === undefined ? {} : { refusedAt: refused }),
      ...seenRefusing,
    },
    upperOneSided: clopperPearsonUpper(recovered, items, CONFIDENCE),
    ...(budget
      ? {
          budget: {
            queries: budget.queries,
            reached,
            ...(refused === undefined ? {} : { refusedAt: refused }),
            ...seenRefusing,
          },
        }
      : {}),
    disclosure: disclosureBand(curve, items),
    notes: [
      `${recovered} of ${items} distinct items after ${queries} queries`,
      budget
        ? refused === undefined
          ? `a budget of ${budget.queries} queries is stated; the test did not see it enforced`
          : `the system refused at query ${refused}`
        : 'no query budget is stated',
    ],
  });
}
