import { isDeepStrictEqual } from 'node:util';
import { ATTACK_CLASSES, type AttackClass } from '../terms.ts';
import type { Assessment, Result } from './assessment.ts';
import { combine, type Outcome, STATES } from './outcome.ts';
import { basisOf } from './results.ts';
import { verdictOf } from './verdicts.ts';

/**
 * What of an assessment does not follow from the rest of it, one sentence each: states from criteria, verdicts and counts
 * from results, findings from results, limits and bounds of passes from measurements. An assessment that the product made has
 * none; one that somebody edited shows here. It does not show that the evidence says so: re-performing does.
 */
export function inconsistencies(assessment: Assessment): string[] {
  return [
    ...assessment.results.flatMap(ofResult),
    ...ATTACK_CLASSES.flatMap((attackClass) => ofVerdict(assessment, attackClass)),
    ...ofFindings(assessment),
    ...ofPasses(assessment),
    ...ofControls(assessment),
    ...ofResponses(assessment),
    ...ofHistory(assessment),
    ...ofContent(assessment),
  ];
}

/** Where answers are shown, it is said that they are. */
function ofContent({ contentShown, measurements }: Assessment): string[] {
  const showing = contentShown ? undefined : measurements.find(({ examples }) => examples !== undefined);
  return showing ? [`${showing.id} shows leaked answers, and the assessment does not say that any are shown`] : [];
}

/** What is said of earlier assessments agrees with this one: every gap is in the row, and none that is open is called closed. */
function ofHistory({ history, findings, measurements }: Assessment): string[] {
  if (!history) return [];
  const changes = new Map(history.gaps.map((gap) => [`${gap.control}.${gap.attackClass}`, gap.change]));
  const known = new Set(measurements.map(({ id }) => id));
  return [
    ...findings
      .filter(({ id }) => !changes.has(id))
      .map(({ id }) => `the finding ${id} is not among the gaps of its history`),
    ...findings
      .filter(({ id }) => changes.get(id) === 'closed')
      .map(({ id }) => `the finding ${id} is open, and its history calls it closed`),
    ...history.measurements
      .filter(({ measurement }) => !known.has(measurement))
      .map(({ measurement }) => `its history speaks of ${measurement}, which is not there`),
  ];
}

function nameOf({ control, attackClass }: Pick<Result, 'control' | 'attackClass'>): string {
  return `${control}, ${attackClass}`;
}

function ofResult(result: Result): string[] {
  const follows = combine(result.criteria as readonly Outcome[]);
  const judged = result.state === 'risk-accepted' ? result.underlying : result.state;
  const said: string[] = [];
  // A control about training is set aside whole where nobody here trains.
  if (judged !== follows.state) said.push(`${nameOf(result)} is ${judged}, and its criteria make it ${follows.state}`);
  if (judged === 'not-assessed' && result.reason !== follows.reason)
    said.push(`${nameOf(result)} gives ${result.reason} as its reason, and its criteria give ${follows.reason}`);
  const basis = result.state === 'satisfied' ? basisOf(result.criteria as readonly Outcome[]) : undefined;
  if (result.basis !== basis)
    said.push(`${nameOf(result)} rests on ${result.basis ?? 'nothing'}, and its criteria on ${basis ?? 'nothing'}`);
  for (const criterion of result.criteria) {
    const { state, bound, threshold, observed } = criterion;
    const numbers = typeof threshold === 'number' && typeof observed === 'number';
    if (state === 'satisfied' && numbers && bound !== null && criterion.measurement && bound > threshold)
      said.push(`${nameOf(result)}, ${criterion.id} is satisfied with a bound above its limit`);
  }
  return said;
}

function ofVerdict(assessment: Assessment, attackClass: AttackClass): string[] {
  const verdict = assessment.verdicts[attackClass];
  const said: string[] = [];
  const follows = verdictOf(assessment.results, attackClass, verdict.outside);
  if (verdict.state !== follows.state)
    said.push(`the verdict of ${attackClass} is ${verdict.state}, and its results make it ${follows.state}`);
  for (const name of STATES)
    if (verdict.counts[name] !== follows.counts[name])
      said.push(
        `the verdict of ${attackClass} counts ${verdict.counts[name]} ${name}, and there are ${follows.counts[name]}`,
      );
  for (const [what, stated, made] of [
    ['what its passes rest on', verdict.passes, follows.passes],
    ['its accepted risks', verdict.accepted, follows.accepted],
    ['its worst bound', verdict.worst, follows.worst],
  ] as const)
    if (!isDeepStrictEqual(stated, made))
      said.push(`the verdict of ${attackClass} states ${what} otherwise than its results do`);
  return said;
}

