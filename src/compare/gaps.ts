import type { AssessedMeasurement, Assessment, Result } from '../assess/assessment.ts';
import { GAP_CHANGES, type GapChange, type History, NOT_CLOSED, type NotClosed } from '../assess/history.ts';
import type { Reason, State } from '../assess/outcome.ts';
import { isLooser } from '../assess/profile.ts';
import type { Profile } from '../catalog/schemas.ts';
import { SUPPORTING_FAMILIES } from '../catalog/schemas.ts';
import { sampleSize } from '../measure/counts.ts';
import type { AttackClass } from '../terms.ts';

/** A gap of one assessment or the other: a control that is not satisfied or not assessed, for one attack class. */
export interface Gap {
  control: string;
  attackClass: AttackClass;
  change: GapChange;
  severity: Result['severity'];
  title: string;
  /** The as-of date of the first assessment in the unbroken row that has it. */
  since?: string;
  /** In how many assessments in a row it stands, the new one included. */
  assessments?: number;
  /** When it was closed before, where it is back. */
  closedBefore?: string;
  old?: { state: State; reason?: Reason };
  new?: { state: State; reason?: Reason };
  /** An acceptance is in force over it; the gap is there all the same. */
  accepted?: boolean;
  /** The files that close it. */
  by?: string[];
  /** Why it is not closed although the new assessment does not show it. */
  because?: NotClosed[];
}

/** What is known of gaps before the older of the two assessments. */
export interface Earlier {
  /** As-of dates and gap keys of earlier assessments, the oldest first. */
  assessments: readonly { asOf: string; gaps: ReadonlySet<string> }[];
}

function gapKey({ control, attackClass }: { control: string; attackClass: string }): string {
  return `${control}.${attackClass}`;
}

/** The state that a result has without an acceptance of its risk. */
function stateOf(result: Result): State {
  return result.state === 'risk-accepted' ? (result.underlying ?? 'not-assessed') : result.state;
}

function isGap(result: Result): boolean {
  return isGapState(stateOf(result));
}

/** The gaps of an assessment, those with an accepted risk included. */
export function gapsOf(assessment: Assessment): Set<string> {
  return new Set(assessment.results.filter(isGap).map(gapKey));
}

/** Every gap of either assessment, by severity, control and class. */
export function compareGaps(
  before: Assessment,
  after: Assessment,
  earlier: Earlier,
  profiles: readonly Profile[],
): Gap[] {
  const context = contextOf(before, after, profiles);
  const past = new Map(before.history?.gaps.map((gap) => [gapKey(gap), gap]));
  const old = new Map(before.results.map((result) => [gapKey(result), result]));
  const fresh = new Map(after.results.map((result) => [gapKey(result), result]));
  const keys = [...new Set([...gapsOf(after), ...gapsOf(before)])];
  return keys
    .map((key) => longer(gapOf(key, old.get(key), fresh.get(key), context, earlier), past.get(key), before.asOf))
    .sort(inOrder);
}

/** What the older assessment itself knew of the ones before it, where that goes further back. */
function longer(gap: Gap, past: History['gaps'][number] | undefined, asOf: string): Gap {
  if (!past) return gap;
  if (gap.change === 'new' && past.change === 'closed') return { ...gap, change: 'reopened', closedBefore: asOf };
  const goesOn = gap.change === 'open' || gap.change === 'closed' || gap.change === 'evidence-gone';
  if (!goesOn || past.change === 'closed' || past.since === undefined || past.since >= (gap.since ?? '')) return gap;
  const more = gap.change === 'open' || (gap.new !== undefined && isGapState(gap.new.state)) ? 1 : 0;
  return { ...gap, since: past.since, assessments: (past.assessments ?? 1) + more };
}

function isGapState(state: State): boolean {
  return state === 'not-satisfied' || state === 'not-assessed';
}

function gapOf(
  key: string,
  old: Result | undefined,
  fresh: Result | undefined,
  context: Context,
  earlier: Earlier,
): Gap {
  const one = (fresh ?? old) as Result;
  const { before, after } = context;
  const control = [...after.controls, ...before.controls].find(({ id }) => id === one.control);
  const base = {
    control: one.control,
    attackClass: one.attackClass,
    severity: one.severity,
    title: control?.title ?? one.control,
    ...(old ? { old: sideOf(old) } : {}),
    ...(fresh ? { new: sideOf(fresh) } : {}),
    ...(fresh?.state === 'risk-accepted' ? { accepted: true } : {}),
  };
  const was = old !== undefined && isGap(old);
  if (fresh && isGap(fresh)) {
    if (!was) return { ...base, ...comeBack(key, earlier, before.asOf), since: after.asOf, assessments: 1 };
    const row = unbroken(key, earlier);
    const held = { since: row.since ?? before.asOf, assessments: row.count + 2 };
    // A failing test that is no longer there leaves a question open, and the failure without an answer.
    const lost = stateOf(old) === 'not-satisfied' && stateOf(fresh) === 'not-assessed' && vanished(old, fresh, context);
    // A repetition that settles nothing leaves it open as it was.
    return lost && lost !== 'not-repeated'
      ? { ...base, change: 'evidence-gone', because: [lost], ...held }
      : { ...base, change: 'open', ...held };
  }
  const { because, by } = closing(old as Result, fresh, context);
  const { since, count } = unbroken(key, earlier);
  const held = { since: since ?? before.asOf, assessments: count + 1 };
  return because.length > 0
    ? { ...base, change: 'evidence-gone', because, ...held }
    : { ...base, change: 'closed', by, ...held };
}

