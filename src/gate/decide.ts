import type { AssessedMeasurement, Assessment, Result } from '../assess/assessment.ts';
import { type LeftOpenBy, leftOpenBy } from '../assess/leftOpen.ts';
import type { Reason, State } from '../assess/outcome.ts';
import { looserThanTier } from '../assess/profile.ts';
import { type Profile, SEVERITIES, SUPPORTING_FAMILIES } from '../catalog/schemas.ts';
import type { Comparison } from '../compare/compare.ts';
import type { Handed } from '../pack/read.ts';
import { addDays, days, daysBetween } from '../schema.ts';
import { ATTACK_CLASSES, type AttackClass, type Surface } from '../terms.ts';
import type { ClassPolicy, GatePolicy } from './policy.ts';

/** Every rule of a gate. */
const RULES = [
  'signatures',
  'signers',
  'artifact',
  'system',
  'profile',
  'catalog',
  'date',
  'age',
  'previous',
  'class',
  'verdict',
  'severity',
  'new-gaps',
  'untested-surface',
  'evidence-age',
  'warrant',
  'acceptance',
] as const;
export type Rule = (typeof RULES)[number];

/** What the sentence about a rule is made of; see `gate/words.ts`. */
export type Fact =
  | { is: 'unsigned' | 'signed'; detail?: string }
  | { is: 'no-trust' }
  | { is: 'problem' | 'unmet'; detail: string; untrusted?: boolean }
  | { is: 'artifact'; name: string; sha256: string; found: boolean; releases: number; signed: boolean }
  | { is: 'no-artifact' }
  | { is: 'system'; wanted: string; has: string }
  | { is: 'profile'; wanted: string; has: string; looser: string[] }
  | { is: 'catalog'; off: string[]; replaced: string[] }
  | { is: 'date'; asOf: string; assessed: string }
  | { is: 'no-date' }
  | { is: 'age'; days: number; most: number }
  | { is: 'no-previous' | 'same-previous' }
  | { is: 'no-results' }
  | { is: 'verdict'; has: string; wanted: string; failing: number; unassessed: number }
  | {
      is: 'control';
      state: State;
      reason: Reason | undefined;
      /** What left it open. */
      of: LeftOpenBy;
      severity: string;
      remediation: string;
    }
  | { is: 'gap'; state: string; severity: string; tolerated: string }
  | { is: 'gaps'; tolerated: string }
  | { is: 'changed-gap'; change: string }
  | { is: 'unchanged' }
  | { is: 'untested'; surface: Surface }
  | { is: 'tested'; surfaces: number }
  | { is: 'stale'; measurement: string; probe: string; surface: string; collected: string | null; most: number }
  | { is: 'fresh'; tests: number; most: number }
  | { is: 'weak'; basis: string; minimum: string; byNature: boolean }
  | { is: 'warranted'; minimum: string; passes: number; stated: number }
  | {
      is: 'accepted';
      approver: string;
      ends: string;
      problem?: 'none-allowed' | 'approver' | 'too-long' | 'ended' | 'no-acceptance';
    };

/** A rule that held or did not, for one class where it is about one. */
export interface Judged {
  rule: Rule;
  attackClass: AttackClass | null;
  control?: string;
  /** Whether the rule holds; null where that could not be told. */
  holds: boolean | null;
  fact: Fact;
}

export interface Decision {
  /** `open` only where every rule was answered, and holds. */
  state: 'open' | 'closed' | 'cannot-say';
  judged: Judged[];
  /** The day by which ages are counted. */
  asOf: string;
}

/** What a gate decides about. */
export interface GateInput {
  policy: GatePolicy;
  handed: Handed;
  /** The day of the decision; undefined where nobody said, and then nothing that depends on it is answered. */
  asOf: string | undefined;
  /** Whether certificates to trust were given, so that signers are known and not only claimed. */
  trusting: boolean;
  /** Artifacts to be released. */
  artifacts: readonly { name: string; sha256: string }[];
  /** What changed since the previous assessment, where there is one. */
  comparison: Comparison | undefined;
  /** Bundled profiles. */
  profiles: readonly Profile[];
}

