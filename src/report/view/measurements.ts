import type { AssessedMeasurement, Assessment } from '../../assess/assessment.ts';
import { countsInWords } from '../../measure/counts.ts';
import { figure } from '../numbers.ts';
import { measureTitle, methodTitle, SURFACE_TITLES, warrantInWords } from '../words.ts';
import { atRate, day, intervalOf, sourceLinks, thresholdFor } from './common.ts';

/** From so many numbers on, a test has a table of its own, which says once what all its rows share. */
const TABLE_OF_ITS_OWN = 4;

/** Every measurement of a class, by technique, so that attribute inference never stands in a row with reconstruction. */
export function measurementGroups(
  assessment: Assessment,
  measurements: readonly AssessedMeasurement[],
  anchors: ReadonlyMap<string, string>,
) {
  const titles = new Map(assessment.coverage.map((cell) => [cell.technique, cell.title]));
  return [...Map.groupBy(measurements, (m) => m.technique)].map(([technique, ofTechnique]) => {
    const tests = [
      ...Map.groupBy(ofTechnique, (m) => JSON.stringify([m.source, m.surface, m.probe, m.detector])).values(),
    ];
    const large = tests.filter((test) => test.length >= TABLE_OF_ITS_OWN);
    return {
      title: titles.get(technique) ?? technique,
      shown: ofTechnique.filter(({ examples }) => examples).map(answersOf),
      rows: tests
        .filter((test) => !large.includes(test))
        .flatMap((test) => test.map((m) => ({ ...identityOf(m, anchors), ...measurementRow(m, []) }))),
      tests: large.map((test) => {
        const all = test.flatMap(notesOf);
        const shared = [...new Set(all.filter((note, index) => all.indexOf(note) !== index))];
        return {
          ...identityOf(test[0] as AssessedMeasurement, anchors),
          rows: test.map((m) => measurementRow(m, shared)),
          shared: shared.map((note, index) => ({ letter: letterOf(index), note })),
        };
      }),
    };
  });
}

/** Answers that succeeded, where they are shown, each with its place. */
function answersOf(m: AssessedMeasurement) {
  return {
    probe: m.probe,
    detector: m.detector,
    answers: (m.examples ?? []).map(({ text, at, cut }) => ({
      text: cut ? `${text} …` : text,
      where: `${m.source[0]?.path ?? ''}, ${at}`,
    })),
  };
}

function identityOf(m: AssessedMeasurement, anchors: ReadonlyMap<string, string>) {
  return {
    probe: m.probe,
    detector: m.detector,
    target: m.warrant.target.stated,
    surface: SURFACE_TITLES[m.surface],
    collected: m.collected === undefined ? 'undated' : day(m.collected),
    tool: m.tool ? `${m.tool.name} ${m.tool.version ?? ''}`.trim() : undefined,
    source: sourceLinks(m.source, anchors),
  };
}

/** @param shared notes that stand below the table, called by their letters */
function measurementRow(m: AssessedMeasurement, shared: readonly string[]) {
  const notes = notesOf(m);
  return {
    name: `${measureTitle(m.measure)}${atRate(m)}`,
    estimate: isLowerBound(m) ? `at least ${figure(m.measure, m.estimate)}` : figure(m.measure, m.estimate),
    intervalText: intervalText(m),
    interval: isLowerBound(m) ? undefined : intervalOf(m, thresholdFor(m)),
    sample: countsInWords(m.counts),
    method: methodTitle(m.method),
    notes: notes.filter((note) => !shared.includes(note)),
    letters: shared.flatMap((note, index) => (notes.includes(note) ? [letterOf(index)] : [])).join(' '),
  };
}

function notesOf(m: AssessedMeasurement): string[] {
  return [
    warrantInWords(m.warrant),
    ...m.notes,
    ...(m.comparable === false ? ['not comparable: the number is shown, and not used'] : []),
  ];
}

function letterOf(index: number): string {
  return String.fromCharCode(97 + (index % 26));
}

function intervalText(m: AssessedMeasurement): string {
  if (isLowerBound(m)) return 'one-sided 95% bound';
  if (m.lower === null || m.upper === null) return 'no interval';
  const interval =
    m.method === 'exact-rank' ? 'exact' : `${figure(m.measure, m.lower)} to ${figure(m.measure, m.upper)}`;
  const { uncorrected } = m;
  return uncorrected
    ? `${interval}; before correction for the detector ${figure(m.measure, uncorrected.estimate)}, ${figure(m.measure, uncorrected.lower)} to ${figure(m.measure, uncorrected.upper)}`
    : interval;
}

/** A privacy loss is shown to be at least so large, and never to be no larger. */
function isLowerBound({ measure }: AssessedMeasurement): boolean {
  return measure === 'privacy.epsilonLower';
}
