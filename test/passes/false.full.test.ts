import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { serialiseAssessment } from '../../src/assess/assessment.ts';
import { assessWorkspace } from '../../src/assess/assessWorkspace.ts';
import { workspaceFiles } from '../../src/authoring/starter.ts';
import { yamlText } from '../../src/files/yaml.ts';
import { ATTACK_CLASSES, type AttackClass } from '../../src/terms.ts';
import { controlsWithCases } from '../support/controlCases.ts';
import { catalog } from '../support/reading.ts';
import { probity, ROOT, scratch, write } from '../support/workspace.ts';
import { countedFalse } from './cases/counted.ts';
import { barFalse, enoughFalse } from './cases/enough.ts';
import { ofWhatFalse } from './cases/ofWhat.ts';
import { powerFalse } from './cases/power.ts';
import { statedFalse } from './cases/stated.ts';
import { toolsFalse } from './cases/tools.ts';
import { whoseFalse } from './cases/whose.ts';
import { attestation, listing, statement, waiver, waivers } from './support/around.ts';
import {
  asked,
  assessedFrom,
  explained,
  type FalsePass,
  inFolder,
  measurementShape,
  reasonsOf,
  resultIn,
} from './support/case.ts';
import { recognised, scored } from './support/scores.ts';
import { AS_OF, type Fields, together } from './support/system.ts';
import { probed, testPlan, trials } from './support/tests.ts';

/*
 * Workspaces whose system leaks, or whose evidence says nothing, as real files. None may come out as satisfied; where the
 * rule names a reason, the result gives it. A workspace is its honest twin with one thing wrong.
 */

const PARTS: readonly (readonly [question: string, cases: readonly FalsePass[]])[] = [
  ['whose', whoseFalse],
  ['of what', ofWhatFalse],
  ['could it have succeeded', powerFalse],
  ['was everything counted', countedFalse],
  ['enough', enoughFalse],
  ['whose bar', barFalse],
  ['statements by people', statedFalse],
  ['by the files of attack tools', toolsFalse],
];

for (const [question, cases] of PARTS)
  describe(`${question}: no pass for`, () => {
    for (const one of cases)
      test(`${one.name} (${one.controls.join(', ')})`, async () => {
        const assessment = await assessedFrom(one.workspace);
        for (const { control, attackClass } of asked(one)) {
          const result = resultIn(assessment, control, attackClass);
          const why = `${one.rule}\n${explained(result, assessment)}`;
          assert.ok(result.state === 'not-satisfied' || result.state === 'not-assessed', why);
          if (one.fails) assert.equal(result.state, 'not-satisfied', why);
          if (one.reason)
            assert.ok(reasonsOf(result).includes(one.reason), `${one.reason} is among the reasons\n${why}`);
        }
        // A file refused for something that the case is not about would make it pass for nothing.
        if (!one.rejected && !one.unread)
          assert.deepEqual(
            assessment.evidence
              .filter(({ accepted }) => !accepted)
              .map(({ path: name, reason }) => `${name}: ${reason}`),
            [],
          );
        if (one.rejected) {
          const entry = assessment.evidence.find(({ path: name }) => name === one.rejected);
          assert.equal(entry?.accepted, false, `${one.rejected} is rejected: ${one.rule}`);
          assert.ok(entry?.reason, 'the reason is said');
        }
      });
  });

test('there are at least a hundred such workspaces, on every control', () => {
  const cases = PARTS.flatMap(([, all]) => all);
  assert.ok(cases.length >= 100, `${cases.length}`);
  assert.equal(new Set(cases.map((one) => `${one.rule} ${one.name}`)).size, cases.length, 'no name twice under a rule');
  const about = new Set([
    ...cases.flatMap((one) => one.controls),
    ...controlsWithCases('says-nothing').map(({ control }) => control),
  ]);
  assert.deepEqual(
    catalog.controls.map(({ document }) => document.id).filter((id) => !about.has(id)),
    [],
  );
});

describe('acceptances', () => {
  const everyControl = (attackClass: AttackClass, fields: Fields = {}): Fields[] =>
    catalog.controls
      .filter(({ document }) => document.attackClasses[attackClass])
      .map(({ document }) => waiver(document.id, attackClass, fields));

  for (const attackClass of ATTACK_CLASSES)
    test(`waivers for everything, over nothing that was assessed, leave ${attackClass} not assessed`, async () => {
      const assessment = await assessedFrom({ system: {}, files: waivers(everyControl(attackClass)) });
      assert.equal(assessment.verdicts[attackClass].state, 'not-assessed');
    });

  test('waivers for everything over a system that leaks leave the class without a pass', async () => {
    const leaking = scored({ members: recognised(5000, 0.3, 7) });
    const assessment = await assessedFrom(
      together(leaking, { system: {}, files: waivers(everyControl('membership-inference')) }),
    );
    assert.notEqual(assessment.verdicts['membership-inference'].state, 'satisfied');
  });

  for (const [name, fields] of [
    ['for ten years, of which the first two are over', { issued: '2024-11-01', expires: '2034-10-31' }],
    ['from next year on', { issued: '2027-01-01', expires: '2027-06-30' }],
    ['that has expired', { issued: '2025-11-01', expires: '2026-03-31' }],
  ] as const)
    test(`a waiver ${name} accepts nothing`, async () => {
      const assessment = await assessedFrom(
        together(probed({}, trials('context-leakage', 400, 1000)), {
          system: {},
          files: waivers([waiver('INV-07', 'inversion', fields)]),
        }),
      );
      assert.equal(resultIn(assessment, 'INV-07', 'inversion').state, 'not-satisfied');
    });

  test('a waiver for one class accepts nothing of the other', async () => {
    const assessment = await assessedFrom(
      together(listing({ owner: undefined }), { system: {}, files: waivers([waiver('ACC-01', 'inversion')]) }),
    );
    assert.equal(resultIn(assessment, 'ACC-01', 'membership-inference').state, 'not-satisfied');
    assert.equal(resultIn(assessment, 'ACC-01', 'inversion').state, 'risk-accepted');
  });
});

