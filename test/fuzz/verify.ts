import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PDFArray, PDFDict, PDFDocument, PDFName, PDFNull, PDFRawStream, PDFRef, PDFStream } from '@cantoo/pdf-lib';
import { DOMParser } from '@xmldom/xmldom';
import { unzipSync } from 'fflate';
import { serialiseAssessment } from '../../src/assess/assessment.ts';
import { unzipBounded, zipSame } from '../../src/files/zip.ts';
import { sealStatement, verifyAttestation } from '../../src/pack/attestation.ts';
import { packStatement } from '../../src/pack/statement.ts';
import { verifyPaths } from '../../src/pack/verify.ts';
import { serialiseManifest } from '../../src/report/manifest.ts';
import { renderXlsx } from '../../src/report/xlsx/index.ts';
import { loadSigner } from '../../src/sign/keys/index.ts';
import { sealPdf } from '../../src/sign/pdf/seal.ts';
import { createTrialSigner } from '../../src/sign/trial.ts';
import { signXlsx } from '../../src/sign/xlsx/index.ts';
import { verifyPdf } from '../../src/verify/pdf.ts';
import { verifyXlsx } from '../../src/verify/xlsx.ts';
import { briefAssessment, exampleAssessment } from '../support/example.ts';
import { known, line, streamUpdate, update } from '../support/pdfUpdates.ts';
import { mutate, type Random } from './mutate.ts';
import type { Target } from './targets.ts';

/*
 * Signed files and packs, changed by somebody without a key: by bytes and lines, by incremental updates of PDFs, by parts of
 * workbooks and packs, by values of envelopes. Whatever is called intact must show what was signed, as other libraries read it.
 */

const folder = mkdtempSync(path.join(tmpdir(), 'probity-fuzz-verify-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const moment = { role: 'preparer', time: new Date(), level: 'b' as const };

async function signer(name: string) {
  const file = path.join(folder, `${name}.p12`);
  await createTrialSigner(file, 'x', name);
  return loadSigner(file, { passphrase: async () => 'x' });
}

async function makeSeeds(): Promise<Buffer[]> {
  const [preparer, approver] = [await signer('preparer'), await signer('approver')];
  const assessment = briefAssessment(await exampleAssessment());
  const text = serialiseAssessment(assessment);
  const document = await PDFDocument.create();
  for (const words of ['Membership inference: NOT SATISFIED', 'Model inversion: NOT SATISFIED'])
    document.addPage().drawText(words, { size: 18, x: 40, y: 700 });
  await document.attach(Buffer.from(text), 'assessment.json', { mimeType: 'application/json' });
  const pdfs: Uint8Array[] = [];
  for (const useObjectStreams of [false, true]) {
    const once = await sealPdf(await document.save({ useObjectStreams }), preparer, moment);
    pdfs.push(once, await sealPdf(once, approver, { ...moment, role: 'approver' }));
  }
  const workbook = signXlsx(await renderXlsx(assessment, undefined), preparer, moment);
  const files = new Map<string, Uint8Array>([
    ['report.pdf', pdfs[0] as Uint8Array],
    ['report.xlsx', workbook],
    ['assessment.json', Buffer.from(text)],
    ['evidence-manifest.json', Buffer.from(serialiseManifest(assessment))],
  ]);
  const attestation = await sealStatement(packStatement(assessment, files, []), preparer, moment);
  files.set('attestation.dsse.json', attestation);
  const pack = zipSame(new Map([...files].map(([name, bytes]) => [`out/${name}`, bytes])));
  return [...pdfs, ...pdfs, workbook, attestation, pack].map((bytes) => Buffer.from(bytes));
}

const SEEDS = await makeSeeds();

type Kind = 'pdf' | 'xlsx' | 'dsse' | 'pack';

function kindOf(bytes: Buffer): Kind {
  if (bytes.subarray(0, 1024).includes('%PDF')) return 'pdf';
  if (bytes.subarray(0, 2).equals(Buffer.from('PK'))) return bytes.includes('xl/workbook.xml') ? 'xlsx' : 'pack';
  return 'dsse';
}

const below = (random: Random, n: number): number => Math.floor(random() * n);
const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)] as T;