/**
 * The release decision. Pure: the same input gives the same answer. What is not asked is not judged; what is asked and
 * cannot be answered is never taken as a yes.
 */
export function decide(input: GateInput): Decision {
  const { policy, handed, asOf } = input;
  const { assessment } = handed;
  const judged = [
    ...ofSignatures(input),
    ...ofArtifacts(input),
    ...ofScope(input),
    ...ofDate(input),
    ...ATTACK_CLASSES.flatMap((attackClass) => {
      const rules = policy.classes[attackClass];
      return rules ? ofClass(attackClass, rules, input) : [];
    }),
  ];
  const state = judged.some(({ holds }) => holds === false)
    ? 'closed'
    : judged.length === 0 || judged.some(({ holds }) => holds === null)
      ? 'cannot-say'
      : 'open';
  return { state, judged, asOf: asOf ?? assessment.asOf };
}

function ofSignatures({ policy, handed, trusting }: GateInput): Judged[] {
  const base = { rule: 'signatures' as const, attackClass: null };
  const asks = policy.signers !== undefined || trusting;
  if (policy.signers?.trusted && !trusting)
    return [{ ...base, rule: 'signers', holds: null, fact: { is: 'no-trust' } }];
  if (!handed.signed) return [{ ...base, holds: !asks, fact: { is: 'unsigned' } }];
  const judged: Judged[] = [
    ...handed.problems.map(
      (detail): Judged => ({
        ...base,
        holds: false,
        fact: { is: 'problem', detail, ...(handed.untrusted?.includes(detail) ? { untrusted: true } : {}) },
      }),
    ),
    ...handed.unmet.map(
      (detail): Judged => ({ ...base, rule: 'signers', holds: false, fact: { is: 'unmet', detail } }),
    ),
  ];
  if (asks && handed.vouchedBy.length === 0)
    judged.push({
      ...base,
      rule: 'signers',
      holds: false,
      fact: { is: 'unmet', detail: 'nobody vouches for the assessment' },
    });
  if (judged.length > 0) return judged;
  return [
    { ...base, holds: true, fact: { is: 'signed', detail: handed.vouchedBy.map(({ signer }) => signer).join(', ') } },
  ];
}

function ofArtifacts({ policy, handed, artifacts }: GateInput): Judged[] {
  const base = { rule: 'artifact' as const, attackClass: null };
  if (artifacts.length === 0)
    return policy.artifact === 'required' ? [{ ...base, holds: null, fact: { is: 'no-artifact' } }] : [];
  const sound = handed.signed && handed.problems.length === 0;
  return artifacts.map(({ name, sha256 }): Judged => {
    const found = sound && handed.releases.some((one) => one.sha256 === sha256);
    return {
      ...base,
      holds: found,
      fact: { is: 'artifact', name, sha256, found, releases: handed.releases.length, signed: handed.signed },
    };
  });
}

function ofScope({ policy, handed: { assessment }, profiles }: GateInput): Judged[] {
  const judged: Judged[] = [];
  const { system, profile, catalog } = assessment;
  if (policy.system !== undefined)
    judged.push({
      rule: 'system',
      attackClass: null,
      holds: policy.system === system.id,
      fact: { is: 'system', wanted: policy.system, has: system.id },
    });
  if (policy.profile !== undefined) {
    const looser = looserThanTier(profile, policy.profile, profiles).map(({ parameter }) => parameter);
    const bundled = profiles.find(({ id }) => id === policy.profile);
    const lacking = Object.keys(bundled?.parameters ?? {}).filter((name) => !Object.hasOwn(profile.parameters, name));
    judged.push({
      rule: 'profile',
      attackClass: null,
      holds: bundled !== undefined && looser.length === 0 && lacking.length === 0,
      fact: { is: 'profile', wanted: policy.profile, has: profile.id, looser: [...looser, ...lacking].sort() },
    });
  }
  if (policy.catalogChanges === 'none') {
    const off = catalog.off.map(({ control, attackClass }) => (attackClass ? `${control} (${attackClass})` : control));
    const replaced = [...catalog.replaced, ...catalog.other];
    judged.push({
      rule: 'catalog',
      attackClass: null,
      holds: off.length + replaced.length === 0,
      fact: { is: 'catalog', off, replaced },
    });
  }
  return judged;
}

