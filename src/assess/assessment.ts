import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ITEM_STATES } from '../catalog/coverage.ts';
import { FAMILIES, SEVERITIES, STRENGTHS } from '../catalog/schemas.ts';
import { ProbityError } from '../errors.ts';
import { LONGEST_EXAMPLE, MOST_EXAMPLES } from '../evidence/content.ts';
import { mapText } from '../evidence/text.ts';
import { countsSchema } from '../measure/counts.ts';
import { measuresOf } from '../measure/measures.ts';
import { attackClass, check, firstIssue, isoDate, sha256Hex, surface } from '../schema.ts';
import { AREAS, SENSITIVITIES, SHOWS, TRAININGS } from '../terms.ts';
import { TOOL } from '../tool.ts';
import { visible, visibleLines } from '../visible.ts';
import { RESPONSE_STATUSES } from '../workspace/responses.ts';
import { historySchema } from './history.ts';
import { BASES, REASONS, STATES } from './outcome.ts';

/** The schema name written into every assessment. */
export const ASSESSMENT_SCHEMA = 'probity/assessment/v1';

const state = z.enum(STATES);
const reason = z.enum(REASONS);
const severity = z.enum(SEVERITIES);
const source = z.object({ path: z.string(), sha256: z.string(), at: z.string() });
const tool = z.object({ name: z.string(), version: z.string().optional() });
const basis = z.enum(BASES);
const numberOrNull = z.number().nullable();
const need = z.object({ of: z.string(), atLeast: z.number(), has: z.number() });
const bounds = { lower: numberOrNull, upper: numberOrNull, upperOneSided: z.number().optional() };

/** The answers to the six questions of a test. */
const warrant = z.object({
  target: z.object({ stated: z.string().optional(), matched: z.boolean(), model: z.string().optional() }),
  shows: z.enum(SHOWS),
  power: z.object({ basis: z.enum(['control', 'planted', 'tool', 'none']), control: z.string().optional() }),
  counted: z.object({
    decided: z.number(),
    missing: z.number(),
    runs: z.number(),
    planned: z.boolean().optional(),
  }),
  sample: z.object({ enough: z.boolean(), needs: z.array(need).optional() }),
  bar: z.array(z.string()),
  strength: z.enum(['strong', 'weak']),
  open: z.array(reason),
});
const statedSurface = z.union([surface, z.literal('undeclared')]);

const evidenceEntry = z.object({
  path: z.string(),
  sha256: z.string(),
  bytes: z.number(),
  format: z.string(),
  accepted: z.boolean(),
  reason: z.string().optional(),
  code: z.string().optional(),
  observations: z.number(),
  tool: tool.optional(),
  collected: z.string().optional(),
  warnings: z.array(z.string()),
  unmapped: z.array(z.object({ probe: z.string(), at: z.string(), trials: z.number(), successes: z.number() })),
  /** What a search for secrets searched, by name; empty where nobody says, absent where it is none. */
  scanned: z.array(z.string()).optional(),
  /** What larger file it is a part of, and the digest of what was read of that. */
  partOf: z
    .object({
      file: z.string(),
      first: z.number(),
      last: z.number(),
      count: z.number(),
      sha256: z.string(),
      bytes: z.number(),
    })
    .optional(),
});

