import { createHash } from 'node:crypto';
import { z } from 'zod';
import { identifier, sha256Hex } from '../schema.ts';
import { digestOf } from './job.ts';
import type { ObjectStore } from './objects.ts';

/*
 * What lies at a results place:
 *
 *   SYSTEM/ASOF-INPUTS-CONTENT/...       a pack; both digests are in its name, so that two packs never share a place
 *   .probity/records/SYSTEM/INPUTS/ASOF.json   which pack is the one for these inputs on this day: put if absent
 *   .probity/listings/DIGEST.json        the record that a listing of evidence led to
 *
 * A pack counts once a record names it. A worker that is killed between the two leaves a pack that no record names; whoever
 * makes it again removes that one.
 */

const RECORD_BYTES = 64 << 10;
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const folderName = z.string().regex(/^\d{4}-\d{2}-\d{2}-[0-9a-f]{12}-[0-9a-f]{12}$/);

const recordSchema = z.strictObject({
  schema: z.literal('probity/fleet-record/v1'),
  system: identifier,
  /** SHA-256 over all that decides the pack but its date: the assessment, formats, identity, version. */
  inputs: sha256Hex,
  asOf: day,
  /** The folder of the pack, below the system's. */
  pack: folderName,
  /** The date that the pack speaks of. */
  packAsOf: day,
  files: z
    .array(z.strictObject({ name: z.string().regex(/^[\w.-]{1,100}$/), bytes: z.number().int(), sha256: sha256Hex }))
    .max(100),
});
export type PackRecord = z.infer<typeof recordSchema>;

const listingSchema = z.strictObject({ system: identifier, inputs: sha256Hex, asOf: day });

/** Packs at a results place, each by what decides it. */
export class Results {
  #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** Where a record's pack lies, below the results place. */
  static folderOf(record: PackRecord): string {
    return `${record.system}/${record.pack}`;
  }

  /** The record that this listing led to before, if its pack is still there. */
  async ofListing(digest: string): Promise<PackRecord | undefined> {
    const known = await this.#read(`.probity/listings/${digest}.json`, listingSchema);
    return known && this.of(known.system, known.inputs, known.asOf);
  }

  async noteListing(digest: string, { system, inputs, asOf }: PackRecord): Promise<void> {
    await this.#store.put(`.probity/listings/${digest}.json`, json({ system, inputs, asOf }));
  }

  /** The record for these inputs on this day, if its pack is still there. */
  async of(system: string, inputs: string, asOf: string): Promise<PackRecord | undefined> {
    const record = await this.#read(recordName(system, inputs, asOf), recordSchema);
    if (!record || record.system !== system || record.inputs !== inputs || record.asOf !== asOf) return undefined;
    return (await this.#isWhole(record)) ? record : undefined;
  }

  /** The newest record for these inputs from before this day. */
  async before(system: string, inputs: string, asOf: string): Promise<PackRecord | undefined> {
    let newest: string | undefined;
    for await (const { name } of this.#store.list(`.probity/records/${system}/${inputs}/`)) {
      const found = /(\d{4}-\d{2}-\d{2})\.json$/.exec(name)?.[1];
      if (found !== undefined && found < asOf && (newest === undefined || found > newest)) newest = found;
    }
    return newest === undefined ? undefined : this.of(system, inputs, newest);
  }

  /** Says of an earlier pack that it is the one of this day, too. */
  async carry(former: PackRecord, asOf: string): Promise<PackRecord> {
    const record = { ...former, asOf };
    await this.#store.putIfAbsent(recordName(record.system, record.inputs, asOf), json(record));
    return record;
  }

  /**
   * Puts a pack there, once: where somebody else has put one for the same inputs and day, theirs is the one.
   * @param force take the place of what is there
   */
  async put(
    fields: Pick<PackRecord, 'system' | 'inputs' | 'asOf'>,
    files: ReadonlyMap<string, Uint8Array>,
    force: boolean,
  ): Promise<PackRecord> {
    const { system, inputs, asOf } = fields;
    const described = describe(files);
    const prefix = `${asOf}-${inputs.slice(0, 12)}-`;
    const record: PackRecord = {
      schema: 'probity/fleet-record/v1',
      ...fields,
      pack: `${prefix}${contentName(files)}`,
      packAsOf: asOf,
      files: described,
    };
    await this.#store.putFolder(Results.folderOf(record), files);
    const name = recordName(system, inputs, asOf);
    const written = force
      ? await this.#store.put(name, json(record)).then(() => true)
      : await this.#store.putIfAbsent(name, json(record));
    const counts = written ? record : ((await this.of(system, inputs, asOf)) ?? (await this.#replace(name, record)));
    // No record will ever name the others: they are of attempts that did not come to their end, or of this one, too late.
    for (const folder of await this.#store.folders(`${system}/`))
      if (folder.startsWith(prefix) && folder !== counts.pack) await this.#store.removeFolder(`${system}/${folder}`);
    return counts;
  }

  /** A record whose pack is not whole any more counts for nothing. */
  async #replace(name: string, record: PackRecord): Promise<PackRecord> {
    await this.#store.put(name, json(record));
    return record;
  }

  async #isWhole(record: PackRecord): Promise<boolean> {
    const folder = Results.folderOf(record);
    const there = new Map<string, number>();
    for await (const { name, bytes } of this.#store.list(`${folder}/`)) there.set(name.slice(folder.length + 1), bytes);
    return record.files.every(({ name, bytes }) => there.get(name) === bytes);
  }

  async #read<T>(name: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const text = await this.#store.get(name, RECORD_BYTES);
    if (text === undefined) return undefined;
    try {
      return schema.parse(JSON.parse(text.toString('utf8')));
    } catch {
      // What is none of ours says nothing; the pack is made anew.
      return undefined;
    }
  }
}

function describe(files: ReadonlyMap<string, Uint8Array>): PackRecord['files'] {
  return [...files].map(([name, bytes]) => ({
    name,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));
}

/** What the content of files is called, in a folder's name. */
export function contentName(files: ReadonlyMap<string, Uint8Array>): string {
  return digestOf(describe(files)).slice(0, 12);
}

function recordName(system: string, inputs: string, asOf: string): string {
  return `.probity/records/${system}/${inputs}/${asOf}.json`;
}

export function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
