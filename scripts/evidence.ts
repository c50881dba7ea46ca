/* Writes the tables of formats in docs/evidence.md from what each adapter says of itself. A test fails when they are not those of the code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { withFormatTables } from '../src/authoring/formatTables.ts';
import { ADAPTERS } from '../src/evidence/adapters/index.ts';

const page = new URL('../docs/evidence.md', import.meta.url);
writeFileSync(page, withFormatTables(readFileSync(page, 'utf8'), ADAPTERS));
