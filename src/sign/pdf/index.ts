import { PDFArray, PDFDict, PDFDocument, PDFHexString, PDFName, PDFNumber, PDFString } from '@cantoo/pdf-lib';
import { SignPdf } from '@signpdf/signpdf';
import { DEFAULT_BYTE_RANGE_PLACEHOLDER, Signer } from '@signpdf/utils';
import { messageOf, ProbityError } from '../../errors.ts';
import { signDetached } from '../cms.ts';
import { type Identity, subjectName } from '../identity.ts';

/** Room for the signature in bytes: a signature, its certificates, and what later issues of trust may add. */
const SIGNATURE_BYTES = 24_576;

/** Hands the bytes that the byte range covers to our CMS. */
class IdentitySigner extends Signer {
  #identity: Identity;

  constructor(identity: Identity) {
    super();
    this.#identity = identity;
  }

  override async sign(content: Buffer): Promise<Buffer> {
    return Buffer.from(signDetached(content, this.#identity));
  }
}

export interface PdfSignatureOptions {
  role: string;
  /** The claimed time of signing. */
  time: Date;
}

/**
 * Adds a PAdES baseline B-B signature (ETSI EN 319 142-1) as an incremental update: nothing that was there is rewritten,
 * so earlier signatures stay valid. The first signature certifies the document and permits form filling and further
 * signatures only (ISO 32000-2, 12.8.2.2).
 * @throws ProbityError SIGNATURE_UNSUPPORTED when the file is not a PDF that can be signed
 */
export async function signPdf(bytes: Uint8Array, identity: Identity, options: PdfSignatureOptions): Promise<Uint8Array> {
  const prepared = await preparePdf(bytes, identity, options);
  return new SignPdf().sign(Buffer.from(prepared), new IdentitySigner(identity), options.time);
}

async function preparePdf(bytes: Uint8Array, identity: Identity, { role, time }: PdfSignatureOptions): Promise<Uint8Array> {
  let document: PDFDocument;
  try {
    document = await PDFDocument.load(bytes, { updateMetadata: false, forIncrementalUpdate: true });
  } catch (error) {
    throw new ProbityError('SIGNATURE_UNSUPPORTED', `not a PDF that can be signed: ${messageOf(error)}`, { cause: error });
  }
  const { context, catalog } = document;
  const page = document.getPage(0);
  const form = catalog.lookupMaybe(PDFName.of('AcroForm'), PDFDict);
  const fields = form?.lookupMaybe(PDFName.of('Fields'), PDFArray);
  const existing = fields?.size() ?? 0;
  const certifies = !catalog.has(PDFName.of('Perms')) && existing === 0;

  const signature = context.obj({
    Type: 'Sig',
    Filter: 'Adobe.PPKLite',
    SubFilter: 'ETSI.CAdES.detached',
    ByteRange: [0, PDFName.of(DEFAULT_BYTE_RANGE_PLACEHOLDER), PDFName.of(DEFAULT_BYTE_RANGE_PLACEHOLDER), PDFName.of(DEFAULT_BYTE_RANGE_PLACEHOLDER)],
    Contents: PDFHexString.of('0'.repeat(SIGNATURE_BYTES * 2)),
    M: PDFString.fromDate(time),
    Name: PDFHexString.fromText(subjectName(identity.certificate)),
    Reason: PDFHexString.fromText(role),
  });
  if (certifies)
    signature.set(
      PDFName.of('Reference'),
      context.obj([{ Type: 'SigRef', TransformMethod: 'DocMDP', TransformParams: { Type: 'TransformParams', P: 2, V: PDFName.of('1.2') } }]),
    );
  const signatureRef = context.register(signature);
  const widget = context.register(
    context.obj({
      Type: 'Annot',
      Subtype: 'Widget',
      FT: 'Sig',
      Rect: [0, 0, 0, 0],
      V: signatureRef,
      T: PDFHexString.fromText(`Signature${existing + 1}`),
      TU: PDFHexString.fromText(`Signature of the ${role}`),
      // Printed and locked (ISO 32000-2, table 167).
      F: PDFNumber.of(132),
      P: page.ref,
    }),
  );
  page.node.addAnnot(widget);
  if (form && fields) fields.push(widget);
  else catalog.set(PDFName.of('AcroForm'), context.obj({ Fields: [widget], SigFlags: 3 }));
  form?.set(PDFName.of('SigFlags'), PDFNumber.of(3));
  if (certifies) catalog.set(PDFName.of('Perms'), context.obj({ DocMDP: signatureRef }));
  if (context.snapshot) {
    context.snapshot.markRefForSave(page.ref);
    const touched = [catalog, form, fields, page.node.Annots()].filter((object) => object !== undefined);
    context.snapshot.markObjsForSave(touched);
  }
  return document.commit({ useObjectStreams: usesStreams(bytes) });
}

/** Whether the newest cross-reference section is a stream; an update must be of the same kind (ISO 32000-2, 7.5.8.4). */
function usesStreams(bytes: Uint8Array): boolean {
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = tail.lastIndexOf('startxref');
  const offset = Number(/startxref\s+(\d+)/.exec(tail.toString('latin1', at, at + 40))?.[1] ?? 0);
  return tail.toString('latin1', offset, offset + 4) !== 'xref';
}
