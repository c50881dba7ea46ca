import { z } from 'zod';
import { DECIDING_MEASURES } from '../measure/measures.ts';
import { apiVersion, attackClass, dayDuration, identifier, isoDate, surface } from '../schema.ts';
import { CHANGE_KINDS, SENSITIVITIES, SHOWS } from '../terms.ts';

/** A number or duration given outright, or the profile parameter that holds it. */
export const parameterReference = z.strictObject({ param: identifier });
export const numberOrParameter = z.union([z.number(), parameterReference]);
export const durationOrParameter = z.union([dayDuration, parameterReference]);
const prose = z.string().min(1).max(2000);

const criterionBase = { id: identifier, statement: prose, maxAge: durationOrParameter.optional() };

const boundable = z.enum(DECIDING_MEASURES);

/** Compares an interval bound of a measurement with a threshold; several measures when each kind of test answers the same question. */
export const measureCriterion = z
  .strictObject({
    ...criterionBase,
    measure: z.union([boundable, z.array(boundable).min(2)]),
    at: z.strictObject({ fpr: z.number().gt(0).lt(1) }).optional(),
    techniques: z.array(identifier).min(1).optional(),
    bound: z.enum(['upper95', 'upper95-one-sided']),
    max: numberOrParameter,
    /** Least samples beyond what the limit itself asks for, which is computed. */
    sample: z
      .strictObject({
        minMembers: numberOrParameter.optional(),
        minNonMembers: numberOrParameter.optional(),
        minTrials: numberOrParameter.optional(),
      })
      .default({}),
    /** "Never" is none: so many successes at most, whatever the bound. */
    maxSuccesses: z.number().int().min(0).optional(),
  })
  .refine(
    (value) => (value.measure === 'roc.tpr') === (value.at !== undefined),
    'roc.tpr needs at: {fpr}, and nothing else takes it',
  );

/** Asks a named check (`src/assess/checks/`), with its parameters. */
const checkCriterion = z.strictObject({
  ...criterionBase,
  check: identifier,
  with: z.record(z.string(), z.unknown()).default({}),
});

/** Asks for one kind of evidence or another: the worst of those that are there decides. */
const alternativesCriterion = z.strictObject({
  id: identifier,
  statement: prose,
  anyOf: z.array(measureCriterion).min(2),
});
export type AlternativesCriterion = z.infer<typeof alternativesCriterion>;

const criterion = z.union([measureCriterion, alternativesCriterion, checkCriterion]);
export type MeasureCriterion = z.infer<typeof measureCriterion>;
export type Criterion = z.infer<typeof criterion>;

const classEntry = z.strictObject({ consequence: prose, criteria: z.array(criterion).min(1) });

export const FAMILIES = ['membership-inference', 'inversion', 'access', 'monitoring', 'governance'] as const;
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;

/**
 * How much of a framework item a satisfied control shows, for the system assessed: all that the item asks (`full`), a
 * named part of it (`partial`), or none of it by itself, though it helps (`supports`).
 */
export const STRENGTHS = ['full', 'partial', 'supports'] as const;
export type Strength = (typeof STRENGTHS)[number];

/** What joins an item of a framework to a control. */
export interface Mapping {
  item: string;
  /** Absent where the author gave none: then the mapping counts for nothing in coverage. */
  strength?: Strength;
  /** Which part of the item, where the strength is partial. */
  part?: string;
  /** Why, one line; absent where the author gave none. */
  reason?: string;
  /** The identifier as the author wrote it, where that is a legacy one. */
  cited?: string;
}

const why = z.string().min(1).max(300);
/** A part stands in one cell of a table, between bars. */
const part = z.string().regex(/^[^|\r\n]{1,200}$/, 'one line of at most 200 characters, without a bar');

/** The strength of a mapping with its reason, or the reason alone, which `lint` asks a strength for. */
const mapping = z.union([
  why,
  z.strictObject({ strength: z.enum(['full', 'supports']), reason: why }),
  z.strictObject({ strength: z.literal('partial'), part, reason: why }),
]);

/** Items with strength and reason each, or a bare list, which `lint` asks both for. */
const mappings = z
  .union([z.record(z.string().min(1), mapping), z.array(z.string().min(1)).min(1)])
  .transform((value): Mapping[] =>
    Array.isArray(value)
      ? value.map((item) => ({ item }))
      : Object.entries(value).map(([item, given]) =>
          typeof given === 'string' ? { item, reason: given } : { item, ...given },
        ),
  );

/** What would prove a control, and an example file or template of that kind of evidence. */
const proof = z
  .union([prose, z.strictObject({ what: prose, example: z.string().max(200).optional() })])
  .transform((value): { what: string; example?: string | undefined } =>
    typeof value === 'string' ? { what: value } : value,
  );

