import type { X509Certificate } from 'node:crypto';
import {
  ParseSpeeds,
  PDFArray,
  PDFDict,
  PDFDocument,
  PDFHexString,
  PDFName,
  PDFNumber,
  type PDFObject,
  PDFRef,
  PDFString,
} from '@cantoo/pdf-lib';
import { SignPdf } from '@signpdf/signpdf';
import { DEFAULT_BYTE_RANGE_PLACEHOLDER, Signer as PdfSigner } from '@signpdf/utils';
import { messageOf, ProbityError } from '../../errors.ts';
import { subjectName } from '../../pki/certificates.ts';
import { signDetached, type Timestamper } from '../../pki/cms.ts';
import type { RevocationData } from '../../pki/revocation.ts';
import type { Signer } from '../../pki/signer.ts';
import { blockAppearance, blockRectangle, emptyAppearance, type SignatureBlock } from './appearance.ts';
import { rememberContainers } from './containers.ts';
import { tagFields } from './tags.ts';

/** Room for the signature in bytes: a signature, its certificates, and what later issues of trust may add. */
const SIGNATURE_BYTES = 24_576;
/** Fields for those who sign after a certifying signature. */
const FURTHER_FIELDS = 5;

/** Hands the bytes that the byte range covers to something that gives a signature over them. */
class BytesSigner extends PdfSigner {
  #over: (content: Buffer) => Promise<Uint8Array>;

  constructor(over: (content: Buffer) => Promise<Uint8Array>) {
    super();
    this.#over = over;
  }

