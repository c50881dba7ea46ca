import { PDFDocument } from '@cantoo/pdf-lib';
import { type Known, line, swap, update } from './pdfUpdates.ts';

/* What an attacker without any key does to a signed PDF, written by hand as an attacker would. */

/** What is signed before it is attacked: two pages, and a file that it carries. */
export async function plainPdf(): Promise<PDFDocument> {
  const document = await PDFDocument.create();
  for (const text of ['Membership inference: NOT SATISFIED', 'Model inversion: NOT SATISFIED'])
    document.addPage().drawText(text, { size: 18, x: 40, y: 700 });
  await document.attach(Buffer.from('{"verdict":"not-satisfied"}'), 'assessment.json', {
    mimeType: 'application/json',
  });
  return document;
}

/** The newest object that looks like this. */
function object({ text }: Known, pattern: RegExp): { number: number; body: string } {
  const found = [...text.matchAll(/(?:^|\n)(\d+) 0 obj\n([\s\S]*?)\nendobj/g)]
    .filter(([, , body]) => pattern.test(body ?? ''))
    .at(-1);
  return { number: Number(found?.[1] ?? 0), body: found?.[2] ?? '' };
}

/** The bytes with something in them replaced, as long as it was. */
function edited(bytes: Buffer, from: RegExp | string, to: (...found: string[]) => string): Buffer {
  const text = bytes.toString('latin1');
  return Buffer.from(text.replace(from, to), 'latin1');
}

const stream = (text: string): string => `<< /Type /EmbeddedFile /Length ${text.length} >>\nstream\n${text}\nendstream`;

const DRAWN = '1 1 1 rg 0 0 595 842 re f BT /F 30 Tf 40 700 Td (SATISFIED) Tj ET';
const OVERLAY = `<< /Length ${DRAWN.length} >>\nstream\n${DRAWN}\nendstream`;
/** A new number of an object. */
export const fresh = (k: Known, more = 0): number => k.size + more;

/** What somebody makes of a signed file and what they read out of it. */
export type Attack = (bytes: Buffer, k: Known) => Buffer;
const withPage =
  (from: string | RegExp, to: string): Attack =>
  (b, k) =>
    update(b, { objects: { [k.page.number]: swap(k.page.body, from, to) } });
export const withCatalog =
  (more: string, objects: (k: Known) => Record<number, string> = () => ({})): Attack =>
  (b, k) =>
    update(b, { objects: { [k.catalog.number]: swap(k.catalog.body, /\n>>$/, `\n${more}\n>>`), ...objects(k) } });
/** A field made later, listed in the form and among the page's annotations. */
const withField =
  (field: (k: Known) => string, more: (k: Known) => Record<number, string> = () => ({})): Attack =>
  (b, k) => {
    const annots = /\/Annots (\d+) 0 R/.exec(k.page.body)?.[1] ?? '';
    const list = [...k.text.matchAll(new RegExp(`\\n${annots} 0 obj\\n(\\[[^\\]]*)\\]`, 'g'))].at(-1)?.[1];
    return update(b, {
      objects: {
        [k.fields.number]: k.fields.body.replace(' ]', ` ${fresh(k)} 0 R ]`),
        [annots]: `${list} ${fresh(k)} 0 R ]`,
        [fresh(k)]: field(k),
        ...more(k),
      },
    });
  };
const filled =
  (more: string, objects: (k: Known) => Record<number, string> = () => ({}), edit = (body: string) => body): Attack =>
  (b, k) =>
    update(b, { objects: { [k.empty.number]: swap(edit(k.empty.body), /\n>>$/, `\n${more}\n>>`), ...objects(k) } });
const form = (more = ''): string =>
  `<< /Type /XObject /Subtype /Form /BBox [0 0 100 50] ${more} /Length 4 >>\nstream\nq Q \nendstream`;

