import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Assessment } from '../assess/assessment.ts';
import { DEFAULT_FORMATS, findFormats } from '../pack/choose.ts';
import type { Format } from '../pack/formats/format.ts';
import type { Signer } from '../pki/signer.ts';
import type { Printer } from '../report/pdf/print.ts';
import type { AssessmentOrigin } from '../report/signing.ts';
import { type BaseCommand, quoted } from './command.ts';
import { keylessFromFlags, parseSubjects, sealFromFlags } from './signing.ts';

interface PackingFlags {
  out: string;
  pages: string;
  template: string | undefined;
  role: string;
  subject: string[] | undefined;
  'timestamp-url': string | undefined;
  timestamp: string;
  pades: string;
  invisible: boolean;
  overwrite: boolean;
  zip: boolean;
  sigstore: boolean;
  'fulcio-url': string | undefined;
  'rekor-url': string | undefined;
  'sigstore-timestamp-url': string | undefined;
}

/**
 * The formats that the flags name, else those of the workspace file, else the usual ones; with the brief where it is asked for.
 * @param config a workspace file that may name some; one that is not there names none
 * @throws ProbityError USAGE for one that there is not, and for none
 */
export async function formatsOf(
  { format, pages }: { format: string | undefined; pages: string },
  config: string | undefined,
): Promise<readonly Format[]> {
  const brief = pages === 'summary' ? findFormats(['brief']) : [];
  return [...new Set([...(await namedFormats(format, config)), ...brief])];
}

async function namedFormats(flag: string | undefined, config: string | undefined): Promise<readonly Format[]> {
  if (flag !== undefined)
    return findFormats(
      flag
        .split(',')
        .map((id) => id.trim())
        .filter(Boolean),
      '--format',
    );
  if (config === undefined || !existsSync(config)) return DEFAULT_FORMATS;
  const { loadWorkspace } = await import('../workspace/workspace.ts');
  const { workspace } = await loadWorkspace(config);
  return workspace.formats ? findFormats(workspace.formats, `${config}#/formats`) : DEFAULT_FORMATS;
}

/** A browser that is on its way while evidence is read, where something is to be printed. */
export async function earlyPrinter(formats: readonly Format[]): Promise<Printer> {
  const { Printer } = await import('../report/pdf/print.ts');
  const printer = new Printer();
  if (formats.some(({ printed }) => printed)) printer.warmUp();
  return printer;
}

/** Where a pack goes: a folder, or with `--zip` one file, whose ending may be left out. */
export function packPlace({ out, zip }: { out: string; zip: boolean }): string {
  return zip && !out.toLowerCase().endsWith('.zip') ? `${out}.zip` : out;
}

/** Refuses at once a place that could not be written later. @throws ProbityError OUTPUT_FAILED, USAGE */
export async function requirePackPlace(flags: { out: string; zip: boolean }): Promise<void> {
  const { requirePlace } = await import('../files/write.ts');
  await requirePlace(flags.zip ? path.dirname(path.resolve(packPlace(flags))) : flags.out);
}

/** Renders, signs and writes a pack; returns the paths that were written. */
export async function writeReports(
  assessment: Assessment,
  formats: readonly Format[],
  flags: PackingFlags,
  identity: Signer | undefined,
  progress: (text: string | undefined) => void,
  note: (line: string) => void = () => undefined,
  { origin, printer }: { origin?: AssessmentOrigin; printer?: Printer } = {},
): Promise<string[]> {
  const { buildPack } = await import('../pack/build.ts');
  const { writePack } = await import('../pack/write.ts');
  const releases = parseSubjects(flags.subject);
  const keyless = keylessFromFlags(flags);
  try {
    const files = await buildPack(assessment, {
      formats,
      ...(identity ? { identity } : {}),
      signing: sealFromFlags(flags, note),
      releases,
      ...(origin ? { origin } : {}),
      ...(printer ? { printer } : {}),
      ...(flags.template === undefined ? {} : { template: flags.template }),
      ...(keyless ? { keyless } : {}),
      onStep: (what) => progress(`making the ${what}`),
    });
    if (flags.zip) {
      const { zipSame } = await import('../files/zip.ts');
      const { writeAlone } = await import('../files/write.ts');
      await writeAlone(packPlace(flags), zipSame(files));
      return [packPlace(flags)];
    }
    const { WORKBOOK_FILE } = await import('../pack/files.ts');
    const { placeOfWorkbook } = await import('../pack/workbook.ts');
    const place = flags.overwrite ? { file: WORKBOOK_FILE, keep: [] } : await placeOfWorkbook(flags.out);
    const named = new Map([...files].map(([name, bytes]) => [name === WORKBOOK_FILE ? place.file : name, bytes]));
    await writePack(flags.out, named, { keep: place.keep });
    for (const name of place.keep) note(keptLine(path.join(flags.out, name), files.has(WORKBOOK_FILE), place.file));
    return [...named.keys()].map((name) => path.join(flags.out, name));
  } finally {
    progress(undefined);
  }
}

/** What is said of a workbook that somebody changed. */
function keptLine(kept: string, made: boolean, file: string): string {
  const beside = made ? ` The new one is ${file} beside it.` : '';
  return `${kept} was changed since it was written, and is left as it is.${beside} Bring its columns in with: probity responses import ${quoted(kept)} --out responses.yaml (--overwrite replaces it)`;
}

/** What a pack was made from, as far as it is known. */
interface PackSource {
  /** The assessment that was read; without it the pack may hold the one that was made. */
  source?: string;
  /** The folder of the workspace file. */
  workspace?: string;
}

/** The folder of a workspace file as --evidence takes it; undefined where --evidence alone would not find the file. */
export function workspaceFolder(config: string): string | undefined {
  return path.basename(config) === 'probity.yaml' && existsSync(config) ? path.dirname(config) : undefined;
}

/** Prints what was written, who signed it, what that is worth, and what to do next. */
export async function printPack(
  command: BaseCommand,
  place: string,
  files: readonly string[],
  identity: Signer | undefined,
  { source, workspace }: PackSource,
): Promise<void> {
  const { sandboxNotice } = await import('../report/pdf/browser.ts');
  if (files.length === 1 && files[0] === place) command.say(`Written to ${place}`);
  else {
    command.say(`Written to ${place}:`);
    for (const file of files) command.say(`  ${file}`);
  }
  const notice = sandboxNotice();
  if (notice !== undefined) command.say(notice);
  if (!identity) {
    command.say('Not signed (--no-sign).');
    command.say();
    const assessment = source ?? files.find((file) => path.basename(file) === 'assessment.json');
    const zip = files[0] === place ? ' --zip' : '';
    command.say(
      assessment === undefined
        ? `Next: make it under an identity: probity run --identity FILE.p12${zip} --out ${quoted(place)}`
        : `Next: probity report ${quoted(assessment)} --evidence ${workspace === undefined ? 'FOLDER' : quoted(workspace)} --identity FILE.p12${zip} --out ${quoted(place)}`,
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
  command.say(`Next: probity verify ${quoted(place)}`);
}
