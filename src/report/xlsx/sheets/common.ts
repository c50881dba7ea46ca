import type { AssessedMeasurement, Assessment, Result } from '../../../assess/assessment.ts';
import type { AttackClass } from '../../../terms.ts';
import type { Cell } from '../sheet.ts';

/** The first places of some evidence, leading to the file's row in the evidence index. */
export function evidenceLink(assessment: Assessment, sources: readonly { path: string; at: string }[]): Cell {
  const first = sources[0];
  if (!first) return null;
  const row = placesOf(assessment).evidence.get(first.path);
  const text = `${sources
    .slice(0, 3)
    .map((source) => `${source.path}, ${source.at}`)
    .join('\n')}${sources.length > 3 ? `\nand ${sources.length - 3} more places` : ''}`;
  return row === undefined ? text : { text, sheet: 'Evidence index', row };
}

export function resultOf(assessment: Assessment, control: string, attackClass: AttackClass): Result | undefined {
  return placesOf(assessment).results.get(`${control}.${attackClass}`);
}

export function measurementOf(assessment: Assessment, id: string | undefined): AssessedMeasurement | undefined {
  return id === undefined ? undefined : placesOf(assessment).measurements.get(id);
}

interface Places {
  /** Positions in the evidence index, by path. */
  evidence: Map<string, number>;
  results: Map<string, Result>;
  measurements: Map<string, AssessedMeasurement>;
}

const known = new WeakMap<Assessment, Places>();

/** Where things of an assessment stand; looked up once for all rows. */
function placesOf(assessment: Assessment): Places {
  const made = known.get(assessment) ?? {
    evidence: new Map(assessment.evidence.map(({ path }, index) => [path, index])),
    results: new Map(assessment.results.map((result) => [`${result.control}.${result.attackClass}`, result])),
    measurements: new Map(assessment.measurements.map((m) => [m.id, m])),
  };
  known.set(assessment, made);
  return made;
}
