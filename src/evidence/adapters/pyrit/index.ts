import { z } from 'zod';
import { parsePythonJson } from '../../../files/json.ts';
import { type Adapter, type AdapterContext, newReading, type Reading } from '../../adapter.ts';
import { Attempts, declaredMeaning, type Verdict } from '../../attempts.ts';
import { csvRows } from '../../csv.ts';
import type { EvidenceFile, Head } from '../../file.ts';
import { fitted } from '../../fitting.ts';
import { eachPythonValue } from '../../streaming.ts';

// PyRIT (Microsoft), pyrit/memory/memory_models.py: the table AttackResultEntries (objective, outcome), and the messages of
// conversations with their scores, as JSON or CSV of either. What an objective is after is free text.

const text = z.string().max(100_000);
const identifier = z.looseObject({
  class_name: z.string().max(200).nullish(),
  __type__: z.string().max(200).nullish(),
});
const attack = z.looseObject({
  objective: text,
  outcome: z.enum(['success', 'failure', 'error', 'undetermined']),
  conversation_id: z.string().max(200).nullish(),
  timestamp: z.string().max(60).nullish(),
  attack_identifier: z.union([identifier, z.string()]).nullish(),
  atomic_attack_identifier: z.unknown().optional(),
  pyrit_version: z.string().max(60).nullish(),
});
const message = z.looseObject({
  role: z.string().max(40),
  conversation_id: z.string().max(200).nullish(),
  timestamp: z.string().max(60).nullish(),
  response_error: z.string().max(60).nullish(),
  scores: z
    .array(
      z.looseObject({
        score_value: z.union([z.string().max(100), z.number(), z.boolean()]),
        score_type: z.string().max(40).nullish(),
        scorer_class_identifier: identifier.nullish(),
      }),
    )
    .nullish(),
});
type Attack = z.infer<typeof attack>;
type Message = z.infer<typeof message>;

const VERDICT: Readonly<Record<Attack['outcome'], Verdict>> = {
  success: 'leaked',
  failure: 'resisted',
  undetermined: 'unjudged',
  error: 'error',
};

/** Answers that are no answer of the application (PromptResponseError, without its filter's "blocked" and "empty"). */
const NO_ANSWER = new Set(['processing', 'unknown']);

/** What one scorer said of one answer; undefined where it is neither true nor false. */
interface Said {
  scorer: string;
  value: boolean | undefined;
  failed: boolean;
  at: string;
}

class PyritReader {
  readonly #file: EvidenceFile;
  readonly #context: AdapterContext;
  readonly #reading: Reading = newReading({ name: 'PyRIT' });
  readonly #attempts: Attempts;
  /** By conversation, where it begins and what was said of its answers: the file's end shows which scorer judges. */
  readonly #conversations = new Map<string, { at: string; named: boolean; said: Said[] }>();
  /** Conversations whose attack has an outcome in this file. */
  readonly #decided = new Set<string>();

  constructor(file: EvidenceFile, context: AdapterContext) {
    this.#file = file;
    this.#context = context;
    this.#attempts = new Attempts('pyrit', context);
    if (context.declared.collected) this.#reading.collected = context.declared.collected;
  }

  async readTable(): Promise<Reading> {
    let header: string[] | undefined;
    for await (const { line, cells } of csvRows(this.#file)) {
      if (header) this.#one(Object.fromEntries(header.map((name, i) => [name, cells[i]])), `line ${line}`, `:${line}`);
      else header = cells;
    }
    return this.#finish();
  }

  async readLines(): Promise<Reading> {
    for await (const { first, lines } of this.#file.lineBatches())
      for (const [i, line] of lines.entries()) {
        if (line.length === 0) continue;
        const place = `:${first + i}`;
        const value = parsePythonJson(line.toString('utf8'), `${this.#file.path}${place}`, 'EVIDENCE_MALFORMED');
        this.#one(value, `line ${first + i}`, place);
      }
    return this.#finish();
  }

  /** A list of records, or an object that holds lists of them. */
  async readJson(isList: boolean): Promise<Reading> {
    await eachPythonValue(this.#file, [isList ? '$.*' : '$.*.*'], (value, at) => {
      if (/\/\d+$/.test(at)) this.#one(value, at, `#${at}`);
      // By conversation or by label, one level further down.
      else if (Array.isArray(value) && value.some(isRecord))
        value.forEach((one, i) => {
          this.#one(one, `${at}/${i}`, `#${at}/${i}`);
        });
    });
    return this.#finish();
  }

  #one(value: unknown, at: string, place: string): void {
    const held = { path: `${this.#file.path}${place}` };
    if (typeof value === 'object' && value !== null && 'outcome' in value)
      this.#attack(fitted(attack, value, held, 'PyRIT results'), at);
    else this.#message(fitted(message, value, held, 'PyRIT results'), at);
  }

