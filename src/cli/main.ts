// First, before the library is loaded.
import './strangers.ts';
import { fileURLToPath } from 'node:url';
import { Config, Errors, flush, run, settings } from '@oclif/core';
import { faultLine, messageOf, ProbityError } from '../errors.ts';
import { visible, visibleJson } from '../visible.ts';
import { nearest } from '../wording.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** How long work that nobody waits for any more may hold the process up, in milliseconds. */
const LINGER = 5_000;

/**
 * Runs the command line and ends the process. Exit codes: 0 the answer is yes, 1 the answer is no, 2 the question could
 * not be answered.
 */
export async function main(args: string[]): Promise<void> {
  settings.enableAutoTranspile = false;
  try {
    // No code of the user's folders is run, and none is looked for where there is no home.
    await run(args, { root: ROOT, userPlugins: false, devPlugins: false });
    await flush();
  } catch (error) {
    process.exitCode = report(await understood(error, args), asksForJson(args));
  }
  // A disk that never answered would otherwise be waited for here.
  setTimeout(() => process.exit(), LINGER).unref();
}

function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end === -1 ? args : args.slice(0, end)).includes('--json');
}

/** An error as scripts read it. */
interface Fault {
  code: string;
  message: string;
  where?: string;
  remedy?: string;
}

function faultOf(error: unknown): Fault {
  if (error instanceof ProbityError)
    return {
      code: error.code,
      message: error.message,
      ...(error.where === undefined ? {} : { where: error.where }),
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    };
  if (error instanceof Errors.CLIError) return { code: 'USAGE', message: usage(error), remedy: 'See --help' };
  return {
    code: 'INTERNAL',
    message: messageOf(error).split('\n')[0] ?? '',
    remedy: 'This is a fault of probity; set DEBUG=probity for its place',
  };
}

/** Texts of a list that an error of the parser carries. */
function texts(error: object, field: string): string[] {
  const value: unknown = Reflect.get(error, field);
  return Array.isArray(value) ? value.flatMap((one): string[] => (typeof one === 'string' ? [one] : nameOf(one))) : [];
}

function nameOf(value: unknown): string[] {
  const name: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'name') : undefined;
  return typeof name === 'string' ? [name] : [];
}

/** The flags of the command that was called. */
function flagsOf(error: object): string[] {
  const parse: unknown = Reflect.get(error, 'parse');
  const input: unknown = typeof parse === 'object' && parse !== null ? Reflect.get(parse, 'input') : undefined;
  const flags: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, 'flags') : undefined;
  return typeof flags === 'object' && flags !== null ? Object.keys(flags) : [];
}

/** What the library's parser found wrong, in words of ours; its own messages only announce the next line, or shout. */
function usage(error: Error): string {
  const [flag] = texts(error, 'flags');
  const args = texts(error, 'args');
  switch (error.constructor.name) {
    case 'NonExistentFlagsError': {
      const guess = nearest((flag ?? '').replace(/^-+/, ''), flagsOf(error));
      return `there is no flag ${flag}${guess === undefined ? '' : `; did you mean --${guess}?`}`;
    }
    case 'RequiredArgsError':
      return `${args.join(' and ').toUpperCase() || 'an argument'} is missing`;
    case 'UnexpectedArgsError':
      return `"${args[0]}" is more than the command takes; quote names that have spaces`;
    default:
      break;
  }
  const [first = '', second = ''] = error.message.split('\n').map((line) => line.trim());
  const line = first.endsWith(':') ? second : first;
  const choice = /^Expected (--[\w-]+)=(.*) to be one of: (.*)$/.exec(line);
  if (choice) {
    const guess = nearest(choice[2] ?? '', (choice[3] ?? '').split(', '));
    return `${choice[1]} is "${choice[2]}"; it takes ${choice[3]}${guess === undefined ? '' : `; did you mean ${guess}?`}`;
  }
  const valueless = /^Flag (--[\w-]+) expects a value/.exec(line);
  if (valueless) return `${valueless[1]} needs a value`;
  return line;
}

/** What the library says of a command that there is not, with the commands that there are; any other error as it is. */
async function understood(error: unknown, args: readonly string[]): Promise<unknown> {
  const id = error instanceof Errors.CLIError ? /^command (.+) not found$/i.exec(error.message)?.[1] : undefined;
  if (id === undefined) return error;
  // The library joins words by colons, and some words have colons of their own.
  const flag = args.findIndex((word) => word.startsWith('-'));
  const typed = flag === -1 ? args : args.slice(0, flag);
  const { commandIDs } = await Config.load({ root: ROOT, userPlugins: false, devPlugins: false });
  return unknownCommand(
    typed.join(':') === id ? typed : id.split(':'),
    commandIDs.map((one) => one.split(':').join(' ')),
  );
}

/** @param words what was typed before the first flag @param commands their names, with spaces */
function unknownCommand(words: readonly string[], commands: readonly string[]): ProbityError {
  const first = (count: number): string => words.slice(0, count).join(' ');
  const taken = [2, 1].find((count) => words.length > count && commands.includes(first(count)));
  if (taken !== undefined)
    return new ProbityError('USAGE', `${first(taken)} takes no argument "${words.slice(taken).join(' ')}"`, {
      remedy: `See: probity ${first(taken)} --help`,
    });
  const topics = new Set(commands.filter((name) => name.includes(' ')).map((name) => name.split(' ')[0] ?? ''));
  const [topic = ''] = words;
  const paired = commands.filter((name) => name.includes(' '));
  const within = paired.filter((name) => name.startsWith(`${topic} `));
  const second = nearest(
    words[1] ?? '',
    within.map((name) => name.slice(topic.length + 1)),
  );
  const pair = topics.has(topic) ? second && `${topic} ${second}` : nearest(first(2), words.length > 1 ? paired : []);
  const guess = pair ?? (topics.has(topic) ? undefined : nearest(topic, [...commands, ...topics]));
  const missing = pair !== undefined || topics.has(topic) ? first(2) : topic;
  return new ProbityError(
    'USAGE',
    `there is no command "${missing}"${guess === undefined ? '' : `; did you mean ${guess}?`}`,
    {
      remedy: 'See --help',
    },
  );
}

/** A fault whose texts, which people read wherever they end up, can be printed by whoever takes the document. */
function seen(fault: ReturnType<typeof faultOf>): object {
  return Object.fromEntries(
    Object.entries(fault).map(([name, value]) => [name, typeof value === 'string' ? visible(value) : value]),
  );
}

/** Prints an error as one line, and as a document where one was asked for; says which exit code it means. */
function report(error: unknown, json: boolean): number {
  if (error instanceof Errors.ExitError) return error.oclif.exit ?? 0;
  if (process.env.DEBUG?.includes('probity'))
    process.stderr.write(
      `${(error instanceof Error ? (error.stack ?? '') : String(error)).split('\n').map(visible).join('\n')}\n`,
    );
  const fault = faultOf(error);
  process.stderr.write(`probity: ${visible(faultLine(fault))}\n`);
  if (json) process.stdout.write(`${visibleJson({ error: seen(fault) }, 2)}\n`);
  return 2;
}
