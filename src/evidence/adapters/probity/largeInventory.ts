import { setFlagsFromString } from 'node:v8';
import { ProbityError } from '../../../errors.ts';
import { newReading, type Reading } from '../../adapter.ts';
import type { EvidenceFile } from '../../file.ts';
import { fitted } from '../../fitting.ts';
import type { Located } from '../../observation.ts';
import type { Credential, Entitlement, IdentityBody, ResourceBody, RoleBody } from '../../observations/access.ts';
import { eachValue } from '../../streaming.ts';
import {
  identity,
  inventoryHead,
  observeIdentity,
  observeInventory,
  observeResource,
  observeRole,
  resource,
  role,
} from './accessInventory.ts';

/*
 * An inventory of 100,000 identities with a million entitlements, in JSON: read one entry at a time, and held as compactly
 * as its facts allow. What comes out of it is what the schema of the whole would give.
 */

const LISTS = ['identities', 'roles', 'resources'] as const;
type List = (typeof LISTS)[number];

/** So many different texts are held once for all who use them. */
const MOST_SHARED = 1_000_000;

/** Texts and lists of texts that many entries share. */
class Shared {
  #texts = new Map<string, string>();
  #lists = new Map<string, string[]>();
  #values = new Map<string, unknown>();

  text(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size < MOST_SHARED) this.#texts.set(text, text);
    return text;
  }

  list(texts: readonly string[]): string[] {
    const key = texts.join('\n');
    const known = this.#lists.get(key);
    if (known) return known;
    const made = texts.map((one) => this.text(one));
    if (this.#lists.size < MOST_SHARED && key.length < 200) this.#lists.set(key, made);
    return made;
  }

  /** A small value that many entries have alike. */
  value<T>(value: T): T {
    if (value === undefined) return value;
    const key = JSON.stringify(value);
    const known = this.#values.get(key);
    if (known !== undefined) return known as T;
    if (this.#values.size < MOST_SHARED && key.length < 200) this.#values.set(key, value);
    return value;
  }

  /** An identity whose parts are those of others, where they are alike. */
  identity(found: Located<IdentityBody>): Located<IdentityBody> {
    const { id, name, entitlements, credentials, collected: _day, at, ...rest } = found;
    const parts: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(rest))
      parts[key] = typeof value === 'string' ? this.text(value) : this.value(value);
    const shared: Omit<typeof found, 'collected'> = {
      ...found,
      ...parts,
      name: name === id ? id : name,
      ...(entitlements ? { entitlements: this.entitlements(entitlements) } : {}),
      credentials: credentials.map((one) => this.#credential(one)),
      at,
    };
    return shared;
  }

  #credential(one: Credential): Credential {
    const parts: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(one))
      parts[key] = typeof value === 'string' && key !== 'id' ? this.text(value) : value;
    return { ...one, ...parts };
  }

  /** The same rights with the same actions named once: what may be done to several resources, on all of them. */
  entitlements(all: readonly Entitlement[]): Entitlement[] {
    const by = new Map<string, Entitlement>();
    for (const { actions, resources } of all) {
      const key = actions.join('\n');
      const known = by.get(key);
      const named = resources.map((one) => this.text(one));
      if (known) for (const one of named) known.resources.push(one);
      else by.set(key, { actions: this.list(actions), resources: named });
    }
    // A copy of its own size: lists that grow hold more room than they need.
    return [...by.values()].map(({ actions, resources }) => ({ actions, resources: resources.slice() }));
  }
}

type Body = Located<IdentityBody> | Located<RoleBody> | Located<ResourceBody>;

