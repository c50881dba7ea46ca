import { Args, Flags } from '@oclif/core';
import { asOfDate, BaseCommand, commonFlags } from '../../cli/command.ts';
import { onQueue, queueFlag } from '../../cli/fleet.ts';

export default class FleetSubmit extends BaseCommand {
  static override summary = 'Put a job for each of many systems into a queue.';
  static override description =
    'Reads the file of systems and nothing else: evidence is read by the workers. A job is known by its references, so submitting the same file again adds nothing, and completes a submission that was broken off. Once all systems are done, the portfolio is made of them.';
  static override examples = [
    {
      description: 'Submit what systems.yaml names',
      command: '<%= config.bin %> <%= command.id %> systems.yaml --queue redis://127.0.0.1:6379',
    },
    {
      description: 'Every night, by a timer, with the queue from the environment',
      command: 'PROBITY_QUEUE=rediss://queue.example.org:6379 <%= config.bin %> <%= command.id %> systems.yaml --quiet',
    },
  ];
  static override args = {
    systems: Args.string({ required: true, description: 'the file of systems, kind: Fleet' }),
  };
  static override flags = {
    ...queueFlag,
    'as-of': Flags.string({
      description: 'the date the assessments speak of, YYYY-MM-DD [default: that of the file, else today]',
    }),
    force: Flags.boolean({ description: 'make every pack anew, also where nothing changed' }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FleetSubmit);
    this.settle(flags);
    const { loadFleet } = await import('../../fleet/definition.ts');
    const { submitFleet } = await import('../../fleet/submit.ts');
    const { findFormats } = await import('../../pack/choose.ts');
    const fleet = await loadFleet(args.systems, {
      today: await asOfDate(undefined),
      ...(flags['as-of'] === undefined ? {} : { asOf: await asOfDate(flags['as-of']) }),
      ...(flags.force ? { force: new Date().toISOString() } : {}),
    });
    findFormats([...new Set(fleet.jobs.flatMap(({ format }) => format))]);
    const submitted = await onQueue(flags.queue, (queues) =>
      submitFleet(queues, fleet, (done) => this.progress(`submitting: ${done} of ${fleet.jobs.length}`)),
    );
    this.progress(undefined);
    this.emit({ ...submitted, asOf: fleet.asOf, results: fleet.results });
    const already = submitted.systems - submitted.added;
    this.say(
      `Submitted ${submitted.systems} systems as of ${fleet.asOf}${already > 0 ? `; ${already} of them were there already` : ''}.`,
    );
    this.say(`Packs go to ${fleet.results}`);
    this.say(
      'Next: probity fleet work on the machines that do the work, and probity fleet status to see how far it is',
    );
  }
}