  #dated(timestamp: string | null | undefined): void {
    // The oldest: nothing in the file is younger than that.
    const day = timestamp?.slice(0, 10);
    if (day && /^\d{4}-\d\d-\d\d$/.test(day) && (this.#reading.collected ?? '9') > day) this.#reading.collected = day;
  }

  #attack({ outcome, objective, timestamp, pyrit_version: version, ...rest }: Attack, at: string): void {
    this.#dated(timestamp);
    if (rest.conversation_id) this.#decided.add(rest.conversation_id);
    if (version) this.#reading.tool = { name: 'PyRIT', version };
    this.#attempts.add({
      probe: strategyOf(rest) ?? 'attack',
      detector: 'objective scorer',
      verdict: VERDICT[outcome],
      cluster: objective,
      at,
    });
  }

  #message({ role, scores, timestamp, response_error: failure, conversation_id: id }: Message, at: string): void {
    this.#dated(timestamp);
    if (role !== 'assistant' && role !== 'user') return;
    const key = JSON.stringify([id ?? null, id ? '' : at]);
    const conversation = this.#conversations.get(key) ?? { at, named: Boolean(id), said: [] };
    this.#conversations.set(key, conversation);
    if (role !== 'assistant') return;
    for (const score of scores ?? []) {
      if (score.score_type !== 'true_false') continue;
      const value = String(score.score_value).toLowerCase();
      conversation.said.push({
        scorer: score.scorer_class_identifier?.class_name ?? score.scorer_class_identifier?.__type__ ?? 'scorer',
        value: value === 'true' ? true : value === 'false' ? false : undefined,
        failed: NO_ANSWER.has(failure ?? ''),
        at,
      });
    }
  }

  /** True or false of an answer: what true means is the scorer's (that of refusals says it of what resisted). */
  #talks(): void {
    const scorers = new Set([...this.#conversations.values()].flatMap(({ said }) => said.map(({ scorer }) => scorer)));
    const { leaks, scorer = scorers.size === 1 ? [...scorers][0] : undefined } = this.#context.declared;
    if (leaks === undefined || scorer === undefined || !declaredMeaning(this.#context)) {
      this.#listed([...scorers]);
      return;
    }
    if (!scorers.has(scorer)) this.#reading.warnings.push(`no answer was judged by ${scorer}`);
    let unjudged = 0;
    for (const [key, { at, named, said }] of this.#conversations) {
      const identity = { probe: 'conversation', detector: scorer, cluster: named ? key : undefined };
      const own = said.filter((one) => one.scorer === scorer);
      for (const one of own) this.#attempts.add({ ...identity, verdict: verdictOf(one, leaks), at: one.at });
      if (own.length > 0 || this.#decided.has(JSON.parse(key)[0])) continue;
      unjudged++;
      this.#attempts.add({ ...identity, verdict: 'unjudged', at });
    }
    if (unjudged > 0)
      this.#reading.warnings.push(
        `${unjudged} conversations have no true_false score of ${scorer} and count as attempts without a verdict; hand in those with the application, and not those with the attacking or the judging model`,
      );
  }

  /** What was counted and means nothing here yet; successes as the scorer has them. */
  #listed(scorers: readonly string[]): void {
    const said = [...this.#conversations.values()].flatMap((one) => one.said);
    for (const scorer of scorers) {
      const own = said.filter((one) => one.scorer === scorer && one.value !== undefined);
      this.#reading.unmapped.push({
        probe: `conversation (${scorer})`,
        at: said.find((one) => one.scorer === scorer)?.at ?? '',
        trials: own.length,
        successes: own.filter(({ value }) => value).length,
      });
    }
    const [first] = this.#conversations.values();
    if (first && scorers.length === 0)
      this.#reading.unmapped.push({ probe: 'conversation', at: first.at, trials: 0, successes: 0 });
    if (first && this.#context.declared.leaks === undefined)
      this.#reading.warnings.push(
        'what true means of its scores is not known: declare leaks (high or low) and, of several, scorer for this file under sources in probity.yaml',
      );
  }

  #finish(): Reading {
    this.#talks();
    this.#attempts.finish(this.#reading);
    if (!declaredMeaning(this.#context))
      this.#reading.warnings.push(
        'PyRIT states an objective in free words: declare technique, surface and target for this file under sources in probity.yaml, where all of it is one technique',
      );
    return this.#reading;
  }
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('outcome' in value || 'role' in value);
}

