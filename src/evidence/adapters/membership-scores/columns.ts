import { z } from 'zod';
import { ProbityError } from '../../../errors.ts';
import { check, firstIssue } from '../../../schema.ts';
import type { PartBody } from '../../adapter.ts';
import { type Fingerprint, fingerprintOf, type ScoreCollector, type ScoreSink } from '../../scores.ts';

/*
 * A table of scores as columns, in the order of its rows. Columns of consecutive parts, one after the other, are the columns
 * of the table, whatever is measured of it: order, pairs and identifiers are all there.
 */

const MEMBER = 1;
const CALIBRATION = 2;
const IDENTIFIED = 4;
const CLUSTERED = 8;
/** Groups are populations of records, not records; the number 0 stands for none. */
const MOST_GROUPS = 50;

const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/);
const bodySchema = z.strictObject({
  rows: z.number().int().min(0),
  /** Little-endian doubles in base64, a row each, as in the file. */
  scores: base64,
  /** A byte a row: 1 member, 2 for calibration, 4 has an identifier, 8 has a cluster. */
  flags: base64,
  /** As the scores; not a number where a row has none. */
  baseline: base64.optional(),
  /** A byte a row: the number of its group from 1, in the order of `names`. */
  groups: z.strictObject({ names: z.array(z.string().max(1000)).max(MOST_GROUPS), of: base64 }).optional(),
  /** Fingerprints of identifiers and of clusters: two unsigned 32-bit numbers for each row that has one. */
  records: base64.optional(),
  clusters: base64.optional(),
});
type Body = z.infer<typeof bodySchema>;

/** A growing typed array. */
class Growing<A extends Float64Array | Uint32Array | Uint8Array> {
  #values: A;
  #grown: (length: number) => A;
  length = 0;

  constructor(grown: (length: number) => A) {
    this.#grown = grown;
    this.#values = grown(1 << 10);
  }

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = this.#grown(this.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  or(flag: number): void {
    this.#values[this.length - 1] = (this.#values[this.length - 1] ?? 0) | flag;
  }

  base64(): string {
    const { buffer, byteOffset, BYTES_PER_ELEMENT } = this.#values;
    return Buffer.from(buffer, byteOffset, this.length * BYTES_PER_ELEMENT).toString('base64');
  }

  at(index: number): number {
    return this.#values[index] as number;
  }
}

const doubles = (): Growing<Float64Array> => new Growing((length) => new Float64Array(length));
const bytes = (): Growing<Uint8Array> => new Growing((length) => new Uint8Array(length));
const words = (): Growing<Uint32Array> => new Growing((length) => new Uint32Array(length));

/** The columns of a table of scores, or of a part of one. */
export class ScoreColumns implements ScoreSink {
  #path: string;
  #scores = doubles();
  #flags = bytes();
  #baseline = doubles();
  #hasBaseline = false;
  #groups = bytes();
  #names: string[] = [];
  #records = words();
  #clusters = words();

  constructor(path: string) {
    this.#path = path;
  }

  add(score: number, member: boolean, calibration: boolean, baseline: number, group: string): void {
    this.#scores.push(score);
    this.#flags.push((member ? MEMBER : 0) | (calibration ? CALIBRATION : 0));
    this.#baseline.push(baseline);
    if (!Number.isNaN(baseline)) this.#hasBaseline = true;
    this.#groups.push(group === '' ? 0 : this.#numberOf(group));
  }

  #numberOf(group: string): number {
    const known = this.#names.indexOf(group);
    if (known !== -1) return known + 1;
    if (this.#names.length === MOST_GROUPS)
      throw new ProbityError('EVIDENCE_MALFORMED', `there are more than ${MOST_GROUPS} groups`, {
        where: this.#path,
        remedy: 'A group is a population of records; name no column of identifiers as group',
      });
    return this.#names.push(group);
  }

  identify(text: Uint8Array, from: number, to: number): void {
    this.#note(fingerprintOf(text, from, to), this.#records, IDENTIFIED);
  }

  cluster(text: Uint8Array, from: number, to: number): void {
    this.#note(fingerprintOf(text, from, to), this.#clusters, CLUSTERED);
  }

