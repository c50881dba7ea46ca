import { visible, visibleLines } from '../visible.ts';
import { redactText } from './secrets.ts';

/* What of leaked answers is shown, where that was asked for: a few, cut short, masked, and safe to carry. */

/** An answer by which an attack got what it was after. */
export interface Example {
  /** Its beginning, masked unless that was declined, with what could not be seen shown by its code point. */
  text: string;
  /** Its place in the file, in the words of a source. */
  at: string;
  /** Present when the answer goes on. */
  cut?: true;
}

/** So many are kept of one measurement. */
export const MOST_EXAMPLES = 3;
/** So long is one, in UTF-16 units. */
export const LONGEST_EXAMPLE = 500;
/** So many are kept of one file, whatever it holds. */
const MOST_OF_A_FILE = 1000;
/** So much of an answer is looked at, and so much of its end is left out: a secret that is cut in two has lost its shape. */
const WINDOW = 4000;
const DOUBTFUL = 300;

/** Keeps examples of one file. Adapters are given it only where content was asked for. */
export class Content {
  readonly #redact: boolean;
  #left = MOST_OF_A_FILE;

  constructor(redact: boolean) {
    this.#redact = redact;
  }

  /**
   * What is held of a measurement, with one more where there is room.
   * @param answer as the tool wrote it: a text, a message, or a list of messages, of which the last answer counts
   */
  keep(held: Example[], answer: unknown, at: string): Example[] {
    if (held.length >= MOST_EXAMPLES) return held;
    const example = this.example(answer, at);
    return example ? [...held, example] : held;
  }

  /** One answer as it is shown; undefined where there is none, or so many are held that no more are wanted. */
  example(answer: unknown, at: string): Example | undefined {
    const all = this.#left > 0 ? answerText(answer) : undefined;
    if (all === undefined) return undefined;
    const seen = all.slice(0, WINDOW);
    const whole = seen.length === all.length;
    const masked = this.#redact ? redactText(visibleLines(seen)) : seen;
    const text = visible(whole || !this.#redact ? masked : masked.slice(0, -DOUBTFUL));
    if (masked.trim() === '' || text === '') return undefined;
    const cut = !whole || text.length > LONGEST_EXAMPLE;
    // Half of a pair at the end would be no character.
    const shown = text.slice(0, LONGEST_EXAMPLE).replace(/[\ud800-\udbff]$/, '');
    this.#left--;
    return { text: shown, at, ...(cut ? { cut: true } : {}) };
  }
}

/** So deep lies the text in a message. */
const DEEPEST = 6;

/** The text of an answer, in the forms in which tools write one; undefined where there is none. */
function answerText(answer: unknown, depth = 0): string | undefined {
  if (typeof answer === 'string') return answer;
  if (typeof answer !== 'object' || answer === null || depth > DEEPEST) return undefined;
  if (Array.isArray(answer)) return lastAnswer(answer, depth + 1);
  for (const key of ['text', 'content', 'converted_value', 'message', 'completion', 'choices'])
    if (Object.hasOwn(answer, key)) {
      const found = answerText(Reflect.get(answer, key), depth + 1);
      if (found !== undefined && found !== '') return found;
    }
  return undefined;
}

/** Of messages the last one of the application; of parts of one message all their texts. */
function lastAnswer(list: readonly unknown[], depth: number): string | undefined {
  const isMessage = (one: unknown): one is object =>
    typeof one === 'object' && one !== null && Object.hasOwn(one, 'role');
  if (list.some(isMessage))
    return answerText(
      list.findLast((one) => isMessage(one) && Reflect.get(one, 'role') === 'assistant'),
      depth,
    );
  const texts = list.flatMap((one) => answerText(one, depth) ?? []);
  return texts.length > 0 ? texts.join(' ') : undefined;
}
