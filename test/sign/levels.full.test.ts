import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { PDFDocument } from '@cantoo/pdf-lib';
import { verifyAttestation } from '../../src/pack/attestation.ts';
import { cosignEnvelope, readEnvelope, sealEnvelope } from '../../src/pki/dsse.ts';
import type { Signer } from '../../src/pki/signer.ts';
import { loadSigner } from '../../src/sign/keys/index.ts';
import { parsePkcs11Uri } from '../../src/sign/keys/pkcs11.ts';
import type { PadesLevel } from '../../src/sign/pdf/levels.ts';
import { sealPdf } from '../../src/sign/pdf/seal.ts';
import { signXlsx } from '../../src/sign/xlsx/index.ts';
import { verifyPdf } from '../../src/verify/pdf.ts';
import { type Authority, KEY_KINDS, type KeyKind, PASSPHRASE, startAuthority } from '../support/authority.ts';
import { ask, judgeHere } from '../support/judges.ts';
import { scratch } from '../support/workspace.ts';

const folder = scratch();
const identities = new Map<KeyKind, Signer>();
let ca: Authority;
let root: X509Certificate;
let plain: Uint8Array;

before(async () => {
  ca = await startAuthority(path.join(folder, 'ca'));
  root = new X509Certificate(readFileSync(ca.root));
  for (const kind of KEY_KINDS) identities.set(kind, await ca.identity(kind, kind));
  const document = await PDFDocument.create();
  document.addPage().drawText('A page that somebody else wrote');
  plain = await document.save();
});

after(() => ca.stop());

function identity(kind: KeyKind): Signer {
  return identities.get(kind) as Signer;
}

function seal(
  kind: KeyKind | Signer,
  level: PadesLevel,
  options: { optional?: boolean; url?: string; role?: string; notes?: string[]; bytes?: Uint8Array } = {},
): Promise<Uint8Array> {
  return sealPdf(options.bytes ?? plain, typeof kind === 'string' ? identity(kind) : kind, {
    role: options.role ?? 'preparer',
    time: new Date(),
    ...(level === 'b'
      ? {}
      : { timestamp: { url: options.url ?? `${ca.url}/tsa`, optional: options.optional ?? false } }),
    level,
    note: (line) => options.notes?.push(line),
  });
}

test('every level for every kind of key, trusted through an intermediate by its root', async () => {
  for (const kind of KEY_KINDS)
    for (const level of ['b', 't', 'lt', 'lta'] as const) {
      const { problems, signatures } = await verifyPdf(await seal(kind, level), [root]);
      assert.deepEqual(problems, [], `${kind}, ${level}`);
      const [first, archive] = signatures;
      assert.equal(first?.level, `PAdES B-${level === 'b' ? 'B' : level.toUpperCase()}`, kind);
      assert.deepEqual(
        [first?.integrity, first?.trusted, first?.trustedBy, first?.signer],
        [true, true, 'Example root', kind],
      );
      if (level !== 'b') assert.deepEqual([first?.timestampBy, first?.timestampTrusted], ['Example time-stamps', true]);
      if (level === 'lt' || level === 'lta')
        assert.match(first?.revocation ?? '', /not revoked as of .*3 of 3 certificates/);
      assert.equal(archive?.level, level === 'lta' ? 'archive time-stamp' : undefined);
      if (level === 'lta') assert.deepEqual(first?.later, ['validation data', 'an archive time-stamp']);
    }
});

