/** What drafts hold where a person has to say what is so; a file that still holds one says nothing. */
const PLACEHOLDER = /^<replace: [^<>]*>$/;

function mayHoldText(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'object' && value !== null);
}

/** The first placeholder in a value, with its JSON pointer; undefined where there is none. */
export function placeholderIn(value: unknown, pointer: string): { pointer: string; text: string } | undefined {
  if (typeof value === 'string') return PLACEHOLDER.test(value) ? { pointer, text: value } : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const one: unknown = value[i];
      const found = mayHoldText(one) ? placeholderIn(one, `${pointer}/${i}`) : undefined;
      if (found) return found;
    }
    return undefined;
  }
  for (const key of Object.keys(value)) {
    const found = placeholderIn(Reflect.get(value, key), `${pointer}/${key}`);
    if (found) return found;
  }
  return undefined;
}
