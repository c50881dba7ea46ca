import assert from 'node:assert/strict';
import { createPrivateKey, sign as rawSign, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { PDFDocument } from '@cantoo/pdf-lib';
import { unzipBounded, zipSame } from '../../src/files/zip.ts';
import { certificateBlocks } from '../../src/pki/certificates.ts';
import type { Signer } from '../../src/pki/signer.ts';
import { sealPdf } from '../../src/sign/pdf/seal.ts';
import { signXlsx } from '../../src/sign/xlsx/index.ts';
import { verifyPdf } from '../../src/verify/pdf.ts';
import { verifyXlsx } from '../../src/verify/xlsx.ts';
import { type Authority, startAuthority } from '../support/authority.ts';
import { exampleXlsx } from '../support/example.ts';
import { scratch } from '../support/workspace.ts';

/* What a certificate may do, and when; and that a workbook's signature says only what it signs. */

const folder = scratch();
let ca: Authority;
let root: X509Certificate;
let plain: Uint8Array;

before(async () => {
  ca = await startAuthority(path.join(folder, 'ca'));
  root = new X509Certificate(readFileSync(ca.root));
  const document = await PDFDocument.create();
  document.addPage().drawText('A page');
  plain = await document.save();
});
after(() => ca.stop());

const later = (days: number): Date => new Date(Date.now() + days * 86_400_000);

/** Signs with whatever certificate there is, as an attacker's program would. */
function anySigner(name: string, options: Parameters<Authority['issue']>[2]): Signer {
  const { key, chain } = ca.issue(name, 'p256', options);
  const [certificate, ...issuers] = certificateBlocks(readFileSync(chain, 'utf8')).map(
    (pem) => new X509Certificate(pem),
  );
  const privateKey = createPrivateKey(readFileSync(key));
  return {
    certificate: certificate as X509Certificate,
    chain: issuers,
    algorithm: { kind: 'ecdsa', hash: 'sha256', curve: 'P-256' },
    selfSigned: false,
    trial: false,
    keptIn: key,
    sign: (data, form = 'der') => rawSign('sha256', data, { key: privateKey, dsaEncoding: form }),
  };
}

function seal(signer: Signer, level: 'b' | 't' | 'lta', time = new Date()): Promise<Uint8Array> {
  const timestamp = level === 'b' ? {} : { timestamp: { url: `${ca.url}/tsa`, optional: false } };
  return sealPdf(plain, signer, { role: 'preparer', time, level, ...timestamp });
}

test('a certificate that has expired is trusted only through a time-stamp by somebody trusted', async () => {
  const month = anySigner('month', { days: ['-days', '30'], status: 'crl' });
  const judged = async (bytes: Uint8Array, now: Date, trust = [root]) =>
    (await verifyPdf(bytes, trust, { now })).signatures[0];
  const plainly = await seal(month, 'b');
  assert.equal((await judged(plainly, later(10)))?.trusted, true);
  assert.match(
    (await judged(plainly, later(60)))?.reason ?? '',
    /expired on .*no trusted time-stamp shows that it signed before/,
  );
  const backdated = await seal(month, 'b', later(-3000));
  assert.equal((await judged(backdated, later(60)))?.trusted, false, 'a claimed time proves nothing');
  assert.match((await judged(plainly, later(-60)))?.reason ?? '', /is valid only from/);
  for (const level of ['t', 'lta'] as const) {
    const bytes = await seal(month, level);
    assert.equal((await judged(bytes, later(60)))?.trusted, true, level);
    // In two years the authority's certificate has expired as well, and nothing vouches for its time.
    assert.equal((await judged(bytes, later(800)))?.trusted, false, level);
    assert.deepEqual((await verifyPdf(bytes, [root], { now: later(60) })).problems, [], `${level} stays intact`);
    const own = month.chain.find((one) => one.subject.includes('issuer'));
    assert.ok(own);
    assert.equal(
      (await judged(bytes, later(60), [month.certificate]))?.trusted,
      false,
      'the time-stamp is by nobody trusted',
    );
  }
});

test('what may not sign is not trusted, whoever issued it', async () => {
  const cases: [string, Parameters<Authority['issue']>[2], RegExp][] = [
    ['web', { extensions: ['extendedKeyUsage=serverAuth'] }, /not meant for signing documents but for servers/],
    [
      'stamps',
      { extensions: ['extendedKeyUsage=timeStamping'] },
      /not meant for signing documents but for time-stamps/,
    ],
    ['cipher', { extensions: ['keyUsage=critical,keyEncipherment'] }, /not meant for signing/],
    ['old', { digest: 'sha1' }, /signed over SHA-1, which can be forged/],
  ];
  for (const [name, options, reason] of cases) {
    const signer = anySigner(name, options);
    const [signature] = (await verifyPdf(await seal(signer, 'b'), [root])).signatures;
    assert.deepEqual([signature?.integrity, signature?.trusted], [true, false], name);
    assert.match(signature?.reason ?? '', reason);
    const [inside] = verifyXlsx(signXlsx(await exampleXlsx(), signer, { role: 'preparer', time: new Date() }), [
      root,
    ]).signatures;
    assert.deepEqual([inside?.integrity, inside?.trusted], [true, false], name);
  }
});

test('each signer has a name, an issuer and a fingerprint', async () => {
  const signer = await ca.identity('named', 'p256', 'none');
  const [signature] = (await verifyPdf(await seal(signer, 'b'), [])).signatures;
  assert.deepEqual(
    [signature?.signer, signature?.issuer, signature?.fingerprint.length],
    ['named', 'Example issuer', 64],
  );
});

test('of a workbook, only what its signature covers is said; whatever else stands there is named', async () => {
  const signer = await ca.identity('books', 'p256', 'none');
  const workbook = signXlsx(await exampleXlsx(), signer, { role: 'preparer', time: new Date() });
  const own = verifyXlsx(workbook, [root]);
  assert.deepEqual([own.problems, own.signatures[0]?.role], [[], 'preparer']);
  // Packed again by a program that writes an entry for each folder; a folder that holds something is a part like any.
  const packedAgain = (held: Uint8Array) =>
    verifyXlsx(zipSame(new Map([['xl/_rels/', held], ...unzipBounded(workbook, 'x')])), [root]).problems;
  assert.deepEqual(packedAgain(new Uint8Array()), []);
  assert.match(packedAgain(Buffer.from('x')).join(), /xl\/_rels\/ is not covered by the signature/);
  const SIG = '_xmlsignatures/sig1.xml';
  const RELS = '_xmlsignatures/_rels/origin.sigs.rels';
  const TYPES = '[Content_Types].xml';
  const namespaced = 'xmlns:o="http://schemas.microsoft.com/office/2006/digsig"';
  const edit = (name: string, from: string | RegExp, to: string) => (parts: Map<string, Uint8Array>) => {
    const was = Buffer.from(parts.get(name) ?? []).toString('utf8');
    const is = was.replace(from, to);
    assert.notEqual(is, was, `${name} ${from}`);
    parts.set(name, Buffer.from(is));
  };
  const add = (name: string, text: string) => (parts: Map<string, Uint8Array>) => {
    parts.set(name, Buffer.from(text));
  };
  const sigType = 'http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/signature';
  const attacks: [string, (parts: Map<string, Uint8Array>) => void][] = [
    [
      'an unsigned object with a role',
      edit(
        SIG,
        '</Signature>',
        `<Object><SignatureProperties><SignatureProperty Target="#x"><o:SignatureInfoV1 ${namespaced}><o:SignatureComments>approver</o:SignatureComments></o:SignatureInfoV1></SignatureProperty></SignatureProperties></Object></Signature>`,
      ),
    ],
    [
      'an unsigned object before the signed ones',
      edit(SIG, /<Object/, `<Object><o:SignatureComments ${namespaced}>approver</o:SignatureComments></Object><Object`),
    ],
    [
      'a second list of signed properties',
      edit(
        SIG,
        '</Signature>',
        '<Object><xd:QualifyingProperties xmlns:xd="http://uri.etsi.org/01903/v1.3.2#"><xd:SignedProperties Id="x"/></xd:QualifyingProperties></Object></Signature>',
      ),
    ],
    ['something foreign in the signature', edit(SIG, '</Signature>', '<x xmlns="urn:x"/></Signature>')],
    [
      'a second SignatureValue',
      edit(SIG, '</SignatureValue>', '</SignatureValue><SignatureValue>AAAA</SignatureValue>'),
    ],
    ['a second KeyInfo', edit(SIG, '</KeyInfo>', '</KeyInfo><KeyInfo/>')],
    [
      'another certificate in front',
      (parts) =>
        edit(
          SIG,
          '<X509Certificate>',
          `<X509Certificate>${root.raw.toString('base64')}</X509Certificate><X509Certificate>`,
        )(parts),
    ],
    ['the same id twice', edit(SIG, '</Signature>', '<Object Id="idOfficeObject"/></Signature>')],
    ['the role', edit(SIG, '>preparer<', '>approver<')],
    ['a second signature part that nothing refers to', add('_xmlsignatures/sig2.xml', '<x/>')],
    ['a part below the signatures', add('_xmlsignatures/deep/x.xml', '<x/>')],
    ['something in the origin', add('_xmlsignatures/origin.sigs', 'x')],
    [
      'two relationships to one signature',
      edit(RELS, '</Relationships>', `<Relationship Id="x" Type="${sigType}" Target="sig1.xml"/></Relationships>`),
    ],
    [
      'a relationship to a signature elsewhere',
      edit(
        RELS,
        '</Relationships>',
        `<Relationship Id="x" Type="${sigType}" Target="http://example.org/" TargetMode="External"/></Relationships>`,
      ),
    ],
    ['a relationship to no signature', edit(RELS, 'sig1.xml', 'sig9.xml')],
    ['core properties elsewhere', edit('_rels/.rels', 'docProps/core.xml', 'xl/workbook.xml')],
    [
      'a type declared again in another case',
      edit(TYPES, '</Types>', '<Override PartName="/XL/workbook.xml" ContentType="text/plain"/></Types>'),
    ],
    [
      'a type declared twice',
      edit(TYPES, '</Types>', '<Override PartName="/xl/workbook.xml" ContentType="text/plain"/></Types>'),
    ],
    ['a part in another case', add('XL/workbook.xml', '<x/>')],
    ['a part added', add('xl/more.xml', '<x/>')],
    [
      'the signature taken away',
      (parts) => {
        parts.delete(SIG);
      },
    ],
    ['a signature that is no XML', add(SIG, '<<<')],
    ['another encoding of relationships', edit('xl/_rels/workbook.xml.rels', 'encoding="UTF-8"', 'encoding="UTF-7"')],
    ['another encoding of types', edit(TYPES, 'encoding="UTF-8"', 'encoding="UTF-16"')],
    ['another encoding of the signature', edit(SIG, 'encoding="UTF-8"', 'encoding="cp037"')],
    ['an entity', edit(SIG, '<Signature ', '<!DOCTYPE x [<!ENTITY a "b">]><Signature ')],
    ['deep XML', add(SIG, `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`)],
    ['a reference that is no address', edit(SIG, 'URI="/xl/workbook.xml', 'URI="/%zz/workbook.xml')],
  ];
  const missed: string[] = [];
  for (const [what, attack] of attacks) {
    const parts = unzipBounded(workbook, 'x');
    attack(parts);
    const started = performance.now();
    const { problems, signatures } = verifyXlsx(zipSame(parts), [root]);
    if (problems.length === 0 || signatures.some(({ integrity, role }) => integrity && role === 'approver'))
      missed.push(what);
    assert.ok(performance.now() - started < 15_000, what);
  }
  assert.deepEqual(missed, []);
});
