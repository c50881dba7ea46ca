import { Flags } from '@oclif/core';
import { BaseCommand, commonFlags } from '../../cli/command.ts';
import { ProbityError } from '../../errors.ts';

export default class CatalogList extends BaseCommand {
  static override summary = 'List the controls, all or those behind a framework identifier.';
  static override examples = [
    { description: 'All controls', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'Those behind an identifier, current or legacy', command: '<%= config.bin %> <%= command.id %> --item PR.AC-4' },
  ];
  static override flags = {
    item: Flags.string({ description: 'a framework identifier, e.g. PR.AA-05, "MEASURE 2.10", ASI03, PR.AC-4' }),
    family: Flags.string({ description: 'one family of controls', options: ['membership-inference', 'inversion', 'access', 'monitoring', 'governance'] }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(CatalogList);
    this.settle(flags);
    const { loadCatalog, resolveIdentifier } = await import('../../catalog/catalog.ts');
    const catalog = await loadCatalog();
    const resolved = flags.item
      ? resolveIdentifier(
          catalog.frameworks.map(({ document }) => document),
          flags.item,
        )
      : undefined;
    if (resolved?.length === 0) throw new ProbityError('USAGE', `no framework knows "${flags.item}"`, { remedy: 'See: probity catalog show' });
    const items = new Set(resolved?.flatMap((entry) => entry.items));
    const controls = catalog.controls
      .map(({ document }) => document)
      .filter(
        (control) =>
          (!flags.family || control.family === flags.family) &&
          (!resolved ||
            Object.values(control.frameworks)
              .flat()
              .some((item) => items.has(item))),
      );
    for (const entry of resolved ?? []) if (entry.legacy) this.say(entry.legacy);
    for (const control of controls) this.say(`${control.id.padEnd(8)} ${control.severity.padEnd(9)} ${control.title}`);
    this.say();
    this.say(`${controls.length} controls. Next: probity catalog show ${controls[0]?.id ?? 'ID'}`);
    this.emit({
      ...(resolved ? { resolved } : {}),
      controls: controls.map(({ id, title, family, severity, attackClasses, frameworks }) => ({
        id,
        title,
        family,
        severity,
        attackClasses: Object.keys(attackClasses),
        frameworks,
      })),
    });
  }
}
