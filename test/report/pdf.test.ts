import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { before, test } from 'node:test';
import { AFRelationship, PDFDict, PDFDocument, PDFHexString, PDFName, PDFString } from '@cantoo/pdf-lib';
import { serialiseAssessment } from '../../src/assess/assessment.ts';
import { renderHtml } from '../../src/report/html/index.ts';
import { destinationPages, finishPdf, outlineTitles } from '../../src/report/pdf/document.ts';
import { renderPdf } from '../../src/report/pdf/index.ts';
import { reportView } from '../../src/report/view/index.ts';
import { linesOf, verdictSentence } from '../../src/report/view/verdict.ts';
import { ATTACK_CLASSES } from '../../src/terms.ts';
import { exampleAssessment, examplePdf, exampleXlsx, hostileAssessment } from '../support/example.ts';
import { ask, judgeHere } from '../support/judges.ts';
import { openWorkbook } from '../support/workbooks.ts';
import { ROOT, scratch, write } from '../support/workspace.ts';

const folder = scratch();
const file = path.join(folder, 'report.pdf');
let bytes: Uint8Array;

before(async () => {
  bytes = await examplePdf();
  writeFileSync(file, bytes);
});

const PROPERTIES = {
  title: 't',
  author: 'a',
  subject: 's',
  creator: 'c',
  date: '2026-01-01',
  identity: 'i',
  attachments: [],
};

test('numbers that Chromium hands out by chance do not show', async () => {
  const shifted = Buffer.from(
    Buffer.from(bytes)
      .toString('latin1')
      .replace(/\(node(\d{8})\)/g, (_, id: string) => `(node${String(Number(id) * 2 + 5).padStart(8, '0')})`),
    'latin1',
  );
  assert.ok(!shifted.equals(Buffer.from(bytes)));
  assert.ok(Buffer.from(await finishPdf(bytes, PROPERTIES)).equals(Buffer.from(await finishPdf(shifted, PROPERTIES))));
});

test('pages without text are refused, not signed', async () => {
  const blank = await PDFDocument.create();
  blank.addPage();
  await assert.rejects(finishPdf(await blank.save(), PROPERTIES), /pages without text/);
});

test('the PDF is tagged, titled, without script, and its page numbers are those of its contents', async (t) => {
  if (!judgeHere('pdfinfo', t)) return;
  const { text } = await ask('pdfinfo', [file]);
  assert.match(text, /Tagged:\s+yes/);
  assert.match(text, /JavaScript:\s+no/);
  assert.match(text, /Title:\s+Claims Assistant: assurance report/);
  assert.match(text, /CreationDate:.*2026/);
  const pages = await destinationPages(bytes);
  for (const anchor of ['summary', 'part-a', 'part-b', 'supporting', 'frameworks', 'method', 'evidence', 'glossary'])
    assert.ok((pages.get(anchor) ?? 0) > 1, anchor);
  const chapters = (await outlineTitles(bytes)).filter(({ depth }) => depth === 1).map(({ title }) => title);
  assert.deepEqual(chapters, [
    'For the person who decides',
    'What to do',
    'Part A: Membership inference',
    'Part B: Model inversion',
    'Around the model',
    'Frameworks',
    'Annex 1: Gaps in full',
    'Annex 2: Every criterion',
    'Annex 3: Every measurement with its warrant',
    'Annex 4: All curves',
    'Annex 5: Crosswalk in full',
    'Annex 6: Acceptances, changes, threats, reach',
    'Annex 7: Method and thresholds',
    'Annex 8: Evidence index',
    'Annex 9: Glossary and attribution',
  ]);
});

