import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parseAssessment } from '../../src/assess/assessment.ts';
import { assessWorkspace } from '../../src/assess/assessWorkspace.ts';
import { inconsistencies } from '../../src/assess/consistency.ts';
import { planOf } from '../../src/report/view/actions.ts';
import { renderXlsx } from '../../src/report/xlsx/index.ts';
import { importResponses } from '../../src/responses/import.ts';
import { importFile, responsesText, waiversOf } from '../../src/responses/index.ts';
import type { Responses } from '../../src/workspace/responses.ts';
import { briefAssessment, exampleAssessment, exampleXlsx } from '../support/example.ts';
import { changed } from '../support/workbooks.ts';
import { EXAMPLE_AS_OF, ROOT, scratch } from '../support/workspace.ts';

const assessment = await exampleAssessment();
const ids = assessment.findings.map(({ id }) => id);
const known = new Set(assessment.results.map(({ control, attackClass }) => `${control}.${attackClass}`));
const asOf = EXAMPLE_AS_OF;
const date = (text: string): Date => new Date(`${text}T00:00:00Z`);

/** Twenty rows as people fill them in. */
async function filled(): Promise<Uint8Array> {
  return changed(await exampleXlsx(), ({ cell }) => {
    for (let row = 1; row <= 20; row++) {
      cell(row, 'Owner').value = `Owner ${row}`;
      cell(row, 'Due date').value = date(`2026-12-${String(row).padStart(2, '0')}`);
      cell(row, 'Status').value = row % 2 ? 'in progress' : 'Closed';
      cell(row, 'Management response').value = `First line ${row}\nsecond line`;
    }
    cell(4, 'Status').value = 'risk accepted';
    cell(4, 'Risk acceptance').value = 'The data is public.';
    cell(4, 'Approver').value = 'Head of Risk';
    cell(4, 'Expiry').value = '2027-03-01';
  });
}

test('twenty rows come back as they were filled in, and stand in the next assessment, which says the same otherwise', async () => {
  const { responses, problems, answered } = importResponses(await filled(), 'x', { known, assessment, asOf });
  assert.deepEqual(problems, []);
  assert.equal(answered.length, 20);
  assert.deepEqual(responses.responses[3], {
    finding: ids[3],
    owner: 'Owner 4',
    due: '2026-12-04',
    status: 'risk accepted',
    response: 'First line 4\nsecond line',
    acceptance: { reason: 'The data is public.', approver: 'Head of Risk', expires: '2027-03-01' },
  });
  const file = path.join(scratch(), 'responses.yaml');
  writeFileSync(file, responsesText(responses));
  const next = await assessWorkspace({ config: `${ROOT}evidence/probity.yaml`, asOf, responses: file });
  assert.deepEqual(inconsistencies(next), []);
  for (const [index, one] of responses.responses.entries()) {
    const { finding, ...answers } = one;
    const there = next.findings.find(({ id }) => id === finding);
    const { owner, due, status, response, acceptance } = there ?? {};
    assert.deepEqual({ owner, due, status, response, acceptance }, { acceptance: undefined, ...answers }, `${index}`);
  }
  const bare = {
    ...next,
    responses: undefined,
    warnings: [],
    findings: next.findings.map(({ owner, due, status, response, acceptance, ...rest }) => rest),
  };
  assert.deepEqual(
    JSON.parse(JSON.stringify(bare)),
    JSON.parse(JSON.stringify({ ...assessment, warnings: [] })),
    'no state, count, verdict or number is touched',
  );
  assert.match(next.warnings.join(' '), /call closed what the evidence leaves open/);
  assert.match(next.warnings.join(' '), /no Waiver in force accepts/);
  const again = importResponses(await renderXlsx(next, undefined), 'x', {
    known,
    assessment: next,
    existing: responses,
    asOf,
  });
  assert.equal(again.changed, false, 'the next workbook carries all of it, and brings it back');
  assert.deepEqual(again.problems, []);
});

