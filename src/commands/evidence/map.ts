import { existsSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { Args, Flags } from '@oclif/core';
import { controlsFlag } from '../../cli/catalog.ts';
import { BaseCommand, commonFlags, quoted } from '../../cli/command.ts';
import { ProbityError } from '../../errors.ts';

const KINDS = ['scores', 'access', 'results', 'inventory'] as const;

export default class EvidenceMap extends BaseCommand {
  static override summary = 'Draft what has to be said of a file that no format fits.';
  static override description =
    'Guesses from names and contents of columns what a table is (scores of membership inference, a listing of identities, attempts with their verdicts) and writes the entry for `sources` in probity.yaml, or a ProbeResult with the counts, saying why of each guess. Where only a person knows, it says <replace: ..>, and the draft is refused until that is filled in. Reads CSV with commas, semicolons or tabs, JSON lists and JSON Lines.';
  static override examples = [
    {
      description: 'A table of scores or accounts',
      command: '<%= config.bin %> <%= command.id %> access/accounts.csv',
    },
    {
      description: 'Into a file, to be filled in',
      command: '<%= config.bin %> <%= command.id %> runs/attempts.csv -o evidence/attempts.yaml',
    },
    {
      description: 'As a listing of identities, whatever it looks like',
      command: '<%= config.bin %> <%= command.id %> export.json --as access',
    },
  ];
  static override args = { file: Args.string({ required: true, description: 'the file' }) };
  static override flags = {
    as: Flags.string({
      description:
        'what it is: scores, access (a listing of identities), results (attempts with verdicts), or inventory (an AccessInventory to be filled in by hand) [default: as it looks]',
      options: [...KINDS],
    }),
    out: Flags.string({ char: 'o', description: 'the file to write the draft to [default: the terminal]' }),
    force: Flags.boolean({ description: 'write over a file that is there' }),
    config: Flags.string({
      char: 'c',
      description: 'the workspace file whose folder names are relative to [default: probity.yaml, if there is one]',
    }),
    controls: controlsFlag,
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(EvidenceMap);
    this.settle(flags);
    const { loadCatalog, probeLookup, threatTerms } = await import('../../catalog/catalog.ts');
    const { EvidenceFile } = await import('../../evidence/file.ts');
    const { ingestFile } = await import('../../evidence/ingest.ts');
    const { profileOf, tableShape } = await import('../../evidence/records.ts');
    const { isWithin } = await import('../../files/place.ts');
    const { isThere, writeAlone } = await import('../../files/write.ts');
    const { kindOf } = await import('../../authoring/draft/guesses.ts');
    const draft = await import('../../authoring/draft/index.ts');
    const place = path.resolve(args.file);
    const stats = await lstat(place).catch(() => undefined);
    if (!stats?.isFile())
      throw new ProbityError('EVIDENCE_MISSING', stats ? 'is no regular file' : 'there is no such file', {
        where: args.file,
        remedy: 'Name a file that exists',
      });
    if (flags.out !== undefined && !flags.force && (await isThere(flags.out)))
      throw new ProbityError('OUTPUT_FAILED', 'a file of this name is there', {
        where: flags.out,
        remedy: 'Choose another name, or add --force to write over it',
      });
    const config = flags.config ?? (existsSync('probity.yaml') ? 'probity.yaml' : undefined);
    const root = config === undefined ? process.cwd() : path.dirname(path.resolve(config));
    const name = isWithin(root, place) ? path.relative(root, place).split(path.sep).join('/') : path.basename(place);
    const catalog = await loadCatalog(flags.controls);
    const techniques = catalog.techniques;
    if (flags.as === undefined) {
      const { entry } = await ingestFile(path.basename(place), {
        root: path.dirname(place),
        probes: probeLookup(catalog),
        terms: threatTerms(catalog),
        techniques: new Map(techniques.map(({ id, attackClass }) => [id, attackClass])),
      });
      if (entry.accepted && entry.format !== 'membership-scores')
        throw new ProbityError('USAGE', `it is read as ${entry.format}; there is nothing to map`, {
          where: args.file,
          remedy: `See what comes out of it: probity evidence inspect ${quoted(args.file)}`,
        });
    }
    const file = new EvidenceFile(place, args.file, stats.size);
    if (stats.size === 0)
      throw new ProbityError('EVIDENCE_EMPTY', 'the file is empty', {
        where: args.file,
        remedy: 'Hand in one that holds something',
      });
    if (flags.as === 'inventory') {
      await this.#hand(
        draft.inventoryDraft(name),
        { kind: 'inventory', guesses: [] },
        flags.out,
        args.file,
        writeAlone,
      );
      return;
    }
    const head = await file.head();
    const shape = tableShape(head);
    if (shape === undefined) {
      const { nearestGuess } = await import('../../evidence/guess.ts');
      throw new ProbityError(
        'EVIDENCE_UNRECOGNISED',
        `it is no table, no JSON list and no JSON Lines${nearestGuess(head)}`,
        {
          where: args.file,
          remedy: `Hand in the list within it by itself, or fill in by hand: probity evidence map ${quoted(args.file)} --as inventory, or an example of a ProbeResult (probity catalog techniques)`,
        },
      );
    }
    const table = await profileOf(file, shape);
    const kind = flags.as ?? kindOf(table);
    if (table.rows === 0 || kind === undefined)
      throw new ProbityError(
        'EVIDENCE_UNRECOGNISED',
        table.rows === 0
          ? 'it has no rows'
          : `nothing in its columns says what it is: ${table.columns
              .map((column) => column.name)
              .join(', ')
              .slice(0, 200)}`,
        { where: args.file, remedy: 'Say it: --as scores, --as access or --as results' },
      );
    const input = { name, sha256: await file.sha256(), table, techniques };
    const made =
      kind === 'access'
        ? draft.accessDraft(input)
        : kind === 'scores'
          ? draft.scoresDraft(input)
          : draft.resultsDraft(input, await verdictsOf(file, shape, table));
    await this.#hand(made.text, made, flags.out, args.file, writeAlone);
  }

  async #hand(
    text: string,
    { kind, guesses }: { kind: string; guesses: readonly { field: string; column: string; why: string }[] },
    out: string | undefined,
    file: string,
    write: (file: string, text: string) => Promise<unknown>,
  ): Promise<void> {
    const source = kind === 'scores' || kind === 'access';
    const next = `replace every <replace: ..>, ${source ? 'put the entry under sources in probity.yaml' : 'put the file among the evidence'}, then: probity evidence inspect ${quoted(source ? file : (out ?? 'FILE'))}`;
    if (out !== undefined) {
      await write(out, text);
      for (const guess of guesses) this.say(`${guess.field.padEnd(20)} ${guess.column} (${guess.why})`);
      this.say(`${out}: a draft; next, ${next}`);
    } else {
      for (const line of text.trimEnd().split('\n')) this.say(line);
      this.say(`# Next: ${next}`);
    }
    this.emit({ file, kind, guesses, draft: text, ...(out === undefined ? {} : { path: out }), next });
  }
}

