import { ProbityError } from '../../../errors.ts';
import { type Adapter, newReading } from '../../adapter.ts';
import { moment } from '../../fitting.ts';

// git's own log of a path, as `git log --format='%H%x09%cI%x09%s' -- prompts/` or with `--format=fuller`. It says when
// something was changed; what of the system that is, `change` under `sources` in probity.yaml declares. Author and message
// body are not taken. Only the day of the commit counts: the author's is kept through a rebase or a merge, and can lie long
// before the change came into the system.

const ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const COMMIT = /^commit ([0-9a-f]{40}|[0-9a-f]{64})(?![0-9a-f])/;
const ZONED = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/;
const COMMAND = "git log --format='%H%x09%cI%x09%s' -- <path>";

interface Commit {
  id: string;
  line: number;
  date?: string;
  subject?: string;
}

/** A line of the one-line form; undefined where it is none. A subject may hold any character. */
function oneLine(text: string, line: number): Commit | undefined {
  const [id = '', day = '', ...rest] = text.split('\t');
  const date = ZONED.test(day) ? moment(day) : undefined;
  return ID.test(id) && date !== undefined && rest.length > 0
    ? { id, line, date, subject: rest.join('\t') }
    : undefined;
}

/** Adds what one line of the long form says of a commit. */
function complete(commit: Commit, text: string): void {
  const date = /^CommitDate: +(.+)$/.exec(text)?.[1];
  if (date !== undefined && commit.date === undefined) {
    // A time without its zone would be another moment on each machine.
    const found = /^\d{4}-\d{2}-\d{2}$|(?:Z|[+-]\d{2}:?\d{2})$/.test(date) ? moment(date) : undefined;
    if (found !== undefined) commit.date = found;
  } else if (commit.subject === undefined && /^ {4}\S/.test(text)) commit.subject = text.trim();
}

function startsLikeOneLine(text: string): boolean {
  const [id = '', day = ''] = text.split('\t', 2);
  return ID.test(id) && /^\d{4}-\d{2}-\d{2}/.test(day);
}

/** What may stand under a commit in the long form: its head, its message, and what --stat or --patch add. */
function isUnderCommit(text: string): boolean {
  return !/^commit\s/.test(text) && !startsLikeOneLine(text);
}

export const adapter: Adapter = {
  format: 'git-log',
  title: 'git log of a path',
  about: {
    group: 'changes',
    files: '`git log` of a path, with full dates',
    recognisedBy: 'its lines',
    gives: 'dated changes, once `sources` says of what',
    limits: 'the day of the commit counts; authors and bodies of messages are not taken',
  },
  recognise: (head) => {
    const first = head.text.split('\n').find((line) => line.trim() !== '') ?? '';
    if (startsLikeOneLine(first)) return 0.95;
    return COMMIT.test(first) && /^(?:Author|AuthorDate|Commit|CommitDate): /m.test(head.text) ? 0.95 : 0;
  },
  async read(file, context) {
    const { change } = context.declared;
    if (!change)
      throw new ProbityError('EVIDENCE_MALFORMED', 'a git log does not say what its commits change', {
        where: file.path,
        remedy: 'Declare it under sources in probity.yaml, as change: {of: prompt}, for the log of each path',
      });
    const reading = newReading({ name: 'git' });
    const commits: Commit[] = [];
    // The first line that holds anything says which form the file has.
    let long: boolean | undefined;
    for await (const { first, lines } of file.lineBatches())
      lines.forEach((bytes, index) => {
        const text = bytes.toString('utf8').replace(/\r$/, '');
        const line = first + index;
        if (text.trim() === '') return;
        long ??= !startsLikeOneLine(text);
        const begun = COMMIT.exec(text)?.[1];
        const whole = long ? undefined : oneLine(text, line);
        const current = commits.at(-1);
        if (whole) commits.push(whole);
        else if (long && begun) commits.push({ id: begun, line });
        else if (long && current && isUnderCommit(text)) complete(current, text);
        else
          throw new ProbityError('EVIDENCE_MALFORMED', 'a line that is no commit of a git log', {
            where: `${file.path}:${line}`,
            remedy: `Write the log with: ${COMMAND}`,
          });
      });
    for (const { id, line, date, subject } of commits) {
      if (date === undefined)
        throw new ProbityError(
          'EVIDENCE_MALFORMED',
          'a commit without the day on which it was committed (CommitDate)',
          {
            where: `${file.path}:${line}`,
            remedy: `Date and AuthorDate may lie long before the change came in, and a time needs its zone. Write the log with: ${COMMAND}`,
          },
        );
      reading.observations.push({
        kind: 'change',
        of: change.of,
        date,
        description: `${subject ?? '(no subject)'} (${id.slice(0, 12)})`,
        ...(change.surfaces ? { surfaces: change.surfaces } : {}),
        at: `line ${line}`,
      });
    }
    return reading;
  },
};
