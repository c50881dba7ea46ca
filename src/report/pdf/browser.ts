import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'puppeteer-core';
import { messageOf, ProbityError } from '../../errors.ts';

/** Where browsers are usually installed; `PROBITY_BROWSER` names one outright. */
const INSTALLED: Record<string, readonly string[]> = {
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
    return folder ? [path.join(folder, 'Google/Chrome/Application/chrome.exe'), path.join(folder, 'Microsoft/Edge/Application/msedge.exe')] : [];
  }),
};

interface Launchable {
  executablePath: string;
  args: string[];
  headless: boolean | 'shell';
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
 * Starts a browser: the one named by `PROBITY_BROWSER`, else the Chromium that came with the package, else an installed one.
 * @throws ProbityError BROWSER_MISSING or BROWSER_FAILED
 */
export async function launchBrowser(): Promise<Browser> {
  const { launch } = await import('puppeteer-core');
  const candidate = (await named()) ?? (await packaged()) ?? installed();
  if (!candidate)
    throw new ProbityError('BROWSER_MISSING', 'the PDF needs a Chromium or Chrome, and none was found', {
      remedy: 'Install Chrome or Chromium, or set PROBITY_BROWSER to its path; the other formats need none',
    });
  try {
    return await launch({ ...candidate, args: [...candidate.args, ...SEALED], timeout: 60_000 });
  } catch (error) {
    throw new ProbityError('BROWSER_FAILED', `the browser did not start: ${messageOf(error).split('\n')[0]}`, {
      where: candidate.executablePath,
      remedy: 'Set PROBITY_BROWSER to another Chrome or Chromium',
      cause: error,
    });
  }
}

async function named(): Promise<Launchable | undefined> {
  const executablePath = process.env.PROBITY_BROWSER;
  if (!executablePath) return undefined;
  if (!existsSync(executablePath)) throw new ProbityError('BROWSER_MISSING', 'PROBITY_BROWSER names no file', { where: executablePath });
  return { executablePath, args: sandboxArguments(), headless: true };
}

async function packaged(): Promise<Launchable | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  try {
    const { default: chromium } = await import('@sparticuz/chromium');
    return {
      executablePath: await chromium.executablePath(),
      args: chromium.args.filter((arg) => !arg.startsWith('--disable-web-security') && arg !== '--allow-running-insecure-content'),
      headless: 'shell',
    };
  } catch {
    return undefined;
  }
}

function installed(): Launchable | undefined {
  const executablePath = INSTALLED[process.platform]?.find((file) => existsSync(file));
  return executablePath === undefined ? undefined : { executablePath, args: sandboxArguments(), headless: true };
}

/** Chromium refuses to run its sandbox as root; everywhere else the sandbox stays on. */
function sandboxArguments(): string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}
