import { createHash, verify as rawVerify, type X509Certificate } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { table } from '../table.ts';
import { fingerprint, nodeCertificate, parseCertificate, subjectName } from './certificates.ts';
import type { SignatureAlgorithm, Signer } from './signer.ts';

/** Object identifiers, by the names of RFC 5652, RFC 5035 and RFC 8017. */
const OID = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  timeStampToken: '1.2.840.113549.1.9.16.2.14',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
  rsaEncryption: '1.2.840.113549.1.1.1',
  rsaWithSha256: '1.2.840.113549.1.1.11',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  ecdsaWithSha384: '1.2.840.10045.4.3.3',
  ed25519: '1.3.101.112',
} as const;

const HASHES = table<'sha256' | 'sha384' | 'sha512'>({
  [OID.sha256]: 'sha256',
  [OID.sha384]: 'sha384',
  [OID.sha512]: 'sha512',
});
const HASH_OIDS = { sha256: OID.sha256, sha384: OID.sha384, sha512: OID.sha512 } as const;

/** Puts a time-stamp over a signature value and returns its token, DER. */
export type Timestamper = (signature: Uint8Array) => Promise<Uint8Array>;

/**
 * A detached CMS signature (RFC 5652) with the attributes of CAdES baseline B-B for PDF (ETSI EN 319 142-1): content
 * type, message digest and signing-certificate-v2 (RFC 5035). The signing time stands in the PDF, not here. A
 * time-stamp, which makes it B-T, stands among the unsigned attributes (RFC 3161, appendix A).
 * @returns DER
 */
export async function signDetached(
  content: Uint8Array,
  identity: Signer,
  timestamp?: Timestamper,
): Promise<Uint8Array> {
  const { hash } = identity.algorithm;
  const certificate = parseCertificate(identity.certificate);
  const attributes = [
    new pkijs.Attribute({ type: OID.contentType, values: [new asn1js.ObjectIdentifier({ value: OID.data })] }),
    new pkijs.Attribute({
      type: OID.messageDigest,
      values: [new asn1js.OctetString({ valueHex: digest(hash, content) })],
    }),
    new pkijs.Attribute({
      type: OID.signingCertificateV2,
      values: [signingCertificateV2(identity.certificate, certificate)],
    }),
  ].sort((a, b) => Buffer.compare(Buffer.from(a.toSchema().toBER()), Buffer.from(b.toSchema().toBER())));
  const signedAttrs = new pkijs.SignedAndUnsignedAttributes({ type: 0, attributes });
  const signature = identity.sign(asSet(signedAttrs));
  const token = timestamp && (await timestamp(signature));
  const unsignedAttrs =
    token &&
    new pkijs.SignedAndUnsignedAttributes({
      type: 1,
      attributes: [new pkijs.Attribute({ type: OID.timeStampToken, values: [asn1js.fromBER(token).result] })],
    });
  const signedData = new pkijs.SignedData({
    version: 1,
    digestAlgorithms: [new pkijs.AlgorithmIdentifier({ algorithmId: HASH_OIDS[hash] })],
    encapContentInfo: new pkijs.EncapsulatedContentInfo({ eContentType: OID.data }),
    certificates: [certificate, ...identity.chain.map(parseCertificate)],
    signerInfos: [
      new pkijs.SignerInfo({
        version: 1,
        sid: new pkijs.IssuerAndSerialNumber({ issuer: certificate.issuer, serialNumber: certificate.serialNumber }),
        digestAlgorithm: new pkijs.AlgorithmIdentifier({ algorithmId: HASH_OIDS[hash] }),
        signedAttrs,
        signatureAlgorithm: new pkijs.AlgorithmIdentifier({
          algorithmId: signatureOid(identity.algorithm),
          ...(identity.algorithm.kind === 'rsa' ? { algorithmParams: new asn1js.Null() } : {}),
        }),
        signature: new asn1js.OctetString({ valueHex: signature }),
        ...(unsignedAttrs ? { unsignedAttrs } : {}),
      }),
    ],
  });
  return new Uint8Array(
    new pkijs.ContentInfo({ contentType: OID.signedData, content: signedData.toSchema(true) }).toSchema().toBER(),
  );
}

