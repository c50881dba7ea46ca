import { ProbityError } from '../../../errors.ts';
import { AUTHENTICATION_METHODS, RESOURCE_TYPES, RIGHTS, SENSITIVITIES, STAGES, SURFACES } from '../../../terms.ts';
import {
  ACCESS_FIELDS,
  type AccessField,
  type AccessMap,
  CREDENTIAL_FIELDS,
  RIGHTS_FIELDS,
  type SINGLE_FIELDS,
} from '../../accessMap.ts';
import { type Adapter, type AdapterContext, newReading, type Reading } from '../../adapter.ts';
import { csvRows, headerOf } from '../../csv.ts';
import type { EvidenceFile } from '../../file.ts';
import { datedBy } from '../../fitting.ts';
import type { Located } from '../../observation.ts';
import type { Credential, Entitlement, IdentityBody, ResourceBody } from '../../observations/access.ts';
import { tableShape } from '../../records.ts';
import { eachLine, eachValue, entryCounter } from '../../streaming.ts';
import { AccessCells, type Cell } from './cells.ts';

/*
 * A listing of identities as any tool exports it: a table with commas, semicolons or tabs, a JSON list of flat objects or
 * JSON Lines. Which column is what stands under `access` in the workspace; what no column says is unknown.
 */

const OWNER_STATUSES = ['current', 'left'] as const;

type Row = ReadonlyMap<AccessField, Cell>;

/** An identity while its rows are put together. */
interface Entry {
  body: Located<IdentityBody>;
  single: Map<string, { said: string; place: string }>;
  credentials: Map<string, string>;
  /** What its rows add, to tell a further row from one that stands twice. */
  rows: Set<string>;
  first: string;
}

class AccessTable {
  readonly #file: EvidenceFile;
  readonly #map: AccessMap;
  readonly #cells: AccessCells;
  readonly #entries = new Map<string, Entry>();
  readonly #resources = new Map<string, { body: Located<ResourceBody>; said: string; place: string }>();
  readonly #unused = new Set<string>();
  /** Of JSON, fields whose column no object has had so far; a header says it of a table at once. */
  readonly #unseen: Map<AccessField, string>;

  constructor(file: EvidenceFile, map: AccessMap) {
    this.#file = file;
    this.#map = map;
    this.#cells = new AccessCells(file.path, map);
    this.#unseen = new Map(fieldsOf(map));
  }

