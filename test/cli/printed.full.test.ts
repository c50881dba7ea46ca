import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { serialiseAssessment } from '../../src/assess/assessment.ts';
import { exampleAssessment } from '../support/example.ts';
import { probity, scratch, write } from '../support/workspace.ts';

const folder = scratch();
const pack = path.join(folder, 'pack');
const home = path.join(folder, 'home');
const assessment = path.join(folder, 'assessment.json');

before(async () => write(folder, { 'assessment.json': serialiseAssessment(await exampleAssessment()) }));

test('--pages summary writes the brief beside the other formats, signed, and verify knows it', async () => {
  const made = await probity(['report', assessment, '--format', 'json', '--pages', 'summary', '--out', pack], { home });
  assert.equal(made.code, 0, made.stderr);
  assert.deepEqual(readdirSync(pack).sort(), [
    'assessment.json',
    'attestation.dsse.json',
    'brief.pdf',
    'evidence-manifest.json',
  ]);
  const verified = await probity(['verify', pack, '--json'], { home });
  const { valid, files } = JSON.parse(verified.stdout);
  assert.equal(valid, true, verified.stdout);
  const brief = files.find((file: { path: string }) => file.path.endsWith('brief.pdf'));
  assert.equal(brief.signatures.length, 1);
});

test('a template that cannot be used is one line, and the pack before it stays', async () => {
  const former = readFileSync(path.join(pack, 'brief.pdf'));
  const template = path.join(folder, 'template');
  write(template, { 'report.hbs': '{{#if whole}}' });
  const run = await probity(['report', assessment, '--format', 'brief', '--template', template, '--out', pack], {
    home,
  });
  assert.equal(run.code, 2);
  assert.match(run.stderr, /^probity: TEMPLATE_INVALID: .* at .*report\.hbs\. docs\/templates\.md says/m);
  assert.equal(run.stderr.trim().split('\n').length, 1);
  assert.ok(former.equals(readFileSync(path.join(pack, 'brief.pdf'))));
});
