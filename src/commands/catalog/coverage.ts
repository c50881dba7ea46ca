import { Flags } from '@oclif/core';
import { controlsFlag } from '../../cli/catalog.ts';
import { BaseCommand, commonFlags, quoted } from '../../cli/command.ts';
import { ProbityError } from '../../errors.ts';

export default class CatalogCoverage extends BaseCommand {
  static override summary =
    'Show, per framework, which items have a control behind them, which are out of scope, and which nobody speaks to.';
  static override examples = [
    { description: 'All frameworks, a line each', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'One framework, item by item',
      command: '<%= config.bin %> <%= command.id %> --framework nist-csf-2.0',
    },
    {
      description: 'What is open, for a script',
      command:
        '<%= config.bin %> <%= command.id %> --json | jq \'.frameworks[].items[] | select(.state == "uncovered").id\'',
    },
  ];
  static override flags = {
    framework: Flags.string({ description: 'one framework, item by item' }),
    controls: controlsFlag,
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(CatalogCoverage);
    this.settle(flags);
    const { loadCatalog } = await import('../../catalog/catalog.ts');
    const { coverage } = await import('../../catalog/coverage.ts');
    const all = coverage(await loadCatalog(flags.controls));
    const shown = flags.framework === undefined ? all : all.filter((one) => one.framework === flags.framework);
    if (shown.length === 0)
      throw new ProbityError('USAGE', `there is no framework "${flags.framework}"`, {
        remedy: `Use one of ${all.map((one) => one.framework).join(', ')}`,
      });
    for (const one of shown) {
      this.say(
        `${this.bold(one.framework.padEnd(22))} ${String(one.covered).padStart(3)} of ${String(one.items.length).padStart(4)} covered, ${one.outOfScope} out of scope, ${one.uncovered} uncovered${one.complete ? '' : ' (a selection of its items)'}`,
      );
      if (flags.framework === undefined) continue;
      for (const item of one.items) {
        const mood = item.state === 'covered' ? 'good' : item.state === 'uncovered' ? 'bad' : 'unsure';
        const why =
          item.state === 'covered' ? item.controls.map(({ id }) => id).join(', ') : (item.reason ?? item.outcome);
        this.say(`  ${item.id.padEnd(16)} ${this.tint(item.state.padEnd(13), mood)} ${why}`);
      }
    }
    this.say();
    this.say(
      flags.framework === undefined
        ? `Next: probity catalog coverage --framework ${quoted(all[0]?.framework ?? 'ID')}`
        : 'Next: probity catalog show ITEM',
    );
    this.emit({ frameworks: shown });
  }
}
