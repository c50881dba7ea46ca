import assert from 'node:assert/strict';
import test from 'node:test';
import type { Assessment } from '../../src/assess/assessment.ts';
import type { GapChange, NotClosed } from '../../src/assess/history.ts';
import { compare } from '../../src/compare/compare.ts';
import { ProbityError } from '../../src/errors.ts';
import { comparisonMarkdown } from '../../src/report/comparison/markdown.ts';
import { alike, scores, trials } from '../support/assessing.ts';
import { type Few, few, type Piece, passing } from '../support/few.ts';
import { catalog } from '../support/reading.ts';

const options = { profiles: catalog.bundledProfiles };
const LATER = '2026-12-15';
const NEXT = { asOf: '2026-12-31' };
const workspaceOf = (lines: string): Few => ({ workspace: lines });

/** The passing evidence with other trials of prompt leakage. */
const prompts = (k: number, n: number, collected: string, fields: Parameters<typeof trials>[3] = {}): Piece[] => [
  ...passing(collected, collected).filter(({ path }) => path !== 'prompts.yaml'),
  {
    path: 'prompts.yaml',
    content: `${k} of ${n}, ${collected}, ${JSON.stringify(fields)}`,
    bodies: [trials('prompt-leakage', k, n, { collected, toolDetector: true, ...fields })],
  },
];

function gap(before: Assessment, after: Assessment, control = 'INV-05', earlier: Assessment[] = []) {
  return compare(before, after, { ...options, earlier }).gaps.find((one) => one.control === control);
}

test('the same assessment twice has changed in nothing', () => {
  const one = few(prompts(200, 900, '2026-09-15'));
  const { gaps, measurements, goalposts } = compare(one, one, options);
  assert.deepEqual(
    gaps.map(({ change }) => change),
    gaps.map(() => 'open'),
  );
  assert.deepEqual(
    measurements.map(({ change }) => change),
    measurements.map(() => 'no-evidence'),
  );
  assert.deepEqual(goalposts, []);
});

test('a gap is new, open, closed and reopened, with since when and how often', () => {
  const good = few(passing());
  const bad = few(prompts(200, 900, '2026-11-15'), { asOf: '2026-11-20' });
  const better = few(passing(LATER, 'later'), NEXT);
  const again = few(prompts(180, 900, '2027-02-15'), { asOf: '2027-02-20' });
  assert.deepEqual(
    [gap(good, bad)?.change, gap(good, bad)?.since, gap(good, bad)?.assessments],
    ['new', '2026-11-20', 1],
  );
  const closed = gap(bad, better);
  assert.equal(closed?.change, 'closed', JSON.stringify(closed));
  assert.deepEqual(closed?.by, ['prompts.yaml']);
  assert.equal(gap(better, again, 'INV-05', [good, bad])?.change, 'reopened');
  assert.equal(gap(better, again, 'INV-05', [good, bad])?.closedBefore, '2026-12-31');
  assert.equal(gap(better, again)?.change, 'new', 'without the earlier ones nobody can know');
  const still = gap(bad, few(prompts(190, 900, LATER), NEXT), 'INV-05', [good]);
  assert.deepEqual([still?.change, still?.since, still?.assessments], ['open', '2026-11-20', 2]);
});

test('two assessments of one day are compared, and their title says so', () => {
  const title = (after: Assessment): string =>
    comparisonMarkdown(compare(few(passing()), after, options)).split('\n', 1)[0] ?? '';
  assert.match(title(few(prompts(200, 900, '2026-09-15'))), /as of the same day, /);
  assert.doesNotMatch(title(few(passing(LATER, 'later'), NEXT)), /same day/);
});

test('an accepted risk is a gap that is there', () => {
  const bad = few(prompts(200, 900, '2026-09-15'));
  const accepted = structuredClone(bad);
  for (const result of accepted.results.filter(({ control }) => control === 'INV-05'))
    Object.assign(result, { state: 'risk-accepted', underlying: 'not-satisfied' });
  const found = gap(bad, accepted);
  assert.deepEqual([found?.change, found?.accepted], ['open', true]);
});

const failing = few(prompts(200, 900, '2026-09-15'));
const off = [{ control: 'INV-05', reason: 'r', by: 'b' }];

/** A large test of another probe, which finds nothing. */
const another: Piece = {
  path: 'another.yaml',
  bodies: [trials('prompt-leakage', 0, 900, { collected: LATER, probe: 'another', toolDetector: true })],
};

/** A search for secrets of some places. */
const search = (places: string[], collected: string, found: boolean, path = 'secrets.scan.yaml'): Piece => ({
  path,
  content: JSON.stringify([places, collected, found]),
  format: 'probity-secret-scan',
  collected,
  bodies: [
    { kind: 'secret-scan', scanned: places, findings: found ? 1 : 0, collected },
    ...(found
      ? [{ kind: 'secret-finding' as const, id: 'f', rule: 'key', where: 'a.env:1', verified: true, collected }]
      : []),
  ],
});

