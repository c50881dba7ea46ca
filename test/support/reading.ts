import { loadCatalog, probeLookup, threatTerms } from '../../src/catalog/catalog.ts';
import type { Reading } from '../../src/evidence/adapter.ts';
import type { SourceDeclaration } from '../../src/evidence/declaration.ts';
import { type EvidenceEntry, ingest, ingestFile } from '../../src/evidence/ingest.ts';
import type { AttackClass } from '../../src/terms.ts';

const catalog = await loadCatalog();
export const lookups = { probes: probeLookup(catalog), terms: threatTerms(catalog) };
export { catalog };

/** Reads one file as `evidence inspect` does. */
export function read(
  root: string,
  name: string,
  sources: SourceDeclaration[] = [],
  techniques?: ReadonlyMap<string, AttackClass>,
): Promise<{ entry: EvidenceEntry; reading?: Reading }> {
  return ingestFile(name, { root, sources, ...lookups, ...(techniques ? { techniques } : {}) });
}

export function readAll(
  root: string,
  patterns: string[],
  sources: readonly SourceDeclaration[] = [],
): ReturnType<typeof ingest> {
  return ingest({ root, patterns, sources, ...lookups });
}
