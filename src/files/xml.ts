import { DOMParser, type Document, type Element, type Node } from '@xmldom/xmldom';
import { C14nCanonicalization } from 'xml-crypto';
import { ProbityError } from '../errors.ts';

export const NAMESPACES = {
  ds: 'http://www.w3.org/2000/09/xmldsig#',
  mdssi: 'http://schemas.openxmlformats.org/package/2006/digital-signature',
  relationships: 'http://schemas.openxmlformats.org/package/2006/relationships',
  contentTypes: 'http://schemas.openxmlformats.org/package/2006/content-types',
  xades: 'http://uri.etsi.org/01903/v1.3.2#',
  office: 'http://schemas.microsoft.com/office/2006/digsig',
} as const;

/**
 * Parses XML without document types (and so without entities) and without anything external.
 * @throws ProbityError SIGNATURE_UNSUPPORTED
 */
export function parseXml(text: string, where: string): Document {
  const fail = (message: string): never => {
    throw new ProbityError('SIGNATURE_UNSUPPORTED', message, { where });
  };
  if (/<!DOCTYPE/i.test(text)) fail('XML with a document type is not accepted');
  try {
    return new DOMParser({
      onError: (level, message) => (level === 'warning' ? undefined : fail(message)),
    }).parseFromString(text, 'text/xml');
  } catch (error) {
    if (error instanceof ProbityError) throw error;
    return fail('not well-formed XML');
  }
}

/** Elements below a node with this namespace and local name, in document order. */
export function elements(node: Document | Element, namespace: string, name: string): Element[] {
  return Array.from(node.getElementsByTagNameNS(namespace, name));
}

/** Child elements of an element with this namespace and local name. */
export function children(parent: Element, namespace: string, name: string): Element[] {
  return Array.from(parent.childNodes).filter(
    (node): node is Element => isElement(node) && node.namespaceURI === namespace && node.localName === name,
  );
}

function isElement(node: Node): node is Element {
  return node.nodeType === 1;
}

/** Canonical XML 1.0 without comments of one element in its document (inclusive: namespaces in scope come along). */
export function canonical(element: Element): Buffer {
  const copy = element.cloneNode(true);
  if (!isElement(copy)) return Buffer.alloc(0);
  for (
    let ancestor: Node | null = element.parentNode;
    ancestor !== null && isElement(ancestor);
    ancestor = ancestor.parentNode
  ) {
    for (const attribute of Array.from(ancestor.attributes)) {
      const declares = attribute.name === 'xmlns' || attribute.name.startsWith('xmlns:');
      if (declares && !copy.hasAttribute(attribute.name))
        copy.setAttributeNS('http://www.w3.org/2000/xmlns/', attribute.name, attribute.value);
    }
  }
  // xml-crypto's types follow the browser's DOM, which xmldom implements.
  const text: string = Reflect.apply(C14nCanonicalization.prototype.process, new C14nCanonicalization(), [copy, {}]);
  return Buffer.from(text, 'utf8');
}

/** Escapes text for XML content, in its canonical form. */
export function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#xD;');
}

/** Escapes an attribute value, in its canonical form. */
export function xmlAttribute(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\t', '&#x9;')
    .replaceAll('\n', '&#xA;')
    .replaceAll('\r', '&#xD;');
}
