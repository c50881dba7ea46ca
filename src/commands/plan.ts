import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Flags } from '@oclif/core';
import { controlsFlag } from '../cli/catalog.ts';
import { asOfDate, BaseCommand, commonFlags, findConfig, quoted } from '../cli/command.ts';
import { planFromFlags } from '../cli/planning.ts';
import { identityFlags, openSigner } from '../cli/signing.ts';
import { ProbityError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import { counted } from '../wording.ts';

const DEFAULT_PLAN = 'evidence/test-plan.yaml';

export default class PlanCommand extends BaseCommand {
  static override summary = 'Say which evidence a system needs, how much of it, by which tool, and what it costs.';
  static override description =
    'From probity.yaml alone: the tests by class, technique and surface, with the tool and its command, how many samples let a system at half its limit pass in 80% of cases, what shows that the attack could have succeeded, and the records, inventories and statements that controls ask for. --commit writes the tests as kind: TestPlan, to be made before the tests: results outside a plan, and runs that were planned and are missing, show in the report. With an identity or a time-stamp URL there is proof that it was there before.';
  static override examples = [
    { description: 'For the workspace in the current folder', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'As a list for those who have to give it',
      command: '<%= config.bin %> <%= command.id %> --format xlsx --out plan.xlsx',
    },
    {
      description: 'Fixed before the tests, with a signature and a time-stamp',
      command:
        '<%= config.bin %> <%= command.id %> --commit --by "A. Marsh" --identity signer.p12 --timestamp-url https://tsa.example.org',
    },
  ];
  static override flags = {
    config: Flags.string({ char: 'c', description: 'the workspace file [default: probity.yaml]' }),
    profile: Flags.string({
      description: 'low, moderate, high or one of your own [default: the risk tier of the workspace]',
    }),
    controls: controlsFlag,
    'calls-per-second': Flags.integer({
      description: 'how fast the target answers, for the hours',
      default: 1,
      min: 1,
    }),
    format: Flags.string({
      char: 'f',
      description: 'text, md (Markdown), xlsx or json',
      options: ['text', 'md', 'xlsx', 'json'],
      default: 'text',
    }),
    out: Flags.string({ char: 'o', description: 'the file to write to [default: the terminal; xlsx: plan.xlsx]' }),
    commit: Flags.boolean({
      description: `write the tests as kind: TestPlan, to ${DEFAULT_PLAN} or where --plan says`,
    }),
    plan: Flags.string({ description: 'the file of the plan', dependsOn: ['commit'] }),
    by: Flags.string({ description: 'who plans the tests [default: the owner of the system]', dependsOn: ['commit'] }),
    'as-of': Flags.string({ description: 'the day of the plan, YYYY-MM-DD [default: today]' }),
    'timestamp-url': Flags.string({
      description: 'ask this RFC 3161 server for a time-stamp over the plan',
      dependsOn: ['commit'],
    }),
    ...identityFlags,
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(PlanCommand);
    this.settle(flags);
    if (flags.identity !== undefined && !flags.commit)
      throw new ProbityError('USAGE', '--identity goes with --commit', { remedy: 'Add --commit to fix the plan' });
    const asOf = await asOfDate(flags['as-of']);
    const { plan, root, owner } = await planFromFlags({ ...flags, config: findConfig(flags.config) });
    const committed = flags.commit ? await this.commit(plan, root, flags.by ?? owner, asOf, flags) : undefined;
    // Who commits has seen the plan; a document of it is made where one is asked for.
    if (!committed || flags.format !== 'text' || flags.out !== undefined)
      await this.show(plan, asOf, flags.format, flags.out);
    if (committed) {
      for (const file of committed.files) this.say(`Written: ${file}`);
      this.say();
      this.say('Next: the tests, then probity run');
    }
    this.emit({ ...plan, ...(committed ? { committed } : {}) });
  }

  private async show(plan: Plan, asOf: string, format: string, out: string | undefined): Promise<void> {
    const { planMarkdown, planWorkbook } = await import('../plan/documents.ts');
    const { visibleJson } = await import('../visible.ts');
    const { writeAlone } = await import('../files/write.ts');
    if (format === 'text' && out === undefined) {
      await this.print(plan);
      return;
    }
    const document =
      format === 'xlsx'
        ? planWorkbook(plan, asOf)
        : format === 'json'
          ? `${visibleJson(plan, 2)}\n`
          : planMarkdown(plan);
    const file = out ?? (format === 'xlsx' ? 'plan.xlsx' : undefined);
    if (file !== undefined) {
      await writeAlone(file, document);
      this.say(`Written: ${file}`);
    } else if (!this.output.json && !this.output.quiet) process.stdout.write(document);
  }

  /** Writes the plan with its proofs; what is there already is never written over, since it would prove nothing then. */
  private async commit(
    plan: Plan,
    root: string,
    by: string,
    asOf: string,
    flags: {
      plan: string | undefined;
      identity: string | undefined;
      key: string | undefined;
      'passphrase-file': string | undefined;
      'timestamp-url': string | undefined;
    },
  ): Promise<{ file: string; sha256: string; files: string[] }> {
    const { planStatement, testPlanText } = await import('../plan/commit.ts');
    const { writeAlone } = await import('../files/write.ts');
    const file = flags.plan ?? path.join(path.relative('', root), DEFAULT_PLAN);
    if (existsSync(file))
      throw new ProbityError('OUTPUT_FAILED', 'there is a plan already, and it is not written over', {
        where: file,
        remedy: 'Name another file with --plan; a plan that is changed afterwards proves nothing',
      });
    const url = flags['timestamp-url'];
    if (url !== undefined && (!/^https?:\/\/./i.test(url) || !URL.canParse(url)))
      throw new ProbityError('USAGE', `--timestamp-url is "${url}"`, {
        remedy: 'Give an address that begins with http:// or https://',
      });
    const text = testPlanText(plan, { by, committed: asOf });
    const sha256 = createHash('sha256').update(text).digest('hex');
    const proof = path.join(path.relative('', root), 'proofs', path.basename(file).replace(/\.ya?ml$/, ''));
    const made = new Map<string, string | Uint8Array>([[file, text]]);
    if (flags.identity !== undefined) {
      const { cosignable } = await import('../cli/planning.ts');
      const signer = await openSigner(flags.identity, flags);
      made.set(
        `${proof}.dsse.json`,
        await cosignable(planStatement(path.basename(file), sha256, plan, asOf), signer, url),
      );
    } else if (url !== undefined) {
      const { requestTimestamp } = await import('../pki/timestamp.ts');
      made.set(`${proof}.tst`, await requestTimestamp(url, Buffer.from(text)));
    }
    for (const [name, content] of made) await writeAlone(name, content);
    return { file, sha256, files: [...made.keys()] };
  }

  private async print(plan: Plan): Promise<void> {
    const words = await import('../plan/documents.ts');
    const { CLASS_TITLES, SURFACE_TITLES } = await import('../report/words.ts');
    const { ATTACK_CLASSES } = await import('../terms.ts');
    this.say(`${this.bold(plan.system.name)}, risk tier ${plan.system.riskTier}, profile ${plan.profile}`);
    for (const attackClass of ATTACK_CLASSES) {
      const tests = plan.tests.filter((one) => one.attackClass === attackClass);
      this.say();
      this.say(
        `${this.bold(CLASS_TITLES[attackClass])}: ${counted(tests.length, 'test')}, ${words.costInWords(plan.cost[attackClass])}`,
      );
      for (const one of tests) {
        const planned = words.plannedInWords(one);
        this.say(
          `  ${one.title}, ${SURFACE_TITLES[one.surface]}, target ${one.target}${planned === '' ? '' : ` (${this.tint(planned, one.planned ? 'good' : 'unsure')})`}`,
        );
        this.say(`    ${words.sampleInWords(one)}; for ${one.controls.join(', ')}; ${words.costInWords(one.cost)}`);
        this.say(`    with      ${words.toolInWords(one)}`);
        this.say(`    control   ${words.controlInWords(one)}`);
        if (one.assignment) this.say(`    alike by  ${one.assignment}`);
        if (one.screening)
          this.say(`    besides   ${words.toolInWords(one.screening)} (can show leakage, not its absence)`);
      }
    }
    this.say();
    this.say(this.bold(`Records, inventories and statements (${plan.records.length})`));
    for (const one of plan.records) this.say(`  ${one.control.padEnd(8)} ${one.kind.padEnd(18)} ${one.what}`);
    this.say();
    this.say(words.powerInWords(plan));
    this.say();
    this.say(`Next: probity plan --commit --by ${quoted('YOUR NAME')}, then the tests, then: probity run`);
  }
}
