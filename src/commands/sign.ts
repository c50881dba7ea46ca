import { Args, Flags } from '@oclif/core';
import { BaseCommand, commonFlags, quoted } from '../cli/command.ts';
import { identityFlags, sealFlags, sealFromFlags, signerFromFlags } from '../cli/signing.ts';
import { ProbityError } from '../errors.ts';
import { ROLES } from '../sign/roles.ts';

export default class Sign extends BaseCommand {
  static override summary = 'Add a signature to a pack, or to PDF files, workbooks and attestations.';
  static override description =
    'A reviewer or approver signs after the preparer: earlier signatures stay valid. Any ordinary PDF or workbook can be signed. A pack (a folder) is signed as a whole, and its attestation is renewed, because the digests of its files change; the new one names the one it takes the place of. What is broken already is not signed.';
  static override examples = [
    {
      description: 'Approve a pack',
      command: '<%= config.bin %> <%= command.id %> out --role approver --identity approver.p12',
    },
    {
      description: 'With a time-stamp, and proofs for later',
      command:
        '<%= config.bin %> <%= command.id %> report.pdf --role reviewer --identity me.pem --timestamp-url http://tsa.example.org --pades lta',
    },
    {
      description: 'With a key in a token',
      command:
        "<%= config.bin %> <%= command.id %> out --identity 'pkcs11:token=Risk;object=signer?module-path=/usr/lib/opensc-pkcs11.so'",
    },
  ];
  static override strict = false;
  static override args = {
    path: Args.string({ required: true, description: 'pack folders, or files ending in .pdf, .xlsx, .dsse.json' }),
  };
  static override flags = {
    ...identityFlags,
    ...sealFlags,
    role: Flags.string({ description: 'the role to sign in', options: [...ROLES], default: 'reviewer' }),
    'role-name': Flags.string({
      description: 'sign in a role of another name instead; verify says that it is none of the usual ones',
    }),
    out: Flags.string({ char: 'o', description: 'write a single signed file here, and leave the original as it is' }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Sign);
    this.settle(flags);
    const paths = argv.map(String);
    if (flags.out !== undefined && paths.length !== 1) throw new ProbityError('USAGE', '--out goes with one file');
    const role = flags['role-name'] ?? flags.role;
    if (!/^[^\p{C}]{1,60}$/u.test(role) || role.trim() === '')
      throw new ProbityError('USAGE', '--role-name is no name of at most 60 characters');
    const identity = await signerFromFlags(flags, (line) => this.say(line));
    if (!identity) throw new ProbityError('USAGE', 'nothing to sign with');
    const { signPath } = await import('../pack/cosign.ts');
    const { subjectName } = await import('../pki/certificates.ts');
    const moment = sealFromFlags({ ...flags, role }, (line) => this.say(line));
    const files: string[] = [];
    for (const target of paths) {
      this.progress(`signing ${target}`);
      files.push(...(await signPath(target, identity, moment, flags.out)));
    }
    this.progress(undefined);
    for (const file of files) this.say(`signed  ${file}`);
    this.say(
      `By ${subjectName(identity.certificate)} as ${role}${identity.trial ? ': self-signed, for trial' : identity.selfSigned ? ' (self-signed)' : ''}.`,
    );
    this.say();
    this.say(`Next: probity verify ${(flags.out === undefined ? paths : [flags.out]).map(quoted).join(' ')}`);
    this.emit({ files, signer: subjectName(identity.certificate), role });
  }
}
