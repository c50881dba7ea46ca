import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Assessment } from '../../src/assess/assessment.ts';
import { assessWorkspace } from '../../src/assess/assessWorkspace.ts';
import { figure, percent } from '../../src/report/numbers.ts';
import { answersIn } from '../../src/report/view/common.ts';
import { reportView } from '../../src/report/view/index.ts';
import { planView } from '../../src/report/view/plan.ts';
import { responsesLine } from '../../src/report/view/summary.ts';
import { methodTitle, warrantInWords } from '../../src/report/words.ts';
import { exampleAssessment, hostileAssessment } from '../support/example.ts';
import { ROOT, scratch, workspaceYaml, write } from '../support/workspace.ts';

test('the report shows how far identities reach, by which way, beside the limit', async () => {
  const assessment = await exampleAssessment();
  const { widest } = reportView(assessment, undefined).supporting;
  assert.deepEqual(
    widest.map(({ name }) => name),
    assessment.identities.widest.map(({ name }) => name),
  );
  const [first] = widest;
  assert.deepEqual([first?.bar.reach.resources, first?.bar.reach.weight, first?.bar.limit], [11, 158, 100]);
  assert.match(first?.way ?? '', /^reaches bucket\/claim-notes\/2025$/);
  assert.equal(first?.link.text, 'access/inventory.yaml, /identities/2');
  assert.match(assessment.notes.join('\n'), /Cyclic role assumption: data-maintenance, tuning/);
});

test('items of frameworks are covered, out of scope with the reason, or uncovered, and nothing else', async () => {
  const assessment = await exampleAssessment();
  for (const framework of reportView(assessment, undefined).frameworks) {
    assert.equal(
      framework.shown.length + framework.aside.length + framework.uncovered.length,
      framework.total,
      framework.id,
    );
    for (const { reason } of framework.aside) assert.ok(reason.length > 20);
  }
});

test('what an overlay did to the catalog stands in the report, and nothing does where nothing was done', async () => {
  const plain = await exampleAssessment();
  assert.equal(reportView(plain, undefined).catalogChanges, undefined);
  const changed = {
    ...plain,
    catalog: {
      ...plain.catalog,
      added: ['ORG-01'],
      off: [{ control: 'GOV-09', attackClass: 'inversion' as const, reason: 'no agent acts', by: 'Head of Risk' }],
    },
  };
  const shown = reportView(changed, undefined).catalogChanges;
  assert.deepEqual(shown?.offIds, ['GOV-09 (Model inversion)']);
  assert.deepEqual(shown?.lines, ['Added: ORG-01.']);
});

/** The example with the first criterion of a result changed. */
async function withCriterion(
  change: (criterion: Assessment['results'][number]['criteria'][number]) => void,
): Promise<{ assessment: Assessment; control: string }> {
  const assessment = structuredClone(await exampleAssessment());
  const fresh = ({ criteria }: Assessment['results'][number]): boolean =>
    criteria.length > 0 &&
    criteria.every((one) => !one.reasons?.includes('stale') && !one.others?.some(({ reason }) => reason === 'stale'));
  const result = assessment.results.find((one) => one.control.startsWith('INV') && fresh(one));
  const [criterion] = result?.criteria ?? [];
  assert.ok(result && criterion);
  change(criterion);
  return { assessment, control: result.control };
}

function staleOf(assessment: Assessment): string[] {
  return reportView(assessment, undefined).stale[1]?.controls ?? [];
}

test('the list of stale controls follows the reasons, and no text of evidence can write it', async () => {
  const texts = await withCriterion((criterion) => {
    criterion.detail = 'probe "x (stale)": stale';
    criterion.others = [{ state: 'satisfied', detail: 'another (stale)' }];
  });
  assert.ok(!staleOf(texts.assessment).includes(texts.control));
  const fact = await withCriterion((criterion) => {
    criterion.others = [{ state: 'not-assessed', reason: 'stale', detail: 'p: collected long ago' }];
  });
  assert.ok(staleOf(fact.assessment).includes(fact.control));
});

test('a case that did not decide is told with its state, its reason and what was found', async () => {
  const { assessment, control } = await withCriterion((criterion) => {
    criterion.others = [{ state: 'not-assessed', reason: 'stale', detail: 'p: collected long ago' }];
  });
  const results = reportView(assessment, undefined).parts.flatMap((part) => part.results);
  const shown = results.filter((result) => result.control === control).flatMap(({ criteria }) => criteria[0]?.others);
  assert.ok(shown.includes('Not assessed: stale. p: collected long ago'));
});

test('an open question says what would answer it', async () => {
  const assessment = structuredClone(await exampleAssessment());
  const finding = assessment.findings.find(({ state }) => state === 'not-assessed');
  assert.ok(finding);
  finding.reasons = ['no-power', 'stale'];
  const gaps = reportView(assessment, undefined).parts.flatMap((part) => part.gaps);
  assert.deepEqual(gaps.find(({ id }) => id === finding.id)?.answers, [
    'Run the same test on something that is known to leak (a positive control), and add the result.',
    'Repeat the test on the system as it is now.',
  ]);
});

