import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { PDFDocument } from '@cantoo/pdf-lib';
import { unzipSync } from 'fflate';
import { serialiseAssessment } from '../../src/assess/assessment.ts';
import { parseYaml } from '../../src/files/yaml.ts';
import { loadPkcs12 } from '../../src/sign/keys/pkcs12.ts';
import { sealPdf } from '../../src/sign/pdf/seal.ts';
import { createTrialSigner } from '../../src/sign/trial.ts';
import { visibleJson } from '../../src/visible.ts';
import { ANSWER_SOURCES, filesWithAnswers } from '../support/answers.ts';
import { COMMANDS } from '../support/calls.ts';
import { exampleAssessment } from '../support/example.ts';
import { FLEET_AS_OF, FleetCommands } from '../support/fleet.ts';
import { ask, judgeHere } from '../support/judges.ts';
import { MARK, markedExamples, SEEN, UNSEEN } from '../support/marked.ts';
import { serverHere, startRedis } from '../support/servers.ts';
import { changed } from '../support/workbooks.ts';
import { AS_OF, probity, ROOT, scratch, workspaceYaml, write } from '../support/workspace.ts';

/*
 * Every command, and every file that one writes, with the mark in everything that it reads: names of files and folders,
 * arguments, workspace, evidence, controls, policies, responses, signers and their roles, metadata of PDF and XML. A command
 * that is new has a line in VOICES.
 */

const folder = scratch();
const PASSPHRASE = 'correct horse';
const root = path.join(folder, `work ${MARK}`);
const pack = path.join(root, `pack ${MARK}`);
const identity = path.join(root, `signer ${MARK}.p12`);
const home = path.join(root, `home ${MARK}`);
const digest = 'ab'.repeat(32);
/** Columns of the gaps that people fill in. */
const MARKED_COLUMNS = ['Owner', 'Due date', 'Risk acceptance'];
let calls = 0;

/** Lines of an output hold nothing unseen, and none is one that an input wrote. */
function speaksAlone(what: string, text: string): void {
  for (const line of text.split('\n')) {
    const found = UNSEEN.exec(line);
    assert.equal(
      found,
      null,
      `${what}: ${JSON.stringify(line.slice(Math.max(0, (found?.index ?? 0) - 120)).slice(0, 300))}`,
    );
    assert.doesNotMatch(line, /^\s*FORGED/, what);
  }
}

/** A text of markup as whoever shows it reads it. */
function unescaped(text: string): string {
  return text
    .replace(/&#x([0-9a-f]+);/gi, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 16)))
    .replace(/&#(\d+);/g, (_, digits: string) => String.fromCodePoint(Number(digits)))
    .replace(/_x([0-9a-f]{4})_/gi, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 16)));
}

/** Fields of an answer that are printed by whoever takes it; others are names, which stay what they are, in escapes. */
const FOR_PEOPLE = new Set([
  'message',
  'remedy',
  'where',
  'reason',
  'reasons',
  'detail',
  'problem',
  'problems',
  'warning',
  'warnings',
  'found',
  'title',
  'role',
  'signer',
  'why',
]);

/** Texts of a document as whoever reads it prints them; its own may have lines. */
function documentSpeaksAlone(what: string, text: string, only?: ReadonlySet<string>): void {
  const walk = (value: unknown, field: string): void => {
    if (typeof value === 'string' && (only?.has(field) ?? true))
      assert.doesNotMatch(
        value.replace(/[\n\t]/g, ' '),
        UNSEEN,
        `${what}: ${field}: ${JSON.stringify(value.slice(0, 200))}`,
      );
    if (Array.isArray(value)) for (const one of value) walk(one, field);
    else if (typeof value === 'object' && value !== null)
      for (const [key, one] of Object.entries(value)) {
        if (!only) assert.doesNotMatch(key, UNSEEN, `${what}: ${JSON.stringify(key)}`);
        walk(one, key);
      }
  };
  walk(JSON.parse(text), '');
}

