import {
  decode,
  dictOf,
  entryOf,
  listOf,
  nameOf,
  objectOf,
  objectStream,
  type PdfFile,
  readObject,
  resolve,
  type Section,
} from './pdfReader.ts';
import {
  type Cursor,
  canonicalValue,
  expectWord,
  isKind,
  isList,
  isSpace,
  latin1,
  type PdfDict,
  type PdfRef,
  type PdfValue,
  parseValue,
  skipSpace,
  takeWhole,
  takeWord,
  Unreadable,
} from './pdfSyntax.ts';

/*
 * What was done to a PDF after a signature. Every byte behind the signed ones must belong to an object that its revision's table
 * lists, to the table, its trailer, `startxref` or `%%EOF`; and what the objects change must be on a closed list: a signature in
 * a field that stood empty, validation data, an archive time-stamp. The rest is named for what it does, after Mladenov et al.
 * 2019 ("1 Trillion Dollar Refund") and 2021 ("Shadow Attacks").
 */

export interface LaterChanges {
  /** What was rightly added, in words. */
  added: string[];
  /** What must not have happened. */
  problems: string[];
}

const MOST_REVISIONS = 200;
const UNVOUCHED = 'it was changed after signing in a way nothing can vouch for';

/** What each revision did, by its section; a revision is looked at once however many signatures come before it. */
export type Revisions = Map<number, LaterChanges>;

/**
 * What the revisions after the first `end` bytes, which a signature covers, did to them.
 * @param end one past the last byte the signature covers
 */
export function changesAfter(file: PdfFile, end: number, known: Revisions): LaterChanges {
  let signed: number;
  try {
    const start = startOf(file.bytes, end);
    signed = file.sections.findIndex(({ offset }) => offset === start);
    if (signed === -1)
      return refused('what readers follow from the end of the file passes by the signed revision (signature wrapping)');
    const own = endOf(file, signed);
    if (own > end || !onlySpace(file.bytes, own, end))
      return refused('the signature does not end where its revision does');
  } catch (error) {
    if (error instanceof Unreadable)
      return refused(`the revision that was signed cannot be read on its own: ${error.message}`);
    throw error;
  }
  if (signed > MOST_REVISIONS) return refused(`it has more than ${MOST_REVISIONS} later revisions`);
  const found: LaterChanges = { added: [], problems: [] };
  for (let section = signed - 1; section >= 0; section--) {
    const changes = known.get(section) ?? judge(file, section);
    known.set(section, changes);
    found.added.push(...changes.added);
    found.problems.push(...changes.problems);
  }
  found.problems.push(...behindTheLast(file));
  return { added: [...new Set(found.added)], problems: [...new Set(found.problems)] };
}

function refused(why: string): LaterChanges {
  return { added: [], problems: [`${UNVOUCHED}: ${why}`] };
}

function judge(file: PdfFile, section: number): LaterChanges {
  try {
    const unaccounted = accountFor(file, section);
    if (unaccounted.length > 0) return { added: [], problems: unaccounted };
    const { added, problems } = compare(file, section);
    return { added, problems: [...trailerProblems(file, section), ...problems] };
  } catch (error) {
    if (error instanceof Unreadable) return refused(error.message);
    throw error;
  }
}

/** The offset that `startxref` states just before a place. @throws Unreadable */
function startOf(bytes: Uint8Array, end: number): number {
  const tail = /startxref[\0\t\n\f\r ]+(\d{1,15})[\0\t\n\f\r ]+%%EOF[\0\t\n\f\r ]*$/.exec(
    latin1(bytes, Math.max(0, end - 200), end),
  );
  if (!tail) throw new Unreadable('it does not end with startxref and %%EOF');
  return Number(tail[1]);
}

function cursorAt(file: PdfFile, at: number): Cursor {
  return { bytes: file.bytes, at, end: file.bytes.length, comments: false };
}

/** One past the `%%EOF` of a revision, which follows its trailer with nothing between but `startxref`. @throws Unreadable */
function endOf(file: PdfFile, index: number): number {
  const section = file.sections[index] as Section;
  const cursor = cursorAt(file, section.end);
  skipSpace(cursor);
  expectWord(cursor, 'startxref');
  skipSpace(cursor);
  const stated = takeWhole(cursor, 15);
  if (stated !== section.offset) throw new Unreadable('a startxref does not lead to its own section');
  skipSpace(cursor);
  for (const letter of '%%EOF')
    if (file.bytes[cursor.at++] !== letter.charCodeAt(0)) throw new Unreadable('a revision does not end with %%EOF');
  return cursor.at;
}

