import type { Assessment } from '../../assess/assessment.ts';
import type { Signer } from '../../pki/signer.ts';
import type { Printer } from '../../report/pdf/print.ts';
import type { SigningStatement } from '../../report/signing.ts';
import type { SealOptions } from '../../sign/pdf/levels.ts';

/** What signing needs to know besides the identity. */
export type SigningOptions = SealOptions;

/** What renderers share within one pack. */
interface RenderTools {
  /** Prints all that is printed, with one browser. */
  printer: Printer;
  /** A folder with a user's own template for what is printed or explored. */
  template?: string;
}

/**
 * One output: what it is called, how it is made, and how it is signed inside, where it can be. A renderer is loaded when it
 * is asked for, so that help and a JSON run start no browser.
 */
export interface Format {
  /** What `--format` calls it. */
  id: string;
  /** Its name in a pack. */
  file: string;
  title: string;
  /** Whether a run makes it where no formats are asked for. */
  byDefault?: boolean;
  /** Whether a browser lays it out, which is worth starting early. */
  printed?: true;
  render(assessment: Assessment, signing: SigningStatement | undefined, tools?: RenderTools): Promise<Uint8Array>;
  sign?(bytes: Uint8Array, identity: Signer, signing: SigningOptions): Promise<Uint8Array>;
}