class Inventory {
  #file: EvidenceFile;
  #shared = new Shared();
  #head: Record<string, unknown> = {};
  #known = {
    identities: new Map<string, number>(),
    roles: new Map<string, number>(),
    resources: new Map<string, number>(),
  };
  #bodies: Record<List, Body[]> = { identities: [], roles: [], resources: [] };
  #fields = new Set<string>();
  #placeholder: (value: unknown, at: string) => { pointer: string; text: string } | undefined;

  constructor(file: EvidenceFile, placeholder: Inventory['placeholder']) {
    this.#file = file;
    this.#placeholder = placeholder;
  }

  get placeholder() {
    return this.#placeholder;
  }

  field(name: string): void {
    if (this.#fields.has(name)) this.#fail('the same key twice', `/${name}`);
    this.#fields.add(name);
    if (!(LISTS as readonly string[]).includes(name)) this.#head[name] ??= undefined;
  }

  take(value: unknown, at: string, key: string | number | undefined): void {
    const blank = this.#placeholder(value, at);
    if (blank) this.#fail(`${blank.text} is a placeholder that nobody has replaced`, blank.pointer);
    const list = LISTS.find((one) => at.startsWith(`/${one}/`));
    if (list === undefined) {
      this.#head[String(key)] = value;
      return;
    }
    if (typeof key !== 'number')
      this.#fail(`AccessInventory/${list}: has to be a list, and is a set of fields`, `/${list}`);
    this.#bodies[list].push(this.#body(list, value, at, key));
  }

  #body(list: List, value: unknown, at: string, index: number): Body {
    // The day stands anywhere in the file; it is put in at the end.
    if (list === 'identities') {
      const found = observeIdentity(fitted(identity, value, this.#file, `an AccessInventory${at}`, at), '', index);
      this.#once(list, found.id, index);
      return this.#shared.identity(found);
    }
    if (list === 'roles') {
      const found = observeRole(fitted(role, value, this.#file, `an AccessInventory${at}`, at), '', index);
      this.#once(list, found.id, index);
      if (found.entitlements) found.entitlements = this.#shared.entitlements(found.entitlements);
      return found;
    }
    const found = observeResource(fitted(resource, value, this.#file, `an AccessInventory${at}`, at), '', index);
    this.#once(list, found.id, index);
    found.id = this.#shared.text(found.id);
    return found;
  }

  #once(list: List, id: string, index: number): void {
    const before = this.#known[list].get(id);
    if (before !== undefined)
      this.#fail(
        `AccessInventory/${list}/${index}/id: the ${list.replace(/ies$/, 'y').replace(/s$/, '')} ${JSON.stringify(id).slice(0, 120)} stands twice, first as number ${before + 1} of the list; merge the two`,
        `/${list}/${index}/id`,
      );
    this.#known[list].set(id, index);
  }

  #fail(message: string, at: string): never {
    throw new ProbityError('EVIDENCE_MALFORMED', message, { where: `${this.#file.path}#${at}` });
  }

  reading(): Reading {
    const head = fitted(inventoryHead, this.#head, this.#file, 'an AccessInventory');
    const { identities } = this.#bodies;
    if (identities.length === 0)
      this.#fail('AccessInventory/identities: has to have at least 1 entries', '/identities');
    const reading = newReading();
    reading.collected = head.collected;
    reading.observations.push(observeInventory(head, identities.length));
    for (const list of LISTS)
      for (const body of this.#bodies[list]) {
        body.collected = head.collected;
        reading.observations.push(body);
      }
    return reading;
  }
}

/**
 * What a million entries leave behind is gathered while it is young; a nursery that has grown to its full size holds on to
 * tens of megabytes of it several times over, and hands more of it on. Stops its growth for the rest of the process.
 */
function holdYoungSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/**
 * Reads an inventory in JSON as a stream.
 * @param placeholder finds what nobody has replaced in a value
 * @throws ProbityError EVIDENCE_MALFORMED with file and pointer
 */
export async function readLargeInventory(
  file: EvidenceFile,
  placeholder: (value: unknown, at: string) => { pointer: string; text: string } | undefined,
): Promise<Reading> {
  holdYoungSmall();
  const inventory = new Inventory(file, placeholder);
  await eachValue(
    file,
    [...Object.keys(inventoryHead.shape).map((name) => `$.${name}`), ...LISTS.map((list) => `$.${list}.*`)],
    (value, at, key) => inventory.take(value, at, key),
    (name) => inventory.field(name),
  );
  return inventory.reading();
}