test('a profile that asks for less than the bundled one of the tier stands beside what passes by it', async () => {
  const assessment = await assessedFrom(
    together(scored({ members: recognised(5000, 0.3, 7) }, {}, { controls: ['own'] }), {
      system: {},
      files: {
        'own/profiles/moderate.yaml': yamlText({
          apiVersion: 'probity/v1',
          kind: 'Profile',
          id: 'moderate',
          title: 'Moderate risk',
          description: 'As we see it.',
          extends: 'low',
          parameters: { 'mi-tpr-0.1pct': 0.9, 'mi-tpr-1pct': 0.9 },
        }),
      },
    }),
  );
  const { profile } = z
    .object({ profile: z.object({ looser: z.array(z.object({ parameter: z.string() })) }) })
    .parse(JSON.parse(serialiseAssessment(assessment)));
  const looser = profile.looser.map(({ parameter }) => parameter);
  for (const parameter of ['mi-tpr-0.1pct', 'mi-tpr-1pct', 'mi-auc'])
    assert.ok(looser.includes(parameter), `${parameter} is among ${looser.join(', ')}`);
});

test('a result that no plan foresaw says so, where there is a plan', async () => {
  const assessment = await assessedFrom(
    together(probed({}, [trials('context-leakage', 0, 1000), trials('prompt-leakage', 0, 400)]), {
      system: {},
      files: testPlan({}),
    }),
  );
  const { measurements } = measurementShape.parse(JSON.parse(serialiseAssessment(assessment)));
  assert.deepEqual(
    new Map(measurements.map(({ technique, warrant }) => [technique, warrant.counted.planned])),
    new Map([
      ['context-leakage', true],
      ['prompt-leakage', false],
    ]),
  );
});

test('a plan made after its test did not foresee it', async () => {
  const assessment = await assessedFrom(
    together(probed({}, trials('context-leakage', 0, 1000)), {
      system: {},
      files: testPlan({}, { committed: '2026-11-20' }),
    }),
  );
  const { measurements } = measurementShape.parse(JSON.parse(serialiseAssessment(assessment)));
  assert.deepEqual(
    measurements.map(({ warrant }) => warrant.counted.planned),
    [false],
  );
});

test('the examples that init writes satisfy nothing when they are renamed and nobody replaced a value', async () => {
  const written = workspaceFiles('My system', AS_OF);
  const files = Object.fromEntries(
    [...written].map(([name, text]) => [name.replace('.example.yaml', '.yaml'), text] as const),
  );
  const root = scratch();
  write(root, files);
  const assessment = await assessWorkspace({ config: path.join(root, 'probity.yaml'), asOf: AS_OF });
  assert.deepEqual(
    assessment.results
      .filter(({ state }) => state === 'satisfied')
      .map(({ control, attackClass }) => `${control} ${attackClass}`),
    [],
  );
});

