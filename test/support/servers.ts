import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer as createHttpServer, request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { ROOT } from './workspace.ts';

/* Real servers, on loopback, each started by the test that needs it and gone with it. */

const PROGRAMS = {
  /** `.ci/run` installs it. */
  redis: { program: 'redis-server', by: 'CI' },
  /** `.ci/full` builds it: the S3 server that is itself open source and builds from its own modules. */
  minio: { program: path.join(ROOT, '.judges/go/minio'), by: 'CI_FULL' },
} as const;
type ServerName = keyof typeof PROGRAMS;

function present(program: string): boolean {
  if (program.includes('/')) return existsSync(program);
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Whether a server is here. Where CI installs it, its lack is an error; elsewhere it skips the test with a line that says so. */
export function serverHere(name: ServerName, t: Pick<TestContext, 'skip'>): boolean {
  const { program, by } = PROGRAMS[name];
  if (present(program)) return true;
  if (process.env[by] === 'true')
    throw new Error(`${program} is missing; ${by === 'CI' ? '.ci/run' : '.ci/full'} should have installed it`);
  t.skip(`${path.basename(program)} is not installed here; CI runs this test`);
  return false;
}

/** A port that was free just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function untilOpen(port: number): Promise<void> {
  for (let i = 0; i < 300; i++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await sleep(50);
  }
  throw new Error(`nothing listens on ${port}`);
}

export interface Server {
  port: number;
  process: ChildProcess;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

function server(port: number, child: ChildProcess): Server {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    port,
    process: child,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}

/** Redis as docs/fleet.md has it: every write goes to its log before it is answered, and is on the disk within a second. */
export async function startRedis(folder: string, port?: number, more: readonly string[] = []): Promise<Server> {
  mkdirSync(folder, { recursive: true });
  const at = port ?? (await freePort());
  const child = spawn(
    'redis-server',
    [
      '--port',
      String(at),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'yes',
      '--appendfsync',
      'everysec',
      '--maxmemory-policy',
      'noeviction',
      ...more,
    ],
    { stdio: 'ignore' },
  );
  await untilOpen(at);
  return server(at, child);
}

export const S3_KEYS = {
  AWS_ACCESS_KEY_ID: 'tester',
  AWS_SECRET_ACCESS_KEY: 'a-secret-of-the-tests',
  AWS_REGION: 'us-east-1',
};

/** MinIO over a folder. */
export async function startMinio(folder: string): Promise<Server> {
  mkdirSync(folder, { recursive: true });
  const at = await freePort();
  const child = spawn(PROGRAMS.minio.program, ['server', folder, '--address', `127.0.0.1:${at}`, '--quiet'], {
    stdio: 'ignore',
    env: {
      ...process.env,
      MINIO_ROOT_USER: S3_KEYS.AWS_ACCESS_KEY_ID,
      MINIO_ROOT_PASSWORD: S3_KEYS.AWS_SECRET_ACCESS_KEY,
    },
  });
  await untilOpen(at);
  return server(at, child);
}

/** A client of a MinIO, with the two buckets of a fleet made in it. */
export async function fleetBuckets({ port }: Pick<Server, 'port'>): Promise<S3Client> {
  const { CreateBucketCommand, S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: S3_KEYS.AWS_REGION,
    forcePathStyle: true,
    credentials: { accessKeyId: S3_KEYS.AWS_ACCESS_KEY_ID, secretAccessKey: S3_KEYS.AWS_SECRET_ACCESS_KEY },
  });
  for (const Bucket of ['evidence', 'packs']) await client.send(new CreateBucketCommand({ Bucket }));
  return client;
}

/** A proxy before a server that lets every tenth call fail: half of them by an error, half by hanging up. */
export interface Unreliable {
  port: number;
  calls(): number;
  failed(): number;
  stop(): void;
}

export function startUnreliable(port: number): Promise<Unreliable> {
  let calls = 0;
  let failed = 0;
  const proxy = createHttpServer((incoming, outgoing) => {
    calls++;
    if (calls % 10 === 0) {
      failed++;
      if (failed % 2 === 0) {
        incoming.socket.destroy();
        return;
      }
      incoming.resume();
      incoming.on('end', () => outgoing.writeHead(503).end());
      return;
    }
    const onward = request(
      { port, host: '127.0.0.1', method: incoming.method, path: incoming.url, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => outgoing.destroy());
    // Whoever asked may be gone: killed, most likely.
    incoming.on('error', () => onward.destroy());
    outgoing.on('error', () => onward.destroy());
    incoming.pipe(onward);
  });
  return new Promise((resolve) =>
    proxy.listen(0, '127.0.0.1', () =>
      resolve({
        port: (proxy.address() as AddressInfo).port,
        calls: () => calls,
        failed: () => failed,
        stop() {
          proxy.closeAllConnections();
          proxy.close();
        },
      }),
    ),
  );
}