test('pages say what the assessment says: both classes, every finding, every file', async (t) => {
  if (!judgeHere('pdftotext', t)) return;
  const assessment = await exampleAssessment();
  const flat = (await ask('pdftotext', ['-raw', file, '-'])).text.replace(/\s+/g, '');
  assert.doesNotMatch(flat, /undefined|\[object|NaN|null/);
  for (const finding of assessment.findings) assert.ok(flat.includes(finding.id), finding.id);
  for (const entry of assessment.evidence) assert.ok(flat.includes(entry.sha256), entry.path);
  assert.ok(flat.includes(assessment.evidenceRoot));
  for (const attackClass of ATTACK_CLASSES)
    for (const { title, text } of linesOf(assessment, attackClass, []).slice(1))
      assert.ok(flat.includes(`${title}${text}`.replace(/\s+/g, '')), title);
  const pages = await destinationPages(bytes);
  assert.ok(flat.includes(`PartB:Modelinversion${pages.get('part-b')}`), 'the contents give the page');
  assert.match(flat, /Page1of\d+/);
});

test('the brief is the first pages of the report, says so, and carries the same assessment', async (t) => {
  const brief = await renderPdf(await exampleAssessment(), undefined, { pages: 'summary' });
  const document = await PDFDocument.load(brief, { updateMetadata: false });
  assert.equal(document.getPageCount(), 4);
  assert.match(document.getTitle() ?? '', /: brief on membership inference/);
  const embedded = document.getAttachments().find(({ name }) => name === 'assessment.json');
  assert.equal(Buffer.from(embedded?.data ?? []).toString('utf8'), serialiseAssessment(await exampleAssessment()));
  if (!judgeHere('pdftotext', t)) return;
  const place = path.join(folder, 'brief.pdf');
  writeFileSync(place, brief);
  const pages = async (of: string): Promise<string[]> =>
    (await ask('pdftotext', ['-f', '2', '-l', '4', '-raw', of, '-'])).text
      .replace(/Page (\d+) of \d+/g, 'Page $1')
      .replace(/ and lead to their full\s+text/g, '')
      .split('\f')
      .map((page) => page.replace(/\s+/g, ''));
  assert.deepEqual(await pages(place), await pages(file));
});

test('the body of the example is at most sixteen pages, with five decisions at most on page two', async () => {
  const pages = await destinationPages(bytes);
  assert.equal(pages.get('summary'), 2);
  assert.equal(pages.get('plan'), 3);
  assert.ok((pages.get('gaps') ?? 99) <= 17, `the annexes begin on page ${pages.get('gaps')}`);
  const { decisions, more } = reportView(await exampleAssessment(), undefined).plan;
  assert.equal(decisions.length, 5);
  assert.ok(more > 0);
});

test('the verdicts of page two are those of the workbook and of the terminal, word for word', async (t) => {
  if (!judgeHere('pdftotext', t)) return;
  const assessment = await exampleAssessment();
  const page = (await ask('pdftotext', ['-f', '2', '-l', '2', '-raw', file, '-'])).text.replace(/\s+/g, '');
  const summary = (await openWorkbook(await exampleXlsx())).getWorksheet('Summary');
  const cells = new Set<unknown>();
  summary?.eachRow((row) => row.eachCell(({ value }) => cells.add(value)));
  for (const attackClass of ATTACK_CLASSES) {
    const sentence = verdictSentence(assessment, attackClass);
    assert.ok(page.includes(sentence.replace(/\s+/g, '')), sentence);
    assert.ok(cells.has(sentence), sentence);
  }
});

/** The text of what is shown, without any space: lines and cells are broken differently everywhere. */
const run = (text: string): string => text.replace(/\s+/g, '');

/** How often a text stands in another. */
const times = (text: string, part: string): number => text.split(part).length - 1;

/** What a spreadsheet shows of a number in a format of ours (ECMA-376 part 1, 18.8.31). */
function shown(value: unknown, format: string): string {
  if (typeof value !== 'number') return 'no number';
  const [, decimals = '', rest = ''] = /^0(?:\.(0+))?(.*)$/.exec(format) ?? assert.fail(`the format ${format}`);
  return rest === '%'
    ? `${(value * 100).toFixed(decimals.length)}%`
    : `${value.toFixed(decimals.length)}${rest.replaceAll('"', '')}`;
}

test('every number of a measurement is the same, and written the same, in the PDF, the workbook and the page', async (t) => {
  if (!judgeHere('pdftotext', t)) return;
  const assessment = await exampleAssessment();
  const pdf = run(
    (await ask('pdftotext', ['-raw', file, '-'])).text.replace(/^(?:Evidence root|Page \d+ of).*$/gm, ''),
  );
  const page = run(
    Buffer.from(await renderHtml(assessment, undefined))
      .toString('utf8')
      .replace(/<(?:style|script|svg)[\s\S]*?<\/(?:style|script|svg)>/g, '')
      .replace(/<[^>]*>/g, '')
      .replaceAll('&#x27;', "'")
      .replaceAll('&#x3D;', '='),
  );
  const sheet = (await openWorkbook(await exampleXlsx())).getWorksheet('Measurements');
  const columns = new Map<string, number>();
  const header = sheet?.getColumn(1).values.indexOf('Id') ?? 0;
  sheet?.getRow(header).eachCell(({ value }, column) => columns.set(String(value), column));
  const wanted = new Map<string, number>();
  let numbers = 0;
  assessment.measurements.forEach((m, index) => {
    const cell = (name: string) => sheet?.getRow(header + 1 + index).getCell(columns.get(name) ?? 0);
    assert.equal(cell('Id')?.value, m.id);
    const [estimate, lower, upper] = ['Estimate', 'Lower 95%', 'Upper 95%'].map((name) => {
      const one = cell(name);
      return one?.value === null || one?.value === undefined ? undefined : shown(one.value, one.numFmt);
    });
    const rate =
      m.falsePositiveLimit === undefined
        ? ''
        : `at ${shown(m.falsePositiveLimit, cell('At false-positive rate')?.numFmt ?? '')} false positives`;
    const interval =
      m.measure === 'privacy.epsilonLower'
        ? `at least ${estimate} one-sided 95% bound`
        : m.method === 'exact-rank'
          ? `${estimate} exact`
          : lower === undefined || upper === undefined
            ? `${estimate} no interval`
            : `${estimate} ${lower} to ${upper}`;
    for (const one of [interval, rate, String(cell('Counts')?.value)])
      if (one !== '') wanted.set(run(one), (wanted.get(run(one)) ?? 0) + 1);
    numbers += [estimate, lower, upper].filter((one) => one !== undefined).length;
  });
  assert.ok(numbers > 100, `${numbers} numbers`);
  for (const [text, least] of wanted) {
    assert.ok(times(pdf, text) >= least, `the PDF says ${text} ${times(pdf, text)} times, not ${least}`);
    assert.ok(times(page, text) >= least, `the page says ${text} ${times(page, text)} times, not ${least}`);
  }
});

test('page two answers every question that its documentation lists, in these words', async (t) => {
  if (!judgeHere('pdftotext', t)) return;
  const text = run((await ask('pdftotext', ['-f', '2', '-l', '2', '-raw', file, '-'])).text);
  const rows = readFileSync(path.join(ROOT, 'docs/report.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| .*\?.* \| .* \| ".*" \|$/.test(line));
  assert.ok(rows.length >= 12, `${rows.length} questions`);
  for (const row of rows) {
    const [, question = '', , answers = ''] = row.split('|').map((one) => one.trim());
    const quoted = [...answers.matchAll(/"([^"]+)"/g)].map(([, answer = '']) => answer);
    assert.ok(quoted.length > 0, question);
    for (const answer of quoted) assert.ok(text.includes(run(answer)), `${question} "${answer}"`);
  }
});

test('a template of one’s own takes the place of ours, with the same view, and a broken one is told by its place', async (t) => {
  const own = path.join(folder, 'template');
  write(own, {
    'report.hbs':
      '<html lang="en"><title>{{title}}</title><body>{{#each panels}}<h1>{{title}}</h1>{{> verdict}}{{/each}}</body></html>',
    'verdict.hbs': '<p>{{verdict.text}}: {{sentence}}</p><script>document.title = "owned"</script>',
  });
  const made = await renderPdf(await exampleAssessment(), undefined, { template: own });
  if (judgeHere('pdftotext', t)) {
    const place = path.join(folder, 'own.pdf');
    writeFileSync(place, made);
    const text = (await ask('pdftotext', [place, '-'])).text.replace(/\s+/g, ' ');
    assert.ok(text.includes(`Not satisfied: ${verdictSentence(await exampleAssessment(), 'inversion')}`));
    assert.match((await ask('pdfinfo', [place])).text, /Title:\s+Claims Assistant/);
  }
  write(own, { 'report.hbs': '{{#each panels}}never closed' });
  await assert.rejects(renderPdf(await exampleAssessment(), undefined, { template: own }), {
    code: 'TEMPLATE_INVALID',
    where: path.join(own, 'report.hbs'),
  });
  await assert.rejects(renderPdf(await exampleAssessment(), undefined, { template: path.join(folder, 'nowhere') }), {
    code: 'TEMPLATE_INVALID',
  });
});

test('every font is embedded', async (t) => {
  if (!judgeHere('pdffonts', t)) return;
  const lines = (await ask('pdffonts', [file])).text.trim().split('\n').slice(2);
  assert.ok(lines.length >= 2);
  for (const line of lines) assert.match(line, /IBMPlex.*yes yes yes/);
});

test('figures carry the numbers in words', async () => {
  const document = await PDFDocument.load(bytes, { updateMetadata: false });
  const said = document.context.enumerateIndirectObjects().flatMap(([, object]) => {
    const text = object instanceof PDFDict ? object.get(PDFName.of('Alt')) : undefined;
    return text instanceof PDFString || text instanceof PDFHexString ? [text.decodeText()] : [];
  });
  const { measurements } = await exampleAssessment();
  const curves = measurements.filter((m) => m.measure === 'roc.auc' && m.group === undefined);
  assert.ok(curves.length >= 5);
  for (const { probe, estimate } of curves)
    assert.ok(
      said.some((text) => text.startsWith(`ROC curve of ${probe}`) && text.includes(`area ${estimate.toFixed(3)}`)),
      probe,
    );
  const roc = said.find((text) => text.startsWith('ROC curve of triage confidence by kind of claim'));
  assert.match(
    roc ?? '',
    /at a false-positive rate of 0\.1% the true-positive rate is [\d.]+%, 95% interval [\d.]+% to [\d.]+%, limit 1%, most under the declared budget 100%/,
  );
  const disclosure = said.find((text) => text.startsWith('Disclosure curve'));
  assert.match(
    disclosure ?? '',
    /after 400 queries 2% of 300 items were recovered, 95% interval [\d.]+% to [\d.]+%; the query budget is 400, refused at query 401; limit 5%/,
  );
  assert.ok(said.some((text) => /Exposure of the canary.*16\.6\d bits.*limit 10\.00 bits/.test(text)));
});

test('the assessment and the manifest are embedded, byte for byte', async () => {
  const document = await PDFDocument.load(bytes, { updateMetadata: false });
  const attached = document.getAttachments();
  assert.deepEqual(attached.map(({ name }) => name).sort(), ['assessment.json', 'evidence-manifest.json']);
  const embedded = attached.find(({ name }) => name === 'assessment.json');
  assert.equal(Buffer.from(embedded?.data ?? []).toString('utf8'), serialiseAssessment(await exampleAssessment()));
  assert.equal(embedded?.afRelationship, AFRelationship.Source);
});

test('text of evidence stays text: nothing runs, nothing is fetched, nothing breaks out', async (t) => {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(9, '127.0.0.1', resolve).on('error', () => resolve()));
  try {
    const hostile = await renderPdf(await hostileAssessment(), undefined);
    assert.deepEqual(requests, []);
    const document = await PDFDocument.load(hostile, { updateMetadata: false });
    assert.ok(document.getTitle()?.startsWith('<script>'), 'the title is the text itself');
    if (!judgeHere('pdftotext', t)) return;
    const place = path.join(folder, 'hostile.pdf');
    writeFileSync(place, hostile);
    const { text } = await ask('pdftotext', [place, '-']);
    const flat = text.replace(/\s+/g, '');
    assert.ok(flat.includes('<script>document.title="owned"</script>'), 'shown as it is');
    assert.ok(flat.includes('{{7*7}}'), 'no template in a template');
    assert.match((await ask('pdfinfo', [place])).text, /JavaScript:\s+no/);
  } finally {
    server.close();
  }
});
