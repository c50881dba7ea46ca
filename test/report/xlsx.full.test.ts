import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { unzipBounded } from '../../src/files/zip.ts';
import { renderXlsx } from '../../src/report/xlsx/index.ts';
import { exampleAssessment, exampleXlsx, hostileAssessment } from '../support/example.ts';
import { ask, judgeHere } from '../support/judges.ts';
import { openWorkbook } from '../support/workbooks.ts';
import { scratch } from '../support/workspace.ts';

test('the same assessment renders to the same bytes', async () => {
  const first = await exampleXlsx();
  const second = await renderXlsx(await exampleAssessment(), undefined);
  assert.ok(Buffer.from(first).equals(Buffer.from(second)));
});

test('the sheets are there, each a table with filters under frozen headers', async () => {
  const workbook = await openWorkbook(await exampleXlsx());
  assert.deepEqual(
    workbook.worksheets.map((sheet) => sheet.name),
    [
      'Summary',
      'Membership inference',
      'Model inversion',
      'Supporting controls',
      'Gaps',
      'Evidence requests',
      'Closed gaps',
      'Trend',
      'Changes',
      'Framework crosswalk',
      'Control mappings',
      'Coverage',
      'Measurements',
      'Identities',
      'Evidence index',
      'About',
    ],
  );
  for (const sheet of workbook.worksheets) {
    assert.equal(sheet.views[0]?.state, 'frozen', sheet.name);
    assert.equal(sheet.getTables().length, 1, sheet.name);
  }
});

test('the gaps are those of the assessment, with a place to answer', async () => {
  const assessment = await exampleAssessment();
  const sheet = (await openWorkbook(await exampleXlsx())).getWorksheet('Gaps');
  const ids = sheet
    ?.getColumn(1)
    .values.filter((value) => typeof value === 'string' && value.includes('.') && !value.includes(' '));
  assert.deepEqual(
    ids,
    assessment.findings.map(({ id }) => id),
  );
  const column = sheet?.getRow(4).values;
  const status = sheet?.getRow(5).getCell(Array.isArray(column) ? column.indexOf('Status') : 0);
  assert.equal(status?.dataValidation?.type, 'list');
  const needs = Array.isArray(column) ? sheet?.getColumn(column.indexOf('Sample needed')).values : [];
  const needed = assessment.results.flatMap(({ criteria }) => criteria.flatMap((criterion) => criterion.needs ?? []));
  assert.ok(needed.length > 0);
  assert.ok(
    needs?.some((text) => /^[\d\u202f]+ [a-z-]+.*\(has [\d\u202f]+\)/.test(String(text))),
    'the sample that is needed stands beside the gap',
  );
});

test('evidence text is a string cell whatever it begins with: no formula anywhere', async () => {
  const bytes = await renderXlsx(await hostileAssessment(), undefined);
  for (const [name, part] of unzipBounded(bytes, 'x'))
    if (/worksheets\/sheet\d+\.xml$/.test(name))
      assert.doesNotMatch(Buffer.from(part).toString('utf8'), /<f[ >]/, name);
  const sheet = (await openWorkbook(bytes)).getWorksheet('Gaps');
  assert.match(String(sheet?.getRow(5).getCell(8).value), /=cmd\|/);
});

test('LibreOffice opens it and finds the same gaps', async (t) => {
  if (!judgeHere('soffice', t)) return;
  const folder = scratch();
  const assessment = await exampleAssessment();
  writeFileSync(path.join(folder, 'report.xlsx'), await exampleXlsx());
  const { code, text } = await ask('soffice', [
    '--headless',
    `-env:UserInstallation=file://${folder}/profile`,
    '--convert-to',
    'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,5',
    '--outdir',
    folder,
    path.join(folder, 'report.xlsx'),
  ]);
  assert.equal(code, 0, text);
  const { readFileSync, readdirSync } = await import('node:fs');
  const csv = readdirSync(folder).find((name) => name.endsWith('.csv'));
  assert.ok(csv, text);
  const content = readFileSync(path.join(folder, csv), 'utf8');
  for (const { id } of assessment.findings) assert.ok(content.includes(id), id);
});
