import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { jsonSchemas } from '../../src/authoring/jsonSchemas.ts';
import { lint } from '../../src/authoring/lint.ts';
import { coverage } from '../../src/catalog/coverage.ts';
import { resolveIdentifier } from '../../src/catalog/identifiers.ts';
import { readYaml } from '../../src/files/yaml.ts';
import { catalog } from '../support/reading.ts';
import { ROOT } from '../support/workspace.ts';

const found = new Map(coverage(catalog).map((one) => [one.framework, one]));

/** Items that nothing here shows anything of, and that are not set aside either. */
const OPEN = new Set(['NHI4:2025']);

test('what the catalog is held to has controls that speak to it, or is out of scope with a reason', () => {
  const held: [framework: string, items: RegExp, atLeast: number][] = [
    ['nist-csf-2.0', /^PR\.(DS|AA)-/, 10],
    ['owasp-agentic-2026', /./, 10],
    ['owasp-nhi-2025', /./, 10],
    ['nist-ai-rmf-1.0', /^MEASURE 2\./, 13],
  ];
  for (const [framework, pattern, atLeast] of held) {
    const items = found.get(framework)?.items.filter(({ id }) => pattern.test(id)) ?? [];
    assert.equal(items.length, atLeast, framework);
    for (const item of items) {
      assert.ok(
        item.controls.length > 0 || item.state === 'out-of-scope' || OPEN.has(item.id),
        `${framework} ${item.id} is spoken to`,
      );
      if (item.state === 'out-of-scope') assert.ok((item.reason ?? '').length > 20, item.id);
    }
  }
});

test('the catalog has its 63 controls, each with both sides of the crosswalk', () => {
  const counts = Object.fromEntries(
    ['MI', 'INV', 'ACC', 'MON', 'GOV'].map((prefix) => [
      prefix,
      catalog.controls.filter(({ document }) => document.id.startsWith(`${prefix}-`)).length,
    ]),
  );
  assert.deepEqual(counts, { MI: 11, INV: 12, ACC: 18, MON: 6, GOV: 16 });
  for (const { document } of catalog.controls) {
    assert.ok(Object.keys(document.frameworks).length >= 2, `${document.id} speaks to several frameworks`);
    for (const [framework, mappings] of Object.entries(document.frameworks))
      for (const { item, reason } of mappings) {
        assert.ok((reason ?? '').length >= 15, `${document.id}, ${item}: a reason`);
        const back = found.get(framework)?.items.find(({ id }) => id === item);
        assert.ok(
          back?.controls.some(({ id }) => id === document.id),
          `${framework} ${item} leads back to ${document.id}`,
        );
      }
  }
});

test('a full mapping alone covers an item; a part is named; what only supports does not count', () => {
  for (const framework of found.values())
    for (const item of framework.items) {
      const strengths = item.controls.map(({ strength }) => strength);
      assert.equal(item.state === 'covered', strengths.includes('full'), `${framework.framework} ${item.id}`);
      if (item.state === 'in-part') assert.ok(strengths.includes('partial'), item.id);
      for (const { strength, part } of item.controls)
        assert.equal(strength === 'partial', part !== undefined, `${item.id}: a part is named where there is one`);
    }
  const state = (framework: string, id: string) => found.get(framework)?.items.find((item) => item.id === id)?.state;
  assert.equal(state('owasp-agentic-2026', 'ASI01'), 'uncovered');
  assert.notEqual(state('owasp-nhi-2025', 'NHI4:2025'), 'covered');
  assert.notEqual(state('owasp-nhi-2025', 'NHI6:2025'), 'covered');
});

/** Mappings that an auditor struck: the items say something else. */
const STRUCK: readonly (readonly [control: string, framework: string, item: string])[] = [
  ['MI-06', 'mitre-atlas', 'AML.M0007'],
  ['MI-10', 'mitre-atlas', 'AML.M0003'],
  ['MI-10', 'mitre-atlas', 'AML.M0007'],
  ['ACC-02', 'mitre-atlas', 'AML.M0027'],
  ['ACC-06', 'mitre-atlas', 'AML.M0028'],
  ['ACC-06', 'nist-sp-800-53-r5', 'AC-3'],
  ['ACC-12', 'owasp-nhi-2025', 'NHI4:2025'],
  ['INV-07', 'owasp-nhi-2025', 'NHI8:2025'],
  ['INV-08', 'edpb-opinion-28-2024', 'exfiltration'],
  ['MON-04', 'gdpr', 'Article 33'],
  ['MON-04', 'iso-iec-42001-2023', 'A.8.4'],
  ['MON-04', 'nist-ai-rmf-1.0', 'MANAGE 2.3'],
  ['MI-04', 'nist-ai-rmf-1.0', 'MEASURE 2.3'],
  ['MI-05', 'nist-ai-rmf-1.0', 'MEASURE 2.3'],
  ['MI-05', 'nist-ai-rmf-1.0', 'MEASURE 2.5'],
  ['ACC-01', 'nist-csf-2.0', 'ID.AM-08'],
  ['ACC-01', 'nist-ai-rmf-1.0', 'GOVERN 2.1'],
  ['ACC-01', 'iso-iec-42001-2023', 'A.3.2'],
  ['ACC-05', 'nist-ai-rmf-1.0', 'GOVERN 2.1'],
  ['MI-09', 'nist-csf-2.0', 'PR.DS-02'],
  ['MON-03', 'gdpr', 'Article 32'],
];
test('no item is reached by a mapping that was struck', () => {
  for (const [control, framework, item] of STRUCK) {
    const mapped = catalog.controls.find(({ document }) => document.id === control)?.document.frameworks[framework];
    assert.ok(!(mapped ?? []).some((mapping) => mapping.item === item), `${control} to ${framework} ${item}`);
  }
});