function sideOf(result: Result): { state: State; reason?: Reason } {
  return { state: result.state, ...(result.reason ? { reason: result.reason } : {}) };
}

/** The row of earlier assessments, up to the older of the two, that all have the gap. */
function unbroken(key: string, { assessments }: Earlier): { since?: string; count: number } {
  let count = 0;
  let since: string | undefined;
  for (const one of assessments.toReversed()) {
    if (!one.gaps.has(key)) break;
    count++;
    since = one.asOf;
  }
  return { count, ...(since === undefined ? {} : { since }) };
}

/** A gap that the older assessment does not have was there before, or it is new. */
function comeBack(
  key: string,
  { assessments }: Earlier,
  asOf: string,
): { change: 'new' | 'reopened'; closedBefore?: string } {
  const last = assessments.findLastIndex(({ gaps }) => gaps.has(key));
  if (last === -1) return { change: 'new' };
  return { change: 'reopened', closedBefore: assessments[last + 1]?.asOf ?? asOf };
}

/* Whether a gap that went away was closed. */

interface Context {
  before: Assessment;
  after: Assessment;
  /** Parameters that the new profile asks less of. */
  looser: ReadonlySet<string>;
  /** Digests of the evidence that the older assessment used. */
  known: ReadonlySet<string>;
  measured: { old: ReadonlyMap<string, AssessedMeasurement>; fresh: readonly AssessedMeasurement[] };
}

function contextOf(before: Assessment, after: Assessment, profiles: readonly Profile[]): Context {
  const looser = Object.entries(after.profile.parameters).flatMap(([parameter, value]) => {
    const asked = before.profile.parameters[parameter];
    return asked !== undefined && isLooser(parameter, value, asked, profiles) ? [parameter] : [];
  });
  return {
    before,
    after,
    looser: new Set(looser),
    known: new Set(before.evidence.map(({ sha256 }) => sha256)),
    measured: { old: new Map(before.measurements.map((m) => [m.id, m])), fresh: after.measurements },
  };
}

function closing(old: Result, fresh: Result | undefined, context: Context): { because: NotClosed[]; by: string[] } {
  if (!fresh) return { because: ['control-removed'], by: [] };
  if (fresh.switchedOff) return { because: ['switched-off'], by: [] };
  if (fresh.state === 'not-applicable') return { because: ['not-applicable'], by: [] };
  const found = new Set<NotClosed>();
  if (criteriaChanged(old, fresh, context)) found.add('control-changed');
  if (profileLoosened(old, fresh, context)) found.add('profile');
  if (scopeNarrowed(old, context)) found.add('scope');
  const lost = vanished(old, fresh, context);
  if (lost) found.add(lost);
  const by = [...new Set(fresh.criteria.flatMap(({ evidence }) => evidence.map(({ path }) => path)))].sort();
  // What failed passes on the same files only where they are read in another way.
  const anew = fresh.criteria.some(({ evidence }) => evidence.some(({ sha256 }) => !context.known.has(sha256)));
  if (stateOf(old) === 'not-satisfied' && !anew) found.add('same-evidence');
  return { because: NOT_CLOSED.filter((one) => found.has(one)), by };
}

/** A criterion that was open is no longer asked, or the control was worded anew by an overlay in between. */
function criteriaChanged(old: Result, fresh: Result, { before, after }: Context): boolean {
  const there = new Set(fresh.criteria.map(({ id }) => id));
  const open = old.criteria.filter(({ state }) => state === 'not-satisfied' || state === 'not-assessed');
  if (open.some(({ id }) => !there.has(id))) return true;
  // A criterion that no longer applies was not met.
  const aside = new Set(fresh.criteria.filter(({ state }) => state === 'not-applicable').map(({ id }) => id));
  if (open.some(({ id }) => aside.has(id))) return true;
  const replaced = (one: Assessment): boolean => one.catalog.replaced.includes(old.control);
  return replaced(after) && (!replaced(before) || before.catalog.sha256 !== after.catalog.sha256);
}

