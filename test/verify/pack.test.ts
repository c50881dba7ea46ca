import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Zip, ZipDeflate } from 'fflate';
import { type Assessment, serialiseAssessment } from '../../src/assess/assessment.ts';
import { unzipBounded, zipSame } from '../../src/files/zip.ts';
import { sealStatement } from '../../src/pack/attestation.ts';
import { signPath } from '../../src/pack/cosign.ts';
import { packStatement, type Statement } from '../../src/pack/statement.ts';
import { type VerifyOptions, verifyPaths } from '../../src/pack/verify.ts';
import type { Signer } from '../../src/pki/signer.ts';
import { serialiseManifest } from '../../src/report/manifest.ts';
import { renderPdf } from '../../src/report/pdf/index.ts';
import { renderXlsx } from '../../src/report/xlsx/index.ts';
import { sealPdf } from '../../src/sign/pdf/seal.ts';
import { sealXlsx } from '../../src/sign/xlsx/seal.ts';
import { type Authority, startAuthority } from '../support/authority.ts';
import { briefAssessment, exampleAssessment } from '../support/example.ts';
import { scratch } from '../support/workspace.ts';

/* One statement and one set of people over all files of a pack; of packs that a colleague with a real certificate put together. */

const folder = scratch();
const out = path.join(folder, 'out');
let ca: Authority;
let root: X509Certificate;
let preparer: Signer;
let colleague: Signer;
let monthly: Signer;
/** The same system judged twice: what stands in one pack must not be taken for the other's. */
let first: Made;
let second: Made;

interface Made {
  assessment: Assessment;
  pdf: Uint8Array;
  xlsx: Uint8Array;
}

before(async () => {
  ca = await startAuthority(path.join(folder, 'ca'));
  root = new X509Certificate(readFileSync(ca.root));
  preparer = await ca.identity('preparer', 'p256', 'none');
  colleague = await ca.identity('colleague', 'p256', 'none');
  const issued = ca.issue('monthly', 'p256', { days: ['-days', '30'], status: 'none' });
  const { loadSigner } = await import('../../src/sign/keys/index.ts');
  monthly = await loadSigner(issued.chain, {
    keyFile: issued.key,
    passphrase: async () => '',
  });
  const made = async (assessment: Assessment): Promise<Made> => ({
    assessment,
    pdf: await renderPdf(assessment, undefined),
    xlsx: await renderXlsx(assessment, undefined),
  });
  const brief = briefAssessment(await exampleAssessment());
  first = await made(brief);
  second = await made({ ...brief, system: { ...brief.system, name: 'Another system' } });
});
after(() => ca.stop());

interface Options {
  by?: Signer;
  attester?: Signer;
  stamp?: boolean;
  statement?: (statement: Statement) => Statement;
  from?: Partial<Record<'pdf' | 'xlsx' | 'json' | 'manifest', Made>>;
  assessment?: Assessment;
}

async function pack({
  by = preparer,
  attester = by,
  stamp = false,
  statement = (one) => one,
  from = {},
  assessment,
}: Options = {}): Promise<string> {
  const moment = {
    role: 'preparer',
    time: new Date(),
    level: stamp ? ('t' as const) : ('b' as const),
    ...(stamp ? { timestamp: { url: `${ca.url}/tsa`, optional: false } } : {}),
  };
  const files = new Map<string, Uint8Array>([
    ['report.pdf', await sealPdf((from.pdf ?? first).pdf, by, moment)],
    ['report.xlsx', await sealXlsx((from.xlsx ?? first).xlsx, by, moment)],
    ['assessment.json', Buffer.from(serialiseAssessment(assessment ?? (from.json ?? first).assessment))],
    ['evidence-manifest.json', Buffer.from(serialiseManifest((from.manifest ?? first).assessment))],
  ]);
  const stated = statement(packStatement(assessment ?? first.assessment, files, []));
  files.set('attestation.dsse.json', await sealStatement(stated, attester, moment));
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  for (const [name, bytes] of files) writeFileSync(path.join(out, name), bytes);
  return out;
}

async function said(target: string, options: VerifyOptions = {}, trust = [root]) {
  const report = await verifyPaths([target], trust, trust.length > 0, options);
  return { ...report, problems: report.files.flatMap(({ problems }) => problems) };
}

