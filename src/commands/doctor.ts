import { BaseCommand, commonFlags } from '../cli/command.ts';

export default class Doctor extends BaseCommand {
  static override summary = 'Say what this machine has of what Probity may need.';
  static override description =
    'Node, memory, clock, temporary folder, home, browser, keyless signatures, and programs of others that check what is written. Exit code 1 where something is missing that a run with default formats needs; nothing leaves the machine.';
  static override examples = [
    { description: 'After installation', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'In a container, for a script', command: '<%= config.bin %> <%= command.id %> --json' },
  ];
  static override flags = { ...commonFlags };

  async run(): Promise<void> {
    const { flags } = await this.parse(Doctor);
    this.settle(flags);
    const { examine } = await import('../cli/doctor.ts');
    const { TOOL } = await import('../tool.ts');
    const checks = await examine();
    const healthy = checks.every(({ ok, needed }) => ok || !needed);
    this.say(`${TOOL.name} ${TOOL.version}`);
    for (const { name, ok, needed, found, remedy } of checks) {
      const sign = ok ? this.tint('yes', 'good') : needed ? this.tint('NO ', 'bad') : this.tint('no ', 'unsure');
      this.say(`  ${sign} ${name.padEnd(20)}${found}`);
      if (remedy !== undefined) this.say(`      ${' '.repeat(20)}${remedy}`);
    }
    this.say();
    this.say(healthy ? 'Next: probity init, or: probity run' : 'Something that a run needs is missing.');
    this.emit({ version: TOOL.version, healthy, checks });
    if (!healthy) this.exit(1);
  }
}
