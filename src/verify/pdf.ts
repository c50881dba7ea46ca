import { X509Certificate } from 'node:crypto';
import * as asn1js from 'asn1js';
import { fingerprint, isSelfSigned, issuerName, subjectName } from '../pki/certificates.ts';
import { verifyDetached } from '../pki/cms.ts';
import { type RevocationData, revocationStatus } from '../pki/revocation.ts';
import { verifyTimestamp } from '../pki/timestamp.ts';
import { decode, dictOf, entryOf, listOf, nameOf, openPdf, type PdfFile, resolve } from './pdfReader.ts';
import { isKind, isList, type PdfDict, type PdfValue, textOfString, Unreadable } from './pdfSyntax.ts';
import { changesAfter, type Revisions } from './revisions.ts';
import {
  type Judging,
  judgeTrust,
  type Proven,
  provenOutside,
  type SignatureReport,
  type Trust,
  type TrustStore,
} from './signature.ts';

export interface FileVerdict {
  problems: string[];
  signatures: SignatureReport[];
  /** Whether all that is wrong is that nobody has signed it yet. */
  unsigned?: boolean;
}

/** More than anybody collects, and few enough that checking them takes no longer than reading the file. */
const MOST_SIGNATURES = 64;
const MOST_FIELDS = 10_000;

/**
 * Checks every signature of a PDF: the CMS or time-stamp over its byte range, that the range leaves out the signature and
 * nothing else, what later revisions did, the embedded proofs, and the level that all of this reaches. What the form holds is
 * read as readers read it, from the end of the file along its cross-references.
 */
export async function verifyPdf(
  bytes: Uint8Array,
  trust: TrustStore,
  judging: Omit<Judging, 'trust'> = { now: new Date() },
): Promise<FileVerdict> {
  try {
    return verifyRead(openPdf(bytes), { trust, ...judging });
  } catch (error) {
    if (error instanceof Unreadable) return { problems: [`not a readable PDF: ${error.message}`], signatures: [] };
    throw error;
  }
}

function verifyRead(file: PdfFile, judging: Judging): FileVerdict {
  const catalog = dictOf(file, file.sections[0]?.trailer.entries.get('Root'), 0);
  if (!catalog) return { problems: ['not a readable PDF: it has no catalog'], signatures: [] };
  const { values, unreadable } = signatureValues(file, catalog);
  const problems: string[] = unreadable > 0 ? ['a signature field refers to a signature that cannot be read'] : [];
  if (values.length === 0)
    return unreadable > 0
      ? { problems, signatures: [] }
      : { problems: ['the PDF carries no signature'], signatures: [], unsigned: true };
  if (values.length > MOST_SIGNATURES)
    return { problems: [`the PDF carries more than ${MOST_SIGNATURES} signatures`], signatures: [] };
  const store = documentStore(file, catalog);
  const checked = values.map((value) => checkSafely(value, file.bytes));
  const archived = archiveStamps(checked, store, judging);
  const signatures: SignatureReport[] = [];
  const revisions: Revisions = new Map();
  for (const one of checked) {
    const later = one.end === undefined ? { added: [], problems: [] } : changesAfter(file, one.end, revisions);
    problems.push(...later.problems);
    const report = judgeOne(one, archived, store, judging, later.problems.length > 0);
    if (!report.integrity && report.reason) problems.push(`the signature of ${report.signer}: ${report.reason}`);
    signatures.push(later.added.length > 0 ? { ...report, later: later.added } : report);
  }
  return { problems: [...new Set(problems)], signatures };
}

/**
 * The files that a PDF carries (ISO 32000-2, 7.11.4), by name, as its newest revision has them; of a PDF that cannot be read,
 * none. Whether anybody signed them is asked elsewhere.
 */
