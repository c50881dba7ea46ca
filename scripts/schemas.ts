/* Writes the JSON Schemas of every YAML kind into schemas/. A test fails when they are not those of the code. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { jsonSchemas } from '../src/authoring/jsonSchemas.ts';

const folder = new URL('../schemas/', import.meta.url);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
for (const [name, text] of jsonSchemas()) writeFileSync(new URL(name, folder), text);