function signatureOid(algorithm: SignatureAlgorithm): string {
  if (algorithm.kind === 'rsa') return OID.rsaWithSha256;
  if (algorithm.kind === 'ed25519') return OID.ed25519;
  return algorithm.hash === 'sha384' ? OID.ecdsaWithSha384 : OID.ecdsaWithSha256;
}

function digest(hash: string, content: Uint8Array): Uint8Array {
  return createHash(hash).update(content).digest();
}

/** The attributes as they are signed: a DER SET, not the tagged form in which they are stored (RFC 5652, 5.4). */
function asSet(attributes: pkijs.SignedAndUnsignedAttributes): Buffer {
  const bytes = Buffer.from(attributes.toSchema().toBER());
  bytes[0] = 0x31;
  return bytes;
}

/** SigningCertificateV2 with one ESSCertIDv2; SHA-256 is the default algorithm and therefore left out (RFC 5035, 4). */
function signingCertificateV2(raw: X509Certificate, certificate: pkijs.Certificate): asn1js.Sequence {
  const issuer = new asn1js.Constructed({
    idBlock: { tagClass: 3, tagNumber: 4 },
    value: [certificate.issuer.toSchema()],
  });
  const issuerSerial = new asn1js.Sequence({
    value: [new asn1js.Sequence({ value: [issuer] }), certificate.serialNumber],
  });
  const identifier = new asn1js.Sequence({
    value: [new asn1js.OctetString({ valueHex: Buffer.from(fingerprint(raw), 'hex') }), issuerSerial],
  });
  return new asn1js.Sequence({ value: [new asn1js.Sequence({ value: [identifier] })] });
}

/** What a detached CMS signature says about given content. */
export interface CmsVerdict {
  problems: string[];
  certificate?: X509Certificate;
  /** Every certificate the signature carries, the signer's included. */
  certificates: X509Certificate[];
  /** Whether the signed attributes pin the signer's certificate, as CAdES asks. */
  pinned: boolean;
  /** Claimed by the signer inside the signature, ISO 8601. */
  signingTime?: string;
  /** The bytes that a time-stamp of this signature is over. */
  value?: Uint8Array;
  /** Time-stamp tokens over the signature value, DER, unchecked. */
  timestamps: Uint8Array[];
}

/**
 * Checks a detached CMS signature over content. Never throws for what is wrong with the signature.
 * @param kind the PDF's name for it; `adbe.pkcs7.detached` of older programs need not be DER to the last byte
 */
export function verifyDetached(cms: Uint8Array, content: Uint8Array, kind = 'ETSI.CAdES.detached'): CmsVerdict {
  try {
    return judgeDetached(cms, content, kind);
  } catch {
    return {
      problems: ['the signature holds something that cannot be read'],
      certificates: [],
      pinned: false,
      timestamps: [],
    };
  }
}

function judgeDetached(cms: Uint8Array, content: Uint8Array, kind: string): CmsVerdict {
  const nothing: CmsVerdict = { problems: [], certificates: [], pinned: false, timestamps: [] };
  let signedData: pkijs.SignedData;
  try {
    signedData = new pkijs.SignedData({ schema: pkijs.ContentInfo.fromBER(cms).content });
  } catch {
    return { ...nothing, problems: ['the signature is not a CMS SignedData'] };
  }
  const certificates = certificatesIn(signedData);
  if (signedData.signerInfos.length !== 1)
    return {
      ...nothing,
      certificates,
      problems: [`the signature has ${signedData.signerInfos.length} signers where exactly one is expected`],
    };
  const info = signedData.signerInfos[0] as pkijs.SignerInfo;
  const { sid } = info;
  const certificate =
    sid instanceof pkijs.IssuerAndSerialNumber
      ? certificates.find((candidate) => sameSerial(candidate, sid))
      : undefined;
  if (!certificate)
    return { ...nothing, certificates, problems: ["the signature does not carry its signer's certificate"] };
  const hash = HASHES[info.digestAlgorithm.algorithmId];
  if (!hash)
    return {
      ...nothing,
      certificates,
      certificate,
      problems: [`the digest algorithm ${info.digestAlgorithm.algorithmId} is not accepted`],
    };
  const problems: string[] = [];
  const attribute = (oid: string): pkijs.Attribute | undefined =>
    info.signedAttrs?.attributes.find((one) => one.type === oid);
  const first = (oid: string): unknown => attribute(oid)?.values[0];
  const stated = first(OID.messageDigest);
  if (!info.signedAttrs) problems.push('the signature has no signed attributes');
  else {
    if (
      !(stated instanceof asn1js.OctetString) ||
      !Buffer.from(stated.valueBlock.valueHexView).equals(digest(hash, content))
    )
      problems.push('the signed bytes were changed after signing');
    if (!verifies(info, hash, certificate)) problems.push("the signature does not belong to the signer's key");
  }
  problems.push(...carriedProblems(certificates));
  problems.push(...formProblems(cms, signedData, info, certificate, kind === 'ETSI.CAdES.detached'));
  const pin = first(OID.signingCertificateV2);
  const pinned = pinsCertificate(pin, certificate);
  if (pin !== undefined && !pinned) problems.push('the certificate is not the one that the signature names');
  const time = first(OID.signingTime);
  return {
    problems,
    certificate,
    certificates,
    pinned,
    ...(time instanceof asn1js.UTCTime || time instanceof asn1js.GeneralizedTime
      ? { signingTime: time.toDate().toISOString() }
      : {}),
    value: new Uint8Array(info.signature.valueBlock.valueHexView),
    timestamps: (info.unsignedAttrs?.attributes ?? [])
      .filter((one) => one.type === OID.timeStampToken)
      .flatMap((one) => one.values.map((value) => new Uint8Array((value as asn1js.BaseBlock).toBER()))),
  };
}