test('an untouched pack is vouched for by whoever signed all of it, as a folder and as a zip', async () => {
  await pack();
  const zip = path.join(folder, 'pack.zip');
  const entries = new Map(
    ['report.pdf', 'report.xlsx', 'assessment.json', 'evidence-manifest.json', 'attestation.dsse.json'].map((name) => [
      `out/${name}`,
      new Uint8Array(readFileSync(path.join(out, name))),
    ]),
  );
  writeFileSync(zip, zipSame(entries));
  for (const target of [out, zip]) {
    const { valid, problems, vouchedBy, files } = await said(target);
    assert.deepEqual([problems, valid, vouchedBy.map(({ signer }) => signer)], [[], true, ['preparer']]);
    assert.ok(
      files.every((file) => file.vouchedBy.length === 1),
      'each file says by whom',
    );
  }
  entries.set('out/extra.pdf', new Uint8Array(1));
  writeFileSync(zip, zipSame(entries));
  assert.equal((await said(zip)).valid, false);
});

test('whoever signs last vouches for all of it, and those before for what they signed', async () => {
  await pack();
  await signPath(out, colleague, { role: 'approver', time: new Date() });
  const { problems, vouchedBy, files } = await said(out);
  assert.deepEqual([problems, vouchedBy.map(({ signer }) => signer)], [[], ['colleague']]);
  const by = (name: string) =>
    files
      .find((file) => file.path.endsWith(name))
      ?.vouchedBy.map(({ signer }) => signer)
      .sort();
  assert.deepEqual(by('report.pdf'), ['colleague', 'preparer']);
  assert.deepEqual(by('assessment.json'), ['colleague']);
});

test('files of two runs do not make one pack, whoever attests to them', async () => {
  const edited = {
    ...first.assessment,
    verdicts: {
      ...first.assessment.verdicts,
      inversion: { ...first.assessment.verdicts.inversion, state: 'satisfied' as const },
    },
  };
  const predicate =
    (change: Record<string, unknown>) =>
    (one: Statement): Statement => ({ ...one, predicate: { ...one.predicate, ...change } });
  const attacks: [string, Options, RegExp][] = [
    ['the PDF of another run', { from: { pdf: second } }, /was made from another assessment\.json/],
    ['the workbook of another run', { from: { xlsx: second } }, /was made from another assessment than/],
    ['the assessment of another run', { from: { json: second } }, /was made from another|states another system/],
    [
      'an assessment whose verdict was edited',
      { assessment: edited },
      /the verdict of inversion is satisfied, and its results make it/,
    ],
    [
      'an attestation with other verdicts',
      { statement: predicate({ verdicts: {} }) },
      /states another verdict than the assessment/,
    ],
    ['an attestation with another date', { statement: predicate({ asOf: '2030-01-01' }) }, /states another date/],
    [
      'an attestation with another system',
      { statement: predicate({ system: { id: 'x', name: 'x' } }) },
      /states another system/,
    ],
    [
      'an attestation with another evidence root',
      { statement: predicate({ evidenceRoot: '0'.repeat(64) }) },
      /states another evidence root/,
    ],
    ['an attestation with another profile', { statement: predicate({ policy: {} }) }, /states another profile/],
    [
      'an attestation that lists less',
      { statement: predicate({ packFiles: ['report.pdf'] }) },
      /not named by the attestation/,
    ],
    ['an attestation by somebody who signed nothing else', { attester: colleague }, /signed by another identity/],
  ];
  for (const [what, options, expected] of attacks) {
    await pack(options);
    const { valid, problems } = await said(out);
    assert.equal(valid, false, what);
    assert.match(problems.join('; '), expected, what);
  }
});

test('what lies beside a pack is named and makes the answer no, unless it is allowed or harmless', async () => {
  await pack();
  const beside = (name: string): void => writeFileSync(path.join(out, name), 'x');
  for (const name of ['~$report.xlsx', '.~lock.report.xlsx#', '.DS_Store', 'report.new.xlsx', 'responses.yaml'])
    beside(name);
  assert.equal((await said(out)).valid, true);
  beside('approved.pdf');
  const { valid, unlisted, problems } = await said(out);
  assert.deepEqual([valid, unlisted, problems], [false, [path.join(out, 'approved.pdf')], []]);
  assert.equal((await said(out, { allowUnlisted: ['approved.*'] })).valid, true);
  assert.equal((await said(out, { allowUnlisted: ['*.txt', 'approved'] })).valid, false);
  await signPath(out, colleague, { role: 'approver', time: new Date() });
});