const KEYS =
  'AP V Rect Kids Parent Annots Contents Resources OpenAction AA Names Version Extensions Perms AcroForm Fields SigFlags DSS Certs VRI Pages Type Subtype FT F T Length Filter Prev Root Info ID Size XRefStm Encrypt ByteRange'.split(
    ' ',
  );
const VALUES = (size: number, random: Random): string =>
  pick(random, [
    `${below(random, size + 3)} 0 R`,
    `[ ${below(random, size + 3)} 0 R ]`,
    `/${pick(random, KEYS)}`,
    '(SATISFIED)',
    '<00>',
    String(below(random, 2000)),
    '[0 0 595 842]',
    'null',
    'true',
    '<< >>',
    '<< /S /JavaScript /JS (x) >>',
    '-1',
    '1e5',
    '<FEFF>',
  ]);

/** An object's text with one of its tokens, or keys, changed. */
function changeObject(body: string, size: number, random: Random): string {
  const way = below(random, 5);
  if (way === 0) return body.replace('<<', `<< /${pick(random, KEYS)} ${VALUES(size, random)} `);
  const tokens = body.split(/(\s+)/);
  const at = below(random, tokens.length);
  if (way === 1) tokens.splice(at, 1 + below(random, 3));
  else if (way === 2) tokens[at] = VALUES(size, random);
  else if (way === 3) tokens.splice(at, 0, ` ${VALUES(size, random)} `);
  else tokens[at] = tokens[below(random, tokens.length)] ?? '';
  return tokens.join('');
}

const OBJECTS = new WeakMap<Buffer, [number, string][]>();

function objectsOf(bytes: Buffer): [number, string][] {
  const found =
    OBJECTS.get(bytes) ??
    [...bytes.toString('latin1').matchAll(/(?:^|\n)(\d+) 0 obj\n([\s\S]{0,4000}?)\nendobj/g)].map(
      ([, number, body]): [number, string] => [Number(number), body ?? ''],
    );
  OBJECTS.set(bytes, found);
  return found;
}

function changePdf(seed: Buffer, random: Random): Buffer {
  const k = known(seed);
  const all = objectsOf(seed);
  const objects: Record<number, string> = {};
  for (let i = 0; i <= below(random, 3); i++) {
    const [number, body] = pick(random, all);
    const as = random() < 0.7 ? number : k.size + below(random, 3);
    objects[as] = random() < 0.25 ? body : changeObject(random() < 0.8 ? body : pick(random, all)[1], k.size, random);
  }
  if (random() < 0.3) return streamUpdate(seed, {}, { packed: objects, listed: random() < 0.8 });
  if (random() < 0.1) return streamUpdate(seed, objects);
  const trick = random() < 0.4;
  return update(seed, {
    objects,
    ...(trick && random() < 0.3
      ? { front: pick(random, ['%x\n', `${k.page.number} 0 obj\n<< >>\nendobj\n`, 'xref\n', '\0\0']) }
      : {}),
    ...(trick && random() < 0.3
      ? { middle: pick(random, ['%%EOF\n', 'trailer\n<< >>\n', `startxref\n${k.prev}\n%%EOF\n`]) }
      : {}),
    ...(trick && random() < 0.3 ? { end: pick(random, ['x', '\n\n', '%%EOF', 'startxref\n0\n%%EOF\n']) } : {}),
    ...(trick && random() < 0.3
      ? { entries: [[below(random, k.size), [line(below(random, seed.length), 0, pick(random, ['n', 'f']))]]] }
      : {}),
    ...(trick && random() < 0.3
      ? { trailer: { more: `/${pick(random, KEYS)} ${VALUES(k.size, random)} ` } }
      : trick && random() < 0.3
        ? { trailer: { Prev: String(below(random, seed.length)), Size: String(below(random, k.size * 2)) } }
        : {}),
  });
}