test('a control that is mapped to an older edition alone is warned of, and a crosswalk that is not whole is seen', () => {
  const controls = catalog.controls.map((filed) => {
    const { 'owasp-llm-2026': _newer, ...frameworks } = filed.document.frameworks;
    return { ...filed, document: { ...filed.document, frameworks } };
  });
  const older = lint({ ...catalog, controls }).filter(({ warning }) => warning);
  assert.ok(older.length > 5);
  for (const { message } of older) assert.match(message, /maps only to owasp-llm-2025; owasp-llm-2026 is a newer/);
  const frameworks = catalog.frameworks.map((filed) => {
    const { crosswalk } = filed.document;
    return crosswalk
      ? { ...filed, document: { ...filed.document, crosswalk: { ...crosswalk, items: crosswalk.items.slice(1) } } }
      : filed;
  });
  const gaps = lint({ ...catalog, frameworks }).filter(({ warning }) => !warning);
  assert.deepEqual(gaps.map(({ message }) => message).sort(), [
    'does not say where AML.T0024 went',
    'does not say where LLM01:2023-24 went',
    'does not say where LLM01:2025 went',
  ]);
});

test('every framework says its version, its licence and where it is, and none copies a standard', () => {
  for (const { document } of catalog.frameworks) {
    assert.ok(document.version !== '' && document.licence !== '' && document.publisher !== '', document.id);
    assert.match(document.url, /^https:\/\//);
    for (const item of document.items) {
      assert.ok(item.outcome.length <= 160, `${document.id} ${item.id}: a short outcome`);
      assert.equal(item.statement, undefined, `${item.id} carries no text of the publisher`);
    }
  }
});

const COLLECTED_AS = new Map([
  ['mitre-atlas', 'a later release'],
  ['mitre-atlas-5.6.0', 'mitre-atlas'],
]);

const shared = path.join(ROOT, '../shared/facts/frameworks.yaml');
test('identifiers and titles are those that were collected from the publishers', {
  skip: existsSync(shared) ? false : 'the collected facts are not beside this project',
}, () => {
  const listed = z.looseObject({ id: z.string(), title: z.string().optional() });
  const facts = readYaml(
    z.record(
      z.string(),
      z.union([
        z.looseObject({
          items: z.array(listed).optional(),
          mitigations: z.array(listed).optional(),
          categories: z
            .array(z.looseObject({ id: z.string(), title: z.string().optional(), subcategories: z.array(z.string()) }))
            .optional(),
          legacy: z.record(z.string(), z.array(z.string())).optional(),
        }),
        z.array(z.unknown()),
      ]),
    ),
    readFileSync(shared, 'utf8'),
    shared,
    'CATALOG_INVALID',
  );
  for (const { document } of catalog.frameworks) {
    // They were collected when 5.6.0 was the current release of ATLAS.
    const fact = facts[COLLECTED_AS.get(document.id) ?? document.id];
    if (!fact || Array.isArray(fact)) continue;
    const wanted = [
      ...(fact.items ?? []),
      ...(fact.mitigations ?? []),
      ...(fact.categories ?? []).flatMap((category) => category.subcategories.map((id) => ({ id, title: undefined }))),
    ];
    if (wanted.length > 0)
      assert.deepEqual(
        document.items.map(({ id }) => id),
        wanted.map(({ id }) => id),
        document.id,
      );
    for (const { id, title } of wanted)
      if (title) assert.equal(document.items.find((item) => item.id === id)?.title, title);
    for (const [cited, now] of Object.entries(fact.legacy ?? {})) {
      const resolved = resolveIdentifier([document], cited)[0];
      assert.ok(resolved?.legacy, `${cited} resolves and says so`);
      // Informal labels are read by their number alone; what else circulates is in the note.
      for (const id of /^A0?\d$/.test(cited) ? now.slice(0, 1) : now)
        assert.ok(
          resolved.items.some((item) => item === id || item.startsWith(`${id}-`)),
          `${cited} leads to ${id}`,
        );
    }
  }
});

test('the JSON Schemas for editors are those of the code, and every bundled file names its own', () => {
  for (const [name, text] of jsonSchemas())
    assert.equal(
      readFileSync(path.join(ROOT, 'schemas', name), 'utf8'),
      text,
      `${name}: make them anew with npm run schemas`,
    );
  for (const filed of [...catalog.controls, ...catalog.profiles, ...catalog.frameworks]) {
    const file = path.join(ROOT, 'controls', filed.file);
    const named = /^# yaml-language-server: \$schema=(\S+)\n/.exec(readFileSync(file, 'utf8'))?.[1];
    assert.ok(named && existsSync(path.resolve(path.dirname(file), named)), filed.file);
  }
});
