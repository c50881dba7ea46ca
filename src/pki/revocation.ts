import { createHash, verify as rawVerify, type X509Certificate } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { table } from '../table.ts';
import { fingerprint, isSelfSigned, nodeCertificate, parseCertificate, subjectName } from './certificates.ts';
import { exchange } from './net.ts';

/* Whether a certificate was revoked: OCSP (RFC 6960) and revocation lists (RFC 5280), fetched for keeping, and read again later. */

const OCSP_METHOD = '1.3.6.1.5.5.7.48.1';
const AUTHORITY_INFORMATION = '1.3.6.1.5.5.7.1.1';
const CRL_POINTS = '2.5.29.31';
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const HASHES = table<string>({
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
});

/** Signature algorithms of answers and lists, with the digest each uses; null signs the bytes themselves. */
const SIGNATURES = table<string | null>({
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
});

/** Proof about certificates, DER, as it is kept in a PDF. */
export interface RevocationData {
  ocsps: Uint8Array[];
  crls: Uint8Array[];
}

/** What the proofs at hand say of one certificate. */
export interface RevocationStatus {
  state: 'good' | 'revoked' | 'unknown';
  by?: 'ocsp' | 'crl';
  /** When the proof was made, ISO 8601. */
  asOf?: string;
  /** When the certificate was revoked, ISO 8601. */
  revoked?: string;
}

/** Where a certificate says its status can be asked for. */
export function revocationAddresses(certificate: X509Certificate): { ocsp: string[]; crl: string[] } {
  const extensions = parseCertificate(certificate).extensions ?? [];
  const parsed = (oid: string): unknown => extensions.find(({ extnID }) => extnID === oid)?.parsedValue;
  const access = parsed(AUTHORITY_INFORMATION);
  const points = parsed(CRL_POINTS);
  const address = (name: pkijs.GeneralName): string[] =>
    name.type === 6 && typeof name.value === 'string' ? [name.value] : [];
  return {
    ocsp:
      access instanceof pkijs.InfoAccess
        ? access.accessDescriptions
            .filter(({ accessMethod }) => accessMethod === OCSP_METHOD)
            .flatMap(({ accessLocation }) => address(accessLocation))
        : [],
    crl:
      points instanceof pkijs.CRLDistributionPoints
        ? points.distributionPoints.flatMap(({ distributionPoint }) =>
            Array.isArray(distributionPoint) ? distributionPoint.flatMap(address) : [],
          )
        : [],
  };
}

/** The issuer of a certificate among others. */
function issuerOf(certificate: X509Certificate, among: readonly X509Certificate[]): X509Certificate | undefined {
  return among.find((candidate) => certificate.checkIssued(candidate) && certificate.verify(candidate.publicKey));
}

/** Whether a certificate is trusted, or was issued by one that is, over any number of steps. */
function leadsToTrusted(
  certificate: X509Certificate,
  among: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
): boolean {
  const known = new Set(trusted.map(fingerprint));
  const all = [...trusted, ...among];
  let at: X509Certificate | undefined = certificate;
  for (let steps = 0; at !== undefined && steps < 10; steps++) {
    if (known.has(fingerprint(at))) return true;
    at = isSelfSigned(at) ? undefined : issuerOf(at, all);
  }
  return false;
}

/**
 * Fetches proof for every certificate of a path that offers an address and has its issuer at hand: OCSP where there is
 * one, else the list. Whoever makes a certificate writes any address into it, so only those are asked whose certificates
 * lead to one that is trusted.
 * @returns the proofs, and who has none with the reason
 */
export async function collectRevocation(
  path: readonly X509Certificate[],
  trusted: readonly X509Certificate[] = path,
  fetchFrom: typeof exchange = exchange,
): Promise<RevocationData & { missing: string[] }> {
  const found: RevocationData & { missing: string[] } = { ocsps: [], crls: [], missing: [] };
  for (const certificate of path) {
    if (isSelfSigned(certificate)) continue;
    const issuer = issuerOf(certificate, path);
    const name = subjectName(certificate);
    if (!issuer) {
      found.missing.push(`${name}: its issuer is not at hand`);
      continue;
    }
    const { ocsp, crl } = revocationAddresses(certificate);
    if (ocsp.length + crl.length === 0) {
      found.missing.push(`${name}: its certificate names no address for its status`);
      continue;
    }
    if (!leadsToTrusted(certificate, path, trusted)) {
      found.missing.push(`${name}: its authority is not trusted here, so its address is not asked (--timestamp-trust)`);
      continue;
    }
    const problem = (await ask(certificate, issuer, ocsp, crl, found, fetchFrom)) ?? undefined;
    if (problem) found.missing.push(`${name}: ${problem}`);
  }
  return found;
}