function partsOf(archive: Buffer): Map<string, Uint8Array> | undefined {
  try {
    return unzipBounded(archive, 'seed');
  } catch {
    return undefined;
  }
}

function changeParts(seed: Buffer, other: Buffer, random: Random): Buffer {
  const parts = partsOf(seed);
  // A part of a pack that an earlier change has broken is changed as bytes.
  if (!parts) return mutate(seed, other, random);
  for (let i = 0; i <= below(random, 2); i++) {
    const names = [...parts.keys()];
    // Beside a signature there is much that is not signed; more happens there.
    const likely = names.filter((name) => /_xmlsignatures|\.rels$|Content_Types|^docProps|attestation/.test(name));
    const name = pick(random, random() < 0.5 && likely.length > 0 ? likely : names);
    const bytes = Buffer.from(parts.get(name) ?? []);
    const way = below(random, 6);
    if (way === 0) parts.delete(name);
    else if (way === 1)
      parts.set(
        name.replace(/[^/]*$/, (last) => pick(random, [last.toUpperCase(), `x${last}`, `../${last}`])),
        bytes,
      );
    else if (way === 2) parts.set(name, parts.get(pick(random, names)) ?? bytes);
    else parts.set(name, changeOne(bytes, other, random));
  }
  return Buffer.from(zipSame(parts));
}

/** A file of any kind with something in it changed. */
function changeOne(seed: Buffer, other: Buffer, random: Random): Buffer {
  const kind = kindOf(seed);
  if (seed.length === 0) return Buffer.from('x');
  if (kind === 'pdf' && random() < 0.7) return changePdf(seed, random);
  if ((kind === 'xlsx' || kind === 'pack') && random() < 0.8) return changeParts(seed, other, random);
  if (kind === 'dsse' && random() < 0.3 && seed.subarray(0, 1).equals(Buffer.from('{')))
    return changePayload(seed, other, random);
  return mutate(seed, other, random);
}

function changePayload(seed: Buffer, other: Buffer, random: Random): Buffer {
  try {
    const envelope: Record<string, unknown> = JSON.parse(seed.toString('utf8'));
    const payload = mutate(Buffer.from(String(envelope.payload), 'base64'), other, random);
    return Buffer.from(JSON.stringify({ ...envelope, payload: payload.toString('base64') }));
  } catch {
    return mutate(seed, other, random);
  }
}

/** What a PDF shows, as a lenient library reads it: pages in their order, what is drawn, how, and what lies over them. */
async function shown(bytes: Uint8Array): Promise<string[]> {
  const document = await PDFDocument.load(bytes, { updateMetadata: false });
  const seen = new Set<string>();
  const text = (value: unknown, depth: number): string => {
    if (depth > 12) return '';
    if (value instanceof PDFRef) {
      const key = value.toString();
      if (seen.has(key)) return key;
      seen.add(key);
      const found = text(document.context.lookup(value), depth + 1);
      seen.delete(key);
      return found;
    }
    if (value instanceof PDFRawStream)
      return `${text(value.dict, depth)}${Buffer.from(value.getContents()).toString('latin1')}`;
    if (value instanceof PDFStream) return text(value.dict, depth);
    if (value instanceof PDFArray)
      return `[${value
        .asArray()
        .map((one) => text(one, depth + 1))
        .join(' ')}]`;
    if (value instanceof PDFDict)
      return `<<${value
        .entries()
        .filter(
          ([key, one]) => one !== PDFNull && !['/Parent', '/P', '/Annots', '/AP', '/V', '/F'].includes(key.toString()),
        )
        .map(([key, one]) => `${key} ${text(one, depth + 1)}`)
        .sort()
        .join(' ')}>>`;
    return String(value);
  };
  const catalog = ['OCProperties', 'OpenAction', 'AA', 'Names', 'Outlines', 'Version', 'ViewerPreferences'].map((key) =>
    text(document.catalog.get(PDFName.of(key)), 0),
  );
  return [
    ...catalog,
    ...document.getPages().map((page) => text(page.node, 0)),
    ...document.getPages().map((page) => text(page.node.get(PDFName.of('Annots')), 0)),
  ];
}

