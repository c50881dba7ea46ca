import { PDFArray, type PDFContext, PDFDict, type PDFObject, type PDFRef, PDFStream } from '@cantoo/pdf-lib';

/**
 * Notes once which indirect object each dictionary and array of a document stands in. The library asks for it at every
 * change, by looking through the whole document, which takes half of a run for a tagged report. Objects that are made later
 * need no answer: an incremental update saves all of them.
 */
export function rememberContainers(context: PDFContext): void {
  const containers = new Map<PDFObject, PDFRef>();
  for (const [ref, object] of context.enumerateIndirectObjects()) note(object, ref, containers);
  Object.assign(context, { findContainingIndirectObject: (target: PDFObject) => containers.get(target) });
}

function note(object: PDFObject, ref: PDFRef, containers: Map<PDFObject, PDFRef>): void {
  const nested = object instanceof PDFStream ? object.dict : object;
  if (!(nested instanceof PDFDict) && !(nested instanceof PDFArray)) return;
  if (containers.has(object)) return;
  containers.set(object, ref);
  containers.set(nested, ref);
  for (const inner of nested instanceof PDFDict ? nested.values() : nested.asArray()) note(inner, ref, containers);
}
