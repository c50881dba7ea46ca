import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import {
  PDFArray,
  PDFDict,
  PDFDocument,
  PDFHexString,
  PDFName,
  type PDFRawStream,
  PDFRef,
  PDFString,
} from '@cantoo/pdf-lib';
import { type Assessment, serialiseAssessment } from '../../src/assess/assessment.ts';
import { unzipBounded, zipSame } from '../../src/files/zip.ts';
import { signPath } from '../../src/pack/cosign.ts';
import { reperform } from '../../src/pack/reperform.ts';
import { packStatement } from '../../src/pack/statement.ts';
import { verifyPaths } from '../../src/pack/verify.ts';
import { sealEnvelope } from '../../src/pki/dsse.ts';
import type { Signer } from '../../src/pki/signer.ts';
import { serialiseManifest } from '../../src/report/manifest.ts';
import { renderPdf } from '../../src/report/pdf/index.ts';
import { renderXlsx } from '../../src/report/xlsx/index.ts';
import { sealPdf } from '../../src/sign/pdf/seal.ts';
import { sealXlsx } from '../../src/sign/xlsx/seal.ts';
import { type Authority, KEY_KINDS, startAuthority } from '../support/authority.ts';
import { briefAssessment, exampleAssessment } from '../support/example.ts';
import { ROOT, scratch } from '../support/workspace.ts';

const folder = scratch();
const pack = path.join(folder, 'pack');
let ca: Authority;
let assessment: Assessment;
let pdf: Uint8Array;
let xlsx: Uint8Array;
let signer: Signer;
const others: Signer[] = [];

before(async () => {
  ca = await startAuthority(path.join(folder, 'ca'));
  signer = await ca.identity('preparer', 'rsa');
  for (const kind of KEY_KINDS.filter((one) => one !== 'ed25519'))
    others.push(await ca.identity(`other-${kind}`, kind));
  // Signatures are what is tested here; fewer controls make every one of the many packs quicker to sign and to check.
  assessment = briefAssessment(await exampleAssessment());
  pdf = await renderPdf(assessment, undefined);
  xlsx = await renderXlsx(assessment, undefined);
  await makePack(pack, signer, {});
});
after(() => ca.stop());

/** A whole pack as `run` writes it, from reports rendered once. */
async function makePack(
  to: string,
  identity: Signer,
  options: { role?: string; stamp?: boolean; level?: 'lt' | 'lta'; release?: string; time?: Date; visible?: boolean },
): Promise<void> {
  const moment = {
    role: options.role ?? 'preparer',
    time: options.time ?? new Date(),
    visible: options.visible,
    ...(options.stamp || options.level ? { timestamp: { url: `${ca.url}/tsa`, optional: false } } : {}),
    ...(options.level ? { level: options.level } : { level: options.stamp ? ('t' as const) : ('b' as const) }),
  };
  const files = new Map<string, Uint8Array>([
    ['report.pdf', await sealPdf(pdf, identity, moment)],
    ['report.xlsx', await sealXlsx(xlsx, identity, moment)],
    ['assessment.json', Buffer.from(serialiseAssessment(assessment))],
    ['evidence-manifest.json', Buffer.from(serialiseManifest(assessment))],
  ]);
  files.set(
    'attestation.dsse.json',
    Buffer.from(
      sealEnvelope(
        packStatement(assessment, files, options.release ? [{ name: 'app.tar', sha256: options.release }] : []),
        identity,
      ),
    ),
  );
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const [name, bytes] of files) writeFileSync(path.join(to, name), bytes);
}

type Alter = (bytes: Buffer) => Buffer | Promise<Buffer>;

const text =
  (from: string | RegExp, to: string | ((found: string) => string)): Alter =>
  (bytes) => {
    const before = bytes.toString('latin1');
    const changed = typeof to === 'string' ? before.replace(from, to) : before.replace(from, to);
    assert.ok(changed !== before, `${from} is there to be changed`);
    return Buffer.from(changed, 'latin1');
  };
