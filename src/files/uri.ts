/** A path as a relative URI reference: every part is escaped, so that no name reads as a scheme, a query or a place. */
export function relativeUri(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join('/');
}
