import { Args, Flags } from '@oclif/core';
import { asOfDate, BaseCommand, commonFlags, quoted } from '../cli/command.ts';
import { identityFlags, sealFlags, sealFromFlags, signerFromFlags } from '../cli/signing.ts';
import { ProbityError } from '../errors.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import { ROLES } from '../sign/roles.ts';
import { counted } from '../wording.ts';

export default class PortfolioCommand extends BaseCommand {
  static override summary = 'Put the packs of many systems on one page, per attack class.';
  static override description =
    'Reads packs (folders, zips, or folders that hold some), verifies the attestation over each, and writes per class: state, worst bound against its limit, open gaps by severity and age, untested surfaces, what changed since the pack before, controls by system, and what several systems share. A pack that does not verify is listed and counts for nothing. Classes and systems are never added into a score, and the order of the packs decides nothing.';
  static override examples = [
    { description: 'Everything below a folder', command: '<%= config.bin %> <%= command.id %> packs/ --out portfolio' },
    {
      description: 'One unit, signed, by trusted signers only',
      command:
        '<%= config.bin %> <%= command.id %> packs/ --unit claims --trust ca.pem --identity risk.p12 --format all',
    },
  ];
  static override strict = false;
  static override args = {
    path: Args.string({ required: true, description: 'packs (folders or zips), or folders that hold some' }),
  };
  static override flags = {
    out: Flags.string({ char: 'o', description: 'the folder to write to', default: 'portfolio' }),
    format: Flags.string({
      char: 'f',
      description: 'formats, comma-separated: json, xlsx, html, pdf; or all',
      default: 'json,xlsx,html,pdf',
    }),
    'as-of': Flags.string({
      description: 'the day by which ages and ends are counted, YYYY-MM-DD [default: that of the newest pack]',
    }),
    owner: Flags.string({ description: 'only systems of this owner' }),
    tier: Flags.string({ description: 'only systems of this risk tier' }),
    unit: Flags.string({ description: 'only systems of this unit (tags.unit in the workspace)' }),
    tag: Flags.string({ description: 'only systems with this tag, NAME=VALUE', multiple: true }),
    trust: Flags.string({ description: 'certificates to trust, PEM; packs of other signers are refused' }),
    'allow-unsigned': Flags.boolean({
      description: 'count packs that nobody signed as well; they are shown as not verified',
      exclusive: ['trust'],
    }),
    strict: Flags.boolean({ description: 'exit with 1 when a pack was refused' }),
    ...identityFlags,
    ...sealFlags,
    role: Flags.string({ description: 'the role to sign in', options: [...ROLES], default: 'preparer' }),
    'no-sign': Flags.boolean({ description: 'write it unsigned', exclusive: ['identity'] }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(PortfolioCommand);
    this.settle(flags);
    const { buildPortfolio, portfolioFormats } = await import('../portfolio/build.ts');
    const { unmatched } = await import('../portfolio/portfolio.ts');
    const { readPortfolio } = await import('../portfolio/read.ts');
    const { loadTrust } = await import('../verify/signature.ts');
    const { loadCatalog } = await import('../catalog/catalog.ts');
    const { writePack } = await import('../pack/write.ts');
    const { PORTFOLIO_NAMES } = await import('../pack/files.ts');
    const formats = portfolioFormats(flags.format);
    const signing = sealFromFlags(flags, (line) => this.say(line));
    const filter = filterOf(flags);
    const asOf = flags['as-of'] === undefined ? undefined : await asOfDate(flags['as-of']);
    const trust = flags.trust === undefined ? [] : await loadTrust(flags.trust);
    const identity = await signerFromFlags(flags, (line) => this.say(line));
    const { bundledProfiles } = await loadCatalog();
    try {
      const reading = {
        ...(asOf === undefined ? {} : { asOf }),
        trust,
        requireTrust: flags.trust !== undefined,
        allowUnsigned: flags['allow-unsigned'],
        profiles: bundledProfiles,
        onProgress: (done: number, total: number) => this.progress(`reading pack ${done + 1} of ${total}`),
      };
      const paths = argv.map(String);
      const portfolio = await readPortfolio(paths, { ...reading, filter });
      if (portfolio.systems.length === 0) throw unmatched(await readPortfolio(paths, reading), filter);
      const files = await buildPortfolio(portfolio, {
        formats,
        identity,
        signing,
        onStep: (what) => this.progress(`making ${what}`),
      });
      await writePack(flags.out, files, { names: PORTFOLIO_NAMES });
      this.progress(undefined);
      this.print(portfolio, flags.out, [...files.keys()]);
      this.emit(portfolio);
      if (flags.strict && portfolio.refused.length > 0) this.exit(1);
    } finally {
      this.progress(undefined);
    }
  }

  private print({ systems, refused, asOf, leftOut }: Portfolio, out: string, files: readonly string[]): void {
    this.say(
      `${this.bold(counted(systems.length, 'system'))}, as of ${asOf}${leftOut > 0 ? `; ${leftOut} left out by the filter` : ''}`,
    );
    for (const [title, attackClass] of [
      ['Membership inference', 'membership-inference'],
      ['Model inversion', 'inversion'],
    ] as const) {
      const count = (state: string): number =>
        systems.filter(({ verdicts }) => verdicts[attackClass].state === state).length;
      this.say(
        `  ${title.padEnd(22)}${this.tint(`${count('not-satisfied')} not satisfied`, 'bad')}, ${this.tint(`${count('not-assessed')} not assessed`, 'unsure')}, ${this.tint(`${count('satisfied')} satisfied`, 'good')}`,
      );
    }
    for (const { path, why } of refused) this.say(`  ${this.tint('refused', 'bad')}  ${path}: ${why}`);
    if (systems.some(({ signers }) => signers.some(({ trusted }) => !trusted)))
      this.say('  The signers are not verified; pass --trust to count only packs of those you know.');
    this.say(`Written to ${out}: ${files.join(', ')}`);
    this.say();
    this.say(`Next: probity verify ${quoted(out)}`);
  }
}

function filterOf(flags: {
  owner: string | undefined;
  tier: string | undefined;
  unit: string | undefined;
  tag: string[] | undefined;
}): Record<string, string> {
  const filter: Record<string, string> = {};
  for (const name of ['owner', 'tier', 'unit'] as const) {
    const value = flags[name];
    if (value !== undefined) filter[name] = value;
  }
  for (const one of flags.tag ?? []) {
    const at = one.indexOf('=');
    if (at < 1 || at === one.length - 1)
      throw new ProbityError('USAGE', `--tag is "${one}"`, { remedy: 'Write it as NAME=VALUE' });
    filter[one.slice(0, at)] = one.slice(at + 1);
  }
  return filter;
}
