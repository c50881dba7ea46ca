import assert from 'node:assert/strict';
import test from 'node:test';
import type { AccessMap } from '../../src/evidence/accessMap.ts';
import { sourceDeclaration } from '../../src/evidence/declaration.ts';
import type { Located } from '../../src/evidence/observation.ts';
import type { IdentityBody } from '../../src/evidence/observations/access.ts';
import { assessedFiles, resultOf } from '../support/assessing.ts';
import { read } from '../support/reading.ts';
import { scratch, write } from '../support/workspace.ts';

/* Listings of identities whose columns the workspace names. */

const folder = scratch();

const COLUMNS = {
  id: 'Account',
  type: 'Kind',
  owner: 'Owner',
  active: 'Enabled',
  lastUsed: 'Last sign-in',
  credentialCreated: 'Key made',
  credentialExpires: 'Key ends',
};
const HEADER = 'Account,Kind,Owner,Enabled,Last sign-in,Key made,Key ends,Comment';
const BOT = 'svc-rag,machine,Ada Byron,yes,2026-09-20,2026-09-01,2026-11-30,nightly';

async function reading(text: string, access: AccessMap = { columns: COLUMNS }, name = 'listing.csv') {
  write(folder, { [name]: text });
  const source = sourceDeclaration.parse({ match: name, collected: '2026-09-25', access });
  const { entry, reading: found } = await read(folder, name, [source]);
  const observations = found?.observations ?? [];
  const identities = observations.filter((one): one is Located<IdentityBody> => one.kind === 'identity');
  return { entry, observations, identities };
}

async function refusal(text: string, access?: AccessMap, name?: string): Promise<string> {
  const { entry, observations } = await reading(text, access, name);
  assert.equal(entry.accepted, false, 'it was accepted');
  assert.equal(observations.length, 0);
  return entry.reason ?? '';
}

test('a listing is what its columns say, whatever separates them; columns that nobody named are listed', async () => {
  const comma = await reading(`${HEADER}\n${BOT}\n`);
  assert.ok(comma.entry.accepted, comma.entry.reason);
  assert.equal(comma.entry.format, 'access-table');
  const [bot] = comma.identities;
  assert.deepEqual(
    [bot?.id, bot?.type, bot?.owner, bot?.active, bot?.lastUsed, bot?.collected, bot?.at],
    ['svc-rag', 'machine', 'Ada Byron', true, '2026-09-20', '2026-09-25', 'line 2'],
  );
  assert.deepEqual(bot?.credentials, [
    {
      id: 'svc-rag/credential-1',
      type: 'credential',
      active: true,
      created: '2026-09-01',
      expires: '2026-11-30',
      statesUse: false,
    },
  ]);
  assert.ok(comma.entry.warnings.some((one) => /not used: Comment$/.test(one)));
  const other = `${HEADER}\n${BOT}\n`;
  const forms: Record<string, string | Uint8Array> = {
    'semi.csv': other.replaceAll(',', ';'),
    'tab.tsv': other.replaceAll(',', '\t'),
    'excel.csv': `\u{feff}sep=;\r\n${other.replaceAll(',', ';').replaceAll('\n', '\r\n')}`,
    'list.json': JSON.stringify([Object.fromEntries(HEADER.split(',').map((name, i) => [name, BOT.split(',')[i]]))]),
    'lines.jsonl': `${JSON.stringify(Object.fromEntries(HEADER.split(',').map((name, i) => [name, BOT.split(',')[i]])))}\n`,
  };
  for (const [name, text] of Object.entries(forms)) {
    const found = await reading(String(text), undefined, name);
    assert.ok(found.entry.accepted, `${name}: ${found.entry.reason}`);
    assert.deepEqual({ ...found.identities[0], at: '' }, { ...bot, at: '' }, name);
  }
});

test('rows of one identity are put together, and contradict each other in nothing', async () => {
  const access: AccessMap = {
    columns: { id: 'user', type: 'type', roles: 'role', resources: 'store', actions: 'may', credentialId: 'key' },
  };
  const { identities, entry } = await reading(
    'user,type,role,store,may,key\na,machine,reader,docs,read; list,k1\na,machine,writer,docs,write,k1\nb,,,,,k2\n',
    access,
  );
  assert.ok(entry.accepted, entry.reason);
  const [a, b] = identities;
  assert.deepEqual(a?.roles, ['reader', 'writer']);
  assert.deepEqual(a?.entitlements, [
    { actions: ['read', 'list'], resources: ['docs'] },
    { actions: ['write'], resources: ['docs'] },
  ]);
  assert.deepEqual(
    a?.credentials.map(({ id }) => id),
    ['k1'],
  );
  assert.deepEqual(
    [b?.type, b?.statesType, b?.entitlements, b?.statesCredentials],
    ['unknown', undefined, undefined, false],
  );
  assert.match(await refusal(`${HEADER}\n${BOT}\n${BOT}\n`), /"svc-rag" stands twice .* first at 2 .*listing\.csv:3/);
  assert.match(
    await refusal('user,type,role,store,may,key\na,machine,r,,,\na,human,w,,,\n', access),
    /"a" has type "human" here and "machine" at 2 at listing\.csv:3/,
  );
});

