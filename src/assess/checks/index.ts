import { attested } from './attested.ts';
import { budgetEnforced } from './budgetEnforced.ts';
import { callerAuthorisationTested } from './callerAuthorised.ts';
import { channelsClosed } from './channelsClosed.ts';
import type { Check } from './check.ts';
import { comparablePopulations } from './comparablePopulations.ts';
import { dataScrubbed } from './dataScrubbed.ts';
import { erasureVerified, exercisedInTime, memoryEmptied, queryBudgetExercised } from './exercises.ts';
import { IDENTITY_CHECKS } from './identities/index.ts';
import { impactAssessed } from './impactAssessed.ts';
import { detectionExercised, eventsAttributable, outputsTraceable } from './logs.ts';
import { outputsMinimal } from './outputsMinimal.ts';
import { privacyConsistent } from './privacyConsistent.ts';
import { sampleResolves } from './sampleResolves.ts';
import { secretsAbsent } from './secretsAbsent.ts';
import { storesKept } from './stores.ts';
import { targetsPlanted } from './targetsPlanted.ts';
import { testedAroundDeployment } from './testedAroundDeployment.ts';
import { testedSurfaces } from './testedSurfaces.ts';
import { threatModelCurrent, threatsCover, threatsDecided } from './threats.ts';
import { toolsKept } from './tools.ts';
import { vendorEvaluated } from './vendorEvaluated.ts';
import { vendorTermsKept } from './vendorTerms.ts';

/** Every check a criterion can name. */
export const CHECKS: readonly Check[] = [
  ...IDENTITY_CHECKS,
  attested,
  budgetEnforced,
  callerAuthorisationTested,
  channelsClosed,
  comparablePopulations,
  dataScrubbed,
  detectionExercised,
  erasureVerified,
  eventsAttributable,
  exercisedInTime,
  impactAssessed,
  memoryEmptied,
  outputsMinimal,
  outputsTraceable,
  privacyConsistent,
  queryBudgetExercised,
  sampleResolves,
  secretsAbsent,
  storesKept,
  targetsPlanted,
  testedAroundDeployment,
  testedSurfaces,
  threatModelCurrent,
  threatsCover,
  threatsDecided,
  toolsKept,
  vendorEvaluated,
  vendorTermsKept,
];
