import path from 'node:path';
import { Args, Flags } from '@oclif/core';
import { KIND_NAMES } from '../authoring/kinds.ts';
import { BaseCommand, commonFlags, quoted } from '../cli/command.ts';

export default class Init extends BaseCommand {
  static override summary = 'Make a workspace to start from.';
  static override examples = [
    { description: 'In the current folder', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'In a folder of its own, for a named system',
      command: '<%= config.bin %> <%= command.id %> triage --name "Claims triage"',
    },
    {
      description: 'For an assistant that answers from a store of documents',
      command: '<%= config.bin %> <%= command.id %> helpdesk --kind rag',
    },
  ];
  static override args = { folder: Args.string({ description: 'the folder to make it in', default: '.' }) };
  static override flags = {
    kind: Flags.string({
      description: 'what the system is; surfaces, tests and evidence that such systems have are laid out',
      options: [...KIND_NAMES],
    }),
    name: Flags.string({ description: 'the name of the system', default: 'My AI system' }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Init);
    this.settle(flags);
    const { writeNew } = await import('../files/write.ts');
    const { workspaceFiles } = await import('../authoring/starter.ts');
    const files = workspaceFiles(
      flags.name,
      new Date().toISOString().slice(0, 10),
      KIND_NAMES.find((name) => name === flags.kind),
    );
    const written = await writeNew(args.folder, files);
    for (const file of written) if (!file.endsWith('.json')) this.say(file);
    this.say(`${path.join(args.folder, '.schemas')} (a YAML editor completes and checks the files by these)`);
    this.say();
    this.say(
      `Next: describe the system in probity.yaml and put evidence into ${path.join(args.folder, 'evidence')} (examples count only once .example is dropped from their names), then: probity run --config ${quoted(path.join(args.folder, 'probity.yaml'))}`,
    );
    this.emit({ files: written });
  }
}
