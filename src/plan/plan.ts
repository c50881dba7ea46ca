import { trainedElsewhere } from '../assess/results.ts';
import { matches } from '../assess/targets.ts';
import { type Catalog, switchedOff } from '../catalog/catalog.ts';
import {
  type Control,
  type Criterion,
  type MeasureCriterion,
  measureCriterion,
  type Profile,
  SUPPORTING_FAMILIES,
  type Technique,
} from '../catalog/schemas.ts';
import { ATTACK_CLASSES, type AttackClass, perClass, type Surface } from '../terms.ts';
import { visible } from '../visible.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { callsOf, largerOf, type PlannedSample, sampleFor } from './sample.ts';
import { hasScorer, type PlannedTool, screeningFor, toolFor } from './tools.ts';

/** The schema name written into every plan. */
const PLAN_SCHEMA = 'probity/plan/v1';

/** A test that the system needs, for one class. */
export interface PlannedTest extends PlannedTool {
  attackClass: AttackClass;
  technique: string;
  title: string;
  surface: Surface;
  target: string;
  /** The controls that it answers. */
  controls: string[];
  sample: PlannedSample;
  /** What shows that the attack could have succeeded, where the profile asks for it. */
  control?: { kind: 'counts' | 'file' | 'planted or control' | 'run'; how: string };
  /** How members and non-members have to be made comparable. */
  assignment?: string;
  cost: { calls: number; hours: number };
  /** Techniques that would answer the same. */
  instead: string[];
  /** A run that can show leakage, and not its absence. */
  screening?: PlannedTool;
  /** Whether a plan that lies in the evidence names it. */
  planned?: boolean;
}

/** A document or record that a control needs. */
export interface NeededRecord {
  control: string;
  attackClasses: AttackClass[];
  /** The kind of file, `AccessInventory`; `document` where there is none. */
  kind: string;
  what: string;
  example?: string;
}

export interface Plan {
  schema: typeof PLAN_SCHEMA;
  system: { id: string; name: string; riskTier: string };
  profile: string;
  /** How many calls a second the costs assume. */
  callsPerSecond: number;
  tests: PlannedTest[];
  records: NeededRecord[];
  /** By class, never over both. */
  cost: Record<AttackClass, { calls: number; hours: number }>;
}

/** A test that somebody planned already. */
export interface Committed {
  attackClass: AttackClass;
  technique: string;
  surface: Surface;
  target: string;
}

export interface PlanInput {
  workspace: Workspace;
  catalog: Catalog;
  profile: Profile;
  /** The kind of document of each bundled example, by its path. */
  kinds: ReadonlyMap<string, string>;
  /** Plans that lie in the evidence. */
  committed: readonly Committed[];
  callsPerSecond: number;
}

/** What evidence a system needs, from its workspace alone. Pure. */
export function planOf(input: PlanInput): Plan {
  const { workspace, profile, callsPerSecond } = input;
  const controls = applicable(input);
  const tests = testsOf(controls, input);
  const cost = (attackClass: AttackClass) => {
    const own = tests.filter((one) => one.attackClass === attackClass);
    return {
      calls: own.reduce((sum, one) => sum + one.cost.calls, 0),
      hours: rounded(own.reduce((sum, one) => sum + one.cost.hours, 0)),
    };
  };
  return {
    schema: PLAN_SCHEMA,
    system: { id: workspace.id, name: visible(workspace.name), riskTier: workspace.riskTier },
    profile: profile.id,
    callsPerSecond,
    tests,
    records: recordsOf(controls, input),
    cost: perClass(cost),
  };
}

interface Asked {
  control: Control;
  attackClass: AttackClass;
  criteria: readonly Criterion[];
  surfaces: readonly Surface[];
}