const SEARCHES: readonly [what: string, after: Piece[], because: NotClosed | undefined][] = [
  ['the same place', [search(['git/helpdesk'], LATER, false)], undefined],
  ['more places, another file', [search(['git/docs', 'git/helpdesk'], LATER, false, 'new.yaml')], undefined],
  ['another place in the same file', [search(['git/docs'], LATER, false)], 'evidence-vanished'],
  ['another place in another file', [search(['git/docs'], LATER, false, 'new.yaml')], 'evidence-vanished'],
  [
    'the place before it was found, and another place since',
    [search(['git/helpdesk'], '2026-10-01', false, 'before.yaml'), search(['git/docs'], LATER, false)],
    'evidence-vanished',
  ],
];
for (const [what, after, because] of SEARCHES)
  test(`secrets found, then a search of ${what}: ${because ?? 'closed'}`, () => {
    const controls = ['ACC-11'];
    const old = few([search(['git/helpdesk'], '2026-11-05', true)], { controls, asOf: '2026-11-06' });
    for (const one of compare(old, few(after, { controls, ...NEXT }), options).gaps)
      assert.deepEqual(
        [one.change, one.because?.filter((fact) => fact === because) ?? []],
        because === undefined ? ['closed', []] : ['evidence-gone', [because]],
        JSON.stringify(one),
      );
  });

/** A gap that the new assessment does not show, and why it is not closed; undefined where it is. */
const CASES: readonly [
  what: string,
  before: Assessment,
  after: Assessment,
  because: NotClosed | undefined,
  change?: GapChange,
][] = [
  ['fixed and tested again', failing, few(passing(LATER, 'n'), NEXT), undefined],
  [
    'fixed, and the limit was raised without need',
    failing,
    few(passing(LATER, 'n'), { ...NEXT, parameters: { 'inv-prompt-leakage': 0.2 } }),
    undefined,
  ],
  [
    'a new version of the model under another name of its target',
    few(
      prompts(200, 900, '2026-09-15', { target: 'gpt-1' }),
      workspaceOf(
        'models: [{id: m, version: "1", provider: p, deployed: 2026-08-01, targets: ["gpt-*", m]}]\ntargets: []\n',
      ),
    ),
    few(prompts(0, 900, LATER, { target: 'gpt-2' }), {
      ...workspaceOf(
        'models: [{id: m, version: "2", provider: p, deployed: 2026-11-01, targets: ["gpt-*", m]}]\ntargets: []\n',
      ),
      ...NEXT,
    }),
    undefined,
  ],
  [
    'a test that was too small, and a larger one',
    few(prompts(0, 20, '2026-09-15')),
    few(passing(LATER, 'n'), NEXT),
    undefined,
  ],
  [
    'no evidence before, and some now',
    few(passing().filter(({ path }) => path !== 'prompts.yaml')),
    few(passing(LATER, 'n'), NEXT),
    undefined,
  ],
  ['switched off', failing, few(passing(LATER, 'n'), { ...NEXT, off }), 'switched-off'],
  [
    'taken out of the catalog',
    failing,
    few(passing(LATER, 'n'), { ...NEXT, controls: ['MI-02', 'MI-03', 'INV-06'] }),
    'control-removed',
  ],
  [
    'a limit that was raised beyond what was measured',
    failing,
    few(prompts(180, 900, LATER), { ...NEXT, parameters: { 'inv-prompt-leakage': 0.5 } }),
    'profile',
  ],
  [
    'a laxer demand of the tests',
    few(prompts(0, 900, '2026-09-15'), { parameters: { 'trial-control': 1 } }),
    few(passing(LATER, 'n'), NEXT),
    'profile',
  ],
  [
    'another probe instead of the failing one',
    failing,
    few(prompts(0, 900, LATER, { probe: 'easier' }), NEXT),
    'evidence-vanished',
  ],
  [
    'a target that nobody named before',
    failing,
    few(prompts(0, 900, LATER, { target: 'stand-in' }), { ...NEXT, workspace: 'targets: [m, stand-in]\n' }),
    'target',
  ],
  [
    'repeated on a handful of attempts, and another probe',
    failing,
    few([...prompts(0, 5, LATER), another], NEXT),
    'not-repeated',
  ],
  [
    'repeated by what was never shown to be able to find anything, and another probe',
    failing,
    few([...prompts(0, 900, LATER, { toolDetector: false, planted: false }), another], NEXT),
    'not-repeated',
  ],
  [
    'repeated with another detector',
    few(prompts(200, 900, '2026-09-15', { detector: 'the planted marker' })),
    few(prompts(0, 900, LATER, { detector: 'the word unicorn' }), NEXT),
    'not-repeated',
  ],
  [
    'repeated as it was, with another probe besides',
    failing,
    few([...prompts(0, 900, LATER), another], NEXT),
    undefined,
  ],
  [
    'repeated with the same detector, in two runs that are put together',
    few(prompts(200, 900, '2026-09-15', { detector: 'the planted marker' })),
    few(
      [
        ...prompts(0, 450, LATER, { detector: 'the planted marker' }),
        {
          path: 'again.yaml',
          bodies: [
            trials('prompt-leakage', 0, 450, {
              collected: '2026-12-16',
              detector: 'the planted marker',
              toolDetector: true,
            }),
          ],
        },
      ],
      NEXT,
    ),
    undefined,
  ],
  ['an older test', failing, few(prompts(0, 900, '2026-09-01'), { asOf: '2026-09-30' }), 'older-evidence'],
  [
    'the same file read in another way',
    failing,
    few(
      prompts(200, 900, '2026-09-15').map((piece) => ({
        ...piece,
        bodies:
          piece.path === 'prompts.yaml' ? [trials('prompt-leakage', 0, 900, { toolDetector: true })] : piece.bodies,
      })),
    ),
    'same-evidence',
  ],
  [
    'the failing one of two probes left out',
    few([
      ...passing(),
      { path: 'second.yaml', bodies: [trials('prompt-leakage', 300, 900, { probe: 'second', toolDetector: true })] },
    ]),
    few(passing(LATER, 'n'), NEXT),
    'evidence-vanished',
  ],
  [
    'the undecided one of two probes left out',
    few([
      ...passing(),
      { path: 'second.yaml', bodies: [trials('prompt-leakage', 1, 12, { probe: 'second', toolDetector: true })] },
    ]),
    few(passing(LATER, 'n'), NEXT),
    'evidence-vanished',
  ],
  [
    'a surface taken out',
    few(passing(), workspaceOf('surfaces: [model-api, agent-tools]\n')),
    few(passing(LATER, 'n'), NEXT),
    'scope',
  ],
  [
    'the failing surface taken out',
    few(
      [
        ...passing(),
        {
          path: 'agent.yaml',
          bodies: [trials('prompt-leakage', 300, 900, { surface: 'agent-tools', toolDetector: true })],
        },
      ],
      workspaceOf('surfaces: [model-api, agent-tools]\n'),
    ),
    few(passing(LATER, 'n'), NEXT),
    'scope',
  ],
  [
    'a failing test whose file is gone',
    failing,
    few(
      passing(LATER, 'n').filter(({ path }) => path !== 'prompts.yaml'),
      NEXT,
    ),
    'evidence-vanished',
  ],
];

