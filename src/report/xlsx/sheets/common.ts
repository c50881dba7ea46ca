import type { AssessedMeasurement, Assessment, Result } from '../../../assess/assessment.ts';
import type { MeasureName } from '../../../measure/measures.ts';
import type { AttackClass } from '../../../terms.ts';
import { figureFormat, percentFormat } from '../../numbers.ts';
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

/** A number of a measure, written as everywhere else. */
export function figureCell(measure: MeasureName, value: number | null | undefined): Cell {
  return value === null || value === undefined || !Number.isFinite(value)
    ? null
    : { value, format: figureFormat(measure, value) };
}

/** A rate that belongs to no measure, written as everywhere else. */
export function percentCell(value: number | null | undefined): Cell {
  return value === null || value === undefined ? null : { value, format: percentFormat(value) };
}

/** What a criterion observed or was held against: a number of the measure that decided, or words. */
export function criterionCell(
  assessment: Assessment,
  criterion: Pick<Result['criteria'][number], 'measurement'> | null | undefined,
  value: number | string | null | undefined,
): Cell {
  const measured = measurementOf(assessment, criterion?.measurement);
  return typeof value === 'number' && measured ? figureCell(measured.measure, value) : (value ?? null);
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
