import { verify as rawVerify, X509Certificate } from 'node:crypto';
import type { Document, Element } from '@xmldom/xmldom';
import { ProbityError } from '../errors.ts';
import {
  CONTENT_TYPES,
  digestBase64,
  isRelationshipPart,
  isUnsignedPart,
  ORIGIN_TYPE,
  openPackage,
  type Package,
  SIGNATURE_TYPE,
  textOf,
  transformRelationships,
  UNSIGNED_RELATIONSHIPS,
} from '../files/ooxml.ts';
import { canonical, children, elements, NAMESPACES, parseXml } from '../files/xml.ts';
import { fingerprint, issuerName, subjectName } from '../pki/certificates.ts';
import { table } from '../table.ts';
import { archiveProblems } from './archive.ts';
import type { FileVerdict } from './pdf.ts';
import {
  type JudgedStamp,
  type Judging,
  judgeStamp,
  judgeTrust,
  provenOutside,
  type SignatureReport,
  type TrustStore,
} from './signature.ts';

const HASHES = table<'sha256' | 'sha384' | 'sha512'>({
  'http://www.w3.org/2001/04/xmlenc#sha256': 'sha256',
  'http://www.w3.org/2001/04/xmldsig-more#sha384': 'sha384',
  'http://www.w3.org/2001/04/xmlenc#sha512': 'sha512',
});
const METHODS = table<{ hash: string; key: string }>({
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256': { hash: 'sha256', key: 'rsa' },
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384': { hash: 'sha384', key: 'rsa' },
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512': { hash: 'sha512', key: 'rsa' },
  'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256': { hash: 'sha256', key: 'ec' },
  'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384': { hash: 'sha384', key: 'ec' },
});
const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const RELATIONSHIP_TRANSFORM = 'http://schemas.openxmlformats.org/package/2006/RelationshipTransform';

/** More than anybody collects, and few enough to be checked as fast as the file is read. */
const MOST_SIGNATURES = 64;
const MOST_REFERENCES = 32;

/** Checks every signature of an OOXML package, and that each covers every part and relationship of the document. */
export function verifyXlsx(
  bytes: Uint8Array,
  trust: TrustStore,
  judging: Omit<Judging, 'trust'> = { now: new Date() },
): FileVerdict {
  let ooxml: Package;
  let names: string[];
  let problems: string[];
  try {
    ooxml = openPackage(bytes, 'the workbook');
    ({ names, problems } = signatureParts(ooxml));
    problems.push(...archiveProblems(bytes, ooxml.parts), ...ambiguities(ooxml));
  } catch (error) {
    return { problems: [error instanceof ProbityError ? error.message : 'not a readable package'], signatures: [] };
  }
  if (names.length === 0) {
    const unsigned = problems.length === 0;
    return {
      problems: [...problems, 'the workbook carries no signature'],
      signatures: [],
      ...(unsigned ? { unsigned } : {}),
    };
  }
  if (names.length > MOST_SIGNATURES)
    return { problems: [`the workbook carries more than ${MOST_SIGNATURES} signatures`], signatures: [] };
  const signatures = names.map((name) => {
    const { report, wrong } = verifySafely(name, ooxml, { trust, ...judging });
    problems.push(...wrong.map((one) => `the signature of ${report.signer}: ${one}`));
    return report;
  });
  return { problems, signatures };
}

const SIGNATURES = '_xmlsignatures/';
const ORIGIN = `${SIGNATURES}origin.sigs`;
const ORIGIN_RELATIONSHIPS = `${SIGNATURES}_rels/origin.sigs.rels`;

