import { type Assessment, soundAssessment } from '../assess/assessment.ts';
import { fingerprint, subjectName } from '../pki/certificates.ts';
import { readEnvelope } from '../pki/dsse.ts';
import type { Signer } from '../pki/signer.ts';
import { Printer } from '../report/pdf/print.ts';
import { type AssessmentOrigin, type SigningStatement, signingLine } from '../report/signing.ts';
import { sealStatement } from './attestation.ts';
import { ATTESTATION_FILE, MANIFEST, SIGSTORE_FILE } from './files.ts';
import type { Format, SigningOptions } from './formats/format.ts';
import { packStatement, type ReleaseSubject } from './statement.ts';

export interface PackOptions {
  formats: readonly Format[];
  /** Without an identity nothing is signed and there is no attestation. */
  identity?: Signer;
  signing: SigningOptions;
  releases?: readonly ReleaseSubject[];
  /** Where the assessment comes from, when it was read from a file. */
  origin?: AssessmentOrigin;
  /** A browser that is on its way; without one it is started when it is needed. */
  printer?: Printer;
  /** A folder with a user's own template for what is printed. */
  template?: string;
  /** Signs the attested statement once more, under the identity of a pipeline; gives a Sigstore bundle. */
  keyless?: (statement: Uint8Array) => Promise<Uint8Array>;
  onStep?: (what: string) => void;
}

/**
 * Assessment to a pack held in memory: reports rendered, signed, and attested over. Names to bytes, in writing order.
 * @throws ProbityError ASSESSMENT_INVALID for what our own schema would refuse to read again
 */
export async function buildPack(assessment: Assessment, options: PackOptions): Promise<Map<string, Uint8Array>> {
  const { identity, signing } = options;
  soundAssessment(assessment);
  const statement = identity
    ? { ...describe(identity, signing), ...(options.origin ? { origin: options.origin } : {}) }
    : undefined;
  const files = new Map<string, Uint8Array>();
  for (const [format, rendered] of await renderAll(assessment, statement, options)) {
    if (identity && format.sign) options.onStep?.(`signature of the ${format.title}`);
    files.set(format.file, identity && format.sign ? await format.sign(rendered, identity, signing) : rendered);
  }
  if (identity) {
    options.onStep?.('attestation');
    const attestation = await sealStatement(
      packStatement(assessment, files, options.releases ?? [], signingLine(statement)),
      identity,
      signing,
    );
    files.set(ATTESTATION_FILE, attestation);
    if (options.keyless) {
      options.onStep?.('keyless signature');
      const { payload } = readEnvelope(Buffer.from(attestation).toString('utf8'), ATTESTATION_FILE);
      files.set(SIGSTORE_FILE, await options.keyless(Buffer.from(payload, 'base64')));
    }
  }
  return files;
}

/** Every file unsigned, made side by side: while the browser lays out one, others are written. Signatures follow one by one. */
async function renderAll(
  assessment: Assessment,
  statement: SigningStatement | undefined,
  options: PackOptions,
): Promise<[Format, Uint8Array][]> {
  const printer = options.printer ?? new Printer();
  const tools = { printer, ...(options.template === undefined ? {} : { template: options.template }) };
  const all = [...options.formats, MANIFEST];
  const making = new Map<Format, Promise<[Format, Uint8Array]>>();
  const make = async (format: Format): Promise<[Format, Uint8Array]> => {
    options.onStep?.(format.title);
    return [format, await format.render(assessment, statement, tools)];
  };
  for (const format of all) if (format.printed) making.set(format, make(format));
  // What takes no browser is made while the browser works.
  if (making.size > 0) await Promise.race([printer.handed(), Promise.allSettled(making.values())]);
  for (const format of all) if (!format.printed) making.set(format, make(format));
  try {
    return await Promise.all(all.flatMap((format) => making.get(format) ?? []));
  } finally {
    // What is still being made when another fails ends before its browser does.
    await Promise.allSettled(making.values());
    if (!options.printer) await printer.close();
  }
}

function describe(identity: Signer, signing: SigningOptions): SigningStatement {
  return {
    signer: subjectName(identity.certificate),
    role: signing.role,
    selfSigned: identity.selfSigned,
    trial: identity.trial,
    fingerprint: fingerprint(identity.certificate),
  };
}
