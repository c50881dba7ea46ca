import { ProbityError } from '../errors.ts';
import type { SourceDeclaration } from '../workspace/workspace.ts';
import type { Located, ScoresBody } from './observation.ts';

/** A growing column of numbers that never becomes an array of boxed values. */
class Column {
  #values = new Float64Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const grown = new Float64Array(this.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.length++] = value;
  }

  take(): Float64Array {
    return this.#values.slice(0, this.length);
  }
}

/** One record as a file gives it, still as text. */
export interface ScoreRecord {
  score: string;
  isMember: string;
  baselineScore?: string | undefined;
  recordId?: string | undefined;
}

const MEMBER = new Set(['1', '1.0', 'true', 'yes', 'member', 'in', 't']);
const NON_MEMBER = new Set(['0', '0.0', 'false', 'no', 'non-member', 'nonmember', 'out', 'f']);

/** Collects membership scores record by record, whatever file they stand in. */
export class ScoreCollector {
  #path: string;
  #sign: 1 | -1;
  #members = new Column();
  #nonMembers = new Column();
  #baselineMembers = new Column();
  #baselineNonMembers = new Column();
  #ids = new Set<string>();
  #records = 0;
  #recordsWithId = 0;
  #duplicates = 0;

  constructor(path: string, higherMeansMember = true) {
    this.#path = path;
    this.#sign = higherMeansMember ? 1 : -1;
  }

  #fail(place: string, message: string, remedy?: string): never {
    throw new ProbityError('EVIDENCE_MALFORMED', message, { where: `${this.#path}${place}`, ...(remedy ? { remedy } : {}) });
  }

  /** @param place how an error names the record, e.g. `:12` */
  add(record: ScoreRecord, place: string): void {
    const score = this.#number(record.score, 'score', place);
    const label = record.isMember.trim().toLowerCase();
    const member = MEMBER.has(label);
    if (!member && !NON_MEMBER.has(label)) this.#fail(place, `is_member is "${record.isMember.slice(0, 40)}"`, 'Use 1 and 0, or true and false');
    this.addNumbers(score, member, record.baselineScore === undefined ? undefined : this.#number(record.baselineScore, 'baseline score', place));
    if (record.recordId !== undefined) {
      this.#recordsWithId++;
      const before = this.#ids.size;
      this.#ids.add(record.recordId);
      if (this.#ids.size === before) this.#duplicates++;
    }
  }

  addNumbers(score: number, member: boolean, baseline?: number): void {
    this.#records++;
    (member ? this.#members : this.#nonMembers).push(this.#sign * score);
    if (baseline !== undefined) (member ? this.#baselineMembers : this.#baselineNonMembers).push(baseline);
  }

  #number(text: string, what: string, place: string): number {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value))
      this.#fail(place, `the ${what} is "${text.slice(0, 40)}", not a finite number`, 'Remove the record or give it a score; missing scores are not zero');
    return value;
  }

  /** @throws ProbityError EVIDENCE_MALFORMED when a class is missing */
  finish(format: string, declared: Partial<SourceDeclaration>, at: string): Located<ScoresBody> {
    if (this.#records === 0) this.#fail('', 'it holds no scores');
    if (this.#members.length === 0 || this.#nonMembers.length === 0)
      this.#fail(
        '',
        `all ${this.#records} records are ${this.#members.length === 0 ? 'non-members' : 'members'}`,
        'A membership test needs scores of members and of non-members',
      );
    const withBaseline = this.#baselineMembers.length + this.#baselineNonMembers.length;
    if (withBaseline !== 0 && withBaseline !== this.#records) this.#fail('', `${this.#records - withBaseline} records have no baseline score`);
    return {
      kind: 'scores',
      attackClass: 'membership-inference',
      technique: declared.technique ?? 'undeclared',
      surface: declared.surface ?? 'undeclared',
      probe: declared.probe ?? format,
      ...(declared.collected ? { collected: declared.collected } : {}),
      members: this.#members.take(),
      nonMembers: this.#nonMembers.take(),
      ...(withBaseline > 0 ? { baseline: { members: this.#baselineMembers.take(), nonMembers: this.#baselineNonMembers.take() } } : {}),
      ...(this.#recordsWithId === this.#records ? { duplicateRecords: this.#duplicates } : {}),
      ...(declared.duplicates ? { duplicatesDeclared: declared.duplicates } : {}),
      at,
    };
  }
}

/** What to say when scores arrive without their circumstances. */
export function undeclaredWarnings(declared: Partial<SourceDeclaration>): string[] {
  const missing = (['technique', 'surface', 'collected'] as const).filter((name) => declared[name] === undefined);
  if (missing.length === 0) return [];
  return [`${missing.join(', ')} not declared: add this file to sources in probity.yaml, or its scores count for no control`];
}