function ofDate({ policy, handed: { assessment }, asOf }: GateInput): Judged[] {
  const judged: Judged[] = [];
  if (asOf !== undefined && asOf < assessment.asOf)
    judged.push({
      rule: 'date',
      attackClass: null,
      holds: false,
      fact: { is: 'date', asOf, assessed: assessment.asOf },
    });
  if (policy.maxAge !== undefined) {
    const most = days(policy.maxAge);
    const age = asOf === undefined ? undefined : daysBetween(assessment.asOf, asOf);
    judged.push({
      rule: 'age',
      attackClass: null,
      holds: age === undefined ? null : age <= most,
      fact: age === undefined ? { is: 'no-date' } : { is: 'age', days: age, most },
    });
  }
  return judged;
}

function ofClass(attackClass: AttackClass, rules: ClassPolicy, input: GateInput): Judged[] {
  const { assessment } = input.handed;
  const results = assessment.results.filter((result) => result.attackClass === attackClass);
  if (results.every(({ state }) => state === 'not-applicable'))
    return [{ rule: 'class', attackClass, holds: false, fact: { is: 'no-results' } }];
  return [
    ...ofVerdict(attackClass, rules, assessment),
    ...ofSeverity(attackClass, rules, assessment),
    ...ofNewGaps(attackClass, rules, input),
    ...ofSurfaces(attackClass, rules, assessment),
    ...ofEvidenceAge(attackClass, rules, input),
    ...ofWarrant(attackClass, rules, assessment),
    ...ofAcceptances(attackClass, rules, input),
  ];
}

/** The verdict of a class; where it closes the gate, every control that it is owed to. */
function ofVerdict(attackClass: AttackClass, { verdict: wanted }: ClassPolicy, assessment: Assessment): Judged[] {
  const { verdicts, findings } = assessment;
  const { state, counts } = verdicts[attackClass];
  const holds = state === 'satisfied' || (wanted === 'not-assessed' && state === 'not-assessed');
  const fact: Fact = {
    is: 'verdict',
    has: state,
    wanted,
    failing: counts['not-satisfied'] ?? 0,
    unassessed: counts['not-assessed'] ?? 0,
  };
  const base = { rule: 'verdict' as const, attackClass, holds };
  if (holds) return [{ ...base, fact }];
  const owed = findings.filter(
    (one) => one.attackClass === attackClass && (one.state === 'not-satisfied' || wanted === 'satisfied'),
  );
  const by = leftOpenBy(assessment);
  return [
    { ...base, fact },
    ...owed.map((finding): Judged => {
      const { control, state, reason, severity, remediation } = finding;
      const of = (reason === undefined ? undefined : by(finding, reason)[0]) ?? 'test';
      return {
        ...base,
        control,
        fact: { is: 'control', state, reason, of, severity, remediation: remediation[0] ?? '' },
      };
    }),
  ];
}

function ofSeverity(attackClass: AttackClass, { maxSeverity }: ClassPolicy, { findings }: Assessment): Judged[] {
  if (maxSeverity === undefined) return [];
  // SEVERITIES runs from the gravest; whatever stands before the tolerated one is too grave.
  const limit = maxSeverity === 'none' ? SEVERITIES.length : SEVERITIES.indexOf(maxSeverity);
  const grave = findings.filter(
    (finding) => finding.attackClass === attackClass && SEVERITIES.indexOf(finding.severity) < limit,
  );
  if (grave.length === 0)
    return [{ rule: 'severity', attackClass, holds: true, fact: { is: 'gaps', tolerated: maxSeverity } }];
  return grave.map(({ control, state, severity }) => ({
    rule: 'severity',
    attackClass,
    control,
    holds: false,
    fact: { is: 'gap', state, severity, tolerated: maxSeverity },
  }));
}

