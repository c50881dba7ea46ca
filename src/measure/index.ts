/** The statistics, usable on their own: pure functions from numbers to numbers. */
export * from './binomial.ts';
export * from './difference.ts';
export * from './roc.ts';
