/*
 * npm run registry: whether every package that is installed is the one that its registry signed. Where a registry has no
 * signatures (a mirror), the lock file must state a digest of every package, which `npm ci` has then checked.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';

interface LockedPackage {
  integrity?: string;
  resolved?: string;
  link?: boolean;
  inBundle?: boolean;
}

function audit(): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    const args = ['audit', 'signatures', '--fetch-retries=0', '--fetch-timeout=20000'];
    execFile('npm', args, { timeout: 120_000, maxBuffer: 16 * 2 ** 20 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : 1, text: `${stdout}${stderr}` }),
    );
  });
}

const { code, text } = await audit();
const lock: { packages: Record<string, LockedPackage> } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const packages = Object.entries(lock.packages).filter(([name, one]) => name !== '' && !one.link && !one.inBundle);
const loose = packages.filter(([, one]) => !/^sha(?:512|384|256)-/.test(one.integrity ?? '')).map(([name]) => name);
const elsewhere = packages
  .filter(([, { resolved }]) => resolved !== undefined && !/^https:\/\/[^/]+\/.+\.tgz$/.test(resolved))
  .map(([name]) => name);

const signed = /(\d+) packages? ha(?:s|ve) (?:a )?verified registry signatures?/.exec(text)?.[1];
if (/invalid|missing/i.test(text) && /signature/i.test(text)) {
  console.error(text.trim());
  process.exitCode = 1;
} else if (code === 0 && signed !== undefined) console.log(`${signed} packages carry a signature of their registry`);
else console.log('No signatures are to be had from the registry here; the digests of the lock file stand in for them.');
if (loose.length + elsewhere.length > 0) {
  console.error(`Without a digest, or from elsewhere than a registry: ${[...loose, ...elsewhere].join(', ')}`);
  process.exitCode = 1;
} else console.log(`${packages.length} packages of the lock file have a digest`);
