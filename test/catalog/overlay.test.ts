import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { assess } from '../../src/assess/assess.ts';
import { lint } from '../../src/authoring/lint.ts';
import { newControl } from '../../src/authoring/scaffold.ts';
import { findProfile, loadCatalog, readCatalog } from '../../src/catalog/catalog.ts';
import { FAMILIES } from '../../src/catalog/schemas.ts';
import { resultOf, workspace } from '../support/assessing.ts';
import { catalog } from '../support/reading.ts';
import { AS_OF, scratch, write } from '../support/workspace.ts';

const folder = scratch();
let serial = 0;

function overlay(files: Record<string, string>): string {
  const place = path.join(folder, `overlay-${serial++}`);
  mkdirSync(place);
  write(place, files);
  return place;
}

const control = (id: string, more = '') => `apiVersion: probity/v1
kind: Control
id: ${id}
title: t
family: access
severity: low
objective: o
attackClasses:
  membership-inference: {consequence: c, criteria: [{id: a, statement: s, check: attested}]}
  inversion: {consequence: c, criteria: [{id: a, statement: s, check: attested}]}
evidence: [e]
frameworks: {}
remediation: [r]
${more}`;

async function problems(files: Record<string, string>): Promise<string[]> {
  const place = overlay(files);
  const { catalog: loaded, failures } = await readCatalog([place]);
  return [
    ...failures.map((failure) => failure.line),
    ...lint(loaded).map(({ where, message }) => `${where}: ${message}`),
  ].map((line) => line.replaceAll(`${place}/`, ''));
}

async function assessedWith(place: string, profile = 'moderate') {
  const laid = await loadCatalog([place]);
  return assess({
    workspace: workspace(),
    catalog: laid,
    profile: findProfile(laid, profile),
    files: [],
    observations: [],
    asOf: AS_OF,
    tool: { name: 'probity', version: '0' },
    redacted: true,
  });
}

test('an overlay adds, replaces and switches off, and the assessment says all three', async () => {
  const place = overlay({
    'access/ORG-01.yaml': control('ORG-01'),
    'access/ACC-01.yaml': control('ACC-01'),
    'off.yaml':
      'apiVersion: probity/v1\nkind: Overlay\noff:\n  - {control: GOV-09, attackClass: inversion, reason: no agent acts here, by: Head of Risk}\n',
  });
  assert.deepEqual(await problems({ 'access/ORG-01.yaml': control('ORG-01') }), []);
  const assessment = await assessedWith(place);
  assert.deepEqual(
    [assessment.catalog.added, assessment.catalog.replaced, assessment.catalog.off.length],
    [['ORG-01'], ['ACC-01'], 1],
  );
  assert.equal(resultOf(assessment, 'ORG-01').state, 'not-assessed');
  assert.equal(assessment.controls.find(({ id }) => id === 'ACC-01')?.title, 't');
  const off = resultOf(assessment, 'GOV-09');
  assert.deepEqual([off.state, off.switchedOff?.by], ['not-applicable', 'Head of Risk']);
  assert.match(off.criteria[0]?.detail ?? '', /Switched off in this catalog by Head of Risk: no agent acts here/);
  assert.equal(
    resultOf(assessment, 'GOV-09', 'membership-inference').state,
    'not-assessed',
    'the other class is not touched',
  );
  assert.match(assessment.notes.join('\n'), /GOV-09 is switched off for inversion/);
  assert.ok(!assessment.findings.some(({ id }) => id === 'GOV-09.inversion'));
  assert.notEqual(assessment.catalog.sha256, catalog.sha256);
});

