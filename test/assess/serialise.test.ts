import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAssessment, serialiseAssessment } from '../../src/assess/assessment.ts';
import { assessWorkspace } from '../../src/assess/assessWorkspace.ts';
import { EXAMPLE_AS_OF, ROOT } from '../support/workspace.ts';

test('an assessment that is read back is the same bytes: nothing that was computed is lost', async () => {
  const text = serialiseAssessment(
    await assessWorkspace({ config: `${ROOT}evidence/probity.yaml`, asOf: EXAMPLE_AS_OF }),
  );
  assert.equal(serialiseAssessment(parseAssessment(text, 'assessment.json')), text);
});
