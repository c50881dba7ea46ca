import { z } from 'zod';
import { ProbityError } from '../../../errors.ts';
import {
  type Adapter,
  type AdapterContext,
  newReading,
  type ProbeMeaning,
  type Reading,
  testIdentity,
} from '../../adapter.ts';
import type { EvidenceFile } from '../../file.ts';
import { fitted } from '../../fitting.ts';
import type { Located } from '../../observation.ts';
import type { TestResultBody } from '../../observations/tests.ts';
import { eachPythonValue } from '../../streaming.ts';

// LeakPro (aidotse), leakpro/schemas.py, reporting/ and synthetic_data_attacks/: one JSON file for each result, of membership
// inference, of model inversion, and of attacks on synthetic data. None of them names what was attacked, nor when.

/** A share, or nothing where Python wrote NaN. */
const share = z.union([z.number().min(0).max(1), z.literal('')]).nullish();
/** A list as it was gathered: millions of numbers are looked at once, where they are used. */
const list = z.custom<unknown[]>((value) => Array.isArray(value), 'has to be a list').optional();

const membership = z.looseObject({
  result_name: z.string().max(200).optional(),
  resultname: z.string().max(200).optional(),
  roc_auc: share,
  signal_values: list,
  true_labels: list,
  tpr: list,
  fpr: list,
  tp: list,
  fp: list,
  tn: list,
  fn: list,
});
type Membership = z.infer<typeof membership>;

const risks = z.looseObject({
  res_cols: z.array(z.string()),
  res: z.array(z.array(z.union([z.number(), z.literal('')]).nullable())).max(10_000),
  secrets: z.array(z.string().max(200)).nullish(),
  prefix: z.string().max(200).nullish(),
});
const inversion = z.looseObject({
  name: z.string().max(200),
  metrics: z.looseObject({ top1_accuracy: share }),
});
const kindOf = z.looseObject({
  result_type: z.string().optional(),
  resulttype: z.string().optional(),
  resultname: z.string().max(200).optional(),
  res: z.unknown().optional(),
  res_cols: z.unknown().optional(),
  metrics: z.unknown().optional(),
});

const SHORT = ['result_name', 'result_type', 'resultname', 'resulttype', 'roc_auc', 'prefix', 'name', 'metrics'];
const LONG = ['signal_values', 'true_labels', 'tpr', 'fpr', 'tp', 'fp', 'tn', 'fn'];
const PATHS = [
  ...[...SHORT, 'res_cols', 'secrets'].map((name) => `$.${name}`),
  ...[...LONG, 'res'].map((name) => `$.${name}.*`),
];

/**
 * What is used of the document, gathered while it streams by: its lists have a number for each record, several times over.
 * Counts at every threshold are passed over where the signals that they were counted from are there.
 */
async function gathered(file: EvidenceFile): Promise<Record<string, unknown>> {
  const short: Record<string, unknown> = {};
  const long = new Map<string, unknown[]>(LONG.map((name) => [name, []]));
  const [signals, labels] = [long.get('signal_values'), long.get('true_labels')];
  const rows: unknown[] = [];
  const inner: Record<string, unknown> = {};
  await eachPythonValue(file, PATHS, (value, at) => {
    const [, name = '', key] = at.split('/');
    const into = long.get(name);
    if (key === undefined) short[name] = value;
    else if (into === undefined) {
      if (/^\d+$/.test(key)) rows.push(value);
      else inner[key] = value;
    } else if (/^[tf][pn]$/.test(name) && signals?.length && labels?.length) return;
    // NumPy writes several columns as lists in a list.
    else if (Array.isArray(value)) for (const one of value) into.push(one);
    else into.push(value);
  });
  const lists = [...long].filter(([, values]) => values.length > 0);
  const res = rows.length > 0 ? rows : Object.keys(inner).length > 0 ? inner : undefined;
  return { ...short, ...Object.fromEntries(lists), ...(res ? { res } : {}) };
}

/** The rates at which a curve without signals is read. */
const LIMITS = [0.001, 0.01] as const;

class LeakProReader {
  readonly #file: EvidenceFile;
  readonly #context: AdapterContext;
  readonly #reading: Reading = newReading({ name: 'LeakPro' });

