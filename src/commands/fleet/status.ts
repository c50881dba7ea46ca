import { setTimeout as sleep } from 'node:timers/promises';
import { Flags } from '@oclif/core';
import { BaseCommand, commonFlags } from '../../cli/command.ts';
import { onQueue, submissionFlags, submissionOf, systemsArgument } from '../../cli/fleet.ts';
import type { FleetStatus } from '../../fleet/status.ts';

/** Rows that a live table shows. */
const ROWS = 15;
const EVERY = 1000;

export default class FleetStatusCommand extends BaseCommand {
  static override summary = 'Say what became of the systems that were submitted.';
  static override description =
    'Exit code 0: nothing failed; 1: some system or the portfolio did, and the errors are shown; 2: the queue could not be asked. On a terminal the table is renewed until everything is done.';
  static override examples = [
    {
      description: 'The newest submission',
      command: '<%= config.bin %> <%= command.id %> --queue redis://127.0.0.1:6379',
    },
    {
      description: 'What failed, for a script',
      command: `<%= config.bin %> <%= command.id %> --json | jq -r '.systems[] | select(.state == "failed") | .id'`,
    },
  ];
  static override args = systemsArgument;
  static override flags = {
    ...submissionFlags,
    once: Flags.boolean({ description: 'on a terminal: show the table once and end' }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FleetStatusCommand);
    this.settle(flags);
    const { fleetStatus } = await import('../../fleet/status.ts');
    const submission = await submissionOf(args.systems, flags);
    const live = process.stdout.isTTY === true && !flags.once && !flags.json && !flags.quiet;
    const status = await onQueue(flags.queue, async (queues) => {
      for (let drawn = 0; ; ) {
        const now = await fleetStatus(queues, submission);
        if (!live || isOver(now)) {
          if (drawn > 0) process.stdout.write(`\u001b[${drawn}A\u001b[J`);
          return now;
        }
        const lines = this.#table(now, Math.min(ROWS, Math.max(1, (process.stdout.rows || 24) - 6)));
        if (drawn > 0) process.stdout.write(`\u001b[${drawn}A\u001b[J`);
        for (const line of lines) this.say(line);
        drawn = lines.length;
        await sleep(EVERY);
      }
    });
    this.emit(status);
    for (const line of this.#table(status, Number.POSITIVE_INFINITY)) this.say(line);
    if (isOver(status)) {
      if (status.counts.failed > 0 || status.portfolio.state === 'failed')
        this.say('Next: mend what failed, then: probity fleet retry');
      else if (status.portfolio.at !== undefined) this.say(`Portfolio: ${status.portfolio.at}`);
    }
    if (status.counts.failed > 0 || status.portfolio.state === 'failed') this.exit(1);
  }

  #table(status: FleetStatus, rows: number): string[] {
    const { counts, cancelled, portfolio } = status;
    // A terminal that does not say how wide it is says 0.
    const width = process.stdout.columns || 160;
    const moods = { queued: 'unsure', running: 'unsure', done: 'good', failed: 'bad' } as const;
    // What needs somebody comes first.
    const order = { failed: 0, running: 1, queued: 2, done: 3 } as const;
    const sorted = [...status.systems].sort((a, b) => order[a.state] - order[b.state]);
    const shown = sorted.slice(0, rows);
    const longest = Math.min(40, Math.max(6, ...shown.map(({ id }) => id.length)));
    // A line that the terminal breaks in two would not be taken back with the table.
    const fit = (text: string, room = width - 1): string =>
      rows === Number.POSITIVE_INFINITY ? text : text.slice(0, Math.max(1, room));
    return [
      this.bold(fit(`As of ${status.asOf}, packs in ${status.results}`)),
      fit(
        `${counts.done} done, ${counts.failed} failed, ${counts.running} running, ${counts.queued} queued${cancelled > 0 ? `, ${cancelled} cancelled` : ''}; portfolio ${portfolio.state}${portfolio.error === undefined ? '' : ` (${portfolio.error})`}`,
      ),
      ...shown.map(({ id, state, error, pack }) => {
        const name = id.padEnd(longest);
        return `  ${this.tint(state.padEnd(8), moods[state])} ${fit(`${name} ${error ?? pack ?? ''}`, width - 12)}`;
      }),
      ...(sorted.length > shown.length ? [`  and ${sorted.length - shown.length} more`] : []),
    ];
  }
}

function isOver({ counts, portfolio }: FleetStatus): boolean {
  return counts.queued + counts.running === 0 && portfolio.state !== 'waiting' && portfolio.state !== 'running';
}