/** Families whose controls hold up both attack classes, and so have a result for each. */
export const SUPPORTING_FAMILIES: readonly string[] = ['access', 'monitoring', 'governance'];

export const CONTROL_ID = /^[A-Z][A-Z0-9]{1,9}(-[A-Z0-9]{1,9})?-\d{2,3}$/;

export const controlSchema = z
  .strictObject({
    apiVersion,
    kind: z.literal('Control'),
    id: z.string().regex(CONTROL_ID, 'an id like MI-02'),
    title: z.string().min(1).max(160),
    family: z.enum(FAMILIES),
    severity: z.enum(SEVERITIES),
    objective: prose,
    appliesTo: z
      .strictObject({
        surfaces: z.array(surface).min(1).optional(),
        /** It is about what a model learnt in training, which is the vendor's where nobody here trains. */
        training: z.literal(true).optional(),
      })
      .optional(),
    attackClasses: z.partialRecord(attackClass, classEntry),
    /** Why a supporting control says nothing of a class. */
    notFor: z.partialRecord(attackClass, prose).optional(),
    evidence: z.array(proof).min(1),
    frameworks: z.record(z.string(), mappings),
    remediation: z.array(prose).min(1),
    references: z.array(prose).default([]),
  })
  .refine((control) => Object.keys(control.attackClasses).length > 0, 'name at least one attack class');
export type Control = z.infer<typeof controlSchema>;

/** The items of a framework that a control speaks to. */
export function itemsOf(control: Pick<Control, 'frameworks'>, framework: string): string[] {
  return (control.frameworks[framework] ?? []).map(({ item }) => item);
}

const parameterValue = z.union([z.number(), dayDuration, z.enum(SEVERITIES)]);

const profileSchema = z.strictObject({
  apiVersion,
  kind: z.literal('Profile'),
  id: identifier,
  title: z.string().min(1),
  description: prose,
  /** A profile whose parameters hold where this one is silent. */
  extends: identifier.optional(),
  parameters: z.record(identifier, parameterValue),
});
export type Profile = z.infer<typeof profileSchema>;

const frameworkItem = z.strictObject({
  id: z.string().min(1).max(60),
  title: z.string().max(200).optional(),
  /** What the item asks for, in our own words. */
  outcome: prose,
  /** The publisher's own text, where somebody imported it. */
  statement: z.string().max(8000).optional(),
  group: z.string().max(60).optional(),
  /** From when it applies, where that is not from the day of publication. */
  applies: prose.optional(),
});

/** How an item of one edition went on in the next. */
const CROSSWALK_WAYS = ['same', 'renumbered', 'renamed', 'split', 'merged', 'gone'] as const;

const frameworkSchema = z.strictObject({
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
  /** What the editions of one framework share; each edition is a framework of its own. */
  family: identifier.optional(),
  /** What an identifier of this edition is followed by, e.g. 2025 in LLM02:2025. */
  edition: z.string().max(20).optional(),
  /** The framework that is the next edition; absent on the current one. */
  supersededBy: identifier.optional(),
  /** Editions known only by their identifiers under `legacy`. */
  formerEditions: z.array(z.string()).default([]),
  /** What people call it. */
  names: z.array(z.string().min(1)).default([]),
  /** What its identifiers begin with, where people leave that out. */
  prefix: z.string().max(20).optional(),
  /** What identifiers and titles were last compared with. */
  checked: z.strictObject({ date: isoDate, against: prose, source: z.enum(['publisher', 'secondary']) }).optional(),
  /** Where the items of an earlier edition went. Items that it does not lead to are new. */
  crosswalk: z
    .strictObject({
      from: identifier,
      items: z.array(z.strictObject({ id: z.string(), now: z.array(z.string()), how: z.enum(CROSSWALK_WAYS) })),
    })
    .optional(),
  /** Its place among the frameworks of a report, smallest first; those without one come last. */
  order: z.number().int().min(0).optional(),
  /** Whether the items are all that the framework has; otherwise they are a selection. */
  complete: z.boolean().default(false),
  groups: z.array(z.strictObject({ id: z.string(), title: z.string() })).default([]),
  items: z.array(frameworkItem).min(1),
  legacy: z
    .array(
      z.strictObject({
        id: z.string(),
        now: z.array(z.string()).min(1),
        note: prose,
        /** Cited so often that reports explain it unasked. */
        often: z.boolean().optional(),
      }),
    )
    .default([]),
  /** Items, or groups of them, that this catalog does not speak to on purpose. */
  outOfScope: z.array(z.strictObject({ id: z.string(), reason: prose })).default([]),
});
export type Framework = z.infer<typeof frameworkSchema>;

