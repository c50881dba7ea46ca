/**
 * A table that words from files are looked up in: it has its own entries and nothing else, so that `constructor` is not
 * found in it.
 */
export function table<T>(entries: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  const own: Record<string, T> = Object.create(null);
  return Object.assign(own, entries);
}
