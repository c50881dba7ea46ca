import { BaseCommand, commonFlags } from '../../cli/command.ts';
import { onQueue, submissionFlags, submissionOf, systemsArgument } from '../../cli/fleet.ts';

export default class FleetCancel extends BaseCommand {
  static override summary = 'Take the systems of a submission out of the queue that are not done yet.';
  static override description =
    'What is done stays, what is running comes to its end, and no portfolio is made. Submit the file again to go on.';
  static override examples = [
    {
      description: 'The newest submission',
      command: '<%= config.bin %> <%= command.id %> --queue redis://127.0.0.1:6379',
    },
  ];
  static override args = systemsArgument;
  static override flags = { ...submissionFlags, ...commonFlags };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FleetCancel);
    this.settle(flags);
    const { cancelFleet } = await import('../../fleet/status.ts');
    const submission = await submissionOf(args.systems, flags);
    const done = await onQueue(flags.queue, (queues) => cancelFleet(queues, submission));
    this.emit(done);
    this.say(
      `Took ${done.cancelled} systems out of the queue${done.running > 0 ? `; ${done.running} are running and come to their end` : ''}.`,
    );
  }
}
