import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Assessment, parseAssessment } from '../assess/assessment.ts';
import { inconsistencies } from '../assess/consistency.ts';
import { ProbityError, whyUnread } from '../errors.ts';
import type { SignatureReport, TrustStore } from '../verify/signature.ts';
import { sha256, verifyAttestation } from './attestation.ts';
import { ASSESSMENT_ATTESTATION_FILE, ATTESTATION_FILE } from './files.ts';
import {
  ASSESSMENT_FILE,
  isSigner,
  openPack,
  type PackFolder,
  untrustedProblem,
  type VerificationReport,
  type VerifyOptions,
  type Voucher,
  verifyAttested,
  verifyOpened,
} from './verify.ts';

/* An assessment as it is handed over, with what shows that it is the one that was signed. */

const WANTED = 'Name a pack (folder or zip) or an assessment.json';

/** What a pack, or an assessment by itself, says and who stands for it. */
export interface Handed {
  path: string;
  kind: 'pack' | 'assessment';
  assessment: Assessment;
  /** SHA-256 of its bytes, hex. */
  sha256: string;
  /** Whether anything is signed at all; what is not signed can be consistent, and no more. */
  signed: boolean;
  /** What is wrong with signatures, digests and agreement; empty when everything that is signed holds. */
  problems: string[];
  /** Those of the problems that are only a signer whom no given certificate vouches for. */
  untrusted?: string[];
  /** What was asked of signers and is not so. */
  unmet: string[];
  /** Those whose signatures reach the assessment. */
  vouchedBy: Voucher[];
  /** Every signature in it that holds. */
  signatures: SignatureReport[];
  /** Artifacts that the attestation speaks for. */
  releases: { name: string; sha256: string }[];
  /** The attestations that were read, by name. */
  attestations: { name: string; sha256: string }[];
}

export interface ReadOptions extends VerifyOptions {
  trust?: TrustStore;
  /** Signers that lead to no trusted certificate are a problem. */
  requireTrust?: boolean;
}

/**
 * Reads a pack (folder or zip) or an `assessment.json`, verifies what is signed, and checks that the assessment follows from
 * itself.
 * @throws ProbityError USAGE or ASSESSMENT_INVALID when there is no assessment to speak of, or it contradicts itself
 */
export async function readHanded(target: string, options: ReadOptions = {}): Promise<Handed> {
  const folder = await openPack(target, WANTED);
  return folder ? fromPack(target, folder, options) : fromAssessment(target, options);
}

async function fromPack(target: string, folder: PackFolder, options: ReadOptions): Promise<Handed> {
  const { trust = [], requireTrust = false } = options;
  const bytes = await assessmentIn(target, folder);
  const report = await verifyOpened(target, folder, trust, requireTrust, options);
  const assessment = sound(bytes, path.join(target, ASSESSMENT_FILE));
  const attestation = folder.contents.get(ATTESTATION_FILE);
  const signed = attestation !== undefined || report.files.some(({ signatures }) => signatures.length > 0);
  const attested = report.files.find((file) => path.basename(file.path) === ASSESSMENT_FILE);
  return {
    path: target,
    kind: 'pack',
    assessment,
    sha256: sha256(bytes),
    signed,
    problems: problemsOf(report, signed),
    untrusted: report.files.flatMap((file) =>
      file.signatures
        .map(untrustedProblem)
        .filter((problem) => file.problems.includes(problem))
        .map((problem) => `${path.basename(file.path)}: ${problem}`),
    ),
    unmet: report.unmet ?? [],
    vouchedBy: attested?.vouchedBy ?? report.vouchedBy,
    signatures: report.files.flatMap(({ signatures }) => signatures).filter(({ integrity }) => integrity),
    releases: report.releases ?? [],
    attestations: attestation ? [{ name: ATTESTATION_FILE, sha256: sha256(attestation) }] : [],
  };
}

/**
 * Reads a pack or an assessment as its attestation has it, without a look into the reports, which is several times as fast.
 * @throws ProbityError USAGE or ASSESSMENT_INVALID as {@link readHanded}
 */
export async function readAttested(
  target: string,
  { trust = [], requireTrust = false, now }: Pick<ReadOptions, 'trust' | 'requireTrust' | 'now'> = {},
): Promise<Pick<Handed, 'assessment' | 'sha256' | 'signed' | 'problems' | 'vouchedBy'>> {
  const folder = await openPack(target, WANTED);
  if (!folder) return fromAssessment(target, { trust, requireTrust, ...(now ? { now } : {}) });
  const bytes = await assessmentIn(target, folder);
  const assessment = sound(bytes, path.join(target, ASSESSMENT_FILE));
  const signed = folder.contents.has(ATTESTATION_FILE);
  const { problems, signatures } = verifyAttested(folder, assessment, trust, now);
  // A workbook that was filled in is no longer the one that was attested, and does no harm; the whole look tells.
  if (signed && problems.length > 0) return fromPack(target, folder, { trust, requireTrust, ...(now ? { now } : {}) });
  const holding = signatures.filter(({ integrity }) => integrity);
  return {
    assessment,
    sha256: sha256(bytes),
    signed,
    problems: signed
      ? [...problems, ...(requireTrust ? holding.filter(({ trusted }) => !trusted).map(untrustedProblem) : [])]
      : [],
    vouchedBy: holding.map(({ signer, fingerprint, trusted }) => ({ signer, fingerprint, trusted })),
  };
}

