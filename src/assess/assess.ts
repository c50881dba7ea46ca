import { type Catalog, switchedOff } from '../catalog/catalog.ts';
import { speakingTo } from '../catalog/coverage.ts';
import { resolveIdentifier } from '../catalog/identifiers.ts';
import { type Control, type Criterion, itemsOf, type Profile, type SwitchedOff } from '../catalog/schemas.ts';
import { ProbityError } from '../errors.ts';
import type { EvidenceEntry } from '../evidence/ingest.ts';
import { evidenceRoot } from '../evidence/merkle.ts';
import { type Observation, ofKind } from '../evidence/observation.ts';
import type { IdentityBody } from '../evidence/observations/access.ts';
import type { WaiverBody } from '../evidence/observations/governance.ts';
import { measure } from '../measure/measure.ts';
import type { Measurement } from '../measure/measurement.ts';
import { capCurve } from '../statistics/privacy.ts';
import { ATTACK_CLASSES, type AttackClass, SURFACES } from '../terms.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { ASSESSMENT_SCHEMA, type Assessment, type Finding, type Result } from './assessment.ts';
import { evaluateAlternatives, evaluateBound } from './bounds.ts';
import { CHECKS } from './checks/index.ts';
import { daysOf, type EvaluationContext, type MergedIdentity, type Question } from './context.ts';
import { relevantChanges, staleness } from './freshness.ts';
import { combine, notApplicable, type Outcome, STATES, type State, strain } from './outcome.ts';
import { reachIndex } from './reach/index.ts';

export interface AssessInput {
  workspace: Workspace;
  catalog: Catalog;
  profile: Profile;
  files: readonly EvidenceEntry[];
  observations: readonly Observation[];
  /** ISO date; the only clock there is. */
  asOf: string;
  tool: { name: string; version: string };
  redacted: boolean;
}

/**
 * Turns observations into an assessment. Pure: the same input gives the same document.
 * @throws ProbityError CATALOG_INVALID when a criterion names a check or parameter that does not exist
 */
