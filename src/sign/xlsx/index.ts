import { ProbityError } from '../../errors.ts';
import {
  CONTENT_TYPES,
  digestBase64,
  isRelationshipPart,
  isUnsignedPart,
  ORIGIN_TYPE,
  openPackage,
  type Package,
  RELATIONSHIPS_TYPE,
  SIGNATURE_TYPE,
  textOf,
  transformRelationships,
  UNSIGNED_RELATIONSHIPS,
} from '../../files/ooxml.ts';
import { canonical, elements, NAMESPACES, parseXml, xmlAttribute, xmlText } from '../../files/xml.ts';
import { zipSame } from '../../files/zip.ts';
import { fingerprint } from '../../pki/certificates.ts';
import type { Signer } from '../../pki/signer.ts';

export const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const RELATIONSHIP_TRANSFORM = 'http://schemas.openxmlformats.org/package/2006/RelationshipTransform';
const DIGESTS = {
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha384: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
} as const;
const SIGNATURE_METHODS = {
  'rsa-sha256': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'ecdsa-sha256': 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256',
  'ecdsa-sha384': 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384',
} as const;
const OBJECT_TYPE = 'http://www.w3.org/2000/09/xmldsig#Object';
const SIGNED_PROPERTIES_TYPE = 'http://uri.etsi.org/01903#SignedProperties';
const ORIGIN = '_xmlsignatures/origin.sigs';

export interface XlsxSignatureOptions {
  role: string;
  time: Date;
}

/**
 * Signs an OOXML package inside (ECMA-376 part 2, clause 13; ETSI EN 319 132 properties): every part and relationship
 * but those that `isUnsignedPart` names. A further signature leaves earlier ones whole.
 * @throws ProbityError SIGNATURE_UNSUPPORTED when the file is not such a package
 */
export function signXlsx(bytes: Uint8Array, identity: Signer, options: XlsxSignatureOptions): Uint8Array {
  if (identity.algorithm.kind === 'ed25519')
    throw new ProbityError(
      'SIGNATURE_UNSUPPORTED',
      'workbooks cannot be signed with Ed25519: office software knows no such signature',
      {
        remedy: 'Use an RSA or ECDSA identity, or leave the workbook out: --format pdf,json',
      },
    );
  const original = openPackage(bytes, 'the workbook');
  const number = signatureParts(original.parts).length + 1;
  const name = `sig${number}.xml`;
  const signature = signatureXml(original, identity, options);
  const parts = new Map(original.parts);
  parts.set(
    CONTENT_TYPES,
    encode(declareTypes(textOf(parts.get(CONTENT_TYPES) as Uint8Array), `/_xmlsignatures/${name}`)),
  );
  parts.set(
    '_rels/.rels',
    encode(addRelationship(textOf(parts.get('_rels/.rels') as Uint8Array), ORIGIN_TYPE, ORIGIN)),
  );
  parts.set(ORIGIN, new Uint8Array());
  const originRelationships = parts.get('_xmlsignatures/_rels/origin.sigs.rels');
  parts.set(
    '_xmlsignatures/_rels/origin.sigs.rels',
    encode(
      addRelationship(
        originRelationships
          ? textOf(originRelationships)
          : `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="${NAMESPACES.relationships}"></Relationships>`,
        SIGNATURE_TYPE,
        name,
      ),
    ),
  );
  parts.set(`_xmlsignatures/${name}`, encode(signature));
  return zipSame(parts);
}

function signatureParts(parts: ReadonlyMap<string, unknown>): string[] {
  return [...parts.keys()].filter((part) => /^_xmlsignatures\/sig\d+\.xml$/.test(part));
}

/** The part that holds the signature that was made last, of a workbook that we signed. */
export function newestSignature(parts: ReadonlyMap<string, unknown>): string {
  return `_xmlsignatures/sig${signatureParts(parts).length}.xml`;
}

function encode(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf8'));
}

