import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { changed } from '../support/workbooks.ts';
import { AS_OF, probity, scratch, workspaceYaml, write } from '../support/workspace.ts';

const folder = scratch();
const home = path.join(folder, 'home');
write(folder, {
  'probity.yaml': workspaceYaml('responses: evidence/responses.yaml\n'),
  'evidence/probe.yaml':
    'apiVersion: probity/v1\nkind: ProbeResult\ntool: {name: t}\ncollected: 2026-09-15\ntarget: m\nresults:\n  - {attackClass: inversion, technique: prompt-leakage, surface: model-api, probe: p, detector: d, planted: true, trials: {n: 900, successes: 400}}\n',
  'evidence/responses.yaml': 'apiVersion: probity/v1\nkind: Responses\n',
});
const config = path.join(folder, 'probity.yaml');
const pack = path.join(folder, 'pack');
const workbook = path.join(pack, 'report.xlsx');
const responses = path.join(folder, 'evidence/responses.yaml');
const run = (more: string[] = []) =>
  probity(
    ['run', '--config', config, '--as-of', AS_OF, '--strict', '--format', 'xlsx,html,json', '--out', pack, ...more],
    { home },
  );
const read = (name: string) => JSON.parse(readFileSync(path.join(pack, name), 'utf8'));

test('a workbook is filled in, imported, kept, and answered in the next run of the workspace; a page is opened', async () => {
  assert.equal((await run()).code, 0, 'responses are no evidence, and --strict has nothing against them');
  const bytes = readFileSync(workbook);
  const dry = await probity(['responses', 'import', workbook, '--out', responses, '--dry-run'], { home });
  assert.match(dry.stdout, /\nkind: Responses\nresponses: \[\]\n# Nobody has filled in anything in .*\n$/);
  writeFileSync(
    workbook,
    await changed(bytes, ({ cell }) => {
      cell(1, 'Owner').value = 'Ada';
      cell(1, 'Due date').value = 'tomorrow';
    }),
  );
  const wrong = await probity(['responses', 'import', workbook, '--out', responses, '--json'], { home });
  assert.equal(wrong.code, 2);
  const { problems, written }: { problems: { cell: string }[]; written: string[] } = JSON.parse(wrong.stdout);
  assert.match(problems[0]?.cell ?? '', /^Gaps!S\d+$/);
  assert.deepEqual([problems.length, written], [1, []]);
  const said = await probity(['responses', 'import', workbook, '--out', responses], { home });
  assert.match(said.stdout, /^Gaps!S\d+: holds "tomorrow", which is no date; write it like 2026-12-01\n/);

  const mended = await changed(bytes, ({ cell }) => {
    cell(1, 'Owner').value = 'Ada';
    cell(1, 'Due date').value = '2026-12-01';
  });
  writeFileSync(workbook, mended);
  assert.equal((await probity(['responses', 'import', workbook, '--out', responses], { home })).code, 0);
  const kept = await run();
  assert.match(kept.stdout, /is left as it is\. The new one is report\.new\.xlsx/);
  assert.ok(readFileSync(workbook).equals(mended));
  assert.equal(read('assessment.json').findings[0].owner, 'Ada');
  assert.equal(read('assessment.json').responses.path, 'evidence/responses.yaml');

  appendFileSync(path.join(pack, 'report.new.xlsx'), 'x');
  const both = await run();
  assert.equal(both.code, 2);
  assert.match(both.stderr, /OUTPUT_FAILED: report\.xlsx and report\.new\.xlsx were both changed/);
  assert.equal((await run(['--overwrite'])).code, 0);
  assert.ok(!existsSync(path.join(pack, 'report.new.xlsx')));
  const verified = await probity(['verify', pack, '--evidence', folder], { home });
  assert.equal(verified.code, 0, verified.stdout);

  const page = await probity(['open', pack, '--print'], { home });
  assert.match(page.stdout, /^file:\/\/.*\/pack\/report\.html\n$/);
  appendFileSync(path.join(pack, 'report.html'), '<p>All is well.</p>');
  const refused = await probity(['open', pack, '--print'], { home });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /SIGNATURE_BROKEN: it is not the page that the attestation beside it was made over/);
  const broken = await probity(['verify', pack], { home });
  assert.equal(broken.code, 1);
});

test('without a signature a workbook is known by what people filled in', async () => {
  const out = path.join(folder, 'plain');
  const again = () =>
    probity(['run', '--config', config, '--as-of', AS_OF, '--no-sign', '--format', 'xlsx,json', '--out', out], {
      home,
    });
  assert.equal((await again()).code, 0);
  assert.equal((await again()).code, 0);
  assert.deepEqual(readdirSync(out).sort(), ['assessment.json', 'evidence-manifest.json', 'report.xlsx']);
  const file = path.join(out, 'report.xlsx');
  writeFileSync(
    file,
    await changed(readFileSync(file), ({ cell }) => Object.assign(cell(2, 'Owner'), { value: 'Bob' })),
  );
  assert.equal((await again()).code, 0);
  assert.ok(existsSync(path.join(out, 'report.new.xlsx')));
});

test('a workbook is no file of responses, and a file of responses is checked by line', async () => {
  const asked = await run(['--responses', workbook]);
  assert.equal(asked.code, 2);
  assert.match(asked.stderr, /RESPONSES_INVALID: this is a workbook.*probity responses import/);
  write(folder, {
    'bad.yaml':
      'apiVersion: probity/v1\nkind: Responses\nresponses:\n  - {finding: MI-02.membership-inference, status: done}\n',
  });
  const bad = await run(['--responses', path.join(folder, 'bad.yaml')]);
  assert.equal(bad.code, 2);
  assert.match(bad.stderr, /RESPONSES_INVALID: \/responses\/0\/status: has to be "open".*bad\.yaml:4/);
});
