import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { ROOT } from './workspace.ts';

/** Programs of others that judge what we write. `.ci/run` installs them; elsewhere a missing one skips its test. */
const JUDGES_FOLDER = path.join(ROOT, '.judges');

/** A program in Java, from the folder of its own that its libraries were put into. */
const java = (folder: string, main: string) =>
  ['java', '-cp', `${path.join(JUDGES_FOLDER, folder)}:${path.join(JUDGES_FOLDER, folder)}/*`, main] as const;

const JUDGES = {
  pdfsig: ['pdfsig'],
  pdfinfo: ['pdfinfo'],
  pdffonts: ['pdffonts'],
  pdftotext: ['pdftotext'],
  pdftoppm: ['pdftoppm'],
  qpdf: ['qpdf'],
  openssl: ['openssl'],
  strace: ['strace'],
  soffice: ['soffice'],
  mutool: ['mutool'],
  faketime: ['faketime'],
  softhsm: ['softhsm2-util'],
  pkcs11: ['pkcs11-tool'],
  certutil: ['certutil'],
  pyhanko: [path.join(JUDGES_FOLDER, 'pyhanko/bin/pyhanko')],
  formats: [path.join(JUDGES_FOLDER, 'formats/bin/python')],
  cosign: [path.join(JUDGES_FOLDER, 'go/cosign')],
  crane: [path.join(JUDGES_FOLDER, 'go/crane')],
  oras: [path.join(JUDGES_FOLDER, 'go/oras')],
  registry: [path.join(JUDGES_FOLDER, 'go/registry')],
  sigstorePython: [path.join(JUDGES_FOLDER, 'sigstore/bin/python')],
  actionlint: [path.join(JUDGES_FOLDER, 'go/actionlint')],
  openpyxl: [path.join(JUDGES_FOLDER, 'openpyxl/bin/python')],
  poi: java('poi', 'VerifyXlsx'),
  dss: java('dss', 'JudgePdf'),
  dssSign: java('dss', 'SignPdf'),
  verapdf: java('verapdf', 'org.verapdf.apps.GreenfieldCliWrapper'),
} as const;
type JudgeName = keyof typeof JUDGES;

/** Those that have to be built from source, which takes minutes: `.ci/full` does that. */
const BUILT: readonly JudgeName[] = ['cosign', 'actionlint', 'crane', 'oras', 'registry'];

/** What must be there beside the program itself. */
const NEEDED: Partial<Record<JudgeName, string>> = {
  poi: 'poi/VerifyXlsx.class',
  dss: 'dss/JudgePdf.class',
  dssSign: 'dss/SignPdf.class',
  verapdf: 'verapdf/installed',
};

function present(name: JudgeName): boolean {
  const [program] = JUDGES[name];
  const needed = NEEDED[name];
  if (needed !== undefined && !existsSync(path.join(JUDGES_FOLDER, needed))) return false;
  if (program.includes('/')) return existsSync(program);
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What a judge says, both streams together, and its exit code. */
export interface Judgement {
  code: number;
  text: string;
}

/**
 * Whether a judge is here. In CI a missing judge is an error; elsewhere it skips the test with a line that says so.
 */
export function judgeHere(name: JudgeName, t: TestContext): boolean {
  if (present(name)) return true;
  const needed = process.env.CI === 'true' && (!BUILT.includes(name) || process.env.PROBITY_JUDGES === 'built');
  if (needed) throw new Error(`the judge ${name} is missing; .ci/run should have installed it`);
  t.skip(`${name} is not installed here; CI runs this test`);
  return false;
}

/** The program of a judge. */
export function programOf(name: JudgeName): string {
  return JUDGES[name][0];
}

export function ask(
  name: JudgeName,
  args: readonly string[],
  env: Record<string, string> = {},
  cwd?: string,
): Promise<Judgement> {
  const [program, ...first] = JUDGES[name];
  return new Promise((resolve) => {
    execFile(
      program,
      [...first, ...args],
      { maxBuffer: 64 * 2 ** 20, env: { ...process.env, ...env }, ...(cwd === undefined ? {} : { cwd }) },
      (error, stdout, stderr) =>
        resolve({
          code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1,
          text: `${stdout}${stderr}`,
        }),
    );
  });
}

/** What the first signature of a PDF signs, and the CMS itself, without the padding behind it. */
function firstSignature(pdf: Buffer): { content: Buffer; cms: Buffer } {
  const text = pdf.toString('latin1');
  const found = /\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)/.exec(text) ?? [];
  const [, length, resume, rest] = found.slice(1).map(Number);
  assert.ok(length && resume && rest);
  return {
    content: Buffer.concat([pdf.subarray(0, length), pdf.subarray(resume, resume + rest)]),
    cms: Buffer.from(text.slice(length + 1, resume - 1).replace(/(00)+$/, ''), 'hex'),
  };
}

/** What `openssl cms` says of the first signature of a PDF. @param folder for its files @param root PEM to trust */
export function askOpensslCms(pdf: Buffer, folder: string, root: string): Promise<Judgement> {
  const { content, cms } = firstSignature(pdf);
  const at = (name: string): string => path.join(folder, name);
  writeFileSync(at('content.bin'), content);
  writeFileSync(at('signature.der'), cms);
  const files = ['-in', at('signature.der'), '-content', at('content.bin'), '-out', at('ignored'), '-CAfile', root];
  return ask('openssl', ['cms', '-verify', '-inform', 'DER', '-binary', '-purpose', 'any', '-cades', ...files]);
}