export function assess(input: AssessInput): Assessment {
  const { workspace, catalog, profile, files, observations, asOf } = input;
  const controls = catalog.controls.map(({ document }) => document);
  const measurements = measure(observations, workspace.differentialPrivacy);
  const identities = mergeIdentities(ofKind(observations, 'identity'));
  const context: EvaluationContext = {
    asOf,
    period: workspace.period,
    models: workspace.models,
    surfaces: workspace.surfaces,
    measurements,
    identities,
    inventories: ofKind(observations, 'inventory'),
    reach: reachIndex(
      identities,
      newestOf(ofKind(observations, 'role')),
      newestOf(ofKind(observations, 'resource')),
      catalog.sensitivity,
    ),
    secretScans: ofKind(observations, 'secret-scan'),
    secretFindings: ofKind(observations, 'secret-finding'),
    outputs: ofKind(observations, 'output'),
    events: ofKind(observations, 'event'),
    threats: ofKind(observations, 'threat'),
    threatModels: ofKind(observations, 'threat-model'),
    attestations: ofKind(observations, 'attestation'),
    changes: relevantChanges(ofKind(observations, 'change'), workspace.models, catalog.changeEffects, asOf),
    changeEffects: catalog.changeEffects,
    techniques: catalog.techniques,
    privacy: workspace.differentialPrivacy,
    parameters: profile.parameters,
  };
  const waivers = ofKind(observations, 'waiver').map((waiver) => ({
    ...waiver,
    inForce: waiver.issued.slice(0, 10) <= asOf && waiver.expires.slice(0, 10) >= asOf,
  }));
  const inForce = waivers.filter((waiver) => waiver.inForce);
  const evaluated = controls.flatMap((control) =>
    ATTACK_CLASSES.flatMap((attackClass) =>
      resultOf(control, attackClass, context, inForce, switchedOff(catalog, control.id, attackClass)),
    ),
  );
  const results = evaluated.map(({ result }) => result);
  const frameworks = catalog.frameworks.map(({ document }) => document);

  return {
    schema: ASSESSMENT_SCHEMA,
    asOf,
    tool: input.tool,
    system: {
      id: workspace.id,
      name: workspace.name,
      ...(workspace.description ? { description: workspace.description } : {}),
      owner: workspace.owner,
      riskTier: workspace.riskTier,
      ...(workspace.organisation ? { organisation: workspace.organisation } : {}),
      ...(workspace.classification ? { classification: workspace.classification } : {}),
      models: workspace.models,
      surfaces: workspace.surfaces,
      data: workspace.data,
      ...(workspace.differentialPrivacy
        ? { differentialPrivacy: { ...workspace.differentialPrivacy, cap: capCurve(workspace.differentialPrivacy) } }
        : {}),
    },
    period: workspace.period,
    profile: { id: profile.id, title: profile.title, parameters: profile.parameters },
    catalog: { controls: controls.length, sha256: catalog.sha256, ...catalog.changes },
    redacted: input.redacted,
    evidenceRoot: evidenceRoot(files),
    evidence: [...files],
    measurements: measurements.map((m) => ({ ...m, limits: limitsOf(m.id, evaluated) })),
    results,
    coverage: coverageOf(context, daysOf({ param: 'probe-max-age' }, context)),
    findings: findingsOf(controls, results),
    verdicts: {
      'membership-inference': verdictOf(results, 'membership-inference'),
      inversion: verdictOf(results, 'inversion'),
    },
    controls: controls.map((control) => ({
      id: control.id,
      title: control.title,
      family: control.family,
      severity: control.severity,
      objective: control.objective,
      consequences: Object.fromEntries(
        ATTACK_CLASSES.flatMap((name) =>
          control.attackClasses[name] ? [[name, control.attackClasses[name].consequence]] : [],
        ),
      ),
      frameworks: Object.fromEntries(Object.keys(control.frameworks).map((id) => [id, itemsOf(control, id)])),
      remediation: control.remediation,
      references: control.references,
    })),
    frameworks: frameworks.map((framework) => {
      const { id, title, short, version, publisher, url, licence, complete, groups, items } = framework;
      const stated = items.map((item) => {
        const { controls: behind, ...aside } = speakingTo(framework, item, controls);
        const ids = behind.map((one) => one.id);
        const reasons = Object.fromEntries(
          behind.flatMap((one) => (one.reason === undefined ? [] : [[one.id, one.reason]])),
        );
        return { ...item, controls: ids, reasons, states: statesOf(results, ids), ...aside };
      });
      return { id, title, short, version, publisher, url, licence, complete, groups, items: stated };
    }),
    legacy: legacyNotes(input),
    waivers: waivers.map(({ kind: _kind, ...waiver }) => waiver),
    changes: context.changes.map((change) => ({ ...change, surfaces: [...change.surfaces] })),
    identities: {
      total: context.identities.length,
      machine: context.identities.filter((identity) => identity.type === 'machine').length,
      human: context.identities.filter((identity) => identity.type === 'human').length,
      widest: widestOf(context),
    },
    threats: context.threats
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
    notes: notesOf(input, context, waivers),
  };
}

/**
 * One identity per id: what the newest inventory says, completed by what others say where it is silent. Two inventories
 * of one account would otherwise count each identity twice.
 */
