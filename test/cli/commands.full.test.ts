import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { catalog } from '../support/reading.ts';
import { EXAMPLE_AS_OF, probity, ROOT, scratch, write } from '../support/workspace.ts';

const folder = scratch();
const home = path.join(folder, 'home');
const SOURCES = path.join(ROOT, 'src/commands');
/** Every command that there is, by its file. */
const COMMANDS = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replace(/\.ts$/, '').split(path.sep))
  .sort();

test('every command has help with an example', async () => {
  assert.ok(COMMANDS.some((words) => words.join(' ') === 'identity show'));
  for (const command of COMMANDS) {
    const { code, stdout } = await probity([...command, '--help'], { home });
    assert.equal(code, 0, command.join(' '));
    assert.match(stdout, /EXAMPLES/, command.join(' '));
    assert.match(stdout, /--json/);
  }
});

test('a trial identity is made once, and only its owner may read it', async () => {
  const own = path.join(folder, 'own-home');
  const args = [
    'run',
    '--config',
    path.join(ROOT, 'evidence/probity.yaml'),
    '--as-of',
    EXAMPLE_AS_OF,
    '--format',
    'json',
    '--out',
    path.join(folder, 'o'),
  ];
  const first = await probity(args, { home: own });
  assert.match(first.stdout, /Made a trial identity/);
  for (const name of readdirSync(own)) assert.equal(statSync(path.join(own, name)).mode & 0o077, 0, name);
  const second = await probity(args, { home: own });
  assert.doesNotMatch(second.stdout, /Made a trial identity/);
  const secret = readFileSync(path.join(own, 'trial-identity.passphrase'), 'utf8').trim();
  for (const name of readdirSync(path.join(folder, 'o')))
    assert.ok(!readFileSync(path.join(folder, 'o', name)).includes(secret), name);
});

test('the catalog commands work together: a new control, its lint, a run with it, an export that comes back', async () => {
  const place = path.join(folder, 'own');
  const controls = path.join(place, 'controls');
  assert.equal(
    (await probity(['catalog', 'new', 'ORG-01', '--family', 'access', '--controls', controls], { home })).code,
    0,
  );
  const again = await probity(['catalog', 'new', 'ORG-01', '--family', 'access', '--controls', controls], { home });
  assert.equal(again.code, 2);
  assert.match(again.stderr, /nothing was written/);
  assert.equal((await probity(['catalog', 'lint', '--controls', controls, '--json'], { home })).code, 0);
  write(controls, { 'access/ORG-02.yaml': 'kind: Control\n' });
  const lint = await probity(['catalog', 'lint', '--controls', controls, '--json'], { home });
  assert.equal(lint.code, 1);
  const { clean, problems }: { clean: boolean; problems: { where: string; message: string }[] } = JSON.parse(
    lint.stdout,
  );
  assert.equal(clean, false);
  assert.match(problems[0]?.where ?? '', /ORG-02.yaml:\d+$/);
  write(controls, {
    'access/ORG-02.yaml':
      'apiVersion: probity/v1\nkind: Overlay\noff: [{control: MON-02, reason: somebody else watches, by: Head of Risk}]\n',
  });
  const assess = await probity(
    [
      'assess',
      '--config',
      path.join(ROOT, 'evidence/probity.yaml'),
      '--as-of',
      EXAMPLE_AS_OF,
      '--controls',
      controls,
      '--out',
      path.join(place, 'out'),
    ],
    { home },
  );
  assert.equal(assess.code, 0, assess.stderr);
  assert.match(assess.stdout, /switched off\s+MON-02: somebody else watches/);
  const shown = await probity(
    [
      'catalog',
      'show',
      'ORG-01',
      '--controls',
      controls,
      '--assessment',
      path.join(place, 'out/assessment.json'),
      '--json',
    ],
    {
      home,
    },
  );
  assert.match(
    (await probity(['catalog', 'show', 'MI-02'], { home })).stdout,
    /mi-tpr-1pct: 0.02 \(high\), 0.05 \(low\), 0.03 \(moderate\)/,
  );
  const { results }: { results: { attackClass: string; state: string }[] } = JSON.parse(shown.stdout);
  assert.deepEqual(
    results.map(({ attackClass, state }) => [attackClass, state]),
    [
      ['membership-inference', 'not-assessed'],
      ['inversion', 'not-assessed'],
    ],
  );
  const exported = await probity(
    ['catalog', 'export', '--format', 'csv', '--controls', controls, '--out', path.join(place, 'export'), '--json'],
    { home },
  );
  assert.equal(exported.code, 0, exported.stderr);
  const imported = await probity(
    ['catalog', 'import', path.join(place, 'export/controls.csv'), '--controls', path.join(place, 'back'), '--json'],
    { home },
  );
  assert.equal(JSON.parse(imported.stdout).controls, catalog.controls.length + 1);
});
