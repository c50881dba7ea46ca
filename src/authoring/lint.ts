import { subjectOf } from '../assess/bounds.ts';
import { CHECKS } from '../assess/checks/index.ts';
import { isTestParameter } from '../assess/parameters.ts';
import type { Catalog, Filed } from '../catalog/catalog.ts';
import {
  type Control,
  type Criterion,
  type Framework,
  type MeasureCriterion,
  SUPPORTING_FAMILIES,
} from '../catalog/schemas.ts';
import { measuresOf } from '../measure/measures.ts';
import { table } from '../table.ts';
import { ATTACK_CLASSES, ATTRIBUTE_TECHNIQUE, type AttackClass } from '../terms.ts';

export interface LintProblem {
  /** File and line. */
  where: string;
  message: string;
  /** Set where the catalog can be used all the same: a mapping without a strength, or only to an older edition. */
  warning?: true;
}

/**
 * Everything in a catalog that does not fit together. Pure; each file on its own was checked when it was loaded.
 * @param exampleExists whether an example file that a control names is there; by default none is looked for
 */
export function lint(catalog: Catalog, exampleExists: (name: string) => boolean = () => true): LintProblem[] {
  return [
    ...catalog.duplicates.map(({ id, first, where }) => ({ where, message: `${id} is already the id of ${first}` })),
    ...catalog.controls.flatMap((control) => lintControl(control, catalog, exampleExists)),
    ...lintOverlays(catalog),
    ...lintActions(catalog),
    ...lintProfiles(catalog),
    ...catalog.frameworks.flatMap((framework) => [
      ...lintFramework(framework, catalog),
      ...lintEditions(framework, catalog),
    ]),
    ...lintProbes(catalog),
  ];
}

/** Every control has one action, and every action's controls are there. Controls of overlays may go without. */
function lintActions(catalog: Catalog): LintProblem[] {
  const named = catalog.actions.flatMap(({ controls }) => controls);
  const known = new Set(catalog.controls.map(({ document }) => document.id));
  const own = new Set(catalog.changes.added);
  return [
    ...catalog.actions.flatMap(({ id, controls }) =>
      controls
        .filter((control) => !known.has(control))
        .map((control) => ({
          where: 'actions.yaml',
          message: `the action ${id} names ${control}, which is no control`,
        })),
    ),
    ...catalog.controls
      .filter(({ document }) => !named.includes(document.id) && !own.has(document.id))
      .map((filed) => placed(filed, '/id', `${filed.document.id} belongs to no action (kind: Actions)`)),
  ];
}

function placed(filed: Filed<unknown>, pointer: string, message: string): LintProblem {
  return { where: `${filed.file}:${filed.lineOf(pointer)}`, message };
}