test('who must have signed, and in which role, can be asked for', async () => {
  await pack();
  const asked = async (options: VerifyOptions, trust?: X509Certificate[]) =>
    (await said(out, options, trust)).unmet ?? [];
  const { vouchedBy } = await said(out);
  const fingerprint = vouchedBy[0]?.fingerprint ?? '';
  assert.deepEqual(
    await asked({ signers: [fingerprint, fingerprint.slice(0, 16), 'preparer'], roles: ['preparer'] }),
    [],
  );
  assert.deepEqual(await asked({ signers: ['colleague'] }), ['colleague has not signed everything here']);
  assert.deepEqual(await asked({ signers: [fingerprint.slice(0, 8)] }), [
    `${fingerprint.slice(0, 8)} has not signed everything here`,
  ]);
  assert.deepEqual(await asked({ roles: ['approver'] }), ['nobody has signed as approver']);
  await signPath(out, preparer, { role: 'approver', time: new Date() });
  const report = await said(out);
  assert.deepEqual([report.valid, report.sameSigner?.[0]?.roles], [true, ['preparer', 'approver']]);
  assert.deepEqual(await asked({ distinctRoles: true }), ['preparer and approver are the same person, preparer']);
});

test('years later a pack with time-stamps is as it was, workbook included; one without is not believed', async () => {
  const later = new Date(Date.now() + 60 * 86_400_000);
  await pack({ by: monthly, stamp: true });
  const stamped = await said(out, { now: later });
  assert.deepEqual([stamped.problems, stamped.valid], [[], true]);
  await pack({ by: monthly });
  const bare = await said(out, { now: later });
  assert.match(bare.problems.join('; '), /expired on .*no trusted time-stamp/);
  const without = await said(out, { now: later }, []);
  assert.deepEqual([without.problems, without.valid], [[], true], 'it is intact, and nobody is trusted');
  await pack({ by: monthly, stamp: true });
  const file = path.join(out, 'attestation.dsse.json');
  const envelope = JSON.parse(readFileSync(file, 'utf8'));
  const other = JSON.parse(
    Buffer.from(
      await sealStatement(packStatement(second.assessment, new Map([['x', new Uint8Array()]]), []), preparer, {
        role: 'x',
        time: new Date(),
        timestamp: { url: `${ca.url}/tsa`, optional: false },
      }),
    ).toString(),
  );
  envelope.signatures[0].timestamp = other.signatures[0].timestamp;
  writeFileSync(file, JSON.stringify(envelope));
  assert.match((await said(out)).problems.join('; '), /its time-stamp does not hold: it is over something else/);
});

/** The attestation's envelope as data, changed and written again. */
function editEnvelope(change: (text: string) => string): void {
  const file = path.join(out, 'attestation.dsse.json');
  const was = readFileSync(file, 'utf8');
  const is = change(was);
  assert.notEqual(is, was);
  writeFileSync(file, is);
}

test('an attestation holds nothing that nobody signed', async () => {
  const json =
    (change: (envelope: { payload: string; signatures: Record<string, string>[] }) => unknown) => (text: string) => {
      const envelope = JSON.parse(text);
      change(envelope);
      return JSON.stringify(envelope);
    };
  const attacks: [string, (text: string) => string][] = [
    ['a remark', json((e) => Object.assign(e, { remark: 'approved by the board' }))],
    ['a remark beside a signature', json((e) => Object.assign(e.signatures[0] ?? {}, { role: 'approver' }))],
    ['another payload before the real one', (text) => text.replace('{', '{"payload": "e30=",')],
    ['another name between the certificates', (text) => text.replace('"cert": "', '"cert": "Signed by the board\\n')],
    ['a payload with more in it', json((e) => Object.assign(e, { payload: `${e.payload}!!!!` }))],
    [
      'a signature of other spelling',
      json((e) => Object.assign(e.signatures[0] ?? {}, { sig: ` ${e.signatures[0]?.sig}` })),
    ],
    ['a second signature that is none', json((e) => e.signatures.push({ ...e.signatures[0], sig: 'AAAA' }))],
    ['no signature', json((e) => Object.assign(e, { signatures: [] }))],
  ];
  for (const [what, attack] of attacks) {
    await pack();
    editEnvelope(attack);
    const { valid, problems } = await said(out);
    assert.deepEqual([valid, problems.length > 0], [false, true], what);
  }
});

test('whoever adds a signature of their own making is named as nobody that is trusted', async () => {
  await pack();
  const { cosignEnvelope, readEnvelope } = await import('../../src/pki/dsse.ts');
  const { createTrialSigner } = await import('../../src/sign/trial.ts');
  const { loadSigner } = await import('../../src/sign/keys/index.ts');
  const own = path.join(folder, 'own.p12');
  await createTrialSigner(own, 'x', 'The board');
  const stranger = await loadSigner(own, { passphrase: async () => 'x' });
  editEnvelope((text) => cosignEnvelope(readEnvelope(text, 'x'), stranger));
  assert.match((await said(out)).problems.join(), /The board is not trusted/);
  const { vouchedBy } = await said(out, {}, []);
  assert.ok(vouchedBy.every(({ trusted }) => !trusted));
});

