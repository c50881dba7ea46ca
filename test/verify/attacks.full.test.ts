import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { PDFArray, PDFDict, PDFDocument, PDFHexString, PDFName, PDFRef } from '@cantoo/pdf-lib';
import { SignPdf } from '@signpdf/signpdf';
import { DEFAULT_BYTE_RANGE_PLACEHOLDER, Signer as PdfSigner } from '@signpdf/utils';
import type { Signer } from '../../src/pki/signer.ts';
import { requestTimestamp } from '../../src/pki/timestamp.ts';
import { sealPdf } from '../../src/sign/pdf/seal.ts';
import { verifyPdf } from '../../src/verify/pdf.ts';
import { type Authority, startAuthority } from '../support/authority.ts';
import { fresh, plainPdf, WITHOUT_KEY, withCatalog } from '../support/pdfAttacks.ts';
import { known, line, streamUpdate, swap, update } from '../support/pdfUpdates.ts';
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
  const document = await plainPdf();
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

test('what is done to a signed PDF without a key is never called intact', async () => {
  assert.deepEqual(await problemsOf(table), []);
  const k = known(table);
  const missed: string[] = [];
  for (const [what, attack] of WITHOUT_KEY) {
    const made = attack(table, k);
    if (made.equals(table) || (await problemsOf(made)).length === 0) missed.push(what);
  }
  assert.deepEqual(missed, []);
  assert.ok(WITHOUT_KEY.length >= 120, `${WITHOUT_KEY.length}`);
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

/** Asks for a time-stamp, which anybody gets. */
class Stamper extends PdfSigner {
  override async sign(content: Buffer): Promise<Buffer> {
    return Buffer.from(await requestTimestamp(`${ca.url}/tsa`, content));
  }
}

test('a time-stamp, which anybody gets, cannot be put into a field that shows', async () => {
  const stamped = async (shows: boolean): Promise<Buffer> => {
    const document = await PDFDocument.load(table, { updateMetadata: false, forIncrementalUpdate: true });
    const { context, catalog } = document;
    const field = catalog
      .lookup(PDFName.of('AcroForm'), PDFDict)
      .lookup(PDFName.of('Fields'), PDFArray)
      .lookup(1, PDFDict);
    const place = PDFName.of(DEFAULT_BYTE_RANGE_PLACEHOLDER);
    const value = context.obj({
      Type: 'DocTimeStamp',
      Filter: 'Adobe.PPKLite',
      SubFilter: 'ETSI.RFC3161',
      ByteRange: [0, place, place, place],
      Contents: PDFHexString.of('0'.repeat(40_000)),
    });
    field.set(PDFName.of('V'), context.register(value));
    const words = 'BT (Signed as approver: The board) Tj ET';
    const form = context.stream(words, { Type: 'XObject', Subtype: 'Form', BBox: [0, 0, 168, 50] });
    if (shows) field.set(PDFName.of('AP'), context.obj({ N: context.register(form) }));
    context.snapshot?.markObjsForSave([field]);
    return new SignPdf().sign(Buffer.from(await document.commit({ useObjectStreams: false })), new Stamper());
  };
  for (const shows of [true, false]) {
    const { problems } = await verifyPdf(await stamped(shows), []);
    assert.match(problems.join(), /a time-stamp was put into a field that shows/);
  }
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
