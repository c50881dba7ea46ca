import { Args, Flags } from '@oclif/core';
import { BaseCommand, commonFlags, quoted } from '../cli/command.ts';
import { compareHanded, earlierOf, readBefore } from '../cli/handed.ts';
import type { Comparison } from '../compare/compare.ts';
import { ProbityError } from '../errors.ts';

export default class Compare extends BaseCommand {
  static override summary = 'Say what changed between two assessments of one system, per attack class.';
  static override description =
    'Gaps are new, reopened, still open or closed; one that went away only because its evidence is gone, or because the target, the profile, the scope or the control was changed, is named as not closed. A number is better or worse only where the interval of the difference excludes zero, the error shared over all comparisons. What somebody moved (profile, thresholds, catalog, acceptances, scope, tools) stands apart. With more than two assessments the last two are compared, and the earlier ones say since when gaps are open and which came back.';
  static override examples = [
    { description: 'Two quarters', command: '<%= config.bin %> <%= command.id %> q3/ q4/' },
    {
      description: 'A year, for a pull request',
      command: '<%= config.bin %> <%= command.id %> q1/ q2/ q3/ q4/ --format md --out changes.md',
    },
  ];
  static override strict = false;
  static override args = {
    old: Args.string({
      required: true,
      description: 'the older assessment: a pack (folder or zip) or an assessment.json',
    }),
    new: Args.string({
      required: true,
      description: 'the newer one; any that are named before the last two are earlier ones',
    }),
  };
  static override flags = {
    format: Flags.string({
      char: 'f',
      description: 'what to write: text, md (Markdown), html or json',
      options: ['text', 'md', 'html', 'json'],
      default: 'text',
    }),
    out: Flags.string({ char: 'o', description: 'the file to write to [default: the terminal]' }),
    trust: Flags.string({ description: 'certificates to trust, PEM; signers that do not lead to them are refused' }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Compare);
    this.settle(flags);
    const paths = argv.map(String);
    const handed = await readBefore(paths, flags.trust);
    const [before, after] = handed.slice(-2);
    if (!before || !after) throw new ProbityError('USAGE', 'NEW is missing', { remedy: 'Name two assessments' });
    const comparison = await compareHanded(before, after, earlierOf(handed));
    for (const one of handed)
      if (!one.signed && (flags.format === 'text' || flags.out !== undefined))
        this.say(`${one.path} is not signed: it follows from itself, and nothing shows who made it.`);
    await this.write(comparison, flags.format, flags.out);
    this.emit(comparison);
  }

  private async write(comparison: Comparison, format: string, out: string | undefined): Promise<void> {
    const text = await rendered(comparison, format);
    if (out !== undefined) {
      const { writeAlone } = await import('../files/write.ts');
      await writeAlone(out, text ?? (await rendered(comparison, 'md')) ?? '');
      this.say(`Written to ${out}`);
      return;
    }
    if (text === undefined) await this.print(comparison);
    else if (!this.output.json && !this.output.quiet) process.stdout.write(text);
  }

  private async print(comparison: Comparison): Promise<void> {
    const { comparisonView } = await import('../report/comparison/view.ts');
    const view = comparisonView(comparison);
    this.say(this.bold(view.title));
    for (const { title, gaps, numbers, unmatched } of view.classes) {
      this.say();
      this.say(this.bold(title));
      if (gaps.length === 0) this.say('  No gap before, and none now.');
      for (const group of gaps) {
        this.say(`  ${this.tint(`${group.title} (${group.items.length})`, MOODS[group.change])}`);
        for (const { control, title: what, severity, text } of group.items)
          this.say(`    ${control.padEnd(8)} ${what} (${severity}): ${text}`);
      }
      for (const group of numbers) {
        this.say(`  ${this.tint(`${group.title} (${group.items.length})`, MOODS[group.change])}`);
        for (const { name, text } of group.items) this.say(`    ${name}: ${text}`);
      }
      if (unmatched) this.say(`  ${unmatched}`);
    }
    this.say();
    this.say(this.bold('What was moved'));
    if (view.goalposts.length === 0) this.say('  Profile, catalog, scope, acceptances and tools are the same.');
    for (const { text, looser } of view.goalposts) this.say(`  ${looser ? this.tint(text, 'bad') : text}`);
    this.say();
    this.say(view.error);
    this.say();
    this.say(`Next: probity run --previous ${quoted(this.argv[0] ?? 'q3')} puts this into the report`);
  }
}

const MOODS = {
  new: 'bad',
  reopened: 'bad',
  open: 'unsure',
  'evidence-gone': 'bad',
  closed: 'good',
  worse: 'bad',
  better: 'good',
  'no-evidence': 'unsure',
} as const;

/** A document of a format; undefined for what is printed line by line. */
async function rendered(comparison: Comparison, format: string): Promise<string | undefined> {
  switch (format) {
    case 'md':
      return (await import('../report/comparison/markdown.ts')).comparisonMarkdown(comparison);
    case 'html': {
      const { renderPage } = await import('../report/html.ts');
      const { comparisonView } = await import('../report/comparison/view.ts');
      return renderPage('comparison', comparisonView(comparison));
    }
    case 'json':
      return `${(await import('../visible.ts')).visibleJson(comparison, 2)}\n`;
    default:
      return undefined;
  }
}
