import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, write } from './workspace.ts';

/** The example files of a folder of `examples`, with what is to be replaced in them replaced, written below a folder of a test. */
export function filledExamples(into: string, folder = ''): string[] {
  const from = path.join(ROOT, 'examples', folder);
  const names = readdirSync(from)
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  for (const name of names)
    write(into, {
      [name]: readFileSync(path.join(from, name), 'utf8').replaceAll(/<replace: ([^<>]*)>/g, 'Filled in: $1'),
    });
  return names;
}
