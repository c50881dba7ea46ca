import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import * as library from '../../src/index.ts';
import { consume } from '../support/consumer.ts';
import { AS_OF, scratch, workspaceYaml, write } from '../support/workspace.ts';

test("a consumer's program assesses, signs and verifies by the public interface alone", async () => {
  const place = scratch();
  write(place, {
    'probity.yaml': workspaceYaml(),
    'evidence/probe.yaml':
      'apiVersion: probity/v1\nkind: ProbeResult\ntool: {name: t}\ncollected: 2026-09-15\nresults:\n  - {attackClass: inversion, technique: prompt-leakage, surface: model-api, probe: p, trials: {n: 900, successes: 40}}\n',
  });
  const { assessment, again, verified, performed, upper } = await consume(
    path.join(place, 'probity.yaml'),
    AS_OF,
    place,
  );
  assert.equal(assessment.measurements[0]?.estimate, 40 / 900);
  assert.deepEqual(again.verdicts, assessment.verdicts);
  assert.equal(verified.valid, true);
  assert.deepEqual(
    performed.differences.map(({ at }) => at),
    ['/tool/name', '/tool/version'],
    'performed by another program, and alike in everything else',
  );
  assert.ok(upper > 0 && upper < 1);
});

test('what the library exports is what can be called, and schemas', () => {
  const values: [string, unknown][] = Object.entries(library);
  const odd = values.filter(
    ([name, value]) => typeof value !== 'function' && !['assessmentSchema', 'statistics'].includes(name),
  );
  assert.deepEqual(odd, []);
});
