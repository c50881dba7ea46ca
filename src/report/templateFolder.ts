import { lstat, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, ProbityError, whyUnread } from '../errors.ts';

/** Largest file of a template, in bytes. */
const LARGEST = 2 ** 20;
const NAMES = /^[\w.-]+\.(?:hbs|css|js)$/;

/** The pages that a folder may hold: what is printed, and what is explored. Either is enough. */
export const PAGES = { printed: 'report.hbs', explored: 'page.hbs' } as const;

/**
 * The files of a template folder by their names: pages, styles, the script of the page that is explored, and partials.
 * @throws ProbityError TEMPLATE_INVALID
 */
async function readTemplates(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new ProbityError('TEMPLATE_INVALID', whyUnread(error, 'the folder'), {
      where: folder,
      remedy: `Name a folder that holds ${PAGES.printed} or ${PAGES.explored} with --template`,
      cause: error,
    });
  });
  const files = new Map<string, string>();
  for (const name of names.sort()) {
    if (!NAMES.test(name)) continue;
    const file = path.join(folder, name);
    const stats = await lstat(file);
    if (!stats.isFile() || stats.size > LARGEST)
      throw new ProbityError(
        'TEMPLATE_INVALID',
        stats.isFile() ? 'is larger than a template may be (1 MB)' : 'is not a regular file',
        { where: file },
      );
    files.set(name, await readFile(file, 'utf8'));
  }
  return files;
}

/**
 * The files of the package with those of a user's own folder in their place, for one page; the package's alone where the
 * folder does not hold that page.
 * @throws ProbityError TEMPLATE_INVALID for a folder that holds neither page
 */
export async function templatesOf(
  bundled: string,
  own: string | undefined,
  page: string,
): Promise<{ files: Map<string, string>; where: string; isOwn: boolean }> {
  const files = await readTemplates(bundled);
  if (own === undefined) return { files, where: path.join(bundled, page), isOwn: false };
  const theirs = await readTemplates(own);
  if (!Object.values(PAGES).some((name) => theirs.has(name)))
    throw new ProbityError('TEMPLATE_INVALID', `the folder holds neither ${PAGES.printed} nor ${PAGES.explored}`, {
      where: own,
      remedy:
        'Begin with a copy of those in templates/pdf and templates/html of the package; docs/templates.md says more',
    });
  if (!theirs.has(page)) return { files, where: path.join(bundled, page), isOwn: false };
  for (const [name, text] of theirs) files.set(name, text);
  return { files, where: path.join(own, page), isOwn: true };
}

/** Does what a template asks for. @throws ProbityError TEMPLATE_INVALID in place of what it throws */
export function withTemplate<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const [first = '', ...rest] = messageOf(error).split('\n');
    throw new ProbityError('TEMPLATE_INVALID', [first, ...rest.slice(-1)].join(' ').trim(), {
      where,
      remedy: 'docs/templates.md says what a template may use',
      cause: error,
    });
  }
}