for (const [what, before, after, because] of CASES)
  test(`${what}: ${because === undefined ? 'closed' : `not closed (${because})`}`, () => {
    const found = gap(before, after);
    assert.ok(found, JSON.stringify(before.results.map(({ control, state }) => [control, state])));
    assert.equal(found.change, because === undefined ? 'closed' : 'evidence-gone', JSON.stringify(found));
    if (because !== undefined) assert.ok(found.because?.includes(because), JSON.stringify(found.because));
  });

test('training declared away, or a control that no longer applies, closes nothing', () => {
  const before = few(
    passing().filter(({ path }) => path !== 'scores.csv'),
    workspaceOf('models: [{id: m, version: "1", provider: p, deployed: 2026-08-01, targets: [m]}]\n'),
  );
  const after = few(
    passing(LATER, 'n').filter(({ path }) => path !== 'scores.csv'),
    {
      ...NEXT,
      workspace: 'models: [{id: m, version: "1", provider: p, deployed: 2026-08-01, targets: [m], training: none}]\n',
    },
  );
  assert.deepEqual(gap(before, after, 'MI-02')?.because, ['not-applicable']);
});

test('a rate is better or worse only where the interval of the difference excludes zero', () => {
  const rate = (before: Assessment, after: Assessment) =>
    compare(before, after, options).measurements.find(({ technique }) => technique === 'prompt-leakage');
  const at = (k: number, n: number, collected: string, more: Parameters<typeof trials>[3] = {}) =>
    few(prompts(k, n, collected, more), { asOf: `${collected.slice(0, 8)}28` });
  const worse = rate(at(10, 900, '2026-09-15'), at(90, 900, '2026-12-15'));
  assert.equal(worse?.change, 'worse');
  assert.ok((worse?.difference.lower ?? 0) > 0);
  assert.equal(rate(at(90, 900, '2026-09-15'), at(10, 900, '2026-12-15'))?.change, 'better');
  const same = rate(at(40, 900, '2026-09-15'), at(52, 900, '2026-12-15'));
  assert.equal(same?.change, 'no-evidence');
  assert.ok((same?.couldShow ?? 0) > 0.02 && (same?.couldShow ?? 1) < 0.1, String(same?.couldShow));
  // What has no verdict may be a success.
  assert.equal(
    rate(at(90, 900, '2026-09-15'), at(10, 900, '2026-12-15', { notEvaluated: 100 }))?.change,
    'no-evidence',
  );
  // A smaller number of a test that could not have found anything is no improvement; a larger one is bad news.
  const blind = { toolDetector: false, planted: false } as const;
  const doubtful = rate(at(90, 900, '2026-09-15'), at(10, 900, '2026-12-15', blind));
  assert.deepEqual([doubtful?.change, doubtful?.because], ['no-evidence', 'no-power']);
  assert.equal(rate(at(10, 900, '2026-09-15'), at(90, 900, '2026-12-15', blind))?.change, 'worse');
});

