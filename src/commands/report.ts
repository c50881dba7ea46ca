import { Args } from '@oclif/core';
import { printSummary, readAssessment } from '../cli/assessing.ts';
import { BaseCommand, commonFlags } from '../cli/command.ts';
import { printPack, writeReports } from '../cli/packing.ts';
import { packFlags, signerFromFlags } from '../cli/signing.ts';

export default class Report extends BaseCommand {
  static override summary = 'Turn an assessment into signed reports.';
  static override examples = [
    {
      description: 'All formats, signed',
      command: '<%= config.bin %> <%= command.id %> out/assessment.json --out pack --identity signer.p12',
    },
    {
      description: 'Only the workbook, unsigned',
      command: '<%= config.bin %> <%= command.id %> out/assessment.json --format xlsx --no-sign',
    },
  ];
  static override args = {
    assessment: Args.string({ required: true, description: 'assessment.json of an earlier run' }),
  };
  static override flags = { ...packFlags, ...commonFlags };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Report);
    this.settle(flags);
    const assessment = await readAssessment(args.assessment);
    const identity = await signerFromFlags(flags, (line) => this.say(line));
    const files = await writeReports(
      assessment,
      flags,
      identity,
      (line) => this.progress(line),
      (line) => this.say(line),
    );
    printSummary(this, assessment);
    await printPack(this, flags.out, files, identity);
    this.emit({ files });
  }
}
