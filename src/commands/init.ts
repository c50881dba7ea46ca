import { access, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Args, Flags } from '@oclif/core';
import { BaseCommand, commonFlags } from '../cli/command.ts';
import { ProbityError, systemCode } from '../errors.ts';

export default class Init extends BaseCommand {
  static override summary = 'Make a workspace to start from.';
  static override examples = [
    { description: 'In the current folder', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'In a folder of its own, for a named system', command: '<%= config.bin %> <%= command.id %> triage --name "Claims triage"' },
  ];
  static override args = { folder: Args.string({ description: 'the folder to make it in', default: '.' }) };
  static override flags = { name: Flags.string({ description: 'the name of the system', default: 'My AI system' }), ...commonFlags };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Init);
    this.settle(flags);
    const { workspaceFiles } = await import('../workspace/starter.ts');
    const files = workspaceFiles(flags.name, new Date().toISOString().slice(0, 10));
    for (const [name] of files) {
      const there = await access(path.join(args.folder, name)).then(
        () => true,
        () => false,
      );
      if (there)
        throw new ProbityError('OUTPUT_FAILED', 'there is a file of that name already, and nothing was written', {
          where: path.join(args.folder, name),
          remedy: 'Choose another folder',
        });
    }
    try {
      for (const [name, text] of files) {
        await mkdir(path.dirname(path.join(args.folder, name)), { recursive: true });
        await writeFile(path.join(args.folder, name), text, { flag: 'wx' });
      }
    } catch (error) {
      throw new ProbityError('OUTPUT_FAILED', `the workspace cannot be written (${systemCode(error) ?? 'unknown'})`, { where: args.folder, cause: error });
    }
    for (const [name] of files) if (!name.endsWith('.json')) this.say(path.join(args.folder, name));
    this.say(`${path.join(args.folder, '.schemas')} (a YAML editor completes and checks the files by these)`);
    this.say();
    this.say(
      `Next: describe the system in probity.yaml and put evidence into ${path.join(args.folder, 'evidence')} (examples count only once .example is dropped from their names), then: probity run --config ${path.join(args.folder, 'probity.yaml')}`,
    );
    this.emit({ files: [...files.keys()].map((name) => path.join(args.folder, name)) });
  }
}
