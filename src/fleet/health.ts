import { createServer, type Server } from 'node:http';
import { ProbityError, systemCode } from '../errors.ts';
import { HOW_MADE, type Outcome } from './job.ts';

/** Bounds of the histogram of how long a job takes, in seconds. */
const BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];

/** What a worker counts, as Prometheus reads it. */
export class Metrics {
  #done = new Map<Outcome['how'], number>(HOW_MADE.map((how) => [how, 0]));
  #failed = new Map<string, number>();
  #buckets = BUCKETS.map(() => 0);
  #seconds = 0;
  #cpu = 0;
  #bytes = 0;
  #portfolios = 0;

  done({ how, seconds, cpu, bytes }: Outcome): void {
    this.#done.set(how, (this.#done.get(how) ?? 0) + 1);
    this.#seconds += seconds;
    this.#cpu += cpu;
    this.#bytes += bytes;
    BUCKETS.forEach((limit, i) => {
      if (seconds <= limit) this.#buckets[i] = (this.#buckets[i] ?? 0) + 1;
    });
  }

  failed(code: string): void {
    this.#failed.set(code, (this.#failed.get(code) ?? 0) + 1);
  }

  portfolio(): void {
    this.#portfolios++;
  }

  text(gauges: Record<string, [help: string, value: number]>): string {
    const count = [...this.#done.values()].reduce((sum, one) => sum + one, 0);
    const family = (name: string, type: string, help: string, samples: string[]): string[] => [
      `# HELP probity_${name} ${help}`,
      `# TYPE probity_${name} ${type}`,
      ...samples.map((sample) => `probity_${sample}`),
    ];
    return `${[
      ...family(
        'jobs_done_total',
        'counter',
        'Systems done, by how their pack came to be there.',
        [...this.#done].map(([how, n]) => `jobs_done_total{how="${how}"} ${n}`),
      ),
      ...family(
        'jobs_failed_total',
        'counter',
        'Attempts that came to nothing, by code.',
        [...this.#failed].map(([code, n]) => `jobs_failed_total{code="${code.replaceAll(/[^A-Z_]/g, '')}"} ${n}`),
      ),
      ...family('job_seconds', 'histogram', 'How long a system takes.', [
        ...BUCKETS.map((limit, i) => `job_seconds_bucket{le="${limit}"} ${this.#buckets[i]}`),
        `job_seconds_bucket{le="+Inf"} ${count}`,
        `job_seconds_sum ${this.#seconds}`,
        `job_seconds_count ${count}`,
      ]),
      ...family('job_cpu_seconds_total', 'counter', 'Processor time of systems.', [
        `job_cpu_seconds_total ${this.#cpu}`,
      ]),
      ...family('evidence_bytes_total', 'counter', 'Bytes of evidence read.', [`evidence_bytes_total ${this.#bytes}`]),
      ...family('portfolios_total', 'counter', 'Portfolios made.', [`portfolios_total ${this.#portfolios}`]),
      ...Object.entries(gauges).flatMap(([name, [help, value]]) => family(name, 'gauge', help, [`${name} ${value}`])),
    ].join('\n')}\n`;
  }
}

/** Where health is told. */
export interface Listening {
  host: string;
  port: number;
  /** Whether another port will do when this one is taken. */
  elsewhere: boolean;
}

/** What is asked of a worker over HTTP. */
interface Asked {
  healthy(): Promise<boolean>;
  metrics(): Promise<string>;
}

/** Serves `/healthz` and `/metrics`, and nothing else. @throws ProbityError USAGE when the port is taken */
export async function serveHealth(listening: Listening, asked: Asked): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const reply = (status: number, text: string): void => {
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
      response.end(request.method === 'HEAD' ? undefined : text);
    };
    const path = (request.url ?? '').split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') return reply(405, 'only GET\n');
    const answer = async (): Promise<void> => {
      if (path === '/healthz') {
        const healthy = await asked.healthy();
        reply(healthy ? 200 : 503, healthy ? 'ok\n' : 'not well\n');
      } else if (path === '/metrics') reply(200, await asked.metrics());
      else reply(404, 'there are /healthz and /metrics\n');
    };
    answer().catch(() => reply(503, 'not well\n'));
  });
  server.requestTimeout = 5000;
  server.maxConnections = 50;
  await listen(server, listening.host, listening.port).catch((error: unknown) => {
    if (listening.elsewhere && systemCode(error) === 'EADDRINUSE') return listen(server, listening.host, 0);
    throw new ProbityError('USAGE', `health cannot be told there (${systemCode(error) ?? 'unknown'})`, {
      where: `${listening.host}:${listening.port}`,
      remedy: 'Choose another port with --listen HOST:PORT, or --listen off',
      cause: error,
    });
  });
  server.unref();
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : listening.port;
  const host = listening.host.includes(':') ? `[${listening.host}]` : listening.host;
  return {
    url: `http://${host}:${port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