test('what cannot be read is refused with line and column, and says what to do', async () => {
  const row = (change: Record<number, string>): string =>
    `${HEADER}\n${BOT.split(',')
      .map((cell, i) => change[i] ?? cell)
      .join(',')}\n`;
  const ambiguous = await refusal(row({ 4: '03/04/2026' }));
  assert.match(ambiguous, /column "Last sign-in" is "03\/04\/2026".*listing\.csv:2.*dates: day-first/);
  const cases: [Record<number, string>, RegExp][] = [
    [{ 0: '' }, /column "Account" is "".*every row needs an identity/],
    [{ 1: 'Principal' }, /"Principal", neither human nor machine.*values: \{type: \{Principal: machine\}\}/],
    [{ 3: 'perhaps' }, /"perhaps", neither true nor false/],
    [{ 4: '46291' }, /which is no date/],
    [{ 4: '2026-02-30' }, /no such day/],
    [{ 4: '11/12/26' }, /which is no date/],
  ];
  for (const [change, expected] of cases) assert.match(await refusal(row(change)), expected);
  assert.match(
    await refusal('Account,Kind\na,machine\n'),
    /there is no column "Owner" \(for owner\) among: Account, Kind/,
  );
  assert.match(await refusal(`${HEADER}\n`), /lists no identity/);
  assert.equal((await reading('')).entry.code, 'EVIDENCE_EMPTY');
  assert.match(await refusal(`${HEADER},Owner\n${BOT},x\n`), /two columns are called "Owner"/);
  assert.match(await refusal('{"users": [{"Account": "a"}]}', undefined, 'nested.json'), /.+/);
  assert.match(
    await refusal('[{"Account": {"id": "a"}}]', undefined, 'deep.json'),
    /"Account" \(for id\) is a set of fields/,
  );
});

test('dates, true and false, and the words of a file are read as they are declared, or where there is no doubt', async () => {
  const date = async (text: string, dates?: 'day-first' | 'month-first'): Promise<string | undefined> => {
    const access: AccessMap = { columns: { id: 'a', lastUsed: 'd' }, ...(dates ? { dates } : {}) };
    const { identities, entry } = await reading(`a;d\nx;${text}\n`, access);
    assert.ok(entry.accepted, entry.reason);
    return identities[0]?.lastUsed;
  };
  assert.equal(await date('03/04/2026', 'day-first'), '2026-04-03');
  assert.equal(await date('03/04/2026', 'month-first'), '2026-03-04');
  for (const text of [
    '30.09.2026',
    '09/30/2026',
    '2026/09/30',
    '30 Sep 2026',
    'September 30, 2026 4:15 PM',
    '30-SEP-2026',
  ])
    assert.equal(await date(text), '2026-09-30', text);
  assert.equal(await date('2026-09-30 14:05:01 +0200'), '2026-09-30T14:05:01+02:00');
  for (const text of ['', 'N/A', 'never', '(null)']) assert.equal(await date(text), undefined, text);
  const active = async (text: string): Promise<boolean | undefined> => {
    const { identities } = await reading(`a\te\nx\t${text}\n`, {
      columns: { id: 'a', active: 'e' },
      values: { active: { Deprovisioned: false } },
    });
    return identities[0]?.statesActive ? identities[0].active : undefined;
  };
  for (const text of ['TRUE', 'yes', '1', 'Enabled', 'WAHR', 'y']) assert.equal(await active(text), true, text);
  for (const text of ['False', 'no', '0', 'disabled', 'FALSCH', 'deprovisioned'])
    assert.equal(await active(text), false, text);
  assert.equal(await active(''), undefined);
});

/** The state of a control with a listing and its map, in YAML. */
async function stateWith(control: string, text: string, access: string): Promise<string> {
  const assessment = await assessedFiles(
    { 'evidence/listing.csv': text },
    `sources: [{match: "evidence/listing.csv", collected: 2026-09-25, access: ${access}}]\n`,
  );
  const { state } = resultOf(assessment, control);
  return state;
}

const MAP = `{columns: {${Object.entries(COLUMNS)
  .map(([field, column]) => `${field}: "${column}"`)
  .join(', ')}}}`;
const WHOLE = MAP.replace(/\}$/, ', complete: [credentials]}');

test('ages of keys pass where a listing has them all, fail by one, and are not shown by a listing without them', async () => {
  const old = BOT.replace('2026-09-01', '2025-01-01');
  assert.equal(await stateWith('ACC-03', `${HEADER}\n${BOT}\n`, WHOLE), 'satisfied');
  assert.equal(await stateWith('ACC-03', `${HEADER}\n${BOT}\n`, MAP), 'not-assessed');
  assert.equal(await stateWith('ACC-03', `${HEADER}\n${BOT}\n${old.replace('rag', 'old')}\n`, MAP), 'not-satisfied');
  // No column of keys, a blank where one is, and a word for what nobody knows.
  assert.equal(
    await stateWith('ACC-03', 'Account,Kind\na,machine\n', '{columns: {id: Account, type: Kind}}'),
    'not-assessed',
  );
  for (const word of ['', 'unknown'])
    assert.equal(
      await stateWith('ACC-03', `${HEADER}\n${BOT.replace('2026-09-01', word)}\n`, WHOLE),
      'not-assessed',
      JSON.stringify(word),
    );
  assert.equal(await stateWith('ACC-03', `${HEADER}\n${BOT.replace('2026-11-30', 'never')}\n`, WHOLE), 'not-satisfied');
});

