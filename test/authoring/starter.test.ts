import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { assessWorkspace } from '../../src/assess/assessWorkspace.ts';
import { KIND_NAMES } from '../../src/authoring/kinds.ts';
import { workspaceFiles } from '../../src/authoring/starter.ts';
import { AS_OF, scratch, write } from '../support/workspace.ts';

/* A workspace of each kind: its examples count for nothing until their values are replaced, and are read once they are. */

for (const kind of [undefined, ...KIND_NAMES])
  test(`a workspace for ${kind ?? 'any system'} claims nothing until its values are replaced`, async () => {
    const root = scratch();
    const files = workspaceFiles('Tested', AS_OF, kind);
    const renamed = (edit: (text: string) => string) =>
      write(
        root,
        Object.fromEntries(
          [...files].map(([name, text]) => [
            name.replace('.example', ''),
            name.includes('evidence/') ? edit(text) : text,
          ]),
        ),
      );
    renamed((text) => text);
    const assess = () => assessWorkspace({ config: path.join(root, 'probity.yaml'), asOf: AS_OF });
    const before = await assess();
    assert.ok(before.evidence.length >= 9);
    for (const entry of before.evidence) assert.match(entry.reason ?? '', /<replace: /, entry.path);
    assert.ok(!before.results.some(({ state }) => state === 'satisfied'));
    renamed((text) =>
      text
        .replaceAll('<replace: its SHA-256>', '0123456789abcdef'.repeat(4))
        .replaceAll(/<replace: ([^>]+)>/g, 'Team: $1'),
    );
    const after = await assess();
    for (const entry of after.evidence) assert.ok(entry.accepted, `${entry.path}: ${entry.reason}`);
    for (const m of after.measurements)
      assert.ok(
        after.system.surfaces.some((one) => one === m.surface),
        m.surface,
      );
  });
