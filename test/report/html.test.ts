import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { renderHtml } from '../../src/report/html/index.ts';
import { exampleAssessment, hostileAssessment } from '../support/example.ts';

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