function sameSerial(candidate: X509Certificate, sid: pkijs.IssuerAndSerialNumber): boolean {
  const parsed = parseCertificate(candidate);
  return (
    parsed.serialNumber.isEqual(sid.serialNumber) &&
    Buffer.from(parsed.issuer.toSchema().toBER()).equals(Buffer.from(sid.issuer.toSchema().toBER()))
  );
}

function verifies(info: pkijs.SignerInfo, hash: string, certificate: X509Certificate): boolean {
  if (!info.signedAttrs) return false;
  const encoded = Buffer.from(
    info.signedAttrs.encodedValue.byteLength > 0 ? info.signedAttrs.encodedValue : info.signedAttrs.toSchema().toBER(),
  );
  encoded[0] = 0x31;
  const signature = Buffer.from(info.signature.valueBlock.valueHexView);
  try {
    const type = certificate.publicKey.asymmetricKeyType;
    if (type === 'ed25519') return rawVerify(null, encoded, certificate.publicKey, signature);
    return (type === 'rsa' || type === 'ec') && rawVerify(hash, encoded, certificate.publicKey, signature);
  } catch {
    return false;
  }
}

/** Signature algorithms that may stand for each kind of key; the digest is named apart (RFC 5652, 5.3; RFC 5754). */
const SIGNATURE_OIDS = table<readonly string[]>({
  rsa: [OID.rsaEncryption, OID.rsaWithSha256, '1.2.840.113549.1.1.12', '1.2.840.113549.1.1.13'],
  ec: [OID.ecdsaWithSha256, OID.ecdsaWithSha384, '1.2.840.10045.4.3.4'],
  ed25519: [OID.ed25519],
});

/** What the signature's arithmetic does not cover: the encoding (DER, ISO 32000-2, 12.8.1) and what the structure says of itself. */
function formProblems(
  cms: Uint8Array,
  signedData: pkijs.SignedData,
  info: pkijs.SignerInfo,
  certificate: X509Certificate,
  strict: boolean,
): string[] {
  const problems: string[] = [];
  const again = new pkijs.ContentInfo({ contentType: OID.signedData, content: signedData.toSchema(true) })
    .toSchema()
    .toBER();
  if (strict && !Buffer.from(again).equals(Buffer.from(cms)))
    problems.push('the signature is not encoded as DER, or something was put into it');
  const type = keyType(certificate);
  if (type === undefined || !SIGNATURE_OIDS[type]?.includes(info.signatureAlgorithm.algorithmId))
    problems.push("its signature algorithm is not one for the signer's key");
  if (!signedData.digestAlgorithms.some((one) => one.algorithmId === info.digestAlgorithm.algorithmId))
    problems.push('its list of digest algorithms lacks the one that was used');
  const contentType = info.signedAttrs?.attributes.find((one) => one.type === OID.contentType)?.values[0];
  const stated = contentType instanceof asn1js.ObjectIdentifier ? contentType.valueBlock.toString() : undefined;
  if (signedData.encapContentInfo.eContentType !== OID.data || stated !== OID.data)
    problems.push('it does not say that it signs plain data');
  if (signedData.encapContentInfo.eContent !== undefined) problems.push('it carries content of its own');
  if (![1, 3].includes(signedData.version) || info.version !== 1) problems.push('its version is unknown');
  return problems;
}