function onlySpace(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!isSpace(bytes[i])) return false;
  return true;
}

function behindTheLast(file: PdfFile): string[] {
  const last = endOf(file, 0);
  return onlySpace(file.bytes, last, file.bytes.length)
    ? []
    : [
        `${file.bytes.length - last} bytes were added after the last signature, which does not cover them (incremental saving)`,
      ];
}

/** Every byte of a revision belongs to an object that its section lists, or to the section. @throws Unreadable */
function accountFor(file: PdfFile, index: number): string[] {
  const section = file.sections[index] as Section;
  const start = endOf(file, index + 1);
  const problems: string[] = [];
  if (section.offset < start)
    return [
      `${UNVOUCHED}: its cross-reference section stands in the part that was signed (shadow attack: hide and replace)`,
    ];
  endOf(file, index);
  strictSection(file, section);
  const places: { number: number; offset: number; generation: number }[] = [];
  for (const [number, entry] of section.entries) {
    if (entry.kind === 'free') {
      if (number !== 0) problems.push(`an update after signing takes object ${number} away (shadow attack: hide)`);
    } else if (entry.kind === 'in') {
      if (section.entries.get(entry.stream)?.kind !== 'at')
        problems.push(
          `an update after signing points object ${number} back into the signed part (shadow attack: hide and replace)`,
        );
    } else if (entry.offset < start)
      problems.push(
        `an update after signing points object ${number} back into the signed part (shadow attack: hide and replace)`,
      );
    else if (number !== section.object || entry.offset !== section.offset)
      places.push({ number, offset: entry.offset, generation: entry.generation });
  }
  if (problems.length > 0) return problems;
  let at = start;
  for (const place of places.toSorted((a, b) => a.offset - b.offset)) {
    if (place.offset < at || place.offset >= section.offset || !onlySpace(file.bytes, at, place.offset))
      return [`${UNVOUCHED}: bytes ${at} to ${place.offset} belong to no object that its table lists`];
    const found = readObject(cursorAt(file, place.offset), () => undefined);
    if (found.number !== place.number || found.generation !== place.generation)
      return [`${UNVOUCHED}: the cross-reference of object ${place.number} leads to another object`];
    if (isKind(found.value, 'stream') && nameOf(found.value.dict, 'Type') === 'ObjStm')
      problems.push(...streamListed(file, index, place.number, found.value.dict));
    at = found.end;
  }
  if (at > section.offset || !onlySpace(file.bytes, at, section.offset))
    return [`${UNVOUCHED}: bytes ${at} to ${section.offset} belong to no object that its table lists`];
  return problems;
}

/** The section once more, without the comments that may stand in the part that was signed. */
function strictSection(file: PdfFile, section: Section): void {
  const cursor = cursorAt(file, section.offset);
  if (section.object !== undefined) {
    readObject(cursor, () => undefined);
    return;
  }
  expectWord(cursor, 'xref');
  for (;;) {
    skipSpace(cursor);
    if (takeWord(cursor, 'trailer')) break;
    takeWhole(cursor);
    skipSpace(cursor);
    const count = takeWhole(cursor) ?? 0;
    skipSpace(cursor);
    cursor.at += 20 * count;
  }
  parseValue(cursor);
  if (cursor.at !== section.end) throw new Unreadable('a cross-reference table is not well-formed');
}

/** An object stream of a later revision holds what the table says, and nothing else. */
function streamListed(file: PdfFile, index: number, number: number, dict: PdfDict): string[] {
  const section = file.sections[index] as Section;
  if (dict.entries.has('Extends')) return [`${UNVOUCHED}: an object stream extends another`];
  const { objects } = objectStream(file, number, index);
  const stray = objects.find((object, i) => {
    const entry = section.entries.get(object.number);
    return entry?.kind !== 'in' || entry.stream !== number || entry.index !== i;
  });
  return stray ? [`${UNVOUCHED}: the object stream ${number} holds an object that its table does not list`] : [];
}

const TRAILER_MAY = new Set(['Size', 'Root', 'Info', 'ID', 'Prev']);
const STREAM_MAY = new Set([...TRAILER_MAY, 'Type', 'W', 'Index', 'Filter', 'Length', 'DecodeParms']);

