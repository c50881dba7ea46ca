import { fileURLToPath } from 'node:url';
import { Errors, flush, run, settings } from '@oclif/core';
import { messageOf, ProbityError } from '../errors.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Runs the command line and ends the process. Exit codes: 0 the answer is yes, 1 the answer is no, 2 the question could
 * not be answered.
 */
export async function main(args: string[]): Promise<void> {
  settings.enableAutoTranspile = false;
  try {
    await run(args, { root: ROOT });
    await flush();
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** The library begins some messages with a line that only announces the next. */
function usageLine(message: string): string {
  const [first = '', second = ''] = message.split('\n').map((line) => line.trim());
  return first.endsWith(':') ? second : first;
}

/** Prints an error as one line, with a stack only on request, and says which exit code it means. */
function report(error: unknown): number {
  if (error instanceof Errors.ExitError) return error.oclif.exit ?? 0;
  if (process.env.DEBUG?.includes('probity'))
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  if (error instanceof ProbityError) process.stderr.write(`probity: ${error.line}\n`);
  else if (error instanceof Errors.CLIError)
    process.stderr.write(`probity: USAGE: ${usageLine(error.message)}. See --help\n`);
  else
    process.stderr.write(
      `probity: INTERNAL: ${messageOf(error).split('\n')[0]}. This is a fault of probity; set DEBUG=probity for its place\n`,
    );
  return 2;
}
