import { Args, Flags } from '@oclif/core';
import type { Result } from '../../assess/assessment.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Control, Strength } from '../../catalog/schemas.ts';
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
      for (const { item, strength, part, reason, cited } of mappings)
        this.say(
          `    ${item}${cited ? ` (cited as ${cited})` : ''}, ${strengthText(strength, part)}${reason ? `: ${reason}` : ''}`,
        );
    }
    this.emit({ ...control, ...(own ? { results: own } : {}) });
  }

  /** Frameworks by name: what they are, and how far each is covered. */
  async #frameworks(cited: string, catalog: Catalog, ids: readonly string[]): Promise<void> {
    const { coverage } = await import('../../catalog/coverage.ts');
    const documents = catalog.frameworks.map(({ document }) => document).filter(({ id }) => ids.includes(id));
    const shown = coverage(catalog).filter(({ framework }) => ids.includes(framework));
    for (const one of documents) {
      const counts = shown.find(({ framework }) => framework === one.id);
      this.say(`${this.bold(one.id)} ${one.title}, ${one.version} (${one.publisher})`);
      this.say(`  ${one.url}`);
      this.say(`  ${one.licence}`);
      if (one.checked)
        this.say(`  Compared on ${one.checked.date} with a ${one.checked.source} source: ${one.checked.against}`);
      if (one.supersededBy) this.say(`  The next edition is ${one.supersededBy}.`);
      if (counts)
        this.say(
          `  ${counts.covered} of ${counts.items.length} covered, ${counts.inPart} in part, ${counts.outOfScope} out of scope, ${counts.uncovered} not covered`,
        );
    }
    this.say(`\nNext: probity catalog coverage --framework ${ids[0] ?? 'ID'}`);
    this.emit({
      cited,
      frameworks: shown.map(({ items, ...one }) => ({ ...one, items: items.map(({ id }) => id) })),
    });
  }

  async #item(cited: string, catalog: Catalog, results: readonly Result[] | undefined): Promise<void> {
    const { foundBy, notesOn } = await import('../../cli/lookUp.ts');
    const { coverage } = await import('../../catalog/coverage.ts');
    const frameworks = catalog.frameworks.map(({ document }) => document);
    const resolved = foundBy(frameworks, cited);
    const covered = coverage(catalog);
    for (const note of notesOn(resolved)) this.say(note);
    const whole = resolved.filter(({ items }) => items.length === 0).map(({ framework }) => framework);
    if (whole.length > 0) return this.#frameworks(cited, catalog, whole);
    const shown = resolved.flatMap((entry) =>
      entry.items.map((id) => {
        const item = covered.find((one) => one.framework === entry.framework)?.items.find((one) => one.id === id);
        const { statement, applies } =
          frameworks.find((one) => one.id === entry.framework)?.items.find((one) => one.id === id) ?? {};
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
          strengths: Object.fromEntries(behind.map((one) => [one.id, strengthText(one.strength, one.part)])),
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
          ...(entry.note === undefined ? {} : { note: entry.note }),
          ...(entry.ambiguous ? { ambiguous: true } : {}),
          ...(applies === undefined ? {} : { applies }),
        };
      }),
    );
    for (const item of shown) {
      this.say(`${this.bold(item.id)}${item.title ? ` ${item.title}` : ''} (${item.framework})`);
      this.say(`  ${item.outcome ?? ''}`);
      if (item.applies) this.say(`  Applies: ${item.applies}`);
      if (item.state) this.say(`  ${STATE_WORDS[item.state]}`);
      if (item.statement) this.say(`  The publisher: ${item.statement}`);
      if (item.outOfScope) this.say(`  Out of scope: ${item.outOfScope}`);
      if (item.controls.length === 0) this.say('  controls: none');
      for (const id of item.controls) {
        this.say(`  ${id}, ${item.strengths[id]}: ${item.reasons[id] ?? 'no reason given'}`);
        for (const result of results?.filter((one) => one.control === id) ?? [])
          this.say(`    ${result.attackClass}: ${stateText(result)}`);
      }
    }
    this.emit({ cited, items: shown });
  }
}

/** How far an item is covered, in words. */
const STATE_WORDS = {
  covered: 'Covered',
  'in-part': 'Covered in part',
  'out-of-scope': 'Out of scope',
  uncovered: 'Not covered',
} as const;

function strengthText(strength: Strength | undefined, part: string | undefined): string {
  return part === undefined ? (strength ?? 'strength unknown') : `${strength}: ${part}`;
}

function stateText({ state, reason }: Pick<Result, 'state' | 'reason'>): string {
  return reason ? `${state} (${reason})` : state;
}
