import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import type { Located } from '../../src/evidence/observation.ts';
import type { ThreatBody } from '../../src/evidence/observations/governance.ts';
import { EVIDENCE_FILES } from '../support/evidenceFiles.ts';
import { lookups, read } from '../support/reading.ts';
import { ROOT, scratch, write } from '../support/workspace.ts';

const folder = scratch();
const SAMPLES = path.join(ROOT, '../shared/samples');
const skip = existsSync(SAMPLES) ? false : 'the samples are not here';

const threatsOf = (found: readonly Located[]): Located<ThreatBody>[] =>
  found.flatMap((one) => (one.kind === 'threat' ? [one] : []));

async function threats(root: string, name: string): Promise<Located<ThreatBody>[]> {
  const { entry, reading } = await read(root, name);
  assert.ok(entry.accepted, `${name}: ${entry.reason}`);
  return threatsOf(reading?.observations ?? []);
}

const classes = (text: string): string[] => lookups.terms.attackClasses(text).map((one) => one.attackClass);

test('threats name their class in the words that people use', () => {
  const inversion = [
    'carefully crafted queries lead to extracting system prompt instructions',
    'cross-tenant data leakage during embedding similarity searches',
    'sensitive data remains identifiable, exposing it via model outputs',
    'retrieve sensitive information from an inference API',
    'an attacker reconstructs training images from gradients',
    'The assistant reveals its system prompt',
    'the LLM memorizing customer records',
    'LLM02',
    'LLM02: Sensitive Information Disclosure',
    'LLM07 System Prompt Leakage',
    'LLM08:2025',
    'AML.T0024.001',
    'Embedding Reversal Risks at the knowledge base',
    'Vector and Embedding Weaknesses at llm-foundation-model',
    'Model Data Extraction at llm-foundation-model',
    'Sensitive Information Disclosure at llm-foundation-model',
  ];
  for (const text of inversion) assert.deepEqual(classes(text), ['inversion'], text);
  const membership = ['membership inference', 'whether a record was used to train the model', 'ML04', 'AML.T0024.000'];
  for (const text of membership) assert.deepEqual(classes(text), ['membership-inference'], text);
  const neither = [
    'inversion of control container is misconfigured',
    'users write down memorized secrets',
    'overwrite the system prompt with crafted prompts',
    'an attacker exposes session cookies of other users',
    'LLM02:2023',
    'Sensitive information disclosure through backups of the billing database',
    'Unencrypted embeddings at the vector database',
    'LLM02 Insecure Output Handling',
    'LLM07 Insecure Plugin Design',
    'LLM08 Excessive Agency',
    'XLLM02',
    'AML.T0024.0010',
    'a database index is reconstructed after a crash',
    'steal proprietary model artifacts',
  ];
  for (const text of neither) assert.deepEqual(classes(text), [], text);
});

test('no term reaches from the title of a threat into its category', async () => {
  const model = JSON.parse(EVIDENCE_FILES.find(({ name }) => name === 'composer.tc.json')?.text ?? '');
  Object.assign(model.threats[0], {
    statement: 'Queries lead to copies of the algorithm and its training data',
    tags: [],
  });
  write(folder, { 'across.tc.json': JSON.stringify(model) });
  const [threat] = await threats(folder, 'across.tc.json');
  assert.equal(threat?.category, 'Information disclosure');
  assert.deepEqual(threat?.names, []);
});

test('a surface is named by what it is, not by a word that happens to stand there', () => {
  const surfaces = (text: string): string[] => lookups.terms.surfaces(text).map((one) => one.surface);
  assert.deepEqual(surfaces('URL Mapping Retrieval'), []);
  assert.deepEqual(surfaces('the retrieval store'), ['retrieval-store']);
  assert.deepEqual(surfaces('a multi-tenant vector database'), ['retrieval-store']);
  assert.deepEqual(surfaces('Glossary index'), []);
  assert.deepEqual(surfaces('calls to inference model APIs of the LLM'), ['model-api']);
});

test('of a real model of a chatbot, words alone find every threat in scope and no other', { skip }, () => {
  const model: { threats: { statement: string; tags: string[] }[] } = JSON.parse(
    readFileSync(path.join(SAMPLES, 'threat-composer/GenAIChatbot.tc.json'), 'utf8'),
  );
  const found = model.threats
    .filter(({ statement }) => classes(statement).length > 0)
    .map(({ statement }) => statement);
  // Read one by one: prompt extraction, tenants, embeddings, inference APIs, overfitting, anonymisation, training on confidential data.
  const wanted = [
    /system prompt instr/,
    /cross-tenant/,
    /can perform inversion attacks/,
    /inference model APIs/,
    /membership inference/,
    /via model outputs/,
    /model inversion/,
  ];
  assert.equal(found.length, wanted.length);
  for (const one of wanted) assert.equal(found.filter((text) => one.test(text)).length, 1, String(one));
});

