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
import { machinesAuthenticate, ownersCurrent, weightsGuarded } from './trust.ts';

/** All checks over identities. */
export const IDENTITY_CHECKS: readonly Check[] = [
  administratorsStrong,
  blastRadius,
  identitiesOwned,
  leastPrivilege,
  machinesAuthenticate,
  noHumanUse,
  noRootKeys,
  ownersCurrent,
  oneWorkloadOneIdentity,
  rightsSeparated,
  secretsExpire,
  secretsShortLived,
  stagesSeparated,
  thirdPartiesReviewed,
  unusedIdentities,
  weightsGuarded,
];
