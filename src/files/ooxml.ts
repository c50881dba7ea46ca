import { createHash } from 'node:crypto';
import { ProbityError } from '../errors.ts';
import { children, NAMESPACES, parseXml, xmlAttribute } from './xml.ts';
import { unzipBounded } from './zip.ts';

/* The parts of an OOXML package that signatures speak of (ECMA-376 part 2). */

export const RELATIONSHIPS_TYPE = 'application/vnd.openxmlformats-package.relationships+xml';
export const ORIGIN_TYPE = 'http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin';
export const SIGNATURE_TYPE =
  'http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/signature';
export const CONTENT_TYPES = '[Content_Types].xml';

export interface Relationship {
  id: string;
  type: string;
  target: string;
  mode: string;
}

/** An unpacked package; part names without their leading slash. */
export interface Package {
  parts: Map<string, Uint8Array>;
  contentType(part: string): string | undefined;
  relationships(part: string): Relationship[];
}

/** Opens a package held in memory. @throws ProbityError when it is not a bounded, readable OOXML package */
export function openPackage(bytes: Uint8Array, where: string): Package {
  const parts = unzipBounded(bytes, where);
  const types = parts.get(CONTENT_TYPES);
  if (!types)
    throw new ProbityError('SIGNATURE_UNSUPPORTED', 'not an OOXML package: it has no [Content_Types].xml', { where });
  const root = parseXml(textOf(types), `${where}!${CONTENT_TYPES}`).documentElement;
  const defaults = new Map(
    root
      ? children(root, NAMESPACES.contentTypes, 'Default').map((one) => [
          one.getAttribute('Extension')?.toLowerCase(),
          one.getAttribute('ContentType') ?? '',
        ])
      : [],
  );
  const overrides = new Map(
    root
      ? children(root, NAMESPACES.contentTypes, 'Override').map((one) => [
          one.getAttribute('PartName'),
          one.getAttribute('ContentType') ?? '',
        ])
      : [],
  );
  return {
    parts,
    contentType: (part) => overrides.get(`/${part}`) ?? defaults.get(part.split('.').at(-1)?.toLowerCase()),
    relationships(part) {
      const bytes_ = parts.get(part);
      if (!bytes_) return [];
      const element = parseXml(textOf(bytes_), `${where}!${part}`).documentElement;
      return element
        ? children(element, NAMESPACES.relationships, 'Relationship').map((one) => ({
            id: one.getAttribute('Id') ?? '',
            type: one.getAttribute('Type') ?? '',
            target: one.getAttribute('Target') ?? '',
            mode: one.getAttribute('TargetMode') ?? 'Internal',
          }))
        : [];
    },
  };
}

/**
 * The text of an XML part. One that declares another encoding than UTF-8 would be read as other text by those who believe it.
 * @throws ProbityError SIGNATURE_UNSUPPORTED
 */
export function textOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const encoding = /^\uFEFF?<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)/.exec(text)?.[1];
  if (encoding !== undefined && !/^(?:utf-8|us-ascii)$/i.test(encoding))
    throw new ProbityError('SIGNATURE_UNSUPPORTED', 'a part of it is in another encoding than UTF-8');
  return text;
}

export function isRelationshipPart(part: string): boolean {
  return /(^|\/)_rels\/[^/]*\.rels$/.test(part);
}

/** Relationships that no signature covers: those of signatures, and that of the core properties (see below). */
export const UNSIGNED_RELATIONSHIPS: ReadonlySet<string> = new Set([
  ORIGIN_TYPE,
  'http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties',
]);

/**
 * Parts that no signature covers: signatures themselves, the list of content types (each type stands in its part's
 * reference instead), and the core properties (title, author, dates), which office software rewrites at will and leaves
 * unsigned; some verifiers cannot even read them as a signed part.
 */
export function isUnsignedPart(part: string): boolean {
  return part.startsWith('_xmlsignatures/') || part === CONTENT_TYPES || part === 'docProps/core.xml';
}

/**
 * The relationship transform with canonicalisation (ECMA-376 part 2, 13.2.4.24): the chosen relationships by id, each
 * with its target mode spelled out.
 */
export function transformRelationships(relationships: readonly Relationship[]): Buffer {
  const body = relationships
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(
      ({ id, target, mode, type }) =>
        `<Relationship Id="${xmlAttribute(id)}" Target="${xmlAttribute(target)}" TargetMode="${xmlAttribute(mode)}" Type="${xmlAttribute(type)}"></Relationship>`,
    );
  return Buffer.from(`<Relationships xmlns="${NAMESPACES.relationships}">${body.join('')}</Relationships>`, 'utf8');
}

export function digestBase64(hash: string, bytes: Uint8Array): string {
  return createHash(hash).update(bytes).digest('base64');
}