  constructor(file: EvidenceFile, context: AdapterContext) {
    this.#file = file;
    this.#context = context;
    const { collected } = context.declared;
    if (collected) this.#reading.collected = collected;
  }

  read(value: unknown): Reading {
    const kind = fitted(kindOf, value, this.#file, 'a LeakPro result');
    const type = kind.result_type ?? kind.resulttype;
    if (type === 'MIAResult') this.#membership(fitted(membership, value, this.#file, 'a LeakPro result'));
    else if (kind.res_cols !== undefined) this.#risks(fitted(risks, value, this.#file, 'a LeakPro result'), '');
    else if (kind.res !== undefined)
      this.#risks(fitted(risks, kind.res, this.#file, 'a LeakPro result', '/res'), '/res', kind.resultname ?? type);
    else if (kind.metrics !== undefined) this.#inversion(fitted(inversion, value, this.#file, 'a LeakPro result'));
    else
      this.#reading.warnings.push(
        `a ${type ?? 'result'} of LeakPro that holds no numbers; its pictures and texts are not judged here`,
      );
    const missing = [
      ...(this.#context.declared.collected ? [] : ['collected']),
      ...(this.#context.declared.target ? [] : ['target']),
    ];
    if (this.#reading.observations.length > 0 && missing.length > 0)
      this.#reading.warnings.push(
        `LeakPro records neither date nor model: declare ${missing.join(' and ')} for this file under sources in probity.yaml`,
      );
    return this.#reading;
  }

  #malformed(message: string, pointer: string): never {
    throw new ProbityError('EVIDENCE_MALFORMED', message, {
      where: `${this.#file.path}#${pointer}`,
      remedy: 'Use the JSON file as LeakPro wrote it under data_objects',
    });
  }

  #numbers(values: readonly unknown[], pointer: string): Float64Array {
    const numbers = new Float64Array(values.length);
    for (const [i, value] of values.entries()) {
      if (typeof value !== 'number') this.#malformed('a value is not a finite number', `${pointer}/${i}`);
      numbers[i] = value;
    }
    return numbers;
  }

