import type { Assessment, Result } from '../assess/assessment.ts';
import type { Reason, State } from '../assess/outcome.ts';
import type { SEVERITIES } from '../catalog/schemas.ts';
import type { MeasureName } from '../measure/measures.ts';
import { type AttackClass, perClass, type Surface } from '../terms.ts';

/* What a portfolio keeps of a pack: little enough that thousands fit. Each class stands by itself. */

export type Severity = (typeof SEVERITIES)[number];

/** One open gap of one class. */
export interface OpenGap {
  control: string;
  state: State;
  reason?: Reason;
  severity: Severity;
  /** As-of date of the first assessment in the unbroken row that has it. */
  since: string;
}

/** The worst bound of a class against its limit. */
export interface WorstBound {
  control: string;
  measure: MeasureName;
  observed: number;
  bound: number | null;
  threshold: number;
  /** Bound over limit; above 1 it is exceeded. Null where it cannot be told. */
  use: number | null;
}

/** One attack class of one system. Nothing of the other enters it. */
export interface ClassFacts {
  worst: WorstBound | null;
  gaps: OpenGap[];
  untested: Surface[];
  /** Controls whose evidence is stale. */
  stale: string[];
  acceptances: { control: string; approver: string; ends: string }[];
  /** The state of every control, by id. */
  results: Record<string, State>;
  /** Against the pack before this one, where there is one. */
  change: {
    since: string;
    new: number;
    reopened: number;
    closed: number;
    evidenceGone: number;
    better: number;
    worse: number;
  } | null;
}

/** One system, from its newest pack. */
export interface PortfolioSystem {
  id: string;
  name: string;
  organisation?: string;
  owner: string;
  /** The risk tier by which the system was assessed. */
  tier: string;
  /** What the tag says of the tier, where that is something else; it decides nothing. */
  taggedTier?: string;
  unit?: string;
  tags: Record<string, string>;
  asOf: string;
  profile: string;
  path: string;
  sha256: string;
  /** Whether the signature over the pack holds, and everything in it is what was signed. */
  verified: boolean;
  signers: { signer: string; fingerprint: string; trusted: boolean }[];
  verdicts: Assessment['verdicts'];
  classes: Record<AttackClass, ClassFacts>;
  /** Earlier packs of the system that were read, by as-of date. */
  earlier: string[];
  /** How many of the items that a control speaks to each framework has here, by state of the class. */
  frameworks: Record<string, Record<AttackClass, Partial<Record<State, number>>>>;
}

/** What several systems may share, as one of them has it. */
export interface Sharable {
  kind: 'identity' | 'model' | 'store' | 'test';
  id: string;
  name: string;
}

/** One pack in short: its system, and what other systems may have as well. */
export interface PackFacts {
  system: PortfolioSystem;
  shared: Sharable[];
  controls: { id: string; title: string; remediation: string; severity: Severity }[];
  frameworks: { id: string; short: string; items: number }[];
}

export interface PackMeta {
  path: string;
  sha256: string;
  verified: boolean;
  signers: readonly PortfolioSystem['signers'][number][];
}

/** A pack in short. Pure. */
export function packFacts(assessment: Assessment, { path, sha256, verified, signers }: PackMeta): PackFacts {
  const { system, verdicts, asOf } = assessment;
  const { tags = {} } = system;
  return {
    system: {
      id: system.id,
      name: system.name,
      ...(system.organisation === undefined ? {} : { organisation: system.organisation }),
      owner: tags.owner ?? system.owner.name,
      tier: system.riskTier,
      ...(tags.tier === undefined || tags.tier === system.riskTier ? {} : { taggedTier: tags.tier }),
      ...(tags.unit === undefined ? {} : { unit: tags.unit }),
      tags,
      asOf,
      profile: assessment.profile.id,
      path,
      sha256,
      verified,
      signers: [...signers].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1)),
      verdicts,
      classes: perClass((attackClass) => classFacts(assessment, attackClass)),
      earlier: [],
      frameworks: Object.fromEntries(
        assessment.frameworks.map(({ id, items }) => [
          id,
          perClass((attackClass) => counted(items.flatMap(({ states }) => states[attackClass] ?? []))),
        ]),
      ),
    },
    shared: sharedBy(assessment),
    controls: assessment.controls.map(({ id, title, remediation, severity }) => ({
      id,
      title,
      remediation: remediation[0] ?? '',
      severity,
    })),
    frameworks: assessment.frameworks.map(({ id, short, items }) => ({ id, short, items: items.length })),
  };
}

function counted<K extends string>(all: readonly K[]): Partial<Record<K, number>> {
  const counts: Partial<Record<K, number>> = {};
  for (const one of all) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}

function classFacts(assessment: Assessment, attackClass: AttackClass): ClassFacts {
  const results = assessment.results.filter((result) => result.attackClass === attackClass);
  return {
    worst: worstOf(assessment, attackClass),
    gaps: assessment.findings
      .filter((finding) => finding.attackClass === attackClass)
      .map(({ control, state, reason, severity }) => ({
        control,
        state,
        ...(reason ? { reason } : {}),
        severity,
        since: assessment.asOf,
      })),
    untested: assessment.system.surfaces.filter((surface) => {
      const cells = assessment.coverage.filter(
        (cell) => cell.attackClass === attackClass && cell.surface === surface && cell.state !== 'not-applicable',
      );
      return cells.length > 0 && cells.every(({ tests }) => tests === 0);
    }),
    stale: results.filter(isStale).map(({ control }) => control),
    acceptances: assessment.waivers
      .filter((waiver) => waiver.attackClass === attackClass && waiver.inForce)
      .map(({ control, approver, ends }) => ({ control, approver, ends: ends.slice(0, 10) })),
    results: Object.fromEntries(results.map(({ control, state }) => [control, state])),
    change: null,
  };
}

function isStale({ criteria }: Result): boolean {
  return criteria.some(
    ({ reasons, others }) => reasons?.includes('stale') || others?.some(({ reason }) => reason === 'stale'),
  );
}

function worstOf({ verdicts, measurements }: Assessment, attackClass: AttackClass): WorstBound | null {
  const { worst } = verdicts[attackClass];
  const measured = measurements.find(({ id }) => id === worst?.measurement);
  if (!worst || !measured) return null;
  const { control, observed, bound, threshold } = worst;
  const reached = bound ?? observed;
  return {
    control,
    measure: measured.measure,
    observed,
    bound,
    threshold,
    use: threshold > 0 ? reached / threshold : null,
  };
}

/** What of a system another may have too: identities, models, the stores that identities reach, and tests handed in. */
function sharedBy({ identities, system, measurements }: Assessment): Sharable[] {
  const found: Sharable[] = [
    ...identities.widest.map(({ id, name }) => ({ kind: 'identity' as const, id, name })),
    ...identities.widest.flatMap(({ path }) =>
      path.filter(({ how }) => how === 'reaches').map(({ to }) => ({ kind: 'store' as const, id: to, name: to })),
    ),
    ...system.models.map(({ id, version, provider }) => ({
      kind: 'model' as const,
      id: `${provider}/${id}/${version}`,
      name: `${id} ${version} (${provider})`,
    })),
    // One test that counts for several systems is worth a look.
    ...measurements.flatMap(({ source }) =>
      source.slice(0, 1).map(({ sha256, path }) => ({ kind: 'test' as const, id: sha256, name: path })),
    ),
  ];
  return [...new Map(found.map((one) => [`${one.kind} ${one.id}`, one])).values()];
}
