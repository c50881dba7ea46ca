import type { TestFor } from '../../src/evidence/observation.ts';
import type { Measurement, MeasurementOf } from '../../src/measure/measurement.ts';
import type { MeasureOf } from '../../src/measure/measures.ts';
import type { Aim } from '../../src/terms.ts';

/*
 * What must not compile. Every line under an expectation mixes subjects: membership, attributes, content. The type check
 * fails when one of them is accepted; apart.test.ts also takes the expectations away and counts the errors.
 */

declare const membership: MeasurementOf<'membership'>;
declare const attribute: MeasurementOf<'attribute'>;
declare const content: MeasurementOf<'content'>;
declare const extraction: Extract<TestFor<'content'>, { kind: 'extraction' }>;

// @ts-expect-error attribute inference is no reconstruction
export const reconstructed: MeasurementOf<'content'> = attribute;
// @ts-expect-error reconstruction is no attribute inference
export const inferred: MeasurementOf<'attribute'> = content;
// @ts-expect-error membership is neither
export const recognised: MeasurementOf<'membership'> = content;
// @ts-expect-error and neither is membership
export const recovered: MeasurementOf<'content'> = membership;
// @ts-expect-error a list of one subject takes none of another
export const listed: MeasurementOf<'attribute'>[] = [attribute, content];
// @ts-expect-error an area under a ROC curve is a measure of membership only
export const area: MeasureOf<'content'> = 'roc.auc';
// @ts-expect-error reconstruction is not a measure of attributes
export const share: MeasureOf<'attribute'> = 'reconstruction';
// @ts-expect-error a subject and its class never disagree
export const aim: Aim = { subject: 'membership', attackClass: 'inversion' };
// @ts-expect-error a measurement's class follows from its subject
export const measured: Measurement = { ...membership, attackClass: 'inversion' };
// @ts-expect-error a test of content is no test of an attribute
export const test: TestFor<'attribute'> = extraction;
// @ts-expect-error an attribute has no exposure
export const exposed: Measurement = { ...attribute, measure: 'exposure' };
