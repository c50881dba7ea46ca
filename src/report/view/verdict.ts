import type { AssessedMeasurement, Assessment, Result } from '../../assess/assessment.ts';
import type { Reason } from '../../assess/outcome.ts';
import { SUPPORTING_FAMILIES } from '../../catalog/schemas.ts';
import { countsInWords } from '../../measure/counts.ts';
import { AREAS, type Area, type AttackClass, SURFACE_TITLES } from '../../terms.ts';
import { grouped } from '../../wording.ts';
import { figure, plural } from '../numbers.ts';
import { measurementOf, resultsOf, techniqueTitle } from './common.ts';

/* The verdict of a class in a sentence, and what stands behind it, apart by what it is about. */

/** What became of the results of one area: controls that fail, and how many hold, are accepted or are not assessed. */
export interface AreaCount {
  failing: string[];
  kept: string[];
  accepted: string[];
  open: string[];
  /** Of all of these, those with evidence that is stale. */
  stale: string[];
  /** Of all of these, those with evidence of a day that has not come. */
  ahead: string[];
}

/** The results of a class by what their controls are about. */
function areasOf(assessment: Assessment, attackClass: AttackClass): Record<Area, AreaCount> {
  const areas = new Map(assessment.controls.map((control) => [control.id, areaOf(control)]));
  const count = (area: Area): AreaCount => {
    const own = resultsOf(assessment, attackClass, ({ control }) => areas.get(control) === area);
    const inState = (state: Result['state']): string[] =>
      own.filter((result) => result.state === state).map(({ control }) => control);
    return {
      failing: inState('not-satisfied'),
      kept: inState('satisfied'),
      accepted: inState('risk-accepted'),
      open: inState('not-assessed'),
      stale: own.filter((result) => hasReason(result, 'stale')).map(({ control }) => control),
      ahead: own.filter((result) => hasReason(result, 'not-yet')).map(({ control }) => control),
    };
  };
  return Object.fromEntries(AREAS.map((area) => [area, count(area)])) as Record<Area, AreaCount>;
}

/** By its family where an assessment of an earlier version does not say. */
function areaOf({ area, family }: Assessment['controls'][number]): Area {
  if (area) return area;
  if (family === 'governance') return 'paperwork';
  return SUPPORTING_FAMILIES.includes(family) ? 'safeguards' : 'leakage';
}

/** Whether a criterion of a result, or a case that did not decide it, has a reason: `stale` or `not-yet`, for one. */
export function hasReason({ criteria }: Pick<Result, 'criteria'>, reason: Reason): boolean {
  return criteria.some(
    (criterion) =>
      (criterion.reasons ?? []).includes(reason) || criterion.others?.some((other) => other.reason === reason),
  );
}

/**
 * The verdict of a class in one sentence, without its first words ("Not satisfied"): the measured leakage that decides it,
 * or that none does.
 */
export function verdictSentence(assessment: Assessment, attackClass: AttackClass): string {
  const { state, worst, accepted, counts } = assessment.verdicts[attackClass];
  const areas = areasOf(assessment, attackClass);
  const measured = measurementOf(assessment, worst?.measurement);
  const shown = worst && measured ? { m: measured, worst } : undefined;
  const leaks = shown !== undefined && areas.leakage.failing.includes(shown.worst.control);
  const open = counts['not-assessed'] ?? 0;
  const applicable = (counts.satisfied ?? 0) + (counts['not-satisfied'] ?? 0) + open + (counts['risk-accepted'] ?? 0);
  if (leaks) return leakSentence(shown.m, shown.worst, assessment);
  if (state === 'not-satisfied') {
    const failing = Object.values(areas).flatMap((area) => area.failing).length;
    return `No test that can be relied on shows leakage above a limit, but ${plural(failing, 'other control fails', 'other controls fail')}.`;
  }
  if (state === 'not-assessed')
    return applicable === 0
      ? 'No control of this class applies to the system.'
      : `${open} of ${applicable} controls could not be assessed, so nobody can say; ${shown ? 'what could be measured keeps its limits' : 'nothing was measured that could be held against a limit'}.`;
  const risks = accepted.overFailing > 0 ? `, with ${plural(accepted.overFailing, 'accepted risk')}` : '';
  return `All ${applicable} controls that apply hold${risks}${shown ? `; nearest to its limit: ${withinSentence(shown.m, shown.worst, assessment)}` : '.'}`;
}

type Worst = NonNullable<Assessment['verdicts'][AttackClass]['worst']>;

/** What is leaked, how much at least and most likely, and the limit, as one sentence. */
function leakSentence(m: AssessedMeasurement, worst: Worst, assessment: Assessment): string {
  const lower = Math.max(m.withMissing?.lower ?? m.lower ?? 0, m.turned?.lower ?? 0);
  const likely = figure(m.measure, worst.observed);
  const least = figure(m.measure, lower);
  const amount = lower > 0 && least !== likely ? `at least ${least} and likely ${likely}` : likely;
  return `${upperFirst(sayHow(m, amount, techniqueTitle(assessment, m)))}; the limit is ${figure(m.measure, worst.threshold)}.`;
}

/** What is leaked at most, where a bound keeps its limit. */
function withinSentence(m: AssessedMeasurement, worst: Worst, assessment: Assessment): string {
  const bound = figure(m.measure, worst.bound ?? worst.observed);
  const sentence = sayHow(m, m.method === 'exact-rank' ? bound : `at most ${bound}`, techniqueTitle(assessment, m));
  return `${lowerFirst(sentence)}; the limit is ${figure(m.measure, worst.threshold)}.`;
}

