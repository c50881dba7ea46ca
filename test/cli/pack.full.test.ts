import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
