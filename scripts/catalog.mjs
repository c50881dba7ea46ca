// Puts the bundled catalog, read and checked, into the build, so that a start need not parse and check all of it again.
// What a file has become since then is seen by its digest; only files that are the same to the byte are taken from here.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { bundledDocuments } from '../dist/catalog/catalog.js';

const documents = await bundledDocuments();
const text = JSON.stringify(documents);
assert.deepStrictEqual(JSON.parse(text), documents, 'a document of the catalog does not survive being written as JSON');
writeFileSync(
  new URL('../dist/catalog/prebuilt.js', import.meta.url),
  `const TEXT = ${JSON.stringify(text)};\nexport function prebuiltDocuments() {\n  return JSON.parse(TEXT);\n}\n`,
);
