import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseAssessment } from '../assess/assessment.ts';
import { ProbityError, whyUnread } from '../errors.ts';
import { writeAlone } from '../files/write.ts';
import { fingerprint } from '../pki/certificates.ts';
import { cosignEnvelope, readEnvelope } from '../pki/dsse.ts';
import type { Signer } from '../pki/signer.ts';
import type { SealOptions } from '../sign/pdf/levels.ts';
import { rolesWith } from '../sign/roles.ts';
import { table } from '../table.ts';
import { sealStatement, stampNewest, verifyAttestation } from './attestation.ts';
import { ATTESTATION_FILE, PACK_FILES, SIGSTORE_FILE } from './files.ts';
import { packStatement, renewedStatement, type Statement } from './statement.ts';
import { type VerificationReport, verifyPaths } from './verify.ts';
import { finishPack, writePack } from './write.ts';

/** How each kind of file takes a further signature, by the ending of its name. */
const SIGNERS = table<(bytes: Buffer, identity: Signer, moment: SealOptions, file: string) => Promise<Uint8Array>>({
  '.pdf': async (bytes, identity, moment) => (await import('../sign/pdf/seal.ts')).sealPdf(bytes, identity, moment),
  '.xlsx': async (bytes, identity, moment) => (await import('../sign/xlsx/seal.ts')).sealXlsx(bytes, identity, moment),
  '.dsse.json': async (bytes, identity, moment, file) =>
    stampNewest(cosignEnvelope(readEnvelope(bytes.toString('utf8'), file), identity), moment),
});

function signerOf(file: string) {
  return Object.entries(SIGNERS).find(([ending]) => file.toLowerCase().endsWith(ending))?.[1];
}

/**
 * Signs a file, or a pack and its attestation anew. Everything is made before anything is written.
 * @param out where a single file goes; default: in its place
 * @returns the files written
 * @throws ProbityError USAGE, SIGNATURE_BROKEN, OUTPUT_FAILED and those of signing
 */
export async function signPath(target: string, identity: Signer, moment: SealOptions, out?: string): Promise<string[]> {
  const stats = await stat(target).catch((error: unknown) => {
    throw new ProbityError('USAGE', whyUnread(error), {
      where: target,
      remedy: 'Name a pack folder or a file',
    });
  });
  if (stats.isDirectory() && out !== undefined)
    throw new ProbityError('USAGE', '--out goes with one file, and this is a folder', { where: target });
  if (!stats.isDirectory()) {
    const file = out ?? target;
    await writeAlone(file, await signFile(target, identity, moment));
    return [file];
  }
  await finishPack(target);
  const made = await signPack(target, identity, moment);
  await writePack(target, made, { keepOthers: true });
  return [...made.keys()].map((name) => path.join(target, name));
}

async function signFile(file: string, identity: Signer, moment: SealOptions): Promise<Uint8Array> {
  const signer = signerOf(file);
  if (!signer)
    throw new ProbityError('USAGE', 'files of this kind take no signature', {
      where: file,
      remedy: file.toLowerCase().endsWith('.zip')
        ? 'Unzip it, sign the folder, and zip it again'
        : `Name a pack folder, or a file ending in ${Object.keys(SIGNERS).join(', ')}`,
    });
  const report = await verifyPaths([file], [], false);
  refuseBroken(report);
  noteSameSigner(report, identity, moment);
  return signer(await readFile(file), identity, moment, file);
}

/** By name, what a further signature changes in a pack. */
async function signPack(folder: string, identity: Signer, moment: SealOptions): Promise<Map<string, Uint8Array>> {
  const present = (await readdir(folder)).filter((name) => PACK_FILES.includes(name)).sort();
  if (present.length === 0)
    throw new ProbityError('USAGE', 'the folder holds no pack', {
      where: folder,
      remedy: 'Name the folder that probity run wrote (--out)',
    });
  if (present.includes(SIGSTORE_FILE))
    throw new ProbityError(
      'USAGE',
      'the pack carries a keyless signature, which would not be over the files any more',
      {
        where: path.join(folder, SIGSTORE_FILE),
        remedy: 'Let people sign before the pipeline does; or take that file away and sign',
      },
    );
  const report = await verifyPaths([folder], [], false);
  refuseBroken(report);
  noteSameSigner(report, identity, moment);
  const contents = new Map<string, Uint8Array>();
  const made = new Map<string, Uint8Array>();
  for (const name of present) {
    const bytes = await readFile(path.join(folder, name));
    const signer = name === ATTESTATION_FILE ? undefined : signerOf(name);
    const signed = signer ? await signer(bytes, identity, moment, name) : bytes;
    contents.set(name, signed);
    if (signer) made.set(name, signed);
  }
  const envelope = contents.get(ATTESTATION_FILE);
  contents.delete(ATTESTATION_FILE);
  const statement = statementFor(envelope, contents, folder);
  // A pack of an earlier version lists no roles.
  const used = report.files.flatMap(({ signatures }) => signatures.flatMap(({ role }) => role ?? []));
  const roles = rolesWith(...(statement.predicate.roles ?? []), ...used);
  const renewed = { ...statement, predicate: { ...statement.predicate, roles } };
  made.set(ATTESTATION_FILE, await sealStatement(renewed, identity, moment));
  return made;
}

function statementFor(
  envelope: Uint8Array | undefined,
  contents: ReadonlyMap<string, Uint8Array>,
  folder: string,
): Statement {
  if (envelope) {
    const { statement } = verifyAttestation(Buffer.from(envelope).toString('utf8'), ATTESTATION_FILE, []);
    if (statement) return renewedStatement(statement, envelope, contents);
  }
  const assessment = contents.get('assessment.json');
  if (!assessment)
    throw new ProbityError('USAGE', 'the pack has neither an attestation nor an assessment.json to attest to', {
      where: folder,
    });
  return packStatement(parseAssessment(Buffer.from(assessment).toString('utf8'), 'assessment.json'), contents, []);
}

/** One person in two roles is no second pair of eyes, and is told so. */
function noteSameSigner(report: VerificationReport, identity: Signer, { role, note }: SealOptions): void {
  const own = fingerprint(identity.certificate);
  const before = report.files
    .flatMap(({ signatures }) => signatures)
    .filter((one) => one.fingerprint === own)
    .flatMap((one) => one.role ?? []);
  const other = before.find((one) => one !== role);
  if (other === undefined) return;
  const advice = identity.trial ? '; another person signs with --identity FILE.p12' : '';
  note?.(
    `Warning: the same ${identity.trial ? 'trial ' : ''}key has signed as ${other} already, so this is no second person's signature${advice}.`,
  );
}

function refuseBroken(report: Awaited<ReturnType<typeof verifyPaths>>): void {
  for (const file of report.files) {
    const [problem] = file.problems;
    if (problem !== undefined && !file.unsigned)
      throw new ProbityError('SIGNATURE_BROKEN', `it is broken already, and is not signed: ${problem}`, {
        where: file.path,
        remedy: 'Make it again from its source',
      });
  }
}