const beyond = z.array(z.object({ truePositives: z.number(), falsePositives: z.number() })).optional();
const share = z.object({ estimate: z.number(), lower: z.number(), upper: z.number() });
const detail = {
  id: z.string(),
  technique: z.string(),
  surface: statedSurface,
  probe: z.string(),
  detector: z.string().optional(),
  tool: tool.optional(),
  collected: z.string().optional(),
  target: z.string().optional(),
  shows: z.enum(SHOWS),
  publicText: z.boolean().optional(),
  toolDetector: z.boolean().optional(),
  planted: z.boolean().optional(),
  assignment: z.object({ random: z.boolean(), by: z.string(), how: z.string() }).optional(),
  positiveControl: z
    .discriminatedUnion('kind', [
      z.object({
        kind: z.literal('operating-point'),
        falsePositiveLimit: z.number(),
        truePositives: z.number(),
        members: z.number(),
        falsePositives: z.number(),
        nonMembers: z.number(),
        how: z.string(),
      }),
      z.object({ kind: z.literal('trials'), successes: z.number(), n: z.number(), how: z.string() }),
      z.object({ kind: z.literal('file'), file: z.string(), how: z.string() }),
    ])
    .optional(),
  falsePositiveLimit: z.number().optional(),
  prior: z.number().optional(),
  group: z.string().optional(),
  estimate: z.number(),
  lower: numberOrNull,
  upper: numberOrNull,
  upperOneSided: z.number().optional(),
  confidence: z.number(),
  method: z.string(),
  counts: countsSchema,
  source: z.array(source),
  comparable: z.boolean().optional(),
  withMissing: z.object(bounds).optional(),
  turned: z
    .object({
      estimate: z.number(),
      ...bounds,
      truePositives: z.number().optional(),
      falsePositives: z.number().optional(),
      beyond,
    })
    .optional(),
  beyond,
  byPart: z.number().optional(),
  constant: z.boolean().optional(),
  resolution: z.object({ constant: z.boolean(), tied: z.number(), near: z.boolean() }).optional(),
  baseline: z.object({ estimate: z.number(), ...bounds, sees: z.boolean(), copy: z.boolean() }).optional(),
  baselineMethod: z.string().optional(),
  scores: z.string().optional(),
  duplicatesDeclared: z.enum(['removed', 'present']).optional(),
  pooled: z.array(z.string()).optional(),
  warrant,
  thresholdFrom: z.enum(['calibration', 'same-records']).optional(),
  resolvable: z.boolean().optional(),
  cap: z.number().optional(),
  delta: z.number().optional(),
  sharedLower: z.number().optional(),
  gaussian: z.object({ mu: z.number(), epsilon: numberOrNull, sharedEpsilon: numberOrNull }).optional(),
  fixedBeforehand: z.boolean().optional(),
  variance: z.number().optional(),
  uncorrected: share.optional(),
  similarity: z.object({ metric: z.string(), cutOff: z.number(), closer: z.enum(['higher', 'lower']) }).optional(),
  discoverability: z.object({ n: z.number(), p: z.number() }).optional(),
  budget: z
    .object({
      queries: z.number(),
      reached: z.boolean(),
      refusedAt: z.number().optional(),
      refused: z.number().optional(),
    })
    .optional(),
  curve: z
    .array(
      z.object({ falsePositiveRate: z.number(), truePositiveRate: z.number(), lower: z.number(), upper: z.number() }),
    )
    .optional(),
  disclosure: z
    .array(z.object({ queries: z.number(), share: z.number(), lower: z.number(), upper: z.number() }))
    .optional(),
  /** Answers that succeeded: how each begins, its place in the file, and whether it goes on. */
  examples: z
    .array(z.object({ text: z.string().max(LONGEST_EXAMPLE), at: z.string(), cut: z.literal(true).optional() }))
    .max(MOST_EXAMPLES)
    .optional(),
  notes: z.array(z.string()),
  /** The thresholds it was held against, by control and criterion. */
  limits: z.array(z.object({ control: z.string(), criterion: z.string(), threshold: z.number() })),
};

/** One shape a subject: what is known of an attribute cannot stand where content is meant, nor the other way round. */
const measurement = z.discriminatedUnion('subject', [
  z.object({
    ...detail,
    subject: z.literal('membership'),
    attackClass: z.literal('membership-inference'),
    measure: z.enum(measuresOf('membership')),
  }),
  z.object({
    ...detail,
    subject: z.literal('attribute'),
    attackClass: z.literal('inversion'),
    measure: z.enum(measuresOf('attribute')),
  }),
  z.object({
    ...detail,
    subject: z.literal('content'),
    attackClass: z.literal('inversion'),
    measure: z.enum(measuresOf('content')),
  }),
]);