  #note({ low, high }: Fingerprint, into: Growing<Uint32Array>, flag: number): void {
    into.push(low);
    into.push(high);
    this.#flags.or(flag);
  }

  /** As plain data. */
  body(): Body {
    return {
      rows: this.#scores.length,
      scores: this.#scores.base64(),
      flags: this.#flags.base64(),
      ...(this.#hasBaseline ? { baseline: this.#baseline.base64() } : {}),
      ...(this.#names.length > 0 ? { groups: { names: this.#names, of: this.#groups.base64() } } : {}),
      ...(this.#records.length > 0 ? { records: this.#records.base64() } : {}),
      ...(this.#clusters.length > 0 ? { clusters: this.#clusters.base64() } : {}),
    };
  }

  /** Columns out of plain data. @throws ProbityError EVIDENCE_MALFORMED */
  static from(body: unknown, where: string): ScoreColumns {
    const columns = new ScoreColumns(where);
    columns.append(body, where);
    return columns;
  }

  /** Adds the rows of plain data behind those that are there. @throws ProbityError EVIDENCE_MALFORMED */
  append(body: unknown, where: string): void {
    const refuse = (message: string): never => {
      throw new ProbityError('EVIDENCE_MALFORMED', `what it says of scores does not fit: ${message}`, {
        where: `${where}#/body`,
        remedy: 'Make it again with: probity evidence summarise',
      });
    };
    const parsed = check(bodySchema, body);
    const { rows, groups, ...columns } = parsed.success ? parsed.data : refuse(firstIssue(parsed.error).message);
    const scores = Buffer.from(columns.scores, 'base64');
    const flags = Buffer.from(columns.flags, 'base64');
    const baseline = columns.baseline === undefined ? undefined : Buffer.from(columns.baseline, 'base64');
    const of = groups && Buffer.from(groups.of, 'base64');
    const records = Buffer.from(columns.records ?? '', 'base64');
    const clusters = Buffer.from(columns.clusters ?? '', 'base64');
    if (
      scores.length !== 8 * rows ||
      flags.length !== rows ||
      (baseline && baseline.length !== 8 * rows) ||
      (of && of.length !== rows)
    )
      refuse('its columns are not of one length');
    let [record, cluster] = [0, 0];
    for (let i = 0; i < rows; i++) {
      const score = scores.readDoubleLE(8 * i);
      const flag = flags[i] ?? 0;
      const group = of?.[i] ?? 0;
      if (!Number.isFinite(score) || flag > 15 || group > (groups?.names.length ?? 0)) refuse(`row ${i} is none`);
      const against = baseline ? baseline.readDoubleLE(8 * i) : Number.NaN;
      if (Math.abs(against) === Number.POSITIVE_INFINITY) refuse(`row ${i} is none`);
      this.add(
        score,
        (flag & MEMBER) !== 0,
        (flag & CALIBRATION) !== 0,
        against,
        group === 0 ? '' : (groups?.names[group - 1] ?? ''),
      );
      if (flag & IDENTIFIED) {
        if (record + 8 > records.length) refuse('identifiers are missing');
        this.#note(
          { low: records.readUInt32LE(record), high: records.readUInt32LE(record + 4) },
          this.#records,
          IDENTIFIED,
        );
        record += 8;
      }
      if (flag & CLUSTERED) {
        if (cluster + 8 > clusters.length) refuse('clusters are missing');
        this.#note(
          { low: clusters.readUInt32LE(cluster), high: clusters.readUInt32LE(cluster + 4) },
          this.#clusters,
          CLUSTERED,
        );
        cluster += 8;
      }
    }
    if (record !== records.length || cluster !== clusters.length) refuse('there are more identifiers than rows have');
  }

  /** Gives the rows to a collector, one after the other, as if they were read from the table. */
  replay(into: ScoreCollector): void {
    let [record, cluster] = [0, 0];
    for (let i = 0; i < this.#scores.length; i++) {
      const flag = this.#flags.at(i);
      const group = this.#groups.at(i);
      into.add(
        this.#scores.at(i),
        (flag & MEMBER) !== 0,
        (flag & CALIBRATION) !== 0,
        this.#baseline.at(i),
        group === 0 ? '' : (this.#names[group - 1] ?? ''),
      );
      if (flag & IDENTIFIED) into.identifyBy({ low: this.#records.at(record++), high: this.#records.at(record++) });
      if (flag & CLUSTERED) into.clusterBy({ low: this.#clusters.at(cluster++), high: this.#clusters.at(cluster++) });
    }
  }
}

/** The columns of consecutive parts as those of one. @throws ProbityError EVIDENCE_MALFORMED */
export function mergeColumns(bodies: readonly PartBody[]): Body {
  const columns = new ScoreColumns(bodies[0]?.where ?? '');
  for (const { body, where } of bodies) columns.append(body, where);
  return columns.body();
}
