import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Assessment, parseAssessment } from '../assess/assessment.ts';
import { inconsistencies } from '../assess/consistency.ts';
import { messageOf, ProbityError, whyUnread } from '../errors.ts';
import { evidenceRoot } from '../evidence/merkle.ts';
import { unzipBounded } from '../files/zip.ts';
import { table } from '../table.ts';
import { archiveProblems } from '../verify/archive.ts';
import type { FileVerdict } from '../verify/pdf.ts';
import type { Judging, SignatureReport, TrustStore } from '../verify/signature.ts';
import { KEYLESS_LEVEL, type KeylessPolicy } from '../verify/sigstore.ts';
import { visible } from '../visible.ts';
import { sha256, verifyAttestation } from './attestation.ts';
import {
  ATTESTATION_FILE,
  MANIFEST,
  PACK_FILES,
  PORTFOLIO_FILES,
  PORTFOLIO_NAMES,
  PRINTED_FILES,
  SIGSTORE_FILE,
  WORKBOOK_BESIDE,
  WORKBOOK_FILE,
} from './files.ts';
import { judgeKeyless } from './keyless.ts';
import { packPredicate, type Statement } from './statement.ts';

export const ASSESSMENT_FILE = 'assessment.json';

/** Somebody whose signature reaches a file. */
export interface Voucher {
  signer: string;
  fingerprint: string;
  trusted: boolean;
}

export interface FileReport {
  path: string;
  valid: boolean;
  problems: string[];
  signatures: SignatureReport[];
  /** Whose signatures reach the file: its own, and those of an attestation that states its digest. */
  vouchedBy: Voucher[];
  /** Whether all that is wrong is that nobody has signed it yet. */
  unsigned?: boolean;
  /** Whether the user's columns of the workbook were filled in, and everything else is as it was signed. */
  filledIn?: boolean;
}

/** A digest that the attestation states, and whether the pack's file has it. */
interface DigestReport {
  name: string;
  expected: string;
  actual: string | null;
  matches: boolean;
}

/** One certificate that signed in several roles. */
interface SameSigner {
  signer: string;
  fingerprint: string;
  roles: string[];
}

export interface VerificationReport {
  valid: boolean;
  files: FileReport[];
  /** Whose signatures reach everything that was named. */
  vouchedBy: Voucher[];
  digests?: DigestReport[];
  /** Artifacts outside the pack that the attestation speaks for. */
  releases?: { name: string; sha256: string }[];
  /** Files beside a pack that its attestation does not list. */
  unlisted?: string[];
  /** What the product, office programs and desktops left beside a pack: nobody vouches for it, and it does no harm. */
  beside?: string[];
  /** The roles that attestations list. */
  roles?: string[];
  /** What was asked for and is not so. */
  unmet?: string[];
  sameSigner?: SameSigner[];
}

export interface VerifyOptions {
  /** The time of checking; default: now. */
  now?: Date;
  /** Fingerprints (16 digits or more) or names of those who must have signed. */
  signers?: readonly string[];
  /** Roles that somebody must have signed in. */
  roles?: readonly string[];
  /** Whether one certificate in two roles makes the answer no. */
  distinctRoles?: boolean;
  /** Names of files that may lie beside a pack; `*` and `?` stand for any characters. */
  allowUnlisted?: readonly string[];
  /** The identity of a pipeline that must have signed, keyless. */
  keyless?: KeylessPolicy;
}

/** Against what a pack is judged. */
interface PackJudging extends Judging {
  keyless?: KeylessPolicy;
}

/** They are over the others, and no subjects themselves. */
const ENVELOPES: readonly string[] = [ATTESTATION_FILE, SIGSTORE_FILE];

interface Target {
  files: FileReport[];
  digests: DigestReport[];
  releases: { name: string; sha256: string }[];
  unlisted: string[];
  beside: string[];
  roles: string[];
  vouchedBy: Voucher[];
}

