import path from 'node:path';
import { Args, Flags } from '@oclif/core';
import { printSummary, readAssessment, responsesFlag } from '../cli/assessing.ts';
import { controlsFlag } from '../cli/catalog.ts';
import { BaseCommand, commonFlags, quoted } from '../cli/command.ts';
import { formatsOf, packPlace, printPack, requirePackPlace, workspaceFolder, writeReports } from '../cli/packing.ts';
import { keylessFromFlags, packFlags, signerFromFlags } from '../cli/signing.ts';
import { ProbityError } from '../errors.ts';

export default class Report extends BaseCommand {
  static override summary = 'Turn an assessment into signed reports.';
  static override description =
    'An assessment that somebody edited must not become a signed report. One whose states, verdicts and counts do not follow from each other is refused. The cover says what shows that it is the one that the evidence gave: it was performed again (--evidence), a signed statement over its digest lies beside it (assess --identity and run make one), or nothing does. In the last case an identity of yours signs only with --unattested.';
  static override examples = [
    {
      description: 'All formats, signed',
      command: '<%= config.bin %> <%= command.id %> out/assessment.json --out pack --identity signer.p12',
    },
    {
      description: 'Performed again from its evidence first',
      command: '<%= config.bin %> <%= command.id %> out/assessment.json --evidence . --identity signer.p12',
    },
    {
      description: 'Only the workbook, unsigned',
      command: '<%= config.bin %> <%= command.id %> out/assessment.json --format xlsx --no-sign',
    },
  ];
  static override args = {
    assessment: Args.string({ required: true, description: 'assessment.json of an earlier run' }),
  };
  static override flags = {
    evidence: Flags.string({
      description: 'perform the assessment again from the workspace in this folder, and refuse it if it differs',
    }),
    config: Flags.string({
      char: 'c',
      description: 'the workspace file for --evidence [default: probity.yaml in its folder]',
      dependsOn: ['evidence'],
    }),
    controls: controlsFlag,
    responses: responsesFlag,
    unattested: Flags.boolean({
      description: 'sign although nothing shows that the assessment is what the evidence gave; the cover says so',
      exclusive: ['evidence', 'no-sign'],
    }),
    ...packFlags,
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Report);
    this.settle(flags);
    if (flags.responses !== undefined && flags.evidence === undefined)
      throw new ProbityError(
        'USAGE',
        '--responses goes with --evidence: it is what the assessment is performed again with',
        {
          remedy: 'Give --evidence as well, or leave it out',
        },
      );
    const formats = await formatsOf(
      flags,
      flags.evidence === undefined ? undefined : (flags.config ?? path.join(flags.evidence, 'probity.yaml')),
    );
    keylessFromFlags(flags);
    await requirePackPlace(flags);
    const assessment = await readAssessment(args.assessment);
    const { originOf } = await import('../pack/origin.ts');
    const { originLine } = await import('../report/signing.ts');
    const origin = await originOf(args.assessment, flags.evidence, flags.config, flags.controls, flags.responses);
    if (origin.kind === 'not-attested' && flags.identity !== undefined && !flags.unattested)
      throw new ProbityError(
        'ASSESSMENT_INVALID',
        'it is not attested: nothing shows that it is what the evidence gave',
        {
          where: args.assessment,
          remedy: `Perform it again with --evidence FOLDER, make it with: probity assess --identity ${quoted(flags.identity)}, or sign it all the same with --unattested`,
        },
      );
    const identity = await signerFromFlags(flags, (line) => this.say(line));
    const files = await writeReports(
      assessment,
      formats,
      flags,
      identity,
      (line) => this.progress(line),
      (line) => this.say(line),
      { origin },
    );
    printSummary(this, assessment);
    this.say(originLine(origin));
    const workspace = flags.evidence ?? workspaceFolder('probity.yaml');
    await printPack(this, packPlace(flags), files, identity, {
      source: args.assessment,
      ...(workspace === undefined ? {} : { workspace }),
    });
    this.emit({ files, origin });
  }
}