function trailerProblems(file: PdfFile, index: number): string[] {
  const [section, former] = [file.sections[index] as Section, file.sections[index + 1] as Section];
  const [is, was] = [section.trailer.entries, former.trailer.entries];
  const may = section.object === undefined ? TRAILER_MAY : STREAM_MAY;
  const problems = [...is.keys()].filter((key) => !may.has(key)).map((key) => `${UNVOUCHED}: the trailer has ${key}`);
  if (canonicalValue(is.get('Root')) !== canonicalValue(was.get('Root')))
    problems.push('the document was given another catalog after signing (signature wrapping)');
  if (canonicalValue(is.get('Info')) !== canonicalValue(was.get('Info')))
    problems.push(`${UNVOUCHED}: the document was given other properties (Info)`);
  const ids = [was, is].map((trailer) => firstOf(trailer.get('ID')));
  if (ids[0] !== undefined && ids[0] !== ids[1]) problems.push(`${UNVOUCHED}: it states another ID`);
  const highest = highestOf(section.entries.keys());
  const [size, before] = [is.get('Size'), was.get('Size')];
  if (typeof size !== 'number' || size <= highest || (typeof before === 'number' && size < before))
    problems.push(`${UNVOUCHED}: the trailer states a Size that does not fit`);
  return problems;
}

function highestOf(numbers: Iterable<number>): number {
  let highest = 0;
  for (const number of numbers) if (number > highest) highest = number;
  return highest;
}

function firstOf(value: PdfValue | undefined): string | undefined {
  return isList(value) ? canonicalValue(value[0]) : undefined;
}

/** One later revision: the state before it, the state after it, and what of the difference has been accounted for. */
interface Comparison {
  file: PdfFile;
  was: number;
  is: number;
  /** Where the revision ends. */
  end: number;
  /** Objects of before that have another value now, and new ones. */
  changed: Set<number>;
  fresh: Set<number>;
  explained: Set<number>;
  added: Set<string>;
  problems: string[];
}

function compare(file: PdfFile, index: number): LaterChanges {
  const section = file.sections[index] as Section;
  const it: Comparison = {
    file,
    was: index + 1,
    is: index,
    end: endOf(file, index),
    changed: new Set(),
    fresh: new Set(),
    explained: new Set(),
    added: new Set(),
    problems: [],
  };
  for (const [number, entry] of section.entries) {
    if (entry.kind === 'free') continue;
    const before = entryOf(file, number, it.was);
    const generation = before?.kind === 'at' ? before.generation : 0;
    if ((entry.kind === 'at' ? entry.generation : 0) !== generation)
      it.problems.push(`${UNVOUCHED}: object ${number} has another generation`);
    if (before === undefined) it.fresh.add(number);
    else if (!sameObject(it, number)) it.changed.add(number);
    if (before === undefined && isStructure(file, section, number, index)) it.explained.add(number);
  }
  hiddenBefore(it);
  catalogChanges(it);
  propertyChanges(it);
  for (const number of it.changed)
    if (!it.explained.has(number)) it.problems.push(describe(objectOf(file, number, it.was), number));
  for (const number of it.fresh)
    if (!it.explained.has(number))
      it.problems.push(`an update after signing holds object ${number}, which is none of what may be added`);
  return { added: [...it.added], problems: [...new Set(it.problems)].slice(0, 50) };
}

/** Cross-reference and object streams are how a revision is written. */
function isStructure(file: PdfFile, section: Section, number: number, index: number): boolean {
  if (number === section.object) return true;
  const value = section.entries.get(number)?.kind === 'at' ? objectOf(file, number, index) : null;
  return isKind(value, 'stream') && nameOf(value.dict, 'Type') === 'ObjStm';
}

function sameObject({ file, was, is }: Comparison, number: number): boolean {
  return sameValue(file, objectOf(file, number, was), objectOf(file, number, is));
}

/** The same value however it is spelled; a stream's with its bytes. */
function sameValue({ bytes }: PdfFile, a: PdfValue | undefined, b: PdfValue | undefined): boolean {
  if (canonicalValue(a) !== canonicalValue(b)) return false;
  if (!isKind(a, 'stream') || !isKind(b, 'stream')) return true;
  return Buffer.compare(bytes.subarray(a.start, a.end), bytes.subarray(b.start, b.end)) === 0;
}

/** The first place where each object is referred to, by number; objects in streams count where their stream stands. */
const FIRST_MENTIONS = new WeakMap<PdfFile, Map<number, number>>();