describe('an assessment that somebody edited makes no report', () => {
  const home = scratch();
  const leaking = together(listing(), probed({}, trials('context-leakage', 400, 1000)));
  type Editable = {
    results: {
      control: string;
      attackClass: string;
      state: string;
      basis?: string;
      criteria: Record<string, unknown>[];
    }[];
    findings: { id: string }[];
    verdicts: Record<string, { state: string; counts: Record<string, number>; passes: Record<string, number> }>;
  };
  const leakage = (assessment: Editable) =>
    assessment.results.find(({ control }) => control === 'INV-07') as Editable['results'][number];
  /** Turns the failing result into a pass wherever it is counted or told. */
  const agree = (assessment: Editable): void => {
    const result = leakage(assessment);
    const { counts } = assessment.verdicts.inversion as { counts: Record<string, number> };
    counts[result.state] = (counts[result.state] ?? 0) - 1;
    counts.satisfied = (counts.satisfied ?? 0) + 1;
    result.state = 'satisfied';
    for (const criterion of result.criteria) criterion.state = 'satisfied';
    assessment.findings = assessment.findings.filter(({ id }) => !id.startsWith('INV-07'));
  };
  const edits: [name: string, edit: (assessment: Editable) => void][] = [
    [
      'a state turned into a pass',
      (assessment) => {
        leakage(assessment).state = 'satisfied';
      },
    ],
    [
      'a state and its criterion turned into passes',
      (assessment) => {
        const result = leakage(assessment);
        result.state = 'satisfied';
        for (const criterion of result.criteria) criterion.state = 'satisfied';
      },
    ],
    [
      'passes on statements and records counted as passes on strong tests',
      (assessment) => {
        const { passes } = assessment.verdicts.inversion as { passes: Record<string, number> };
        passes.strong = (passes.strong ?? 0) + (passes.record ?? 0) + (passes.statement ?? 0);
        passes.record = 0;
        passes.statement = 0;
      },
    ],
    [
      'a pass on records said to rest on a strong test, wherever it is counted',
      (assessment) => {
        const result = assessment.results.find(({ state, basis }) => state === 'satisfied' && basis === 'record');
        if (!result) return;
        result.basis = 'strong';
        const { passes } = assessment.verdicts[result.attackClass] as { passes: Record<string, number> };
        passes.record = (passes.record ?? 0) - 1;
        passes.strong = (passes.strong ?? 0) + 1;
      },
    ],
    [
      'a verdict turned into a pass',
      (assessment) => {
        (assessment.verdicts.inversion as { state: string }).state = 'satisfied';
      },
    ],
    [
      'a finding taken out',
      (assessment) => {
        assessment.findings = assessment.findings.filter(({ id }) => !id.startsWith('INV-07'));
      },
    ],
    [
      'counts made to look better',
      (assessment) => {
        const { counts } = assessment.verdicts.inversion as { counts: Record<string, number> };
        counts.satisfied = (counts.satisfied ?? 0) + (counts['not-satisfied'] ?? 0);
        counts['not-satisfied'] = 0;
      },
    ],
    [
      'everything made to agree with a pass, but for the number that failed',
      (assessment) => {
        agree(assessment);
      },
    ],
    [
      'everything made to agree with a pass, and the number that failed as well',
      (assessment) => {
        agree(assessment);
        for (const criterion of leakage(assessment).criteria) {
          criterion.observed = 0;
          criterion.bound = 0.003;
        }
      },
    ],
    [
      'a limit moved to where the number passes',
      (assessment) => {
        agree(assessment);
        for (const criterion of leakage(assessment).criteria) criterion.threshold = 0.9;
      },
    ],
    [
      'a result taken out',
      (assessment) => {
        assessment.results = assessment.results.filter(({ control }) => control !== 'INV-07');
      },
    ],
  ];

  for (const [name, edit] of edits)
    test(name, async () => {
      await inFolder(leaking, async (folder) => {
        const out = path.join(folder, 'out');
        const made = await probity(
          ['assess', '--config', path.join(folder, 'probity.yaml'), '--as-of', AS_OF, '--out', out],
          { home, cwd: ROOT },
        );
        assert.equal(made.code, 0, made.stderr);
        const file = path.join(out, 'assessment.json');
        const assessment = JSON.parse(readFileSync(file, 'utf8')) as Editable;
        edit(assessment);
        writeFileSync(file, `${JSON.stringify(assessment, null, 2)}\n`);
        const reported = await probity(
          ['report', file, '--format', 'xlsx', '--no-sign', '--out', path.join(folder, 'pack')],
          { home, cwd: ROOT },
        );
        assert.equal(reported.code, 2, reported.stdout + reported.stderr);
        assert.match(reported.stderr, /ASSESSMENT_/);
      });
    });
});

test('on the terminal: a statement about what is no control', async () => {
  const workspace = {
    system: {},
    files: { 'evidence/attested.yaml': attestation([statement('GOV-99', 'inversion', {})]) },
  };
  await inFolder(workspace, async (folder) => {
    const { code, stdout, stderr } = await probity(
      ['assess', '--config', path.join(folder, 'probity.yaml'), '--as-of', AS_OF, '--out', path.join(folder, 'out')],
      { home: path.join(folder, 'home'), cwd: ROOT },
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout + stderr, /GOV-99/);
  });
});

test('on the terminal: a declaration that matches nothing, and a score file that no declaration matches', async () => {
  const { system, files } = scored();
  await inFolder({ system, files: { 'evidence/score.csv': files['evidence/scores.csv'] ?? '' } }, async (folder) => {
    const { code, stdout, stderr } = await probity(
      ['assess', '--config', path.join(folder, 'probity.yaml'), '--as-of', AS_OF, '--out', path.join(folder, 'out')],
      { home: path.join(folder, 'home'), cwd: ROOT },
    );
    assert.equal(code, 0, stderr);
    const said = stdout + stderr;
    assert.ok(said.includes('evidence/scores.csv'), `the entry that matches nothing is named:\n${said}`);
    assert.ok(said.includes('evidence/score.csv'), `the file that nothing matches is named:\n${said}`);
  });
});
