import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { unzipSync } from 'fflate';
import { type Assessment, assessmentSchema } from '../../src/assess/assessment.ts';
import { ask, judgeHere } from '../support/judges.ts';
import { probity, ROOT, type Run, scratch } from '../support/workspace.ts';

/*
 * Ten kinds of team, each with the files that such a team has, from the evidence to the signed pack and the gate. What is
 * asserted is what an auditor asks: is every file known, does what leaks fail, is what nobody tested not assessed, is a
 * statement called one, and does no secret come out.
 */

const AS_OF = '2026-11-30';
const TOOLS = 'test/evidence/fixtures/tools';
const root = scratch();
const home = path.join(root, 'home');

type State = 'satisfied' | 'not-satisfied' | 'not-assessed' | 'not-applicable';
/** A control with the first letter of its class, its state, then a reason or a basis, and a text of its detail. */
type Telling = [control: string, state: State, why: string | undefined, says: RegExp];

interface Team {
  kind: string;
  /** What tools wrote, by name below `evidence/`. */
  files: Record<string, string>;
  /** The format of every file that is accepted; there are no others. */
  formats: Record<string, string>;
  verdicts: [membership: State, inversion: State];
  telling: Telling[];
  /** Tests that no probe map explains: they are listed, and count for nothing. */
  unmapped?: string[];
  /** What the reading of the files says of them. */
  warnings?: RegExp[];
}

/** Secrets of the files, in the form in which their tools wrote them. */
const SECRETS = [
  'pX4sTr8mQe2v',
  'k3Jq8Zt1Vw6Yp0Nd5Rb2Hx7Lc4Mf9Gs',
  'TXkgd29yZHMgYXJl',
  'Vq7ZtB2nLxW9',
  'ward-root-Kp3vXw8nQz5r',
  'mH7tQx2vLc9ZbR4k',
  'Rq7~wT4nZk9pLx2vBd',
  'Wq8rTn3vKx6pZb1m',
  'DE89370400440532013000',
];

