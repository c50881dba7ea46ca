/*
 * The package's bill of materials, CycloneDX 1.6: everything that is installed with it, as the lock file has it, with the
 * digests that the registry gave. Made at `npm pack`, as dist/sbom.cdx.json; the same lock file gives the same bytes.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

const lockSchema = z.object({
  name: z.string(),
  version: z.string(),
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().optional(),
      integrity: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
    }),
  ),
});

/** The bill of a lock file. */
export function billOfMaterials(lock: unknown): object {
  const { name, version, packages } = lockSchema.parse(lock);
  const components = Object.entries(packages)
    .filter(([place, entry]) => place !== '' && entry.dev !== true && entry.version !== undefined)
    .map(([place, entry]) => {
      const full = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
      const purl = `pkg:npm/${full.replace('@', '%40')}@${entry.version}`;
      const [algorithm, digest = ''] = (entry.integrity ?? '').split('-');
      return {
        type: 'library',
        'bom-ref': `${purl}#${place}`,
        name: full,
        version: entry.version,
        scope: entry.optional ? 'optional' : 'required',
        purl,
        ...(entry.license ? { licenses: [{ expression: entry.license }] } : {}),
        ...(algorithm === 'sha512'
          ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] }
          : {}),
      };
    })
    .sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
  const root = `pkg:npm/${name}@${version}`;
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': root, name, version, purl: root } },
    components,
  };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const lock: unknown = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
  mkdirSync(new URL('../dist/', import.meta.url), { recursive: true });
  writeFileSync(
    new URL('../dist/sbom.cdx.json', import.meta.url),
    `${JSON.stringify(billOfMaterials(lock), null, 2)}\n`,
  );
}