const NOTHING_BESIDE = { digests: [], releases: [], unlisted: [], beside: [], roles: [] };

/**
 * Verifies signed files and whole packs.
 * @param requireTrust signatures that do not lead to a trusted certificate make the answer no
 * @throws ProbityError USAGE when a path cannot be read at all
 */
export async function verifyPaths(
  paths: readonly string[],
  trust: TrustStore,
  requireTrust: boolean,
  options: VerifyOptions = {},
): Promise<VerificationReport> {
  const judging = judgingOf(trust, options);
  const targets: Target[] = [];
  for (const target of paths) {
    const folder = await openPack(target);
    if (folder) targets.push(await verifyPack(target, folder, judging));
    else {
      const file = await verifyFile(target, judging);
      targets.push({ ...NOTHING_BESIDE, files: [file], vouchedBy: file.vouchedBy });
    }
  }
  return reportOf(targets, requireTrust, options);
}

function judgingOf(trust: TrustStore, { now, keyless }: VerifyOptions): PackJudging {
  return { trust, now: now ?? new Date(), ...(keyless ? { keyless } : {}) };
}

/**
 * Verifies a pack whose files are held already, so that what is verified is what is read.
 * @param place how the pack is called in the answer
 */
export async function verifyOpened(
  place: string,
  folder: PackFolder,
  trust: TrustStore,
  requireTrust: boolean,
  options: VerifyOptions = {},
): Promise<VerificationReport> {
  const judging = judgingOf(trust, options);
  return reportOf([await verifyPack(place, folder, judging)], requireTrust, options);
}

/**
 * The files of a pack, in a folder or a zip; undefined for a file of another kind.
 * @throws ProbityError USAGE when it cannot be read at all
 */
export async function openPack(
  target: string,
  remedy = 'Name a pack (folder or zip) or a signed file',
): Promise<PackFolder | undefined> {
  const stats = await stat(target).catch((error: unknown) => {
    throw new ProbityError('USAGE', whyUnread(error), {
      where: target,
      remedy,
    });
  });
  if (stats.isDirectory()) return readFolder(target);
  const why = unreadable(stats);
  if (why !== undefined) throw new ProbityError('USAGE', `it ${why}`, { where: target, remedy });
  return target.toLowerCase().endsWith('.zip') ? readZip(target) : undefined;
}

/** What is wrong with a signer who leads to none of the certificates that were given. */
export function untrustedProblem({ signer, reason }: Pick<SignatureReport, 'signer' | 'reason'>): string {
  return `the signature of ${signer} is not trusted: ${reason}`;
}

function reportOf(targets: readonly Target[], requireTrust: boolean, options: VerifyOptions): VerificationReport {
  const files = targets.flatMap((target) => target.files);
  if (requireTrust)
    // An archive time-stamp by somebody unknown adds nothing, and takes nothing from those who signed. Certificates say
    // nothing of keyless signatures, which are trusted by an identity or not at all.
    for (const file of files)
      for (const signature of file.signatures.filter(
        (one) => one.integrity && !one.trusted && one.level !== ARCHIVE_STAMP && one.level !== KEYLESS_LEVEL,
      )) {
        file.problems.push(untrustedProblem(signature));
        file.valid = false;
      }
  const digests = targets.flatMap((target) => target.digests);
  const releases = targets.flatMap((target) => target.releases);
  const unlisted = targets
    .flatMap((target) => target.unlisted)
    .filter((name) => !(options.allowUnlisted ?? []).some((glob) => fits(path.basename(name), glob)));
  const beside = targets.flatMap((target) => target.beside);
  const roles = [...new Set(targets.flatMap((target) => target.roles))];
  const sameSigner = severalRoles(files);
  const unmet = [
    ...targets.flatMap((target) => unmetOf(target, options, requireTrust)),
    ...(options.distinctRoles
      ? sameSigner.map(({ signer, roles }) => `${roles.join(' and ')} are the same person, ${signer}`)
      : []),
  ];
  return {
    valid: files.every((file) => file.valid) && unlisted.length === 0 && unmet.length === 0,
    files,
    vouchedBy: inAll(targets.map((target) => target.vouchedBy)),
    ...(digests.length > 0 ? { digests } : {}),
    ...(releases.length > 0 ? { releases } : {}),
    ...(unlisted.length > 0 ? { unlisted } : {}),
    ...(beside.length > 0 ? { beside } : {}),
    ...(roles.length > 0 ? { roles } : {}),
    ...(unmet.length > 0 ? { unmet } : {}),
    ...(sameSigner.length > 0 ? { sameSigner } : {}),
  };
}

