/** Probity as a library: what the command line is made of. */
export { type AssessInput, assess } from './assess/assess.ts';
export { type Assessment, assessmentSchema, parseAssessment, serialiseAssessment } from './assess/assessment.ts';
export { type AssessWorkspaceOptions, assessWorkspace } from './assess/assessWorkspace.ts';
export { type Catalog, loadCatalog } from './catalog/catalog.ts';
export { resolveIdentifier } from './catalog/identifiers.ts';
export { lint } from './catalog/lint.ts';
export { type ErrorCode, ProbityError } from './errors.ts';
export { type Ingested, ingest, ingestFile } from './evidence/ingest.ts';
export type { AttackClass, Observation, Surface } from './evidence/observation.ts';
export * as measure from './measure/index.ts';
export { buildPack, findFormats } from './pack/build.ts';
export { writePack } from './pack/write.ts';
export type { Identity } from './sign/identity.ts';
export { loadIdentity } from './sign/keys/index.ts';
export { createTrialIdentity } from './sign/trial.ts';
export { reperform } from './verify/reperform.ts';
export { loadTrust } from './verify/signature.ts';
export { verifyPaths } from './verify/verify.ts';