const TEAMS: readonly Team[] = [
  {
    kind: 'cloud-only',
    files: {
      'authorization-details.json': `${TOOLS}/aws/authorization-details.json`,
      'credential-report.json': `${TOOLS}/aws/credential-report.json`,
      'gitleaks.json': `${TOOLS}/gitleaks/git.json`,
    },
    formats: {
      'access-analyzer.json': 'aws-access-analyzer',
      'authorization-details.json': 'aws-authorization-details',
      'credential-report.json': 'aws-iam-credential-report-json',
      'gitleaks.json': 'gitleaks',
      'prowler.csv': 'prowler-csv',
    },
    verdicts: ['not-satisfied', 'not-satisfied'],
    telling: [
      ['ACC-04 i', 'not-satisfied', undefined, /pipeline .*AdministratorAccess/],
      ['ACC-11 m', 'not-satisfied', undefined, /4 findings of 4: curl-auth-user in docs\/try\.md:3/],
      // None of them was used yet; they are new, and no use is claimed.
      ['ACC-07 m', 'satisfied', 'record', /used, or made, within the limit/],
      ['ACC-01 m', 'not-assessed', 'no-evidence', /6 identities of 7 the inventory does not say who owns it/],
      ['MI-01 m', 'not-assessed', 'no-evidence', /No test of this class/],
      ['INV-01 i', 'not-assessed', 'no-evidence', /No test of this class/],
      ['GOV-01 m', 'not-assessed', 'no-evidence', /No threat model/],
    ],
    warnings: [/^2 failed, 0 passed.* decide no control$/, /^1 failed, 2 passed.*1 set aside.* decide no control$/],
  },
  {
    kind: 'on-premises',
    files: {
      'cluster.json.gz': `${TOOLS}/kubernetes/cluster.json.gz`,
      'spire.json': `${TOOLS}/spire/entries.json`,
      'trufflehog.jsonl': `${TOOLS}/trufflehog/git.jsonl`,
    },
    formats: {
      'attestations.yaml': 'probity',
      'cluster.json.gz': 'kubernetes-rbac',
      'spire.json': 'spire-entries',
      'trufflehog.jsonl': 'trufflehog',
      'vault.json': 'vault-tokens',
    },
    verdicts: ['not-satisfied', 'not-satisfied'],
    telling: [
      ['ACC-03 i', 'not-satisfied', undefined, /root \(service token never expires\)/],
      ['ACC-04 m', 'not-satisfied', undefined, /ai\/deploy .*cluster-admin/],
      ['ACC-11 i', 'not-satisfied', undefined, /Postgres in .*src\/settings\.py:4/],
      // Neither a cluster nor Vault says when a token was used.
      ['ACC-07 i', 'not-assessed', 'no-evidence', /does not say when it was last used: .*root/],
      ['GOV-04 m', 'satisfied', 'statement', /J\. Hale/],
      ['INV-02 i', 'not-assessed', 'no-evidence', /No /],
    ],
  },
  {
    kind: 'vendor-hosted',
    files: { 'promptfoo.json': `${TOOLS}/promptfoo/0.123.1.json` },
    formats: {
      'model-card.yaml': 'probity',
      'promptfoo.json': 'promptfoo-results',
      'vendor-terms.yaml': 'probity',
    },
    verdicts: ['not-assessed', 'not-satisfied'],
    telling: [
      ['INV-05 i', 'not-satisfied', undefined, /prompt-extraction via base64 .*\(1 of 1\)/],
      ['INV-06 i', 'not-assessed', 'untested-surface', /no test of this kind/],
      // A figure of a model card is no test.
      ['MI-01 m', 'not-assessed', 'not-recomputable', /numbers without the counts behind them/],
      ['MI-03 m', 'not-applicable', undefined, /what the vendor trained on is outside/],
      ['GOV-12 m', 'satisfied', 'record', /set of terms keeps/],
      ['ACC-15 m', 'not-applicable', undefined, /./],
    ],
    warnings: [/2 tests name no plugin/, /2 tests of cross-session-leak look for nothing/],
  },
  {
    kind: 'classical-ml',
    files: {
      'confidence.npz': 'evidence/scores/attack_result_0.npz',
      'label-only.parquet': `${TOOLS}/parquet/arrow-snappy-v1.parquet`,
      'leakpro.json': 'test/evidence/fixtures/leakpro-lira.json',
      'likelihood-ratio.csv': 'evidence/scores/triage-likelihood-ratio.csv',
      'memaudit-demo.json.gz': 'test/evidence/fixtures/memaudit-demo.json.gz',
      'overfitted-twin.csv': 'evidence/scores/triage-overfitted-twin.csv',
    },
    formats: {
      'confidence.npz': 'membership-npz',
      'label-only.parquet': 'membership-parquet',
      'leakpro.json': 'leakpro-result',
      'likelihood-ratio.csv': 'membership-scores',
      'memaudit-demo.json.gz': 'memaudit-report',
      'overfitted-twin.csv': 'membership-scores',
    },
    verdicts: ['not-satisfied', 'not-assessed'],
    telling: [
      ['MI-01 m', 'not-assessed', 'insufficient-sample', /Model weights: tested by too few/],
      ['MI-02 m', 'not-assessed', 'invalid-comparison', /nothing shows that members and non-members are alike/],
      ['MI-03 m', 'not-satisfied', undefined, /LiRA .*0\.675.*lower 95% bound 0\.612/],
      ['MI-04 m', 'satisfied', 'record', /4\s000 members, 4\s000 non-members/],
      ['GOV-06 m', 'not-satisfied', undefined, /no test of this class within/],
      // Membership tests say nothing of inversion.
      ['INV-01 i', 'not-assessed', 'no-evidence', /No test of this class/],
      ['INV-02 i', 'not-assessed', undefined, /./],
    ],
    warnings: [/made to leak; use it as a positive control/],
  },
  {
    kind: 'retrieval-assistant',
    files: {
      'garak.hitlog.jsonl.gz': `${TOOLS}/garak/plain-0.17.1.hitlog.jsonl.gz`,
      'garak.report.jsonl.gz': `${TOOLS}/garak/plain-0.17.1.report.jsonl.gz`,
      'promptfoo.jsonl': `${TOOLS}/promptfoo/0.123.1.jsonl`,
    },
    formats: {
      'garak.hitlog.jsonl.gz': 'garak-hitlog',
      'garak.report.jsonl.gz': 'garak-report',
      'promptfoo.jsonl': 'promptfoo-results',
      'stores.yaml': 'probity',
      'threats.tc.json': 'threat-composer',
    },
    verdicts: ['not-satisfied', 'not-satisfied'],
    telling: [
      ['ACC-13 i', 'not-satisfied', undefined, /hands out by the agent's rights/],
      ['ACC-14 i', 'not-satisfied', undefined, /not divided by caller or tenant/],
      ['MON-06 i', 'not-satisfied', undefined, /kept 400 days/],
      ['INV-05 i', 'not-satisfied', undefined, /prompt leakage/],
      ['INV-06 i', 'not-assessed', 'cannot-show', /shows nothing about its technique/],
      ['INV-08 i', 'not-assessed', 'untested-surface', /Retrieval store: no test of this kind/],
      ['MI-08 m', 'not-assessed', 'no-evidence', /./],
      ['GOV-01 m', 'not-satisfied', undefined, /names no threat of this class/],
    ],
    warnings: [/no better than chance, so its verdicts count for nothing/, /72 hits without totals/],
  },
  {
    kind: 'tool-agent',
    files: { 'exact.eval': `${TOOLS}/inspect/exact.eval`, 'pyrit.db.gz': `${TOOLS}/pyrit/memory-1.1.db.gz` },
    formats: {
      '.mcp.json': 'mcp-configuration',
      'exact.eval': 'inspect-log',
      'pyrit.db.gz': 'pyrit-memory',
      'tools.yaml': 'probity',
    },
    verdicts: ['not-satisfied', 'not-satisfied'],
    telling: [
      ['INV-05 i', 'not-satisfied', undefined, /exact \(prompt leakage\): 50%.*\(2 of 4\)/],
      ['INV-08 i', 'not-satisfied', undefined, /RedTeamingAttack .*\(1 of 1\)/],
      ['INV-11 i', 'not-assessed', 'untested-surface', /Agent tools: no test of this kind/],
      ['ACC-11 m', 'not-satisfied', undefined, /header of the MCP server orders, Authorization/],
      ['GOV-15 i', 'not-satisfied', undefined, /mail: version latest is not pinned/],
      ['MI-01 m', 'not-assessed', 'no-evidence', /No test of this class/],
    ],
    warnings: [/1 setting holds a secret outright/],
  },
  {
    kind: 'private-fine-tune',
    files: {
      'memaudit.json.gz': 'test/evidence/fixtures/memaudit-demo.json.gz',
      'one-run-audit.json': 'evidence/probes/one-run-audit.json',
      'tensorflow-privacy.csv': 'test/evidence/fixtures/small/tensorflow-privacy.csv',
    },
    formats: {
      'memaudit.json.gz': 'memaudit-report',
      'one-run-audit.json': 'probity',
      'tensorflow-privacy.csv': 'tensorflow-privacy-results',
    },
    verdicts: ['not-satisfied', 'not-satisfied'],
    telling: [
      ['MI-03 m', 'not-satisfied', undefined, /Even the lower 95% bound/],
      ['MI-06 m', 'not-assessed', 'invalid-comparison', /nothing shows that members and non-members are alike/],
      ['MI-07 m', 'not-satisfied', undefined, /16 of 16 members, 100 non-members/],
      ['INV-02 i', 'not-satisfied', undefined, /canary completion .*\(15 of 16\)/],
      ['INV-10 i', 'not-assessed', 'untested-surface', /no test of this kind/],
      // A budget that is declared is not a budget that was shown.
      ['GOV-05 m', 'not-assessed', 'no-evidence', /No attestation/],
    ],
    warnings: [/they can show leakage, never its absence/],
  },
  {
    kind: 'microsoft',
    files: {},
    formats: {
      'deepteam.json': 'deepteam-assessment',
      'intranet.tm7': 'microsoft-tmt',
      'red-team.json': 'azure-red-team',
      'servicePrincipals.json': 'microsoft-entra',
    },
    verdicts: ['not-satisfied', 'not-satisfied'],
    telling: [
      ['INV-08 i', 'not-satisfied', undefined, /\(1 of [45]\)/],
      // Judges that see no system prompt can say that it leaked, not that it did not.
      ['INV-05 i', 'not-assessed', 'cannot-show', /its failure shows nothing/],
      ['ACC-01 m', 'not-satisfied', undefined, /indexer \(no owner\)/],
      ['ACC-03 m', 'not-satisfied', undefined, /client secret 667 days old/],
      ['ACC-04 m', 'not-assessed', 'no-evidence', /does not say what it may do/],
      ['ACC-07 m', 'not-assessed', 'no-evidence', /does not say when it was last used/],
      ['GOV-03 m', 'satisfied', 'record', /^No threat of this class is open at severity high or above/],
      ['GOV-12 i', 'not-assessed', 'no-evidence', /no terms .* name it/],
    ],
    unmapped: [
      'Bias: race via Base64 (DeepTeam metric)',
      'Bias: race via Roleplay (DeepTeam metric)',
      'violence via base64 (Azure evaluator)',
      'violence via baseline (Azure evaluator)',
      'violence via flip (Azure evaluator)',
    ],
  },
  {
    kind: 'google-cloud',
    files: {},
    formats: {
      'forecast.otm': 'open-threat-model',
      'gcloud/iam-policy.json': 'google-cloud-iam-policy',
      'gcloud/keys.json': 'google-cloud-service-account-keys',
      'gcloud/service-accounts.json': 'google-cloud-service-accounts',
    },
    verdicts: ['not-satisfied', 'not-satisfied'],
    telling: [
      ['ACC-03 m', 'not-satisfied', undefined, /service account key 689 days old/],
      ['ACC-04 m', 'not-satisfied', undefined, /can become an administrator/],
      ['ACC-07 m', 'not-assessed', 'no-evidence', /does not say when it was last used/],
      ['ACC-02 i', 'not-assessed', 'no-evidence', /which workload and environment use it/],
      ['GOV-03 m', 'not-satisfied', undefined, /or of none that is stated: Membership inference \(no owner, no date\)/],
      ['MI-01 m', 'not-assessed', 'no-evidence', /No test of this class/],
    ],
    warnings: [/1 bindings depend on conditions/],
  },
  {
    kind: 'spreadsheets',
    files: { 'accounts.csv': 'test/evidence/fixtures/accounts.csv', 'scores.csv': `${TOOLS}/art/black-box.csv` },
    formats: {
      'accounts.csv': 'access-table',
      'attestations.yaml': 'probity',
      'model.gitlog': 'git-log',
      'scores.csv': 'membership-scores',
    },
    verdicts: ['not-satisfied', 'not-satisfied'],
    telling: [
      ['ACC-01 m', 'not-satisfied', undefined, /old-bot \(no owner\)/],
      // The day of the last sign-in is in the sheet; the day on which the key was made is not it.
      ['ACC-07 m', 'not-satisfied', undefined, /old-bot \(unused for 241 days\)/],
      ['MI-02 m', 'not-assessed', 'invalid-comparison', /before the model change of 2026-11-18/],
      ['MI-04 m', 'not-assessed', 'stale', /Retrain on October applications/],
      ['GOV-10 m', 'satisfied', 'statement', /P\. Novak/],
      ['GOV-10 i', 'not-assessed', 'no-evidence', /No attestation for GOV-10 names this attack class/],
      ['GOV-07 i', 'not-satisfied', undefined, /does not state a document with its SHA-256/],
    ],
    warnings: [/not used: Department/, /they can fail a control and not pass one/],
  },
];

const CLASSES = { m: 'membership-inference', i: 'inversion' } as const;

/** Every text of a pack: files as they are, parts of workbooks, and what a PDF shows. */
async function textsOf(pack: string, pdf: boolean): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const name of readdirSync(pack)) {
    const bytes = readFileSync(path.join(pack, name));
    texts.set(name, bytes.toString('utf8'));
    if (name.endsWith('.xlsx'))
      for (const [part, content] of Object.entries(unzipSync(bytes)))
        texts.set(`${name}!${part}`, Buffer.from(content).toString('utf8'));
    if (pdf && name.endsWith('.pdf'))
      texts.set(`${name}!text`, (await ask('pdftotext', ['-raw', path.join(pack, name), '-'])).text);
  }
  return texts;
}

