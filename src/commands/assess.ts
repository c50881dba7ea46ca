import { rm } from 'node:fs/promises';
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
import { identityFlags, openSigner } from '../cli/signing.ts';
import { ProbityError } from '../errors.ts';
import { requirePlace } from '../files/write.ts';

export default class Assess extends BaseCommand {
  static override summary = 'Turn evidence into assessment.json, without reports or signatures.';
  static override examples = [
    { description: 'Write out/assessment.json', command: '<%= config.bin %> <%= command.id %> --as-of 2026-09-30' },
    {
      description: 'With a signed statement over it, so that others can report from it',
      command: '<%= config.bin %> <%= command.id %> --identity signer.p12',
    },
    { description: 'Print the assessment', command: '<%= config.bin %> <%= command.id %> --json | jq .verdicts' },
  ];
  static override strict = false;
  static override args = evidenceArguments;
  static override flags = {
    ...assessFlags,
    out: Flags.string({ char: 'o', description: 'the folder to write assessment.json to', default: 'out' }),
    ...identityFlags,
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Assess);
    this.settle(flags);
    if (flags.identity !== undefined && flags.json)
      throw new ProbityError('USAGE', '--identity attests a file, and --json writes none', {
        remedy: 'Leave one of the two out',
      });
    if (!flags.json) await requirePlace(flags.out);
    const identity = flags.identity === undefined ? undefined : await openSigner(flags.identity, flags);
    const assessment = requireEvidence(await assessFromFlags(flags, argv.map(String), (text) => this.progress(text)));
    const { serialiseAssessment } = await import('../assess/assessment.ts');
    const { writeAlone } = await import('../files/write.ts');
    const file = path.join(flags.out, 'assessment.json');
    const text = serialiseAssessment(assessment);
    if (flags.json) process.stdout.write(text);
    else {
      await writeAlone(file, text);
      const { ASSESSMENT_ATTESTATION_FILE } = await import('../pack/files.ts');
      const beside = path.join(flags.out, ASSESSMENT_ATTESTATION_FILE);
      if (identity) {
        const { attestAssessment } = await import('../pack/origin.ts');
        await writeAlone(beside, attestAssessment(assessment, text, identity));
      } else await rm(beside, { force: true });
    }
    printSummary(this, assessment);
    this.say(`Written to ${file}${identity ? ', with a signed statement over it beside it' : ''}`);
    this.say(`Next: probity report ${quoted(file)}`);
    if (failsOn(assessment, flags['fail-on'])) this.exit(1);
  }
}
