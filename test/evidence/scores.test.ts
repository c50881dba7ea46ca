import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDecimal } from '../../src/evidence/adapters/membership-scores/decimal.ts';
import type { SourceDeclaration } from '../../src/evidence/declaration.ts';
import type { ScoresBody } from '../../src/evidence/observations/tests.ts';
import { seededRandom } from '../../src/statistics/index.ts';
import { read } from '../support/reading.ts';
import { scratch, write } from '../support/workspace.ts';

const folder = scratch();

async function scores(
  name: string,
  text: string | Uint8Array,
  declared: Partial<SourceDeclaration> = {},
): Promise<ScoresBody> {
  write(folder, { [name]: text });
  const { entry, reading } = await read(folder, name, [{ match: name, higherMeansMember: true, ...declared }]);
  assert.equal(entry.reason, undefined, name);
  const found = reading?.observations[0];
  assert.ok(found?.kind === 'scores', name);
  return found;
}

async function rejected(name: string, text: string): Promise<string> {
  write(folder, { [name]: text });
  const { entry } = await read(folder, name);
  assert.equal(entry.accepted, false, name);
  return entry.reason ?? '';
}

test('numbers come out of bytes as Number would read them', () => {
  const random = seededRandom(9);
  const cursor = { at: 0 };
  let read = 0;
  const check = (text: string): void => {
    cursor.at = 0;
    const value = readDecimal(Buffer.from(`${text},`), cursor);
    if (Number.isNaN(value)) return;
    read++;
    if (!Object.is(value, Number(text))) assert.fail(`${text}: ${value}`);
    assert.equal(cursor.at, text.length, text);
  };
  for (let i = 0; i < 200_000; i++) {
    const value = [
      random(),
      (random() - 0.5) * 1e3,
      random() * 10 ** Math.floor(random() * 40 - 20),
      Math.floor(random() * 2 ** 53),
      -random() * 1e-5,
    ][i % 5] as number;
    check(String(value));
    check(value.toFixed(6));
    check(value.toExponential(9));
    check(value.toPrecision(17));
  }
  assert.ok(read > 500_000, `${read} were read without help`);
  for (const text of [
    '0',
    '-0',
    '+1',
    '.5',
    '5.',
    '1e5',
    '1E-5',
    '00012.50',
    '0.000000000000000000001',
    '9007199254740993',
    '0.1',
    '123456789012345678.9',
  ])
    check(text);
  for (const text of ['', '-', '.', 'abc', '1e', '1e+', 'nan', 'inf', '1e9999', '12345678901234567890123']) {
    cursor.at = 0;
    assert.ok(Number.isNaN(readDecimal(Buffer.from(`${text},`), cursor)), text);
  }
});

test('split, group and baseline columns find their places, in CSV and in JSON Lines', async () => {
  const rows = [
    [0.9, 1, 'evaluation', 'a', 0.5],
    [0.8, 1, 'calibration', 'b', 0.4],
    [0.3, 0, 'evaluation', 'b', 0.6],
    [0.2, 0, 'calibration', 'a', 0.5],
    [0.7, 1, 'evaluation', 'b', 0.3],
    [0.1, 0, 'evaluation', 'a', 0.5],
  ] as const;
  const csv = `is_member,score,split,group,baseline_score\n${rows.map(([score, member, ...rest]) => [member, score, ...rest].join(',')).join('\n')}\n`;
  const lines = rows
    .map(([score, is_member, split, group, baseline_score]) =>
      JSON.stringify({ score, is_member, split, group, baseline_score }),
    )
    .join('\n');
  for (const found of [
    await scores('a.csv', csv),
    await scores('a.jsonl', lines),
    await scores('crlf.csv', csv.replaceAll('\n', '\r\n')),
    await scores('bom.csv', `\ufeff${csv}`),
  ]) {
    assert.deepEqual(
      [[...found.members], [...found.nonMembers]],
      [
        [0.9, 0.7],
        [0.3, 0.1],
      ],
    );
    assert.deepEqual(
      [[...(found.calibration?.members ?? [])], [...(found.calibration?.nonMembers ?? [])]],
      [[0.8], [0.2]],
    );
    assert.deepEqual(
      found.groups?.map(({ group, members, nonMembers }) => [group, [...members], [...nonMembers]]),
      [
        ['a', [0.9], [0.1]],
        ['b', [0.7], [0.3]],
      ],
    );
    assert.equal(found.baseline?.members.length, 3);
  }
});

