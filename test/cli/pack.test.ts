import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { unzipBounded } from '../../src/files/zip.ts';
import { RUN_EXAMPLE, runExample } from '../support/examplePack.ts';
import { ask, judgeHere } from '../support/judges.ts';
import { probity, ROOT, scratch } from '../support/workspace.ts';

const folder = scratch();
const home = path.join(folder, 'home');
const pack = path.join(folder, 'out');

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
