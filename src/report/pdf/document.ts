import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import {
  AFRelationship,
  decodePDFRawStream,
  ParseSpeeds,
  PDFArray,
  PDFBool,
  PDFDict,
  PDFDocument,
  PDFHexString,
  PDFName,
  type PDFPage,
  PDFRawStream,
  PDFRef,
  PDFString,
} from '@cantoo/pdf-lib';
import { zlibSync } from 'fflate';
import { ProbityError } from '../../errors.ts';
import { describeLinks, makeArchivable } from './archive.ts';
import { markArtifacts } from './artifacts.ts';
import { fillPageNumbers, glyphsOf } from './pageNumbers.ts';

/** On which page (from 1) each named destination of a PDF lies. */
export async function destinationPages(bytes: Uint8Array): Promise<Map<string, number>> {
  return pagesOf(await PDFDocument.load(bytes, { updateMetadata: false, parseSpeed: ParseSpeeds.Fastest }));
}

function pagesOf(document: PDFDocument): Map<string, number> {
  const numbers = new Map(document.getPages().map((page, index) => [page.ref.toString(), index + 1]));
  const pages = new Map<string, number>();
  const destinations = document.catalog.lookupMaybe(PDFName.of('Dests'), PDFDict);
  for (const [name, value] of destinations?.entries() ?? []) {
    const target = value instanceof PDFRef ? document.context.lookup(value) : value;
    const page = target instanceof PDFArray ? target.get(0) : undefined;
    const number = page instanceof PDFRef ? numbers.get(page.toString()) : undefined;
    if (number !== undefined) pages.set(name.decodeText(), number);
  }
  return pages;
}

interface Attachment {
  name: string;
  description: string;
  mimeType: string;
  bytes: Uint8Array;
}

interface Properties {
  title: string;
  author: string;
  subject: string;
  creator: string;
  /** ISO date that stands for the making of the document, so that the same assessment gives the same bytes. */
  date: string;
  /** What the document is made from, as text; its digest becomes the file identifier. */
  identity: string;
  attachments: readonly Attachment[];
  /** What the print holds in place of the page of an anchor, by the anchor. */
  placeholders?: ReadonlyMap<string, string>;
  /** What stands at an anchor, for those who cannot see where a link leads. */
  titles?: ReadonlyMap<string, string>;
}

/**
 * Gives a printed PDF its properties, shows its title in the window, embeds the data it was made from and fixes every
 * date and identifier. Page numbers take the place of what held it, what no tag covers becomes an artifact, and the document
 * says of itself what it is (PDF/UA-1, PDF/A-3b). The result is a plain PDF 1.7 with a classical cross-reference table.
 * @throws ProbityError BROWSER_FAILED when the browser drew lines and no text, as it does on finding no fonts at all
 */
export async function finishPdf(printed: Uint8Array, properties: Properties): Promise<Uint8Array> {
  const document = await PDFDocument.load(printed, { updateMetadata: false, parseSpeed: ParseSpeeds.Fastest });
  if (
    !document.context
      .enumerateIndirectObjects()
      .some(([, object]) => object instanceof PDFDict && object.get(PDFName.of('Type')) === PDFName.of('Font'))
  )
    throw new ProbityError('BROWSER_FAILED', 'the browser printed pages without text', {
      remedy:
        'Give it fonts (on Linux, package fontconfig with any font), or name another browser with PROBITY_BROWSER',
    });
  const date = new Date(`${properties.date}T00:00:00Z`);
  document.setTitle(properties.title);
  document.setAuthor(properties.author);
  document.setSubject(properties.subject);
  document.setCreator(properties.creator);
  document.setProducer(properties.creator);
  document.setCreationDate(date);
  document.setModificationDate(date);
  document.catalog.set(PDFName.of('ViewerPreferences'), document.context.obj({ DisplayDocTitle: PDFBool.True }));
  for (const attachment of properties.attachments)
    await document.attach(attachment.bytes, attachment.name, {
      mimeType: attachment.mimeType,
      description: attachment.description,
      creationDate: date,
      modificationDate: date,
      afRelationship: AFRelationship.Source,
    });
  const pages = pagesOf(document);
  rewritePages(
    document,
    new Map([...(properties.placeholders ?? [])].map(([anchor, text]) => [text, pages.get(anchor)])),
  );
  describeLinks(document, (anchor) => {
    const page = pages.get(anchor);
    const title = properties.titles?.get(anchor);
    return `${title === undefined ? '' : `${title}, `}page ${page ?? 'unknown'}`;
  });
  makeArchivable(document, properties);
  mendOutline(document);
  renumberNodes(document);
  const id = PDFHexString.of(createHash('sha256').update(properties.identity).digest('hex').slice(0, 32));
  document.context.trailerInfo.ID = document.context.obj([id, id]);
  return document.save({
    useObjectStreams: false,
    updateFieldAppearances: false,
    addDefaultPage: false,
    objectsPerTick: Number.POSITIVE_INFINITY,
  });
}

/** A page's content without its compression; that of a browser is deflated, and by itself. */
function contentOf(stream: PDFRawStream): Buffer {
  const filter = stream.dict.get(PDFName.of('Filter'));
  return filter === PDFName.of('FlateDecode') && !stream.dict.has(PDFName.of('DecodeParms'))
    ? inflateSync(stream.contents, { maxOutputLength: MOST_CONTENT })
    : Buffer.from(decodePDFRawStream(stream).decode());
}

