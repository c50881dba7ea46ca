import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LintProblem } from '../../authoring/lint.ts';
import { controlsFlag } from '../../cli/catalog.ts';
import { BaseCommand, commonFlags } from '../../cli/command.ts';
import { mapText } from '../../evidence/text.ts';
import { visible } from '../../visible.ts';

const PACKAGE = fileURLToPath(new URL('../../../', import.meta.url));

export default class CatalogLint extends BaseCommand {
  static override summary = 'Check that controls, profiles, frameworks and probe maps fit together.';
  static override description =
    'Finds files that cannot be used, identifiers that point nowhere, criteria that no evidence can reach, thresholds that no sample could satisfy or none could miss, classes without a consequence, mappings without a reason, and ids that occur twice. Each problem comes with file and line. Exits with 1 when there is one.';
  static override examples = [
    { description: 'The catalog that comes with the package', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'With your own controls laid over it',
      command: '<%= config.bin %> <%= command.id %> --controls ./controls',
    },
  ];
  static override flags = { controls: controlsFlag, ...commonFlags };

  async run(): Promise<void> {
    const { flags } = await this.parse(CatalogLint);
    this.settle(flags);
    const { readCatalog } = await import('../../catalog/catalog.ts');
    const { lint } = await import('../../authoring/lint.ts');
    const { catalog, failures } = await readCatalog(flags.controls);
    const folders = [PACKAGE, ...(flags.controls ?? [])];
    const exampleExists = (name: string): boolean => folders.some((folder) => existsSync(path.join(folder, name)));
    const problems = mapText(
      [
        ...failures.map((failure): LintProblem => ({ where: failure.where ?? 'catalog', message: failure.message })),
        ...lint(catalog, exampleExists),
      ],
      visible,
    );
    for (const { where, message, warning } of problems) this.say(`${where}: ${warning ? 'warning: ' : ''}${message}`);
    const grave = problems.filter(({ warning }) => !warning);
    this.say(
      problems.length === 0
        ? `Clean: ${catalog.controls.length} controls, ${catalog.frameworks.length} frameworks, ${catalog.profiles.length} profiles, ${catalog.probeMaps.length} probe maps.`
        : `${problems.length === 1 ? '1 problem' : `${problems.length} problems`}.`,
    );
    this.emit({ clean: problems.length === 0, problems });
    if (grave.length > 0) this.exit(1);
  }
}
