import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { ProbityError } from '../../src/errors.ts';
import { zipSame } from '../../src/files/zip.ts';
import { PORTFOLIO_NAMES } from '../../src/pack/files.ts';
import { verifyPaths } from '../../src/pack/verify.ts';
import { writePack } from '../../src/pack/write.ts';
import { buildPortfolio, serialisePortfolio } from '../../src/portfolio/build.ts';
import { type Portfolio, unmatched } from '../../src/portfolio/portfolio.ts';
import { readPortfolio } from '../../src/portfolio/read.ts';
import { trials } from '../support/assessing.ts';
import { few, passing } from '../support/few.ts';
import { ofSystem, packIn, signerIn } from '../support/handed.ts';
import { catalog } from '../support/reading.ts';
import { scratch } from '../support/workspace.ts';

const root = scratch();
const place = (name: string): string => path.join(root, name);
const identity = await signerIn(root);
const stranger = await signerIn(root, 'A stranger');
const options = { profiles: catalog.bundledProfiles };

const good = few(passing());
const leaking = few([
  ...passing().filter(({ path: name }) => name !== 'prompts.yaml'),
  { path: 'prompts.yaml', content: 'x', bodies: [trials('prompt-leakage', 300, 900, { toolDetector: true })] },
]);
const fixed = few(passing('2026-12-15', 'fixed'), { asOf: '2026-12-31' });
const model = { id: 'shared-llm', version: '1', provider: 'vendor', deployed: '2026-08-01', targets: ['m'] };

await packIn(place('packs/a'), ofSystem(good, 'a', { models: [model], tags: { unit: 'claims' } }), identity);
await packIn(place('packs/deep/b'), ofSystem(leaking, 'b', { models: [model], riskTier: 'high' }), identity);
await packIn(place('packs/c-q3'), ofSystem(leaking, 'c'), identity);
await packIn(place('packs/c-q4'), ofSystem(fixed, 'c'), stranger);
await packIn(place('packs/tampered'), ofSystem(leaking, 'tampered'), identity);
writeFileSync(
  place('packs/tampered/assessment.json'),
  readFileSync(place('packs/tampered/assessment.json'), 'utf8').replace('System tampered', 'System trusted'),
);
await packIn(place('packs/unsigned'), ofSystem(good, 'unsigned'), undefined);
await packIn(place('packs/twice-1'), ofSystem(good, 'twice'), identity);
await packIn(place('packs/twice-2'), ofSystem(leaking, 'twice'), identity);
cpSync(place('packs/a'), place('packs/a-copy'), { recursive: true });
await packIn(place('zipped'), ofSystem(leaking, 'z'), identity);
writeFileSync(
  place('packs/z.zip'),
  zipSame(
    new Map(readdirSync(place('zipped')).map((name) => [`z/${name}`, readFileSync(path.join(place('zipped'), name))])),
  ),
);
writeFileSync(place('packs/broken.zip'), 'no zip');

const states = ({ systems }: Portfolio) =>
  systems.map(({ id, verdicts }) => [id, verdicts['membership-inference'].state, verdicts.inversion.state]);

test('every pack that verifies counts by its newest day; all others are listed with why, and count for nothing', async () => {
  const portfolio = await readPortfolio([place('packs')], options);
  assert.deepEqual(states(portfolio), [
    ['a', 'satisfied', 'satisfied'],
    ['b', 'satisfied', 'not-satisfied'],
    ['c', 'satisfied', 'satisfied'],
    ['z', 'satisfied', 'not-satisfied'],
  ]);
  assert.deepEqual(
    portfolio.refused.map(({ path: file, why }) => [path.basename(file), why.split(/[:;,]/)[0]]),
    [
      ['broken.zip', 'it holds no assessment'],
      ['tampered', 'does not verify'],
      ['twice-1', 'another pack of twice says something else of the same day'],
      ['twice-2', 'another pack of twice says something else of the same day'],
      ['unsigned', 'nobody signed it'],
    ],
  );
  const c = portfolio.systems.find(({ id }) => id === 'c');
  assert.deepEqual(c?.classes.inversion.change, {
    since: '2026-09-30',
    new: 0,
    reopened: 0,
    closed: 1,
    evidenceGone: 0,
    better: 1,
    worse: 0,
  });
  assert.deepEqual(
    c?.signers.map(({ signer }) => signer),
    ['A stranger'],
  );
  assert.ok(portfolio.systems.every(({ verified }) => verified));
  assert.deepEqual(
    portfolio.causes.filter(({ kind }) => kind === 'model').map(({ name, systems }) => [name, systems]),
    [['shared-llm 1 (vendor)', ['a', 'b']]],
  );
  // One test of several systems is named, and one action for the same gap, in its class alone.
  assert.ok(portfolio.causes.some(({ kind }) => kind === 'test'));
  assert.deepEqual(
    portfolio.actions.map(({ attackClass, control, systems }) => [attackClass, control, systems]),
    [['inversion', 'INV-05', ['b', 'z']]],
  );
});