  override async sign(content: Buffer): Promise<Buffer> {
    return Buffer.from(await this.#over(content));
  }
}

export interface PdfSignatureOptions {
  role: string;
  /** The claimed time of signing. */
  time: Date;
  /** Puts a time-stamp over the signature: level B-T. */
  timestamp?: Timestamper | undefined;
  /** Whether the visible block may say that there is a time-stamp; default true. */
  promised?: boolean | undefined;
  /** Draw the block that says who signed; default true. */
  visible?: boolean | undefined;
}

/**
 * Adds a PAdES baseline signature (ETSI EN 319 142-1), B-B or with a time-stamp B-T, as an incremental update: nothing
 * that was there is rewritten, so earlier signatures stay valid. The first signature certifies the document and permits
 * form filling and further signatures only (ISO 32000-2, 12.8.2.2).
 * @throws ProbityError SIGNATURE_UNSUPPORTED when the file is not a PDF that can be signed
 */
export async function signPdf(bytes: Uint8Array, identity: Signer, options: PdfSignatureOptions): Promise<Uint8Array> {
  const { role, time } = options;
  const prepared = await prepare(
    bytes,
    { Type: 'Sig', SubFilter: 'ETSI.CAdES.detached' },
    `Signature of the ${role}`,
    options.visible === false ? undefined : blockOf(identity, options),
    (signature) => {
      signature.set(PDFName.of('M'), PDFString.fromDate(time));
      signature.set(PDFName.of('Name'), PDFHexString.fromText(subjectName(identity.certificate)));
      signature.set(PDFName.of('Reason'), PDFHexString.fromText(role));
    },
  );
  return new SignPdf().sign(
    Buffer.from(prepared),
    new BytesSigner((content) => signDetached(content, identity, options.timestamp)),
    time,
  );
}

function blockOf(identity: Signer, { role, time, timestamp, promised }: PdfSignatureOptions) {
  const trust = identity.trial
    ? 'Self-signed, for trial'
    : identity.selfSigned
      ? 'Self-signed'
      : `Issued by ${nameOf(identity.certificate.issuer)}`;
  return {
    title: `Signed as ${role}`,
    name: subjectName(identity.certificate),
    time: `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC${timestamp && promised !== false ? ', time-stamped' : ', as claimed'}`,
    trust,
  };
}

function nameOf(name: string): string {
  return /(?:^|\n)CN=([^\n]+)/.exec(name)?.[1] ?? name.replaceAll('\n', ', ');
}

/**
 * Adds an archive time-stamp over the whole file (PAdES B-LTA): a document time-stamp after ISO 32000-2, 12.8.5.
 * @param timestamp gives the token over the bytes
 */
export async function addDocumentTimestamp(bytes: Uint8Array, timestamp: Timestamper): Promise<Uint8Array> {
  const prepared = await prepare(
    bytes,
    { Type: 'DocTimeStamp', SubFilter: 'ETSI.RFC3161' },
    'Archive time-stamp',
    undefined,
    () => undefined,
  );
  return new SignPdf().sign(Buffer.from(prepared), new BytesSigner(timestamp), new Date());
}

async function open(bytes: Uint8Array): Promise<PDFDocument> {
  try {
    const document = await PDFDocument.load(bytes, {
      updateMetadata: false,
      forIncrementalUpdate: true,
      parseSpeed: ParseSpeeds.Fastest,
    });
    document.getPage(0);
    rememberContainers(document.context);
    return document;
  } catch (error) {
    throw new ProbityError('SIGNATURE_UNSUPPORTED', `not a PDF that can be signed: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function prepare(
  bytes: Uint8Array,
  kind: { Type: string; SubFilter: string },
  label: string,
  block: SignatureBlock | undefined,
  complete: (signature: PDFDict) => void,
): Promise<Uint8Array> {
  const document = await open(bytes);
  const { context, catalog } = document;
  const page = document.getPage(0);
  const form = catalog.lookupMaybe(PDFName.of('AcroForm'), PDFDict);
  const fields = form?.lookupMaybe(PDFName.of('Fields'), PDFArray);
  const existing = fields?.size() ?? 0;
  const certifies = kind.Type === 'Sig' && !catalog.has(PDFName.of('Perms')) && countSignatures(fields) === 0;

  const signature = context.obj({
    ...kind,
    Filter: 'Adobe.PPKLite',
    ByteRange: [
      0,
      PDFName.of(DEFAULT_BYTE_RANGE_PLACEHOLDER),
      PDFName.of(DEFAULT_BYTE_RANGE_PLACEHOLDER),
      PDFName.of(DEFAULT_BYTE_RANGE_PLACEHOLDER),
    ],
    Contents: PDFHexString.of('0'.repeat(SIGNATURE_BYTES * 2)),
  });
  complete(signature);
  if (certifies)
    signature.set(
      PDFName.of('Reference'),
      context.obj([
        {
          Type: 'SigRef',
          TransformMethod: 'DocMDP',
          TransformParams: { Type: 'TransformParams', P: 2, V: PDFName.of('1.2') },
        },
      ]),
    );
  // The library keeps dictionaries of type Sig out of object streams, where their bytes could not be found again; a
  // document time-stamp has another type and needs the same.
  const lookup = signature.lookup.bind(signature) as (...args: unknown[]) => unknown;
  Object.assign(signature, {
    lookup: (key: PDFName, ...types: unknown[]) =>
      key === PDFName.of('Type') ? PDFName.of('Sig') : lookup(key, ...types),
  });
  const signatureRef = context.register(signature);
  // Printed and locked is 132 (ISO 32000-2, table 167).
  const empty = kind.Type === 'Sig' ? emptyField(fields) : undefined;
  if (empty) {
    const rectangle =
      empty
        .lookupMaybe(PDFName.of('Rect'), PDFArray)
        ?.asArray()
        .map((one) => (one instanceof PDFNumber ? one.asNumber() : 0)) ?? [];
    empty.set(PDFName.of('V'), signatureRef);
    empty.set(PDFName.of('F'), PDFNumber.of(132));
    // A field keeps its rectangle: whoever signed before saw what it leaves free. One without room shows nothing.
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = rectangle;
    if (block && x2 - x1 > 1 && y2 - y1 > 1)
      empty.set(PDFName.of('AP'), context.obj({ N: await blockAppearance(document, block) }));
    context.snapshot?.markObjsForSave([empty]);
    return document.commit({ useObjectStreams: usesStreams(bytes) });
  }
  const signedBefore = countSignatures(fields) > 0;
  if (kind.Type === 'Sig' && signedBefore && catalog.has(PDFName.of('Perms')))
    throw new ProbityError('SIGNATURE_UNSUPPORTED', 'the document takes no more signatures: every field is signed', {
      remedy: 'Sign the attestation of the pack, or have the document made again',
    });
  // A block that nobody left room for would lie over what others signed.
  const drawn = signedBefore ? undefined : block;
  const widget = (
    number: number,
    rectangle: number[],
    what: string,
    rest: Record<string, PDFObject | number[] | { N: PDFRef }>,
  ): PDFRef =>
    context.register(
      context.obj({
        Type: 'Annot',
        Subtype: 'Widget',
        FT: 'Sig',
        Rect: rectangle,
        T: PDFHexString.fromText(`Signature${number}`),
        TU: PDFHexString.fromText(what),
        P: page.ref,
        F: PDFNumber.of(4),
        ...rest,
      }),
    );
  const place = (index: number): [number, number, number, number] => blockRectangle(index, page.getWidth());
  const widgets = [
    widget(existing + 1, drawn ? place(0) : [0, 0, 0, 0], label, {
      V: signatureRef,
      F: PDFNumber.of(132),
      ...(drawn ? { AP: { N: await blockAppearance(document, drawn) } } : {}),
    }),
  ];
  // After a certifying signature fields may be filled and no longer made, so those of reviewers and approvers are made now.
  if (certifies)
    for (let number = 2; number <= 1 + FURTHER_FIELDS; number++)
      widgets.push(
        widget(existing + number, place(number - 1), 'Signature of a reviewer or approver', {
          AP: { N: emptyAppearance(document, place(number - 1)) },
        }),
      );
  // The library's own way of adding an annotation would rewrite the page's content and resources as well.
  // The list becomes an object of its own, so that the next signature adds to it without touching the page.
  const annotations = page.node.Annots();
  const apart = page.node.get(PDFName.of('Annots')) instanceof PDFRef;
  for (const one of widgets) annotations?.push(one);
  if (!apart) page.node.set(PDFName.of('Annots'), context.register(annotations ?? context.obj(widgets)));
  if (form && fields) for (const one of widgets) fields.push(one);
  else if (form) form.set(PDFName.of('Fields'), context.obj(widgets));
  else
    catalog.set(
      PDFName.of('AcroForm'),
      context.register(context.obj({ Fields: context.register(context.obj(widgets)), SigFlags: 3 })),
    );
  form?.set(PDFName.of('SigFlags'), PDFNumber.of(3));
  if (certifies) {
    catalog.set(PDFName.of('Perms'), context.obj({ DocMDP: signatureRef }));
    // Signatures are of this version; programs that sign later would state it, and change the catalog.
    if (Buffer.from(bytes.subarray(0, 9)).toString('latin1') < '%PDF-1.7' && !catalog.has(PDFName.of('Version')))
      catalog.set(PDFName.of('Version'), PDFName.of('1.7'));
    context.snapshot?.markObjsForSave(tagFields(document, widgets, page.ref));
  }
  if (!apart) context.snapshot?.markRefForSave(page.ref);
  context.snapshot?.markObjsForSave([catalog, form, fields, annotations].filter((object) => object !== undefined));
  return document.commit({ useObjectStreams: usesStreams(bytes) });
}

/** A signature field that nobody has signed. */
function emptyField(fields: PDFArray | undefined): PDFDict | undefined {
  for (let i = 0; i < (fields?.size() ?? 0); i++) {
    const field = fields?.lookup(i);
    if (field instanceof PDFDict && field.get(PDFName.of('FT')) === PDFName.of('Sig') && !field.has(PDFName.of('V')))
      return field;
  }
  return undefined;
}

function countSignatures(fields: PDFArray | undefined): number {
  let count = 0;
  for (let i = 0; i < (fields?.size() ?? 0); i++) {
    const field = fields?.lookup(i);
    if (field instanceof PDFDict && field.get(PDFName.of('FT')) === PDFName.of('Sig') && field.has(PDFName.of('V')))
      count++;
  }
  return count;
}

/** Everything a later reader needs to judge a signature after servers are gone. */
export interface ValidationData extends RevocationData {
  certificates: readonly X509Certificate[];
}

/**
 * Adds certificates and proofs to the document security store (PAdES B-LT; ETSI EN 319 142-1, 5.4.2), as an incremental
 * update. What the store holds already stays.
 */
export async function addValidationData(bytes: Uint8Array, data: ValidationData): Promise<Uint8Array> {
  const document = await open(bytes);
  const { context, catalog } = document;
  const store = catalog.lookupMaybe(PDFName.of('DSS'), PDFDict);
  const lists = [
    ['Certs', data.certificates.map((one) => new Uint8Array(one.raw))],
    ['OCSPs', data.ocsps],
    ['CRLs', data.crls],
  ] as const;
  const dss = context.obj({ Type: 'DSS' });
  for (const [name, values] of lists) {
    const before = store?.lookupMaybe(PDFName.of(name), PDFArray)?.asArray() ?? [];
    if (before.length + values.length === 0) continue;
    dss.set(
      PDFName.of(name),
      context.obj([...before, ...values.map((value) => context.register(context.flateStream(value)))]),
    );
  }
  catalog.set(PDFName.of('DSS'), context.register(dss));
  context.snapshot?.markObjsForSave([catalog]);
  return document.commit({ useObjectStreams: usesStreams(bytes) });
}

/** Whether the newest cross-reference section is a stream; an update must be of the same kind (ISO 32000-2, 7.5.8.4). */
function usesStreams(bytes: Uint8Array): boolean {
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = tail.lastIndexOf('startxref');
  const offset = Number(/startxref\s+(\d+)/.exec(tail.toString('latin1', at, at + 40))?.[1] ?? 0);
  return tail.toString('latin1', offset, offset + 4) !== 'xref';
}
