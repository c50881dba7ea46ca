import type { Assessment } from '../assess/assessment.ts';
import {
  assessFlags,
  assessFromFlags,
  evidenceArguments,
  failsOn,
  printSummary,
  requireEvidence,
} from '../cli/assessing.ts';
import { BaseCommand, commonFlags, findConfig } from '../cli/command.ts';
import {
  earlyPrinter,
  formatsOf,
  packPlace,
  printPack,
  requirePackPlace,
  workspaceFolder,
  writeReports,
} from '../cli/packing.ts';
import { keylessFromFlags, packFlags, parseSubjects, sealFromFlags, signerFromFlags } from '../cli/signing.ts';

export default class Run extends BaseCommand {
  static override summary = 'Assess evidence, write the reports, and sign them: the main job.';
  static override description =
    'Reads the evidence of a system, judges it against the control catalog, and writes a pack: PDF, workbook, assessment, evidence manifest and an attestation over them all. Gaps do not make it fail; --fail-on does.';
  static override examples = [
    { description: 'With the workspace in the current folder', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'A folder of evidence that holds its own probity.yaml',
      command: '<%= config.bin %> <%= command.id %> evidence/ --out pack',
    },
    {
      description: 'With a brief of four pages for a board paper',
      command: '<%= config.bin %> <%= command.id %> --pages summary',
    },
    {
      description: 'In a pipeline, under a real identity, bound to a release',
      command:
        'PROBITY_PASSPHRASE=... <%= config.bin %> <%= command.id %> --identity signer.p12 --subject app.tar=sha256:... --fail-on not-satisfied --quiet',
    },
  ];
  static override strict = false;
  static override args = evidenceArguments;
  static override flags = { ...assessFlags, ...packFlags, ...commonFlags };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Run);
    this.settle(flags);
    const progress = (text: string | undefined): void => this.progress(text);
    parseSubjects(flags.subject);
    const config = findConfig(flags.config, argv.map(String));
    const formats = await formatsOf(flags, config);
    sealFromFlags(flags, () => undefined);
    keylessFromFlags(flags);
    await requirePackPlace(flags);
    const identity = await signerFromFlags(flags, (line) => this.say(line));
    const printer = await earlyPrinter(formats);
    let assessment: Assessment;
    let files: string[];
    try {
      assessment = requireEvidence(await assessFromFlags(flags, argv.map(String), progress));
      files = await writeReports(assessment, formats, flags, identity, progress, (line) => this.say(line), { printer });
    } finally {
      await printer.close();
    }
    const failed = failsOn(assessment, flags['fail-on']);
    printSummary(this, assessment);
    const workspace = workspaceFolder(config);
    await printPack(this, packPlace(flags), files, identity, workspace === undefined ? {} : { workspace });
    this.emit({
      asOf: assessment.asOf,
      profile: assessment.profile.id,
      verdicts: assessment.verdicts,
      evidenceRoot: assessment.evidenceRoot,
      rejected: assessment.evidence.filter((entry) => !entry.accepted).map(({ path, reason }) => ({ path, reason })),
      files,
      failed,
    });
    if (failed) this.exit(1);
  }
}
