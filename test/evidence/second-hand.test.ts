import assert from 'node:assert/strict';
import test from 'node:test';
import { ofKind } from '../../src/evidence/observation.ts';
import { assessmentResults } from '../../src/report/oscal/assessmentResults.ts';
import { assessedFiles, resultOf } from '../support/assessing.ts';
import { EVIDENCE_FILES } from '../support/evidenceFiles.ts';
import { read, readAll } from '../support/reading.ts';
import { scratch, write } from '../support/workspace.ts';

/* Findings of other tools: counted by their own names, and never first-hand. */

const folder = scratch();
const textOf = (format: string): string => EVIDENCE_FILES.find((one) => one.format === format)?.text ?? '';

test('Access Analyzer: active, resolved and archived apart, one finding by itself, and a further page said', async () => {
  write(folder, {
    'aa/list.json': textOf('aws-access-analyzer'),
    'aa/one.json': JSON.stringify({
      finding: {
        id: 'd',
        analyzedAt: '2026-09-21T10:00:00Z',
        resource: 'arn:aws:iam::1:role/r',
        resourceType: 'AWS::IAM::Role',
        isPublic: true,
        status: 'ACTIVE',
      },
    }),
    'aa/two.json': JSON.stringify({
      analyzedAt: '2026-09-21T10:00:00Z',
      id: 'e',
      resource: 'r',
      resourceType: 'AWS::IAM::Role',
      findingType: 'UnusedIAMRole',
      findingDetails: [],
      status: 'ACTIVE',
    }),
  });
  const { observations, files } = await readAll(folder, ['aa/*']);
  assert.deepEqual(
    ofKind(observations, 'tool-finding').map(({ id, failed, passed, muted, collected }) => [
      id,
      failed,
      passed,
      muted,
      collected?.slice(0, 10),
    ]),
    [
      ['ExternalAccess/AWS::S3::Bucket', 1, 1, 0, '2026-09-20'],
      ['UnusedIAMUserAccessKey/AWS::IAM::User', 0, 0, 1, '2026-09-20'],
      ['ExternalAccess/public/AWS::IAM::Role', 1, 0, 0, '2026-09-21'],
      ['UnusedIAMRole/AWS::IAM::Role', 1, 0, 0, '2026-09-21'],
    ],
  );
  assert.ok(files[0]?.warnings.some((one) => /further page/.test(one)));
});

test('results of another assessment decide no control, and our own are no evidence', async () => {
  const name = 'evidence/assessment-results.json';
  const others = await assessedFiles({ [name]: textOf('oscal-assessment-results') });
  assert.equal(others.evidence[0]?.observations, 2);
  for (const control of ['INV-05', 'ACC-01']) assert.equal(resultOf(others, control).state, 'not-assessed');
  assert.ok(others.notes.some((note) => /OSCAL reports on 2 rules.*second hand/.test(note)));
  write(folder, { 'own.json': JSON.stringify(assessmentResults(others), null, 2) });
  const { entry, reading } = await read(folder, 'own.json');
  assert.deepEqual([entry.format, entry.accepted, reading?.observations], ['oscal-assessment-results', true, []]);
  assert.match(entry.warnings.join(), /written by Probity itself/);
});

test('a threat list of the Microsoft tool: states, priorities and what they name', async () => {
  write(folder, { 'threats.csv': textOf('microsoft-tmt-csv') });
  const { reading } = await read(folder, 'threats.csv');
  const threats = (reading?.observations ?? []).flatMap((one) => (one.kind === 'threat' ? [one] : []));
  assert.deepEqual(
    threats.map(({ id, status, severity, names }) => [
      id,
      status,
      severity,
      names.map(({ attackClass }) => attackClass),
    ]),
    [
      ['1', 'open', 'high', ['membership-inference']],
      ['2', 'mitigated', 'medium', ['inversion']],
    ],
  );
});
