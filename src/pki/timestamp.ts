import { createHash, randomBytes, type X509Certificate } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { ProbityError } from '../errors.ts';
import { table } from '../table.ts';
import { parseCertificate } from './certificates.ts';
import { verifyAttached } from './cms.ts';
import { exchange } from './net.ts';

/* Time-stamps after RFC 3161, with ESSCertIDv2 of RFC 5816. */

const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const SHA256 = '2.16.840.1.101.3.4.2.1';
const HASHES = table<string>({
  [SHA256]: 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
});

/**
 * Asks an authority for a time-stamp over data and checks the answer: granted, over this data, with our nonce, signed by a
 * certificate that is for time-stamps only.
 * @returns the token, DER
 * @throws ProbityError NETWORK_FAILED or TIMESTAMP_INVALID
 */
export async function requestTimestamp(url: string, data: Uint8Array): Promise<Uint8Array> {
  const nonce = randomBytes(8);
  // A positive INTEGER of exactly eight bytes.
  nonce[0] = ((nonce[0] ?? 0) & 0x7f) | 0x40;
  const request = new pkijs.TimeStampReq({
    version: 1,
    messageImprint: new pkijs.MessageImprint({
      hashAlgorithm: new pkijs.AlgorithmIdentifier({ algorithmId: SHA256, algorithmParams: new asn1js.Null() }),
      hashedMessage: new asn1js.OctetString({ valueHex: createHash('sha256').update(data).digest() }),
    }),
    nonce: new asn1js.Integer({ valueHex: nonce }),
    certReq: true,
  });
  const answer = await exchange(url, {
    who: 'the time-stamp server',
    body: new Uint8Array(request.toSchema().toBER()),
    contentType: 'application/timestamp-query',
    limit: 1 << 17,
  });
  const fail = (what: string): never => {
    throw new ProbityError('TIMESTAMP_INVALID', `the time-stamp server ${what}`, {
      where: url,
      remedy: 'Try another, or go on without one: --timestamp optional',
    });
  };
  let response: pkijs.TimeStampResp;
  try {
    response = pkijs.TimeStampResp.fromBER(answer);
  } catch {
    return fail('answered something that is no time-stamp response');
  }
  if (response.status.status !== 0 && response.status.status !== 1)
    return fail(`refused the request (status ${response.status.status})`);
  if (!response.timeStampToken) return fail('granted the request and sent no token');
  const token = new Uint8Array(response.timeStampToken.toSchema().toBER());
  const verdict = verifyTimestamp(token, data);
  if (verdict.problems.length > 0) return fail(`sent a time-stamp that does not hold: ${verdict.problems.join('; ')}`);
  if (!verdict.nonce || !Buffer.from(verdict.nonce).equals(nonce))
    return fail('sent a time-stamp for another request (the nonce differs)');
  if (Math.abs(Date.parse(verdict.time ?? '') - Date.now()) > 86_400_000)
    return fail(`states a time more than a day away from this machine's: ${verdict.time}`);
  return token;
}

/** What a time-stamp token says about given data. */
export interface TimestampVerdict {
  problems: string[];
  /** ISO 8601. */
  time?: string;
  certificate?: X509Certificate;
  certificates: X509Certificate[];
  nonce?: Uint8Array;
}

/** Checks a time-stamp token over data; trust in its signer is judged elsewhere. Never throws for what is wrong with it. */
export function verifyTimestamp(token: Uint8Array, data: Uint8Array): TimestampVerdict {
  try {
    return judge(token, data);
  } catch {
    return { problems: ['the time-stamp cannot be read'], certificates: [] };
  }
}

function judge(token: Uint8Array, data: Uint8Array): TimestampVerdict {
  const { problems, certificate, certificates, content, contentType } = verifyAttached(token);
  if (contentType !== TST_INFO || !content) return { problems: [...problems, 'it is no time-stamp'], certificates };
  const info = pkijs.TSTInfo.fromBER(content);
  const hash = HASHES[info.messageImprint.hashAlgorithm.algorithmId];
  if (!hash) problems.push('its digest algorithm is not accepted');
  else if (
    !createHash(hash)
      .update(data)
      .digest()
      .equals(Buffer.from(info.messageImprint.hashedMessage.valueBlock.valueHexView))
  )
    problems.push('it is over something else');
  if (certificate && !isForTimestamps(certificate)) problems.push('its signer is not allowed to make time-stamps');
  return {
    problems,
    time: info.genTime.toISOString(),
    ...(certificate ? { certificate } : {}),
    certificates,
    ...(info.nonce ? { nonce: new Uint8Array(info.nonce.valueBlock.valueHexView) } : {}),
  };
}

/** A time-stamp certificate has this one purpose, and says so critically (RFC 3161, 2.3). */
function isForTimestamps(certificate: X509Certificate): boolean {
  const extension = parseCertificate(certificate).extensions?.find(({ extnID }) => extnID === EXTENDED_KEY_USAGE);
  const purposes = extension?.parsedValue instanceof pkijs.ExtKeyUsage ? extension.parsedValue.keyPurposes : [];
  return extension?.critical === true && purposes.length === 1 && purposes[0] === TIME_STAMPING;
}

/** The certificates that a token carries. */
export function timestampCertificates(token: Uint8Array): X509Certificate[] {
  return verifyAttached(token).certificates;
}