export function embeddedFiles(bytes: Uint8Array): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  try {
    const file = openPdf(bytes);
    const catalog = dictOf(file, file.sections[0]?.trailer.entries.get('Root'), 0);
    const tree = dictOf(file, dictOf(file, catalog?.entries.get('Names'), 0)?.entries.get('EmbeddedFiles'), 0);
    const names = listOf(file, tree?.entries.get('Names'), 0).slice(0, 200);
    for (let i = 0; i + 1 < names.length; i += 2) {
      const name = textOfString(resolve(file, names[i], 0));
      const content = resolve(
        file,
        dictOf(file, dictOf(file, names[i + 1], 0)?.entries.get('EF'), 0)?.entries.get('F'),
        0,
      );
      if (name !== undefined && isKind(content, 'stream') && !found.has(name))
        found.set(name, decode(file.bytes, content, file.budget, false));
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
  }
  return found;
}

/** Certificates and proofs that the document carries for later (ETSI EN 319 142-1, 5.4.2). */
interface DocumentStore extends RevocationData {
  certificates: X509Certificate[];
}

const MOST_PROOFS = 500;

function documentStore(file: PdfFile, catalog: PdfDict): DocumentStore {
  const dss = dictOf(file, catalog.entries.get('DSS'), 0);
  const streams = (key: string): Uint8Array[] =>
    listOf(file, dss?.entries.get(key), 0)
      .slice(0, MOST_PROOFS)
      .flatMap((one) => {
        const stream = resolve(file, one, 0);
        return isKind(stream, 'stream') ? [decode(file.bytes, stream, file.budget, true)] : [];
      });
  return {
    certificates: streams('Certs').flatMap((der) => {
      try {
        return [new X509Certificate(Buffer.from(der))];
      } catch {
        return [];
      }
    }),
    ocsps: streams('OCSPs'),
    crls: streams('CRLs'),
  };
}

/** The values of the form's signature fields, those of fields below others included; each once. */
function signatureValues(file: PdfFile, catalog: PdfDict): { values: PdfDict[]; unreadable: number } {
  const values: PdfDict[] = [];
  let unreadable = 0;
  const seen = new Set<string>();
  const open: { field: PdfValue; signs: boolean }[] = listOf(
    file,
    dictOf(file, catalog.entries.get('AcroForm'), 0)?.entries.get('Fields'),
    0,
  ).map((field) => ({ field, signs: false }));
  for (let i = 0; i < open.length; i++) {
    if (i >= MOST_FIELDS) throw new Unreadable('its form has too many fields');
    const { field, signs } = open[i] as (typeof open)[number];
    if (isKind(field, 'ref')) {
      if (seen.has(`field ${field.number}`)) throw new Unreadable('its form lists a field twice');
      seen.add(`field ${field.number}`);
    }
    const dict = dictOf(file, field, 0);
    if (!dict) continue;
    const kind = nameOf(dict, 'FT') ?? (signs ? 'Sig' : '');
    for (const kid of listOf(file, dict.entries.get('Kids'), 0)) open.push({ field: kid, signs: kind === 'Sig' });
    const value = dict.entries.get('V') ?? null;
    if (kind !== 'Sig' || value === null) continue;
    const found = dictOf(file, value, 0);
    // A value in an object stream, or in the field, has no place of its own in the file for its byte range to leave out.
    const place = isKind(value, 'ref') ? entryOf(file, value.number, 0) : undefined;
    if (!found || place?.kind === 'in') unreadable++;
    else if (!isKind(value, 'ref') || !seen.has(`value ${value.number}`)) values.push(found);
    if (isKind(value, 'ref')) seen.add(`value ${value.number}`);
  }
  return { values, unreadable };
}

/** What the bytes of one signature say, before anybody is trusted. */
interface Checked {
  /** As the signature dictionary states it. */
  stated: string;
  role: string | undefined;
  kind: string;
  /** Claimed by the signer. */
  claimed?: string | undefined;
  /** What is wrong with it. */
  problem?: string;
  /** One past the last byte it covers; unknown when its range cannot be believed. */
  end?: number;
  certificate?: X509Certificate;
  certificates: X509Certificate[];
  pinned: boolean;
  /** A time-stamp over the signature, or the time-stamp that this is. */
  stamp?: { time: string; certificate: X509Certificate; certificates: X509Certificate[] };
}

