import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { assessmentDigest, parseAssessment, serialiseAssessment } from '../../src/assess/assessment.ts';
import { assessWorkspace } from '../../src/assess/assessWorkspace.ts';
import { exampleAssessment } from '../support/example.ts';
import { EXAMPLE_AS_OF, ROOT } from '../support/workspace.ts';

test('an assessment that is read back is the same bytes: nothing that was computed is lost', async () => {
  const text = serialiseAssessment(
    await assessWorkspace({ config: `${ROOT}evidence/probity.yaml`, asOf: EXAMPLE_AS_OF }),
  );
  assert.equal(serialiseAssessment(parseAssessment(text, 'assessment.json')), text);
});

test('the digest is that of the canonical bytes, however it is made', async () => {
  const assessment = await exampleAssessment();
  const digest = createHash('sha256').update(serialiseAssessment(assessment)).digest('hex');
  assert.equal(assessmentDigest(assessment), digest);
});
