import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { PDFDocument, PDFName, PDFRef } from '@cantoo/pdf-lib';
import type { Signer } from '../../src/pki/signer.ts';
import { sealPdf } from '../../src/sign/pdf/seal.ts';
import { verifyPdf } from '../../src/verify/pdf.ts';
import { type Authority, startAuthority } from '../support/authority.ts';
import { type Known, known, line, streamUpdate, swap, update } from '../support/pdfUpdates.ts';
import { scratch } from '../support/workspace.ts';

/*
 * What an attacker without any key does to a signed PDF, written by hand as an attacker would. Of none of it may be said that
 * nothing was changed; and of what honest people do, always.
 */

const folder = scratch();
let ca: Authority;
let preparer: Signer;
let reviewer: Signer;
/** With a cross-reference table, and with a cross-reference stream and object streams. */
let table: Buffer;
let stream: Buffer;

before(async () => {
  ca = await startAuthority(path.join(folder, 'ca'));
  preparer = await ca.identity('preparer', 'p256', 'none');
  reviewer = await ca.identity('reviewer', 'p256', 'none');
  const document = await PDFDocument.create();
  for (const text of ['Membership inference: NOT SATISFIED', 'Model inversion: NOT SATISFIED'])
    document.addPage().drawText(text, { size: 18, x: 40, y: 700 });
  table = await signed(await document.save({ useObjectStreams: false }));
  stream = await signed(await document.save());
});
after(() => ca.stop());

async function signed(bytes: Uint8Array, by = preparer, role = 'preparer'): Promise<Buffer> {
  return Buffer.from(await sealPdf(bytes, by, { role, time: new Date(), level: 'b' }));
}

async function problemsOf(bytes: Uint8Array): Promise<string[]> {
  return (await verifyPdf(bytes, [])).problems;
}

const OVERLAY =
  '<< /Length 70 >>\nstream\n1 1 1 rg 0 0 595 842 re f BT /F 30 Tf 40 700 Td (SATISFIED) Tj ET        \nendstream';
/** A new number of an object. */
const fresh = (k: Known, more = 0): number => k.size + more;

type Attack = (bytes: Buffer, k: Known) => Buffer;
const withPage =
  (from: string | RegExp, to: string): Attack =>
  (b, k) =>
    update(b, { objects: { [k.page.number]: swap(k.page.body, from, to) } });
const withCatalog =
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
const WITHOUT_KEY: [what: string, attack: Attack][] = [
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
  ['names', withCatalog('/Names << >>')],
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
  ['an empty field with an appearance and no value', filled(`/AP << /N 99 0 R >>`, () => ({}))],
  [
    'an empty field with an appearance of its own and no value',
    (b, k) => filled(`/AP << /N ${fresh(k)} 0 R >>`, () => ({ [fresh(k)]: form() }))(b, k),
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
];

test('what is done to a signed PDF without a key is never called intact', async () => {
  assert.deepEqual(await problemsOf(table), []);
  const k = known(table);
  const missed: string[] = [];
  for (const [what, attack] of WITHOUT_KEY) if ((await problemsOf(attack(table, k))).length === 0) missed.push(what);
  assert.deepEqual(missed, []);
  assert.ok(WITHOUT_KEY.length >= 80, `${WITHOUT_KEY.length}`);
  assert.equal(new Set(WITHOUT_KEY.map(([what]) => what)).size, WITHOUT_KEY.length);
});

test('an update that changes nothing is no change, so the attacks above fail for what they change', async () => {
  const k = known(table);
  assert.deepEqual(await problemsOf(update(table, {})), []);
  assert.deepEqual(
    await problemsOf(
      update(table, {
        objects: { [k.catalog.number]: k.catalog.body, [k.page.number]: k.page.body.replaceAll('\n', ' ') },
      }),
    ),
    [],
  );
  const store = withCatalog(`/DSS << /Type /DSS /Certs [ ${fresh(k)} 0 R ] >>`, () => ({
    [fresh(k)]: '<< /Length 1 >>\nstream\nx\nendstream',
  }));
  assert.deepEqual(await problemsOf(store(table, k)), []);
  const info = k.text.match(new RegExp(`\\n${k.info.split(' ')[0]} 0 obj\\n([\\s\\S]*?)\\nendobj`))?.[1] ?? '';
  const renamed = update(table, {
    objects: { [Number(k.info.split(' ')[0])]: swap(info, /\/Producer \S+/, '/Producer (other)') },
  });
  assert.deepEqual(await problemsOf(renamed), []);
  assert.deepEqual((await verifyPdf(renamed, [])).signatures[0]?.later, [
    'producer and date of change, which are not signed',
  ]);
});

test('cross-reference and object streams are held to the same', async () => {
  assert.deepEqual(await problemsOf(stream), []);
  const k = { ...known(stream) };
  const catalog = k.catalog.body;
  assert.deepEqual(await problemsOf(streamUpdate(stream, { [k.catalog.number]: catalog })), []);
  assert.deepEqual(await problemsOf(streamUpdate(stream, {}, { packed: { [k.catalog.number]: catalog } })), []);
  const attacks: [string, Buffer][] = [
    ['a version', streamUpdate(stream, { [k.catalog.number]: swap(catalog, /\n>>$/, ' /Version /2.0 >>') })],
    [
      'a version in an object stream',
      streamUpdate(stream, {}, { packed: { [k.catalog.number]: swap(catalog, /\n>>$/, ' /Version /2.0 >>') } }),
    ],
    [
      'an object stream with an object that is not listed',
      streamUpdate(
        stream,
        {},
        { packed: { [k.catalog.number]: catalog, [k.page.number]: '<< /Type /Page >>' }, listed: false },
      ),
    ],
    [
      'an object stream with more in it',
      streamUpdate(stream, {}, { packed: { [k.catalog.number]: catalog }, hidden: ' << /Type /Page >>' }),
    ],
    ['a page in an object stream', streamUpdate(stream, {}, { packed: { [k.page.number]: '<< /Type /Page >>' } })],
    ['a trailer with another key', streamUpdate(stream, {}, { keys: '/Encrypt << >> ' })],
    ['a trailer with a hybrid', streamUpdate(stream, {}, { keys: '/XRefStm 0 ' })],
    ['an object that nothing refers to', streamUpdate(stream, { [fresh(k)]: '(hidden)' })],
    ['a table over a stream, with a page', update(stream, { objects: { [k.page.number]: '<< /Type /Page >>' } })],
  ];
  const missed: string[] = [];
  for (const [what, bytes] of attacks) if ((await problemsOf(bytes)).length === 0) missed.push(what);
  assert.deepEqual(missed, []);
});

test('a reference that led nowhere when it was signed cannot be filled later', async () => {
  const document = await PDFDocument.create();
  document.addPage().node.set(PDFName.of('Thumb'), PDFRef.of(60));
  const bytes = await signed(await document.save({ useObjectStreams: false }));
  const fill = (number: number): Buffer =>
    withCatalog(`/DSS << /Certs [ ${number} 0 R ] >>`, () => ({ [number]: '<< /Length 1 >>\nstream\nx\nendstream' }))(
      bytes,
      known(bytes),
    );
  assert.deepEqual(await problemsOf(fill(61)), []);
  assert.match(
    (await problemsOf(fill(60))).join(),
    /object 60, which the signed part refers to, was put in after signing/,
  );
});

test('reviewers and approvers who sign one after the other leave it intact, until every field is taken', async () => {
  for (const first of [table, stream]) {
    let bytes = first;
    for (let signer = 2; signer <= 6; signer++) {
      bytes = await signed(bytes, signer % 2 === 0 ? reviewer : preparer, 'reviewer');
      const { problems, signatures } = await verifyPdf(bytes, []);
      assert.deepEqual([problems, signatures.length], [[], signer]);
    }
    await assert.rejects(signed(bytes, reviewer), /takes no more signatures/);
  }
});

test('a colleague with a real key cannot sign what was changed in between, or lie over it', async () => {
  const k = known(table);
  const changed = update(table, {
    objects: { [k.page.number]: swap(k.page.body, '/MediaBox', '/Rotate 180 /MediaBox') },
  });
  assert.match(
    (await problemsOf(await signed(changed, reviewer))).join(),
    /Rotate of page 2 was replaced|Rotate of page 1 was replaced/,
  );
  const larger = update(table, {
    objects: { [k.empty.number]: swap(k.empty.body, /\/Rect \[[^\]]*\]/, '/Rect [0 0 595 842]') },
  });
  assert.notDeepEqual(await problemsOf(await signed(larger, reviewer)), []);
});