test('what cannot be taken over is named by its cell, one line each', async () => {
  const part = briefAssessment(assessment);
  const brief = await renderXlsx(part, undefined);
  const briefIds = part.findings.map(({ id }) => id);
  const wrong: [column: string, value: unknown, message: RegExp][] = [
    ['Due date', 'next week', /holds "next week", which is no date/],
    ['Due date', '2026-02-30', /there is no such day/],
    ['Due date', 20261201, /the number 20261201, which is no date/],
    ['Due date', true, /holds true, where a date is needed/],
    ['Status', 'in progres', /is no status .*did you mean "in progress"/],
    ['Status', 'risk accepted', /Approver and Expiry are empty/],
    ['Owner', 42, /holds the number 42, where a text is needed/],
    ['Owner', { formula: 'A1', result: 'x' }, /holds a formula/],
    ['Owner', { error: '#REF!' }, /holds the error #REF!/],
    ['Owner', 'x'.repeat(201), /has 201 characters, and may have 200/],
    ['Risk acceptance', 'because', /is empty; an acceptance needs/],
    ['Expiry', 'soon', /which is no date/],
    ['Id', 'MI-99.membership-inference', /there is no finding MI-99/],
    ['Id', briefIds[0], /is in row \d+ already/],
    ['Id', briefIds[5], /sort all columns together/],
    ['Id', null, /filled in and has no id/],
  ];
  for (const [column, value, message] of wrong) {
    let reference = '';
    const bytes = await changed(brief, ({ cell }) => {
      if (column === 'Id') cell(2, 'Owner').value = 'Somebody';
      Object.assign(cell(2, column), { value });
      reference = cell(2, column).address;
    });
    const { problems } = importResponses(bytes, 'x', { known, asOf });
    assert.ok(problems.length > 0, `${column}: ${String(value)}`);
    assert.match(problems.map((one) => one.message).join('\n'), message);
    if (column === 'Risk acceptance') assert.equal(problems.length, 2, 'approver and expiry');
    else assert.equal(problems[0]?.cell, `Gaps!${reference}`);
  }
  const past = await changed(brief, ({ cell }) => {
    Object.assign(cell(1, 'Risk acceptance'), { value: 'r' });
    Object.assign(cell(1, 'Approver'), { value: 'a' });
    Object.assign(cell(1, 'Expiry'), { value: date('2026-01-01') });
  });
  assert.match(importResponses(past, 'x', { known, asOf }).problems[0]?.message ?? '', /ended on 2026-01-01/);
  const renamed = await changed(brief, ({ cell }) => {
    cell(0, 'Approver').value = 'Approved by';
  });
  assert.match(importResponses(renamed, 'x', { known, asOf }).problems[0]?.message ?? '', /column Approver is missing/);
  assert.throws(() => importResponses(Buffer.from('PK'), 'x', { known, asOf }), /RESPONSES_INVALID|not a workbook/);
});

test('an empty cell erases only what stood in the workbook; what others wrote meanwhile stays', async () => {
  const existing: Responses = {
    apiVersion: 'probity/v1',
    kind: 'Responses',
    responses: [
      { finding: ids[0] as string, owner: 'Ada', response: 'Done.' },
      { finding: 'GONE-1.inversion', owner: 'Before', status: 'closed' },
    ],
    requests: [],
  };
  const untouched = importResponses(await exampleXlsx(), 'x', { known, assessment, existing, asOf });
  assert.deepEqual(untouched.responses.responses, existing.responses, 'the workbook was made before it was answered');
  const file = path.join(scratch(), 'responses.yaml');
  writeFileSync(file, responsesText(existing));
  const carried = await assessWorkspace({ config: `${ROOT}evidence/probity.yaml`, asOf, responses: file });
  const erased = await changed(await renderXlsx(carried, undefined), ({ cell }) => {
    cell(1, 'Owner').value = null;
  });
  const { responses } = importResponses(erased, 'x', { known, assessment: carried, existing, asOf });
  assert.deepEqual(responses.responses[0], { finding: ids[0], response: 'Done.' });
  assert.equal(responses.responses[1]?.owner, 'Before', 'the history of a gap that is no more');
  assert.deepEqual(carried.responses?.closed, [
    { id: 'GONE-1.inversion', control: 'GONE-1', attackClass: 'inversion', owner: 'Before', status: 'closed' },
  ]);
});

test('answers that somebody writes into an assessment show as what they are', async () => {
  const file = path.join(scratch(), 'responses.yaml');
  writeFileSync(
    file,
    'apiVersion: probity/v1\nkind: Responses\nresponses:\n  - {finding: ACC-01.membership-inference, owner: A, status: closed}\n',
  );
  const sound = await assessWorkspace({ config: `${ROOT}evidence/probity.yaml`, asOf, responses: file });
  assert.equal(sound.responses?.closed[0]?.state, 'satisfied');
  const forged: [change: (copy: typeof sound) => void, said: RegExp][] = [
    [(copy) => Object.assign(copy.responses?.closed[0] ?? {}, { state: 'not-satisfied' }), /says not-satisfied/],
    [(copy) => Object.assign(copy.responses?.closed[0] ?? {}, { id: ids[0] }), /is of ACC-01/],
    [(copy) => copy.responses?.closed.push(structuredClone(copy.responses.closed[0] as never)), /there twice/],
    [
      (copy) => {
        delete copy.responses;
        Object.assign(copy.findings[0] ?? {}, { status: 'closed' });
      },
      /nothing says where the answers come from/,
    ],
  ];
  for (const [change, said] of forged) {
    const copy = structuredClone(sound);
    change(copy);
    assert.match(inconsistencies(copy).join('\n'), said);
  }
});

test('an acceptance becomes one only as a waiver, with approver and expiry', async () => {
  const { responses } = importResponses(await filled(), 'x', { known, asOf });
  const text = waiversOf(responses, asOf);
  assert.match(text, /kind: Waiver/);
  assert.match(text, /approver: Head of Risk/);
  assert.match(text, /expires: "2027-03-01"/);
  assert.equal(text.match(/control:/g)?.length, 1);
});

test('a workbook away from its pack is read by the catalog; one beside it by its assessment', async () => {
  const folder = scratch();
  const at = (name: string): string => path.join(folder, name);
  writeFileSync(at('report.xlsx'), await filled());
  const alone = await importFile(at('report.xlsx'), { out: at('r.yaml'), controls: [], asOf });
  assert.deepEqual([alone.problems, alone.answered.length, alone.gone], [[], 20, []]);
  const later = structuredClone(assessment);
  later.findings = later.findings.slice(1);
  writeFileSync(at('assessment.json'), JSON.stringify(later));
  assert.ok(parseAssessment(readFileSync(at('assessment.json'), 'utf8'), 'x'));
  const beside = await importFile(at('report.xlsx'), {
    out: at('r.yaml'),
    assessment: at('assessment.json'),
    controls: [],
    asOf,
  });
  assert.deepEqual(beside.gone, [ids[0]], 'no gap any more, and its history is kept');
});

test('what became of the evidence that was asked for comes back as well', async () => {
  const fill = (value: unknown) =>
    changed(rendered, (_, workbook) => {
      const sheet = workbook.getWorksheet('Evidence requests');
      const columns = new Map<string, number>();
      let header = 0;
      sheet?.eachRow((row, number) => {
        if (header !== 0 || row.getCell(1).value !== 'Id') return;
        header = number;
        row.eachCell((cell, column) => columns.set(String(cell.value), column));
      });
      const cell = (column: string) => sheet?.getCell(header + 1, columns.get(column) ?? 0);
      Object.assign(cell('From whom') ?? {}, { value: 'Red team' });
      Object.assign(cell('By when') ?? {}, { value: date('2026-12-10') });
      Object.assign(cell('Received') ?? {}, { value });
    });
  const rendered = await exampleXlsx();
  const [first] = planOf(assessment).requests;
  const { responses, problems } = importResponses(await fill('2026-12-08'), 'x', { known, assessment, asOf });
  assert.deepEqual(problems, []);
  assert.deepEqual(responses.requests, [
    { request: first?.id, from: 'Red team', due: '2026-12-10', received: '2026-12-08' },
  ]);
  const wrong = importResponses(await fill('yes'), 'x', { known, assessment, asOf });
  assert.match(wrong.problems[0]?.cell ?? '', /^'Evidence requests'![A-Z]+5$/);
  const file = path.join(scratch(), 'responses.yaml');
  writeFileSync(file, responsesText(responses));
  const next = await assessWorkspace({ config: `${ROOT}evidence/probity.yaml`, asOf, responses: file });
  assert.deepEqual(next.responses?.requests, responses.requests);
  const again = importResponses(await renderXlsx(next, undefined), 'x', {
    known,
    assessment: next,
    existing: responses,
    asOf,
  });
  assert.equal(again.changed, false);
});