/**
 * Whether the pass may be owed to a profile that asks for less. A limit that was raised and that the new bound would have
 * kept as it was does no harm; any other parameter of the control cannot be judged from here.
 */
function profileLoosened(old: Result, fresh: Result, { before, after, looser }: Context): boolean {
  for (const criterion of fresh.criteria) {
    const former = old.criteria.find(({ id }) => id === criterion.id);
    if (!former || typeof criterion.threshold !== 'number' || typeof former.threshold !== 'number') continue;
    const reached = criterion.bound ?? criterion.observed;
    if (criterion.threshold > former.threshold && !(typeof reached === 'number' && reached <= former.threshold))
      return true;
  }
  if (looser.size === 0) return false;
  const asked = after.controls.find(({ id }) => id === fresh.control)?.parameters;
  const limits = new Set(
    fresh.criteria.flatMap(({ id, threshold }) => {
      const was = old.criteria.find((one) => one.id === id)?.threshold;
      return Object.entries(after.profile.parameters).flatMap(([name, value]) =>
        value === threshold && before.profile.parameters[name] === was && typeof was === 'number' ? [name] : [],
      );
    }),
  );
  return [...looser].some((name) => (asked === undefined || asked.includes(name)) && !limits.has(name));
}

/** A surface, or the training of a model, was taken out of the workspace while a question about it was open. */
function scopeNarrowed(old: Result, { before, after }: Context): boolean {
  const family = before.controls.find(({ id }) => id === old.control)?.family ?? '';
  if (SUPPORTING_FAMILIES.includes(family)) return false;
  const gone = before.system.surfaces.filter((surface) => !after.system.surfaces.includes(surface));
  const open = before.coverage.filter(
    (cell) => cell.attackClass === old.attackClass && gone.includes(cell.surface) && cell.state !== 'not-applicable',
  );
  const failing = old.criteria.some(
    ({ measurement, state }) =>
      state !== 'satisfied' &&
      before.measurements.some((m) => m.id === measurement && gone.some((s) => s === m.surface)),
  );
  return failing || (stateOf(old) === 'not-assessed' && open.some(({ fresh }) => fresh === 0));
}

/**
 * What of the evidence behind a gap is no longer there: a test that spoke of leakage and was not repeated on the same
 * target, or a file of records that nothing took the place of.
 */
function vanished(old: Result, fresh: Result, context: Context): NotClosed | undefined {
  const { before } = context;
  const failing = old.criteria.filter(({ state }) => state !== 'satisfied' && state !== 'not-applicable');
  const tests = failing.flatMap((criterion) =>
    speakingOf(old, criterion, before).map((m) => ({ m, criterion: criterion.id })),
  );
  for (const { m, criterion } of tests) {
    const answer = repeated(m, criterion, fresh, context);
    if (answer) return answer;
  }
  // What was measured is matched above, test by test; records are matched by file.
  const measured = new Set(before.measurements.flatMap((m) => m.source.map(({ sha256 }) => sha256)));
  const records = new Set(
    failing
      .filter(({ state, measurement }) => state === 'not-satisfied' && measurement === undefined)
      .flatMap(({ evidence }) => evidence.map(({ sha256 }) => sha256)),
  );
  const lost = before.evidence.filter(
    (entry) => records.has(entry.sha256) && !measured.has(entry.sha256) && !succeeded(entry, context),
  );
  return lost.length > 0 && fresh.state !== 'not-applicable' ? 'evidence-vanished' : undefined;
}

/** The tests that a criterion failed by, or that found something which stood in its way. */
function speakingOf(old: Result, criterion: Result['criteria'][number], before: Assessment): AssessedMeasurement[] {
  return before.measurements.filter((m) => {
    const limit = m.limits.find((one) => one.control === old.control && one.criterion === criterion.id);
    const deciding = m.id === criterion.measurement;
    if ((!limit && !deciding) || m.pooled || m.shows === 'neither' || m.comparable === false) return false;
    const threshold = limit?.threshold ?? (typeof criterion.threshold === 'number' ? criterion.threshold : 1);
    const { counts } = m;
    const found = m.subject === 'content' && 'k' in counts && (counts.k ?? 0) > 0;
    const above = Math.max(m.estimate, m.turned?.estimate ?? m.estimate) > threshold;
    return (criterion.state === 'not-satisfied' && deciding) || found || above;
  });
}

/**
 * Whether a test was repeated as it was, on what it was of, by later evidence that answers the criterion; otherwise what is
 * wrong.
 */
