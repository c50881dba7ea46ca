import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ask, judgeHere } from '../support/judges.ts';
import { gapsOf, openWorkbook } from '../support/workbooks.ts';
import { EXAMPLE_AS_OF, probity, ROOT, scratch } from '../support/workspace.ts';

/* Workbooks that other programs saved, through the command line. */

const folder = scratch();
const home = path.join(folder, 'home');
const config = path.join(ROOT, 'evidence/probity.yaml');
const run = (out: string, more: string[] = []) =>
  probity(
    [
      ...['run', '--config', config, '--as-of', EXAMPLE_AS_OF, '--out', out],
      ...(more.includes('--format') ? [] : ['--format', 'xlsx,html,json']),
      ...more,
    ],
    { home },
  );

interface Finding {
  id: string;
  owner?: string;
  due?: string;
  status?: string;
  response?: string;
}

function findingsIn(pack: string): Finding[] {
  const parsed: { findings: Finding[] } = JSON.parse(readFileSync(path.join(pack, 'assessment.json'), 'utf8'));
  return parsed.findings;
}

/** Fills in twenty rows with openpyxl. */
const FILL = `
import datetime, sys
import openpyxl
book = openpyxl.load_workbook(sys.argv[1])
sheet = book['Gaps']
header = next(row for row in range(1, 20) if sheet.cell(row, 1).value == 'Id')
column = {cell.value: cell.column for cell in sheet[header]}
for row in range(header + 1, header + 21):
    sheet.cell(row, column['Owner']).value = 'Owner %d' % row
    sheet.cell(row, column['Due date']).value = datetime.date(2026, 12, row)
    sheet.cell(row, column['Status']).value = 'in progress'
    sheet.cell(row, column['Management response']).value = 'line one\\nof row %d' % row
book.save(sys.argv[2])
`;

/** The workbook filled in by openpyxl, and saved by it. */
async function byOpenpyxl(from: string, to: string): Promise<void> {
  writeFileSync(path.join(folder, 'fill.py'), FILL);
  const { code, text } = await ask('openpyxl', [path.join(folder, 'fill.py'), from, to]);
  assert.equal(code, 0, text);
}

/** The same opened and saved by LibreOffice. */
async function byLibreOffice(file: string): Promise<void> {
  const out = path.join(folder, 'office');
  mkdirSync(out, { recursive: true });
  const { code, text } = await ask('soffice', [
    '--headless',
    `-env:UserInstallation=file://${folder}/profile`,
    '--convert-to',
    'xlsx:Calc MS Excel 2007 XML',
    '--outdir',
    out,
    file,
  ]);
  assert.equal(code, 0, text);
  renameSync(path.join(out, path.basename(file)), file);
}

for (const program of ['openpyxl', 'soffice'] as const)
  test(`twenty rows that ${program} saved come back, and stand in the next report in every format`, async (t) => {
    if (!judgeHere('openpyxl', t) || !judgeHere(program, t)) return;
    const pack = path.join(folder, program);
    const workbook = path.join(pack, 'report.xlsx');
    assert.equal((await run(pack)).code, 0);
    const before = findingsIn(pack);
    await byOpenpyxl(workbook, workbook);
    if (program === 'soffice') await byLibreOffice(workbook);
    const verified = await probity(['verify', pack, '--json'], { home });
    assert.equal(verified.code, 0, verified.stdout);
    const { files }: { files: { path: string; valid: boolean; filledIn?: boolean }[] } = JSON.parse(verified.stdout);
    assert.deepEqual(
      files.filter(({ filledIn }) => filledIn).map(({ path: file, valid }) => [path.basename(file), valid]),
      [['report.xlsx', true]],
    );
    const bytes = readFileSync(workbook);
    const second = await run(pack);
    assert.match(second.stdout, /was changed since it was written.*report\.new\.xlsx.*probity responses import/);
    assert.ok(readFileSync(workbook).equals(bytes), 'people’s work is as it was');
    const kept = await probity(['verify', pack], { home });
    assert.equal(kept.code, 1);
    assert.match(kept.stdout, /of an earlier run that people had changed; the one of this pack is report\.new\.xlsx/);
    const responses = path.join(folder, `${program}.yaml`);
    const dry = await probity(['responses', 'import', workbook, '--out', responses, '--dry-run'], { home });
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, /kind: Responses/);
    assert.throws(() => readFileSync(responses));
    const imported = await probity(['responses', 'import', workbook, '--out', responses, '--json'], { home });
    assert.equal(imported.code, 0, imported.stderr);
    const { problems, answered }: { problems: unknown[]; answered: string[] } = JSON.parse(imported.stdout);
    assert.deepEqual([problems, answered], [[], before.slice(0, 20).map(({ id }) => id)]);
    const next = path.join(folder, `${program}-next`);
    cpSync(pack, next, { recursive: true });
    assert.equal((await run(next, ['--responses', responses, '--overwrite', '--format', 'all'])).code, 0);
    const after = findingsIn(next);
    const page = readFileSync(path.join(next, 'report.html'), 'utf8');
    const csv = readFileSync(path.join(next, 'findings.csv'), 'utf8');
    const poam = readFileSync(path.join(next, 'poam.oscal.json'), 'utf8');
    const summary = readFileSync(path.join(next, 'summary.md'), 'utf8');
    const pdf = judgeHere('pdftotext', t)
      ? (await ask('pdftotext', ['-raw', path.join(next, 'report.pdf'), '-'])).text.replace(/\s+/g, ' ')
      : undefined;
    const book = await openWorkbook(readFileSync(path.join(next, 'report.xlsx')));
    const gaps = gapsOf(book);
    for (const [index, finding] of after.slice(0, 20).entries()) {
      const row = index + 5;
      assert.equal(finding.id, before[index]?.id);
      assert.deepEqual(
        [finding.owner, finding.due, finding.status, finding.response],
        [`Owner ${row}`, `2026-12-${String(row).padStart(2, '0')}`, 'in progress', `line one\nof row ${row}`],
      );
      assert.ok(page.includes(`line one\nof row ${row}`), `the page has row ${row}`);
      const due = `2026-12-${String(row).padStart(2, '0')}`;
      assert.ok(csv.includes(`Owner ${row},${due},in progress,line one of row ${row}`), `the CSV has row ${row}`);
      assert.ok(poam.includes(`Owner ${row}"`) && poam.includes(`${due}T`), `the plan of action has row ${row}`);
      assert.deepEqual(
        ['Owner', 'Status', 'Management response'].map((column) => gaps.cell(index + 1, column).value),
        [`Owner ${row}`, 'in progress', `line one\nof row ${row}`],
        `the workbook has row ${row}`,
      );
      if (pdf !== undefined) {
        assert.ok(pdf.includes(`Owner ${row}, due ${due}, in progress`), `the PDF has row ${row}`);
        assert.ok(pdf.includes(`line one of row ${row}`), `the PDF has the response of row ${row}`);
      }
    }
    assert.match(summary, /Responses: \d+ of \d+ open gaps (?:have|has) an owner, \d+ in progress/);
    assert.equal((await probity(['verify', next], { home })).code, 0);
    const again = await probity(['responses', 'import', path.join(next, 'report.xlsx'), '--out', responses, '--json'], {
      home,
    });
    assert.equal(JSON.parse(again.stdout).changed, false);
    const performed = await probity(['verify', next, '--evidence', path.dirname(config), '--responses', responses], {
      home,
    });
    assert.equal(performed.code, 0, performed.stdout);
  });
