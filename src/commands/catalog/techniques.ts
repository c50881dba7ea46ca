import { Args, Flags } from '@oclif/core';
import { controlsFlag } from '../../cli/catalog.ts';
import { BaseCommand, commonFlags, quoted } from '../../cli/command.ts';
import { counted } from '../../wording.ts';

export default class CatalogTechniques extends BaseCommand {
  static override summary =
    'List the attack techniques, the surfaces that each can be tried on, and how results are given.';
  static override examples = [
    { description: 'All techniques', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Those that can be tried on a surface, for one class',
      command: '<%= config.bin %> <%= command.id %> --surface retrieval-store --class inversion',
    },
    {
      description: 'One of them, with its controls and the probes of tools that use it',
      command: '<%= config.bin %> <%= command.id %> prompt-leakage',
    },
  ];
  static override args = { technique: Args.string({ description: 'one technique, by its id' }) };
  static override flags = {
    class: Flags.string({ description: 'techniques of this class', options: ['membership-inference', 'inversion'] }),
    surface: Flags.string({
      description: 'techniques that can be tried on this surface',
      options: ['model-api', 'retrieval-store', 'agent-tools', 'embeddings', 'model-weights'],
    }),
    controls: controlsFlag,
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(CatalogTechniques);
    this.settle(flags);
    const { loadCatalog } = await import('../../catalog/catalog.ts');
    const { techniqueList } = await import('../../authoring/techniqueList.ts');
    const { ATTACK_CLASSES } = await import('../../terms.ts');
    const { nearest } = await import('../../wording.ts');
    const { ProbityError } = await import('../../errors.ts');
    const all = techniqueList(await loadCatalog(flags.controls));
    const found = all.filter(
      (one) =>
        (args.technique === undefined || one.id === args.technique) &&
        (flags.class === undefined || one.attackClass === flags.class) &&
        (flags.surface === undefined || one.surfaces.some((surface) => surface === flags.surface)),
    );
    if (args.technique !== undefined && !all.some(({ id }) => id === args.technique)) {
      const guess = nearest(
        args.technique,
        all.map(({ id }) => id),
      );
      throw new ProbityError('USAGE', `there is no technique "${args.technique}"`, {
        remedy: `${guess === undefined ? '' : `Did you mean ${guess}? `}List them with: probity catalog techniques`,
      });
    }
    for (const attackClass of ATTACK_CLASSES) {
      const own = found.filter((one) => one.attackClass === attackClass);
      if (own.length === 0) continue;
      this.say(this.bold(attackClass));
      for (const one of own) {
        this.say(`  ${one.id.padEnd(26)} ${one.surfaces.join(', ')}`);
        if (args.technique === undefined) continue;
        this.say(`    ${one.title}: ${one.description}`);
        this.say(`    strength   ${one.strength}, at least ${one.least} attempts or records`);
        this.say(`    control    ${one.control}`);
        this.say(
          `    controls   ${one.controls.join(', ') || 'none has a limit for it; its results count towards the coverage of its surfaces alone'}`,
        );
        for (const { tool, probes } of one.tools) this.say(`    ${tool.padEnd(10)} ${probes.join(', ')}`);
        this.say(`    results    ${one.shape} in a ProbeResult, as in ${one.example}`);
      }
    }
    this.say();
    this.say(
      args.technique === undefined
        ? `${counted(found.length, 'technique')}. Next: probity catalog techniques ${quoted(found[0]?.id ?? 'ID')}`
        : `Next: fill in ${found[0]?.example ?? 'an example'}, or draft it from a table: probity evidence map FILE`,
    );
    this.emit({ techniques: found });
  }
}
