import { Args, Flags } from '@oclif/core';
import { controlsFlag } from '../cli/catalog.ts';
import { BaseCommand, commonFlags } from '../cli/command.ts';
import { ProbityError } from '../errors.ts';
import type { Reperformance } from '../pack/reperform.ts';
import type { FileReport, VerificationReport } from '../pack/verify.ts';

export default class Verify extends BaseCommand {
  static override summary =
    'Check signatures and digests of a pack or of signed files; with --evidence, perform the assessment again.';
  static override description =
    'Says for each file who signed, when, at what level, and whether that signer is trusted by the certificates you give. Without --trust every signer is reported as not trusted, and the answer speaks of integrity alone; with it, an untrusted signer makes the answer no.';
  static override examples = [
    { description: 'A pack', command: '<%= config.bin %> <%= command.id %> out' },
    { description: 'Trusting one issuer', command: '<%= config.bin %> <%= command.id %> out --trust ca.pem' },
    {
      description: 'Recompute the assessment from its evidence',
      command: '<%= config.bin %> <%= command.id %> out --evidence evidence/',
    },
  ];
  static override strict = false;
  static override args = {
    path: Args.string({ required: true, description: 'pack folders, or files ending in .pdf, .xlsx, .dsse.json' }),
  };
  static override flags = {
    trust: Flags.string({ description: 'certificates to trust, PEM' }),
    evidence: Flags.string({ description: 'the evidence folder to perform the assessment again from' }),
    config: Flags.string({
      char: 'c',
      description: 'the workspace file [default: probity.yaml in the evidence folder]',
    }),
    controls: controlsFlag,
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Verify);
    this.settle(flags);
    const paths = argv.map(String);
    const { verifyPaths } = await import('../pack/verify.ts');
    const { finishPack } = await import('../pack/write.ts');
    const finished: string[] = [];
    for (const folder of paths) if (await finishPack(folder)) finished.push(folder);
    for (const folder of finished) this.say(`The last run into ${folder} did not finish. It is finished now.`);
    const { loadTrust } = await import('../verify/signature.ts');
    const trust = flags.trust ? await loadTrust(flags.trust) : [];
    const report = await verifyPaths(paths, trust, flags.trust !== undefined);
    let again: Reperformance | undefined;
    if (flags.evidence) {
      if (paths.length !== 1 || paths[0] === undefined)
        throw new ProbityError('USAGE', '--evidence goes with one pack');
      const { reperform } = await import('../pack/reperform.ts');
      again = await reperform(paths[0], flags.evidence, flags.config, flags.controls);
    }
    const valid = report.valid && (again?.same ?? true);
    for (const file of report.files) this.printFile(file);
    this.printReleases(report);
    if (again) this.printReperformance(again);
    this.say();
    this.say(this.verdict(report, valid, flags.trust !== undefined));
    this.emit({
      ...report,
      valid,
      ...(finished.length > 0 ? { finished } : {}),
      ...(again ? { reperformance: again } : {}),
    });
    if (!valid) this.exit(1);
  }

  private printFile(file: FileReport): void {
    this.say(`${file.valid ? this.tint('intact ', 'good') : this.tint('BROKEN ', 'bad')} ${file.path}`);
    for (const problem of file.problems) this.say(`          ${problem}`);
    for (const {
      signer,
      role,
      time,
      timestamp,
      timestampBy,
      timestampTrusted,
      level,
      revocation,
      later,
      integrity,
      trusted,
      trustedBy,
      reason,
    } of file.signatures) {
      if (!integrity) continue;
      const claimed = time ? `, ${time} (claimed by the signer)` : '';
      const attested = timestamp
        ? `, ${timestamp} (attested by ${timestampBy}, ${timestampTrusted ? 'trusted' : 'whom nothing vouches for'})`
        : '';
      this.say(
        `          ${level === 'archive time-stamp' ? 'stamped' : 'signed'} by ${signer}${role ? ` as ${role}` : ''}${claimed}${attested}, ${level}; ${trusted ? `trusted by ${trustedBy}` : `not trusted: ${reason}`}`,
      );
      if (revocation) this.say(`            revocation: ${revocation}`);
      if (later) this.say(`            added after it: ${later.join(', ')}`);
    }
  }

  private printReleases(report: VerificationReport): void {
    for (const release of report.releases ?? [])
      this.say(`          speaks for ${release.name} (sha256:${release.sha256})`);
  }

  private printReperformance(again: Reperformance): void {
    this.say(
      again.same
        ? `${this.tint('same   ', 'good')} the evidence gives the same assessment, byte for byte`
        : `${this.tint('DIFFERS', 'bad')} the evidence gives another assessment:`,
    );
    for (const difference of again.differences)
      this.say(`          ${difference.at}: recorded ${difference.recorded}, recomputed ${difference.recomputed}`);
  }

  private verdict(report: VerificationReport, valid: boolean, withTrust: boolean): string {
    if (!valid)
      return `No: ${
        report.files
          .filter((file) => !file.valid)
          .map((file) => file.path)
          .join(', ') || 'the assessment'
      } cannot be relied upon.`;
    const signers = [...new Set(report.files.flatMap((file) => file.signatures.map((signature) => signature.signer)))];
    return withTrust
      ? `Nothing was changed since ${signers.join(', ')} signed, and the certificates you gave vouch for them.`
      : `Nothing was changed since ${signers.join(', ')} signed. Who that is, nothing vouches for: give --trust to check.`;
  }
}
