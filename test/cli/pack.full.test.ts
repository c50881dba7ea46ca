import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { unzipBounded, zipSame } from '../../src/files/zip.ts';
import { RUN_EXAMPLE, runExample } from '../support/examplePack.ts';
import { probity, ROOT, scratch } from '../support/workspace.ts';

const folder = scratch();
const home = path.join(folder, 'home');
const pack = path.join(folder, 'out');
const CONFIG = path.join(ROOT, 'evidence/probity.yaml');

before(() => runExample(pack, home));

test('with the same as-of date, assessment and unsigned reports are the same bytes', async () => {
  const digests = [];
  for (const name of ['one', 'two']) {
    const out = path.join(folder, name);
    const { code, stderr } = await probity([...RUN_EXAMPLE, '--out', out, '--no-sign', '--quiet'], { home });
    assert.equal(code, 0, stderr);
    digests.push(
      Object.fromEntries(
        readdirSync(out).map((file) => [
          file,
          createHash('sha256')
            .update(readFileSync(path.join(out, file)))
            .digest('hex'),
        ]),
      ),
    );
  }
  assert.deepEqual(digests[0], digests[1]);
  assert.deepEqual(Object.keys(digests[0] ?? {}).sort(), [
    'assessment.json',
    'evidence-manifest.json',
    'report.pdf',
    'report.xlsx',
  ]);
  assert.equal(
    digests[0]?.['assessment.json'],
    createHash('sha256')
      .update(readFileSync(path.join(pack, 'assessment.json')))
      .digest('hex'),
  );
});

/** A copy of the pack with something done to it. */
function altered(change: (copy: string) => void): string {
  const copy = path.join(folder, 'altered');
  rmSync(copy, { recursive: true, force: true });
  cpSync(pack, copy, { recursive: true });
  change(copy);
  return copy;
}

test('every alteration makes verify say no, and name the file', async () => {
  const other = path.join(folder, 'other');
  assert.equal(
    (await probity(['run', '--config', CONFIG, '--as-of', '2026-11-20', '--out', other, '--quiet'], { home })).code,
    0,
  );
  const flip = (name: string, at: (bytes: Buffer) => number) => (copy: string) => {
    const bytes = readFileSync(path.join(copy, name));
    const place = at(bytes);
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    writeFileSync(path.join(copy, name), bytes);
  };
  const replaceText = (name: string, from: string | RegExp, to: string) => (copy: string) => {
    const text = readFileSync(path.join(copy, name), 'utf8');
    assert.notEqual(text.replace(from, to), text);
    writeFileSync(path.join(copy, name), text.replace(from, to));
  };
  const cases: [string, string, (copy: string) => void][] = [
    ['a byte of the PDF', 'report.pdf', flip('report.pdf', (bytes) => Math.floor(bytes.length / 2))],
    ['the first byte of the PDF', 'report.pdf', flip('report.pdf', () => 7)],
    ['the last byte of the PDF', 'report.pdf', flip('report.pdf', (bytes) => bytes.length - 3)],
    [
      'something appended to the PDF',
      'report.pdf',
      (copy) =>
        writeFileSync(
          path.join(copy, 'report.pdf'),
          Buffer.concat([readFileSync(path.join(copy, 'report.pdf')), Buffer.from('%%EOF\n')]),
        ),
    ],
    [
      'a cell of the workbook',
      'report.xlsx',
      (copy) => {
        const parts = unzipBounded(readFileSync(path.join(copy, 'report.xlsx')), 'x');
        parts.set(
          'xl/sharedStrings.xml',
          Buffer.from(
            Buffer.from(parts.get('xl/sharedStrings.xml') ?? [])
              .toString('utf8')
              .replace('Not satisfied', 'Satisfied'),
          ),
        );
        writeFileSync(path.join(copy, 'report.xlsx'), zipSame(parts));
      },
    ],
    [
      'a line of the manifest',
      'evidence-manifest.json',
      replaceText('evidence-manifest.json', '"accepted": true', '"accepted": false'),
    ],
    [
      'a digest in the manifest',
      'evidence-manifest.json',
      replaceText('evidence-manifest.json', /"sha256": "../, '"sha256": "00'),
    ],
    [
      'a verdict in the assessment',
      'assessment.json',
      replaceText('assessment.json', '"state": "not-satisfied"', '"state": "satisfied"'),
    ],
    [
      'the attestation',
      'attestation.dsse.json',
      replaceText('attestation.dsse.json', /"payload": "..../, '"payload": "AAAA'),
    ],
    ['the attestation removed', 'attestation.dsse.json', (copy) => rmSync(path.join(copy, 'attestation.dsse.json'))],
    ['a report removed', 'report.xlsx', (copy) => rmSync(path.join(copy, 'report.xlsx'))],
    [
      "another run's PDF",
      'report.pdf',
      (copy) => cpSync(path.join(other, 'report.pdf'), path.join(copy, 'report.pdf')),
    ],
    [
      "another run's workbook",
      'report.xlsx',
      (copy) => cpSync(path.join(other, 'report.xlsx'), path.join(copy, 'report.xlsx')),
    ],
    [
      "another run's assessment",
      'assessment.json',
      (copy) => cpSync(path.join(other, 'assessment.json'), path.join(copy, 'assessment.json')),
    ],
    [
      "another run's attestation",
      'report.pdf',
      (copy) => cpSync(path.join(other, 'attestation.dsse.json'), path.join(copy, 'attestation.dsse.json')),
    ],
  ];
  for (const [what, name, change] of cases) {
    const { code, stdout } = await probity(['verify', altered(change), '--json'], { home });
    assert.equal(code, 1, what);
    const report: { valid: boolean; files: { path: string; valid: boolean; problems: string[] }[] } =
      JSON.parse(stdout);
    assert.equal(report.valid, false, what);
    const named = report.files.find((file) => path.basename(file.path) === name);
    assert.ok(named && !named.valid && named.problems.length > 0, `${what}: ${name} is named`);
  }
  assert.equal((await probity(['verify', altered(() => undefined)], { home })).code, 0, 'an untouched copy is fine');
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
    [['sign', path.join(folder, 'nothing')], /USAGE: there is no such file or folder/],
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
