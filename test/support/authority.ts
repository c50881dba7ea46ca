import { execFile, execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Signer } from '../../src/pki/signer.ts';
import { loadSigner } from '../../src/sign/keys/index.ts';

/* A certification authority with an intermediate, a time-stamp authority and an OCSP responder, all openssl's, on loopback. */

export const PASSPHRASE = 'correct horse';
const KEYS = {
  rsa: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  p256: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  p384: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  ed25519: ['-algorithm', 'ED25519'],
} as const;
export type KeyKind = keyof typeof KEYS;
export const KEY_KINDS = Object.keys(KEYS) as KeyKind[];

/** Where a certificate says its status can be asked. */
type Status = 'ocsp' | 'crl' | 'none';

export interface Authority {
  folder: string;
  /** The root certificate, PEM. */
  root: string;
  url: string;
  /** What each kind of request is answered with; replace to make servers misbehave. */
  answers: {
    tsa: (query: Buffer) => Promise<Buffer | number>;
    ocsp: (query: Buffer) => Promise<Buffer | number>;
    hang: boolean;
  };
  requests: string[];
  /** Makes a signer, as key and certificate files. */
  issue(
    name: string,
    kind: KeyKind,
    options?: { days?: string[]; extensions?: string[]; status?: Status; digest?: string },
  ): { key: string; chain: string };
  identity(name: string, kind: KeyKind, status?: Status): Promise<Signer>;
  revoke(name: string): void;
  openssl(...args: string[]): Buffer;
  stop(): void;
}

function run(folder: string, program: string, args: readonly string[], input?: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { cwd: folder, encoding: 'buffer' }, (error, stdout, stderr) =>
      error ? reject(new Error(stderr.toString())) : resolve(stdout),
    );
    if (input) child.stdin?.end(input);
  });
}

