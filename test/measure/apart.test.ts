import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT, scratch } from '../support/workspace.ts';

test('membership, attributes and content cannot be mixed: it does not compile', async () => {
  const source = readFileSync(path.join(ROOT, 'test/measure/apart.types.ts'), 'utf8');
  const expected = source.match(/@ts-expect-error/g)?.length ?? 0;
  assert.ok(expected >= 10);
  const folder = scratch();
  writeFileSync(
    path.join(folder, 'apart.mts'),
    source.replaceAll('../../src/', `${ROOT}src/`).replaceAll('@ts-expect-error', 'expected to fail:'),
  );
  writeFileSync(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: path.join(ROOT, 'tsconfig.json'),
      compilerOptions: { typeRoots: [path.join(ROOT, 'node_modules/@types')] },
      include: ['apart.mts'],
    }),
  );
  const output = await new Promise<string>((resolve) => {
    execFile(
      process.execPath,
      [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder, '--pretty', 'false'],
      (_error, stdout) => resolve(stdout),
    );
  });
  const errors = output.split('\n').filter((line) => /^\S*apart\.mts\(\d+,\d+\): error TS/.test(line));
  const lines = errors.map((line) => Number(/\((\d+),/.exec(line)?.[1]));
  const wanted = source.split('\n').flatMap((line, index) => (line.includes('@ts-expect-error') ? [index + 2] : []));
  assert.deepEqual(lines, wanted, output);
});
