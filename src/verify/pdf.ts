import { PDFArray, PDFDict, PDFDocument, PDFHexString, PDFName, PDFNumber, type PDFObject, PDFString } from '@cantoo/pdf-lib';
import { verifyDetached } from '../sign/cms.ts';
import { fingerprint, subjectName } from '../sign/identity.ts';
import { judgeTrust, type SignatureReport, type TrustStore } from './signature.ts';

export interface FileVerdict {
  problems: string[];
  signatures: SignatureReport[];
}

/**
 * Checks every signature of a PDF: the CMS over its byte range, that the range leaves out the signature and nothing
 * else, and that nothing but further signatures was added after the last one.
 */
export async function verifyPdf(bytes: Uint8Array, trust: TrustStore): Promise<FileVerdict> {
  let document: PDFDocument;
  try {
    document = await PDFDocument.load(bytes, { updateMetadata: false, throwOnInvalidObject: false });
  } catch {
    return { problems: ['not a readable PDF'], signatures: [] };
  }
  let dictionaries: PDFDict[];
  try {
    dictionaries = signatureDictionaries(document);
  } catch {
    return { problems: ['the form that should hold the signatures cannot be read'], signatures: [] };
  }
  if (dictionaries.length === 0) return { problems: ['the PDF carries no signature'], signatures: [] };
  const problems: string[] = [];
  const ends: number[] = [];
  const signatures = dictionaries.map((dictionary) => {
    const { report, end } = verifyOne(dictionary, bytes, trust);
    if (end !== undefined) ends.push(end);
    if (!report.integrity) problems.push(`the signature of ${report.signer}: ${report.reason}`);
    return report;
  });
  const covered = Math.max(0, ...ends);
  if (covered < bytes.length) problems.push(`${bytes.length - covered} bytes were added after the last signature, which does not cover them`);
  return { problems, signatures };
}

function signatureDictionaries(document: PDFDocument): PDFDict[] {
  const form = document.catalog.lookupMaybe(PDFName.of('AcroForm'), PDFDict);
  const fields = form?.lookupMaybe(PDFName.of('Fields'), PDFArray);
  const found: PDFDict[] = [];
  for (let i = 0; i < (fields?.size() ?? 0); i++) {
    const field = fields?.lookup(i);
    if (!(field instanceof PDFDict) || field.get(PDFName.of('FT')) !== PDFName.of('Sig')) continue;
    const value = field.lookup(PDFName.of('V'));
    if (value instanceof PDFDict) found.push(value);
  }
  return found;
}

function text(object: PDFObject | undefined): string | undefined {
  return object instanceof PDFString || object instanceof PDFHexString ? object.decodeText() : undefined;
}

function verifyOne(dictionary: PDFDict, bytes: Uint8Array, trust: TrustStore): { report: SignatureReport; end?: number } {
  const role = text(dictionary.lookup(PDFName.of('Reason')));
  const stated = text(dictionary.lookup(PDFName.of('Name'))) ?? 'unknown';
  const subFilter = dictionary.lookup(PDFName.of('SubFilter'));
  const kind = subFilter instanceof PDFName ? subFilter.decodeText() : 'unknown';
  const broken = (reason: string): { report: SignatureReport } => ({
    report: { signer: stated, fingerprint: '', ...(role ? { role } : {}), level: kind, integrity: false, trusted: false, reason },
  });
  const range = dictionary.lookup(PDFName.of('ByteRange'));
  const numbers = range instanceof PDFArray ? range.asArray().map((one) => (one instanceof PDFNumber ? one.asNumber() : Number.NaN)) : [];
  const [start, length, resume, rest] = numbers;
  if (
    numbers.length !== 4 ||
    start === undefined ||
    length === undefined ||
    resume === undefined ||
    rest === undefined ||
    numbers.some((n) => !Number.isSafeInteger(n) || n < 0)
  )
    return broken('its byte range cannot be read');
  const end = resume + rest;
  if (start !== 0 || length > resume || end > bytes.length) return broken('its byte range does not fit the file');
  const gap = Buffer.from(bytes.buffer, bytes.byteOffset + length, resume - length).toString('latin1');
  const hex = /^<([0-9A-Fa-f\s]*)>$/.exec(gap)?.[1];
  if (hex === undefined) return broken('its byte range leaves out more than the signature itself');
  const signature = Buffer.from(hex.replace(/\s/g, ''), 'hex');
  const contents = dictionary.lookup(PDFName.of('Contents'));
  if (!(contents instanceof PDFHexString) || !Buffer.from(contents.asBytes()).equals(signature))
    return broken('the signature in its byte range is not the one the form refers to');
  const content = Buffer.concat([bytes.subarray(0, length), bytes.subarray(resume, end)]);
  const der = trimDer(signature);
  // The range leaves this space out, so nothing but the signature and zeros may stand in it.
  if (signature.subarray(der.length).some((byte) => byte !== 0)) return { ...broken('the space reserved for it holds something besides the signature'), end };
  const verdict = verifyDetached(der, content);
  if (verdict.problems.length > 0 || !verdict.certificate) return { ...broken(verdict.problems.join('; ') || 'no certificate'), end };
  const time = pdfTime(text(dictionary.lookup(PDFName.of('M')))) ?? verdict.signingTime;
  const trusted = judgeTrust(verdict.certificate, verdict.certificates, trust, time ? new Date(time) : new Date());
  const level = kind === 'ETSI.CAdES.detached' && verdict.pinned ? `PAdES B-${verdict.timestamped ? 'T (time-stamp not checked)' : 'B'}` : kind;
  return {
    report: {
      signer: subjectName(verdict.certificate),
      fingerprint: fingerprint(verdict.certificate),
      ...(role ? { role } : {}),
      ...(time ? { time } : {}),
      level,
      integrity: true,
      ...trusted,
    },
    end,
  };
}

/** The DER value without the zeros that fill the space reserved for it. */
function trimDer(bytes: Buffer): Buffer {
  const first = bytes[1] ?? 0;
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
  const parsed = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${sign ? `${sign}${hours}:${minutes ?? '00'}` : 'Z'}`);
  return Number.isFinite(parsed) ? new Date(parsed).toISOString() : undefined;
}