function mergeIdentities(identities: readonly Observation<IdentityBody>[]): MergedIdentity[] {
  const merged = new Map<string, MergedIdentity>();
  const newest = identities.toSorted(
    (a, b) => newerFirst(a, b) || Number(b.statesType ?? false) - Number(a.statesType ?? false),
  );
  for (const identity of newest) {
    const first = merged.get(identity.id);
    if (!first) {
      merged.set(identity.id, { ...identity, further: [] });
      continue;
    }
    const known = new Set(first.credentials.map((credential) => credential.id));
    const credentials = [
      ...first.credentials,
      ...identity.credentials.filter((credential) => !known.has(credential.id)),
    ];
    merged.set(identity.id, {
      ...identity,
      ...first,
      type: first.statesType || !identity.statesType ? first.type : identity.type,
      statesType: first.statesType === true || identity.statesType === true,
      statesOwners: first.statesOwners || identity.statesOwners,
      credentials,
      further: [...first.further, identity.source],
    });
  }
  return [...merged.values()];
}

function newerFirst(a: { collected?: string }, b: { collected?: string }): number {
  const [first, second] = [a.collected ?? '', b.collected ?? ''];
  return first < second ? 1 : first > second ? -1 : 0;
}

/** The newest of what several inventories say under one name. */
function newestOf<Body extends { id: string; collected?: string }>(observations: readonly Body[]): Body[] {
  const newest = new Map<string, Body>();
  for (const one of observations) {
    const before = newest.get(one.id);
    if (!before || (one.collected ?? '') > (before.collected ?? '')) newest.set(one.id, one);
  }
  return [...newest.values()];
}

/** So many identities are shown with what they reach. */
const WIDEST = 10;

/** The machine identities that reach the most, gravest first, each with its way to the gravest resource. */
function widestOf({ identities, reach }: EvaluationContext): Assessment['identities']['widest'] {
  const ranked = identities
    .filter((identity) => identity.active && identity.type !== 'human')
    .flatMap((identity) => {
      const found = reach.of(identity.id);
      return found && found.resources > 0 ? [{ identity, found }] : [];
    })
    .sort(
      (a, b) =>
        b.found.weight - a.found.weight ||
        b.found.resources - a.found.resources ||
        (a.identity.id < b.identity.id ? -1 : 1),
    );
  return ranked.slice(0, WIDEST).map(({ identity, found }) => ({
    id: identity.id,
    name: identity.name,
    resources: found.resources,
    weight: found.weight,
    bySensitivity: found.bySensitivity,
    atLeast: found.atLeast,
    closed: found.closed,
    path: reach.path(identity.id),
    source: identity.source,
  }));
}

function resultOf(
  control: Control,
  attackClass: AttackClass,
  context: EvaluationContext,
  waivers: readonly WaiverBody[],
  off: SwitchedOff | undefined,
): Evaluated[] {
  const entry = control.attackClasses[attackClass];
  if (!entry) return [];
  if (off) return [{ result: offResult(control, attackClass, entry.criteria, off), outcomes: [] }];
  const surfaces = context.surfaces.filter(
    (surface) => control.appliesTo === undefined || control.appliesTo.surfaces.includes(surface),
  );
  const question: Question = { control, attackClass, surfaces };
  const outcomes = entry.criteria.map((criterion) => ({ criterion, outcome: evaluate(criterion, question, context) }));
  const { state, reason } = combine(outcomes.map(({ outcome }) => outcome));
  const waived =
    state !== 'satisfied' &&
    state !== 'not-applicable' &&
    waivers.some((waiver) => waiver.control === control.id && waiver.attackClass === attackClass);
  const result: Result = {
    control: control.id,
    attackClass,
    state: waived ? 'risk-accepted' : state,
    ...(reason && !waived ? { reason } : {}),
    ...(waived ? { underlying: state } : {}),
    severity: control.severity,
    criteria: outcomes.map(({ criterion, outcome: { considered: _considered, ...outcome } }) => ({
      id: criterion.id,
      statement: criterion.statement,
      ...outcome,
      observed: finite(outcome.observed),
    })),
  };
  return [{ result, outcomes }];
}

