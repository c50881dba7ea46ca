import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { figure } from '../../src/report/numbers.ts';
import { parameterTitle, parameterValue } from '../../src/report/parameters.ts';
import { linesOf, verdictSentence } from '../../src/report/view/verdict.ts';
import { exampleAssessment } from '../support/example.ts';

test('every threshold of the bundled profiles is told in words, with its value as readers write it', async () => {
  const { bundledProfiles } = await loadCatalog();
  for (const { parameters } of bundledProfiles)
    for (const [name, value] of Object.entries(parameters)) {
      const fallback = `${name.slice(0, 1).toUpperCase()}${name.slice(1).replaceAll('-', ' ')}`;
      assert.notEqual(parameterTitle(name), fallback, name);
      assert.doesNotMatch(parameterValue(name, value), /^P\d|undefined|NaN/);
    }
  assert.equal(parameterValue('probe-max-age', 'P90D'), '90 days');
  assert.equal(parameterValue('mi-tpr-0.1pct', 0.01), '1%');
  assert.equal(parameterTitle('our-own-limit'), 'Our own limit');
});

test('the verdict is a sentence that holds the numbers of the worst bound', async () => {
  const assessment = await exampleAssessment();
  for (const attackClass of ['membership-inference', 'inversion'] as const) {
    const { worst } = assessment.verdicts[attackClass];
    const measured = assessment.measurements.find(({ id }) => id === worst?.measurement);
    assert.ok(worst && measured);
    const sentence = verdictSentence(assessment, attackClass);
    assert.ok(sentence.includes(`the limit is ${figure(measured.measure, worst.threshold)}.`), sentence);
    assert.ok(sentence.includes(figure(measured.measure, worst.observed)), sentence);
    assert.match(sentence, /^[A-Z]/);
  }
});

test('a class that fails on paper alone does not read as one that leaks', async () => {
  const assessment = structuredClone(await exampleAssessment());
  const leakage = new Set(assessment.controls.filter(({ area }) => area === 'leakage').map(({ id }) => id));
  for (const result of assessment.results) if (leakage.has(result.control)) result.state = 'not-assessed';
  assert.match(
    verdictSentence(assessment, 'inversion'),
    /^No test that can be relied on shows leakage above a limit, but \d+ other controls fail\.$/,
  );
  const [leaks, safeguards, paper] = linesOf(assessment, 'inversion', []);
  assert.equal(leaks?.state, 'not-assessed');
  assert.match(leaks?.text ?? '', /^No limit shown to be exceeded\./);
  assert.deepEqual([safeguards?.state, paper?.state], ['not-satisfied', 'not-satisfied']);
});

test('what could not be assessed says so, and a class where all holds says what is nearest to its limit', async () => {
  const assessment = structuredClone(await exampleAssessment());
  const verdict = assessment.verdicts.inversion;
  for (const result of assessment.results) if (result.attackClass === 'inversion') result.state = 'not-assessed';
  assessment.verdicts.inversion = { ...verdict, state: 'not-assessed', worst: null };
  assert.match(
    verdictSentence(assessment, 'inversion'),
    /could not be assessed, so nobody can say; nothing was measured/,
  );
  assessment.verdicts.inversion = { ...verdict, state: 'satisfied' };
  assert.match(
    verdictSentence(assessment, 'inversion'),
    /^All \d+ controls that apply hold; nearest to its limit: .*at most .*; the limit is /,
  );
});
