import type { Framework } from './schemas.ts';

/** The frameworks that a report shows in its body where the workspace names none, in any edition. */
export const CITED_BY_DEFAULT: readonly string[] = ['nist-ai-rmf', 'nist-csf', 'owasp-agentic'];

type Named = Pick<Framework, 'id'> & Partial<Pick<Framework, 'supersededBy'>>;

/** The framework of an id, or the current edition of one that is named without it: `nist-csf` is `nist-csf-2.0`. */
export function frameworkNamed<T extends Named>(frameworks: readonly T[], name: string): T | undefined {
  return (
    frameworks.find(({ id }) => id === name) ??
    frameworks.find(({ id, supersededBy }) => supersededBy === undefined && withoutEdition(id) === name)
  );
}

/** `nist-csf-2.0` without its edition. */
export function withoutEdition(id: string): string {
  return id.replace(/-(?:\d{4}(?:-\d{2})?|\d+(?:\.\d+)+|r\d+|e\d{4})$/, '');
}