/** A control that an overlay switched off is not judged, and says who decided so and why. */
function offResult(
  control: Control,
  attackClass: AttackClass,
  criteria: readonly Criterion[],
  { reason, by }: SwitchedOff,
): Result {
  const { considered: _considered, ...outcome } = notApplicable(`Switched off in this catalog by ${by}: ${reason}`);
  return {
    control: control.id,
    attackClass,
    state: 'not-applicable',
    switchedOff: { reason, by },
    severity: control.severity,
    criteria: criteria.map(({ id, statement }) => ({ id, statement, ...outcome })),
  };
}

/** A result together with what its criteria looked at. */
interface Evaluated {
  result: Result;
  outcomes: { criterion: Criterion; outcome: Outcome }[];
}

function limitsOf(
  measurement: string,
  evaluated: readonly Evaluated[],
): { control: string; criterion: string; threshold: number }[] {
  return evaluated.flatMap(({ result, outcomes }) =>
    outcomes.flatMap(({ criterion, outcome }) =>
      outcome.considered?.includes(measurement) && typeof outcome.threshold === 'number'
        ? [{ control: result.control, criterion: criterion.id, threshold: outcome.threshold }]
        : [],
    ),
  );
}

function finite<T>(value: T): T | null {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}

function evaluate(criterion: Criterion, question: Question, context: EvaluationContext): Outcome {
  if ('measure' in criterion) return evaluateBound(criterion, question, context);
  if ('anyOf' in criterion) return evaluateAlternatives(criterion, question, context);
  const check = CHECKS.find((candidate) => candidate.name === criterion.check);
  if (!check)
    throw new ProbityError('CATALOG_INVALID', `there is no check called "${criterion.check}"`, {
      where: `${question.control.id}/${criterion.id}`,
      remedy: 'Run: probity catalog lint',
    });
  if (question.surfaces.length === 0) return notApplicable('the system has none of the surfaces this control is about');
  return check.evaluate(criterion.with, question, context, daysOf(criterion.maxAge, context));
}

function coverageOf(context: EvaluationContext, maxAgeDays: number | undefined): Assessment['coverage'] {
  return SURFACES.flatMap((surface) =>
    context.techniques.map((technique) => {
      const applicable = context.surfaces.includes(surface) && technique.surfaces.includes(surface);
      const tests = testsOf(
        context.measurements,
        (m) => m.surface === surface && m.attackClass === technique.attackClass && m.technique === technique.id,
      );
      const changes = context.changes.filter((change) => change.surfaces.includes(surface));
      const invalid = testsOf(tests, (m) => m.comparable === false);
      const fresh = testsOf(
        tests,
        (m) => m.comparable !== false && staleness(m.collected, context.asOf, maxAgeDays, changes) === undefined,
      );
      const state =
        tests.length > 0 ? ('tested' as const) : applicable ? ('untested' as const) : ('not-applicable' as const);
      return {
        surface,
        attackClass: technique.attackClass,
        technique: technique.id,
        title: technique.title,
        state,
        tests: tests.length,
        fresh: fresh.length,
        invalid: invalid.length,
      };
    }),
  );
}

