import assert from 'node:assert/strict';
import test from 'node:test';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { type Assessment, parseAssessment, serialiseAssessment } from '../../src/assess/assessment.ts';
import { parseXml } from '../../src/files/xml.ts';
import { findFormats } from '../../src/pack/choose.ts';
import { markdownText } from '../../src/report/markdown.ts';
import { ATTACK_CLASSES } from '../../src/terms.ts';
import { assessed, scores, trials, workspace } from '../support/assessing.ts';
import { exampleAssessment, hostileAssessment } from '../support/example.ts';
import { oscalValidator, sarifValidator } from '../support/schemas.ts';

/* What other people's tools read: valid by schemas of others, the classes apart, and nothing claimed that is not there. */

const MACHINE = ['md', 'oscal-ar', 'oscal-poam', 'cdx', 'sarif', 'junit', 'csv'];

async function text(id: string, assessment: Assessment): Promise<string> {
  const [format] = findFormats([id]);
  assert.ok(format);
  return Buffer.from(await format.render(assessment, undefined)).toString('utf8');
}

/** The example with an owner and a day for one finding, a risk accepted over a failing result, and evidence for nothing else. */
async function example(): Promise<Assessment> {
  const assessment = structuredClone(await exampleAssessment());
  const [finding] = assessment.findings;
  assert.ok(finding);
  finding.owner = 'Platform team';
  finding.due = '2027-01-15';
  return assessment;
}

const clean = () => assessed([], { workspace: workspace() });

test('the same assessment gives the same bytes, also when it is read back', async () => {
  const assessment = await example();
  const again = parseAssessment(serialiseAssessment(assessment), 'assessment.json');
  for (const id of MACHINE) assert.equal(await text(id, assessment), await text(id, again), id);
});

test('OSCAL is valid, for the example, for hostile texts and for an empty assessment', async () => {
  const validate = oscalValidator();
  const planned = structuredClone(await example());
  for (const assessment of [planned, await hostileAssessment(), clean()])
    for (const id of ['oscal-ar', 'oscal-poam']) {
      const document = JSON.parse(await text(id, assessment));
      assert.ok(validate(document), `${id}: ${JSON.stringify(validate.errors?.slice(0, 3))}`);
      assertReferences(document, id);
    }
  const broken = JSON.parse(await text('oscal-ar', planned));
  delete broken['assessment-results'].results[0].findings[0].target;
  assert.ok(!validate(broken), 'the schema does say no');
});

/** Every identifier is given once, and every reference leads to one. */
function assertReferences(document: unknown, what: string): void {
  const given = new Set<string>();
  const wanted = new Set<string>();
  const visit = (value: unknown, key: string): void => {
    if (Array.isArray(value)) for (const one of value) visit(one, key);
    else if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value)) visit(inner, name);
    else if (typeof value === 'string') {
      if (key === 'uuid') given.add(value);
      else if (key.endsWith('-uuid') || key === 'party-uuids') wanted.add(value);
      else if (key === 'href' && value.startsWith('#')) wanted.add(value.slice(1));
    }
  };
  visit(document, '');
  assert.deepEqual(
    [...wanted].filter((uuid) => !given.has(uuid)),
    [],
    what,
  );
}

const oscalResult = z.object({
  props: z.array(z.object({ name: z.string(), value: z.string() })),
  observations: z.array(z.object({ uuid: z.string() })),
  risks: z.array(z.object({ uuid: z.string(), status: z.string() })),
  findings: z.array(
    z.object({
      uuid: z.string(),
      props: z.array(z.object({ name: z.string(), value: z.string() })),
      target: z.object({ 'target-id': z.string(), status: z.object({ state: z.string(), reason: z.string() }) }),
    }),
  ),
});
const oscalResults = z.object({ 'assessment-results': z.object({ results: z.array(oscalResult) }) });

test('OSCAL keeps the classes apart and calls satisfied only what is', async () => {
  const assessment = await example();
  const { results } = oscalResults.parse(JSON.parse(await text('oscal-ar', assessment)))['assessment-results'];
  assert.equal(results.length, 2);
  const ids = results.map(({ observations, risks, findings }) =>
    [...observations, ...risks, ...findings].map(({ uuid }) => uuid),
  );
  const all = ids.flat();
  assert.equal(new Set(all).size, all.length, 'nothing is given twice, and nothing is shared');
  for (const [index, attackClass] of ATTACK_CLASSES.entries()) {
    const own = assessment.results.filter(
      (result) => result.attackClass === attackClass && result.state !== 'not-applicable',
    );
    const found = results[index]?.findings ?? [];
    assert.deepEqual(
      found.map(({ target, props }) => [
        target['target-id'],
        target.status.state,
        props.find(({ name }) => name === 'state')?.value,
      ]),
      own.map(({ control, state }) => [
        `${control}_${attackClass}`,
        state === 'satisfied' ? 'satisfied' : 'not-satisfied',
        state,
      ]),
    );
  }
});