/** Libraries that read what a stranger encoded may fail in any way; that is a fault of the file. */
function checkSafely(dictionary: PdfDict, bytes: Uint8Array): Checked {
  try {
    return checkOne(dictionary, bytes);
  } catch {
    return {
      stated: 'unknown',
      role: undefined,
      kind: 'unknown',
      certificates: [],
      pinned: false,
      problem: 'it cannot be read',
    };
  }
}

function checkOne(dictionary: PdfDict, bytes: Uint8Array): Checked {
  const { entries } = dictionary;
  const base: Checked = {
    stated: textOfString(entries.get('Name')) ?? 'unknown',
    role: textOfString(entries.get('Reason')),
    kind: nameOf(dictionary, 'SubFilter') ?? 'unknown',
    claimed: pdfTime(textOfString(entries.get('M'))),
    certificates: [],
    pinned: false,
  };
  const range = entries.get('ByteRange');
  const numbers = isList(range) ? range.map((one) => (typeof one === 'number' ? one : Number.NaN)) : [];
  const [start, length, resume, rest] = numbers;
  if (
    numbers.length !== 4 ||
    start === undefined ||
    length === undefined ||
    resume === undefined ||
    rest === undefined ||
    numbers.some((n) => !Number.isSafeInteger(n) || n < 0)
  )
    return { ...base, problem: 'its byte range cannot be read (universal signature forgery)' };
  const end = resume + rest;
  if (start !== 0 || length > resume || end > bytes.length)
    return { ...base, problem: 'its byte range does not fit the file (signature wrapping)' };
  const gap = Buffer.from(bytes.buffer, bytes.byteOffset + length, resume - length).toString('latin1');
  const hex = /^<([0-9A-Fa-f\s]*)>$/.exec(gap)?.[1];
  if (hex === undefined)
    return { ...base, problem: 'its byte range leaves out more than the signature itself (signature wrapping)' };
  const signature = Buffer.from(hex.replace(/\s/g, ''), 'hex');
  const contents = entries.get('Contents');
  if (!isKind(contents, 'string') || !contents.hex || contents.start !== length || contents.end !== resume)
    return {
      ...base,
      problem: 'the signature in its byte range is not the one the form refers to (signature wrapping)',
    };
  const content = Buffer.concat([bytes.subarray(0, length), bytes.subarray(resume, end)]);
  const der = trimDer(signature);
  // The range leaves this space out, so nothing but the signature and zeros may stand in it.
  if (signature.subarray(der.length).some((byte) => byte !== 0))
    return { ...base, end, problem: 'the space reserved for it holds something besides the signature' };
  return base.kind === 'ETSI.RFC3161'
    ? checkStamp({ ...base, end }, der, content)
    : checkSignature({ ...base, end }, der, content);
}

function checkStamp(base: Checked, token: Uint8Array, content: Uint8Array): Checked {
  const { problems, time, certificate, certificates } = verifyTimestamp(token, content);
  if (problems.length > 0 || !time || !certificate)
    return { ...base, problem: problems.join('; ') || 'the time-stamp says no time' };
  return { ...base, certificate, certificates, stamp: { time, certificate, certificates } };
}

function checkSignature(base: Checked, cms: Uint8Array, content: Uint8Array): Checked {
  const verdict = verifyDetached(cms, content, base.kind);
  if (verdict.problems.length > 0 || !verdict.certificate)
    return { ...base, problem: verdict.problems.join('; ') || 'no certificate' };
  const checked: Checked = {
    ...base,
    claimed: base.claimed ?? verdict.signingTime,
    certificate: verdict.certificate,
    certificates: verdict.certificates,
    pinned: verdict.pinned,
  };
  const [token] = verdict.timestamps;
  if (!token || !verdict.value) return checked;
  const { problems, time, certificate, certificates } = verifyTimestamp(token, verdict.value);
  if (problems.length > 0 || !time || !certificate)
    return { ...checked, problem: `its time-stamp does not hold: ${problems.join('; ')}` };
  return { ...checked, stamp: { time, certificate, certificates } };
}