/** One measurement per test: several numbers of one test count once. */
function testsOf(measurements: readonly Measurement[], keep: (m: Measurement) => boolean): Measurement[] {
  const seen = new Set<string>();
  return measurements.filter((m) => {
    const key = `${m.source[0]?.path}\0${m.source[0]?.at}\0${m.probe}`;
    if (!keep(m) || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

const SEVERITY_RANK = { critical: 0, high: 1, medium: 2, low: 3 } as const;

function findingsOf(controls: readonly Control[], results: readonly Result[]): Finding[] {
  const findings = results
    .filter((result) => result.state === 'not-satisfied' || result.state === 'not-assessed')
    .map((result): Finding => {
      const control = controls.find((candidate) => candidate.id === result.control) as Control;
      const open = result.criteria.filter(
        (criterion) => criterion.state === 'not-satisfied' || criterion.state === 'not-assessed',
      );
      const evidence = new Map(
        open.flatMap((criterion) => criterion.evidence).map((source) => [`${source.path}\0${source.at}`, source]),
      );
      return {
        id: `${result.control}.${result.attackClass}`,
        control: result.control,
        attackClass: result.attackClass,
        state: result.state,
        ...(result.reason ? { reason: result.reason } : {}),
        severity: result.severity,
        title: control.title,
        consequence: control.attackClasses[result.attackClass]?.consequence ?? '',
        why: open.map((criterion) => criterion.detail),
        remediation: control.remediation,
        evidence: [...evidence.values()].slice(0, 50),
        frameworks: Object.entries(control.frameworks).flatMap(([framework, items]) =>
          items.map(({ item }) => ({ framework, item })),
        ),
      };
    });
  const stateRank = (finding: Finding): number => (finding.state === 'not-satisfied' ? 0 : 1);
  // Controls stand in the order of their families, so what was measured on the model itself comes before what supports it.
  const places = new Map(controls.map((control, index) => [control.id, index]));
  return findings.sort(
    (a, b) =>
      stateRank(a) - stateRank(b) ||
      SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity] ||
      (places.get(a.control) ?? 0) - (places.get(b.control) ?? 0) ||
      a.id.localeCompare(b.id, 'en'),
  );
}

function verdictOf(all: readonly Result[], attackClass: AttackClass): Assessment['verdicts']['inversion'] {
  const results = all.filter((result) => result.attackClass === attackClass);
  const counts = Object.fromEntries(
    STATES.map((state) => [state, results.filter((result) => result.state === state).length]),
  ) as Record<State, number>;
  const applicable = results.filter((result) => result.state !== 'not-applicable');
  const state =
    counts['not-satisfied'] > 0
      ? 'not-satisfied'
      : applicable.length > 0 &&
          applicable.every((result) => result.state === 'satisfied' || result.state === 'risk-accepted')
        ? 'satisfied'
        : 'not-assessed';
  const measured = results
    .flatMap((result) => result.criteria.map((criterion) => ({ control: result.control, criterion })))
    .filter(
      ({ criterion }) =>
        criterion.bound !== null &&
        typeof criterion.threshold === 'number' &&
        (criterion.state === 'satisfied' || criterion.state === 'not-satisfied'),
    )
    .sort((a, b) => strain(b.criterion) - strain(a.criterion));
  const top = measured[0];
  const worst =
    top?.criterion.measurement !== undefined &&
    typeof top.criterion.observed === 'number' &&
    typeof top.criterion.threshold === 'number'
      ? {
          control: top.control,
          criterion: top.criterion.id,
          measurement: top.criterion.measurement,
          observed: top.criterion.observed,
          bound: top.criterion.bound,
          threshold: top.criterion.threshold,
        }
      : null;
  return { state, counts, worst };
}

/** The worst state of the controls behind an item, per class; a class that none of them names is left out. */
function statesOf(results: readonly Result[], controls: readonly string[]): Partial<Record<AttackClass, State>> {
  const rank: readonly State[] = ['not-satisfied', 'not-assessed', 'risk-accepted', 'satisfied', 'not-applicable'];
  return Object.fromEntries(
    ATTACK_CLASSES.flatMap((attackClass) => {
      const states = results
        .filter((result) => result.attackClass === attackClass && controls.includes(result.control))
        .map((result) => result.state);
      const worst = rank.find((state) => states.includes(state));
      return worst ? [[attackClass, worst]] : [];
    }),
  );
}

/** Legacy identifiers a reader may look for: those the workspace cites, and those whose items the catalog covers. */
function legacyNotes({ workspace, catalog }: AssessInput): Assessment['legacy'] {
  const frameworks = catalog.frameworks.map(({ document }) => document);
  const covered = new Set(
    catalog.controls.flatMap(({ document }) =>
      Object.values(document.frameworks).flatMap((mappings) => mappings.map(({ item }) => item)),
    ),
  );
  const known = frameworks.flatMap((framework) => framework.legacy.map((entry) => entry.id));
  const written = catalog.controls.flatMap(({ document }) =>
    Object.values(document.frameworks).flatMap((mappings) => mappings.flatMap(({ cited }) => cited ?? [])),
  );
  const notes = new Map<string, Assessment['legacy'][number]>();
  for (const cited of [...workspace.cites, ...written, ...known]) {
    for (const { framework, items, legacy } of resolveIdentifier(frameworks, cited)) {
      if (legacy === undefined || (!workspace.cites.includes(cited) && !items.some((item) => covered.has(item))))
        continue;
      const key = `${framework}\0${cited.toUpperCase()}`;
      if (!notes.has(key)) notes.set(key, { cited, framework, items, note: legacy });
    }
  }
  return [...notes.values()];
}

function notesOf(
  input: AssessInput,
  context: EvaluationContext,
  waivers: readonly { control: string; attackClass: AttackClass; expires: string; inForce: boolean }[],
): string[] {
  const { measurements, reach } = context;
  const notes: string[] = [];
  for (const waiver of waivers.filter((one) => !one.inForce))
    notes.push(
      `The risk acceptance of ${waiver.control} for ${waiver.attackClass} is not in force on ${input.asOf} (until ${waiver.expires.slice(0, 10)}) and changes nothing.`,
    );
  const known = new Set(input.catalog.controls.map(({ document }) => document.id));
  for (const waiver of waivers.filter((one) => !known.has(one.control)))
    notes.push(`A risk acceptance names ${waiver.control}, which is no control of this catalog, and changes nothing.`);
  const strangers = [
    ...new Set(context.attestations.map(({ control }) => control).filter((control) => !known.has(control))),
  ];
  if (strangers.length > 0)
    notes.push(
      `Attestations name what is no control of this catalog, and count for nothing: ${strangers.slice(0, 20).join(', ')}.`,
    );
  for (const { names, source } of reach.circles.slice(0, 10))
    notes.push(
      `A circle of roles, each of which can become the next: ${names.slice(0, 6).join(', ')}${names.length > 6 ? ` and ${names.length - 6} more` : ''} (${source.path}, ${source.at}). They are taken as one.`,
    );
  for (const { who, target, source } of reach.missing.slice(0, 10))
    notes.push(
      `${who} can become ${target}, which no inventory lists (${source.path}, ${source.at}); what it reaches by that is unknown.`,
    );
  const tools = [
    ...new Set(
      input.files
        .filter((file) => file.accepted && (file.format === 'garak-report' || file.format === 'promptfoo-results'))
        .map((file) => file.tool?.name ?? file.format),
    ),
  ];
  if (tools.length > 0)
    notes.push(
      `${tools.join(' and ')} ${tools.length > 1 ? 'carry' : 'carries'} no membership-inference test; nothing of ${tools.length > 1 ? 'theirs' : 'its'} is counted for that class.`,
    );
  const undeclared = measurements.filter((m) => m.surface === 'undeclared' || m.technique === 'undeclared').length;
  for (const { control, attackClass, reason, by } of input.catalog.changes.off)
    notes.push(
      `${control} is switched off${attackClass === undefined ? '' : ` for ${attackClass}`} in this catalog and was not judged: ${reason} (${by}).`,
    );
  if (undeclared > 0)
    notes.push(`${undeclared} measurements count for no control, because nothing declares what was attacked or how.`);
  const unresolved = input.workspace.cites.filter(
    (cited) =>
      resolveIdentifier(
        input.catalog.frameworks.map(({ document }) => document),
        cited,
      ).length === 0,
  );
  if (unresolved.length > 0)
    notes.push(`Cited identifiers that no framework of the catalog knows: ${unresolved.join(', ')}.`);
  if (!input.redacted) notes.push('Secrets and personal data in evidence were not masked, on request.');
  return notes;
}
