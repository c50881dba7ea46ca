import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Page } from 'puppeteer-core';
import type { Assessment } from '../../src/assess/assessment.ts';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { withHistory } from '../../src/compare/history.ts';
import { renderHtml } from '../../src/report/html/index.ts';
import { exampleAssessment, hostileAssessment } from '../support/example.ts';
import { manyFindings } from '../support/many.ts';
import { inBrowser } from '../support/page.ts';
import { scratch } from '../support/workspace.ts';

/* The page in the real browser: clicks, keys, and what assistive technology is told. */

const folder = scratch();
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function written(name: string, bytes: Uint8Array | Promise<Uint8Array>): Promise<string> {
  const file = path.join(folder, name);
  writeFileSync(file, await bytes);
  return pathToFileURL(file).href;
}

const example = await exampleAssessment();
const url = await written('report.html', renderHtml(example, undefined));
const exampleUrl = url;
const TABS = ['summary', 'part-a', 'part-b', 'around', 'frameworks', 'evidence', 'about'];

/** What an expression gives in the page. */
async function asks<T>(page: Page, expression: string): Promise<T> {
  return (await page.evaluate(expression)) as T;
}

const shownTabs = (page: Page) =>
  asks<string[]>(
    page,
    `[...document.querySelectorAll('.tab')].filter((one) => one.checkVisibility()).map((one) => one.id)`,
  );
const shownGaps = (page: Page, part: string) =>
  asks<string[]>(
    page,
    `[...document.querySelectorAll('#${part} .gap')].filter((one) => !one.hidden && !one.parentElement.hidden).map((one) => one.id)`,
  );

/** The example with an assessment before it, and with what people answered. */
async function lived(): Promise<Assessment> {
  const before = structuredClone(example);
  before.asOf = '2026-08-21';
  const assessment = withHistory(structuredClone(example), [before], (await loadCatalog()).bundledProfiles);
  for (const finding of assessment.findings.slice(0, 30))
    Object.assign(finding, { owner: 'Ada <b>Ruiz</b>', due: '2026-11-01', status: 'in progress', response: 'Begun.' });
  return assessment;
}

const livedUrl = await written(
  'lived.html',
  lived().then((one) => renderHtml(one, undefined)),
);

test('axe-core finds no violation, in any part, folded and unfolded, filtered, with history, light and dark, at three widths', async () => {
  await inBrowser(url, async (page) => {
    for (const [theme, width, url] of [
      ['light', 1400, livedUrl],
      ['dark', 900, livedUrl],
      ['dark', 400, exampleUrl],
    ] as const) {
      await page.setViewport({ width, height: 900 });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
      for (const tab of TABS) {
        await page.goto(`${url}#${tab}`);
        assert.deepEqual(await shownTabs(page), [tab]);
        await page.evaluate(AXE);
        const violations = await asks<string[]>(
          page,
          `(async () => { for (const one of document.querySelectorAll('.current details')) one.open = true;
             const { violations } = await axe.run(document, { resultTypes: ['violations'] });
             return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))); })()`,
        );
        assert.deepEqual(violations, [], `${theme} ${tab}`);
        assert.ok(await asks(page, `document.documentElement.scrollWidth <= innerWidth`), `${tab} fits into ${width}`);
        if (!tab.startsWith('part')) continue;
        await page.type('.current .filters input', 'model');
        const filtered = await asks<string[]>(
          page,
          `(async () => (await axe.run(document.querySelector('.current'), { resultTypes: ['violations'] })).violations.map(({ id }) => id))()`,
        );
        assert.deepEqual(filtered, [], `${theme} ${tab}, filtered`);
      }
    }
  });
});

test('by keys alone: the parts, a filter, a gap, a table, a drawing', async () => {
  await inBrowser(url, async (page) => {
    const focused = () => asks<string>(page, `document.activeElement.id || document.activeElement.textContent.trim()`);
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Skip to the content');
    for (let press = 0; press < 5 && (await focused()) !== 'tab-summary'; press++) await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    assert.deepEqual([await focused(), await shownTabs(page)], ['tab-part-a', ['part-a']]);
    await page.keyboard.press('End');
    assert.deepEqual(await shownTabs(page), ['about']);
    await page.keyboard.press('ArrowRight');
    assert.deepEqual(await shownTabs(page), ['summary']);
    await page.goto(`${url}#part-b`);
    const first = example.findings.find(({ attackClass }) => attackClass === 'inversion');
    await page.focus('#part-b .gap summary');
    await page.keyboard.press('Enter');
    assert.equal(await asks(page, `document.querySelector('#part-b .gap').open`), true);
    assert.ok(
      (await asks<string>(page, `document.querySelector('#part-b .gap[open]').innerText`)).includes(
        first?.consequence ?? '?',
      ),
    );
    await page.focus('#part-b .filters select[name=severity]');
    await page.keyboard.type('low');
    assert.ok((await shownGaps(page, 'part-b')).length < example.findings.length);
    await page.focus('#part-b table.sortable thead button');
    await page.keyboard.press('Enter');
    assert.equal(await asks(page, `document.activeElement.closest('th').getAttribute('aria-sort')`), 'ascending');
    await page.goto(`${url}#part-a`);
    await asks(page, `document.querySelector('#part-a .chart svg').focus()`);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    assert.match(await asks(page, `document.getElementById('tip').textContent`), /^At .*% false positives: .*95% band/);
    await page.keyboard.press('Escape');
    assert.equal(await asks(page, `document.getElementById('tip').hidden`), true);
  });
});

