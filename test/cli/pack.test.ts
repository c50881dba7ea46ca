import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { unzipBounded } from '../../src/files/zip.ts';
import { RUN_EXAMPLE, runExample } from '../support/examplePack.ts';
import { ask, judgeHere } from '../support/judges.ts';
import { probity, ROOT, scratch } from '../support/workspace.ts';

const folder = scratch();
const home = path.join(folder, 'home');
const pack = path.join(folder, 'out');
const CONFIG = path.join(ROOT, 'evidence/probity.yaml');

before(() => runExample(pack, home));

test('a run writes the pack under its stable names, and nothing else', () => {
  assert.deepEqual(readdirSync(pack).sort(), [
    'assessment.json',
    'attestation.dsse.json',
    'evidence-manifest.json',
    'report.pdf',
    'report.xlsx',
  ]);
});

test('verify, pdfsig and Apache POI accept the pack as it was written', async (t) => {
  const { code, stdout } = await probity(['verify', pack, '--json'], { home });
  assert.equal(code, 0);
  const report: {
    valid: boolean;
    files: { path: string; valid: boolean; signatures: { signer: string; trusted: boolean; reason: string }[] }[];
    digests: { matches: boolean }[];
    releases: { name: string }[];
  } = JSON.parse(stdout);
  assert.equal(report.valid, true);
  assert.equal(report.files.length, 5);
  assert.ok(report.digests.every(({ matches }) => matches));
  assert.deepEqual(
    report.releases.map(({ name }) => name),
    ['app.tar'],
  );
  const signature = report.files.find((file) => file.path.endsWith('report.pdf'))?.signatures[0];
  assert.equal(signature?.trusted, false);
  assert.match(signature?.reason ?? '', /self-signed, for trial/);
  if (!judgeHere('pdfsig', t)) return;
  const { text } = await ask('pdfsig', ['-nocert', path.join(pack, 'report.pdf')]);
  assert.match(text, /Total document signed/);
  assert.match(text, /Signature is Valid/);
  if (!judgeHere('poi', t)) return;
  assert.match((await ask('poi', [path.join(pack, 'report.xlsx')])).text, /1 signatures, all valid/);
});

test('every output says that the signature is self-signed, for trial', async (t) => {
  const { stdout } = await probity(['verify', pack], { home });
  assert.match(stdout, /not trusted: self-signed, for trial/);
  assert.match(
    Buffer.from(
      unzipBounded(readFileSync(path.join(pack, 'report.xlsx')), 'x').get('xl/sharedStrings.xml') ?? [],
    ).toString('utf8'),
    /Self-signed, for trial/,
  );
  if (!judgeHere('pdftotext', t)) return;
  assert.match(
    (await ask('pdftotext', [path.join(pack, 'report.pdf'), '-'])).text.replace(/\s+/g, ' '),
    /Self-signed, for trial/,
  );
});

test('performing the assessment again gives the same, and says what differs when evidence was swapped', async () => {
  assert.equal((await probity(['verify', pack, '--evidence', path.join(ROOT, 'evidence')], { home })).code, 0);
  const evidence = path.join(folder, 'evidence');
  cpSync(path.join(ROOT, 'evidence'), evidence, { recursive: true });
  writeFileSync(
    path.join(evidence, 'probes/agent-tools.yaml'),
    readFileSync(path.join(evidence, 'probes/agent-tools.yaml'), 'utf8').replace('successes: 0', 'successes: 30'),
  );
  const { code, stdout } = await probity(['verify', pack, '--evidence', evidence, '--json'], { home });
  assert.equal(code, 1);
  const { reperformance }: { reperformance: { same: boolean; differences: { at: string }[] } } = JSON.parse(stdout);
  assert.equal(reperformance.same, false);
  assert.ok(reperformance.differences.some(({ at }) => at === '/evidenceRoot'));
});

test('with --trust an unknown signer makes the answer no', async () => {
  const { code, stdout } = await probity(['verify', pack, '--trust', path.join(ROOT, 'test/support/workspace.ts')], {
    home,
  });
  assert.equal(code, 2, stdout);
  const envelope: { signatures: { cert: string }[] } = JSON.parse(
    readFileSync(path.join(pack, 'attestation.dsse.json'), 'utf8'),
  );
  const own = path.join(folder, 'own.pem');
  writeFileSync(own, envelope.signatures[0]?.cert ?? '');
  assert.equal((await probity(['verify', pack, '--trust', own], { home })).code, 0);
  rmSync(path.join(folder, 'home2'), { recursive: true, force: true });
  const made = await probity(['identity', 'create', '--out', path.join(folder, 'b.p12'), '--name', 'Somebody'], {
    home,
    env: { PROBITY_PASSPHRASE: 'long enough' },
  });
  assert.equal(made.code, 0, made.stderr);
  const signed = path.join(folder, 'signed-by-b');
  const again = await probity(
    [
      'report',
      path.join(pack, 'assessment.json'),
      '--format',
      'xlsx',
      '--out',
      signed,
      '--identity',
      path.join(folder, 'b.p12'),
    ],
    {
      home,
      env: { PROBITY_PASSPHRASE: 'long enough' },
    },
  );
  assert.equal(again.code, 0, again.stderr);
  const refused = await probity(['verify', signed, '--trust', own], { home });
  assert.equal(refused.code, 1);
  assert.match(refused.stdout, /Somebody is not trusted/);
});

