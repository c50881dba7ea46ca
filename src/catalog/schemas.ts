import { z } from 'zod';
import { CHANGE_KINDS } from '../evidence/observation.ts';
import type { MeasureName } from '../measure/measurement.ts';
import { apiVersion, attackClass, dayDuration, identifier, isoDate, surface } from '../schema.ts';

/** A number or duration given outright, or the profile parameter that holds it. */
const parameterReference = z.strictObject({ param: identifier });
const numberOrParameter = z.union([z.number(), parameterReference]);
const durationOrParameter = z.union([dayDuration, parameterReference]);
const prose = z.string().min(1).max(2000);

const criterionBase = { id: identifier, statement: prose, maxAge: durationOrParameter.optional() };

/** Measures with an upper bound that a threshold can be set for. */
const BOUNDABLE = [
  'roc.auc',
  'roc.tpr',
  'roc.advantage',
  'rate',
  'advantage',
  'reconstruction',
  'extraction',
  'disclosure',
  'exposure',
] as const satisfies readonly MeasureName[];
const boundable = z.enum(BOUNDABLE);

/** Compares an interval bound of a measurement with a threshold; several measures when each kind of test answers the same question. */
const measureCriterion = z
  .strictObject({
    ...criterionBase,
    measure: z.union([boundable, z.array(boundable).min(2)]),
    at: z.strictObject({ fpr: z.number().gt(0).lt(1) }).optional(),
    techniques: z.array(identifier).min(1).optional(),
    bound: z.enum(['upper95', 'upper95-one-sided']),
    max: numberOrParameter,
    sample: z.strictObject({ minMembers: numberOrParameter.optional(), minNonMembers: numberOrParameter.optional(), minTrials: numberOrParameter.optional() }),
  })
  .refine((value) => (value.measure === 'roc.tpr') === (value.at !== undefined), 'roc.tpr needs at: {fpr}, and nothing else takes it');

/** Asks a named check (`src/assess/checks/`), with its parameters. */
const checkCriterion = z.strictObject({ ...criterionBase, check: identifier, with: z.record(z.string(), z.unknown()).default({}) });

/** Asks for one kind of evidence or another: the worst of those that are there decides. */
const alternativesCriterion = z.strictObject({ id: identifier, statement: prose, anyOf: z.array(measureCriterion).min(2) });
export type AlternativesCriterion = z.infer<typeof alternativesCriterion>;

const criterion = z.union([measureCriterion, alternativesCriterion, checkCriterion]);
export type MeasureCriterion = z.infer<typeof measureCriterion>;
export type Criterion = z.infer<typeof criterion>;

const classEntry = z.strictObject({ consequence: prose, criteria: z.array(criterion).min(1) });

export const FAMILIES = ['membership-inference', 'inversion', 'access', 'monitoring', 'governance'] as const;
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;

export const controlSchema = z
  .strictObject({
    apiVersion,
    kind: z.literal('Control'),
    id: z.string().regex(/^[A-Z][A-Z0-9]{1,9}-\d{2,3}$/, 'an id like MI-02'),
    title: z.string().min(1).max(160),
    family: z.enum(FAMILIES),
    severity: z.enum(SEVERITIES),
    objective: prose,
    appliesTo: z.strictObject({ surfaces: z.array(surface).min(1) }).optional(),
    attackClasses: z.partialRecord(attackClass, classEntry),
    evidence: z.array(prose).min(1),
    frameworks: z.record(z.string(), z.array(z.string().min(1)).min(1)),
    remediation: z.array(prose).min(1),
    references: z.array(prose).default([]),
  })
  .refine((control) => Object.keys(control.attackClasses).length > 0, 'name at least one attack class');
export type Control = z.infer<typeof controlSchema>;

export const profileSchema = z.strictObject({
  apiVersion,
  kind: z.literal('Profile'),
  id: identifier,
  title: z.string().min(1),
  description: prose,
  parameters: z.record(identifier, z.union([z.number(), dayDuration])),
});
export type Profile = z.infer<typeof profileSchema>;

const frameworkItem = z.strictObject({
  id: z.string().min(1).max(60),
  title: z.string().max(200).optional(),
  outcome: prose,
  group: z.string().max(60).optional(),
});

export const frameworkSchema = z.strictObject({
  apiVersion,
  kind: z.literal('Framework'),
  id: identifier,
  title: z.string().min(1),
  short: z.string().min(1).max(24),
  version: z.string(),
  publisher: z.string(),
  document: z.string().optional(),
  published: isoDate.optional(),
  url: z.url(),
  licence: z.string(),
  groups: z.array(z.strictObject({ id: z.string(), title: z.string() })).default([]),
  items: z.array(frameworkItem).min(1),
  legacy: z.array(z.strictObject({ id: z.string(), now: z.array(z.string()).min(1), note: prose })).default([]),
});
export type Framework = z.infer<typeof frameworkSchema>;

export const probeMapSchema = z.strictObject({
  apiVersion,
  kind: z.literal('ProbeMap'),
  tool: z.string().min(1),
  url: z.url(),
  note: prose.optional(),
  /** First match wins; `*` stands for any run of characters. */
  probes: z.array(z.strictObject({ match: z.string().min(1), attackClass, technique: identifier, surface })).min(1),
});
export type ProbeMap = z.infer<typeof probeMapSchema>;

const terms = z.strictObject({ identifiers: z.array(z.string().min(1)).default([]), words: z.array(z.string().min(1)).default([]) });
export const threatTermsSchema = z.strictObject({
  apiVersion,
  kind: z.literal('ThreatTerms'),
  attackClasses: z.record(attackClass, terms),
  surfaces: z.record(surface, z.array(z.string().min(1))),
});
export type ThreatTermsDocument = z.infer<typeof threatTermsSchema>;

export const techniquesSchema = z.strictObject({
  apiVersion,
  kind: z.literal('Techniques'),
  techniques: z.array(z.strictObject({ id: identifier, attackClass, title: z.string().min(1), surfaces: z.array(surface).min(1), description: prose })),
});
export type Technique = z.infer<typeof techniquesSchema>['techniques'][number];

export const changeEffectsSchema = z.strictObject({
  apiVersion,
  kind: z.literal('ChangeEffects'),
  effects: z.record(z.enum(CHANGE_KINDS), z.array(surface).min(1)),
});
export type ChangeEffects = z.infer<typeof changeEffectsSchema>['effects'];
