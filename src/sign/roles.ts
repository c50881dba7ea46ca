/* In whose name a signature speaks; apart from the code that signs, so that help pages load none of it. */

export const ROLES = ['preparer', 'reviewer', 'approver'] as const;

/** The usual roles, and those of other names that have been signed in, each once. */
export function rolesWith(...others: readonly string[]): string[] {
  return [...new Set<string>([...ROLES, ...others])];
}
