import { existsSync, rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'puppeteer-core';
import { messageOf, ProbityError, systemCode } from '../../errors.ts';
import { leftBehind, unfinishedName } from '../../files/write.ts';
import { table } from '../../table.ts';
import { type PackagedBrowser, packagedBrowser } from './packagedBrowser.ts';

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
  env: Record<string, string | undefined>;
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

/** What a browser needs of our environment; passphrases and tokens are none of it. */
const INHERITED = [
  'PATH',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'FONTCONFIG_FILE',
  'FONTCONFIG_PATH',
  'LD_LIBRARY_PATH',
  'SYSTEMROOT',
  'WINDIR',
  'PATHEXT',
  'COMSPEC',
  '__CF_USER_TEXT_ENCODING',
];

const PROFILE = 'probity-browser-';

/** A browser of one run: whether its sandbox is on, and how to end it with all that it left. */
export interface CagedBrowser {
  browser: Browser;
  sandboxed: boolean;
  close(): Promise<void>;
}

let unsandboxed: 'root' | 'system' | undefined;

/** Why the browser of this process ran without its sandbox, as a sentence, if it did. */
export function sandboxNotice(): string | undefined {
  if (unsandboxed === 'root')
    return 'The browser that laid out the PDF ran without its sandbox, which root cannot have. Run as another user to have it.';
  return unsandboxed && 'The browser that laid out the PDF ran without its sandbox: the system gives it none.';
}

/**
 * Starts the first browser that starts: the one named by `PROBITY_BROWSER`, the Chromium that came with the package, an
 * installed one; each in its sandbox first, and without it only where the system has none. It gets an environment and a
 * profile of its own, and ends with this process however that ends.
 * @throws ProbityError BROWSER_MISSING or BROWSER_FAILED
 */
export async function launchBrowser(): Promise<CagedBrowser> {
  const profile = await makeProfile();
  const cage = new Cage(profile);
  try {
    const { candidates, problem } = await candidatesFor(profile);
    if (candidates.length === 0)
      throw new ProbityError(
        'BROWSER_MISSING',
        `the PDF needs a Chromium or Chrome, and ${problem ?? 'none was found'}`,
        {
          remedy: 'Install Chrome or Chromium, or set PROBITY_BROWSER to its path; the other formats need none',
        },
      );
    return await firstThatStarts(candidates, profile, cage);
  } catch (error) {
    await cage.end();
    throw error;
  }
}

/** For how long one browser may serve print after print: so many prints, so many milliseconds. */
interface Tenure {
  prints: number;
  milliseconds: number;
}

let tenure: Tenure | undefined;
let kept: { caged: Promise<CagedBrowser>; prints: number; since: number } | undefined;

/** From now on one browser of this process serves print after print, within bounds; without any, each has its own. */
export async function keepBrowser(bounds: Tenure | undefined): Promise<void> {
  tenure = bounds;
  await dismiss();
}

async function dismiss(): Promise<void> {
  const former = kept;
  kept = undefined;
  await former?.caged.then(
    (caged) => caged.close(),
    () => undefined,
  );
}

/**
 * A browser for one print, to be closed after it: the one that is kept, or one of its own.
 * @throws ProbityError BROWSER_MISSING or BROWSER_FAILED
 */
export async function borrowBrowser(): Promise<CagedBrowser> {
  if (!tenure) return launchBrowser();
  if (kept && (kept.prints >= tenure.prints || Date.now() - kept.since >= tenure.milliseconds)) await dismiss();
  kept ??= { caged: launchBrowser(), prints: 0, since: Date.now() };
  const mine = kept;
  mine.prints++;
  const caged = await mine.caged.catch(async (error: unknown) => {
    if (kept === mine) kept = undefined;
    throw error;
  });
  if (!caged.browser.connected) {
    if (kept === mine) await dismiss();
    return borrowBrowser();
  }
  return { ...caged, close: async () => undefined };
}

async function firstThatStarts(candidates: readonly Launchable[], profile: string, cage: Cage): Promise<CagedBrowser> {
  const { launch } = await import('puppeteer-core');
  const failures: string[] = [];
  const root = process.getuid?.() === 0;
  for (const sandboxed of root ? [false] : [true, false])
    for (const candidate of candidates) {
      try {
        const browser = await launch({
          ...candidate,
          args: [...(sandboxed ? candidate.args : [...candidate.args, '--no-sandbox']), ...SEALED],
          // Over a pipe, the browser notices when we are gone, even when we were killed.
          pipe: true,
          userDataDir: path.join(profile, 'profile'),
          handleSIGINT: false,
          handleSIGTERM: false,
          handleSIGHUP: false,
          timeout: 60_000,
          // Thousands of pages take their time; the page itself has a limit of its own.
          protocolTimeout: 600_000,
        });
        cage.hold(browser);
        unsandboxed = sandboxed ? undefined : root ? 'root' : 'system';
        return { browser, sandboxed, close: () => cage.end() };
      } catch (error) {
        failures.push(`${candidate.executablePath}: ${reasonOf(messageOf(error))}`);
      }
    }
  throw new ProbityError('BROWSER_FAILED', `no browser started (${[...new Set(failures)].join('; ')})`, {
    remedy: 'Install Chrome or Chromium, or set PROBITY_BROWSER to its path; the other formats need none',
  });
}

/** Folders for what lasts no longer than a run, the one that the system names first. */
function temporaryFolders(): string[] {
  const { XDG_RUNTIME_DIR: own } = process.env;
  return [tmpdir(), ...(process.platform === 'win32' ? [] : [...(own ? [own] : []), '/var/tmp', '/dev/shm'])];
}

async function makeProfile(): Promise<string> {
  let failure: { folder: string; error: unknown } | undefined;
  for (const folder of temporaryFolders()) {
    try {
      for (const name of await leftBehind(folder, PROFILE))
        await rm(path.join(folder, name), { recursive: true, force: true }).catch(() => undefined);
      const profile = path.join(folder, unfinishedName(PROFILE));
      await mkdir(profile, { mode: 0o700 });
      return profile;
    } catch (error) {
      failure ??= { folder, error };
    }
  }
  throw new ProbityError(
    'BROWSER_FAILED',
    `the browser needs a temporary folder, and none can be made (${systemCode(failure?.error) ?? 'unknown'})`,
    {
      where: failure?.folder ?? '',
      remedy: 'Set TMPDIR to a folder that this user may write',
      cause: failure?.error,
    },
  );
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ends a browser with its children and its profile, at the end of its work or of this process. */
class Cage {
  #profile: string;
  #browser: Browser | undefined;
  #onExit = (): void => {
    this.#kill();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 3 });
  };
  #onSignal = (signal: NodeJS.Signals): void => {
    this.#release();
    this.#onExit();
    // As if nobody had listened.
    process.kill(process.pid, signal);
  };

  constructor(profile: string) {
    this.#profile = profile;
    process.on('exit', this.#onExit);
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  hold(browser: Browser): void {
    this.#browser = browser;
  }

  async end(): Promise<void> {
    await this.#browser?.close().catch(() => undefined);
    this.#kill();
    this.#release();
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }).catch(() => undefined);
  }

  #kill(): void {
    const pid = this.#browser?.process()?.pid;
    if (pid === undefined) return;
    try {
      // It leads a group of its own, except on Windows.
      process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
    } catch {
      // Gone already.
    }
  }

  #release(): void {
    process.off('exit', this.#onExit);
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}

