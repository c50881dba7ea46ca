import { isDeepStrictEqual } from 'node:util';
import type { Assessment } from '../assess/assessment.ts';
import type { GoalpostKind } from '../assess/history.ts';
import { isLooser } from '../assess/profile.ts';
import type { Profile } from '../catalog/schemas.ts';

/** One thing that somebody changed about what is asked, or of what. */
export interface Goalpost {
  what: GoalpostKind;
  /** Which parameter, control, model, .. */
  name: string;
  old: string | null;
  new: string | null;
  /** Whether less is asked now, or of less; absent where it cannot be told. */
  looser?: boolean;
}

/** Every goalpost that moved from one assessment to the next. */
export function compareGoalposts(before: Assessment, after: Assessment, profiles: readonly Profile[]): Goalpost[] {
  return [
    ...single('profile', 'id', before.profile.id, after.profile.id),
    ...parameters(before, after, profiles),
    ...single('risk-tier', 'riskTier', before.system.riskTier, after.system.riskTier),
    ...single('catalog', 'sha256', before.catalog.sha256, after.catalog.sha256),
    ...lists('control-added', controlsOf(before), controlsOf(after)).filter((one) => one.old === null),
    ...lists('control-removed', controlsOf(before), controlsOf(after))
      .filter((one) => one.new === null)
      .map((one) => ({ ...one, looser: true })),
    ...lists('control-replaced', named(before.catalog.replaced), named(after.catalog.replaced)),
    ...lists('control-off', offOf(before), offOf(after)).map((one) => ({ ...one, looser: one.new !== null })),
    ...lists('acceptance', acceptancesOf(before), acceptancesOf(after)).map((one) => ({
      ...one,
      looser: one.old === null,
    })),
    ...lists('surface', named(before.system.surfaces), named(after.system.surfaces)).map(narrower),
    ...lists('model', modelsOf(before), modelsOf(after)),
    ...lists('target', targetsOf(before), targetsOf(after)).map(narrower),
    ...lists('ignored-target', ignoredOf(before), ignoredOf(after)).map((one) => ({
      ...one,
      looser: one.new !== null,
    })),
    ...single('privacy-budget', 'epsilon, delta', budgetOf(before), budgetOf(after)),
    ...single('redaction', 'redacted', String(before.redacted), String(after.redacted)),
    ...lists('tool', toolsOf(before), toolsOf(after)),
    ...single('probity', 'version', before.tool.version, after.tool.version),
  ];
}

function single(what: GoalpostKind, name: string, old: string, fresh: string): Goalpost[] {
  return old === fresh ? [] : [{ what, name, old, new: fresh }];
}

/** What one map has and the other lacks or has otherwise, by name. */
function lists(what: GoalpostKind, old: ReadonlyMap<string, string>, fresh: ReadonlyMap<string, string>): Goalpost[] {
  return [...new Set([...old.keys(), ...fresh.keys()])].sort().flatMap((name): Goalpost[] => {
    const [a, b] = [old.get(name) ?? null, fresh.get(name) ?? null];
    return a === b ? [] : [{ what, name, old: a, new: b }];
  });
}

/** Less of the system is looked at. */
function narrower(one: Goalpost): Goalpost {
  return one.new === null ? { ...one, looser: true } : one;
}

function named(names: readonly string[]): Map<string, string> {
  return new Map(names.map((name) => [name, name]));
}

function parameters(before: Assessment, after: Assessment, profiles: readonly Profile[]): Goalpost[] {
  const [old, fresh] = [before.profile.parameters, after.profile.parameters];
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])].sort().flatMap((name): Goalpost[] => {
    const [a, b] = [old[name], fresh[name]];
    if (isDeepStrictEqual(a, b)) return [];
    const looser = a !== undefined && b !== undefined ? isLooser(name, b, a, profiles) : undefined;
    return [
      {
        what: 'parameter',
        name,
        old: a === undefined ? null : String(a),
        new: b === undefined ? null : String(b),
        ...(looser === undefined ? {} : { looser }),
      },
    ];
  });
}

function controlsOf({ controls }: Assessment): Map<string, string> {
  return new Map(controls.map(({ id, title }) => [id, title]));
}

function offOf({ catalog }: Assessment): Map<string, string> {
  return new Map(
    catalog.off.map(({ control, attackClass, reason }) => [
      `${control}${attackClass ? `, ${attackClass}` : ''}`,
      reason,
    ]),
  );
}

function acceptancesOf({ waivers }: Assessment): Map<string, string> {
  return new Map(
    waivers
      .filter(({ inForce }) => inForce)
      .map(({ control, attackClass, approver, ends }) => [
        `${control}, ${attackClass}`,
        `${approver}, until ${ends.slice(0, 10)}`,
      ]),
  );
}

function modelsOf({ system }: Assessment): Map<string, string> {
  return new Map(
    system.models.map(({ id, version, provider, deployed, training }) => [
      id,
      `${version}, ${provider}, deployed ${deployed}${training === undefined ? '' : `, training ${training}`}`,
    ]),
  );
}

function targetsOf({ system }: Assessment): Map<string, string> {
  return new Map([
    ...system.targets.map((target): [string, string] => [target, 'of the system']),
    ...system.models.flatMap(({ id, targets }) => targets.map((target): [string, string] => [target, `of ${id}`])),
  ]);
}

function ignoredOf({ system }: Assessment): Map<string, string> {
  return new Map(system.ignoredTargets.map(({ target, reason }) => [target, reason]));
}

function budgetOf({ system: { differentialPrivacy: budget } }: Assessment): string {
  return budget ? `${budget.epsilon}, ${budget.delta}` : 'none declared';
}

/** Versions of the tools whose results were used. */
function toolsOf({ evidence }: Assessment): Map<string, string> {
  const versions = Map.groupBy(
    evidence.filter(({ accepted, tool }) => accepted && tool !== undefined),
    ({ tool }) => tool?.name ?? '',
  );
  return new Map(
    [...versions].map(([name, entries]) => [
      name,
      [...new Set(entries.map(({ tool }) => tool?.version ?? 'of no stated version'))].sort().join(', '),
    ]),
  );
}
