/*
 * One year of an example system by the real command line: for each quarter a plan fixed before the tests, a signed pack with the
 * quarters before it, and its approval; what changed; two releases through the gate; and a portfolio of twelve systems.
 * `node scripts/year.ts [FOLDER]` (default out/year) leaves everything there, with the commands as run in commands.txt.
 * The evidence under year/ is made by year/make. Needs a build.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadSigner } from '../src/sign/keys/index.ts';

const ROOT = path.join(import.meta.dirname, '..');
const YEAR = path.join(ROOT, 'year');
const FOLDER = path.resolve(process.argv.slice(2).find((one) => !one.startsWith('--')) ?? path.join(ROOT, 'out/year'));
// The identities are for trial and lie beside what they sign.
const PASSPHRASE = 'for trial';

/** Quarters with the day of the plan, before any test, and the day that the assessment speaks of. */
const QUARTERS = [
  { id: 'q1', version: '1.0', planned: '2026-01-12', asOf: '2026-03-13' },
  { id: 'q2', version: '2.0', planned: '2026-04-10', asOf: '2026-06-12' },
  { id: 'q3', version: '3.0', planned: '2026-07-10', asOf: '2026-09-11' },
  { id: 'q4', version: '4.0', planned: '2026-10-02', asOf: '2026-11-27' },
] as const;

const commands: string[] = [];

/** Runs a command in the folder as it would be typed there. Throws where its exit code is none of those expected. */
function probity(args: readonly string[], expected = 0): void {
  commands.push(
    `probity ${args.map((arg) => (/^[\w./:=,@-]+$/.test(arg) ? arg : `'${arg}'`)).join(' ')}${expected ? `   # exits with ${expected}` : ''}`,
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(ROOT, 'bin/probity.js'), ...args], {
    cwd: FOLDER,
    encoding: 'utf8',
    env: { ...process.env, PROBITY_PASSPHRASE: PASSPHRASE, PROBITY_HOME: path.join(FOLDER, 'home'), NO_COLOR: '1' },
    maxBuffer: 2 ** 26,
  });
  if (status !== expected) throw new Error(`${commands.at(-1)}: exit code ${status}\n${stdout}\n${stderr}`);
}

rmSync(path.join(FOLDER, 'packs'), { recursive: true, force: true });
rmSync(path.join(FOLDER, 'portfolio'), { recursive: true, force: true });
for (const { id } of QUARTERS) rmSync(path.join(FOLDER, id), { recursive: true, force: true });
mkdirSync(path.join(FOLDER, 'gate'), { recursive: true });
mkdirSync(path.join(FOLDER, 'packs'));
for (const { id } of QUARTERS) cpSync(path.join(YEAR, id), path.join(FOLDER, id), { recursive: true });
cpSync(path.join(YEAR, 'portfolio'), path.join(FOLDER, 'systems'), { recursive: true });
cpSync(path.join(YEAR, 'gate.yaml'), path.join(FOLDER, 'gate.yaml'));
cpSync(path.join(ROOT, 'evidence'), path.join(FOLDER, 'systems/claims-assistant'), { recursive: true });

const certificates: string[] = [];
for (const [file, name] of [
  ['preparer.p12', 'R. Sato, Model Risk'],
  ['approver.p12', 'Head of Model Risk'],
] as const) {
  const place = path.join(FOLDER, file);
  // Kept from an earlier run, so that the same packs name the same signers.
  if (!existsSync(place)) probity(['identity', 'create', '--out', file, '--name', name]);
  const { certificate } = await loadSigner(place, { passphrase: async () => PASSPHRASE });
  certificates.push(certificate.toString());
}
writeFileSync(path.join(FOLDER, 'trust.pem'), certificates.join(''));

const earlier: string[] = [];
for (const { id, version, planned, asOf } of QUARTERS) {
  const config = ['--config', `${id}/probity.yaml`];
  const digest = createHash('sha256')
    .update(readFileSync(path.join(FOLDER, id, 'release.json')))
    .digest('hex');
  probity(['plan', ...config, '--commit', '--by', 'R. Sato', '--as-of', planned]);
  probity([
    'run',
    ...config,
    ...['--as-of', asOf, '--identity', 'preparer.p12', '--subject', `claims-model-${version}=sha256:${digest}`],
    ...earlier.flatMap((pack) => ['--previous', pack]),
    ...(existsSync(path.join(FOLDER, id, 'responses.yaml')) ? ['--responses', `${id}/responses.yaml`] : []),
    ...['--format', 'pdf,xlsx,html,json', '--out', `packs/${id}`],
  ]);
  probity(['sign', `packs/${id}`, '--role', 'approver', '--identity', 'approver.p12']);
  probity(['verify', `packs/${id}`, '--trust', 'trust.pem', '--role', 'approver', '--distinct-roles']);
  const before = earlier.at(-1);
  earlier.push(`packs/${id}`);
  if (before) probity(['compare', ...earlier, '--format', 'md', '--out', `${id}/changes.md`]);
  // Releases to all offices, of what ran in the first one until now: closed in the third quarter, opened after the fix.
  if (before && (id === 'q3' || id === 'q4'))
    probity(
      [
        ...['gate', `packs/${id}`, '--policy', 'gate.yaml', '--artifact', `${id}/release.json`, '--trust', 'trust.pem'],
        ...['--previous', before, '--as-of', asOf, '--markdown', `gate/${id}.md`, '--junit', `gate/${id}.xml`],
        ...['--identity', 'preparer.p12', '--summary', `gate/${id}.dsse.json`],
      ],
      id === 'q3' ? 1 : 0,
    );
}

for (const one of readdirSync(path.join(FOLDER, 'systems')).sort())
  probity([
    ...['run', '--config', `systems/${one}/probity.yaml`, '--as-of', '2026-11-21', '--identity', 'preparer.p12'],
    ...['--format', 'json', '--out', `packs/${one}`],
  ]);
probity([
  ...['portfolio', 'packs', '--trust', 'trust.pem', '--as-of', '2026-11-28', '--identity', 'preparer.p12'],
  ...['--format', 'all', '--out', 'portfolio'],
]);
probity(['verify', 'portfolio', '--trust', 'trust.pem']);
writeFileSync(path.join(FOLDER, 'commands.txt'), `${commands.join('\n')}\n`);

if (process.argv.includes('--pictures')) {
  // The page for those who decide, with the quarters beside each other, and the first page of the portfolio.
  for (const [file, page, name] of [
    ['packs/q4/report.pdf', 2, 'year-decide'],
    ['portfolio/portfolio.pdf', 1, 'year-portfolio'],
  ] as const)
    execFileSync('pdftoppm', [
      ...['-r', '70', '-png', '-singlefile', '-f', String(page), '-l', String(page)],
      ...[path.join(FOLDER, file), path.join(ROOT, 'docs', name)],
    ]);
}