test('owners, use, rights and root: what is there decides, what is not there does not', async () => {
  assert.equal(await stateWith('ACC-01', `${HEADER}\n${BOT}\n`, MAP), 'satisfied');
  assert.equal(await stateWith('ACC-01', `${HEADER}\n${BOT.replace('Ada Byron', '')}\n`, MAP), 'not-satisfied');
  assert.equal(await stateWith('ACC-01', 'Account\na\n', '{columns: {id: Account}}'), 'not-assessed');
  const rights = 'a,t,may,on,kind,where,s\nrag,machine,read,docs,data,retrieval-store,internal\n';
  const map =
    '{columns: {id: a, type: t, actions: may, resources: on, resourceType: kind, resourceSurface: where, sensitivity: s}';
  assert.equal(await stateWith('ACC-04', rights, `${map}, complete: [rights]}`), 'satisfied');
  assert.equal(await stateWith('ACC-10', rights, `${map}, complete: [rights]}`), 'satisfied');
  for (const control of ['ACC-04', 'ACC-10']) assert.equal(await stateWith(control, rights, `${map}}`), 'not-assessed');
  const all = rights.replace('read,docs', 'Full control,All');
  assert.equal(await stateWith('ACC-04', all, `${map}, complete: [rights]}`), 'not-satisfied');
  for (const blank of [',docs', 'read,', 'unknown,unknown'])
    assert.equal(
      await stateWith('ACC-04', rights.replace('read,docs', blank), `${map}, complete: [rights]}`),
      'not-assessed',
      blank,
    );
  const root = 'a,t,r,m\nroot,human,yes,yes\n';
  const owner = '{columns: {id: a, type: t, root: r, admin: r, mfa: m}}';
  assert.equal(await stateWith('ACC-12', root, owner), 'not-assessed');
  // Somebody whom nobody calls a person or a machine, and who administers without a second factor.
  const nobody = 'a,t,r,m\nroot,human,no,yes\nx,,yes,no\n';
  assert.equal(await stateWith('ACC-12', nobody, '{columns: {id: a, type: t, admin: r, mfa: m}}'), 'not-satisfied');
});

test('a map that names nothing, or says that all of nothing is listed, is refused when the workspace is read', () => {
  const error = (access: unknown): string =>
    sourceDeclaration.safeParse({ match: 'x', access }).error?.issues[0]?.message ?? '';
  assert.match(error({ columns: { name: 'n' } }), /has to name the column of id/);
  assert.match(error({ columns: { id: 'n' }, complete: ['credentials'] }), /no column shows whether there is one/);
  for (const field of ['credentialExpires', 'credentialLastUsed'])
    assert.match(error({ columns: { id: 'n', [field]: 'e' }, complete: ['credentials'] }), /shows whether/, field);
  assert.match(error({ columns: { id: 'n', assumes: 'a' }, complete: ['rights'] }), /no column holds roles/);
  assert.match(error({ columns: { id: 'n' }, complete: ['rights'] }), /no column holds roles/);
  assert.notEqual(error({ columns: { id: 'n', colour: 'x' } }), '');
});

test('a name that no object of JSON has rejects the file, as it does a table: what it holds would look like none', async () => {
  const access: AccessMap = { columns: { id: 'name', resources: 'on', actions: 'may' }, complete: ['rights'] };
  const misspelt = [{ name: 'svc', On: '*', may: '*' }, { name: 'bot' }];
  assert.match(await refusal(JSON.stringify(misspelt), access, 'l.json'), /no object has "on" \(for resources\)/);
  const lines = misspelt.map((one) => `${JSON.stringify(one)}\n`).join('');
  assert.match(await refusal(lines, access, 'l.jsonl'), /no object has "on"/);
  const { entry } = await reading(
    JSON.stringify([{ name: 'svc', on: null, may: null }, { name: 'bot' }]),
    access,
    'l.json',
  );
  assert.ok(entry.accepted, entry.reason);
});

test('a row that says of a credential that there is none, and when it was made, is refused', async () => {
  const access: AccessMap = {
    columns: { id: 'name', credentialType: 'key', credentialCreated: 'made', credentialActive: 'on' },
    complete: ['credentials'],
  };
  const rows = (row: string): string => `name,key,made,on\n${row}\n`;
  for (const row of ['svc,none,2019-01-01,', 'svc,none,,yes'])
    assert.match(await refusal(rows(row), access), /column "key" is "none", and its row tells of a credential/, row);
  for (const row of ['svc,none,,', 'svc,none,,no', 'svc,none,never,'])
    assert.deepEqual((await reading(rows(row), access)).identities[0]?.credentials, [], row);
});