/** More than any page holds, in bytes. */
const MOST_CONTENT = 256 * 2 ** 20;

/** How many pages from the first may hold placeholders of page numbers. */
const NUMBERED = 3;

/** Writes the page numbers and marks artifacts in the content of every page. */
function rewritePages(document: PDFDocument, numbers: ReadonlyMap<string, number | undefined>): void {
  const { context } = document;
  const fonts = new Map<PDFRef, Map<string, string>>();
  document.getPages().forEach((page, index) => {
    const stream = page.node.Contents();
    if (!(stream instanceof PDFRawStream)) return;
    const content = contentOf(stream).toString('latin1');
    const numbered =
      index < NUMBERED ? fillPageNumbers(content, glyphsOfPage(document, page, fonts), numbers) : content;
    const ref = page.node.get(PDFName.of('Contents'));
    const bytes = zlibSync(Buffer.from(markArtifacts(numbered), 'latin1'), { level: 6 });
    if (ref instanceof PDFRef)
      context.assign(ref, PDFRawStream.of(context.obj({ Filter: 'FlateDecode', Length: bytes.length }), bytes));
  });
}

/** The glyphs of each font of a page, by the name it has there. */
function glyphsOfPage(
  { context }: PDFDocument,
  page: PDFPage,
  known: Map<PDFRef, Map<string, string>>,
): Map<string, ReadonlyMap<string, string>> {
  const fonts = page.node.Resources()?.lookupMaybe(PDFName.of('Font'), PDFDict);
  return new Map(
    (fonts?.entries() ?? []).flatMap(([name, ref]): [string, Map<string, string>][] => {
      if (!(ref instanceof PDFRef)) return [];
      let glyphs = known.get(ref);
      if (!glyphs) {
        const map = context.lookupMaybe(ref, PDFDict)?.lookup(PDFName.of('ToUnicode'));
        glyphs =
          map instanceof PDFRawStream
            ? glyphsOf(Buffer.from(decodePDFRawStream(map).decode()).toString('latin1'))
            : new Map();
        known.set(ref, glyphs);
      }
      return [[name.decodeText(), glyphs]];
    }),
  );
}

/** Visits every bookmark, parents before children. */
function forEachBookmark(document: PDFDocument, visit: (item: PDFDict, title: string, depth: number) => void): void {
  const descend = (parent: PDFDict | undefined, depth: number): void => {
    for (
      let item = parent?.lookupMaybe(PDFName.of('First'), PDFDict);
      item;
      item = item.lookupMaybe(PDFName.of('Next'), PDFDict)
    ) {
      const title = item.lookup(PDFName.of('Title'));
      visit(item, title instanceof PDFString || title instanceof PDFHexString ? title.decodeText() : '', depth);
      descend(item, depth + 1);
    }
  };
  descend(document.catalog.lookupMaybe(PDFName.of('Outlines'), PDFDict), 0);
}

const NODE_ID = /^node\d+$/;

/**
 * Chromium names structure elements after numbers it hands out while laying out, which depend on how busy the machine
 * is. Their order does not, so their ranks serve as names that are the same every time.
 */
function renumberNodes(document: PDFDocument): void {
  const places: { id: string; replace: (value: PDFString) => void }[] = [];
  const collect = (value: unknown, replace: (value: PDFString) => void): void => {
    if (value instanceof PDFString) {
      const id = value.asString();
      if (NODE_ID.test(id)) places.push({ id, replace });
    } else if (value instanceof PDFArray) {
      value.asArray().forEach((inner, index) => {
        collect(inner, (fresh) => value.set(index, fresh));
      });
    } else if (value instanceof PDFDict)
      for (const [key, inner] of value.entries()) collect(inner, (fresh) => value.set(key, fresh));
  };
  for (const [ref, object] of document.context.enumerateIndirectObjects())
    collect(object, (fresh) => document.context.assign(ref, fresh));
  const ranks = new Map(
    [...new Set(places.map(({ id }) => id))].sort().map((id, rank) => [id, `node${String(rank + 1).padStart(8, '0')}`]),
  );
  for (const { id, replace } of places) replace(PDFString.of(ranks.get(id) ?? id));
}

/** Chromium writes the first line of a heading that begins a page twice in a row ("SummarySummary"); once is right. */
function mendOutline(document: PDFDocument): void {
  forEachBookmark(document, (item, title) => {
    const [twice, line = ''] = /^(.{4,})\1/su.exec(title) ?? [];
    if (twice === undefined) return;
    const rest = title.slice(twice.length).trimStart();
    item.set(PDFName.of('Title'), PDFHexString.fromText(rest === '' ? line : `${line} ${rest}`));
  });
}

/** The bookmarks of a PDF, each with how deep it lies. */
export async function outlineTitles(bytes: Uint8Array): Promise<{ title: string; depth: number }[]> {
  const titles: { title: string; depth: number }[] = [];
  forEachBookmark(await PDFDocument.load(bytes, { updateMetadata: false }), (_item, title, depth) =>
    titles.push({ title, depth }),
  );
  return titles;
}
