import { speakingTo } from '../catalog/coverage.ts';
import { resolveIdentifier } from '../catalog/identifiers.ts';
import type { Control, Framework } from '../catalog/schemas.ts';
import { ATTACK_CLASSES, type AttackClass } from '../terms.ts';
import type { Assessment, Result } from './assessment.ts';
import type { AssessInput } from './input.ts';
import type { State } from './outcome.ts';

/** Every framework with the controls that speak to each item, and the worst state of those, per class. */
export function frameworksOf(
  frameworks: readonly Framework[],
  controls: readonly Control[],
  results: readonly Result[],
): Assessment['frameworks'] {
  // An edition that was followed by another and that no control speaks to would only repeat identifiers.
  const shown = frameworks.filter(
    ({ id, supersededBy }) => supersededBy === undefined || controls.some((control) => control.frameworks[id]),
  );
  return shown.map((framework) => {
    const { id, title, short, version, publisher, url, licence, complete, groups, items } = framework;
    const stated = items.map((item) => {
      const { controls: behind, state: coverage, ...aside } = speakingTo(framework, item, controls);
      const ids = behind.map((one) => one.id);
      const reasons = Object.fromEntries(
        behind.flatMap((one) => (one.reason === undefined ? [] : [[one.id, one.reason]])),
      );
      const strengths = Object.fromEntries(
        behind.flatMap(({ id, strength, part }) =>
          strength === undefined ? [] : [[id, { strength, ...(part === undefined ? {} : { part }) }]],
        ),
      );
      return { ...item, controls: ids, reasons, strengths, coverage, states: statesOf(results, ids), ...aside };
    });
    return { id, title, short, version, publisher, url, licence, complete, groups, items: stated };
  });
}

/** The worst state of the controls behind an item, per class; a class that none of them names is left out. */
function statesOf(results: readonly Result[], controls: readonly string[]): Partial<Record<AttackClass, State>> {
  const rank: readonly State[] = ['not-satisfied', 'not-assessed', 'risk-accepted', 'satisfied', 'not-applicable'];
  return Object.fromEntries(
    ATTACK_CLASSES.flatMap((attackClass) => {
      const states = results
        .filter((result) => result.attackClass === attackClass && controls.includes(result.control))
        .map((result) => result.state);
      const worst = rank.find((state) => states.includes(state));
      return worst ? [[attackClass, worst]] : [];
    }),
  );
}

/** Legacy identifiers a reader may look for: those the workspace cites, and those whose items the catalog covers. */
export function legacyNotes({ workspace, catalog }: AssessInput): Assessment['legacy'] {
  const frameworks = catalog.frameworks.map(({ document }) => document);
  const covered = new Set(
    catalog.controls.flatMap(({ document }) =>
      Object.values(document.frameworks).flatMap((mappings) => mappings.map(({ item }) => item)),
    ),
  );
  const known = frameworks.flatMap((framework) =>
    framework.legacy.filter(({ often }) => often === true).map((entry) => entry.id),
  );
  const written = catalog.controls.flatMap(({ document }) =>
    Object.values(document.frameworks).flatMap((mappings) => mappings.flatMap(({ cited }) => cited ?? [])),
  );
  const notes = new Map<string, Assessment['legacy'][number]>();
  for (const cited of [...workspace.cites, ...written, ...known]) {
    for (const { framework, items, legacy } of resolveIdentifier(frameworks, cited)) {
      if (legacy === undefined || (!workspace.cites.includes(cited) && !items.some((item) => covered.has(item))))
        continue;
      const key = `${framework}\0${cited.toUpperCase()}`;
      if (!notes.has(key)) notes.set(key, { cited, framework, items, note: legacy });
    }
  }
  return [...notes.values()];
}
