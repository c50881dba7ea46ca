import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { assessWorkspace } from '../../src/assess/assessWorkspace.ts';
import { buildPack } from '../../src/pack/build.ts';
import { findFormats } from '../../src/pack/choose.ts';
import { verifyPaths } from '../../src/pack/verify.ts';
import { seededRandom } from '../../src/statistics/random.ts';
import {
  FLEET_AS_OF,
  FleetCommands,
  packsIn,
  systemFiles,
  systemId,
  type Worker,
  writeFleet,
} from '../support/fleet.ts';
import {
  fleetBuckets,
  S3_KEYS,
  type Server,
  serverHere,
  startMinio,
  startRedis,
  startUnreliable,
} from '../support/servers.ts';
import { scratch, write } from '../support/workspace.ts';

/*
 * Everything at once: workers killed and stopped at random, the queue's server killed and started again from its log, a
 * store of which every tenth call fails, and jobs that crash, hang and take all memory. Where the S3 server is not
 * installed, packs go to a folder.
 */

/** As many as the test of every day takes; `.ci/full` takes 1,000. */
const SYSTEMS = Number(process.env.FLEET_SYSTEMS ?? 60);
const POISON = ['crash', 'hang', 'memory'] as const;
/** Longer than a worker keeps a job without a sign of life: whoever wakes up again finds that another has it. */
const PAUSE = 45_000;

/** Loaded into every process of a worker: what such evidence would do to the process that reads it. */
const PRELOAD = `
process.on('message', (task) => {
  const system = task?.job?.system ?? '';
  if (system === 'poison-crash') process.abort();
  if (system === 'poison-hang') for (;;);
  if (system === 'poison-memory') for (const held = []; held.length < 160; ) held.push(Buffer.alloc(64 << 20, 1));
});
`;

const folder = scratch();

/** Stops or wakes a worker with the processes of its jobs. */
function signalAll(worker: Worker, signal: 'SIGSTOP' | 'SIGCONT'): void {
  const { pid } = worker.process;
  if (pid === undefined) return;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  for (const one of [pid, ...children.map(Number)])
    try {
      process.kill(one, signal);
    } catch {
      // It ended meanwhile.
    }
}

