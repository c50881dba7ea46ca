import path from 'node:path';
import { Args, Flags } from '@oclif/core';
import { BaseCommand, commonFlags, quoted } from '../../cli/command.ts';
import { ProbityError } from '../../errors.ts';

export default class CatalogImport extends BaseCommand {
  static override summary = 'Bring in an OSCAL catalog as a framework, or a spreadsheet of controls.';
  static override description =
    'An OSCAL catalog (JSON or XML, as NIST publishes the Cybersecurity Framework and SP 800-53) gives a framework its official statements and further items, and its withdrawn identifiers. A workbook or CSV gives controls. Both are written as YAML into a folder that --controls lays over the catalog.';
  static override examples = [
    {
      description: 'Official statement text for the CSF',
      command: '<%= config.bin %> <%= command.id %> NIST_CSF_v2.0_catalog.json',
    },
    {
      description: 'A framework of your own from OSCAL XML',
      command:
        '<%= config.bin %> <%= command.id %> house-rules.xml --id house-rules --publisher "Example Mutual" --url https://example.org/rules',
    },
    { description: 'Controls out of a spreadsheet', command: '<%= config.bin %> <%= command.id %> controls.xlsx' },
  ];
  static override args = {
    file: Args.string({
      required: true,
      description: 'an OSCAL catalog (.json, .xml) or a table of controls (.xlsx, .csv)',
    }),
  };
  static override flags = {
    controls: Flags.string({ description: 'the folder of your own controls to write into', default: 'controls' }),
    into: Flags.string({
      description: 'the framework whose items it is [default: the one that half of its identifiers belong to]',
    }),
    id: Flags.string({ description: 'make a framework of this id, whatever the identifiers are' }),
    publisher: Flags.string({ description: 'who publishes it; needed with --id' }),
    url: Flags.string({ description: 'where it is published; needed with --id' }),
    licence: Flags.string({
      description: 'under what terms its text may be used, for a framework of its own',
      default: 'not stated',
    }),
    force: Flags.boolean({ description: 'write over files that are there' }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(CatalogImport);
    this.settle(flags);
    const { identifier } = await import('../../schema.ts');
    if (flags.id !== undefined && (flags.into !== undefined || !identifier.safeParse(flags.id).success))
      throw new ProbityError(
        'USAGE',
        flags.into === undefined ? `"${flags.id}" cannot be an id` : '--id and --into exclude each other',
        {
          remedy: 'Use letters, digits, dot, dash and underscore',
        },
      );
    if (flags.id !== undefined && (flags.publisher === undefined || !URL.canParse(flags.url ?? '')))
      throw new ProbityError('USAGE', 'a framework of its own needs its publisher and its address', {
        remedy: 'Say who and where with --publisher and --url',
      });
    const { importCatalog } = await import('../../authoring/import/index.ts');
    const { writeNew } = await import('../../files/write.ts');
    const made = await importCatalog(args.file, {
      ...(flags.into === undefined ? {} : { into: flags.into }),
      ...(flags.id === undefined ? {} : { id: flags.id }),
      source: { publisher: flags.publisher ?? '', url: flags.url ?? '', licence: flags.licence },
    });
    const written = await writeNew(flags.controls, made.files, { force: flags.force });
    for (const line of made.summary) this.say(line);
    for (const file of written) this.say(path.normalize(file));
    this.say();
    this.say(`Next: probity catalog lint --controls ${quoted(flags.controls)}`);
    this.emit({ ...made.counts, files: written });
  }
}
