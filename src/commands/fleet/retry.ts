import { Args } from '@oclif/core';
import { BaseCommand, commonFlags } from '../../cli/command.ts';
import { onQueue, submissionFlags } from '../../cli/fleet.ts';

export default class FleetRetry extends BaseCommand {
  static override summary = 'Put systems that failed back into the queue.';
  static override examples = [
    { description: 'All that failed', command: '<%= config.bin %> <%= command.id %> --queue redis://127.0.0.1:6379' },
    { description: 'Two of them', command: '<%= config.bin %> <%= command.id %> claims-assistant triage' },
  ];
  static override strict = false;
  static override args = { systems: Args.string({ description: 'ids of systems [default: all that failed]' }) };
  static override flags = { queue: submissionFlags.queue, submission: submissionFlags.submission, ...commonFlags };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(FleetRetry);
    this.settle(flags);
    const { retryFailed } = await import('../../fleet/status.ts');
    const systems = await onQueue(flags.queue, (queues) => retryFailed(queues, flags.submission, argv.map(String)));
    this.emit({ retried: systems });
    this.say(
      systems.length === 0
        ? 'Nothing failed.'
        : `${systems.length === 1 ? '1 system is' : `${systems.length} systems are`} in the queue again.`,
    );
    if (systems.length > 0) this.say('Next: probity fleet status');
  }
}