test('the table has each workspace, and each once', () => {
  const folders = readdirSync(path.join(ROOT, 'test/workspaces'), { withFileTypes: true });
  assert.deepEqual(
    TEAMS.map(({ kind }) => kind).sort(),
    folders.flatMap((one) => (one.isDirectory() ? [one.name] : [])).sort(),
  );
});

for (const team of TEAMS)
  describe(team.kind, () => {
    const folder = path.join(root, team.kind);
    const pack = path.join(folder, 'pack');
    let run: Run;
    let assessment: Assessment;

    before(async () => {
      cpSync(path.join(ROOT, 'test/workspaces', team.kind), folder, { recursive: true });
      mkdirSync(path.join(folder, 'evidence'), { recursive: true });
      for (const [name, from] of Object.entries(team.files))
        cpSync(path.join(ROOT, from), path.join(folder, 'evidence', name));
      run = await probity(['run', '--format', 'all', '--as-of', AS_OF, '--out', pack], { cwd: folder, home });
      assert.equal(run.code, 0, run.stderr);
      assessment = assessmentSchema.parse(JSON.parse(readFileSync(path.join(pack, 'assessment.json'), 'utf8')));
    });

    test('every file is known and read, and nothing in it is passed over in silence', () => {
      assert.deepEqual(
        Object.fromEntries(assessment.evidence.map((one) => [one.path, one.accepted ? one.format : one.reason])),
        Object.fromEntries(Object.entries(team.formats).map(([name, format]) => [`evidence/${name}`, format])),
      );
      const unmapped = assessment.evidence.flatMap((one) => one.unmapped.map(({ probe }) => probe)).sort();
      assert.deepEqual(unmapped, team.unmapped ?? []);
      const page = readFileSync(path.join(pack, 'report.html'), 'utf8');
      for (const probe of unmapped) assert.ok(page.includes(probe), `${probe} stands in the report`);
      const warnings = assessment.evidence.flatMap((one) => one.warnings);
      for (const warning of team.warnings ?? [])
        assert.ok(
          warnings.some((one) => warning.test(one)),
          `${warning}: ${warnings.join('\n')}`,
        );
    });

    test('the verdict of each class, and why', () => {
      assert.deepEqual(
        [assessment.verdicts['membership-inference'].state, assessment.verdicts.inversion.state],
        team.verdicts,
      );
      for (const [which, state, why, says] of team.telling) {
        const [control, letter] = which.split(' ');
        const result = assessment.results.find(
          (one) => one.control === control && one.attackClass === CLASSES[letter as keyof typeof CLASSES],
        );
        assert.ok(result, which);
        assert.equal(result.state, state, `${which}: ${JSON.stringify(result.criteria)}`);
        if (why !== undefined) assert.ok([result.reason, result.basis].includes(why as never), `${which} ${why}`);
        assert.match(result.criteria.map(({ detail }) => detail).join('\n'), says, which);
      }
    });

    test('what passes rests on something, and a statement is called one', () => {
      for (const result of assessment.results.filter(({ state }) => state === 'satisfied')) {
        assert.ok(result.basis !== undefined, `${result.control} says what it rests on`);
        for (const { evidence, id } of result.criteria.filter(({ state }) => state === 'satisfied'))
          assert.ok(evidence.length > 0, `${result.control}/${id} names its evidence`);
      }
    });

    test('no secret of the evidence comes out anywhere', async (t) => {
      const texts = await textsOf(pack, judgeHere('pdftotext', t));
      assert.ok(texts.size > 20, `${texts.size}`);
      texts.set('standard output', run.stdout).set('standard error', run.stderr);
      for (const [name, text] of texts)
        for (const secret of SECRETS) assert.ok(!text.includes(secret), `${name} holds ${secret}`);
    });

    test('the pack verifies, the evidence gives it again, and the gate stays shut for each class by itself', async () => {
      const verified = await probity(['verify', pack, '--evidence', folder], { home });
      assert.equal(verified.code, 0, verified.stdout + verified.stderr);
      assert.match(verified.stdout, /the evidence gives the same assessment, byte for byte/);
      const policy = path.join(ROOT, 'test/workspaces/gate.yaml');
      const gate = await probity(['gate', pack, '--policy', policy, '--as-of', AS_OF], { home });
      assert.equal(gate.code, 1, gate.stdout + gate.stderr);
      assert.match(gate.stdout, /^Closed: /);
      assert.match(gate.stdout, /closed .*Membership inference/);
      assert.match(gate.stdout, /closed .*Model inversion/);
    });

    test('the plan asks for tests of what is open, on surfaces that the system has', async () => {
      const planned = await probity(['plan', '--as-of', AS_OF, '--format', 'json'], { cwd: folder, home });
      assert.equal(planned.code, 0, planned.stderr);
      const { tests } = JSON.parse(planned.stdout) as { tests: { surface: string; attackClass: string }[] };
      assert.ok(tests.length > 0);
      const surfaces = new Set(assessment.system.surfaces as string[]);
      for (const { surface } of tests) assert.ok(surfaces.has(surface), surface);
      assert.deepEqual(new Set(tests.map(({ attackClass }) => attackClass)), new Set(Object.values(CLASSES)));
    });
  });