  #fail(message: string, place: string, remedy: string): never {
    throw new ProbityError('EVIDENCE_MALFORMED', message, { where: `${this.#file.path}${place}`, remedy });
  }

  async readTable(): Promise<void> {
    let columns: [AccessField, number, string][] | undefined;
    const count = entryCounter(this.#file);
    for await (const { line, cells } of csvRows(this.#file)) {
      if (!columns) {
        this.#unseen.clear();
        columns = this.#columnsOf(cells.map((name) => name.trim()));
        continue;
      }
      count();
      const place = `:${line}`;
      const row = columns.map(([field, index, column]): [AccessField, Cell] => [
        field,
        { field, text: cells[index] ?? '', column, place },
      ]);
      this.#row(new Map(row), `line ${line}`, place);
    }
  }

  #columnsOf(header: readonly string[]): [AccessField, number, string][] {
    const used = new Set(Object.values(this.#map.columns));
    for (const name of header) if (name !== '' && !used.has(name)) this.#unused.add(name);
    return fieldsOf(this.#map).map(([field, column]) => {
      const index = header.indexOf(column);
      if (index === -1)
        this.#fail(
          `there is no column "${column}" (for ${field}) among: ${header.slice(0, 20).join(', ').slice(0, 300)}`,
          ':1',
          'Correct access.columns in its entry under sources in probity.yaml',
        );
      if (header.lastIndexOf(column) !== index)
        this.#fail(`two columns are called "${column}"`, ':1', 'Rename one, so that it is clear which is meant');
      return [field, index, column];
    });
  }

  async readJson(): Promise<void> {
    await eachValue(this.#file, ['$.*'], (value, at, key) => {
      if (typeof key !== 'number')
        this.#fail('an object, and a listing is a list of objects', '#', 'Hand in the list within it by itself');
      this.#object(value, at, `#${at}`);
    });
  }

  async readLines(): Promise<void> {
    await eachLine(this.#file, (value, at) => this.#object(value, at, `:${at.replace('line ', '')}`));
  }

  #object(value: unknown, at: string, place: string): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      this.#fail(
        'not an object with the fields of an identity',
        place,
        'Give a list of objects, one for each identity',
      );
    const used = new Set(Object.values(this.#map.columns).map((column) => topOf(value, column)));
    for (const key of Object.keys(value)) if (!used.has(key) && this.#unused.size < 1000) this.#unused.add(key);
    const row = fieldsOf(this.#map).map(([field, column]): [AccessField, Cell] => {
      const found = valueAt(value, column);
      if (found !== undefined) this.#unseen.delete(field);
      const texts = textsOf(found);
      if (!texts)
        this.#fail(
          `"${column}" (for ${field}) is a set of fields`,
          place,
          `Name the field within it with a dot: "${column}.name"`,
        );
      return [
        field,
        { field, text: texts.join(', '), ...(Array.isArray(found) ? { parts: texts } : {}), column, place },
      ];
    });
    this.#row(new Map(row), at, place);
  }

  #row(row: Row, at: string, place: string): void {
    const id = this.#cells.id(row.get('id'), place);
    const known = this.#entries.get(id);
    const entry = known ?? this.#begin(id, at, place);
    this.#entries.set(id, entry);
    const added = JSON.stringify([...row].map(([field, { text }]) => [field, text.trim()]));
    if (entry.rows.has(added))
      this.#fail(
        `${JSON.stringify(id).slice(0, 120)} stands twice with the same values, first at ${entry.first}`,
        place,
        'Take one of the two rows out, or name the column in which they differ',
      );
    entry.rows.add(added);
    this.#single(entry, row, place);
    this.#several(entry, row);
    this.#rights(entry, row, at, place);
    this.#credential(entry, row);
  }

  #begin(id: string, at: string, place: string): Entry {
    const { columns, complete } = this.#map;
    return {
      body: {
        kind: 'identity',
        id,
        name: id,
        type: 'unknown',
        statesOwners: columns.owner !== undefined,
        active: true,
        statesActive: false,
        ...(columns.lastUsed === undefined ? { statesUse: false } : {}),
        credentials: [],
        statesCredentials: complete?.includes('credentials') ?? false,
        ...(complete?.includes('rights') ? { entitlements: [] } : { unevaluated: ['unlisted'] }),
        at,
      },
      single: new Map(),
      credentials: new Map(),
      rows: new Set(),
      first: place.slice(1),
    };
  }

  /** Fields with one value: rows of one identity have to agree where they say something. */
  #single({ body, single }: Entry, row: Row, place: string): void {
    const cells = this.#cells;
    const once = <T>(field: (typeof SINGLE_FIELDS)[number], value: T | undefined, use: (value: T) => void): void => {
      if (value === undefined) return;
      const said = JSON.stringify(value);
      const before = single.get(field);
      if (before !== undefined && before.said !== said)
        this.#fail(
          `${JSON.stringify(body.id).slice(0, 120)} has ${field} ${said.slice(0, 60)} here and ${before.said.slice(0, 60)} at ${before.place}`,
          place,
          'Correct one of the two rows; one identity has one of these',
        );
      if (before !== undefined) return;
      single.set(field, { said, place: place.slice(1) });
      use(value);
    };
    once('name', cells.text(row.get('name')), (name) => {
      body.name = name;
    });
    once('type', cells.type(row.get('type')), (type) => {
      body.type = type;
      body.statesType = true;
    });
    // A word that says that there is none says that there is no owner.
    once('owner', cells.isNone(row.get('owner')) ? undefined : cells.text(row.get('owner')), (owner) => {
      body.owner = owner;
    });
    once('ownerStatus', cells.word(row.get('ownerStatus'), OWNER_STATUSES), (status) => {
      body.ownerStatus = status;
    });
    once('active', cells.boolean(row.get('active')), (active) => {
      body.active = active;
      body.statesActive = true;
    });
    once('created', cells.date(row.get('created')), (created) => {
      body.created = created;
    });
    once('lastUsed', cells.date(row.get('lastUsed')), (lastUsed) => {
      body.lastUsed = lastUsed;
    });
    for (const field of ['admin', 'root', 'mfa'] as const)
      once(field, cells.boolean(row.get(field)), (value) => {
        body[field] = value;
      });
    once('interactive', cells.boolean(row.get('interactive')), (enabled) => {
      body.interactive = { enabled };
    });
    once('authentication', cells.word(row.get('authentication'), AUTHENTICATION_METHODS), (method) => {
      body.authentication = { method };
    });
    once('vendor', cells.isNone(row.get('vendor')) ? undefined : cells.text(row.get('vendor')), (vendor) => {
      body.thirdParty = { vendor, statesReviews: this.#map.columns.reviewed !== undefined };
    });
    once('reviewed', cells.date(row.get('reviewed')), (reviewed) => {
      if (body.thirdParty) body.thirdParty.reviewed = reviewed;
    });
  }

  /** Lists to which every row may add. */
  #several({ body }: Entry, row: Row): void {
    const cells = this.#cells;
    const scopes = cells.list(row.get('scopes'));
    if (body.thirdParty && scopes) body.thirdParty.scopes = together(body.thirdParty.scopes, scopes);
    const reaches = cells.words(row.get('reaches'), SURFACES);
    if (reaches) body.reaches = together(body.reaches, reaches);
    const stages = cells.words(row.get('stages'), STAGES);
    if (stages) body.stages = together(body.stages, stages);
    const rights = cells.words(row.get('rights'), RIGHTS);
    if (rights) body.rights = together(body.rights, rights);
    for (const field of ['workloads', 'environments', 'tenants'] as const) {
      const users = cells.list(row.get(field), 200);
      if (users) body.usedBy = { ...body.usedBy, [field]: together(body.usedBy?.[field], users) };
    }
    for (const field of ['roles', 'assumes'] as const) {
      const names = cells.list(row.get(field));
      if (names) body[field] = together(body[field], names);
    }
  }

  /** What may be done on what, by the row; where one of the two is missing, there may be more than is listed. */
  #rights({ body }: Entry, row: Row, at: string, place: string): void {
    const cells = this.#cells;
    const resources = cells.wide(row.get('resources'));
    const actions = cells.wide(row.get('actions'));
    const [on, may] = [resources ?? [], actions ?? []];
    if (on.length > 0) {
      const right: Entitlement = { actions: may.length > 0 ? may : [UNSTATED], resources: on };
      body.entitlements = [...(body.entitlements ?? []), right];
    }
    const unknown = RIGHTS_FIELDS.some((field) => cells.isUnknown(row.get(field)));
    if (unknown || on.length > 0 !== may.length > 0) body.unevaluated = ['unlisted'];
    this.#resource(row, on, at, place);
  }

  #resource(row: Row, ids: readonly string[], at: string, place: string): void {
    const type = this.#cells.word(row.get('resourceType'), RESOURCE_TYPES);
    const surface = this.#cells.word(row.get('resourceSurface'), SURFACES);
    const sensitivity = this.#cells.word(row.get('sensitivity'), SENSITIVITIES) ?? 'unstated';
    // What kind of thing it is decides which right goes with it, so without it there is no resource to speak of.
    if (type === undefined) return;
    for (const id of ids.filter((one) => !one.includes('*'))) {
      const said = JSON.stringify([type, surface, sensitivity]);
      const before = this.#resources.get(id);
      if (before !== undefined && before.said !== said)
        this.#fail(
          `the resource ${JSON.stringify(id).slice(0, 120)} is described otherwise at ${before.place}`,
          place,
          'Correct one of the two rows; one resource has one type, surface and sensitivity',
        );
      if (before !== undefined) continue;
      const body: Located<ResourceBody> = {
        kind: 'resource',
        id,
        type,
        ...(surface ? { surface } : {}),
        sensitivity,
        at,
      };
      this.#resources.set(id, { body, said, place: place.slice(1) });
    }
  }

  #credential({ body, credentials }: Entry, row: Row): void {
    const cells = this.#cells;
    const cell = (field: (typeof CREDENTIAL_FIELDS)[number]): Cell | undefined => row.get(field);
    if (CREDENTIAL_FIELDS.some((field) => cells.isUnknown(cell(field)))) body.statesCredentials = false;
    const none = (['credentialId', 'credentialType'] as const).map(cell).find((one) => cells.isNone(one));
    const id = none ? undefined : cells.text(cell('credentialId'));
    const type = none ? undefined : cells.text(cell('credentialType'), 80);
    const active = cells.boolean(cell('credentialActive'));
    const created = cells.date(cell('credentialCreated'));
    const expires = cells.expiry(cell('credentialExpires'));
    const lastUsed = cells.date(cell('credentialLastUsed'));
    if (none) {
      if (active !== true && [created, lastUsed].every((one) => one === undefined)) return;
      cells.fail(none, 'and its row tells of a credential', 'Correct the row, or say under values what the word means');
    }
    // That something is not active says nothing of anything.
    if (active !== true && [id, type, created, expires, lastUsed].every((one) => one === undefined)) return;
    const credential: Credential = {
      id: id ?? `${body.id}/credential-${body.credentials.length + 1}`.slice(-200),
      type: type ?? 'credential',
      active: active ?? true,
      ...(created ? { created } : {}),
      ...(expires ? { expires } : {}),
      ...(lastUsed ? { lastUsed } : {}),
      ...(this.#map.columns.credentialLastUsed === undefined ? { statesUse: false } : {}),
    };
    const { id: named, ...rest } = credential;
    const said = JSON.stringify(id === undefined ? rest : credential);
    // Rows that differ in something else tell of the same credential again.
    const before = credentials.get(id ?? said);
    if (before === said) return;
    if (before !== undefined)
      this.#fail(
        `the credential ${JSON.stringify(named).slice(0, 120)} of ${JSON.stringify(body.id).slice(0, 120)} is described twice and not alike`,
        cell('credentialId')?.place ?? '',
        'Correct one of the two rows',
      );
    credentials.set(id ?? said, said);
    body.credentials.push(credential);
  }

  finish(context: AdapterContext): Reading {
    const { path } = this.#file;
    if (this.#entries.size === 0)
      throw new ProbityError('EVIDENCE_MALFORMED', 'it lists no identity, only the names of columns', {
        where: path,
        remedy: 'Hand in a listing with rows; an empty one shows nothing',
      });
    // A name that is misspelt would make all that it should hold look like none.
    const [unseen] = this.#unseen;
    if (unseen)
      this.#fail(
        `no object has "${unseen[1]}" (for ${unseen[0]})`,
        '',
        'Correct access.columns in its entry under sources in probity.yaml, or take out what the listing does not have',
      );
    const reading = newReading();
    const dated = datedBy(reading, context, undefined, 'the listing');
    const { thirdParties, columns, complete } = this.#map;
    const whole = RIGHTS_FIELDS.filter((field) => columns[field] !== undefined);
    reading.observations.push({
      kind: 'inventory',
      identities: this.#entries.size,
      ...(thirdParties ? { thirdParties } : {}),
      ...dated,
      at: '',
    });
    for (const { body } of this.#entries.values()) reading.observations.push({ ...body, ...dated });
    for (const { body } of this.#resources.values()) reading.observations.push({ ...body, ...dated });
    if (this.#unused.size > 0)
      reading.warnings.push(
        `columns that access.columns does not name are not used: ${[...this.#unused].slice(0, 40).join(', ').slice(0, 600)}`,
      );
    const open = [
      ...(CREDENTIAL_FIELDS.some((field) => columns[field] !== undefined) && !complete?.includes('credentials')
        ? ['credentials']
        : []),
      ...(whole.length > 0 && !complete?.includes('rights') ? ['rights'] : []),
    ];
    if (open.length > 0)
      reading.warnings.push(
        `nothing says that it lists all ${open.join(' and ')} of its identities, so they can fail a control and not pass one; where it does, declare complete: [${open.join(', ')}] beside columns`,
      );
    return reading;
  }
}

/** What may be done where the table names a resource and not what for. */
const UNSTATED = '(not stated)';

function together<T>(before: readonly T[] | undefined, more: readonly T[]): T[] {
  return [...new Set([...(before ?? []), ...more])];
}

function fieldsOf({ columns }: AccessMap): [AccessField, string][] {
  return ACCESS_FIELDS.flatMap((field): [AccessField, string][] => {
    const column = columns[field];
    return column === undefined ? [] : [[field, column]];
  });
}

/** The key of an object that a column lies in. */
function topOf(value: object, column: string): string {
  return Object.hasOwn(value, column) ? column : (column.split('.')[0] ?? column);
}

/** The value of a key, or of a key within, by a name with dots. */
function valueAt(value: object, column: string): unknown {
  if (Object.hasOwn(value, column)) return Reflect.get(value, column);
  let at: unknown = value;
  for (const step of column.split('.')) {
    if (typeof at !== 'object' || at === null || Array.isArray(at) || !Object.hasOwn(at, step)) return undefined;
    at = Reflect.get(at, step);
  }
  return at;
}

/** A value as texts, one each of a list; undefined for what has fields. */
function textsOf(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) {
    const texts = value.map(textsOf);
    return texts.every((one) => one !== undefined) ? texts.flat() : undefined;
  }
  return typeof value === 'object' ? undefined : [String(value)];
}

export const adapter: Adapter = {
  format: 'access-table',
  title: 'Listing of identities whose columns the workspace names (CSV, JSON list, JSON Lines)',
  about: {
    group: 'access',
    files:
      'any listing of identities: CSV with commas, semicolons or tabs, a JSON list of objects, JSON Lines (a draft of the map: `probity evidence map FILE`)',
    recognisedBy: '`access` under `sources`',
    gives:
      'what its columns say of identities, their credentials and rights, and of the resources in it; several rows of one identity are put together',
    limits:
      'what no column says is unknown; credentials and rights pass nothing unless `complete` says that all are listed; a word or date that can be read in two ways rejects the file',
  },
  recognise(head, { access }): number {
    if (access === undefined) return 0;
    const shape = tableShape(head);
    if (shape === undefined) return 0;
    const id = access.columns.id ?? '';
    const named = shape === 'table' ? headerOf(head.text).includes(id) : head.text.includes(`"${id.split('.')[0]}"`);
    // What another adapter knows for its own, it knows better.
    return named ? 0.94 : 0.2;
  },
  async read(file, context) {
    const { access } = context.declared;
    if (!access) throw new ProbityError('EVIDENCE_MALFORMED', 'no columns are declared for it', { where: file.path });
    const listing = new AccessTable(file, access);
    const shape = tableShape(await file.head());
    if (shape === 'json') await listing.readJson();
    else if (shape === 'lines') await listing.readLines();
    else await listing.readTable();
    return listing.finish(context);
  },
};
