import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { submissionId } from '../../src/fleet/job.ts';
import { PORTFOLIOS, PREFIX, SYSTEMS } from '../../src/fleet/queue.ts';
import { FLEET_AS_OF, FleetCommands, packsIn, systemFiles, systemId, writeFleet } from '../support/fleet.ts';
import { serverHere, startRedis } from '../support/servers.ts';
import { probity, scratch, write } from '../support/workspace.ts';

/* What somebody can do who writes to the queue, to the evidence, or to the results. docs/scale.md says the same in words. */

const folder = scratch();

async function ground(t: Parameters<typeof serverHere>[1], name: string, count: number) {
  if (!serverHere('redis', t)) return undefined;
  const redis = await startRedis(path.join(folder, `redis-${name}`));
  const place = path.join(folder, name);
  const file = writeFleet(place, count);
  const commands = new FleetCommands(redis.port, place);
  after(async () => {
    await commands.stop();
    await redis.stop();
  });
  return { redis, place, file, commands, packs: path.join(place, 'packs') };
}

test('who writes to the queue can have packs made of evidence that workers may read, and no more', {
  timeout: 600_000,
}, async (t) => {
  const found = await ground(t, 'queue', 1);
  if (!found) return;
  const { redis, place, file, commands, packs } = found;
  const outside = path.join(folder, 'outside');
  write(outside, systemFiles(9));
  write(path.join(place, 'systems/led-out'), {
    'probity.yaml': (systemFiles(3)['probity.yaml'] ?? '').replace('evidence/**/*', '../../../outside/**/*'),
  });
  symlinkSync(path.join(outside, 'probity.yaml'), path.join(place, 'systems/link.yaml'));
  symlinkSync(outside, path.join(place, 'systems/linked'));
  const honest = {
    version: 1,
    submission: submissionId(packs, FLEET_AS_OF),
    system: 'mallory',
    config: path.join(place, 'systems', systemId(0), 'probity.yaml'),
    results: packs,
    asOf: FLEET_AS_OF,
    format: ['json'],
  };
  const attacks: [name: string, job: unknown, error: RegExp][] = [
    [
      'evidence elsewhere',
      { ...honest, config: path.join(outside, 'probity.yaml') },
      /JOB_REFUSED: this worker may not read there/,
    ],
    ['a file of the system', { ...honest, config: '/etc/passwd' }, /JOB_REFUSED/],
    ['a way out', { ...honest, config: `${place}/systems/../../outside/probity.yaml` }, /JOB_REFUSED/],
    ['a link to a file', { ...honest, config: path.join(place, 'systems/link.yaml') }, /JOB_REFUSED/],
    ['a link to a folder', { ...honest, config: path.join(place, 'systems/linked/probity.yaml') }, /JOB_REFUSED/],
    [
      'a workspace that leads out',
      { ...honest, config: path.join(place, 'systems/led-out/probity.yaml') },
      /WORKSPACE_INVALID: a pattern of the workspace leads out/,
    ],
    ['evidence of another folder', { ...honest, evidence: outside }, /JOB_REFUSED/],
    ['a bucket', { ...honest, evidence: 's3://somebody/else' }, /JOB_REFUSED/],
    [
      'the inside of the network',
      { ...honest, evidence: [{ url: 'https://169.254.169.254/latest/meta-data', sha256: '0'.repeat(64) }] },
      /JOB_REFUSED/,
    ],
    ['a file as an address', { ...honest, evidence: 'file:///etc/passwd' }, /USAGE|JOB_REFUSED/],
    [
      'results elsewhere',
      { ...honest, results: path.join(folder, 'stolen') },
      /JOB_REFUSED: this worker may not write there/,
    ],
    ['results in a bucket', { ...honest, results: 's3://somebody/else' }, /JOB_REFUSED/],
    [
      'a key of the machine',
      { ...honest, identity: '/root/.ssh/id_rsa' },
      /JOB_REFUSED: this worker has no signing identity/,
    ],
    [
      'a name that is a way',
      { ...honest, system: '../../stolen' },
      /JOB_REFUSED: the queue holds something that is no job/,
    ],
    ['a field more', { ...honest, nodeOptions: '--require /tmp/x' }, /JOB_REFUSED: the queue holds/],
    ['a prototype', JSON.parse('{"__proto__": {"polluted": true}, "version": 1}'), /JOB_REFUSED: the queue holds/],
    ['nothing', {}, /JOB_REFUSED: the queue holds/],
    ['a long one', { ...honest, config: 'x'.repeat(5_000_000) }, /JOB_REFUSED: the queue holds/],
    ['a format that there is not', { ...honest, format: ['exe'] }, /USAGE: there is no format "exe"/],
  ];
  const connection = new Redis(redis.port, { maxRetriesPerRequest: null });
  const queue = new Queue(SYSTEMS, { connection, prefix: PREFIX });
  const portfolios = new Queue(PORTFOLIOS, { connection, prefix: PREFIX });
  after(async () => {
    await queue.close();
    await portfolios.close();
    connection.disconnect();
  });
  for (const [name, job] of attacks) await queue.add(name, job, { jobId: `${'0'.repeat(64)}-${name}` });
  await queue.add('mallory', honest, { jobId: 'honest-looking' });
  await portfolios.add(
    'portfolio',
    {
      version: 1,
      submission: honest.submission,
      results: path.join(folder, 'stolen'),
      asOf: FLEET_AS_OF,
      format: ['json'],
      systems: 1,
      submitted: '',
    },
    { jobId: 'elsewhere' },
  );
  await commands.run('submit', file);
  const worked = await commands.run('work', '--until-empty', '--concurrency', '1');
  assert.equal(worked.code, 0, worked.stdout + worked.stderr);
  for (const [name, , error] of attacks) {
    const job = await queue.getJob(`${'0'.repeat(64)}-${name}`);
    assert.equal(await job?.getState(), 'failed', name);
    assert.match(job?.failedReason ?? '', error, name);
    assert.ok((job?.failedReason ?? '').length <= 500, name);
  }
  assert.match(
    (await portfolios.getJob('elsewhere'))?.failedReason ?? '',
    /JOB_REFUSED: this worker may not write there/,
  );
  assert.ok(!existsSync(path.join(folder, 'stolen')));
  assert.deepEqual(readdirSync(outside).sort(), ['evidence', 'probity.yaml']);
  // What it can do: a pack of evidence that the worker was started for, under a name of its choosing.
  const made = [...packsIn(packs).keys()].map((name) => name.split('/')[0]).sort();
  assert.deepEqual(made, ['mallory', systemId(0)]);
  assert.equal((await commands.status()).counts.done, 1, 'the honest job was done all the same');
  t.diagnostic(`${attacks.length + 1} attacks by the queue, each refused`);
});

