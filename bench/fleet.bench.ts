/**
 * A fleet on a Redis of its own: submitting and asking about 100,000 systems, what the queue adds to a job, two workers
 * beside one, what a system costs; then the simulation of larger fleets from these numbers, as in docs/scale.md.
 * Limits: 60 s for submitting, 500 MB resident, 10 ms a job, 0.9 of what two cores allow.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FleetCommands, packsIn, writeFleet } from '../test/support/fleet.ts';
import { freePort, type Server, serverHere, startRedis } from '../test/support/servers.ts';
import { ROOT } from '../test/support/workspace.ts';
import { simulate } from './simulation.ts';

const MANY = 100_000;
const SYSTEMS = Number(process.env.FLEET_BENCH_SYSTEMS ?? 120);
const folder = mkdtempSync(path.join(tmpdir(), 'probity-fleet-bench-'));
let failed = false;

function say(line: string): void {
  console.log(line);
}

function limit(name: string, value: number, most: number, unit: string): void {
  if (value > most) failed = true;
  say(`${value > most ? 'OVER ' : '     '} ${name}: ${value.toPrecision(3)} ${unit} (limit ${most})`);
}

/** What Redis says of itself. */
function info(server: Server): { cpu: number; memory: number } {
  const text = execFileSync('redis-cli', ['-p', String(server.port), 'info']).toString();
  const read = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1]);
  return { cpu: read('used_cpu_user') + read('used_cpu_sys'), memory: read('used_memory') };
}

/** A command's seconds, processor seconds and most memory resident, by the system's own count. */
function measured(
  commands: FleetCommands,
  args: readonly string[],
): Promise<{ seconds: number; cpu: number; megabytes: number; stdout: string }> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const report = `process.on('exit', () => { const u = process.resourceUsage(); require('fs').writeFileSync(${JSON.stringify(path.join(folder, 'usage'))}, JSON.stringify(u)); });`;
    writeFileSync(path.join(folder, 'usage.cjs'), report);
    const child = spawn(
      process.execPath,
      ['--require', path.join(folder, 'usage.cjs'), path.join(ROOT, 'bin/probity.js'), 'fleet', ...args],
      {
        cwd: commands.folder,
        env: { ...process.env, ...commands.env, PROBITY_HOME: commands.home },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.once('exit', (code) => {
      if (code !== 0 && code !== 1) return reject(new Error(`${args[0]} ended with ${code}`));
      const usage = JSON.parse(readFileSync(path.join(folder, 'usage'), 'utf8'));
      resolve({
        seconds: (performance.now() - start) / 1000,
        cpu: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
        megabytes: usage.maxRSS / 1024,
        stdout,
      });
    });
  });
}