async function ask(
  certificate: X509Certificate,
  issuer: X509Certificate,
  ocsp: readonly string[],
  crl: readonly string[],
  into: RevocationData,
  fetchFrom: typeof exchange,
): Promise<string | undefined> {
  const reasons: string[] = [];
  for (const url of ocsp) {
    try {
      const answer = await fetchFrom(url, {
        who: 'the OCSP server',
        body: ocspRequest(certificate, issuer),
        contentType: 'application/ocsp-request',
        limit: 1 << 17,
        retries: 1,
      });
      const status = fromOcsp(answer, certificate, issuer, new Date());
      if (status.state === 'unknown') throw new Error('its answer does not speak of this certificate or does not hold');
      into.ocsps.push(answer);
      return undefined;
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : 'no answer');
    }
  }
  for (const url of crl) {
    try {
      const list = await fetchFrom(url, { who: 'the server of the revocation list', limit: 1 << 24, retries: 1 });
      const der = fromPem(list);
      const status = fromCrl(der, certificate, issuer, new Date());
      if (status.state === 'unknown') throw new Error('its list does not hold');
      if (!into.crls.some((one) => Buffer.from(one).equals(Buffer.from(der)))) into.crls.push(der);
      return undefined;
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : 'no answer');
    }
  }
  return reasons.join('; ');
}

function fromPem(bytes: Uint8Array): Uint8Array {
  const body = /-----BEGIN X509 CRL-----([\s\S]+?)-----END X509 CRL-----/.exec(
    Buffer.from(bytes).toString('latin1'),
  )?.[1];
  return body === undefined ? bytes : Buffer.from(body, 'base64');
}

/** Responders look certificates up by SHA-1 of the issuer; nothing rests on its strength. */
function ocspRequest(certificate: X509Certificate, issuer: X509Certificate): Uint8Array {
  const { nameHash, keyHash } = issuerHashes(issuer, 'sha1');
  const id = new pkijs.CertID({
    hashAlgorithm: new pkijs.AlgorithmIdentifier({ algorithmId: '1.3.14.3.2.26', algorithmParams: new asn1js.Null() }),
    issuerNameHash: new asn1js.OctetString({ valueHex: nameHash }),
    issuerKeyHash: new asn1js.OctetString({ valueHex: keyHash }),
    serialNumber: parseCertificate(certificate).serialNumber,
  });
  const request = new pkijs.OCSPRequest({
    tbsRequest: new pkijs.TBSRequest({ requestList: [new pkijs.Request({ reqCert: id })] }),
  });
  return new Uint8Array(request.toSchema(true).toBER());
}

function issuerHashes(issuer: X509Certificate, hash: string): { nameHash: Buffer; keyHash: Buffer } {
  const parsed = parseCertificate(issuer);
  const key = parsed.subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView;
  return {
    nameHash: createHash(hash).update(Buffer.from(parsed.subject.toSchema().toBER())).digest(),
    keyHash: createHash(hash).update(key).digest(),
  };
}

function signedBy(tbs: Uint8Array, algorithm: string, signature: Uint8Array, certificate: X509Certificate): boolean {
  const hash = SIGNATURES[algorithm];
  if (hash === undefined) return false;
  try {
    return rawVerify(hash, tbs, certificate.publicKey, signature);
  } catch {
    return false;
  }
}

/**
 * What the proofs at hand say of a certificate at a time. A proof speaks of the time it covers, up to its next update, and
 * of everything before it was made.
 * @param among certificates among which its issuer may be found
 * @param cutoff revocations up to here count; later than `at` when nobody trusted attests that time
 */
export function revocationStatus(
  certificate: X509Certificate,
  among: readonly X509Certificate[],
  data: RevocationData,
  at: Date,
  cutoff: Date = at,
): RevocationStatus {
  const issuer = issuerOf(certificate, among);
  if (!issuer) return { state: 'unknown' };
  const statuses = [
    ...data.ocsps.map((one) => fromOcsp(one, certificate, issuer, at, cutoff)),
    ...data.crls.map((one) => fromCrl(one, certificate, issuer, at, cutoff)),
  ];
  return (
    statuses.find(({ state }) => state === 'revoked') ??
    statuses.find(({ state }) => state === 'good') ?? { state: 'unknown' }
  );
}

