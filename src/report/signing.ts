/** What shows that an assessment read from a file is the one that evidence gave. */
export type AssessmentOrigin =
  | { kind: 'performed-again' }
  /** A statement over its digest holds. `by`: common name; `fingerprint`: SHA-256 of the certificate, hex. */
  | { kind: 'attested'; by: string; fingerprint: string }
  | { kind: 'not-attested' };

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
  /** Where the assessment comes from; undefined: made in the same run. */
  origin?: AssessmentOrigin;
}

/** One line that every output carries about its signature. */
export function signingLine(signing: SigningStatement | undefined): string {
  if (!signing) return 'Not signed.';
  const status = signing.trial
    ? ' Self-signed, for trial: it proves that nothing was changed since, not who signed.'
    : signing.selfSigned
      ? ' Self-signed: trust rests on knowing the certificate.'
      : '';
  return `Signed as ${signing.role} by ${signing.signer}.${status}${signing.origin ? ` ${originLine(signing.origin)}` : ''}`;
}

/** One sentence on where an assessment that was read from a file comes from. */
export function originLine(origin: AssessmentOrigin): string {
  switch (origin.kind) {
    case 'performed-again':
      return 'The assessment was performed again from its evidence before signing, with the same result.';
    case 'attested':
      return `The assessment is attested by ${origin.by} (certificate ${origin.fingerprint.slice(0, 16)}).`;
    case 'not-attested':
      return 'The assessment is not attested: nothing shows that it is what the evidence gave.';
  }
}
