import { Args } from '@oclif/core';
import { BaseCommand, commonFlags } from '../../cli/command.ts';
import { ProbityError } from '../../errors.ts';

export default class CatalogShow extends BaseCommand {
  static override summary = 'Show a control, or what a framework identifier stands for.';
  static override examples = [
    { description: 'A control', command: '<%= config.bin %> <%= command.id %> MI-02' },
    { description: 'A framework item', command: '<%= config.bin %> <%= command.id %> "MEASURE 2.10"' },
    { description: 'A legacy identifier', command: '<%= config.bin %> <%= command.id %> PR.AC-4' },
  ];
  static override args = { id: Args.string({ required: true, description: 'a control id or framework identifier' }) };
  static override flags = commonFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(CatalogShow);
    this.settle(flags);
    const { loadCatalog, resolveIdentifier } = await import('../../catalog/catalog.ts');
    const catalog = await loadCatalog();
    const control = catalog.controls.find(({ document }) => document.id.toUpperCase() === args.id.toUpperCase())?.document;
    if (control) {
      this.say(`${this.bold(control.id)} ${control.title} (${control.severity})`);
      this.say(control.objective);
      for (const [name, entry] of Object.entries(control.attackClasses)) {
        this.say(`\n${this.bold(name)}`);
        this.say(`  If not: ${entry.consequence}`);
        for (const criterion of entry.criteria) this.say(`  - ${criterion.statement}`);
      }
      this.say(`\n${this.bold('Evidence')}`);
      for (const one of control.evidence) this.say(`  - ${one}`);
      this.say(`\n${this.bold('What to do')}`);
      for (const step of control.remediation) this.say(`  - ${step}`);
      this.say(`\n${this.bold('Frameworks')}`);
      for (const [framework, items] of Object.entries(control.frameworks)) this.say(`  ${framework}: ${items.join(', ')}`);
      this.emit(control);
      return;
    }
    const frameworks = catalog.frameworks.map(({ document }) => document);
    const resolved = resolveIdentifier(frameworks, args.id);
    if (resolved.length === 0)
      throw new ProbityError('USAGE', `no control and no framework item is called "${args.id}"`, { remedy: 'See: probity catalog list' });
    const shown = resolved.flatMap((entry) =>
      entry.items.map((id) => {
        const framework = frameworks.find((candidate) => candidate.id === entry.framework);
        const item = framework?.items.find((candidate) => candidate.id === id);
        const controls = catalog.controls.filter(({ document }) => document.frameworks[entry.framework]?.includes(id)).map(({ document }) => document.id);
        return { framework: entry.framework, id, title: item?.title, outcome: item?.outcome, controls, legacy: entry.legacy };
      }),
    );
    for (const entry of resolved) if (entry.legacy) this.say(entry.legacy);
    for (const item of shown) {
      this.say(`${this.bold(item.id)}${item.title ? ` ${item.title}` : ''} (${item.framework})`);
      this.say(`  ${item.outcome ?? ''}`);
      this.say(`  controls: ${item.controls.join(', ') || 'none'}`);
    }
    this.emit({ cited: args.id, items: shown });
  }
}
