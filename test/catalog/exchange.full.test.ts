import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { z } from 'zod';
import { catalogOscal } from '../../src/authoring/export/oscal.ts';
import { catalogCsv, catalogXlsx } from '../../src/authoring/export/tables.ts';
import { importCatalog } from '../../src/authoring/import/index.ts';
import { jsonSchemas } from '../../src/authoring/jsonSchemas.ts';
import { lint } from '../../src/authoring/lint.ts';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { parseYaml } from '../../src/files/yaml.ts';
import { catalog } from '../support/reading.ts';
import { oscalValidator } from '../support/schemas.ts';
import { AS_OF, ROOT, scratch, write } from '../support/workspace.ts';

const folder = scratch();
const source = { url: 'https://example.org/', publisher: 'p', licence: 'l' };

/*
 * A catalog in the form in which NIST publishes the CSF: functions as groups, categories as controls that hold
 * subcategories, withdrawn ones with links to where their outcomes went. Identifiers are NIST's; the texts are not.
 */
function csfLike() {
  const csf = catalog.frameworks.find(({ document }) => document.id === 'nist-csf-2.0')?.document;
  assert.ok(csf);
  const label = (value: string) => ({ name: 'label', value });
  const functions = [...new Set(csf.groups.map(({ id }) => id.slice(0, 2)))];
  return {
    catalog: {
      uuid: '720a010b-253c-4a94-bb65-cb58400966f5',
      metadata: {
        title: 'Electronic Version of NIST Cybersecurity Framework 2.0',
        published: '2026-05-13T12:30:00-00:00',
        'last-modified': '2026-05-11T16:01:09-00:00',
        version: '1.2.0',
        'oscal-version': 'v1.2.2',
      },
      groups: functions.map((id) => ({
        id,
        class: 'function',
        title: id,
        props: [label(`FUNCTION (${id})`)],
        parts: [{ id: `${id}_overview`, name: 'overview', prose: 'o' }],
        controls: [
          ...csf.groups
            .filter((group) => group.id.startsWith(id))
            .map((group) => ({
              id: group.id,
              class: 'category',
              title: group.title,
              props: [label(`${group.title} (${group.id})`)],
              parts: [{ id: `${group.id}_statement`, name: 'statement', prose: 's' }],
              controls: csf.items
                .filter((item) => item.group === group.id)
                .map((item) => ({
                  id: item.id,
                  class: 'subcategory',
                  title: item.id,
                  props: [{ name: 'risk-party', value: '1st' }, label(item.id)],
                  parts: [
                    { id: `${item.id}_statement`, name: 'statement', prose: `The official text of ${item.id}` },
                    { id: `${item.id}.001`, name: 'example', prose: 'an example that is not part of it' },
                  ],
                })),
            })),
          ...(id === 'PR'
            ? [
                {
                  id: 'PR.AC',
                  class: 'category',
                  title: 'Access',
                  props: [label('Access (PR.AC)'), { name: 'status', value: 'withdrawn' }],
                  links: [{ href: 'PR.AA', rel: 'incorporated_into' }],
                  controls: [
                    // As in the first edition of NIST's file: withdrawn, and nothing says so.
                    {
                      id: 'PR.PT-01',
                      class: 'subcategory',
                      title: 'PR.PT-01',
                      props: [label('PR.PT-01')],
                      parts: [{ name: 'statement', prose: 's' }],
                    },
                    {
                      id: 'PR.AC-04',
                      class: 'subcategory',
                      title: 'PR.AC-04',
                      props: [label('PR.AC-04'), { name: 'status', value: 'withdrawn' }],
                      links: [{ href: 'PR.AA-05', rel: 'moved_to' }],
                    },
                    {
                      id: 'PR.IP-01',
                      class: 'subcategory',
                      title: 'PR.IP-01',
                      props: [label('PR.IP-01'), { name: 'status', value: 'withdrawn' }],
                      links: [{ href: '#PR.PS-01', rel: 'incorporated_into' }],
                    },
                  ],
                },
              ]
            : []),
        ],
      })),
    },
  };
}

const XML = `<?xml version="1.0" encoding="UTF-8"?>
<catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0" uuid="720a010b-253c-4a94-bb65-cb58400966f5">
  <metadata><title>House rules</title><last-modified>2026-01-01T00:00:00Z</last-modified><version>3</version><oscal-version>1.1.3</oscal-version></metadata>
  <group id="hr" class="family"><title>House</title>
    <control id="hr-1" class="SP800-53"><title>Doors</title>
      <param id="hr-1_prm_1"><label>number of <insert type="param" id-ref="x"/> locks</label></param>
      <prop name="label" value="HR-1"/><prop name="label" class="zero-padded" value="HR-01"/>
      <part name="statement" id="hr-1_smt"><p>Doors have:</p>
        <part name="item" id="hr-1_smt.a"><prop name="label" value="a."/><p><insert type="param" id-ref="hr-1_prm_1"/> locks; and</p></part>
        <part name="item" id="hr-1_smt.b"><prop name="label" value="b."/><p>hinges.</p></part>
      </part>
      <control id="hr-1.1" class="SP800-53-enhancement"><title>Doors | Windows</title><prop name="label" value="HR-1(1)"/><part name="statement" id="hr-1.1_smt"><p>Windows as well.</p></part></control>
    </control>
    <control id="hr-2" class="SP800-53"><title>Gates</title><prop name="label" value="HR-2"/><prop name="status" value="withdrawn"/><link href="#hr-1" rel="incorporated-into"/></control>
  </group>
</catalog>`;

