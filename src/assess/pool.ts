import { createHash } from 'node:crypto';
import type { Counts } from '../measure/counts.ts';
import { CONFIDENCE, type Measurement } from '../measure/measurement.ts';
import { rateOf } from '../measure/ofTrials.ts';
import { clopperPearson, clopperPearsonUpper } from '../statistics/binomial.ts';

/**
 * What makes two measurements runs of one test: the same technique, surface, probe, target and way of judging. The date,
 * the file and its place decide nothing.
 */
function testKey(m: Measurement, ofAllProbes = false): string {
  const { measure, attackClass, technique, surface, target, detector, group, falsePositiveLimit, shows } = m;
  return JSON.stringify([
    measure,
    attackClass,
    technique,
    surface,
    target ?? '',
    ofAllProbes ? '*' : [m.probe, detector ?? '', m.tool?.name ?? ''],
    group ?? '',
    falsePositiveLimit ?? '',
    shows,
    m.similarity ?? '',
    m.discoverability ?? '',
  ]);
}

/**
 * Runs of one test put together, where counts can be added. Each comes after its parts and names them.
 * @param epochOf the state of the system that a run is of; runs of different states are not of one thing
 * @param ofAllProbes whether runs of different probes of one technique are put together as well
 */
export function pooledRuns(
  measurements: readonly Measurement[],
  epochOf: (m: Measurement) => string,
  ofAllProbes: boolean,
): Measurement[] {
  const runs = new Map<string, Measurement[]>();
  const copies = copiesAmong(measurements);
  for (const m of measurements) {
    if (m.counts.of !== 'attempts' && m.counts.of !== 'targets') continue;
    if (m.method !== 'clopper-pearson' || copies.has(m.id)) continue;
    const key = JSON.stringify([testKey(m, ofAllProbes), epochOf(m)]);
    const group = runs.get(key);
    if (group) group.push(m);
    else runs.set(key, [m]);
  }
  return [...runs].flatMap(([key, group]) => (group.length > 1 ? [pool(key, group, ofAllProbes)] : []));
}

/**
 * Ids of measurements that say no more than another one: the same test of the same day with the same counts at the same
 * place of another file. Two real runs of one day tell themselves apart by their times.
 */
function copiesAmong(measurements: readonly Measurement[]): Set<string> {
  const seen = new Map<string, string>();
  const copies = new Set<string>();
  for (const m of measurements) {
    if (m.pooled) continue;
    const [first] = m.source;
    const key = JSON.stringify([testKey(m), m.collected ?? '', m.counts, first?.at ?? '']);
    const before = seen.get(key);
    if (before === undefined) seen.set(key, first?.path ?? '');
    else if (before !== first?.path) copies.add(m.id);
  }
  return copies;
}

function pool(key: string, runs: readonly Measurement[], ofAllProbes: boolean): Measurement {
  const [first] = runs as [Measurement, ...Measurement[]];
  const counts = runs.slice(1).reduce((sum, { counts: more }) => added(sum, more), first.counts);
  // What every part has, the whole has; a doubt of one is a doubt of all.
  const all = <T>(of: (m: Measurement) => T | undefined): T | undefined => {
    const value = of(first);
    return runs.every((m) => JSON.stringify(of(m)) === JSON.stringify(value)) ? value : undefined;
  };
  const {
    positiveControl: _control,
    planted: _planted,
    toolDetector: _detector,
    assignment: _assignment,
    withMissing: _missing,
    tool: _tool,
    collected: _collected,
    // They stand at the runs that they are of.
    examples: _examples,
    ...rest
  } = first;
  const collected = runs.some((m) => m.collected === undefined)
    ? undefined
    : runs.map((m) => m.collected as string).sort()[0];
  const byParts = runs.flatMap(({ byPart }) => (byPart === undefined ? [] : [byPart]));
  const parts = {
    tool: all((m) => m.tool),
    planted: all((m) => m.planted),
    toolDetector: all((m) => m.toolDetector),
    assignment: all((m) => m.assignment),
    positiveControl: all((m) => m.positiveControl),
    collected,
  };
  return {
    ...rest,
    ...Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)),
    id: `P-${createHash('sha256')
      .update(JSON.stringify([key, runs.map(({ id }) => id).sort()]))
      .digest('hex')
      .slice(0, 10)}`,
    ...(ofAllProbes ? { probe: [...new Set(runs.map((m) => m.probe))].sort().join(', ') } : {}),
    ...numbersOf(counts),
    ...(byParts.length > 0 ? { byPart: Math.max(...byParts) } : {}),
    counts,
    source: runs.flatMap((m) => m.source),
    pooled: runs.map(({ id }) => id).sort(),
    notes: [`${runs.length} runs together`],
  } as Measurement;
}

function numbersOf(counts: Counts) {
  if (counts.of === 'attempts') return rateOf({ k: counts.k, n: counts.n }, counts.missing, undefined, []);
  if (counts.of !== 'targets') return {};
  const { k, n } = counts;
  return {
    estimate: k / n,
    ...clopperPearson(k, n, CONFIDENCE),
    upperOneSided: clopperPearsonUpper(k, n, CONFIDENCE),
    method: 'clopper-pearson',
  };
}

function added(a: Counts, b: Counts): Counts {
  if (a.of === 'attempts' && b.of === 'attempts')
    return {
      of: 'attempts',
      k: a.k + b.k,
      n: a.n + b.n,
      trials: a.trials + b.trials,
      trialSuccesses: a.trialSuccesses + b.trialSuccesses,
      notEvaluated: a.notEvaluated + b.notEvaluated,
      errors: a.errors + b.errors,
      missing: a.missing + b.missing,
      runs: a.runs + b.runs,
    };
  if (a.of === 'targets' && b.of === 'targets')
    return { of: 'targets', k: a.k + b.k, n: a.n + b.n, runs: a.runs + b.runs };
  return a;
}
