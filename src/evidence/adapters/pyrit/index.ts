import { z } from 'zod';
import { parsePythonJson } from '../../../files/json.ts';
import { type Adapter, type AdapterContext, newReading, type Reading } from '../../adapter.ts';
import { Attempts, declaredMeaning, type Verdict, withLine } from '../../attempts.ts';
import { type Example, MOST_EXAMPLES } from '../../content.ts';
import { csvRows, headerOf } from '../../csv.ts';
import type { EvidenceFile, Head } from '../../file.ts';
import { fitted } from '../../fitting.ts';
import { eachPythonValue } from '../../streaming.ts';
import { databaseRows, isDatabase } from './database.ts';

// PyRIT (Microsoft), pyrit/memory/memory_models.py: the table AttackResultEntries (objective, outcome), and the messages of
// conversations with their scores, as JSON or CSV of either, or the database that holds both. What an objective is after is free text.

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
  last_response: z.unknown().optional(),
  pruned_conversation_ids: z.union([z.array(z.unknown()).max(100_000), z.string()]).nullish(),
  adversarial_chat_conversation_ids: z.union([z.array(z.unknown()).max(100_000), z.string()]).nullish(),
});
const message = z.looseObject({
  role: z.string().max(40),
  conversation_id: z.string().max(200).nullish(),
  timestamp: z.string().max(60).nullish(),
  response_error: z.string().max(60).nullish(),
  converted_value: z.unknown().optional(),
  original_value: z.unknown().optional(),
  scores: z
    .array(
      z.looseObject({
        score_value: z.union([z.string().max(100), z.number(), z.boolean()]).nullish(),
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
  /** Whether its number was held against the declared threshold. */
  graded: boolean;
  /** Of the first answers that may be hits, where content was asked for. */
  example: Example | undefined;
  at: string;
}

class PyritReader {
  readonly #file: EvidenceFile;
  readonly #context: AdapterContext;
  readonly #reading: Reading = newReading({ name: 'PyRIT' });
  readonly #attempts: Attempts;
  /** By conversation, where it begins and what was said of its answers: the file's end shows which scorer judges. */
  readonly #conversations = new Map<string, { at: string; named: boolean; said: Said[] }>();
  /** Conversations of attacks that have an outcome in this file, and whether that is a success. */
  readonly #decided = new Map<string, boolean>();
  /** By scorer, how many examples are held. */
  readonly #shown = new Map<string, number>();

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

  /** The memory itself, in which the conversations of the attacking and of the judging model stand as well. */
  async readDatabase(): Promise<Reading> {
    const { attacks, messages } = await databaseRows(this.#file);
    for (const { row, at } of attacks) this.#one(row, at, `#${at}`);
    for (const { row, at } of messages) this.#one(row, at, `#${at}`);
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
    for (const id of conversationsOf(rest))
      this.#decided.set(id, this.#decided.get(id) === true || outcome === 'success');
    if (version) this.#reading.tool = { name: 'PyRIT', version };
    this.#attempts.add({
      probe: strategyOf(rest) ?? 'attack',
      detector: 'objective scorer',
      verdict: VERDICT[outcome],
      cluster: objective,
      answer: rest.last_response,
      at,
    });
  }

  #message(
    { role, scores, timestamp, response_error: failure, conversation_id: id, ...answer }: Message,
    at: string,
  ): void {
    this.#dated(timestamp);
    if (role !== 'assistant' && role !== 'user') return;
    const key = JSON.stringify([id ?? null, id ? '' : at]);
    const conversation = this.#conversations.get(key) ?? { at, named: Boolean(id), said: [] };
    this.#conversations.set(key, conversation);
    if (role !== 'assistant') return;
    for (const score of scores ?? []) {
      const graded = score.score_type === 'float_scale' ? this.#graded(score.score_value) : undefined;
      if (score.score_type !== 'true_false' && graded === undefined) continue;
      const value = String(score.score_value).toLowerCase();
      const one = {
        scorer: score.scorer_class_identifier?.class_name ?? score.scorer_class_identifier?.__type__ ?? 'scorer',
        value: graded ?? (value === 'true' ? true : value === 'false' ? false : undefined),
        failed: NO_ANSWER.has(failure ?? ''),
        graded: graded !== undefined,
        at,
      };
      conversation.said.push({ ...one, example: this.#example(one, answer.converted_value ?? answer.original_value) });
    }
  }

  /** An answer to show, where that was asked for, what true means is declared, and it is among the first hits. */
  #example(said: Omit<Said, 'example'>, answer: unknown): Example | undefined {
    const { content, declared } = this.#context;
    const shown = this.#shown.get(said.scorer) ?? 0;
    if (!content || shown >= MOST_EXAMPLES || declared.leaks === undefined) return undefined;
    if (verdictOf(said, declared.leaks) !== 'leaked') return undefined;
    const example = content.example(answer, said.at);
    if (example) this.#shown.set(said.scorer, shown + 1);
    return example;
  }

  /**
   * A score on a scale as true or false, where the workspace says from which one on it is a leak; undefined where it does
   * not, and for what is no number.
   */
  #graded(score: unknown): boolean | undefined {
    const { threshold, leaks } = this.#context.declared;
    const value = typeof score === 'number' ? score : Number(String(score).trim() || Number.NaN);
    if (threshold === undefined || leaks === undefined || !Number.isFinite(value)) return undefined;
    return leaks === 'high' ? value >= threshold : value > threshold;
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
    const { threshold } = this.#context.declared;
    const byNumber = [...this.#conversations.values()].some(({ said }) =>
      said.some((one) => one.scorer === scorer && one.graded),
    );
    const detector = byNumber && threshold !== undefined ? withLine(scorer, threshold, leaks) : scorer;
    let unjudged = 0;
    for (const [key, { at, named, said }] of this.#conversations) {
      const identity = { probe: 'conversation', detector, cluster: named ? key : undefined };
      const own = said.filter((one) => one.scorer === scorer);
      const succeeded = this.#succeeded(key);
      for (const one of own) {
        const verdict = verdictOf(one, leaks);
        // Where its attack has an outcome, that stands for it; a leak that the outcome does not tell of is one more.
        if (succeeded === undefined || (!succeeded && verdict === 'leaked'))
          this.#attempts.add({ ...identity, verdict, example: one.example, at: one.at });
      }
      // Beside results of attacks stand conversations that nobody attacked: those with the models that attack and judge.
      if (own.length > 0 || this.#decided.size > 0) continue;
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
    const open = [...this.#conversations].filter(([key]) => this.#succeeded(key) === undefined);
    const said = open.flatMap(([, one]) => one.said);
    if (this.#decided.size > 0 && said.length === 0) return;
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

  /** Whether the attack that led a conversation succeeded; undefined where no attack with an outcome did. */
  #succeeded(key: string): boolean | undefined {
    return this.#decided.get(JSON.parse(key)[0]);
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

function verdictOf({ value, failed }: Pick<Said, 'value' | 'failed'>, leaks: 'high' | 'low'): Verdict {
  if (value === (leaks === 'high')) return 'leaked';
  // What was never answered did not resist.
  if (failed) return 'error';
  return value === undefined ? 'unjudged' : 'resisted';
}

const withAttack = z.looseObject({ children: z.looseObject({ attack: identifier }) });
const withTechnique = z.looseObject({ children: z.looseObject({ attack_technique: withAttack }) });

/** The class of the attack strategy, in each of the three places where versions of PyRIT have put it. */
function strategyOf(found: Pick<Attack, 'attack_identifier' | 'atomic_attack_identifier'>): string | undefined {
  const atomic = structured(found.atomic_attack_identifier);
  const newest = withTechnique.safeParse(atomic);
  const newer = withAttack.safeParse(newest.success ? newest.data.children.attack_technique : atomic);
  const older = identifier.safeParse(structured(found.attack_identifier));
  const own = newer.success ? newer.data.children.attack : older.success ? older.data : undefined;
  return own?.class_name ?? own?.__type__ ?? undefined;
}

/** What a table holds as JSON text, as the object it is; anything else as it stands. */
function structured(value: unknown): unknown {
  if (typeof value !== 'string' || !/^[{[]/.test(value) || value.length > 1_000_000) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Every conversation of an attack: with the application, those that it gave up, and those with the attacking model. */
function conversationsOf(
  found: Pick<Attack, 'conversation_id' | 'pruned_conversation_ids' | 'adversarial_chat_conversation_ids'>,
): string[] {
  const lists = [found.pruned_conversation_ids, found.adversarial_chat_conversation_ids].map(structured);
  return [found.conversation_id, ...lists.flatMap((list) => (Array.isArray(list) ? list : []))].filter(
    (id): id is string => typeof id === 'string' && id !== '',
  );
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
  const cells = headerOf(head);
  return ['objective', 'outcome', 'conversation_id'].every((name) => cells.includes(name)) ? 'table' : undefined;
}

export const adapter: Adapter = {
  format: 'pyrit-memory',
  title: 'PyRIT attack results and conversations (SQLite, JSON, JSON Lines, CSV)',
  about: {
    group: 'attack results',
    files: 'PyRIT (attack results or conversations; SQLite, JSON, JSON Lines, CSV)',
    recognisedBy: '`objective`, `outcome`, `conversation_id`; of SQLite its tables',
    gives: 'attempts and successes by attack, counted by objective',
    limits:
      "an objective is free text: declare `technique`, `surface` and `target`; `undetermined` is an attempt without a verdict; of conversations `true_false` scores are counted, and those on a scale once `threshold` says from which one on it is a leak; what true means is the scorer's (`SelfAskRefusalScorer` says it of what resisted): declare `leaks` (`high`: true is a leak) and, of several, `scorer`, else they are listed; a conversation without such a score is an attempt without a verdict (a scale alone gives none), and an answer that is an error did not resist; hand in the conversations with the application, not those of the attacking or the judging model",
    records: {
      day: 'oldest time stamp',
      declare: 'technique, surface, target, control; of conversations what their scores mean',
    },
  },
  recognise: (head) => (isDatabase(head) || shapeOf(head) ? 0.85 : 0),
  async read(file, context) {
    const reader = new PyritReader(file, context);
    const head = await file.head();
    if (isDatabase(head)) return reader.readDatabase();
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
