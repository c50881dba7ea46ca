import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Assessment } from '../assess/assessment.ts';
import { DEFAULT_FORMATS, findFormats } from '../pack/choose.ts';
import type { Format } from '../pack/formats/format.ts';
import type { Signer } from '../pki/signer.ts';
import type { AssessmentOrigin } from '../report/signing.ts';
import { type BaseCommand, quoted } from './command.ts';
import { parseSubjects, sealFromFlags } from './signing.ts';

interface PackingFlags {
  out: string;
  role: string;
  subject: string[] | undefined;
  'timestamp-url': string | undefined;
  timestamp: string;
  pades: string;
  invisible: boolean;
  overwrite: boolean;
}

/**
 * The formats that the flag names, else those of the workspace file, else the usual ones.
 * @param config a workspace file that may name some; one that is not there names none
 * @throws ProbityError USAGE for one that there is not, and for none
 */
export async function formatsOf(flag: string | undefined, config: string | undefined): Promise<readonly Format[]> {
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

/** Renders, signs and writes a pack; returns its file paths. */
export async function writeReports(
  assessment: Assessment,
  formats: readonly Format[],
  flags: PackingFlags,
  identity: Signer | undefined,
  progress: (text: string | undefined) => void,
  note: (line: string) => void = () => undefined,
  origin?: AssessmentOrigin,
): Promise<string[]> {
  const { buildPack } = await import('../pack/build.ts');
  const { writePack } = await import('../pack/write.ts');
  const releases = parseSubjects(flags.subject);
  try {
    const files = await buildPack(assessment, {
      formats,
      ...(identity ? { identity } : {}),
      signing: sealFromFlags(flags, note),
      releases,
      ...(origin ? { origin } : {}),
      onStep: (what) => progress(`making the ${what}`),
    });
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
