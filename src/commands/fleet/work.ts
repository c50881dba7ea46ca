import { availableParallelism } from 'node:os';
import { Flags } from '@oclif/core';
import { BaseCommand, commonFlags } from '../../cli/command.ts';
import { queueFlag } from '../../cli/fleet.ts';
import { ProbityError } from '../../errors.ts';
import type { NamedIdentity } from '../../fleet/bounds.ts';
import type { Listening } from '../../fleet/health.ts';

const DEFAULT_PORT = 9464;

export default class FleetWork extends BaseCommand {
  static override summary = 'Take jobs from a queue and make their packs, until told to stop.';
  static override description =
    'What stands in the queue is not trusted: a job can only read below --evidence-root, only write below --results-root, and only be signed by the identities given here. Each job runs in a process of its own, with a limit on memory and time. On SIGTERM it takes no more jobs, lets running ones end, and gives back those that do not.';
  static override examples = [
    {
      description: 'Two at a time, evidence and packs below the current folder',
      command: '<%= config.bin %> <%= command.id %> --queue redis://127.0.0.1:6379 --concurrency 2',
    },
    {
      description: 'Evidence and packs in buckets, signed',
      command:
        'PROBITY_PASSPHRASE=... <%= config.bin %> <%= command.id %> --evidence-root s3://evidence --results-root s3://packs --identity release=/etc/probity/signer.p12',
    },
    { description: 'Until the queue is empty', command: '<%= config.bin %> <%= command.id %> --until-empty' },
  ];
  static override flags = {
    ...queueFlag,
    concurrency: Flags.integer({
      description: 'how many jobs at a time [default: as many as the machine has processors]',
      min: 1,
      max: 256,
    }),
    'evidence-root': Flags.string({
      description: 'where jobs may read: a folder, s3://BUCKET/PREFIX or https://HOST/ [default: the current folder]',
      multiple: true,
    }),
    'results-root': Flags.string({
      description: 'where jobs may write packs: a folder or s3://BUCKET/PREFIX [default: the current folder]',
      multiple: true,
    }),
    identity: Flags.string({
      description:
        'an identity that jobs may be signed by, NAME=FILE or NAME=PKCS11-URI; the first is for jobs that name none. Its passphrase comes from PROBITY_PASSPHRASE_NAME or PROBITY_PASSPHRASE [default: the trial identity]',
      multiple: true,
    }),
    'no-sign': Flags.boolean({
      description: 'write packs unsigned and without an attestation',
      exclusive: ['identity'],
    }),
    'timestamp-url': Flags.string({ description: 'ask this RFC 3161 server for a time-stamp over each PDF signature' }),
    memory: Flags.integer({ description: 'megabytes of memory that a job may take', default: 2048, min: 128 }),
    timeout: Flags.integer({ description: 'seconds that a job may take', default: 900, min: 1 }),
    'evidence-limit': Flags.integer({ description: 'gigabytes of evidence that a job may fetch', default: 50, min: 1 }),
    grace: Flags.integer({
      description: 'seconds that running jobs have to end once told to stop',
      default: 60,
      min: 0,
    }),
    listen: Flags.string({
      description: `where /healthz and /metrics are told, HOST:PORT, or off [default: 127.0.0.1:${DEFAULT_PORT}, or a free port]`,
    }),
    'until-empty': Flags.boolean({ description: 'stop once the queue is empty and nothing runs' }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(FleetWork);
    this.settle(flags);
    const { parsePlace } = await import('../../fleet/places.ts');
    const { queueAddress } = await import('../../fleet/queue.ts');
    const { FleetWorker } = await import('../../fleet/worker.ts');
    const roots = (named: string[] | undefined) => (named ?? ['.']).map((text) => parsePlace(text, process.cwd()));
    const url = flags['timestamp-url'];
    const worker = await FleetWorker.start({
      address: queueAddress(flags.queue),
      bounds: {
        evidence: roots(flags['evidence-root']),
        results: roots(flags['results-root']),
        identities: (flags.identity ?? []).map(namedIdentity),
        sign: !flags['no-sign'],
        ...(url === undefined ? {} : { timestampUrl: url }),
        evidenceBytes: flags['evidence-limit'] * 1e9,
      },
      limits: { memoryBytes: flags.memory * 2 ** 20, milliseconds: flags.timeout * 1000 },
      concurrency: flags.concurrency ?? availableParallelism(),
      grace: flags.grace * 1000,
      listening: listeningAt(flags.listen),
      untilEmpty: flags['until-empty'],
      say: (line) => this.say(line),
    });
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => {
        this.say('Stopping: no more jobs are taken, and those that run come to their end.');
        void worker.stop();
      });
    await worker.ended;
    this.emit({ stopped: true });
    this.say('Stopped.');
  }
}

/** `NAME=REFERENCE`; without a name, its reference is what jobs call it. */
function namedIdentity(text: string): NamedIdentity {
  const match = /^([A-Za-z0-9._-]{1,60})=(.+)$/.exec(text);
  return match?.[1] && match[2] ? { name: match[1], reference: match[2] } : { name: text, reference: text };
}

function listeningAt(flag: string | undefined): Listening | undefined {
  if (flag === 'off') return undefined;
  if (flag === undefined) return { host: '127.0.0.1', port: DEFAULT_PORT, elsewhere: true };
  const match = /^(?:(.+):)?(\d{1,5})$/.exec(flag);
  const port = Number(match?.[2]);
  if (!match || port > 65_535)
    throw new ProbityError('USAGE', `--listen is "${flag}"`, { remedy: 'Write it as HOST:PORT, as a port, or off' });
  return { host: (match[1] ?? '127.0.0.1').replace(/^\[|\]$/g, ''), port, elsewhere: false };
}
