import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { buildPack } from '../../src/pack/build.ts';
import { FORMATS } from '../../src/pack/formats/index.ts';
import type { Signer } from '../../src/pki/signer.ts';
import { loadSigner } from '../../src/sign/keys/index.ts';
import { sealPdf } from '../../src/sign/pdf/seal.ts';
import { verifyPdf } from '../../src/verify/pdf.ts';
import { type Authority, startAuthority } from '../support/authority.ts';
import { briefAssessment, exampleAssessment } from '../support/example.ts';
import { ask, judgeHere } from '../support/judges.ts';
import { plainPdf } from '../support/pdfAttacks.ts';
import { ROOT, scratch } from '../support/workspace.ts';

/* Honest files that other programs had a hand in, and honest packs when years have passed: no alarm. */

const folder = scratch();
const at = (name: string): string => path.join(folder, name);
let ca: Authority;
let root: X509Certificate;
let preparer: Signer;

before(async () => {
  ca = await startAuthority(at('ca'));
  root = new X509Certificate(readFileSync(ca.root));
  preparer = await ca.identity('preparer', 'rsa', 'crl');
  await ca.identity('approver', 'rsa', 'crl');
  ca.openssl(
    'pkcs12',
    '-export',
    '-inkey',
    'approver.key',
    '-in',
    'approver-chain.pem',
    '-passout',
    'pass:x',
    '-out',
    'approver.p12',
  );
  const bytes = Buffer.from(await (await plainPdf()).save({ useObjectStreams: false }));
  writeFileSync(at('table.pdf'), bytes);
  // An older version in the header, as browsers write it: programs that sign then state a newer one.
  bytes.write('%PDF-1.4');
  writeFileSync(at('old.pdf'), bytes);
  writeFileSync(at('stream.pdf'), await (await plainPdf()).save());
});
after(() => ca.stop());

async function intact(name: string, signatures: number): Promise<void> {
  const { problems, signatures: found } = await verifyPdf(readFileSync(at(name)), [root]);
  assert.deepEqual([problems, found.map(({ trusted }) => trusted)], [[], Array(signatures).fill(true)], name);
}

async function ours(name: string, from: string, level: 'b' | 'lta' = 'b', by = preparer): Promise<void> {
  const timestamp = level === 'b' ? {} : { timestamp: { url: `${ca.url}/tsa`, optional: false } };
  writeFileSync(
    at(name),
    await sealPdf(readFileSync(at(from)), by, { role: 'preparer', time: new Date(), level, ...timestamp }),
  );
}

async function byPyhanko(from: string, to: string, field: string, ...more: string[]): Promise<void> {
  const key = [
    '--key',
    at('ca/approver.key'),
    '--cert',
    at('ca/approver.pem'),
    '--chain',
    at('ca/intermediate.pem'),
    '--no-pass',
  ];
  const { code, text } = await ask('pyhanko', [
    'sign',
    'addsig',
    '--field',
    field,
    '--use-pades',
    ...more,
    'pemder',
    ...key,
    at(from),
    at(to),
  ]);
  assert.equal(code, 0, text);
}

async function byDss(from: string, to: string, ...field: string[]): Promise<void> {
  const { code, text } = await ask('dssSign', [at('ca/approver.p12'), 'x', at(from), at(to), ...field]);
  assert.equal(code, 0, text);
}

const PLAIN = ['table.pdf', 'old.pdf', 'stream.pdf'];

test('pyHanko signs by itself, after us and before us', async (t) => {
  if (!judgeHere('pyhanko', t)) return;
  for (const plain of PLAIN) {
    await ours(`ours-${plain}`, plain);
    await byPyhanko(`ours-${plain}`, `py-after-${plain}`, 'Signature2');
    await intact(`py-after-${plain}`, 2);
    await byPyhanko(plain, `py-${plain}`, '1/50,50,200,100/One');
    await intact(`py-${plain}`, 1);
    await byPyhanko(`py-${plain}`, `py-twice-${plain}`, 'Two');
    await intact(`py-twice-${plain}`, 2);
    await ours(`ours-after-py-${plain}`, `py-${plain}`);
    await intact(`ours-after-py-${plain}`, 2);
  }
  await ours('lta.pdf', 'table.pdf', 'lta');
  await byPyhanko('lta.pdf', 'py-after-lta.pdf', 'Signature2');
  await intact('py-after-lta.pdf', 3);
  await byPyhanko('table.pdf', 'py-certified.pdf', '1/50,50,200,100/One', '--certify');
  await intact('py-certified.pdf', 1);
});

test('EU DSS signs by itself, after us and before us', async (t) => {
  if (!judgeHere('dssSign', t)) return;
  for (const plain of PLAIN) {
    await ours(`ours-${plain}`, plain);
    await byDss(`ours-${plain}`, `dss-after-${plain}`, 'Signature3');
    await intact(`dss-after-${plain}`, 2);
    await byDss(plain, `dss-${plain}`);
    await intact(`dss-${plain}`, 1);
    await ours(`ours-after-dss-${plain}`, `dss-${plain}`);
    await intact(`ours-after-dss-${plain}`, 2);
  }
  await byDss('dss-table.pdf', 'dss-twice.pdf');
  await intact('dss-twice.pdf', 2);
});