/** What a written file says, in each way in which somebody reads it. @returns the texts */
async function fileSpeaksAlone(what: string, name: string, bytes: Buffer): Promise<string> {
  const end = path.extname(name.replaceAll(/[^\x20-\x7e]/g, ''));
  // A signature holds the names of its certificate as they are: verifiers compare them.
  if (what.includes('!_xmlsignatures')) return '';
  if (['.p12', '.zip', '.tsr', '.woff2', '.png', '.bin'].includes(end)) return '';
  if (end === '.xlsx') {
    let all = '';
    for (const [part, content] of Object.entries(unzipSync(bytes)))
      all += await fileSpeaksAlone(`${what}!${part}`, part, Buffer.from(content));
    return all;
  }
  if (end === '.pdf') {
    const copy = path.join(folder, 'copy.pdf');
    writeFileSync(copy, bytes);
    const { text } = await ask('pdftotext', ['-raw', copy, '-']);
    const document = await PDFDocument.load(bytes, { updateMetadata: false });
    const said = [document.getTitle(), document.getAuthor(), document.getSubject(), document.getKeywords()].join(' ');
    // Lines of a page are broken where it ends.
    for (const one of [text.replace(/[\n\f\u00ad]/g, ' '), said]) assert.doesNotMatch(one, UNSEEN, what);
    return text + said;
  }
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  if (['.html', '.xml', '.rels', '.vml', '.svg'].includes(end))
    assert.doesNotMatch(unescaped(text).replace(/[\r\n\t\u00ad]/g, ' '), UNSEEN, what);
  else speaksAlone(what, text.replaceAll('\r\n', '\n').replaceAll('\t', ' '));
  if (/\.(?:json|sarif)$/.test(end)) documentSpeaksAlone(what, text);
  const { payload } = end === '.json' ? (JSON.parse(text) as { payload?: unknown }) : {};
  if (typeof payload === 'string')
    documentSpeaksAlone(`${what}, its payload`, Buffer.from(payload, 'base64').toString());
  return text;
}