function firstMentions(file: PdfFile): Map<number, number> {
  const known = FIRST_MENTIONS.get(file);
  if (known) return known;
  const first = new Map<number, number>();
  const scan = (bytes: Uint8Array, place: number | undefined): void => {
    for (const found of latin1(bytes, 0, bytes.length).matchAll(/(\d{1,10})[\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]+R\b/g)) {
      const at = place ?? found.index;
      const number = Number(found[1]);
      if (at < (first.get(number) ?? Number.POSITIVE_INFINITY)) first.set(number, at);
    }
  };
  scan(file.bytes, undefined);
  file.sections.forEach(({ entries }, index) => {
    const streams = new Set<number>();
    for (const entry of entries.values()) if (entry.kind === 'in') streams.add(entry.stream);
    for (const stream of streams) {
      const entry = entryOf(file, stream, index);
      if (entry?.kind === 'at') scan(objectStream(file, stream, index).decoded, entry.offset);
    }
  });
  FIRST_MENTIONS.set(file, first);
  return first;
}

/** A new object that the signed part referred to already, before it was there, shows where nobody saw it. */
function hiddenBefore(it: Comparison): void {
  if (it.fresh.size === 0) return;
  const start = endOf(it.file, it.was);
  const mentions = firstMentions(it.file);
  for (const number of it.fresh)
    if ((mentions.get(number) ?? start) < start)
      it.problems.push(
        `object ${number}, which the signed part refers to, was put in after signing (shadow attack: replace)`,
      );
}

/** Whose strings are texts for people: other programs write them again in the encoding that they prefer. */
const TEXTS = new Set(['T', 'TU', 'Title', 'Author', 'Subject', 'Keywords', 'Creator', 'Names']);

function changedKeys(was: PdfDict | undefined, is: PdfDict | undefined): string[] {
  const keys = new Set([...(was?.entries.keys() ?? []), ...(is?.entries.keys() ?? [])]);
  return [...keys].filter(
    (key) =>
      canonicalValue(was?.entries.get(key) ?? null, TEXTS.has(key)) !==
      canonicalValue(is?.entries.get(key) ?? null, TEXTS.has(key)),
  );
}

function catalogChanges(it: Comparison): void {
  const root = it.file.sections[it.is]?.trailer.entries.get('Root');
  const [was, is] = [dictOf(it.file, root, it.was), dictOf(it.file, root, it.is)];
  if (!was || !is || !isKind(root, 'ref')) {
    it.problems.push(`${UNVOUCHED}: its catalog cannot be read`);
    return;
  }
  it.explained.add(root.number);
  for (const key of changedKeys(was, is)) {
    if (key === 'AcroForm' || key === 'DSS') continue;
    if (key === 'Extensions' && plainExtensions(is.entries.get(key))) continue;
    it.problems.push(catalogProblem(key));
  }
  formChanges(it, was, is);
  validationData(it, was.entries.get('DSS'), is.entries.get('DSS'));
  metadata(it, was.entries.get('Metadata'));
}

/** Levels of developers' extensions (7.12), stated in place. */
function plainExtensions(value: PdfValue | undefined): boolean {
  return (
    isKind(value, 'dict') &&
    [...value.entries.values()].every(
      (one) =>
        one === null ||
        isKind(one, 'name') ||
        (isKind(one, 'dict') &&
          [...one.entries].every(
            ([key, inner]) =>
              ['Type', 'BaseVersion', 'ExtensionLevel', 'URL', 'ExtensionRevision'].includes(key) &&
              (typeof inner === 'number' || isKind(inner, 'name') || isKind(inner, 'string')),
          )),
    )
  );
}

/** A part that may change in its own place, or move to a new one; never to where something else stood. */
function explainMoved(it: Comparison, was: PdfValue | undefined, is: PdfValue | undefined): void {
  if (isKind(is, 'ref') && (canonicalValue(was ?? null) === canonicalValue(is) || it.fresh.has(is.number)))
    it.explained.add(is.number);
}

