import { CITED_BY_DEFAULT, frameworkNamed } from '../catalog/cited.ts';
import type { Framework } from '../catalog/schemas.ts';
import { itemsOf } from '../catalog/schemas.ts';
import { evidenceRoot } from '../evidence/merkle.ts';
import { type BodyOf, isTestResult, type Observation, type ObservationBody, ofKind } from '../evidence/observation.ts';
import type { SecretScanBody } from '../evidence/observations/access.ts';
import type { Withholdable } from '../evidence/unread.ts';
import { measure } from '../measure/measure.ts';
import type { Measurement } from '../measure/measurement.ts';
import { capCurve } from '../statistics/privacy.ts';
import { ATTACK_CLASSES } from '../terms.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { areaOf } from './areas.ts';
import { ASSESSMENT_SCHEMA, type Assessment, canonicalAssessment } from './assessment.ts';
import { daysOf, type EvaluationContext, someOf } from './context.ts';
import { numberParameter } from './controls.ts';
import { coverageOf } from './coverage.ts';
import { findingsOf } from './findings.ts';
import { frameworksOf, legacyNotes } from './frameworks.ts';
import { isAfter, relevantChanges, staleness } from './freshness.ts';
import { type Ground, groundsOf } from './ground.ts';
import type { AssessInput } from './input.ts';
import { mergeIdentities, newestOf, widestOf } from './inventory.ts';
import { notesOf, toolsWithoutMembership, warningsOf } from './notes.ts';
import { parametersAsked } from './parameters.ts';
import { pooledRuns } from './pool.ts';
import { looserThanTier } from './profile.ts';
import { reachIndex } from './reach/index.ts';
import { answered } from './responses.ts';
import { judgementsOf, limitsOf, resultsOf, trainedElsewhere } from './results.ts';
import { verdictOf } from './verdicts.ts';
import { judgeWaivers } from './waivers.ts';
import { warrantOf } from './warrant.ts';

/**
 * Turns observations into an assessment. Pure: the same input gives the same document.
 * @throws ProbityError CATALOG_INVALID when a criterion names a check or parameter that does not exist
 */
export function assess(input: AssessInput): Assessment {
  const { workspace, catalog, profile, files, observations, asOf } = input;
  const controls = catalog.controls.map(({ document }) => document);
  const frameworks = catalog.frameworks.map(({ document }) => document);
  const tests = testsOf(input);
  const context = contextOf(input, tests);
  const waivers = judgeWaivers(ofKind(observations, 'waiver'), asOf, daysOf({ param: 'waiver-max' }, context));
  const evaluated = resultsOf(catalog, context, waivers);
  const results = evaluated.map(({ result }) => result);
  const limits = limitsOf(evaluated);
  const judgements = judgementsOf(evaluated);
  const { findings, responses, warnings } = answered(findingsOf(controls, results), results, controls, input.responses);
  const outside = trainedElsewhere(context) ? (['vendor-training'] as const) : [];
  const ofType = (type: string): number => context.identities.filter((identity) => identity.type === type).length;

  return canonicalAssessment({
    schema: ASSESSMENT_SCHEMA,
    asOf,
    tool: input.tool,
    system: { ...systemOf(workspace), frameworks: citedIn(workspace, frameworks) },
    period: workspace.period,
    profile: {
      id: profile.id,
      title: profile.title,
      parameters: profile.parameters,
      looser: looserThanTier(profile, workspace.riskTier, catalog.bundledProfiles),
    },
    catalog: { controls: controls.length, sha256: catalog.sha256, ...catalog.changes },
    redacted: input.redacted,
    ...(input.contentShown ? { contentShown: true } : {}),
    evidenceRoot: evidenceRoot(files),
    evidence: withScanned(files, ofKind(observations, 'secret-scan')),
    measurements: context.measurements.map((m) => ({
      ...m,
      ...comparableOf(m, context.grounds.get(m.id)),
      warrant: warrantOf(m, context.grounds.get(m.id) as Ground, judgements.get(m.id) ?? []),
      limits: limits.get(m.id) ?? [],
    })),
    results,
    coverage: coverageOf(context, daysOf({ param: 'probe-max-age' }, context)),
    findings,
    verdicts: {
      'membership-inference': verdictOf(results, 'membership-inference', outside),
      inversion: verdictOf(results, 'inversion', outside),
    },
    controls: controls.map((control) => ({
      id: control.id,
      title: control.title,
      family: control.family,
      area: areaOf(control),
      severity: control.severity,
      objective: control.objective,
      consequences: Object.fromEntries(
        ATTACK_CLASSES.flatMap((name) =>
          control.attackClasses[name] ? [[name, control.attackClasses[name].consequence]] : [],
        ),
      ),
      frameworks: Object.fromEntries(Object.keys(control.frameworks).map((id) => [id, itemsOf(control, id)])),
      remediation: control.remediation,
      evidence: control.evidence,
      references: control.references,
      parameters: parametersAsked(control, profile),
    })),
    actions: catalog.actions,
    frameworks: frameworksOf(frameworks, controls, results),
    legacy: legacyNotes(input),
    waivers: waivers.map(({ kind: _kind, ...waiver }) => waiver),
    changes: context.changes.map((change) => ({ ...change, surfaces: [...change.surfaces] })),
    identities: {
      total: context.identities.length,
      machine: ofType('machine'),
      human: ofType('human'),
      widest: widestOf(context),
    },
    threats: context
      .evidence('threat')
      .filter((threat) => threat.names.length > 0)
      .map(({ id, title, status, severity, names, surfaces, source }) => ({
        id,
        title,
        status,
        severity,
        names,
        surfaces: surfaces.map((entry) => entry.surface),
        source,
      })),
    plans: ofKind(observations, 'planned-test').map(({ kind: _kind, ...plan }) => plan),
    ...(responses ? { responses } : {}),
    toolsWithoutMembership: toolsWithoutMembership(files),
    warnings: [...warningsOf(input, context), ...warnings],
    notes: notesOf({ ...input, ignored: tests.ignored }, context, waivers),
  });
}