test('a failed run leaves the previous pack as it was', async () => {
  const names = readdirSync(pack).sort();
  const digest = () =>
    names.map((name) =>
      createHash('sha256')
        .update(readFileSync(path.join(pack, name)))
        .digest('hex'),
    );
  const former = digest();
  for (const args of [
    ['run', '--config', path.join(folder, 'nowhere.yaml'), '--out', pack],
    [...RUN_EXAMPLE, '--out', pack, '--strict'],
    [...RUN_EXAMPLE, '--out', pack, '--format', 'pdf,docx'],
    [...RUN_EXAMPLE, '--out', pack, '--identity', path.join(folder, 'nowhere.p12')],
  ]) {
    const { code, stderr } = await probity(args, { home, env: { PROBITY_PASSPHRASE: 'x' } });
    assert.equal(code, 2, args.join(' '));
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
    assert.deepEqual(digest(), former);
    assert.deepEqual(readdirSync(pack).sort(), names);
  }
  const browserless = await probity([...RUN_EXAMPLE, '--out', pack], {
    home,
    env: { PROBITY_BROWSER: '/nowhere/chrome' },
  });
  assert.equal(browserless.code, 2);
  assert.match(browserless.stderr, /BROWSER_MISSING/);
  assert.deepEqual(digest(), former);
  const formats = await probity(
    [...RUN_EXAMPLE, '--out', path.join(folder, 'nobrowser'), '--format', 'xlsx,json', '--quiet'],
    {
      home,
      env: { PROBITY_BROWSER: '/nowhere/chrome' },
    },
  );
  assert.equal(formats.code, 0, 'formats that need no browser never ask for one');
  assert.ok(!existsSync(path.join(folder, 'nobrowser/report.pdf')));
});

test('a reviewer signs the pack after the preparer, and identity show explains whose identity it is', async () => {
  const identity = path.join(folder, 'reviewer.p12');
  const env = { PROBITY_PASSPHRASE: 'correct horse' };
  assert.equal(
    (await probity(['identity', 'create', '--out', identity, '--name', 'Rhea Viewer'], { home, env })).code,
    0,
  );
  const shown = await probity(['identity', 'show', identity, '--json'], { home, env });
  assert.equal(shown.code, 0, shown.stderr);
  const explained = JSON.parse(shown.stdout);
  assert.deepEqual([explained.key, explained.trial, explained.pades], ['RSA 3072', true, 't']);
  assert.match(
    (await probity(['identity', 'show', identity], { home, env })).stdout,
    /Rhea Viewer[\s\S]*days left[\s\S]*none: self-signed, for trial/,
  );
  const copy = path.join(folder, 'copy-of-the-pack');
  cpSync(pack, copy, { recursive: true });
  const signed = await probity(['sign', copy, '--role', 'reviewer', '--identity', identity], { home, env });
  assert.equal(signed.code, 0, signed.stderr);
  assert.match(signed.stdout, /By Rhea Viewer as reviewer: self-signed, for trial/);
  const { code, stdout } = await probity(['verify', copy], { home });
  assert.equal(code, 0, stdout);
  assert.match(stdout, /as preparer[\s\S]*added after it: a further signature[\s\S]*as reviewer/);
  assert.doesNotMatch(`${signed.stdout}${signed.stderr}${stdout}`, /correct horse/);
  assert.equal((await probity(['verify', copy, '--evidence', path.join(ROOT, 'evidence')], { home })).code, 0);
  const alone = path.join(folder, 'alone.pdf');
  assert.equal(
    (
      await probity(
        [
          'sign',
          path.join(copy, 'report.pdf'),
          '--out',
          alone,
          '--role',
          'approver',
          '--invisible',
          '--identity',
          identity,
        ],
        { home, env },
      )
    ).code,
    0,
  );
  assert.equal(JSON.parse((await probity(['verify', alone, '--json'], { home })).stdout).files[0].signatures.length, 3);
});

test('what cannot be signed is one line, and the pack stays as it was', async () => {
  const env = { PROBITY_PASSPHRASE: 'correct horse' };
  const cases: [string[], RegExp][] = [
    [['sign', path.join(folder, 'nothing')], /USAGE: cannot be read/],
    [['sign', path.join(pack, 'assessment.json')], /files of this kind take no signature/],
    [['sign', pack, '--identity', path.join(pack, 'report.pdf')], /IDENTITY_INVALID: not a PKCS #12 file/],
    [['sign', pack, '--timestamp-url', 'ftp://x'], /USAGE: --timestamp-url is "ftp:/],
    [['sign', pack, '--pades', 'lt'], /PAdES B-LT needs a time-stamp/],
    [['sign', pack, '--timestamp-url', 'http://127.0.0.1:9/'], /NETWORK_FAILED: the time-stamp server did not answer/],
    [['sign', pack, '--identity', 'pkcs11:object=k'], /names no module-path/],
    [['sign', pack, '--key', 'k.pem'], /identity/],
  ];
  const before = readFileSync(path.join(pack, 'report.pdf'));
  for (const [args, expected] of cases) {
    const { code, stderr } = await probity(args, { home, env });
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, expected, args.join(' '));
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
  }
  assert.deepEqual(readFileSync(path.join(pack, 'report.pdf')), before);
  const failed = path.join(folder, 'failed');
  assert.equal(
    (
      await probity(['run', '--config', CONFIG, '--out', failed, '--timestamp-url', 'http://127.0.0.1:9/', '--quiet'], {
        home,
      })
    ).code,
    2,
  );
  assert.equal(existsSync(failed), false, 'a dead time-stamp server leaves no pack behind');
});
