import path from 'node:path';
import { Flags } from '@oclif/core';
import { controlsFlag } from '../../cli/catalog.ts';
import { asOfDate, BaseCommand, commonFlags } from '../../cli/command.ts';
import { ProbityError } from '../../errors.ts';

const FORMATS = ['oscal', 'xlsx', 'csv'] as const;

export default class CatalogExport extends BaseCommand {
  static override summary = 'Write the catalog as OSCAL (catalog, profiles, control mapping), workbook and CSV.';
  static override examples = [
    { description: 'All formats', command: '<%= config.bin %> <%= command.id %> --out catalog' },
    {
      description: 'Only a workbook, your own controls included',
      command: '<%= config.bin %> <%= command.id %> --format xlsx --controls ./controls',
    },
  ];
  static override flags = {
    format: Flags.string({
      description: `any of ${FORMATS.join(', ')}, with commas between`,
      default: FORMATS.join(','),
    }),
    out: Flags.string({ char: 'o', description: 'the folder to write to', default: 'catalog' }),
    'as-of': Flags.string({ description: 'the date that the files are dated by, YYYY-MM-DD [default: today]' }),
    controls: controlsFlag,
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(CatalogExport);
    this.settle(flags);
    const formats = flags.format.split(',').map((name) => name.trim());
    const unknown = formats.find((name) => !FORMATS.some((format) => format === name));
    if (unknown !== undefined)
      throw new ProbityError('USAGE', `there is no format "${unknown}"`, {
        remedy: `Use one or more of ${FORMATS.join(', ')}`,
      });
    const asOf = await asOfDate(flags['as-of']);
    const { loadCatalog } = await import('../../catalog/catalog.ts');
    const { writeNew } = await import('../../files/write.ts');
    const { TOOL } = await import('../../tool.ts');
    const catalog = await loadCatalog(flags.controls);
    const files = new Map<string, string | Uint8Array>();
    if (formats.includes('oscal')) {
      const { catalogOscal } = await import('../../authoring/export/oscal.ts');
      for (const [name, document] of catalogOscal(catalog, asOf, TOOL.version))
        files.set(name, `${JSON.stringify(document, null, 2)}\n`);
    }
    const { catalogCsv, catalogXlsx } = await import('../../authoring/export/tables.ts');
    if (formats.includes('xlsx')) files.set('controls.xlsx', await catalogXlsx(catalog, asOf));
    if (formats.includes('csv')) files.set('controls.csv', catalogCsv(catalog));
    const written = await writeNew(flags.out, files, { force: true });
    for (const file of written) this.say(path.normalize(file));
    this.emit({ files: written });
  }
}