test('every real model is read whole: as many threats as an independent count finds', { skip }, async () => {
  const text = (name: string): string => readFileSync(path.join(SAMPLES, name), 'utf8');
  const count = (name: string, pattern: RegExp): number => (text(name).match(pattern) ?? []).length;
  const cells: { threats?: unknown[] }[] = JSON.parse(
    text('threat-dragon/v1-demo-threat-model.json'),
  ).detail.diagrams.flatMap((one: { diagramJson: { cells: unknown[] } }) => one.diagramJson.cells);
  const expected: [string, number][] = [
    ['threat-dragon/v1-demo-threat-model.json', cells.reduce((sum, cell) => sum + (cell.threats?.length ?? 0), 0)],
    ['threat-composer/GenAIChatbot.tc.json', JSON.parse(text('threat-composer/GenAIChatbot.tc.json')).threats.length],
    ['threagile/risks.json', JSON.parse(text('threagile/risks.json')).length],
    ['otm/mtmt_example.yaml', count('otm/mtmt_example.yaml', /- threat:/g)],
    ['tm7/MTMT_example.tm7', count('tm7/MTMT_example.tm7', /<b:State>/g)],
    ['threagile/threagile.yaml', count('threagile/threagile.yaml', /^ {6}<b>.*:$/gm)],
    ['pytm/output.json', 0],
    ['otm/otm_file_example.otm', 0],
  ];
  for (const [name, wanted] of expected) assert.equal((await threats(SAMPLES, name)).length, wanted, name);
});

test('each tool says that the same threat is mitigated, in its own words', async () => {
  for (const { format, name, text, counts } of EVIDENCE_FILES) {
    if (counts['threat'] !== 1) continue;
    write(folder, { [name]: text });
    const [threat] = await threats(folder, name);
    assert.deepEqual(
      threat?.names.map((one) => one.attackClass),
      ['membership-inference'],
      name,
    );
    const open = ['threat-dragon-v1', 'threat-dragon-v2', 'threagile-risks'].includes(format);
    assert.equal(threat?.status, open ? 'open' : 'mitigated', name);
    // Threagile's list of risks has no field for what was done; advice of a tool is no mitigation.
    if (format !== 'threagile-risks') assert.match(threat?.mitigation ?? '', /noise/i, name);
    else assert.equal(threat?.mitigation, undefined);
  }
});

test('what a model declares out of its scope covers nothing, and is counted', async () => {
  const dragon = JSON.parse(EVIDENCE_FILES.find(({ name }) => name === 'dragon.json')?.text ?? '');
  dragon.detail.diagrams[0].cells[0].data.outOfScope = true;
  const threagile = (EVIDENCE_FILES.find(({ name }) => name === 'threagile.yaml')?.text ?? '').replace(
    'out_of_scope: false',
    'out_of_scope: true',
  );
  write(folder, { 'outside.json': JSON.stringify(dragon), 'outside.yaml': threagile });
  for (const name of ['outside.json', 'outside.yaml']) {
    const { entry, reading } = await read(folder, name);
    const [threat] = threatsOf(reading?.observations ?? []);
    assert.deepEqual([threat?.names, threat?.surfaces, threat?.status], [[], [], 'not-applicable'], name);
    assert.match(entry.warnings.join(), /out of scope/);
  }
});

test('a layer without statuses is no threat model, and a model that only draws is none either', async () => {
  const layer = {
    name: 'L',
    domain: 'atlas-atlas',
    techniques: [{ techniqueID: 'AML.T0024.000', score: 1 }, { techniqueID: 'AML.T0051' }],
  };
  write(folder, { 'marks.json': JSON.stringify(layer) });
  const { entry } = await read(folder, 'marks.json');
  assert.deepEqual([entry.accepted, entry.observations], [true, 0]);
  assert.match(entry.warnings.join(), /2 of 2 techniques are marked without a status.*1 of all name/);
});

test('a Microsoft model with a document type, an entity or no threats is refused', async () => {
  const good = EVIDENCE_FILES.find(({ name }) => name === 'model.tm7')?.text ?? '';
  write(folder, {
    'doctype.tm7': good.replace('<ThreatModel', '<!DOCTYPE x [<!ENTITY a "b">]><ThreatModel'),
    'entity.tm7': good.replace('Advice', '&a;'),
    'none.tm7': '<ThreatModel><x/></ThreatModel>',
    'broken.tm7': good.replace('</b:Properties>', ''),
  });
  for (const name of ['doctype.tm7', 'entity.tm7', 'none.tm7', 'broken.tm7']) {
    const { entry } = await read(folder, name);
    assert.equal(entry.accepted, false, name);
    assert.doesNotMatch(entry.reason ?? '', /what it seems to be/, name);
  }
});
