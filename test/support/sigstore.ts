import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fulcioHandler, initializeCA, initializeCTLog, initializeTLog, rekorHandler } from '@sigstore/mock';
import { z } from 'zod';

/** A Sigstore instance of one test file, on loopback: authority, certificate log and signature log. */
export interface SigstoreInstance {
  url: string;
  /** What `--trusted-root` takes. */
  trustedRoot: string;
  close(): void;
}

const ISSUER = 'https://token.example.org';

/** A token as a pipeline has it; nobody checks its signature here. */
export function pipelineToken(subject: string, issuer = ISSUER): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: subject, iss: issuer, aud: 'sigstore', exp: 4_102_444_800, iat: 1_700_000_000 };
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.${Buffer.from('unchecked').toString('base64url')}`;
}

/** Starts an instance that knows nobody else. */
export async function sigstoreInstance(): Promise<SigstoreInstance> {
  const pair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const certificateLog = await initializeCTLog(pair());
  const authority = await initializeCA(pair(), certificateLog);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const log = await initializeTLog(url, pair());
  const handlers = [fulcioHandler(authority), rekorHandler(log)];
  server.on('request', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const handler = handlers.find(({ path }) => path === request.url);
      if (!handler) {
        response.writeHead(404).end();
        return;
      }
      void handler.fn(logged(Buffer.concat(chunks).toString('utf8'))).then((answer) => {
        response.writeHead(answer.statusCode, { 'content-type': answer.contentType ?? 'text/plain' });
        response.end(typeof answer.response === 'string' ? answer.response : Buffer.from(answer.response.buffer));
      });
    });
  });
  const since = { start: '2020-01-01T00:00:00Z' };
  const bytes = (value: ArrayBufferView): string =>
    Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  const key = (publicKey: Buffer) => ({
    rawBytes: publicKey.toString('base64'),
    keyDetails: 'PKIX_ECDSA_P256_SHA_256',
    validFor: since,
  });
  const trustedRoot = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [
      {
        baseUrl: url,
        hashAlgorithm: 'SHA2_256',
        publicKey: key(log.publicKey),
        logId: { keyId: createHash('sha256').update(log.publicKey).digest('base64') },
      },
    ],
    certificateAuthorities: [
      {
        subject: { organization: 'sigstore.mock', commonName: 'sigstore' },
        uri: url,
        certChain: { certificates: [{ rawBytes: bytes(authority.rootCertificate) }] },
        validFor: since,
      },
    ],
    ctlogs: [
      {
        baseUrl: url,
        hashAlgorithm: 'SHA2_256',
        publicKey: key(certificateLog.publicKey),
        logId: { keyId: bytes(certificateLog.logID) },
      },
    ],
    timestampAuthorities: [],
  };
  return { url, trustedRoot: `${JSON.stringify(trustedRoot, null, 2)}\n`, close: () => server.close() };
}

const proposal = z.object({
  kind: z.literal('dsse'),
  apiVersion: z.string(),
  spec: z.object({ proposedContent: z.object({ envelope: z.string(), verifiers: z.array(z.string()) }) }),
});
const envelope = z.object({ payload: z.string(), signatures: z.array(z.object({ sig: z.string() })) });

/**
 * What Rekor makes of a proposed entry before it is logged: digests and signatures instead of the content. The mock logs what
 * it is given. https://github.com/sigstore/rekor/blob/main/pkg/types/dsse/v0.0.1/entry.go
 */
function logged(body: string): string {
  const proposed = proposal.safeParse(JSON.parse(body));
  if (!proposed.success) return body;
  const { kind, apiVersion, spec } = proposed.data;
  const { envelope: text, verifiers } = spec.proposedContent;
  const { payload, signatures } = envelope.parse(JSON.parse(text));
  const digest = (bytes: string | Buffer) => ({
    algorithm: 'sha256',
    value: createHash('sha256').update(bytes).digest('hex'),
  });
  return JSON.stringify({
    apiVersion,
    kind,
    spec: {
      envelopeHash: digest(text),
      payloadHash: digest(Buffer.from(payload, 'base64')),
      signatures: signatures.map(({ sig }, index) => ({ signature: sig, verifier: canonical(verifiers[index] ?? '') })),
    },
  });
}

/** A certificate in the lines that Rekor gives it. */
function canonical(pem: string): string {
  return Buffer.from(new X509Certificate(Buffer.from(pem, 'base64')).toString()).toString('base64');
}