test('a megabyte of anything is answered within two seconds, with a clear no', async () => {
  const k = known(table);
  const many = (text: string): string => text.repeat(Math.floor(1_000_000 / text.length));
  const body = (text: string): Buffer => update(table, { objects: { [fresh(k)]: text } });
  const inputs: [string, Buffer][] = [
    ['lists in lists', body(many('['))],
    ['dictionaries in dictionaries', body(many('<</A'))],
    ['digits', body(many('1'))],
    ['numbers', body(`[${many('1 ')}]`)],
    ['almost references', body(`[${many('1 0 ')}]`)],
    ['white space', body(many(' '))],
    ['parentheses', body(many('('))],
    ['backslashes', body(`(${many('\\')}`)],
    ['hexadecimal without an end', body(`<${many('0')}`)],
    ['names', body(`[${many('/A#20')}]`)],
    ['comments', Buffer.concat([table, Buffer.from(many('%\n'))])],
    ['ends', Buffer.concat([table, Buffer.from(many('%%EOF\n'))])],
    ['starts', Buffer.concat([table, Buffer.from(many('startxref\n1\n'))])],
    ['headers', Buffer.from(many('%PDF-1.7\n'))],
    ['zeros', Buffer.alloc(1_000_000)],
    ['a table of many', update(table, { entries: [[fresh(k), Array.from({ length: 45_000 }, () => line(0))]] })],
    [
      'fields that hold each other',
      update(table, {
        objects: { [fresh(k)]: `<< /Kids [ ${fresh(k)} 0 R ] >>`, [k.fields.number]: `[ ${many(`${fresh(k)} 0 R `)}]` },
      }),
    ],
    [
      'many updates',
      Array.from({ length: 1200 }).reduce<Buffer>(
        (bytes) => (bytes.length > 1_000_000 ? bytes : update(bytes, {})),
        table.subarray(),
      ),
    ],
    [
      'a stream that unpacks to much',
      update(table, {
        edit: (_text, at) => {
          const data = deflateSync(Buffer.alloc(400_000_000)).toString('latin1');
          return `\n${fresh(k)} 0 obj\n<< /Type /XRef /W [1 4 1] /Index [0 1] /Size ${fresh(k) + 1} /Root ${k.root} /Prev ${k.prev} /Filter /FlateDecode /Length ${data.length} >>\nstream\n${data}\nendstream\nendobj\nstartxref\n${at + 1}\n%%EOF`;
        },
      }),
    ],
  ];
  for (const [what, bytes] of inputs) {
    const start = performance.now();
    assert.notDeepEqual(await problemsOf(bytes), [], what);
    assert.ok(performance.now() - start < 10_000, `${what}: ${Math.round(performance.now() - start)} ms`);
  }
});