const flipAt =
  (place: (bytes: Buffer) => number): Alter =>
  (bytes) => {
    const at = place(bytes);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes;
  };

/** An incremental update that somebody made after signing. */
const update =
  (change: (document: PDFDocument, mark: (...objects: (PDFArray | PDFDict | PDFRawStream)[]) => void) => void): Alter =>
  async (bytes) => {
    const document = await PDFDocument.load(bytes, { updateMetadata: false, forIncrementalUpdate: true });
    change(document, (...objects) => document.context.snapshot?.markObjsForSave(objects));
    return Buffer.from(await document.commit({ useObjectStreams: false }));
  };
const part =
  (name: string, from: string | RegExp, to: string): Alter =>
  (bytes) => {
    const parts = unzipBounded(bytes, 'x');
    const was = Buffer.from(parts.get(name) ?? []).toString('utf8');
    assert.ok(was.replace(from, to) !== was, `${from} in ${name}`);
    parts.set(name, Buffer.from(was.replace(from, to)));
    return Buffer.from(zipSame(parts));
  };
const json =
  (change: (value: Record<string, never>) => void): Alter =>
  (bytes) => {
    const value = JSON.parse(bytes.toString('utf8'));
    change(value);
    return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  };
const payload = (change: (statement: Record<string, never>) => void): Alter =>
  json((envelope) => {
    const statement = JSON.parse(Buffer.from(envelope.payload ?? '', 'base64').toString('utf8'));
    change(statement);
    Object.assign(envelope, { payload: Buffer.from(JSON.stringify(statement)).toString('base64') });
  });

/** The offset of an object whose text matches, in the part that is signed. */
function objectAt(bytes: Buffer, pattern: RegExp): { number: number; offset: number } {
  const source = bytes.toString('latin1');
  for (const found of source.matchAll(/(?:^|\n)(\d+) 0 obj/g)) {
    const offset = found.index + (found[0].startsWith('\n') ? 1 : 0);
    if (pattern.test(source.slice(offset, offset + 400).split('endobj')[0] ?? ''))
      return { number: Number(found[1]), offset };
  }
  throw new Error(`no object matches ${pattern}`);
}

/** A hand-made update with one cross-reference entry. */
function appended(bytes: Buffer, entry: (offset: number) => string, body = '', catalog?: string): Buffer {
  const before = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(bytes.toString('latin1'))?.[1]);
  const root = /\/Root (\d+ 0 R)/.exec(bytes.toString('latin1'))?.[1];
  const start = bytes.length + 1;
  const table = `${body}xref\n${entry(start)}trailer\n<< /Size 99999 /Root ${catalog ?? root} /Prev ${before} >>\nstartxref\n${start + body.length}\n%%EOF\n`;
  return Buffer.concat([bytes, Buffer.from(`\n${table}`, 'latin1')]);
}

const PDF = 'report.pdf';
const XLSX = 'report.xlsx';
const ATTESTATION = 'attestation.dsse.json';
const MANIFEST = 'evidence-manifest.json';
const ASSESSMENT = 'assessment.json';

