import { subjectOf } from '../assess/bounds.ts';
import { CHECKS } from '../assess/checks/index.ts';
import type { AttackClass } from '../evidence/observation.ts';
import { ATTACK_CLASSES, ATTRIBUTE_TECHNIQUE } from '../evidence/observation.ts';
import { COMMON_MEASURES, MEASURES_OF } from '../measure/measurement.ts';
import type { Catalog, Filed } from './catalog.ts';
import type { Control, Criterion, MeasureCriterion } from './schemas.ts';

export interface LintProblem {
  /** File, and the pointer in it. */
  where: string;
  message: string;
}

/** Everything in a catalog that does not fit together. Pure; each file on its own was checked when it was loaded. */
export function lint(catalog: Catalog): LintProblem[] {
  return [
    ...duplicateIds(catalog),
    ...catalog.controls.flatMap((control) => lintControl(control, catalog)),
    ...lintProfiles(catalog),
    ...lintFrameworks(catalog),
    ...lintProbes(catalog),
  ];
}

function duplicateIds(catalog: Catalog): LintProblem[] {
  const problems: LintProblem[] = [];
  for (const list of [catalog.controls, catalog.profiles, catalog.frameworks]) {
    const seen = new Map<string, string>();
    for (const { file, document } of list) {
      const first = seen.get(document.id);
      if (first !== undefined) problems.push({ where: `${file}#/id`, message: `${document.id} is already the id of ${first}` });
      else seen.set(document.id, file);
    }
  }
  return problems;
}

function lintControl({ file, document: control }: Filed<Control>, catalog: Catalog): LintProblem[] {
  const problems: LintProblem[] = [];
  if (!file.endsWith(`/${control.id}.yaml`)) problems.push({ where: `${file}#/id`, message: `the file should be called ${control.id}.yaml` });
  if (!file.startsWith(`${control.family}/`)) problems.push({ where: `${file}#/family`, message: `the file should lie in ${control.family}/` });
  for (const [id, items] of Object.entries(control.frameworks)) {
    const framework = catalog.frameworks.find(({ document }) => document.id === id)?.document;
    if (!framework) problems.push({ where: `${file}#/frameworks/${id}`, message: `there is no framework "${id}"` });
    for (const item of framework ? items : []) {
      if (framework?.items.some((candidate) => candidate.id === item)) continue;
      const legacy = framework?.legacy.find((entry) => entry.id === item);
      problems.push({ where: `${file}#/frameworks/${id}`, message: legacy ? `${legacy.note} Use the current identifier` : `${id} has no item "${item}"` });
    }
  }
  for (const attackClass of ATTACK_CLASSES) {
    const ids = new Set<string>();
    for (const criterion of control.attackClasses[attackClass]?.criteria ?? []) {
      const where = `${file}#/attackClasses/${attackClass}/criteria/${criterion.id}`;
      if (ids.has(criterion.id)) problems.push({ where, message: 'two criteria have this id' });
      ids.add(criterion.id);
      problems.push(...lintCriterion(criterion, control, attackClass, catalog).map((message) => ({ where, message })));
    }
  }
  return problems;
}

function lintCriterion(criterion: Criterion, control: Control, attackClass: AttackClass, catalog: Catalog): string[] {
  const messages = parametersOf(criterion).flatMap((name) =>
    catalog.profiles.filter(({ document }) => !(name in document.parameters)).map(({ document }) => `profile ${document.id} has no parameter "${name}"`),
  );
  if ('measure' in criterion) return [...messages, ...lintMeasure(criterion, control, attackClass, catalog)];
  if ('anyOf' in criterion) return [...messages, ...criterion.anyOf.flatMap((one) => lintMeasure(one, control, attackClass, catalog))];
  const check = CHECKS.find((candidate) => candidate.name === criterion.check);
  if (!check) return [...messages, `there is no check "${criterion.check}"`];
  const problem = check.problem(criterion.with);
  return problem ? [...messages, `${criterion.check}: ${problem}`] : messages;
}

