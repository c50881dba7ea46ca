import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { FORMATS } from '../../src/pack/formats/index.ts';
import { exampleAssessment, hostileAssessment } from '../support/example.ts';
import { RUN_EXAMPLE } from '../support/examplePack.ts';
import { ask, judgeHere } from '../support/judges.ts';
import { probity, scratch } from '../support/workspace.ts';

/* Readers of others: compliance-trestle for OSCAL, junitparser, sarif-tools; and a whole pack with every format. */

const TRESTLE = `import pathlib, sys
from trestle.oscal.assessment_results import AssessmentResults
from trestle.oscal.poam import PlanOfActionAndMilestones
folder = pathlib.Path(sys.argv[1])
results = AssessmentResults.oscal_read(folder / 'assessment-results.oscal.json')
plan = PlanOfActionAndMilestones.oscal_read(folder / 'poam.oscal.json')
print(len(results.results), [len(one.findings or []) for one in results.results], len(plan.poam_items))
`;
const JUNIT = `import sys
from junitparser import JUnitXml
for suite in JUnitXml.fromfile(sys.argv[1]):
    cases = list(suite)
    kinds = [type(one.result[0]).__name__ if one.result else 'Passed' for one in cases]
    print(suite.name, len(cases), kinds.count('Failure'), kinds.count('Skipped'), kinds.count('Passed'))
`;

test("other people's readers read what is written, and count as we do", async (t) => {
  if (!judgeHere('formats', t)) return;
  for (const [name, assessment] of [
    ['example', await exampleAssessment()],
    ['hostile', await hostileAssessment()],
  ] as const) {
    const folder = path.join(scratch(), name);
    mkdirSync(folder);
    for (const format of FORMATS.filter(({ file }) => !/\.(pdf|xlsx|html)$/.test(file)))
      writeFileSync(path.join(folder, format.file), await format.render(assessment, undefined));
    writeFileSync(path.join(folder, 'readOscal.py'), TRESTLE);
    writeFileSync(path.join(folder, 'readJunit.py'), JUNIT);
    const applicable = (attackClass: string) =>
      assessment.results.filter((one) => one.attackClass === attackClass && one.state !== 'not-applicable').length;
    const open = assessment.results.filter(({ state }) =>
      ['not-satisfied', 'not-assessed', 'risk-accepted'].includes(state),
    ).length;
    const trestle = await ask('formats', [path.join(folder, 'readOscal.py'), folder]);
    assert.equal(trestle.code, 0, trestle.text);
    assert.match(
      trestle.text,
      new RegExp(`2 \\[${applicable('membership-inference')}, ${applicable('inversion')}\\] ${open}\\b`),
    );
    const junit = await ask('formats', [path.join(folder, 'readJunit.py'), path.join(folder, 'results.junit.xml')]);
    const counts = (attackClass: string, title: string) => {
      const own = assessment.results.filter((one) => one.attackClass === attackClass);
      const failing = own.filter(({ state }) => state === 'not-satisfied').length;
      const passing = own.filter(({ state }) => state === 'satisfied').length;
      return `${title} ${own.length} ${failing} ${own.length - failing - passing} ${passing}`;
    };
    assert.equal(
      junit.text.trim(),
      `${counts('membership-inference', 'Membership inference')}\n${counts('inversion', 'Model inversion')}`,
    );
    const sarif = await ask('formats', ['-m', 'sarif', 'summary', path.join(folder, 'results.sarif')]);
    assert.equal(sarif.code, 0, sarif.text);
    const errors = assessment.findings.filter(
      ({ state, severity }) => state === 'not-satisfied' && (severity === 'critical' || severity === 'high'),
    ).length;
    assert.match(sarif.text, new RegExp(`error: ${errors}\\b`));
  }
});

test('a pack with every format is signed whole, and verify knows each of its files', async () => {
  const folder = scratch();
  const home = path.join(folder, 'home');
  const pack = path.join(folder, 'pack');
  const made = await probity([...RUN_EXAMPLE, '--format', 'all', '--out', pack], { home });
  assert.equal(made.code, 0, made.stderr);
  const verified = await probity(['verify', pack, '--json'], { home });
  assert.equal(verified.code, 0, verified.stdout);
  const { files, digests }: { files: { path: string }[]; digests: { name: string; matches: boolean }[] } = JSON.parse(
    verified.stdout,
  );
  for (const { file } of FORMATS) {
    assert.ok(
      files.some((one) => path.basename(one.path) === file),
      file,
    );
    assert.ok(
      digests.some(({ name, matches }) => name === file && matches),
      file,
    );
  }
});