function lintControl(filed: Filed<Control>, catalog: Catalog, exampleExists: (name: string) => boolean): LintProblem[] {
  const { file, document: control } = filed;
  const problems: LintProblem[] = [];
  const say = (pointer: string, message: string): void => {
    problems.push(placed(filed, pointer, message));
  };
  const warn = (pointer: string, message: string): void => {
    problems.push({ ...placed(filed, pointer, message), warning: true });
  };
  if (!`/${file}`.endsWith(`/${control.id}.yaml`)) say('/id', `the file should be called ${control.id}.yaml`);
  if (!`/${file}`.includes(`/${control.family}/`)) say('/family', `the file should lie in ${control.family}/`);
  for (const [id, mappings] of Object.entries(control.frameworks)) {
    const framework = catalog.frameworks.find(({ document }) => document.id === id)?.document;
    if (!framework) say(`/frameworks/${id}`, `there is no framework "${id}"`);
    for (const { item, reason, strength } of framework ? mappings : []) {
      const pointer = `/frameworks/${id}/${item.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (framework?.items.some((candidate) => candidate.id === item)) {
        if (reason === undefined)
          say(pointer, `the mapping to ${item} gives no reason and no strength: write ${item}: ${MAPPING_FORM}`);
        else if (strength === undefined)
          warn(
            pointer,
            `the mapping to ${item} says no strength and counts for nothing: write ${item}: ${MAPPING_FORM}`,
          );
        continue;
      }
      const legacy = framework?.legacy.find((entry) => entry.id === item);
      say(pointer, legacy ? `${legacy.note} Use the current identifier` : `${id} has no item "${item}"`);
    }
  }
  for (const { id, newest } of onlyOlder(control, catalog))
    warn(`/frameworks/${id}`, `maps only to ${id}; ${newest} is a newer edition of it`);
  control.evidence.forEach(({ example }, index) => {
    if (example !== undefined && !exampleExists(example))
      say(`/evidence/${index}`, `there is no example file ${example}`);
  });
  for (const attackClass of ATTACK_CLASSES) {
    const entry = control.attackClasses[attackClass];
    if (!entry) {
      if (SUPPORTING_FAMILIES.includes(control.family) && control.notFor?.[attackClass] === undefined)
        say(
          '/attackClasses',
          `no consequence for ${attackClass}: a control of family ${control.family} names both classes, or says why not under notFor`,
        );
      continue;
    }
    if (control.notFor?.[attackClass] !== undefined)
      say('/notFor', `${attackClass} is named under attackClasses as well`);
    const ids = new Set<string>();
    entry.criteria.forEach((criterion, index) => {
      const pointer = `/attackClasses/${attackClass}/criteria/${index}`;
      if (ids.has(criterion.id)) say(pointer, `two criteria are called ${criterion.id}`);
      ids.add(criterion.id);
      for (const message of lintCriterion(criterion, control, attackClass, catalog))
        say(pointer, `${attackClass}, ${criterion.id}: ${message}`);
    });
  }
  return problems;
}

const MAPPING_FORM =
  '{strength: full | partial | supports, part: "which part, where it is partial", reason: "why, one line"}';

/** Older editions that a control maps to, while it maps to none of the newer ones that the catalog has. */
function onlyOlder(control: Control, catalog: Catalog): { id: string; newest: string }[] {
  const frameworks = new Map(catalog.frameworks.map(({ document }) => [document.id, document]));
  return Object.entries(control.frameworks).flatMap(([id, mappings]) => {
    const newer = laterEditions(frameworks, id);
    const newest = newer.at(-1);
    const gone = newer[0]?.crosswalk?.items.filter(({ now }) => now.length === 0).map((entry) => entry.id) ?? [];
    return newest === undefined ||
      mappings.every(({ item }) => gone.includes(item)) ||
      newer.some((edition) => control.frameworks[edition.id] !== undefined)
      ? []
      : [{ id, newest: newest.id }];
  });
}

/** The editions after one, oldest first. */
function laterEditions(frameworks: ReadonlyMap<string, Framework>, id: string): Framework[] {
  const later: Framework[] = [];
  for (
    let next = frameworks.get(frameworks.get(id)?.supersededBy ?? '');
    next !== undefined && !later.includes(next);
    next = frameworks.get(next.supersededBy ?? '')
  )
    later.push(next);
  return later;
}

/** Whether the editions of a framework hang together, and the crosswalk between them is whole. */
function lintEditions(filed: Filed<Framework>, catalog: Catalog): LintProblem[] {
  const { document } = filed;
  const say = (pointer: string, message: string): LintProblem[] => [placed(filed, pointer, message)];
  const all = catalog.frameworks.map((one) => one.document);
  const next = all.find(({ id }) => id === document.supersededBy);
  const from = all.find(({ id }) => id === document.crosswalk?.from);
  const current = all.filter((one) => one.family === document.family && one.supersededBy === undefined);
  return [
    ...(document.supersededBy === undefined || next?.family === document.family
      ? []
      : say('/supersededBy', `there is no edition "${document.supersededBy}" of the same family`)),
    ...(document.family === undefined || current.length === 1
      ? []
      : say('/family', `of the family ${document.family} not one edition is current but ${current.length}`)),
    ...(document.crosswalk === undefined || from
      ? []
      : say('/crosswalk/from', `there is no framework "${document.crosswalk.from}"`)),
    ...(document.crosswalk?.items ?? []).flatMap((entry, index) => [
      ...(from && !from.items.some(({ id }) => id === entry.id)
        ? say(`/crosswalk/items/${index}`, `${from.id} has no item "${entry.id}"`)
        : []),
      ...entry.now
        .filter((id) => !document.items.some((item) => item.id === id))
        .flatMap((id) => say(`/crosswalk/items/${index}`, `${entry.id} leads to "${id}", which there is not`)),
    ]),
    ...(from?.items ?? [])
      .filter(({ id }) => !document.crosswalk?.items.some((entry) => entry.id === id))
      .flatMap(({ id }) => say('/crosswalk', `does not say where ${id} went`)),
  ];
}

function lintCriterion(criterion: Criterion, control: Control, attackClass: AttackClass, catalog: Catalog): string[] {
  const messages = parametersOf(criterion).flatMap((name) =>
    catalog.profiles
      .filter(({ document }) => !(name in document.parameters))
      .map(({ document }) => `profile ${document.id} has no parameter "${name}"`),
  );
  if ('measure' in criterion) return [...messages, ...lintMeasure(criterion, control, attackClass, catalog)];
  if ('anyOf' in criterion)
    return [...messages, ...criterion.anyOf.flatMap((one) => lintMeasure(one, control, attackClass, catalog))];
  const check = CHECKS.find((candidate) => candidate.name === criterion.check);
  if (!check)
    return [
      ...messages,
      `there is no check "${criterion.check}"; there are ${CHECKS.map(({ name }) => name).join(', ')}`,
    ];
  const problem = check.problem(criterion.with);
  return problem ? [...messages, `${criterion.check}: ${problem}`] : messages;
}

/** The least and the most that a measure's upper bound can be, whatever the evidence: outside lies nothing to decide. */
const BOUNDS = table<readonly [least: number, most: number]>({
  'roc.auc': [0.5, 1],
  advantage: [-1, 1],
  exposure: [0, Infinity],
});

function lintMeasure(
  criterion: MeasureCriterion,
  control: Control,
  attackClass: AttackClass,
  catalog: Catalog,
): string[] {
  const messages: string[] = [];
  const known = catalog.techniques.filter((technique) => technique.attackClass === attackClass);
  for (const id of criterion.techniques ?? [])
    if (!known.some((technique) => technique.id === id)) messages.push(`${attackClass} has no technique "${id}"`);
  const usable = known.filter(
    (technique) =>
      (criterion.techniques?.includes(technique.id) ?? true) &&
      (control.appliesTo?.surfaces === undefined ||
        technique.surfaces.some((surface) => control.appliesTo?.surfaces?.includes(surface))),
  );
  if (usable.length === 0) messages.push('unreachable: none of its techniques applies to a surface of this control');
  const subject = subjectOf(criterion, attackClass);
  if (subject === 'content' && criterion.techniques?.includes(ATTRIBUTE_TECHNIQUE))
    messages.push('attribute inference and recovered content never share a criterion');
  const possible: readonly string[] = measuresOf(subject);
  for (const measure of [criterion.measure].flat()) {
    if (!possible.includes(measure))
      messages.push(
        `${measure} is not a measure of ${attackClass === 'inversion' ? `inversion (${subject})` : attackClass}`,
      );
    const [least, most] = BOUNDS[measure] ?? [0, 1];
    for (const { document } of catalog.profiles) {
      const max = typeof criterion.max === 'number' ? criterion.max : document.parameters[criterion.max.param];
      if (typeof max !== 'number') continue;
      if (max <= least)
        messages.push(
          `no sample size could satisfy an upper bound of at most ${max} on ${measure} (profile ${document.id})`,
        );
      if (max >= most)
        messages.push(`every result satisfies an upper bound of at most ${max} on ${measure} (profile ${document.id})`);
    }
  }
  return messages;
}

/** Every profile parameter a criterion names, in `{param: ..}` or as a check's `param`. */
export function parametersOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'param' && typeof inner === 'string' ? [inner] : parametersOf(inner),
  );
}

function lintOverlays(catalog: Catalog): LintProblem[] {
  return catalog.overlays.flatMap((filed) =>
    filed.document.off.flatMap(({ control, attackClass }, index) => {
      const found = catalog.controls.find(({ document }) => document.id === control)?.document;
      if (!found) return [placed(filed, `/off/${index}`, `there is no control "${control}" to switch off`)];
      return attackClass !== undefined && !found.attackClasses[attackClass]
        ? [
            placed(
              filed,
              `/off/${index}`,
              `${control} does not concern ${attackClass}, so there is nothing to switch off`,
            ),
          ]
        : [];
    }),
  );
}

function lintProfiles(catalog: Catalog): LintProblem[] {
  const all = new Set(catalog.profiles.flatMap(({ document }) => Object.keys(document.parameters)));
  const used = new Set([
    'probe-max-age',
    ...catalog.controls.flatMap(({ document }) => parametersOf(document.attackClasses)),
  ]);
  return catalog.profiles.flatMap((filed) => {
    const { document } = filed;
    const base = document.extends;
    const chain = [document.id];
    for (
      let next = base;
      next !== undefined && !chain.includes(next);
      next = catalog.profiles.find((other) => other.document.id === next)?.document.extends
    )
      chain.push(next);
    const last = catalog.profiles.find((other) => other.document.id === chain.at(-1))?.document.extends;
    return [
      ...(chain.length > 1 && last !== undefined && chain.includes(last)
        ? [placed(filed, '/extends', `extends itself by way of ${chain.slice(1).join(', ')}`)]
        : []),
      ...(base !== undefined && !catalog.profiles.some((other) => other.document.id === base && base !== document.id)
        ? [placed(filed, '/extends', `there is no other profile "${base}" to extend`)]
        : []),
      ...[...all]
        .filter((name) => !(name in document.parameters))
        .map((name) =>
          placed(
            filed,
            '/parameters',
            `lacks "${name}", which other profiles have; extends: moderate would take it from there`,
          ),
        ),
      ...Object.keys(document.parameters)
        .filter((name) => !used.has(name) && !isTestParameter(name))
        .map((name) => placed(filed, `/parameters/${name}`, `no control uses "${name}"`)),
    ];
  });
}

function lintFramework(filed: Filed<Framework>, catalog: Catalog): LintProblem[] {
  const { document } = filed;
  const ids = new Set<string>();
  const groups = new Set(document.groups.map((group) => group.id));
  const problems: LintProblem[] = [];
  document.items.forEach((item, index) => {
    if (ids.has(item.id)) problems.push(placed(filed, `/items/${index}`, `two items are called ${item.id}`));
    ids.add(item.id);
    if (item.group !== undefined && !groups.has(item.group))
      problems.push(placed(filed, `/items/${index}`, `${item.id} names the group "${item.group}", which there is not`));
  });
  document.legacy.forEach((entry, index) => {
    for (const id of entry.now)
      if (!ids.has(id) && !groups.has(id))
        problems.push(placed(filed, `/legacy/${index}`, `${entry.id} points to "${id}", which there is not`));
  });
  document.outOfScope.forEach(({ id }, index) => {
    const members = document.items.filter((item) => item.id === id || item.group === id);
    if (members.length === 0)
      problems.push(placed(filed, `/outOfScope/${index}`, `"${id}" is neither an item nor a group of ${document.id}`));
    for (const item of members)
      for (const control of catalog.controls)
        if (control.document.frameworks[document.id]?.some((mapping) => mapping.item === item.id))
          problems.push(
            placed(
              filed,
              `/outOfScope/${index}`,
              `${item.id} is out of scope here, and ${control.document.id} is mapped to it`,
            ),
          );
  });
  return problems;
}

function lintProbes(catalog: Catalog): LintProblem[] {
  return catalog.probeMaps.flatMap((filed) =>
    filed.document.probes.flatMap((probe, index) => {
      const say = (message: string): LintProblem[] => [
        placed(filed, `/probes/${index}`, `"${probe.match}": ${message}`),
      ];
      const technique = catalog.techniques.find((candidate) => candidate.id === probe.technique);
      if (!technique) return say(`there is no technique "${probe.technique}"`);
      if (technique.attackClass !== probe.attackClass)
        return say(`${probe.technique} is a technique of ${technique.attackClass}`);
      return technique.surfaces.includes(probe.surface)
        ? []
        : say(`${probe.technique} does not apply to ${probe.surface}`);
    }),
  );
}