function ofNewGaps(attackClass: AttackClass, { noNewGaps }: ClassPolicy, { comparison, handed }: GateInput): Judged[] {
  if (!noNewGaps) return [];
  const base = { rule: 'new-gaps' as const, attackClass };
  if (!comparison) return [{ ...base, holds: null, fact: { is: 'no-previous' } }];
  if (comparison.digests.old === comparison.digests.new || comparison.digests.old === handed.sha256)
    return [{ ...base, holds: null, fact: { is: 'same-previous' } }];
  const changed = comparison.gaps.filter(
    (gap) => gap.attackClass === attackClass && ['new', 'reopened', 'evidence-gone'].includes(gap.change),
  );
  if (changed.length === 0) return [{ ...base, holds: true, fact: { is: 'unchanged' } }];
  return changed.map(({ control, change }) => ({
    ...base,
    control,
    holds: false,
    fact: { is: 'changed-gap', change },
  }));
}

function ofSurfaces(attackClass: AttackClass, { noUntestedSurface }: ClassPolicy, assessment: Assessment): Judged[] {
  if (!noUntestedSurface) return [];
  const base = { rule: 'untested-surface' as const, attackClass };
  const untested = assessment.system.surfaces.filter((surface) => {
    const cells = assessment.coverage.filter(
      (cell) => cell.attackClass === attackClass && cell.surface === surface && cell.state !== 'not-applicable',
    );
    return cells.length > 0 && cells.every(({ fresh }) => fresh === 0);
  });
  if (untested.length === 0)
    return [{ ...base, holds: true, fact: { is: 'tested', surfaces: assessment.system.surfaces.length } }];
  return untested.map((surface) => ({ ...base, holds: false, fact: { is: 'untested', surface } }));
}

/** What the passes of a class rest on, each measurement once. */
function carrying(attackClass: AttackClass, assessment: Assessment): AssessedMeasurement[] {
  const ids = new Set(
    assessment.results
      .filter((result) => result.attackClass === attackClass && result.state === 'satisfied')
      .flatMap(({ criteria }) =>
        criteria.flatMap(({ measurement }) => (measurement === undefined ? [] : [measurement])),
      ),
  );
  return assessment.measurements.filter(({ id }) => ids.has(id));
}

/**
 * Whether the tests behind the passes are fresh on the day of the decision: within what the policy asks, and never older
 * than the profile lets a test be when it was assessed.
 */
function ofEvidenceAge(
  attackClass: AttackClass,
  { maxEvidenceAge }: ClassPolicy,
  { handed: { assessment }, asOf }: GateInput,
): Judged[] {
  const base = { rule: 'evidence-age' as const, attackClass };
  if (asOf === undefined)
    return maxEvidenceAge === undefined ? [] : [{ ...base, holds: null, fact: { is: 'no-date' } }];
  const profiled = assessment.profile.parameters['probe-max-age'];
  const limits = [maxEvidenceAge, typeof profiled === 'string' ? profiled : undefined].flatMap((one) =>
    one === undefined ? [] : [days(one)],
  );
  if (limits.length === 0) return [];
  const most = Math.min(...limits);
  const tests = carrying(attackClass, assessment);
  const stale = tests.filter(({ collected }) => collected === undefined || daysBetween(collected, asOf) > most);
  if (stale.length === 0) return [{ ...base, holds: true, fact: { is: 'fresh', tests: tests.length, most } }];
  return stale.map(({ id, probe, surface, collected }) => ({
    ...base,
    holds: false,
    fact: { is: 'stale', measurement: id, probe, surface, collected: collected ?? null, most },
  }));
}

