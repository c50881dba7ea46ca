import { existsSync } from 'node:fs';
import path from 'node:path';
import { Command, Flags } from '@oclif/core';
import { ProbityError } from '../errors.ts';

/** Flags that every command takes. */
export const commonFlags = {
  json: Flags.boolean({ description: 'print one JSON document and nothing else', helpGroup: 'GLOBAL' }),
  quiet: Flags.boolean({ char: 'q', description: 'print nothing but errors', helpGroup: 'GLOBAL' }),
  'no-color': Flags.boolean({ description: 'never colour the output (NO_COLOR does the same)', helpGroup: 'GLOBAL' }),
};

/** What all commands share: printing that respects --json and --quiet, colour only on a terminal, progress likewise. */
export abstract class BaseCommand extends Command {
  protected output: { json: boolean; quiet: boolean; color: boolean } = { json: false, quiet: false, color: false };

  /** Takes note of the common flags; every command calls it first. */
  protected settle(flags: { json: boolean; quiet: boolean; 'no-color': boolean }): void {
    const color =
      process.stdout.isTTY === true &&
      !flags['no-color'] &&
      process.env.NO_COLOR === undefined &&
      process.env.TERM !== 'dumb';
    this.output = { json: flags.json, quiet: flags.quiet, color };
  }

  /** A line for people. */
  say(line = ''): void {
    if (!this.output.json && !this.output.quiet) process.stdout.write(`${line}\n`);
  }

  /** The document for programs. */
  protected emit(document: unknown): void {
    if (this.output.json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }

  bold(text: string): string {
    return this.output.color ? `\u001b[1m${text}\u001b[22m` : text;
  }

  tint(text: string, state: 'good' | 'bad' | 'unsure'): string {
    const code = { good: 32, bad: 31, unsure: 33 }[state];
    return this.output.color ? `\u001b[${code}m${text}\u001b[39m` : text;
  }

  /** Progress on a terminal: one line that is written over and wiped at the end. */
  progress(text: string | undefined): void {
    if (this.output.quiet || this.output.json || process.stderr.isTTY !== true) return;
    process.stderr.write(`\r\u001b[2K${text === undefined ? '' : text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  }
}

/** The date an assessment speaks of: the flag's, else today in UTC. @throws ProbityError USAGE */
export async function asOfDate(flag: string | undefined): Promise<string> {
  if (flag === undefined) return new Date().toISOString().slice(0, 10);
  const { isoDate } = await import('../schema.ts');
  const parsed = isoDate.safeParse(flag);
  if (!parsed.success)
    throw new ProbityError('USAGE', `--as-of is "${flag}", not a date`, { remedy: 'Write it like 2026-09-30' });
  return parsed.data.slice(0, 10);
}

/** The workspace file: the flag's, else `probity.yaml` in the only folder named, else in the current folder. */
export function findConfig(flag: string | undefined, evidence: readonly string[] = []): string {
  if (flag !== undefined) return flag;
  const beside =
    evidence.length === 1 && evidence[0] !== undefined ? path.join(evidence[0], 'probity.yaml') : undefined;
  return beside !== undefined && existsSync(beside) ? beside : 'probity.yaml';
}
