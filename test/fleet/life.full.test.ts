import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FLEET_AS_OF, FleetCommands, packsIn, systemFiles, systemId, writeFleet } from '../support/fleet.ts';
import { type Server, serverHere, startRedis } from '../support/servers.ts';
import { probity, scratch, write } from '../support/workspace.ts';

/* A fleet from submission to portfolio, on a real Redis, by the command line. */

const folder = scratch();
let redis: Server | undefined;

before(async () => {
  if (serverHere('redis', { skip: () => undefined })) redis = await startRedis(path.join(folder, 'redis'));
});
after(() => redis?.stop());

let fleets = 0;
/** A fleet with a queue database and a folder of its own. */
function fleet(count: number, options: Parameters<typeof writeFleet>[2] = {}) {
  const place = path.join(folder, `fleet-${fleets}`);
  const file = writeFleet(place, count, options);
  const commands = new FleetCommands(redis?.port ?? 0, place);
  commands.env.PROBITY_QUEUE = `${commands.queue}/${fleets++}`;
  after(() => commands.stop());
  return { place, file, commands, packs: path.join(place, 'packs') };
}

test('what is submitted is done, once, and the packs verify', async (t) => {
  if (!serverHere('redis', t)) return;
  const { place, file, commands, packs } = fleet(4);
  const submitted = await commands.run('submit', file, '--json');
  assert.equal(submitted.code, 0, submitted.stderr);
  assert.equal(JSON.parse(submitted.stdout).added, 4);
  assert.equal(JSON.parse((await commands.run('submit', file, '--json')).stdout).added, 0);
  assert.deepEqual((await commands.status()).counts, { queued: 4, running: 0, done: 0, failed: 0 });
  assert.equal((await commands.run('work', '--until-empty', '--concurrency', '2', '--quiet')).code, 0);
  const status = await commands.status();
  assert.deepEqual(status.counts, { queued: 0, running: 0, done: 4, failed: 0 });
  assert.equal(status.portfolio.state, 'done');
  assert.equal(packsIn(packs).size, 4);
  for (const { pack } of status.systems)
    assert.equal((await probity(['verify', pack ?? ''], { home: commands.home })).code, 0);
  const portfolio = status.portfolio.at ?? '';
  assert.equal((await probity(['verify', portfolio], { home: commands.home })).code, 0);
  const listed = JSON.parse(readFileSync(path.join(portfolio, 'portfolio.json'), 'utf8'));
  assert.deepEqual(
    listed.systems.map(({ id, verified }: { id: string; verified: boolean }) => [id, verified]),
    status.systems.map(({ id }) => [id, true]),
  );
  const single = path.join(place, 'single');
  const config = path.join(place, 'systems', systemId(2), 'probity.yaml');
  const run = await probity(['run', '-c', config, '--as-of', FLEET_AS_OF, '-f', 'json', '-o', single], {
    home: commands.home,
  });
  assert.equal(run.code, 0, run.stderr);
  for (const name of ['assessment.json', 'evidence-manifest.json'])
    assert.deepEqual(
      readFileSync(path.join(status.systems[2]?.pack ?? '', name)),
      readFileSync(path.join(single, name)),
      name,
    );
});