/** The frameworks that stand in the body of a report: those of the workspace, else those that are usually cited. */
function citedIn({ frameworks: asked }: AssessInput['workspace'], frameworks: readonly Framework[]): string[] {
  const found = (asked ?? CITED_BY_DEFAULT).flatMap((name) => frameworkNamed(frameworks, name)?.id ?? []);
  return [...new Set(found)];
}

/** The entries of the evidence, those of searches for secrets with the places that they searched. */
function withScanned(
  files: AssessInput['files'],
  scans: readonly Observation<SecretScanBody>[],
): Assessment['evidence'] {
  const places = new Map<string, Set<string>>();
  for (const { source, scanned } of scans)
    places.set(source.path, new Set([...(places.get(source.path) ?? []), ...scanned]));
  return files.map((file) => {
    const scanned = places.get(file.path);
    return scanned ? { ...file, scanned: [...scanned].sort() } : file;
  });
}

/** The measurements of an assessment, apart by what they are of. */
interface Tests {
  /** Of the system, runs of one test put together after them. */
  system: Measurement[];
  /** Of files that serve as positive controls. */
  controls: Measurement[];
  /** How many were set aside, by the entry of the workspace that says so. */
  ignored: ReadonlyMap<string, number>;
  grounds: ReadonlyMap<string, Ground>;
}

function testsOf(input: AssessInput): Tests {
  const { workspace, catalog, profile, observations, asOf } = input;
  const controlFiles = new Set(
    observations.flatMap((one) =>
      isTestResult(one) && one.positiveControl?.kind === 'file' ? [one.positiveControl.file] : [],
    ),
  );
  const single = measure(observations, {
    ...(workspace.differentialPrivacy ? { privacy: workspace.differentialPrivacy } : {}),
    exposureLimit: numberParameter(profile, 'mi-canary-exposure'),
  });
  const ofControl = (m: Measurement): boolean => m.source.some(({ path }) => controlFiles.has(path));
  const ground = {
    workspace,
    techniques: catalog.techniques,
    plans: ofKind(observations, 'planned-test'),
    baselineMargin: numberParameter(profile, 'mi-baseline-margin'),
    planRequired: numberParameter(profile, 'plan-required') > 0,
    plansUnknown: unreadOf(input, 'plans'),
  };
  const first = groundsOf(single, ground);
  const ignored = new Map<string, number>();
  const counted = single.filter((m) => {
    if (ofControl(m)) return false;
    const target = first.get(m.id)?.target.ignoredBy;
    if (target === undefined) return true;
    ignored.set(target, (ignored.get(target) ?? 0) + 1);
    return false;
  });
  const changes = relevantChanges(ofKind(observations, 'change'), workspace.models, catalog.changeEffects, asOf);
  const maxAge = daysOf({ param: 'probe-max-age' }, profile);
  const epochOf = (m: Measurement): string => {
    const since = changes.filter((change) => m.surface !== 'undeclared' && change.surfaces.includes(m.surface));
    const before =
      m.collected === undefined ? -1 : since.filter(({ date }) => !isAfter(m.collected ?? '', date)).length;
    return `${before} ${staleness(m.collected, asOf, maxAge, [])?.of ?? 'fresh'}`;
  };
  const pooled = [
    ...pooledRuns(counted, epochOf, false),
    ...(numberParameter(profile, 'pool-probes') > 0 ? pooledRuns(counted, epochOf, true) : []),
  ];
  const system = [...counted, ...pooled];
  return { system, controls: single.filter(ofControl), ignored, grounds: groundsOf(system, ground) };
}

