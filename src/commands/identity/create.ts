import { Flags } from '@oclif/core';
import { BaseCommand, commonFlags, quoted } from '../../cli/command.ts';
import { ProbityError } from '../../errors.ts';

export default class IdentityCreate extends BaseCommand {
  static override summary = 'Make a self-signed signing identity for trying things out.';
  static override description =
    'RSA 3072, valid for one year, in a PKCS #12 file that only you may read. Everything signed with it says that it is self-signed, for trial.';
  static override examples = [
    {
      description: 'Ask for a passphrase',
      command: '<%= config.bin %> <%= command.id %> --out trial.p12 --name "Model Risk"',
    },
    {
      description: 'Without a terminal',
      command: 'PROBITY_PASSPHRASE=... <%= config.bin %> <%= command.id %> --out trial.p12',
    },
  ];
  static override flags = {
    out: Flags.string({ char: 'o', description: 'the file to write', default: 'trial.p12' }),
    name: Flags.string({ description: 'the name that signatures show', default: 'Probity trial identity' }),
    'passphrase-file': Flags.string({ description: 'read the passphrase from this file' }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(IdentityCreate);
    this.settle(flags);
    const { readPassphrase } = await import('../../sign/passphrase.ts');
    const { fingerprint } = await import('../../pki/certificates.ts');
    const { loadPkcs12 } = await import('../../sign/keys/pkcs12.ts');
    const { createTrialSigner } = await import('../../sign/trial.ts');
    const passphrase = await readPassphrase(flags['passphrase-file'], 'Passphrase for the new identity: ');
    if (passphrase.length < 8)
      throw new ProbityError('IDENTITY_PASSPHRASE', 'the passphrase is shorter than 8 characters', {
        remedy: 'Choose a longer one',
      });
    await createTrialSigner(flags.out, passphrase, flags.name);
    const identity = await loadPkcs12(flags.out, passphrase);
    this.say(
      `Written to ${flags.out}: ${flags.name}, self-signed, for trial, until ${new Date(identity.certificate.validTo).toISOString().slice(0, 10)}`,
    );
    this.say(`Certificate SHA-256 ${fingerprint(identity.certificate)}`);
    this.say();
    this.say(`Next: probity run --identity ${quoted(flags.out)}`);
    this.emit({
      file: flags.out,
      name: flags.name,
      sha256: fingerprint(identity.certificate),
      notAfter: new Date(identity.certificate.validTo).toISOString(),
    });
  }
}
