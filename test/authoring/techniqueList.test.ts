import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { techniqueList } from '../../src/authoring/techniqueList.ts';
import { parseYaml } from '../../src/files/yaml.ts';
import { catalog } from '../support/reading.ts';
import { ROOT } from '../support/workspace.ts';

test('techniques: each with its surfaces, controls, probes of tools, and an example that really has its shape', () => {
  const list = techniqueList(catalog);
  assert.equal(list.length, catalog.techniques.length);
  for (const { id, shape, example, controls, surfaces } of list) {
    assert.ok(existsSync(path.join(ROOT, example)), example);
    const document = parseYaml(readFileSync(path.join(ROOT, example), 'utf8'), example, 'USAGE').value;
    assert.match(JSON.stringify(document), new RegExp(`"${shape}":`), `${id}: ${example}`);
    // Results on vectors of an embedding model are shown, and no control takes them.
    assert.ok(controls.length > 0 || id === 'embedding-membership', `${id} is measured by no control`);
    assert.ok(surfaces.length > 0);
  }
  const leak = list.find(({ id }) => id === 'prompt-leakage');
  assert.ok(leak?.controls.includes('INV-05'));
  assert.ok(leak?.tools.some(({ tool, probes }) => tool === 'promptfoo' && probes.includes('prompt-extraction')));
  assert.ok(!list.find(({ id }) => id === 'attribute-inference')?.controls.includes('INV-05'));
});