function contextOf(input: AssessInput, tests: Tests): EvaluationContext {
  const { workspace, catalog, profile, observations, asOf } = input;
  const identities = mergeIdentities(ofKind(observations, 'identity'));
  const roles = newestOf(ofKind(observations, 'role'));
  const resources = newestOf(ofKind(observations, 'resource'));
  const byKind = new Map<string, readonly Observation[]>();
  const evidence = <K extends ObservationBody['kind']>(kind: K): readonly Observation<BodyOf<K>>[] => {
    const before = byKind.get(kind) as readonly Observation<BodyOf<K>>[] | undefined;
    if (before) return before;
    const found: readonly Observation<BodyOf<K>>[] = ofKind(observations, kind);
    byKind.set(kind, found);
    return found;
  };
  return {
    asOf,
    period: workspace.period,
    models: workspace.models,
    surfaces: workspace.surfaces,
    measurements: tests.system,
    controls: tests.controls,
    grounds: tests.grounds,
    evidence,
    identities,
    reach: reachIndex(identities, roles.newest, resources.newest, catalog.sensitivity),
    reachConflicts: [...roles.conflicts, ...resources.conflicts],
    changes: relevantChanges(ofKind(observations, 'change'), workspace.models, catalog.changeEffects, asOf),
    changesUnknown: unreadOf(input, 'changes'),
    changeEffects: catalog.changeEffects,
    techniques: catalog.techniques,
    privacy: workspace.differentialPrivacy,
    parameters: profile.parameters,
  };
}

/** Why what evidence says of changes or plans may not be all of it. */
function unreadOf(
  { unread = [], unmatchedSources = [], workspace }: AssessInput,
  what: Withholdable,
): string | undefined {
  const files = unread.filter(({ mayHold }) => mayHold.includes(what)).map(({ path }) => `${path} was not read`);
  const absent = workspace.sources.flatMap(({ match, change }) =>
    what === 'changes' && change && unmatchedSources.includes(match)
      ? [`the change log that sources declares (${match}) is not there`]
      : [],
  );
  const all = [...files, ...absent];
  return all.length === 0 ? undefined : someOf(all, 3);
}

function systemOf(workspace: Workspace): Assessment['system'] {
  const { differentialPrivacy } = workspace;
  return {
    id: workspace.id,
    name: workspace.name,
    ...(workspace.description ? { description: workspace.description } : {}),
    owner: workspace.owner,
    riskTier: workspace.riskTier,
    ...(workspace.organisation ? { organisation: workspace.organisation } : {}),
    ...(workspace.classification ? { classification: workspace.classification } : {}),
    ...(workspace.tags ? { tags: workspace.tags } : {}),
    models: workspace.models,
    targets: workspace.targets,
    ignoredTargets: workspace.ignoredTargets,
    surfaces: workspace.surfaces,
    data: workspace.data,
    ...(differentialPrivacy
      ? { differentialPrivacy: { ...differentialPrivacy, cap: capCurve(differentialPrivacy) } }
      : {}),
  };
}

/** Said only of what is compared: populations of records, an attack and its baseline. */
function comparableOf(m: Measurement, ground: Ground | undefined): { comparable?: boolean } {
  if (!ground || ground.comparable === 'unknown') return {};
  if (m.subject !== 'membership' && m.comparable === undefined) return {};
  return { comparable: ground.comparable === 'shown' };
}