const criterionResult = z.object({
  id: z.string(),
  statement: z.string(),
  state,
  reason: reason.optional(),
  /** Everything that keeps it from being assessed; `reason` is the first. */
  reasons: z.array(reason).optional(),
  basis: basis.optional(),
  observed: z.union([z.number(), z.string()]).nullable(),
  bound: numberOrNull,
  threshold: z.union([z.number(), z.string()]).nullable(),
  measurement: z.string().optional(),
  detail: z.string(),
  others: z.array(z.object({ state, reason: reason.optional(), detail: z.string() })).optional(),
  /** The sample that would be needed, where a larger one could settle the question. */
  needs: z.array(need).optional(),
  evidence: z.array(source),
});

const waiver = z.object({
  control: z.string(),
  attackClass,
  reason: z.string(),
  approver: z.string(),
  issued: z.string(),
  expires: z.string(),
  inForce: z.boolean(),
  /** The last day it holds, and whether that is the profile's cap. */
  ends: z.string(),
  capped: z.boolean(),
  source,
});

const result = z.object({
  control: z.string(),
  attackClass,
  state,
  reason: reason.optional(),
  reasons: z.array(reason).optional(),
  /** What a pass rests on. */
  basis: basis.optional(),
  /** What the state would be without the risk acceptance. */
  underlying: state.optional(),
  /** Set when an overlay on the catalog switched the control off for this class. */
  switchedOff: z.object({ reason: z.string(), by: z.string() }).optional(),
  severity,
  criteria: z.array(criterionResult),
});

/** What people answered to a finding. Nothing of it changes a state. */
const answers = {
  owner: z.string().optional(),
  due: z.string().optional(),
  status: z.enum(RESPONSE_STATUSES).optional(),
  response: z.string().optional(),
  /** A wish to accept the risk; a Waiver among the evidence grants it, and then there is no finding. */
  acceptance: z.object({ reason: z.string(), approver: z.string(), expires: z.string() }).optional(),
};

const finding = z.object({
  id: z.string(),
  control: z.string(),
  attackClass,
  state,
  reason: reason.optional(),
  reasons: z.array(reason).optional(),
  severity,
  title: z.string(),
  consequence: z.string(),
  why: z.array(z.string()),
  remediation: z.array(z.string()),
  ...answers,
  evidence: z.array(source),
  frameworks: z.array(z.object({ framework: z.string(), item: z.string() })),
});

const verdict = z.object({
  state: z.enum(['satisfied', 'not-satisfied', 'not-assessed']),
  counts: z.record(state, z.number()),
  /** On what the passes rest. */
  passes: z.record(basis, z.number()),
  /** Risk acceptances, over results that fail and over results that were never assessed. */
  accepted: z.object({ overFailing: z.number(), withoutEvidence: z.number() }),
  /** What the verdict does not reach. */
  outside: z.array(z.enum(['vendor-training'])),
  worst: z
    .object({
      control: z.string(),
      criterion: z.string(),
      measurement: z.string(),
      observed: z.number(),
      bound: numberOrNull,
      threshold: z.number(),
    })
    .nullable(),
});

const control = z.object({
  id: z.string(),
  title: z.string(),
  family: z.enum(FAMILIES),
  area: z.enum(AREAS).optional(),
  severity,
  objective: z.string(),
  consequences: z.partialRecord(attackClass, z.string()),
  frameworks: z.record(z.string(), z.array(z.string())),
  remediation: z.array(z.string()),
  /** What would prove it, and an example of such a file. */
  evidence: z.array(z.object({ what: z.string(), example: z.string().optional() })).optional(),
  references: z.array(z.string()),
  /** The parameters of the profile that its criteria ask for; absent in assessments of earlier versions. */
  parameters: z.array(z.string()).optional(),
});

const frameworkItem = z.object({
  id: z.string(),
  title: z.string().optional(),
  outcome: z.string(),
  group: z.string().optional(),
  statement: z.string().optional(),
  controls: z.array(z.string()),
  /** Why each of these controls speaks to the item, by control. */
  reasons: z.record(z.string(), z.string()),
  /** How much of the item each of them shows, by control; none where the catalog says none. */
  strengths: z.record(z.string(), z.object({ strength: z.enum(STRENGTHS), part: z.string().optional() })),
  coverage: z.enum(ITEM_STATES),
  states: z.partialRecord(attackClass, state),
  /** Why the catalog does not speak to it, where that is on purpose. */
  outOfScope: z.string().optional(),
  /** From when it applies, where that is not from the day of publication. */
  applies: z.string().optional(),
});