test('who writes to the evidence decides what is assessed, and reaches nothing else', {
  timeout: 600_000,
}, async (t) => {
  const found = await ground(t, 'evidence', 2);
  if (!found) return;
  const { place, file, commands, packs } = found;
  const evidence = path.join(place, 'systems', systemId(0), 'evidence');
  symlinkSync('/etc/passwd', path.join(evidence, 'passwd.yaml'));
  write(evidence, {
    'terminal.yaml': 'apiVersion: probity/v1\nkind: "\u001b]0;owned\u0007"\n',
    'deep.json': `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    '.hidden/x.yaml': 'kind: none\n',
  });
  await commands.run('submit', file);
  assert.equal((await commands.run('work', '--until-empty', '--concurrency', '1', '--quiet')).code, 0);
  assert.equal((await commands.status()).counts.done, 2);
  const [pack = new Map<string, Buffer>()] = packsIn(packs).values();
  const { evidence: entries } = JSON.parse(String(pack.get('assessment.json'))) as {
    evidence: { path: string; accepted: boolean; reason?: string }[];
  };
  const reasons = new Map(entries.map(({ path: name, reason }) => [name, reason ?? '']));
  assert.match(reasons.get('evidence/passwd.yaml') ?? '', /links are not followed/);
  assert.ok(!String(pack.get('assessment.json')).includes('root:x:0'));
  // A changed file is seen, also where its time was set back.
  const before = packsIn(packs).size;
  writeFileSync(
    path.join(evidence, 'trials.yaml'),
    (systemFiles(1)['evidence/trials.yaml'] ?? '').replace('successes: 1', 'successes: 0'),
  );
  await commands.run('submit', file, '--as-of', '2026-09-29');
  await commands.run('submit', file);
  await commands.run('cancel');
  const again = new FleetCommands(Number(new URL(commands.queue).port), place);
  again.env.PROBITY_QUEUE = `${again.queue}/3`;
  await again.run('submit', file);
  await again.run('work', '--until-empty', '--quiet');
  assert.equal(packsIn(packs).size, before + 1);
});

test('who writes to the results can take away and replace, and a signature tells', { timeout: 600_000 }, async (t) => {
  const found = await ground(t, 'results', 1);
  if (!found) return;
  const { file, commands, packs } = found;
  await commands.run('submit', file);
  await commands.run('work', '--until-empty', '--quiet');
  const [name = ''] = packsIn(packs).keys();
  const assessment = path.join(packs, name, 'assessment.json');
  const text = readFileSync(assessment, 'utf8');
  writeFileSync(assessment, text.replace('"not-assessed"', '"satisfied"   '));
  const verified = await probity(['verify', path.join(packs, name)], { home: commands.home });
  assert.equal(verified.code, 1, 'the edited pack does not verify');
  // A portfolio made of it afterwards refuses it.
  await commands.run('submit', file, '--as-of', '2026-10-05');
  const second = new FleetCommands(Number(new URL(commands.queue).port), commands.folder);
  second.env.PROBITY_QUEUE = `${second.queue}/4`;
  await second.run('submit', file);
  await second.run('work', '--until-empty', '--quiet');
  const { portfolio } = await second.status();
  assert.equal(portfolio.state, 'failed', 'no pack counts');
  // Shortened, it is no pack any more, and is made again.
  writeFileSync(assessment, text.slice(0, 100));
  const third = new FleetCommands(Number(new URL(commands.queue).port), commands.folder);
  third.env.PROBITY_QUEUE = `${third.queue}/5`;
  await third.run('submit', file);
  await third.run('work', '--until-empty', '--quiet');
  const status = await third.status();
  assert.equal(status.counts.done, 1);
  t.diagnostic(`pack after it was shortened: ${status.systems[0]?.pack}`);
  assert.equal((await probity(['verify', status.systems[0]?.pack ?? ''], { home: commands.home })).code, 0);
});
