import type { Assessment } from '../assess/assessment.ts';
import type { Comparison } from '../compare/compare.ts';
import { ProbityError } from '../errors.ts';
import type { Handed } from '../pack/read.ts';

/* Assessments of earlier runs, as `compare`, `gate` and `run --previous` take them. */

/**
 * Reads assessments that something is compared with. What is signed has to hold.
 * @throws ProbityError SIGNATURE_BROKEN, and those of reading
 */
export async function readBefore(paths: readonly string[], trust: string | undefined): Promise<Handed[]> {
  const { readHanded } = await import('../pack/read.ts');
  const { loadTrust } = await import('../verify/signature.ts');
  const store = trust === undefined ? [] : await loadTrust(trust);
  const handed: Handed[] = [];
  for (const path of paths) {
    const one = await readHanded(path, { trust: store, requireTrust: trust !== undefined });
    const [problem] =
      trust !== undefined && !one.signed ? ['nobody signed it, and --trust asks for a signer'] : one.problems;
    if (problem !== undefined)
      throw new ProbityError('SIGNATURE_BROKEN', `it does not verify: ${problem}`, {
        where: path,
        remedy: 'See: probity verify',
      });
    handed.push(one);
  }
  return handed;
}

/** What comes before the last two. */
export function earlierOf(handed: readonly Handed[]): Assessment[] {
  return handed.slice(0, -2).map(({ assessment }) => assessment);
}

/** Compares two, by the bundled profiles. @throws ProbityError COMPARISON_IMPOSSIBLE */
export async function compareHanded(
  before: Pick<Handed, 'assessment'>,
  after: Pick<Handed, 'assessment'>,
  earlier: readonly Assessment[] = [],
): Promise<Comparison> {
  const { compare } = await import('../compare/compare.ts');
  const { loadCatalog } = await import('../catalog/catalog.ts');
  const { bundledProfiles } = await loadCatalog();
  return compare(before.assessment, after.assessment, { profiles: bundledProfiles, earlier });
}
