import type { Catalog } from '../catalog/catalog.ts';
import type { Control } from '../catalog/schemas.ts';
import { templateOf } from '../plan/tools.ts';
import { table } from '../table.ts';
import { ATTRIBUTE_TECHNIQUE, type AttackClass, type Surface } from '../terms.ts';

/** A technique with what uses it: controls, probes of tools, and the shape in which its results are given. */
export interface TechniqueEntry {
  id: string;
  attackClass: AttackClass;
  title: string;
  description: string;
  surfaces: readonly Surface[];
  strength: string;
  /** The fewest attempts or records that make a test. */
  least: number;
  /** How a positive control of it is made. */
  control: string;
  /** Ids of controls whose criteria take its results. */
  controls: string[];
  /** Tools with their own names of probes that use it. */
  tools: { tool: string; probes: string[] }[];
  /** The field of a ProbeResult, and the bundled example of it. */
  shape: string;
  example: string;
}

/** Every technique of a catalog. */
export function techniqueList(catalog: Catalog): TechniqueEntry[] {
  const controls = catalog.controls.map(({ document }) => document);
  return catalog.techniques.map((technique) => {
    const example = templateOf(technique);
    return {
      id: technique.id,
      attackClass: technique.attackClass,
      title: technique.title,
      description: technique.description,
      surfaces: technique.surfaces,
      strength: technique.strength,
      least: technique.least,
      control: technique.control,
      controls: controls.filter((control) => uses(control, technique)).map(({ id }) => id),
      tools: catalog.probeMaps.flatMap(({ document }) => {
        const probes = document.probes.filter((probe) => probe.technique === technique.id).map(({ match }) => match);
        return probes.length === 0 ? [] : [{ tool: document.tool, probes: [...new Set(probes)] }];
      }),
      shape: SHAPES[example] ?? 'trials',
      example,
    };
  });
}

/** The shape that an example shows. */
const SHAPES = table<string>({
  'examples/probe-results/canaries.yaml': 'canaries',
  'examples/probe-results/retrieval-membership.yaml': 'advantage',
  'examples/probe-results/advantage.yaml': 'advantage',
  'examples/probe-results/reconstruction.yaml': 'reconstruction',
  'examples/probe-results/scores.yaml': 'scores',
  'examples/probe-results/trials.yaml': 'trials',
});

/** Whether a criterion of a control measures by a technique: one that names it, or one that takes any of its class. */
function uses(
  control: Control,
  { id, attackClass, surfaces }: { id: string; attackClass: AttackClass; surfaces: readonly Surface[] },
): boolean {
  const asked = control.appliesTo?.surfaces;
  if (asked && !asked.some((surface) => surfaces.includes(surface))) return false;
  const criteria = control.attackClasses[attackClass]?.criteria ?? [];
  return criteria.some((criterion) =>
    ('anyOf' in criterion ? criterion.anyOf : [criterion]).some(
      // What takes any technique takes results on content; those on an attribute are named.
      (one) => 'measure' in one && (one.techniques?.includes(id) ?? id !== ATTRIBUTE_TECHNIQUE),
    ),
  );
}