test('columns of any name are mapped, quoted or not, and lower can mean member', async () => {
  const declared = {
    columns: { score: 'my loss', isMember: 'seen', split: 'part', group: 'clinic', recordId: 'who' },
    higherMeansMember: false,
  };
  const text =
    '"who","my loss","seen","part","clinic"\n"a,1",0.25,True,eval,"north, upper"\nb,0.5,False,evaluation,south\nc,0.75,false,cal,south\nd,1e-3,TRUE,calibration,south\n';
  const found = await scores('mapped.csv', text, declared);
  assert.deepEqual([[...found.members], [...found.nonMembers]], [[-0.25], [-0.5]]);
  assert.deepEqual(
    found.groups?.map(({ group }) => group),
    ['north, upper', 'south'],
  );
  assert.equal(found.duplicateRecords, 0);
});

test('rows read quickly and rows read slowly are the same rows', async () => {
  const random = seededRandom(4);
  const values = Array.from({ length: 5000 }, () => (random() - 0.5) * 10 ** Math.floor(random() * 8 - 4));
  const table = (number: (value: number) => string, label: (member: boolean) => string): string =>
    `score,is_member\n${values.map((value, i) => `${number(value)},${label(i % 2 === 0)}`).join('\n')}`;
  const quick = await scores(
    'quick.csv',
    table(String, (m) => (m ? '1' : '0')),
  );
  for (const [name, text] of Object.entries({
    'quoted.csv': table(
      (value) => `"${value}"`,
      (m) => (m ? '"1"' : '"0"'),
    ),
    'spaced.csv': table(
      (value) => ` ${value} `,
      (m) => (m ? ' member' : ' out'),
    ),
    'long.csv': table(
      (value) => `${value.toPrecision(17)}`,
      (m) => (m ? '1.0' : '0.0'),
    ),
  })) {
    const slow = await scores(name, text);
    assert.deepEqual(slow.members, quick.members, name);
    assert.deepEqual(slow.nonMembers, quick.nonMembers, name);
  }
});

test('a row across two reads of the file is one row', async () => {
  const count = 150_000;
  const text = `record_id,score,is_member\n${Array.from({ length: count }, (_, i) => `r${i},${(i % 1000) / 1000},${i % 2}`).join('\n')}\n`;
  assert.ok(text.length > 2 * 2 ** 20);
  const found = await scores('long-file.csv', text);
  assert.equal(found.members.length + found.nonMembers.length, count);
  assert.equal(found.duplicateRecords, 0);
  const twice = await scores('twice.csv', `${text}r5,0.5,1\nr8,0.5,0\n`);
  assert.equal(twice.duplicateRecords, 2);
});

test('what is wrong with a score file is one line with its place', async () => {
  const head = 'score,is_member,split,group\n';
  const good = '0.5,1,evaluation,a\n0.4,0,evaluation,a\n';
  const cases: [string, string, RegExp][] = [
    [
      'comma.csv',
      `${head}${good}"0,93",1,evaluation,a\n`,
      /the score is "0,93", not a finite number at comma\.csv:4 \(Write it with a decimal point/,
    ],
    ['nan.csv', `${head}${good}nan,1,evaluation,a\n`, /the score is "nan", not a finite number at nan\.csv:4/],
    ['inf.csv', `${head}${good}-inf,1,evaluation,a\n`, /the score is "-inf".*inf\.csv:4/],
    ['huge.csv', `${head}${good}1e999,1,evaluation,a\n`, /not a finite number at huge\.csv:4/],
    ['empty.csv', `${head}${good},1,evaluation,a\n`, /the score is "".*empty\.csv:4/],
    ['label.csv', `${head}${good}0.1,2,evaluation,a\n`, /is_member is "2" at label\.csv:4/],
    [
      'split.csv',
      `${head}${good}0.1,1,training,a\n`,
      /split is "training" at split\.csv:4.*Use calibration and evaluation/,
    ],
    ['short.csv', `${head}${good}0.1,1\n`, /the row has 2 columns, the header 4 at short\.csv:4/],
    ['long.csv', `${head}${good}0.1,1,evaluation,a,b\n`, /the row has 5 columns, the header 4 at long\.csv:4/],
    ['one.csv', 'score,is_member\n0.5,1\n0.4,1\n', /all 2 records are members/],
    [
      'cal.csv',
      'score,is_member,split\n0.5,1,eval\n0.4,0,eval\n0.4,0,cal\n',
      /all 1 calibration records are non-members/,
    ],
    ['none.csv', 'score,is_member,split\n0.5,1,cal\n0.4,0,cal\n', /every record is for calibration/],
    ['partgroup.csv', `${head}${good}0.1,1,evaluation,\n`, /1 records have no group/],
    [
      'many.csv',
      `score,is_member,group\n${Array.from({ length: 60 }, (_, i) => `0.5,${i % 2},g${i}`).join('\n')}`,
      /more than 50 groups/,
    ],
    ['unclosed.csv', 'score,is_member\n"0.5,1\n', /not a CSV row at unclosed\.csv:2/],
  ];
  for (const [name, text, expected] of cases) assert.match(await rejected(name, text), expected, name);
});
