import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { PDFDocument } from '@cantoo/pdf-lib';
import { SignPdf } from '@signpdf/signpdf';
import { DEFAULT_BYTE_RANGE_PLACEHOLDER, Signer as PdfSigner } from '@signpdf/utils';
import { sealEnvelope } from '../../src/pki/dsse.ts';
import type { Signer } from '../../src/pki/signer.ts';
import { sealPdf } from '../../src/sign/pdf/seal.ts';
import { signXlsx } from '../../src/sign/xlsx/index.ts';
import { verifyPdf } from '../../src/verify/pdf.ts';
import { type Authority, KEY_KINDS, type KeyKind, startAuthority } from '../support/authority.ts';
import { exampleXlsx } from '../support/example.ts';
import { ask, askOpensslCms, judgeHere } from '../support/judges.ts';
import { ROOT, scratch } from '../support/workspace.ts';

/* Each judge's own verdict on each kind of signature by each kind of key, as docs/signatures.md has it. */

const folder = scratch();
let ca: Authority;
let plain: Uint8Array;
let xlsx: Uint8Array;
const identities = new Map<KeyKind, Signer>();

before(async () => {
  ca = await startAuthority(path.join(folder, 'ca'));
  // Proofs as lists: pyHanko reads them from the document, OCSP answers of openssl it does not find.
  for (const kind of KEY_KINDS) identities.set(kind, await ca.identity(kind, kind, 'crl'));
  const document = await PDFDocument.create();
  document.addPage().drawText('A page that somebody else wrote');
  plain = await document.save({ useObjectStreams: false });
  xlsx = await exampleXlsx();
});
after(() => ca.stop());

const at = (name: string): string => path.join(folder, name);

type Judge = (file: string, kind: KeyKind) => Promise<string>;

const pdfJudges: Record<string, Judge> = {
  async pdfsig(file) {
    const { text } = await ask('pdfsig', ['-nocert', file]);
    const first = text.split('Signature #2')[0] ?? '';
    return /Signature is Valid/.test(first)
      ? 'valid'
      : (/Signature Validation: (.*)/.exec(first)?.[1]?.trim() ?? text.trim().slice(0, 60));
  },
  async pyHanko(file) {
    const { text } = await ask('pyhanko', [
      'sign',
      file.includes('-lt') ? 'adesverify' : 'validate',
      '--trust',
      ca.root,
      '--trust-replace',
      ...(file.includes('-lt') ? [] : ['--soft-revocation-check']),
      file,
    ]);
    return /INTACT:TRUSTED/.test(text)
      ? 'trusted'
      : (/(INTACT:\S+|INVALID\S*)/.exec(text)?.[1] ?? text.trim().slice(-80));
  },
  async 'openssl cms'(file) {
    const { code, text } = await askOpensslCms(readFileSync(file), folder, ca.root);
    return code === 0 ? 'verified' : (text.trim().split('\n').at(-1) ?? '').slice(0, 70);
  },
  async 'EU DSS'(file) {
    const [, verdict = '', format = '', , reasons = ''] = (await dssLines()).find(([name]) => name === file) ?? [];
    // Its policy asks for proof that no certificate was revoked, which B and T do not carry, and no server is asked here.
    const why = /EdDSA is not authorised/.test(reasons)
      ? ' (EdDSA is not among its algorithms)'
      : /No revocation data found/.test(reasons)
        ? ' (no proof of revocation)'
        : '';
    return `${format}, ${verdict.split(' ')[0]}${why}`;
  },
  async qpdf(file) {
    return /No syntax or stream encoding errors/.test((await ask('qpdf', ['--check', file])).text)
      ? 'well-formed'
      : 'complains';
  },
  async mutool(file) {
    const { code, text } = await ask('mutool', ['info', file]);
    return code === 0 && !/error|warning/i.test(text) ? 'opens' : 'complains';
  },
};

const sealed = (kind: KeyKind, level: string): string => at(`${kind}-${level}.pdf`);
let dssSaid: Promise<string[][]> | undefined;
/** What DSS says of all of them: it takes longer to start than to judge. */
function dssLines(): Promise<string[][]> {
  const files = LEVELS.flatMap((level) => KEY_KINDS.map((kind) => sealed(kind, level)));
  dssSaid ??= ask('dss', [ca.root, ...files]).then(({ text }) => text.split('\n').map((line) => line.split('\t')));
  return dssSaid;
}

const LEVELS = ['b', 't', 'lt', 'lta'] as const;
const JUDGE_PROGRAMS = {
  pdfsig: 'pdfsig',
  pyHanko: 'pyhanko',
  'openssl cms': 'openssl',
  'EU DSS': 'dss',
  qpdf: 'qpdf',
  mutool: 'mutool',
} as const;

