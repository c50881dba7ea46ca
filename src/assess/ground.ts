import type { Technique } from '../catalog/schemas.ts';
import type { Observation } from '../evidence/observation.ts';
import type { PlanBody } from '../evidence/observations/governance.ts';
import { runsOf, sampleSize } from '../measure/counts.ts';
import type { BaselineFacts, Measurement } from '../measure/measurement.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { isSomething } from './named.ts';
import type { Reason } from './outcome.ts';
import { matches, type TargetMatch, targetMatcher } from './targets.ts';

/** A reason why something is not settled, with the fact behind it and what would settle it, each one sentence. */
export interface Open {
  reason: Reason;
  why: string;
}

/** Whether what is compared can be compared: shown, shown not to be, or nothing shows it. */
type Comparability = 'shown' | 'refuted' | 'unknown';

/** What is known of a measurement whatever is asked of it: whose, of what, and whether it was planned. */
export interface Ground {
  target: TargetMatch;
  /** Undefined when the catalog does not know the technique. */
  technique: Technique | undefined;
  comparable: Comparability;
  /** Whether a plan made beforehand has it; undefined when there is no plan for its class. */
  planned?: boolean;
  /** Whether a success of it speaks of this system: always, but for public texts that were not its own. */
  ownText: boolean;
  open: Open[];
}

export interface GroundInput {
  workspace: Workspace;
  techniques: readonly Technique[];
  plans: readonly Observation<PlanBody>[];
  /** How far the area of a baseline may lie from one half and still count as telling nothing. */
  baselineMargin: number;
  /** Whether the profile takes only results that were planned beforehand. */
  planRequired: boolean;
  /** Why there may be plans that nobody has read; undefined where every one was. */
  plansUnknown?: string | undefined;
}

/** The grounds of every measurement, by its id. Pure. */
export function groundsOf(measurements: readonly Measurement[], input: GroundInput): Map<string, Ground> {
  const match = targetMatcher(input.workspace);
  const techniques = new Map(input.techniques.map((technique) => [technique.id, technique]));
  const compared = comparabilities(measurements, input.baselineMargin);
  const handedIn = handedInOf(measurements, input.plans);
  return new Map(
    measurements.map((m): [string, Ground] => {
      const target = match(m.target);
      const technique = techniques.get(m.technique);
      const comparable = compared.get(m.id) ?? 'shown';
      const about = input.plans.filter((plan) => isAbout(plan, m));
      const planned = input.plans.some((one) => one.attackClass === m.attackClass)
        ? about.some((plan) => isPlanned(plan, m))
        : undefined;
      return [
        m.id,
        {
          target,
          technique,
          comparable,
          ownText: !m.publicText || input.workspace.ownTexts.some((pattern) => matches(pattern, m.probe)),
          ...(planned === undefined ? {} : { planned }),
          open: [
            ...openTarget(target),
            ...openTechnique(m, technique),
            ...openComparison(m, comparable),
            ...openPlan(planned, about, handedIn, input.planRequired),
            ...openUnread(input.plansUnknown),
          ],
        },
      ];
    }),
  );
}

function openTarget(target: TargetMatch): Open[] {
  if (target.matched) return [];
  if (target.stated === undefined)
    return [
      {
        reason: 'unrelated-target',
        why: 'nothing says which system was tested; declare the target of the file under sources in probity.yaml',
      },
    ];
  return [
    {
      reason: 'unrelated-target',
      why: `the target "${target.stated}" is none that probity.yaml declares; add it to targets, or to ignoredTargets with a reason`,
    },
  ];
}

function openTechnique(m: Measurement, technique: Technique | undefined): Open[] {
  if (m.shows === 'neither')
    return [
      { reason: 'cannot-show', why: 'this probe shows nothing about its technique, whether it succeeds or fails' },
    ];
  if (!technique)
    return [
      { reason: 'cannot-show', why: `the catalog knows no technique "${m.technique}", so nothing says what it shows` },
    ];
  if (m.shows === 'failure-only')
    return [{ reason: 'cannot-show', why: 'a success of this probe would show leakage, its failure shows nothing' }];
  return [];
}

function openComparison(m: Measurement, comparable: Comparability): Open[] {
  if (comparable === 'shown') return [];
  if (m.subject !== 'membership')
    return [{ reason: 'invalid-comparison', why: 'attack and baseline were measured on different targets' }];
  if (m.measure === 'advantage')
    return [
      {
        reason: 'invalid-comparison',
        why: 'the baseline is far from chance, so what was asked could be told apart without the system, or attack and baseline were measured on different targets',
      },
    ];
  return [
    {
      reason: 'invalid-comparison',
      why:
        comparable === 'refuted'
          ? 'a baseline that never saw the model tells members and non-members apart'
          : 'nothing shows that members and non-members are alike; state a random assignment before training, or add baseline scores',
    },
  ];
}

function openUnread(why: string | undefined): Open[] {
  return why === undefined
    ? []
    : [{ reason: 'incomplete', why: `which tests were planned beforehand is not known, since ${why}` }];
}

function openPlan(
  planned: boolean | undefined,
  plans: readonly Observation<PlanBody>[],
  handedIn: ReadonlyMap<Observation<PlanBody>, HandedIn>,
  required: boolean,
): Open[] {
  if (required && planned !== true)
    return [
      {
        reason: 'incomplete',
        why:
          planned === undefined
            ? 'the profile takes only tests that a plan names beforehand, and there is none'
            : 'the test was not planned beforehand, and the profile takes only planned ones',
      },
    ];
  return plans.flatMap((plan): Open[] => {
    const { runs, units } = handedIn.get(plan) ?? { runs: 0, units: 0 };
    const what = plan.probe === undefined ? '' : ` of ${plan.probe}`;
    if (runs < plan.runs)
      return [{ reason: 'incomplete', why: `${plan.runs} runs${what} were planned and ${runs} were handed in` }];
    const asked = (plan.sample.trials ?? plan.sample.members ?? 0) * plan.runs;
    return units < asked
      ? [{ reason: 'incomplete', why: `${asked} attempts or records${what} were planned and ${units} were handed in` }]
      : [];
  });
}

