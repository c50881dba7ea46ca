import assert from 'node:assert/strict';
import path from 'node:path';
import test, { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { serialiseAssessment } from '../../src/assess/assessment.ts';
import { assessWorkspace } from '../../src/assess/assessWorkspace.ts';
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
import { type Server, serverHere, startRedis } from '../support/servers.ts';
import { scratch, write } from '../support/workspace.ts';

/* Workers killed at random, the queue's server killed and started again, and jobs that crash, hang and take all memory. */

/** As many as the issue asks for where time is no matter. */
const SYSTEMS = Number(process.env.FLEET_SYSTEMS ?? (process.env.CI_FULL === 'true' ? 1000 : 60));
const POISON = ['crash', 'hang', 'memory'] as const;

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

test(`${SYSTEMS} systems are done once and whole, whatever is killed, and what is poisoned is named`, {
  timeout: 3_600_000,
}, async (t) => {
  if (!serverHere('redis', t)) return;
  const place = path.join(folder, 'fleet');
  for (const name of POISON) write(path.join(place, 'systems', `poison-${name}`), systemFiles(0));
  const file = writeFleet(place, SYSTEMS, {
    more: POISON.map((name) => `  - {id: poison-${name}, config: systems/poison-${name}/probity.yaml}\n`).join(''),
  });
  write(place, { 'poison.mjs': PRELOAD });
  let redis: Server = await startRedis(path.join(folder, 'redis'));
  after(() => redis.stop('SIGKILL'));
  const commands = new FleetCommands(redis.port, place);
  after(() => commands.stop());
  assert.equal((await commands.run('submit', file)).code, 0);
  const start = (): Worker =>
    commands.start(['--concurrency', '2', '--timeout', '20', '--memory', '600'], {
      NODE_OPTIONS: `--import ${path.join(place, 'poison.mjs')}`,
    });
  const workers = [start(), start()];
  const random = seededRandom(7);
  const killed = { workers: 0, redis: 0 };
  const begun = performance.now();
  const over = async (): Promise<boolean> => {
    const { counts, portfolio } = await commands.status();
    return counts.queued + counts.running === 0 && portfolio.state === 'done';
  };
  const kills = Math.max(6, Math.ceil(SYSTEMS / 50));
  while (killed.workers < kills) {
    await sleep(1500 + 3000 * random());
    const at = Math.floor(random() * workers.length);
    workers[at]?.process.kill('SIGKILL');
    await workers[at]?.ended;
    workers[at] = start();
    killed.workers++;
    if (killed.workers % 4 === 2) {
      await redis.stop('SIGKILL');
      redis = await startRedis(path.join(folder, 'redis'), redis.port);
      killed.redis++;
    }
  }
  while (!(await over())) await sleep(2000);
  const seconds = (performance.now() - begun) / 1000;
  for (const worker of workers) worker.process.kill('SIGTERM');
  await Promise.all(workers.map(({ ended }) => ended));

  const status = await commands.status();
  assert.deepEqual(status.counts, { queued: 0, running: 0, done: SYSTEMS, failed: POISON.length });
  const errors = new Map(status.systems.map(({ id, error }) => [id, error ?? '']));
  assert.match(errors.get('poison-crash') ?? '', /^JOB_CRASHED: .*SIGABRT/);
  assert.match(errors.get('poison-hang') ?? '', /^JOB_TIMEOUT: it was not done after 20 s/);
  assert.match(errors.get('poison-memory') ?? '', /^JOB_MEMORY: it took more than the 600 MiB/);
  const packs = packsIn(path.join(place, 'packs'));
  assert.deepEqual(
    [...packs.keys()].map((name) => name.split('/')[0]).sort(),
    Array.from({ length: SYSTEMS }, (_, i) => systemId(i)),
    'each system has one pack',
  );

  for (let i = 0; i < SYSTEMS; i++) {
    const [name, files] = [...packs].find(([key]) => key.startsWith(`${systemId(i)}/`)) ?? [
      '',
      new Map<string, Buffer>(),
    ];
    const single = await assessWorkspace({
      config: path.join(place, 'systems', systemId(i), 'probity.yaml'),
      asOf: FLEET_AS_OF,
    });
    assert.equal(files.get('assessment.json')?.toString(), serialiseAssessment(single), name);
    if (i % 10 === 0) assert.ok((await verifyPaths([path.join(place, 'packs', name)], [], false)).valid, name);
  }
  t.diagnostic(
    `${SYSTEMS} systems in ${seconds.toFixed(0)} s: ${killed.workers} workers killed, Redis killed ${killed.redis} times, ${packs.size} packs, each the bytes of a single machine`,
  );
});