function lintMeasure(criterion: MeasureCriterion, control: Control, attackClass: AttackClass, catalog: Catalog): string[] {
  const messages: string[] = [];
  const known = catalog.techniques.filter((technique) => technique.attackClass === attackClass);
  for (const id of criterion.techniques ?? []) if (!known.some((technique) => technique.id === id)) messages.push(`${attackClass} has no technique "${id}"`);
  const usable = known.filter(
    (technique) =>
      (criterion.techniques?.includes(technique.id) ?? true) &&
      (control.appliesTo === undefined || technique.surfaces.some((surface) => control.appliesTo?.surfaces.includes(surface))),
  );
  if (usable.length === 0) messages.push('unreachable: none of its techniques applies to a surface of this control');
  const subject = subjectOf(criterion, attackClass);
  if (subject === 'content' && criterion.techniques?.includes(ATTRIBUTE_TECHNIQUE))
    messages.push('attribute inference and recovered content never share a criterion');
  const possible: readonly string[] = [...COMMON_MEASURES, ...MEASURES_OF[subject]];
  for (const measure of [criterion.measure].flat())
    if (!possible.includes(measure)) messages.push(`${measure} is not a measure of ${attackClass === 'inversion' ? `inversion (${subject})` : attackClass}`);
  for (const { document } of catalog.profiles) {
    const max = typeof criterion.max === 'number' ? criterion.max : document.parameters[criterion.max.param];
    if (typeof max === 'number' && max <= 0) messages.push(`no sample size could satisfy an upper bound of at most ${max} (profile ${document.id})`);
  }
  return messages;
}

/** Every profile parameter a criterion names, in `{param: ..}` or as a check's `param`. */
function parametersOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === 'param' && typeof inner === 'string' ? [inner] : parametersOf(inner)));
}

function lintProfiles(catalog: Catalog): LintProblem[] {
  const all = new Set(catalog.profiles.flatMap(({ document }) => Object.keys(document.parameters)));
  const used = new Set(['probe-max-age', ...catalog.controls.flatMap(({ document }) => parametersOf(document.attackClasses))]);
  return catalog.profiles.flatMap(({ file, document }) => [
    ...[...all]
      .filter((name) => !(name in document.parameters))
      .map((name) => ({ where: `${file}#/parameters`, message: `lacks "${name}", which other profiles have` })),
    ...Object.keys(document.parameters)
      .filter((name) => !used.has(name))
      .map((name) => ({ where: `${file}#/parameters/${name}`, message: 'no control uses it' })),
  ]);
}

function lintFrameworks(catalog: Catalog): LintProblem[] {
  return catalog.frameworks.flatMap(({ file, document }) => {
    const ids = new Set(document.items.map((item) => item.id));
    const groups = new Set(document.groups.map((group) => group.id));
    return [
      ...(ids.size < document.items.length ? [{ where: `${file}#/items`, message: 'two items have the same id' }] : []),
      ...document.items
        .filter((item) => item.group !== undefined && !groups.has(item.group))
        .map((item) => ({ where: `${file}#/items`, message: `${item.id} names the group "${item.group}", which there is not` })),
      ...document.legacy.flatMap((entry) =>
        entry.now
          .filter((id) => !ids.has(id) && !groups.has(id))
          .map((id) => ({ where: `${file}#/legacy`, message: `${entry.id} points to "${id}", which there is not` })),
      ),
    ];
  });
}

function lintProbes(catalog: Catalog): LintProblem[] {
  return catalog.probeMaps.flatMap(({ file, document }) =>
    document.probes.flatMap((probe) => {
      const technique = catalog.techniques.find((candidate) => candidate.id === probe.technique);
      if (!technique) return [{ where: file, message: `"${probe.match}": there is no technique "${probe.technique}"` }];
      if (technique.attackClass !== probe.attackClass)
        return [{ where: file, message: `"${probe.match}": ${probe.technique} is a technique of ${technique.attackClass}` }];
      return technique.surfaces.includes(probe.surface)
        ? []
        : [{ where: file, message: `"${probe.match}": ${probe.technique} does not apply to ${probe.surface}` }];
    }),
  );
}
