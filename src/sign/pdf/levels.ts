/* How far a PDF signature is to be taken; apart from the code that does it, so that help pages load none of it. */

export const PADES_LEVELS = ['auto', 'b', 't', 'lt', 'lta'] as const;
export type PadesLevel = (typeof PADES_LEVELS)[number];

/** Where time-stamps come from, and whether to go on without. */
interface TimestampSource {
  url: string;
  optional: boolean;
  /** Certificates whose authorities may be asked for proofs of revocation, PEM; those of the signer may be anyway. */
  trust?: string | undefined;
}

export interface SealOptions {
  role: string;
  time: Date;
  timestamp?: TimestampSource | undefined;
  /** `auto`: B-LT where time-stamp and proofs are to be had, else what can be reached. */
  level?: PadesLevel | undefined;
  visible?: boolean | undefined;
  /** Told what was tried and not reached. */
  note?: ((line: string) => void) | undefined;
}
