import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseYaml } from '../../src/files/yaml.ts';
import { visibleJson } from '../../src/visible.ts';
import { read } from './reading.ts';
import { ROOT, write } from './workspace.ts';

/** What an attacker writes who wants a line of ours, colours of ours, another order of letters, or to be overlooked. */
export const MARK = 'a\u001b[31m\u202eb\u200bc\u0085d\u2028e\u{e0041}f\u009b1mg\r\nFORGED by God';
export const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/u;
/** What of it can be seen stands in whatever took it in. */
export const SEEN = 'FORGED';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Without these a result speaks of nothing that is assessed. */
const KEPT = new Set(['apiVersion', 'kind', 'target', 'attackClass', 'technique', 'surface', 'collected']);

/**
 * Every example of our own kinds, with the mark in each text that its schema lets it stand in.
 * @returns the names of the files below `root`, and how many texts are marked
 */
export async function markedExamples(root: string, into: string): Promise<{ names: string[]; marks: number }> {
  const names: string[] = [];
  let marks = 0;
  for (const folder of ['', 'probe-results'])
    for (const file of readdirSync(path.join(ROOT, 'examples', folder)).filter((name) => name.endsWith('.yaml'))) {
      const text = readFileSync(path.join(ROOT, 'examples', folder, file), 'utf8');
      const document = parseYaml(text.replaceAll(/<replace: ([^<>]*)>/g, 'In: $1'), file, 'USAGE').value as Json;
      const name = path.join(into, `${folder}${file}`);
      const accepted = async (): Promise<boolean> => {
        write(root, { [name]: visibleJson(document, 1) });
        return (await read(root, name)).entry.accepted;
      };
      for (const [holder, key] of textsOf(document)) {
        const before = holder[key] as Json;
        holder[key] = `${before} ${MARK}`;
        if (await accepted()) marks++;
        else holder[key] = before;
      }
      await accepted();
      names.push(name);
    }
  return { names, marks };
}

function* textsOf(value: Json): Generator<[holder: Record<string, Json>, key: string]> {
  if (typeof value !== 'object' || value === null) return;
  const holder = value as Record<string, Json>;
  for (const [key, one] of Object.entries(holder))
    if (typeof one === 'object') yield* textsOf(one);
    else if (typeof one === 'string' && !KEPT.has(key)) yield [holder, key];
}