async function imported(name: string, content: string | Uint8Array, options: { id?: string; into?: string } = {}) {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return importCatalog(file, { ...options, source });
}

test('a catalog as NIST publishes the CSF gives the framework its statements, and keeps our wording', async () => {
  const made = await imported('csf.json', JSON.stringify(csfLike()));
  assert.deepEqual(made.counts, { completed: 106, added: 0, passedOver: 1, withdrawn: 2, missing: 0 });
  const place = path.join(folder, 'csf');
  write(place, Object.fromEntries(made.files));
  const laid = await loadCatalog([place]);
  assert.deepEqual(lint(laid), []);
  const csf = laid.frameworks.find(({ document }) => document.id === 'nist-csf-2.0')?.document;
  const item = csf?.items.find(({ id }) => id === 'PR.AA-05');
  assert.equal(item?.statement, 'The official text of PR.AA-05');
  assert.equal(
    item?.outcome,
    catalog.frameworks
      .find(({ document }) => document.id === 'nist-csf-2.0')
      ?.document.items.find(({ id }) => id === 'PR.AA-05')?.outcome,
  );
  assert.deepEqual(csf?.legacy.find(({ id }) => id === 'PR.IP-01')?.now, ['PR.PS-01'], 'what was withdrawn leads on');
  assert.deepEqual(laid.changes.other, ['framework nist-csf-2.0']);
});

test('OSCAL in XML is read like OSCAL in JSON, parameters by their labels and parts by their numbers', async () => {
  const made = await imported('house.xml', XML, { id: 'house' });
  const yaml = parseYaml([...made.files.values()][0] ?? '', 'house.yaml', 'CATALOG_INVALID').value;
  const framework = z
    .object({
      items: z.array(z.object({ id: z.string(), title: z.string(), statement: z.string(), group: z.string() })),
      legacy: z.array(z.object({ id: z.string(), now: z.array(z.string()) })),
    })
    .parse(yaml);
  assert.deepEqual(framework.items, [
    {
      id: 'HR-1',
      title: 'Doors',
      statement: 'Doors have: a. [number of [x] locks] locks; and b. hinges.',
      group: 'HR',
    },
    { id: 'HR-1(1)', title: 'Doors | Windows', statement: 'Windows as well.', group: 'HR' },
  ]);
  assert.deepEqual(framework.legacy, [{ id: 'HR-2', now: ['HR-1'] }]);
});

const published = ['json', 'xml'].map((kind) => [kind, process.env[`PROBITY_NIST_${kind.toUpperCase()}`]] as const);
for (const [kind, file] of published)
  test(`a catalog of SP 800-53 or the CSF as NIST distributes it imports from ${kind}`, {
    skip: file ? false : `name one with PROBITY_NIST_${kind.toUpperCase()}`,
  }, async () => {
    assert.ok(file);
    const made = await importCatalog(file, { source });
    assert.ok((made.counts.completed ?? 0) >= 10);
    const place = path.join(folder, `published-${kind}`);
    write(place, Object.fromEntries(made.files));
    assert.deepEqual(lint(await loadCatalog([place])), []);
  });

test('what is no catalog, or a hostile one, is refused in one line', async () => {
  const deep = (n: number): unknown => (n === 0 ? { title: 't', id: 'x' } : { title: 't', groups: [deep(n - 1)] });
  const cases: [name: string, content: string, expected: RegExp][] = [
    ['a.json', '{', /neither an OSCAL catalog/],
    ['b.json', '{"profile": {}}', /not an OSCAL catalog/],
    ['c.json', '{"catalog": {"__proto__": {"x": 1}, "metadata": {"title": "t"}}}', /__proto__ is not allowed/],
    [
      'd.xml',
      '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><catalog/>',
      /document type, which is not accepted/,
    ],
    ['e.xml', '<catalog xmlns="urn:other"/>', /not an OSCAL catalog/],
    ['f.xml', '<catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0"><group>', /not valid XML/],
    [
      'g.json',
      JSON.stringify({ catalog: { metadata: { title: 't' }, groups: [deep(60)] } }),
      /nested deeper than any catalog/,
    ],
    ['h.csv', 'Id,Title\nX-01,t\n', /lacks the column Family, Objective/],
    ['i.csv', 'Id,Title,Family,Objective\nx 1,t,access,o\n', /row 2.*|id: an id like MI-02/],
    [
      'j.json',
      JSON.stringify({ catalog: { metadata: { title: 'Other' }, controls: [{ id: 'q-1', title: 'Q' }] } }),
      /is none of the frameworks of this catalog/,
    ],
    ['k.xlsx', 'PK not a workbook', /k.xlsx/],
  ];
  for (const [name, content, expected] of cases)
    await assert.rejects(imported(name, content), (error: unknown) => {
      assert.ok(error instanceof Error && 'line' in error && typeof error.line === 'string', `${name}: ${error}`);
      assert.match(error.line, expected, name);
      assert.ok(!error.line.includes('\n'));
      return true;
    });
});

