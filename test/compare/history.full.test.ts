import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { type Assessment, parseAssessment, serialiseAssessment } from '../../src/assess/assessment.ts';
import { inconsistencies } from '../../src/assess/consistency.ts';
import { compare } from '../../src/compare/compare.ts';
import { withHistory } from '../../src/compare/history.ts';
import { historyChart } from '../../src/report/charts/history.ts';
import { changeView } from '../../src/report/view/change.ts';
import { trials } from '../support/assessing.ts';
import { few, passing } from '../support/few.ts';
import { catalog } from '../support/reading.ts';
import { probity, scratch, workspaceYaml, write } from '../support/workspace.ts';

const profiles = catalog.bundledProfiles;
const leaking = (collected: string, asOf: string): Assessment =>
  few(
    [
      ...passing(collected, collected).filter(({ path: name }) => name !== 'prompts.yaml'),
      {
        path: 'prompts.yaml',
        content: collected,
        bodies: [trials('prompt-leakage', 300, 900, { collected, toolDetector: true })],
      },
    ],
    { asOf },
  );
const q1 = few(passing('2026-03-15', 'q1'), { asOf: '2026-03-31' });
const q2 = leaking('2026-06-15', '2026-06-30');
const q3 = leaking('2026-09-15', '2026-09-30');
const q4 = few(passing('2026-12-15', 'q4'), { asOf: '2026-12-31' });

test('an assessment says what changed since those before it, whatever their order, and follows from itself', () => {
  const one = withHistory(q4, [q2, q3, q1], profiles);
  assert.deepEqual(withHistory(q4, [q1, q2, q3], profiles), one);
  assert.deepEqual(inconsistencies(one), []);
  assert.deepEqual(parseAssessment(serialiseAssessment(one), 'x'), one);
  assert.deepEqual(
    one.history?.previous.map(({ asOf }) => asOf),
    ['2026-03-31', '2026-06-30', '2026-09-30'],
  );
  const gap = one.history?.gaps.find(({ control }) => control === 'INV-05');
  assert.deepEqual([gap?.change, gap?.since, gap?.assessments], ['closed', '2026-06-30', 2]);
  assert.deepEqual(
    one.history?.measurements.map(({ change }) => change),
    ['better'],
  );
  const view = changeView(one);
  assert.ok(view);
  assert.deepEqual(
    view.classes.map(({ charts }) => charts.map(({ drawing }) => drawing.bars.length)),
    [
      [4, 4, 4],
      [4, 4, 4],
    ],
  );
  for (const { charts } of view.classes)
    for (const { drawing } of charts) assert.match(historyChart(drawing), /^<svg [^>]+aria-label="[^"]+2026-12-31/);
  assert.equal(changeView(q4), undefined);
});

test('what an older assessment knew of earlier ones is handed on by it alone', () => {
  const third = withHistory(q3, [q1, q2], profiles);
  const still = compare(third, withHistory(leaking('2026-12-15', '2026-12-31'), [q3], profiles), { profiles });
  const gap = still.gaps.find(({ control }) => control === 'INV-05');
  assert.deepEqual([gap?.change, gap?.since, gap?.assessments], ['open', '2026-06-30', 3]);
  const fourth = withHistory(q4, [third], profiles);
  const back = compare(fourth, leaking('2027-03-15', '2027-03-31'), { profiles });
  assert.equal(back.gaps.find(({ control }) => control === 'INV-05')?.change, 'reopened');
});

test('a history that somebody edited contradicts the assessment', () => {
  const honest = withHistory(q3, [q1, q2], profiles);
  const edit = (change: (one: Assessment) => void): string[] => {
    const copy = structuredClone(honest);
    change(copy);
    return inconsistencies(copy);
  };
  assert.ok(
    edit(({ history }) => {
      for (const gap of history?.gaps ?? []) gap.change = 'closed';
    }).length > 0,
  );
  assert.ok(
    edit(({ history }) => {
      history?.gaps.splice(0);
    }).length > 0,
  );
  assert.ok(
    edit(({ history }) => {
      history?.measurements.push({
        measurement: 'M-none',
        change: 'better',
        old: 1,
        difference: { estimate: -1, lower: -1, upper: -1 },
      });
    }).length > 0,
  );
});

test('run --previous says it on the terminal and in the assessment, and the rest is performed again as before', async () => {
  const root = scratch();
  const home = path.join(root, 'home');
  write(root, {
    'w/probity.yaml': workspaceYaml(),
    'w/evidence/probe.yaml':
      'apiVersion: probity/v1\nkind: ProbeResult\ntool: {name: t}\ncollected: 2026-09-15\ntarget: m\nresults:\n  - {attackClass: inversion, technique: prompt-leakage, surface: model-api, probe: p, detector: d, planted: true, trials: {n: 900, successes: 0}}\n',
  });
  const run = (out: string, asOf: string, more: string[] = []) =>
    probity(
      [
        'run',
        '--config',
        path.join(root, 'w/probity.yaml'),
        '--as-of',
        asOf,
        '--format',
        'json',
        '--out',
        path.join(root, out),
        ...more,
      ],
      { home },
    );
  assert.equal((await run('first', '2026-09-20')).code, 0);
  const second = await run('second', '2026-09-30', ['--previous', path.join(root, 'first')]);
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stdout, /Since 2026-09-20: gaps 0 new/);
  const again = await probity(['verify', path.join(root, 'second'), '--evidence', path.join(root, 'w')], { home });
  assert.equal(again.code, 0, again.stdout);
  assert.match(again.stdout, /same[^\n]*\n[^\n]*earlier assessments \(2026-09-20\)/);
  const file = path.join(root, 'first/assessment.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('Tested system', 'Another system'));
  const broken = await run('third', '2026-09-30', ['--previous', path.join(root, 'first')]);
  assert.equal(broken.code, 2);
  assert.match(broken.stderr, /SIGNATURE_BROKEN/);
});
