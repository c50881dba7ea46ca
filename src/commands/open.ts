import { spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Args, Flags } from '@oclif/core';
import { BaseCommand, commonFlags, quoted } from '../cli/command.ts';
import { ProbityError, systemCode, whyUnread } from '../errors.ts';

const PAGE = 'report.html';

/** How long a program that opens pages is waited for, in milliseconds; one that is a browser itself never ends. */
const PATIENCE = 1_500;

export default class Open extends BaseCommand {
  static override summary = 'Show the page of a pack (report.html) in your browser.';
  static override description =
    'The page needs nothing from the network. One that is not the page that the attestation beside it was made over is not opened.';
  static override examples = [
    { description: 'The page of the last run', command: '<%= config.bin %> <%= command.id %> out' },
    { description: 'Only its address', command: '<%= config.bin %> <%= command.id %> out --print' },
  ];
  static override args = {
    pack: Args.string({ default: 'out', description: 'the folder of a pack, or a report.html' }),
  };
  static override flags = {
    print: Flags.boolean({ description: 'print the address of the page, and open nothing' }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Open);
    this.settle(flags);
    const file = await pageOf(args.pack);
    await refuseChanged(file);
    const url = pathToFileURL(path.resolve(file)).href;
    if (flags.print) this.say(url);
    else {
      await openWith(openerOf(url), file);
      this.say(`Opened ${file}`);
    }
    this.emit({ file, url, opened: !flags.print });
  }
}

/** The page that a folder holds, or the one that was named. */
async function pageOf(named: string): Promise<string> {
  const stats = await stat(named).catch((error: unknown) => {
    throw new ProbityError('USAGE', whyUnread(error), {
      where: named,
      remedy: 'Name the folder that probity run wrote (--out)',
    });
  });
  if (!stats.isDirectory()) {
    if (named.toLowerCase().endsWith('.html')) return named;
    const zip = named.toLowerCase().endsWith('.zip');
    throw new ProbityError('USAGE', zip ? 'it is a zip' : 'it is neither the folder of a pack nor a page', {
      where: named,
      remedy: zip ? 'Unzip it first, and name the folder' : 'Name the folder that probity run wrote (--out)',
    });
  }
  const file = path.join(named, PAGE);
  if (await stat(file).catch(() => undefined)) return file;
  throw new ProbityError('USAGE', `the pack holds no ${PAGE}`, {
    where: named,
    remedy: `Make one with: probity report ${quoted(path.join(named, 'assessment.json'))} --format pdf,xlsx,html,json --out ${quoted(named)}`,
  });
}

/** A page runs its script, so one that is not what was attested is not opened. */
async function refuseChanged(file: string): Promise<void> {
  const { ATTESTATION_FILE } = await import('../pack/files.ts');
  const beside = await readFile(path.join(path.dirname(file), ATTESTATION_FILE), 'utf8').catch(() => undefined);
  if (beside === undefined) return;
  const { sha256, verifyAttestation } = await import('../pack/attestation.ts');
  const { statement } = verifyAttestation(beside, ATTESTATION_FILE, []);
  const stated = statement?.subject.find(({ name }) => name === path.basename(file))?.digest.sha256;
  if (stated !== sha256(await readFile(file)))
    throw new ProbityError('SIGNATURE_BROKEN', 'it is not the page that the attestation beside it was made over', {
      where: file,
      remedy: `See: probity verify ${quoted(path.dirname(file))}`,
    });
}

/** The program that opens pages here, with its arguments. */
function openerOf(url: string): [program: string, args: string[]] {
  if (process.env.BROWSER) return [process.env.BROWSER, [url]];
  if (process.platform === 'darwin') return ['open', [url]];
  if (process.platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', url]];
  return ['xdg-open', [url]];
}

function openWith([program, args]: [program: string, args: string[]], file: string): Promise<void> {
  const failed = (why: string): ProbityError =>
    new ProbityError('BROWSER_MISSING', `no browser could be opened (${program}: ${why})`, {
      where: file,
      remedy: 'Open the file in a browser yourself, or name one in BROWSER',
    });
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true });
    const patience = setTimeout(resolve, PATIENCE);
    child.on('error', (error) => {
      clearTimeout(patience);
      reject(failed(systemCode(error) ?? 'unknown'));
    });
    child.on('exit', (code) => {
      clearTimeout(patience);
      if (code === 0) resolve();
      else reject(failed(`exit code ${code}`));
    });
    child.unref();
  });
}