/** An archive time-stamp, and whether it proves its time. */
interface ArchiveStamp {
  one: Checked;
  trust: Trust;
}

/**
 * The archive time-stamps, newest first. The newest must be by an authority whose certificate is valid now; each older one by an
 * authority whose certificate was valid when the next trusted one was made.
 */
function archiveStamps(checked: readonly Checked[], store: DocumentStore, judging: Judging): ArchiveStamp[] {
  const stamps = checked
    .filter((one) => one.kind === 'ETSI.RFC3161' && one.problem === undefined)
    .toSorted((a, b) => (b.end ?? 0) - (a.end ?? 0));
  const judged: ArchiveStamp[] = [];
  for (const one of stamps)
    judged.push({ one, trust: stampTrust(one, store, judging, provenBefore(one, judged, judging)) });
  return judged;
}

/** The latest time at which something must have been there, by the trusted archive time-stamps that cover it. */
function provenBefore(one: Checked, archived: readonly ArchiveStamp[], judging: Judging): Proven {
  const times = archived
    .filter((stamp) => stamp.trust.trusted && (stamp.one.end ?? 0) > (one.end ?? 0))
    .flatMap((stamp) => (stamp.one.stamp ? [new Date(stamp.one.stamp.time)] : []));
  const outside = provenOutside(judging);
  const earliest = times.toSorted((a, b) => a.getTime() - b.getTime())[0];
  return earliest && earliest < outside.at ? { at: earliest, stamped: true } : outside;
}

function stampTrust({ stamp }: Checked, store: DocumentStore, { trust }: Judging, proven: Proven): Trust {
  return stamp
    ? judgeTrust(stamp.certificate, [...stamp.certificates, ...store.certificates], trust, proven, 'time-stamp')
    : { trusted: false };
}

function judgeOne(
  one: Checked,
  archived: readonly ArchiveStamp[],
  store: DocumentStore,
  judging: Judging,
  changed: boolean,
): SignatureReport {
  const role = one.role ? { role: one.role } : {};
  if (one.problem !== undefined || !one.certificate)
    return {
      signer: one.stated,
      fingerprint: '',
      ...role,
      level: one.kind,
      integrity: false,
      trusted: false,
      reason: one.problem ?? 'no certificate',
    };
  const stamps = archived.map((stamp) => stamp.one);
  const known = [...one.certificates, ...store.certificates, ...stamps.flatMap(({ certificates }) => certificates)];
  const isStamp = one.kind === 'ETSI.RFC3161';
  const outside = provenBefore(one, archived, judging);
  const byStamp = stampTrust(one, store, judging, outside);
  // Its own time-stamp is the closest proof; a time that the signer claims is none.
  const proven: Proven =
    !isStamp && byStamp.trusted && one.stamp ? { at: new Date(one.stamp.time), stamped: true } : outside;
  const judged = isStamp ? byStamp : judgeTrust(one.certificate, known, judging.trust, proven);
  // What nobody trusted attests could be dated back to before a revocation.
  const proofs = proofsOf(
    one,
    known,
    store,
    one.stamp ? new Date(one.stamp.time) : one.claimed ? new Date(one.claimed) : proven.at,
    proven.at,
  );
  const trusted = proofs.revoked ? { trusted: false, reason: proofs.revoked } : judged;
  return {
    signer: subjectName(one.certificate),
    issuer: issuerName(one.certificate),
    fingerprint: fingerprint(one.certificate),
    ...role,
    ...(one.claimed && !isStamp ? { time: one.claimed } : {}),
    ...(one.stamp
      ? {
          timestamp: one.stamp.time,
          timestampBy: subjectName(one.stamp.certificate),
          timestampTrusted: byStamp.trusted,
        }
      : {}),
    level: isStamp ? 'archive time-stamp' : levelOf(one, stamps, proofs.complete),
    ...(proofs.statement ? { revocation: proofs.statement } : {}),
    integrity: true,
    ...(changed ? { trusted: false, reason: 'the document was changed after this signature' } : trusted),
  };
}

