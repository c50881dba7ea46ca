import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Assessment } from '../../src/assess/assessment.ts';
import { planOf } from '../../src/report/view/actions.ts';
import { exampleAssessment } from '../support/example.ts';

function gapsOf(tasks: readonly { effects: { gaps: { id: string }[] }[] }[]): string[] {
  return tasks.flatMap(({ effects }) => effects.flatMap(({ gaps }) => gaps.map(({ id }) => id)));
}

function idsOf({ findings }: Assessment, state: string): string[] {
  return findings.flatMap((finding) => (finding.state === state ? [finding.id] : [])).sort();
}

test('every gap that fails has one action, and every gap that nobody could assess a request', async () => {
  const assessment = await exampleAssessment();
  const { actions, requests } = planOf(assessment);
  assert.deepEqual(gapsOf(actions).sort(), idsOf(assessment, 'not-satisfied'));
  assert.deepEqual([...new Set(gapsOf(requests))].sort(), idsOf(assessment, 'not-assessed'));
  assert.ok(actions.length < 15, `${actions.length} actions for ${gapsOf(actions).length} gaps`);
  for (const { reasons } of requests) assert.ok(reasons.length > 0);
});

test('what an action or request does for one class never holds a gap of the other', async () => {
  const { actions, requests, decisions } = planOf(await exampleAssessment());
  const tasks = [...actions, ...requests, ...decisions.flatMap((one) => (one.kind === 'commission' ? [one] : []))];
  for (const { effects } of tasks) {
    assert.deepEqual(
      effects.map(({ attackClass }) => attackClass),
      [...new Set(effects.map(({ attackClass }) => attackClass))],
    );
    for (const { attackClass, gaps, otherwise } of effects) {
      assert.ok(otherwise.length > 10);
      assert.ok(gaps.length > 0 && gaps.every((gap) => gap.attackClass === attackClass));
    }
  }
});

test('an action is as grave as its gravest gap, and the gravest is decided first', async () => {
  const { actions, decisions } = planOf(await exampleAssessment());
  for (const { severity, effects } of actions)
    assert.ok(effects.some(({ gaps }) => gaps.some((gap) => gap.severity === severity)));
  const severities = decisions.flatMap((one) => (one.kind === 'renewal' ? [] : [one.severity]));
  const order = ['critical', 'high', 'medium', 'low'];
  assert.deepEqual(
    severities,
    severities.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)),
  );
  assert.equal(decisions.at(-1)?.kind, 'renewal');
});

test('a date that somebody set holds; otherwise one is proposed from the severity', async () => {
  const assessment = structuredClone(await exampleAssessment());
  const { due } = planOf(assessment).actions.find(({ id }) => id === 'guard-weights') ?? {};
  assert.deepEqual(due, { date: '2026-12-06', set: false });
  for (const finding of assessment.findings.filter(({ control }) => control === 'ACC-15')) {
    finding.due = '2027-01-31';
    finding.owner = 'K. Lind';
  }
  const set = planOf(assessment).actions.find(({ id }) => id === 'guard-weights');
  assert.deepEqual(set?.due, { date: '2027-01-31', set: true });
  assert.deepEqual(set?.owners, ['K. Lind']);
});

test('samples that are known to be needed stand in the request, the largest of each kind', async () => {
  const { requests } = planOf(await exampleAssessment());
  const members = requests.find(({ id }) => id === 'request-mi-02')?.needs.find(({ of }) => of === 'members');
  assert.ok(members && members.atLeast > members.has);
});

test('a control that no action of the catalog names is an action of its own', async () => {
  const { actions: _actions, ...older } = await exampleAssessment();
  const { actions, requests } = planOf(older);
  assert.deepEqual(gapsOf(actions).sort(), idsOf(older, 'not-satisfied'));
  assert.ok(actions.every(({ id, title, decides }) => /^[A-Z]+-\d+$/.test(id) && title !== '' && decides !== ''));
  assert.deepEqual([...new Set(gapsOf(requests))].sort(), idsOf(older, 'not-assessed'));
});
