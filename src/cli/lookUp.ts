import { editionsText, lookUp, type Resolution } from '../catalog/identifiers.ts';
import type { Framework } from '../catalog/schemas.ts';
import { ProbityError } from '../errors.ts';

/** What an identifier or the name of a framework stands for. @throws ProbityError USAGE when nothing does, or the edition is wrong */
export function foundBy(frameworks: readonly Framework[], cited: string): Resolution[] {
  const answer = lookUp(frameworks, cited);
  if (answer.kind === 'wrong-edition')
    throw new ProbityError('USAGE', editionsText(cited, answer), {
      remedy: 'Name one of these, or leave the edition out',
    });
  if (answer.kind === 'unknown')
    throw new ProbityError('USAGE', `no control, framework or framework item is called "${cited}"`, {
      remedy: 'See: probity catalog coverage, or: probity catalog list',
    });
  return answer.found;
}

/** The frameworks of a name or id. @throws ProbityError USAGE when there is none */
export function frameworksNamed(frameworks: readonly Framework[], name: string): string[] {
  const answer = lookUp(frameworks, name);
  if (answer.kind === 'framework') return answer.found.map(({ framework }) => framework);
  throw new ProbityError('USAGE', `there is no framework "${name}"`, {
    remedy: `Use one of ${frameworks.map(({ id }) => id).join(', ')}`,
  });
}

/** What a reader should know of what was found, each sentence once. */
export function notesOn(found: readonly Resolution[]): string[] {
  return [...new Set(found.flatMap(({ legacy, note }) => [legacy, note].filter((one) => one !== undefined)))];
}
