import path from 'node:path';
import type { Assessment } from '../assess/assessment.ts';
import { ProbityError } from '../errors.ts';
import type { Format } from '../pack/formats.ts';
import type { Signer } from '../pki/signer.ts';
import type { Printer } from '../report/pdf/print.ts';
import type { AssessmentOrigin } from '../report/signing.ts';
import { type BaseCommand, quoted } from './command.ts';
import { parseSubjects, sealFromFlags } from './signing.ts';

interface PackingFlags {
  out: string;
  format: string;
  pages: string;
  template: string | undefined;
  role: string;
  subject: string[] | undefined;
  'timestamp-url': string | undefined;
  timestamp: string;
  pades: string;
  invisible: boolean;
}

/** The formats that the flags ask for. @throws ProbityError USAGE for one that there is not, and for none */
export async function formatsOf({ format: text, pages }: Pick<PackingFlags, 'format' | 'pages'>): Promise<Format[]> {
  const { findFormats } = await import('../pack/build.ts');
  const formats = findFormats(
    text
      .split(',')
      .map((id) => id.trim())
      .filter(Boolean),
  );
  if (formats.length === 0)
    throw new ProbityError('USAGE', `--format is "${text}", which names none`, {
      remedy: 'Use one or more of pdf, brief, xlsx, json',
    });
  const brief = pages === 'summary' ? findFormats(['brief']) : [];
  return [...new Set([...formats, ...brief])];
}

/** A browser that is on its way while evidence is read, where something is to be printed. */
export async function earlyPrinter(formats: readonly Format[]): Promise<Printer> {
  const { Printer } = await import('../report/pdf/print.ts');
  const printer = new Printer();
  if (formats.some(({ printed }) => printed)) printer.warmUp();
  return printer;
}

/** Renders, signs and writes a pack; returns its file paths. */
export async function writeReports(
  assessment: Assessment,
  flags: PackingFlags,
  identity: Signer | undefined,
  progress: (text: string | undefined) => void,
  note: (line: string) => void = () => undefined,
  { origin, printer }: { origin?: AssessmentOrigin; printer?: Printer } = {},
): Promise<string[]> {
  const { buildPack } = await import('../pack/build.ts');
  const { writePack } = await import('../pack/write.ts');
  const formats = await formatsOf(flags);
  const releases = parseSubjects(flags.subject);
  try {
    const files = await buildPack(assessment, {
      formats,
      ...(identity ? { identity } : {}),
      signing: sealFromFlags(flags, note),
      releases,
      ...(origin ? { origin } : {}),
      ...(printer ? { printer } : {}),
      ...(flags.template === undefined ? {} : { template: flags.template }),
      onStep: (what) => progress(`making the ${what}`),
    });
    await writePack(flags.out, files);
    return [...files.keys()].map((name) => path.join(flags.out, name));
  } finally {
    progress(undefined);
  }
}

/** Prints what was written, who signed it, what that is worth, and what to do next. */
export async function printPack(
  command: BaseCommand,
  folder: string,
  files: readonly string[],
  identity: Signer | undefined,
): Promise<void> {
  const { sandboxNotice } = await import('../report/pdf/browser.ts');
  command.say(`Written to ${folder}:`);
  for (const file of files) command.say(`  ${file}`);
  const notice = sandboxNotice();
  if (notice !== undefined) command.say(notice);
  if (!identity) {
    command.say('Not signed (--no-sign).');
    command.say();
    command.say(
      `Next: probity report ${quoted(path.join(folder, 'assessment.json'))} --evidence . --identity FILE.p12 --out ${quoted(folder)}`,
    );
    return;
  }
  const { subjectName } = await import('../pki/certificates.ts');
  const signer = subjectName(identity.certificate);
  command.say(
    identity.trial
      ? `Signed by ${signer}: self-signed, for trial. Use --identity FILE.p12 for a report that others are to trust.`
      : `Signed by ${signer}${identity.selfSigned ? ' (self-signed)' : ''}.`,
  );
  command.say();
  command.say(`Next: probity verify ${quoted(folder)}`);
}