test('preparer, reviewer and approver sign one after the other; ours, pdfsig and pyHanko accept all of them', async (t) => {
  let bytes = await seal('rsa', 'b');
  for (const [kind, role] of [
    ['p256', 'reviewer'],
    ['p384', 'approver'],
  ] as const)
    bytes = await seal(kind, 't', { bytes, role });
  const { problems, signatures } = await verifyPdf(bytes, [root]);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    signatures.map(({ role, trusted, later }) => [role, trusted, later]),
    [
      ['preparer', true, ['a further signature']],
      ['reviewer', true, ['a further signature']],
      ['approver', true, undefined],
    ],
  );
  const file = path.join(folder, 'three.pdf');
  writeFileSync(file, bytes);
  if (judgeHere('pdfsig', t))
    assert.equal((await ask('pdfsig', ['-nocert', file])).text.match(/Signature is Valid/g)?.length, 3);
  if (!judgeHere('pyhanko', t)) return;
  const { text } = await ask('pyhanko', [
    'sign',
    'validate',
    '--trust',
    ca.root,
    '--trust-replace',
    '--no-revocation-check',
    '--pretty-print',
    file,
  ]);
  assert.equal(text.match(/The signature is judged VALID/g)?.length, 3, text);
});

test('the signature block is drawn on the first page, and says what it may', async (t) => {
  if (!judgeHere('pdftotext', t)) return;
  const file = path.join(folder, 'block.pdf');
  writeFileSync(file, await seal('rsa', 't', { role: 'approver (é) \\ 漢' }));
  const { text } = await ask('pdftotext', ['-layout', file, '-']);
  assert.match(text, /Signed as approver \(é\) \\ <U\+6F22>/);
  assert.match(text, /UTC, time-stamped/);
  assert.match(text, /Issued by Example issuer/);
  writeFileSync(file, await seal('rsa', 't', { optional: true }));
  assert.match(
    (await ask('pdftotext', ['-layout', file, '-'])).text,
    /UTC, as claimed/,
    'an optional time-stamp is not promised',
  );
});

test('pyHanko trusts B-LT and B-LTA by what the document carries; openssl accepts the embedded proof', async (t) => {
  const listed = await ca.identity('listed', 'p256', 'crl');
  const file = path.join(folder, 'ltv.pdf');
  for (const level of ['lt', 'lta'] as const) {
    writeFileSync(file, await seal(listed, level));
    if (!judgeHere('pyhanko', t)) return;
    const { text } = await ask('pyhanko', ['sign', 'adesverify', '--trust', ca.root, '--trust-replace', file]);
    assert.match(text, /INTACT:TRUSTED/, `${level}: ${text}`);
  }
  if (!judgeHere('openssl', t)) return;
  const document = await PDFDocument.load(await seal('rsa', 'lt'), { updateMetadata: false });
  const { decodePDFRawStream, PDFArray, PDFDict, PDFName, PDFRawStream } = await import('@cantoo/pdf-lib');
  const stream = document.catalog.lookup(PDFName.of('DSS'), PDFDict).lookup(PDFName.of('OCSPs'), PDFArray).lookup(0);
  assert.ok(stream instanceof PDFRawStream);
  writeFileSync(path.join(ca.folder, 'kept.ocsp'), decodePDFRawStream(stream).decode());
  const said = ca
    .openssl(
      'ocsp',
      '-respin',
      'kept.ocsp',
      '-issuer',
      'intermediate.pem',
      '-cert',
      'rsa.pem',
      '-CAfile',
      'root.pem',
      '-verify_other',
      'chain.pem',
      '-no_nonce',
    )
    .toString();
  assert.match(said, /rsa\.pem: good/);
});

test('a time-stamp token is one that openssl accepts over the signature value', async (t) => {
  if (!judgeHere('openssl', t)) return;
  const { requestTimestamp } = await import('../../src/pki/timestamp.ts');
  const data = Buffer.from('something to be stamped');
  writeFileSync(path.join(ca.folder, 'token.der'), await requestTimestamp(`${ca.url}/tsa`, data));
  writeFileSync(path.join(ca.folder, 'data.bin'), data);
  assert.match(
    ca
      .openssl(
        'ts',
        '-verify',
        '-token_in',
        '-in',
        'token.der',
        '-data',
        'data.bin',
        '-CAfile',
        'root.pem',
        '-untrusted',
        'intermediate.pem',
      )
      .toString(),
    /^$|OK/,
  );
});