const probeMapSchema = z.strictObject({
  apiVersion,
  kind: z.literal('ProbeMap'),
  tool: z.string().min(1),
  url: z.url(),
  note: prose.optional(),
  /**
   * First match of probe and detector wins; `*` stands for any run of characters. An entry without detectors holds for
   * all of them. `shows` says what success and failure can show; `neither` keeps a test from being counted at all.
   */
  probes: z
    .array(
      z.strictObject({
        match: z.string().min(1),
        detectors: z.array(z.string().min(1)).min(1).optional(),
        attackClass,
        technique: identifier,
        surface,
        shows: z.enum(SHOWS),
        /** It replays texts that everybody can read: a success counts only where the system's models were trained on them. */
        publicText: z.literal(true).optional(),
        /** Where the tool's own source or description says so. */
        why: prose,
      }),
    )
    .min(1),
});
export type ProbeMap = z.infer<typeof probeMapSchema>;

/** Controls that an overlay switches off, for one class or for all they name. */
const overlaySchema = z.strictObject({
  apiVersion,
  kind: z.literal('Overlay'),
  off: z
    .array(
      z.strictObject({
        control: z.string().min(1).max(40),
        attackClass: attackClass.optional(),
        reason: prose,
        by: z.string().min(1).max(200),
      }),
    )
    .min(1),
});
export type SwitchedOff = z.infer<typeof overlaySchema>['off'][number];

/** How heavily a resource counts in an identity's reach, by its sensitivity. */
const sensitivitySchema = z.strictObject({
  apiVersion,
  kind: z.literal('Sensitivity'),
  weights: z.record(z.enum(SENSITIVITIES), z.number().int().min(0).max(1000)),
});
export type SensitivityWeights = z.infer<typeof sensitivitySchema>['weights'];

/** An identifier as people cite it, and the words beside it by which it is that of another edition. */
const citedTerm = z.union([
  z
    .string()
    .min(1)
    .transform((term) => ({ term, unless: [] as string[] })),
  z.strictObject({ term: z.string().min(1), unless: z.array(z.string().min(1)).min(1) }),
]);
const terms = z.strictObject({
  identifiers: z.array(citedTerm).default([]),
  words: z.array(z.string().min(1)).default([]),
});
const threatTermsSchema = z.strictObject({
  apiVersion,
  kind: z.literal('ThreatTerms'),
  attackClasses: z.record(attackClass, terms),
  surfaces: z.record(surface, z.array(z.string().min(1))),
});
export type ThreatTermsDocument = z.infer<typeof threatTermsSchema>;

const techniquesSchema = z.strictObject({
  apiVersion,
  kind: z.literal('Techniques'),
  techniques: z.array(
    z.strictObject({
      id: identifier,
      attackClass,
      title: z.string().min(1),
      surfaces: z.array(surface).min(1),
      description: prose,
      /** Strong by construction, or known to miss what stronger attacks find. */
      strength: z.enum(['strong', 'weak']),
      /** Fewer trials, targets, canaries or records of each kind than this are no test of a surface. */
      least: z.number().int().min(1),
      /** How one shows that the attack could have succeeded. */
      control: prose,
    }),
  ),
});
export type Technique = z.infer<typeof techniquesSchema>['techniques'][number];

const changeEffectsSchema = z.strictObject({
  apiVersion,
  kind: z.literal('ChangeEffects'),
  effects: z.record(z.enum(CHANGE_KINDS), z.array(surface).min(1)),
});
export type ChangeEffects = z.infer<typeof changeEffectsSchema>['effects'];

/**
 * What one would do about gaps, in the words of whoever decides. An action closes gaps of its controls, in either class;
 * a control belongs to one action. A later layer's action of the same id takes the place of an earlier one.
 */
const actionsSchema = z.strictObject({
  apiVersion,
  kind: z.literal('Actions'),
  actions: z.array(
    z.strictObject({
      id: identifier,
      /** In the imperative. */
      title: z.string().min(1).max(120),
      /** Who decides that it is done, or that the risk is accepted: a role. */
      decides: z.string().min(1).max(80),
      /** Who has the evidence: a role. */
      provides: z.string().min(1).max(80),
      controls: z.array(z.string().min(1).max(40)).min(1),
    }),
  ),
});
export type Action = z.infer<typeof actionsSchema>['actions'][number];

/** Every kind of document in a catalog, by its `kind`. */
export const CATALOG_KINDS = {
  Control: controlSchema,
  Profile: profileSchema,
  Framework: frameworkSchema,
  ProbeMap: probeMapSchema,
  Overlay: overlaySchema,
  Actions: actionsSchema,
  Techniques: techniquesSchema,
  ThreatTerms: threatTermsSchema,
  ChangeEffects: changeEffectsSchema,
  Sensitivity: sensitivitySchema,
} as const;
export type CatalogKind = keyof typeof CATALOG_KINDS;
/** A document of one kind. */
export type CatalogDocument<K extends CatalogKind> = z.infer<(typeof CATALOG_KINDS)[K]>;