test('identifiers of findings and actions stay the same in the next assessment, and differ between systems', async () => {
  const assessment = await example();
  const ids = async (one: Assessment) =>
    oscalResults
      .parse(JSON.parse(await text('oscal-ar', one)))
      ['assessment-results'].results.flatMap(({ findings }) => findings.map(({ uuid }) => uuid));
  const next = { ...assessment, asOf: '2027-02-20', period: { from: '2026-12-01', to: '2027-02-28' } };
  assert.deepEqual(await ids(next), await ids(assessment));
  const other = { ...assessment, system: { ...assessment.system, id: 'another' } };
  const own = new Set(await ids(assessment));
  assert.ok((await ids(other)).every((uuid) => !own.has(uuid)));
});

const poam = z.object({
  'plan-of-action-and-milestones': z.object({
    'poam-items': z.array(z.object({ props: z.array(z.object({ name: z.string(), value: z.string() })).optional() })),
    risks: z
      .array(
        z.object({
          status: z.string(),
          deadline: z.string().optional(),
          remediations: z.array(z.unknown()).optional(),
        }),
      )
      .optional(),
  }),
});

test('the plan of action has an item for each finding, with owner and day; with nothing open it says so', async () => {
  const assessment = await example();
  const plan = poam.parse(JSON.parse(await text('oscal-poam', assessment)))['plan-of-action-and-milestones'];
  const props = plan['poam-items'].map((item) => new Map(item.props?.map(({ name, value }) => [name, value])));
  assert.deepEqual(
    props.filter((one) => one.get('state') !== 'risk-accepted').map((one) => one.get('finding-id')),
    assessment.results
      .filter(({ state }) => state === 'not-satisfied' || state === 'not-assessed')
      .map(({ control, attackClass }) => `${control}.${attackClass}`),
  );
  const [finding] = assessment.findings;
  const item = props.find((one) => one.get('finding-id') === finding?.id);
  assert.equal(item?.get('owner'), 'Platform team');
  assert.equal(item?.get('due'), '2027-01-15');
  assert.equal(plan.risks?.filter(({ deadline }) => deadline === '2027-01-15T00:00:00Z').length, 1);
  assert.match(JSON.stringify(plan.risks), /"type":"milestone"/);
  const done = { ...assessment, results: [], findings: [], waivers: [] };
  const made = await text('oscal-poam', done);
  const empty: unknown = JSON.parse(made);
  const validate = oscalValidator();
  assert.ok(validate(empty), JSON.stringify(validate.errors));
  assert.match(made, /"title": "Nothing is open"/);
});

test('what people answered is in the plan, comes back out of it, and closes nothing by itself', async () => {
  const assessment = structuredClone(await exampleAssessment());
  const answers = new Map<string, Record<string, string>>();
  const statuses = ['open', 'in progress', 'closed', 'risk accepted'] as const;
  for (const [index, finding] of assessment.findings.entries()) {
    const status = statuses[index % statuses.length];
    if (!status) continue;
    Object.assign(finding, { owner: `Team ${index}`, due: '2027-01-15', status, response: 'Under way,\nas planned.' });
    answers.set(finding.id, { owner: `Team ${index}`, due: '2027-01-15', status, response: 'Under way, as planned.' });
  }
  const satisfied = assessment.results.find(({ state }) => state === 'satisfied');
  assert.ok(satisfied);
  const { control, attackClass } = satisfied;
  assessment.responses = {
    path: 'responses.yaml',
    sha256: 'a'.repeat(64),
    closed: [{ id: `${control}.${attackClass}`, control, attackClass, state: 'satisfied', owner: 'Team Z' }],
    requests: [],
  };
  const made = JSON.parse(await text('oscal-poam', assessment));
  const validate = oscalValidator();
  assert.ok(validate(made), JSON.stringify(validate.errors?.slice(0, 3)));
  assertReferences(made, 'plan');
  const plan = poam.parse(made)['plan-of-action-and-milestones'];
  const props = plan['poam-items'].map((item) => new Map(item.props?.map(({ name, value }) => [name, value])));
  for (const [id, answered] of answers) {
    const item = props.find((one) => one.get('finding-id') === id);
    for (const [name, value] of Object.entries(answered)) assert.equal(item?.get(name), value, `${id}, ${name}`);
  }
  const statusesSaid = new Set(plan.risks?.map(({ status }) => status));
  assert.ok(statusesSaid.has('remediating') && statusesSaid.has('deviation-requested'));
  assert.equal(plan.risks?.filter(({ status }) => status === 'closed').length, 1, 'the one that is satisfied now');
});

