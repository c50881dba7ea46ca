import type { CatalogDocument, CatalogKind } from './schemas.ts';

/** Documents of a catalog as their schemas give them, each by the SHA-256 of the text that it was made from. */
export type PrebuiltDocuments = { [K in CatalogKind]?: Record<string, CatalogDocument<K>> };

/**
 * The documents of the bundled catalog that were read when the package was built; anew at each call, so that nobody
 * changes somebody else's. In the source there are none, and every file is read: the build puts a module that holds them
 * in place of this one (`scripts/catalog.mjs`).
 */
export function prebuiltDocuments(): PrebuiltDocuments {
  return {};
}
