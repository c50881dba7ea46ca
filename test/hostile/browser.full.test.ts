import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import test, { type TestContext } from 'node:test';
import { ROOT, scratch } from '../support/workspace.ts';

/* The browser is a cage: it knows no secret, ends with us however we end, and leaves nothing behind. Linux tells the rest. */

interface Caged {
  child: ChildProcess;
  pid: number;
  sandboxed: boolean;
  folder: string;
}

async function start(prefix: readonly string[] = [], env: Record<string, string> = {}): Promise<Caged> {
  const folder = scratch();
  chmodSync(folder, 0o777);
  const [program = '', ...args] = [...prefix, process.execPath, path.join(ROOT, 'test/hostile/caged.ts')];
  const child = spawn(program, args, {
    env: { ...process.env, TMPDIR: folder, PROBITY_PASSPHRASE: 'correct horse', SOME_TOKEN: 'correct horse', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
  return { child, folder, ...JSON.parse(String(line)) };
}

/** Processes of a group that still run. */
function running(group: number): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const [, state, , pgrp] = /\) (\S) (\d+) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
      return Number(pgrp) === group && state !== 'Z';
    } catch {
      return false;
    }
  });
}

async function until(what: string, done: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!done()) {
    assert.ok(Date.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function here(t: TestContext): boolean {
  if (process.platform === 'linux') return true;
  t.skip('looks into /proc, which only Linux has');
  return false;
}

test('the browser inherits no secret, and has a home of its own', async (t) => {
  if (!here(t)) return;
  const { child, pid, folder } = await start();
  t.after(() => child.kill('SIGTERM'));
  for (const one of running(pid)) {
    const environment = readFileSync(`/proc/${one}/environ`, 'utf8');
    assert.doesNotMatch(environment, /correct horse|PROBITY|TOKEN/);
  }
  assert.ok(readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`HOME=${folder}`));
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'] as const)
  test(`after ${signal} the browser and its children are gone, and so is its profile`, async (t) => {
    if (!here(t)) return;
    const { child, pid, folder } = await start();
    assert.ok(running(pid).length > 1);
    child.kill(signal);
    const [, by] = await once(child, 'exit');
    assert.equal(by, signal, 'the signal ends us as it would have without a browser');
    await until('the browser still runs', () => running(pid).length === 0);
    if (signal !== 'SIGKILL') return assert.deepEqual(readdirSync(folder), []);
    // Nobody could clean up; the next run does.
    const next = await start([], { TMPDIR: folder });
    assert.equal(readdirSync(folder).filter((name) => name.startsWith('probity-browser-')).length, 1);
    next.child.kill('SIGTERM');
    await once(next.child, 'exit');
  });

test('the sandbox is on for everybody but root, and the browser needs neither home nor cache', async (t) => {
  if (!here(t)) return;
  if (process.getuid?.() === 0 && !existsSync('/usr/bin/setpriv')) return t.skip('setpriv is not installed here');
  const nowhere = path.join(scratch(), 'nowhere');
  mkdirSync(nowhere, { mode: 0o500 });
  const prefix =
    process.getuid?.() === 0 ? ['/usr/bin/setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
  const able = spawnSync(prefix[0] ?? 'env', [
    ...prefix.slice(1),
    'unshare',
    '-U',
    process.execPath,
    '-p',
    'fs.accessSync(process.argv[1])',
    ROOT,
  ]);
  if (able.status !== 0) return t.skip('no other user may read this folder or have a sandbox here');
  const env = { HOME: nowhere, XDG_CACHE_HOME: path.join(nowhere, 'cache') };
  const { child, pid, sandboxed } = await start(prefix, env);
  t.after(() => child.kill('SIGTERM'));
  assert.equal(sandboxed, true);
  const arguments_ = running(pid).map((one) => readFileSync(`/proc/${one}/cmdline`, 'utf8'));
  assert.ok(!arguments_.some((text) => text.includes('--no-sandbox\0')));
  const renderers = running(pid).filter((one) =>
    readFileSync(`/proc/${one}/cmdline`, 'utf8').includes('--type=renderer'),
  );
  assert.ok(renderers.length > 0);
  for (const one of renderers) assert.match(readFileSync(`/proc/${one}/status`, 'utf8'), /^Seccomp:\s*2$/m);
});
