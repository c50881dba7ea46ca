import { existsSync } from 'node:fs';
import path from 'node:path';
import { Args, Flags } from '@oclif/core';
import { BaseCommand, commonFlags, quoted } from '../../cli/command.ts';
import { ProbityError } from '../../errors.ts';
import type { EvidencePart } from '../../evidence/parts/part.ts';
import { readNamed } from '../../files/read.ts';

export default class EvidenceSummarise extends BaseCommand {
  static override summary = 'Say what a large file, or a part of it, holds, so that it is read where it lies.';
  static override description =
    'Writes a part: counts, or columns of scores, bound by digests to the bytes that were read. All parts of a file together are to assess what the file itself is. Of a file of which a part is missing nothing counts. Several parts are put together into one: of all parts, it is the same bytes as that of the whole file.';
  static override examples = [
    {
      description: 'A garak report, in four parts, two at a time',
      command:
        'seq 4 | xargs -P 2 -I {} <%= config.bin %> <%= command.id %> run.report.jsonl --part {}/4 -o evidence/run.part{}.json',
    },
    {
      description: 'A garak report, read by four threads at a time: the same bytes as by one',
      command: '<%= config.bin %> <%= command.id %> run.report.jsonl --jobs 4 -o evidence/run.part.json',
    },
    {
      description: 'A table of scores that lies in two files on two machines',
      command: '<%= config.bin %> <%= command.id %> scores-b.csv --part 2/2 --of scores.csv -o scores.part2.json',
    },
    {
      description: 'Parts put together',
      command: '<%= config.bin %> <%= command.id %> run.part*.json -o run.part.json',
    },
  ];
  static override strict = false;
  static override args = {
    file: Args.string({ required: true, description: 'the file; or parts of one, to be put together' }),
  };
  static override flags = {
    out: Flags.string({ char: 'o', description: 'the file to write the part to', required: true }),
    part: Flags.string({
      description: 'which part to read, I/N: the I-th of N of about the same size',
      default: '1/1',
    }),
    jobs: Flags.integer({
      char: 'j',
      description: 'how many threads read at a time; what they write is the same',
      default: 1,
      min: 1,
      max: 256,
    }),
    of: Flags.string({
      description: 'the file named is itself that part, of a whole of this name [default: the file is the whole]',
    }),
    config: Flags.string({
      char: 'c',
      description: 'the workspace file whose sources apply [default: probity.yaml, if there is one]',
    }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(EvidenceSummarise);
    this.settle(flags);
    const files = argv.map(String);
    const { bytesRead } = await import('../../evidence/parts/part.ts');
    const { partText } = await import('../../evidence/parts/summarise.ts');
    const { writeAlone } = await import('../../files/write.ts');
    const parts = await Promise.all(files.map(partIn));
    const found = parts.flatMap((part, i) => (part ? [{ part, where: files[i] ?? '' }] : []));
    if (found.length > 0 && found.length < files.length)
      throw new ProbityError('USAGE', 'parts are put together with parts only', {
        where: files[parts.indexOf(undefined)] ?? '',
        remedy: 'Summarise the file by itself first',
      });
    if (found.length === 0 && files.length > 1)
      throw new ProbityError('USAGE', 'one file at a time is summarised', { remedy: 'Run it once for each file' });
    const part = found.length > 0 ? await together(found) : await this.#summarise(files[0] ?? '', flags);
    await writeAlone(flags.out, partText(part));
    const bytes = bytesRead(part.read);
    const { first, last, count } = part.parts;
    this.emit({ path: flags.out, of: part.of, format: part.format, parts: part.parts, lines: part.lines, bytes });
    const which = first === last ? `part ${first} of ${count}` : `parts ${first} to ${last} of ${count}`;
    this.say(
      `${flags.out}: ${count === 1 ? 'all' : which} of ${part.of} (${part.format}), ${part.lines} lines, ${bytes} bytes`,
    );
    this.say(
      count === 1
        ? `Next: probity evidence inspect ${quoted(flags.out)}`
        : 'Next: put all parts into the evidence, and not the file itself',
    );
  }

  async #summarise(
    file: string,
    flags: { part: string; jobs: number; of: string | undefined; config: string | undefined },
  ): Promise<EvidencePart> {
    const match = /^(\d{1,5})\/(\d{1,5})$/.exec(flags.part);
    const [index, count] = [Number(match?.[1]), Number(match?.[2])];
    if (!match || index < 1 || index > count)
      throw new ProbityError('USAGE', `--part is "${flags.part}"`, { remedy: 'Write it as 1/4 for the first of four' });
    const { ADAPTERS } = await import('../../evidence/adapters/index.ts');
    const { declarationFor } = await import('../../evidence/ingest.ts');
    const { summariseInParallel } = await import('../../evidence/parts/parallel.ts');
    const { isWithin } = await import('../../files/place.ts');
    const { loadWorkspace } = await import('../../workspace/workspace.ts');
    const config = flags.config ?? (existsSync('probity.yaml') ? 'probity.yaml' : undefined);
    const loaded = config === undefined ? undefined : await loadWorkspace(config);
    const root = loaded?.root ?? process.cwd();
    const place = path.resolve(file);
    const own = isWithin(root, place) ? path.relative(root, place).split(path.sep).join('/') : path.basename(place);
    const of = flags.of ?? own;
    const declared = declarationFor(of, loaded?.workspace.sources ?? []);
    return summariseInParallel(
      file,
      ADAPTERS,
      { index, count, of, apart: flags.of !== undefined, declared },
      flags.jobs,
    );
  }
}

/** The part that a file holds, if it holds one. */
async function partIn(file: string): Promise<EvidencePart | undefined> {
  const { ADAPTERS } = await import('../../evidence/adapters/index.ts');
  const { readPart } = await import('../../evidence/parts/part.ts');
  const { EvidenceFile } = await import('../../evidence/file.ts');
  const { stat } = await import('node:fs/promises');
  const stats = await stat(file).catch(() => undefined);
  if (!stats?.isFile()) return undefined;
  const evidence = new EvidenceFile(path.resolve(file), file, stats.size);
  const head = await evidence.head();
  const part = ADAPTERS.find(({ format }) => format === 'evidence-part');
  if (!part || part.recognise(head, {}) === 0) return undefined;
  return readPart(JSON.parse(await readNamed(file, 'utf8')), file);
}

async function together(parts: readonly { part: EvidencePart; where: string }[]): Promise<EvidencePart> {
  const { ADAPTERS } = await import('../../evidence/adapters/index.ts');
  const { mergeParts } = await import('../../evidence/parts/part.ts');
  return mergeParts(parts, (bodies) => {
    const format = ADAPTERS.find((adapter) => adapter.format === parts[0]?.part.format)?.parts;
    if (!format)
      throw new ProbityError('EVIDENCE_MALFORMED', 'files of this format are not read in parts', {
        where: parts[0]?.where ?? '',
      });
    return format.merge(bodies);
  });
}