async function table(t: TestContext): Promise<string[] | undefined> {
  for (const name of [...Object.values(JUDGE_PROGRAMS), 'soffice', 'poi'] as const)
    if (!judgeHere(name, t)) return undefined;
  const rows = [
    `| signature | key | ${Object.keys(pdfJudges).join(' | ')} |`,
    `| --- | --- |${' --- |'.repeat(Object.keys(pdfJudges).length)}`,
  ];
  for (const level of LEVELS)
    for (const kind of KEY_KINDS) {
      const bytes = await sealPdf(plain, identities.get(kind) as Signer, {
        role: 'preparer',
        time: new Date(),
        level,
        ...(level === 'b' ? {} : { timestamp: { url: `${ca.url}/tsa`, optional: false } }),
      });
      writeFileSync(sealed(kind, level), bytes);
    }
  for (const level of LEVELS)
    for (const kind of KEY_KINDS) {
      const file = sealed(kind, level);
      const said: string[] = [];
      for (const [name, judge] of Object.entries(pdfJudges)) {
        const verdict = await judge(file, kind);
        // These two know no Ed25519, and each version says so in other words.
        said.push(
          kind === 'ed25519' && (name === 'pdfsig' || name === 'openssl cms') && !/^(valid|verified)$/.test(verdict)
            ? 'knows no Ed25519'
            : verdict,
        );
      }
      rows.push(`| PAdES B-${level.toUpperCase()} | ${kind} | ${said.join(' | ')} |`);
    }
  rows.push('', '| signature | key | Apache POI | LibreOffice | openssl dgst |', '| --- | --- | --- | --- | --- |');
  for (const kind of KEY_KINDS.filter((one) => one !== 'ed25519')) {
    const file = at(`${kind}.xlsx`);
    writeFileSync(file, signXlsx(xlsx, identities.get(kind) as Signer, { role: 'preparer', time: new Date() }));
    const poi = (await ask('poi', [file])).text;
    const converted = await ask('soffice', [
      '--headless',
      `-env:UserInstallation=file://${folder}/office`,
      '--convert-to',
      'csv',
      '--outdir',
      at('office-out'),
      file,
    ]);
    rows.push(
      `| OOXML, XAdES-BES | ${kind} | ${/valid|true/i.test(poi) && !/invalid|false/i.test(poi) ? 'valid' : poi.trim().slice(0, 60)} | ${converted.code === 0 && existsSync(path.join(at('office-out'), `${kind}.csv`)) ? 'opens' : 'complains'} | |`,
    );
  }
  for (const kind of KEY_KINDS) rows.push(`| DSSE attestation | ${kind} | | | ${await dgst(kind)} |`);
  return rows;
}

async function dgst(kind: KeyKind): Promise<string> {
  const identity = identities.get(kind) as Signer;
  const envelope = JSON.parse(sealEnvelope({ statement: 1 }, identity));
  const payload = Buffer.from(envelope.payload, 'base64');
  writeFileSync(
    at('pae'),
    Buffer.concat([
      Buffer.from(`DSSEv1 ${envelope.payloadType.length} ${envelope.payloadType} ${payload.length} `),
      payload,
    ]),
  );
  writeFileSync(at('sig'), Buffer.from(envelope.signatures[0].sig, 'base64'));
  writeFileSync(at('key.pem'), identity.certificate.publicKey.export({ type: 'spki', format: 'pem' }));
  const args =
    kind === 'ed25519'
      ? ['pkeyutl', '-verify', '-pubin', '-inkey', at('key.pem'), '-rawin', '-in', at('pae'), '-sigfile', at('sig')]
      : ['dgst', `-${identity.algorithm.hash}`, '-verify', at('key.pem'), '-signature', at('sig'), at('pae')];
  const { code, text } = await ask('openssl', args);
  return code === 0 ? (kind === 'ed25519' ? 'verified (pkeyutl)' : 'verified') : text.trim().slice(0, 60);
}

test('what the judges say is what the documentation says they say', async (t) => {
  const rows = await table(t);
  if (!rows) return;
  const page = path.join(ROOT, 'docs/signatures.md');
  const text = readFileSync(page, 'utf8');
  const [from, to] = ['<!-- judges: made by test/sign/judges.full.test.ts -->\n', '\n<!-- end of judges -->'];
  const [head = '', rest = ''] = text.split(from);
  const [written = '', tail = ''] = rest.split(to);
  // UPDATE=1 npm test writes the table anew.
  if (process.env.UPDATE === '1') writeFileSync(page, `${head}${from}${rows.join('\n')}${to}${tail}`);
  else assert.deepEqual(written.split('\n'), rows);
});