test('areas and rates at a false-positive rate are compared with the direction of the scores in mind', () => {
  const of = (sure: number, collected: string, turned = false) =>
    few(
      [
        {
          path: 'scores.csv',
          content: `${sure}${collected}`,
          bodies: [
            (() => {
              const body = scores(5000, sure, { collected, baseline: alike(5000) });
              if (!turned) return body;
              const flip = (all: Float64Array) => all.map((one) => -one);
              return { ...body, members: flip(body.members), nonMembers: flip(body.nonMembers) };
            })(),
          ],
        },
      ],
      { asOf: `${collected.slice(0, 8)}28` },
    );
  const changes = (before: Assessment, after: Assessment) =>
    Object.fromEntries(
      compare(before, after, options).measurements.map(({ measure, falsePositiveLimit, change }) => [
        `${measure} ${falsePositiveLimit ?? ''}`.trim(),
        change,
      ]),
    );
  const all = (change: string) => ({ 'roc.auc': change, 'roc.tpr 0.001': change, 'roc.tpr 0.01': change });
  assert.deepEqual(changes(of(0, '2026-09-15'), of(1000, '2026-12-15')), all('worse'));
  assert.deepEqual(changes(of(1000, '2026-09-15'), of(0, '2026-12-15')), all('better'));
  assert.deepEqual(changes(of(1000, '2026-09-15'), of(1000, '2026-12-15', true)), all('no-evidence'));
});

test('what was moved stands apart from what moved', () => {
  const before = few(passing(), workspaceOf('surfaces: [model-api, agent-tools]\n'));
  const after = few(passing(LATER, 'n'), {
    ...NEXT,
    off,
    parameters: { 'inv-prompt-leakage': 0.2, 'mi-auc': 0.55 },
    workspace: 'targets: [m, n]\n',
  });
  const moved = compare(before, after, options).goalposts;
  const of = (what: string) => moved.filter((one) => one.what === what).map(({ name, looser }) => [name, looser]);
  assert.deepEqual(of('parameter'), [
    ['inv-prompt-leakage', true],
    ['mi-auc', false],
  ]);
  assert.deepEqual(of('surface'), [['agent-tools', true]]);
  assert.deepEqual(of('control-off'), [['INV-05', true]]);
  assert.deepEqual(of('target'), [['n', undefined]]);
});

test('two systems, or two assessments the wrong way round, are not compared', () => {
  const one = few(passing());
  const refused = (before: Assessment, after: Assessment) =>
    assert.throws(
      () => compare(before, after, options),
      (error) => error instanceof ProbityError && error.code === 'COMPARISON_IMPOSSIBLE',
    );
  refused(one, few(passing(), { workspace: 'description: other\n', asOf: '2026-09-29' }));
  const other = structuredClone(one);
  other.system.id = 'another';
  refused(one, other);
});

test('Markdown shows texts of others as they are, keeps the classes apart, and fits a comment', () => {
  const before = few(prompts(10, 900, '2026-09-15', { probe: '[x](http://a) <b>|`*_' }));
  const after = few(prompts(90, 900, LATER, { probe: '[x](http://a) <b>|`*_' }), NEXT);
  const comparison = compare(before, after, options);
  const text = comparisonMarkdown(comparison);
  assert.ok(!text.includes('<b>') && text.includes('`[x](http://a)`'), text);
  const [mi = '', inv = ''] = text.split('## Model inversion');
  assert.ok(mi.includes('## Membership inference') && !mi.includes('INV-') && !inv.includes('MI-0'));
  const many = { ...comparison, gaps: Array.from({ length: 5000 }, () => comparison.gaps[0] ?? assert.fail()) };
  assert.ok(Buffer.byteLength(comparisonMarkdown(many)) < 62_000);
});
