import { DOMParser, type Element } from '@xmldom/xmldom';
import { messageOf, ProbityError } from '../../errors.ts';

const OSCAL = 'http://csrc.nist.gov/ns/oscal/1.0';

/**
 * Turns an OSCAL catalog in XML into the shape of its JSON form, as far as an import needs it. No document type, and with
 * it no entity, is accepted.
 * @throws ProbityError CATALOG_INVALID
 */
export function oscalFromXml(text: string, file: string): unknown {
  if (/<!DOCTYPE|<!ENTITY/i.test(text))
    throw new ProbityError('CATALOG_INVALID', 'the XML declares a document type, which is not accepted', {
      where: file,
    });
  let root: Element | null;
  try {
    const fail = (level: string, message: string): void => {
      if (level !== 'warning') throw new Error(message);
    };
    root = new DOMParser({ onError: fail }).parseFromString(text, 'application/xml').documentElement;
  } catch (error) {
    throw new ProbityError('CATALOG_INVALID', `not valid XML: ${messageOf(error).split('\n')[0]}`, {
      where: file,
      cause: error,
    });
  }
  if (root?.localName !== 'catalog' || root.namespaceURI !== OSCAL)
    throw new ProbityError(
      'CATALOG_INVALID',
      `the root element is ${root?.localName ?? 'missing'}, not an OSCAL catalog`,
      { where: file },
    );
  const metadata = children(root, 'metadata')[0];
  return {
    catalog: {
      metadata: metadata
        ? {
            title: textOf(metadata, 'title') ?? '',
            version: textOf(metadata, 'version') ?? '',
            published: textOf(metadata, 'published'),
          }
        : undefined,
      groups: children(root, 'group').map((group) => nodeOf(group, 0)),
      controls: children(root, 'control').map((control) => nodeOf(control, 0)),
    },
  };
}

const DEEPEST = 24;

function nodeOf(element: Element, depth: number): unknown {
  if (depth > DEEPEST) throw new ProbityError('CATALOG_INVALID', 'it is nested deeper than any catalog');
  return {
    ...attribute(element, 'id'),
    ...attribute(element, 'class'),
    title: textOf(element, 'title') ?? '',
    params: children(element, 'param').map((param) => ({
      id: param.getAttribute('id') ?? '',
      ...(children(param, 'label')[0] ? { label: proseOf(children(param, 'label')[0] as Element) } : {}),
      ...(children(param, 'select')[0]
        ? {
            select: {
              choice: children(children(param, 'select')[0] as Element, 'choice').map((child) => proseOf(child)),
            },
          }
        : {}),
    })),
    props: propsOf(element),
    links: children(element, 'link').map((link) => ({
      href: link.getAttribute('href') ?? '',
      ...attribute(link, 'rel'),
    })),
    parts: children(element, 'part').map((part) => partOf(part, depth + 1)),
    groups: children(element, 'group').map((group) => nodeOf(group, depth + 1)),
    controls: children(element, 'control').map((control) => nodeOf(control, depth + 1)),
  };
}

function partOf(element: Element, depth: number): unknown {
  if (depth > DEEPEST) throw new ProbityError('CATALOG_INVALID', 'it is nested deeper than any catalog');
  const prose = [...element.childNodes]
    .filter(isElement)
    .filter((child) => !['title', 'prop', 'part', 'link'].includes(child.localName ?? ''))
    .map((child) => proseOf(child));
  return {
    name: element.getAttribute('name') ?? '',
    prose: prose.join(' '),
    props: propsOf(element),
    parts: children(element, 'part').map((part) => partOf(part, depth + 1)),
  };
}

function propsOf(element: Element): unknown[] {
  return children(element, 'prop').map((prop) => ({
    name: prop.getAttribute('name') ?? '',
    value: prop.getAttribute('value') ?? '',
    ...attribute(prop, 'class'),
  }));
}

/** Text with references to parameters as the JSON form writes them. */
function proseOf(element: Element, depth = 0): string {
  if (depth > DEEPEST) throw new ProbityError('CATALOG_INVALID', 'it is nested deeper than any catalog');
  return [...element.childNodes]
    .map((child) => {
      if (!isElement(child)) return child.nodeType === 3 ? (child.nodeValue ?? '') : '';
      if (child.localName === 'insert') return `{{ insert: param, ${child.getAttribute('id-ref') ?? ''} }}`;
      return ['p', 'li', 'ol', 'ul'].includes(child.localName ?? '')
        ? ` ${proseOf(child, depth + 1)} `
        : proseOf(child, depth + 1);
    })
    .join('')
    .replace(/\s+/g, ' ')
    .trim();
}

function isElement(node: { nodeType: number }): node is Element {
  return node.nodeType === 1;
}

function children(element: Element, name: string): Element[] {
  return [...element.childNodes]
    .filter(isElement)
    .filter((child) => child.localName === name && child.namespaceURI === OSCAL);
}

function textOf(element: Element, name: string): string | undefined {
  const child = children(element, name)[0];
  return child ? proseOf(child) : undefined;
}

function attribute(element: Element, name: string): Record<string, string> {
  const value = element.getAttribute(name);
  return value === null || value === '' ? {} : { [name]: value };
}