/** A pack that nobody signed has nothing that could be broken; what it lacks is said by `signed`. */
function problemsOf(report: VerificationReport, signed: boolean): string[] {
  const files = report.files.flatMap(({ path: file, problems, unsigned }) =>
    unsigned && !signed ? [] : problems.map((problem) => `${path.basename(file)}: ${problem}`),
  );
  const beside = signed
    ? (report.unlisted ?? []).map((name) => `${path.basename(name)}: the attestation does not list it`)
    : [];
  return [...files, ...beside];
}

/** The assessment of a pack, beside its reports or inside the PDF. */
async function assessmentIn(target: string, { contents, problems: [problem] }: PackFolder): Promise<Buffer> {
  const bytes = contents.get(ASSESSMENT_FILE) ?? (await embedded(contents.get('report.pdf')));
  if (bytes) return bytes;
  throw new ProbityError('ASSESSMENT_INVALID', `it holds no assessment${problem ? `: ${problem[1]}` : ''}`, {
    where: target,
    remedy: 'Name a pack that probity run wrote, or an assessment.json',
  });
}

async function embedded(pdf: Buffer | undefined): Promise<Buffer | undefined> {
  if (!pdf) return undefined;
  const bytes = (await import('../verify/pdf.ts')).embeddedFiles(pdf).get(ASSESSMENT_FILE);
  return bytes ? Buffer.from(bytes) : undefined;
}

/** The file of an assessment, and the attestation beside it where that speaks of these bytes. */
async function fromAssessment(
  file: string,
  { trust = [], requireTrust = false, now, ...asked }: ReadOptions,
): Promise<Handed> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new ProbityError('ASSESSMENT_INVALID', whyUnread(error), {
      where: file,
      remedy: 'Make one with: probity assess',
    });
  });
  const assessment = sound(bytes, file);
  const digest = sha256(bytes);
  const found: Pick<Handed, 'signatures' | 'releases' | 'attestations' | 'problems'> = {
    signatures: [],
    releases: [],
    attestations: [],
    problems: [],
  };
  const untrusted: string[] = [];
  let signed = false;
  const ofOthers: string[] = [];
  for (const name of [ASSESSMENT_ATTESTATION_FILE, ATTESTATION_FILE]) {
    const beside = await readFile(path.join(path.dirname(file), name)).catch(() => undefined);
    if (!beside) continue;
    signed = true;
    const { statement, signatures, problems } = verifyAttestation(beside.toString('utf8'), name, trust, now);
    const speaks = statement?.subject.some((one) => one.digest.sha256 === digest) ?? false;
    if (problems.length > 0) found.problems.push(...problems.map((problem) => `${name}: ${problem}`));
    else if (!speaks) ofOthers.push(`${name}: speaks of another assessment than this one`);
    else {
      const packed = new Set(Array.isArray(statement?.predicate.packFiles) ? statement.predicate.packFiles : []);
      found.signatures.push(...signatures);
      found.attestations.push({ name, sha256: sha256(beside) });
      for (const { name: subject, digest: of } of statement?.subject ?? [])
        if (!packed.has(subject)) found.releases.push({ name: subject, sha256: of.sha256 });
    }
  }
  if (found.attestations.length === 0) found.problems.push(...ofOthers);
  if (requireTrust) untrusted.push(...found.signatures.filter(({ trusted }) => !trusted).map(untrustedProblem));
  found.problems.push(...untrusted);
  const vouchedBy = found.signatures.map(({ signer, fingerprint, trusted }) => ({ signer, fingerprint, trusted }));
  return {
    path: file,
    kind: 'assessment',
    assessment,
    sha256: digest,
    signed,
    ...found,
    untrusted,
    unmet: [
      ...(asked.signers ?? [])
        .filter((wanted) => !vouchedBy.some((one) => isSigner(one, wanted) && (one.trusted || !requireTrust)))
        .map((wanted) => `${wanted} has not signed the assessment`),
      ...(asked.roles ?? []).map((role) => `nobody has signed as ${role}; roles stand in the reports of a pack`),
    ],
    vouchedBy,
  };
}

function sound(bytes: Uint8Array, where: string): Assessment {
  const assessment = parseAssessment(Buffer.from(bytes).toString('utf8'), where);
  const [first, ...more] = inconsistencies(assessment);
  if (first !== undefined)
    throw new ProbityError(
      'ASSESSMENT_INVALID',
      `it contradicts itself: ${first}${more.length > 0 ? ` (and ${more.length} more)` : ''}`,
      { where, remedy: 'Make it anew with: probity assess' },
    );
  return assessment;
}