  #meaning(probe: string): ProbeMeaning | undefined {
    const found = this.#context.probes('leakpro', probe);
    const { technique } = this.#context.declared;
    return found && technique ? { ...found, technique } : found;
  }

  #add(body: TestResultBody, at: string): void {
    const { collected } = this.#context.declared;
    const located: Located<TestResultBody> = {
      ...body,
      tool: { name: 'LeakPro' },
      ...(collected ? { collected } : {}),
      at,
    };
    this.#reading.observations.push(located);
  }

  #membership(found: Membership): void {
    const probe = found.result_name ?? found.resultname ?? 'membership inference';
    const labels = (found.true_labels ?? []).map((label, i) => {
      if (label !== 0 && label !== 1 && typeof label !== 'boolean')
        this.#malformed('a label is neither 0 nor 1', `/true_labels/${i}`);
      return Number(label);
    });
    const members = labels.filter((label) => label === 1).length;
    const meaning = this.#meaning(probe);
    if (meaning?.attackClass !== 'membership-inference') {
      this.#reading.unmapped.push({ probe, at: '/true_labels', trials: labels.length, successes: 0 });
      return;
    }
    const identity = {
      subject: 'membership',
      attackClass: 'membership-inference',
      technique: meaning.technique,
      surface: this.#context.declared.surface ?? meaning.surface,
      shows: meaning.shows,
      probe,
    } as const;
    const values = found.signal_values && this.#numbers(found.signal_values, '/signal_values');
    if (values && labels.length > 0) {
      if (values.length !== labels.length)
        this.#malformed(`${values.length} signal values for ${labels.length} labels`, '/signal_values');
      if (members === 0 || members === labels.length)
        this.#malformed(
          `all ${labels.length} records are ${members === 0 ? 'non-members' : 'members'}`,
          '/true_labels',
        );
      const of = (member: 0 | 1): Float64Array => values.filter((_, i) => labels[i] === member);
      const sign = this.#context.declared.higherMeansMember === false ? -1 : 1;
      this.#add(
        {
          kind: 'scores',
          ...identity,
          members: of(1).map((value) => sign * value),
          nonMembers: of(0).map((value) => sign * value),
          ...(this.#context.declared.duplicates ? { duplicatesDeclared: this.#context.declared.duplicates } : {}),
        },
        '/signal_values',
      );
      return;
    }
    const points = this.#points(found, members, labels.length - members);
    for (const { point, limit } of chosen(points)) {
      const { tp, fp, index } = point;
      this.#add(
        {
          kind: 'operating-point',
          ...identity,
          falsePositiveLimit: limit,
          truePositives: tp,
          falsePositives: fp,
          members: point.members,
          nonMembers: point.nonMembers,
          threshold: 'same-records',
        },
        index === undefined ? '/tp' : `/tp/${index}`,
      );
    }
    if (points.length === 0) this.#curve(found, identity);
    if (typeof found.roc_auc === 'number')
      this.#add({ kind: 'stated', ...identity, measure: 'roc.auc', value: found.roc_auc }, '/roc_auc');
  }

  /** Counts at every threshold, which all have to be of the same records. */
  #points(found: Membership, members: number, nonMembers: number): Point[] {
    const { tp, fp, tn, fn } = found;
    if (tp == null || fp == null || tn == null || fn == null) return [];
    const columns = Object.entries({ tp, fp, tn, fn }).map(([name, one]) => this.#numbers(one ?? [], `/${name}`));
    const none = new Float64Array();
    const [hits = none, alarms = none, clears = none, misses = none] = columns;
    if (columns.some((one) => one.some((value) => !Number.isSafeInteger(value) || value < 0)))
      this.#malformed('a count is not a whole number', '/tp');
    if (columns.some((one) => one.length !== hits.length))
      this.#malformed('tp, fp, tn and fn are not of one length', '/tp');
    return Array.from(hits, (hit, i) => {
      const point: Point = {
        tp: hit,
        fp: alarms[i] ?? 0,
        members: hit + (misses[i] ?? 0),
        nonMembers: (alarms[i] ?? 0) + (clears[i] ?? 0),
        ...(typeof tp === 'number' ? {} : { index: i }),
      };
      if (members + nonMembers > 0 && (point.members !== members || point.nonMembers !== nonMembers))
        this.#malformed(
          `its counts are of ${point.members} members and ${point.nonMembers} non-members, its labels of ${members} and ${nonMembers}`,
          typeof tp === 'number' ? '/tp' : `/tp/${i}`,
        );
      if (point.members === 0 || point.nonMembers === 0) this.#malformed('a class is empty', '/tp');
      return point;
    });
  }

  /** A curve without signals or counts: rates, which can show leakage and not its absence. */
  #curve(
    { tpr, fpr }: Membership,
    identity: Omit<Extract<TestResultBody, { kind: 'operating-point' }>, 'kind' | keyof Counted>,
  ): void {
    if (!tpr || !fpr) return;
    const [hits, alarms] = [this.#numbers(tpr, '/tpr'), this.#numbers(fpr, '/fpr')];
    if (hits.length !== alarms.length) this.#malformed('tpr and fpr are not of one length', '/tpr');
    if ([hits, alarms].some((rates) => rates.some((rate) => rate < 0 || rate > 1)))
      this.#malformed('a rate lies outside 0 to 1', '/tpr');
    for (const limit of LIMITS) {
      const value = hits.reduce((most, hit, i) => ((alarms[i] as number) <= limit && hit > most ? hit : most), 0);
      this.#add({ kind: 'stated', ...identity, measure: 'roc.tpr', falsePositiveLimit: limit, value }, '/tpr');
    }
    this.#reading.warnings.push('holds rates without counts or signals: they can show leakage, never its absence');
  }

  /** Attacks on synthetic data, each beside a guess that never saw the record (after anonymeter). */
  #risks({ res_cols: columns, res, secrets, prefix }: z.infer<typeof risks>, pointer: string, named?: string): void {
    const column = (name: string): number => {
      const index = columns.indexOf(name);
      return index === -1 ? this.#malformed(`there is no column ${name}`, `${pointer}/res_cols`) : index;
    };
    const places = ['n_main_total', 'n_main_success', 'n_naive_total', 'n_naive_success'].map(column);
    const attack = prefix ?? named ?? (secrets ? 'inference' : 'synthetic data');
    const meaning = this.#meaning(attack);
    res.forEach((row, i) => {
      const at = `${pointer}/res/${i}`;
      const [n, k, baselineN, baselineK] = places.map((place) => {
        const value = row[place];
        return typeof value === 'number' && Number.isInteger(value) && value >= 0
          ? value
          : this.#malformed('a count is not a whole number', `${at}/${place}`);
      }) as [number, number, number, number];
      if (k > n || baselineK > baselineN) this.#malformed('more successes than attempts', at);
      const probe = secrets?.[i] === undefined ? attack : `${attack}: ${secrets[i]}`;
      if (!meaning || n === 0 || baselineN === 0) {
        this.#reading.unmapped.push({ probe, at, trials: n, successes: k });
        return;
      }
      this.#add(
        {
          kind: 'advantage',
          ...testIdentity(meaning, this.#context.declared),
          probe,
          toolDetector: true,
          attack: { k, n },
          baseline: { k: baselineK, n: baselineN },
          // Attack and guess draw their targets each by themselves (inference_evaluator.py).
          sameTargets: false,
          baselineMethod: 'naive guess from the synthetic data, without the target',
        },
        at,
      );
    });
  }

  #inversion({ name, metrics }: z.infer<typeof inversion>): void {
    const meaning = this.#meaning(name);
    const value = metrics.top1_accuracy;
    if (!meaning) this.#reading.unmapped.push({ probe: name, at: '/metrics', trials: 0, successes: 0 });
    else if (typeof value !== 'number')
      this.#reading.warnings.push('its evaluation model judged nothing (no top1_accuracy), so it shows nothing');
    else {
      this.#add(
        {
          kind: 'stated',
          ...testIdentity(meaning, this.#context.declared),
          probe: name,
          detector: 'top-1 class of an evaluation model',
          measure: 'reconstruction',
          value,
        },
        '/metrics/top1_accuracy',
      );
      this.#reading.warnings.push(
        'holds a share without the number of reconstructions: it can show leakage, never its absence; give the counts as reconstruction in a ProbeResult',
      );
    }
  }
}