export const assessmentSchema = z.object({
  schema: z.literal(ASSESSMENT_SCHEMA),
  asOf: isoDate,
  tool: z.object({ name: z.string(), version: z.string() }),
  system: z.object({
    id: z.string(),
    name: z.string(),
    description: z.string().optional(),
    owner: z.object({ name: z.string(), contact: z.string().optional() }),
    riskTier: z.string(),
    organisation: z.string().optional(),
    classification: z.string().optional(),
    tags: z.record(z.string(), z.string()).optional(),
    models: z.array(
      z.object({
        id: z.string(),
        version: z.string(),
        provider: z.string(),
        deployed: z.string(),
        training: z.enum(TRAININGS).optional(),
        targets: z.array(z.string()),
      }),
    ),
    targets: z.array(z.string()),
    ignoredTargets: z.array(z.object({ target: z.string(), reason: z.string() })),
    surfaces: z.array(surface),
    /** Ids of the frameworks that the workspace cites, in its order. */
    frameworks: z.array(z.string()).optional(),
    data: z.array(z.object({ name: z.string(), sensitivity: z.string() })),
    differentialPrivacy: z
      .object({
        epsilon: z.number(),
        delta: z.number(),
        mechanism: z.enum(['gaussian', 'other']).optional(),
        /** The most any membership attack can reach under this budget, by false-positive rate. */
        cap: z.array(z.object({ falsePositiveRate: z.number(), truePositiveRate: z.number() })),
      })
      .optional(),
  }),
  period: z.object({ from: z.string(), to: z.string() }),
  profile: z.object({
    id: z.string(),
    title: z.string(),
    parameters: z.record(z.string(), z.union([z.number(), z.string()])),
    /** Parameters that ask for less than the bundled profile of the declared tier. */
    looser: z.array(
      z.object({
        parameter: z.string(),
        value: z.union([z.number(), z.string()]),
        bundled: z.union([z.number(), z.string()]).nullable(),
      }),
    ),
  }),
  catalog: z.object({
    controls: z.number(),
    sha256: sha256Hex,
    /** What overlays added to the bundled catalog, replaced in it and switched off. */
    added: z.array(z.string()),
    replaced: z.array(z.string()),
    off: z.array(
      z.object({ control: z.string(), attackClass: attackClass.optional(), reason: z.string(), by: z.string() }),
    ),
    other: z.array(z.string()),
  }),
  redacted: z.boolean(),
  /** Present when leaked answers are shown, on request: a few of them, at the measurements that they are of. */
  contentShown: z.literal(true).optional(),
  evidenceRoot: sha256Hex,
  evidence: z.array(evidenceEntry),
  measurements: z.array(measurement),
  results: z.array(result),
  coverage: z.array(
    z.object({
      surface,
      attackClass,
      technique: z.string(),
      title: z.string(),
      state: z.enum(['tested', 'untested', 'not-applicable']),
      tests: z.number(),
      /** Of these, how many are neither stale nor an invalid comparison. */
      fresh: z.number(),
      /** Of these, how many do not count for today: too old, from before a later change, or of a day that has not come. */
      stale: z.number(),
      /** Of the stale ones, how many are of a day after `asOf`. */
      notYet: z.number().optional(),
      /** Of these, how many compare what cannot be compared. */
      invalid: z.number(),
    }),
  ),
  findings: z.array(finding),
  verdicts: z.object({ 'membership-inference': verdict, inversion: verdict }),
  controls: z.array(control),
  /** What one would do about gaps, by the controls that it serves. */
  actions: z
    .array(
      z.object({
        id: z.string(),
        title: z.string(),
        decides: z.string(),
        provides: z.string(),
        controls: z.array(z.string()),
      }),
    )
    .optional(),
  frameworks: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      short: z.string(),
      version: z.string(),
      publisher: z.string(),
      url: z.string(),
      licence: z.string(),
      /** Whether the items are all that the framework has; otherwise they are a selection. */
      complete: z.boolean(),
      groups: z.array(z.object({ id: z.string(), title: z.string() })),
      items: z.array(frameworkItem),
    }),
  ),
  legacy: z.array(z.object({ cited: z.string(), framework: z.string(), items: z.array(z.string()), note: z.string() })),
  waivers: z.array(waiver),
  changes: z.array(
    z.object({
      of: z.string(),
      date: z.string(),
      description: z.string(),
      surfaces: z.array(surface),
      source: source.optional(),
    }),
  ),
  identities: z.object({
    total: z.number(),
    machine: z.number(),
    human: z.number(),
    /** The machine identities that reach the most, gravest first. */
    widest: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        resources: z.number(),
        weight: z.number(),
        bySensitivity: z.partialRecord(z.enum(SENSITIVITIES), z.number()),
        /** Whether it reaches more than was counted. */
        atLeast: z.boolean(),
        /** Whether inventories list everything it leads to. */
        closed: z.boolean(),
        path: z.array(z.object({ how: z.enum(['is bound to', 'can become', 'reaches']), to: z.string() })),
        source,
      }),
    ),
  }),
  threats: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      status: z.string(),
      severity: z.string(),
      names: z.array(z.object({ attackClass, basis: z.string(), term: z.string() })),
      surfaces: z.array(surface),
      source,
    }),
  ),
  /** Tests that were planned beforehand. */
  plans: z.array(
    z.object({
      attackClass,
      technique: z.string(),
      surface,
      target: z.string(),
      probe: z.string().optional(),
      sample: z.object({
        members: z.number().optional(),
        nonMembers: z.number().optional(),
        trials: z.number().optional(),
      }),
      runs: z.number(),
      how: z.string(),
      by: z.string(),
      committed: z.string(),
      source,
    }),
  ),
  /** Where the answers of the findings come from, and those to findings that there are no more. */
  responses: z
    .object({
      path: z.string(),
      sha256: sha256Hex,
      closed: z.array(
        z.object({
          id: z.string(),
          control: z.string(),
          attackClass,
          title: z.string().optional(),
          /** What its result is now; none where the catalog has no such control any more. */
          state: state.optional(),
          ...answers,
        }),
      ),
      requests: z.array(
        z.object({
          request: z.string(),
          from: z.string().optional(),
          due: z.string().optional(),
          received: z.string().optional(),
        }),
      ),
    })
    .optional(),
  /** Tools whose results were read and that carry no membership inference test. */
  toolsWithoutMembership: z.array(z.string()),
  /** What is most likely a mistake in the workspace or its evidence. */
  warnings: z.array(z.string()),
  notes: z.array(z.string()),
  /** What changed since earlier assessments, where some were given. */
  history: historySchema.optional(),
});

