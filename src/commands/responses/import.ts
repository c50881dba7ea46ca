import { existsSync } from 'node:fs';
import path from 'node:path';
import { Args, Flags } from '@oclif/core';
import { controlsFlag } from '../../cli/catalog.ts';
import { asOfDate, BaseCommand, commonFlags, quoted } from '../../cli/command.ts';
import { ProbityError } from '../../errors.ts';

/** So many problems are printed; --json has them all. */
const MOST_SAID = 100;

export default class ResponsesImport extends BaseCommand {
  static override summary = 'Read the columns that people filled in in report.xlsx back into a file of responses.';
  static override description =
    'Owner, due date, status, response and acceptance of each gap are brought into a YAML file of kind Responses, by the id of the gap. It is meant for version control, and is what the next run reads (responses: in probity.yaml, or run --responses). What cannot be taken over is named by its cell, and then nothing is written. Answers change no result: an acceptance becomes one only through a file of kind Waiver among the evidence, which --waivers writes for you to review.';
  static override examples = [
    {
      description: 'After filling in the workbook of the last run',
      command: '<%= config.bin %> <%= command.id %> out/report.xlsx --out responses.yaml',
    },
    {
      description: 'See what it would write',
      command: '<%= config.bin %> <%= command.id %> out/report.xlsx --out responses.yaml --dry-run',
    },
    {
      description: 'With the acceptances as a file of evidence',
      command:
        '<%= config.bin %> <%= command.id %> out/report.xlsx --out responses.yaml --waivers evidence/waivers.yaml',
    },
  ];
  static override args = {
    file: Args.string({
      required: true,
      description: 'the workbook, as Excel, LibreOffice or another program saved it',
    }),
  };
  static override flags = {
    out: Flags.string({
      char: 'o',
      description: 'the file to write; what it holds already is kept where the workbook says nothing else',
      default: 'responses.yaml',
    }),
    'dry-run': Flags.boolean({ description: 'print what would be written, and write nothing' }),
    waivers: Flags.string({ description: 'write the acceptances as a new file of kind Waiver, too' }),
    assessment: Flags.string({
      description:
        'the newest assessment, which says what is still open [default: assessment.json beside the workbook]',
    }),
    controls: controlsFlag,
    'as-of': Flags.string({ description: 'the day on which this is done, YYYY-MM-DD [default: today]' }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ResponsesImport);
    this.settle(flags);
    const { importFile, responsesText, waiversOf } = await import('../../responses/index.ts');
    const asOf = await asOfDate(flags['as-of']);
    const beside = path.join(path.dirname(args.file), 'assessment.json');
    const assessment = flags.assessment ?? (existsSync(beside) ? beside : undefined);
    const imported = await importFile(args.file, {
      out: flags.out,
      asOf,
      ...(assessment === undefined ? {} : { assessment }),
      controls: flags.controls ?? [],
    });
    const { problems, answered, gone, responses, changed } = imported;
    const acceptances = responses.responses.filter(({ acceptance }) => acceptance !== undefined);
    const text = responsesText(responses);
    const unanswered = responses.responses.length === 0 && responses.requests.length === 0;
    const unansweredLine = `Nobody has filled in anything in ${args.file} yet`;
    const write = problems.length === 0 && !flags['dry-run'];
    const written: string[] = [];
    if (write) {
      const { writeAlone, isThere } = await import('../../files/write.ts');
      if (flags.waivers !== undefined && (await isThere(flags.waivers)))
        throw new ProbityError('OUTPUT_FAILED', 'there is a file of that name already, and nothing was written', {
          where: flags.waivers,
          remedy: 'Name another file for the waivers, and bring the two together by hand',
        });
      await writeAlone(flags.out, text);
      written.push(flags.out);
      if (flags.waivers !== undefined && acceptances.length > 0) {
        await writeAlone(flags.waivers, waiversOf(responses, asOf));
        written.push(flags.waivers);
      }
    }
    this.emit({
      file: args.file,
      out: flags.out,
      written,
      dryRun: flags['dry-run'],
      changed,
      answered,
      gone,
      acceptances: acceptances.map(({ finding }) => finding),
      problems,
      responses: responses.responses,
      requests: responses.requests,
    });
    if (problems.length > 0) {
      for (const { cell, message } of problems.slice(0, MOST_SAID)) this.say(`${cell}: ${message}`);
      if (problems.length > MOST_SAID) this.say(`and ${problems.length - MOST_SAID} more; --json has them all`);
      this.say();
      this.say(
        `Nothing was written: ${problems.length} ${problems.length === 1 ? 'entry' : 'entries'} cannot be taken over. Mend the cells named above, save, and import again.`,
      );
      this.exit(2);
    }
    if (flags['dry-run']) {
      for (const line of text.trimEnd().split('\n')) this.say(line);
      // What is printed is still the file, whoever reads it on.
      this.say(
        `# ${unanswered ? unansweredLine : changed ? 'This would be written' : 'Nothing would change'} (--dry-run).`,
      );
      return;
    }
    if (unanswered) {
      this.say(`${unansweredLine}: ${flags.out} holds no answers.`);
      this.say();
      this.say(`Next: fill in the columns of ${args.file}, save it, and import it again`);
      return;
    }
    this.say(
      `${answered.length} ${answered.length === 1 ? 'gap is' : 'gaps are'} answered in ${flags.out}${changed ? '' : ', which says so already'}.`,
    );
    for (const id of gone) this.say(`  ${id} is no gap any more; what was answered is kept as its history.`);
    if (acceptances.length > 0 && flags.waivers === undefined)
      this.say(
        `${acceptances.length} ${acceptances.length === 1 ? 'asks' : 'ask'} for a risk to be accepted, which changes nothing until a file of kind Waiver among the evidence says so: add --waivers FILE to write one.`,
      );
    if (flags.waivers !== undefined && written.includes(flags.waivers))
      this.say(`The acceptances are in ${flags.waivers}; they count once that file is among the evidence.`);
    this.say();
    this.say(`Next: probity run --responses ${quoted(flags.out)}, or name it in probity.yaml: responses: ${flags.out}`);
  }
}
