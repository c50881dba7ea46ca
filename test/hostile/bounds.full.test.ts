import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { zipSync } from 'fflate';
import { parseYaml } from '../../src/files/yaml.ts';
import { ROOT, scratch, write } from '../support/workspace.ts';

/* Time and memory grow with the size of a file and no faster, whatever its structure. */

// A megabyte takes less than two seconds of a free processor; these tests share theirs. What grew with the square took minutes.
const LIMIT = { seconds: 8, megabytes: 500 };
const MEGABYTE = 1_000_000;

interface Taken {
  name: string;
  accepted: boolean;
  reason: string;
  seconds: number;
  megabytes: number;
}

/** Reads files one after the other in a fresh process. */
async function readApart(folder: string, files: Record<string, string | Uint8Array>): Promise<Taken[]> {
  write(folder, files);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--expose-gc',
      path.join(ROOT, 'test/hostile/reader.ts'),
      ...Object.keys(files).map((name) => path.join(folder, name)),
    ],
    { maxBuffer: 2 ** 24, timeout: 120_000 },
  );
  return stdout
    .trim()
    .split('\n')
    .map((line): Taken => JSON.parse(line));
}

function within(taken: readonly Taken[]): void {
  for (const { name, seconds, megabytes } of taken) {
    assert.ok(seconds < LIMIT.seconds, `${name} took ${seconds.toFixed(1)} s`);
    assert.ok(megabytes < LIMIT.megabytes, `${name} took ${megabytes.toFixed(0)} MB`);
  }
}

const fill = (piece: string, length = MEGABYTE): string => piece.repeat(Math.ceil(length / piece.length));
const counted = (piece: (i: number) => string): string => {
  const parts: string[] = [];
  for (let i = 0, length = 0; length < MEGABYTE; i++) {
    parts.push(piece(i));
    length += piece(i).length;
  }
  return parts.join('');
};
const HEADER = 'apiVersion: probity/v1\nkind: AccessInventory\n';

/** What may stand in a YAML text a million times. */
const YAML_SHAPES: Record<string, string> = {
  'keys of one flow map': `a: {${counted((i) => `k${i}: 1, `)}}`,
  'keys of one block map': counted((i) => `k${i}: 1\n`),
  'items of one flow list': `a: [${fill('1,')}]`,
  'items of one block list': `a:\n${fill('- 1\n')}`,
  'lists in lists': `a: ${fill('[')}`,
  'maps in maps': `a: ${fill('{a: ')}`,
  dashes: fill('- '),
  'question marks': fill('? '),
  comments: fill('# x\n'),
  'empty lines': `a:${fill('\n')}  b`,
  'spaces in a quoted text': `a: "x${fill(' ')}y\n  z"`,
  'lines of a plain text': `a: x${fill('\n  x')}`,
  'lines of a block text': `a: |\n${fill('  x\n')}`,
  'empty lines of a block text': `a: |\n${fill('\n')}b: 1`,
  anchors: counted((i) => `- &a${i} 1\n`),
  'aliases of as many anchors': counted((i) => `- &a${i} 1\n- *a${i}\n`),
  'the same key': fill('a: 1\n'),
  tags: fill('- !!str 1\n'),
  directives: fill('%x\n'),
  documents: fill('---\n'),
  'empty keys': fill(':\n'),
  'escaped line ends': `a: "${fill('\\\n')}"`,
  'double quotes': fill('"'),
  commas: `a: [${fill(',')}`,
  stars: fill('*a '),
  'digits of one number': `a: ${fill('1')}`,
  'explicit keys': fill('? a\n: b\n'),
  'carriage returns': fill('\r'),
};

test('a YAML file of one megabyte is answered in time, whatever it is made of', async () => {
  const files = Object.fromEntries(
    Object.entries(YAML_SHAPES).map(([name, text]) => [`${name}.yaml`, `${HEADER}${text}`]),
  );
  within(await readApart(scratch(), files));
});

