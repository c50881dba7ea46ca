import { attested } from './attested.ts';
import { budgetEnforced } from './budgetEnforced.ts';
import type { Check } from './check.ts';
import { comparablePopulations } from './comparablePopulations.ts';
import { identitiesOwned, leastPrivilege, secretsShortLived, unusedIdentities } from './identities.ts';
import { privacyConsistent } from './privacyConsistent.ts';
import { sampleResolves } from './sampleResolves.ts';
import { testedSurfaces } from './testedSurfaces.ts';
import { threatModelCurrent, threatsCover } from './threats.ts';

/** Every check a criterion can name. */
export const CHECKS: readonly Check[] = [
  attested,
  budgetEnforced,
  comparablePopulations,
  identitiesOwned,
  leastPrivilege,
  privacyConsistent,
  sampleResolves,
  secretsShortLived,
  testedSurfaces,
  threatModelCurrent,
  threatsCover,
  unusedIdentities,
];
