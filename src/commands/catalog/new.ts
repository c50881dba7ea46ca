import path from 'node:path';
import { Args, Flags } from '@oclif/core';
import { BaseCommand, commonFlags, quoted } from '../../cli/command.ts';
import { ProbityError } from '../../errors.ts';

export default class CatalogNew extends BaseCommand {
  static override summary = 'Make a control of your own to start from; it lints clean as it is.';
  static override examples = [
    {
      description: 'A control of the access family',
      command:
        '<%= config.bin %> <%= command.id %> ORG-01 --family access --title "Service accounts are named after their service"',
    },
  ];
  static override args = {
    id: Args.string({ required: true, description: 'its id, capital letters and a number, like ORG-01' }),
  };
  static override flags = {
    family: Flags.string({
      description: 'membership-inference, inversion, access, monitoring or governance',
      required: true,
    }),
    title: Flags.string({
      description: 'what is true when it is met',
      default: 'Say here what is true when this control is met',
    }),
    replace: Flags.boolean({ description: 'word a control of the catalog anew' }),
    controls: Flags.string({ description: 'the folder of your own controls to put it into', default: 'controls' }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(CatalogNew);
    this.settle(flags);
    const { newControl } = await import('../../authoring/scaffold.ts');
    const { writeNew } = await import('../../files/write.ts');
    const files = newControl(args.id, flags.family, flags.title);
    const { loadCatalog } = await import('../../catalog/catalog.ts');
    const bundled = (await loadCatalog()).controls.find(({ document }) => document.id === args.id);
    if (bundled && !flags.replace)
      throw new ProbityError('USAGE', `${args.id} is a control of the catalog, and one of yours would take its place`, {
        where: bundled.file,
        remedy: 'Choose another id, or say --replace',
      });
    const written = await writeNew(flags.controls, files, { keep: (name) => name.endsWith('.json') });
    for (const file of written) this.say(file);
    this.say();
    this.say(
      `Next: word ${path.join(flags.controls, flags.family, `${args.id}.yaml`)}, then: probity catalog lint --controls ${quoted(flags.controls)}`,
    );
    this.emit({ files: written });
  }
}
