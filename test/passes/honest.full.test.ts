import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { type Assessment, parseAssessment, serialiseAssessment } from '../../src/assess/assessment.ts';
import { ATTACK_CLASSES } from '../../src/terms.ts';
import { controlsWithCases } from '../support/controlCases.ts';
import { catalog } from '../support/reading.ts';
import { probity, ROOT, scratch } from '../support/workspace.ts';
import { countedHonest } from './cases/counted.ts';
import { enoughHonest } from './cases/enough.ts';
import { ofWhatHonest } from './cases/ofWhat.ts';
import { powerHonest } from './cases/power.ts';
import { statedHonest } from './cases/stated.ts';
import { tiersHonest } from './cases/tiers.ts';
import { toolsHonest } from './cases/tools.ts';
import { whoseHonest } from './cases/whose.ts';
import { waiver, waivers } from './support/around.ts';
import { asked, assessedFrom, explained, inFolder, measurementShape, type PassCase, resultIn } from './support/case.ts';
import { privateTable, RECORDS, scored } from './support/scores.ts';
import { AS_OF, declaring, MODEL, together } from './support/system.ts';
import { probed, trials } from './support/tests.ts';

/*
 * Good evidence of each kind, as real files: each must pass. A product that says "not assessed" to everything is worth
 * nothing. Each is the honest twin of what false.full.test.ts refuses.
 */

const PARTS: readonly (readonly [question: string, cases: readonly PassCase[]])[] = [
  ['whose', whoseHonest],
  ['of what', ofWhatHonest],
  ['could it have succeeded', powerHonest],
  ['was everything counted', countedHonest],
  ['enough, and whose bar', enoughHonest],
  ['statements by people', statedHonest],
  ['each tier and form', tiersHonest],
  ['by the files of attack tools', toolsHonest],
];

/** What a pass rests on answers every question. */
function assertWarranted(assessment: Assessment, id: string): void {
  const { measurements } = measurementShape.parse(JSON.parse(serialiseAssessment(assessment)));
  const warrant = measurements.find((one) => one.id === id)?.warrant;
  assert.ok(warrant, `${id} has a warrant`);
  assert.deepEqual(
    { matched: warrant.target.matched, shows: warrant.shows, enough: warrant.sample.enough, open: warrant.open },
    { matched: true, shows: 'both', enough: true, open: [] },
  );
}

for (const [question, cases] of PARTS)
  describe(`${question}: a pass for`, () => {
    for (const one of cases)
      test(`${one.name} (${one.controls.join(', ')})`, async () => {
        const assessment = await assessedFrom(one.workspace);
        for (const { control, attackClass } of asked(one)) {
          const result = resultIn(assessment, control, attackClass);
          assert.equal(result.state, 'satisfied', `${one.rule}\n${explained(result, assessment)}`);
          for (const { measurement } of result.criteria) if (measurement) assertWarranted(assessment, measurement);
        }
      });
  });

test('every control has an honest pass, for each of its classes', () => {
  const shown = new Set([
    ...PARTS.flatMap(([, cases]) => cases.flatMap(asked)).map(
      ({ control, attackClass }) => `${control} ${attackClass}`,
    ),
    ...controlsWithCases('satisfied').flatMap(({ control, attackClass }) =>
      (attackClass ? [attackClass] : ATTACK_CLASSES).map((one) => `${control} ${one}`),
    ),
  ]);
  const wanted = catalog.controls.flatMap(({ document }) =>
    ATTACK_CLASSES.filter((one) => document.attackClasses[one]).map((one) => `${document.id} ${one}`),
  );
  assert.deepEqual(
    wanted.filter((one) => !shown.has(one)),
    [],
  );
});

test('a waiver over a result that failed is an accepted risk, until its day', async () => {
  const assessment = await assessedFrom(
    together(probed({}, trials('context-leakage', 400, 1000)), {
      system: {},
      files: waivers([waiver('INV-07', 'inversion')]),
    }),
  );
  assert.equal(resultIn(assessment, 'INV-07', 'inversion').state, 'risk-accepted');
});

test("a vendor's model, used as it is: what is about training does not apply, and the rest is judged", async () => {
  const assessment = await assessedFrom(
    probed(
      { models: [{ ...MODEL, provider: 'Example Models Ltd', training: 'none' }] },
      trials('context-leakage', 0, 1000),
    ),
  );
  for (const control of ['MI-02', 'MI-03', 'MI-04', 'MI-05', 'MI-07'])
    assert.equal(resultIn(assessment, control, 'membership-inference').state, 'not-applicable', control);
  assert.equal(resultIn(assessment, 'INV-02', 'inversion').state, 'not-applicable');
  assert.equal(resultIn(assessment, 'INV-07', 'inversion').state, 'satisfied');
});

test('twenty honest score files do not accuse an honest model of breaking its budget', async () => {
  const files = Array.from({ length: 20 }, (_, i) =>
    scored(privateTable(RECORDS, 50 + i), { probe: `attack ${i}` }, {}, `evidence/scores-${i}.csv`),
  );
  const assessment = await assessedFrom(
    declaring({ differentialPrivacy: { epsilon: 1, delta: 1e-5 } }, together(...files)),
  );
  const result = resultIn(assessment, 'MI-06', 'membership-inference');
  assert.equal(result.state, 'satisfied', explained(result, assessment));
});

describe('by the command line', () => {
  const home = scratch();
  const cases: [name: string, control: string, workspace: Parameters<typeof inFolder>[0]][] = [
    ['scores', 'MI-02', scored()],
    ['trials', 'INV-07', probed({}, trials('context-leakage', 0, 1000))],
  ];
  for (const [name, control, workspace] of cases)
    test(`${name} pass, and an untouched assessment makes a report`, async () => {
      await inFolder(workspace, async (folder) => {
        const out = path.join(folder, 'out');
        const config = ['--config', path.join(folder, 'probity.yaml'), '--as-of', AS_OF, '--out', out];
        const made = await probity(['assess', ...config], { home, cwd: ROOT });
        assert.equal(made.code, 0, made.stderr);
        const file = path.join(out, 'assessment.json');
        const assessment = parseAssessment(readFileSync(file, 'utf8'), file);
        assert.equal(assessment.results.find((one) => one.control === control)?.state, 'satisfied');
        const reported = await probity(
          ['report', file, '--format', 'xlsx', '--no-sign', '--out', path.join(folder, 'pack')],
          { home, cwd: ROOT },
        );
        assert.equal(reported.code, 0, reported.stderr);
      });
    });
});
