import { verify as rawVerify, X509Certificate } from 'node:crypto';
import type { Document, Element } from '@xmldom/xmldom';
import { ProbityError } from '../errors.ts';
import {
  digestBase64,
  isRelationshipPart,
  isUnsignedPart,
  openPackage,
  type Package,
  textOf,
  transformRelationships,
  UNSIGNED_RELATIONSHIPS,
} from '../files/ooxml.ts';
import { canonical, children, elements, NAMESPACES, parseXml } from '../files/xml.ts';
import { fingerprint, subjectName } from '../pki/certificates.ts';
import { table } from '../table.ts';
import type { FileVerdict } from './pdf.ts';
import { judgeTrust, type SignatureReport, type TrustStore } from './signature.ts';

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

/** Checks every signature of an OOXML package, and that each covers every part and relationship of the document. */
export function verifyXlsx(bytes: Uint8Array, trust: TrustStore): FileVerdict {
  let ooxml: Package;
  let names: string[];
  try {
    ooxml = openPackage(bytes, 'the workbook');
    names = [...ooxml.parts.keys()].filter((part) => /^_xmlsignatures\/[^/]+\.xml$/.test(part)).sort();
  } catch (error) {
    return { problems: [error instanceof ProbityError ? error.message : 'not a readable package'], signatures: [] };
  }
  if (names.length === 0) return { problems: ['the workbook carries no signature'], signatures: [] };
  const problems: string[] = [];
  const signatures = names.map((name) => {
    const { report, wrong } = verifyOne(name, ooxml, trust);
    problems.push(...wrong.map((one) => `the signature of ${report.signer}: ${one}`));
    return report;
  });
  return { problems, signatures };
}

function verifyOne(name: string, ooxml: Package, trust: TrustStore): { report: SignatureReport; wrong: string[] } {
  const broken = (reason: string) => ({
    report: { signer: 'unknown', fingerprint: '', level: 'OOXML', integrity: false, trusted: false, reason },
    wrong: [reason],
  });
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
  const wrong = [
    ...checkValue(root, certificate),
    ...checkReferences(root),
    ...checkManifest(root, ooxml),
    ...checkPinned(root, certificate),
  ];
  const time =
    elements(root, NAMESPACES.mdssi, 'Value')[0]?.textContent ??
    elements(root, NAMESPACES.xades, 'SigningTime')[0]?.textContent ??
    undefined;
  const role = elements(root, NAMESPACES.office, 'SignatureComments')[0]?.textContent ?? undefined;
  const base = {
    signer: subjectName(certificate),
    fingerprint: fingerprint(certificate),
    ...(role ? { role } : {}),
    ...(time ? { time } : {}),
    level: elements(root, NAMESPACES.xades, 'SignedProperties').length > 0 ? 'OOXML, XAdES B-B properties' : 'OOXML',
  };
  if (wrong.length > 0)
    return { report: { ...base, integrity: false, trusted: false, reason: wrong[0] as string }, wrong };
  return {
    report: {
      ...base,
      integrity: true,
      ...judgeTrust(certificate, certificates, trust, time ? new Date(time) : new Date()),
    },
    wrong,
  };
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
function checkReferences(root: Element): string[] {
  const wrong: string[] = [];
  const identified = Array.from(root.getElementsByTagName('*')).filter((element) => element.hasAttribute('Id'));
  const signedInfo = children(root, NAMESPACES.ds, 'SignedInfo')[0];
  const references = signedInfo ? children(signedInfo, NAMESPACES.ds, 'Reference') : [];
  const covered = new Set<Element>();
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
  return wrong;
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

/** The XAdES properties, where there are any, name the very certificate that signed. */
function checkPinned(root: Element, certificate: X509Certificate): string[] {
  const digest = elements(root, NAMESPACES.xades, 'CertDigest')[0];
  return !digest || digestMatches(digest, certificate.raw)
    ? []
    : ["the signer's certificate is not the one the signature names"];
}