function ofWarrant(
  attackClass: AttackClass,
  { minimumWarrant, statements }: ClassPolicy,
  assessment: Assessment,
): Judged[] {
  if (minimumWarrant === undefined) return [];
  const base = { rule: 'warrant' as const, attackClass };
  const families = new Map(assessment.controls.map(({ id, family }) => [id, family]));
  const passes = assessment.results.filter(
    (result): result is Result & { basis: NonNullable<Result['basis']> } =>
      result.attackClass === attackClass &&
      result.state === 'satisfied' &&
      result.basis !== undefined &&
      !SUPPORTING_FAMILIES.includes(families.get(result.control) ?? ''),
  );
  const enough = minimumWarrant === 'strong' ? ['strong', 'record'] : ['strong', 'record', 'weak'];
  const stated = passes.filter((pass) => statements === 'allowed' && statedByNature(pass, assessment));
  const weak = passes.filter((pass) => !enough.includes(pass.basis) && !stated.includes(pass));
  if (weak.length === 0)
    return [
      {
        ...base,
        holds: true,
        fact: {
          is: 'warranted',
          minimum: minimumWarrant,
          passes: passes.length - stated.length,
          stated: stated.length,
        },
      },
    ];
  return weak.map((pass) => ({
    ...base,
    control: pass.control,
    holds: false,
    fact: {
      is: 'weak',
      basis: pass.basis,
      minimum: minimumWarrant,
      byNature: statedByNature(pass, assessment),
    },
  }));
}

/**
 * Whether a pass rests on a statement because its control asks for nothing else: no criterion of it names a measurement,
 * it is not about what tests show, and no overlay made it so.
 */
function statedByNature({ control, basis, criteria }: Result, { controls, catalog }: Assessment): boolean {
  const area = controls.find(({ id }) => id === control)?.area;
  return (
    basis === 'statement' &&
    area !== undefined &&
    area !== 'tests' &&
    area !== 'leakage' &&
    criteria.length > 0 &&
    criteria.every(({ measurement }) => measurement === undefined) &&
    ![...catalog.added, ...catalog.replaced, ...catalog.other].includes(control)
  );
}

/** An accepted risk counts only while the acceptance behind it is in force on the day of the decision. */
function ofAcceptances(
  attackClass: AttackClass,
  { acceptances }: ClassPolicy,
  { handed: { assessment }, asOf = assessment.asOf }: GateInput,
): Judged[] {
  const accepted = assessment.results.filter((one) => one.attackClass === attackClass && one.state === 'risk-accepted');
  return accepted.flatMap(({ control }): Judged[] => {
    const base = { rule: 'acceptance' as const, attackClass, control };
    const waivers = assessment.waivers.filter(
      (one) => one.control === control && one.attackClass === attackClass && one.inForce,
    );
    if (waivers.length === 0)
      return [{ ...base, holds: false, fact: { is: 'accepted', approver: '', ends: '', problem: 'no-acceptance' } }];
    const judged = waivers.map(({ approver, ends }) => {
      const problem = problemOf(acceptances, approver, ends.slice(0, 10), asOf);
      const fact: Fact = { is: 'accepted', approver, ends: ends.slice(0, 10), ...(problem ? { problem } : {}) };
      return { ...base, holds: problem === undefined, fact };
    });
    // One acceptance that will do is enough.
    return judged.some(({ holds }) => holds) ? judged.filter(({ holds }) => holds) : judged;
  });
}

function problemOf(
  acceptances: ClassPolicy['acceptances'],
  approver: string,
  ends: string,
  asOf: string,
): Extract<Fact, { is: 'accepted' }>['problem'] {
  if (ends < asOf.slice(0, 10)) return 'ended';
  if (acceptances === 'none') return 'none-allowed';
  if (acceptances === 'allowed') return undefined;
  if (acceptances.by && !acceptances.by.includes(approver)) return 'approver';
  return acceptances.endWithin !== undefined && ends > addDays(asOf.slice(0, 10), days(acceptances.endWithin))
    ? 'too-long'
    : undefined;
}
