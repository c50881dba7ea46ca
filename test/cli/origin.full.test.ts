import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import excel from 'exceljs';
import { AS_OF, probity, scratch, workspaceYaml, write } from '../support/workspace.ts';

const place = scratch();
const home = path.join(place, 'home');
const identity = path.join(place, 'signer.p12');
const env = { PROBITY_PASSPHRASE: 'long enough' };
const file = path.join(place, 'out/assessment.json');
const report = (...flags: string[]) =>
  probity(['report', file, '--format', 'xlsx', '--out', path.join(place, 'pack'), ...flags], { home, env });

/** Every text of a workbook. */
async function textOf(workbook: string): Promise<string> {
  const book = new excel.Workbook();
  await book.xlsx.readFile(workbook);
  const texts: string[] = [];
  for (const sheet of book.worksheets) sheet.eachRow((row) => row.eachCell((cell) => texts.push(cell.text)));
  return texts.join('\n');
}

async function assessed(...flags: string[]): Promise<void> {
  const made = await probity(
    [
      'assess',
      '--config',
      path.join(place, 'probity.yaml'),
      '--as-of',
      AS_OF,
      '--out',
      path.join(place, 'out'),
      ...flags,
    ],
    { home, env },
  );
  assert.equal(made.code, 0, made.stderr);
}

before(async () => {
  write(place, {
    'probity.yaml': workspaceYaml(),
    'evidence/probe.yaml':
      'apiVersion: probity/v1\nkind: ProbeResult\ntool: {name: t}\ncollected: 2026-09-15\nresults:\n  - {attackClass: inversion, technique: prompt-leakage, surface: model-api, probe: p, trials: {n: 900, successes: 40}}\n',
  });
  const made = await probity(['identity', 'create', '--out', identity, '--name', 'A. Preparer'], { home, env });
  assert.equal(made.code, 0, made.stderr);
});

test('an identity signs no assessment that nothing vouches for, unless it is told to, and the report says so', async () => {
  await assessed();
  const refused = await report('--identity', identity);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /not attested.*--evidence FOLDER.*--unattested/s);
  assert.equal(existsSync(path.join(place, 'pack')), false);
  const told = await report('--identity', identity, '--unattested');
  assert.equal(told.code, 0, told.stderr);
  assert.match(told.stdout, /The assessment is not attested/);
  assert.match(await textOf(path.join(place, 'pack/report.xlsx')), /The assessment is not attested/);
});

test('an assessment that was attested is reported under the name of who attested it, until a byte of it changes', async () => {
  await assessed('--identity', identity);
  const good = await report('--identity', identity);
  assert.equal(good.code, 0, good.stderr);
  assert.match(good.stdout, /attested by A\. Preparer/);
  assert.match(await textOf(path.join(place, 'pack/report.xlsx')), /attested by A\. Preparer/);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('"Tested system"', '"Tested systems"'));
  assert.equal((await report('--identity', identity)).code, 2);
  writeFileSync(file, text);
  await assessed();
  assert.equal((await report('--identity', identity)).code, 2, 'the statement over the former one is gone');
});

test('performed again, it is signed only where the evidence gives the same', async () => {
  await assessed();
  const good = await report('--identity', identity, '--evidence', place);
  assert.equal(good.code, 0, good.stderr);
  assert.match(good.stdout, /performed again/);
  const probe = path.join(place, 'evidence/probe.yaml');
  writeFileSync(probe, readFileSync(probe, 'utf8').replace('successes: 40', 'successes: 0'));
  const other = await report('--identity', identity, '--evidence', place);
  assert.equal(other.code, 2);
  assert.match(other.stderr, /its evidence gives another assessment: at \/evidenceRoot/);
});