const SHOWN = new Map<Buffer, Promise<string[]>>();

async function sameShown(input: Buffer): Promise<void> {
  const is = JSON.stringify(await shown(input));
  for (const seed of SEEDS.filter((one) => kindOf(one) === 'pdf')) {
    const was = SHOWN.get(seed) ?? shown(seed);
    SHOWN.set(seed, was);
    if (JSON.stringify(await was) === is) return;
  }
  throw new Error('a PDF is called intact that shows something else than what was signed');
}

const unsignedPart = (name: string): boolean =>
  name.startsWith('_xmlsignatures/') ||
  name === '[Content_Types].xml' ||
  name === 'docProps/core.xml' ||
  /_rels\/\.rels$/.test(name);

/** What a part says: of relationships each with its attributes, which is what is signed of them (ECMA-376-2, 12.2.4.2.5). */
function contentOf(name: string, bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1');
  if (!name.endsWith('.rels')) return text;
  const root = new DOMParser().parseFromString(text, 'text/xml').documentElement;
  return JSON.stringify(
    Array.from(root?.getElementsByTagName('*') ?? [], (one) =>
      Array.from(one.attributes, ({ name, value }) => [name, value]).sort(),
    ).sort(),
  );
}

function sameParts(input: Buffer, kind: Kind, unsigned: (name: string) => boolean): void {
  const parts = (bytes: Buffer): string =>
    JSON.stringify(
      Object.entries(unzipSync(bytes))
        .filter(([name]) => !unsigned(name))
        .map(([name, bytes]) => [name, contentOf(name, bytes)])
        .sort(),
    );
  const is = parts(input);
  if (!SEEDS.some((seed) => kindOf(seed) === kind && parts(seed) === is))
    throw new Error(`a ${kind} is called intact that holds something else than what was signed`);
}

function samePayload(input: Buffer): void {
  const payload = (bytes: Buffer): unknown => JSON.parse(bytes.toString('utf8')).payload;
  if (!SEEDS.some((seed) => kindOf(seed) === 'dsse' && payload(seed) === payload(input)))
    throw new Error('an attestation is called intact that says something else than what was signed');
}

/** The attestation's own bytes are stated nowhere; how its JSON is laid out is free. */
function samePack(input: Buffer): void {
  const attestation = (name: string): boolean => name.endsWith('attestation.dsse.json');
  sameParts(input, 'pack', (name) => name.endsWith('/') || attestation(name));
  const [found] = Object.entries(unzipSync(input)).filter(([name]) => attestation(name));
  samePayload(Buffer.from(found?.[1] ?? []));
}

/** Those who signed the seeds: what is said of files of another run cannot be compared. */
const SIGNERS = new Set<string>();
for (const seed of SEEDS)
  if (kindOf(seed) === 'pdf') for (const one of (await verifyPdf(seed, [])).signatures) SIGNERS.add(one.fingerprint);

export const target: Target = {
  name: 'verify',
  share: 300,
  seeds: () => SEEDS,
  change: changeOne,
  async run(input) {
    const kind = kindOf(input);
    if (kind === 'pack') {
      const file = path.join(folder, 'x.zip');
      writeFileSync(file, input);
      const { valid, vouchedBy } = await verifyPaths([file], [], false);
      if (valid && vouchedBy.some(({ fingerprint }) => SIGNERS.has(fingerprint))) samePack(input);
      return;
    }
    const { problems, signatures } =
      kind === 'pdf'
        ? await verifyPdf(input, [])
        : kind === 'xlsx'
          ? verifyXlsx(input, [])
          : verifyAttestation(input.toString('utf8'), 'x', []);
    if (problems.length > 0 || !signatures.some(({ fingerprint }) => SIGNERS.has(fingerprint))) return;
    if (kind === 'pdf') await sameShown(input);
    else if (kind === 'xlsx') sameParts(input, 'xlsx', unsignedPart);
    else samePayload(input);
  },
};
