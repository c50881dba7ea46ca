import { Args, Flags } from '@oclif/core';
import { responsesFlag } from '../cli/assessing.ts';
import { controlsFlag } from '../cli/catalog.ts';
import { BaseCommand, commonFlags } from '../cli/command.ts';
import { ProbityError } from '../errors.ts';
import { mapText } from '../evidence/text.ts';
import type { Reperformance } from '../pack/reperform.ts';
import type { FileReport, VerificationReport, Voucher } from '../pack/verify.ts';
import { ROLES } from '../sign/roles.ts';
import type { KeylessPolicy } from '../verify/sigstore.ts';
import { visible } from '../visible.ts';

export default class Verify extends BaseCommand {
  static override summary =
    'Check signatures and digests of a pack or of signed files; with --evidence, perform the assessment again.';
  static override description =
    'Says for each file who signed, when, at what level, and whether that signer is trusted by the certificates you give. Without --trust names are only claimed, and the answer speaks of integrity alone; with it, an untrusted signer makes the answer no. A pack may be a folder or a zip of it.';
  static override examples = [
    { description: 'A pack', command: '<%= config.bin %> <%= command.id %> out' },
    { description: 'Trusting one issuer', command: '<%= config.bin %> <%= command.id %> out --trust ca.pem' },
    {
      description: 'Signed by this person, and approved by another',
      command:
        '<%= config.bin %> <%= command.id %> out --trust ca.pem --signer 9f86d081884c7d65 --role approver --distinct-roles',
    },
    {
      description: 'Recompute the assessment from its evidence',
      command: '<%= config.bin %> <%= command.id %> out --evidence evidence/',
    },
  ];
  static override strict = false;
  static override args = {
    path: Args.string({
      required: true,
      description: 'packs (folders or zips), or files ending in .pdf, .xlsx, .dsse.json, .sigstore.json',
    }),
  };
  static override flags = {
    trust: Flags.string({ description: 'certificates to trust, PEM' }),
    signer: Flags.string({
      description: 'who must have signed everything: a fingerprint (16 digits or more), or with --trust a name',
      multiple: true,
    }),
    role: Flags.string({ description: 'a role that somebody must have signed in', multiple: true }),
    'distinct-roles': Flags.boolean({ description: 'one person in two roles makes the answer no' }),
    'certificate-identity': Flags.string({
      description:
        'the identity that must have signed keyless, to the letter: the address of a workflow, or an e-mail address',
      dependsOn: ['certificate-oidc-issuer'],
    }),
    'certificate-oidc-issuer': Flags.string({
      description: 'the address of the OIDC provider that must have vouched for it',
      dependsOn: ['certificate-identity'],
    }),
    'trusted-root': Flags.string({
      description:
        "the trusted_root.json of your own Sigstore instance, or a saved one; without it the public instance's is fetched",
      dependsOn: ['certificate-identity'],
    }),
    'allow-unlisted': Flags.string({
      description: 'files of these names may lie beside the pack, unsigned; * stands for any characters',
      multiple: true,
    }),
    evidence: Flags.string({ description: 'the evidence folder to perform the assessment again from' }),
    config: Flags.string({
      char: 'c',
      description: 'the workspace file [default: probity.yaml in the evidence folder]',
    }),
    controls: controlsFlag,
    responses: responsesFlag,
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Verify);
    this.settle(flags);
    if (flags.responses !== undefined && flags.evidence === undefined)
      throw new ProbityError(
        'USAGE',
        '--responses goes with --evidence: it is what the assessment is performed again with',
        {
          remedy: 'Give --evidence as well, or leave it out',
        },
      );
    const paths = argv.map(String);
    const { verifyPaths } = await import('../pack/verify.ts');
    const { finishPack } = await import('../pack/write.ts');
    const finished: string[] = [];
    for (const folder of paths) if (await finishPack(folder)) finished.push(folder);
    for (const folder of finished) this.say(`The last run into ${folder} did not finish. It is finished now.`);
    const { loadTrust } = await import('../verify/signature.ts');
    const trust = flags.trust ? await loadTrust(flags.trust) : [];
    const named = flags.signer?.find((one) => !/^[0-9a-fA-F:]{16,95}$/.test(one));
    if (named !== undefined && flags.trust === undefined)
      throw new ProbityError('USAGE', `--signer "${named}" is a name, and names are only claimed`, {
        remedy: 'Give --trust as well, or the fingerprint of the certificate',
      });
    const keyless = await this.keyless(flags);
    const report = await verifyPaths(paths, trust, flags.trust !== undefined, {
      ...(keyless ? { keyless } : {}),
      signers: flags.signer ?? [],
      roles: flags.role ?? [],
      distinctRoles: flags['distinct-roles'],
      allowUnlisted: flags['allow-unlisted'] ?? [],
    });
    let again: Reperformance | undefined;
    if (flags.evidence) {
      if (paths.length !== 1 || paths[0] === undefined)
        throw new ProbityError('USAGE', '--evidence goes with one pack');
      const { reperform } = await import('../pack/reperform.ts');
      again = await reperform(paths[0], flags.evidence, flags.config, flags.controls, flags.responses);
    }
    const valid = report.valid && (again?.same ?? true);
    if (flags.trust === undefined)
      this.say(
        keyless
          ? 'Of the names below only the keyless identity is verified; pass --trust to check the others.'
          : 'The names below are only claimed: no signer is verified; pass --trust to check.',
      );
    for (const file of report.files) this.printFile(file, report.roles ?? []);
    this.printReleases(report);
    this.printBeside(report);
    if (again) this.printReperformance(again);
    this.say();
    this.say(this.verdict(report, valid, flags.trust !== undefined));
    this.emit({
      ...report,
      // What signatures say of themselves is printed by whoever takes the answer.
      files: report.files.map((file) => ({ ...file, signatures: mapText(file.signatures, visible) })),
      valid,
      ...(finished.length > 0 ? { finished } : {}),
      ...(again ? { reperformance: again } : {}),
    });
    if (!valid) this.exit(1);
  }

  private async keyless(flags: {
    'certificate-identity': string | undefined;
    'certificate-oidc-issuer': string | undefined;
    'trusted-root': string | undefined;
  }): Promise<KeylessPolicy | undefined> {
    const { 'certificate-identity': identity, 'certificate-oidc-issuer': issuer, 'trusted-root': root } = flags;
    if (identity === undefined || issuer === undefined) return undefined;
    const { loadKeylessRoot } = await import('../verify/sigstore.ts');
    return { identity, issuer, root: await loadKeylessRoot(root) };
  }

  private printFile(file: FileReport, listed: readonly string[]): void {
    this.say(`${file.valid ? this.tint('intact ', 'good') : this.tint('BROKEN ', 'bad')} ${file.path}`);
    for (const problem of file.problems) this.say(`          ${problem}`);
    if (file.filledIn)
      this.say(
        "          the user's columns were filled in; everything else is as signed. Nobody signed what is in them.",
      );
    for (const one of file.signatures) {
      if (!one.integrity) continue;
      const { time, timestamp, timestampBy, timestampTrusted, revocation, later } = one;
      const claimed = time ? `, ${time} (claimed by the signer)` : '';
      const attested = timestamp
        ? `, ${timestamp} (attested by ${timestampBy}, ${timestampTrusted ? 'trusted' : 'an authority that is not verified'})`
        : '';
      const stamp = one.level === 'archive time-stamp';
      this.say(
        `          ${stamp ? 'stamped' : 'signed'} by ${one.signer}${one.role ? ` as ${roleWords(one.role, listed)}` : ''}${claimed}${attested}, ${one.level}; ${one.trusted ? `trusted by ${one.trustedBy}` : `not trusted: ${one.reason}`}`,
      );
      this.say(
        `            certificate ${one.fingerprint.slice(0, 16)}, ${one.issuer ? `issued by ${one.issuer}` : 'issuer unknown'}`,
      );
      if (revocation) this.say(`            revocation: ${revocation}`);
      if (later) this.say(`            added after it: ${later.join(', ')}`);
    }
    if (file.signatures.length === 0 && file.vouchedBy.length > 0)
      this.say(`          vouched for by the attestation, signed by ${namesOf(file.vouchedBy)}`);
  }

  private printBeside(report: VerificationReport): void {
    for (const name of report.unlisted ?? [])
      this.say(`${this.tint('UNLISTED', 'bad')} ${name}: lies beside the pack, and nobody vouches for it`);
    for (const name of report.beside ?? [])
      this.say(`          ${name}: lies beside the pack and is no part of it; it was not looked at`);
    for (const unmet of report.unmet ?? []) this.say(`${this.tint('UNMET  ', 'bad')} ${unmet}`);
    for (const { signer, roles } of report.sameSigner ?? [])
      this.say(`          ${roles.join(' and ')} are the same person: ${signer}`);
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
    if (again.historyAside)
      this.say(
        `          what it says of earlier assessments (${again.historyAside.join(', ')}) rests on those: probity compare`,
      );
    for (const difference of again.differences)
      this.say(`          ${difference.at}: recorded ${difference.recorded}, recomputed ${difference.recomputed}`);
    if (again.missingResponses !== undefined)
      this.say(`          the run had the responses in ${again.missingResponses}; give them with --responses FILE`);
  }

  private verdict(report: VerificationReport, valid: boolean, withTrust: boolean): string {
    if (!valid) {
      const broken = report.files.filter((file) => !file.valid).map((file) => file.path);
      if (broken.length > 0) return `No: ${broken.join(', ')} cannot be relied upon.`;
      if (report.unmet) return `No: ${report.unmet.join('; ')}.`;
      return report.unlisted
        ? 'No: files lie beside the pack that nobody vouches for. Take them away, or name them with --allow-unlisted.'
        : 'No: the assessment cannot be relied upon.';
    }
    const whole = report.vouchedBy.filter((one) => one.trusted || !withTrust);
    const all = report.files.flatMap((file) => file.vouchedBy);
    const parts = all.filter(
      (one, index) =>
        (one.trusted || !withTrust) &&
        !whole.some(({ fingerprint }) => fingerprint === one.fingerprint) &&
        all.findIndex(({ fingerprint }) => fingerprint === one.fingerprint) === index,
    );
    const filled = report.files.some((file) => file.filledIn);
    const nothing = filled
      ? "Nothing but the user's columns of the workbook, which are in nobody's name, was changed"
      : 'Nothing was changed';
    const unchanged =
      whole.length > 0 ? `${nothing} since ${namesOf(whole)} signed.` : `${nothing}, and nobody signed all of it.`;
    const partly = parts.length > 0 ? ` ${namesOf(parts)} signed parts of it: see each file.` : '';
    const verified = report.files.flatMap(({ signatures }) => signatures.filter((one) => one.trusted));
    if (!withTrust && verified.length > 0) return `${unchanged}${partly} Verified: ${namesOf(verified)}.`;
    return withTrust
      ? `${unchanged}${partly} The certificates you gave vouch for ${parts.length > 0 ? 'every signer' : 'them'}.`
      : `${unchanged}${partly} The signer is not verified; pass --trust to check.`;
  }
}

/** A role that is none of the usual ones is the signer's own words, and is shown as that. */
function roleWords(role: string, listed: readonly string[]): string {
  if (ROLES.some((one) => one === role)) return role;
  return `"${role.slice(0, 60)}" (none of the usual roles${listed.includes(role) ? '; the attestation lists it' : ''})`;
}

function namesOf(signers: readonly Pick<Voucher, 'signer' | 'fingerprint'>[]): string {
  return signers.map(({ signer, fingerprint }) => `${signer} (${fingerprint.slice(0, 16)})`).join(', ');
}