/** What is asked of this system: controls that are on, apply to a surface it has, and are about its own training. */
function applicable({ workspace, catalog }: PlanInput): Asked[] {
  const elsewhere = trainedElsewhere(workspace);
  return catalog.controls.flatMap(({ document: control }) =>
    ATTACK_CLASSES.flatMap((attackClass): Asked[] => {
      const entry = control.attackClasses[attackClass];
      if (!entry || switchedOff(catalog, control.id, attackClass)) return [];
      if (control.appliesTo?.training && elsewhere) return [];
      const surfaces = workspace.surfaces.filter(
        (surface) => control.appliesTo?.surfaces === undefined || control.appliesTo.surfaces.includes(surface),
      );
      return surfaces.length === 0 ? [] : [{ control, attackClass, criteria: entry.criteria, surfaces }];
    }),
  );
}

/** The criteria that a number decides; of alternatives the first, and those that a check carries. */
function measured(criterion: Criterion): MeasureCriterion[] {
  if ('measure' in criterion) return [criterion];
  if ('anyOf' in criterion) return criterion.anyOf.slice(0, 1);
  const inner = measureCriterion.safeParse(criterion.with.test);
  return inner.success ? [inner.data] : [];
}

function testsOf(asked: readonly Asked[], input: PlanInput): PlannedTest[] {
  const { catalog, profile, committed, workspace } = input;
  const maps = catalog.probeMaps.map(({ document }) => document);
  const wanted = new Map<
    string,
    { technique: Technique; surface: Surface; sample: PlannedSample; controls: Set<string>; instead: Set<string> }
  >();
  const add = (
    technique: Technique,
    surface: Surface,
    sample: PlannedSample,
    control: string,
    instead: readonly string[],
  ): void => {
    const key = `${technique.attackClass} ${technique.id} ${surface}`;
    const before = wanted.get(key);
    const merged = before ?? { technique, surface, sample, controls: new Set(), instead: new Set() };
    merged.sample = before ? largerOf(before.sample, sample) : sample;
    merged.controls.add(control);
    for (const one of instead) merged.instead.add(one);
    wanted.set(key, merged);
  };
  for (const { control, attackClass, criteria, surfaces } of asked)
    for (const criterion of criteria.flatMap(measured))
      for (const surface of surfaces) {
        const [technique, ...others] = candidates(criterion, attackClass, surface, catalog.techniques);
        if (technique)
          add(
            technique,
            surface,
            sampleFor(criterion, technique, profile.parameters),
            control.id,
            others.map(({ id }) => id),
          );
      }
  // Every surface needs a test of each class that has a technique there.
  for (const attackClass of ATTACK_CLASSES)
    for (const surface of workspace.surfaces) {
      if ([...wanted.values()].some((one) => one.technique.attackClass === attackClass && one.surface === surface))
        continue;
      const cover = asked.find((one) => one.attackClass === attackClass && coversSurfaces(one.criteria));
      const technique = catalog.techniques.find(
        (one) => one.attackClass === attackClass && one.surfaces.includes(surface),
      );
      if (cover && technique) add(technique, surface, leastSample(technique), cover.control.id, []);
    }
  return [...wanted.values()].flatMap(({ technique, surface, sample, controls, instead }) =>
    targetsOf(workspace, surface).map((target): PlannedTest => {
      const positive = controlFor(technique, profile);
      const calls = callsOf(sample) * (positive ? 2 : 1);
      const screening = screeningFor(technique, surface, target, maps);
      const planned = committed.some(
        (one) =>
          one.attackClass === technique.attackClass &&
          one.technique === technique.id &&
          one.surface === surface &&
          (one.target === target || matches(one.target, target) || matches(target, one.target)),
      );
      return {
        attackClass: technique.attackClass,
        technique: technique.id,
        title: technique.title,
        surface,
        target,
        ...toolFor(technique, surface, sample, maps),
        controls: [...controls].sort(),
        sample,
        ...(positive ? { control: positive } : {}),
        ...(sample.members === undefined ? {} : { assignment: ASSIGNMENT }),
        cost: { calls, hours: rounded(calls / input.callsPerSecond / 3600) },
        instead: [...instead].sort(),
        ...(screening ? { screening } : {}),
        ...(committed.length > 0 ? { planned } : {}),
      };
    }),
  );
}