test('aliases do not multiply, and no key is counted twice', () => {
  const laughs = Array.from({ length: 12 }, (_, i) =>
    i === 0 ? 'a0: &a0 [1, 1, 1, 1]' : `a${i}: &a${i} [*a${i - 1}, *a${i - 1}, *a${i - 1}, *a${i - 1}]`,
  ).join('\n');
  const refused = (text: string, message: RegExp, line: number): void =>
    assert.throws(
      () => parseYaml(text, 'x.yaml', 'USAGE'),
      (error: Error & { where?: string }) => message.test(error.message) && error.where === `x.yaml:${line}`,
    );
  refused(laughs, /aliases expand too far/, 7);
  refused('a: &a [*a]', /names no anchor before it/, 1);
  refused('a: 1\nb: 2\na: 3', /the same key twice/, 3);
  refused('{x: {a: 1, "a": 2}}', /the same key twice/, 1);
  refused('a: 1\n---\nb: 2', /more than one document/, 3);
  refused('a:\n  - constructor: 1', /"constructor" is not allowed/, 2);
});

/** What may stand in other texts. */
const OTHER_SHAPES: Record<string, string> = {
  'unfit.json': `{"apiVersion": "probity/v1", "kind": "AccessInventory", "identities": [${fill('1,')}1]}`,
  'unfit-model.json': `{"version": "2.0", "summary": {"title": "t"}, "detail": {"diagrams": [${fill('1,')}1]}}`,
  'deep.json': `{"version": "2.0", "summary": {"title": "t"}, "detail": {"diagrams": ${fill('[')}`,
  'lines.txt': fill('\n'),
  'commas.txt': fill(','),
  'scores.txt': `scores${fill(',')}`,
  'application.txt': fill('"applicationInfo":'),
  'elements.txt': fill('"elements":['),
  'spaces.txt': fill(' '),
  'commas.csv': `score,is_member${fill(',')}\n${fill(',')}`,
  'quotes.csv': `score,is_member\n${fill('"')}`,
  'columns.csv': `score,is_member,${counted((i) => `c${i},`)}\n0.1,1\n`,
  'rows.csv': `score,is_member\n${fill('0.1,1\n')}`,
  'credentials.csv': `user,arn,user_creation_time,${fill('a,')}\n${fill('x\n')}`,
  'lists.report.jsonl': `{"entry_type": "init", "garak_version": "0.13"}\n{"entry_type": "attempt", "status": 2, "probe_classname": "a.B", "detector_results": {"x": [${fill('{},')}0]}}\n`,
  'records.report.jsonl': fill('{"entry_type": "eval"}\n'),
  'detectors.report.jsonl': `{"entry_type": "attempt", "status": 2, "probe_classname": "a.B", "detector_results": {${counted((i) => `"d${i}": [1],`)}"e": [1]}}\n`,
  'promptfoo.json': `{"evalId": "e", "results": {"version": 3, "timestamp": "2026-09-01", "results": [${fill('1,')}1]}}`,
  'leaks.json': `[{"RuleID": "a", "StartLine": 1, "File": "f"},${fill('1,')}1]`,
  'leaks-many.json': `[${fill('{"RuleID": "a", "StartLine": 1, "File": "f"},')}{"RuleID": "a", "File": "f"}]`,
  'truffle.jsonl': fill('{"DetectorName": "a", "SourceMetadata": {"Data": {}}}\n'),
  'access.yaml': fill('apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n---\n'),
  'marks.yaml': `apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n${fill('---\n')}`,
  'bindings.json': `{"apiVersion": "v1", "kind": "List", "items": [${counted((i) => `{"kind": "ClusterRoleBinding", "metadata": {"name": "b${i}"}, "roleRef": {"kind": "ClusterRole", "name": "r${i}"}, "subjects": [{"kind": "Group", "name": "system:serviceaccounts"}, {"kind": "ServiceAccount", "name": "s${i}", "namespace": "n"}]},`)}{"kind": "x", "metadata": {"name": "y"}}]}`,
  'aws-roles.json': `{"UserDetailList": [], "RoleDetailList": [${counted((i) => `{"RoleName": "r${i}", "Arn": "arn:aws:iam::123456789012:role/r${i}", "AssumeRolePolicyDocument": {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}}}, "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "sts:*", "Resource": "arn:aws:iam::*:role/r${i}*"}}}]},`)}{"RoleName": "r", "Arn": "r", "AssumeRolePolicyDocument": {"Statement": []}}]}`,
  'aws-actions.json': `{"UserDetailList": [{"UserName": "u", "Arn": "a", "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": ["${fill('*a', 200_000)}"], "Resource": "${fill('*?', 200_000)}"}]}}]}]}`,
  'mcp.json': `{"mcpServers": {${counted((i) => `"s${i}": {"command": "npx", "args": ["-y", "p@1"]},`)}"x": {}}}`,
  'model.tm7': `<ThreatModel><ThreatInstances>${fill('<a>')}`,
  'pairs.tm7': `<ThreatModel><ThreatInstances>${fill('<p><Key>k</Key><Value><State>x</State></Value></p>')}</ThreatInstances></ThreatModel>`,
  'entities.tm7': `<ThreatModel><ThreatInstances>${fill('&amp;')}</ThreatInstances></ThreatModel>`,
  'composer.json': `{"schema": 1, "applicationInfo": {}, "threats": [${fill('{"id": "t"},')}{"statement": "${fill('leak the training ', 300_000)}"}]}`,
  'links.json': `{"schema": 1, "applicationInfo": {}, "mitigations": [{"id": "m", "content": "c"}], "mitigationLinks": [${fill('{"mitigationId": "m", "linkedId": "t"},')}{"mitigationId": "m", "linkedId": "t"}], "threats": [{"id": "t"}]}`,
  'controls.json': `{"scope": {"title": "t"}, "trust_zones": [], "threats": [${fill('{"symbolic_name": "m", "title": "m"},', 300_000)}{"symbolic_name": "m", "title": "m"}], "controls": [${fill('{"title": "c", "threats": ["m"]},', 300_000)}{"title": "c"}]}`,
  'tracking.yaml': `threagile_version: 1\ntitle: t\nindividual_risk_categories:\n  c:\n    risks_identified:\n${counted(
    (i) => `      r${i}: {}\n`,
  )
    .slice(0, 400_000)
    .replace(/\n[^\n]*$/, '\n')}risk_tracking:\n${counted((i) => `  "c@r${i}": {}\n`)
    .slice(0, 400_000)
    .replace(/\n[^\n]*$/, '\n')}`,
  'states.tfstate': `{"terraform_version": "1", "lineage": "x", "resources": [${fill('{"mode": "managed", "type": "aws_iam_user", "name": "u", "instances": [{"attributes": {"name": "u", "arn": "arn:aws:iam::123456789012:user/u"}}]},')}1]}`,
  'prowler.csv': `CHECK_ID;STATUS;STATUS_EXTENDED\n${fill('a;FAIL;b\n')}`,
  'quotes-prowler.csv': `CHECK_ID;STATUS;STATUS_EXTENDED\n${fill('"')}`,
  'results.sarif': `{"version": "2.1.0", "runs": [{"results": [${fill('{"ruleId": "r"},')}{}]}]}`,
  'policies.json': `{"bindings": [${fill('{"role": "roles/owner", "members": ["user:a", "user:b"]},')}{"role": "roles/owner", "members": []}]}`,
  'promptfoo-deep.json': `{"evalId": "e", "results": {"version": 3, "results": [${fill('[')}`,
};