/** A bucket for evidence and one for packs, behind a proxy that fails; undefined where the server is not here. */
async function failingStore() {
  if (!serverHere('minio', { skip: () => undefined })) return undefined;
  const minio = await startMinio(path.join(folder, 'minio'));
  const proxy = await startUnreliable(minio.port);
  after(async () => {
    proxy.stop();
    await minio.stop('SIGKILL');
  });
  const client = await fleetBuckets(minio);
  return {
    proxy,
    env: { ...S3_KEYS, AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${proxy.port}` },
    async put(Key: string, Body: string) {
      await client.send(new PutObjectCommand({ Bucket: 'evidence', Key, Body }));
    },
    /** Everything of the packs' bucket, as files. */
    async bring(to: string) {
      let token: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({ Bucket: 'packs', ...(token ? { ContinuationToken: token } : {}) }),
        );
        for (const { Key = '' } of page.Contents ?? []) {
          const { Body } = await client.send(new GetObjectCommand({ Bucket: 'packs', Key }));
          write(to, { [Key]: (await Body?.transformToByteArray()) ?? new Uint8Array() });
        }
        token = page.NextContinuationToken;
      } while (token);
    },
  };
}

test(`${SYSTEMS} systems are done once and whole, whatever is killed, and what is poisoned is named`, {
  timeout: 3 * 3_600_000,
}, async (t) => {
  if (!serverHere('redis', t)) return;
  const place = path.join(folder, 'fleet');
  const store = await failingStore();
  for (const name of POISON) write(path.join(place, 'systems', `poison-${name}`), systemFiles(0));
  const file = writeFleet(place, SYSTEMS, {
    ...(store ? { results: 's3://packs/night' } : {}),
    more: POISON.map((name) => `  - {id: poison-${name}, config: systems/poison-${name}/probity.yaml}\n`).join(''),
    // Every other one reads its evidence from the bucket as well.
    lines: (number) => (store && number % 2 ? `, evidence: s3://evidence/${systemId(number)}` : ''),
  });
  if (store)
    for (let i = 1; i < SYSTEMS; i += 2)
      for (const [name, text] of Object.entries(systemFiles(i)))
        if (name.startsWith('evidence/')) await store.put(name.replace('evidence', systemId(i)), text);
  write(place, { 'poison.mjs': PRELOAD });
  let redis: Server = await startRedis(path.join(folder, 'redis'));
  after(() => redis.stop('SIGKILL'));
  const commands = new FleetCommands(redis.port, place, store?.env);
  after(() => commands.stop());
  assert.equal((await commands.run('submit', file)).code, 0);
  const start = (): Worker =>
    commands.start(
      [
        ...['--concurrency', '2', '--timeout', '20', '--memory', '600', '--evidence-root', '.', '--results-root', '.'],
        ...(store ? ['--evidence-root', 's3://evidence', '--results-root', 's3://packs'] : []),
      ],
      { NODE_OPTIONS: `--import ${path.join(place, 'poison.mjs')}` },
    );
  const workers = [start(), start()];
  const random = seededRandom(7);
  const suffered = { killed: 0, stopped: 0, redis: 0 };
  const paused = new Map<Worker, NodeJS.Timeout>();
  const begun = performance.now();
  const settled = async (): Promise<{ systems: boolean; portfolio: boolean }> => {
    const { counts, portfolio } = await commands.status();
    return { systems: counts.queued + counts.running === 0, portfolio: portfolio.state === 'done' };
  };
  const kills = Math.max(6, Math.ceil(SYSTEMS / 50));
  while (suffered.killed < kills) {
    await sleep(1500 + 3000 * random());
    const at = Math.floor(random() * workers.length);
    const worker = workers[at] as Worker;
    clearTimeout(paused.get(worker));
    // Processes of its jobs that stay stopped would never see that it is gone.
    if (paused.delete(worker)) signalAll(worker, 'SIGCONT');
    worker.process.kill('SIGKILL');
    await worker.ended;
    workers[at] = start();
    suffered.killed++;
    if (suffered.killed % 4 === 2) {
      await redis.stop('SIGKILL');
      redis = await startRedis(path.join(folder, 'redis'), redis.port);
      suffered.redis++;
    }
    if (suffered.killed % 4 === 3) {
      // The other one falls silent, and comes back when its jobs are somebody else's.
      const other = workers[1 - at] as Worker;
      signalAll(other, 'SIGSTOP');
      paused.set(
        other,
        setTimeout(() => signalAll(other, 'SIGCONT'), PAUSE),
      );
      suffered.stopped++;
    }
  }
  for (;;) {
    const { systems, portfolio } = await settled();
    if (systems && portfolio) break;
    await sleep(2000);
  }
  const seconds = (performance.now() - begun) / 1000;
  for (const worker of workers) {
    clearTimeout(paused.get(worker));
    signalAll(worker, 'SIGCONT');
    worker.process.kill('SIGTERM');
  }
  await Promise.all(workers.map(({ ended }) => ended));

  const status = await commands.status();
  assert.deepEqual(status.counts, { queued: 0, running: 0, done: SYSTEMS, failed: POISON.length });
  const errors = new Map(status.systems.map(({ id, error }) => [id, error ?? '']));
  assert.match(errors.get('poison-crash') ?? '', /^JOB_CRASHED: .*SIGABRT/);
  assert.match(errors.get('poison-hang') ?? '', /^JOB_TIMEOUT: it was not done after 20 s/);
  assert.match(errors.get('poison-memory') ?? '', /^JOB_MEMORY: it took more than the 600 MiB/);

  if (store) await store.bring(path.join(folder, 'brought'));
  const results = store ? path.join(folder, 'brought/night') : path.join(place, 'packs');
  const packs = packsIn(results);
  const expected = Array.from({ length: SYSTEMS }, (_, i) => systemId(i));
  assert.deepEqual([...packs.keys()].map((name) => name.split('/')[0]).sort(), expected, 'each system has one pack');
  const bySystem = new Map([...packs].map(([name, files]) => [name.split('/')[0], { name, files }]));
  for (let i = 0; i < SYSTEMS; i++) {
    const { name, files } = bySystem.get(systemId(i)) ?? { name: '', files: new Map<string, Buffer>() };
    const system = path.join(place, 'systems', systemId(i));
    const single = await buildPack(
      await assessWorkspace({
        config: path.join(system, 'probity.yaml'),
        asOf: FLEET_AS_OF,
      }),
      {
        formats: findFormats(['json']),
        signing: { role: 'preparer', time: new Date(0), level: 'auto', visible: true },
      },
    );
    for (const [part, bytes] of single) assert.deepEqual(files.get(part), Buffer.from(bytes), `${part} of ${name}`);
    assert.ok((await verifyPaths([path.join(results, name)], [], false)).valid, name);
  }
  const { systems: listed } = JSON.parse(
    readFileSync(path.join(results, 'portfolio', path.basename(status.portfolio.at ?? ''), 'portfolio.json'), 'utf8'),
  ) as { systems: { id: string; verified: boolean }[] };
  assert.deepEqual(
    listed.map(({ id, verified }) => [id, verified]),
    expected.map((id) => [id, true]),
    'the portfolio has each of them, once, verified',
  );
  t.diagnostic(
    `${SYSTEMS} systems in ${seconds.toFixed(0)} s: ${suffered.killed} workers killed, ${suffered.stopped} stopped for ${PAUSE / 1000} s, Redis killed ${suffered.redis} times, ${
      store ? `${store.proxy.failed()} of ${store.proxy.calls()} calls to the store failed` : 'packs in a folder'
    }; ${packs.size} packs, each verified, each the bytes of a single machine`,
  );
});
