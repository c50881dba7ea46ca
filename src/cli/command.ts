import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Command, Flags } from '@oclif/core';
import { ProbityError } from '../errors.ts';
import { visible, visibleJson } from '../visible.ts';

/** Flags that every command takes. */
export const commonFlags = {
  json: Flags.boolean({ description: 'print one JSON document and nothing else', helpGroup: 'GLOBAL' }),
  quiet: Flags.boolean({ char: 'q', description: 'print nothing but errors', helpGroup: 'GLOBAL' }),
  'no-color': Flags.boolean({ description: 'never colour the output (NO_COLOR does the same)', helpGroup: 'GLOBAL' }),
};

/** Begins a style in a line; nobody else can write it, since it is drawn anew in every process. */
const STYLE = `\u001b${randomBytes(8).toString('hex')}[`;

function onTerminal(line: string): string {
  return line
    .split(STYLE)
    .map((piece, i) => {
      const style = i === 0 ? 0 : piece.indexOf('m') + 1;
      return `${i === 0 ? '' : '\u001b['}${piece.slice(0, style)}${visible(piece.slice(style))}`;
    })
    .join('');
}

/** A word of a command line that can be copied into a shell, whatever is in it. */
export function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word) && !word.startsWith('-')) return word;
  if (visible(word) === word) return `'${word.replaceAll("'", "'\\''")}'`;
  const bytes = [...Buffer.from(word)].map((byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x27 && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  );
  return `$'${bytes.join('')}'`;
}

/** What all commands share: printing that respects --json and --quiet, colour only on a terminal, progress likewise. */
export abstract class BaseCommand extends Command {
  protected output: { json: boolean; quiet: boolean; color: boolean } = { json: false, quiet: false, color: false };

  /** Takes note of the common flags; every command calls it first. */
  protected settle(flags: { json: boolean; quiet: boolean; 'no-color': boolean } & Record<string, unknown>): void {
    // An empty value is a variable that was not set; without it the command would do something else than was asked.
    for (const [name, value] of Object.entries(flags))
      if (Array.isArray(value) ? value.includes('') : value === '')
        throw new ProbityError('USAGE', `--${name} is empty`, { remedy: 'Give it a value, or leave the flag out' });
    const color =
      process.stdout.isTTY === true &&
      !flags['no-color'] &&
      process.env.NO_COLOR === undefined &&
      process.env.TERM !== 'dumb';
    this.output = { json: flags.json, quiet: flags.quiet, color };
  }

  /** A line for people, in which everything can be seen; only {@link bold} and {@link tint} command the terminal. */
  say(line = ''): void {
    if (!this.output.json && !this.output.quiet) process.stdout.write(`${onTerminal(line)}\n`);
  }

  /** The document for programs. */
  protected emit(document: unknown): void {
    if (this.output.json) process.stdout.write(`${visibleJson(document, 2)}\n`);
  }

  bold(text: string): string {
    return this.output.color ? `${STYLE}1m${text}${STYLE}22m` : text;
  }

  tint(text: string, state: 'good' | 'bad' | 'unsure'): string {
    const code = { good: 32, bad: 31, unsure: 33 }[state];
    return this.output.color ? `${STYLE}${code}m${text}${STYLE}39m` : text;
  }

  /** Progress on a terminal: one line that is written over and wiped at the end. */
  progress(text: string | undefined): void {
    if (this.output.quiet || this.output.json || process.stderr.isTTY !== true) return;
    process.stderr.write(
      `\r\u001b[2K${text === undefined ? '' : visible(text).slice(0, (process.stderr.columns ?? 80) - 1)}`,
    );
  }
}

/** The date an assessment speaks of: the flag's, else today in UTC. @throws ProbityError USAGE */
export async function asOfDate(flag: string | undefined): Promise<string> {
  if (flag === undefined) return new Date().toISOString().slice(0, 10);
  const { isoDate } = await import('../schema.ts');
  const parsed = isoDate.safeParse(flag);
  if (!parsed.success)
    throw new ProbityError('USAGE', `--as-of is "${flag}", not a date`, { remedy: 'Write it like 2026-09-30' });
  if (parsed.data.length !== 10)
    throw new ProbityError('USAGE', `--as-of is "${flag}"; an assessment speaks of a day, not of a time`, {
      remedy: `Write it as ${parsed.data.slice(0, 10)}`,
    });
  return parsed.data;
}

/** The workspace file: the flag's, else `probity.yaml` in the only folder named, else in the current folder. */
export function findConfig(flag: string | undefined, evidence: readonly string[] = []): string {
  if (flag !== undefined) return flag;
  const beside =
    evidence.length === 1 && evidence[0] !== undefined ? path.join(evidence[0], 'probity.yaml') : undefined;
  return beside !== undefined && existsSync(beside) ? beside : 'probity.yaml';
}
