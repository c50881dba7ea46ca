import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { probity, ROOT, scratch, workspaceYaml, write } from '../support/workspace.ts';

/* Drafts for tables that nobody knows: refused as they are, and read once a person has filled them in. */

const folder = scratch();
const home = path.join(folder, 'home');
const run = (...args: string[]) => probity(args, { cwd: folder, home });

/** Puts in what a person would. */
function filled(draft: string, values: readonly (readonly [RegExp, string])[]): string {
  return draft.replaceAll(/"<replace: ([^<>]*)>"/g, (whole, what: string) => {
    const found = values.find(([asked]) => asked.test(what));
    return found ? found[1] : whole;
  });
}

test('a listing and a table of scores: drafted, refused as drafted, read when filled in', async () => {
  write(folder, {
    'evidence/accounts.csv': readFileSync(path.join(ROOT, 'test/evidence/fixtures/accounts.csv'), 'utf8'),
    'evidence/nll.tsv': `sample_id\tnll\tin_training\n${Array.from({ length: 40 }, (_, i) => `${i}\t${i / 7}\t${i % 2}`).join('\n')}\n`,
    'probity.yaml': workspaceYaml(),
  });
  const [access, scores] = [
    await run('evidence', 'map', 'evidence/accounts.csv', '-o', 'a.yaml'),
    await run('evidence', 'map', 'evidence/nll.tsv', '--json'),
  ];
  assert.deepEqual([access.code, scores.code], [0, 0], access.stderr + scores.stderr);
  const document = JSON.parse(scores.stdout);
  assert.equal(document.kind, 'scores');
  assert.deepEqual(
    document.guesses.map(({ field, column }: { field: string; column: string }) => [field, column]),
    [
      ['isMember', 'in_training'],
      ['score', 'nll'],
      ['recordId', 'sample_id'],
    ],
  );
  const again = await run('evidence', 'map', 'evidence/accounts.csv', '-o', 'a.yaml');
  assert.equal(again.code, 2);
  assert.match(again.stderr, /a file of this name is there.*--force/);
  const drafts = `${readFileSync(path.join(folder, 'a.yaml'), 'utf8')}${document.draft.replace(/^sources:$/m, '')}`;
  write(folder, { 'probity.yaml': workspaceYaml(drafts) });
  const blank = await run('assess', '--as-of', '2026-09-30', '--out', 'out');
  assert.equal(blank.code, 2);
  assert.match(blank.stderr, /placeholder that nobody has replaced at probity\.yaml:\d+/);
  write(folder, {
    'probity.yaml': workspaceYaml(
      filled(drafts, [
        [/^the day/, '2026-09-25'],
        [/^how the scores/, 'loss-threshold'],
        [/^what was attacked/, 'model-api'],
        [/^the model/, 'm'],
        [/^day-first/, 'day-first'],
        [/^what Locked/, 'false'],
        [/^what Employee/, 'human'],
        [/^credentials/, 'credentials'],
        [/^rights/, 'rights'],
      ]),
    ),
  });
  const inspected = JSON.parse((await run('evidence', 'inspect', 'evidence/accounts.csv', '--json')).stdout);
  assert.equal(inspected.accepted, true, inspected.reason);
  const [, rag, ada, old] = inspected.observations;
  assert.deepEqual([rag.id, rag.type, rag.lastUsed, rag.active], ['svc-rag', 'machine', '2026-09-20', true]);
  assert.deepEqual([ada.type, ada.credentials], ['human', []]);
  assert.deepEqual([old.active, old.credentials[0].expires, old.owner], [false, 'never', undefined]);
  const assessed = await run('assess', '--as-of', '2026-09-30', '--out', 'out');
  assert.equal(assessed.code, 0, assessed.stderr);
  const { evidence, results } = JSON.parse(readFileSync(path.join(folder, 'out/assessment.json'), 'utf8'));
  assert.deepEqual(
    evidence.map((one: { format: string; accepted: boolean }) => [one.format, one.accepted]),
    [
      ['access-table', true],
      ['membership-scores', true],
    ],
  );
  const keys = results.find((one: { control: string }) => one.control === 'ACC-03');
  assert.equal(keys.state, 'not-satisfied', 'the key of 2025 is too old');
});

test('attempts with verdicts: their counts, and a question wherever a word could mean two things', async () => {
  write(folder, {
    'try.jsonl': ['leaked', 'resisted', 'resisted', 'error']
      .map((outcome) => JSON.stringify({ attack: 'repeat', outcome, model: 'm' }))
      .join('\n'),
    'pass.csv': 'test,result,model\na,pass,m\na,fail,m\n',
  });
  const { stdout } = await run('evidence', 'map', 'try.jsonl');
  assert.match(stdout, /trials: \{successes: 1, n: 3, notEvaluated: 1\}/);
  assert.match(
    (await run('evidence', 'map', 'pass.csv')).stdout,
    /successes: "<replace: how many are a leak.*fail 1 times/,
  );
  const text = filled(stdout, [
    [/^the day/, '2026-09-25'],
    [/^the tool/, 'own'],
    [/^its version/, '"1"'],
    [/^membership/, 'inversion'],
    [/^one of/, 'prompt-leakage'],
    [/^what was attacked/, 'model-api'],
    [/^how success/, 'by hand'],
  ]);
  write(folder, { 'evidence/try.yaml': text, 'evidence/draft.yaml': stdout });
  const read = JSON.parse((await run('evidence', 'inspect', 'evidence/try.yaml', '--json')).stdout);
  assert.equal(read.accepted, true, read.reason);
  assert.deepEqual(read.observations[0].trials, { k: 1, n: 3 });
  const refused = await run('evidence', 'inspect', 'evidence/draft.yaml', '--json');
  assert.match(JSON.parse(refused.stdout).reason, /placeholder that nobody has replaced/);
});

test('what is read already, and what is no table, is not drafted', async () => {
  write(folder, {
    'page.html': '<html>x',
    'none.csv': 'a,b\n',
    'odd.csv': 'x,y\n1,2\n',
    'nest.json': '{\n  "a": {"b": 1}\n}\n',
  });
  const cases: [string[], RegExp][] = [
    [[path.join(ROOT, 'test/evidence/fixtures/promptfoo.json')], /read as promptfoo-results; there is nothing to map/],
    [['page.html'], /no table, no JSON list and no JSON Lines; it looks like a page for reading/],
    [['none.csv'], /it has no rows/],
    [['odd.csv'], /nothing in its columns says what it is: x, y.*--as scores/],
    [['nest.json'], /Hand in the list within it by itself.*--as inventory/],
    [['absent.csv'], /there is no such file/],
  ];
  for (const [args, expected] of cases) {
    const { code, stderr } = await run('evidence', 'map', ...args);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, expected);
  }
  const inventory = await run('evidence', 'map', 'nest.json', '--as', 'inventory');
  assert.match(inventory.stdout, /kind: AccessInventory/);
});
