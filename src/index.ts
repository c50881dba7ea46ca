/**
 * Probity as a library: what the command line is made of, with every type that these functions name. From the left:
 * a workspace and a catalog, evidence to observations, observations to an assessment, an assessment to a signed pack, and
 * a pack verified.
 */
export { assess } from './assess/assess.ts';
export { type Assessment, assessmentSchema, parseAssessment, serialiseAssessment } from './assess/assessment.ts';
export { type AssessWorkspaceOptions, assessWorkspace } from './assess/assessWorkspace.ts';
export type { AssessInput } from './assess/input.ts';
export { type LintProblem, lint } from './authoring/lint.ts';
export { type Catalog, findProfile, loadCatalog, probeLookup, threatTerms } from './catalog/catalog.ts';
export { type Resolution, resolveIdentifier } from './catalog/identifiers.ts';
export type { Control, Framework, Profile } from './catalog/schemas.ts';
export { type ErrorCode, ProbityError } from './errors.ts';
export type { ProbeLookup, ProbeMeaning, Reading, ThreatTerms, Unmapped } from './evidence/adapter.ts';
export type { SourceDeclaration } from './evidence/declaration.ts';
export { type EvidenceEntry, type Ingested, type IngestOptions, ingest, ingestFile } from './evidence/ingest.ts';
export type { Observation, ObservationBody } from './evidence/observation.ts';
export { buildPack, type PackOptions } from './pack/build.ts';
export { findFormats } from './pack/choose.ts';
export type { Format, SigningOptions } from './pack/formats/format.ts';
export { type Reperformance, reperform } from './pack/reperform.ts';
export type { ReleaseSubject } from './pack/statement.ts';
export { type FileReport, type VerificationReport, verifyPaths } from './pack/verify.ts';
export { writePack } from './pack/write.ts';
export type { SignatureAlgorithm, Signer } from './pki/signer.ts';
export type { SigningStatement } from './report/signing.ts';
export { type KeyOptions, loadSigner } from './sign/keys/index.ts';
export { createTrialSigner } from './sign/trial.ts';
export * as statistics from './statistics/index.ts';
export type { AttackClass, Source, StatedSurface, Surface, Tool } from './terms.ts';
export { loadTrust, type TrustStore } from './verify/signature.ts';
export { type LoadedWorkspace, loadWorkspace, type Workspace } from './workspace/workspace.ts';
