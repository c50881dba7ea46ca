/** The statistics, usable on their own: pure functions from numbers to numbers. */
export * from './advantage.ts';
export * from './binomial.ts';
export * from './change.ts';
export * from './detector.ts';
export * from './difference.ts';
export * from './disclosure.ts';
export * from './exposure.ts';
export * from './extraction.ts';
export * from './gaussian.ts';
export * from './lowRate.ts';
export * from './passing.ts';
export * from './power.ts';
export * from './privacy.ts';
export * from './random.ts';
export * from './roc.ts';
export * from './sort.ts';
