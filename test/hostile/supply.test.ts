import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { z } from 'zod';
import { billOfMaterials } from '../../scripts/sbom.ts';
import { ROOT } from '../support/workspace.ts';

/* What is installed with the package, and what its installation runs. */

const manifest = z
  .looseObject({ scripts: z.record(z.string(), z.string()), dependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')));
const lock: unknown = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'));

test('installing the package runs nothing of ours, and nothing of what it needs', () => {
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
    assert.equal(manifest.scripts[script], undefined, script);
  const { packages } = z
    .object({
      packages: z.record(
        z.string(),
        z.looseObject({ hasInstallScript: z.boolean().optional(), dev: z.boolean().optional() }),
      ),
    })
    .parse(lock);
  const running = Object.entries(packages).filter(([, entry]) => entry.hasInstallScript && !entry.dev);
  assert.deepEqual(
    running.map(([place]) => place),
    [],
  );
});

test('the bill of materials names every dependency with its digest, the same each time', () => {
  const bill = z
    .object({
      bomFormat: z.literal('CycloneDX'),
      components: z.array(
        z.looseObject({
          name: z.string(),
          purl: z.string(),
          hashes: z.array(z.object({ alg: z.string(), content: z.string().regex(/^[0-9a-f]{128}$/) })).optional(),
        }),
      ),
    })
    .parse(billOfMaterials(lock));
  for (const name of Object.keys(manifest.dependencies))
    assert.ok(
      bill.components.some((one) => one.name === name),
      name,
    );
  assert.ok(
    !bill.components.some(({ name }) => name === 'typescript' || name === '@biomejs/biome'),
    'what builds it is no part of it',
  );
  assert.ok(bill.components.filter((one) => one.hashes).length / bill.components.length > 0.9);
  assert.deepEqual(billOfMaterials(lock), billOfMaterials(lock));
});
