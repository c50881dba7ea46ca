import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'puppeteer-core';
import { messageOf, ProbityError } from '../../errors.ts';
import { table } from '../../table.ts';
import { packagedBrowser } from './packagedBrowser.ts';

/** Where browsers are usually installed; `PROBITY_BROWSER` names one outright. */
const INSTALLED = table<readonly string[]>({
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/google-chrome',
    '/snap/bin/chromium',
    '/usr/bin/microsoft-edge',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => {
    const folder = process.env[name];
    return folder
      ? [
          path.join(folder, 'Google/Chrome/Application/chrome.exe'),
          path.join(folder, 'Microsoft/Edge/Application/msedge.exe'),
        ]
      : [];
  }),
});

interface Launchable {
  executablePath: string;
  args: string[];
  headless: boolean | 'shell';
  env?: Record<string, string | undefined>;
}

// Nothing a page could say may leave the machine, and nothing of the machine may reach the page.
const SEALED = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-extensions',
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--font-render-hinting=none',
];

/**
 * Starts the first browser that starts: the one named by `PROBITY_BROWSER`, the Chromium that came with the package, an installed one.
 * @throws ProbityError BROWSER_MISSING or BROWSER_FAILED
 */
export async function launchBrowser(): Promise<Browser> {
  const candidates = [...(await named()), ...(await packaged()), ...installed()];
  if (candidates.length === 0)
    throw new ProbityError('BROWSER_MISSING', 'the PDF needs a Chromium or Chrome, and none was found', {
      remedy: 'Install Chrome or Chromium, or set PROBITY_BROWSER to its path; the other formats need none',
    });
  const { launch } = await import('puppeteer-core');
  const failures: string[] = [];
  for (const candidate of candidates) {
    try {
      return await launch({ ...candidate, args: [...candidate.args, ...SEALED], timeout: 60_000 });
    } catch (error) {
      failures.push(`${candidate.executablePath}: ${reasonOf(messageOf(error))}`);
    }
  }
  throw new ProbityError('BROWSER_FAILED', `no browser started (${[...new Set(failures)].join('; ')})`, {
    remedy: 'Install Chrome or Chromium, or set PROBITY_BROWSER to its path; the other formats need none',
  });
}

/** The line of a failed start that says why. */
function reasonOf(message: string): string {
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  return (
    lines.find((line) => /error while loading|No such file|Permission denied|cannot/i.test(line)) ??
    lines[0] ??
    'unknown'
  ).trim();
}

async function named(): Promise<Launchable[]> {
  const executablePath = process.env.PROBITY_BROWSER;
  if (!executablePath) return [];
  if (!existsSync(executablePath))
    throw new ProbityError('BROWSER_MISSING', 'PROBITY_BROWSER names no file', { where: executablePath });
  return [{ executablePath, args: sandboxArguments(), headless: true }];
}

/** The packaged browser as it is, and once more with the system libraries it brings, for machines that lack them. */
async function packaged(): Promise<Launchable[]> {
  const found = await packagedBrowser().catch(() => undefined);
  if (!found) return [];
  const args = found.args.filter(
    (arg) => !arg.startsWith('--disable-web-security') && arg !== '--allow-running-insecure-content',
  );
  const plain = {
    executablePath: found.executablePath,
    args,
    headless: 'shell' as const,
    env: { ...process.env, FONTCONFIG_PATH: found.fonts },
  };
  return [plain, { ...plain, env: { ...plain.env, LD_LIBRARY_PATH: found.libraries } }];
}

function installed(): Launchable[] {
  const executablePath = INSTALLED[process.platform]?.find((file) => existsSync(file));
  return executablePath === undefined ? [] : [{ executablePath, args: sandboxArguments(), headless: true }];
}

/** Chromium refuses to run its sandbox as root; everywhere else the sandbox stays on. */
function sandboxArguments(): string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}
