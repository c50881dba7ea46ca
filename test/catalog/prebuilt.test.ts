import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type * as Catalogs from '../../src/catalog/catalog.ts';
import { bundledDocuments } from '../../src/catalog/catalog.ts';
import type * as Prebuilt from '../../src/catalog/prebuilt.ts';
import { catalog } from '../support/reading.ts';
import { ROOT, scratch } from '../support/workspace.ts';

/** Modules of a built package. */
const catalogsOf = (root: string): Promise<typeof Catalogs> =>
  import(pathToFileURL(path.join(root, 'dist/catalog/catalog.js')).href);
const prebuiltOf = (root: string): Promise<typeof Prebuilt> =>
  import(pathToFileURL(path.join(root, 'dist/catalog/prebuilt.js')).href);

test('the build holds the catalog that the source reads', async () => {
  const { prebuiltDocuments } = await prebuiltOf(ROOT);
  assert.deepEqual(prebuiltDocuments(), await bundledDocuments());
  const loaded = await (await catalogsOf(ROOT)).loadCatalog();
  assert.deepEqual(JSON.parse(JSON.stringify(loaded)), JSON.parse(JSON.stringify(catalog)));
  for (const [i, { lineOf }] of loaded.controls.entries())
    assert.equal(lineOf('/severity'), catalog.controls[i]?.lineOf('/severity'));
});

test('a file that is not what it was at the build is read, and no other is', async () => {
  const root = scratch();
  mkdirSync(path.join(root, 'dist'));
  for (const part of ['dist', 'controls', 'package.json'])
    cpSync(path.join(ROOT, part), path.join(root, part), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(root, 'node_modules'));
  const [changed, kept] = catalog.controls;
  assert.ok(changed && kept);
  // What the build holds is told from what the files say by its titles.
  const prebuilt = path.join(root, 'dist/catalog/prebuilt.js');
  let text = readFileSync(prebuilt, 'utf8');
  for (const { document } of [changed, kept]) text = text.replace(document.title, 'As it was built');
  writeFileSync(prebuilt, text);
  const file = path.join(root, 'controls', changed.file);
  writeFileSync(file, readFileSync(file, 'utf8').replace(changed.document.title, 'As it is now'));

  const titles = ({ controls }: Catalogs.Catalog): (string | undefined)[] =>
    [changed, kept].map(({ document: { id } }) => controls.find(({ document }) => document.id === id)?.document.title);
  const { loadCatalog, readCatalog } = await catalogsOf(root);
  assert.deepEqual(titles(await loadCatalog()), ['As it is now', 'As it was built']);
  assert.deepEqual(titles((await readCatalog()).catalog), ['As it is now', kept.document.title]);
  assert.deepEqual((await loadCatalog()).sha256, (await readCatalog()).catalog.sha256);
  writeFileSync(file, 'kind: Nothing\n');
  await assert.rejects(loadCatalog(), { code: 'CATALOG_INVALID', where: `${changed.file}:1` });
});
