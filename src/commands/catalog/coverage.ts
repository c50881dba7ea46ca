import { Flags } from '@oclif/core';
import type { ItemCoverage } from '../../catalog/coverage.ts';
import type { Strength } from '../../catalog/schemas.ts';
import { controlsFlag } from '../../cli/catalog.ts';
import { BaseCommand, commonFlags, quoted } from '../../cli/command.ts';
import { ITEM_STATE_TITLES } from '../../report/words.ts';

/** The controls behind an item with what they show of it, or why there is none. */
function whyOf(item: ItemCoverage): string {
  const ids = (strength: Strength): string =>
    item.controls
      .filter((one) => one.strength === strength)
      .map(({ id, part }) => (part === undefined ? id : `${id} (${part})`))
      .join(', ');
  const only = item.controls.map(({ id }) => id).join(', ');
  return {
    covered: ids('full'),
    'in-part': ids('partial'),
    'out-of-scope': item.reason ?? '',
    uncovered: only === '' ? item.outcome : `only supported by ${only}`,
  }[item.state];
}

export default class CatalogCoverage extends BaseCommand {
  static override summary =
    'Show, per framework, which items are covered, which in part, which are out of scope, and which nothing covers.';
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
    framework: Flags.string({ description: 'one framework by its id or name, item by item' }),
    controls: controlsFlag,
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(CatalogCoverage);
    this.settle(flags);
    const { loadCatalog } = await import('../../catalog/catalog.ts');
    const { coverage } = await import('../../catalog/coverage.ts');
    const { frameworksNamed } = await import('../../cli/lookUp.ts');
    const catalog = await loadCatalog(flags.controls);
    const all = coverage(catalog);
    const named =
      flags.framework === undefined
        ? undefined
        : frameworksNamed(
            catalog.frameworks.map(({ document }) => document),
            flags.framework,
          );
    const shown = all.filter((one) => named?.includes(one.framework) ?? true);
    for (const one of shown) {
      this.say(
        `${this.bold(one.framework.padEnd(22))} ${String(one.covered).padStart(3)} of ${String(one.items.length).padStart(4)} covered, ${one.inPart} in part, ${one.outOfScope} out of scope, ${one.uncovered} not covered${one.complete ? '' : ' (a selection of its items)'}${one.supersededBy === undefined ? '' : ` (now ${one.supersededBy})`}`,
      );
      if (flags.framework === undefined) continue;
      for (const item of one.items) {
        const mood = item.state === 'covered' ? 'good' : item.state === 'uncovered' ? 'bad' : 'unsure';
        this.say(`  ${item.id.padEnd(16)} ${this.tint(ITEM_STATE_TITLES[item.state].padEnd(13), mood)} ${whyOf(item)}`);
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