/** An OCSP response speaks when it is of this certificate, signed by its issuer or by one the issuer empowered for it. */
function fromOcsp(
  der: Uint8Array,
  certificate: X509Certificate,
  issuer: X509Certificate,
  at: Date,
  cutoff: Date = at,
): RevocationStatus {
  const unknown: RevocationStatus = { state: 'unknown' };
  try {
    const response = pkijs.OCSPResponse.fromBER(der);
    if (!response.responseBytes) return unknown;
    const basic = pkijs.BasicOCSPResponse.fromBER(response.responseBytes.response.valueBlock.valueHexView);
    const delegates = (basic.certs ?? []).map(nodeCertificate);
    const signers = [issuer, ...delegates.filter((one) => mayAnswer(one, issuer))];
    const tbs = new Uint8Array(basic.tbsResponseData.tbsView);
    const signature = new Uint8Array(basic.signature.valueBlock.valueHexView);
    if (!signers.some((one) => signedBy(tbs, basic.signatureAlgorithm.algorithmId, signature, one))) return unknown;
    const single = basic.tbsResponseData.responses.find((one) => speaksOf(one.certID, certificate, issuer));
    if (!single || !covers(single.thisUpdate, single.nextUpdate, at)) return unknown;
    const asOf = single.thisUpdate.toISOString();
    const status: unknown = single.certStatus;
    const tag =
      status instanceof asn1js.BaseBlock
        ? status.idBlock.tagNumber
        : Reflect.get(Object(Reflect.get(Object(status), 'idBlock')), 'tagNumber');
    if (tag === 0) return { state: 'good', by: 'ocsp', asOf };
    if (tag !== 1) return unknown;
    const revoked = revocationTime(status);
    return revoked && new Date(revoked) > cutoff
      ? { state: 'good', by: 'ocsp', asOf, revoked }
      : { state: 'revoked', by: 'ocsp', asOf, ...(revoked ? { revoked } : {}) };
  } catch {
    return unknown;
  }
}

/** A proof without a next update covers only what came before it. */
function covers(made: Date, next: Date | undefined, at: Date): boolean {
  return made >= at || (next !== undefined && next >= at);
}

function revocationTime(status: unknown): string | undefined {
  if (!(status instanceof asn1js.Constructed)) return undefined;
  const first = status.valueBlock.value[0];
  return first instanceof asn1js.GeneralizedTime ? first.toDate().toISOString() : undefined;
}

function mayAnswer(candidate: X509Certificate, issuer: X509Certificate): boolean {
  const purposes = parseCertificate(candidate).extensions?.find(
    ({ extnID }) => extnID === EXTENDED_KEY_USAGE,
  )?.parsedValue;
  return (
    purposes instanceof pkijs.ExtKeyUsage &&
    purposes.keyPurposes.includes(OCSP_SIGNING) &&
    candidate.checkIssued(issuer) &&
    candidate.verify(issuer.publicKey)
  );
}

function speaksOf(id: pkijs.CertID, certificate: X509Certificate, issuer: X509Certificate): boolean {
  const hash = HASHES[id.hashAlgorithm.algorithmId];
  if (!hash || !id.serialNumber.isEqual(parseCertificate(certificate).serialNumber)) return false;
  const { nameHash, keyHash } = issuerHashes(issuer, hash);
  return (
    nameHash.equals(Buffer.from(id.issuerNameHash.valueBlock.valueHexView)) &&
    keyHash.equals(Buffer.from(id.issuerKeyHash.valueBlock.valueHexView))
  );
}

/** A list speaks of the certificates of the issuer who signed it. */
function fromCrl(
  der: Uint8Array,
  certificate: X509Certificate,
  issuer: X509Certificate,
  at: Date,
  cutoff: Date = at,
): RevocationStatus {
  const unknown: RevocationStatus = { state: 'unknown' };
  try {
    const list = pkijs.CertificateRevocationList.fromBER(der);
    const parsed = parseCertificate(certificate);
    if (!Buffer.from(list.issuer.toSchema().toBER()).equals(Buffer.from(parsed.issuer.toSchema().toBER())))
      return unknown;
    if (
      !signedBy(
        new Uint8Array(list.tbsView),
        list.signatureAlgorithm.algorithmId,
        new Uint8Array(list.signatureValue.valueBlock.valueHexView),
        issuer,
      )
    )
      return unknown;
    if (!covers(list.thisUpdate.value, list.nextUpdate?.value, at)) return unknown;
    const asOf = list.thisUpdate.value.toISOString();
    const entry = list.revokedCertificates?.find(({ userCertificate }) => userCertificate.isEqual(parsed.serialNumber));
    if (!entry) return { state: 'good', by: 'crl', asOf };
    const revoked = entry.revocationDate.value.toISOString();
    return entry.revocationDate.value > cutoff
      ? { state: 'good', by: 'crl', asOf, revoked }
      : { state: 'revoked', by: 'crl', asOf, revoked };
  } catch {
    return unknown;
  }
}

/** Certificates of delegated responders that came with OCSP responses: they belong beside the proofs. */
export function responderCertificates(data: RevocationData): X509Certificate[] {
  const found = new Map<string, X509Certificate>();
  for (const der of data.ocsps) {
    const response = pkijs.OCSPResponse.fromBER(der);
    const basic =
      response.responseBytes &&
      pkijs.BasicOCSPResponse.fromBER(response.responseBytes.response.valueBlock.valueHexView);
    for (const one of basic?.certs ?? []) {
      const certificate = nodeCertificate(one);
      found.set(fingerprint(certificate), certificate);
    }
  }
  return [...found.values()];
}
