import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { jsonSchemas } from '../../src/authoring/jsonSchemas.ts';
import { coverage } from '../../src/catalog/coverage.ts';
import { resolveIdentifier } from '../../src/catalog/identifiers.ts';
import { readYaml } from '../../src/files/yaml.ts';
import { catalog } from '../support/reading.ts';
import { ROOT } from '../support/workspace.ts';

const found = new Map(coverage(catalog).map((one) => [one.framework, one]));

test('what the catalog is held to is covered, or out of scope with a reason', () => {
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
      assert.notEqual(item.state, 'uncovered', `${framework} ${item.id}`);
      if (item.state === 'out-of-scope') assert.ok((item.reason ?? '').length > 20, item.id);
    }
  }
});

test('the catalog has its 46 controls, each with both sides of the crosswalk', () => {
  const counts = Object.fromEntries(
    ['MI', 'INV', 'ACC', 'MON', 'GOV'].map((prefix) => [
      prefix,
      catalog.controls.filter(({ document }) => document.id.startsWith(`${prefix}-`)).length,
    ]),
  );
  assert.deepEqual(counts, { MI: 10, INV: 10, ACC: 12, MON: 4, GOV: 10 });
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
    const fact = facts[document.id];
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
      for (const id of now)
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
