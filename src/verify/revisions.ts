import {
  PDFArray,
  PDFDict,
  PDFDocument,
  PDFName,
  PDFNumber,
  type PDFObject,
  PDFRawStream,
  PDFRef,
  PDFXRefStreamParser,
} from '@cantoo/pdf-lib';

/*
 * What was done to a PDF after a signature, by comparing the revision that was signed with the file as it is. Signatures,
 * their fields and appearances, validation data and archive time-stamps may be added; anything else is named for what it
 * does. The attacks are those of Mladenov et al. 2019 ("1 Trillion Dollar Refund") and 2021 ("Shadow Attacks").
 */

export interface LaterChanges {
  /** What was rightly added, in words. */
  added: string[];
  /** What must not have happened. */
  problems: string[];
}

/** Entries of the catalog that later revisions may set. */
const CATALOG_MAY = new Set(['AcroForm', 'DSS', 'Perms', 'Extensions', 'Version']);
/** The largest share of a page that the block of a later signature may cover. */
const LARGEST_BLOCK = 0.2;

/**
 * Compares the first `end` bytes, which a signature covers, with the whole file.
 * @param end one past the last byte the signature covers
 */
export async function changesAfter(bytes: Uint8Array, end: number): Promise<LaterChanges> {
  if (end >= bytes.length) return { added: [], problems: [] };
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset + end, bytes.length - end);
  if (!/\d+ \d+ obj\b/.test(tail.toString('latin1')))
    return {
      added: [],
      problems: [
        `${bytes.length - end} bytes were added after the last signature, which does not cover them (incremental saving)`,
      ],
    };
  const problems = crossReferenceProblems(bytes, end);
  let before: PDFDocument;
  let after: PDFDocument;
  try {
    before = await PDFDocument.load(bytes.slice(0, end), { updateMetadata: false, throwOnInvalidObject: false });
    after = await PDFDocument.load(bytes, { updateMetadata: false, throwOnInvalidObject: false });
  } catch {
    return { added: [], problems: [...problems, 'the revision that was signed cannot be read on its own'] };
  }
  try {
    problems.push(...streamProblems(before, after, end));
    return new Comparison(before, after, problems).run();
  } catch {
    return { added: [], problems: [...problems, 'what was added after signing cannot be read'] };
  }
}

/**
 * An update whose table points back into the signed part brings up an object that lay hidden there, and one that frees
 * objects takes them away; readers follow the table, so neither shows in the objects themselves.
 */
function crossReferenceProblems(bytes: Uint8Array, end: number): string[] {
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset + end, bytes.length - end).toString('latin1');
  const problems = new Set<string>();
  for (const table of tail.matchAll(/(?<!start)xref\s+((?:\d+ \d+\s+(?:\d{10} \d{5} [nf]\s+)*)+)trailer/g)) {
    let number = 0;
    for (const line of (table[1] ?? '').split(/\r\n|\r|\n/)) {
      const section = /^(\d+) (\d+)\s*$/.exec(line);
      if (section) number = Number(section[1]);
      const entry = /^(\d{10}) (\d{5}) ([nf])/.exec(line);
      if (!entry) continue;
      if (entry[3] === 'n' && Number(entry[1]) < end)
        problems.add(
          `an update after signing points object ${number} back into the signed part (shadow attack: hide and replace)`,
        );
      if (entry[3] === 'f' && number !== 0)
        problems.add(`an update after signing takes object ${number} away (shadow attack: hide)`);
      number++;
    }
  }
  return [...problems];
}

/** The same for cross-reference streams, which updates of newer files have. */
function streamProblems(before: PDFDocument, after: PDFDocument, end: number): string[] {
  const problems: string[] = [];
  for (const [ref, object] of after.context.enumerateIndirectObjects()) {
    if (
      !(object instanceof PDFRawStream) ||
      object.dict.get(PDFName.of('Type')) !== PDFName.of('XRef') ||
      before.context.lookup(ref)
    )
      continue;
    for (const entry of PDFXRefStreamParser.forStream(object).parseIntoContext()) {
      const number = entry.ref.objectNumber;
      if (number === 0) continue;
      if (entry.deleted) problems.push(`an update after signing takes object ${number} away (shadow attack: hide)`);
      else if (!entry.inObjectStream && entry.offset < end)
        problems.push(
          `an update after signing points object ${number} back into the signed part (shadow attack: hide and replace)`,
        );
    }
  }
  return problems;
}

class Comparison {
  #before: PDFDocument;
  #after: PDFDocument;
  #problems: string[];
  #added = new Set<string>();
  /** Objects whose change has been looked at where they are used. */
  #explained = new Set<string>();

  constructor(before: PDFDocument, after: PDFDocument, problems: string[]) {
    this.#before = before;
    this.#after = after;
    this.#problems = problems;
  }

