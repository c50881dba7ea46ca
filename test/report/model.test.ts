import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportModel } from '../../src/report/model.ts';
import { exampleAssessment } from '../support/example.ts';

test('the report shows how far identities reach, by which way, beside the limit', async () => {
  const assessment = await exampleAssessment();
  const { widest } = reportModel(assessment, undefined).supporting;
  assert.deepEqual(
    widest.map(({ name }) => name),
    assessment.identities.widest.map(({ name }) => name),
  );
  const [first] = widest;
  assert.match(first?.bar ?? '', /reaches 11 resources of weight 158, limit 100/);
  assert.match(first?.way ?? '', /^reaches bucket\/claim-notes\/2025$/);
  assert.equal(first?.link.text, 'access/inventory.yaml, /identities/2');
  assert.match(
    assessment.notes.join('\n'),
    /A circle of roles, each of which can become the next: data-maintenance, tuning/,
  );
});

test('items of frameworks are covered, out of scope with the reason, or uncovered, and nothing else', async () => {
  const assessment = await exampleAssessment();
  for (const framework of reportModel(assessment, undefined).frameworks) {
    assert.equal(
      framework.covered.length + framework.aside.length + framework.uncovered.length,
      framework.total,
      framework.id,
    );
    for (const { reason } of framework.aside) assert.ok(reason.length > 20);
  }
});

test('what an overlay did to the catalog stands in the report, and nothing does where nothing was done', async () => {
  const plain = await exampleAssessment();
  assert.equal(reportModel(plain, undefined).catalogChanges, undefined);
  const changed = {
    ...plain,
    catalog: {
      ...plain.catalog,
      added: ['ORG-01'],
      off: [{ control: 'GOV-09', attackClass: 'inversion' as const, reason: 'no agent acts', by: 'Head of Risk' }],
    },
  };
  const shown = reportModel(changed, undefined).catalogChanges;
  assert.deepEqual(shown?.offIds, ['GOV-09 (Model inversion)']);
  assert.deepEqual(shown?.lines, ['Added: ORG-01.']);
});
