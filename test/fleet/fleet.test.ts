import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { simulate } from '../../bench/simulation.ts';
import { identityFor, requireAllowed } from '../../src/fleet/bounds.ts';
import { loadFleet } from '../../src/fleet/definition.ts';
import { FolderStore } from '../../src/fleet/folderStore.ts';
import { jobId, jobSchema, systemOf } from '../../src/fleet/job.ts';
import { isAllowed, parsePlace, placeText } from '../../src/fleet/places.ts';
import { queueAddress } from '../../src/fleet/queue.ts';
import { Results } from '../../src/fleet/results.ts';
import { probity, scratch, write } from '../support/workspace.ts';

/* What a fleet decides without a server. */

const folder = scratch();
const TODAY = { today: '2026-09-30' };

function fleetFile(lines: string): string {
  write(folder, { 'systems.yaml': `apiVersion: probity/v1\nkind: Fleet\nresults: s3://packs/2026-q3\n${lines}` });
  return path.join(folder, 'systems.yaml');
}

test('places are read as they are written', () => {
  for (const text of ['s3://packs/2026-q4', 's3://packs', 'https://evidence.example.org/a/b.csv'])
    assert.equal(placeText(parsePlace(text, '/base')), text);
  assert.equal(placeText(parsePlace('systems/a', '/base')), '/base/systems/a');
  for (const text of [
    '',
    's3://',
    's3://UPPER/x',
    's3://packs/../other',
    'ftp://host/x',
    'https://me:secret@host/x',
    'file:///etc',
    'a\0b',
  ])
    assert.throws(() => parsePlace(text, '/base'), { code: 'USAGE' }, text);
});

test('what a job may read ends where the worker was told', () => {
  const inside = path.join(folder, 'roots', 'inside');
  mkdirSync(path.join(inside, 'system'), { recursive: true });
  mkdirSync(path.join(folder, 'roots', 'outside'), { recursive: true });
  symlinkSync(path.join(folder, 'roots', 'outside'), path.join(inside, 'link'));
  const roots = [inside, 's3://evidence/claims', 'https://evidence.example.org/public'].map((text) =>
    parsePlace(text, '/'),
  );
  const allowed = (text: string): boolean => isAllowed(parsePlace(text, '/'), roots);
  for (const text of [
    inside,
    `${inside}/system/probity.yaml`,
    `${inside}/not/there/yet`,
    's3://evidence/claims',
    's3://evidence/claims/a/b',
    'https://evidence.example.org/public/scores.csv',
  ])
    assert.ok(allowed(text), text);
  for (const text of [
    path.join(folder, 'roots'),
    `${inside}-too`,
    `${inside}/../outside/x`,
    `${inside}/link/probity.yaml`,
    '/etc/passwd',
    's3://evidence/claims-of-others/a',
    's3://other/claims/a',
    'https://evidence.example.org/private/scores.csv',
    'https://evidence.example.org/public/../private',
    'https://evidence.example.org.attacker.test/public/x',
    'https://evidence.example.org:8443/public/x',
  ])
    assert.ok(!allowed(text), text);
  assert.throws(() => requireAllowed(parsePlace('/etc', '/'), roots, 'evidence'), { code: 'JOB_REFUSED' });
});

test('a job is signed by an identity that the worker was given, or not at all', () => {
  const bounds = {
    evidence: [],
    results: [],
    sign: true,
    evidenceBytes: 1,
    identities: [
      { name: 'release', reference: '/etc/probity/release.p12' },
      { name: 'trial', reference: 'pkcs11:token=t;object=k' },
    ],
  };
  assert.equal(identityFor(undefined, bounds)?.name, 'release');
  assert.equal(identityFor('trial', bounds)?.name, 'trial');
  assert.equal(identityFor('pkcs11:token=t;object=k', bounds)?.name, 'trial');
  assert.equal(identityFor(undefined, { ...bounds, sign: false, identities: [] }), undefined);
  for (const wanted of ['/home/somebody/key.p12', 'pkcs11:token=other', 'RELEASE'])
    assert.throws(() => identityFor(wanted, bounds), { code: 'JOB_REFUSED' }, wanted);
});

test('a file of systems becomes jobs that hold references and nothing else', async () => {
  const file = fleetFile(`defaults: {asOf: 2026-09-29, format: [json, pdf]}
systems:
  - {id: a, config: systems/a/probity.yaml}
  - {id: b, config: s3://evidence/b/probity.yaml, profile: high, format: [json], identity: release}
  - {id: c, config: c.yaml, evidence: [{url: "https://e.example.org/c.csv", sha256: "${'0'.repeat(64)}"}]}
`);
  const { jobs, asOf } = await loadFleet(file, TODAY);
  assert.equal(asOf, '2026-09-29');
  assert.deepEqual(
    jobs.map(({ system, config, format, profile }) => ({ system, config, format, profile })),
    [
      { system: 'a', config: path.join(folder, 'systems/a/probity.yaml'), format: ['json', 'pdf'], profile: undefined },
      { system: 'b', config: 's3://evidence/b/probity.yaml', format: ['json'], profile: 'high' },
      { system: 'c', config: path.join(folder, 'c.yaml'), format: ['json', 'pdf'], profile: undefined },
    ],
  );
  for (const job of jobs) assert.deepEqual(jobSchema.parse(job), job);
  const ids = jobs.map((job) => jobId(job, '1.0'));
  assert.deepEqual(ids.map(systemOf), ['a', 'b', 'c']);
  assert.deepEqual(
    (await loadFleet(file, TODAY)).jobs.map((job) => jobId(job, '1.0')),
    ids,
  );
  const moved = (await loadFleet(file, { ...TODAY, asOf: '2026-10-01' })).jobs.map((job) => jobId(job, '1.0'));
  assert.ok(moved.every((id) => !ids.includes(id)));
  assert.notEqual(jobId({ ...jobs[0], profile: 'low' } as never, '1.0'), ids[0]);
  assert.notEqual(jobId(jobs[0] as never, '1.1'), ids[0]);
});

