import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { ROOT, scratch, workspaceYaml, write } from '../support/workspace.ts';

/* The program of docs/library.md, compiled and run as it stands there, against the built package by its name. */

// It must lie within the package, so that the package's own name leads to it as from outside.
const place = path.join(ROOT, 'out', `library-page-${process.pid}`);
after(() => rmSync(place, { recursive: true, force: true }));

test('the program of the library page compiles, runs, and says what it should', async () => {
  const page = readFileSync(path.join(ROOT, 'docs/library.md'), 'utf8');
  const program = /```ts\n([\s\S]*?)```/.exec(page)?.[1];
  assert.ok(program);
  mkdirSync(place, { recursive: true });
  write(place, {
    'program.ts': program,
    'tsconfig.json': JSON.stringify({ extends: '../../tsconfig.json', include: ['program.ts'] }),
  });
  const run = promisify(execFile);
  await run(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', place]);
  const workspace = scratch();
  write(workspace, {
    'probity.yaml': workspaceYaml(),
    'evidence/a.yaml': 'apiVersion: probity/v1\nkind: ChangeLog\nchanges: []\n',
  });
  const { stdout, stderr } = await run(process.execPath, [path.join(place, 'program.ts'), workspace, scratch()]);
  assert.equal(stderr, '');
  assert.match(
    stdout,
    /^membership-inference not-assessed\ninversion not-assessed\nvalid true A program\nsame true\n$/,
  );
});
