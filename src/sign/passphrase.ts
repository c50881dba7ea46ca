import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { ProbityError, whyUnread } from '../errors.ts';

export const PASSPHRASE_VARIABLE = 'PROBITY_PASSPHRASE';

/**
 * The passphrase of an identity: from the environment, else from a file, else asked for on a terminal. Never a flag's
 * value, where other users of the machine could read it.
 * @throws ProbityError IDENTITY_PASSPHRASE when there is none to be had
 */
export async function readPassphrase(file: string | undefined, question: string): Promise<string> {
  const fromEnvironment = process.env[PASSPHRASE_VARIABLE];
  if (file !== undefined) {
    try {
      return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
    } catch (error) {
      throw new ProbityError('IDENTITY_PASSPHRASE', whyUnread(error, 'the passphrase file'), {
        where: file,
        cause: error,
      });
    }
  }
  if (fromEnvironment !== undefined) return fromEnvironment;
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new ProbityError(
      'IDENTITY_PASSPHRASE',
      'the identity needs a passphrase, and there is no terminal to ask on',
      {
        remedy: `Set ${PASSPHRASE_VARIABLE} or use --passphrase-file`,
      },
    );
  return ask(question);
}

function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise((resolve) => {
    prompt.question('', (answer) => {
      prompt.close();
      process.stderr.write('\n');
      resolve(answer);
    });
  });
}