function formChanges(it: Comparison, catalogWas: PdfDict, catalogIs: PdfDict): void {
  const [refWas, refIs] = [catalogWas.entries.get('AcroForm'), catalogIs.entries.get('AcroForm')];
  const [was, is] = [dictOf(it.file, refWas, it.was), dictOf(it.file, refIs, it.is)];
  if (!was || !is) {
    if (was || is) it.problems.push('the form was removed or put in after signing (shadow attack: replace)');
    return;
  }
  explainMoved(it, refWas, refIs);
  for (const key of changedKeys(was, is))
    if (key !== 'Fields' && !(key === 'SigFlags' && is.entries.get(key) === 3) && !textDefault(it, key, was, is))
      it.problems.push(`the form's ${key} was changed after signing (shadow attack: replace)`);
  explainMoved(it, was.entries.get('Fields'), is.entries.get('Fields'));
  const [earlier, later] = [
    listOf(it.file, was.entries.get('Fields'), it.was),
    listOf(it.file, is.entries.get('Fields'), it.is),
  ];
  if (earlier.some((field, i) => canonicalValue(field) !== canonicalValue(later[i])))
    it.problems.push('a form field was removed or exchanged after signing (shadow attack: replace)');
  const level = certifiedLevel(it, catalogWas);
  for (const field of earlier) if (isKind(field, 'ref') && it.changed.has(field.number)) filledLater(it, field, level);
  const made = later.slice(earlier.length);
  for (const field of made) newField(it, field, level);
  pageChanges(it, made);
}

/**
 * Font and size for fields that hold text, which some programs state whenever they sign: where no field holds text, they show
 * nowhere.
 */
function textDefault(it: Comparison, key: string, was: PdfDict, is: PdfDict): boolean {
  if ((key !== 'DA' && key !== 'DR') || was.entries.has(key)) return false;
  const fields = listOf(it.file, is.entries.get('Fields'), it.is);
  if (!fields.every((field) => nameOf(dictOf(it.file, field, it.is), 'FT') === 'Sig')) return false;
  claim(it, is.entries.get(key));
  return true;
}

/** What the certifying signature permits (12.8.2.2): 1 nothing, 2 signing; undefined without one. */
function certifiedLevel(it: Comparison, catalog: PdfDict): number | undefined {
  const signature = dictOf(
    it.file,
    dictOf(it.file, catalog.entries.get('Perms'), it.was)?.entries.get('DocMDP'),
    it.was,
  );
  if (!signature) return undefined;
  const parameters = listOf(it.file, signature.entries.get('Reference'), it.was).map((one) =>
    dictOf(it.file, dictOf(it.file, one, it.was)?.entries.get('TransformParams'), it.was)?.entries.get('P'),
  );
  return parameters.includes(1) ? 1 : 2;
}

/** Every new object that a value leads to, along new ones only. */
function claim(it: Comparison, value: PdfValue | undefined): void {
  const open: PdfValue[] = [value ?? null];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (isList(next)) for (const one of next) open.push(one);
    else if (isKind(next, 'dict')) for (const one of next.entries.values()) open.push(one);
    else if (isKind(next, 'stream')) open.push(next.dict);
    else if (isKind(next, 'ref') && it.fresh.has(next.number) && !it.explained.has(next.number)) {
      it.explained.add(next.number);
      open.push(objectOf(it.file, next.number, it.is));
    }
  }
}

type Kind = 'a further signature' | 'an archive time-stamp';

/** A signature value that this revision brought, and that covers all of it. */
function freshValue(it: Comparison, value: PdfValue | undefined): Kind | undefined {
  if (!isKind(value, 'ref') || !it.fresh.has(value.number)) return undefined;
  const dict = dictOf(it.file, value, it.is);
  const range = dict?.entries.get('ByteRange');
  if (!dict || !isList(range) || range.length !== 4) return undefined;
  const end = Number(range[2]) + Number(range[3]);
  if (!(end >= it.end && onlySpace(it.file.bytes, it.end, end))) {
    it.problems.push('a later signature does not cover the revision that it came with (signature wrapping)');
    return undefined;
  }
  // What it is checked as, whatever it calls itself.
  return nameOf(dict, 'SubFilter') === 'ETSI.RFC3161' ? 'an archive time-stamp' : 'a further signature';
}

/** A field that stood empty may have been signed, within its own rectangle. */
function filledLater(it: Comparison, field: PdfRef, level: number | undefined): void {
  const [was, is] = [dictOf(it.file, field, it.was), dictOf(it.file, field, it.is)];
  if (!was || !is || nameOf(was, 'FT') !== 'Sig' || (was.entries.get('V') ?? null) !== null) return;
  it.explained.add(field.number);
  for (const key of changedKeys(was, is)) {
    if (key === 'V' || (key === 'F' && typeof is.entries.get(key) === 'number')) continue;
    if (key === 'AP') appearance(it, is.entries.get(key));
    else if (key === 'Rect') {
      // A block that somebody leaves out covers nothing.
      if (!takesNoRoom(it, is.entries.get(key)))
        it.problems.push(
          'the block of a later signature was moved or made larger than its field (shadow attack: hide)',
        );
    } else it.problems.push(`the field of a later signature had its ${key} changed (shadow attack: replace)`);
  }
  const kind = freshValue(it, is.entries.get('V'));
  if (!kind)
    it.problems.push('an empty field was changed after signing and holds no signature (shadow attack: replace)');
  else if (level === 1 && kind === 'a further signature')
    it.problems.push('a signature was added, which the certifying signature does not permit');
  // Anybody gets a time-stamp, and would say in the block whatever they like.
  else if (kind === 'an archive time-stamp' && (!takesNoRoom(it, is.entries.get('Rect')) || is.entries.has('AP')))
    it.problems.push('a time-stamp was put into a field that shows (shadow attack: replace)');
  else {
    claim(it, is.entries.get('V'));
    it.added.add(kind);
  }
}

