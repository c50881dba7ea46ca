import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { renderPdf } from '../../src/report/pdf/index.ts';
import { packagedBrowser } from '../../src/report/pdf/packagedBrowser.ts';
import { exampleAssessment, examplePdf } from '../support/example.ts';
import { scratch } from '../support/workspace.ts';

const folder = scratch();

test('the same assessment renders to the same bytes', async () => {
  assert.ok((await examplePdf()).equals(Buffer.from(await renderPdf(await exampleAssessment(), undefined))));
});

test('a browser unpacked anew finds the fonts that came with it, wherever it was unpacked', async (t) => {
  const before = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = path.join(folder, 'a cache & more');
  try {
    const browser = await packagedBrowser(scratch());
    if (!browser) return t.skip('no packaged browser on this platform');
    const configuration = readFileSync(path.join(browser.fonts, 'fonts.conf'), 'utf8');
    const named = /<dir>(.*)<\/dir>/.exec(configuration)?.[1]?.replaceAll('&amp;', '&') ?? '';
    assert.ok(named.startsWith(path.join(folder, 'a cache & more')), 'nothing outside the cache is looked at');
    assert.ok(readdirSync(named, { recursive: true }).some((name) => String(name).endsWith('.ttf')));
  } finally {
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
  }
});