test('a role of another name is in the list that the attestation carries, or is named', async () => {
  const packWithRoles = (statement: Statement): Statement => ({
    ...statement,
    predicate: { ...statement.predicate, roles: ['approver'] },
  });
  await pack({ statement: packWithRoles });
  assert.deepEqual((await said(out)).roles, ['preparer', 'reviewer', 'approver']);
  await signPath(out, colleague, { role: 'model owner', time: new Date() });
  const { problems, roles } = await said(out, { roles: ['model owner', 'preparer'] });
  assert.deepEqual([problems, roles], [[], ['preparer', 'reviewer', 'approver', 'model owner']]);
  // Signed in a role by itself, and attested to by a list that lacks it.
  const { sealEnvelope } = await import('../../src/pki/dsse.ts');
  const file = path.join(out, 'attestation.dsse.json');
  const statement = JSON.parse(Buffer.from(JSON.parse(readFileSync(file, 'utf8')).payload, 'base64').toString('utf8'));
  statement.predicate.roles = ['preparer'];
  writeFileSync(file, sealEnvelope(statement, colleague));
  assert.match(
    (await said(out)).problems.join(),
    /was signed as "model owner", a role that the attestation does not list/,
  );
});

/** A zip of the pack in `out`, changed as bytes or made in another way. */
function zipped(prefix = 'out/', more: [string, Uint8Array][] = []): Buffer {
  const names = ['report.pdf', 'report.xlsx', 'assessment.json', 'evidence-manifest.json', 'attestation.dsse.json'];
  const own = names.map((name): [string, Uint8Array] => [
    `${prefix}${name}`,
    new Uint8Array(readFileSync(path.join(out, name))),
  ]);
  return Buffer.from(zipSame(new Map([...own, ...more])));
}

test('a pack in an archive is what every program finds in it', async () => {
  await pack();
  const file = path.join(folder, 'pack.zip');
  const answer = async (bytes: Uint8Array) => {
    writeFileSync(file, bytes);
    return said(file);
  };
  const plain = zipped();
  const desktop: [string, Uint8Array][] = [
    ['__MACOSX/out/._report.pdf', Buffer.from('x')],
    ['out/.DS_Store', Buffer.from('x')],
  ];
  const streamed = await new Promise<Buffer>((resolve) => {
    const parts: Uint8Array[] = [];
    const zip = new Zip((_error, part, final) => {
      parts.push(part);
      if (final) resolve(Buffer.concat(parts));
    });
    for (const [name, bytes] of unzipBounded(plain, 'x')) {
      const entry = new ZipDeflate(name);
      zip.add(entry);
      entry.push(bytes, true);
    }
    zip.end();
  });
  for (const [what, bytes] of [
    ['as it is', plain],
    ['in no folder', zipped('')],
    ['in folders of folders', zipped('2026/q3/out/')],
    ['by a desktop', zipped('out/', desktop)],
    ['by a program that writes as it reads', streamed],
  ] as const) {
    const { valid, problems } = await answer(bytes);
    assert.deepEqual([problems, valid], [[], true], what);
  }
  const directory = plain.readUInt32LE(plain.length - 6);
  const local = plain.indexOf('out/report.pdf');
  const renamed = Buffer.from(plain);
  renamed.write('out/REPORT.pdf', local);
  const checksum = Buffer.from(plain);
  checksum.writeUInt32LE(1, checksum.indexOf('PK\x01\x02') + 16);
  const remark = Buffer.from(plain);
  remark.writeUInt16LE(8, remark.length - 2);
  for (const [what, bytes] of [
    ['something before it', Buffer.concat([Buffer.from('MZ a program'), plain])],
    ['something behind it', Buffer.concat([plain, Buffer.from('approved')])],
    ['a remark', Buffer.concat([remark, Buffer.from('approved')])],
    [
      'something between entries and directory',
      Buffer.concat([plain.subarray(0, directory), Buffer.from('x'), plain.subarray(directory)]),
    ],
    ['another name in front of an entry', renamed],
    ['another checksum', checksum],
    ['two archives', Buffer.concat([plain, plain])],
    ['half of it', plain.subarray(0, plain.length >> 1)],
    ['no archive', Buffer.from('PK')],
  ] as const) {
    const { valid, problems } = await answer(bytes);
    assert.deepEqual([valid, problems.length > 0], [false, true], what);
  }
  // The same holds for a workbook, which is an archive of its own.
  const { verifyXlsx } = await import('../../src/verify/xlsx.ts');
  const workbook = readFileSync(path.join(out, 'report.xlsx'));
  assert.deepEqual(verifyXlsx(workbook, [root]).problems, []);
  for (const bytes of [Buffer.concat([Buffer.from('x'), workbook]), Buffer.concat([workbook, Buffer.from('x')])])
    assert.notDeepEqual(verifyXlsx(bytes, [root]).problems, []);
});