test('what failed says why, and is tried again when it was mended', async (t) => {
  if (!serverHere('redis', t)) return;
  const { place, file, commands, packs } = fleet(2, {
    more: '  - {id: broken, config: systems/broken/probity.yaml}\n',
  });
  await commands.run('submit', file);
  await commands.run('work', '--until-empty', '--quiet');
  const failed = await commands.run('status', '--json');
  assert.equal(failed.code, 1);
  const [broken] = (JSON.parse(failed.stdout).systems as { id: string; error?: string }[]).filter(
    ({ id }) => id === 'broken',
  );
  assert.match(broken?.error ?? '', /^WORKSPACE_MISSING: .*broken\/probity\.yaml/);
  const listed = JSON.parse(readFileSync(`${(await commands.status()).portfolio.at}.json`, 'utf8'));
  assert.equal(listed.systems.filter((one: { error?: string }) => one.error).length, 1);
  assert.equal((await commands.run('retry', 'nobody')).code, 2);
  write(path.join(place, 'systems/broken'), systemFiles(77));
  assert.deepEqual(JSON.parse((await commands.run('retry', '--json')).stdout).retried, ['broken']);
  assert.deepEqual((await commands.status()).counts, { queued: 1, running: 0, done: 2, failed: 0 });
  await commands.run('work', '--until-empty', '--quiet');
  const status = await commands.status();
  assert.deepEqual(status.counts, { queued: 0, running: 0, done: 3, failed: 0 });
  assert.equal(packsIn(packs).size, 3);
  const again = JSON.parse(readFileSync(`${status.portfolio.at}.json`, 'utf8'));
  assert.equal(again.systems.filter((one: { pack?: string }) => one.pack).length, 3);
});

test('a pack is taken when nothing that decides it changed, and made anew when something did', async (t) => {
  if (!serverHere('redis', t)) return;
  const { place, file, commands, packs } = fleet(3);
  const work = async (...submit: string[]) => {
    assert.equal((await commands.run('submit', file, ...submit)).code, 0);
    return (await commands.run('work', '--until-empty', '--concurrency', '1')).stdout;
  };
  await work();
  const first = packsIn(packs);
  // Forced: made anew, in the place of what was there.
  const forced = await work('--force');
  assert.equal((forced.match(/^done {4}system/gm) ?? []).length, 3);
  assert.doesNotMatch(forced, /nothing changed|same content/);
  assert.deepEqual([...packsIn(packs).keys()], [...first.keys()]);
  // One system's evidence changes: its pack is made, the others are taken.
  writeFileSync(
    path.join(place, 'systems', systemId(1), 'evidence/trials.yaml'),
    systemFiles(400)['evidence/trials.yaml'] ?? '',
  );
  const other = new FleetCommands(redis?.port ?? 0, place);
  other.env.PROBITY_QUEUE = `${other.queue}/${fleets++}`;
  await other.run('submit', file);
  const after = (await other.run('work', '--until-empty', '--concurrency', '1')).stdout;
  assert.equal((after.match(/\(nothing changed\)/g) ?? []).length, 2, after);
  assert.equal(packsIn(packs).size, 4);
});

test('a pack of yesterday is taken for today where nothing aged', async (t) => {
  if (!serverHere('redis', t)) return;
  const { file, commands, packs } = fleet(2);
  for (const day of ['2026-09-20', '2026-09-21', '2026-09-22']) {
    await commands.run('submit', file, '--as-of', day);
    await commands.run('work', '--until-empty', '--quiet');
  }
  const status = await commands.status();
  assert.deepEqual(status.counts, { queued: 0, running: 0, done: 2, failed: 0 });
  assert.equal(packsIn(packs).size, 2);
  assert.match(status.systems[0]?.pack ?? '', /2026-09-20-/);
});

test('cancelling takes out what waits, and submitting again goes on', async (t) => {
  if (!serverHere('redis', t)) return;
  const { file, commands, packs } = fleet(5);
  await commands.run('submit', file);
  assert.equal(JSON.parse((await commands.run('cancel', '--json')).stdout).cancelled, 5);
  const cancelled = await commands.status();
  assert.deepEqual(cancelled.counts, { queued: 0, running: 0, done: 0, failed: 0 });
  assert.equal(cancelled.cancelled, 5);
  assert.equal((await commands.run('work', '--until-empty', '--quiet')).code, 0);
  await commands.run('submit', file);
  await commands.run('work', '--until-empty', '--quiet');
  const status = await commands.status();
  assert.deepEqual([status.counts.done, status.portfolio.state], [5, 'done']);
  assert.equal(packsIn(packs).size, 5);
});