/** The line of a failed start that says why. */
function reasonOf(message: string): string {
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  return (
    lines.find((line) => /error while loading|No such file|Permission denied|No usable sandbox|cannot/i.test(line)) ??
    lines[0] ??
    'unknown'
  ).trim();
}

/** An environment of its own: what it needs of ours, and a home in its profile. */
function environment(profile: string): Record<string, string | undefined> {
  const inherited = Object.fromEntries(INHERITED.map((name) => [name, process.env[name]]));
  return { ...inherited, HOME: profile, USERPROFILE: profile, TMPDIR: profile, TEMP: profile, TMP: profile };
}

async function candidatesFor(profile: string): Promise<{ candidates: Launchable[]; problem?: string }> {
  const env = environment(profile);
  const named = process.env.PROBITY_BROWSER;
  if (named && !existsSync(named))
    throw new ProbityError('BROWSER_MISSING', 'PROBITY_BROWSER names no file', { where: named });
  let problem: string | undefined;
  const packaged = await packagedBrowser(profile).catch((error: unknown) => {
    problem = `the one that comes along cannot be unpacked (${systemCode(error) ?? messageOf(error)})`;
    return undefined;
  });
  const candidates = [
    ...(named ? [{ executablePath: named, args: [], headless: true, env }] : []),
    ...(packaged ? unpacked(packaged, env) : []),
    ...installed(env),
  ];
  return { candidates, ...(problem === undefined ? {} : { problem }) };
}

/** What the package would switch off besides the sandbox: the processes that it keeps apart, and what parts pages. */
const UNWANTED =
  /^--(?:no-sandbox|disable-setuid-sandbox|single-process|no-zygote|disable-web-security|disable-site-isolation-trials|allow-running-insecure-content|disable-features=.*)$/;

/** The packaged browser as it is, and once more with the system libraries it brings, for machines that lack them. */
function unpacked(found: PackagedBrowser, env: Launchable['env']): Launchable[] {
  const plain = {
    executablePath: found.executablePath,
    args: found.args.filter((arg) => !UNWANTED.test(arg)),
    headless: 'shell' as const,
    env: { ...env, FONTCONFIG_PATH: found.fonts },
  };
  return [plain, { ...plain, env: { ...plain.env, LD_LIBRARY_PATH: found.libraries } }];
}

function installed(env: Launchable['env']): Launchable[] {
  const executablePath = INSTALLED[process.platform]?.find((file) => existsSync(file));
  return executablePath === undefined ? [] : [{ executablePath, args: [], headless: true, env }];
}
