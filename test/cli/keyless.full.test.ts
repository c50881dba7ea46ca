import assert from 'node:assert/strict';
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { VerificationReport } from '../../src/pack/verify.ts';
import { pipelineToken, type SigstoreInstance, sigstoreInstance } from '../support/sigstore.ts';
import { probity, scratch, workspaceYaml, write } from '../support/workspace.ts';

/* Keyless signatures: made by a Sigstore instance on loopback, checked to the letter, and never by a pattern. */

const folder = scratch();
const home = path.join(folder, 'home');
const IDENTITY = 'https://github.com/example/claims/.github/workflows/release.yml@refs/heads/main';
const ISSUER = 'https://token.example.org';
const FILE = 'attestation.sigstore.json';
let instance: SigstoreInstance;
let root: string;

before(async () => {
  instance = await sigstoreInstance();
  root = path.join(folder, 'trusted_root.json');
  writeFileSync(root, instance.trustedRoot);
  write(folder, {
    'probity.yaml': workspaceYaml('formats: [json, md]\n'),
    'evidence/a.yaml': 'apiVersion: probity/v1\nkind: ChangeLog\nchanges: []\n',
  });
  assert.equal((await run('pack', ['--sigstore'])).code, 0);
});
after(() => instance.close());

function run(out: string, args: readonly string[], token = pipelineToken(IDENTITY)) {
  const urls = args.includes('--sigstore') ? ['--fulcio-url', instance.url, '--rekor-url', instance.url] : [];
  return probity(['run', '--as-of', '2026-09-30', '--out', path.join(folder, out), '--json', ...args, ...urls], {
    cwd: folder,
    home,
    env: { SIGSTORE_ID_TOKEN: token },
  });
}

async function verify(
  pack: string,
  ...args: string[]
): Promise<{ code: number; report: VerificationReport; text: string }> {
  const { code, stdout, stderr } = await probity(['verify', path.join(folder, pack), '--json', ...args], { home });
  return { code, report: JSON.parse(stdout), text: stdout + stderr };
}

const asked = (identity = IDENTITY, issuer = ISSUER, trusted = root) => [
  '--certificate-identity',
  identity,
  '--certificate-oidc-issuer',
  issuer,
  '--trusted-root',
  trusted,
];

test('a pack is signed under the identity of the pipeline as well, and that is verified where it is asked for', async () => {
  const bundle: { mediaType: string } = JSON.parse(readFileSync(path.join(folder, 'pack', FILE), 'utf8'));
  assert.equal(bundle.mediaType, 'application/vnd.dev.sigstore.bundle.v0.3+json');
  const plain = await verify('pack');
  assert.equal(plain.code, 0, plain.text);
  const claimed = plain.report.vouchedBy.find(({ signer }) => signer === IDENTITY);
  assert.equal(claimed?.trusted, false, 'who that is was not checked');
  const { code, report, text } = await verify('pack', ...asked());
  assert.equal(code, 0, text);
  assert.equal(report.vouchedBy.find(({ signer }) => signer === IDENTITY)?.trusted, true);
  for (const file of report.files.filter((one) => !/attestation\./.test(one.path)))
    assert.ok(
      file.vouchedBy.some(({ signer, trusted }) => signer === IDENTITY && trusted),
      file.path,
    );
  const alone = await verify(`pack/${FILE}`, ...asked());
  assert.equal(alone.code, 0, alone.text);
  const said = await probity(['verify', path.join(folder, 'pack'), ...asked()], { home });
  assert.match(said.stdout, /trusted by Sigstore, on the word of https:\/\/token\.example\.org/);
  assert.match(said.stdout, /Verified: https:\/\/github\.com\/example\/claims/);
});

test('identity and provider are compared to the letter, and the root must be that of the instance', async () => {
  const other = await sigstoreInstance();
  const strange = path.join(folder, 'strange.json');
  writeFileSync(strange, other.trustedRoot);
  other.close();
  for (const args of [
    asked('https://github.com/example/claims'),
    asked('.*'),
    asked(IDENTITY.replace('example', 'examp1e')),
    asked(`${IDENTITY}-other`),
    asked(IDENTITY, 'https://token.example.or'),
    asked(IDENTITY, ISSUER, strange),
  ]) {
    const { code, report, text } = await verify('pack', ...args);
    assert.equal(code, 1, `${args.join(' ')}: ${text}`);
    assert.ok(!report.vouchedBy.some(({ trusted }) => trusted));
  }
});