test('a folder or a pipe in the place of a file is a broken pack', async () => {
  await pack();
  rmSync(path.join(out, 'report.pdf'));
  mkdirSync(path.join(out, 'report.pdf'));
  assert.match((await said(out)).problems.join(), /is no file/);
  rmSync(path.join(out, 'report.pdf'), { recursive: true });
  execFileSync('mkfifo', [path.join(out, 'report.pdf')]);
  assert.match((await said(out)).problems.join(), /is no file/);
  await assert.rejects(said(path.join(out, 'report.pdf')), /is no file/);
  rmSync(path.join(out, 'report.pdf'));
});

test('a workbook carries a time-stamp of its own where the PDF does', async () => {
  const { verifyXlsx } = await import('../../src/verify/xlsx.ts');
  const moment = { role: 'preparer', time: new Date(), level: 't' as const };
  const stamped = await sealXlsx(first.xlsx, monthly, {
    ...moment,
    timestamp: { url: `${ca.url}/tsa`, optional: false },
  });
  const now = new Date(Date.now() + 60 * 86_400_000);
  const judged = verifyXlsx(stamped, [root], { now });
  assert.deepEqual(
    [judged.problems, judged.signatures[0]?.trusted, judged.signatures[0]?.timestampBy, judged.signatures[0]?.level],
    [[], true, 'Example time-stamps', 'OOXML, XAdES B-T properties'],
  );
  const bare = verifyXlsx(await sealXlsx(first.xlsx, monthly, { ...moment, level: 'b' }), [root], { now });
  assert.match(bare.signatures[0]?.reason ?? '', /no trusted time-stamp/);
  const sig = '_xmlsignatures/sig1.xml';
  const other = await sealXlsx(first.xlsx, preparer, {
    ...moment,
    timestamp: { url: `${ca.url}/tsa`, optional: false },
  });
  const tokenOf = (bytes: Uint8Array): string =>
    /<xd:EncapsulatedTimeStamp>([^<]+)/.exec(Buffer.from(unzipBounded(bytes, 'x').get(sig) ?? []).toString())?.[1] ??
    '';
  const withSig = (change: (xml: string) => string): Uint8Array => {
    const parts = unzipBounded(stamped, 'x');
    parts.set(sig, Buffer.from(change(Buffer.from(parts.get(sig) ?? []).toString())));
    return zipSame(parts);
  };
  const moved = verifyXlsx(
    withSig((xml) => xml.replace(tokenOf(stamped), tokenOf(other))),
    [root],
    { now },
  );
  assert.match(moved.problems.join(), /its time-stamp does not hold: it is over something else/);
  const taken = verifyXlsx(
    withSig((xml) => xml.replace(/<xd:UnsignedProperties>.*<\/xd:UnsignedProperties>/, '')),
    [root],
    { now },
  );
  assert.deepEqual([taken.problems, taken.signatures[0]?.trusted], [[], false]);
  const claimed = withSig((xml) =>
    xml.replace('<xd:SignatureTimeStamp>', '<xd:SignerRole>approver</xd:SignerRole><xd:SignatureTimeStamp>'),
  );
  assert.match(verifyXlsx(claimed, [root]).problems.join(), /holds something that it does not cover/);
});

test('a file that is no UTF-8, no JSON or nothing is a broken pack, not a fault', async () => {
  await pack();
  const copy = path.join(folder, 'copy');
  for (const name of [
    'report.pdf',
    'report.xlsx',
    'assessment.json',
    'evidence-manifest.json',
    'attestation.dsse.json',
  ])
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from([0xff, 0xfe, 0x00, 0xd8]),
      Buffer.from('['.repeat(1_000_000)),
      Buffer.from('-----BEGIN CERTIFICATE-----'.repeat(37_000)),
    ]) {
      rmSync(copy, { recursive: true, force: true });
      cpSync(out, copy, { recursive: true });
      writeFileSync(path.join(copy, name), bytes);
      const start = performance.now();
      assert.equal((await said(copy)).valid, false, name);
      assert.ok(performance.now() - start < 20_000, `${name}: ${performance.now() - start} ms`);
    }
});
