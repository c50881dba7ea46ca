import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lint } from '../../src/authoring/lint.ts';
import { resolveIdentifier } from '../../src/catalog/identifiers.ts';
import { catalog } from '../support/reading.ts';

const frameworks = catalog.frameworks.map(({ document }) => document);

test('the catalog is clean, and lint sees what is wrong', () => {
  assert.deepEqual(lint(catalog), []);
  const first = catalog.controls[0];
  assert.ok(first);
  const control = structuredClone(first.document);
  const broken = { ...catalog, controls: [{ ...first, document: control }, ...catalog.controls.slice(1)] };
  control.frameworks = {
    'nist-csf-2.0': [{ item: 'PR.AC-4', reason: 'r' }, { item: 'PR.ZZ-99' }],
    nowhere: [{ item: 'X' }],
  };
  const entry = Object.values(control.attackClasses)[0];
  assert.ok(entry);
  entry.criteria = [{ id: 'x', statement: 's', check: 'no-such-check', with: { param: 'no-such-parameter' } }];
  const messages = lint(broken)
    .map(({ where, message }) => `${where} ${message}`)
    .join('\n');
  for (const expected of [
    /PR.AC-4 is CSF 1.1/,
    /no item "PR.ZZ-99"/,
    /no framework "nowhere"/,
    /no check "no-such-check"/,
    /no parameter "no-such-parameter"/,
    new RegExp(catalog.controls[0]?.file ?? ''),
  ])
    assert.match(messages, expected);
});

test('the frameworks hold as many items as their publishers say', () => {
  const counts = Object.fromEntries(frameworks.map((framework) => [framework.id, framework.items.length]));
  assert.deepEqual(counts, {
    'csa-aicm-1.1': 11,
    'csa-maestro': 7,
    'edpb-opinion-28-2024': 6,
    'eu-ai-act': 15,
    gdpr: 13,
    'iso-iec-42001-2023': 38,
    'mitre-atlas': 70,
    'mitre-atlas-5.6.0': 58,
    'nist-ai-100-2-e2025': 9,
    'nist-ai-600-1': 12,
    'nist-ai-600-1-actions': 12,
    'nist-ai-rmf-1.0': 72,
    'nist-csf-2.0': 106,
    'nist-sp-800-53-r5': 24,
    'owasp-agentic-2026': 10,
    'owasp-aisvs-1.0': 46,
    'owasp-aitg-1.0': 7,
    'owasp-llm-2023-24': 10,
    'owasp-llm-2025': 10,
    'owasp-llm-2026': 10,
    'owasp-ml-2023': 10,
    'owasp-nhi-2025': 10,
  });
});

test('current, legacy and loosely written identifiers resolve, and legacy ones say so', () => {
  const resolve = (cited: string) =>
    resolveIdentifier(frameworks, cited).map(({ items, legacy }) => [items.join(), legacy !== undefined]);
  assert.deepEqual(resolve('PR.AA-05'), [['PR.AA-05', false]]);
  assert.deepEqual(resolve('pr.aa-5'), [['PR.AA-05', false]]);
  assert.deepEqual(resolve('PR.AC-4'), [['PR.AA-05', true]]);
  assert.deepEqual(resolve('PR.AC-04'), [['PR.AA-05', true]]);
  assert.deepEqual(resolve('PR.DS-1'), [['PR.DS-01', true]]);
  assert.deepEqual(resolve('A03'), [['ASI03', true]]);
  assert.deepEqual(resolve('NHI5'), [['NHI5:2025', false]]);
  assert.deepEqual(resolve('measure 2.10'), [['MEASURE 2.10', false]]);
  assert.deepEqual(resolve('PR.AC')[0]?.[0], 'PR.AA-01,PR.AA-02,PR.AA-03,PR.AA-04,PR.AA-05,PR.AA-06');
  assert.deepEqual(resolve('nonsense'), []);
});

test('no probe of garak, promptfoo or another prompt harness stands for membership inference', () => {
  const membership = new Set(['leakpro', 'mimir', 'tensorflow-privacy']);
  for (const { document } of catalog.probeMaps.filter((map) => !membership.has(map.document.tool)))
    for (const probe of document.probes) assert.equal(probe.attackClass, 'inversion');
});