/** Everything computed, as one document: the only input of every renderer. */
export type Assessment = z.infer<typeof assessmentSchema>;
export type Result = Assessment['results'][number];
export type Finding = Assessment['findings'][number];
export type AssessedMeasurement = Assessment['measurements'][number];

/** The canonical bytes of an assessment: two-space JSON, keys in the order they were made, one line end at the end. */
export function serialiseAssessment(assessment: Assessment): string {
  return `${JSON.stringify(assessment, null, 2)}\n`;
}

/**
 * What was computed as it is written and read back: the fields of the schema, in its order, and nothing else. What our own
 * schema would refuse to read is not written or signed.
 * @throws ProbityError ASSESSMENT_INVALID naming the first thing wrong
 */
export function canonicalAssessment(computed: Assessment): Assessment {
  const parsed = check(assessmentSchema, JSON.parse(serialiseAssessment(computed)));
  if (parsed.success) return parsed.data;
  const { pointer, message } = firstIssue(parsed.error);
  throw new ProbityError('ASSESSMENT_INVALID', `what was computed is no assessment: ${message}`, {
    where: `assessment.json#${pointer}`,
    remedy: 'This is a fault of probity; nothing was written. Leave out the evidence named there to go on',
  });
}

/** The canonical bytes of {@link canonicalAssessment}. @throws ProbityError ASSESSMENT_INVALID */
export function soundAssessment(computed: Assessment): string {
  return serialiseAssessment(canonicalAssessment(computed));
}

