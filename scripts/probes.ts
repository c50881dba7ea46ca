/*
 * Lists the probes of a tool that its map does not know, one a line, so that each can be read and either mapped or left.
 *   python -m garak --list_probes | node scripts/probes.ts garak
 *   promptfoo redteam plugins --ids-only | node scripts/probes.ts promptfoo
 * Names are taken from standard input: the first word of a line that looks like one, with or without `probes: `.
 */
import { text } from 'node:stream/consumers';
import { loadCatalog, probeLookup } from '../src/catalog/catalog.ts';

const NAME = /^(?:probes[:.]\s*)?((?!probes\b)[a-z][\w-]*(?:[.:][\w-]+)*)/;

const tool = process.argv[2];
const catalog = await loadCatalog();
const tools = catalog.probeMaps.map(({ document }) => document.tool);
if (tool === undefined || !tools.includes(tool)) {
  console.error(`usage: node scripts/probes.ts ${tools.join('|')} < names`);
  process.exitCode = 2;
} else {
  const lookup = probeLookup(catalog);
  const bare = (await text(process.stdin)).replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '');
  const names = new Set(bare.split('\n').flatMap((line) => NAME.exec(line.trim())?.[1] ?? []));
  for (const name of names) if (lookup(tool, name) === undefined) console.log(name);
}