test('a system that is submitted with other references takes the place of the former', async (t) => {
  if (!serverHere('redis', t)) return;
  const { file, commands } = fleet(2);
  await commands.run('submit', file);
  await commands.run('work', '--until-empty', '--quiet');
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(
      `config: systems/${systemId(0)}/probity.yaml`,
      `profile: low, config: systems/${systemId(0)}/probity.yaml`,
    ),
  );
  await commands.run('submit', file);
  assert.deepEqual((await commands.status()).counts, { queued: 1, running: 0, done: 1, failed: 0 });
  await commands.run('work', '--until-empty', '--quiet');
  const status = await commands.status();
  assert.deepEqual(status.counts, { queued: 0, running: 0, done: 2, failed: 0 });
  assert.equal(
    JSON.parse(readFileSync(path.join(status.systems[0]?.pack ?? '', 'assessment.json'), 'utf8')).profile.id,
    'low',
  );
});

test('a worker that is told to stop ends its jobs or gives them back, and says how it is meanwhile', async (t) => {
  if (!serverHere('redis', t)) return;
  const { place, file, commands, packs } = fleet(3);
  write(place, {
    'slow.mjs': `process.on('message', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60000));`,
  });
  await commands.run('submit', file);
  const slow = commands.start(['--concurrency', '2', '--grace', '1'], {
    NODE_OPTIONS: `--import ${path.join(place, 'slow.mjs')}`,
  });
  slow.process.stdout?.resume();
  for (let i = 0; i < 100 && (await commands.status()).counts.running < 2; i++) await sleep(100);
  assert.equal((await commands.status()).counts.running, 2);
  slow.process.kill('SIGTERM');
  assert.equal(await slow.ended, 0, slow.output());
  assert.deepEqual((await commands.status()).counts, { queued: 3, running: 0, done: 0, failed: 0 });
  const port = 20_000 + (process.pid % 20_000);
  const healthy = commands.start(['--concurrency', '1', '--listen', String(port)]);
  let health = 0;
  let metrics = '';
  for (let i = 0; i < 600 && !metrics.includes('probity_jobs_done_total{how="made"} 3'); i++) {
    await sleep(100);
    health = await fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ status }) => status,
      () => 0,
    );
    metrics = await fetch(`http://127.0.0.1:${port}/metrics`).then(
      (answer) => answer.text(),
      () => '',
    );
  }
  assert.equal(health, 200, healthy.output());
  assert.match(metrics, /^probity_jobs_done_total\{how="made"\} 3$/m);
  assert.match(metrics, /^# TYPE probity_job_seconds histogram$/m);
  healthy.process.kill('SIGTERM');
  assert.equal(await healthy.ended, 0);
  assert.equal(packsIn(packs).size, 3);
  rmSync(packs, { recursive: true });
});

test('what a browser holds counts as memory of the job, and ends with it', async (t) => {
  if (!serverHere('redis', t)) return;
  const { place, file, commands } = fleet(1);
  const marker = `held-${process.pid}`;
  // As a browser would: a process of its own, that holds more than the job may take.
  const holder = `const held = []; for (let i = 0; i < 12; i++) held.push(Buffer.alloc(64 << 20, 1)); setInterval(() => held.length, 1000); process.stdin.resume(); process.stdin.on('end', () => process.exit()); /* ${marker} */`;
  write(place, {
    'holder.mjs': `import { spawn } from 'node:child_process';
process.once('message', () => {
  spawn(process.execPath, ['-e', ${JSON.stringify(holder)}], { env: {}, stdio: ['pipe', 'ignore', 'ignore'] });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60000);
});`,
  });
  await commands.run('submit', file);
  const worker = commands.start(['--concurrency', '1', '--until-empty', '--memory', '500', '--timeout', '50'], {
    NODE_OPTIONS: `--import ${path.join(place, 'holder.mjs')}`,
  });
  worker.process.stdout?.resume();
  await worker.ended;
  const { systems } = await commands.status();
  assert.match(systems[0]?.error ?? '', /^JOB_MEMORY: it took more than the 500 MiB/, worker.output());
  await sleep(1000);
  const left = readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        Number(pid) !== process.pid &&
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(marker)
      );
    } catch {
      return false;
    }
  });
  assert.deepEqual(left, []);
});
