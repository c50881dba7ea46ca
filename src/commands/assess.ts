import path from 'node:path';
import { Flags } from '@oclif/core';
import {
  assessFlags,
  assessFromFlags,
  evidenceArguments,
  failsOn,
  printSummary,
  requireEvidence,
} from '../cli/assessing.ts';
import { BaseCommand, commonFlags, quoted } from '../cli/command.ts';

export default class Assess extends BaseCommand {
  static override summary = 'Turn evidence into assessment.json, without reports or signatures.';
  static override examples = [
    { description: 'Write out/assessment.json', command: '<%= config.bin %> <%= command.id %> --as-of 2026-09-30' },
    { description: 'Print the assessment', command: '<%= config.bin %> <%= command.id %> --json | jq .verdicts' },
  ];
  static override strict = false;
  static override args = evidenceArguments;
  static override flags = {
    ...assessFlags,
    out: Flags.string({ char: 'o', description: 'the folder to write assessment.json to', default: 'out' }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Assess);
    this.settle(flags);
    const assessment = requireEvidence(await assessFromFlags(flags, argv.map(String), (text) => this.progress(text)));
    const { soundAssessment } = await import('../assess/assessment.ts');
    const { writeAlone } = await import('../files/write.ts');
    const file = path.join(flags.out, 'assessment.json');
    const text = soundAssessment(assessment);
    if (flags.json) process.stdout.write(text);
    else await writeAlone(file, text);
    printSummary(this, assessment);
    this.say(`Written to ${file}`);
    this.say(`Next: probity report ${quoted(file)}`);
    if (failsOn(assessment, flags['fail-on'])) this.exit(1);
  }
}
