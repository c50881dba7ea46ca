import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Assessment, parseAssessment } from '../assess/assessment.ts';
import { messageOf, ProbityError, systemCode } from '../errors.ts';
import { evidenceRoot } from '../evidence/merkle.ts';
import { table } from '../table.ts';
import type { FileVerdict } from '../verify/pdf.ts';
import type { SignatureReport, TrustStore } from '../verify/signature.ts';
import { sha256, verifyAttestation } from './attestation.ts';
import { ATTESTATION_FILE, MANIFEST, PACK_FILES } from './formats.ts';

export interface FileReport {
  path: string;
  valid: boolean;
  problems: string[];
  signatures: SignatureReport[];
}

/** A digest that the attestation states, and whether the pack's file has it. */
interface DigestReport {
  name: string;
  expected: string;
  actual: string | null;
  matches: boolean;
}

export interface VerificationReport {
  valid: boolean;
  files: FileReport[];
  digests?: DigestReport[];
  /** Artifacts outside the pack that the attestation speaks for. */
  releases?: { name: string; sha256: string }[];
}

/**
 * Verifies signed files and whole packs.
 * @param requireTrust signatures that do not lead to a trusted certificate make the answer no
 * @throws ProbityError USAGE when a path cannot be read at all
 */
export async function verifyPaths(
  paths: readonly string[],
  trust: TrustStore,
  requireTrust: boolean,
): Promise<VerificationReport> {
  const files: FileReport[] = [];
  const digests: DigestReport[] = [];
  const releases: { name: string; sha256: string }[] = [];
  for (const target of paths) {
    const stats = await stat(target).catch((error: unknown) => {
      throw new ProbityError('USAGE', `cannot be read (${systemCode(error) ?? 'unknown'})`, {
        where: target,
        remedy: 'Name a pack folder or a signed file',
      });
    });
    if (stats.isDirectory()) {
      const pack = await verifyPack(target, trust);
      files.push(...pack.files);
      digests.push(...pack.digests);
      releases.push(...pack.releases);
    } else files.push(await verifyFile(target, trust));
  }
  if (requireTrust)
    // An archive time-stamp by somebody unknown adds nothing, and takes nothing from those who signed.
    for (const file of files)
      for (const signature of file.signatures.filter(
        (one) => one.integrity && !one.trusted && one.level !== ARCHIVE_STAMP,
      )) {
        file.problems.push(`the signature of ${signature.signer} is not trusted: ${signature.reason}`);
        file.valid = false;
      }
  return {
    valid: files.every((file) => file.valid),
    files,
    ...(digests.length > 0 ? { digests } : {}),
    ...(releases.length > 0 ? { releases } : {}),
  };
}

const ARCHIVE_STAMP = 'archive time-stamp';

/** How each kind of signed file is checked, by the ending of its name. */
const VERIFIERS = table<(bytes: Buffer, file: string, trust: TrustStore) => Promise<FileVerdict>>({
  '.pdf': async (bytes, _file, trust) => (await import('../verify/pdf.ts')).verifyPdf(bytes, trust),
  '.xlsx': async (bytes, _file, trust) => (await import('../verify/xlsx.ts')).verifyXlsx(bytes, trust),
  '.dsse.json': async (bytes, file, trust) => verifyAttestation(bytes.toString('utf8'), file, trust),
});

function verifierOf(file: string) {
  return Object.entries(VERIFIERS).find(([ending]) => file.toLowerCase().endsWith(ending))?.[1];
}

async function verifyFile(file: string, trust: TrustStore): Promise<FileReport> {
  const verifier = verifierOf(file);
  if (!verifier)
    throw new ProbityError('USAGE', 'files of this kind carry no signature', {
      where: file,
      remedy: `Name a pack folder, or a file ending in ${Object.keys(VERIFIERS).join(', ')}`,
    });
  const { problems, signatures } = await verifier(await readFile(file), file, trust);
  return { path: file, valid: problems.length === 0, problems, signatures };
}