const FORM_MAY = new Set([
  'Type',
  'Subtype',
  'FormType',
  'BBox',
  'Matrix',
  'Resources',
  'Length',
  'Filter',
  'DecodeParms',
  'Group',
]);

/** One new form, drawn into the field's rectangle. */
function appearance(it: Comparison, value: PdfValue | undefined): void {
  const dict = dictOf(it.file, value, it.is);
  const normal = dict?.entries.get('N');
  const form = isKind(normal, 'ref') && it.fresh.has(normal.number) ? objectOf(it.file, normal.number, it.is) : null;
  if (
    dict?.entries.size !== 1 ||
    !isKind(form, 'stream') ||
    nameOf(form.dict, 'Subtype') !== 'Form' ||
    [...form.dict.entries.keys()].some((key) => !FORM_MAY.has(key))
  )
    it.problems.push('the appearance of a later signature is not one new form (shadow attack: replace)');
  else claim(it, value);
}

const NEW_FIELD_MAY = new Set(['Type', 'Subtype', 'FT', 'Rect', 'T', 'TU', 'TM', 'P', 'F', 'V', 'AP']);

/** A field made later may be an archive time-stamp's, and a signature's where nobody certified; never one that shows. */
function newField(it: Comparison, field: PdfValue, level: number | undefined): void {
  const dict = isKind(field, 'ref') && it.fresh.has(field.number) ? dictOf(it.file, field, it.is) : undefined;
  if (!dict || nameOf(dict, 'FT') !== 'Sig') {
    it.problems.push('a form field that is no signature was added after signing (shadow attack: replace)');
    return;
  }
  explainMoved(it, undefined, field);
  if (!takesNoRoom(it, dict.entries.get('Rect')))
    it.problems.push('the block of a later signature lies over what was signed (shadow attack: hide)');
  if (dict.entries.has('AP')) appearance(it, dict.entries.get('AP'));
  for (const key of dict.entries.keys())
    if (!NEW_FIELD_MAY.has(key))
      it.problems.push(`a signature field was added after signing with ${key} (shadow attack: replace)`);
  const kind = freshValue(it, dict.entries.get('V'));
  if (!kind) it.problems.push('an empty signature field was added after signing (shadow attack: replace)');
  else if (kind === 'a further signature' && level !== undefined)
    it.problems.push('a signature field was added after signing, which the certifying signature does not permit');
  else {
    claim(it, dict.entries.get('V'));
    it.added.add(kind);
  }
}

function takesNoRoom(it: Comparison, value: PdfValue | undefined): boolean {
  const [x1, y1, x2, y2] = listOf(it.file, value, it.is);
  return typeof x1 === 'number' && typeof y1 === 'number' && x1 === x2 && y1 === y2;
}

const MOST_PAGES = 100_000;
const PAGES = new WeakMap<PdfFile, readonly PdfRef[]>();

/** The pages in their order; pages that no tree lists are none. */
function pagesOf(file: PdfFile, from: number): readonly PdfRef[] {
  const known = PAGES.get(file);
  if (known) return known;
  const pages: PdfRef[] = [];
  const seen = new Set<number>();
  const root = dictOf(file, file.sections[from]?.trailer.entries.get('Root'), from);
  const open: PdfValue[] = [root?.entries.get('Pages') ?? null];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!isKind(next, 'ref') || seen.has(next.number) || seen.size > MOST_PAGES) continue;
    seen.add(next.number);
    const node = dictOf(file, next, from);
    if (!node) continue;
    if (node.entries.has('Kids')) open.push(...listOf(file, node.entries.get('Kids'), from).toReversed());
    else pages.push(next);
  }
  PAGES.set(file, pages);
  return pages;
}

