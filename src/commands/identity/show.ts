import { Args, Flags } from '@oclif/core';
import { BaseCommand, commonFlags, quoted } from '../../cli/command.ts';
import { identityFlags, openSigner } from '../../cli/signing.ts';

const { identity: _named, ...keyFlags } = identityFlags;

export default class IdentityShow extends BaseCommand {
  static override summary =
    'Explain a signing identity: whose it is, what it can sign, and what others will make of it.';
  static override examples = [
    { description: 'A PKCS #12 file', command: '<%= config.bin %> <%= command.id %> signer.p12' },
    {
      description: 'Certificate and key in files of their own',
      command: '<%= config.bin %> <%= command.id %> chain.pem --key key.pem',
    },
  ];
  static override args = {
    identity: Args.string({ required: true, description: 'a PKCS #12 file, a PEM file, or a PKCS #11 URI' }),
  };
  static override flags = {
    key: Flags.string({ description: keyFlags.key.description ?? '' }),
    'passphrase-file': keyFlags['passphrase-file'],
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(IdentityShow);
    this.settle(flags);
    const identity = await openSigner(args.identity, flags);
    const { fingerprint, isSelfSigned, subjectName } = await import('../../pki/certificates.ts');
    const { revocationAddresses } = await import('../../pki/revocation.ts');
    const { certificate, chain, algorithm } = identity;
    const day = (text: string): string => new Date(text).toISOString().slice(0, 10);
    const kind =
      algorithm.kind === 'rsa'
        ? `RSA ${certificate.publicKey.asymmetricKeyDetails?.modulusLength}`
        : algorithm.kind === 'ecdsa'
          ? `ECDSA ${algorithm.curve}`
          : 'Ed25519';
    const path = [certificate, ...chain];
    const last = path.at(-1) ?? certificate;
    const addresses = path.filter((one) => !isSelfSigned(one)).map(revocationAddresses);
    const offers = addresses.length > 0 && addresses.every(({ ocsp, crl }) => ocsp.length + crl.length > 0);
    const shown = {
      subject: certificate.subject.replaceAll('\n', ', '),
      issuer: certificate.issuer.replaceAll('\n', ', '),
      serial: certificate.serialNumber,
      notBefore: new Date(certificate.validFrom).toISOString(),
      notAfter: new Date(certificate.validTo).toISOString(),
      key: kind,
      keptIn: identity.keptIn,
      sha256: fingerprint(certificate),
      chain: path.map((one) => ({
        subject: subjectName(one),
        sha256: fingerprint(one),
        notAfter: new Date(one.validTo).toISOString(),
      })),
      trial: identity.trial,
      selfSigned: identity.selfSigned,
      signs: algorithm.kind === 'ed25519' ? ['pdf', 'attestation'] : ['pdf', 'xlsx', 'attestation'],
      pades: offers ? 'lta' : 't',
    };
    const days = Math.floor((Date.parse(shown.notAfter) - Date.now()) / 86_400_000);
    this.say(this.bold(subjectName(certificate)));
    this.say(`  subject   ${shown.subject}`);
    this.say(`  issuer    ${shown.issuer}`);
    this.say(`  valid     ${day(certificate.validFrom)} to ${day(certificate.validTo)}, ${days} days left`);
    this.say(`  key       ${kind}, in ${identity.keptIn}`);
    this.say(`  SHA-256   ${shown.sha256}`);
    this.say(
      `  path      ${path.map(subjectName).join(' <- ')}${isSelfSigned(last) ? '' : ' (its issuer is not among the certificates)'}`,
    );
    this.say(
      `  signs     ${shown.signs.join(', ')}${algorithm.kind === 'ed25519' ? '; workbooks know no Ed25519' : ''}`,
    );
    this.say(
      `  PDF level ${offers ? 'B-LT or B-LTA with --timestamp-url: every certificate says where its status can be asked' : 'B-T with --timestamp-url; no proofs of revocation, since not every certificate says where to ask'}`,
    );
    this.say(
      identity.trial
        ? '  trust     none: self-signed, for trial; anybody can make such a certificate'
        : identity.selfSigned
          ? '  trust     only of those who know this very certificate (probity verify --trust)'
          : `  trust     of those who trust ${subjectName(last)} or an issuer above it (probity verify --trust)`,
    );
    this.say();
    this.say(`Next: probity run --identity ${quoted(args.identity)}${flags.key ? ` --key ${quoted(flags.key)}` : ''}`);
    this.emit(shown);
  }
}
