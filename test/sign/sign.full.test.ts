import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { PDFDocument } from '@cantoo/pdf-lib';
import { unzipBounded, zipSame } from '../../src/files/zip.ts';
import { verifyAttestation } from '../../src/pack/attestation.ts';
import { packStatement } from '../../src/pack/statement.ts';
import { sealEnvelope } from '../../src/pki/dsse.ts';
import type { Signer } from '../../src/pki/signer.ts';
import { loadPkcs12 } from '../../src/sign/keys/pkcs12.ts';
import { signPdf } from '../../src/sign/pdf/index.ts';
import { createTrialSigner } from '../../src/sign/trial.ts';
import { signXlsx } from '../../src/sign/xlsx/index.ts';
import { verifyPdf } from '../../src/verify/pdf.ts';
import { verifyXlsx } from '../../src/verify/xlsx.ts';
import { exampleAssessment, exampleXlsx } from '../support/example.ts';
import { ask, askOpensslCms, judgeHere } from '../support/judges.ts';
import { scratch } from '../support/workspace.ts';

const folder = scratch();
/** A whole second in which the certificates made below are valid. */
const moment = { role: 'preparer', time: new Date(Math.ceil((Date.now() + 60_000) / 1000) * 1000) };
const PASSPHRASE = 'correct horse';
const identities = new Map<string, Signer>();
let pdf: Uint8Array;
let xlsx: Uint8Array;

/** A PKCS #12 made by openssl, as users bring them. */
function openssl(...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
}

function makePkcs12(name: string, keyArgs: string[], certArgs: string[], exportArgs: string[] = []): string {
  openssl('genpkey', ...keyArgs, '-out', `${name}.key`);
  openssl(
    'req',
    '-new',
    '-x509',
    '-key',
    `${name}.key`,
    '-subj',
    `/O=Example Mutual/CN=${name}`,
    '-out',
    `${name}.pem`,
    ...certArgs,
  );
  openssl(
    'pkcs12',
    '-export',
    '-inkey',
    `${name}.key`,
    '-in',
    `${name}.pem`,
    '-passout',
    `pass:${PASSPHRASE}`,
    '-out',
    `${name}.p12`,
    ...exportArgs,
  );
  return path.join(folder, `${name}.p12`);
}