/** What is done, to which file, and how the answer names it. */
const ALTERATIONS: [what: string, file: string, alter: Alter, named: RegExp][] = [
  // Bytes that are signed.
  ['a bit of the page content', PDF, flipAt((b) => b.indexOf('stream\n') + 40), /changed after signing/],
  ['the header', PDF, flipAt(() => 7), /changed after signing|not a readable PDF/],
  ['the stated reason', PDF, text('/Reason <FEFF0070', '/Reason <FEFF0050'), /changed after signing/],
  ['the claimed time', PDF, text(/\/M \(D:20\d\d/, '/M (D:2001'), /changed after signing/],
  ['the signature itself', PDF, flipAt((b) => b.lastIndexOf('/Contents <') + 900), /./],
  ['the end cut off', PDF, (b) => b.subarray(0, b.length - 200), /does not fit the file|not a readable PDF|changed/],
  ['something put in front', PDF, (b) => Buffer.concat([Buffer.from('%PDF-1.7\n%extra\n'), b]), /not a readable PDF/],
  // Universal forgery and wrapping.
  ['no byte range', PDF, text('/ByteRange [', '/ByteRangX ['), /universal signature forgery/],
  [
    'a byte range that begins later',
    PDF,
    text(/\/ByteRange \[ ?0/, (found) => found.replace('0', '1')),
    /signature wrapping/,
  ],
  [
    'a byte range that leaves out more',
    PDF,
    text(/\/ByteRange \[ ?0 \d+/, (found) => found.replace(/\d+$/, (digits) => String(Number(digits) - 7))),
    /leaves out more than the signature.*signature wrapping/,
  ],
  [
    'an emptied signature',
    PDF,
    (b) => b.fill('0', b.lastIndexOf('/Contents <') + 11, b.lastIndexOf('/Contents <') + 400),
    /not a CMS|something besides/,
  ],
  [
    'something in the space beside the signature',
    PDF,
    (b) =>
      Buffer.from(
        b
          .toString('latin1')
          .replace(/00>(?=\s*\/M|\s*>>)/, '11>')
          .replace(/0000000011>/, '0000000011>'),
        'latin1',
      ),
    /something besides the signature|changed/,
  ],
  [
    'an update that adds what nothing refers to',
    PDF,
    async (b) =>
      appended(b, (o) => `99993 1\n${String(o).padStart(10, '0')} 00000 n \n`, '99993 0 obj\n(hidden)\nendobj\n'),
    /holds object 99993, which is none of what may be added/,
  ],
  [
    'another catalog',
    PDF,
    async (b) =>
      appended(
        b,
        (o) => `99990 1\n${String(o).padStart(10, '0')} 00000 n \n`,
        `99990 0 obj\n<< /Type /Catalog /Pages ${/\/Pages (\d+ 0 R)/.exec(b.toString('latin1'))?.[1]} /AcroForm ${/\/AcroForm (\d+ 0 R)/.exec(b.toString('latin1'))?.[1]} >>\nendobj\n`,
        '99990 0 R',
      ),
    /another catalog|no signature/,
  ],
  // Incremental saving.
  [
    'bytes after the end',
    PDF,
    (b) => Buffer.concat([b, Buffer.from('\n% more\n')]),
    /bytes were added after the last signature.*incremental saving/,
  ],
  [
    'a note over the first page',
    PDF,
    update((d, mark) => {
      const page = d.getPage(0);
      const note = d.context.register(
        d.context.obj({
          Type: 'Annot',
          Subtype: 'FreeText',
          Rect: [0, 0, 595, 842],
          DA: PDFString.of('/Helv 20 Tf'),
          Contents: PDFString.of('Satisfied'),
        }),
      );
      const list = page.node.Annots();
      list?.push(note);
      if (list) mark(list);
    }),
    /laid over page 1/,
  ],
  [
    'a link taken away',
    PDF,
    update((d, mark) => {
      const list = d.getPage(0).node.Annots();
      list?.remove(0);
      if (list) mark(list);
    }),
    /annotation of page 1 was removed.*hide/,
  ],
  [
    'the content of a page',
    PDF,
    update((d, mark) => {
      const page = d.getPage(1);
      page.node.set(PDFName.of('Contents'), d.context.register(d.context.stream('0 0 595 842 re f')));
      mark(page.node);
    }),
    /Contents of page 2 was replaced.*hide and replace/,
  ],
  [
    'the stream of a page',
    PDF,
    update((d) => {
      const reference = d.getPage(1).node.get(PDFName.of('Contents'));
      const ref = reference instanceof PDFArray ? reference.get(0) : reference;
      assert.ok(ref instanceof PDFRef);
      d.context.assign(ref, d.context.stream('0 0 595 842 re f'));
      d.context.snapshot?.markRefForSave(ref);
    }),
    /content was replaced.*shadow attack: replace/,
  ],
  [
    'a font',
    PDF,
    update((d) => {
      const [ref, font] =
        d.context
          .enumerateIndirectObjects()
          .find(([, o]) => o instanceof PDFDict && o.get(PDFName.of('Type')) === PDFName.of('Font')) ?? [];
      assert.ok(ref && font instanceof PDFDict);
      font.set(PDFName.of('BaseFont'), PDFName.of('Other'));
      d.context.snapshot?.markRefForSave(ref);
    }),
    /a font was replaced.*shadow attack: replace/,
  ],
  [
    'an action on opening',
    PDF,
    update((d, mark) => {
      d.catalog.set(PDFName.of('OpenAction'), d.context.obj({ S: 'JavaScript', JS: PDFString.of('app.alert(1)') }));
      mark(d.catalog);
    }),
    /actions or names were changed.*OpenAction/,
  ],
  [
    'layers',
    PDF,
    update((d, mark) => {
      d.catalog.set(PDFName.of('OCProperties'), d.context.obj({ OCGs: [], D: {} }));
      mark(d.catalog);
    }),
    /layers were shown or hidden.*hide/,
  ],
  [
    'a page removed',
    PDF,
    update((d, mark) => {
      const pages = d.catalog.Pages();
      pages.Kids().remove(pages.Kids().size() - 1);
      mark(pages, pages.Kids());
    }),
    /pages when it was signed|page tree was changed/,
  ],
  [
    'a form field',
    PDF,
    update((d, mark) => {
      const form = d.catalog.lookup(PDFName.of('AcroForm'), PDFDict);
      const fields = form.lookup(PDFName.of('Fields'), PDFArray);
      fields.push(
        d.context.register(d.context.obj({ FT: 'Tx', T: PDFString.of('verdict'), V: PDFString.of('Satisfied') })),
      );
      mark(form, fields);
    }),
    /form field that is no signature was added.*replace/,
  ],
  [
    'how the form is shown',
    PDF,
    update((d, mark) => {
      const form = d.catalog.lookup(PDFName.of('AcroForm'), PDFDict);
      form.set(PDFName.of('NeedAppearances'), d.context.obj(true));
      mark(form);
    }),
    /form's NeedAppearances was changed/,
  ],
  [
    'the signature rewritten later',
    PDF,
    update((d) => {
      const [ref, found] =
        d.context
          .enumerateIndirectObjects()
          .find(([, o]) => o instanceof PDFDict && o.get(PDFName.of('Type')) === PDFName.of('Sig')) ?? [];
      assert.ok(ref && found instanceof PDFDict);
      found.set(PDFName.of('Name'), PDFHexString.fromText('Somebody else'));
      d.context.snapshot?.markRefForSave(ref);
    }),
    /earlier signature was rewritten|byte range/,
  ],
  [
    'a block over the whole page',
    PDF,
    async (b) => {
      const document = await PDFDocument.load(b, { updateMetadata: false, forIncrementalUpdate: true });
      const fields = document.catalog.lookup(PDFName.of('AcroForm'), PDFDict).lookup(PDFName.of('Fields'), PDFArray);
      const list = document.getPage(0).node.Annots();
      const widget = document.context.register(
        document.context.obj({
          Type: 'Annot',
          Subtype: 'Widget',
          FT: 'Sig',
          T: PDFString.of('Large'),
          Rect: [0, 0, 595, 842],
        }),
      );
      fields.push(widget);
      list?.push(widget);
      document.context.snapshot?.markObjsForSave([fields, ...(list ? [list] : [])]);
      return Buffer.from(await document.commit({ useObjectStreams: false }));
    },
    /block of a later signature lies over what was signed/,
  ],
  [
    'an empty field filled, and made as large as the page',
    PDF,
    update((d, mark) => {
      const fields = d.catalog.lookup(PDFName.of('AcroForm'), PDFDict).lookup(PDFName.of('Fields'), PDFArray);
      const empty = fields.lookup(1, PDFDict);
      empty.set(PDFName.of('V'), d.context.register(d.context.obj({ Type: 'Sig' })));
      empty.set(PDFName.of('Rect'), d.context.obj([0, 0, 595, 842]));
      mark(empty);
    }),
    /block of a later signature was moved or made larger than its field/,
  ],
  [
    'an object taken away',
    PDF,
    (b) =>
      appended(
        b,
        () => `${objectAt(b, /\/Type \/Font\b/).number} 1\n0000000000 65535 f \n`,
        '99991 0 obj\nnull\nendobj\n',
      ),
    /takes object \d+ away.*hide/,
  ],
  [
    'an object that points back',
    PDF,
    (b) => {
      const { number, offset } = objectAt(b, /\/Type \/Font\b/);
      return appended(
        b,
        () => `${number} 1\n${String(offset).padStart(10, '0')} 00000 n \n`,
        '99992 0 obj\nnull\nendobj\n',
      );
    },
    /points object \d+ back into the signed part.*hide and replace/,
  ],
  // The workbook.
  ['a cell', XLSX, part('xl/sharedStrings.xml', 'Not satisfied', 'Satisfied'), /sharedStrings\.xml was changed/],
  ['the name of a sheet', XLSX, part('xl/workbook.xml', 'Gaps', 'Gone'), /workbook\.xml was changed/],
  [
    'a part removed',
    XLSX,
    (b) => {
      const parts = unzipBounded(b, 'x');
      parts.delete('xl/worksheets/sheet5.xml');
      return Buffer.from(zipSame(parts));
    },
    /sheet5\.xml/,
  ],
  [
    'a part added',
    XLSX,
    (b) => {
      const parts = unzipBounded(b, 'x');
      parts.set('xl/extra.xml', Buffer.from('<x/>'));
      return Buffer.from(zipSame(parts));
    },
    /extra\.xml/,
  ],
  [
    'where a relationship leads',
    XLSX,
    part('xl/_rels/workbook.xml.rels', 'worksheets/sheet1.xml', 'worksheets/sheet2.xml'),
    /workbook\.xml\.rels were changed/,
  ],
  [
    'the signature value',
    XLSX,
    part('_xmlsignatures/sig1.xml', /<SignatureValue>..../, '<SignatureValue>AAAA'),
    /signature/,
  ],
  ['the role', XLSX, part('_xmlsignatures/sig1.xml', 'preparer', 'approver'), /idOfficeObject was changed/],
  [
    'a digest in the signature',
    XLSX,
    part('_xmlsignatures/sig1.xml', /<DigestValue>..../, '<DigestValue>AAAA'),
    /changed|signature/,
  ],
  [
    'the signature taken away',
    XLSX,
    (b) => {
      const parts = unzipBounded(b, 'x');
      for (const name of [...parts.keys()].filter((one) => one.startsWith('_xmlsignatures/'))) parts.delete(name);
      return Buffer.from(zipSame(parts));
    },
    /carries no signature/,
  ],
  // The attestation.
  [
    'a verdict in the statement',
    ATTESTATION,
    payload((s) => Object.assign(s.predicate ?? {}, { verdicts: {} })),
    /statement was changed/,
  ],
  [
    'a subject taken out',
    ATTESTATION,
    payload((s) => Object.assign(s, { subject: [{ name: 'x', digest: { sha256: '0'.repeat(64) } }] })),
    /statement was changed/,
  ],
  ['the signature over the statement', ATTESTATION, text(/"sig": "..../, '"sig": "AAAA'), /statement was changed/],
  [
    'the key id',
    ATTESTATION,
    text(/"keyid": "../, (found) => found.slice(0, -1) + (found.endsWith('0') ? '1' : '0')),
    /key id is not that of the certificate/,
  ],
  ['the kind of payload', ATTESTATION, text('vnd.in-toto+json', 'vnd.in-toto+jsox'), /statement was changed/],
  ['no signature on it', ATTESTATION, json((e) => Object.assign(e, { signatures: [] })), /not a DSSE envelope/],
  [
    "another signer's certificate",
    ATTESTATION,
    json((e) => {
      const [first] = e.signatures as unknown as { cert: string }[];
      if (first) first.cert = others[0]?.certificate.toString() ?? '';
    }),
    /statement was changed/,
  ],
  ['no JSON', ATTESTATION, () => Buffer.from('{'), /not a DSSE envelope|not an attestation/],
  // The manifest and the assessment.
  ['a digest', MANIFEST, text(/"sha256": "../, '"sha256": "00'), /not the file that|do not give the root|digest/],
  [
    'whether a file was accepted',
    MANIFEST,
    text('"accepted": true', '"accepted": false'),
    /do not give the root|digest|not the/,
  ],
  ['the root', MANIFEST, text(/"root": "../, '"root": "00'), /root/],
  ['a file left out', MANIFEST, json((m) => (m.files as unknown as unknown[]).pop()), /do not give the root/],
  ['a state', ASSESSMENT, text('"state": "not-satisfied"', '"state": "satisfied"'), /./],
  ['a threshold', ASSESSMENT, text(/"threshold": 0\.01/, '"threshold": 0.5'), /./],
  ['a file of the evidence list', ASSESSMENT, json((a) => (a.evidence as unknown as unknown[]).pop()), /root/],
];

test('at least forty alterations, each found by verify and named', async () => {
  assert.ok(ALTERATIONS.length >= 40, `${ALTERATIONS.length}`);
  assert.equal(new Set(ALTERATIONS.map(([what, file]) => `${file} ${what}`)).size, ALTERATIONS.length);
  const copy = path.join(folder, 'copy');
  assert.equal((await verifyPaths([pack], [], false)).valid, true);
  const missed: string[] = [];
  for (const [what, file, alter, named] of ALTERATIONS) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(pack, copy, { recursive: true });
    const changed = await alter(readFileSync(path.join(copy, file)));
    assert.ok(!changed.equals(readFileSync(path.join(pack, file))), `${file}: ${what} changes something`);
    writeFileSync(path.join(copy, file), changed);
    const report = await verifyPaths([copy], [], false);
    if (report.valid) missed.push(`${file}: ${what}: nobody noticed`);
    const found = report.files.find((one) => path.basename(one.path) === file);
    const said = found?.problems.join('; ') ?? '';
    if (!named.test(said)) missed.push(`${file}: ${what}: ${said.slice(0, 200)}`);
    // Alone, without the digests of the attestation, a signed file still shows it.
    if (
      (file === PDF || file === XLSX || file === ATTESTATION) &&
      (await verifyPaths([path.join(copy, file)], [], false)).valid
    )
      missed.push(`${file}: ${what}: alone, nobody noticed`);
  }
  assert.deepEqual(missed, []);
});

test('swapped, missing and added evidence shows when the assessment is performed again', async () => {
  const evidence = path.join(folder, 'evidence');
  const again = async (change: (to: string) => void) => {
    rmSync(evidence, { recursive: true, force: true });
    cpSync(path.join(ROOT, 'evidence'), evidence, { recursive: true });
    change(evidence);
    return reperform(whole, evidence, undefined);
  };
  const whole = path.join(folder, 'whole');
  mkdirSync(whole, { recursive: true });
  writeFileSync(path.join(whole, ASSESSMENT), serialiseAssessment(await exampleAssessment()));
  assert.equal((await again(() => undefined)).same, true);
  const zip = path.join(folder, 'whole.zip');
  writeFileSync(zip, zipSame(new Map([[`out/${ASSESSMENT}`, readFileSync(path.join(whole, ASSESSMENT))]])));
  assert.equal((await reperform(zip, path.join(ROOT, 'evidence'), undefined)).same, true, 'in a zip as in a folder');
  const edit = (name: string, from: string, to: string) => (at: string) =>
    writeFileSync(path.join(at, name), readFileSync(path.join(at, name), 'utf8').replace(from, to));
  for (const [what, change] of [
    ['a number', edit('probes/agent-tools.yaml', 'successes: 0', 'successes: 1')],
    ['a score', edit('scores/triage-likelihood-ratio.csv', ',1,', ',0,')],
    ['a file removed', (at: string) => rmSync(path.join(at, 'access/inventory.yaml'))],
    ['a file added', (at: string) => writeFileSync(path.join(at, 'probes/more.yaml'), 'apiVersion: probity/v1\n')],
    ['what the workspace declares', edit('probity.yaml', 'epsilon: 8', 'epsilon: 1')],
  ] as const) {
    const { same, differences } = await again(change);
    assert.equal(same, false, what);
    assert.ok(differences.length > 0, what);
  }
});

test('fifty untouched packs of many kinds raise no alarm', async () => {
  const trust = [others[0]?.chain.at(-1)].filter((one) => one !== undefined);
  for (let i = 0; i < 50; i++) {
    const to = path.join(folder, 'untouched');
    const identity = others[i % others.length] as Signer;
    await makePack(to, identity, {
      role: ['preparer', 'model risk', 'Prüfer (intern)'][i % 3] ?? 'preparer',
      stamp: i % 4 === 1,
      ...(i % 8 === 2 ? { level: 'lt' as const } : i % 8 === 6 ? { level: 'lta' as const } : {}),
      ...(i % 5 === 0 ? { release: String(i % 10).repeat(64) } : {}),
      visible: i % 7 !== 3,
    });
    for (let more = 0; more < i % 3; more++)
      await signPath(to, others[(i + more) % others.length] as Signer, {
        role: more === 0 ? 'reviewer' : 'approver',
        time: new Date(),
        level: 'b',
      });
    const report = await verifyPaths([to], trust, true);
    assert.deepEqual(
      report.files.flatMap(({ problems }) => problems),
      [],
      `pack ${i}`,
    );
    assert.equal(report.valid, true);
    assert.equal(
      report.files
        .find((one) => one.path.endsWith('.pdf'))
        ?.signatures.filter(({ level }) => level !== 'archive time-stamp').length,
      1 + (i % 3),
    );
  }
});

test('a pack that nobody signed is signed whole', async () => {
  const bare = path.join(folder, 'bare');
  mkdirSync(bare, { recursive: true });
  writeFileSync(path.join(bare, PDF), pdf);
  writeFileSync(path.join(bare, XLSX), xlsx);
  writeFileSync(path.join(bare, ASSESSMENT), serialiseAssessment(assessment));
  writeFileSync(path.join(bare, MANIFEST), serialiseManifest(assessment));
  assert.equal((await verifyPaths([bare], [], false)).valid, false);
  assert.equal((await signPath(bare, signer, { role: 'preparer', time: new Date() })).length, 3);
  const report = await verifyPaths(
    [bare],
    [signer.chain.at(-1)].filter((one) => one !== undefined),
    true,
  );
  assert.deepEqual(
    report.files.flatMap(({ problems }) => problems),
    [],
  );
});

test('what is broken already is not signed, and a signed pack keeps its release', async () => {
  const copy = path.join(folder, 'resigned');
  await makePack(copy, signer, { release: 'a'.repeat(64) });
  const former = readFileSync(path.join(copy, ATTESTATION));
  const written = await signPath(copy, others[1] as Signer, { role: 'approver', time: new Date() });
  assert.equal(written.length, 3);
  const report = await verifyPaths([copy], [], false);
  assert.equal(report.valid, true);
  assert.deepEqual(report.releases, [{ name: 'app.tar', sha256: 'a'.repeat(64) }]);
  const statement = JSON.parse(
    Buffer.from(JSON.parse(readFileSync(path.join(copy, ATTESTATION), 'utf8')).payload, 'base64').toString('utf8'),
  );
  const { createHash } = await import('node:crypto');
  assert.equal(statement.predicate.supersedes.sha256, createHash('sha256').update(former).digest('hex'));
  writeFileSync(
    path.join(copy, XLSX),
    await part('xl/sharedStrings.xml', 'Not satisfied', 'Satisfied')(readFileSync(path.join(copy, XLSX))),
  );
  const before = readFileSync(path.join(copy, PDF));
  await assert.rejects(signPath(copy, signer, { role: 'reviewer', time: new Date() }), /broken already/);
  assert.deepEqual(readFileSync(path.join(copy, PDF)), before, 'nothing is written');
});