test("a profile of one's own takes over what it does not say, and a framework and a probe map can be added", async () => {
  const place = overlay({
    'profiles/house.yaml':
      'apiVersion: probity/v1\nkind: Profile\nid: house\ntitle: House\ndescription: Ours.\nextends: high\nparameters: {mi-auc: 0.52}\n',
    'frameworks/house.yaml':
      'apiVersion: probity/v1\nkind: Framework\nid: house\ntitle: House rules\nshort: House\nversion: "1"\npublisher: us\nurl: https://example.org/\nlicence: own\nitems: [{id: H-1, outcome: o}]\noutOfScope: [{id: H-1, reason: not ours}]\n',
    'probes/garak.yaml':
      'apiVersion: probity/v1\nkind: ProbeMap\ntool: garak\nurl: https://example.org/\nprobes: [{match: "leakreplay.*", attackClass: inversion, technique: prompt-leakage, surface: model-api, shows: both, why: our own texts}]\n',
  });
  const laid = await loadCatalog([place]);
  const profile = findProfile(laid, 'house');
  assert.deepEqual(
    [profile.parameters['mi-auc'], profile.parameters['mi-tpr-1pct']],
    [0.52, findProfile(laid, 'high').parameters['mi-tpr-1pct']],
  );
  assert.equal(laid.frameworks.find(({ document }) => document.id === 'house')?.document.items.length, 1);
  const map = laid.probeMaps.find(({ document }) => document.tool === 'garak')?.document.probes;
  assert.equal(map?.[0]?.technique, 'prompt-leakage', 'own entries are asked first');
  assert.ok((map?.length ?? 0) > 1, 'the others still are');
  assert.deepEqual(lint(laid), []);
});

test('what does not fit is one line each, with file and line', async () => {
  const cases: [files: Record<string, string>, expected: RegExp][] = [
    [{ 'access/ORG-01.yaml': 'a: [' }, /CATALOG_INVALID: not valid YAML.*access\/ORG-01.yaml:1/],
    [{ 'access/ORG-01.yaml': control('ORG-01', 'colour: red\n') }, /there is no field "colour" here.*ORG-01.yaml:/],
    [{ 'access/ORG-01.yaml': control('org 1') }, /\/id: an id like MI-02.*ORG-01.yaml:3/],
    [{ 'x.yaml': 'apiVersion: probity/v1\nkind: Secret\n' }, /kind is "Secret", which no catalog holds.*x.yaml:2/],
    [{ 'access/ORG-01.yaml': control('ORG-01', 'a: &a [1]\nb: *a\n__proto__: {x: 1}\n') }, /__proto__|no field/],
    [
      { 'access/ORG-01.yaml': control('ORG-01'), 'access/again/ORG-01.yaml': control('ORG-01') },
      /access\/again\/ORG-01.yaml:3|access\/ORG-01.yaml:3.*ORG-01 is already the id of/,
    ],
    [{ 'access/ORG-01.yaml': control('ORG-02') }, /ORG-01.yaml:3: the file should be called ORG-02.yaml/],
    [
      { 'access/ORG-01.yaml': control('ORG-01').replace('frameworks: {}', 'frameworks: {nist-csf-2.0: [PR.AA-05]}') },
      /ORG-01.yaml:12: the mapping to PR.AA-05 gives no reason/,
    ],
    [
      { 'access/ORG-01.yaml': control('ORG-01').replace('frameworks: {}', 'frameworks: {nowhere: {X: r}}') },
      /there is no framework "nowhere"/,
    ],
    [
      { 'access/ORG-01.yaml': control('ORG-01').replace(/ {2}inversion:.*\n/, '') },
      /ORG-01.yaml:9: no consequence for inversion/,
    ],
    [
      { 'access/ORG-01.yaml': control('ORG-01').replace('check: attested', 'check: guessed') },
      /ORG-01.yaml:9: membership-inference, a: there is no check "guessed"/,
    ],
    [
      { 'access/ORG-01.yaml': control('ORG-01').replace('check: attested', 'check: secrets-short-lived') },
      /secrets-short-lived: with\/param/,
    ],
    [
      {
        'inversion/ORG-01.yaml': control('ORG-01')
          .replace('family: access', 'family: inversion')
          .replace(/ {2}membership-inference:.*\n/, '')
          .replace(
            'check: attested',
            'measure: rate, techniques: [gradient-inversion], bound: upper95, max: 0, sample: {}',
          )
          .replace('attackClasses:', 'appliesTo: {surfaces: [model-api]}\nattackClasses:'),
      },
      /unreachable: none of its techniques applies[\s\S]*no sample size could satisfy an upper bound of at most 0/,
    ],
    [
      {
        'inversion/ORG-01.yaml': control('ORG-01')
          .replace('family: access', 'family: inversion')
          .replace(/ {2}membership-inference:.*\n/, '')
          .replace('check: attested', 'measure: rate, bound: upper95, max: 1, sample: {}'),
      },
      /every result satisfies an upper bound of at most 1/,
    ],
    [
      { 'off.yaml': 'apiVersion: probity/v1\nkind: Overlay\noff:\n  - {control: XX-99, reason: r, by: b}\n' },
      /off.yaml:4: there is no control "XX-99"/,
    ],
    [
      {
        'off.yaml':
          'apiVersion: probity/v1\nkind: Overlay\noff:\n  - {control: MI-01, attackClass: inversion, reason: r, by: b}\n',
      },
      /off.yaml:4: MI-01 does not concern inversion/,
    ],
    [
      {
        'p.yaml':
          'apiVersion: probity/v1\nkind: Profile\nid: p\ntitle: t\ndescription: d\nextends: nobody\nparameters: {}\n',
      },
      /p.yaml:6: there is no other profile "nobody"/,
    ],
    [
      {
        'p.yaml':
          'apiVersion: probity/v1\nkind: Profile\nid: p\ntitle: t\ndescription: d\nextends: q\nparameters: {}\n',
        'q.yaml':
          'apiVersion: probity/v1\nkind: Profile\nid: q\ntitle: t\ndescription: d\nextends: p\nparameters: {}\n',
      },
      /p.yaml:6: extends itself by way of q/,
    ],
  ];
  for (const [files, expected] of cases) assert.match((await problems(files)).join('\n'), expected);
});