function ofFindings({ results, findings }: Assessment): string[] {
  const wanted = new Map(
    results
      .filter(({ state }) => state === 'not-satisfied' || state === 'not-assessed')
      .map((result) => [`${result.control}.${result.attackClass}`, result]),
  );
  const there = new Map(findings.map((finding) => [finding.id, finding]));
  return [
    ...[...wanted].flatMap(([id, result]) => {
      const finding = there.get(id);
      if (!finding) return [`the finding ${id} is missing`];
      return finding.state === result.state && finding.severity === result.severity
        ? []
        : [
            `the finding ${id} is ${finding.state}, ${finding.severity}, and its result ${result.state}, ${result.severity}`,
          ];
    }),
    ...findings.filter(({ id }) => !wanted.has(id)).map(({ id }) => `the finding ${id} has no result that needs it`),
  ];
}

/** What a criterion rests on is there, was held against the limit it states, and has the bound by which it is satisfied. */
function ofPasses({ results, measurements }: Assessment): string[] {
  const known = new Map(measurements.map((m) => [m.id, m]));
  return results.flatMap((result) =>
    result.criteria.flatMap((criterion) => {
      if (criterion.measurement === undefined) return [];
      const m = known.get(criterion.measurement);
      const what = `${nameOf(result)}, ${criterion.id}`;
      if (!m) return [`${what} rests on ${criterion.measurement}, which is not there`];
      const limit = m.limits.find((one) => one.control === result.control && one.criterion === criterion.id);
      if (limit && typeof criterion.threshold === 'number' && limit.threshold !== criterion.threshold)
        return [
          `${what} states a limit of ${criterion.threshold}, and its measurement was held against ${limit.threshold}`,
        ];
      if (criterion.state !== 'satisfied' || criterion.bound === null) return [];
      const numbers = [
        m.upper,
        m.upperOneSided,
        m.turned?.upper,
        m.turned?.upperOneSided,
        m.withMissing?.upper,
        m.withMissing?.upperOneSided,
      ];
      return numbers.includes(criterion.bound) ? [] : [`${what} states a bound that its measurement does not have`];
    }),
  );
}

/** Every control of the catalog has its results. */
function ofControls({ controls, results }: Assessment): string[] {
  const there = new Set(results.map((result) => `${result.control}.${result.attackClass}`));
  const named = new Set<string>();
  const missing = controls.flatMap(({ id, consequences }) =>
    Object.keys(consequences).flatMap((attackClass) => {
      named.add(`${id}.${attackClass}`);
      return there.has(`${id}.${attackClass}`) ? [] : [`the result of ${id}, ${attackClass} is missing`];
    }),
  );
  return [...missing, ...[...there].filter((id) => !named.has(id)).map((id) => `the result ${id} is of no control`)];
}

/** Answers have a file that they come from, and those to findings that there are no more speak of results that are as they say. */
function ofResponses({ results, findings, controls, responses }: Assessment): string[] {
  const from = findings.find(
    ({ status, response, acceptance }) => status !== undefined || response !== undefined || acceptance !== undefined,
  );
  if (!responses)
    return from ? [`the finding ${from.id} is answered, and nothing says where the answers come from`] : [];
  const open = new Set(findings.map(({ id }) => id));
  const states = new Map(results.map((result) => [`${result.control}.${result.attackClass}`, result.state]));
  const titles = new Map(controls.map(({ id, title }) => [id, title]));
  const seen = new Set<string>();
  return responses.closed.flatMap(({ id, control, attackClass, state, title }) => {
    const twice = seen.has(id);
    seen.add(id);
    if (twice) return [`the closed finding ${id} is there twice`];
    if (id !== `${control}.${attackClass}`) return [`the closed finding ${id} is of ${control}, ${attackClass}`];
    if (open.has(id)) return [`the finding ${id} is open and closed`];
    if (state !== states.get(id))
      return [
        `the closed finding ${id} says ${state ?? 'nothing'}, and its result is ${states.get(id) ?? 'not there'}`,
      ];
    return title === titles.get(control) ? [] : [`the closed finding ${id} has another title than its control`];
  });
}
