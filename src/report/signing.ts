/** Who will sign a report, as the report itself says it. */
export interface SigningStatement {
  /** Common name of the certificate's subject. */
  signer: string;
  role: string;
  selfSigned: boolean;
  /** Made by `identity create` for trying things out. */
  trial: boolean;
  /** SHA-256 of the certificate, hex. */
  fingerprint: string;
}

/** One line that every output carries about its signature. */
export function signingLine(signing: SigningStatement | undefined): string {
  if (!signing) return 'Not signed.';
  const status = signing.trial
    ? ' Self-signed, for trial: it proves that nothing was changed since, not who signed.'
    : signing.selfSigned
      ? ' Self-signed: trust rests on knowing the certificate.'
      : '';
  return `Signed as ${signing.role} by ${signing.signer}.${status}`;
}