test('a legacy identifier in a control is read as what it is now, and the assessment says so', async () => {
  const place = overlay({
    'access/ORG-01.yaml': control('ORG-01').replace(
      'frameworks: {}',
      'frameworks: {nist-csf-2.0: {PR.DS-8: {strength: supports, reason: r}}, owasp-agentic-2026: {A03: {strength: partial, part: p, reason: r}}}',
    ),
  });
  const laid = await loadCatalog([place]);
  assert.deepEqual(lint(laid), []);
  assert.deepEqual(laid.controls.find(({ document }) => document.id === 'ORG-01')?.document.frameworks, {
    'nist-csf-2.0': [
      { item: 'ID.RA-09', strength: 'supports', reason: 'r', cited: 'PR.DS-8' },
      { item: 'DE.CM-09', strength: 'supports', reason: 'r', cited: 'PR.DS-8' },
    ],
    'owasp-agentic-2026': [{ item: 'ASI03', strength: 'partial', part: 'p', reason: 'r', cited: 'A03' }],
  });
  const assessment = await assessedWith(place);
  assert.match(
    assessment.legacy.map(({ note }) => note).join(),
    /PR.DS-8 is CSF 1.1; in 2.0 it is ID.RA-09 and DE.CM-09/,
  );
  assert.ok(
    assessment.frameworks
      .find(({ id }) => id === 'nist-csf-2.0')
      ?.items.find(({ id }) => id === 'ID.RA-09')
      ?.controls.includes('ORG-01'),
  );
});

test('the scaffold makes a control that lints clean, in every family', async () => {
  for (const family of FAMILIES) {
    const files = newControl('ORG-07', family, 'Something of ours');
    const place = overlay(Object.fromEntries(files));
    const laid = await loadCatalog([place]);
    assert.deepEqual(lint(laid), [], family);
    assert.deepEqual(laid.changes.added, ['ORG-07']);
  }
  assert.throws(() => newControl('org7', 'access', 't'), /cannot be the id/);
  assert.throws(() => newControl('ORG-07', 'colours', 't'), /there is no family/);
});