test('the tab key reaches every control of every part, and each shows that it is there', async () => {
  await inBrowser(livedUrl, async (page) => {
    for (const tab of TABS) {
      await page.goto('about:blank');
      await page.goto(`${livedUrl}#${tab}`);
      const wanted = await asks<number>(
        page,
        `(() => {
          const all = [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')];
          wanted = new Set(all.filter((one) => one.tabIndex >= 0 && one.checkVisibility({ contentVisibilityAuto: false }) && !one.closest('details:not([open]) > :not(summary)')));
          plain = [];
          addEventListener('focusin', ({ target }) => {
            wanted.delete(target);
            const { outlineStyle, boxShadow } = getComputedStyle(target);
            if (outlineStyle === 'none' && boxShadow === 'none') plain.push(target.outerHTML.slice(0, 120));
          });
          document.activeElement?.blur();
          return wanted.size;
        })()`,
      );
      assert.ok(wanted > 5, `${tab} has ${wanted} controls`);
      for (let press = 0; press < wanted + 20; press++) await page.keyboard.press('Tab');
      assert.deepEqual(
        await asks<string[]>(page, `[...wanted].map((one) => one.outerHTML.slice(0, 120))`),
        [],
        `${tab}: not reached`,
      );
      assert.deepEqual(await asks<string[]>(page, `[...new Set(plain)]`), [], `${tab}: without a sign of focus`);
    }
  });
});

test('escape clears the search and then every filter; arrows go through the bars of a chart', async () => {
  await inBrowser(`${livedUrl}#part-a`, async (page) => {
    const all = (await shownGaps(page, 'part-a')).length;
    await page.select('#part-a .filters select[name=severity]', 'high');
    const high = (await shownGaps(page, 'part-a')).length;
    await page.type('#part-a .filters input', 'no such words');
    assert.equal((await shownGaps(page, 'part-a')).length, 0);
    await page.keyboard.press('Escape');
    await page.waitForFunction(`document.querySelector('#part-a .filters input').value === ''`);
    assert.ok(high > 0 && high < all);
    assert.equal((await shownGaps(page, 'part-a')).length, high, 'the filter stays');
    await page.keyboard.press('Escape');
    await page.waitForFunction(`document.querySelector('#part-a .filters select[name=severity]').value === ''`);
    assert.equal((await shownGaps(page, 'part-a')).length, all);
    await asks(page, `document.querySelector('#part-a .multiples svg').focus()`);
    await page.keyboard.press('ArrowRight');
    assert.match(await asks(page, `document.getElementById('tip').textContent`), /^2026-08-21: \d+ critical/);
    await page.keyboard.press('ArrowRight');
    assert.match(await asks(page, `document.getElementById('tip').textContent`), /^2026-11-21: /);
    await page.hover('#part-a .multiples svg .hit');
    assert.match(await asks(page, `document.getElementById('tip').textContent`), /^2026-08-21: /);
  });
});

test('a link to each finding opens it, in the part of its class', async () => {
  await inBrowser(url, async (page) => {
    for (const { control, attackClass } of example.findings) {
      const part = attackClass === 'inversion' ? 'b' : 'a';
      const id = `gap-${control}-${part}`.toLowerCase();
      await asks(page, `location.hash = '#${id}'`);
      await page.waitForFunction(`document.getElementById('${id}')?.open === true`);
      assert.deepEqual(await shownTabs(page), [`part-${part}`], id);
    }
  });
});