async function verifyPack(
  folder: string,
  trust: TrustStore,
): Promise<{ files: FileReport[]; digests: DigestReport[]; releases: { name: string; sha256: string }[] }> {
  const present = (await readdir(folder)).filter((name) => PACK_FILES.includes(name));
  if (present.length === 0)
    throw new ProbityError('USAGE', 'the folder holds no pack', {
      where: folder,
      remedy: 'Name the folder that probity run wrote (--out)',
    });
  const contents = new Map<string, Buffer>();
  for (const name of present.sort()) contents.set(name, await readFile(path.join(folder, name)));
  const problems = new Map<string, string[]>(present.map((name) => [name, []]));
  const complain = (name: string, problem: string): void => {
    problems.set(name, [...(problems.get(name) ?? []), problem]);
  };
  const signatures = new Map<string, SignatureReport[]>();

  for (const [name, bytes] of contents) {
    if (name === ATTESTATION_FILE) continue;
    const verdict = await verifierOf(name)?.(bytes, name, trust);
    for (const problem of verdict?.problems ?? []) complain(name, problem);
    signatures.set(name, verdict?.signatures ?? []);
  }
  const { digests, releases } = checkAttestation(contents, trust, complain, signatures);
  checkConsistency(contents, complain);
  const files = [...problems].map(
    ([name, found]): FileReport => ({
      path: path.join(folder, name),
      valid: found.length === 0,
      problems: found,
      signatures: signatures.get(name) ?? [],
    }),
  );
  return { files, digests, releases };
}

type Complain = (name: string, problem: string) => void;

/** The attestation over the pack: its own signature, a digest for every file, and the same signer as the reports. */
function checkAttestation(
  contents: ReadonlyMap<string, Buffer>,
  trust: TrustStore,
  complain: Complain,
  signatures: Map<string, SignatureReport[]>,
): { digests: DigestReport[]; releases: { name: string; sha256: string }[] } {
  const bytes = contents.get(ATTESTATION_FILE);
  if (!bytes) {
    complain(ATTESTATION_FILE, 'the pack has no attestation, so nothing binds its files together');
    return { digests: [], releases: [] };
  }
  const verdict = verifyAttestation(bytes.toString('utf8'), ATTESTATION_FILE, trust);
  signatures.set(ATTESTATION_FILE, verdict.signatures);
  for (const problem of verdict.problems) complain(ATTESTATION_FILE, problem);
  if (!verdict.statement) return { digests: [], releases: [] };
  const packFiles = new Set(
    Array.isArray(verdict.statement.predicate.packFiles) ? verdict.statement.predicate.packFiles : [],
  );
  const own = verdict.statement.subject.filter((subject) => packFiles.has(subject.name));
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
    if (name !== ATTESTATION_FILE && !digests.some((digest) => digest.name === name))
      complain(name, 'is not named by the attestation; it does not belong to this pack');
  const signers = new Set(verdict.signatures.map((signature) => signature.fingerprint));
  for (const [name, reports] of signatures)
    if (reports.length > 0 && !reports.some((report) => signers.has(report.fingerprint)))
      complain(name, 'was signed by another identity than the attestation');
  return {
    digests,
    releases: verdict.statement.subject
      .filter((subject) => !packFiles.has(subject.name))
      .map((subject) => ({ name: subject.name, sha256: subject.digest.sha256 })),
  };
}

const manifestSchema = z.object({
  root: z.string(),
  files: z.array(z.object({ path: z.string(), sha256: z.string(), bytes: z.number(), accepted: z.boolean() })),
});

/** Manifest and assessment agree with each other and with the root they state. */
function checkConsistency(contents: ReadonlyMap<string, Buffer>, complain: Complain): void {
  const manifestBytes = contents.get(MANIFEST.file);
  const assessmentBytes = contents.get('assessment.json');
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
  if (assessmentBytes) {
    try {
      const assessment: Assessment = parseAssessment(assessmentBytes.toString('utf8'), 'assessment.json');
      if (evidenceRoot(assessment.evidence) !== assessment.evidenceRoot)
        complain('assessment.json', 'its evidence list does not give the root that it states');
      if (root !== undefined && assessment.evidenceRoot !== root)
        complain(MANIFEST.file, 'its root is not that of the assessment');
    } catch (error) {
      complain('assessment.json', messageOf(error));
    }
  }
}