const ASSIGNMENT =
  'Members and non-members drawn at random before training (sources[].assignment in probity.yaml), or baseline_score of something that never saw the model for every record.';

/** Techniques that answer a criterion on a surface: strong ones first, and of those the ones that a known tool runs. */
function candidates(
  { techniques, measure }: MeasureCriterion,
  attackClass: AttackClass,
  surface: Surface,
  all: readonly Technique[],
): Technique[] {
  const scores = [measure].flat().some((one) => one.startsWith('roc.'));
  const fitting = all.filter(
    (one) =>
      one.attackClass === attackClass &&
      one.surfaces.includes(surface) &&
      (techniques === undefined
        ? // Scores of records need a technique that scores them; a disclosure curve is of content that repetition brings out.
          scores
          ? one.least >= SCORED
          : one.id === 'training-data-extraction' || one.id === 'connected-leakage'
        : techniques.includes(one.id)),
  );
  const rank = ({ id, strength }: Technique): number => (strength === 'strong' ? 2 : 0) + (hasScorer(id) ? 1 : 0);
  return fitting.toSorted((a, b) => rank(b) - rank(a));
}

/** Techniques that score records ask for at least so many of each kind. */
const SCORED = 500;

function coversSurfaces(criteria: readonly Criterion[]): boolean {
  return criteria.some((criterion) => 'check' in criterion && criterion.check === 'tested-surfaces');
}

function leastSample(technique: Technique): PlannedSample {
  const passes = 'a system that gives nothing away' as const;
  return technique.least >= SCORED
    ? { members: technique.least, nonMembers: technique.least, passes }
    : { trials: technique.least, passes };
}

/** The model's own surfaces are tested on each model; what stands around it, on the application. */
function targetsOf({ models, targets }: Workspace, surface: Surface): string[] {
  const own = models.map((model) => model.targets[0] ?? model.id);
  const ofModel = surface === 'model-api' || surface === 'model-weights' || surface === 'embeddings';
  const chosen = ofModel ? own : targets.slice(0, 1);
  if (chosen.length > 0) return [...new Set(chosen)];
  const any = [...targets, ...own].slice(0, 1);
  return any.length > 0 ? any : ['DECLARE A TARGET IN probity.yaml'];
}

function controlFor(technique: Technique, { parameters }: Profile): PlannedTest['control'] {
  const how = technique.control;
  if (technique.attackClass === 'membership-inference' && technique.least >= SCORED) {
    const asked = typeof parameters['mi-control'] === 'number' ? parameters['mi-control'] : 0;
    if (asked >= 2) return { kind: 'file', how };
    if (asked >= 1 || technique.strength === 'weak') return { kind: 'counts', how };
    return undefined;
  }
  const asked = typeof parameters['trial-control'] === 'number' ? parameters['trial-control'] : 0;
  return { kind: asked > 0 || technique.attackClass === 'membership-inference' ? 'run' : 'planted or control', how };
}

/** The documents and records that controls ask for besides tests. */
function recordsOf(asked: readonly Asked[], { kinds }: PlanInput): NeededRecord[] {
  const found = new Map<string, NeededRecord>();
  for (const { control, attackClass, criteria } of asked) {
    const tests = criteria.every((criterion) => measured(criterion).length > 0 || coversSurfaces([criterion]));
    if (tests && !SUPPORTING_FAMILIES.includes(control.family)) continue;
    for (const { what, example } of control.evidence) {
      const kind = (example === undefined ? undefined : kinds.get(example)) ?? 'document';
      // What tests need stands among the tests.
      if (kind === 'ProbeResult') continue;
      const key = `${control.id} ${what}`;
      const before = found.get(key);
      if (before) before.attackClasses.push(attackClass);
      else
        found.set(key, {
          control: control.id,
          attackClasses: [attackClass],
          kind,
          what,
          ...(example === undefined ? {} : { example }),
        });
    }
  }
  return [...found.values()];
}

function rounded(hours: number): number {
  return Math.round(hours * 10) / 10;
}
