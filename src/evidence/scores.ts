import { ProbityError } from '../errors.ts';
import type { SourceDeclaration } from './declaration.ts';
import type { Located } from './observation.ts';
import type { ScorePair, ScoresBody } from './observations/tests.ts';

const FIRST_PIECE = 1 << 10;
const LARGEST_PIECE = 1 << 20;
/** Groups are populations of records, not records. */
const MOST_GROUPS = 50;

/** A growing column of numbers that never becomes an array of boxed values, and never holds much more than its numbers. */
class Column {
  #full: Float64Array[] = [];
  #piece = new Float64Array(FIRST_PIECE);
  #used = 0;
  length = 0;

  push(value: number): void {
    if (this.#used === this.#piece.length) {
      this.#full.push(this.#piece);
      this.#piece = new Float64Array(Math.min(LARGEST_PIECE, this.#piece.length * 2));
      this.#used = 0;
    }
    this.#piece[this.#used++] = value;
    this.length++;
  }

  /** The numbers as one array; the column is empty afterwards. */
  take(): Float64Array {
    const all = new Float64Array(this.length);
    let at = 0;
    for (let piece = this.#full.shift(); piece; piece = this.#full.shift()) {
      all.set(piece, at);
      at += piece.length;
    }
    all.set(this.#piece.subarray(0, this.#used), at);
    this.#piece = new Float64Array(FIRST_PIECE);
    this.#used = 0;
    this.length = 0;
    return all;
  }
}

class PairColumn {
  members = new Column();
  nonMembers = new Column();

  get length(): number {
    return this.members.length + this.nonMembers.length;
  }

  push(value: number, member: boolean): void {
    if (member) this.members.push(value);
    else this.nonMembers.push(value);
  }

  take(): ScorePair {
    return { members: this.members.take(), nonMembers: this.nonMembers.take() };
  }
}

/** What stands for an identifier, whatever its length: two unsigned 32-bit numbers. */
export interface Fingerprint {
  low: number;
  high: number;
}

/** The fingerprint of an identifier that stands in UTF-8. */
export function fingerprintOf(bytes: Uint8Array, from: number, to: number): Fingerprint {
  let low = 0x811c9dc5;
  let high = 0x1b873593;
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number;
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul(high ^ byte ^ (high >>> 15), 0x85ebca6b);
  }
  return { low: (low ^ (low >>> 13)) >>> 0, high: (high ^ (high >>> 16)) >>> 0 };
}

const FINGERPRINTS_A_PIECE = 1 << 16;

/**
 * Which identifiers have been seen, as 64-bit fingerprints: 8 bytes and a little slack each, whatever their length. Two
 * different identifiers among ten million look alike with a chance of about one in a million.
 */
class Fingerprints {
  /** By place: one more than the number of the identifier there; 0 marks an empty place. */
  #places = new Uint32Array(1 << 12);
  /** The halves of each fingerprint, by number, in pieces that are never copied. */
  #pieces: Uint32Array[] = [];
  #count = 0;

  /** @returns the number of the identifier, from 0 in the order in which new ones came, and whether it is new */
  add(low: number, high: number): { number: number; isNew: boolean } {
    if (this.#count * 4 >= this.#places.length * 3) this.#grow();
    const place = this.#find(low, high);
    const known = this.#places[place] as number;
    if (known !== 0) return { number: known - 1, isNew: false };
    const number = this.#count++;
    const at = number % FINGERPRINTS_A_PIECE;
    if (at === 0) this.#pieces.push(new Uint32Array(2 * FINGERPRINTS_A_PIECE));
    const piece = this.#pieces.at(-1) as Uint32Array;
    piece[2 * at] = low;
    piece[2 * at + 1] = high;
    this.#places[place] = number + 1;
    return { number, isNew: true };
  }

  #isAt(number: number, low: number, high: number): boolean {
    const piece = this.#pieces[Math.floor(number / FINGERPRINTS_A_PIECE)] as Uint32Array;
    const at = 2 * (number % FINGERPRINTS_A_PIECE);
    return piece[at] === low && piece[at + 1] === high;
  }

  /** Where a fingerprint is, or would be. */
  #find(low: number, high: number): number {
    const mask = this.#places.length - 1;
    let place = (low ^ Math.imul(high, 0x9e3779b1)) & mask;
    for (let known = this.#places[place]; known && !this.#isAt(known - 1, low, high); known = this.#places[place])
      place = (place + 1) & mask;
    return place;
  }

  #grow(): void {
    this.#places = new Uint32Array(this.#places.length * 2);
    const mask = this.#places.length - 1;
    for (let number = 0; number < this.#count; number++) {
      const piece = this.#pieces[Math.floor(number / FINGERPRINTS_A_PIECE)] as Uint32Array;
      const at = 2 * (number % FINGERPRINTS_A_PIECE);
      let place = ((piece[at] as number) ^ Math.imul(piece[at + 1] as number, 0x9e3779b1)) & mask;
      while (this.#places[place] !== 0) place = (place + 1) & mask;
      this.#places[place] = number + 1;
    }
  }
}