test('the view holds words and numbers, and neither drawings nor markup of its own', async () => {
  const text = JSON.stringify(reportView(await exampleAssessment(), undefined));
  assert.doesNotMatch(text, /<svg|<\/|class=|undefined|\[object/);
  assert.match(
    JSON.stringify(reportView(await hostileAssessment(), undefined)),
    /<script>/,
    'evidence text stays as it is',
  );
});

test('tools that carry no membership inference test are named in part A alone', async () => {
  const plain = await exampleAssessment();
  assert.ok(plain.toolsWithoutMembership.includes('garak'));
  const [a, b] = reportView(plain, undefined).parts.map(({ limitations }) => limitations.join(' '));
  assert.match(a ?? '', /No membership inference test comes from: .*garak/);
  assert.doesNotMatch(b ?? '', /comes from/);
});

test('one number is written in one way', () => {
  assert.deepEqual(
    [percent(0), percent(0.012345), percent(0.00001234), percent(1)],
    ['0%', '1.23%', '0.00123%', '100%'],
  );
  assert.deepEqual(
    [
      figure('roc.auc', 0.51234),
      figure('privacy.epsilonLower', 1.2345),
      figure('exposure', 16.6),
      figure('rate', null),
    ],
    ['0.512', '1.23', '16.60 bits', 'unknown'],
  );
});

test('every method that a measurement can have is named in words', () => {
  const source = ['measure', 'statistics'].flatMap((room) =>
    readdirSync(path.join(ROOT, 'src', room)).map((file) => readFileSync(path.join(ROOT, 'src', room, file), 'utf8')),
  );
  const methods = source.flatMap((text) => [...text.matchAll(/method: '([a-z-]+)'/g)].map((found) => found[1] ?? ''));
  assert.ok(methods.length > 10);
  assert.deepEqual(
    methods.filter((method) => methodTitle(method) === method),
    [],
  );
});

test('no measurement is said to carry a pass where no criterion passes by it', async () => {
  const { measurements, results } = await exampleAssessment();
  const passing = new Set(
    results.flatMap(({ criteria }) => criteria.flatMap(({ measurement }) => (measurement ? [measurement] : []))),
  );
  const said = measurements.map((m) => [m, warrantInWords(m.warrant)] as const);
  for (const [m, words] of said) {
    if (words.startsWith('may carry')) assert.ok(m.limits.length > 0, `${m.id} ${m.measure}`);
    if (passing.has(m.id)) assert.ok(!words.startsWith('for information'), `${m.id} ${m.measure}`);
  }
  assert.ok(said.some(([m, words]) => m.measure === 'roc.ppv' && words.startsWith('for information')));
});

test('where not all measurements are listed, those that decide come first and the rest is counted', async () => {
  const assessment = await exampleAssessment();
  const [a] = reportView(assessment, undefined, { measurements: 5, curves: 1 }).parts;
  const listed = a?.groups.flatMap(({ rows, tests }) => [...rows, ...tests.flatMap((test) => test.rows)]) ?? [];
  assert.equal(listed.length, 5);
  const all = assessment.measurements.filter(({ attackClass }) => attackClass === 'membership-inference');
  assert.equal(a?.unlisted, all.length - 5);
  assert.equal(a?.rocs.length, 1);
  assert.ok((a?.unlistedCurves ?? 0) > 0);
  assert.equal(reportView(assessment, undefined).parts[0]?.unlisted, 0);
});

test('every item of a framework is counted once, and what is only supported shows no state of its own', async () => {
  const { frameworks } = reportView(await exampleAssessment(), undefined);
  for (const { id, total, covered, inPart, notCovered, supported, aside, shown } of frameworks) {
    assert.equal(covered + inPart + notCovered + aside.length, total, id);
    const only = shown.filter(({ covers }) => covers === 'only supported');
    assert.equal(only.length, supported, id);
    assert.ok(
      only.every(({ cells }) => cells.every((cell) => cell === undefined)),
      id,
    );
  }
  assert.ok(frameworks.some(({ supported }) => supported > 0));
});

test('the body shows the frameworks that the workspace cites, in its order, and by default the usual three', async () => {
  const usual = await exampleAssessment();
  assert.deepEqual(
    reportView(usual, undefined).cited.map(({ id }) => id),
    ['nist-ai-rmf-1.0', 'nist-csf-2.0', 'owasp-agentic-2026'],
  );
  const folder = scratch();
  const cite = (list: string): string => {
    write(folder, { 'probity.yaml': workspaceYaml(`frameworks: ${list}\n`), 'evidence/none.txt': 'nothing' });
    return path.join(folder, 'probity.yaml');
  };
  const own = await assessWorkspace({ config: cite('[gdpr, owasp-llm, nist-csf-2.0]'), asOf: usual.asOf });
  assert.deepEqual(own.system.frameworks, ['gdpr', 'owasp-llm-2026', 'nist-csf-2.0']);
  const view = reportView(own, undefined);
  assert.deepEqual(
    view.cited.map(({ id }) => id),
    own.system.frameworks,
  );
  assert.ok(view.frameworks.length > 10, 'all of them stand in the annex');
  const { frameworks: _none, ...system } = usual.system;
  assert.equal(reportView({ ...usual, system }, undefined).cited.length, 3, 'assessments of earlier versions');
  await assert.rejects(assessWorkspace({ config: cite('[nist-csf, pci-dss]'), asOf: usual.asOf }), {
    code: 'WORKSPACE_INVALID',
    where: /#\/frameworks\/1$/,
  });
});

test('evidence of a day that has not come is no end of a range, and says so wherever it stands', async () => {
  const assessment = structuredClone(await exampleAssessment());
  const entry = assessment.evidence.find(({ accepted, collected }) => accepted && collected !== undefined);
  assert.ok(entry);
  entry.collected = '2026-12-24';
  const view = reportView(assessment, undefined);
  assert.match(view.evidenceDates, /dated 2026-07-30 to 2026-11-2\d; .*1 dated after 2026-11-21 and not yet valid$/);
  assert.doesNotMatch(view.evidenceDates, /12-24/);
  assert.deepEqual(
    view.evidence.filter(({ notYet }) => notYet).map(({ path: file }) => file),
    [entry.path],
  );
  assert.match(view.asOfText, /^2026-11-21, before the end of the period 2026-09-01 to 2026-11-30$/);
});

test('a statement that is out of date is not answered by running a test again, and a test is', async () => {
  const assessment = await exampleAssessment();
  const answers = answersIn(assessment);
  const stale = assessment.findings.filter(({ reasons }) => reasons?.includes('stale'));
  const said = new Map(stale.map((finding) => [finding.id, answers(finding).join(' ')]));
  assert.match(said.get('MI-01.membership-inference') ?? '', /Repeat the test on the system/);
  for (const id of ['GOV-05.inversion', 'MON-01.membership-inference']) {
    assert.match(said.get(id) ?? '', /statement, record or inventory renewed/, id);
    assert.doesNotMatch(said.get(id) ?? '', /\btest/i, id);
  }
  const coming = structuredClone(assessment);
  for (const finding of coming.findings) if (finding.id === 'GOV-05.inversion') finding.reasons = ['not-yet'];
  const finding = coming.findings.find(({ id }) => id === 'GOV-05.inversion');
  assert.match(finding ? answersIn(coming)(finding).join() : '', /^Assess again from the day on/);
});

test('page two says how far people are with the gaps of each class, and never adds the classes', async () => {
  const assessment = structuredClone(await exampleAssessment());
  assert.match(
    responsesLine(assessment, 'inversion'),
    /^Responses: none of 42 open gaps has an owner, none overdue\.$/,
  );
  const own = assessment.findings.filter(({ attackClass }) => attackClass === 'inversion');
  for (const finding of own.slice(0, 3))
    Object.assign(finding, { owner: 'Ada', due: '2026-11-20', status: 'in progress' });
  assert.match(responsesLine(assessment, 'inversion'), /3 of 42 open gaps have an owner, 3 in progress, 3 overdue/);
  assert.match(responsesLine(assessment, 'membership-inference'), /none of 36 .*; 1 accepted beside them/);
  const { actions } = reportView(assessment, undefined).plan;
  assert.ok(actions.some(({ status, due }) => /in progress/.test(status) && due === '2026-11-20 (overdue)'));
});

test('the bar beside a verdict ends at the bound that decides, which may keep a limit that the interval reaches beyond', async () => {
  const assessment = structuredClone(await exampleAssessment());
  const { worst } = assessment.verdicts['membership-inference'];
  const m = assessment.measurements.find(({ id }) => id === worst?.measurement);
  assert.ok(worst && m);
  Object.assign(worst, { observed: 0.01, bound: 0.045, threshold: 0.05 });
  Object.assign(m, { estimate: 0.01, lower: 0, upper: 0.06, upperOneSided: 0.045 });
  const [bar] = reportView(assessment, undefined).panels.map((panel) => panel.worst?.interval);
  assert.deepEqual([bar?.estimate, bar?.lower, bar?.upper, bar?.threshold], [0.01, 0, 0.045, 0.05]);
});

test('an acceptance of both classes is renewed by one decision, with its effect on each', async () => {
  const assessment = structuredClone(await exampleAssessment());
  const [waiver] = assessment.waivers;
  assert.ok(waiver);
  const held = { ...waiver, inForce: true, control: 'ACC-07', approver: 'Head of Risk', ends: '2027-03-01' };
  assessment.waivers = [
    { ...held, attackClass: 'inversion' },
    { ...held, attackClass: 'membership-inference' },
    { ...held, attackClass: 'inversion', approver: 'Somebody else' },
  ];
  assessment.findings = [];
  const { decisions, renewals } = planView(assessment);
  assert.deepEqual(
    decisions.map(({ who, otherwise }) => [who, otherwise.map(({ letter }) => letter)]),
    [
      ['Head of Risk', ['A', 'B']],
      ['Somebody else', ['B']],
    ],
  );
  assert.match(renewals[0]?.text ?? '', /^Membership inference and Model inversion: the acceptance of ACC-07 /);
});
