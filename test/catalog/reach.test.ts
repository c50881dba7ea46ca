import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reachIndex } from '../../src/assess/reach/index.ts';
import type { BodyOf, Observation } from '../../src/evidence/observation.ts';
import type { IdentityBody } from '../../src/evidence/observations/access.ts';
import { seededRandom } from '../../src/statistics/random.ts';
import { catalog } from '../support/reading.ts';

const source = { path: 'i', sha256: 'a'.repeat(64), at: '/' };
const identity = (id: string, fields: Partial<IdentityBody> = {}): Observation<IdentityBody> => ({
  kind: 'identity',
  id,
  name: id,
  type: 'machine',
  statesOwners: true,
  active: true,
  credentials: [],
  source,
  ...fields,
});
const role = (id: string, fields: Partial<BodyOf<'role'>> = {}): Observation<BodyOf<'role'>> => ({
  kind: 'role',
  id,
  name: id,
  source,
  ...fields,
});
const resource = (id: string, fields: Partial<BodyOf<'resource'>> = {}): Observation<BodyOf<'resource'>> => ({
  kind: 'resource',
  id,
  type: 'data',
  sensitivity: 'internal',
  source,
  ...fields,
});
const may = (...resources: string[]) => ({ entitlements: [{ actions: ['use'], resources }] });
const index = (
  identities: Observation<IdentityBody>[],
  roles: Observation<BodyOf<'role'>>[] = [],
  resources: Observation<BodyOf<'resource'>>[] = [],
) => reachIndex(identities, roles, resources, catalog.sensitivity);

test('an identity reaches what it may use itself, what its roles may, and what it can become may', () => {
  const reach = index(
    [identity('a', { ...may('r1'), roles: ['b'], assumes: ['c'] }), identity('c', may('r3'))],
    [role('b', may('r2'))],
    [
      resource('r1'),
      resource('r2', { sensitivity: 'confidential' }),
      resource('r3', { sensitivity: 'special-category', type: 'tool', stage: 'logs', surface: 'agent-tools' }),
    ],
  );
  const a = reach.of('a');
  assert.deepEqual(
    [a?.resources, a?.weight, a?.most, a?.closed, a?.rights, a?.stages, a?.surfaces],
    [3, 34, 'special-category', true, ['read-data', 'execute-tools'], ['logs'], ['agent-tools']],
  );
  assert.deepEqual(reach.path('a'), [
    { how: 'can become', to: 'c' },
    { how: 'reaches', to: 'r3' },
  ]);
  assert.equal(reach.of('c')?.resources, 1);
});

test('what is reached in two ways is counted once, and wildcards by what they match', () => {
  const stores = ['s/1', 's/2', 's/2/x', 't/1', 'u'].map((id) => resource(id));
  const reach = index(
    [
      identity('a', { ...may('s/*', 's/2', '*/1'), assumes: ['b'] }),
      identity('b', may('s/1', 't/1')),
      identity('all', may('*')),
      identity('mid', may('s/*x')),
    ],
    [],
    stores,
  );
  assert.equal(reach.of('a')?.resources, 4);
  assert.equal(reach.of('all')?.resources, 5);
  assert.equal(reach.of('mid')?.resources, 1);
});

test('circles of roles end, are reported once, and give everybody in them the same', () => {
  const reach = index(
    [identity('a', { assumes: ['x'] })],
    [
      role('x', { ...may('r1'), assumes: ['y'] }),
      role('y', { ...may('r2'), assumes: ['z'] }),
      role('z', { assumes: ['x'] }),
    ],
    [resource('r1'), resource('r2')],
  );
  for (const id of ['a', 'x', 'y', 'z']) assert.equal(reach.of(id)?.resources, 2, id);
  assert.deepEqual(
    reach.circles.map(({ names }) => names),
    [['x', 'y', 'z']],
  );
});

