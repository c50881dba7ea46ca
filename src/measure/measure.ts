import { isTestResult, type Observation, type TestResult } from '../evidence/observation.ts';
import { type Measurement, maker } from './measurement.ts';
import { measureContent } from './ofContent.ts';
import { type MeasureOptions, measureMembership } from './ofMembership.ts';
import { measureTest } from './ofTrials.ts';

/**
 * Every measurement of every test result, in the order of the observations. Pure.
 */
export function measure(observations: readonly Observation[], options: MeasureOptions = {}): Measurement[] {
  const tests = observations.filter(isTestResult);
  const accusing = tests.filter(({ kind }) => ACCUSING.has(kind)).length;
  return tests.flatMap((test) => measureOne(test, { ...options, accusing: Math.max(1, accusing) }));
}

/** Tests that can show a privacy loss. */
const ACCUSING: ReadonlySet<string> = new Set<TestResult['kind']>(['scores', 'operating-point', 'one-run']);

function measureOne(test: TestResult, options: MeasureOptions): Measurement[] {
  switch (test.subject) {
    case 'membership':
      return measureMembership(test, options);
    case 'attribute':
      return measureTest(test, maker(test));
    case 'content':
      return measureContent(test);
  }
}
