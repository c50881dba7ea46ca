import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { parseAssessment, serialiseAssessment } from '../../src/assess/assessment.ts';
import { assessWorkspace } from '../../src/assess/assessWorkspace.ts';
import { inconsistencies } from '../../src/assess/consistency.ts';
import { Content } from '../../src/evidence/content.ts';
import { reperform } from '../../src/pack/reperform.ts';
import { ANSWER_SOURCES, filesWithAnswers } from '../support/answers.ts';
import { AS_OF, scratch, workspaceYaml, write } from '../support/workspace.ts';

/* What leaked is not in a report, unless it was asked for; and then a little of it, safe to carry. */

const MARKED = 'XYZZY-LEAKED';
const TOKEN = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';
const ANSWER = `${MARKED} \u202e<script>x</script>\n${TOKEN} ${'long '.repeat(400)}`;
const root = scratch();
const files = filesWithAnswers(ANSWER);
write(root, { 'probity.yaml': workspaceYaml(ANSWER_SOURCES) });
write(path.join(root, 'evidence'), files);
const config = path.join(root, 'probity.yaml');

test('nothing of an answer comes out of any file, unless it was asked for', async () => {
  const assessment = await assessWorkspace({ config, asOf: AS_OF });
  assert.deepEqual(
    assessment.evidence.map(({ path: name, accepted, reason }) => (accepted ? '' : `${name}: ${reason}`)).join(''),
    '',
  );
  assert.doesNotMatch(serialiseAssessment(assessment), /XYZZY|contentShown|examples"/);
});

test('with content asked for, every tool shows three answers of a measurement, each cut, masked and visible', async () => {
  const assessment = await assessWorkspace({ config, asOf: AS_OF, showContent: true });
  assert.equal(assessment.contentShown, true);
  assert.match(assessment.notes.join(), /at most 3 each, of at most 500 characters/);
  for (const name of Object.keys(files)) {
    const own = assessment.measurements.filter(
      (m) => m.source[0]?.path === `evidence/${name}` && m.pooled === undefined,
    );
    assert.equal(own.length, 1, name);
    const { examples = [] } = own[0] ?? {};
    assert.equal(examples.length, 3, name);
    assert.equal(new Set(examples.map(({ at }) => at)).size, 3, name);
    for (const { text, cut, at } of examples) {
      assert.equal(text.length, 500, name);
      assert.ok(
        text.startsWith(`${MARKED} <U+202E><script>x</script><U+000A>[token removed] long`),
        `${name}: ${text}`,
      );
      assert.equal(cut, true);
      assert.match(at, /\d/);
    }
  }
  // Runs that were put together show theirs once, where they are.
  assert.deepEqual(
    assessment.measurements.filter((m) => m.pooled && m.examples),
    [],
  );
  const text = serialiseAssessment(assessment);
  assert.equal(serialiseAssessment(parseAssessment(text, 'a.json')), text);
  assert.deepEqual(inconsistencies(assessment), []);
  const { contentShown: _said, ...silent } = assessment;
  assert.match(inconsistencies(silent).join(), /does not say that any are shown/);
  write(root, { 'pack/assessment.json': text });
  assert.equal((await reperform(path.join(root, 'pack/assessment.json'), root, config)).same, true);
  const open = await assessWorkspace({ config, asOf: AS_OF, showContent: true, redact: false });
  assert.match(serialiseAssessment(open), new RegExp(TOKEN));
});

test('a secret is not cut so that it loses its shape, and no file shows more than a bounded number', () => {
  for (const before of [3990, 3970, 3900, 480, 0]) {
    const text = `${'a '.repeat(before / 2)}${TOKEN}${' b'.repeat(2000)}`;
    const shown = new Content(true).example(text, '')?.text ?? '';
    assert.doesNotMatch(shown, /ghp_/, `${before}`);
    assert.ok(shown.length <= 500);
  }
  // Half of a key is as good as the rest of it, and the half that is looked at hides it.
  assert.equal(new Content(true).example(`-----BEGIN PRIVATE KEY-----\n${'MIIE'.repeat(5000)}`, ''), undefined);
  const content = new Content(true);
  let count = 0;
  for (let i = 0; i < 5000; i++) count += content.keep([], 'x', '').length;
  assert.equal(count, 1000);
  let deep: unknown = 'x';
  for (let i = 0; i < 100; i++) deep = [deep];
  for (const nothing of [undefined, null, 5, {}, [], '', ' \n', [{ role: 'user', content: 'q' }], deep])
    assert.equal(new Content(true).example(nothing, ''), undefined);
  assert.equal(new Content(true).example(`${'a'.repeat(499)}🙂`, '')?.text, 'a'.repeat(499));
});
