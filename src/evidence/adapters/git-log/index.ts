import { ProbityError } from '../../../errors.ts';
import { type Adapter, newReading } from '../../adapter.ts';
import { moment } from '../../fitting.ts';

// git's own log of a path (`git log -- prompts/`), in its default form or as `--format='%H%x09%cI%x09%s'`. It says when
// something was changed; what of the system that is, `change` under `sources` in probity.yaml declares. Author and message
// body are not taken.

const COMMIT = /^commit ([0-9a-f]{40}|[0-9a-f]{64})\b/;
const LINE = /^([0-9a-f]{40}|[0-9a-f]{64})\t(\d{4}-\d{2}-\d{2}T[0-9:]{5,8}(?:Z|[+-]\d{2}:?\d{2}))\t(.*)$/;

interface Commit {
  id: string;
  line: number;
  date?: string;
  subject?: string;
}

function oneLine(text: string, line: number): Commit | undefined {
  const found = LINE.exec(text);
  if (!found) return undefined;
  const date = moment(found[2]);
  return { id: found[1] as string, line, subject: found[3] ?? '', ...(date ? { date } : {}) };
}

/** Adds what one line of the default form says of a commit. */
function complete(commit: Commit, text: string): void {
  // With `fuller`, the day it was committed counts, which no later edit of history moves back unseen.
  const date = /^(?:Date|AuthorDate|CommitDate): +(.+)$/.exec(text)?.[1];
  if (date !== undefined && (commit.date === undefined || text.startsWith('CommitDate'))) {
    const found = moment(date);
    if (found !== undefined) commit.date = found;
  } else if (commit.subject === undefined && /^ {4}\S/.test(text)) commit.subject = text.trim();
}

export const adapter: Adapter = {
  format: 'git-log',
  title: 'git log of a path',
  recognise: (head) => {
    const first = head.text.split('\n', 1)[0]?.trimEnd() ?? '';
    if (LINE.test(first)) return 0.95;
    return COMMIT.test(first) && /^(?:Author|AuthorDate): /m.test(head.text) ? 0.95 : 0;
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
    for await (const { first, lines } of file.lineBatches())
      lines.forEach((bytes, index) => {
        const text = bytes.toString('utf8');
        const line = first + index;
        const whole = oneLine(text, line);
        const begun = COMMIT.exec(text)?.[1];
        const current = commits.at(-1);
        if (whole) commits.push(whole);
        else if (begun) commits.push({ id: begun, line });
        else if (current) complete(current, text);
      });
    for (const { id, line, date, subject } of commits) {
      if (date === undefined)
        throw new ProbityError('EVIDENCE_MALFORMED', 'a commit without its date', {
          where: `${file.path}:${line}`,
          remedy: 'Write the log with git log, without options that leave the date out',
        });
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