function declareTypes(xml: string, part: string): string {
  const origin = /Extension="sigs"/i.test(xml)
    ? ''
    : '<Default Extension="sigs" ContentType="application/vnd.openxmlformats-package.digital-signature-origin"/>';
  const override = `<Override PartName="${part}" ContentType="application/vnd.openxmlformats-package.digital-signature-xmlsignature+xml"/>`;
  return xml.replace(/<\/(\w+:)?Types>\s*$/, (end) => `${origin}${override}${end}`);
}

function addRelationship(xml: string, type: string, target: string): string {
  if (xml.includes(`Target="${target}"`) || xml.includes(`Target="/${target}"`)) return xml;
  let id = 1;
  while (xml.includes(`Id="rIdSig${id}"`)) id++;
  const relationship = `<Relationship Id="rIdSig${id}" Type="${type}" Target="${target}"/>`;
  return /<Relationships[^>]*\/>\s*$/.test(xml)
    ? xml.replace(/\/>\s*$/, `>${relationship}</Relationships>`)
    : xml.replace(/<\/Relationships>\s*$/, (end) => `${relationship}${end}`);
}

/** The references of the manifest, over every part and over the relationships that are not those of signatures. */
function manifestXml(ooxml: Package, hash: keyof typeof DIGESTS): string {
  const names = [...ooxml.parts.keys()].filter((part) => !isUnsignedPart(part)).sort();
  const references = names.map((part) => {
    const type =
      ooxml.contentType(part) ?? (isRelationshipPart(part) ? RELATIONSHIPS_TYPE : 'application/octet-stream');
    const uri = xmlAttribute(`/${part}?ContentType=${type}`);
    const digestOf = (bytes: Uint8Array): string =>
      `<DigestMethod Algorithm="${DIGESTS[hash]}"/><DigestValue>${digestBase64(hash, bytes)}</DigestValue>`;
    if (!isRelationshipPart(part))
      return `<Reference URI="${uri}">${digestOf(ooxml.parts.get(part) as Uint8Array)}</Reference>`;
    const signed = ooxml.relationships(part).filter((one) => !UNSIGNED_RELATIONSHIPS.has(one.type));
    const chosen = signed
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map(
        (one) => `<mdssi:RelationshipReference xmlns:mdssi="${NAMESPACES.mdssi}" SourceId="${xmlAttribute(one.id)}"/>`,
      );
    return `<Reference URI="${uri}"><Transforms><Transform Algorithm="${RELATIONSHIP_TRANSFORM}">${chosen.join('')}</Transform><Transform Algorithm="${C14N}"/></Transforms>${digestOf(transformRelationships(signed))}</Reference>`;
  });
  return `<Manifest>${references.join('')}</Manifest>`;
}