test('time-stamp servers that are dead, slow, lying or large fail cleanly, or are done without where that is allowed', async () => {
  const { tsa } = ca.answers;
  const refused = async (level: PadesLevel, expected: RegExp, options: { url?: string } = {}) => {
    await assert.rejects(seal('rsa', level, options), expected);
  };
  try {
    await refused('t', /NETWORK_FAILED: the time-stamp server did not answer|did not answer/, {
      url: 'http://127.0.0.1:9/',
    });
    ca.answers.tsa = async () => 503;
    await refused('t', /did not answer: it says 503/);
    ca.answers.tsa = async () => 404;
    await refused('t', /it says 404/);
    ca.answers.tsa = async () => Buffer.alloc(300_000);
    await refused('t', /longer than/);
    ca.answers.tsa = async () => Buffer.from('<html>proxy</html>');
    await refused('t', /no time-stamp response/);
    const before = await tsa(await query('one'));
    ca.answers.tsa = async () => before;
    await refused('t', /does not hold: it is over something else/);
    const notes: string[] = [];
    const without = await seal('rsa', 'auto', { optional: true, notes });
    assert.equal((await verifyPdf(without, [root])).signatures[0]?.level, 'PAdES B-B');
    assert.match(notes.join(), /No time-stamp: .*over something else/);
  } finally {
    ca.answers.tsa = tsa;
  }
});

/** A time-stamp request of openssl's over some text. */
async function query(text: string): Promise<Buffer> {
  writeFileSync(path.join(ca.folder, 'other.txt'), text);
  return ca.openssl('ts', '-query', '-data', 'other.txt', '-sha256', '-cert');
}

test('a revoked certificate is not signed with, and one revoked later stays good for what it signed before', async () => {
  const revoked = await ca.identity('revoked', 'p256');
  const earlier = await seal(revoked, 'lt');
  ca.revoke('revoked');
  await assert.rejects(seal(revoked, 'lt'), /the certificate of revoked was revoked on/);
  await assert.rejects(seal(revoked, 'auto'), /was revoked/);
  assert.equal((await verifyPdf(earlier, [root])).signatures[0]?.trusted, true);
  // A proof speaks of its own time: not of years later, and a later revocation counts where nobody trusted attests the time.
  const { collectRevocation, revocationStatus } = await import('../../src/pki/revocation.ts');
  const path = [revoked.certificate, ...revoked.chain];
  const good = await collectRevocation([identity('rsa').certificate, ...identity('rsa').chain]);
  const rsaPath = [identity('rsa').certificate, ...identity('rsa').chain];
  assert.equal(revocationStatus(identity('rsa').certificate, rsaPath, good, new Date()).state, 'good');
  assert.equal(
    revocationStatus(identity('rsa').certificate, rsaPath, good, new Date(Date.now() + 30 * 86_400_000)).state,
    'unknown',
  );
  const bad = await collectRevocation(path);
  assert.equal(
    revocationStatus(revoked.certificate, path, bad, new Date('2025-06-01')).state,
    'good',
    'before the revocation',
  );
  assert.equal(
    revocationStatus(revoked.certificate, path, bad, new Date('2025-06-01'), new Date()).state,
    'revoked',
    'when that time is only claimed',
  );
});

test('proofs that cannot be had: auto stays at B-T and says why, lt refuses', async () => {
  const { ocsp } = ca.answers;
  try {
    ca.answers.ocsp = async () => 500;
    const notes: string[] = [];
    const bytes = await seal('rsa', 'auto', { notes });
    assert.equal((await verifyPdf(bytes, [root])).signatures[0]?.level, 'PAdES B-T');
    assert.match(notes.join(), /PAdES B-T, not B-LT: rsa: the OCSP server did not answer/);
    await assert.rejects(seal('rsa', 'lt'), /no proof that a certificate is not revoked/);
  } finally {
    ca.answers.ocsp = ocsp;
  }
  const silent = await ca.identity('silent', 'rsa', 'none');
  assert.equal((await verifyPdf(await seal(silent, 'auto'), [root])).signatures[0]?.level, 'PAdES B-T');
  await assert.rejects(
    sealPdf(plain, identity('rsa'), { role: 'r', time: new Date(), level: 'lt' }),
    /needs a time-stamp/,
  );
});