test('documents that others laid out are signed and read: linearised, packed, saved over and over, hybrid', async (t) => {
  if (!judgeHere('qpdf', t)) return;
  const made: [string, string[]][] = [
    ['linear.pdf', ['--linearize']],
    ['packed.pdf', ['--object-streams=generate']],
    ['flat.pdf', ['--object-streams=disable', '--qdf']],
    ['newer.pdf', ['--force-version=2.0']],
  ];
  for (const [name, options] of made) {
    const { code, text } = await ask('qpdf', [...options, at('table.pdf'), at(name)]);
    assert.equal(code, 0, text);
    await ours(`ours-${name}`, name);
    await intact(`ours-${name}`, 1);
    await ours(`twice-${name}`, `ours-${name}`);
    await intact(`twice-${name}`, 2);
  }
  writeFileSync(at('hybrid.pdf'), hybrid());
  await ours('ours-hybrid.pdf', 'hybrid.pdf');
  await intact('ours-hybrid.pdf', 1);
});

/** A hybrid file as older office programs write it (ISO 32000-1, 7.5.8.4): a table, and a stream for what only newer readers need. */
function hybrid(): Buffer {
  const offsets: number[] = [];
  let text = '%PDF-1.5\n';
  const add = (number: number, body: string): void => {
    offsets[number] = text.length;
    text += `${number} 0 obj\n${body}\nendobj\n`;
  };
  add(1, '<< /Type /Catalog /Pages 2 0 R >>');
  add(2, '<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>');
  add(
    3,
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>',
  );
  const drawn = 'BT /F 20 Tf 40 700 Td (A page) Tj ET';
  add(4, `<< /Length ${drawn.length} >>\nstream\n${drawn}\nendstream`);
  add(5, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
  const packed = '8 0 << /Only /Newer >>';
  add(6, `<< /Type /ObjStm /N 1 /First 4 /Length ${packed.length} >>\nstream\n${packed}\nendstream`);
  const rows = Buffer.from([2, 0, 6, 0]);
  const hidden = text.length;
  text += `7 0 obj\n<< /Type /XRef /W [1 2 1] /Index [8 1] /Size 9 /Length 4 >>\nstream\n${rows.toString('latin1')}\nendstream\nendobj\n`;
  offsets[7] = hidden;
  const table = text.length;
  const lines = Array.from({ length: 9 }, (_, number) =>
    offsets[number] === undefined ? '0000000000 65535 f \n' : `${String(offsets[number]).padStart(10, '0')} 00000 n \n`,
  );
  text += `xref\n0 9\n${lines.join('')}trailer\n<< /Size 9 /Root 1 0 R /XRefStm ${hidden} >>\nstartxref\n${table}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}

/** What the command says of a pack when so many days have passed. */
async function yearsLater(days: number, ...args: string[]) {
  const { code, text } = await ask('faketime', [
    '-f',
    `+${days}d`,
    process.execPath,
    path.join(ROOT, 'bin/probity.js'),
    'verify',
    '--json',
    ...args,
  ]);
  const report = JSON.parse(text.slice(text.indexOf('{')));
  const problems: string[] = report.files.flatMap((file: { problems: string[] }) => file.problems);
  return { code, problems };
}

test('years later a pack is what its time-stamps make it', async (t: TestContext) => {
  if (!judgeHere('faketime', t)) return;
  process.env.FAKETIME_DONT_FAKE_MONOTONIC = '1';
  const { key, chain } = ca.issue('monthly', 'p256', { days: ['-days', '30'], status: 'crl' });
  const monthly = await loadSigner(chain, { keyFile: key, passphrase: async () => '' });
  const assessment = briefAssessment(await exampleAssessment());
  const made = async (name: string, level: 'b' | 't' | 'lta'): Promise<string> => {
    const files = await buildPack(assessment, {
      formats: FORMATS.filter(({ id }) => ['pdf', 'xlsx', 'json'].includes(id)),
      identity: monthly,
      signing: {
        role: 'preparer',
        time: new Date(),
        level,
        ...(level === 'b' ? {} : { timestamp: { url: `${ca.url}/tsa`, optional: false } }),
      },
    });
    mkdirSync(at(name));
    for (const [file, bytes] of files) writeFileSync(path.join(at(name), file), bytes);
    return at(name);
  };
  const trust = ['--trust', ca.root];
  for (const level of ['t', 'lta'] as const) {
    const pack = await made(level, level);
    assert.deepEqual(await yearsLater(20, pack, ...trust), { code: 0, problems: [] }, `${level}, still valid`);
    assert.deepEqual(await yearsLater(200, pack, ...trust), { code: 0, problems: [] }, `${level}, expired`);
    // The authority's own certificate has expired by then, and nobody stamped the pack again: intact, and no longer trusted.
    assert.deepEqual(await yearsLater(3650, pack), { code: 0, problems: [] }, `${level}, in ten years`);
    const late = await yearsLater(3650, pack, ...trust);
    assert.equal(late.code, 1);
    assert.match(late.problems.join('; '), /expired/);
  }
  const bare = await made('b', 'b');
  assert.deepEqual(await yearsLater(20, bare, ...trust), { code: 0, problems: [] });
  const late = await yearsLater(60, bare, ...trust);
  assert.equal(late.code, 1);
  assert.match(late.problems.join('; '), /expired on .*no trusted time-stamp/);
  assert.deepEqual(
    await yearsLater(60, bare),
    { code: 0, problems: [] },
    'without --trust it is asked whether it is intact',
  );
});
