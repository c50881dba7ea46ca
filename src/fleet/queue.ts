import type { FlowProducer, Queue, Job as QueueJob } from 'bullmq';
import { messageOf, ProbityError } from '../errors.ts';
import { loadQueuePackages, type QueuePackages } from './packages.ts';

/* Where jobs wait. BullMQ keeps them in Redis or Valkey below these names, which dashboards show. */

export const PREFIX = 'probity';
export const SYSTEMS = 'systems';
export const PORTFOLIOS = 'portfolios';

/** Where the queue is, and how one gets in. */
export interface QueueAddress {
  /** Without a password: as it may be shown. */
  shown: string;
  url: string;
}

/**
 * The address of a queue: the flag's, else that of `PROBITY_QUEUE`. A password comes from the environment only, where other
 * users of the machine cannot read it.
 * @throws ProbityError USAGE
 */
export function queueAddress(flag: string | undefined, env: NodeJS.ProcessEnv = process.env): QueueAddress {
  const text = flag ?? env.PROBITY_QUEUE;
  if (text === undefined || text === '')
    throw new ProbityError('USAGE', 'no queue is named', {
      remedy: 'Give --queue redis://HOST:6379 (rediss:// with TLS), or set PROBITY_QUEUE',
    });
  if (!/^rediss?:\/\/./.test(text) || !URL.canParse(text))
    throw new ProbityError('USAGE', 'the address of the queue is none of Redis or Valkey', {
      remedy: 'Write it as redis://HOST:6379, or rediss://HOST:6379 with TLS',
    });
  const url = new URL(text);
  if (flag !== undefined && url.password !== '')
    throw new ProbityError('USAGE', 'a password on the command line can be read by everybody on the machine', {
      remedy:
        'Leave it out, and set PROBITY_QUEUE_PASSWORD (and PROBITY_QUEUE_USER), or give the whole address in PROBITY_QUEUE',
    });
  if (env.PROBITY_QUEUE_USER) url.username = encodeURIComponent(env.PROBITY_QUEUE_USER);
  if (env.PROBITY_QUEUE_PASSWORD) url.password = encodeURIComponent(env.PROBITY_QUEUE_PASSWORD);
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  return { shown: shown.href, url: url.href };
}

type Connection = InstanceType<QueuePackages['Redis']>;

/** The queues of a fleet, open. */
export interface Queues {
  packages: QueuePackages;
  systems: Queue;
  portfolios: Queue;
  flows: FlowProducer;
  /** A further connection, for a worker: it waits as long as it takes. */
  connect(): Connection;
  close(): Promise<void>;
}

/** How long a command waits for a server that does not answer, in milliseconds. */
const PATIENCE = 10_000;

/**
 * Opens the queues.
 * @throws ProbityError DEPENDENCY_MISSING, QUEUE_FAILED when the server does not answer
 */
export async function openQueues(address: QueueAddress): Promise<Queues> {
  const packages = await loadQueuePackages();
  const { Redis, bullmq } = packages;
  const connect = (waiting = true): Connection => {
    const connection = new Redis(address.url, {
      maxRetriesPerRequest: waiting ? null : 3,
      connectTimeout: PATIENCE,
      retryStrategy: (times) => (waiting || times <= 3 ? Math.min(200 * times, 2000) : null),
      lazyConnect: true,
    });
    // Without a listener the library would print what went wrong, again and again.
    connection.on('error', () => undefined);
    return connection;
  };
  const connection = connect(false);
  try {
    await within(connection.connect(), PATIENCE);
    await within(connection.ping(), PATIENCE);
  } catch (error) {
    connection.disconnect();
    throw queueFailure(error, address);
  }
  const shared = { connection, prefix: PREFIX };
  const systems = new bullmq.Queue(SYSTEMS, shared);
  const portfolios = new bullmq.Queue(PORTFOLIOS, shared);
  const flows = new bullmq.FlowProducer(shared);
  systems.on('error', () => undefined);
  portfolios.on('error', () => undefined);
  flows.on('error', () => undefined);
  return {
    packages,
    systems,
    portfolios,
    flows,
    connect: () => connect(),
    async close() {
      await Promise.all([systems.close(), portfolios.close(), flows.close()]).catch(() => undefined);
      connection.disconnect();
    },
  };
}

/** Opens the queues for one piece of work, whose failures are told as one line. */
export async function withQueues<T>(address: QueueAddress, work: (queues: Queues) => Promise<T>): Promise<T> {
  const queues = await openQueues(address);
  try {
    return await work(queues);
  } catch (error) {
    if (error instanceof ProbityError) throw error;
    throw queueFailure(error, address);
  } finally {
    await queues.close();
  }
}

function queueFailure(error: unknown, address: QueueAddress): ProbityError {
  return new ProbityError('QUEUE_FAILED', `the queue does not answer: ${messageOf(error).split('\n')[0]}`, {
    where: address.shown,
    remedy: 'See that Redis or Valkey runs there, and that its password and TLS are as it wants them',
    cause: error,
  });
}

async function within<T>(asked: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds / 1000} s`)), milliseconds);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The jobs of these ids, those that are gone left out. */
export async function jobsOf(queue: Queue, ids: readonly string[]): Promise<QueueJob[]> {
  const jobs = await Promise.all(ids.map((id) => queue.getJob(id)));
  return jobs.filter((job): job is QueueJob => job !== undefined);
}
