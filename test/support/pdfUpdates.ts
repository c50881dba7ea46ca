import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';

/* Incremental updates of a PDF written by hand, as somebody without a key would write them. */

/** What an attacker reads out of the signed file to build on. */
export function known(bytes: Buffer) {
  const text = bytes.toString('latin1');
  const last = (pattern: RegExp): string => [...text.matchAll(pattern)].at(-1)?.[1] ?? assert.fail(String(pattern));
  const object = (pattern: RegExp): { number: number; body: string; offset: number } => {
    const found = [...text.matchAll(/(?:^|\n)(\d+) 0 obj\n([\s\S]*?)\nendobj/g)]
      .filter(([, , body]) => pattern.test(body ?? ''))
      .at(-1);
    // What a newer file keeps in an object stream does not stand there to be read.
    if (!found) return { number: 0, body: '', offset: 0 };
    return {
      number: Number(found[1]),
      body: found[2] ?? '',
      offset: found.index + (found[0].startsWith('\n') ? 1 : 0),
    };
  };
  return {
    text,
    prev: Number(last(/startxref\s+(\d+)/g)),
    root: last(/\/Root (\d+ 0 R)/g),
    info: last(/\/Info (\d+ 0 R)/g),
    size: Number(last(/\/Size (\d+)/g)),
    catalog: object(/\/Type \/Catalog/),
    page: object(/\/Type \/Page\b(?!s)/),
    form: object(/\/Fields/),
    fields: object(/^\[ (?:\d+ 0 R ){6}\]$/),
    empty: object(/\/FT \/Sig(?![\s\S]*\/V )/),
    signature: object(/\/Type \/Sig\b/),
  };
}
export type Known = ReturnType<typeof known>;

export interface Update {
  /** Objects by number, each its text between `obj` and `endobj`. */
  objects?: Record<number, string>;
  /** Further lines of the table, as [first number, lines]. */
  entries?: [number, string[]][];
  trailer?: Partial<Record<'Root' | 'Info' | 'Prev' | 'Size' | 'ID', string>> & { more?: string };
  /** Put before the objects, between them and the table, and after the end. */
  front?: string;
  middle?: string;
  end?: string;
  /** Changes the finished text. */
  edit?: (update: string, at: number) => string;
}

export const line = (offset: number, generation = 0, kind = 'n'): string =>
  `${String(offset).padStart(10, '0')} ${String(generation).padStart(5, '0')} ${kind} \n`;

/** An incremental update with a table, correct unless it is asked to be otherwise. */
export function update(
  bytes: Buffer,
  { objects = {}, entries = [], trailer = {}, front = '', middle = '', end = '', edit }: Update,
): Buffer {
  const base = known(bytes);
  let body = `\n${front}`;
  const lines: string[] = ['0 1\n', line(0, 65535, 'f')];
  let highest = base.size - 1;
  for (const [number, text] of Object.entries(objects)) {
    lines.push(`${number} 1\n`, line(bytes.length + body.length));
    body += `${number} 0 obj\n${text}\nendobj\n`;
    highest = Math.max(highest, Number(number));
  }
  for (const [first, more] of entries) lines.push(`${first} ${more.length}\n`, ...more);
  body += middle;
  const start = bytes.length + body.length;
  const {
    Root = base.root,
    Info = base.info,
    Prev = String(base.prev),
    Size = String(highest + 1),
    more = '',
  } = trailer;
  const written = `${body}xref\n${lines.join('')}trailer\n<< /Size ${Size} /Root ${Root} /Info ${Info} /Prev ${Prev} ${more}>>\nstartxref\n${start}\n%%EOF\n${end}`;
  return Buffer.concat([bytes, Buffer.from(edit ? edit(written, bytes.length) : written, 'latin1')]);
}

/** An incremental update with a cross-reference stream. */
export function streamUpdate(
  bytes: Buffer,
  objects: Record<number, string>,
  options: { packed?: Record<number, string>; hidden?: string; listed?: boolean; keys?: string } = {},
): Buffer {
  const base = known(bytes);
  const places: [number, number, number, number][] = [];
  let body = '\n';
  let next =
    Math.max(base.size - 1, ...Object.keys(objects).map(Number), ...Object.keys(options.packed ?? {}).map(Number)) + 1;
  for (const [number, text] of Object.entries(objects)) {
    places.push([Number(number), 1, bytes.length + body.length, 0]);
    body += `${number} 0 obj\n${text}\nendobj\n`;
  }
  if (options.packed) {
    const packed = Object.entries(options.packed);
    let at = 0;
    const head = packed.map(([number, text]) => {
      const entry = `${number} ${at}`;
      at += text.length + 1;
      return entry;
    });
    const first = `${head.join(' ')} `;
    const data = deflateSync(Buffer.from(`${first}${packed.map(([, text]) => text).join(' ')}${options.hidden ?? ''}`));
    const own = next++;
    packed.forEach(([number], index) => {
      if (options.listed !== false || index === 0) places.push([Number(number), 2, own, index]);
    });
    places.push([own, 1, bytes.length + Buffer.byteLength(body, 'latin1'), 0]);
    body += `${own} 0 obj\n<< /Type /ObjStm /N ${packed.length} /First ${first.length} /Filter /FlateDecode /Length ${data.length} >>\nstream\n${data.toString('latin1')}\nendstream\nendobj\n`;
  }
  const own = next++;
  const start = bytes.length + body.length;
  places.push([own, 1, start, 0]);
  const rows = Buffer.concat(
    places.map(([, kind, a, b]) => Buffer.from([kind, (a >> 24) & 255, (a >> 16) & 255, (a >> 8) & 255, a & 255, b])),
  );
  const data = deflateSync(rows);
  body += `${own} 0 obj\n<< /Type /XRef /W [1 4 1] /Index [${places.map(([number]) => `${number} 1`).join(' ')}] /Size ${own + 1} /Root ${base.root} /Info ${base.info} /Prev ${base.prev} ${options.keys ?? ''}/Filter /FlateDecode /Length ${data.length} >>\nstream\n${data.toString('latin1')}\nendstream\nendobj\nstartxref\n${start}\n%%EOF`;
  return Buffer.concat([bytes, Buffer.from(body, 'latin1')]);
}

/** A text with one thing in it replaced, which must be there. */
export const swap = (text: string, from: string | RegExp, to: string): string => {
  const changed = text.replace(from, to);
  assert.notEqual(changed, text, String(from));
  return changed;
};
