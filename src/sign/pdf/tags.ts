import { PDFArray, PDFDict, type PDFDocument, PDFName, PDFNumber, PDFRef } from '@cantoo/pdf-lib';

/* Where fields stand in the structure of a tagged document, for those who have it read to them (PDF/UA-1, 7.18). */

/**
 * Puts fields into the structure tree as forms, one after the other, behind what the document holds.
 * @returns the objects that were there and are changed; none in a document that has no structure
 */
export function tagFields(document: PDFDocument, fields: readonly PDFRef[], page: PDFRef): (PDFDict | PDFArray)[] {
  const { context, catalog } = document;
  const rootRef = catalog.get(PDFName.of('StructTreeRoot'));
  const root = catalog.lookupMaybe(PDFName.of('StructTreeRoot'), PDFDict);
  const parents = root?.lookupMaybe(PDFName.of('ParentTree'), PDFDict);
  if (!root || !parents || !(rootRef instanceof PDFRef)) return [];
  const { ref, children, changed } = placeOf(root, rootRef, document);
  let next = nextKey(root, parents);
  const entries: [number, PDFRef][] = [];
  for (const field of fields) {
    const element = context.register(
      context.obj({
        Type: 'StructElem',
        S: 'Form',
        P: ref,
        Pg: page,
        K: { Type: 'OBJR', Obj: field, Pg: page },
      }),
    );
    children.push(element);
    context.lookup(field, PDFDict).set(PDFName.of('StructParent'), PDFNumber.of(next));
    entries.push([next++, element]);
  }
  root.set(PDFName.of('ParentTreeNextKey'), PDFNumber.of(next));
  return [root, ...changed, ...addNumbers(document, parents, entries)];
}

/** The element that holds the whole document, and its list of children. */
function placeOf(root: PDFDict, rootRef: PDFRef, { context }: PDFDocument) {
  const top = root.get(PDFName.of('K'));
  const first = context.lookup(top) instanceof PDFArray ? context.lookup(top, PDFArray).get(0) : top;
  const element = first instanceof PDFRef ? context.lookup(first) : undefined;
  const [holder, ref] =
    element instanceof PDFDict && first instanceof PDFRef && element.get(PDFName.of('Type')) !== PDFName.of('OBJR')
      ? ([element, first] as const)
      : ([root, rootRef] as const);
  const kids = holder.lookup(PDFName.of('K'));
  if (kids instanceof PDFArray) return { ref, children: kids, changed: [holder, kids] };
  const children = context.obj(kids === undefined ? [] : [holder.get(PDFName.of('K')) ?? null]);
  holder.set(PDFName.of('K'), children);
  return { ref, children, changed: [holder] };
}

const MOST_NODES = 100_000;

/** A key of the tree that is not taken. */
function nextKey(root: PDFDict, parents: PDFDict): number {
  const stated = root.lookupMaybe(PDFName.of('ParentTreeNextKey'), PDFNumber)?.asNumber() ?? 0;
  let highest = -1;
  const open = [parents];
  for (let node = open.pop(), seen = 0; node && seen < MOST_NODES; node = open.pop(), seen++) {
    const numbers = node.lookupMaybe(PDFName.of('Nums'), PDFArray);
    for (let i = 0; i < (numbers?.size() ?? 0); i += 2) {
      const key = numbers?.lookup(i);
      if (key instanceof PDFNumber && key.asNumber() > highest) highest = key.asNumber();
    }
    const kids = node.lookupMaybe(PDFName.of('Kids'), PDFArray);
    for (let i = 0; i < (kids?.size() ?? 0); i++) {
      const kid = kids?.lookup(i);
      if (kid instanceof PDFDict) open.push(kid);
    }
  }
  return Math.max(stated, highest + 1);
}

/** Adds entries at the end of a number tree (ISO 32000-2, 7.9.7). */
function addNumbers(
  { context }: PDFDocument,
  tree: PDFDict,
  entries: readonly [number, PDFRef][],
): (PDFDict | PDFArray)[] {
  const flat = entries.flatMap(([key, element]) => [PDFNumber.of(key), element]);
  const kids = tree.lookupMaybe(PDFName.of('Kids'), PDFArray);
  if (kids) {
    const keys = entries.map(([key]) => key);
    kids.push(context.register(context.obj({ Limits: [keys[0] ?? 0, keys.at(-1) ?? 0], Nums: flat })));
    return [tree, kids];
  }
  const numbers = tree.lookupMaybe(PDFName.of('Nums'), PDFArray) ?? context.obj([]);
  for (const one of flat) numbers.push(one);
  tree.set(PDFName.of('Nums'), numbers);
  return [tree, numbers];
}