function keyType(certificate: X509Certificate): string | undefined {
  try {
    return certificate.publicKey.asymmetricKeyType;
  } catch {
    return undefined;
  }
}

function pinsCertificate(value: unknown, certificate: X509Certificate): boolean {
  if (!(value instanceof asn1js.Sequence)) return false;
  const encoded = Buffer.from(value.toBER());
  // ESSCertID of RFC 2634 has SHA-1; ESSCertIDv2 has SHA-256 unless it says otherwise.
  return ['sha256', 'sha1', 'sha384', 'sha512'].some((hash) =>
    encoded.includes(Buffer.from(digest(hash, certificate.raw))),
  );
}

/** What a CMS signature over content that it carries says. */
export interface AttachedVerdict {
  problems: string[];
  certificate?: X509Certificate;
  certificates: X509Certificate[];
  contentType?: string;
  content?: Uint8Array;
}

/**
 * Checks a CMS signature that carries its content, as time-stamp tokens do: one signer, its certificate among those that
 * come along and pinned by ESSCertID or ESSCertIDv2 (RFC 5035, RFC 5816), the digest and the signature.
 * @throws when the structure cannot be read
 */
export function verifyAttached(cms: Uint8Array): AttachedVerdict {
  const signedData = new pkijs.SignedData({ schema: pkijs.ContentInfo.fromBER(cms).content });
  const certificates = certificatesIn(signedData);
  const contentType = signedData.encapContentInfo.eContentType;
  const content =
    signedData.encapContentInfo.eContent && new Uint8Array(signedData.encapContentInfo.eContent.getValue());
  const info = signedData.signerInfos[0];
  const base = { certificates, contentType, ...(content ? { content } : {}) };
  if (signedData.signerInfos.length !== 1 || !info)
    return { ...base, problems: ['it does not have exactly one signer'] };
  const { sid } = info;
  const certificate =
    sid instanceof pkijs.IssuerAndSerialNumber
      ? certificates.find((candidate) => sameSerial(candidate, sid))
      : undefined;
  if (!certificate) return { ...base, problems: ["it does not carry its signer's certificate"] };
  const hash = HASHES[info.digestAlgorithm.algorithmId];
  const first = (oid: string): unknown => info.signedAttrs?.attributes.find((one) => one.type === oid)?.values[0];
  const problems: string[] = [];
  const stated = first(OID.messageDigest);
  if (!hash) problems.push('its digest algorithm is not accepted');
  else if (
    !content ||
    !(stated instanceof asn1js.OctetString) ||
    !Buffer.from(stated.valueBlock.valueHexView).equals(digest(hash, content))
  )
    problems.push('its content was changed');
  else if (!verifies(info, hash, certificate)) problems.push("it was not signed with its signer's key");
  problems.push(...carriedProblems(certificates));
  const pin = first(OID.signingCertificateV2) ?? first(OID.signingCertificate);
  if (!pinsCertificate(pin, certificate)) problems.push('it does not name the certificate it was signed with');
  return { ...base, problems, certificate };
}

/**
 * The certificates that come along are not signed by the signer, but each is signed by its issuer: one whose issuer is
 * among them and did not sign it was changed.
 */
function carriedProblems(certificates: readonly X509Certificate[]): string[] {
  return certificates.flatMap((certificate) => {
    const issuers = certificates.filter((candidate) => candidate.subject === certificate.issuer);
    return issuers.length > 0 && !issuers.some((issuer) => signedBy(certificate, issuer))
      ? [`the certificate of ${subjectName(certificate)} that came along was changed`]
      : [];
  });
}

function signedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

function certificatesIn(signedData: pkijs.SignedData): X509Certificate[] {
  return (signedData.certificates ?? []).flatMap((one) =>
    one instanceof pkijs.Certificate ? [nodeCertificate(one)] : [],
  );
}