test('a file of any other format is, too', async () => {
  within(await readApart(scratch(), OTHER_SHAPES));
});

/** A `.npy` header that announces so many values of a type. */
function npy(type: string, count: number, bytes: number): Uint8Array {
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${count},), }`.padEnd(117, ' ');
  const start = Buffer.alloc(10);
  Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]).copy(start);
  start.writeUInt16LE(header.length + 1, 8);
  return Buffer.concat([start, Buffer.from(`${header}\n`), Buffer.alloc(bytes)]);
}

test('an archive that unpacks to far more than it is stays within memory', async () => {
  const [many, tall] = await Promise.all([
    readApart(scratch(), {
      'attack_result_many.npz': zipSync({
        'scores.npy': npy('|i1', 120_000_000, 120_000_000),
        'memberships.npy': npy('|i1', 120_000_000, 120_000_000),
      }),
    }),
    readApart(scratch(), {
      'attack_result_tall.npz': zipSync({
        'scores.npy': npy('<f8', 40_000_000, 320_000_000),
        'memberships.npy': npy('|b1', 40_000_000, 40_000_000),
      }),
    }),
  ]);
  for (const taken of [...many, ...tall]) {
    assert.equal(taken.accepted, false);
    assert.ok(taken.megabytes < LIMIT.megabytes, `${taken.name} took ${taken.megabytes.toFixed(0)} MB`);
  }
});
