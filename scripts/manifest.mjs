// Writes down what commands there are and what they take, so that help reads one file instead of loading them all.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Config } from '@oclif/core';

const root = fileURLToPath(new URL('../', import.meta.url));
const config = await Config.load({ root, ignoreManifest: true, errorOnManifestCreate: true });
const plugin = config.plugins.get(config.pjson.name);
if (!plugin) throw new Error('the package is no oclif plugin');
writeFileSync(new URL('../oclif.manifest.json', import.meta.url), `${JSON.stringify(plugin.manifest)}\n`);