function signatureXml(ooxml: Package, identity: Signer, { role, time }: XlsxSignatureOptions): string {
  const hash = identity.algorithm.hash === 'sha384' ? 'sha384' : 'sha256';
  const moment = `${time.toISOString().slice(0, 19)}Z`;
  const certificate = identity.certificate;
  const serial = BigInt(`0x${certificate.serialNumber}`).toString();
  const issuer = certificate.issuer.split('\n').reverse().join(', ');
  const template = [
    `<Signature xmlns="${NAMESPACES.ds}" Id="idPackageSignature">`,
    `<SignedInfo><CanonicalizationMethod Algorithm="${C14N}"/><SignatureMethod Algorithm="${SIGNATURE_METHODS[`${identity.algorithm.kind}-${hash}` as keyof typeof SIGNATURE_METHODS]}"/>@REFERENCES@</SignedInfo>`,
    '<SignatureValue>@VALUE@</SignatureValue>',
    `<KeyInfo><X509Data>${[certificate, ...identity.chain].map((one) => `<X509Certificate>${one.raw.toString('base64')}</X509Certificate>`).join('')}</X509Data></KeyInfo>`,
    `<Object Id="idPackageObject">${manifestXml(ooxml, hash)}<SignatureProperties><SignatureProperty Id="idSignatureTime" Target="#idPackageSignature"><mdssi:SignatureTime xmlns:mdssi="${NAMESPACES.mdssi}"><mdssi:Format>YYYY-MM-DDThh:mm:ssTZD</mdssi:Format><mdssi:Value>${moment}</mdssi:Value></mdssi:SignatureTime></SignatureProperty></SignatureProperties></Object>`,
    `<Object Id="idOfficeObject"><SignatureProperties><SignatureProperty Id="idOfficeV1Details" Target="#idPackageSignature"><SignatureInfoV1 xmlns="${NAMESPACES.office}"><SetupID></SetupID><SignatureText></SignatureText><SignatureImage/><SignatureComments>${xmlText(role)}</SignatureComments><WindowsVersion>10.0</WindowsVersion><OfficeVersion>16.0</OfficeVersion><ApplicationVersion>16.0</ApplicationVersion><Monitors>1</Monitors><HorizontalResolution>1280</HorizontalResolution><VerticalResolution>800</VerticalResolution><ColorDepth>32</ColorDepth><SignatureProviderId>{00000000-0000-0000-0000-000000000000}</SignatureProviderId><SignatureProviderUrl></SignatureProviderUrl><SignatureProviderDetails>9</SignatureProviderDetails><SignatureType>1</SignatureType></SignatureInfoV1></SignatureProperty></SignatureProperties></Object>`,
    `<Object><xd:QualifyingProperties xmlns:xd="${NAMESPACES.xades}" Target="#idPackageSignature"><xd:SignedProperties Id="idSignedProperties"><xd:SignedSignatureProperties><xd:SigningTime>${moment}</xd:SigningTime><xd:SigningCertificate><xd:Cert><xd:CertDigest><DigestMethod Algorithm="${DIGESTS.sha256}"/><DigestValue>${Buffer.from(fingerprint(certificate), 'hex').toString('base64')}</DigestValue></xd:CertDigest><xd:IssuerSerial><X509IssuerName>${xmlText(issuer)}</X509IssuerName><X509SerialNumber>${serial}</X509SerialNumber></xd:IssuerSerial></xd:Cert></xd:SigningCertificate><xd:SignaturePolicyIdentifier><xd:SignaturePolicyImplied/></xd:SignaturePolicyIdentifier></xd:SignedSignatureProperties></xd:SignedProperties></xd:QualifyingProperties></Object>`,
    '</Signature>',
  ].join('');

  const draft = parseXml(template, 'signature');
  const digestOfElement = (id: string): string => {
    const element = [
      ...elements(draft, NAMESPACES.ds, 'Object'),
      ...elements(draft, NAMESPACES.xades, 'SignedProperties'),
    ].find((one) => one.getAttribute('Id') === id);
    return element ? digestBase64(hash, canonical(element)) : '';
  };
  const reference = (id: string, type: string, transforms: string): string =>
    `<Reference Type="${type}" URI="#${id}">${transforms}<DigestMethod Algorithm="${DIGESTS[hash]}"/><DigestValue>${digestOfElement(id)}</DigestValue></Reference>`;
  const references = [
    reference('idPackageObject', OBJECT_TYPE, ''),
    reference('idOfficeObject', OBJECT_TYPE, ''),
    reference(
      'idSignedProperties',
      SIGNED_PROPERTIES_TYPE,
      `<Transforms><Transform Algorithm="${C14N}"/></Transforms>`,
    ),
  ].join('');
  const filled = template.replace('@REFERENCES@', references);
  const signedInfo = elements(parseXml(filled, 'signature'), NAMESPACES.ds, 'SignedInfo')[0];
  const value = Buffer.from(signedInfo ? identity.sign(canonical(signedInfo), 'ieee-p1363') : []).toString('base64');
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${filled.replace('@VALUE@', value)}`;
}