/** Has openssl sign what our byte range covers, as another program would. */
class OpensslSigner extends PdfSigner {
  override async sign(content: Buffer): Promise<Buffer> {
    writeFileSync(at('to-sign.bin'), content);
    return ca.openssl(
      'cms',
      '-sign',
      '-binary',
      '-in',
      at('to-sign.bin'),
      '-signer',
      'rsa.pem',
      '-inkey',
      'rsa.key',
      '-certfile',
      'intermediate.pem',
      '-md',
      'sha256',
      '-outform',
      'DER',
      '-cades',
    );
  }
}

test('signatures made by openssl cms and by pdfsig verify with ours', async (t) => {
  if (!judgeHere('openssl', t)) return;
  const root = new X509Certificate(readFileSync(ca.root));
  const { PDFArray: _array, PDFHexString, PDFName, PDFString } = await import('@cantoo/pdf-lib');
  const document = await PDFDocument.load(plain, { updateMetadata: false });
  const { context, catalog } = document;
  const signature = context.register(
    context.obj({
      Type: 'Sig',
      Filter: 'Adobe.PPKLite',
      SubFilter: 'ETSI.CAdES.detached',
      ByteRange: [
        0,
        PDFName.of(DEFAULT_BYTE_RANGE_PLACEHOLDER),
        PDFName.of(DEFAULT_BYTE_RANGE_PLACEHOLDER),
        PDFName.of(DEFAULT_BYTE_RANGE_PLACEHOLDER),
      ],
      Contents: PDFHexString.of('0'.repeat(20_000)),
      M: PDFString.fromDate(new Date()),
    }),
  );
  const widget = context.register(
    context.obj({
      Type: 'Annot',
      Subtype: 'Widget',
      FT: 'Sig',
      Rect: [0, 0, 0, 0],
      V: signature,
      T: PDFString.of('Other'),
      F: 132,
      P: document.getPage(0).ref,
    }),
  );
  document.getPage(0).node.addAnnot(widget);
  catalog.set(PDFName.of('AcroForm'), context.obj({ Fields: [widget], SigFlags: 3 }));
  const byOpenssl = await new SignPdf().sign(
    Buffer.from(await document.save({ useObjectStreams: false })),
    new OpensslSigner(),
  );
  const verdict = await verifyPdf(byOpenssl, [root]);
  assert.deepEqual(
    [verdict.problems, verdict.signatures[0]?.level, verdict.signatures[0]?.trusted],
    [[], 'PAdES B-B', true],
  );

  if (!judgeHere('pdfsig', t) || !judgeHere('certutil', t)) return;
  const database = at('nss');
  mkdirSync(database);
  const run = (program: string, args: string[]): void => {
    execFileSync(program, args, { cwd: folder, stdio: 'pipe' });
  };
  ca.openssl(
    'pkcs12',
    '-export',
    '-inkey',
    'rsa.key',
    '-in',
    'rsa-chain.pem',
    '-name',
    'signer',
    '-passout',
    'pass:x',
    '-out',
    at('nss.p12'),
  );
  run('certutil', ['-N', '-d', `sql:${database}`, '--empty-password']);
  run('pk12util', ['-i', at('nss.p12'), '-d', `sql:${database}`, '-W', 'x']);
  run('certutil', ['-A', '-d', `sql:${database}`, '-n', 'root', '-t', 'CT,C,C', '-i', ca.root]);
  writeFileSync(at('plain.pdf'), plain);
  await ask('pdfsig', [
    '-nssdir',
    `sql:${database}`,
    at('plain.pdf'),
    at('by-pdfsig.pdf'),
    '-add-signature',
    '-nick',
    'signer',
    '-reason',
    'approver',
  ]);
  const other = await verifyPdf(readFileSync(at('by-pdfsig.pdf')), [root]);
  assert.deepEqual(
    [other.problems, other.signatures[0]?.level, other.signatures[0]?.trusted, other.signatures[0]?.role],
    [[], 'adbe.pkcs7.detached', true, 'approver'],
  );
  // And ours goes on top of theirs.
  const both = await verifyPdf(
    await sealPdf(readFileSync(at('by-pdfsig.pdf')), identities.get('p256') as Signer, {
      role: 'reviewer',
      time: new Date(),
    }),
    [root],
  );
  assert.deepEqual([both.problems, both.signatures.map(({ trusted }) => trusted)], [[], [true, true]]);
});
