import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/*
 * The entry of the GitHub Action: inputs in `INPUT_*`, a run and a gate by the command line, and what came of it in the files
 * that GITHUB_OUTPUT and GITHUB_STEP_SUMMARY name. It ends with the exit code of the gate: 0 open, 1 closed, 2 cannot say.
 * https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
 */

const BIN = fileURLToPath(new URL('../bin/probity.js', import.meta.url));

/** An input; one that is not given is empty. */
function input(name: string): string {
  const upper = name.toUpperCase();
  return (process.env[`INPUT_${upper}`] ?? process.env[`INPUT_${upper.replaceAll('-', '_')}`] ?? '').trim();
}

function lines(name: string): string[] {
  return input(name)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

/** A flag with its value, where there is one. */
function flag(name: string, value: string): string[] {
  return value === '' ? [] : [`--${name}`, value];
}

/** What a line that GitHub reads as a command may hold: nothing that ends it or begins another. */
function commandData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Shows a line as an error of the job. */
function complain(title: string, text: string): void {
  const property = commandData(title).replaceAll(':', '%3A').replaceAll(',', '%2C');
  process.stdout.write(`::error title=${property}::${commandData(text)}\n`);
}

async function append(variable: 'GITHUB_OUTPUT' | 'GITHUB_STEP_SUMMARY', text: string): Promise<void> {
  const file = process.env[variable];
  if (file) await appendFile(file, text);
}

/** An output, between marks that nobody can foresee, so that no value makes another. */
async function output(name: string, value: string): Promise<void> {
  const mark = `end-${randomBytes(16).toString('hex')}`;
  await append('GITHUB_OUTPUT', `${name}<<${mark}\n${value}\n${mark}\n`);
}

interface Answer {
  code: number;
  document: unknown;
}

/** Asks the command line for a document; what it says on standard error stays out of the log, where lines may be commands. */
function probity(args: readonly string[], passphrase: string): Promise<Answer> {
  const { INPUT_IDENTITY: _identity, INPUT_PASSPHRASE: _passphrase, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [BIN, ...args, '--json'],
      { env: { ...env, ...(passphrase === '' ? {} : { PROBITY_PASSPHRASE: passphrase }) }, maxBuffer: 256 * 2 ** 20 },
      (error, stdout) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 2;
        try {
          resolve({ code, document: JSON.parse(stdout) });
        } catch {
          resolve({ code: 2, document: { error: { code: 'INTERNAL', message: 'probity gave no answer' } } });
        }
      },
    );
  });
}

const fault = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    where: z.string().optional(),
    remedy: z.string().optional(),
  }),
});

/** Says why there is no answer, to the job and in its summary. @returns the exit code */
async function cannotSay(answer: Answer): Promise<number> {
  const parsed = fault.safeParse(answer.document);
  const { code, message, where, remedy } = parsed.success
    ? parsed.data.error
    : { code: 'INTERNAL', message: 'probity gave an answer of another kind', where: undefined, remedy: undefined };
  const text = `${message}${where === undefined ? '' : ` at ${where}`}${remedy === undefined ? '' : `. ${remedy}`}`;
  complain(`Probity: ${code}`, text);
  const { markdownText } = await import('../src/report/markdown.ts');
  await append('GITHUB_STEP_SUMMARY', `# Probity could not answer\n\n\`${code}\`: ${markdownText(text)}\n`);
  return 2;
}

/** Files that are released, as subjects of the pack. */
async function subjects(): Promise<string[]> {
  const files = await Promise.all(
    lines('artifact').map(async (file) => {
      const hash = createHash('sha256');
      await pipeline(createReadStream(file), hash);
      return `${path.basename(file)}=sha256:${hash.digest('hex')}`;
    }),
  );
  return [...files, ...lines('image').map((image) => image.replace('@sha256:', '=sha256:'))];
}

const made = z.object({
  verdicts: z.record(z.string(), z.object({ state: z.string() })),
  files: z.array(z.string()),
});

async function assess(folder: string, identity: string | undefined): Promise<Answer> {
  return probity(
    [
      'run',
      ...lines('evidence'),
      ...flag('config', input('config')),
      ...flag('profile', input('profile')),
      ...flag('as-of', input('as-of')),
      ...flag('format', input('format')),
      ...flag('out', folder),
      ...(identity === undefined ? [] : flag('identity', identity)),
      ...(input('sigstore') === 'true' ? ['--sigstore'] : []),
      ...(await subjects()).flatMap((subject) => flag('subject', subject)),
    ],
    input('passphrase'),
  );
}

const decided = z.object({
  open: z.boolean(),
  state: z.string(),
  reasons: z.array(
    z.object({ rule: z.string(), attackClass: z.string().nullish(), control: z.string().optional(), why: z.string() }),
  ),
});

/** The longest summary that is written: GitHub takes a mebibyte of a step. */
const MOST_REASONS = 20;

async function gate(folder: string, scratch: string): Promise<number> {
  const markdown = path.join(scratch, 'gate.md');
  const failOn = input('fail-on')
    .split(',')
    .map((state) => state.trim())
    .filter(Boolean);
  const answer = await probity(
    [
      'gate',
      folder,
      ...flag('policy', input('policy')),
      ...failOn.flatMap((state) => flag('fail-on', state)),
      ...lines('artifact').flatMap((file) => flag('artifact', file)),
      ...lines('image').flatMap((image) => flag('image', image)),
      ...flag('previous', input('previous')),
      ...flag('trust', input('trust')),
      ...flag('as-of', input('as-of')),
      ...flag('markdown', markdown),
    ],
    '',
  );
  const decision = decided.safeParse(answer.document);
  if (!decision.success) return cannotSay(answer);
  await output('gate', decision.data.state);
  await append('GITHUB_STEP_SUMMARY', `${await readFile(markdown, 'utf8').catch(() => '')}\n`);
  for (const { rule, attackClass, control, why } of decision.data.reasons.slice(0, MOST_REASONS))
    complain(`Gate: ${rule}`, [attackClass, control, why].filter(Boolean).join(', '));
  return answer.code === 0 && !decision.data.open ? 1 : answer.code;
}

async function main(): Promise<number> {
  const scratch = await mkdtemp(path.join(process.env.RUNNER_TEMP ?? tmpdir(), 'probity-action-'));
  try {
    const given = input('identity');
    const identity = given === '' ? undefined : path.join(scratch, 'identity.p12');
    if (identity !== undefined) await writeFile(identity, Buffer.from(given, 'base64'), { mode: 0o600 });
    const folder = input('out') || 'probity-pack';
    const answer = await assess(folder, identity);
    const run = made.safeParse(answer.document);
    if (answer.code !== 0 || !run.success) return await cannotSay(answer);
    const named = (name: string): string => run.data.files.find((file) => path.basename(file) === name) ?? '';
    await output('pack', folder);
    await output('assessment', named('assessment.json'));
    await output('sarif', named('results.sarif'));
    await output('junit', named('results.junit.xml'));
    for (const [attackClass, { state }] of Object.entries(run.data.verdicts)) {
      await output(attackClass, state);
      process.stdout.write(`${attackClass}: ${state}\n`);
    }
    const deciding = input('policy') !== '' || input('fail-on') !== '';
    const code = deciding ? await gate(folder, scratch) : 0;
    const summary = named('summary.md');
    if (summary !== '') await append('GITHUB_STEP_SUMMARY', `\n${await readFile(summary, 'utf8')}`);
    return code;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

process.exitCode = await main().catch((error: unknown) => {
  complain('Probity', error instanceof Error ? error.message : String(error));
  return 2;
});
