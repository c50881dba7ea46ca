import { setFlagsFromString } from 'node:v8';
import { messageOf, ProbityError } from '../errors.ts';
import { JsonRecords } from '../files/jsonRecords.ts';
import { forbiddenKey } from '../files/yaml.ts';
import { csvRows } from './csv.ts';
import type { EvidenceFile } from './file.ts';
import { pointerStep } from './fitting.ts';

/** So many entries of one file are taken; what comes out of each is held until the assessment is made. */
const MOST_ENTRIES = 500_000;

/** From here on a file leaves so much behind that it matters when it is gathered. */
const LARGE = 32 * 2 ** 20;

/**
 * What a million entries leave behind is gathered while it is young; a nursery that has grown to its full size holds on to
 * tens of megabytes of it several times over, and hands more of it on. The rest of the heap would grow to twice of what is
 * live before it is looked through. Both stay small for the rest of the process.
 */
export function holdHeapSmall(file: Pick<EvidenceFile, 'bytes'>): void {
  if (file.bytes <= LARGE) return;
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=30');
}

/** Counts entries. @throws ProbityError EVIDENCE_TOO_LARGE for the first that is too many */
export function entryCounter(file: Pick<EvidenceFile, 'path'>, most = MOST_ENTRIES): () => void {
  let count = 0;
  return () => {
    if (++count > most)
      throw new ProbityError('EVIDENCE_TOO_LARGE', `more than ${most} entries in one file`, {
        where: file.path,
        remedy: 'Split it into several files',
      });
  };
}

/**
 * Hands out the values of a JSON file at these paths (`$.*`, `$.Policies.*`), one at a time and with their pointers, and
 * holds no more than one of them.
 * @param onField told the name of each field of the root, before anything in it
 * @param python whether Python wrote it, in which a number may be `NaN`
 * @throws ProbityError EVIDENCE_MALFORMED where the file is no complete JSON or a key could reach a prototype;
 * EVIDENCE_TOO_LARGE past the bounds of one value
 */
export async function eachValue(
  file: EvidenceFile,
  paths: readonly string[],
  use: (value: unknown, at: string, key: string | number | undefined) => void,
  onField?: (name: string) => void,
  python = false,
): Promise<void> {
  const parser = new JsonRecords(paths, { file: file.path, onField, python });
  holdHeapSmall(file);
  const count = entryCounter(file);
  let failure: unknown;
  let ended = false;
  const fail = (message: string): never => {
    throw new ProbityError('EVIDENCE_MALFORMED', message, { where: file.path });
  };
  parser.onValue = ({ value, key, stack }) => {
    const at = [...stack.slice(1).map((step) => step.key), key].map((step) => `/${pointerStep(String(step))}`).join('');
    const bad = forbiddenKey(value, at);
    if (bad !== undefined) fail(`the key at ${bad} is not allowed`);
    count();
    use(value, at, key);
  };
  parser.onError = (error) => {
    failure ??= error;
  };
  parser.onEnd = () => {
    ended = true;
  };
  for await (const chunk of file.chunks()) {
    try {
      parser.write(chunk);
    } catch (error) {
      failure ??= error;
    }
    if (failure instanceof ProbityError) throw failure;
    if (failure !== undefined) fail(`not valid JSON: ${messageOf(failure)}`);
  }
  if (!ended) fail('the JSON ends before it is complete');
}

/** The same for JSON that Python wrote, in which a number may be `NaN`: it comes out as an empty text. */
export function eachPythonValue(
  file: EvidenceFile,
  paths: readonly string[],
  use: (value: unknown, at: string) => void,
): Promise<void> {
  return eachValue(file, paths, use, undefined, true);
}

/**
 * Hands out the records of a file of JSON Lines, each with its place (`line 12`); blank lines are passed over.
 * @throws ProbityError EVIDENCE_MALFORMED with file and line
 */
export async function eachLine(file: EvidenceFile, use: (value: unknown, at: string) => void): Promise<void> {
  const count = entryCounter(file);
  for await (const { first, lines } of file.lineBatches())
    for (let i = 0; i < lines.length; i++) {
      const text = (lines[i] as Buffer).toString('utf8');
      if (text.trim() === '') continue;
      const fail = (message: string): never => {
        throw new ProbityError('EVIDENCE_MALFORMED', message, { where: `${file.path}:${first + i}` });
      };
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        return fail('not valid JSON');
      }
      if (forbiddenKey(value, '') !== undefined) fail('a key is not allowed');
      count();
      use(value, `line ${first + i}`);
    }
}

/**
 * Hands out the rows of a table with a header, each by the names of its columns and with its place (`line 12`).
 * @throws ProbityError EVIDENCE_MALFORMED with file and line
 */
export async function eachRow(
  file: EvidenceFile,
  use: (row: Readonly<Record<string, string>>, at: string) => void,
): Promise<void> {
  let names: string[] | undefined;
  for await (const { line, cells } of csvRows(file)) {
    if (!names) {
      names = cells.map((name) => name.trim());
      continue;
    }
    const row: Record<string, string> = Object.create(null);
    for (const [i, name] of names.entries()) row[name] = cells[i] ?? '';
    use(row, `line ${line}`);
  }
}
