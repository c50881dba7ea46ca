import assert from 'node:assert/strict';
import path from 'node:path';
import test, { after } from 'node:test';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { serialiseAssessment } from '../../src/assess/assessment.ts';
import { assessWorkspace } from '../../src/assess/assessWorkspace.ts';
import { FLEET_AS_OF, FleetCommands, systemFiles, systemId, writeFleet } from '../support/fleet.ts';
import { fleetBuckets, S3_KEYS, serverHere, startMinio, startRedis, startUnreliable } from '../support/servers.ts';
import { scratch, write } from '../support/workspace.ts';

/* Evidence and packs in S3, on a real server, of which every tenth call fails. */

const SYSTEMS = 8;
const folder = scratch();

test('evidence and packs in S3: each pack there once, though every tenth call fails', {
  timeout: 900_000,
}, async (t) => {
  if (!serverHere('redis', t) || !serverHere('minio', t)) return;
  const minio = await startMinio(path.join(folder, 'minio'));
  const redis = await startRedis(path.join(folder, 'redis'));
  const proxy = await startUnreliable(minio.port);
  after(async () => {
    proxy.stop();
    await minio.stop();
    await redis.stop();
  });
  const client = await fleetBuckets(minio);
  const place = path.join(folder, 'fleet');
  for (let i = 0; i < SYSTEMS; i++) {
    // The same systems on this machine's disk, to compare with.
    write(path.join(place, 'local', systemId(i)), systemFiles(i));
    for (const [name, Body] of Object.entries(systemFiles(i)))
      await client.send(new PutObjectCommand({ Bucket: 'evidence', Key: `claims/${systemId(i)}/${name}`, Body }));
  }
  const file = writeFleet(place, 0, {
    results: 's3://packs/2026-q3',
    more: Array.from(
      { length: SYSTEMS },
      (_, i) =>
        `  - {id: ${systemId(i)}, config: s3://evidence/claims/${systemId(i)}/probity.yaml${i % 2 ? `, evidence: s3://evidence/claims/${systemId(i)}/evidence` : ''}}\n`,
    ).join(''),
  });
  const commands = new FleetCommands(redis.port, place, {
    ...S3_KEYS,
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${proxy.port}`,
  });
  after(() => commands.stop());
  const worker = [
    'work',
    '--until-empty',
    '--concurrency',
    '2',
    '--evidence-root',
    's3://evidence/claims',
    '--results-root',
    's3://packs/2026-q3',
  ];
  await commands.run('submit', file);
  const [one, two] = await Promise.all([commands.run(...worker), commands.run(...worker)]);
  assert.deepEqual([one.code, two.code], [0, 0], one.stderr + two.stderr);
  const status = await commands.status();
  assert.deepEqual(status.counts, { queued: 0, running: 0, done: SYSTEMS, failed: 0 }, JSON.stringify(status.systems));
  assert.ok(proxy.failed() > 5, `${proxy.failed()} of ${proxy.calls()} calls failed`);

  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'packs', Prefix: '2026-q3/' }));
  const keys = Contents.map(({ Key = '' }) => Key);
  const packs = new Set(keys.filter((key) => /^2026-q3\/system/.test(key)).map((key) => path.posix.dirname(key)));
  assert.equal(packs.size, SYSTEMS, [...packs].join('\n'));
  assert.equal(keys.filter((key) => key.includes('.probity/records/')).length, SYSTEMS);
  for (let i = 0; i < SYSTEMS; i++) {
    const pack = status.systems[i]?.pack ?? '';
    const { Body } = await client.send(
      new GetObjectCommand({ Bucket: 'packs', Key: `${pack.replace('s3://packs/', '')}/assessment.json` }),
    );
    const config = path.join(place, 'local', systemId(i), 'probity.yaml');
    const single = await assessWorkspace({ config, asOf: FLEET_AS_OF });
    assert.equal(await Body?.transformToString(), serialiseAssessment(single), pack);
  }

  // The next night nothing has changed: nothing is fetched, nothing is made.
  const other = new FleetCommands(redis.port, place, commands.env);
  other.env.PROBITY_QUEUE = `${other.queue}/1`;
  await other.run('submit', file);
  const again = await other.run(...worker);
  assert.equal((again.stdout.match(/\(nothing changed\)/g) ?? []).length, SYSTEMS, again.stdout);
  // Evidence that the worker may not read, and results that it may not write, are refused before the store is asked.
  const narrow = new FleetCommands(redis.port, place, commands.env);
  narrow.env.PROBITY_QUEUE = `${narrow.queue}/2`;
  await narrow.run('submit', file);
  await narrow.run(
    'work',
    '--until-empty',
    '--evidence-root',
    's3://evidence/claims/system-0001',
    '--results-root',
    's3://packs',
  );
  const refused = await narrow.status();
  assert.deepEqual(refused.counts, { queued: 0, running: 0, done: 1, failed: SYSTEMS - 1 });
  assert.match(
    refused.systems[0]?.error ?? '',
    /^JOB_REFUSED: this worker may not read there at s3:\/\/evidence\/claims\/system-0000/,
  );
  t.diagnostic(`${proxy.failed()} of ${proxy.calls()} calls to the store failed; ${packs.size} packs, each once`);
});