/** How often each verdict was given, by the columns that were taken for probe, detector and target. */
async function verdictsOf(
  file: import('../../evidence/file.ts').EvidenceFile,
  shape: import('../../evidence/records.ts').TableShape,
  table: import('../../evidence/records.ts').TableProfile,
) {
  const { eachRecord } = await import('../../evidence/records.ts');
  const { resultGuesses } = await import('../../authoring/draft/guesses.ts');
  const guesses = new Map(resultGuesses(table).map(({ field, column }) => [field, column]));
  const groups = new Map<
    string,
    {
      probe: string | undefined;
      detector: string | undefined;
      target: string | undefined;
      verdicts: Map<string, number>;
    }
  >();
  await eachRecord(file, shape, (cells) => {
    const cell = (field: 'probe' | 'detector' | 'target' | 'verdict'): string | undefined => {
      const column = guesses.get(field);
      return column === undefined ? undefined : (cells.get(column) ?? '').trim() || undefined;
    };
    const [probe, detector, target] = [cell('probe'), cell('detector'), cell('target')];
    const key = JSON.stringify([probe ?? null, detector ?? null, target ?? null]);
    const group = groups.get(key) ?? { probe, detector, target, verdicts: new Map<string, number>() };
    if (groups.size >= MOST_GROUPS && !groups.has(key))
      throw new ProbityError('EVIDENCE_TOO_LARGE', `more than ${MOST_GROUPS} pairs of probe and detector`, {
        where: file.path,
        remedy: 'Split the table by probe, and draft one file each',
      });
    groups.set(key, group);
    if (guesses.has('verdict')) {
      const word = cell('verdict') ?? '';
      group.verdicts.set(word, (group.verdicts.get(word) ?? 0) + 1);
    }
  });
  return [...groups.values()];
}

const MOST_GROUPS = 500;