/** Runs workers until the queue is empty; what they counted, from their metrics. */
async function work(
  commands: FleetCommands,
  workers: number,
): Promise<{ seconds: number; jobSeconds: number; cpu: number; jobs: number; bytes: number }> {
  const ports = await Promise.all(Array.from({ length: workers }, freePort));
  const started = ports.map((port) => commands.start(['--concurrency', '1', '--no-sign', '--listen', String(port)]));
  const scrape = async (port: number): Promise<string> =>
    fetch(`http://127.0.0.1:${port}/metrics`).then(
      (answer) => answer.text(),
      () => '',
    );
  const read = (text: string, name: string): number =>
    Number(new RegExp(`^probity_${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  let begun = 0;
  let texts: string[] = [];
  const wanted = (await commands.status()).counts.queued;
  const first = new Map<number, { at: number; jobs: number; seconds: number }>();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    texts = await Promise.all(ports.map(scrape));
    const done = texts.reduce((sum, text) => sum + read(text, 'job_seconds_count'), 0);
    // Starting programs is not working: time counts from the first job that every worker has done.
    texts.forEach((text, i) => {
      const jobs = read(text, 'job_seconds_count');
      if (jobs > 0 && !first.has(i))
        first.set(i, { at: performance.now(), jobs, seconds: read(text, 'job_seconds_sum') });
    });
    if (begun === 0 && first.size === workers) begun = performance.now();
    if (done >= wanted) break;
  }
  const ended = performance.now();
  for (const { process: child } of started) child.kill('SIGTERM');
  await Promise.all(started.map(({ ended: end }) => end));
  const before = [...first.values()];
  const sum = (name: string): number => texts.reduce((total, text) => total + read(text, name), 0);
  return {
    seconds: (ended - begun) / 1000,
    jobSeconds: sum('job_seconds_sum') - before.reduce((total, one) => total + one.seconds, 0),
    jobs: wanted - before.reduce((total, one) => total + one.jobs, 0),
    cpu: sum('job_cpu_seconds_total') / wanted,
    bytes: sum('evidence_bytes_total') / wanted,
  };
}

try {
  if (!serverHere('redis', { skip: () => undefined })) throw new Error('redis-server is not installed here');
  const redis = await startRedis(path.join(folder, 'redis'));
  try {
    const many = path.join(folder, 'many');
    const crowd = new FleetCommands(redis.port, many);
    crowd.env.PROBITY_QUEUE = `${crowd.queue}/1`;
    const file = writeFleet(many, 0, {
      more: Array.from({ length: MANY }, (_, i) => `  - {id: system-${i}, config: systems/${i}/probity.yaml}\n`).join(
        '',
      ),
    });
    const before = info(redis);
    const submitted = await measured(crowd, ['submit', file]);
    const after = info(redis);
    say(
      `submit ${MANY} systems: ${submitted.seconds.toFixed(1)} s, ${submitted.cpu.toFixed(1)} s of processor, Redis ${(after.cpu - before.cpu).toFixed(1)} s`,
    );
    limit('submitting', submitted.seconds, 60, 's');
    limit('memory of submit', submitted.megabytes, 500, 'MB');
    say(`      Redis holds ${((after.memory - before.memory) / MANY).toFixed(0)} bytes a system`);
    const asked = await measured(crowd, ['status', '--json']);
    say(
      `status of ${MANY} systems: ${asked.seconds.toFixed(1)} s, ${(asked.stdout.length / 1e6).toFixed(1)} MB of JSON`,
    );
    limit('memory of status', asked.megabytes, 500, 'MB');
    execFileSync('redis-cli', ['-p', String(redis.port), '-n', '1', 'flushdb']);

    const rates: number[] = [];
    let cost = { cpu: 0, bytes: 0, packBytes: 0, queueSeconds: 0 };
    for (const workers of [1, 2]) {
      const place = path.join(folder, `workers-${workers}`);
      const commands = new FleetCommands(redis.port, place);
      commands.env.PROBITY_QUEUE = `${commands.queue}/${1 + workers}`;
      await commands.run('submit', writeFleet(place, SYSTEMS));
      const start = info(redis);
      const done = await work(commands, workers);
      const end = info(redis);
      rates.push(done.jobs / done.seconds);
      const overhead = (done.seconds * workers - done.jobSeconds) / done.jobs;
      say(
        `${workers} ${workers === 1 ? 'worker' : 'workers'}: ${(done.jobs / done.seconds).toFixed(2)} systems a second, ${done.cpu.toFixed(3)} core-seconds each, ${(1000 * overhead).toFixed(1)} ms beside the job`,
      );
      if (workers === 1) {
        limit('queue overhead', 1000 * overhead, 10, 'ms a job');
        const packs = [...packsIn(path.join(place, 'packs')).values()];
        const size = packs.reduce((sum, pack) => sum + [...pack.values()].reduce((a, b) => a + b.length, 0), 0);
        cost = {
          cpu: done.cpu,
          bytes: done.bytes,
          packBytes: size / packs.length,
          queueSeconds: (end.cpu - start.cpu) / SYSTEMS,
        };
      }
    }
    const [one = 1, two = 0] = rates;
    // What two cores allow: the same work by two programs without a queue, beside one.
    const alone = await plain(1);
    const both = await plain(2);
    const allowed = both / alone;
    const share = two / one / allowed;
    say(
      `two cores allow ${allowed.toFixed(2)} times the work of one here; two workers do ${(two / one).toFixed(2)} times`,
    );
    if (share < 0.9) failed = true;
    say(`${share < 0.9 ? 'UNDER' : '     '} two workers: ${share.toFixed(2)} of what two cores allow (limit 0.9)`);
    say(
      `cost of a system: ${cost.cpu.toFixed(3)} core-seconds, ${(cost.bytes / 1000).toFixed(1)} kB of evidence read, ${(cost.packBytes / 1000).toFixed(0)} kB of pack, ${(1000 * cost.queueSeconds).toFixed(2)} ms of Redis`,
    );

    say(
      `\nsimulated: ${MANY} systems; a system takes 0.5 to 2 times ${cost.cpu.toFixed(2)} s of a core (JSON), or 5 s more (with PDF and workbook)`,
    );
    for (const [title, add] of [
      ['JSON', 0],
      ['PDF, workbook, JSON', 5],
    ] as const) {
      say(`${title}\n workers | hours | systems/s | queue busy | store busy`);
      for (const workers of [1, 10, 30, 100, 300, 1000]) {
        const { seconds, perSecond, queueBusy, storeBusy } = simulate(MANY, workers, {
          serviceSeconds: Array.from({ length: 31 }, (_, i) => (cost.cpu + add) * (0.5 + (1.5 * i) / 30)),
          queueSeconds: cost.queueSeconds,
          storeRequests: 14,
          storeSeconds: 0.02,
          storeRate: 3500,
        });
        say(
          `${String(workers).padStart(8)} | ${(seconds / 3600).toFixed(2).padStart(5)} | ${perSecond.toFixed(1).padStart(9)} | ${(100 * queueBusy).toFixed(1).padStart(8)} % | ${(100 * storeBusy).toFixed(1).padStart(8)} %`,
        );
      }
    }
  } finally {
    await redis.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (failed) process.exitCode = 1;

/** Systems a second by so many programs that do jobs without a queue. */
async function plain(programs: number): Promise<number> {
  const place = path.join(folder, `plain-${programs}`);
  writeFleet(place, SYSTEMS);
  const each = Math.floor(SYSTEMS / programs);
  const results = await Promise.all(
    Array.from({ length: programs }, (_, i) => {
      return new Promise<number>((resolve, reject) => {
        const child = spawn(
          process.execPath,
          [path.join(import.meta.dirname, 'plain.ts'), place, String(i * each), String((i + 1) * each)],
          {
            stdio: ['ignore', 'pipe', 'inherit'],
          },
        );
        let text = '';
        child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
        child.once('exit', (code) =>
          code === 0 ? resolve(Number(text)) : reject(new Error('a plain program failed')),
        );
      });
    }),
  );
  return results.reduce((sum, rate) => sum + rate, 0);
}