function levelOf(one: Checked, stamps: readonly Checked[], complete: boolean): string {
  if (one.kind !== 'ETSI.CAdES.detached' || !one.pinned) return one.kind;
  if (!one.stamp) return 'PAdES B-B';
  if (!complete) return 'PAdES B-T';
  return stamps.some((stamp) => (stamp.end ?? 0) > (one.end ?? 0)) ? 'PAdES B-LTA' : 'PAdES B-LT';
}

/** What the embedded proofs say of the signer's path and of the path of who stamped the time. */
function proofsOf(
  one: Checked,
  known: readonly X509Certificate[],
  store: DocumentStore,
  at: Date,
  cutoff: Date,
): { complete: boolean; statement?: string; revoked?: string } {
  const paths = [one.certificate, one.stamp?.certificate].flatMap((leaf) => (leaf ? pathOf(leaf, known) : []));
  const statuses = [...new Map(paths.map((certificate) => [fingerprint(certificate), certificate])).values()]
    .filter((certificate) => !isSelfSigned(certificate))
    .map((certificate) => ({ certificate, status: revocationStatus(certificate, known, store, at, cutoff) }));
  const revoked = statuses.find(({ status }) => status.state === 'revoked');
  if (revoked)
    return {
      complete: false,
      statement: 'revoked',
      revoked: `the certificate of ${subjectName(revoked.certificate)} was revoked${revoked.status.revoked ? ` on ${revoked.status.revoked}` : ''}`,
    };
  const good = statuses.filter(({ status }) => status.state === 'good');
  if (good.length === 0) return { complete: false };
  const first = good[0];
  return {
    complete: good.length === statuses.length,
    statement: `not revoked as of ${first?.status.asOf?.slice(0, 10)} (${first?.status.by === 'ocsp' ? 'OCSP' : 'revocation list'}, embedded; ${good.length} of ${statuses.length} certificates)`,
  };
}

function pathOf(leaf: X509Certificate, known: readonly X509Certificate[]): X509Certificate[] {
  const path = [leaf];
  for (let current = leaf; !isSelfSigned(current) && path.length < 10; ) {
    const issuer = known.find((candidate) => !path.includes(candidate) && current.checkIssued(candidate));
    if (!issuer) break;
    path.push(issuer);
    current = issuer;
  }
  return path;
}

/** The DER value without the zeros that fill the space reserved for it. */
function trimDer(bytes: Buffer): Buffer {
  const first = bytes[1] ?? 0;
  // Older programs write the length as indefinite; then only reading it through tells where it ends.
  if (first === 0x80) {
    const { offset } = asn1js.fromBER(bytes);
    return offset > 0 ? bytes.subarray(0, offset) : bytes;
  }
  if (first < 0x80) return bytes.subarray(0, 2 + first);
  const count = first & 0x7f;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + (bytes[2 + i] ?? 0);
  return bytes.subarray(0, 2 + count + length);
}

/** A PDF date (ISO 32000-2, 7.9.4) as ISO 8601. */
function pdfTime(date: string | undefined): string | undefined {
  const parts = /^D:(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:Z|([+-])(\d{2})'?(\d{2})?)?/.exec(date ?? '');
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second, sign, hours, minutes] = parts;
  const parsed = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}${sign ? `${sign}${hours}:${minutes ?? '00'}` : 'Z'}`,
  );
  return Number.isFinite(parsed) ? new Date(parsed).toISOString() : undefined;
}