const ARCHIVE_STAMP = 'archive time-stamp';

function signersOf(signatures: readonly SignatureReport[]): Voucher[] {
  const signers = signatures.filter((one) => one.integrity && one.level !== ARCHIVE_STAMP);
  return unique(signers.map(({ signer, fingerprint, trusted }) => ({ signer, fingerprint, trusted })));
}

function unique(vouchers: readonly Voucher[]): Voucher[] {
  return [...new Map(vouchers.map((one) => [one.fingerprint, one])).values()];
}

/** Those who are in every list. */
function inAll(lists: readonly (readonly Voucher[])[]): Voucher[] {
  const [first = [], ...others] = lists;
  return first.filter((one) => others.every((list) => list.some(({ fingerprint }) => fingerprint === one.fingerprint)));
}

/** Whether a name fits a pattern in which `*` and `?` stand for any characters. */
function fits(name: string, glob: string): boolean {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`, 'su').test(name);
}

/** Fingerprints are asked for by their first digits, sixteen at least; a name must be the whole of it. */
export function isSigner({ signer, fingerprint }: Voucher, wanted: string): boolean {
  const digits = wanted.replaceAll(':', '').toLowerCase();
  return /^[0-9a-f]{16,64}$/.test(digits) ? fingerprint.startsWith(digits) : signer === wanted;
}

function unmetOf(
  { files, vouchedBy }: Target,
  { signers = [], roles = [] }: VerifyOptions,
  requireTrust: boolean,
): string[] {
  const signatures = files
    .flatMap((file) => file.signatures)
    .filter((one) => one.integrity && (one.trusted || !requireTrust));
  return [
    ...signers
      .filter((wanted) => !vouchedBy.some((one) => isSigner(one, wanted) && (one.trusted || !requireTrust)))
      .map((wanted) => `${wanted} has not signed everything here`),
    ...roles
      .filter((wanted) => !signatures.some(({ role }) => role === wanted))
      .map((wanted) => `nobody has signed as ${wanted}`),
  ];
}

function severalRoles(files: readonly FileReport[]): SameSigner[] {
  const roles = new Map<string, SameSigner>();
  for (const { signer, fingerprint, role, integrity } of files.flatMap((file) => file.signatures)) {
    if (!integrity || role === undefined) continue;
    const known = roles.get(fingerprint) ?? { signer, fingerprint, roles: [] };
    if (!known.roles.includes(role)) known.roles.push(role);
    roles.set(fingerprint, known);
  }
  return [...roles.values()].filter((one) => one.roles.length > 1);
}

/** How each kind of signed file is checked, by the ending of its name. */
const VERIFIERS = table<(bytes: Buffer, file: string, judging: PackJudging) => Promise<FileVerdict>>({
  '.pdf': async (bytes, _file, { trust, ...when }) => (await import('../verify/pdf.ts')).verifyPdf(bytes, trust, when),
  '.xlsx': async (bytes, _file, { trust, ...when }) =>
    (await import('../verify/xlsx.ts')).verifyXlsx(bytes, trust, when),
  '.dsse.json': async (bytes, file, { trust, now }) => verifyAttestation(bytes.toString('utf8'), file, trust, now),
  '.sigstore.json': async (bytes, _file, { keyless }) =>
    (await import('../verify/sigstore.ts')).verifyKeyless(bytes.toString('utf8'), keyless),
});

function verifierOf(file: string) {
  return Object.entries(VERIFIERS).find(([ending]) => file.toLowerCase().endsWith(ending))?.[1];
}

async function verifyFile(file: string, judging: PackJudging): Promise<FileReport> {
  const verifier = verifierOf(file);
  if (!verifier)
    throw new ProbityError('USAGE', 'files of this kind carry no signature', {
      where: file,
      remedy: `Name a pack folder, or a file ending in ${Object.keys(VERIFIERS).join(', ')}`,
    });
  const { problems, signatures, unsigned } = await verifier(await readFile(file), file, judging);
  return {
    path: file,
    valid: problems.length === 0,
    problems,
    signatures,
    vouchedBy: signersOf(signatures),
    ...(unsigned ? { unsigned } : {}),
  };
}

/** What lies in a folder, or in a zip as in the folder that it holds. */
export interface PackFolder {
  contents: Map<string, Buffer>;
  /** Names of everything else in it. */
  others: string[];
  /** Of those, what the product, office programs and desktops leave beside a pack. */
  harmless: string[];
  /** What is wrong with the folder, or with a name in it that could not be read. */
  problems: [name: string, problem: string][];
  /** The workbook beside one that was kept. */
  beside?: Buffer;
}

/** Names that the product or office and desktop software leaves beside a pack. */
const HARMLESS =
  /^(?:report\.new\.xlsx|assessment\.dsse\.json|responses\.yaml|\.probity-.*|~\$.*\.xlsx|\.~lock\..*#|\.DS_Store|Thumbs\.db|desktop\.ini)$/;
/** What macOS puts into every archive that it makes. */
const DESKTOP = /^__MACOSX\//;

function sorted(names: readonly string[]): { pack: string[]; others: string[]; harmless: string[] } {
  const isOurs = (name: string): boolean => PACK_FILES.includes(name) || PORTFOLIO_NAMES.includes(name);
  const rest = names.filter((name) => !isOurs(name)).sort();
  return {
    pack: names.filter(isOurs).sort(),
    others: rest.filter((name) => !HARMLESS.test(name)),
    harmless: rest.filter((name) => HARMLESS.test(name)),
  };
}

/** As large as a pack's file may be; a report has some hundred pages. */
const LARGEST = 256 * 2 ** 20;

/** Why a file is not read, or nothing. */
function unreadable(stats: Stats): string | undefined {
  if (!stats.isFile()) return 'is no file';
  return stats.size > LARGEST ? `is larger than the ${LARGEST / 2 ** 20} MiB that are read` : undefined;
}

async function readFolder(folder: string): Promise<PackFolder> {
  const { pack, others, harmless } = sorted(await readdir(folder));
  const found: PackFolder = { contents: new Map(), others, harmless, problems: [] };
  for (const name of pack) {
    const file = path.join(folder, name);
    const why = await stat(file).then(unreadable, () => 'cannot be read');
    if (why === undefined) found.contents.set(name, await readFile(file));
    else found.problems.push([name, why]);
  }
  const besideFile = path.join(folder, WORKBOOK_BESIDE);
  if ((await stat(besideFile).then(unreadable, () => 'is not there')) === undefined)
    found.beside = await readFile(besideFile);
  return found;
}

async function readZip(file: string): Promise<PackFolder> {
  const bytes = await readFile(file);
  let entries: Map<string, Uint8Array>;
  try {
    entries = unzipBounded(bytes, file);
  } catch (error) {
    return { contents: new Map(), others: [], harmless: [], problems: [['', messageOf(error)]] };
  }
  const names = [...entries.keys()].filter((name) => !DESKTOP.test(name));
  const prefix = commonFolder(names);
  const { pack, others, harmless } = sorted(names.map((name) => name.slice(prefix.length)));
  return {
    contents: new Map(pack.map((name) => [name, Buffer.from(entries.get(`${prefix}${name}`) ?? [])])),
    others,
    harmless,
    problems: archiveProblems(bytes, entries).map((problem) => ['', problem]),
  };
}

/** The folder that all names lie in, with its slash. */
function commonFolder(names: readonly string[]): string {
  const folders = names.map((name) => name.split('/').slice(0, -1));
  const [first = [], ...others] = folders;
  const same = first.findIndex((one, i) => others.some((other) => other[i] !== one));
  const shared = same === -1 ? first : first.slice(0, same);
  return shared.map((one) => `${one}/`).join('');
}

/**
 * One file of a pack, in a folder or a zip.
 * @throws ProbityError USAGE when the pack cannot be read at all
 */
export async function readFromPack(pack: string, name: string): Promise<Buffer | undefined> {
  return (await openPack(pack))?.contents.get(name);
}

async function verifyPack(folder: string, opened: PackFolder, judging: PackJudging): Promise<Target> {
  const { contents } = opened;
  if (contents.size === 0 && opened.problems.length === 0)
    throw new ProbityError('USAGE', 'the folder holds no pack', {
      where: folder,
      remedy: 'Name the folder that probity run wrote (--out)',
    });
  const problems = new Map<string, string[]>([...contents.keys()].map((name) => [name, []]));
  const complain = (name: string, problem: string): void => {
    problems.set(name, [...(problems.get(name) ?? []), problem]);
  };
  for (const [name, problem] of opened.problems) complain(name, problem);
  const attested = attestationOf(contents, judging, complain);
  const signatures = new Map<string, SignatureReport[]>([[ATTESTATION_FILE, attested.signatures]]);
  /** Files of which their own check says no more than that they carry no signature. */
  const onlyUnsigned = new Set<string>();
  const unsigned = new Set<string>(contents.has(ATTESTATION_FILE) ? [] : [ATTESTATION_FILE]);
  for (const [name, bytes] of contents) {
    if (ENVELOPES.includes(name)) continue;
    const listed = attested.digests.some((digest) => digest.name === name && digest.matches);
    const verdict = await verifierOf(name)?.(bytes, name, {
      ...judging,
      ...(listed && attested.existed ? { existed: attested.existed } : {}),
    });
    const before = problems.get(name)?.length ?? 0;
    for (const problem of verdict?.problems ?? []) complain(name, problem);
    if (verdict?.unsigned) onlyUnsigned.add(name);
    if (verdict?.unsigned && before === 0) unsigned.add(name);
    signatures.set(name, verdict?.signatures ?? []);
  }
  const keyless = await judgeKeyless(contents, judging.keyless);
  for (const problem of keyless?.problems ?? []) complain(SIGSTORE_FILE, problem);
  const attesters = unique([...signersOf(attested.signatures), ...signersOf(keyless?.signatures ?? [])]);
  if (attested.statement)
    for (const [name, reports] of signatures)
      if (
        reports.length > 0 &&
        !reports.some((one) => attesters.some(({ fingerprint }) => fingerprint === one.fingerprint))
      )
        complain(name, 'was signed by another identity than the attestation');
  if (keyless) signatures.set(SIGSTORE_FILE, keyless.signatures);
  const roles = attested.statement?.predicate.roles;
  if (roles)
    for (const [name, reports] of signatures)
      for (const { role, integrity } of reports)
        if (integrity && role !== undefined && !roles.includes(role))
          complain(name, `was signed as "${role.slice(0, 60)}", a role that the attestation does not list`);
  await checkAgreement(contents, attested.statement, complain);
  const filledIn = await judgeWorkbook(contents, attested, opened.beside, problems, onlyUnsigned.has(WORKBOOK_FILE));
  if (filledIn) signatures.set(WORKBOOK_FILE, []);
  const files = [...problems].map(
    ([name, found]): FileReport => ({
      path: path.join(folder, name),
      valid: found.length === 0,
      problems: found,
      signatures: signatures.get(name) ?? [],
      vouchedBy: unique([
        ...(attested.digests.some((digest) => digest.name === name && digest.matches) ? attesters : []),
        ...signersOf(signatures.get(name) ?? []),
      ]),
      ...(unsigned.has(name) && found.length === 1 ? { unsigned: true } : {}),
      ...(filledIn && name === WORKBOOK_FILE ? { filledIn } : {}),
    }),
  );
  return {
    files,
    digests: attested.digests,
    releases: attested.releases,
    unlisted: opened.others.map((name) => path.join(folder, name)),
    beside: opened.harmless.map((name) => path.join(folder, name)),
    roles: roles ?? [],
    // A workbook that was filled in is nobody's word any more; what is not the user's in it is that of the rest.
    vouchedBy: inAll(
      files
        .filter((file) => !file.filledIn && !ENVELOPES.includes(path.basename(file.path)))
        .map((file) => file.vouchedBy),
    ),
  };
}

/**
 * What became of a workbook that is not the one the attestation was made over: kept by a later run, filled in (and then its
 * problems are none), or changed elsewhere, which is said.
 */
async function judgeWorkbook(
  contents: ReadonlyMap<string, Buffer>,
  { digests, statement, signatures }: Attested,
  beside: Buffer | undefined,
  problems: Map<string, string[]>,
  onlyUnsigned: boolean,
): Promise<boolean> {
  const bytes = contents.get(WORKBOOK_FILE);
  const stated = digests.find(({ name }) => name === WORKBOOK_FILE);
  if (!bytes || !stated || stated.matches) return false;
  if (beside && sha256(beside) === stated.expected) {
    problems.set(WORKBOOK_FILE, [
      `is a workbook of an earlier run that people had changed; the one of this pack is ${WORKBOOK_BESIDE}. Import its columns (probity responses import), then put ${WORKBOOK_BESIDE} in its place`,
    ]);
    return false;
  }
  const text = attestedText(contents, digests);
  const signing = statement?.predicate.signing;
  const holds = (problems.get(ATTESTATION_FILE) ?? []).length === 0 && signatures.some((one) => one.integrity);
  if (!onlyUnsigned || !text || typeof signing !== 'string' || !holds) return false;
  const { foreignChanges } = await import('../report/xlsx/filledIn.ts');
  const changes = [
    ...archiveProblemsIn(bytes),
    ...foreignChanges(bytes, parseAssessment(text, ASSESSMENT_FILE), signing),
  ];
  if (changes.length === 0) problems.set(WORKBOOK_FILE, []);
  else
    problems.set(WORKBOOK_FILE, [
      ...(problems.get(WORKBOOK_FILE) ?? []),
      ...changes.map((change) => `besides the columns for people to fill in: ${change}`),
    ]);
  return changes.length === 0;
}

/** What of an archive programs would see differently; one that cannot be read is named by whoever reads what is in it. */
function archiveProblemsIn(bytes: Uint8Array): string[] {
  try {
    return archiveProblems(bytes, unzipBounded(bytes, WORKBOOK_FILE));
  } catch (error) {
    if (error instanceof ProbityError) return [];
    throw error;
  }
}

/** The assessment beside the reports, where the attestation states its digest. */
function attestedText(contents: ReadonlyMap<string, Buffer>, digests: readonly DigestReport[]): string | undefined {
  const matches = digests.some(({ name, matches: same }) => name === ASSESSMENT_FILE && same);
  return matches ? contents.get(ASSESSMENT_FILE)?.toString('utf8') : undefined;
}

type Complain = (name: string, problem: string) => void;

interface Attested {
  digests: DigestReport[];
  releases: { name: string; sha256: string }[];
  signatures: SignatureReport[];
  statement?: Statement;
  existed?: Date;
}

/** The attestation over the pack: its own signature, and a digest for every file. */
function attestationOf(contents: ReadonlyMap<string, Buffer>, judging: Judging, complain: Complain): Attested {
  const bytes = contents.get(ATTESTATION_FILE);
  if (!bytes) {
    complain(ATTESTATION_FILE, 'the pack has no attestation, so nothing binds its files together');
    return { digests: [], releases: [], signatures: [] };
  }
  const { problems, signatures, statement, existed } = verifyAttestation(
    bytes.toString('utf8'),
    ATTESTATION_FILE,
    judging.trust,
    judging.now,
  );
  for (const problem of problems) complain(ATTESTATION_FILE, problem);
  if (!statement) return { digests: [], releases: [], signatures };
  const packFiles = new Set(Array.isArray(statement.predicate.packFiles) ? statement.predicate.packFiles : []);
  const own = statement.subject.filter((subject) => packFiles.has(subject.name));
  const digests = own.map((subject): DigestReport => {
    const content = contents.get(subject.name);
    const actual = content ? sha256(content) : null;
    return { name: subject.name, expected: subject.digest.sha256, actual, matches: actual === subject.digest.sha256 };
  });
  for (const digest of digests.filter((one) => !one.matches))
    complain(
      digest.name,
      digest.actual === null
        ? 'is named by the attestation and is missing'
        : 'is not the file that the attestation was made over',
    );
  for (const name of contents.keys())
    if (!ENVELOPES.includes(name) && !digests.some((digest) => digest.name === name))
      complain(name, 'is not named by the attestation; it does not belong to this pack');
  return {
    digests,
    releases: statement.subject
      .filter((subject) => !packFiles.has(subject.name))
      .map((subject) => ({ name: subject.name, sha256: subject.digest.sha256 })),
    signatures,
    statement,
    ...(existed ? { existed } : {}),
  };
}

const MOST_SAID = 5;

/** One assessment in all files: beside the reports, inside the PDF, by its digest in the workbook, in short in the attestation. */
async function checkAgreement(
  contents: ReadonlyMap<string, Buffer>,
  statement: Statement | undefined,
  complain: Complain,
): Promise<void> {
  await checkPortfolio(contents, complain);
  const own = contents.get(ASSESSMENT_FILE);
  let text: Uint8Array | undefined = own;
  let where = ASSESSMENT_FILE;
  for (const file of PRINTED_FILES) {
    const pdf = contents.get(file);
    if (!pdf) continue;
    const embedded = (await import('../verify/pdf.ts')).embeddedFiles(pdf);
    const assessment = embedded.get(ASSESSMENT_FILE);
    if (!assessment) complain(file, 'carries no assessment, so nothing ties it to this pack');
    for (const name of [ASSESSMENT_FILE, MANIFEST.file]) {
      // Where none lies beside them, the first PDF that carries one speaks for the others.
      const beside = contents.get(name) ?? (name === ASSESSMENT_FILE ? text : undefined);
      const inside = embedded.get(name);
      if (inside && beside && !Buffer.from(beside).equals(inside))
        complain(file, `was made from another ${name} than the one beside it`);
    }
    if (!text && assessment) [text, where] = [assessment, file];
  }
  checkManifest(contents, text, where, complain);
  if (!text) return;
  const workbook = contents.get(WORKBOOK_FILE);
  if (workbook) {
    const stated = (await import('../verify/xlsx.ts')).sheetFacts(workbook, 'About').get('Assessment, SHA-256');
    if (stated !== sha256(text)) complain(WORKBOOK_FILE, 'was made from another assessment than the rest of the pack');
  }
  let assessment: Assessment;
  try {
    assessment = parseAssessment(Buffer.from(text).toString('utf8'), where);
  } catch (error) {
    complain(where, messageOf(error));
    return;
  }
  for (const wrong of inconsistencies(assessment).slice(0, MOST_SAID)) complain(where, wrong);
  if (!statement) return;
  for (const problem of differencesFrom(assessment, statement)) complain(ATTESTATION_FILE, problem);
}

/** A portfolio's PDF was made from the portfolio beside it. */
async function checkPortfolio(contents: ReadonlyMap<string, Buffer>, complain: Complain): Promise<void> {
  const { pdf: name, json } = PORTFOLIO_FILES;
  const [pdf, beside] = [contents.get(name), contents.get(json)];
  if (!pdf || !beside) return;
  const inside = (await import('../verify/pdf.ts')).embeddedFiles(pdf).get(json);
  if (!inside || !beside.equals(inside)) complain(name, `was made from another ${json} than the one beside it`);
}

/** What an attestation says of an assessment and the assessment does not. */
function differencesFrom(assessment: Assessment, statement: Statement): string[] {
  return Object.entries(packPredicate(assessment)).flatMap(([key, value]) =>
    isDeepStrictEqual(plainly(value), plainly(statement.predicate[key]))
      ? []
      : [`states another ${PREDICATE_WORDS[key as keyof typeof PREDICATE_WORDS]} than the assessment`],
  );
}

/** What an attestation shows of a pack without a look into its reports. */
export interface AttestedPack {
  problems: string[];
  signatures: SignatureReport[];
}

/**
 * Whether a pack is what its attestation was made over: the signature, the digest of every file, nothing beside them, and
 * what it says of the assessment. Reports are not opened: their bytes are those that the attestation's signer stands for.
 */
export function verifyAttested(
  { contents, others, problems: unread }: PackFolder,
  assessment: Assessment,
  trust: TrustStore,
  now: Date = new Date(),
): AttestedPack {
  const problems: string[] = [];
  const complain = (name: string, problem: string): void => void problems.push(`${name}: ${problem}`);
  for (const [name, problem] of unread) complain(name, problem);
  const { statement, signatures } = attestationOf(contents, { trust, now }, complain);
  for (const name of others)
    complain(path.basename(name), 'lies beside the pack, and the attestation does not list it');
  if (statement) for (const problem of differencesFrom(assessment, statement)) complain(ATTESTATION_FILE, problem);
  return { problems, signatures };
}

/** A value as it is read back from a file, where what cannot be seen is shown. */
function plainly(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null), (_key, one) => (typeof one === 'string' ? visible(one) : one));
}

const PREDICATE_WORDS = {
  asOf: 'date',
  system: 'system',
  verdicts: 'verdict',
  policy: 'profile or catalog',
  evidenceRoot: 'evidence root',
  tool: 'tool',
} as const;

const manifestSchema = z.object({
  root: z.string(),
  files: z.array(z.object({ path: z.string(), sha256: z.string(), bytes: z.number(), accepted: z.boolean() })),
});

/** Manifest and assessment agree with each other and with the root they state. */
function checkManifest(
  contents: ReadonlyMap<string, Buffer>,
  assessmentBytes: Uint8Array | undefined,
  where: string,
  complain: Complain,
): void {
  const manifestBytes = contents.get(MANIFEST.file);
  let root: string | undefined;
  if (manifestBytes) {
    try {
      const manifest = manifestSchema.parse(JSON.parse(manifestBytes.toString('utf8')));
      root = manifest.root;
      if (evidenceRoot(manifest.files) !== manifest.root)
        complain(MANIFEST.file, 'its files do not give the root that it states');
    } catch (error) {
      complain(MANIFEST.file, `cannot be read: ${messageOf(error).split('\n')[0]}`);
    }
  }
  if (!assessmentBytes) return;
  try {
    const assessment = parseAssessment(Buffer.from(assessmentBytes).toString('utf8'), where);
    if (evidenceRoot(assessment.evidence) !== assessment.evidenceRoot)
      complain(where, 'its evidence list does not give the root that it states');
    if (root !== undefined && assessment.evidenceRoot !== root)
      complain(MANIFEST.file, 'its root is not that of the assessment');
  } catch {
    // That it cannot be read is said once, where it is compared.
  }
}
