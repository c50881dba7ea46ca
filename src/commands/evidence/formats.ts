import { Args } from '@oclif/core';
import { BaseCommand, commonFlags } from '../../cli/command.ts';
import { counted } from '../../wording.ts';

export default class EvidenceFormats extends BaseCommand {
  static override summary = 'List the formats of evidence that are read, and what each gives.';
  static override examples = [
    { description: 'All formats', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Those of one tool, with what they leave open',
      command: '<%= config.bin %> <%= command.id %> garak',
    },
    { description: 'As JSON, for a script', command: '<%= config.bin %> <%= command.id %> --json' },
  ];
  static override args = {
    word: Args.string({ description: 'only formats that have this word in their name, tool or group' }),
  };
  static override flags = commonFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(EvidenceFormats);
    this.settle(flags);
    const { FORMAT_GROUPS } = await import('../../evidence/adapter.ts');
    const { ADAPTERS } = await import('../../evidence/adapters/index.ts');
    const word = args.word?.toLowerCase() ?? '';
    const found = ADAPTERS.map(({ format, title, about }) => ({ format, title, ...about })).filter(
      ({ format, title, files, group }) => [format, title, files, group].join(' ').toLowerCase().includes(word),
    );
    for (const group of FORMAT_GROUPS) {
      const rows = found.filter((row) => row.group === group);
      if (rows.length === 0) continue;
      this.say(this.bold(group));
      for (const { title, gives, limits, records } of rows) {
        this.say(`  ${title}`);
        if (!args.word) continue;
        this.say(`    gives    ${plain(gives)}`);
        if (limits) this.say(`    but      ${plain(limits)}`);
        if (records) this.say(`    declare  ${plain(records.declare)}`);
      }
    }
    this.say();
    this.say(
      found.length === 0
        ? `No format has "${args.word}" in its name. Next: probity evidence formats`
        : `${counted(found.length, 'format')}. Next: probity evidence inspect FILE`,
    );
    this.emit({
      formats: found.map((row) => ({
        ...row,
        ...(row.limits ? { limits: plain(row.limits) } : {}),
        files: plain(row.files),
        recognisedBy: plain(row.recognisedBy),
        gives: plain(row.gives),
      })),
    });
  }
}

/** Without the marks of Markdown. */
function plain(text: string): string {
  return text.replace(/`/g, '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
}
