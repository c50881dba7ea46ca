import { ProbityError } from '../../errors.ts';
import type { Adapter, PartFormat, Reading } from '../adapter.ts';
import { bytesRead, digestOfRead, type EvidencePart, isComplete, mergeParts } from './part.ts';

/** A part as it lies in the evidence. */
export interface FoundPart {
  /** As it is shown. */
  path: string;
  part: EvidencePart;
}

/** What the index of evidence says of a part. */
export interface PartOf {
  file: string;
  first: number;
  last: number;
  count: number;
  /** SHA-256 over the digests of all that was read for it. */
  sha256: string;
  /** Bytes that were read for it. */
  bytes: number;
}

export function partOf({ of: file, parts, read }: EvidencePart): PartOf {
  return { file, ...parts, sha256: digestOfRead(read), bytes: bytesRead(read) };
}

/** The parts of each file, in the order in which the first of each was found. */
export function byFile(parts: readonly FoundPart[]): FoundPart[][] {
  const groups = new Map<string, FoundPart[]>();
  for (const one of parts) {
    const key = JSON.stringify([one.part.of, one.part.format]);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return [...groups.values()];
}

/**
 * What the parts of one file say together.
 * @param read makes a reading of the whole
 * @throws ProbityError EVIDENCE_MALFORMED when a part is missing or there twice: of a file that is not whole nothing counts
 */
export function assemble(
  group: readonly FoundPart[],
  adapters: readonly Adapter[],
  read: (format: PartFormat, body: unknown) => Reading,
): { whole: EvidencePart; reading: Reading; holderOf(at: string): FoundPart } {
  const [first] = group;
  if (!first) throw new TypeError('a file without parts');
  const format = adapters.find((adapter) => adapter.format === first.part.format)?.parts;
  if (!format)
    throw new ProbityError('EVIDENCE_MALFORMED', `files of the format ${first.part.format} are not read in parts`, {
      where: first.path,
    });
  const whole = mergeParts(
    group.map(({ part, path }) => ({ part, where: path })),
    (bodies) => (bodies.length === 1 ? bodies[0]?.body : format.merge(bodies)),
  );
  if (!isComplete(whole)) {
    const { first: from, last, count } = whole.parts;
    const missing = from > 1 ? 1 : last + 1;
    throw new ProbityError('EVIDENCE_MALFORMED', `part ${missing} of ${count} of ${whole.of} is not there`, {
      where: first.path,
      remedy: 'Put all parts of the file into the evidence',
    });
  }
  const sorted = [...group].sort((a, b) => a.part.parts.first - b.part.parts.first);
  return {
    whole,
    reading: read(format, whole.body),
    holderOf(at) {
      const line = Number(/^line (\d+)$/.exec(at)?.[1] ?? 1);
      let before = 0;
      for (const one of sorted) {
        before += one.part.lines;
        if (line <= before) return one;
      }
      return sorted[0] as FoundPart;
    },
  };
}