const sarif = z.object({
  runs: z.array(
    z.object({
      automationDetails: z.object({ id: z.string() }),
      tool: z.object({
        driver: z.object({
          rules: z.array(z.object({ id: z.string(), properties: z.object({ tags: z.array(z.string()) }) })),
        }),
      }),
      results: z.array(
        z.object({
          ruleId: z.string(),
          ruleIndex: z.number(),
          kind: z.string(),
          level: z.string(),
          message: z.object({ text: z.string() }),
          locations: z
            .array(
              z.object({
                physicalLocation: z.object({
                  artifactLocation: z.object({ uri: z.string() }),
                  region: z.object({ startLine: z.number().int().positive() }),
                }),
              }),
            )
            .min(1)
            .max(1000),
          partialFingerprints: z.object({ primaryLocationLineHash: z.string(), 'probityFinding/v1': z.string() }),
          suppressions: z.array(z.unknown()).optional(),
          properties: z.object({ attackClass: z.string() }),
        }),
      ),
    }),
  ),
});

test("SARIF is valid, within GitHub's limits, a run for each class, and open is not failed", async () => {
  const validate = sarifValidator();
  const assessment = await example();
  const many = structuredClone(assessment);
  const [finding] = many.findings;
  assert.ok(finding?.evidence[0]);
  finding.evidence = Array.from({ length: 5000 }, (_, i) => ({
    path: 'a b.csv',
    sha256: 'a'.repeat(64),
    at: `line ${i}`,
  }));
  for (const one of [assessment, many, await hostileAssessment(), clean()]) {
    const document = JSON.parse(await text('sarif', one));
    assert.ok(validate(document), JSON.stringify(validate.errors?.slice(0, 3)));
    const { runs } = sarif.parse(document);
    assert.deepEqual(
      runs.map(({ automationDetails }) => automationDetails.id),
      ATTACK_CLASSES.map((attackClass) => `probity/${attackClass}/`),
    );
    const prints = runs.flatMap(({ results }) =>
      results.map((result) => result.partialFingerprints['probityFinding/v1']),
    );
    assert.equal(new Set(prints).size, prints.length);
    for (const [index, run] of runs.entries())
      for (const result of run.results) {
        assert.equal(result.properties.attackClass, ATTACK_CLASSES[index]);
        assert.equal(run.tool.driver.rules[result.ruleIndex]?.id, result.ruleId);
        assert.equal(result.level === 'none', result.kind === 'open');
        for (const { physicalLocation } of result.locations)
          assert.doesNotMatch(physicalLocation.artifactLocation.uri, /[\s<>"]|^[a-z]+:|^\//);
      }
  }
  const { runs } = sarif.parse(JSON.parse(await text('sarif', assessment)));
  const shown = runs.flatMap(({ results }) => results.filter(({ suppressions }) => !suppressions));
  assert.deepEqual(
    shown.map(({ ruleId, kind }) => [ruleId, kind]).sort(),
    assessment.findings
      .map(({ control, attackClass, state }) => [
        `${control}.${attackClass}`,
        state === 'not-satisfied' ? 'fail' : 'open',
      ])
      .sort(),
  );
  assert.equal(runs.flatMap(({ results }) => results.filter(({ suppressions }) => suppressions)).length, 1);
  const next = sarif.parse(JSON.parse(await text('sarif', { ...assessment, asOf: '2027-02-20' })));
  assert.deepEqual(
    next.runs.flatMap(({ results }) => results.map((result) => result.partialFingerprints)),
    runs.flatMap(({ results }) => results.map((result) => result.partialFingerprints)),
  );
});

test('JUnit has a suite for each class and a case for each control; what was not judged is skipped', async () => {
  for (const assessment of [await example(), await hostileAssessment()]) {
    const document = parseXml(await text('junit', assessment), 'results.junit.xml');
    const suites = Array.from(document.getElementsByTagName('testsuite'));
    assert.equal(suites.length, 2);
    for (const [index, attackClass] of ATTACK_CLASSES.entries()) {
      const suite = suites[index];
      assert.ok(suite);
      const cases = Array.from(suite.getElementsByTagName('testcase'));
      const own = assessment.results.filter((result) => result.attackClass === attackClass);
      assert.deepEqual(
        cases.map((one) => one.getAttribute('name')?.split(' ')[0]),
        own.map(({ control }) => control),
      );
      const named = (name: string) => cases.filter((one) => one.getElementsByTagName(name).length > 0).length;
      const failing = own.filter(({ state }) => state === 'not-satisfied').length;
      const passing = own.filter(({ state }) => state === 'satisfied').length;
      assert.equal(named('failure'), failing);
      assert.equal(named('skipped'), own.length - failing - passing);
      assert.equal(suite.getAttribute('failures'), String(failing));
      assert.equal(suite.getAttribute('skipped'), String(own.length - failing - passing));
      assert.equal(suite.getAttribute('tests'), String(own.length));
    }
  }
});

test('the Markdown stays below 60 kB, says what it left out, and makes nothing of what evidence says', async () => {
  const assessment = structuredClone(await hostileAssessment());
  const [finding] = assessment.findings;
  assert.ok(finding);
  const hostile =
    '@everyone #1 ![x](http://127.0.0.1/x.png) <script>alert(1)</script> <details> | --- | `code` https://evil.example/?q=1 [a](b) **bold** @org/team';
  assessment.findings = Array.from({ length: 3000 }, (_, i) => ({
    ...finding,
    id: `X-${i}.${finding.attackClass}`,
    why: [`${hostile} ${'é'.repeat(600)}`],
  }));
  const made = await text('md', assessment);
  assert.ok(Buffer.byteLength(made) < 60_000, String(Buffer.byteLength(made)));
  assert.match(made, /more gaps of this class in the report/);
  for (const title of ['## Membership inference: ', '## Model inversion: ']) assert.ok(made.includes(title));
  // Outside of code spans nothing is a tag, a mention, a link, an image or an issue.
  const prose = made.replaceAll(/(`+)(?!`).*?(?<!`)\1(?!`)/g, '');
  assert.doesNotMatch(prose, /(?<!\\)<|@\w|#\d|:\/\/|(?<!\\)!?\[[^\]]*\]\(/);
  for (const line of made.split('\n').filter((one) => one.startsWith('| critical') || one.startsWith('| high')))
    assert.equal(line.replaceAll('\\|', '').split('|').length, 6, line);
});

test('a line of Markdown says what the text says', () => {
  assert.equal(markdownText('a_b *c* <i>'), 'a\\_b \\*c\\* &lt;i\\>');
  assert.equal(markdownText('1. first\nsecond'), '1\\. first second');
  assert.equal(markdownText('- x'), '\\- x');
  assert.equal(markdownText('ask @org/team'), 'ask `@org/team`');
  assert.equal(markdownText('``@a`'), '``` ``@a` ```');
  assert.equal(markdownText('see a|b@c'), 'see `a\\|b@c`');
  assert.equal(markdownText('\u202Ereversed'), '&lt;U+202E\\>reversed');
});

test('the table of findings is RFC 4180, one row a finding, and no spreadsheet runs it', async () => {
  const assessment = await hostileAssessment();
  const made = await text('csv', assessment);
  assert.ok(made.endsWith('\r\n'));
  const rows: string[][] = parse(made, { record_delimiter: '\r\n' });
  assert.deepEqual(rows[0], [
    'id',
    'control',
    'attack_class',
    'state',
    'reason',
    'reasons',
    'severity',
    'title',
    'found',
    'consequence',
    'remediation',
    'evidence',
    'frameworks',
    'owner',
    'due',
    'status',
    'response',
  ]);
  assert.deepEqual(
    rows.slice(1).map(([id]) => id),
    assessment.findings.map(({ id }) => id),
  );
  for (const cell of rows.flat()) assert.doesNotMatch(cell, /^\s*[=+\-@\t\r]/, cell);
});

const cdx = z.object({
  declarations: z.object({
    attestations: z.array(
      z.object({
        map: z.array(
          z.object({
            requirement: z.string(),
            claims: z.array(z.string()).optional(),
            counterClaims: z.array(z.string()).optional(),
            conformance: z.object({ score: z.number().optional(), rationale: z.string() }),
            confidence: z.object({ score: z.number().optional() }).optional(),
          }),
        ),
      }),
    ),
    claims: z.array(z.object({ 'bom-ref': z.string(), evidence: z.array(z.string()).optional() })),
    evidence: z.array(z.object({ 'bom-ref': z.string() })),
  }),
  definitions: z.object({
    standards: z.array(
      z.object({ requirements: z.array(z.object({ 'bom-ref': z.string(), parent: z.string().optional() })) }),
    ),
  }),
});

test('CycloneDX is valid by 1.6 and 1.7; only what was judged conforms or does not', async () => {
  for (const assessment of [await example(), await hostileAssessment(), clean()]) {
    const made = await text('cdx', assessment);
    for (const version of [Spec.Version.v1dot6, Spec.Version.v1dot7]) {
      const document = made
        .replace('bom-1.6.schema', `bom-${version}.schema`)
        .replace('"specVersion": "1.6"', `"specVersion": "${version}"`);
      const wrong = await new Validation.JsonStrictValidator(version).validate(document);
      assert.equal(wrong, null, JSON.stringify(wrong)?.slice(0, 500));
    }
    const { declarations, definitions } = cdx.parse(JSON.parse(made));
    const requirements = new Set(definitions.standards.flatMap((one) => one.requirements.map((r) => r['bom-ref'])));
    const claims = new Set(declarations.claims.map((claim) => claim['bom-ref']));
    const evidence = new Set(declarations.evidence.map((one) => one['bom-ref']));
    for (const claim of declarations.claims) for (const ref of claim.evidence ?? []) assert.ok(evidence.has(ref), ref);
    for (const [index, attackClass] of ATTACK_CLASSES.entries()) {
      const own = assessment.results.filter((result) => result.attackClass === attackClass);
      const map = declarations.attestations[index]?.map ?? [];
      assert.deepEqual(
        map.map(({ requirement }) => requirement),
        own.map(({ control }) => `requirement ${control}.${attackClass}`),
      );
      for (const [at, one] of map.entries()) {
        assert.ok(requirements.has(one.requirement));
        for (const ref of [...(one.claims ?? []), ...(one.counterClaims ?? [])]) assert.ok(claims.has(ref), ref);
        const score = { satisfied: 1, 'not-satisfied': 0 }[String(own[at]?.state)];
        assert.equal(one.conformance.score, score);
        assert.equal(one.claims !== undefined, score === 1);
        assert.equal(one.counterClaims !== undefined, score === 0);
        assert.ok(one.confidence?.score === undefined || one.confidence.score < 1);
      }
    }
  }
  const broken = (await text('cdx', await example())).replace('"thirdParty": false', '"thirdParty": "no"');
  assert.ok(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(broken), 'the schema does say no');
});

test('a system that passes by a test shows so in each format, and a risk accepted is no pass', async () => {
  const passing = assessed([trials('prompt-leakage', 0, 900), scores(5000, 0)]);
  const states = new Map(
    passing.results.map(({ control, attackClass, state }) => [`${control}.${attackClass}`, state]),
  );
  assert.equal(states.get('INV-05.inversion'), 'satisfied');
  const { declarations } = cdx.parse(JSON.parse(await text('cdx', passing)));
  const mapped = declarations.attestations.flatMap(({ map }) => map);
  const one = mapped.find(({ requirement }) => requirement === 'requirement INV-05.inversion');
  assert.equal(one?.conformance.score, 1);
  assert.equal(one?.confidence?.score, 0.95);
  const accepted = await example();
  const waived = accepted.results.find(({ state }) => state === 'risk-accepted');
  assert.ok(waived);
  const name = `${waived.control}.${waived.attackClass}`;
  const entry = cdx
    .parse(JSON.parse(await text('cdx', accepted)))
    .declarations.attestations.flatMap(({ map }) => map)
    .find(({ requirement }) => requirement === `requirement ${name}`);
  assert.equal(entry?.conformance.score, undefined);
  assert.match(entry?.conformance.rationale ?? '', /Risk accepted.*Without the acceptance/);
  const risks = oscalResults
    .parse(JSON.parse(await text('oscal-ar', accepted)))
    ['assessment-results'].results.flatMap(({ risks: list }) => list.map(({ status }) => status));
  assert.ok(!risks.includes('deviation-approved'), 'an acceptance over what nobody assessed approves nothing');
  waived.underlying = 'not-satisfied';
  assert.match(await text('oscal-ar', accepted), /"deviation-approved"/);
});
