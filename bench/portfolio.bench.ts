/**
 * Reads 1,000 packs of the size of the bundled example, each signed and of a system of its own, and writes the portfolio as
 * JSON and workbook: seconds and the most memory resident. The limits are 60 s and 1 GB.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKS = 1000;
const [task, folder = ''] = process.argv.slice(2);

if (task === 'read') {
  const { readPortfolio } = await import('../src/portfolio/read.ts');
  const { buildPortfolio } = await import('../src/portfolio/build.ts');
  const { loadCatalog } = await import('../src/catalog/catalog.ts');
  const { bundledProfiles } = await loadCatalog();
  const start = process.hrtime.bigint();
  const portfolio = await readPortfolio([folder], { profiles: bundledProfiles });
  const files = await buildPortfolio(portfolio, {
    formats: ['json', 'xlsx'],
    signing: { role: 'preparer', time: new Date() },
  });
  console.log(
    JSON.stringify({
      seconds: Number(process.hrtime.bigint() - start) / 1e9,
      cpu: (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
      megabytes: process.resourceUsage().maxRSS / 1024,
      systems: portfolio.systems.length,
      bytes: [...files.values()].reduce((sum, { length }) => sum + length, 0),
    }),
  );
} else {
  const { assessWorkspace } = await import('../src/assess/assessWorkspace.ts');
  const { serialiseAssessment } = await import('../src/assess/assessment.ts');
  const { sealStatement } = await import('../src/pack/attestation.ts');
  const { packStatement } = await import('../src/pack/statement.ts');
  const { createTrialSigner } = await import('../src/sign/trial.ts');
  const { loadSigner } = await import('../src/sign/keys/index.ts');
  const place = mkdtempSync(path.join(tmpdir(), 'probity-bench-'));
  try {
    const key = path.join(place, 'signer.p12');
    await createTrialSigner(key, 'bench', 'Bench');
    const identity = await loadSigner(key, { passphrase: async () => 'bench' });
    const config = fileURLToPath(new URL('../evidence/probity.yaml', import.meta.url));
    const example = await assessWorkspace({ config, asOf: '2026-11-21' });
    for (let i = 0; i < PACKS; i++) {
      const id = `system-${String(i).padStart(4, '0')}`;
      const assessment = { ...example, system: { ...example.system, id, name: `System ${i}` } };
      const bytes = Buffer.from(serialiseAssessment(assessment));
      const statement = packStatement(assessment, new Map([['assessment.json', bytes]]), []);
      mkdirSync(path.join(place, 'packs', id), { recursive: true });
      writeFileSync(path.join(place, 'packs', id, 'assessment.json'), bytes);
      writeFileSync(
        path.join(place, 'packs', id, 'attestation.dsse.json'),
        await sealStatement(statement, identity, { role: 'preparer', time: new Date() }),
      );
    }
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [fileURLToPath(import.meta.url), 'read', path.join(place, 'packs')],
      { encoding: 'utf8', maxBuffer: 2 ** 20 },
    );
    const result: { seconds: number; cpu: number; megabytes: number; systems: number } = JSON.parse(stdout || stderr);
    const { seconds, cpu, megabytes, systems } = result;
    console.log(
      `${systems} packs: ${seconds.toFixed(1)} s (${cpu.toFixed(1)} s of processor), ${megabytes.toFixed(0)} MB resident; limits 60 s, 1000 MB`,
    );
    if (systems !== PACKS || seconds > 60 || megabytes > 1000) process.exitCode = 1;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