function verdictOf({ value, failed }: Said, leaks: 'high' | 'low'): Verdict {
  if (value === (leaks === 'high')) return 'leaked';
  // What was never answered did not resist.
  if (failed) return 'error';
  return value === undefined ? 'unjudged' : 'resisted';
}

/** The class of the attack strategy, in the older and the newer place. */
function strategyOf(found: Pick<Attack, 'attack_identifier' | 'atomic_attack_identifier'>): string | undefined {
  const older = identifier.safeParse(found.attack_identifier);
  const newer = z
    .looseObject({ children: z.looseObject({ attack: identifier }) })
    .safeParse(found.atomic_attack_identifier);
  const own = newer.success ? newer.data.children.attack : older.success ? older.data : undefined;
  return own?.class_name ?? own?.__type__ ?? undefined;
}

const ATTACK = [/"objective"\s*:/, /"outcome"\s*:\s*"(success|failure|error|undetermined)"/, /"conversation_id"\s*:/];
const MESSAGE = [/"conversation_id"\s*:/, /"role"\s*:/, /"(original_value|converted_value)"\s*:/];

function shapeOf({ text: head }: Head): 'json' | 'lines' | 'table' | undefined {
  const first = head.trimStart().split('\n', 1)[0] ?? '';
  if (/^[[{]/.test(first)) {
    const fits = (where: string) => [ATTACK, MESSAGE].some((all) => all.every((one) => one.test(where)));
    if (first.startsWith('{') && fits(first) && /\}\s*$/.test(first)) return 'lines';
    return fits(head) ? 'json' : undefined;
  }
  const cells = first.split(',').map((cell) => cell.trim().replaceAll('"', ''));
  return ['objective', 'outcome', 'conversation_id'].every((name) => cells.includes(name)) ? 'table' : undefined;
}

export const adapter: Adapter = {
  format: 'pyrit-memory',
  title: 'PyRIT attack results and conversations (JSON, JSON Lines, CSV)',
  about: {
    group: 'attack results',
    files: 'PyRIT (attack results or conversations; JSON, JSON Lines, CSV)',
    recognisedBy: '`objective`, `outcome`, `conversation_id`',
    gives: 'attempts and successes by attack, counted by objective',
    limits:
      "an objective is free text: declare `technique`, `surface` and `target`; `undetermined` is an attempt without a verdict; of conversations only `true_false` scores are counted, and what true means is the scorer's (`SelfAskRefusalScorer` says it of what resisted): declare `leaks` (`high`: true is a leak) and, of several, `scorer`, else they are listed; a conversation without such a score is an attempt without a verdict (a scale gives none), and an answer that is an error did not resist; hand in the conversations with the application, not those of the attacking or the judging model",
    records: {
      day: 'oldest time stamp',
      declare: 'technique, surface, target, control; of conversations what their scores mean',
    },
  },
  recognise: (head) => (shapeOf(head) ? 0.85 : 0),
  async read(file, context) {
    const reader = new PyritReader(file, context);
    const head = await file.head();
    switch (shapeOf(head)) {
      case 'table':
        return reader.readTable();
      case 'lines':
        return reader.readLines();
      default:
        return reader.readJson(head.text.trimStart().startsWith('['));
    }
  },
};