/** SHA-256 of an assessment's canonical bytes, hex; made piece by piece, so that long lists are not held as text. */
export function assessmentDigest(assessment: Assessment): string {
  const hash = createHash('sha256');
  for (const piece of pieces(assessment, '', 2)) hash.update(piece);
  return hash.update('\n').digest('hex');
}

/** Two-space JSON of a plain value, in pieces: one for each value that lies so many levels down. */
function* pieces(value: unknown, indent: string, levels: number): Generator<string> {
  if (levels === 0 || typeof value !== 'object' || value === null) {
    yield JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`);
    return;
  }
  const isList = Array.isArray(value);
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  if (entries.length === 0) {
    yield isList ? '[]' : '{}';
    return;
  }
  const inside = `${indent}  `;
  let before = `${isList ? '[' : '{'}\n${inside}`;
  for (const [key, inner] of entries) {
    yield isList ? before : `${before}${JSON.stringify(key)}: `;
    // The elements of a list are taken whole; a list within an object is gone into.
    yield* pieces(inner, inside, isList ? 0 : Array.isArray(inner) ? 1 : levels - 1);
    before = `,\n${inside}`;
  }
  yield `\n${indent}${isList ? ']' : '}'}`;
}

/**
 * The same with every text as it may be shown. Names stand in titles, footers and lines of ours, so they are one line each;
 * other texts may have several.
 */
export function withTextsVisible(assessment: Assessment): Assessment {
  const seen = mapText(assessment, visibleLines);
  const { name, owner, organisation, classification } = seen.system;
  const line = (text: string): string => visible(text.trim());
  return {
    ...seen,
    system: {
      ...seen.system,
      name: line(name),
      owner: mapText(owner, line),
      ...(organisation === undefined ? {} : { organisation: line(organisation) }),
      ...(classification === undefined ? {} : { classification: line(classification) }),
    },
  };
}

/**
 * Reads an assessment back; what in its texts could not be seen is shown by its code point.
 * @throws ProbityError ASSESSMENT_INVALID naming the first thing wrong
 */
export function parseAssessment(text: string, where: string): Assessment {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ProbityError('ASSESSMENT_INVALID', 'not valid JSON', { where, cause: error });
  }
  const parsed = check(assessmentSchema, value);
  if (parsed.success) return withTextsVisible(parsed.data);
  const { pointer, message } = firstIssue(parsed.error);
  const other = otherVersion(value);
  if (other !== undefined)
    throw new ProbityError(
      'ASSESSMENT_INVALID',
      `${other}, and this is ${TOOL.name} ${TOOL.version}, which does not read it: ${message}`,
      {
        where: `${where}#${pointer}`,
        remedy: 'Bring it along by performing it again from its evidence, with the same --as-of: probity assess',
      },
    );
  throw new ProbityError('ASSESSMENT_INVALID', message, {
    where: `${where}#${pointer}`,
    remedy: 'Make it anew with: probity assess',
  });
}

const versioned = z.object({ schema: z.string(), tool: z.object({ name: z.string(), version: z.string() }) });

/** What made an assessment that does not fit, where that was another version of this program. */
function otherVersion(value: unknown): string | undefined {
  const parsed = versioned.safeParse(value);
  if (!parsed.success) return undefined;
  const { schema, tool: made } = parsed.data;
  const name = `${made.name} ${made.version}`.slice(0, 80);
  if (schema !== ASSESSMENT_SCHEMA) return `it is of the form ${schema.slice(0, 80)}, made by ${name}`;
  return made.name === TOOL.name && made.version !== TOOL.version ? `it was made by ${name}` : undefined;
}