/** @param amount how much, as it stands in the sentence */
function sayHow(m: AssessedMeasurement, amount: string, technique: string): string {
  const where = SURFACE_TITLES[m.surface].toLowerCase();
  switch (m.measure) {
    case 'roc.tpr':
      return `An attacker who wrongly accuses 1 record in ${grouped(Math.round(1 / (m.falsePositiveLimit ?? 1)))} recognises ${amount} of training records`;
    case 'roc.auc':
      return `An attacker tells training records from others with an area under the curve of ${amount}, where 0.500 is guessing`;
    case 'roc.advantage':
      return `An attacker recognises ${amount} more of the training records than of others`;
    case 'canary.share':
      return `An attacker picks out ${amount} of the records that were planted into training`;
    case 'exposure':
      return `The planted record that stands out most does so by ${amount}`;
    case 'advantage':
      return m.subject === 'attribute'
        ? `An attacker with the model infers a hidden attribute in ${amount} more cases than one without it`
        : `The attack (${technique}) is right in ${amount} more cases than guessing`;
    case 'extraction':
      return `An attacker who asks again and again brings ${amount} of the targets out of the ${where}`;
    case 'reconstruction':
      return `An attacker reconstructs ${amount} of the targets from the ${where} (${technique})`;
    case 'disclosure':
      return `An attacker recovers ${amount} of the sensitive items within the query budget`;
    case 'privacy.epsilonLower':
      return `An attack shows a privacy loss of epsilon ${amount}`;
    case 'rate':
      return `${amount} of the attempts at ${technique} on the ${where} succeed`;
    default:
      return `${amount} (${countsInWords(m.counts)})`;
  }
}

function upperFirst(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** The first letter small. */
function lowerFirst(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}

const AREA_TITLES: Record<Exclude<Area, 'tests'>, string> = {
  leakage: 'Measured leakage',
  safeguards: 'Controls around the model',
  paperwork: 'Paperwork and freshness',
};

/** How many ids a line names before it counts the rest. */
const NAMED = 4;

/**
 * Three lines that cannot be taken for one another: what is shown to leak, what the controls around the model are like, and
 * what is missing only on paper.
 * @param untested titles of surfaces that no test of the class reached
 */
export function linesOf(assessment: Assessment, attackClass: AttackClass, untested: readonly string[]) {
  const areas = areasOf(assessment, attackClass);
  const stale = Object.values(areas).flatMap((area) => area.stale);
  const ahead = Object.values(areas).flatMap((area) => area.ahead);
  const texts: Record<keyof typeof AREA_TITLES, string[]> = {
    leakage: [
      areas.leakage.failing.length > 0
        ? `${plural(areas.leakage.failing.length, 'limit')} exceeded: ${named(areas.leakage.failing)}.`
        : 'No limit shown to be exceeded.',
      remainder({ ...areas.leakage, open: [] }, 'kept', ''),
      areas.leakage.open.length > 0 ? `Not decided: ${named(areas.leakage.open)}.` : '',
      areas.tests.failing.length > 0 ? `Tests that do not hold up: ${named(areas.tests.failing)}.` : '',
      untested.length > 0 ? `Never tested: ${untested.join(', ').toLowerCase()}.` : '',
    ],
    safeguards: [failing(areas.safeguards), remainder(areas.safeguards, 'hold', 'not assessed')],
    paperwork: [
      failing(areas.paperwork),
      remainder(areas.paperwork, 'hold', 'not assessed'),
      stale.length > 0
        ? `Evidence of ${plural(stale.length, 'control')} is stale: ${named(stale)}.`
        : 'No evidence is stale.',
      ahead.length > 0
        ? `Evidence of ${plural(ahead.length, 'control')} is dated after ${assessment.asOf} and not yet valid: ${named(ahead)}.`
        : '',
    ],
  };
  return (['leakage', 'safeguards', 'paperwork'] as const).map((area) => ({
    area,
    title: AREA_TITLES[area],
    state: stateOf(areas[area]),
    text: texts[area].filter((text) => text !== '').join(' '),
  }));
}

function failing(area: AreaCount): string {
  if (area.failing.length === 0) return 'None fails.';
  return `${plural(area.failing.length, 'control fails', 'controls fail')}: ${named(area.failing)}.`;
}

function remainder(area: AreaCount, kept: string, open: string): string {
  const parts = [
    area.kept.length > 0 ? `${area.kept.length} ${kept}` : '',
    area.accepted.length > 0 ? `${area.accepted.length} accepted` : '',
    area.open.length > 0 ? `${area.open.length} ${open}` : '',
  ].filter((text) => text !== '');
  return parts.length > 0 ? `${parts.join(', ')}.` : '';
}

function named(ids: readonly string[]): string {
  const more = ids.length - NAMED;
  return more > 0 ? `${ids.slice(0, NAMED).join(', ')} and ${more} more` : ids.join(', ');
}

function stateOf(area: AreaCount): Result['state'] {
  if (area.failing.length > 0) return 'not-satisfied';
  if (area.open.length > 0) return 'not-assessed';
  return area.kept.length + area.accepted.length > 0 ? 'satisfied' : 'not-applicable';
}