const MEMBER = new Set(['1', '1.0', 'true', 'yes', 'member', 'in', 't']);
const NON_MEMBER = new Set(['0', '0.0', 'false', 'no', 'non-member', 'nonmember', 'out', 'f']);
const CALIBRATION = new Set(['calibration', 'cal', 'calib']);
const EVALUATION = new Set(['evaluation', 'eval']);

/** Where records of a table of scores go, one after the other. Places name a record in errors, e.g. `:12`. */
export interface ScoreSink {
  /** Adds a record. @param baseline NaN when there is none; @param group empty when there is none */
  add(score: number, member: boolean, calibration: boolean, baseline: number, group: string): void;
  /** Notes the last record's identifier, as UTF-8 bytes. */
  identify(bytes: Uint8Array, from: number, to: number): void;
  /** Notes what the last record belongs to: a person with several records, a record scored under several models. */
  cluster(bytes: Uint8Array, from: number, to: number): void;
}

/** Reads what stands in the cells of a table of scores. */
export class ScoreCells {
  #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  #fail(place: string, message: string, remedy: string): never {
    throw new ProbityError('EVIDENCE_MALFORMED', message, { where: `${this.#path}${place}`, remedy });
  }

  /** A score from its text. @throws ProbityError EVIDENCE_MALFORMED when it is not a finite number */
  score(text: string, what: 'score' | 'baseline score', place: string): number {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value))
      this.#fail(
        place,
        `the ${what} is "${text.slice(0, 40)}", not a finite number`,
        /^\s*[-+]?\d*,\d+(?:e[-+]?\d+)?\s*$/i.test(text)
          ? 'Write it with a decimal point instead of the comma'
          : 'Remove the record or give it a score; missing scores are not zero',
      );
    return value;
  }

  /** Whether a label says member. @throws ProbityError EVIDENCE_MALFORMED when it says neither */
  isMember(text: string, place: string): boolean {
    const label = text.trim().toLowerCase();
    if (MEMBER.has(label)) return true;
    if (!NON_MEMBER.has(label))
      this.#fail(place, `is_member is "${text.slice(0, 40)}"`, 'Use 1 and 0, or true and false');
    return false;
  }

  /** Whether a record is for choosing thresholds. @throws ProbityError EVIDENCE_MALFORMED when it says neither */
  isCalibration(text: string, place: string): boolean {
    const label = text.trim().toLowerCase();
    if (CALIBRATION.has(label)) return true;
    if (!EVALUATION.has(label)) this.#fail(place, `split is "${text.slice(0, 40)}"`, 'Use calibration and evaluation');
    return false;
  }
}

/** Collects membership scores record by record, whatever file they stand in. Places name a record in errors, e.g. `:12`. */
export class ScoreCollector implements ScoreSink {
  #path: string;
  #sign: 1 | -1;
  #evaluation = new PairColumn();
  #calibration = new PairColumn();
  #baseline = new PairColumn();
  #groups = new Map<string, PairColumn>();
  #grouped = 0;
  #ids = new Identities();
  #clusters = new Identities();
  #records = 0;
  /** What the last record is, for the identifiers that come after it. */
  #last = { member: false, calibration: false };

  constructor(path: string, higherMeansMember = true) {
    this.#path = path;
    this.#sign = higherMeansMember ? 1 : -1;
  }

