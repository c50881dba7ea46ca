import { attested } from './attested.ts';
import { budgetEnforced } from './budgetEnforced.ts';
import type { Check } from './check.ts';
import { comparablePopulations } from './comparablePopulations.ts';
import { IDENTITY_CHECKS } from './identities/index.ts';
import { detectionExercised, eventsAttributable, outputsTraceable } from './logs.ts';
import { outputsMinimal } from './outputsMinimal.ts';
import { privacyConsistent } from './privacyConsistent.ts';
import { sampleResolves } from './sampleResolves.ts';
import { secretsAbsent } from './secretsAbsent.ts';
import { testedAroundDeployment } from './testedAroundDeployment.ts';
import { testedSurfaces } from './testedSurfaces.ts';
import { threatModelCurrent, threatsCover, threatsDecided } from './threats.ts';
import { vendorEvaluated } from './vendorEvaluated.ts';

/** Every check a criterion can name. */
export const CHECKS: readonly Check[] = [
  ...IDENTITY_CHECKS,
  attested,
  budgetEnforced,
  comparablePopulations,
  detectionExercised,
  eventsAttributable,
  outputsMinimal,
  outputsTraceable,
  privacyConsistent,
  sampleResolves,
  secretsAbsent,
  testedAroundDeployment,
  testedSurfaces,
  threatModelCurrent,
  threatsCover,
  threatsDecided,
  vendorEvaluated,
];
