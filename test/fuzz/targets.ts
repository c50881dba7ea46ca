import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseAssessment, serialiseAssessment } from '../../src/assess/assessment.ts';
import { CATALOG_KINDS } from '../../src/catalog/schemas.ts';
import { sourceDeclaration } from '../../src/evidence/declaration.ts';
import { redactName, redactText } from '../../src/evidence/secrets.ts';
import { mapText, tameText } from '../../src/evidence/text.ts';
import { parseJson } from '../../src/files/json.ts';
import { fitYaml, parseYaml } from '../../src/files/yaml.ts';
import { unzipBounded } from '../../src/files/zip.ts';
import { visible, visibleJson } from '../../src/visible.ts';
import { workspaceSchema } from '../../src/workspace/workspace.ts';
import { EVIDENCE_FILES } from '../support/evidenceFiles.ts';
import { read } from '../support/reading.ts';
import { ROOT } from '../support/workspace.ts';
import type { Random } from './mutate.ts';
import { target as verify } from './verify.ts';

/** What is fuzzed: where its inputs begin, and what is done with each. Anything thrown but a ProbityError is a finding. */
export interface Target {
  name: string;
  /** How many of a thousand inputs it gets. */
  share: number;
  seeds(): Buffer[];
  /** A seed with a few changes; default: `mutate`. */
  change?(seed: Buffer, other: Buffer, random: Random): Buffer;
  run(input: Buffer): unknown;
}

const LARGEST_SEED = 4096;

/** Small files below folders of the project and of the shared samples, where those are. */
function seedsFrom(folders: readonly string[], wanted: RegExp): Buffer[] {
  return folders.flatMap((folder) => {
    try {
      return readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .sort()
        .map((name) => path.join(folder, name))
        .filter((file) => wanted.test(file) && statSync(file).isFile() && statSync(file).size > 0)
        .map((file) => readFileSync(file))
        .filter((bytes) => bytes.length <= 4 * LARGEST_SEED || !bytes.includes(123))
        .map((bytes) => bytes.subarray(0, 4 * LARGEST_SEED));
    } catch {
      return [];
    }
  });
}

const SAMPLES = [path.join(ROOT, '../shared/samples')];
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}]/u;

function mustBeSeen(text: string): void {
  if (UNSEEN.test(text)) throw new Error(`unseen characters in ${JSON.stringify(text.slice(0, 200))}`);
}

const folder = mkdtempSync(path.join(tmpdir(), 'probity-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const NAMES = ['x.json', 'x.yaml', 'scores.csv', 'attack_result_x.npz', 'x.report.jsonl', 'x.bin'];

/** What the workspace has to say of seeds that cannot say it themselves. */
const SOURCES = EVIDENCE_FILES.flatMap(({ source }) =>
  source ? [sourceDeclaration.parse({ match: '*', ...source })] : [],
).slice(0, 1);

const evidence: Target = {
  name: 'evidence',
  share: 350,
  seeds: () =>
    seedsFrom(
      [...SAMPLES, path.join(ROOT, 'evidence'), path.join(ROOT, 'examples'), path.join(ROOT, 'test/evidence/fixtures')],
      /\.(json|jsonl|ya?ml|csv|npz|eval|parquet|xml|tsv|gz|otm|tm7|sarif|tfstate)$/,
    ).concat(EVIDENCE_FILES.map(({ text }) => Buffer.from(text))),
  async run(input) {
    const name = NAMES[(input[input.length >> 1] ?? 0) % NAMES.length] as string;
    writeFileSync(path.join(folder, name), input);
    const { entry, reading } = await read(folder, name, SOURCES);
    mustBeSeen(entry.reason ?? '');
    if (!entry.accepted && (entry.code === undefined || entry.reason === undefined))
      throw new Error('refused without a reason');
    mapText(reading?.observations ?? [], (text) => {
      mustBeSeen(text.replace(/[\n\t]/g, ''));
      return text;
    });
    // Reading says "cannot be read as what it seems to be" for what it did not foresee.
    if (entry.reason?.includes('as what it seems to be')) throw new Error(entry.reason);
  },
};

const yaml: Target = {
  name: 'yaml',
  share: 200,
  seeds: () => seedsFrom([path.join(ROOT, 'controls'), path.join(ROOT, 'examples'), ...SAMPLES], /\.ya?ml$/),
  run(input) {
    const { value, lineOf } = parseYaml(input.toString('utf8'), 'x.yaml', 'USAGE');
    if (lineOf('/a/0/b') < 1) throw new Error('a line below the first');
    JSON.stringify(value);
  },
};

const KINDS = Object.values(CATALOG_KINDS);
const catalog: Target = {
  name: 'catalog',
  share: 100,
  seeds: () => seedsFrom([path.join(ROOT, 'controls')], /\.ya?ml$/),
  run(input) {
    const parsed = parseYaml(input.toString('utf8'), 'x.yaml', 'CATALOG_INVALID');
    const schema = KINDS[input.length % KINDS.length];
    if (schema) fitYaml<unknown>(schema, parsed, 'x.yaml', 'CATALOG_INVALID');
  },
};

const workspace: Target = {
  name: 'workspace',
  share: 100,
  seeds: () => seedsFrom([path.join(ROOT, 'evidence'), path.join(ROOT, 'examples')], /probity\.yaml$|system.*\.ya?ml$/),
  run: (input) =>
    fitYaml(
      workspaceSchema,
      parseYaml(input.toString('utf8'), 'x.yaml', 'WORKSPACE_INVALID'),
      'x.yaml',
      'WORKSPACE_INVALID',
    ),
};

const json: Target = {
  name: 'json',
  share: 50,
  seeds: () => seedsFrom([...SAMPLES, path.join(ROOT, 'evidence')], /\.json$/),
  run: (input) => parseJson(input.toString('utf8'), 'x.json', 'USAGE'),
};

const assessment: Target = {
  name: 'assessment',
  share: 50,
  seeds: () => seedsFrom([path.join(ROOT, 'out')], /assessment\.json$/),
  run: (input) => serialiseAssessment(parseAssessment(input.toString('utf8'), 'a.json')),
};

const zip: Target = {
  name: 'zip',
  share: 50,
  seeds: () => seedsFrom([...SAMPLES, path.join(ROOT, 'evidence')], /\.(npz|zip|eval|xlsx)$/),
  run: (input) => unzipBounded(input, 'x.zip'),
};

const text: Target = {
  name: 'text',
  share: 100,
  seeds: () => seedsFrom([...SAMPLES, path.join(ROOT, 'docs')], /\.(json|jsonl|md|ya?ml)$/),
  run(input) {
    const words = input.toString('utf8').slice(0, 4000);
    mustBeSeen(visible(words));
    mustBeSeen(visibleJson([words, { [words]: words }]));
    const once = redactText(tameText(words));
    mustBeSeen(once.replace(/[\n\t]/g, ''));
    redactName(visible(words.slice(0, 300)));
  },
};

/** All targets; what needs seeds of its own has a file beside this one. */
export const TARGETS: Target[] = [evidence, yaml, catalog, workspace, json, assessment, zip, text, verify].filter(
  (target) => target.seeds().length > 0,
);