/** A page may list new fields among its annotations, after those that were there; nothing else of it changes. */
function pageChanges(it: Comparison, made: readonly PdfValue[]): void {
  const fields = new Set(made.map((one) => canonicalValue(one)));
  pagesOf(it.file, it.was).forEach((ref, index) => {
    const was = dictOf(it.file, ref, it.was);
    const list = was?.entries.get('Annots');
    if (!it.changed.has(ref.number) && !(isKind(list, 'ref') && it.changed.has(list.number))) return;
    const is = dictOf(it.file, ref, it.is);
    if (!was || !is) return;
    it.explained.add(ref.number);
    for (const key of changedKeys(was, is))
      if (key !== 'Annots')
        it.problems.push(
          `${key.replace(/[^\w-]/g, '?').slice(0, 40)} of page ${index + 1} was replaced after signing (shadow attack: hide and replace)`,
        );
    explainMoved(it, list, is.entries.get('Annots'));
    const [before, after] = [listOf(it.file, list, it.was), listOf(it.file, is.entries.get('Annots'), it.is)];
    const kept = new Set(after.map((one) => canonicalValue(one)));
    if (before.some((one) => !kept.has(canonicalValue(one))))
      it.problems.push(`an annotation of page ${index + 1} was removed after signing (shadow attack: hide)`);
    else if (before.some((one, i) => canonicalValue(one) !== canonicalValue(after[i])))
      it.problems.push(
        `the annotations of page ${index + 1} were put in another order after signing (shadow attack: hide)`,
      );
    else if (after.slice(before.length).some((one) => !fields.has(canonicalValue(one))))
      it.problems.push(`something was laid over page ${index + 1} after signing (an annotation that is no signature)`);
  });
}

const DSS_KEYS = new Set(['Type', 'Certs', 'OCSPs', 'CRLs', 'VRI']);
const VRI_KEYS = new Set(['Type', 'Cert', 'OCSP', 'CRL', 'TU', 'TS']);
const PACKED_KEYS = new Set(['Length', 'Filter', 'DecodeParms']);

/** The document security store (ETSI EN 319 142-1, 5.4.2): lists of plain streams. */
function validationData(it: Comparison, was: PdfValue | undefined, is: PdfValue | undefined): void {
  const own = new Set<number>();
  storeProblems(it, was, it.was, own);
  const found = storeProblems(it, is, it.is, new Set());
  if ((is ?? null) === null) {
    if ((was ?? null) !== null) it.problems.push(`${UNVOUCHED}: the validation data was taken away`);
    return;
  }
  const changed =
    [...own].some((number) => it.changed.has(number)) || canonicalValue(was ?? null) !== canonicalValue(is ?? null);
  if (!changed) return;
  it.problems.push(...found);
  const [before, after] = [proofsIn(it, was, it.was), proofsIn(it, is, it.is)];
  // A proof of revocation must not be lost.
  if ([...before].some((one) => !after.has(one))) it.problems.push(`${UNVOUCHED}: validation data was taken away`);
  for (const number of own) it.explained.add(number);
  claim(it, is);
  it.added.add('validation data');
}

/** What the lists of a store refer to. */
function proofsIn(it: Comparison, store: PdfValue | undefined, from: number): Set<string> {
  const dict = dictOf(it.file, store, from);
  return new Set(
    ['Certs', 'OCSPs', 'CRLs'].flatMap((key) =>
      listOf(it.file, dict?.entries.get(key), from).map((one) => `${key} ${canonicalValue(one)}`),
    ),
  );
}

/** What does not belong in a store. @param numbers takes the dictionaries and lists that it is made of */
function storeProblems(it: Comparison, value: PdfValue | undefined, from: number, numbers: Set<number>): string[] {
  if ((value ?? null) === null) return [];
  const strange = [`${UNVOUCHED}: the validation data holds something else`];
  const follow = (one: PdfValue | undefined): PdfValue => {
    if (isKind(one, 'ref')) numbers.add(one.number);
    return resolve(it.file, one, from);
  };
  const streams = (one: PdfValue | undefined): boolean => {
    const list = follow(one);
    return (
      isList(list) &&
      list.every((item) => {
        const stream = resolve(it.file, item, from);
        return isKind(stream, 'stream') && [...stream.dict.entries.keys()].every((key) => PACKED_KEYS.has(key));
      })
    );
  };
  const store = follow(value);
  if (!isKind(store, 'dict')) return strange;
  for (const [key, one] of store.entries) {
    if (!DSS_KEYS.has(key)) return strange;
    if (key === 'Type') continue;
    if (key !== 'VRI') {
      if (!streams(one)) return strange;
      continue;
    }
    const vri = follow(one);
    if (!isKind(vri, 'dict')) return strange;
    for (const [hash, entry] of vri.entries) {
      if (hash === 'Type') continue;
      const proofs = follow(entry);
      if (!isKind(proofs, 'dict')) return strange;
      for (const [name, list] of proofs.entries)
        if (!VRI_KEYS.has(name) || (['Cert', 'OCSP', 'CRL'].includes(name) && !streams(list)) || name === 'TS')
          return strange;
    }
  }
  return [];
}