/** What is done without a key to a file whose cross-references are a table. */
export const WITHOUT_KEY: [what: string, attack: Attack][] = [
  [
    'the content of the first page',
    (b, k) => update(b, { objects: { [Number(/\/Contents \[? ?(\d+)/.exec(k.page.body)?.[1])]: OVERLAY } }),
  ],
  [
    'a page that points to new content',
    (b, k) =>
      update(b, {
        objects: {
          [k.page.number]: swap(k.page.body, /\/Contents [^\n]*/, `/Contents ${fresh(k)} 0 R`),
          [fresh(k)]: OVERLAY,
        },
      }),
  ],
  ['a page turned round', withPage('/MediaBox', '/Rotate 180 /MediaBox')],
  ['a page cropped', withPage('/MediaBox', '/CropBox [0 0 10 10] /MediaBox')],
  ['a page made of another unit', withPage('/MediaBox', '/UserUnit 9 /MediaBox')],
  ['a page that opens with an action', withPage('/MediaBox', '/AA << /O << /S /JavaScript /JS (x) >> >> /MediaBox')],
  ['other fonts for a page', withPage('/Resources <<', '/Resources << /Extra 1')],
  ['a page without its annotations', withPage(/\/Annots [^\n]*\n/, '')],
  [
    'an annotation over the page',
    withPage(
      /\/Annots [^\n]*/,
      '/Annots [ << /Type /Annot /Subtype /FreeText /Rect [0 0 595 842] /Contents (SATISFIED) >> ]',
    ),
  ],
  [
    'a stamp in the list of annotations',
    (b, k) => {
      const annots = /\/Annots (\d+) 0 R/.exec(k.page.body)?.[1] ?? '';
      const list = [...k.text.matchAll(new RegExp(`\\n${annots} 0 obj\\n(\\[[^\\]]*)\\]`, 'g'))].at(-1)?.[1];
      return update(b, {
        objects: {
          [annots]: `${list} ${fresh(k)} 0 R ]`,
          [fresh(k)]: '<< /Type /Annot /Subtype /Stamp /Rect [0 0 595 842] >>',
        },
      });
    },
  ],
  [
    'the order of the annotations',
    (b, k) => {
      const annots = /\/Annots (\d+) 0 R/.exec(k.page.body)?.[1] ?? '';
      const list = [...k.text.matchAll(new RegExp(`\\n${annots} 0 obj\\n\\[ ([^\\]]*) \\]`, 'g'))].at(-1)?.[1] ?? '';
      return update(b, { objects: { [annots]: `[ ${(list.match(/\d+ 0 R/g) ?? []).reverse().join(' ')} ]` } });
    },
  ],
  [
    'another page tree',
    (b, k) =>
      update(b, {
        objects: {
          [k.catalog.number]: swap(k.catalog.body, /\/Pages \d+ 0 R/, `/Pages ${fresh(k)} 0 R`),
          [fresh(k)]: `<< /Type /Pages /Kids [ ${k.page.number} 0 R ] /Count 1 >>`,
        },
      }),
  ],
  [
    'the page tree in its place',
    (b, k) =>
      update(b, {
        objects: {
          [Number(/\/Pages (\d+)/.exec(k.catalog.body)?.[1])]:
            `<< /Type /Pages /Kids [ ${k.page.number} 0 R ] /Count 1 >>`,
        },
      }),
  ],
  ['a version', withCatalog('/Version /2.0')],
  ['an action on opening', withCatalog('/OpenAction << /S /JavaScript /JS (app.alert(1)) >>')],
  ['layers', withCatalog('/OCProperties << /OCGs [] /D << >> >>')],
  [
    'names',
    (b, k) =>
      update(b, { objects: { [k.catalog.number]: swap(k.catalog.body, '/Names <<', '/Names << /JavaScript << >>') } }),
  ],
  ['a requirement', withCatalog('/Requirements []')],
  ['extensions that hold something else', withCatalog('/Extensions << /X << /Do 1 >> >>')],
  [
    'permissions dropped',
    (b, k) => update(b, { objects: { [k.catalog.number]: swap(k.catalog.body, /\/Perms <<[^>]*>>/, '') } }),
  ],
  [
    'the form dropped',
    (b, k) => update(b, { objects: { [k.catalog.number]: swap(k.catalog.body, /\/AcroForm \d+ 0 R/, '') } }),
  ],
  [
    'another form',
    (b, k) =>
      update(b, {
        objects: {
          [k.catalog.number]: swap(k.catalog.body, /\/AcroForm \d+ 0 R/, `/AcroForm ${fresh(k)} 0 R`),
          [fresh(k)]: swap(k.form.body, '/SigFlags 3', '/SigFlags 3 /NeedAppearances true'),
        },
      }),
  ],
  [
    'a form in the place of a page',
    (b, k) =>
      update(b, {
        objects: {
          [k.catalog.number]: swap(k.catalog.body, /\/AcroForm \d+ 0 R/, `/AcroForm ${k.page.number} 0 R`),
          [k.page.number]: k.form.body,
        },
      }),
  ],
  [
    'an XFA form',
    (b, k) => update(b, { objects: { [k.form.number]: swap(k.form.body, '/SigFlags 3', '/SigFlags 3 /XFA (x)') } }),
  ],
  ['the fields taken away', (b, k) => update(b, { objects: { [k.fields.number]: '[ ]' } })],
  [
    'a text field',
    withField(() => '<< /FT /Tx /T (verdict) /V (SATISFIED) /Type /Annot /Subtype /Widget /Rect [0 0 595 842] >>'),
  ],
  [
    'an empty signature field that shows',
    withField((k) => `<< /FT /Sig /T (x) /Type /Annot /Subtype /Widget /Rect [0 0 595 842] /P ${k.page.number} 0 R >>`),
  ],
  [
    'an empty signature field that does not show',
    withField((k) => `<< /FT /Sig /T (x) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P ${k.page.number} 0 R >>`),
  ],
  [
    'a field with the first signature in it',
    withField(
      (k) =>
        `<< /FT /Sig /T (x) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P ${k.page.number} 0 R /V ${k.signature.number} 0 R >>`,
    ),
  ],
  [
    'a field with a copied signature',
    withField(
      (k) =>
        `<< /FT /Sig /T (x) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P ${k.page.number} 0 R /V ${fresh(k, 1)} 0 R >>`,
      (k) => ({ [fresh(k, 1)]: k.signature.body }),
    ),
  ],
  [
    'a time-stamp field that shows',
    withField(
      (k) =>
        `<< /FT /Sig /T (x) /Type /Annot /Subtype /Widget /Rect [0 0 595 842] /P ${k.page.number} 0 R /V ${fresh(k, 1)} 0 R >>`,
      (k) => ({
        [fresh(k, 1)]: '<< /Type /DocTimeStamp /SubFilter /ETSI.RFC3161 /ByteRange [0 1 2 3] /Contents <00> >>',
      }),
    ),
  ],
  [
    'a time-stamp that is none',
    withField(
      (k) =>
        `<< /FT /Sig /T (x) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P ${k.page.number} 0 R /V ${fresh(k, 1)} 0 R >>`,
      (k) => ({
        [fresh(k, 1)]: '<< /Type /DocTimeStamp /SubFilter /ETSI.RFC3161 /ByteRange [0 1 2 3] /Contents <00> >>',
      }),
    ),
  ],
  [
    'an empty field with another appearance and no value',
    (b, k) => update(b, { objects: { [k.empty.number]: swap(k.empty.body, /\/N \d+ 0 R/, '/N 99 0 R') } }),
  ],
  [
    'an empty field with an appearance of its own and no value',
    (b, k) =>
      update(b, {
        objects: { [k.empty.number]: swap(k.empty.body, /\/N \d+ 0 R/, `/N ${fresh(k)} 0 R`), [fresh(k)]: form() },
      }),
  ],
  [
    'an empty field made larger',
    (b, k) =>
      update(b, { objects: { [k.empty.number]: swap(k.empty.body, /\/Rect \[[^\]]*\]/, '/Rect [0 0 595 842]') } }),
  ],
  [
    'an empty field made a text',
    (b, k) => update(b, { objects: { [k.empty.number]: swap(k.empty.body, '/FT /Sig', '/FT /Tx /V (SATISFIED)') } }),
  ],
  ['an empty field filled with the first signature', (b, k) => filled(`/V ${k.signature.number} 0 R`)(b, k)],
  ['an empty field filled with a text', filled('/V (signed)')],
  [
    'an empty field filled with a name only',
    (b, k) => filled(`/V ${fresh(k)} 0 R`, () => ({ [fresh(k)]: '<< /Type /Sig /Name (The board) >>' }))(b, k),
  ],
  [
    'an empty field filled with a copied signature',
    (b, k) => filled(`/V ${fresh(k)} 0 R`, () => ({ [fresh(k)]: k.signature.body }))(b, k),
  ],
  [
    'the signature rewritten with another name',
    (b, k) =>
      update(b, { objects: { [k.signature.number]: swap(k.signature.body, /\/Name <[^>]*>/, '/Name (The board)') } }),
  ],
  [
    'a role of the signature rewritten',
    (b, k) =>
      update(b, {
        objects: { [k.signature.number]: swap(k.signature.body, /\/Reason <[^>]*>/, '/Reason (approver)') },
      }),
  ],
  ['the title', (b, k) => update(b, { objects: { [Number(k.info.split(' ')[0])]: '<< /Title (Satisfied) >>' } })],
  [
    'other properties',
    (b, k) => update(b, { objects: { [fresh(k)]: '<< /Title (Satisfied) >>' }, trailer: { Info: `${fresh(k)} 0 R` } }),
  ],
  [
    'another catalog',
    (b, k) => update(b, { objects: { [fresh(k)]: k.catalog.body }, trailer: { Root: `${fresh(k)} 0 R` } }),
  ],
  [
    'a catalog of another generation',
    (b, k) => update(b, { objects: {}, trailer: { Root: k.root.replace(' 0 ', ' 1 ') } }),
  ],
  ['validation data that is a page', (b, k) => withCatalog(`/DSS ${k.page.number} 0 R`)(b, k)],
  ['validation data that holds an action', withCatalog('/DSS << /Type /DSS /AA << /S /JavaScript >> >>')],
  [
    'validation data that holds an image',
    (b, k) => withCatalog(`/DSS << /Type /DSS /Certs [ ${fresh(k)} 0 R ] >>`, () => ({ [fresh(k)]: form() }))(b, k),
  ],
  ['an object that nothing refers to', (b, k) => update(b, { objects: { [fresh(k)]: '(hidden)' } })],
  ['an object taken away', (b, k) => update(b, { entries: [[k.page.number, [line(0, 1, 'f')]]] })],
  [
    'an object pointed back into the signed part',
    (b, k) => update(b, { entries: [[k.page.number, [line(k.catalog.offset)]]] }),
  ],
  [
    'an object listed twice',
    (b, k) => update(b, { objects: { [fresh(k)]: '(a)' }, entries: [[fresh(k), [line(b.length)]]] }),
  ],
  [
    'an object of another generation',
    (b, k) =>
      update(b, {
        front: `${k.page.number} 1 obj\n<< >>\nendobj\n`,
        entries: [[k.page.number, [line(b.length + 1, 1)]]],
      }),
  ],
  [
    'an object that its table does not list',
    (b, k) => update(b, { front: `${k.page.number} 0 obj\n<< /Type /Page >>\nendobj\n` }),
  ],
  [
    'an object listed at another of the same number',
    (b, k) =>
      update(b, {
        front: `${k.catalog.number} 0 obj\n<< /Type /Catalog /Evil 1 >>\nendobj\n`,
        objects: { [k.catalog.number]: k.catalog.body },
      }),
  ],
  ['a comment between objects', (b) => update(b, { front: '% a comment\n' })],
  ['a comment before the table', (b) => update(b, { middle: '% a comment\n' })],
  ['a comment in a dictionary', withCatalog('% a comment')],
  ['letters before the table', (b) => update(b, { middle: 'xyz\n' })],
  ['letters after the end', (b) => update(b, { end: 'xyz\n' })],
  ['an end after the end', (b) => update(b, { end: 'startxref\n0\n%%EOF\n' })],
  ['two ends', (b) => update(b, { end: '%%EOF\n' })],
  [
    'a decoy trailer before the real one',
    (b, k) => update(b, { middle: `trailer\n<< /Root ${k.page.number} 0 R >>\n` }),
  ],
  ['a decoy table', (b) => update(b, { middle: `xref\n0 1\n${line(0, 65535, 'f')}trailer\n<< >>\n` })],
  [
    'a decoy startxref',
    (b, k) => update(b, { edit: (text) => swap(text, '\nstartxref', `\nstartxref\n${k.prev}\n%%EOF\nstartxref`) }),
  ],
  [
    'a Prev that skips the signed revision',
    (b, k) => update(b, { trailer: { Prev: /startxref\s+(\d+)/.exec(k.text)?.[1] ?? '' } }),
  ],
  ['no Prev', (b) => update(b, { edit: (text) => swap(text, /\/Prev \d+ /, '') })],
  [
    'a Prev to itself',
    (b) => update(b, { edit: (text) => swap(text, /\/Prev \d+ /, `/Prev ${b.length + text.indexOf('xref\n')} `) }),
  ],
  ['a Prev beyond the end', (b) => update(b, { trailer: { Prev: '99999999' } })],
  ['a Prev to other bytes', (b, k) => update(b, { trailer: { Prev: String(k.prev - 3) } })],
  ['a Prev that is a reference', (b) => update(b, { trailer: { Prev: '1 0 R' } })],
  ['two Prevs', (b) => update(b, { trailer: { more: '/Prev 0 ' } })],
  ['a hybrid table', (b, k) => update(b, { trailer: { more: `/XRefStm ${k.prev} ` } })],
  ['an encrypted update', (b) => update(b, { trailer: { more: '/Encrypt << /Filter /Standard >> ' } })],
  ['a trailer with another key', (b) => update(b, { trailer: { more: '/AuthCode 1 ' } })],
  ['a Size that hides objects', (b, k) => update(b, { trailer: { Size: String(k.size - 3) } })],
  [
    'a table with short lines',
    (b, k) =>
      update(b, { objects: { [k.catalog.number]: k.catalog.body }, edit: (text) => swap(text, / n \n/g, ' n\n') }),
  ],
  [
    'a table whose count lies',
    (b, k) =>
      update(b, {
        objects: { [k.catalog.number]: k.catalog.body },
        edit: (text) => swap(text, `\n${k.catalog.number} 1\n`, `\n${k.catalog.number} 7\n`),
      }),
  ],
  ['a table of impossible numbers', (b) => update(b, { edit: (text) => swap(text, '0 1\n', '9999999999 1\n') })],
  [
    'a startxref that leads elsewhere',
    (b, k) => update(b, { edit: (text) => swap(text, /startxref\n\d+/, `startxref\n${k.catalog.offset}`) }),
  ],
  [
    'a startxref that leads to the signed revision',
    (b, k) =>
      update(b, {
        objects: { [fresh(k)]: '(x)' },
        edit: (text) => swap(text, /startxref\n\d+/, `startxref\n${k.prev}`),
      }),
  ],
  ['the same key twice in the catalog', withCatalog('/Pages 1 0 R')],
  ['a whole new file behind', (b) => Buffer.concat([b, Buffer.from('\n'), b])],
  ['the file without its end', (b) => b.subarray(0, -12)],
  ['something before the header', (b) => Buffer.concat([Buffer.from('%!PS\n'), b])],
  ['a header behind a header', (b) => Buffer.concat([Buffer.from('%PDF-1.7\n'), b])],
  [
    'a stream whose length lies',
    (b, k) => update(b, { objects: { [fresh(k)]: '<< /Length 99999 >>\nstream\nx\nendstream' } }),
  ],
  [
    'a stream whose length is short',
    (b, k) => update(b, { objects: { [fresh(k)]: '<< /Length 1 >>\nstream\nxyz\nendstream' } }),
  ],
  [
    'a stream kept in another file',
    (b, k) =>
      update(b, {
        objects: {
          [Number(/\/Contents \[? ?(\d+)/.exec(k.page.body)?.[1])]: '<< /Length 0 /F (other) >>\nstream\n\nendstream',
        },
      }),
  ],
  [
    'a file in it replaced',
    (b, k) =>
      update(b, { objects: { [object(k, /\/Type \/EmbeddedFile/).number]: stream('{"verdict":"satisfied"}') } }),
  ],
  [
    'another file under the same name',
    (b, k) => {
      const spec = object(k, /\/Type \/Filespec/);
      return update(b, {
        objects: {
          [spec.number]: swap(spec.body, /\/F \d+ 0 R/, `/F ${fresh(k)} 0 R`),
          [fresh(k)]: stream('{"verdict":"satisfied"}'),
        },
      });
    },
  ],
  [
    'a file added',
    (b, k) =>
      update(b, {
        objects: { [k.catalog.number]: swap(k.catalog.body, '/AF [', '/AF [ << /Type /Filespec /F (x) >>') },
      }),
  ],
  ['a language', withCatalog('/Lang (x)')],
  ['page labels', withCatalog('/PageLabels << /Nums [ 0 << /P (SATISFIED ) >> ] >>')],
  ['a thread', withCatalog('/Threads []')],
  ['a structure of its own', withCatalog('/StructTreeRoot << /Type /StructTreeRoot >>')],
  ['an outline', withCatalog('/Outlines << /Type /Outlines >>')],
  ['a collection', withCatalog('/Collection << >>')],
  ['how a reader begins', withCatalog('/PageMode /UseAttachments')],
  ['other metadata', withCatalog('/Metadata 1 0 R')],
  ['a certificate of usage rights', withCatalog('/Legal << >>')],
  ['an output intent', withCatalog('/OutputIntents []')],
  ['a security handler in the catalog', withCatalog('/Encrypt << /Filter /Standard >>')],
  ['a link over the page', withPage('/MediaBox', '/A << /S /URI /URI (http://example.org) >> /MediaBox')],
  ['a page whose colours mix in another way', withPage('/MediaBox', '/Group << /S /Transparency >> /MediaBox')],
  ['a page with a metadata of its own', withPage('/MediaBox', '/Metadata 1 0 R /MediaBox')],
  ['a page in another order of reading', withPage('/MediaBox', '/Tabs /R /MediaBox')],
  ['a page that belongs to no tree', withPage(/\/Parent \d+ 0 R/, '/Parent 5 0 R')],
  [
    'a signature without its bytes',
    (b) => edited(b, /\/Contents <[0-9a-f]+>/, (found) => `/Contents <${'0'.repeat(found.length - 12)}>`),
  ],
  ['a signature with something behind its bytes', (b) => edited(b, /0000000000>/, () => '00000abc00>')],
  ['a byte range that begins later', (b) => edited(b, /\/ByteRange \[0 /, () => '/ByteRange [1 ')],
  ['a byte range of words', (b) => edited(b, /\/ByteRange \[0 \d/, () => '/ByteRange [0 x')],
  [
    'a byte range that ends earlier',
    (b) =>
      edited(
        b,
        /\/ByteRange \[(\d+ \d+ \d+) (\d)/,
        (_, three, digit) => `/ByteRange [${three} ${digit === '1' ? '2' : '1'}`,
      ),
  ],
  ['another kind of signature', (b) => edited(b, '/ETSI.CAdES.detached', () => '/ETSI.CAdES.Detached')],
  [
    'a signature said to be a time-stamp',
    (b) => edited(b, '/SubFilter /ETSI.CAdES.detached', () => '/SubFilter /ETSI.RFC3161       '),
  ],
  ['a letter of the first page', (b) => edited(b, /stream\n./, (found) => `${found.slice(0, -1)}\x00`)],
  [
    'the certifying signature named in another place',
    (b, k) =>
      update(b, {
        objects: {
          [k.catalog.number]: swap(k.catalog.body, /\/DocMDP \d+ 0 R/, `/DocMDP ${fresh(k)} 0 R`),
          [fresh(k)]: k.signature.body,
        },
      }),
  ],
  [
    'permissions of the first signature widened',
    (b, k) => update(b, { objects: { [k.signature.number]: swap(k.signature.body, '/P 2', '/P 3') } }),
  ],
  [
    'an appearance of the first block',
    (b, k) =>
      update(b, {
        objects: {
          [object(k, /\/FT \/Sig[\s\S]*\/V /).number]: swap(
            object(k, /\/FT \/Sig[\s\S]*\/V /).body,
            /\/N \d+ 0 R/,
            `/N ${fresh(k)} 0 R`,
          ),
          [fresh(k)]: form(),
        },
      }),
  ],
  [
    'a font of the first block',
    (b, k) =>
      update(b, {
        objects: {
          [object(k, /\/Type \/FontDescriptor/).number]: '<< /Type /FontDescriptor /FontName /Other /Flags 4 >>',
        },
      }),
  ],
  [
    'a first block that is hidden',
    (b, k) =>
      update(b, {
        objects: {
          [object(k, /\/FT \/Sig[\s\S]*\/V /).number]: swap(object(k, /\/FT \/Sig[\s\S]*\/V /).body, '/F 132', '/F 2'),
        },
      }),
  ],
  [
    'a first block somewhere else',
    (b, k) =>
      update(b, {
        objects: {
          [object(k, /\/FT \/Sig[\s\S]*\/V /).number]: swap(
            object(k, /\/FT \/Sig[\s\S]*\/V /).body,
            /\/Rect \[[^\]]*\]/,
            '/Rect [0 0 1 1]',
          ),
        },
      }),
  ],
  [
    'the signature taken out of its field',
    (b, k) =>
      update(b, {
        objects: {
          [object(k, /\/FT \/Sig[\s\S]*\/V /).number]: swap(object(k, /\/FT \/Sig[\s\S]*\/V /).body, /\/V \d+ 0 R/, ''),
        },
      }),
  ],
  [
    'a field with a field below it',
    (b, k) => filled(`/Kids [ ${fresh(k)} 0 R ]`, () => ({ [fresh(k)]: '<< /FT /Tx /V (SATISFIED) >>' }))(b, k),
  ],
  ['a lock on a field', filled('/Lock << /Type /SigFieldLock /Action /All >>')],
  ['an action of a field', filled('/AA << /E << /S /JavaScript /JS (x) >> >>')],
  ['a caption of a field', filled('/MK << /CA (APPROVED) >>')],
  [
    'another name of a field',
    (b, k) => update(b, { objects: { [k.empty.number]: swap(k.empty.body, /\/T <[^>]*>/, '/T (Approver)') } }),
  ],
  [
    'what a field is read out as',
    (b, k) => update(b, { objects: { [k.empty.number]: swap(k.empty.body, /\/TU <[^>]*>/, '/TU (Approved)') } }),
  ],
  [
    'what an empty field shows',
    (b, k) => update(b, { objects: { [Number(/\/N (\d+) 0 R/.exec(k.empty.body)?.[1])]: OVERLAY } }),
  ],
];