test('the result does not depend on the order, nor on how packs are named to it', async () => {
  const names = readdirSync(place('packs')).map((name) => place(`packs/${name}`));
  const once = serialisePortfolio(await readPortfolio([place('packs')], options));
  for (const order of [names, names.toReversed(), [...names.slice(4), ...names.slice(0, 4), ...names]])
    assert.equal(serialisePortfolio(await readPortfolio(order, options)), once);
});

test('filters by owner, tier, unit and tag leave out whole systems', async () => {
  const of = async (filter: Record<string, string>) =>
    states(await readPortfolio([place('packs')], { ...options, filter })).map(([id]) => id);
  assert.deepEqual(await of({ unit: 'claims' }), ['a']);
  assert.deepEqual(await of({ tier: 'high' }), ['b']);
  assert.deepEqual(await of({ owner: 'Tester', tier: 'moderate' }), ['a', 'c', 'z']);
  assert.deepEqual(await of({ unit: 'nobody' }), []);
  const all = await readPortfolio([place('packs')], options);
  assert.match(unmatched(all, { owner: 'Nobody' }).line, /no system matches --owner Nobody; owners are: .*Tester/);
  assert.match(unmatched(all, { site: 'x' }).line, /--tag site=x; values of site are: none/);
});

test('the tier is that of the assessment, whatever a tag says, and a tag that says another is shown', async () => {
  const tiers = scratch();
  const tagged = [
    ['low', 'high'],
    ['same', 'moderate'],
  ] as const;
  for (const [name, tier] of tagged)
    await packIn(path.join(tiers, name), ofSystem(good, name, { tags: { tier } }), identity);
  const of = async (tier: string) =>
    (await readPortfolio([tiers], { ...options, filter: { tier } })).systems.map((one) => [
      one.id,
      one.tier,
      one.taggedTier,
    ]);
  assert.deepEqual(await of('high'), []);
  assert.deepEqual(await of('moderate'), [
    ['low', 'moderate', 'high'],
    ['same', 'moderate', undefined],
  ]);
});

test('with certificates, packs of strangers are refused; unsigned ones count only on request, and say so', async () => {
  const trusted = await readPortfolio([place('packs')], {
    ...options,
    trust: [identity.certificate],
    requireTrust: true,
  });
  // The stranger's newer pack of c counts for nothing, so the older one is its newest.
  assert.deepEqual(
    states(trusted).find(([id]) => id === 'c'),
    ['c', 'satisfied', 'not-satisfied'],
  );
  assert.ok(trusted.systems.every(({ signers }) => signers.every((one) => one.trusted)));
  const all = await readPortfolio([place('packs')], { ...options, allowUnsigned: true });
  assert.equal(all.systems.find(({ id }) => id === 'unsigned')?.verified, false);
  for (const nothing of [place('nowhere'), place('packs/tampered')])
    await assert.rejects(readPortfolio([nothing], options), (error) => error instanceof ProbityError);
});

test('it is written signed and attested like a pack, replaced whole, and a change shows', async () => {
  const hostile = place('hostile');
  await packIn(
    hostile,
    ofSystem(good, 'h', { name: '<script>x</script>=1+1', tags: { unit: '"><img src=x>' } }),
    identity,
  );
  const portfolio = await readPortfolio([place('packs'), hostile], options);
  const files = await buildPortfolio(portfolio, {
    formats: ['json', 'xlsx', 'html'],
    identity,
    signing: { role: 'preparer', time: new Date('2026-12-31T00:00:00Z') },
  });
  const out = place('out');
  await writePack(out, files, { names: PORTFOLIO_NAMES });
  const report = await verifyPaths([out], [], false);
  assert.ok(report.valid, JSON.stringify(report.files.map(({ path: file, problems }) => [file, problems])));
  const html = Buffer.from(files.get('portfolio.html') ?? []).toString('utf8');
  assert.ok(!html.includes('<script') && !html.includes('<img') && html.includes('&lt;script&gt;'));
  const unsigned = { formats: ['json', 'xlsx', 'html'], signing: { role: 'preparer', time: new Date() } } as const;
  const [one, other] = await Promise.all([buildPortfolio(portfolio, unsigned), buildPortfolio(portfolio, unsigned)]);
  for (const [name, bytes] of one) assert.deepEqual(other.get(name), bytes, `${name}: same in, same out`);
  // A portfolio is no pack of another, and a smaller one takes the place of the whole.
  assert.deepEqual(states(await readPortfolio([root], options)), states(portfolio));
  await writePack(out, new Map([['portfolio.json', files.get('portfolio.json') ?? new Uint8Array()]]), {
    names: PORTFOLIO_NAMES,
  });
  assert.deepEqual(readdirSync(out), ['portfolio.json']);
  await writePack(out, files, { names: PORTFOLIO_NAMES });
  const json = path.join(out, 'portfolio.json');
  writeFileSync(json, readFileSync(json, 'utf8').replace('not-satisfied', 'satisfied'));
  assert.equal((await verifyPaths([out], [], false)).valid, false);
  rmSync(out, { recursive: true });
});
