import { ProbityError, systemCode } from '../errors.ts';

/* Packages that only a fleet needs are installed beside Probity by those who run one. */

const INSTALL = 'npm install bullmq@6 ioredis@5 @aws-sdk/client-s3@3';

/** Loads an optional package. @throws ProbityError DEPENDENCY_MISSING with the command that installs it */
async function optional<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (systemCode(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new ProbityError(
      'DEPENDENCY_MISSING',
      `the fleet commands need the package ${name}, which is not installed`,
      {
        remedy: `Install what they need with: ${INSTALL}`,
        cause: error,
      },
    );
  }
}

/** What a queue needs. */
export interface QueuePackages {
  Redis: typeof import('ioredis').Redis;
  bullmq: typeof import('bullmq');
}

export async function loadQueuePackages(): Promise<QueuePackages> {
  const { Redis } = await optional('ioredis', () => import('ioredis'));
  const bullmq = await optional('bullmq', () => import('bullmq'));
  return { Redis, bullmq };
}

export function loadS3(): Promise<typeof import('@aws-sdk/client-s3')> {
  return optional('@aws-sdk/client-s3', () => import('@aws-sdk/client-s3'));
}
