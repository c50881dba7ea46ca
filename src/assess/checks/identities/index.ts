import type { Check } from '../check.ts';
import { noRootKeys, secretsExpire, secretsShortLived, unusedIdentities } from './credentials.ts';
import {
  administratorsStrong,
  identitiesOwned,
  noHumanUse,
  oneWorkloadOneIdentity,
  thirdPartiesReviewed,
} from './keepers.ts';
import { blastRadius, leastPrivilege, rightsSeparated, stagesSeparated } from './rights.ts';

/** All checks over identities. */
export const IDENTITY_CHECKS: readonly Check[] = [
  administratorsStrong,
  blastRadius,
  identitiesOwned,
  leastPrivilege,
  noHumanUse,
  noRootKeys,
  oneWorkloadOneIdentity,
  rightsSeparated,
  secretsExpire,
  secretsShortLived,
  stagesSeparated,
  thirdPartiesReviewed,
  unusedIdentities,
];
