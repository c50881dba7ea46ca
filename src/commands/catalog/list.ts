import { Flags } from '@oclif/core';
import { controlsFlag } from '../../cli/catalog.ts';
import { BaseCommand, commonFlags, quoted } from '../../cli/command.ts';
import { ProbityError } from '../../errors.ts';

export default class CatalogList extends BaseCommand {
  static override summary = 'List the controls, all or those behind a framework identifier.';
  static override examples = [
    { description: 'All controls', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Those behind an identifier, current or legacy',
      command: '<%= config.bin %> <%= command.id %> --item PR.AC-4',
    },
    {
      description: 'Those of one family that concern one class',
      command: '<%= config.bin %> <%= command.id %> --family access --class inversion',
    },
  ];
  static override flags = {
    item: Flags.string({ description: 'a framework identifier, e.g. PR.AA-05, "MEASURE 2.10", ASI03, PR.AC-4' }),
    family: Flags.string({
      description: 'one family of controls',
      options: ['membership-inference', 'inversion', 'access', 'monitoring', 'governance'],
    }),
    class: Flags.string({
      description: 'controls that concern this attack class',
      options: ['membership-inference', 'inversion'],
    }),
    controls: controlsFlag,
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(CatalogList);
    this.settle(flags);
    const { loadCatalog } = await import('../../catalog/catalog.ts');
    const { resolveIdentifier } = await import('../../catalog/identifiers.ts');
    const { itemsOf } = await import('../../catalog/schemas.ts');
    const catalog = await loadCatalog(flags.controls);
    const frameworks = catalog.frameworks.map(({ document }) => document);
    const resolved = flags.item ? resolveIdentifier(frameworks, flags.item) : undefined;
    if (resolved?.length === 0)
      throw new ProbityError('USAGE', `no framework knows "${flags.item}"`, {
        remedy: 'See: probity catalog coverage',
      });
    const controls = catalog.controls
      .map(({ document }) => document)
      .filter(
        (control) =>
          (!flags.family || control.family === flags.family) &&
          (!flags.class || Object.keys(control.attackClasses).includes(flags.class)) &&
          (!resolved ||
            resolved.some(({ framework, items }) => itemsOf(control, framework).some((item) => items.includes(item)))),
      );
    for (const entry of resolved ?? []) if (entry.legacy) this.say(entry.legacy);
    for (const control of controls) this.say(`${control.id.padEnd(8)} ${control.severity.padEnd(9)} ${control.title}`);
    this.say();
    this.say(`${controls.length} controls. Next: probity catalog show ${quoted(controls[0]?.id ?? 'ID')}`);
    this.emit({
      ...(resolved ? { resolved } : {}),
      controls: controls.map((control) => ({
        id: control.id,
        title: control.title,
        family: control.family,
        severity: control.severity,
        attackClasses: Object.keys(control.attackClasses),
        frameworks: Object.fromEntries(Object.keys(control.frameworks).map((id) => [id, itemsOf(control, id)])),
      })),
    });
  }
}