interface Point {
  tp: number;
  fp: number;
  members: number;
  nonMembers: number;
  /** Where it stands in the lists; absent when there is one point only. */
  index?: number;
}
interface Counted {
  falsePositiveLimit: unknown;
  truePositives: unknown;
  falsePositives: unknown;
  members: unknown;
  nonMembers: unknown;
}

/** At each rate the point that recognises most; when none is that strict, the strictest at its own rate. */
function chosen(points: readonly Point[]): { point: Point; limit: number }[] {
  const found = LIMITS.flatMap((limit) => {
    const within = points.filter(({ fp, nonMembers }) => fp / nonMembers <= limit);
    const point = within.reduce<Point | undefined>((best, one) => (best && best.tp >= one.tp ? best : one), undefined);
    return point ? [{ point, limit }] : [];
  });
  const [strictest] = [...points].sort((a, b) => a.fp - b.fp);
  if (found.length > 0 || !strictest) return found;
  const limit = strictest.fp / strictest.nonMembers;
  return limit < 1 ? [{ point: strictest, limit }] : [];
}

export const adapter: Adapter = {
  format: 'leakpro-result',
  title: 'LeakPro result (JSON)',
  about: {
    group: 'attack results',
    files: 'LeakPro result (JSON)',
    recognisedBy: '`result_type`, `resulttype`, `res_cols`',
    gives:
      'membership: scores where signals and labels are there, else counts at 0.1% and 1%, else rates as stated; synthetic data: attribute inference beside its naive guess; model inversion: top-1 accuracy as stated',
    limits:
      'it names neither model nor date; linkability, singling out and RaMIA are listed; gradient inversion keeps pictures and no numbers',
    records: { declare: 'target, day, assignment or baseline, control' },
  },
  recognise({ text }): number {
    if (!/^\s*\{/.test(text)) return 0;
    if (/"result_?type"\s*:\s*"(MIAResult|GIAResults|(Inference|Linkability|SinglingOut)Results)"/.test(text)) return 1;
    if (/"res_cols"\s*:/.test(text) && /"n_main_success"/.test(text)) return 1;
    return /"metrics"\s*:/.test(text) && /"top1_accuracy"\s*:/.test(text) && /"id"\s*:/.test(text) ? 0.9 : 0;
  },
  async read(file, context) {
    return new LeakProReader(file, context).read(await gathered(file));
  },
};
