import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { messageOf, ProbityError, systemCode } from '../errors.ts';
import { mapText } from '../evidence/text.ts';
import { visible } from '../visible.ts';

/* What this machine has of what Probity may need: each check says what it found and what it is for. */

/** `needed`: a run with default formats fails without it. */
export interface Check {
  name: string;
  ok: boolean;
  needed: boolean;
  found: string;
  remedy?: string;
}

/** Every check, in the order in which a run would meet them. */
export async function examine(): Promise<Check[]> {
  const found = [
    node(),
    memory(),
    clock(),
    await temporary(),
    await home(),
    await browser(),
    await keyless(),
    ...(await Promise.all(JUDGES.map(judge))),
  ];
  return mapText(found, visible);
}

function node(): Check {
  return {
    name: 'Node',
    ok: true,
    needed: true,
    found: `${process.versions.node}, ${process.platform} ${process.arch}`,
  };
}

const LEAST_MEMORY = 512 * 2 ** 20;

function memory(): Check {
  // In a container the limit of its group counts, not the machine's memory.
  const limit = process.constrainedMemory();
  const bytes = limit > 0 && limit < totalmem() ? limit : totalmem();
  const ok = bytes >= LEAST_MEMORY;
  return {
    name: 'memory',
    ok,
    needed: true,
    found: `${Math.round(bytes / 2 ** 20)} MiB`,
    ...(ok ? {} : { remedy: 'Give it 512 MiB at least' }),
  };
}

/** Signatures and certificates are judged by the clock; one that was never set stands before this program was written. */
const WRITTEN = Date.parse('2026-01-01');

function clock(): Check {
  const now = new Date();
  const ok = now.getTime() > WRITTEN;
  return {
    name: 'clock',
    ok,
    needed: true,
    found: `${now.toISOString().slice(0, 19)}Z`,
    ...(ok ? {} : { remedy: 'Set the clock; signatures carry its time' }),
  };
}

async function temporary(): Promise<Check> {
  const folder = tmpdir();
  try {
    const place = await mkdtemp(path.join(folder, 'probity-doctor-'));
    await rm(place, { recursive: true });
    return { name: 'temporary folder', ok: true, needed: false, found: folder };
  } catch (error) {
    return {
      name: 'temporary folder',
      ok: false,
      needed: false,
      found: `${folder} may not be written (${systemCode(error) ?? 'unknown'})`,
      remedy: 'Set TMPDIR; without it the browser uses /var/tmp or /dev/shm',
    };
  }
}

async function home(): Promise<Check> {
  const { userFolder } = await import('../sign/trial.ts');
  const folder = userFolder();
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
    return { name: 'home', ok: true, needed: false, found: `${folder}, for the trial identity` };
  } catch (error) {
    return {
      name: 'home',
      ok: false,
      needed: false,
      found: `${folder} may not be written (${systemCode(error) ?? 'unknown'}); a trial identity lasts one run`,
      remedy: 'Set PROBITY_HOME to a folder that this user may write, or sign with --identity',
    };
  }
}

async function browser(): Promise<Check> {
  const { launchBrowser } = await import('../report/pdf/browser.ts');
  try {
    const caged = await launchBrowser();
    try {
      const version = await caged.browser.version();
      return {
        name: 'browser',
        ok: true,
        needed: true,
        found: `${version}${caged.sandboxed ? '' : ', without its sandbox'}`,
      };
    } finally {
      await caged.close();
    }
  } catch (error) {
    return {
      name: 'browser',
      ok: false,
      needed: true,
      found: messageOf(error),
      remedy:
        (error instanceof ProbityError ? error.remedy : undefined) ??
        'Install Chrome or Chromium; every format but pdf and brief needs none',
    };
  }
}

async function keyless(): Promise<Check> {
  const there = await import('sigstore').then(
    () => true,
    () => false,
  );
  const token = process.env.SIGSTORE_ID_TOKEN || process.env.ACTIONS_ID_TOKEN_REQUEST_URL;
  return {
    name: 'keyless signatures',
    ok: there,
    needed: false,
    found: there ? (token ? 'a token of a pipeline is there' : 'ready; no token of a pipeline here') : 'left out',
    ...(there ? {} : { remedy: 'Install probity with its optional dependencies' }),
  };
}

/** Programs of others that check what is written here; nothing needs them. */
const JUDGES = [
  { program: 'openssl', args: ['version'], what: 'PDF signatures and attestations' },
  { program: 'pdfsig', args: ['-v'], what: 'PDF signatures' },
  { program: 'cosign', args: ['version'], what: 'keyless signatures' },
  { program: 'pkcs11-tool', args: ['--version'], what: 'signing with a token' },
] as const;

function judge({ program, args, what }: (typeof JUDGES)[number]): Promise<Check> {
  return new Promise((resolve) => {
    execFile(program, [...args], { timeout: 10_000 }, (error) => {
      const missing = error !== null && systemCode(error) === 'ENOENT';
      resolve({ name: program, ok: !missing, needed: false, found: `${missing ? 'not here' : 'here'}: ${what}` });
    });
  });
}
