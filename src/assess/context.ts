import type { ChangeEffects, Control, SEVERITIES, Technique } from '../catalog/schemas.ts';
import { ProbityError } from '../errors.ts';
import type { BodyOf, Observation, ObservationBody } from '../evidence/observation.ts';
import type { IdentityBody } from '../evidence/observations/access.ts';
import type { Measurement } from '../measure/measurement.ts';
import { days } from '../schema.ts';
import type { PrivacyBudget } from '../statistics/privacy.ts';
import type { AttackClass, Source, Surface, TRAININGS } from '../terms.ts';
import { grouped } from '../wording.ts';
import type { RelevantChange } from './freshness.ts';
import type { Ground } from './ground.ts';
import type { ReachIndex } from './reach/index.ts';

/** Two places that say different things of one field at the same time. */
export interface Conflict {
  field: string;
  places: [Source, Source];
}

/** An identity put together from all inventories that know it. */
export type MergedIdentity = Observation<IdentityBody> & {
  /** The other places that say something of it. */
  further: Source[];
  /** Fields of which two inventories of the same time say different things. */
  conflicts: Conflict[];
};

/** A differential-privacy budget, and how it is kept. */
export interface DeclaredBudget extends PrivacyBudget {
  mechanism?: 'gaussian' | 'other' | undefined;
}

/** A model of the system as the workspace declares it. */
interface DeclaredModel {
  id: string;
  version: string;
  provider: string;
  deployed: string;
  training?: (typeof TRAININGS)[number] | undefined;
  targets: readonly string[];
}

/** Everything a criterion may look at. Assembled once per assessment; nothing in it changes. */
export interface EvaluationContext {
  asOf: string;
  /** The surfaces the system declares. */
  surfaces: readonly Surface[];
  /** Every measurement of the system, runs of one test put together after them. Ignored targets are left out. */
  measurements: readonly Measurement[];
  /** What is known of each measurement whatever is asked of it, by its id. */
  grounds: ReadonlyMap<string, Ground>;
  /** Measurements of files that serve as positive controls; they say nothing of the system. */
  controls: readonly Measurement[];
  /** The days the assessment is about. */
  period: { from: string; to: string };
  /** The models the system runs now. */
  models: readonly DeclaredModel[];
  /** The observations of one kind, as the evidence gives them. */
  evidence<K extends ObservationBody['kind']>(kind: K): readonly Observation<BodyOf<K>>[];
  /** One a name, merged from all inventories. */
  identities: readonly MergedIdentity[];
  /** What identities can reach. */
  reach: ReachIndex;
  /** Roles and resources of which two inventories of one time say different things. */
  reachConflicts: readonly { id: string; places: [Source, Source] }[];
  changes: readonly RelevantChange[];
  /** Why the changes may not be all of them: a log of changes that was not read; undefined where every one was. */
  changesUnknown: string | undefined;
  changeEffects: ChangeEffects;
  techniques: readonly Technique[];
  /** The differential-privacy budget the system declares. */
  privacy: DeclaredBudget | undefined;
  parameters: Readonly<Record<string, number | string>>;
}

/** One criterion of one control, for one attack class. */
export interface Question {
  control: Control;
  attackClass: AttackClass;
  /** The surfaces the control is about and the system has. */
  surfaces: readonly Surface[];
}

type NumberOrParameter = number | { param: string };
type DurationOrParameter = string | { param: string };

/** The number itself, or the profile's value. @throws ProbityError CATALOG_INVALID when the profile lacks it */
export function numberOf(value: NumberOrParameter, context: Pick<EvaluationContext, 'parameters'>): number {
  if (typeof value === 'number') return value;
  const found = context.parameters[value.param];
  if (typeof found !== 'number')
    throw new ProbityError('CATALOG_INVALID', `the profile has no number called "${value.param}"`, {
      where: 'profile',
      remedy: 'Run: probity catalog lint',
    });
  return found;
}

/** A limit in days, or undefined when there is none. */
export function daysOf(
  value: DurationOrParameter | undefined,
  context: Pick<EvaluationContext, 'parameters'>,
): number | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === 'string' ? value : context.parameters[value.param];
  if (typeof text !== 'string')
    throw new ProbityError(
      'CATALOG_INVALID',
      `the profile has no duration called "${typeof value === 'string' ? value : value.param}"`,
      {
        where: 'profile',
        remedy: 'Run: probity catalog lint',
      },
    );
  return days(text);
}

export type Severity = (typeof SEVERITIES)[number];

/** The severity itself, or the profile's. @throws ProbityError CATALOG_INVALID when the profile lacks it */
export function severityOf(
  value: Severity | { param: string },
  context: Pick<EvaluationContext, 'parameters'>,
): Severity {
  const found = typeof value === 'string' ? value : context.parameters[value.param];
  if (found === 'low' || found === 'medium' || found === 'high' || found === 'critical') return found;
  throw new ProbityError(
    'CATALOG_INVALID',
    `the profile has no severity called "${typeof value === 'string' ? value : value.param}"`,
    {
      where: 'profile',
      remedy: 'Run: probity catalog lint',
    },
  );
}

/** The sources of several observations, each place once, in order; at most 50. */
export function sourcesOf(observations: readonly { source: Source }[]): Source[] {
  const seen = new Map<string, Source>();
  for (const { source } of observations) {
    if (seen.size >= 50) break;
    seen.set(`${source.path}\0${source.at}`, source);
  }
  return [...seen.values()];
}

/** `1 identity`, `3 identities`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** The first few of a list in words, and how many more there are. */
export function someOf(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
