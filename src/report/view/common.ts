import type { AssessedMeasurement, Assessment, Finding, Result } from '../../assess/assessment.ts';
import { leftOpenBy } from '../../assess/leftOpen.ts';
import type { Reason, State } from '../../assess/outcome.ts';
import type { MeasureName } from '../../measure/measures.ts';
import type { AttackClass } from '../../terms.ts';
import { percent } from '../numbers.ts';
import { CLASS_PARTS, measureTitle, REASON_TITLES, reasonAnswer, STATE_TITLES } from '../words.ts';

/* What several parts of the view share. */

/** A state as it is shown: its word, and the reason where there is one. */
export interface Chip {
  state: State;
  text: string;
  reason?: string;
}

export function chip(state: State, reason?: Reason): Chip {
  return { state, text: STATE_TITLES[state], ...(reason ? { reason: REASON_TITLES[reason] } : {}) };
}

export function resultsOf(
  assessment: Assessment,
  attackClass: AttackClass,
  keep: (result: Result) => boolean = () => true,
): Result[] {
  return assessment.results.filter((result) => result.attackClass === attackClass && keep(result));
}

export function measurementOf(assessment: Assessment, id: string | undefined): AssessedMeasurement | undefined {
  return assessment.measurements.find((m) => m.id === id);
}

/** A technique as readers know it. */
export function techniqueTitle(
  { coverage }: Assessment,
  { technique }: Pick<AssessedMeasurement, 'technique'>,
): string {
  const title = coverage.find((cell) => cell.technique === technique)?.title ?? technique;
  return `${title.slice(0, 1).toLowerCase()}${title.slice(1)}`;
}

/** The criterion that a result is owed to: of its state and, where it has one, of its reason. */
export function decidingCriterion({ criteria, state, reason }: Result): Result['criteria'][number] | undefined {
  const alike = criteria.filter((one) => one.state === state);
  return alike.find((one) => one.reason === reason) ?? alike[0] ?? criteria[0];
}

/** What would answer each of the reasons why a finding is open. */
export function answersIn(assessment: Assessment): (finding: Finding) => string[] {
  const by = leftOpenBy(assessment);
  return (finding) =>
    (finding.reasons ?? []).flatMap((reason) => [
      ...new Set(by(finding, reason).map((kind) => reasonAnswer(reason, kind))),
    ]);
}

/** A text in short: its first sentence, or as many whole words as there is room for. */
export function inShort(text: string, room = 200): string {
  const first = /^.{40,}?[.;](?= )/su.exec(text)?.[0].replace(/;$/, '.') ?? text;
  if (first.length <= room) return first;
  return `${first.slice(0, room).replace(/[\s,;:(]+\S*$/u, '')} …`;
}

export function atRate(m: AssessedMeasurement): string {
  const rate = m.falsePositiveLimit === undefined ? '' : ` at ${percent(m.falsePositiveLimit)} false positives`;
  const prior = m.prior === undefined ? '' : `, where ${percent(m.prior)} are members`;
  return `${rate}${prior}${m.group === undefined ? '' : `, group ${m.group}`}`;
}

/** One interval beside a limit, for whoever draws it. */
export interface Interval {
  measure: MeasureName;
  estimate: number;
  lower: number | null;
  upper: number | null;
  threshold: number | null;
  /** Said in the alternative text. */
  name: string;
}

export function intervalOf(m: AssessedMeasurement, threshold: number | null): Interval {
  const { measure, estimate, lower, upper } = m;
  return { measure, estimate, lower, upper, threshold, name: `${measureTitle(measure)}, ${m.probe}` };
}

/**
 * The interval that is held against a limit: the worse direction of scores, missing verdicts counted, and at its upper end
 * the bound that decides.
 */
export function decidingInterval(
  m: AssessedMeasurement,
  { observed, bound, threshold }: { observed: number; bound: number | null; threshold: number },
): Interval {
  const lowers = [m.withMissing?.lower ?? m.lower, m.turned?.lower ?? null].filter((one) => one !== null);
  return {
    ...intervalOf(m, threshold),
    estimate: observed,
    lower: lowers.length === 0 ? null : Math.max(...lowers),
    upper: bound ?? m.withMissing?.upper ?? m.upper,
  };
}

/** The strictest limit that a criterion set for this measurement. */
export function thresholdFor(m: AssessedMeasurement): number | null {
  return m.limits.length === 0 ? null : Math.min(...m.limits.map((limit) => limit.threshold));
}

export function gapAnchor(finding: Pick<Finding, 'control' | 'attackClass'>): string {
  return `gap-${finding.control}-${CLASS_PARTS[finding.attackClass]}`.toLowerCase();
}

/** @param index of the file in the assessment's evidence */
export function evidenceAnchor(index: number): string {
  return `evidence-${index + 1}`;
}

export function sourceLinks(sources: readonly { path: string; at: string }[], anchors: ReadonlyMap<string, string>) {
  return sources.map((source) => ({ text: `${source.path}, ${source.at}`, anchor: anchors.get(source.path) }));
}

/** The day of a date and time. */
export function day(date: string): string {
  return date.slice(0, 10);
}
