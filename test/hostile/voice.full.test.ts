import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { parseAssessment, serialiseAssessment } from '../../src/assess/assessment.ts';
import { assessWorkspace } from '../../src/assess/assessWorkspace.ts';
import { quoted } from '../../src/cli/command.ts';
import { visible, visibleJson, visibleLines } from '../../src/visible.ts';
import { exampleAssessment } from '../support/example.ts';
import { MARK, UNSEEN } from '../support/marked.ts';
import { scratch, workspaceYaml, write } from '../support/workspace.ts';

/* Nothing from outside speaks in our voice. Every command and every file that is written is walked in `voices.full.test.ts`. */

const folder = scratch();

/** Lines of an output hold nothing unseen, and none is one that an input wrote. */
function speaksAlone(what: string, text: string): void {
  for (const line of text.split('\n')) {
    assert.doesNotMatch(line, UNSEEN, `${what}: ${JSON.stringify(line)}`);
    assert.doesNotMatch(line, /^\s*FORGED/, what);
  }
}

test('what could not be seen is shown by its code point, and what can be seen stays', () => {
  assert.equal(visible('a\u001b[1m\u202e\n\tb\u{e0041}'), 'a<U+001B>[1m<U+202E><U+000A><U+0009>b<U+E0041>');
  assert.equal(visibleLines('a\r\nb\tc\u0000'), 'a\nb\tc<U+0000>');
  for (const text of ['Ærø – naïve, 東京, عربي, ไทย, हिन्दी', '€ 1\u202f000', '🙂', '\u0600 \u06dd'])
    assert.equal(visible(text), text);
  for (const text of [MARK, 'plain', '🙂']) assert.deepEqual(JSON.parse(visibleJson({ text })), { text });
  speaksAlone('JSON', visibleJson([MARK, { [MARK]: MARK }], 2));
});

/** A workspace whose every text and name is marked. */
function marked(): string {
  const root = path.join(folder, 'marked');
  const json = JSON.stringify(MARK);
  write(root, {
    'probity.yaml': `${workspaceYaml('').replace('Tested system', 'NAME').replace('name: NAME', `name: ${json}`).replace('{name: Tester}', `{name: ${json}}`)}organisation: ${json}\ndescription: ${json}\ndata: [{name: ${json}, sensitivity: ${json}}]\n`,
    [`evidence/${MARK.replaceAll('/', '')}.json`]: JSON.stringify({ [MARK]: MARK }),
    'evidence/garak.report.jsonl': `${JSON.stringify({ entry_type: 'init', garak_version: MARK })}\n${JSON.stringify({ entry_type: 'eval', probe: MARK, detector: MARK, passed: 1, total: 2 })}\n`,
    'evidence/model.json': JSON.stringify({
      version: '2.0',
      summary: { title: MARK },
      detail: {
        diagrams: [
          {
            cells: [
              {
                data: {
                  name: MARK,
                  threats: [
                    {
                      title: MARK,
                      type: MARK,
                      status: MARK,
                      severity: MARK,
                      mitigation: MARK,
                      description: `${MARK} membership inference`,
                    },
                  ],
                },
              },
            ],
          },
        ],
      },
    }),
    'evidence/log.yaml': `apiVersion: probity/v1\nkind: ChangeLog\nchanges:\n  - {${json}: 1}\n`,
    'controls/x.yaml': `apiVersion: probity/v1\nkind: ${json}\n`,
  });
  return root;
}

test('an assessment holds nothing unseen, wherever it came from', async () => {
  const root = marked();
  const assessment = await assessWorkspace({ config: path.join(root, 'probity.yaml'), asOf: '2026-09-30' });
  const check = (text: string): void => {
    JSON.parse(text, (_key, value: unknown) => {
      if (typeof value === 'string') assert.doesNotMatch(value.replace(/[\n\t]/g, ''), UNSEEN);
      return value;
    });
  };
  check(serialiseAssessment(assessment));
  // Names stand in titles and footers: a line end would begin a line of ours there.
  const { name, owner, organisation } = assessment.system;
  for (const one of [name, owner.name, organisation]) assert.match(one ?? '', /mg<U\+000A>FORGED by God$/);
  const edited = structuredClone(await exampleAssessment());
  edited.system.name = MARK;
  for (const finding of edited.findings) finding.title = MARK;
  const read = parseAssessment(serialiseAssessment(edited), 'a.json');
  check(serialiseAssessment(read));
  assert.doesNotMatch(read.system.name, /\n/);
});

test('a hint can be copied into a shell, whatever the names are', async () => {
  for (const word of [
    'plain/name-1.p12',
    'two words',
    "it's",
    '$(touch x)',
    '`x`',
    '-rf',
    'a\nb',
    'é\u202e',
    "\\'\u001b",
    '*',
    '',
  ]) {
    const { stdout } = await promisify(execFile)('bash', ['-c', `printf '%s' ${quoted(word)}`]);
    assert.equal(stdout, word);
    assert.doesNotMatch(quoted(word), UNSEEN);
  }
});
