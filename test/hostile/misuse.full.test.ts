import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { readYaml } from '../../src/files/yaml.ts';
import { workspaceSchema } from '../../src/workspace/workspace.ts';
import { probity, scratch, workspaceYaml, write } from '../support/workspace.ts';

/* What is asked for in the wrong way is answered in one line that says what is right. */

const folder = scratch();
const home = path.join(folder, 'home');
/** Wording of the libraries below us. */
const LIBRARY =
  /Nonexistent|Expected --|Invalid (input|option)|Unrecognized|Too small|received|ZodError|oclif|expects a value|minimatch|EACCES|ENOENT/;

test('values that a flag does not take are refused with those that it takes', async () => {
  write(folder, { 'probity.yaml': workspaceYaml(), 'me.p12': 'x' });
  const cases: [string[], RegExp][] = [
    [
      ['sign', 'x', '--role', 'aprover'],
      /--role is "aprover"; it takes preparer, reviewer, approver; did you mean approver\?/,
    ],
    [['report', 'a.json', '--role', 'king'], /--role is "king"; it takes/],
    [['run', '--format', ''], /--format is empty/],
    [['run', '--format', ','], /no format is named at --format. Use all/],
    [['run', '--identity', ''], /--identity is empty/],
    [['run', '--out', ''], /--out is empty/],
    [['run', '--as-of', '2026-09-30T12:00Z'], /a day, not of a time. Write it as 2026-09-30/],
    [['run', '--as-of', '2026-02-30'], /not a date/],
    [['run', '--identity', 'me.p12', '--passphrase-file', 'nowhere'], /no such passphrase file at nowhere/],
    [['run', '--passphrase-file', 'me.p12'], /--passphrase-file goes with --identity/],
    [['run', '--timestamp-url', 'http://'], /--timestamp-url is "http:\/\/"/],
    [['run', '--fail-on', 'not-satified'], /did you mean not-satisfied\?/],
    [['run', '--strct'], /there is no flag --strct; did you mean --strict\?/],
    [['run', '--out'], /--out needs a value/],
    [['report'], /ASSESSMENT is missing/],
    [['report', 'a', 'b'], /"b" is more than the command takes/],
    [['runn'], /there is no command "runn"/],
    [['catalog', 'new', 'MI-02', '--family', 'membership-inference'], /MI-02 is a control of the catalog.*--replace/],
  ];
  for (const [args, expected] of cases)
    for (const json of /sign|format|strct|report$/.test(args.join(' ')) ? [false, true] : [false]) {
      const { code, stdout, stderr } = await probity(json ? [...args, '--json'] : args, { cwd: folder, home });
      assert.equal(code, 2, args.join(' '));
      assert.match(stderr, expected);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
      assert.doesNotMatch(stderr, LIBRARY);
      if (!json) continue;
      const { error } = JSON.parse(stdout);
      assert.match(error.code, /^[A-Z_]+$/);
      assert.match(
        `${error.message} at ${error.where}. ${error.remedy}`,
        new RegExp(expected.source.split('. ')[0] ?? ''),
      );
    }
});

test('a field, a word or a type that does not fit is named, with its line and the nearest that would', () => {
  const refused = (text: string, expected: RegExp): void =>
    assert.throws(
      () => readYaml(workspaceSchema, text, 'probity.yaml', 'WORKSPACE_INVALID'),
      (error: Error & { where?: string }) => {
        const line = `${error.message} at ${error.where}`;
        assert.match(line, expected);
        assert.doesNotMatch(line, LIBRARY);
        const field = /^\/(\w+)/.exec(error.message)?.[1] ?? '';
        const at = text.split('\n').findIndex((one) => one.startsWith(`${field}:`));
        if (at !== -1) assert.equal(error.where, `probity.yaml:${at + 1}`);
        return true;
      },
    );
  refused(workspaceYaml('modls: []\n'), /there is no field "modls" here; did you mean "models"\? at probity.yaml:\d+/);
  refused(workspaceYaml('colour: red\n'), /there is no field "colour" here at/);
  refused(
    workspaceYaml().replace('moderate', 'modrate'),
    /riskTier: has to be "low", "moderate" or "high"; did you mean "moderate"\? at probity.yaml:\d+/,
  );
  refused(workspaceYaml().replace('name: Tested system\n', ''), /name: is missing, and has to be text at/);
  refused(
    workspaceYaml().replace('[model-api]', 'model-api'),
    /surfaces: has to be a list, and is text at probity.yaml:\d+/,
  );
  refused(workspaceYaml().replace('[model-api]', '[]'), /surfaces: has to have at least 1 entries/);
});
