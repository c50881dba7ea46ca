import { isTestResult, type Observation, type TestResult } from '../evidence/observation.ts';
import type { PrivacyBudget } from '../statistics/privacy.ts';
import { type Measurement, maker } from './measurement.ts';
import { measureContent } from './ofContent.ts';
import { measureMembership } from './ofMembership.ts';
import { measureTest } from './ofTrials.ts';

/**
 * Every measurement of every test result, in the order of the observations. Pure.
 * @param privacy the declared budget, whose delta and cap membership tests are held against
 */
export function measure(observations: readonly Observation[], privacy?: PrivacyBudget): Measurement[] {
  return observations.filter(isTestResult).flatMap((test) => measureOne(test, privacy));
}

function measureOne(test: TestResult, privacy: PrivacyBudget | undefined): Measurement[] {
  switch (test.subject) {
    case 'membership':
      return measureMembership(test, privacy);
    case 'attribute':
      return measureTest(test, maker(test));
    case 'content':
      return measureContent(test);
  }
}