  run(): LaterChanges {
    const roots = [this.#before, this.#after].map((document) => String(document.context.trailerInfo.Root));
    if (roots[0] !== roots[1])
      this.#problems.push('the document was given another catalog after signing (signature wrapping)');
    else this.#catalog();
    for (const [ref, object] of this.#before.context.enumerateIndirectObjects()) {
      const now = this.#after.context.lookup(ref);
      if (now === undefined) this.#problems.push(`object ${ref.objectNumber} was removed after signing`);
      else if (!same(object, now) && !this.#explained.has(ref.toString())) this.#problems.push(describe(object, ref));
    }
    if (this.#added.size === 0 && this.#problems.length === 0)
      this.#problems.push('an update was added after signing that holds none of what may be added');
    return { added: [...this.#added], problems: [...new Set(this.#problems)] };
  }

  #catalog(): void {
    const [was, is] = [this.#before.catalog, this.#after.catalog];
    this.#explain(this.#before.context.trailerInfo.Root);
    for (const key of keysOf(was, is)) {
      const name = PDFName.of(key);
      if (same(was.get(name), is.get(name)) || CATALOG_MAY.has(key)) continue;
      this.#problems.push(catalogProblem(key));
    }
    if (was.has(PDFName.of('Perms')) && !same(was.get(PDFName.of('Perms')), is.get(PDFName.of('Perms'))))
      this.#problems.push('the permissions of the certifying signature were changed');
    this.#explain(is.get(PDFName.of('DSS')));
    if (!same(resolve(was, 'DSS'), resolve(is, 'DSS'))) this.#added.add('validation data');
    this.#form(resolve(was, 'AcroForm'), resolve(is, 'AcroForm'), is.get(PDFName.of('AcroForm')));
    this.#pages();
  }

  #form(was: PDFObject | undefined, is: PDFObject | undefined, ref: PDFObject | undefined): void {
    this.#explain(ref);
    if (!(is instanceof PDFDict)) {
      if (was !== undefined) this.#problems.push('the form was removed after signing');
      return;
    }
    const former = was instanceof PDFDict ? was : undefined;
    for (const key of keysOf(former, is)) {
      if (key === 'Fields' || key === 'SigFlags') continue;
      if (!same(former?.get(PDFName.of(key)), is.get(PDFName.of(key))))
        this.#problems.push(`the form's ${key} was changed after signing (shadow attack: replace)`);
    }
    const [earlier, later] = [
      former?.lookupMaybe(PDFName.of('Fields'), PDFArray)?.asArray() ?? [],
      is.lookupMaybe(PDFName.of('Fields'), PDFArray)?.asArray() ?? [],
    ];
    this.#explain(is.get(PDFName.of('Fields')));
    const known = new Set(earlier.map(String));
    for (const field of earlier)
      if (!later.map(String).includes(String(field))) this.#problems.push('a form field was removed after signing');
    for (const field of later) {
      if (known.has(String(field))) {
        this.#signedLater(field);
        continue;
      }
      const kind = this.#signatureField(field);
      if (kind) this.#added.add(kind);
      else this.#problems.push('a form field that is no signature was added after signing (shadow attack: replace)');
    }
  }

  /** A field that stood empty may have been signed. */
  #signedLater(field: PDFObject): void {
    const was = field instanceof PDFRef ? this.#before.context.lookup(field) : undefined;
    if (!(was instanceof PDFDict) || was.has(PDFName.of('V')) || was.get(PDFName.of('FT')) !== PDFName.of('Sig'))
      return;
    const is = field instanceof PDFRef ? this.#after.context.lookup(field) : undefined;
    const kind = is instanceof PDFDict && is.has(PDFName.of('V')) ? this.#signatureField(field) : undefined;
    if (!kind || !(is instanceof PDFDict)) return;
    this.#explain(field);
    this.#added.add(kind);
    const page = this.#after.getPages().findIndex(({ ref }) => ref.toString() === String(is.get(PDFName.of('P'))));
    const on = this.#after.getPages()[Math.max(0, page)];
    if (on) this.#block(is, Math.max(0, page), on.getWidth() * on.getHeight());
  }

  #signatureField(field: PDFObject): string | undefined {
    const found = field instanceof PDFRef ? this.#after.context.lookup(field) : field;
    if (!(found instanceof PDFDict) || found.get(PDFName.of('FT')) !== PDFName.of('Sig')) return undefined;
    const value = found.lookup(PDFName.of('V'));
    if (!(value instanceof PDFDict)) return 'an empty signature field';
    return value.get(PDFName.of('Type')) === PDFName.of('DocTimeStamp')
      ? 'an archive time-stamp'
      : 'a further signature';
  }

  #pages(): void {
    const [was, is] = [this.#before.getPages(), this.#after.getPages()];
    if (was.length !== is.length)
      this.#problems.push(`the document had ${was.length} pages when it was signed and has ${is.length} now`);
    was.forEach((page, index) => {
      const now = is[index];
      if (!now || page.ref.toString() !== now.ref.toString()) return;
      this.#explain(page.ref);
      for (const key of keysOf(page.node, now.node)) {
        if (key === 'Annots') continue;
        if (!same(page.node.get(PDFName.of(key)), now.node.get(PDFName.of(key))))
          this.#problems.push(
            `${key} of page ${index + 1} was replaced after signing (shadow attack: hide and replace)`,
          );
      }
      this.#annotations(
        page.node.Annots()?.asArray() ?? [],
        now.node.Annots()?.asArray() ?? [],
        index,
        now.getWidth() * now.getHeight(),
      );
      this.#explain(now.node.get(PDFName.of('Annots')));
    });
  }