/** The parts that hold signatures, by the relationships that lead to them; whatever else lies beside them is named. */
function signatureParts(ooxml: Package): { names: string[]; problems: string[] } {
  const problems: string[] = [];
  const names: string[] = [];
  for (const { type, target, mode } of ooxml.relationships(ORIGIN_RELATIONSHIPS)) {
    const part = target.startsWith('/') ? target.slice(1) : `${SIGNATURES}${target}`;
    if (type !== SIGNATURE_TYPE || mode !== 'Internal' || !ooxml.parts.has(part))
      problems.push('a relationship of the signatures leads to no signature of this workbook');
    else if (names.includes(part)) problems.push('two relationships lead to one signature');
    else names.push(part);
  }
  const origins = ooxml.relationships('_rels/.rels').filter(({ type }) => type === ORIGIN_TYPE);
  if (names.length > 0 && origins.length !== 1) problems.push('the workbook does not refer to its signatures once');
  for (const { target, mode } of origins)
    if (mode !== 'Internal' || target.replace(/^\//, '') !== ORIGIN)
      problems.push('the relationship to the signatures leads somewhere else');
  const known = new Set([...names, ORIGIN, ORIGIN_RELATIONSHIPS]);
  for (const [part, bytes] of ooxml.parts)
    if (part.startsWith(SIGNATURES) && (!known.has(part) || (part === ORIGIN && bytes.length > 0)))
      problems.push(`${part} is no signature that the workbook refers to`);
  return { names: names.sort(), problems };
}

/** What one program would read in one way and another in another: names that differ in case only, unsigned relationships that lead elsewhere. */
function ambiguities(ooxml: Package): string[] {
  const problems: string[] = [];
  const lower = new Set<string>();
  for (const part of ooxml.parts.keys()) {
    if (lower.has(part.toLowerCase())) problems.push(`${part} is there twice, in another case`);
    lower.add(part.toLowerCase());
  }
  const types = parseXml(textOf(ooxml.parts.get(CONTENT_TYPES) as Uint8Array), CONTENT_TYPES).documentElement;
  const declared = new Set<string>();
  for (const [element, attribute] of [
    ['Override', 'PartName'],
    ['Default', 'Extension'],
  ] as const)
    for (const one of types ? children(types, NAMESPACES.contentTypes, element) : []) {
      const name = one.getAttribute(attribute) ?? '';
      if (declared.has(`${element} ${name.toLowerCase()}`))
        problems.push(`the type of ${name.slice(0, 100)} is declared twice`);
      declared.add(`${element} ${name.toLowerCase()}`);
      if (element === 'Override' && !ooxml.parts.has(name.slice(1)) && lower.has(name.slice(1).toLowerCase()))
        problems.push(`the type of ${name.slice(0, 100)} is declared in another case`);
    }
  const core = ooxml.relationships('_rels/.rels').filter(({ type }) => type === CORE_TYPE);
  if (
    core.length > 1 ||
    core.some(({ target, mode }) => mode !== 'Internal' || target.replace(/^\//, '') !== 'docProps/core.xml')
  )
    problems.push('the relationship to the core properties, which is not signed, leads somewhere else');
  return problems;
}

const CORE_TYPE = 'http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties';

type One = { report: SignatureReport; wrong: string[] };

function broken(reason: string): One {
  return {
    report: { signer: 'unknown', fingerprint: '', level: 'OOXML', integrity: false, trusted: false, reason },
    wrong: [reason],
  };
}

function verifySafely(name: string, ooxml: Package, judging: Judging): One {
  try {
    return verifyOne(name, ooxml, judging);
  } catch {
    return broken('it cannot be read');
  }
}

function verifyOne(name: string, ooxml: Package, judging: Judging): One {
  let document: Document;
  try {
    document = parseXml(textOf(ooxml.parts.get(name) as Uint8Array), name);
  } catch {
    return broken('its XML cannot be read');
  }
  const root = document.documentElement;
  if (!root || root.namespaceURI !== NAMESPACES.ds || root.localName !== 'Signature')
    return broken('it is not an XML signature');
  const certificates = readCertificates(root);
  const certificate = certificates[0];
  if (!certificate) return broken('it carries no certificate');
  const { covered, wrong: unreferenced } = checkReferences(root);
  const { time, role, pinned, wrong: unsaid } = signedFacts(covered, certificate);
  const wrong = [
    ...checkValue(root, certificate),
    ...unreferenced,
    ...checkManifest(root, ooxml),
    ...checkUnsigned(root, covered),
    ...unsaid,
  ];
  const stamp = stampOf(root, judging);
  if (stamp?.problem !== undefined) wrong.push(stamp.problem);
  const base = {
    signer: subjectName(certificate),
    issuer: issuerName(certificate),
    fingerprint: fingerprint(certificate),
    ...(role ? { role } : {}),
    ...(time ? { time } : {}),
    ...stamp?.facts,
    level: pinned ? `OOXML, XAdES ${stamp ? 'B-T' : 'B-B'} properties` : 'OOXML',
  };
  if (wrong.length > 0)
    return { report: { ...base, integrity: false, trusted: false, reason: wrong[0] as string }, wrong };
  const judged = pinned
    ? judgeTrust(certificate, certificates, judging.trust, stamp?.proven ?? provenOutside(judging))
    : { trusted: false, reason: 'the signature does not say which certificate made it' };
  return { report: { ...base, integrity: true, ...judged }, wrong };
}

/** Elements of this name that stand inside what the signature covers. */
function inside(covered: ReadonlySet<Element>, namespace: string, name: string): Element[] {
  return [...covered].flatMap((element) => [
    ...(element.namespaceURI === namespace && element.localName === name ? [element] : []),
    ...elements(element, namespace, name),
  ]);
}

/** What is said of the signature, from its signed elements alone; each said once, and the same wherever it is said. */
function signedFacts(
  covered: ReadonlySet<Element>,
  certificate: X509Certificate,
): { time?: string; role?: string; pinned: boolean; wrong: string[] } {
  const wrong: string[] = [];
  const texts = (namespace: string, name: string): string[] =>
    inside(covered, namespace, name).map((element) => (element.textContent ?? '').trim());
  const times = [
    ...inside(covered, NAMESPACES.mdssi, 'SignatureTime').flatMap((element) =>
      elements(element, NAMESPACES.mdssi, 'Value').map((value) => (value.textContent ?? '').trim()),
    ),
    ...texts(NAMESPACES.xades, 'SigningTime'),
  ];
  if (
    times.some(
      (time) =>
        !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(time) || Number.isNaN(Date.parse(time)),
    )
  )
    wrong.push('the time that it states is no date');
  else if (new Set(times.map((time) => Math.floor(Date.parse(time) / 1000))).size > 1)
    wrong.push('it states two times');
  const roles = new Set(texts(NAMESPACES.office, 'SignatureComments'));
  if (roles.size > 1) wrong.push('it states two roles');
  const properties = inside(covered, NAMESPACES.xades, 'SignedProperties');
  if (properties.length > 1) wrong.push('it has two lists of signed properties');
  const named = properties.flatMap((one) => [
    ...elements(one, NAMESPACES.xades, 'SigningCertificate'),
    ...elements(one, NAMESPACES.xades, 'SigningCertificateV2'),
  ]);
  const digest = named.flatMap((one) => elements(one, NAMESPACES.xades, 'CertDigest'))[0];
  if (digest && !digestMatches(digest, certificate.raw))
    wrong.push("the signer's certificate is not the one the signature names");
  const [time] = times;
  const [role] = roles;
  return {
    ...(time && wrong.length === 0 ? { time } : {}),
    ...(role && roles.size === 1 ? { role: role.slice(0, 200) } : {}),
    pinned: digest !== undefined,
    wrong,
  };
}

/** What may be said of a signature later, by its name (ETSI EN 319 132-1, 5.2 to 5.5); none of it speaks for the signer. */
const UNSIGNED_PROPERTIES = new Set([
  'SignatureTimeStamp',
  'CompleteCertificateRefs',
  'CompleteRevocationRefs',
  'SigAndRefsTimeStamp',
  'RefsOnlyTimeStamp',
  'CertificateValues',
  'RevocationValues',
]);

/** The time-stamp over the signature's value (XAdES-T), where there is one that is canonicalised as the rest is. */
function stampOf(root: Element, judging: Judging): JudgedStamp | undefined {
  const value = children(root, NAMESPACES.ds, 'SignatureValue')[0];
  const stamp = elements(root, NAMESPACES.xades, 'SignatureTimeStamp')[0];
  const token = stamp && children(stamp, NAMESPACES.xades, 'EncapsulatedTimeStamp')[0]?.textContent;
  if (!stamp || !value || !token) return undefined;
  const method = children(stamp, NAMESPACES.ds, 'CanonicalizationMethod')[0];
  if (method && method.getAttribute('Algorithm') !== C14N) return undefined;
  return judgeStamp(Buffer.from(token, 'base64'), canonical(value), judging);
}

/** Nothing stands in the signature beside what it covers, but its own value, its certificates and later proofs about it. */
function checkUnsigned(root: Element, covered: ReadonlySet<Element>): string[] {
  const stray = childElements(root).some((element) => {
    if (element.namespaceURI !== NAMESPACES.ds) return true;
    if (['SignedInfo', 'SignatureValue', 'KeyInfo'].includes(element.localName ?? ''))
      return children(root, NAMESPACES.ds, element.localName ?? '').length !== 1;
    if (element.localName !== 'Object') return true;
    return !covered.has(element) && !holdsSignedProperties(element, covered);
  });
  return stray ? ['it holds something that it does not cover'] : [];
}

function childElements(parent: Element): Element[] {
  return Array.from(parent.childNodes).filter((node): node is Element => node.nodeType === 1);
}

function holdsSignedProperties(object: Element, covered: ReadonlySet<Element>): boolean {
  const inner = childElements(object);
  const [qualifying] = inner;
  if (
    inner.length !== 1 ||
    qualifying?.localName !== 'QualifyingProperties' ||
    qualifying.namespaceURI !== NAMESPACES.xades
  )
    return false;
  const parts = childElements(qualifying);
  return (
    parts.some((part) => covered.has(part)) &&
    parts.every(
      (part) =>
        covered.has(part) ||
        (part.namespaceURI === NAMESPACES.xades &&
          part.localName === 'UnsignedProperties' &&
          childElements(part).every(({ localName }) => localName === 'UnsignedSignatureProperties') &&
          childElements(part)
            .flatMap(childElements)
            .every((one) => one.namespaceURI === NAMESPACES.xades && UNSIGNED_PROPERTIES.has(one.localName ?? ''))),
    )
  );
}

function readCertificates(root: Element): X509Certificate[] {
  return elements(root, NAMESPACES.ds, 'X509Certificate').flatMap((element) => {
    try {
      return [new X509Certificate(Buffer.from(element.textContent ?? '', 'base64'))];
    } catch {
      return [];
    }
  });
}

function algorithmOf(parent: Element, name: string): string {
  return children(parent, NAMESPACES.ds, name)[0]?.getAttribute('Algorithm') ?? '';
}

function checkValue(root: Element, certificate: X509Certificate): string[] {
  const signedInfo = children(root, NAMESPACES.ds, 'SignedInfo')[0];
  const value = children(root, NAMESPACES.ds, 'SignatureValue')[0]?.textContent ?? '';
  if (!signedInfo) return ['it has no SignedInfo'];
  if (algorithmOf(signedInfo, 'CanonicalizationMethod') !== C14N) return ['its canonicalisation is not supported'];
  const method = METHODS[algorithmOf(signedInfo, 'SignatureMethod')];
  if (!method || certificate.publicKey.asymmetricKeyType !== method.key)
    return ['its signature algorithm is not accepted'];
  const valid = rawVerify(
    method.hash,
    canonical(signedInfo),
    { key: certificate.publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(value, 'base64'),
  );
  return valid ? [] : ["the signature does not belong to the signer's key"];
}

function digestMatches(reference: Element, bytes: Uint8Array): boolean {
  const hash = HASHES[algorithmOf(reference, 'DigestMethod')];
  const stated = (children(reference, NAMESPACES.ds, 'DigestValue')[0]?.textContent ?? '').replace(/\s/g, '');
  return hash !== undefined && digestBase64(hash, bytes) === stated;
}

/** The references of SignedInfo: each names exactly one element of this signature, and one of them is the manifest's. */
function checkReferences(root: Element): { covered: Set<Element>; wrong: string[] } {
  const wrong: string[] = [];
  const identified = Array.from(root.getElementsByTagName('*')).filter((element) => element.hasAttribute('Id'));
  const signedInfo = children(root, NAMESPACES.ds, 'SignedInfo')[0];
  const references = signedInfo ? children(signedInfo, NAMESPACES.ds, 'Reference') : [];
  const covered = new Set<Element>();
  if (references.length > MOST_REFERENCES) return { covered, wrong: ['it refers to more than signatures do'] };
  for (const reference of references) {
    const id = reference.getAttribute('URI')?.replace(/^#/, '') ?? '';
    const targets = identified.filter((element) => element.getAttribute('Id') === id);
    const target = targets[0];
    if (!target || targets.length !== 1)
      wrong.push(`it refers to "${id.slice(0, 60)}", which is there ${targets.length} times`);
    else if (!digestMatches(reference, canonical(target))) wrong.push(`its part ${id} was changed after signing`);
    else covered.add(target);
  }
  const manifestObject = children(root, NAMESPACES.ds, 'Object').find(
    (object) => children(object, NAMESPACES.ds, 'Manifest').length > 0,
  );
  if (!manifestObject || !covered.has(manifestObject)) wrong.push('the list of signed parts is not itself signed');
  return { covered, wrong };
}

/** The manifest: every part it names is unchanged, and it names every part and relationship there is. */
function checkManifest(root: Element, ooxml: Package): string[] {
  const wrong: string[] = [];
  const objects = children(root, NAMESPACES.ds, 'Object');
  const manifests = objects.flatMap((object) => children(object, NAMESPACES.ds, 'Manifest'));
  if (manifests.length !== 1) return [`it has ${manifests.length} lists of signed parts`];
  const covered = new Set<string>();
  for (const reference of children(manifests[0] as Element, NAMESPACES.ds, 'Reference')) {
    const uri = reference.getAttribute('URI') ?? '';
    const part = decodeURIComponent(uri.split('?')[0] ?? '').replace(/^\//, '');
    const type = /\?ContentType=(.*)$/.exec(uri)?.[1];
    const bytes = ooxml.parts.get(part);
    if (!bytes) {
      wrong.push(`${part} was removed after signing`);
      continue;
    }
    if (covered.has(part)) {
      wrong.push(`${part} is listed twice`);
      continue;
    }
    covered.add(part);
    if (type !== undefined && ooxml.contentType(part) !== type && !isRelationshipPart(part))
      wrong.push(`the content type of ${part} was changed after signing`);
    if (isRelationshipPart(part)) wrong.push(...checkRelationships(reference, part, ooxml));
    else if (!digestMatches(reference, bytes)) wrong.push(`${part} was changed after signing`);
  }
  for (const part of ooxml.parts.keys())
    if (!covered.has(part) && !isUnsignedPart(part))
      wrong.push(`${part} is not covered by the signature; it may have been added after signing`);
  return wrong;
}

function checkRelationships(reference: Element, part: string, ooxml: Package): string[] {
  const transforms = elements(reference, NAMESPACES.ds, 'Transform');
  if (!transforms.some((transform) => transform.getAttribute('Algorithm') === RELATIONSHIP_TRANSFORM))
    return digestMatches(reference, ooxml.parts.get(part) as Uint8Array) ? [] : [`${part} was changed after signing`];
  const ids = new Set(
    elements(reference, NAMESPACES.mdssi, 'RelationshipReference').map((one) => one.getAttribute('SourceId')),
  );
  const types = new Set(
    elements(reference, NAMESPACES.mdssi, 'RelationshipsGroupReference').map((one) => one.getAttribute('SourceType')),
  );
  const all = ooxml.relationships(part);
  const chosen = all.filter((one) => ids.has(one.id) || types.has(one.type));
  const wrong = digestMatches(reference, transformRelationships(chosen))
    ? []
    : [`the relationships in ${part} were changed after signing`];
  const added = all.filter(
    (one) => !chosen.includes(one) && !(part === '_rels/.rels' && UNSIGNED_RELATIONSHIPS.has(one.type)),
  );
  return added.length > 0 ? [...wrong, `${part} holds relationships that the signature does not cover`] : wrong;
}

const SPREADSHEET = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/**
 * The texts of the two first columns of a sheet, row by row; of a workbook that cannot be read, none. Whether anybody signed
 * them is asked elsewhere.
 */
export function sheetFacts(bytes: Uint8Array, sheet: string): Map<string, string> {
  const facts = new Map<string, string>();
  try {
    const ooxml = openPackage(bytes, 'the workbook');
    const xml = (part: string): Element | undefined => {
      const content = ooxml.parts.get(part);
      return content ? (parseXml(textOf(content), part).documentElement ?? undefined) : undefined;
    };
    const book = xml('xl/workbook.xml');
    const entry = book && elements(book, SPREADSHEET, 'sheet').find((one) => one.getAttribute('name') === sheet);
    const target = ooxml
      .relationships('xl/_rels/workbook.xml.rels')
      .find(({ id }) => id === entry?.getAttribute('r:id'))?.target;
    const page = target === undefined ? undefined : xml(target.startsWith('/') ? target.slice(1) : `xl/${target}`);
    const strings = xml('xl/sharedStrings.xml');
    const shared = strings ? children(strings, SPREADSHEET, 'si').map((one) => one.textContent ?? '') : [];
    for (const row of page ? elements(page, SPREADSHEET, 'row') : []) {
      const [key, value] = children(row, SPREADSHEET, 'c').map((cell) =>
        cell.getAttribute('t') === 's' ? (shared[Number(cell.textContent)] ?? '') : (cell.textContent ?? ''),
      );
      if (key !== undefined && value !== undefined && !facts.has(key)) facts.set(key, value);
    }
  } catch {
    return facts;
  }
  return facts;
}
