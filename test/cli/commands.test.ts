import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { AS_OF, probity, ROOT, scratch, workspaceYaml, write } from '../support/workspace.ts';

const folder = scratch();
const home = path.join(folder, 'home');

test('help loads neither browser nor spreadsheet nor templates', async () => {
  const spy = path.join(folder, 'spy.mjs');
  writeFileSync(
    spy,
    `import { registerHooks } from 'node:module';\nimport { appendFileSync } from 'node:fs';\nregisterHooks({ load(url, context, next) { appendFileSync(${JSON.stringify(path.join(folder, 'loaded'))}, url + '\\n'); return next(url, context); } });\n`,
  );
  const { code, stdout } = await probity(['--help'], { home, node: ['--import', spy] });
  assert.equal(code, 0);
  assert.match(stdout, /evidence about an AI system/);
  const loaded = readFileSync(path.join(folder, 'loaded'), 'utf8');
  assert.match(loaded, /dist\/cli\/main/);
  for (const heavy of ['puppeteer', 'exceljs', 'handlebars', 'pkijs', 'pdf-lib', 'node-forge', '/zod/'])
    assert.ok(!loaded.includes(heavy), heavy);
});

test('an old Node is told which one is needed, first', () => {
  const source = readFileSync(path.join(ROOT, 'bin/probity.js'), 'utf8');
  // The file is parsed whole before its check runs, so nothing newer than the check may stand in it.
  assert.doesNotMatch(source, /=>|\bconst\b|\blet\b|\?\.|`|\bawait\b/);
  assert.ok(source.indexOf('process.exit(2)') < source.indexOf('import('));
});

test('what is not there is said in plain words, with the command that was meant', async () => {
  for (const [args, said] of [
    [['catalog', 'coverage', 'owasp-llm'], /USAGE: catalog coverage takes no argument "owasp-llm"\. See: /],
    [['verfy', 'out'], /there is no command "verfy"; did you mean verify\? See --help/],
    [['evidence', 'inspekt', 'x'], /there is no command "evidence inspekt"; did you mean evidence inspect\? /],
    [['report', 'x', '--formt', 'y'], /did you mean --format\? See --help/],
    [
      ['gate', 'nowhere'],
      /there is no such file or folder at nowhere\. Name a pack \(folder or zip\) or an assessment/,
    ],
    [['verify', 'x', '--trust', 'no.pem'], /there is no such file or folder at no\.pem\. /],
  ] as const) {
    const { code, stderr } = await probity([...args], { home });
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
    assert.doesNotMatch(stderr, /ENOENT|\?\./);
  }
});

test('a folder whose files are all ignored says so, and a duration that is a number says how to write it', async () => {
  const root = path.join(folder, 'ignored');
  write(root, {
    'probity.yaml': workspaceYaml('ignore: ["**/*.example.yaml"]\n'),
    'evidence/a.example.yaml': 'kind: x\n',
    'evidence/b.example.yaml': 'kind: x\n',
    'gate.yaml':
      'apiVersion: probity/v1\nkind: GatePolicy\nid: g\nmaxAge: 45\nclasses: {inversion: {verdict: satisfied}}\n',
  });
  const run = await probity(['run', path.join(root, 'evidence'), '-c', path.join(root, 'probity.yaml'), '--no-sign'], {
    home,
  });
  assert.equal(run.code, 2);
  assert.match(run.stderr, /the folder holds 2 files, all ignored by `ignore`.* take \.example out of their names/);
  const gate = await probity(['gate', root, '--policy', path.join(root, 'gate.yaml')], { home });
  assert.match(gate.stderr, /maxAge: has to be a duration in days; write it like P45D/);
});

test('bad usage and unreadable input exit with 2 and one line', async () => {
  for (const args of [
    ['nonsense'],
    ['run', '--no-such-flag'],
    ['report'],
    ['report', 'nowhere.json'],
    ['verify', 'nowhere'],
    ['catalog', 'show', 'XX-1'],
    ['catalog', 'show'],
    ['catalog', 'coverage', '--framework', 'nowhere'],
    ['catalog', 'lint', '--controls', 'nowhere'],
    ['catalog', 'import', 'nowhere.json'],
    ['catalog', 'import', 'package.json', '--id', 'house'],
    ['catalog', 'export', '--format', 'nothing'],
    ['catalog', 'new', 'lower-01', '--family', 'access'],
    ['assess', '--config', 'nowhere.yaml'],
    ['assess', '--config', path.join(ROOT, 'evidence/probity.yaml'), '--as-of', 'yesterday'],
    ['run', '--subject', 'x'],
  ]) {
    const { code, stderr, stdout } = await probity(args, { home });
    assert.equal(code, 2, `${args.join(' ')}: ${stdout}${stderr}`);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
    assert.match(stderr, /^probity: [A-Z_]+: /);
  }
});

test('inspect prints what the contract names, and exits with 2 for what it cannot read', async () => {
  const { code, stdout } = await probity(['evidence', 'inspect', 'evidence/probes/garak.report.jsonl.gz', '--json'], {
    home,
  });
  assert.equal(code, 0);
  const report: Record<string, unknown> = JSON.parse(stdout);
  for (const key of ['path', 'sha256', 'bytes', 'format', 'tool', 'accepted', 'observations', 'unmapped'])
    assert.ok(key in report, key);
  assert.equal(report.format, 'garak-report');
  const bad = await probity(['evidence', 'inspect', 'evidence/probes/interrupted.report.jsonl', '--json'], { home });
  assert.equal(bad.code, 2);
  assert.match(String(JSON.parse(bad.stdout).reason), /not a complete JSON record/);
});

test('init makes a workspace whose examples count only once they are renamed, and never overwrites', async () => {
  const place = path.join(folder, 'fresh');
  assert.equal((await probity(['init', place, '--name', 'Fraud model: v2'], { home })).code, 0);
  const assess = ['assess', '--config', path.join(place, 'probity.yaml'), '--out', path.join(place, 'out')];
  const empty = await probity(assess, { home });
  assert.equal(empty.code, 2);
  assert.match(empty.stderr, /EVIDENCE_MISSING/);
  const examples = readdirSync(path.join(place, 'evidence'));
  assert.ok(examples.length >= 5);
  for (const name of examples)
    renameSync(path.join(place, 'evidence', name), path.join(place, 'evidence', name.replace('.example', '')));
  const assessed = async () => {
    const made = await probity(assess, { home });
    assert.equal(made.code, 0, made.stderr);
    const assessment: { evidence: { accepted: boolean; reason?: string }[]; system: { name: string } } = JSON.parse(
      readFileSync(path.join(place, 'out/assessment.json'), 'utf8'),
    );
    assert.equal(assessment.system.name, 'Fraud model: v2');
    return assessment.evidence;
  };
  for (const entry of await assessed()) assert.match(entry.reason ?? '', /<replace: /);
  for (const name of readdirSync(path.join(place, 'evidence'))) {
    const file = path.join(place, 'evidence', name);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/<replace: ([^>]+)>/g, 'Fraud team: $1'));
  }
  for (const entry of await assessed()) assert.ok(entry.accepted, entry.reason);
  const again = await probity(['init', place], { home });
  assert.equal(again.code, 2);
  assert.match(again.stderr, /nothing was written/);
});

test('one bad file does not sink the run; --strict and --fail-on do what they say', async () => {
  const place = path.join(folder, 'mixed');
  write(place, {
    'probity.yaml': workspaceYaml(),
    'evidence/good.yaml':
      'apiVersion: probity/v1\nkind: ProbeResult\ntool: {name: t}\ncollected: 2026-09-15\ntarget: m\nresults:\n  - {attackClass: inversion, technique: prompt-leakage, surface: model-api, probe: "<b>=cmd()</b>", detector: text of the prompt, planted: true, trials: {n: 900, successes: 0}}\n',
    'evidence/bad.yaml': 'a: [1\n',
    'evidence/empty.jsonl': '',
    'evidence/one.csv': 'score\n1\n',
  });
  const config = ['--config', path.join(place, 'probity.yaml'), '--as-of', AS_OF, '--out', path.join(place, 'out')];
  const { code, stdout } = await probity(['assess', ...config], { home });
  assert.equal(code, 0);
  assert.equal(stdout.match(/rejected/g)?.length, 3, stdout);
  const assessment: { results: { control: string; state: string }[] } = JSON.parse(
    readFileSync(path.join(place, 'out/assessment.json'), 'utf8'),
  );
  assert.equal(assessment.results.find(({ control }) => control === 'INV-05')?.state, 'satisfied');
  assert.equal((await probity(['assess', ...config, '--strict'], { home })).code, 2);
  assert.equal((await probity(['assess', ...config, '--fail-on', 'not-assessed'], { home })).code, 1);
  assert.equal((await probity(['assess', ...config, '--fail-on', 'not-satisfied'], { home })).code, 0);
  assert.equal((await probity(['assess', ...config, '--quiet'], { home })).stdout, '');
});

test('without a terminal, a passphrase that is nowhere is one clear line', async () => {
  const { code, stderr } = await probity(['identity', 'create', '--out', path.join(folder, 'x.p12')], { home });
  assert.equal(code, 2);
  assert.match(stderr, /IDENTITY_PASSPHRASE.*PROBITY_PASSPHRASE/);
  assert.ok(!existsSync(path.join(folder, 'x.p12')));
});

test('controls that the workspace names are used, and are no evidence', async () => {
  const place = path.join(folder, 'named');
  write(place, {
    'probity.yaml': workspaceYaml('controls: [evidence/own]\n'),
    'evidence/changes.yaml': 'apiVersion: probity/v1\nkind: ChangeLog\nchanges: []\n',
    'evidence/own/off.yaml': 'apiVersion: probity/v1\nkind: Overlay\noff: [{control: MON-02, reason: r, by: b}]\n',
  });
  const { code, stderr } = await probity(
    [
      'assess',
      '--config',
      path.join(place, 'probity.yaml'),
      '--out',
      path.join(place, 'out'),
      '--as-of',
      AS_OF,
      '--strict',
    ],
    { home },
  );
  assert.equal(code, 0, stderr);
  const made: { catalog: { off: { control: string }[] }; evidence: { path: string }[] } = JSON.parse(
    readFileSync(path.join(place, 'out/assessment.json'), 'utf8'),
  );
  assert.deepEqual(
    [made.catalog.off.map(({ control }) => control), made.evidence.map((entry) => entry.path)],
    [['MON-02'], ['evidence/changes.yaml']],
  );
});