const RSA = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'];
const curve = (name: string): string[] => ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${name}`];
const YEAR = ['-days', '365', '-addext', 'keyUsage=critical,digitalSignature'];

before(async () => {
  await createTrialSigner(path.join(folder, 'trial.p12'), PASSPHRASE, 'Trial signer');
  identities.set('trial', await loadPkcs12(path.join(folder, 'trial.p12'), PASSPHRASE));
  for (const [name, key] of [
    ['rsa', RSA],
    ['p256', curve('P-256')],
    ['p384', curve('P-384')],
  ] as const)
    identities.set(name, await loadPkcs12(makePkcs12(name, [...key], YEAR), PASSPHRASE));
  const document = await PDFDocument.create();
  document.addPage().drawText('A page that somebody else wrote');
  pdf = await document.save();
  xlsx = await exampleXlsx();
});

test('PDF signatures of every kind of key: ours, pdfsig, qpdf and pyHanko agree', async (t) => {
  for (const [name, identity] of identities) {
    const signed = await signPdf(pdf, identity, moment);
    const file = path.join(folder, `${name}.pdf`);
    writeFileSync(file, signed);
    writeFileSync(path.join(folder, `${name}-trust.pem`), identity.certificate.toString());
    const own = await verifyPdf(signed, [identity.certificate]);
    assert.deepEqual(own.problems, [], name);
    assert.deepEqual(
      [own.signatures[0]?.level, own.signatures[0]?.trusted, own.signatures[0]?.role],
      ['PAdES B-B', true, 'preparer'],
    );
    if (!judgeHere('pdfsig', t)) return;
    const { text } = await ask('pdfsig', ['-nocert', file]);
    assert.match(text, /Signature is Valid/, `${name}: ${text}`);
    assert.match(text, /Total document signed/);
    assert.match(text, /ETSI.CAdES.detached/);
    if (!judgeHere('qpdf', t)) return;
    assert.match((await ask('qpdf', ['--check', file])).text, /No syntax or stream encoding errors/);
  }
});

test('pyHanko finds the first signature whole, covering the file, with the certificate pinned', async (t) => {
  if (!judgeHere('pyhanko', t)) return;
  const identity = identities.get('rsa');
  assert.ok(identity);
  const file = path.join(folder, 'pyhanko.pdf');
  writeFileSync(file, await signPdf(pdf, identity, moment));
  const { text } = await ask('pyhanko', [
    'sign',
    'validate',
    '--trust',
    path.join(folder, 'rsa.pem'),
    '--trust-replace',
    '--pretty-print',
    file,
  ]);
  assert.match(text, /cryptographically sound/, text);
  assert.match(text, /covers the entire file/, text);
});

test('a second signature leaves the first one whole', async (t) => {
  const [first, second] = [identities.get('rsa'), identities.get('p256')];
  assert.ok(first && second);
  const twice = await signPdf(await signPdf(pdf, first, moment), second, { ...moment, role: 'approver' });
  const { problems, signatures } = await verifyPdf(twice, []);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    signatures.map(({ role }) => role),
    ['preparer', 'approver'],
  );
  if (!judgeHere('pdfsig', t)) return;
  const file = path.join(folder, 'twice.pdf');
  writeFileSync(file, twice);
  assert.equal((await ask('pdfsig', ['-nocert', file])).text.match(/Signature is Valid/g)?.length, 2);
});

test('openssl accepts the CMS inside the PDF over the bytes that its range names', async (t) => {
  if (!judgeHere('openssl', t)) return;
  const identity = identities.get('p384');
  assert.ok(identity);
  const signed = Buffer.from(await signPdf(pdf, identity, moment));
  const { code, text } = await askOpensslCms(signed, folder, path.join(folder, 'p384.pem'));
  assert.equal(code, 0, text);
});

test('a flipped byte in the PDF is noticed, by pdfsig too', async (t) => {
  const identity = identities.get('rsa');
  assert.ok(identity);
  const signed = await signPdf(pdf, identity, moment);
  const changed = Uint8Array.from(signed);
  const at = Buffer.from(changed).indexOf('/MediaBox') + 12;
  changed[at] = (changed[at] ?? 0) ^ 1;
  const { problems } = await verifyPdf(changed, []);
  assert.match(problems.join(), /changed after signing|not a readable PDF/);
  if (!judgeHere('pdfsig', t)) return;
  const file = path.join(folder, 'flipped.pdf');
  writeFileSync(file, changed);
  assert.doesNotMatch((await ask('pdfsig', ['-nocert', file])).text, /Signature is Valid/);
});

test('a flipped bit inside the signature itself is a named problem, never an exception', async () => {
  const identity = identities.get('rsa');
  assert.ok(identity);
  const signed = Buffer.from(await signPdf(pdf, identity, moment));
  const start = signed.indexOf('/Contents <') + 11;
  let noticed = 0;
  let tried = 0;
  for (let at = start; at < start + 3000; at += 17) {
    const changed = Buffer.from(signed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    tried++;
    if ((await verifyPdf(changed, [])).problems.length > 0) noticed++;
  }
  // A NULL parameter inside a certificate may be rewritten without changing what it says.
  assert.ok(noticed >= tried - 1, `${noticed} of ${tried}`);
});

test('bytes after the last signature are named, and so is an emptied signature', async () => {
  const identity = identities.get('rsa');
  assert.ok(identity);
  const signed = await signPdf(pdf, identity, moment);
  const grown = Buffer.concat([signed, Buffer.from('\n% more\n')]);
  assert.match((await verifyPdf(grown, [])).problems.join(), /8 bytes were added after the last signature/);
  const emptied = Buffer.from(signed);
  const at = emptied.indexOf('/Contents <') + 11;
  emptied.fill('0', at, at + 200);
  assert.match((await verifyPdf(emptied, [])).problems.join(), /not a CMS|something besides the signature/);
  const stuffed = Buffer.from(signed);
  stuffed.write('41', stuffed.indexOf('00>', at) - 40, 'latin1');
  assert.match((await verifyPdf(stuffed, [])).problems.join(), /holds something besides the signature/);
  assert.match((await verifyPdf(pdf, [])).problems.join(), /carries no signature/);
});

test('workbook signatures of every kind of key: ours and Apache POI agree', async (t) => {
  const files: string[] = [];
  for (const [name, identity] of identities) {
    const signed = signXlsx(xlsx, identity, moment);
    assert.deepEqual(verifyXlsx(signed, []).problems, [], name);
    const file = path.join(folder, `${name}.xlsx`);
    writeFileSync(file, signed);
    files.push(file);
  }
  const [first, second] = [identities.get('rsa'), identities.get('p256')];
  assert.ok(first && second);
  const twice = signXlsx(signXlsx(xlsx, first, moment), second, { ...moment, role: 'approver' });
  assert.deepEqual(verifyXlsx(twice, []).problems, []);
  assert.equal(verifyXlsx(twice, []).signatures.length, 2);
  files.push(path.join(folder, 'twice.xlsx'));
  writeFileSync(path.join(folder, 'twice.xlsx'), twice);
  if (!judgeHere('poi', t)) return;
  const { text } = await ask('poi', files);
  for (const file of files) assert.match(text, new RegExp(`${path.basename(file)}: \\d signatures, all valid`), text);
});

/** Repacks a signed workbook with some of its parts changed. */
function tamper(signed: Uint8Array, change: (parts: Map<string, Uint8Array>) => void): Uint8Array {
  const parts = unzipBounded(signed, 'x');
  change(parts);
  return zipSame(parts);
}

test('any change of the workbook is noticed and named; Apache POI notices a changed cell too', async (t) => {
  const identity = identities.get('rsa');
  assert.ok(identity);
  const signed = signXlsx(xlsx, identity, moment);
  const edit = (part: string, from: string | RegExp, to: string) => (parts: Map<string, Uint8Array>) => {
    const before_ = Buffer.from(parts.get(part) ?? []).toString('utf8');
    const after_ = before_.replace(from, to);
    assert.notEqual(after_, before_, `${part} holds ${from}`);
    parts.set(part, Buffer.from(after_));
  };
  const cases: [string, (parts: Map<string, Uint8Array>) => void, RegExp][] = [
    ['a cell', edit('xl/sharedStrings.xml', 'Not satisfied', 'Satisfied'), /xl\/sharedStrings.xml was changed/],
    [
      'a number',
      edit('xl/worksheets/sheet1.xml', /(<c r="C7"[^>]*>)<v>\d+<\/v>/, '$1<v>99</v>'),
      /sheet1.xml was changed/,
    ],
    ["a sheet's name", edit('xl/workbook.xml', 'Membership inference', 'Membership'), /xl\/workbook.xml was changed/],
    ['a part removed', (parts) => parts.delete('xl/tables/table3.xml'), /table3.xml was removed/],
    ['a part added', (parts) => parts.set('xl/vbaProject.bin', Buffer.from('x')), /vbaProject.bin is not covered/],
    [
      'a relationship redirected',
      edit('xl/_rels/workbook.xml.rels', 'worksheets/sheet1.xml', 'worksheets/sheet2.xml'),
      /relationships in xl\/_rels\/workbook.xml.rels were changed/,
    ],
    [
      'a relationship added',
      edit(
        'xl/_rels/workbook.xml.rels',
        '</Relationships>',
        '<Relationship Id="rId99" Type="t" Target="x.xml"/></Relationships>',
      ),
      /relationships that the signature does not cover/,
    ],
    [
      'a content type',
      edit('[Content_Types].xml', 'spreadsheetml.table+xml', 'spreadsheetml.comments+xml'),
      /content type of/,
    ],
    [
      'the digest list',
      edit('_xmlsignatures/sig1.xml', /<DigestValue>...../, '<DigestValue>AAAAA'),
      /changed after signing/,
    ],
    [
      'the signing time',
      edit(
        '_xmlsignatures/sig1.xml',
        new RegExp(moment.time.toISOString().replace('.000', '')),
        '2020-01-01T00:00:00Z',
      ),
      /idPackageObject was changed/,
    ],
    ['the role', edit('_xmlsignatures/sig1.xml', 'preparer', 'approver'), /idOfficeObject was changed/],
    ['the signature removed', (parts) => parts.delete('_xmlsignatures/sig1.xml'), /carries no signature/],
  ];
  for (const [what, change, expected] of cases) {
    const { problems } = verifyXlsx(tamper(signed, change), []);
    assert.match(problems.join('; '), expected, what);
  }
  if (!judgeHere('poi', t)) return;
  const file = path.join(folder, 'edited.xlsx');
  writeFileSync(file, tamper(signed, cases[0]?.[1] ?? (() => undefined)));
  assert.match((await ask('poi', [file])).text, /not all valid/);
});

test('the attestation is DSSE: openssl verifies it over the encoding the standard gives', async (t) => {
  const identity = identities.get('p256');
  assert.ok(identity);
  const text = sealEnvelope(
    packStatement(await exampleAssessment(), new Map([['report.pdf', pdf]]), [
      { name: 'app.tar', sha256: 'c'.repeat(64) },
    ]),
    identity,
  );
  const verdict = verifyAttestation(text, 'a', []);
  assert.deepEqual(verdict.problems, []);
  assert.deepEqual(
    verdict.statement?.subject.map(({ name }) => name),
    ['app.tar', 'report.pdf'],
  );
  const changed = JSON.parse(text);
  changed.payload = Buffer.from(
    Buffer.from(changed.payload, 'base64').toString('utf8').replace('"not-satisfied"', '"satisfied"'),
  ).toString('base64');
  assert.match(verifyAttestation(JSON.stringify(changed), 'a', []).problems.join(), /changed after signing/);
  if (!judgeHere('openssl', t)) return;
  const envelope: { payload: string; payloadType: string; signatures: { sig: string; cert: string }[] } =
    JSON.parse(text);
  const payload = Buffer.from(envelope.payload, 'base64');
  writeFileSync(
    path.join(folder, 'pae'),
    Buffer.concat([
      Buffer.from(`DSSEv1 ${envelope.payloadType.length} ${envelope.payloadType} ${payload.length} `),
      payload,
    ]),
  );
  writeFileSync(path.join(folder, 'sig'), Buffer.from(envelope.signatures[0]?.sig ?? '', 'base64'));
  writeFileSync(
    path.join(folder, 'key.pem'),
    new X509Certificate(envelope.signatures[0]?.cert ?? '').publicKey.export({ type: 'spki', format: 'pem' }),
  );
  const { text: said } = await ask('openssl', [
    'dgst',
    '-sha256',
    '-verify',
    path.join(folder, 'key.pem'),
    '-signature',
    path.join(folder, 'sig'),
    path.join(folder, 'pae'),
  ]);
  assert.match(said, /Verified OK/);
});

test('identities that must not sign are refused with their reason, and no secret is said', async () => {
  const cases: [string, () => string, string, RegExp][] = [
    ['wrong passphrase', () => path.join(folder, 'rsa.p12'), 'not the passphrase', /IDENTITY_PASSPHRASE/],
    [
      'old encryption is read',
      () =>
        makePkcs12('legacy', RSA, YEAR, [
          '-legacy',
          '-certpbe',
          'PBE-SHA1-3DES',
          '-keypbe',
          'PBE-SHA1-3DES',
          '-macalg',
          'sha1',
        ]),
      PASSPHRASE,
      /^$/,
    ],
    [
      'weak',
      () => makePkcs12('weak', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'], YEAR),
      PASSPHRASE,
      /IDENTITY_WEAK.*1024 bits/,
    ],
    ['unknown curve', () => makePkcs12('k1', curve('secp256k1'), YEAR), PASSPHRASE, /IDENTITY_WEAK/],
    [
      'wrong use',
      () => makePkcs12('usage', RSA, ['-days', '365', '-addext', 'keyUsage=critical,keyEncipherment']),
      PASSPHRASE,
      /not meant for signing/,
    ],
    [
      'not a container',
      () => {
        writeFileSync(path.join(folder, 'junk.p12'), 'junk');
        return path.join(folder, 'junk.p12');
      },
      PASSPHRASE,
      /IDENTITY_INVALID.*not a PKCS #12/,
    ],
    ['missing', () => path.join(folder, 'nowhere.p12'), PASSPHRASE, /there is no such file or folder/],
  ];
  for (const [what, make, passphrase, expected] of cases) {
    const message = await loadPkcs12(make(), passphrase).then(
      () => '',
      (error: Error) => `${'code' in error ? error.code : ''}: ${error.message}`,
    );
    assert.match(message, expected, what);
    assert.ok(!message.includes(passphrase));
  }
  const file = path.join(folder, 'rsa.p12');
  const late = await loadPkcs12(file, PASSPHRASE, new Date('2030-01-01')).catch((error: Error) => error.message);
  assert.match(String(late), /expired/);
  const early = await loadPkcs12(file, PASSPHRASE, new Date('2020-01-01')).catch((error: Error) => error.message);
  assert.match(String(early), /valid only from/);
});

test('only a path to a given certificate makes a signature trusted', async () => {
  openssl('genpkey', ...RSA, '-out', 'ca.key');
  openssl('req', '-new', '-x509', '-key', 'ca.key', '-subj', '/CN=Test CA', '-days', '400', '-out', 'ca.pem');
  openssl('genpkey', ...RSA, '-out', 'leaf.key');
  openssl('req', '-new', '-key', 'leaf.key', '-subj', '/CN=Leaf', '-out', 'leaf.csr');
  openssl('x509', '-req', '-in', 'leaf.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-days', '300', '-out', 'leaf.pem');
  openssl(
    'pkcs12',
    '-export',
    '-inkey',
    'leaf.key',
    '-in',
    'leaf.pem',
    '-certfile',
    'ca.pem',
    '-passout',
    `pass:${PASSPHRASE}`,
    '-out',
    'leaf.p12',
  );
  const identity = await loadPkcs12(path.join(folder, 'leaf.p12'), PASSPHRASE);
  assert.equal(identity.chain.length, 1);
  const signed = await signPdf(pdf, identity, { role: 'preparer', time: new Date() });
  const ca = new X509Certificate(readFileSync(path.join(folder, 'ca.pem')));
  assert.equal((await verifyPdf(signed, [ca])).signatures[0]?.trusted, true);
  assert.match((await verifyPdf(signed, [])).signatures[0]?.reason ?? '', /--trust|not among the trusted/);
  const other = identities.get('rsa')?.certificate;
  assert.ok(other);
  assert.match((await verifyPdf(signed, [other])).signatures[0]?.reason ?? '', /no path leads|not among/);
});