/** Starts everything; whoever starts it stops it. */
export async function startAuthority(folder: string): Promise<Authority> {
  mkdirSync(folder, { recursive: true });
  const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const file = (name: string): string => path.join(folder, name);
  const requests: string[] = [];
  let serial = 0;

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      requests.push(request.url ?? '');
      if (authority.answers.hang) return;
      const answer = async (): Promise<Buffer | number> => {
        if (request.url === '/tsa') return authority.answers.tsa(Buffer.concat(parts));
        if (request.url === '/ocsp') return authority.answers.ocsp(Buffer.concat(parts));
        if (request.url === '/issuer.crl') return openssl('ca', '-config', 'ca.cnf', '-gencrl', '-crldays', '7');
        if (request.url === '/root.crl')
          return openssl('ca', '-config', 'ca.cnf', '-name', 'r', '-gencrl', '-crldays', '7');
        return 404;
      };
      answer().then(
        (body) => {
          response.statusCode = typeof body === 'number' ? body : 200;
          response.end(typeof body === 'number' ? '' : body);
        },
        () => {
          response.statusCode = 500;
          response.end();
        },
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  writeFileSync(
    file('ca.cnf'),
    `[ca]\ndefault_ca=d\n[d]\ndatabase=${file('index.txt')}\nnew_certs_dir=${folder}\nserial=${file('serial')}\ndefault_md=sha256\ncertificate=${file('intermediate.pem')}\nprivate_key=${file('intermediate.key')}\npolicy=p\n[p]\n[r]\ndatabase=${file('rootindex.txt')}\nnew_certs_dir=${folder}\nserial=${file('serial')}\ndefault_md=sha256\ncertificate=${file('root.pem')}\nprivate_key=${file('root.key')}\npolicy=p\n[tsa]\ndefault_tsa=t\n[t]\nserial=${file('tsaserial')}\nsigner_cert=${file('tsa.pem')}\ncerts=${file('intermediate.pem')}\nsigner_key=${file('tsa.key')}\nsigner_digest=sha256\ndefault_policy=1.2.3.4.1\ndigests=sha256,sha384,sha512\naccuracy=secs:1\ness_cert_id_chain=no\ness_cert_id_alg=sha256\n`,
  );
  for (const name of ['index.txt', 'index.txt.attr']) writeFileSync(file(name), '');
  writeFileSync(file('serial'), '1000\n');
  writeFileSync(file('tsaserial'), '01\n');
  const sign = (
    name: string,
    subject: string,
    issuer: string | undefined,
    extensions: string[],
    digest = 'sha256',
    days: string[] = ['-days', '365'],
  ): void => {
    writeFileSync(file(`${name}.ext`), `[e]\n${extensions.join('\n')}\n`);
    openssl('req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`);
    const by =
      issuer === undefined
        ? ['-signkey', `${name}.key`]
        : ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`, '-set_serial', String(1000 + ++serial)];
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...by,
      ...days,
      `-${digest}`,
      '-extfile',
      `${name}.ext`,
      '-extensions',
      'e',
      '-out',
      `${name}.pem`,
    );
  };
  const statuses: Record<Status, string[]> = {
    ocsp: [`authorityInfoAccess=OCSP;URI:${url}/ocsp`],
    crl: [`crlDistributionPoints=URI:${url}/issuer.crl`],
    none: [],
  };
  const ca = [
    'basicConstraints=critical,CA:TRUE',
    'keyUsage=critical,keyCertSign,cRLSign,digitalSignature',
    'subjectKeyIdentifier=hash',
  ];
  for (const [name, kind] of [
    ['root', 'rsa'],
    ['intermediate', 'rsa'],
    ['tsa', 'rsa'],
    ['responder', 'p256'],
  ] as const)
    openssl('genpkey', ...KEYS[kind], '-out', `${name}.key`);
  sign('root', '/O=Example Mutual/CN=Example root', undefined, ca);
  sign('intermediate', '/O=Example Mutual/CN=Example issuer', 'root', [
    ...ca,
    `crlDistributionPoints=URI:${url}/root.crl`,
  ]);
  sign('tsa', '/O=Example Mutual/CN=Example time-stamps', 'intermediate', [
    'keyUsage=critical,digitalSignature',
    'extendedKeyUsage=critical,timeStamping',
    ...statuses.crl,
  ]);
  sign('responder', '/O=Example Mutual/CN=Example responder', 'intermediate', [
    'keyUsage=critical,digitalSignature',
    'extendedKeyUsage=OCSPSigning',
    'noCheck=ignored',
  ]);
  writeFileSync(
    file('chain.pem'),
    readFileSync(file('intermediate.pem')).toString() + readFileSync(file('root.pem')).toString(),
  );
  const register = (name: string, letter: 'V' | 'R'): void => {
    const serialHex = openssl('x509', '-in', `${name}.pem`, '-noout', '-serial').toString().trim().slice(7);
    const subject = openssl('x509', '-in', `${name}.pem`, '-noout', '-subject', '-nameopt', 'compat')
      .toString()
      .trim()
      .slice(8);
    appendFileSync(
      file('index.txt'),
      `${letter}\t401231235959Z\t${letter === 'R' ? '260101000000Z' : ''}\t${serialHex}\tunknown\t${subject}\n`,
    );
  };
  register('tsa', 'V');

  const authority: Authority = {
    folder,
    root: file('root.pem'),
    url,
    requests,
    stop() {
      server.closeAllConnections();
      server.close();
    },
    answers: {
      hang: false,
      async tsa(query) {
        writeFileSync(file('query.tsq'), query);
        return run(folder, 'openssl', [
          'ts',
          '-reply',
          '-config',
          'ca.cnf',
          '-section',
          't',
          '-queryfile',
          'query.tsq',
          '-chain',
          'intermediate.pem',
        ]);
      },
      async ocsp(query) {
        writeFileSync(file('query.ocsp'), query);
        const by = [
          '-CA',
          'intermediate.pem',
          '-rsigner',
          'responder.pem',
          '-rkey',
          'responder.key',
          '-index',
          'index.txt',
        ];
        openssl('ocsp', ...by, '-reqin', 'query.ocsp', '-respout', 'answer.ocsp', '-ndays', '7');
        return readFileSync(file('answer.ocsp'));
      },
    },
    issue(name, kind, options = {}) {
      openssl('genpkey', ...KEYS[kind], '-out', `${name}.key`);
      sign(
        name,
        `/O=Example Mutual/CN=${name}`,
        'intermediate',
        options.extensions ?? [
          'keyUsage=critical,digitalSignature,nonRepudiation',
          ...statuses[options.status ?? 'ocsp'],
        ],
        options.digest,
        options.days,
      );
      register(name, 'V');
      writeFileSync(
        file(`${name}-chain.pem`),
        readFileSync(file(`${name}.pem`)).toString() + readFileSync(file('chain.pem')).toString(),
      );
      return { key: file(`${name}.key`), chain: file(`${name}-chain.pem`) };
    },
    identity(name, kind, status) {
      const { key, chain } = authority.issue(name, kind, status ? { status } : {});
      return loadSigner(chain, { keyFile: key, passphrase: async () => PASSPHRASE });
    },
    revoke(name) {
      const lines = readFileSync(file('index.txt'), 'utf8')
        .split('\n')
        .filter((line) => !line.endsWith(`CN=${name}`) && line !== '');
      writeFileSync(file('index.txt'), lines.map((line) => `${line}\n`).join(''));
      register(name, 'R');
    },
    openssl,
  };
  // The root publishes a list of what it revoked; the intermediate is not on it.
  const intermediateSerial = openssl('x509', '-in', 'intermediate.pem', '-noout', '-serial').toString().trim().slice(7);
  writeFileSync(
    file('rootindex.txt'),
    `V\t401231235959Z\t\t${intermediateSerial}\tunknown\t/O=Example Mutual/CN=Example issuer\n`,
  );
  writeFileSync(file('rootindex.txt.attr'), '');
  return authority;
}
