import assert from 'node:assert/strict';
import path from 'node:path';
import { EXAMPLE_AS_OF, probity, ROOT } from './workspace.ts';

/** The arguments of a run over the bundled example, without where to. */
export const RUN_EXAMPLE: readonly string[] = [
  'run',
  '--config',
  path.join(ROOT, 'evidence/probity.yaml'),
  '--as-of',
  EXAMPLE_AS_OF,
];

/** A pack of the bundled example, by the command line, for the release `app.tar`; nothing is said on standard error. */
export async function runExample(pack: string, home: string): Promise<void> {
  const { code, stderr } = await probity(
    [...RUN_EXAMPLE, '--out', pack, '--subject', `app.tar=sha256:${'d'.repeat(64)}`],
    { home },
  );
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
}
