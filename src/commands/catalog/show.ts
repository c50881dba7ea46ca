import { Args, Flags } from '@oclif/core';
import type { Result } from '../../assess/assessment.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Control } from '../../catalog/schemas.ts';
import { readAssessment } from '../../cli/assessing.ts';
import { controlsFlag } from '../../cli/catalog.ts';
import { BaseCommand, commonFlags } from '../../cli/command.ts';
import { ProbityError } from '../../errors.ts';

export default class CatalogShow extends BaseCommand {
  static override summary =
    'Show a control, or what a framework identifier stands for; with an assessment, how they stand in it.';
  static override examples = [
    {
      description: 'A control, with every framework item it speaks to',
      command: '<%= config.bin %> <%= command.id %> MI-02',
    },
    {
      description: 'A framework item, with the controls behind it',
      command: '<%= config.bin %> <%= command.id %> "MEASURE 2.10"',
    },
    { description: 'A legacy identifier', command: '<%= config.bin %> <%= command.id %> PR.AC-4' },
    {
      description: 'How an item stands, for each attack class',
      command: '<%= config.bin %> <%= command.id %> PR.AA-05 --assessment out/assessment.json',
    },
    { description: 'The checks that a criterion can name', command: '<%= config.bin %> <%= command.id %> --checks' },
  ];
  static override args = { id: Args.string({ description: 'a control id or framework identifier' }) };
  static override flags = {
    assessment: Flags.string({ description: 'assessment.json of a run, to show the results in it' }),
    checks: Flags.boolean({ description: 'list the checks that a criterion can name, and their parameters' }),
    controls: controlsFlag,
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(CatalogShow);
    this.settle(flags);
    if (flags.checks) return this.#checks();
    if (args.id === undefined)
      throw new ProbityError('USAGE', 'name a control or a framework identifier', {
        remedy: 'See: probity catalog list',
      });
    const { loadCatalog } = await import('../../catalog/catalog.ts');
    const catalog = await loadCatalog(flags.controls);
    const wanted = args.id.trim().toUpperCase();
    const results = flags.assessment === undefined ? undefined : (await readAssessment(flags.assessment)).results;
    const control = catalog.controls.find(({ document }) => document.id.toUpperCase() === wanted)?.document;
    if (control) await this.#control(control, catalog, results);
    else await this.#item(args.id, catalog, results);
  }

  async #checks(): Promise<void> {
    const { CHECKS } = await import('../../assess/checks/index.ts');
    for (const check of CHECKS) {
      this.say(this.bold(check.name));
      this.say(`  with: ${JSON.stringify(check.schema().properties ?? {})}`);
    }
    this.emit({ checks: CHECKS.map((check) => ({ name: check.name, with: check.schema() })) });
  }

  async #control(control: Control, catalog: Catalog, results: readonly Result[] | undefined): Promise<void> {
    const { parametersOf } = await import('../../authoring/lint.ts');
    const own = results?.filter((result) => result.control === control.id);
    this.say(`${this.bold(control.id)} ${control.title} (${control.severity})`);
    this.say(control.objective);
    for (const [name, entry] of Object.entries(control.attackClasses)) {
      const result = own?.find((one) => one.attackClass === name);
      this.say();
      this.say(`${this.bold(name)}${result ? `: ${stateText(result)}` : ''}`);
      this.say(`  If not: ${entry.consequence}`);
      for (const criterion of entry.criteria) {
        this.say(`  - ${criterion.statement}`);
        for (const name of new Set(parametersOf(criterion)))
          this.say(
            `    ${name}: ${catalog.profiles.map(({ document }) => `${document.parameters[name] ?? 'missing'} (${document.id})`).join(', ')}`,
          );
        const found = result?.criteria.find((one) => one.id === criterion.id);
        if (found) this.say(`    ${found.state}: ${found.detail}`);
      }
    }
    for (const [name, reason] of Object.entries(control.notFor ?? {})) {
      this.say();
      this.say(`${this.bold(name)}: not concerned. ${reason}`);
    }
    for (const off of catalog.changes.off.filter((entry) => entry.control === control.id)) {
      this.say();
      this.say(`Switched off${off.attackClass ? ` for ${off.attackClass}` : ''} by ${off.by}: ${off.reason}`);
    }
    this.say();
    this.say(`${this.bold('Evidence')}`);
    for (const { what, example } of control.evidence) this.say(`  - ${what}${example ? ` (example: ${example})` : ''}`);
    this.say();
    this.say(`${this.bold('What to do')}`);
    for (const step of control.remediation) this.say(`  - ${step}`);
    this.say();
    this.say(`${this.bold('Frameworks')}`);
    for (const [framework, mappings] of Object.entries(control.frameworks)) {
      this.say(`  ${framework}`);
      for (const { item, reason, cited } of mappings)
        this.say(`    ${item}${cited ? ` (cited as ${cited})` : ''}${reason ? `: ${reason}` : ''}`);
    }
    this.emit({ ...control, ...(own ? { results: own } : {}) });
  }

  async #item(cited: string, catalog: Catalog, results: readonly Result[] | undefined): Promise<void> {
    const { resolveIdentifier } = await import('../../catalog/identifiers.ts');
    const { coverage } = await import('../../catalog/coverage.ts');
    const frameworks = catalog.frameworks.map(({ document }) => document);
    const resolved = resolveIdentifier(frameworks, cited);
    if (resolved.length === 0)
      throw new ProbityError('USAGE', `no control and no framework item is called "${cited}"`, {
        remedy: 'See: probity catalog list',
      });
    const covered = coverage(catalog);
    const shown = resolved.flatMap((entry) =>
      entry.items.map((id) => {
        const item = covered.find((one) => one.framework === entry.framework)?.items.find((one) => one.id === id);
        const statement = frameworks
          .find((one) => one.id === entry.framework)
          ?.items.find((one) => one.id === id)?.statement;
        const behind = item?.controls ?? [];
        return {
          framework: entry.framework,
          id,
          title: item?.title,
          outcome: item?.outcome,
          ...(statement ? { statement } : {}),
          state: item?.state,
          ...(item?.reason ? { outOfScope: item.reason } : {}),
          controls: behind.map((one) => one.id),
          reasons: Object.fromEntries(behind.map((one) => [one.id, one.reason])),
          ...(results
            ? {
                results: results
                  .filter((result) => behind.some((one) => one.id === result.control))
                  .map(({ control, attackClass, state, reason }) => ({
                    control,
                    attackClass,
                    state,
                    ...(reason ? { reason } : {}),
                  })),
              }
            : {}),
          legacy: entry.legacy,
        };
      }),
    );
    for (const entry of resolved) if (entry.legacy) this.say(entry.legacy);
    for (const item of shown) {
      this.say(`${this.bold(item.id)}${item.title ? ` ${item.title}` : ''} (${item.framework})`);
      this.say(`  ${item.outcome ?? ''}`);
      if (item.statement) this.say(`  The publisher: ${item.statement}`);
      if (item.outOfScope) this.say(`  Out of scope: ${item.outOfScope}`);
      if (item.controls.length === 0) this.say('  controls: none');
      for (const id of item.controls) {
        this.say(`  ${id}: ${item.reasons[id] ?? 'no reason given'}`);
        for (const result of results?.filter((one) => one.control === id) ?? [])
          this.say(`    ${result.attackClass}: ${stateText(result)}`);
      }
    }
    this.emit({ cited, items: shown });
  }
}

function stateText({ state, reason }: Pick<Result, 'state' | 'reason'>): string {
  return reason ? `${state} (${reason})` : state;
}
