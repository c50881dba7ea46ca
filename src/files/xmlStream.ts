import { type ErrorCode, ProbityError } from '../errors.ts';

/*
 * XML as a stream of elements, for files that are too large for a tree: time and memory grow with the nesting and the texts
 * that somebody keeps. Names are local ones. No document types, and so no entities but XML's own; nothing external.
 */

interface XmlHandler {
  open?(name: string, depth: number): void;
  text?(text: string): void;
  close?(name: string, depth: number): void;
}

const LIMITS = { depth: 200, name: 200, tag: 1_000_000 } as const;
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** A reader of one XML text that comes in parts. Depth of the root is 1. */
export class XmlStream {
  #handler: XmlHandler;
  #where: string;
  #code: ErrorCode;
  #rest = '';
  #stack: string[] = [];
  #seenRoot = false;

  constructor(handler: XmlHandler, where: string, code: ErrorCode) {
    this.#handler = handler;
    this.#where = where;
    this.#code = code;
  }

  #fail(message: string): never {
    throw new ProbityError(this.#code, message, { where: this.#where });
  }

  /** @throws ProbityError with the given code */
  write(part: string): void {
    const text = this.#rest + part;
    let at = 0;
    for (;;) {
      const open = text.indexOf('<', at);
      if (open === -1) break;
      if (open > at) this.#text(text.slice(at, open));
      const end = this.#tagEnd(text, open);
      if (end === -1) {
        at = open;
        break;
      }
      at = end;
    }
    // What follows the last tag waits for the next one, lest an entity be cut in two.
    this.#rest = text.slice(at);
    if (this.#rest.length > LIMITS.tag && this.#rest.startsWith('<')) this.#fail('a tag of XML that does not end');
  }

  /** @throws ProbityError where the text ends before its root does */
  end(): void {
    if (this.#rest.trim() !== '' || this.#stack.length > 0 || !this.#seenRoot)
      this.#fail('not well-formed XML: it ends before it is complete');
  }

  /** Reads the tag that begins at a place; where it ends, or -1 when it does not yet. */
  #tagEnd(text: string, open: number): number {
    if (text.startsWith('<!--', open)) return after(text, '-->', open + 4);
    if (text.startsWith('<![CDATA[', open)) {
      const end = text.indexOf(']]>', open + 9);
      if (end === -1) return -1;
      this.#handler.text?.(text.slice(open + 9, end));
      return end + 3;
    }
    if (text.startsWith('<?', open)) return after(text, '?>', open + 2);
    if (text.startsWith('<!', open)) {
      // Enough of it has to be there to tell a comment from a document type.
      if (text.length - open < 9) return -1;
      this.#fail('XML with a document type is not accepted');
    }
    const end = tagEnd(text, open + 1);
    if (end === -1) return -1;
    this.#tag(text.slice(open + 1, end));
    return end + 1;
  }

  #tag(tag: string): void {
    if (tag.startsWith('/')) {
      const name = localName(tag.slice(1).trim());
      if (this.#stack.at(-1) !== name) this.#fail('not well-formed XML: elements do not close in order');
      this.#handler.close?.(name, this.#stack.length);
      this.#stack.pop();
      return;
    }
    const empty = tag.endsWith('/');
    const written = /^[^\s/]+/.exec(tag)?.[0] ?? '';
    if (written === '' || written.length > LIMITS.name || (this.#stack.length === 0 && this.#seenRoot))
      this.#fail('not well-formed XML');
    const name = localName(written);
    this.#seenRoot = true;
    this.#stack.push(name);
    if (this.#stack.length > LIMITS.depth) this.#fail('elements are nested too deep');
    this.#handler.open?.(name, this.#stack.length);
    if (!empty) return;
    this.#handler.close?.(name, this.#stack.length);
    this.#stack.pop();
  }

  #text(text: string): void {
    if (this.#stack.length === 0) {
      if (text.trim() !== '') this.#fail('not well-formed XML: text outside of the root');
      return;
    }
    if (!text.includes('&')) {
      this.#handler.text?.(text);
      return;
    }
    this.#handler.text?.(
      text.replace(/&(#x[0-9a-fA-F]{1,6}|#\d{1,7}|[A-Za-z]{1,10});|&/g, (_all, name: string | undefined) => {
        if (name === undefined) return this.#fail('not well-formed XML: a reference that does not end');
        if (!name.startsWith('#'))
          return ENTITIES.get(name) ?? this.#fail('XML with entities of its own is not accepted');
        const code = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
        return code > 0 && code <= 0x10ffff
          ? String.fromCodePoint(code)
          : this.#fail('not well-formed XML: no such character');
      }),
    );
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function after(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at === -1 ? -1 : at + mark.length;
}

/** The end of a tag; a `>` within quotes is none. */
function tagEnd(text: string, from: number): number {
  let quote = 0;
  for (let i = from; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (quote !== 0) {
      if (c === quote) quote = 0;
    } else if (c === 34 || c === 39) quote = c;
    else if (c === 62) return i;
  }
  return -1;
}
