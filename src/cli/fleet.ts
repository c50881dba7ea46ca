import { Args, Flags } from '@oclif/core';
import type { Queues } from '../fleet/queue.ts';
import { asOfDate } from './command.ts';

/* What the fleet commands have in common. */

export const queueFlag = {
  queue: Flags.string({
    description:
      'where jobs wait: redis://HOST:PORT, or rediss:// with TLS; its password comes from PROBITY_QUEUE_PASSWORD [default: PROBITY_QUEUE]',
  }),
};

export const submissionFlags = {
  ...queueFlag,
  submission: Flags.string({
    description: 'the submission that is meant, by its id [default: the newest]',
    exclusive: ['as-of'],
  }),
  'as-of': Flags.string({
    description: 'with a file of systems: the date it was submitted for, YYYY-MM-DD [default: as for submit]',
  }),
};

export const systemsArgument = {
  systems: Args.string({ description: 'the file that was submitted, systems.yaml [default: the newest submission]' }),
};

/** Runs one piece of work on the queue that the flag or the environment names. */
export async function onQueue<T>(flag: string | undefined, work: (queues: Queues) => Promise<T>): Promise<T> {
  const { queueAddress, withQueues } = await import('../fleet/queue.ts');
  return withQueues(queueAddress(flag), work);
}

/** The submission that is meant; undefined: the newest one. */
export async function submissionOf(
  file: string | undefined,
  flags: { submission: string | undefined; 'as-of': string | undefined },
): Promise<string | undefined> {
  if (file === undefined) return flags.submission;
  const { loadFleet } = await import('../fleet/definition.ts');
  const { submission } = await loadFleet(file, {
    today: await asOfDate(undefined),
    ...(flags['as-of'] === undefined ? {} : { asOf: await asOfDate(flags['as-of']) }),
  });
  return submission;
}
