import { Flags } from '@oclif/core';
import { controlsFlag } from '../../cli/catalog.ts';
import { BaseCommand, commonFlags, quoted } from '../../cli/command.ts';

import { counted } from '../../wording.ts';

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
    framework: Flags.string({ description: 'controls mapped to this framework, by its id or name' }),
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
    const { foundBy, frameworksNamed, notesOn } = await import('../../cli/lookUp.ts');
    const { itemsOf } = await import('../../catalog/schemas.ts');
    const catalog = await loadCatalog(flags.controls);
    const frameworks = catalog.frameworks.map(({ document }) => document);
    const resolved = flags.item === undefined ? undefined : foundBy(frameworks, flags.item);
    const named = flags.framework === undefined ? undefined : frameworksNamed(frameworks, flags.framework);
    const controls = catalog.controls
      .map(({ document }) => document)
      .filter(
        (control) =>
          (!flags.family || control.family === flags.family) &&
          (!flags.class || Object.keys(control.attackClasses).includes(flags.class)) &&
          (!resolved ||
            resolved.some(({ framework, items }) =>
              itemsOf(control, framework).some((item) => items.length === 0 || items.includes(item)),
            )) &&
          (!named || named.some((framework) => itemsOf(control, framework).length > 0)),
      );
    for (const note of notesOn(resolved ?? [])) this.say(note);
    for (const control of controls) this.say(`${control.id.padEnd(8)} ${control.severity.padEnd(9)} ${control.title}`);
    this.say();
    this.say(`${counted(controls.length, 'control')}. Next: probity catalog show ${quoted(controls[0]?.id ?? 'ID')}`);
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