  #annotations(was: readonly PDFObject[], is: readonly PDFObject[], page: number, area: number): void {
    const known = new Set(was.map(String));
    for (const one of was)
      if (!is.map(String).includes(String(one)))
        this.#problems.push(`an annotation of page ${page + 1} was removed after signing (shadow attack: hide)`);
    for (const one of is) {
      if (known.has(String(one))) continue;
      const annotation = one instanceof PDFRef ? this.#after.context.lookup(one) : one;
      if (!(annotation instanceof PDFDict) || !this.#signatureField(one)) {
        this.#problems.push(
          `something was laid over page ${page + 1} after signing (an annotation that is no signature)`,
        );
        continue;
      }
      this.#block(annotation, page, area);
    }
  }

  /** A later signature must not lie over what was signed. */
  #block(widget: PDFDict, page: number, area: number): void {
    const rectangle =
      widget
        .lookupMaybe(PDFName.of('Rect'), PDFArray)
        ?.asArray()
        .map((value) => (value instanceof PDFNumber ? value.asNumber() : 0)) ?? [];
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = rectangle;
    if (Math.abs((x2 - x1) * (y2 - y1)) > LARGEST_BLOCK * area)
      this.#problems.push(`the block of a later signature covers much of page ${page + 1} (shadow attack: hide)`);
  }

  #explain(value: PDFObject | undefined): void {
    if (value instanceof PDFRef) this.#explained.add(value.toString());
  }
}

function keysOf(...dictionaries: (PDFDict | undefined)[]): string[] {
  return [...new Set(dictionaries.flatMap((one) => one?.keys().map((name) => name.decodeText()) ?? []))];
}

function resolve(dictionary: PDFDict, key: string): PDFObject | undefined {
  return dictionary.lookup(PDFName.of(key));
}

/** The same bytes when written; a stream's with its content. */
function same(a: PDFObject | undefined, b: PDFObject | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a instanceof PDFRawStream && b instanceof PDFRawStream)
    return a.dict.toString() === b.dict.toString() && Buffer.from(a.contents).equals(Buffer.from(b.contents));
  return a.toString() === b.toString();
}

function catalogProblem(key: string): string {
  if (key === 'Pages') return 'the page tree was exchanged after signing (shadow attack: hide and replace)';
  if (key === 'OCProperties') return 'layers were shown or hidden after signing (shadow attack: hide)';
  if (['OpenAction', 'AA', 'Names', 'URI'].includes(key)) return `actions or names were changed after signing (${key})`;
  return `${key} of the document was changed after signing`;
}

/** Names what was replaced by what it is for. */
function describe(object: PDFObject, ref: PDFRef): string {
  const dictionary = object instanceof PDFDict ? object : object instanceof PDFRawStream ? object.dict : undefined;
  const type = String(dictionary?.get(PDFName.of('Type')) ?? '').slice(1);
  const subtype = String(dictionary?.get(PDFName.of('Subtype')) ?? '').slice(1);
  const which = `object ${ref.objectNumber}`;
  if (
    type === 'Font' ||
    type === 'FontDescriptor' ||
    (object instanceof PDFRawStream && dictionary?.has(PDFName.of('Length1')))
  )
    return `a font was replaced after signing (${which}; shadow attack: replace)`;
  if (type === 'Pages') return `the page tree was changed after signing (${which}; shadow attack: hide and replace)`;
  if (subtype === 'Image' || subtype === 'Form')
    return `an image or form was replaced after signing (${which}; shadow attack: replace)`;
  if (type === 'Annot') return `an annotation or field was changed after signing (${which}; shadow attack: replace)`;
  if (type === 'Sig' || type === 'DocTimeStamp')
    return `an earlier signature was rewritten (${which}; signature wrapping)`;
  if (object instanceof PDFRawStream) return `content was replaced after signing (${which}; shadow attack: replace)`;
  return `something was changed after signing (${which}${type ? `, ${type}` : ''})`;
}