test('controls go into a spreadsheet and come back the same, as CSV and as a workbook', async () => {
  const csv = catalogCsv(catalog);
  const xlsx = await catalogXlsx(catalog, AS_OF);
  for (const [name, content] of [
    ['controls.csv', csv],
    ['controls.xlsx', xlsx],
  ] as const) {
    const made = await imported(name, content);
    assert.deepEqual(made.counts, { controls: 63 });
    const place = path.join(folder, name.replace('.', '-'));
    write(place, Object.fromEntries(made.files));
    const laid = await loadCatalog([place]);
    assert.deepEqual(lint(laid), []);
    assert.deepEqual(
      laid.controls.map(({ document }) => document),
      catalog.controls.map(({ document }) => document),
      name,
    );
  }
  assert.ok(Buffer.from(xlsx).equals(Buffer.from(await catalogXlsx(catalog, AS_OF))), 'the same bytes');
});

test('a plain table of controls becomes controls that somebody attests to', async () => {
  const made = await imported(
    'plain.csv',
    'id,title,family,objective,Model inversion: consequence,Membership inference: consequence,Frameworks\nORG-01,"Doors, locked",Access,"Every door is locked.",Data leaves by the door.,People are seen through it.,nist-csf-2.0: PR.AA-05\n',
  );
  const place = path.join(folder, 'plain');
  write(place, Object.fromEntries(made.files));
  const laid = await loadCatalog([place]);
  const control = laid.controls.find(({ document }) => document.id === 'ORG-01')?.document;
  assert.equal(control?.attackClasses.inversion?.criteria[0]?.statement, 'Every door is locked.');
  assert.deepEqual(
    lint(laid).map(({ message }) => message),
    [
      'the mapping to PR.AA-05 gives no reason and no strength: write PR.AA-05: {strength: full | partial | supports, part: "which part, where it is partial", reason: "why, one line"}',
    ],
  );
});

test("the OSCAL export is valid by NIST's schema, and the same every time", () => {
  const validate = oscalValidator();
  const documents = catalogOscal(catalog, AS_OF, '0.1.0');
  assert.deepEqual([...documents.keys()].sort(), [
    'catalog.oscal.json',
    'mapping.oscal.json',
    'profile-high.oscal.json',
    'profile-low.oscal.json',
    'profile-moderate.oscal.json',
  ]);
  for (const [name, document] of documents)
    assert.ok(
      validate(JSON.parse(JSON.stringify(document))),
      `${name}: ${JSON.stringify(validate.errors?.slice(0, 3))}`,
    );
  const broken = JSON.parse(JSON.stringify(documents.get('catalog.oscal.json')));
  delete broken.catalog.uuid;
  assert.ok(!validate(broken), 'the schema does say no');
  assert.equal(JSON.stringify([...catalogOscal(catalog, AS_OF, '0.1.0')]), JSON.stringify([...documents]));
});

test('the schemas for editors accept what the code accepts, and refuse an unknown key', () => {
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: true });
  addFormats.default(ajv);
  const check = (schema: string, file: string) => {
    const validate = ajv.compile(JSON.parse(jsonSchemas().get(schema) ?? ''));
    const value = parseYaml(readFileSync(file, 'utf8'), file, 'CATALOG_INVALID').value;
    assert.ok(validate(value), `${file}: ${JSON.stringify(validate.errors?.slice(0, 2))}`);
    assert.ok(!validate({ ...(typeof value === 'object' ? value : {}), colour: 'red' }), `${file}: an unknown key`);
  };
  for (const { file } of catalog.controls) check('control.schema.json', path.join(ROOT, 'controls', file));
  for (const { file } of catalog.frameworks) check('framework.schema.json', path.join(ROOT, 'controls', file));
  for (const name of [
    'access-inventory',
    'attestation',
    'interface',
    'event-sample',
    'secret-scan',
    'threat-model',
    'change-log',
    'waiver',
    'store-facts',
    'tool-inventory',
    'exercise-log',
    'data-sheet',
    'vendor-terms',
    'impact-assessment',
  ])
    check(`${name}.schema.json`, path.join(ROOT, 'examples', `${name}.yaml`));
  check('system.schema.json', path.join(ROOT, 'evidence/probity.yaml'));
});
