import { createHash } from 'node:crypto';
import {
  AFRelationship,
  PDFArray,
  PDFBool,
  PDFDict,
  PDFDocument,
  PDFHexString,
  PDFName,
  PDFRef,
  PDFString,
} from '@cantoo/pdf-lib';
import { ProbityError } from '../../errors.ts';

/** On which page (from 1) each named destination of a PDF lies. */
export async function destinationPages(bytes: Uint8Array): Promise<Map<string, number>> {
  const document = await PDFDocument.load(bytes, { updateMetadata: false });
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
}

/**
 * Gives a printed PDF its properties, shows its title in the window, embeds the data it was made from and fixes every
 * date and identifier. The result is a plain PDF 1.7 with a classical cross-reference table.
 * @throws ProbityError BROWSER_FAILED when the browser drew lines and no text, as it does on finding no fonts at all
 */
export async function finishPdf(printed: Uint8Array, properties: Properties): Promise<Uint8Array> {
  const document = await PDFDocument.load(printed, { updateMetadata: false });
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
  mendOutline(document);
  renumberNodes(document);
  const id = PDFHexString.of(createHash('sha256').update(properties.identity).digest('hex').slice(0, 32));
  document.context.trailerInfo.ID = document.context.obj([id, id]);
  return document.save({ useObjectStreams: false, updateFieldAppearances: false, addDefaultPage: false });
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

/** Chromium writes the bookmark of a heading that begins a page twice in a row ("SummarySummary"); once is right. */
function mendOutline(document: PDFDocument): void {
  forEachBookmark(document, (item, title) => {
    const half = title.slice(0, title.length / 2);
    if (title !== '' && half + half === title) item.set(PDFName.of('Title'), PDFHexString.fromText(half));
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