test('a file of systems that is not right says where', async () => {
  for (const [lines, message] of [
    ['systems: []\n', /systems/],
    ['systems:\n  - {id: a, config: x}\n  - {id: a, config: y}\n', /two systems are called a/],
    ['systems:\n  - {id: portfolio, config: x}\n', /portfolio/],
    ['systems:\n  - {id: a, config: "ftp://x/y"}\n', /the configuration of a/],
    ['systems:\n  - {id: a, config: x, passphrase: secret}\n', /passphrase/],
    ['systems:\n  - {id: a, config: x, asOf: tomorrow}\n', /asOf/],
  ] as const)
    await assert.rejects(loadFleet(fleetFile(lines), TODAY), (error: Error & { code?: string; line?: string }) => {
      assert.equal(error.code, 'FLEET_INVALID');
      assert.match(error.line ?? '', message);
      return true;
    });
});

test('a password never stands on a command line, and the address is shown without it', () => {
  assert.throws(() => queueAddress('redis://:secret@host:6379', {}), { code: 'USAGE' });
  assert.throws(() => queueAddress(undefined, {}), { code: 'USAGE' });
  assert.throws(() => queueAddress('http://host', {}), { code: 'USAGE' });
  const { url, shown } = queueAddress('rediss://host:6380/2', {
    PROBITY_QUEUE_PASSWORD: 'p@ss:word',
    PROBITY_QUEUE_USER: 'worker',
  });
  assert.equal(url, 'rediss://worker:p%40ss%3Aword@host:6380/2');
  assert.doesNotMatch(shown, /worker|ss%3A/);
  assert.equal(queueAddress(undefined, { PROBITY_QUEUE: 'redis://u:secret@host:1' }).shown, 'redis://host:1');
});

test('of two attempts at one pack one counts, and nothing of the other stays', async () => {
  const place = path.join(folder, 'results');
  const results = () => new Results(new FolderStore({ kind: 'folder', path: place }));
  const fields = { system: 'a', inputs: 'a'.repeat(64), asOf: '2026-09-30' };
  const pack = (text: string) => new Map([['assessment.json', Buffer.from(text)]]);
  const [first, second] = await Promise.all([
    results().put(fields, pack('1'), false),
    results().put(fields, pack('2'), false),
  ]);
  assert.equal(first.pack, second.pack);
  const found = [];
  for await (const { name } of new FolderStore({ kind: 'folder', path: place }).list('a/')) found.push(name);
  assert.deepEqual(found, [`a/${first.pack}/assessment.json`]);
  assert.deepEqual(await results().of('a', fields.inputs, fields.asOf), first);
  assert.equal((await results().before('a', fields.inputs, '2026-10-09'))?.pack, first.pack);
  assert.equal(await results().before('a', fields.inputs, '2026-09-30'), undefined);
  // A pack that somebody shortened is none.
  write(place, { [`a/${first.pack}/assessment.json`]: '' });
  assert.equal(await results().of('a', fields.inputs, fields.asOf), undefined);
});

test('without the packages of a fleet, its commands say how to install them, and nothing else needs them', async () => {
  write(folder, {
    'without.mjs': `import { registerHooks } from 'node:module';
registerHooks({ resolve(name, context, next) {
  if (/^(bullmq|ioredis|@aws-sdk)/.test(name)) throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  return next(name, context);
} });`,
  });
  const home = path.join(folder, 'home');
  const env = { NODE_OPTIONS: `--import ${path.join(folder, 'without.mjs')}` };
  const status = await probity(['fleet', 'status', '--queue', 'redis://127.0.0.1:1'], { home, env });
  assert.equal(status.code, 2);
  assert.match(
    status.stderr,
    /^probity: DEPENDENCY_MISSING: .* Install what they need with: npm install bullmq@6 ioredis@5 @aws-sdk\/client-s3@3\n$/,
  );
  assert.equal((await probity(['catalog', 'list', '--quiet'], { home, env })).code, 0);
});

test('the simulation of a fleet is bound by workers, then by the store, then by the queue', () => {
  const assumed = { serviceSeconds: [1], queueSeconds: 0.002, storeRequests: 10, storeSeconds: 0.01, storeRate: 1e9 };
  const near = (value: number, wanted: number): void =>
    assert.ok(Math.abs(value / wanted - 1) < 0.02, `${value}, not ${wanted}`);
  const each = 1 + 0.002 + 10 * 0.01;
  near(simulate(1000, 1, assumed).seconds, 1000 * each);
  near(simulate(1000, 10, assumed).seconds, 100 * each);
  near(simulate(50_000, 5000, assumed).perSecond, 1 / 0.002);
  near(simulate(50_000, 5000, { ...assumed, storeRate: 1000 }).perSecond, 100);
  assert.deepEqual(simulate(500, 7, assumed, 3), simulate(500, 7, assumed, 3));
});