/** Whether a plan is about the technique, surface and target of a measurement, whatever its probe. */
function isAbout(plan: Observation<PlanBody>, m: Measurement): boolean {
  return (
    plan.attackClass === m.attackClass &&
    plan.technique === m.technique &&
    plan.surface === m.surface &&
    m.target !== undefined &&
    matches(plan.target, m.target)
  );
}

/** Whether a plan names this very test, made no later than it was run. */
function isPlanned(plan: Observation<PlanBody>, m: Measurement): boolean {
  return (
    isAbout(plan, m) &&
    (plan.probe === undefined || plan.probe === m.probe) &&
    (m.collected === undefined || plan.committed.slice(0, 10) <= m.collected.slice(0, 10))
  );
}

/** What of a planned test was handed in: runs, and attempts or members in all. */
interface HandedIn {
  runs: number;
  units: number;
}

/** What of each planned test is there. Several numbers of one run count once. */
function handedInOf(
  measurements: readonly Measurement[],
  plans: readonly Observation<PlanBody>[],
): Map<Observation<PlanBody>, HandedIn> {
  return new Map(
    plans.map((plan) => {
      const places = new Map<string, HandedIn>();
      for (const m of measurements) {
        if (m.pooled || m.group !== undefined || !isPlanned(plan, m)) continue;
        const { counts } = m;
        const units =
          counts.of === 'records'
            ? counts.members
            : counts.of === 'attempts'
              ? counts.n + counts.missing
              : sampleSize(counts);
        const place = `${m.source[0]?.sha256}\0${m.source[0]?.at}`;
        const before = places.get(place);
        places.set(place, {
          runs: runsOf(counts),
          units: Math.max(units, before?.units ?? 0),
        });
      }
      const all = [...places.values()];
      return [
        plan,
        { runs: all.reduce((sum, { runs }) => sum + runs, 0), units: all.reduce((sum, { units }) => sum + units, 0) },
      ];
    }),
  );
}

type Verdict = 'equivalent' | 'different' | 'open';

/**
 * Equivalence of a baseline to chance: its whole interval lies within the margin around one half, beyond it on one side,
 * or neither. A constant baseline, or the attack's own score, says nothing.
 */
export function baselineVerdict(baseline: BaselineFacts, margin: number): Verdict {
  if (!baseline.sees || baseline.copy || baseline.lower === null || baseline.upper === null) return 'open';
  if (baseline.lower > 0.5 + margin || baseline.upper < 0.5 - margin) return 'different';
  return baseline.lower >= 0.5 - margin && baseline.upper <= 0.5 + margin ? 'equivalent' : 'open';
}

/** Measures of scores, whose members and non-members have to be alike. */
function comparabilities(measurements: readonly Measurement[], margin: number): Map<string, Comparability> {
  const showed = new Map<string, Verdict[]>();
  const note = (key: string, verdict: Verdict): void => {
    showed.set(key, [...(showed.get(key) ?? []), verdict]);
  };
  for (const m of measurements) {
    if (m.measure !== 'roc.auc' || m.group !== undefined || !m.baseline) continue;
    const verdict = baselineVerdict(m.baseline, margin);
    // A copy of these scores inherits what was shown of them; another run of the test only what speaks against it.
    if (m.scores) note(`scores ${m.scores}`, verdict);
    if (verdict === 'different') note(`test ${testOf(m)}`, verdict);
  }
  return new Map(
    measurements.map((m): [string, Comparability] => [
      m.id,
      comparability(m, margin, [
        ...(showed.get(`scores ${m.scores}`) ?? []),
        ...(showed.get(`test ${testOf(m)}`) ?? []),
      ]),
    ]),
  );
}

function testOf(m: Measurement): string {
  return JSON.stringify([m.surface, m.target ?? '', m.technique, m.probe]);
}

/** Whether somebody says by name how chance decided who became a member. */
export function isDrawn({ assignment }: Pick<Measurement, 'assignment'>): boolean {
  return assignment?.random === true && isSomething(assignment.by) && isSomething(assignment.how);
}

function comparability(m: Measurement, margin: number, verdicts: readonly Verdict[]): Comparability {
  if (m.comparable === false) return 'refuted';
  if (m.subject !== 'membership') return 'shown';
  // Without the model nothing may be better than guessing, where guessing is what the attack is held against.
  if (m.measure === 'advantage') {
    if (!m.baseline || m.baseline.lower === null || m.baseline.upper === null) return 'unknown';
    const aboutChance =
      baselineVerdict(m.baseline, margin) === 'equivalent' || (m.baseline.lower <= 0.5 && m.baseline.upper >= 0.5);
    return aboutChance ? 'shown' : 'refuted';
  }
  if (verdicts.includes('different')) return 'refuted';
  if (isDrawn(m) || verdicts.includes('equivalent')) return 'shown';
  return 'unknown';
}

/** Whether a measurement is a test of its surface at all: large enough, of this system, and able to show something. */
export function isTest(m: Measurement, ground: Ground | undefined): boolean {
  return (
    ground?.technique !== undefined &&
    ground.target.matched &&
    m.shows === 'both' &&
    m.measure !== 'baseline.auc' &&
    sampleSize(m.counts) >= ground.technique.least
  );
}