async function filesSpeakAlone(what: string, place: string): Promise<string> {
  if (!existsSync(place)) return '';
  let all = '';
  for (const name of readdirSync(place, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(place, name);
    if (statSync(file).isFile())
      all += await fileSpeaksAlone(`${what}, ${JSON.stringify(name)}`, name, readFileSync(file));
  }
  return all;
}

/** Calls a command, and walks what it prints and writes. */
async function voice(args: readonly string[], out: string, env: Record<string, string> = {}): Promise<string> {
  const what = args.map((one) => (/^[\w.:/-]+$/.test(one) ? one : JSON.stringify(one.slice(-40)))).join(' ');
  const { code, stdout, stderr } = await probity(args, {
    cwd: root,
    home,
    env: { PROBITY_PASSPHRASE: PASSPHRASE, ...env },
  });
  assert.ok(stdout.length + stderr.length > 0 || args.includes('--quiet'), what);
  speaksAlone(`${what}, standard output`, stdout);
  speaksAlone(`${what}, standard error`, stderr);
  assert.doesNotMatch(stderr, /INTERNAL|^ {4}at /m, what);
  assert.ok(code >= 0 && code <= 2, `${what}: ${code}`);
  if (args.includes('--json')) documentSpeaksAlone(what, stdout, FOR_PEOPLE);
  return stdout + stderr + (await filesSpeakAlone(what, out));
}

/** The calls of each command, with a place to write to; those that only a queue answers are asked wrongly here. */
const VOICES = new Map<string, (out: string) => readonly (readonly string[])[]>([
  [
    'assess',
    (out) => [
      ['--as-of', AS_OF, '--out', path.join(out, MARK)],
      ['--as-of', AS_OF, '--responses', `responses ${MARK}.yaml`, '--previous', pack, '--out', out],
      ['--as-of', MARK],
      ['--profile', MARK],
      ['--controls', 'refused'],
      ['--controls', MARK],
      ['--config', MARK],
      ['--responses', MARK],
      ['--previous', MARK],
      [MARK],
    ],
  ],
  [
    'catalog coverage',
    () => [
      ['--controls', 'own'],
      ['--controls', MARK],
    ],
  ],
  [
    'catalog export',
    (out) => [
      ['--controls', 'own', '--out', out],
      ['--format', MARK, '--out', out],
    ],
  ],
  [
    'catalog import',
    (out) => [['controls.csv', '--controls', out], [MARK], ['controls.csv', '--controls', out, '--into', MARK]],
  ],
  [
    'catalog lint',
    () => [
      ['--controls', 'refused'],
      ['--controls', 'own'],
      ['--controls', MARK],
    ],
  ],
  [
    'catalog list',
    () => [
      ['--controls', 'own'],
      ['--item', MARK],
      ['--framework', MARK],
    ],
  ],
  [
    'catalog new',
    (out) => [
      ['ORG-07', '--family', 'access', '--title', MARK, '--controls', out],
      [MARK, '--family', MARK, '--controls', out],
      ['ORG-08', '--family', 'access', '--controls', path.join(out, MARK)],
    ],
  ],
  ['catalog show', () => [['ORG-09', '--controls', 'own'], [MARK]]],
  ['catalog techniques', () => [[MARK], ['--controls', 'refused'], ['--surface', MARK]]],
  [
    'compare',
    (out) => [
      ...['text', 'md', 'html', 'json'].map((format) => [
        pack,
        edited,
        '--format',
        format,
        '--out',
        path.join(out, `c.${format}`),
      ]),
      [edited, pack],
      [MARK, MARK],
      [pack, pack, '--trust', MARK],
    ],
  ],
  ['doctor', () => [[], [MARK]]],
  ['evidence formats', () => [[MARK]]],
  ['evidence inspect', () => [...readdirSync(path.join(root, 'evidence')).map((name) => [`evidence/${name}`]), [MARK]]],
  [
    'evidence map',
    () => [[`table ${MARK}.csv`], ['listing.csv', '--as', 'access'], [MARK], ['listing.csv', '--as', MARK]],
  ],
  [
    'evidence summarise',
    (out) => [
      [`evidence/${MARK}.report.jsonl`, '--out', path.join(out, `part ${MARK}`)],
      [`evidence/scores ${MARK}.csv`, '--out', path.join(out, 'scores')],
      [MARK],
      ['listing.csv', '--part', MARK],
    ],
  ],
  [
    'gate',
    (out) => {
      mkdirSync(out, { recursive: true });
      return [
        [
          pack,
          '--policy',
          'policy.yaml',
          '--explain',
          '--markdown',
          path.join(out, 'g.md'),
          '--junit',
          path.join(out, 'g.xml'),
        ],
        [edited, '--fail-on', 'not-assessed', '--explain', '--as-of', '2026-10-30'],
        [pack, '--fail-on', 'not-satisfied', '--signer', MARK, '--artifact', 'listing.csv'],
        [pack, '--policy', MARK],
        [pack, '--artifact', MARK],
        [pack, '--image', MARK],
        [MARK, MARK],
      ];
    },
  ],
  [
    'identity create',
    (out) => [
      ['--name', `Rhea ${MARK}`, '--out', path.join(out, `x ${MARK}.p12`)],
      ['--out', identity],
    ],
  ],
  ['identity show', () => [[identity], [MARK], [identity, '--passphrase-file', MARK]]],
  ['init', (out) => [[path.join(out, MARK), '--name', MARK], [root], ['--kind', MARK]]],
  [
    'open',
    () => [
      [pack, '--print'],
      [MARK, '--print'],
    ],
  ],
  [
    'plan',
    (out) => [
      ...['text', 'md', 'json', 'xlsx'].map((format) => ['--format', format, '--out', path.join(out, `p.${format}`)]),
      ['--commit', '--by', MARK, '--plan', path.join(out, `plan ${MARK}.yaml`), '--identity', identity],
      ['--profile', MARK],
      ['--config', MARK],
    ],
  ],
  [
    'portfolio',
    (out) => [
      [
        pack,
        edited,
        'broken',
        '--allow-unsigned',
        '--format',
        'all',
        '--identity',
        identity,
        '--out',
        path.join(out, MARK),
      ],
      [pack, '--format', 'json', '--trust', MARK, '--out', out],
      [pack, '--tag', MARK, '--out', out],
      [pack, '--owner', MARK, '--out', out],
      [MARK],
    ],
  ],
  [
    'report',
    (out) => [
      [edited, '--format', 'all', '--no-sign', '--out', path.join(out, MARK)],
      [
        path.join(pack, 'assessment.json'),
        '--evidence',
        root,
        '--format',
        'json,md',
        '--identity',
        identity,
        '--out',
        out,
      ],
      ['x.json', '--role', MARK],
      [edited, '--format', MARK],
      [edited, '--template', MARK, '--format', 'html', '--no-sign', '--out', out],
      [MARK],
    ],
  ],
  [
    'responses import',
    (out) => [
      [path.join(pack, 'report.xlsx'), '--out', path.join(out, 'a.yaml')],
      [
        `filled ${MARK}.xlsx`,
        '--assessment',
        path.join(pack, 'assessment.json'),
        '--out',
        path.join(out, `b ${MARK}.yaml`),
      ],
      [`filled ${MARK}.xlsx`, '--assessment', MARK],
      [MARK],
    ],
  ],
  [
    'run',
    (out) => [
      [
        '--as-of',
        AS_OF,
        '--format',
        'all',
        '--show-content',
        '--no-redact',
        '--subject',
        `${MARK}@sha256:${digest}`,
        '--identity',
        identity,
        '--out',
        path.join(out, MARK),
      ],
      [
        '--as-of',
        AS_OF,
        '--format',
        'json,md',
        '--responses',
        `responses ${MARK}.yaml`,
        '--previous',
        edited,
        '--out',
        out,
      ],
      ['--subject', MARK],
      ['--format', MARK],
      ['--identity', MARK, '--out', out],
    ],
  ],
  [
    'sign',
    (out) => [
      [
        path.join(pack, 'report.xlsx'),
        '--identity',
        identity,
        '--role-name',
        MARK,
        '--out',
        path.join(out, `x ${MARK}.xlsx`),
      ],
      [path.join(pack, 'report.pdf'), '--identity', identity, '--role-name', 'God', '--out', path.join(out, 'x.pdf')],
      [path.join(pack, 'report.xlsx'), '--timestamp-url', MARK],
      [MARK],
    ],
  ],
  [
    'verify',
    () => [
      [pack],
      [pack, '--evidence', root],
      ['broken'],
      [edited],
      [`sealed ${MARK}.pdf`],
      [MARK],
      [pack, '--signer', MARK],
      [pack, '--role', MARK],
      [pack, '--trust', MARK],
      [pack, '--evidence', MARK],
      [pack, '--allow-unlisted', MARK],
      [pack, `--${MARK}`],
    ],
  ],
  ...(['submit', 'status', 'cancel', 'work', 'retry'].map((name) => [
    `fleet ${name}`,
    () => [
      ...(name === 'work' ? [] : [[MARK]]),
      ['--queue', MARK],
      ['--queue', `redis://127.0.0.1:1/${MARK}`],
      [`--${MARK}`],
    ],
  ]) satisfies [string, () => string[][]][]),
]);

const edited = path.join(root, `edited ${MARK}.json`);

before(async () => {
  mkdirSync(root);
  const { names, marks } = await markedExamples(root, 'evidence');
  assert.ok(names.length > 20 && marks > 250, `${marks} texts of ${names.length} examples are marked`);
  write(
    path.join(root, 'evidence'),
    Object.fromEntries(Object.entries(filesWithAnswers(`${MARK} ${MARK}`)).map(([name, text]) => [name, text])),
  );
  write(root, {
    'probity.yaml': `${workspaceYaml(ANSWER_SOURCES)
      .replace('name: Tested system', `name: ${visibleJson(MARK)}`)
      .replace(
        '{name: Tester}',
        `{name: ${visibleJson(MARK)}, contact: ${visibleJson(MARK)}}`,
      )}  - {match: "evidence/scores*", technique: likelihood-ratio, surface: model-api, target: m, collected: 2026-09-01, probe: ${visibleJson(MARK)}, duplicates: removed}
organisation: ${visibleJson(MARK)}
classification: ${visibleJson(MARK)}
description: ${visibleJson(MARK)}
data: [{name: ${visibleJson(MARK)}, sensitivity: ${visibleJson(MARK)}}]
tags: {unit: ${visibleJson(MARK)}}
models: [{id: m, version: ${visibleJson(MARK)}, provider: ${visibleJson(MARK)}, deployed: 2026-07-01, targets: [m]}]
ignoredTargets: [{target: ${visibleJson(MARK)}, reason: ${visibleJson(MARK)}}]
controls: [own]
`,
    [`evidence/${MARK}.json`]: JSON.stringify({ [MARK]: MARK }),
    [`evidence/${MARK}/deep.json`]: JSON.stringify({ [MARK]: MARK }),
    [`evidence/${MARK}.report.jsonl`]: [
      { entry_type: 'init', garak_version: MARK, start_time: '2026-09-01T00:00:00' },
      { entry_type: 'eval', probe: MARK, detector: MARK, passed: 1, total: 2 },
      {
        entry_type: 'eval',
        probe: `leakreplay.${MARK}`,
        detector: MARK,
        passed: 1,
        total_evaluated: 2,
        fails: 1,
        nones: 0,
      },
    ]
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
    [`evidence/scores ${MARK}.csv`]: `record_id,score,is_member,group\n${Array.from({ length: 400 }, (_, i) => `r${i},${(i % 97) / 97},${i % 2},"${MARK}"\n`).join('')}`,
    'evidence/model.json': JSON.stringify({
      version: '2.0',
      summary: { title: MARK, owner: MARK },
      detail: {
        contributors: [{ name: MARK }],
        diagrams: [
          {
            title: MARK,
            cells: [
              {
                data: {
                  name: MARK,
                  threats: ['Open', MARK].map((status) => ({
                    title: `membership inference ${MARK}`,
                    type: MARK,
                    status,
                    severity: MARK,
                    mitigation: MARK,
                    description: `${MARK} membership inference`,
                  })),
                },
              },
            ],
          },
        ],
      },
    }),
    'evidence/log.yaml': `apiVersion: probity/v1\nkind: ChangeLog\nchanges:\n  - {${visibleJson(MARK)}: 1}\n`,
    'evidence/metadata.tm7': `<ThreatModel xmlns="http://schemas.datacontract.org/2004/07/ThreatModeling.Model"><MetaInformation><Owner>&#x202e;&#xA;${SEEN} by God</Owner></MetaInformation></ThreatModel>`,
    'evidence/junit.xml': `<?xml version="1.0"?><?&#x202e;?><a b="&#x202e;&#xA;${SEEN}"/>`,
    'listing.csv': `"${MARK}",user,last login\n"${MARK}","${MARK}",2026-09-01\n`,
    [`table ${MARK}.csv`]: `"score ${MARK}",is_member\n0.1,"${MARK}"\n`,
    'controls.csv': `id,title,family,objective,Model inversion: consequence,Membership inference: consequence\nORG-01,"${MARK}",Access,"${MARK}","${MARK}","${MARK}"\n"${MARK}",a,Access,b,c,d\n`,
    'refused/x.yaml': `apiVersion: probity/v1\nkind: ${visibleJson(MARK)}\n`,
    [`refused/${MARK}.yaml`]: `${visibleJson(MARK)}: [\n`,
    'policy.yaml': `apiVersion: probity/v1\nkind: GatePolicy\nname: ${visibleJson(MARK)}\n`,
    [`responses ${MARK}.yaml`]: `apiVersion: probity/v1\nkind: Responses\nresponses:\n  - {finding: MI-02.membership-inference, owner: ${visibleJson(MARK)}, status: open, response: ${visibleJson(MARK)}, acceptance: {reason: ${visibleJson(MARK)}, approver: ${visibleJson(MARK)}, expires: 2026-12-01}}\nrequests: []\n`,
  });
  const control = parseYaml(
    readFileSync(path.join(ROOT, 'controls/membership-inference/MI-02.yaml'), 'utf8'),
    'x',
    'USAGE',
  ).value as Record<string, unknown>;
  write(root, {
    'own/ORG-09.yaml': visibleJson(
      JSON.parse(JSON.stringify({ ...control, id: 'ORG-09', title: MARK, objective: MARK }), (key, value: unknown) =>
        ['statement', 'consequence', 'reason', 'what'].includes(key) ? `${value} ${MARK}` : value,
      ),
      1,
    ),
  });
  await createTrialSigner(identity, PASSPHRASE, `Rhea ${MARK}`);
  const plain = await PDFDocument.create();
  plain.addPage().drawText('x');
  for (const set of ['setTitle', 'setAuthor', 'setSubject', 'setCreator', 'setProducer'] as const) plain[set](MARK);
  const signer = await loadPkcs12(identity, PASSPHRASE);
  const sealed = await sealPdf(await plain.save({ useObjectStreams: false }), signer, {
    role: `approver ${MARK}`,
    time: new Date(),
  });
  const assessment = structuredClone(await exampleAssessment());
  assessment.system.name = MARK;
  for (const entry of assessment.evidence) Object.assign(entry, { accepted: false, reason: MARK, path: MARK });
  for (const finding of assessment.findings) finding.title = MARK;
  write(root, { [`sealed ${MARK}.pdf`]: sealed, [`edited ${MARK}.json`]: serialiseAssessment(assessment) });
  const made = await probity(
    ['run', '--as-of', AS_OF, '--format', 'all', '--show-content', '--identity', identity, '--out', pack],
    {
      cwd: root,
      home,
      env: { PROBITY_PASSPHRASE: PASSPHRASE },
    },
  );
  assert.equal(made.code, 0, made.stderr);
  cpSync(pack, path.join(root, 'broken'), { recursive: true });
  write(path.join(root, 'broken'), { [`more ${MARK}.txt`]: MARK, 'report.html': MARK, 'summary.md': MARK });
  write(root, {
    [`filled ${MARK}.xlsx`]: await changed(readFileSync(path.join(pack, 'report.xlsx')), ({ cell }, workbook) => {
      for (const column of MARKED_COLUMNS) cell(1, column).value = MARK;
      workbook.addWorksheet('More').getCell('A1').value = MARK;
      workbook.creator = MARK;
    }),
  });
});

test('every command has its calls with marked inputs', () => {
  assert.deepEqual([...VOICES.keys()].sort(), COMMANDS, 'a new command has a line in VOICES');
});

test('what a pack holds speaks alone, in every format', async (t) => {
  if (!judgeHere('pdftotext', t)) return;
  const said = await filesSpeakAlone('pack', pack);
  assert.match(said, /<U\+202E>/);
});

test('no command prints or writes what an input says in a way that it could be ours', async (t) => {
  if (!judgeHere('pdftotext', t)) return;
  for (const [command, make] of VOICES) {
    let said = '';
    for (const more of [[], ['--json']])
      for (const [index] of make(path.join(root, 'unused')).entries()) {
        const out = path.join(root, `out-${calls++}`);
        said += await voice([...command.split(' '), ...(make(out)[index] ?? []), ...more], out);
      }
    assert.ok(said.includes(SEEN), `no call of ${command} says anything of its inputs`);
  }
});

test('a fleet of marked systems speaks alone, whatever becomes of them', async (t) => {
  if (!serverHere('redis', t)) return;
  const redis = await startRedis(path.join(folder, 'redis'));
  const commands = new FleetCommands(redis.port, root);
  after(async () => {
    await commands.stop();
    await redis.stop();
  });
  write(root, {
    'systems.yaml': `apiVersion: probity/v1\nkind: Fleet\nresults: ${visibleJson(`results ${MARK}`)}\ndefaults: {asOf: ${FLEET_AS_OF}, format: [json]}\nsystems:\n  - {id: good, config: probity.yaml}\n  - {id: bad, config: ${visibleJson(`none ${MARK}.yaml`)}}\n`,
  });
  const env = { PROBITY_QUEUE: commands.queue };
  const out = path.join(root, `results ${MARK}`);
  let said = '';
  for (const args of [
    ['submit', 'systems.yaml'],
    ['status', 'systems.yaml'],
    ['cancel', 'systems.yaml'],
    ['submit', 'systems.yaml'],
  ])
    said += await voice(['fleet', ...args], out, env);
  const worker = commands.start(['--no-sign', '--evidence-root', root, '--results-root', root]);
  for (let i = 0; i < 240; i++) {
    const { counts } = await commands.status();
    if (counts.queued + counts.running === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  for (const args of [
    ['status', 'systems.yaml'],
    ['status', '--json'],
    ['retry', 'bad'],
    ['retry', MARK],
    ['retry', '--json'],
  ])
    said += await voice(['fleet', ...args], out, env);
  worker.process.kill('SIGTERM');
  await worker.ended;
  speaksAlone('fleet work', worker.output());
  assert.ok((said + worker.output()).includes(SEEN));
});