const PROPERTIES_MAY = new Set(['Producer', 'ModDate']);

/** Which program wrote last, and when, is not signed. */
function propertyChanges(it: Comparison): void {
  const info = it.file.sections[it.is]?.trailer.entries.get('Info');
  if (!isKind(info, 'ref') || !it.changed.has(info.number)) return;
  it.explained.add(info.number);
  const other = changedKeys(dictOf(it.file, info, it.was), dictOf(it.file, info, it.is)).filter(
    (key) => !PROPERTIES_MAY.has(key),
  );
  for (const key of other) it.problems.push(`the document's ${key} was changed after signing`);
  if (other.length === 0) it.added.add('producer and date of change, which are not signed');
}

/** The same in XMP. */
function metadata(it: Comparison, ref: PdfValue | undefined): void {
  if (!isKind(ref, 'ref') || !it.changed.has(ref.number)) return;
  const [was, is] = [it.was, it.is].map((from) => {
    const stream = objectOf(it.file, ref.number, from);
    if (
      !isKind(stream, 'stream') ||
      [...stream.dict.entries.keys()].some((key) => !['Type', 'Subtype', ...PACKED_KEYS].includes(key))
    )
      return undefined;
    const text = Buffer.from(decode(it.file.bytes, stream, it.file.budget, true)).toString('utf8');
    return text
      .replace(/<((?:pdf:Producer|xmp:ModifyDate|xmp:MetadataDate))>[^<]{0,200}<\/\1>/g, '')
      .replace(/\b(?:pdf:Producer|xmp:ModifyDate|xmp:MetadataDate)=(?:"[^"<]{0,200}"|'[^'<]{0,200}')/g, '')
      .replace(/\s+/g, '');
  });
  if (was === undefined || was !== is) return;
  it.explained.add(ref.number);
  it.added.add('producer and date of change, which are not signed');
}

function catalogProblem(key: string): string {
  if (key === 'Pages') return 'the page tree was exchanged after signing (shadow attack: hide and replace)';
  if (key === 'OCProperties') return 'layers were shown or hidden after signing (shadow attack: hide)';
  if (key === 'Perms') return 'the permissions of the certifying signature were changed';
  if (['OpenAction', 'AA', 'Names', 'URI'].includes(key)) return `actions or names were changed after signing (${key})`;
  return `${key.replace(/[^\w-]/g, '?').slice(0, 40)} of the document was changed after signing`;
}

/** Names what was replaced by what it is for. */
function describe(value: PdfValue, number: number): string {
  const dict = isKind(value, 'dict') ? value : isKind(value, 'stream') ? value.dict : undefined;
  const [type, subtype] = [nameOf(dict, 'Type') ?? '', nameOf(dict, 'Subtype') ?? ''];
  const which = `object ${number}`;
  if (type === 'Font' || type === 'FontDescriptor' || (isKind(value, 'stream') && dict?.entries.has('Length1')))
    return `a font was replaced after signing (${which}; shadow attack: replace)`;
  if (type === 'Pages') return `the page tree was changed after signing (${which}; shadow attack: hide and replace)`;
  if (subtype === 'Image' || subtype === 'Form')
    return `an image or form was replaced after signing (${which}; shadow attack: replace)`;
  if (type === 'Annot') return `an annotation or field was changed after signing (${which}; shadow attack: replace)`;
  if (type === 'Sig' || type === 'DocTimeStamp')
    return `an earlier signature was rewritten (${which}; signature wrapping)`;
  if (isKind(value, 'stream')) return `content was replaced after signing (${which}; shadow attack: replace)`;
  if (isList(value))
    return `a list, as of annotations, was changed after signing (${which}; shadow attack: hide and replace)`;
  return `something was changed after signing (${which}${type ? `, ${type.replace(/[^\w-]/g, '?').slice(0, 40)}` : ''})`;
}
