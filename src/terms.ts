/* The words of the field that every part shares, each with one meaning. */

export const ATTACK_CLASSES = ['membership-inference', 'inversion'] as const;

/** The two attack classes. There is no third value and no "both": what concerns both is said twice. */
export type AttackClass = (typeof ATTACK_CLASSES)[number];

/** The same of each class, by itself. */
export function perClass<T>(of: (attackClass: AttackClass) => T): Record<AttackClass, T> {
  return { 'membership-inference': of('membership-inference'), inversion: of('inversion') };
}

export const SURFACES = ['model-api', 'retrieval-store', 'agent-tools', 'embeddings', 'model-weights'] as const;

export type Surface = (typeof SURFACES)[number];

/** A surface as evidence states it; `undeclared` when nothing says what was attacked, and then it counts for no control. */
export type StatedSurface = Surface | 'undeclared';

/** Where a fact was read: the file, its SHA-256 (hex) and a line (`line 12`) or JSON pointer (`/results/3`). */
export interface Source {
  path: string;
  sha256: string;
  at: string;
}

export interface Tool {
  name: string;
  version?: string;
}

/** What an attack is after: whether a record was there, a hidden attribute of a record, or content itself. */
export type Subject = 'membership' | 'attribute' | 'content';

/** The attack class of a subject. Membership is one class; attributes and content are inversion, and still never one another. */
export type ClassOf<S extends Subject> = S extends 'membership' ? 'membership-inference' : 'inversion';

/** A subject with its attack class, which never disagree. */
export type Aim = { [S in Subject]: { subject: S; attackClass: ClassOf<S> } }[Subject];

/** The technique whose results say something of an attribute, and nothing of content. */
export const ATTRIBUTE_TECHNIQUE = 'attribute-inference';

/** What a technique of a class is after. */
export function aimOf(attackClass: AttackClass, technique: string): Aim {
  if (attackClass === 'membership-inference') return { subject: 'membership', attackClass };
  return { subject: technique === ATTRIBUTE_TECHNIQUE ? 'attribute' : 'content', attackClass };
}

/** The parts of an AI system's life that should be in different hands. */
export const STAGES = ['ingestion', 'tuning', 'inference', 'logs'] as const;

export type Stage = (typeof STAGES)[number];

/** What an identity may do around a model; all three at once is what an injected agent needs. */
export const RIGHTS = ['call-model', 'read-data', 'execute-tools'] as const;

export type Right = (typeof RIGHTS)[number];

/** What kind of thing a resource is; reaching it gives the right that goes with it. */
export const RESOURCE_TYPES = ['model', 'data', 'tool', 'log', 'other'] as const;

export type ResourceType = (typeof RESOURCE_TYPES)[number];

/** How much harm a resource does in the wrong hands, from least to most; `unstated` when nobody says. */
export const SENSITIVITIES = [
  'public',
  'internal',
  'unstated',
  'confidential',
  'restricted',
  'special-category',
] as const;

export type Sensitivity = (typeof SENSITIVITIES)[number];

/** What an interface gives out with an answer, from least to most telling. */
export const OUTPUTS = [
  'label',
  'text',
  'rounded-score',
  'full-score',
  'log-probabilities',
  'logits',
  'embedding',
  'gradient',
] as const;

export const EVENT_TYPES = ['model-access', 'tool-call', 'secret-use', 'data-access', 'alert'] as const;

export type EventType = (typeof EVENT_TYPES)[number];

export const CHANGE_KINDS = ['model', 'prompt', 'tool', 'data', 'integration'] as const;

export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** What a probe can show: both leakage and its absence, leakage alone (its failure says nothing), or neither. */
export const SHOWS = ['both', 'failure-only', 'neither'] as const;

export type Shows = (typeof SHOWS)[number];

/** Who trained a model: the owner of the system, the owner on top of a vendor's model, or nobody here. */
export const TRAININGS = ['own', 'tuned', 'none'] as const;

/** How a machine proves who it is, from what cannot be copied away to what anybody can say. */
export const AUTHENTICATION_METHODS = [
  'workload-identity',
  'mutual-tls',
  'oidc',
  'signed-assertion',
  'api-key',
  'shared-secret',
  'password',
  'none',
] as const;

export type AuthenticationMethod = (typeof AUTHENTICATION_METHODS)[number];

/**
 * What decides over rights beside the grants that an inventory lists, and was not worked out: conditions on grants, denials,
 * boundaries, rights to give oneself rights, grants that the listing leaves out, and grants that stand at resources.
 */
export type Unevaluated =
  /** Rights to everything, or to become somebody, that a condition decides over. */
  | 'conditions'
  /** Other rights that a condition decides over. */
  | 'narrow-conditions'
  | 'denials'
  | 'boundary'
  | 'escalation'
  | 'unlisted'
  | 'policies-of-resources';

/** What a store holds. */
export const STORE_TYPES = ['documents', 'vectors', 'memory', 'traces'] as const;

export type StoreType = (typeof STORE_TYPES)[number];

/** Whose rights decide what a store or tool hands out: the caller's, the agent's own, or nobody's. */
export const AUTHORISES = ['caller', 'agent', 'nobody'] as const;

/** What a store is divided by, so that no question crosses over. */
export const PARTITIONS = ['caller', 'tenant', 'none'] as const;

/** Where a deletion has to arrive beyond the record itself. */
export const COPIES = ['index', 'cache', 'replicas', 'backups'] as const;

/** What masking takes out. */
export const MASKED = ['personal-data', 'secrets'] as const;

/** What is practised, or was done in earnest, with the times it took. */
export type ExerciseType = 'breach-notification' | 'secret-revocation' | 'erasure' | 'memory-reset' | 'query-budget';

/** Who has to be told of a breach. */
export const NOTIFIED = ['authority', 'people', 'customers'] as const;

/**
 * What a control is about, so that "it leaks" and "a paper is missing" are never taken for one another: a bound on leakage
 * that is measured, what the tests are worth, a safeguard of the model or around it, or paperwork.
 */
export const AREAS = ['leakage', 'tests', 'safeguards', 'paperwork'] as const;

export type Area = (typeof AREAS)[number];

/** How readers know a surface. */
export const SURFACE_TITLES: Record<StatedSurface, string> = {
  'model-api': 'Model interface',
  'retrieval-store': 'Retrieval store',
  'agent-tools': 'Agent tools',
  embeddings: 'Embeddings',
  'model-weights': 'Model weights',
  undeclared: 'Not declared',
};

/** Surfaces in a sentence. */
export function surfacesInWords(surfaces: readonly StatedSurface[]): string {
  return surfaces.map((surface) => SURFACE_TITLES[surface]).join(', ');
}