test('attestations take further signatures over the same statement; Ed25519 signs them, and no workbook', () => {
  const once = sealEnvelope({ anything: 1 }, identity('ed25519'));
  const twice = cosignEnvelope(readEnvelope(once, 'x'), identity('p384'));
  const verdict = verifyAttestation(twice, 'x', [root]);
  assert.deepEqual(
    verdict.signatures.map(({ signer, integrity, trusted }) => [signer, integrity, trusted]),
    [
      ['ed25519', true, true],
      ['p384', true, true],
    ],
  );
  assert.throws(
    () => signXlsx(new Uint8Array(), identity('ed25519'), { role: 'r', time: new Date() }),
    /workbooks cannot be signed with Ed25519/,
  );
});

test('keys in PEM, encrypted or not, in one file or two; what must not sign is refused with its reason', async () => {
  const { key, chain } = ca.issue('pem', 'rsa');
  const at = (name: string): string => path.join(ca.folder, name);
  const passphrase = async (): Promise<string> => PASSPHRASE;
  const never = async (): Promise<string> => assert.fail('no passphrase is asked for');
  writeFileSync(at('together.pem'), readFileSync(key, 'utf8') + readFileSync(chain, 'utf8'));
  const loaded = await loadSigner(at('together.pem'), { passphrase: never });
  assert.deepEqual([loaded.chain.length, loaded.selfSigned], [2, false], 'the intermediate and the root come along');
  ca.openssl('pkcs8', '-topk8', '-in', key, '-out', 'locked.key', '-passout', `pass:${PASSPHRASE}`);
  assert.equal((await loadSigner(chain, { keyFile: at('locked.key'), passphrase })).algorithm.kind, 'rsa');
  ca.openssl(
    'pkcs12',
    '-export',
    '-legacy',
    '-inkey',
    key,
    '-in',
    chain,
    '-passout',
    `pass:${PASSPHRASE}`,
    '-out',
    'old.p12',
  );
  assert.equal((await loadSigner(at('old.p12'), { passphrase })).chain.length, 2);
  const other = ca.issue('other', 'p256');
  const refusals: [() => Promise<unknown>, RegExp][] = [
    [
      () => loadSigner(chain, { keyFile: at('locked.key'), passphrase: async () => 'wrong' }),
      /passphrase does not open the key/,
    ],
    [() => loadSigner(chain, { keyFile: other.key, passphrase }), /do not belong together/],
    [() => loadSigner(chain, { passphrase }), /holds no private key/],
    [() => loadSigner(key, { passphrase }), /holds no certificate/],
    [() => loadSigner(at('nothing.pem'), { passphrase }), /there is no such file or folder/],
  ];
  const bad: [string, Parameters<Authority['issue']>[2], RegExp][] = [
    ['expired', { days: ['-not_before', '20200101000000Z', '-not_after', '20210101000000Z'] }, /expired on 2021/],
    ['early', { days: ['-not_before', '20400101000000Z', '-not_after', '20410101000000Z'] }, /valid only from 2040/],
    ['usage', { extensions: ['keyUsage=critical,keyEncipherment'] }, /not meant for signing/],
    ['server', { extensions: ['extendedKeyUsage=serverAuth'] }, /not meant for signing documents but for servers/],
    ['sha1', { digest: 'sha1' }, /signed over SHA-1, which can be forged/],
  ];
  const dated =
    ca.openssl('x509', '-help').toString().includes('not_before') ||
    execFileSync('sh', ['-c', 'openssl x509 -help 2>&1']).toString().includes('-not_before');
  for (const [name, options, expected] of bad) {
    if (options?.days && !dated) continue;
    const made = ca.issue(name, 'rsa', options);
    refusals.push([() => loadSigner(made.chain, { keyFile: made.key, passphrase: never }), expected]);
  }
  const now = new Date('2060-01-01');
  refusals.push([() => loadSigner(chain, { keyFile: key, passphrase: never, now }), /expired on/]);
  refusals.push([
    () => loadSigner(chain, { keyFile: key, passphrase: never, now: new Date('2001-01-01') }),
    /valid only from/,
  ]);
  for (const [attempt, expected] of refusals)
    await assert.rejects(attempt, (error: Error) => {
      assert.match(error.message, expected);
      assert.doesNotMatch(`${error.message}${error.stack}`, new RegExp(PASSPHRASE));
      return true;
    });
});

