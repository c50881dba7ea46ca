import { X509Certificate } from 'node:crypto';
import {
  decodePDFRawStream,
  PDFArray,
  PDFDict,
  PDFDocument,
  PDFHexString,
  PDFName,
  PDFNumber,
  type PDFObject,
  PDFRawStream,
  PDFRef,
  PDFString,
} from '@cantoo/pdf-lib';
import * as asn1js from 'asn1js';
import { fingerprint, isSelfSigned, subjectName } from '../pki/certificates.ts';
import { verifyDetached } from '../pki/cms.ts';
import { type RevocationData, revocationStatus } from '../pki/revocation.ts';
import { verifyTimestamp } from '../pki/timestamp.ts';
import { changesAfter } from './revisions.ts';
import { judgeTrust, type SignatureReport, type TrustStore } from './signature.ts';

export interface FileVerdict {
  problems: string[];
  signatures: SignatureReport[];
}

/**
 * Checks every signature of a PDF: the CMS or time-stamp over its byte range, that the range leaves out the signature and
 * nothing else, what later revisions did, the embedded proofs, and the level that all of this reaches.
 */
export async function verifyPdf(bytes: Uint8Array, trust: TrustStore): Promise<FileVerdict> {
  let document: PDFDocument;
  try {
    document = await PDFDocument.load(bytes, { updateMetadata: false, throwOnInvalidObject: false });
  } catch {
    return { problems: ['not a readable PDF'], signatures: [] };
  }
  let dictionaries: PDFDict[];
  let unreadable = 0;
  let store: DocumentStore;
  try {
    ({ dictionaries, unreadable } = signatureDictionaries(document));
    store = documentStore(document);
  } catch {
    return { problems: ['the form that should hold the signatures cannot be read'], signatures: [] };
  }
  const problems: string[] = unreadable > 0 ? ['a signature field refers to a signature that cannot be read'] : [];
  if (dictionaries.length === 0)
    return { problems: unreadable > 0 ? problems : ['the PDF carries no signature'], signatures: [] };
  const checked = dictionaries.map((dictionary) => checkOne(dictionary, bytes));
  const stamps = checked.filter((one) => one.kind === 'ETSI.RFC3161' && one.problem === undefined);
  const signatures: SignatureReport[] = [];
  for (const one of checked) {
    const later = one.end === undefined ? { added: [], problems: [] } : await changesAfter(bytes, one.end);
    problems.push(...later.problems);
    const report = judgeOne(one, stamps, store, trust, later.problems.length > 0);
    if (!report.integrity && report.reason) problems.push(`the signature of ${report.signer}: ${report.reason}`);
    signatures.push(later.added.length > 0 ? { ...report, later: later.added } : report);
  }
  return { problems: [...new Set(problems)], signatures };
}

/** Certificates and proofs that the document carries for later (ETSI EN 319 142-1, 5.4.2). */
interface DocumentStore extends RevocationData {
  certificates: X509Certificate[];
}

function documentStore(document: PDFDocument): DocumentStore {
  const dss = document.catalog.lookupMaybe(PDFName.of('DSS'), PDFDict);
  const streams = (key: string): Uint8Array[] =>
    (dss?.lookupMaybe(PDFName.of(key), PDFArray)?.asArray() ?? []).flatMap((one) => {
      const stream = one instanceof PDFRef ? document.context.lookup(one) : one;
      return stream instanceof PDFRawStream ? [decodePDFRawStream(stream).decode()] : [];
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

function signatureDictionaries(document: PDFDocument): { dictionaries: PDFDict[]; unreadable: number } {
  const form = document.catalog.lookupMaybe(PDFName.of('AcroForm'), PDFDict);
  const fields = form?.lookupMaybe(PDFName.of('Fields'), PDFArray);
  const dictionaries: PDFDict[] = [];
  let unreadable = 0;
  for (let i = 0; i < (fields?.size() ?? 0); i++) {
    const field = fields?.lookup(i);
    if (!(field instanceof PDFDict) || field.get(PDFName.of('FT')) !== PDFName.of('Sig')) continue;
    const value = field.lookup(PDFName.of('V'));
    if (value instanceof PDFDict) dictionaries.push(value);
    else if (field.has(PDFName.of('V'))) unreadable++;
  }
  return { dictionaries, unreadable };
}

function text(object: PDFObject | undefined): string | undefined {
  return object instanceof PDFString || object instanceof PDFHexString ? object.decodeText() : undefined;
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

function checkOne(dictionary: PDFDict, bytes: Uint8Array): Checked {
  const subFilter = dictionary.lookup(PDFName.of('SubFilter'));
  const base: Checked = {
    stated: text(dictionary.lookup(PDFName.of('Name'))) ?? 'unknown',
    role: text(dictionary.lookup(PDFName.of('Reason'))),
    kind: subFilter instanceof PDFName ? subFilter.decodeText() : 'unknown',
    claimed: pdfTime(text(dictionary.lookup(PDFName.of('M')))),
    certificates: [],
    pinned: false,
  };
  const range = dictionary.lookup(PDFName.of('ByteRange'));
  const numbers =
    range instanceof PDFArray
      ? range.asArray().map((one) => (one instanceof PDFNumber ? one.asNumber() : Number.NaN))
      : [];
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
  const contents = dictionary.lookup(PDFName.of('Contents'));
  if (!(contents instanceof PDFHexString) || !Buffer.from(contents.asBytes()).equals(signature))
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

function judgeOne(
  one: Checked,
  stamps: readonly Checked[],
  store: DocumentStore,
  trust: TrustStore,
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
  const known = [...one.certificates, ...store.certificates, ...stamps.flatMap(({ certificates }) => certificates)];
  const stampTrust =
    one.stamp &&
    judgeTrust(
      one.stamp.certificate,
      [...one.stamp.certificates, ...store.certificates],
      trust,
      new Date(one.stamp.time),
    );
  const isStamp = one.kind === 'ETSI.RFC3161';
  // A time that somebody trusted attests counts before one that the signer claims.
  const time = stampTrust?.trusted ? one.stamp?.time : (one.claimed ?? one.stamp?.time);
  const at = time ? new Date(time) : new Date();
  const judged = judgeTrust(one.certificate, known, trust, at);
  // What nobody trusted attests could be dated back to before a revocation.
  const proofs = proofsOf(
    one,
    known,
    store,
    one.stamp ? new Date(one.stamp.time) : at,
    stampTrust?.trusted ? at : new Date(),
  );
  const trusted = proofs.revoked ? { trusted: false, reason: proofs.revoked } : judged;
  return {
    signer: subjectName(one.certificate),
    fingerprint: fingerprint(one.certificate),
    ...role,
    ...(one.claimed && !isStamp ? { time: one.claimed } : {}),
    ...(one.stamp
      ? {
          timestamp: one.stamp.time,
          timestampBy: subjectName(one.stamp.certificate),
          timestampTrusted: stampTrust?.trusted ?? false,
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
