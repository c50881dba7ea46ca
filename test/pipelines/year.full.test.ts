import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { judgeHere } from '../support/judges.ts';
import { probity, ROOT, scratch } from '../support/workspace.ts';

/* The year of year/, run by its script as docs/year.md tells it. */

const folder = scratch();
const run = promisify(execFile);
const year = () => run(process.execPath, [path.join(ROOT, 'scripts/year.ts'), folder], { maxBuffer: 2 ** 26 });
const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8');
const digest = (file: string): string =>
  createHash('sha256')
    .update(readFileSync(path.join(folder, file)))
    .digest('hex');

interface Gap {
  control: string;
  attackClass: string;
  change: string;
  because?: string[];
  by?: string[];
}

async function gaps(...packs: string[]): Promise<(control: string) => string> {
  const { code, stdout, stderr } = await probity(['compare', ...packs.map((one) => path.join(folder, one)), '--json'], {
    home: path.join(folder, 'home'),
  });
  assert.equal(code, 0, stderr);
  const found: Gap[] = JSON.parse(stdout).gaps;
  return (control) => {
    const gap = found.find((one) => one.control === control);
    return gap ? [gap.change, ...(gap.because ?? []), ...(gap.by ?? [])].join(' ') : 'none';
  };
}

before(async () => void (await year()), { timeout: 1_200_000 });

test('each quarter says of each class what the attacks found', () => {
  const verdicts = ['q1', 'q2', 'q3', 'q4'].map((id) => {
    const { verdicts: found } = JSON.parse(read(`packs/${id}/assessment.json`));
    return [found['membership-inference'].state, found.inversion.state];
  });
  assert.deepEqual(verdicts, [
    ['not-satisfied', 'not-satisfied'],
    ['not-satisfied', 'not-satisfied'],
    ['not-satisfied', 'not-satisfied'],
    ['satisfied', 'satisfied'],
  ]);
});

test('gaps close by evidence, come back, and do not close because a test was asked otherwise', async () => {
  const second = await gaps('packs/q1', 'packs/q2');
  assert.match(second('MI-02'), /^closed .*triage\.csv\.gz/);
  assert.match(second('INV-05'), /^closed .*desk\.json/);
  // Its test on the release candidate is from before the deployment, and so answers nothing by itself.
  assert.equal(second('INV-02'), 'evidence-gone not-repeated');
  assert.equal(second('INV-07'), 'open');
  const third = await gaps('packs/q1', 'packs/q2', 'packs/q3');
  assert.equal(third('MI-02'), 'reopened');
  assert.equal(third('INV-07'), 'evidence-gone evidence-vanished');
  assert.equal(third('GOV-02'), 'new');
  const fourth = await gaps('packs/q1', 'packs/q2', 'packs/q3', 'packs/q4');
  assert.match(fourth('MI-02'), /^closed .*triage\.csv\.gz/);
  assert.match(fourth('GOV-02'), /^closed .*threats\.yaml/);
});

test('the gate closes the third release with its reasons and opens the fourth', () => {
  const closed = read('gate/q3.md');
  assert.match(closed, /^# Gate: closed/);
  for (const [rule, control] of [
    ['Verdict', 'MI-02'],
    ['New gaps', 'MI-02'],
    ['New gaps', 'INV-07'],
    ['Verdict', 'GOV-02'],
  ])
    assert.match(closed, new RegExp(`^\\| ${rule} \\| [^|]*, ${control} \\|`, 'm'));
  assert.match(read('gate/q4.md'), /^# Gate: open/);
});

test('the portfolio counts twelve systems, of the desk its newest pack', () => {
  const { systems, refused } = JSON.parse(read('portfolio/portfolio.json'));
  assert.equal(systems.length, 12);
  assert.deepEqual(refused, []);
});

const QUARTERS = ['q1', 'q2', 'q3', 'q4'];
const CLASSES = ['membership-inference', 'inversion'];

interface Pack {
  asOf: string;
  findings: { attackClass: string; severity: string }[];
  verdicts: Record<string, { passes: Record<string, number>; worst?: { control: string } | null }>;
}

test('the trends say of each quarter what its own assessment says, each class by itself', () => {
  const packs = QUARTERS.map((id): Pack => JSON.parse(read(`packs/${id}/assessment.json`)));
  const drawn = [...read('packs/q4/report.html').matchAll(/aria-label="([^"]*)"/g)].map(([, text]) => text ?? '');
  const charts = (start: string): string[] => drawn.filter((text) => text.startsWith(start));
  const row = (of: (pack: Pack) => string): string => packs.map((pack) => `${pack.asOf}: ${of(pack)}`).join('; ');
  assert.deepEqual(
    charts('Open gaps'),
    CLASSES.map((attackClass) => {
      const count = (pack: Pack, severity: string): number =>
        pack.findings.filter((one) => one.attackClass === attackClass && one.severity === severity).length;
      const text = (pack: Pack): string =>
        ['critical', 'high', 'medium', 'low'].map((severity) => `${count(pack, severity)} ${severity}`).join(', ');
      return `Open gaps, the gravest below. ${row(text)}`;
    }),
  );
  const numbersOf = (text: string): number[] =>
    text
      .replace(/\d{4}-\d\d-\d\d/g, '')
      .match(/\d+/g)
      ?.map(Number) ?? [];
  assert.deepEqual(
    charts('Passes').map(numbersOf),
    CLASSES.map((attackClass) => packs.flatMap((pack) => Object.values(pack.verdicts[attackClass]?.passes ?? {}))),
  );
  assert.deepEqual(
    charts('Worst bound').map((text) => text.match(/(?:MI|INV|ACC|GOV)-\d\d/g)),
    CLASSES.map((attackClass) => packs.map((pack) => pack.verdicts[attackClass]?.worst?.control)),
  );
});

test('the PDF names every quarter under each chart of each class', (t) => {
  if (!judgeHere('pdftotext', t)) return;
  const text = execFileSync('pdftotext', ['-layout', path.join(folder, 'packs/q4/report.pdf'), '-'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  // Bars are labelled by year and month, 26-06 for 2026-06-12; three charts for each class.
  assert.equal([...text.matchAll(/26-03 +26-06 +26-09 +26-11/g)].length, 6);
});

test('a second run gives the same assessments, changes and decisions', { timeout: 1_200_000 }, async () => {
  const files = [
    ...['q1', 'q2', 'q3', 'q4'].map((id) => `packs/${id}/assessment.json`),
    ...['q2', 'q3', 'q4'].map((id) => `${id}/changes.md`),
    ...['q3', 'q4'].map((id) => `gate/${id}.md`),
    ...['q1', 'q4'].map((id) => `packs/${id}/report.html`),
  ];
  const first = files.map(digest);
  await year();
  assert.deepEqual(files.map(digest), first);
});