test('search and every filter show the gaps that fit, of one class only', async () => {
  const assessment = structuredClone(example);
  for (const [index, finding] of assessment.findings.entries()) if (index % 3 === 0) finding.owner = 'Ada & "Bob"';
  const own = assessment.findings.filter(({ attackClass }) => attackClass === 'membership-inference');
  await inBrowser(await written('owners.html', renderHtml(assessment, undefined)), async (page) => {
    await page.goto(`${page.url()}#part-a`);
    const choose = async (name: string, value: string): Promise<number> => {
      await asks(page, `document.querySelector('#part-a .filters').reset()`);
      await page.select(`#part-a .filters select[name=${name}]`, value);
      return (await shownGaps(page, 'part-a')).length;
    };
    assert.equal((await shownGaps(page, 'part-a')).length, own.length);
    assert.equal(await choose('state', 'not-assessed'), own.filter(({ state }) => state === 'not-assessed').length);
    assert.equal(await choose('severity', 'high'), own.filter(({ severity }) => severity === 'high').length);
    assert.equal(await choose('owner', 'Ada & "Bob"'), own.filter(({ owner }) => owner !== undefined).length);
    assert.equal(await choose('owner', '-'), own.filter(({ owner }) => owner === undefined).length);
    const framework = own[0]?.frameworks[0]?.framework ?? '';
    assert.equal(
      await choose('framework', framework),
      own.filter(({ frameworks }) => frameworks.some((one) => one.framework === framework)).length,
    );
    const surface = await choose('surface', 'model-api');
    assert.ok(surface > 0 && surface < own.length);
    await asks(page, `document.querySelector('#part-a .filters').reset()`);
    await page.type('#part-a .filters input', 'MI-05 comparable');
    assert.deepEqual(await shownGaps(page, 'part-a'), ['gap-mi-05-a']);
    assert.match(
      await asks(page, `document.querySelector('#part-a .shown').textContent`),
      new RegExp(`^1 of ${own.length} gaps`),
    );
    assert.equal(
      (await shownGaps(page, 'part-b')).length,
      assessment.findings.length - own.length,
      'the other class is as it was',
    );
  });
});

test('a link to a finding opens its part and unfolds it, whatever is filtered', async () => {
  const last = example.findings.findLast(({ attackClass }) => attackClass === 'inversion');
  const id = `gap-${last?.control.toLowerCase()}-b`;
  await inBrowser(`${url}#${id}`, async (page) => {
    assert.deepEqual(await shownTabs(page), ['part-b']);
    assert.equal(await asks(page, `document.getElementById('${id}').open`), true);
    await page.type('#part-b .filters input', 'no such words');
    assert.deepEqual(await shownGaps(page, 'part-b'), []);
    await asks(page, `location.hash = '#part-a'`);
    await asks(page, `location.hash = '#${id}'`);
    await page.waitForFunction(`document.getElementById('${id}').checkVisibility()`);
  });
});

test('without script everything is there to be read, and printed nothing is folded', async () => {
  await inBrowser(url, async (page) => {
    await page.setJavaScriptEnabled(false);
    await page.goto(url);
    await page.setJavaScriptEnabled(true);
    assert.deepEqual(await shownTabs(page), TABS);
    assert.equal(await asks(page, `document.querySelector('.filters').checkVisibility()`), false);
    await page.goto(`${url}?printed`);
    await page.emulateMediaType('print');
    assert.deepEqual(await shownTabs(page), TABS);
    assert.equal(await asks(page, `document.querySelector('nav').checkVisibility()`), false);
    await asks(page, `dispatchEvent(new Event('beforeprint'))`);
    assert.equal(await asks(page, `document.querySelectorAll('details:not([open])').length`), 0);
  });
});

test('the page asks nothing of anybody, and runs nothing that evidence says', async () => {
  const hostile = await written('hostile.html', renderHtml(await hostileAssessment(), undefined));
  const asked: string[] = [];
  await inBrowser('about:blank', async (page) => {
    page.on('request', (request) => asked.push(request.url()));
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => complaints.push(message.text()));
    await page.goto(hostile);
    for (const tab of TABS) await asks(page, `location.hash = '#${tab}'`);
    assert.doesNotMatch(await page.title(), /^owned$/);
    assert.deepEqual(complaints, []);
  });
  assert.deepEqual(asked, [hostile]);
});

test('ten thousand findings stay usable', async () => {
  const bytes = await renderHtml(manyFindings(example, 10_000), undefined);
  const many = await written('many.html', bytes);
  await inBrowser('about:blank', async (page) => {
    await page.goto(`${many}#part-a`, { waitUntil: 'load' });
    const paint = await asks<number>(page, `performance.getEntriesByName('first-contentful-paint')[0].startTime`);
    await page.waitForFunction(`document.querySelector('#part-a .shown').textContent.startsWith('All 5')`);
    // Texts are made searchable in the pauses.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    // The best of a few: what the machine does besides is not the page's.
    const times = await asks<number[]>(
      page,
      `(async () => {
        const form = document.querySelector('#part-a .filters');
        const changes = [['q', 'finding 49'], ['q', ''], ['severity', 'high'], ['severity', '']];
        const best = changes.map(() => Infinity);
        for (let round = 0; round < 8; round++)
          for (const [index, [name, value]] of changes.entries()) {
            const start = performance.now();
            form.elements[name].value = value;
            form.dispatchEvent(new Event('input', { bubbles: true }));
            document.body.getBoundingClientRect();
            best[index] = Math.min(best[index], performance.now() - start);
            await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
          }
        return best;
      })()`,
    );
    console.log(
      `first paint ${Math.round(paint)} ms, filters ${times.map(Math.round).join(', ')} ms, ${bytes.length} bytes`,
    );
    assert.ok(paint < 1_500, `first paint after ${paint} ms`);
    for (const time of times) assert.ok(time < 100, `a filter takes ${time} ms`);
  });
});
