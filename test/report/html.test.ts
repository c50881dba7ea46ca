import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { test } from 'node:test';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { withHistory } from '../../src/compare/history.ts';
import { renderHtml } from '../../src/report/html/index.ts';
import { changeLine } from '../../src/report/view/change.ts';
import { verdictSentence } from '../../src/report/view/verdict.ts';
import { renderXlsx } from '../../src/report/xlsx/index.ts';
import { exampleAssessment, hostileAssessment } from '../support/example.ts';
import { openWorkbook } from '../support/workbooks.ts';
import { scratch, write } from '../support/workspace.ts';

const page = Buffer.from(await renderHtml(await exampleAssessment(), undefined)).toString('utf8');

test('the same assessment gives the same page', async () => {
  assert.equal(Buffer.from(await renderHtml(await exampleAssessment(), undefined)).toString('utf8'), page);
});

test('the policy of the page allows its own style and script, by digest, and nothing else', () => {
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
  const digest = (tag: string): string => {
    const found = [...page.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))];
    assert.equal(found.length, 1, tag);
    return `'sha256-${createHash('sha256')
      .update(found[0]?.[1] ?? '')
      .digest('base64')}'`;
  };
  assert.equal(
    policy,
    `default-src 'none'; style-src ${digest('style')}; script-src ${digest('script')}; base-uri 'none'; form-action 'none'`,
  );
});

test('nothing of it comes from anywhere: no address is loaded, no style or handler stands in an element', () => {
  assert.doesNotMatch(page, /\ssrc=|<link|@import|url\(|\sstyle=|\son\w+=/);
  for (const [, address] of page.matchAll(/href="([^"]*)"/g)) assert.match(address ?? '', /^#/);
});

test('every finding has its place, in the part of its class and nowhere else', async () => {
  const { findings } = await exampleAssessment();
  const [, ...parts] = page.split(/<section class="tab(?: current)?" id="/);
  for (const { control, attackClass } of findings) {
    const letter = attackClass === 'inversion' ? 'b' : 'a';
    const id = `id="gap-${control.toLowerCase()}-${letter}"`;
    const holders = parts.filter((part) => part.includes(id)).map((part) => part.slice(0, part.indexOf('"')));
    assert.deepEqual(holders, [`part-${letter}`], id);
  }
});

test('text of an attacker is text', async () => {
  const hostile = Buffer.from(await renderHtml(await hostileAssessment(), undefined)).toString('utf8');
  assert.equal(hostile.match(/<script/g)?.length, 1);
  assert.equal(hostile.match(/<style/g)?.length, 1);
  assert.doesNotMatch(hostile, /<img|<svg onload|onerror=alert\(1\)>/);
  assert.match(hostile, /&lt;script&gt;/);
});

test('a template of one’s own takes the place of ours, sealed whatever it says, and a broken one is told by its place', async () => {
  const own = path.join(scratch(), 'template');
  write(own, {
    'page.hbs':
      '<!doctype html><html lang="en"><head><title>{{title}}</title><meta http-equiv="Content-Security-Policy" content="script-src *"><style>{{css}}</style></head><body>{{#each panels}}<h1>{{title}}</h1>{{> said}}{{/each}}<img src="https://example.org/x"><script>document.title = "owned"</script></body></html>',
    'said.hbs': '<p>{{verdict.text}}: {{sentence}}</p>',
    'page.css': 'p { color: #222 }',
    'page.js': '"use strict";',
  });
  const page = Buffer.from(await renderHtml(await hostileAssessment(), undefined, own)).toString('utf8');
  const digest = (text: string) => createHash('sha256').update(text).digest('base64');
  const policy =
    /^<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(
      page,
    )?.[1];
  assert.match(policy ?? '', /^default-src 'none'; /);
  assert.ok(policy?.includes(`script-src 'sha256-${digest('"use strict";')}'`), 'only the script of the folder');
  assert.ok(policy?.includes(`style-src 'sha256-${digest('p { color: #222 }')}'`));
  assert.ok(page.includes(verdictSentence(await exampleAssessment(), 'inversion')));
  assert.ok(!page.includes('<img src=x'), 'texts are escaped');
  assert.ok(
    Buffer.from(await renderPage(own))
      .toString('utf8')
      .startsWith('<!doctype html><html lang="en"><head><meta'),
  );
  write(own, { 'page.hbs': '{{#each panels}}never closed' });
  const broken = { code: 'TEMPLATE_INVALID', where: path.join(own, 'page.hbs') };
  await assert.rejects(renderPage(own), broken);
  write(own, { 'page.hbs': '<p>no head</p>' });
  await assert.rejects(renderPage(own), broken);
  const printed = path.join(scratch(), 'printed');
  write(printed, { 'report.hbs': '<html></html>' });
  assert.deepEqual(await renderPage(printed), await renderHtml(await exampleAssessment(), undefined), 'ours stays');
  const empty = path.join(scratch(), 'empty');
  write(empty, { 'notes.txt': 'nothing' });
  await assert.rejects(renderPage(empty), { code: 'TEMPLATE_INVALID', where: empty });
});

async function renderPage(own: string): Promise<Uint8Array> {
  return renderHtml(await exampleAssessment(), undefined, own);
}

test('what changed stands in the part of its class, on the page and in the workbook, and nowhere without an assessment before', async () => {
  const now = await exampleAssessment();
  const before = structuredClone(now);
  before.asOf = '2026-08-21';
  const gone = before.findings.findIndex(({ attackClass }) => attackClass === 'inversion');
  const [missing] = before.findings.splice(gone, 1);
  for (const result of before.results)
    if (result.control === missing?.control && result.attackClass === 'inversion') result.state = 'satisfied';
  const assessment = withHistory(now, [before], (await loadCatalog()).bundledProfiles);
  const page = Buffer.from(await renderHtml(assessment, undefined)).toString('utf8');
  const part = (letter: string) => page.slice(page.indexOf(`id="part-${letter}-change"`)).split('</section>')[0] ?? '';
  for (const [letter, attackClass] of [
    ['a', 'membership-inference'],
    ['b', 'inversion'],
  ] as const) {
    const line = changeLine(assessment, attackClass) ?? '?';
    assert.match(line, /^Since 2026-08-21: gaps \d+ new/);
    assert.ok(part(letter).includes(line), letter);
    assert.equal(part(letter).match(/<svg[^>]*class="?[^>]*|<svg /g)?.length, 3, 'three charts');
    assert.equal(part(letter).match(/class="hit"/g)?.length, 6, 'each bar says its value');
  }
  assert.ok(part('b').includes(`<b>${missing?.control}</b>`));
  const book = await openWorkbook(await renderXlsx(assessment, undefined));
  const rows = (name: string) => (book.getWorksheet(name)?.getSheetValues() ?? []).map((row) => JSON.stringify(row));
  assert.equal(
    rows('Trend').filter((row) => /"2026-08-21"|"2026-11-21"/.test(row ?? '')).length,
    4,
    'a row a class and assessment',
  );
  assert.ok(rows('Changes').some((row) => row?.includes(missing?.control ?? '?') && row.includes('Model inversion')));
  const plain = Buffer.from(await renderHtml(now, undefined)).toString('utf8');
  assert.ok(!plain.includes('-change"') && !plain.includes('What changed'));
});