function repeated(
  m: AssessedMeasurement,
  criterion: string,
  fresh: Result,
  { before, after, measured }: Context,
): NotClosed | undefined {
  const named = measured.fresh.filter(
    (one) =>
      one.attackClass === m.attackClass &&
      one.technique === m.technique &&
      one.surface === m.surface &&
      one.probe === m.probe &&
      one.measure === m.measure &&
      one.falsePositiveLimit === m.falsePositiveLimit &&
      (one.group ?? '') === (m.group ?? ''),
  );
  if (named.length === 0) return 'evidence-vanished';
  const ofTarget = named.filter((one) => one.target === m.target || isSuccessor(m, one, before, after));
  if (ofTarget.length === 0) return 'target';
  const later = ofTarget.filter((one) => (one.collected ?? '').slice(0, 10) >= (m.collected ?? '').slice(0, 10));
  if (later.length === 0) return 'older-evidence';
  // What another detector does not see may be there all the same.
  const alike = later.filter((one) => (one.detector ?? '') === (m.detector ?? ''));
  const asked = { control: fresh.control, decidedBy: fresh.criteria.find(({ id }) => id === criterion), criterion };
  const inPool = measured.fresh.some((pool) => {
    const parts = alike.filter(({ id }) => pool.pooled?.includes(id));
    return parts.length > 0 && asManyAs(m, parts) && isAnswer(pool, asked);
  });
  return inPool || alike.some((one) => isAnswer(one, asked)) ? undefined : 'not-repeated';
}

/** Whether the parts of a pool that repeat a test weigh as much as it did, or show by themselves that its number is gone. */
function asManyAs(m: AssessedMeasurement, parts: readonly AssessedMeasurement[]): boolean {
  const tried = parts.reduce((sum, { counts }) => sum + sampleSize(counts), 0);
  return tried >= sampleSize(m.counts) || parts.some((one) => (upperOf(one) ?? 1) < m.estimate);
}

/** Whether a measurement leaves no question open that stands between it and the criterion. */
function isAnswer(
  one: AssessedMeasurement,
  asked: { control: string; criterion: string; decidedBy: Result['criteria'][number] | undefined },
): boolean {
  const { decidedBy } = asked;
  if (decidedBy?.state === 'satisfied' && decidedBy.measurement === one.id) return true;
  if (one.warrant.open.length === 0) return true;
  // A sample may be too small for the limit of another control and large enough for this one's.
  if (one.warrant.open.some((reason) => reason !== 'insufficient-sample') || one.resolvable === false) return false;
  const limit = one.limits.find(({ control, criterion }) => control === asked.control && criterion === asked.criterion);
  const upper = upperOf(one);
  return limit !== undefined && upper !== undefined && upper <= limit.threshold;
}

/** The upper bound of a measurement, attempts without a verdict counted against it. */
function upperOf({ upperOneSided, upper, withMissing }: AssessedMeasurement): number | undefined {
  const bound = upperOneSided ?? upper;
  if (bound === null) return undefined;
  return Math.max(bound, withMissing ? (withMissing.upperOneSided ?? withMissing.upper ?? 1) : bound);
}

/** The same model of the workspace in a later version, or deployed anew. */
function isSuccessor(m: AssessedMeasurement, one: AssessedMeasurement, before: Assessment, after: Assessment): boolean {
  const id = m.warrant.target.model;
  if (id === undefined || one.warrant.target.model !== id) return false;
  const [old, fresh] = [before, after].map(({ system }) => system.models.find((model) => model.id === id));
  return old !== undefined && fresh !== undefined && (old.version !== fresh.version || old.deployed !== fresh.deployed);
}

/** Whether a file is there still, or one of its kind took its place; for searches, over all that was searched before. */
function succeeded(entry: Assessment['evidence'][number], { after, known }: Context): boolean {
  const accepted = after.evidence.filter((one) => one.accepted);
  const sameKind = accepted.filter(
    (one) => one.format === entry.format && one.tool?.name === entry.tool?.name && !known.has(one.sha256),
  );
  const { scanned } = entry;
  if (scanned === undefined)
    return sameKind.length > 0 || accepted.some((one) => one.path === entry.path || one.sha256 === entry.sha256);
  // A search that names no place can only be followed by the same file.
  if (scanned.length === 0) return accepted.some((one) => one.path === entry.path);
  const later = sameKind.filter((one) => (one.collected ?? '').slice(0, 10) >= (entry.collected ?? '').slice(0, 10));
  const covered = new Set(later.flatMap((one) => one.scanned ?? []));
  return scanned.every((place) => covered.has(place));
}

const CHANGE_ORDER: readonly GapChange[] = GAP_CHANGES;
const SEVERITY_ORDER: readonly Result['severity'][] = ['critical', 'high', 'medium', 'low'];

function inOrder(a: Gap, b: Gap): number {
  return (
    CHANGE_ORDER.indexOf(a.change) - CHANGE_ORDER.indexOf(b.change) ||
    SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity) ||
    (gapKey(a) < gapKey(b) ? -1 : 1)
  );
}