  #fail(place: string, message: string, remedy?: string): never {
    throw new ProbityError('EVIDENCE_MALFORMED', message, {
      where: `${this.#path}${place}`,
      ...(remedy ? { remedy } : {}),
    });
  }

  /** Adds a record. @param baseline NaN when there is none; @param group empty when there is none */
  add(score: number, member: boolean, calibration: boolean, baseline: number, group: string): void {
    this.#records++;
    this.#last = { member, calibration };
    const signed = this.#sign * score;
    (calibration ? this.#calibration : this.#evaluation).push(signed, member);
    if (!Number.isNaN(baseline)) this.#baseline.push(baseline, member);
    if (group === '') return;
    this.#grouped++;
    if (calibration) return;
    let column = this.#groups.get(group);
    if (!column) {
      if (this.#groups.size === MOST_GROUPS)
        this.#fail(
          '',
          `there are more than ${MOST_GROUPS} groups`,
          'A group is a population of records; name no column of identifiers as group',
        );
      column = new PairColumn();
      this.#groups.set(group, column);
    }
    column.push(signed, member);
  }

  /** Notes the last record's identifier, as UTF-8 bytes. */
  identify(bytes: Uint8Array, from: number, to: number): void {
    this.#ids.add(fingerprintOf(bytes, from, to), this.#last);
  }

  /** As {@link identify}, by the identifier's fingerprint. */
  identifyBy(fingerprint: Fingerprint): void {
    this.#ids.add(fingerprint, this.#last);
  }

  /** Notes what the last record belongs to: a person with several records, a record scored under several models. */
  cluster(bytes: Uint8Array, from: number, to: number): void {
    this.#clusters.add(fingerprintOf(bytes, from, to), this.#last);
  }

  /** As {@link cluster}, by the fingerprint. */
  clusterBy(fingerprint: Fingerprint): void {
    this.#clusters.add(fingerprint, this.#last);
  }

  /** Which scores belong together, where any do: by the cluster column, else by records that occur more than once. */
  #belonging(): { clusters?: ScorePair } {
    if (this.#clusters.count > 0) return { clusters: this.#clusters.take() };
    return this.#ids.count === this.#records && this.#ids.repeated > 0 ? { clusters: this.#ids.take() } : {};
  }

  /** @throws ProbityError EVIDENCE_MALFORMED when a class is missing, or a column is filled only in part */
  finish(format: string, declared: Partial<SourceDeclaration>, at: string): Located<ScoresBody> {
    if (this.#records === 0) this.#fail('', 'it holds no scores');
    for (const ids of [this.#ids, this.#clusters])
      if (ids.both > 0)
        this.#fail(
          '',
          `${ids.both} ${ids === this.#ids ? 'records' : 'clusters'} are members and non-members at once`,
          'A record was trained on or it was not; split the file by model, or correct the labels',
        );
    if (this.#clusters.count !== 0 && this.#clusters.count !== this.#records)
      this.#fail('', `${this.#records - this.#clusters.count} records have no cluster`);
    for (const [pair, records] of [
      [this.#evaluation, 'records'],
      [this.#calibration, 'calibration records'],
    ] as const) {
      if (pair.length === 0 && pair === this.#calibration) continue;
      if (pair.length === 0) this.#fail('', 'every record is for calibration, and none is left to evaluate');
      if (pair.members.length === 0 || pair.nonMembers.length === 0)
        this.#fail(
          '',
          `all ${pair.length} ${records} are ${pair.members.length === 0 ? 'non-members' : 'members'}`,
          'A membership test needs scores of members and of non-members',
        );
    }
    const withBaseline = this.#baseline.length;
    if (withBaseline !== 0 && withBaseline !== this.#records)
      this.#fail('', `${this.#records - withBaseline} records have no baseline score`);
    if (this.#grouped !== 0 && this.#grouped !== this.#records)
      this.#fail('', `${this.#records - this.#grouped} records have no group`);
    if (withBaseline !== 0 && (this.#baseline.members.length === 0 || this.#baseline.nonMembers.length === 0))
      this.#fail('', 'the baseline scores are of one class only');
    return {
      kind: 'scores',
      subject: 'membership',
      attackClass: 'membership-inference',
      technique: declared.technique ?? 'undeclared',
      surface: declared.surface ?? 'undeclared',
      probe: declared.probe ?? format,
      ...(declared.collected ? { collected: declared.collected } : {}),
      ...this.#evaluation.take(),
      ...(this.#calibration.length > 0 ? { calibration: this.#calibration.take() } : {}),
      ...(withBaseline > 0 ? { baseline: this.#baseline.take() } : {}),
      ...(this.#groups.size > 0
        ? {
            groups: [...this.#groups]
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([group, pair]) => ({ group, ...pair.take() })),
          }
        : {}),
      ...(this.#ids.count === this.#records ? { duplicateRecords: this.#ids.repeated } : {}),
      ...this.#belonging(),
      ...(declared.duplicates ? { duplicatesDeclared: declared.duplicates } : {}),
      at,
    };
  }
}

/** Identifiers of records or clusters, numbered, with who is a member. */
class Identities {
  #fingerprints = new Fingerprints();
  /** By number: 1 seen as a member, 2 as a non-member, 3 as both. */
  #seen = new Uint8Array(1 << 10);
  #numbers = new PairColumn();
  /** How many records have one. */
  count = 0;
  /** How many records repeat one. */
  repeated = 0;
  /** How many are of members and of non-members. */
  both = 0;

  add({ low, high }: Fingerprint, { member, calibration }: { member: boolean; calibration: boolean }): void {
    const { number, isNew } = this.#fingerprints.add(low, high);
    this.count++;
    if (!isNew) this.repeated++;
    if (number >= this.#seen.length) {
      const larger = new Uint8Array(this.#seen.length * 2);
      larger.set(this.#seen);
      this.#seen = larger;
    }
    const before = this.#seen[number] as number;
    const now = before | (member ? 1 : 2);
    if (now === 3 && before !== 3) this.both++;
    this.#seen[number] = now;
    if (!calibration) this.#numbers.push(number, member);
  }

  take(): ScorePair {
    return this.#numbers.take();
  }
}

/** What to say when scores arrive without their circumstances. */
export function undeclaredWarnings(declared: Partial<SourceDeclaration>): string[] {
  const missing = (['technique', 'surface', 'collected'] as const).filter((name) => declared[name] === undefined);
  if (missing.length === 0) return [];
  return [
    `${missing.join(', ')} not declared: add this file to sources in probity.yaml, or its scores count for no control`,
  ];
}