test('a bundle of another pack, a changed one, and none at all make the answer no', async () => {
  assert.equal((await run('other', ['--sigstore', '--subject', `x=sha256:${'1'.repeat(64)}`])).code, 0);
  const changed = path.join(folder, 'changed');
  cpSync(path.join(folder, 'pack'), changed, { recursive: true });
  copyFileSync(path.join(folder, 'other', FILE), path.join(changed, FILE));
  for (const args of [[], asked()]) {
    const { code, text } = await verify('changed', ...args);
    assert.equal(code, 1, text);
    assert.match(text, /over another statement than the attestation/);
  }
  const own = readFileSync(path.join(folder, 'pack', FILE), 'utf8');
  const bundle: { dsseEnvelope: { payload: string; signatures: { sig: string }[] } } = JSON.parse(own);
  for (const damage of [
    () => Object.assign(bundle.dsseEnvelope, { payload: Buffer.from('{}').toString('base64') }),
    () => Object.assign(bundle.dsseEnvelope, { signatures: [{ sig: Buffer.from('no').toString('base64') }] }),
    () => Object.assign(bundle.dsseEnvelope, { signatures: [] }),
  ]) {
    Object.assign(bundle, JSON.parse(own));
    damage();
    writeFileSync(path.join(changed, FILE), JSON.stringify(bundle));
    assert.equal((await verify('changed')).code, 1);
    assert.equal((await verify('changed', ...asked())).code, 1);
  }
  writeFileSync(path.join(changed, FILE), 'no JSON');
  assert.match((await verify('changed')).text, /is no Sigstore bundle/);
  rmSync(path.join(changed, FILE));
  assert.equal((await verify('changed')).code, 0, 'nobody asked for it');
  const missing = await verify('changed', ...asked());
  assert.equal(missing.code, 1);
  assert.match(missing.text, /a keyless signature is asked for, and the pack has none/);
});

test('a file that was changed afterwards is not vouched for by it', async () => {
  const changed = path.join(folder, 'edited');
  cpSync(path.join(folder, 'pack'), changed, { recursive: true });
  writeFileSync(path.join(changed, 'summary.md'), 'All is well.\n');
  const { code, report } = await verify('edited', ...asked());
  assert.equal(code, 1);
  const file = report.files.find((one) => one.path.endsWith('summary.md'));
  assert.deepEqual(file?.vouchedBy, []);
});

test('without a token, or with a Sigstore that does not answer, nothing is written', async () => {
  const untouched = readdirSync(path.join(folder, 'pack')).map((name) =>
    readFileSync(path.join(folder, 'pack', name), 'utf8'),
  );
  const without = await run('pack', ['--sigstore'], '');
  assert.equal(without.code, 2);
  assert.match(without.stdout, /"SIGSTORE_FAILED"/);
  assert.match(without.stderr, /no OIDC token of a pipeline.*SIGSTORE_ID_TOKEN/);
  const broken = await run('pack', ['--sigstore'], 'no token');
  assert.equal(broken.code, 2);
  assert.match(broken.stderr, /SIGSTORE_FAILED/);
  assert.deepEqual(
    readdirSync(path.join(folder, 'pack')).map((name) => readFileSync(path.join(folder, 'pack', name), 'utf8')),
    untouched,
  );
});

test('nobody asks Sigstore anything unless it is asked for, and a run without it leaves no old bundle', async () => {
  cpSync(path.join(folder, 'pack'), path.join(folder, 'again'), { recursive: true });
  assert.equal((await run('again', [])).code, 0);
  assert.ok(!existsSync(path.join(folder, 'again', FILE)));
  assert.equal((await verify('again')).code, 0);
});

test('a further signature, which would not be under it, is refused with what to do', async () => {
  const identity = path.join(folder, 'reviewer.p12');
  const env = { PROBITY_PASSPHRASE: 'a long passphrase' };
  assert.equal((await probity(['identity', 'create', '--out', identity], { home, env })).code, 0);
  const { code, stderr } = await probity(['sign', path.join(folder, 'pack'), '--identity', identity], { home, env });
  assert.equal(code, 2);
  assert.match(stderr, /carries a keyless signature.*Let people sign before the pipeline does/);
});

test('certificates that are given say nothing of a keyless signature, and take nothing from it', async () => {
  const identity = path.join(folder, 'own.p12');
  const env = { PROBITY_PASSPHRASE: 'a long passphrase' };
  assert.equal((await probity(['identity', 'create', '--out', identity], { home, env })).code, 0);
  const made = await probity(
    [
      'run',
      '--as-of',
      '2026-09-30',
      '--identity',
      identity,
      '--out',
      path.join(folder, 'both'),
      '--sigstore',
      '--fulcio-url',
      instance.url,
      '--rekor-url',
      instance.url,
    ],
    { cwd: folder, home, env: { ...env, SIGSTORE_ID_TOKEN: pipelineToken(IDENTITY) } },
  );
  assert.equal(made.code, 0, made.stderr);
  const shown = await probity(['identity', 'show', identity, '--json'], { home, env });
  assert.equal(shown.code, 0);
  const pem = path.join(folder, 'own.pem');
  const { signatures }: { signatures: { cert: string }[] } = JSON.parse(
    readFileSync(path.join(folder, 'both/attestation.dsse.json'), 'utf8'),
  );
  writeFileSync(pem, signatures[0]?.cert ?? '');
  const trusting = await verify('both', '--trust', pem);
  assert.equal(trusting.code, 0, trusting.text);
  const both = await verify('both', '--trust', pem, ...asked());
  assert.equal(both.code, 0, both.text);
  assert.equal(both.report.vouchedBy.filter(({ trusted }) => trusted).length, 2);
});
