import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAssessment, serialiseAssessment } from '../../src/assess/assessment.ts';
import { assessed } from '../support/assessing.ts';

test('an assessment of another version is named in one line with what to do', () => {
  const own = JSON.parse(serialiseAssessment(assessed([])));
  own.tool = { name: 'probity', version: '9.1.0' };
  assert.equal(parseAssessment(JSON.stringify(own), 'a.json').tool.version, '9.1.0', 'one that fits is read');
  delete own.coverage;
  assert.throws(() => parseAssessment(JSON.stringify(own), 'a.json'), {
    code: 'ASSESSMENT_INVALID',
    message: /it was made by probity 9\.1\.0, and this is probity .*, which does not read it/,
    remedy: /performing it again from its evidence/,
  });
  assert.throws(() => parseAssessment(JSON.stringify({ ...own, schema: 'probity/assessment/v2' }), 'a.json'), {
    message: /of the form probity\/assessment\/v2, made by probity 9\.1\.0/,
  });
  assert.throws(() => parseAssessment(JSON.stringify({ ...own, tool: 5 }), 'a.json'), { message: /has to be/ });
});
