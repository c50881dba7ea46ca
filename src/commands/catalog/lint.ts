import { Flags } from '@oclif/core';
import { BaseCommand, commonFlags } from '../../cli/command.ts';

export default class CatalogLint extends BaseCommand {
  static override summary = 'Check that controls, profiles, frameworks and probe maps fit together.';
  static override examples = [
    { description: 'The catalog that comes with the package', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'A folder of your own', command: '<%= config.bin %> <%= command.id %> --controls ./controls' },
  ];
  static override flags = { controls: Flags.string({ description: 'the catalog folder [default: the one of the package]' }), ...commonFlags };

  async run(): Promise<void> {
    const { flags } = await this.parse(CatalogLint);
    this.settle(flags);
    const { loadCatalog } = await import('../../catalog/catalog.ts');
    const { lint } = await import('../../catalog/lint.ts');
    const catalog = await loadCatalog(flags.controls);
    const problems = lint(catalog);
    for (const problem of problems) this.say(`${problem.where}: ${problem.message}`);
    this.say(
      problems.length === 0
        ? `Clean: ${catalog.controls.length} controls, ${catalog.frameworks.length} frameworks, ${catalog.profiles.length} profiles, ${catalog.probeMaps.length} probe maps.`
        : `${problems.length} problems.`,
    );
    this.emit({ clean: problems.length === 0, problems });
    if (problems.length > 0) this.exit(1);
  }
}