test('an administrator reaches everything, and so does whoever can become one', () => {
  const reach = index(
    [identity('a', { assumes: ['root'] }), identity('root', { admin: true }), identity('b', may('r1'))],
    [],
    [resource('r1'), resource('r2')],
  );
  assert.deepEqual([reach.of('a')?.resources, reach.of('a')?.admin, reach.of('b')?.admin], [2, true, false]);
});

test('what no inventory lists keeps a reach open, and is named', () => {
  const reach = index(
    [
      identity('a', may('r1', 'unknown/*')),
      identity('b', { ...may('r1'), assumes: ['ghost'] }),
      identity('c', may('r1')),
      identity('d'),
    ],
    [],
    [resource('r1')],
  );
  assert.deepEqual(
    [reach.of('a')?.closed, reach.of('a')?.resources, reach.of('b')?.closed, reach.of('c')?.closed, reach.of('d')],
    [false, 2, false, true, undefined],
  );
  assert.deepEqual(
    reach.missing.map(({ who, target }) => [who, target]),
    [['b', 'ghost']],
  );
});

test('stages and rights that are stated are passed on like those that resources bring, and resources are not made up for them', () => {
  const reach = index([
    identity('a', { stages: ['inference'], assumes: ['b'] }),
    identity('b', { stages: ['logs'], rights: ['read-data'] }),
    identity('c', { stages: ['inference'], assumes: ['ghost'] }),
    identity('d', { stages: ['inference'], assumes: ['silent'] }),
    identity('silent'),
  ]);
  assert.deepEqual(
    [reach.of('a')?.stages, reach.of('a')?.rights, reach.of('a')?.traced],
    [['inference', 'logs'], ['read-data'], true],
  );
  assert.equal(reach.of('b')?.closed, false, 'nothing says what else it may do');
  assert.equal(reach.of('c')?.traced, false);
  assert.equal(reach.of('d')?.traced, false);
});

test('on random graphs the reach is what a plain search finds', () => {
  const random = seededRandom(11);
  const pick = (n: number) => Math.floor(random() * n);
  for (let round = 0; round < 60; round++) {
    const resources = Array.from({ length: 1 + pick(30) }, (_, i) =>
      resource(`s${i % 3}/${i}`, {
        sensitivity: (['public', 'internal', 'restricted'] as const)[pick(3)] ?? 'internal',
      }),
    );
    const nodes = Array.from({ length: 2 + pick(20) }, (_, i) => ({
      id: `n${i}`,
      grants: Array.from({ length: pick(4) }, () =>
        random() < 0.3 ? `s${pick(3)}/*` : (resources[pick(resources.length)]?.id ?? ''),
      ),
      edges: Array.from({ length: pick(4) }, () => `n${pick(22)}`),
    }));
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const reach = index(
      nodes.map((node) => identity(node.id, { ...may(...node.grants), assumes: node.edges })),
      [],
      resources,
    );
    for (const node of nodes) {
      const seen = new Set([node.id]);
      for (const id of seen) for (const next of byId.get(id)?.edges ?? []) if (byId.has(next)) seen.add(next);
      const held = new Set(
        [...seen]
          .flatMap((id) => byId.get(id)?.grants ?? [])
          .flatMap((grant) =>
            resources
              .filter(({ id }) => (grant.endsWith('*') ? id.startsWith(grant.slice(0, -1)) : id === grant))
              .map(({ id }) => id),
          ),
      );
      const unmatched = new Set(
        [...seen]
          .flatMap((id) => byId.get(id)?.grants ?? [])
          .filter((grant) => grant.endsWith('*') && !resources.some(({ id }) => id.startsWith(grant.slice(0, -1)))),
      );
      const found = reach.of(node.id);
      assert.equal(found?.resources, held.size + unmatched.size, `round ${round}, ${node.id}`);
      assert.equal(
        found?.closed,
        unmatched.size === 0 && [...seen].every((id) => (byId.get(id)?.edges ?? []).every((next) => byId.has(next))),
      );
    }
  }
});
