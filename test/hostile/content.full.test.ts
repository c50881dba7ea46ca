import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import zlib from 'node:zlib';
import { PDFDocument, PDFRawStream } from '@cantoo/pdf-lib';
import { unzipSync } from 'fflate';
import { ANSWER_SOURCES, filesWithAnswers } from '../support/answers.ts';
import { ask, judgeHere } from '../support/judges.ts';
import { AS_OF, probity, scratch, workspaceYaml, write } from '../support/workspace.ts';

/* Every output that there is, walked for a text that stands in every answer. */

/** Begins as a formula does, and would be markup, a colour and another order of letters elsewhere. */
const MARKED = '=XYZZY("a")<b>&\u001b[31m\u202e|';
const SHOWN = '=XYZZY("a")<b>&<U+001B>[31m<U+202E>|';
const ANSWER = `${MARKED} password: hunter2hunter2 ${'tail '.repeat(300)}LASTWORD`;
const SAID = 'Examples of leaked answers are shown';

const root = scratch();
const home = path.join(root, 'home');
write(root, { 'probity.yaml': workspaceYaml(ANSWER_SOURCES) });
write(path.join(root, 'evidence'), filesWithAnswers(ANSWER));

/** What every file of a folder holds, and what is packed within it. */
async function walk(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(folder, name);
    if (!statSync(file).isFile()) continue;
    const bytes = readFileSync(file);
    found.set(name, bytes.toString('utf8'));
    if (name.endsWith('.xlsx'))
      for (const [part, content] of Object.entries(unzipSync(bytes)))
        found.set(`${name}!${part}`, Buffer.from(content).toString('utf8'));
    if (!name.endsWith('.pdf')) continue;
    found.set(`${name}!text`, (await ask('pdftotext', ['-raw', file, '-'])).text.replace(/\s+/g, ' '));
    const document = await PDFDocument.load(bytes);
    for (const [at, object] of document.context.enumerateIndirectObjects())
      if (object instanceof PDFRawStream && object.dict.toString().includes('/FlateDecode'))
        found.set(`${name}!${at}`, zlib.inflateSync(object.getContents()).toString('utf8'));
  }
  return found;
}

/** Runs with every format, and calls what reads a pack; what was printed, and what was written. */
async function outputs(name: string, ...flags: string[]): Promise<Map<string, string>> {
  const pack = path.join(root, name);
  const aside = path.join(root, `${name}-aside`);
  const printed = new Map<string, string>();
  const call = async (...args: string[]): Promise<void> => {
    const { code, stdout, stderr } = await probity(args, { cwd: root, home });
    assert.notEqual(code, 2, `${args.join(' ')}: ${stderr}`);
    printed.set(args.join(' '), stdout + stderr);
  };
  await call('run', '--as-of', AS_OF, '--format', 'all', '--out', pack, ...flags);
  await call('assess', '--as-of', AS_OF, '--json', ...flags);
  for (const file of Object.keys(filesWithAnswers(''))) await call('evidence', 'inspect', `evidence/${file}`, '--json');
  await call('verify', pack, '--evidence', root, '--json');
  await call('compare', pack, pack, '--format', 'md', '--out', path.join(aside, 'changes.md'));
  await call('gate', pack, '--fail-on', 'not-assessed', '--json');
  await call('portfolio', pack, '--format', 'json', '--out', path.join(aside, 'portfolio'));
  await call('responses', 'import', path.join(pack, 'report.xlsx'), '--out', path.join(aside, 'responses.yaml'));
  return new Map([...printed, ...(await walk(pack)), ...(await walk(aside))]);
}

test('by default no output holds a word of an answer, nor says that it does', async (t) => {
  if (!judgeHere('pdftotext', t)) return;
  const all = await outputs('plain');
  assert.ok(all.size > 40, `${all.size}`);
  for (const [name, text] of all) {
    assert.doesNotMatch(text, /XYZZY|LASTWORD|hunter2/, name);
    assert.doesNotMatch(text, /leaked answers|content-?shown/i, name);
  }
});

test('with --show-content the reports show it, bounded, masked and escaped, and their covers say so', async (t) => {
  if (!judgeHere('pdftotext', t)) return;
  const all = await outputs('shown', '--show-content');
  for (const [name, text] of all) {
    assert.doesNotMatch(text, /LASTWORD|hunter2/, name);
    assert.ok(!text.includes(MARKED), name);
    // No cell is a formula, and no markup is ours.
    assert.doesNotMatch(text, /<f>=?XYZZY|"\)<b>&(?!<U)(?!lt;)(?!amp;)/, name);
  }
  const of = (name: string): string => all.get(name) ?? assert.fail(name);
  const escaped = '=XYZZY(&quot;a&quot;)&lt;b&gt;&amp;&lt;U+001B&gt;[31m&lt;U+202E&gt;|';
  assert.ok(of('assessment.json').includes(JSON.stringify(SHOWN).slice(1, -1)));
  assert.ok(of('report.html').includes(escaped.replaceAll('=', '&#x3D;')));
  assert.ok(of('report.pdf!text').replaceAll(' ', '').includes(SHOWN));
  const sheets = [...all].filter(([name]) => name.startsWith('report.xlsx!')).map(([, text]) => text);
  assert.ok(sheets.some((text) => text.includes('XYZZY') && text.includes('[password removed]')));
  assert.equal(of('assessment.json').split('"text": ').length - 1, 3 * Object.keys(filesWithAnswers('')).length);
  for (const name of ['report.html', 'report.pdf!text', 'brief.pdf!text', 'summary.md'])
    assert.ok(of(name).includes(SAID), name);
  assert.ok(sheets.some((text) => text.includes(SAID)));
  assert.match([...all.values()].join(), /"probity:contentShown"/);
  assert.match([...all.values()].join(), /"content-shown"/);
  // A pack made with content performs again with it.
  const verified = [...all].find(([name]) => name.startsWith('verify'))?.[1] ?? '';
  assert.match(verified, /"same": ?true/);
});