test('keys in a token sign by PKCS #11 without leaving it', async (t) => {
  if (!judgeHere('softhsm', t) || !judgeHere('pkcs11', t)) return;
  const at = (name: string): string => path.join(ca.folder, name);
  writeFileSync(
    at('softhsm.conf'),
    `directories.tokendir = ${ca.folder}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  );
  process.env.SOFTHSM2_CONF = at('softhsm.conf');
  const module = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so'].find(
    (file) => {
      try {
        return readFileSync(file).length > 0;
      } catch {
        return false;
      }
    },
  );
  assert.ok(module);
  const quiet = (program: string, args: string[]): Buffer =>
    execFileSync(program, args, { cwd: ca.folder, stdio: 'pipe', env: { ...process.env, TOKEN_PIN: PASSPHRASE } });
  quiet('softhsm2-util', [
    '--init-token',
    '--free',
    '--label',
    'Risk desk',
    '--pin',
    PASSPHRASE,
    '--so-pin',
    '12345678',
  ]);
  for (const [id, kind] of (['rsa', 'p256', 'p384'] as const).map((one, index) => [`0${index + 1}`, one] as const)) {
    const { key } = ca.issue(`token-${kind}`, kind);
    ca.openssl('pkcs8', '-topk8', '-nocrypt', '-in', key, '-outform', 'DER', '-out', 'token.der');
    ca.openssl('x509', '-in', `token-${kind}.pem`, '-outform', 'DER', '-out', 'token-cert.der');
    const write = (type: string, file: string): Buffer =>
      quiet('pkcs11-tool', [
        '--module',
        module,
        '--token-label',
        'Risk desk',
        '--login',
        '--pin',
        'env:TOKEN_PIN',
        '--write-object',
        file,
        '--type',
        type,
        '--id',
        id,
        '--label',
        `signer ${kind}`,
        ...(type === 'privkey' ? ['--usage-sign'] : []),
      ]);
    write('privkey', 'token.der');
    write('cert', 'token-cert.der');
    const uri = `pkcs11:token=Risk%20desk;object=signer%20${kind};id=%${id}?module-path=${module}`;
    const inToken = await loadSigner(uri, { passphrase: async () => PASSPHRASE });
    assert.equal(inToken.keptIn, 'the token Risk desk');
    const { problems, signatures } = await verifyPdf(
      await sealPdf(plain, inToken, { role: 'preparer', time: new Date() }),
      [root, new X509Certificate(readFileSync(at('intermediate.pem')))],
    );
    assert.deepEqual([problems, signatures[0]?.trusted], [[], true], kind);
    await assert.rejects(loadSigner(uri, { passphrase: async () => 'wrong pin' }), /token refused the PIN/);
  }
  await assert.rejects(
    loadSigner(`pkcs11:token=Risk%20desk;object=nobody?module-path=${module}`, { passphrase: async () => PASSPHRASE }),
    /holds no certificate/,
  );
});

test('PKCS #11 URIs are read as RFC 7512 has them, and never with a PIN', () => {
  assert.deepEqual(parsePkcs11Uri('pkcs11:token=A%20B;object=k;id=%01%ff?module-path=/m.so'), {
    module: '/m.so',
    token: 'A B',
    label: 'k',
    id: '01ff',
  });
  assert.throws(() => parsePkcs11Uri('pkcs11:object=k'), /names no module-path/);
  assert.throws(() => parsePkcs11Uri('pkcs11:token=A?module-path=/m.so'), /neither object nor id/);
  assert.throws(() => parsePkcs11Uri('pkcs11:object=k?module-path=/m.so&pin-value=1234'), /holds a PIN/);
});
