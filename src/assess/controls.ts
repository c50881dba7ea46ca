import type { PositiveControl } from '../evidence/observations/tests.ts';
import { figure } from '../measure/figures.ts';
import type { Measurement } from '../measure/measurement.ts';
import { clopperPearsonLower, clopperPearsonUpper } from '../statistics/binomial.ts';
import { grouped } from '../wording.ts';
import type { EvaluationContext } from './context.ts';
import type { Ground, Open } from './ground.ts';
import { isSomething } from './named.ts';
import type { PowerBasis } from './outcome.ts';

/** Whether a test could have succeeded: by what that is known, or what is missing. */
export interface Power {
  basis: PowerBasis;
  /** What the positive control found, in words. */
  control?: string;
  open: Open[];
}

/** Confidence of each of the two bounds that a control is judged by: together they err in 5% of cases. */
const SHARED = 0.975;

/**
 * Whether the attack could have found what it did not (question 3 of a warrant). A positive control has to fail the same
 * limit: the same attack, on a model known to leak or on planted secrets, is shown to find more than the limit.
 * @param threshold the limit that the measurement is held against
 */
export function powerOf(
  m: Measurement,
  ground: Ground | undefined,
  threshold: number,
  context: EvaluationContext,
): Power {
  const degenerate = degeneracy(m);
  const shown = m.positiveControl ? judgeControl(m.positiveControl, m, threshold, context) : undefined;
  if (shown?.passed) return { basis: 'control', control: shown.words, open: degenerate };
  const failed: Open[] = shown ? [{ reason: 'no-power', why: shown.words }] : [];
  const membership = m.subject === 'membership';
  const wanted = numberParameter(context, membership ? 'mi-control' : 'trial-control');
  if (wanted > 0 || (membership && ground?.technique?.strength !== 'strong'))
    return {
      basis: m.planted && wanted === 0 ? 'planted' : 'none',
      open: [
        ...degenerate,
        ...(failed.length > 0
          ? failed
          : [
              {
                reason: 'no-power' as const,
                why: `no positive control shows that the attack could have succeeded${howToShow(ground)}`,
              },
            ]),
      ],
    };
  if (m.planted) return { basis: 'planted', open: [...degenerate, ...failed] };
  if (membership) return { basis: 'none', open: [...degenerate, ...failed] };
  if (m.toolDetector) return { basis: 'tool', open: [...degenerate, ...failed] };
  return {
    basis: 'none',
    open: [
      ...degenerate,
      ...(failed.length > 0
        ? failed
        : [
            {
              reason: 'no-power' as const,
              why: `the detector is the testers' own, nothing was planted and no positive control was run${howToShow(ground)}`,
            },
          ]),
    ],
  };
}

/** How the technique is shown to be able to succeed, as the rest of a sentence. */
function howToShow(ground: Ground | undefined): string {
  if (!ground?.technique) return '';
  const { control } = ground.technique;
  return `: ${control.slice(0, 1).toLowerCase()}${control.slice(1).replace(/\.$/, '')}`;
}

/** Numbers that cannot tell anything, whatever the model does. */
function degeneracy(m: Measurement): Open[] {
  if (m.constant)
    return [{ reason: 'no-power', why: 'all members or all non-members have one score, so the attack says nothing' }];
  if (m.resolution && !m.resolution.near)
    return [
      {
        reason: 'no-power',
        why: 'the scores are so coarse that no threshold comes near the false-positive rate asked for',
      },
    ];
  // Of an attribute with several values an attack that is right less often than imputation was turned round or is broken.
  if (m.measure === 'advantage' && m.subject !== 'membership' && m.upper !== null && m.upper < 0)
    return [
      {
        reason: 'no-power',
        why: 'the attack does significantly worse than its baseline, which usually means that its scores have the wrong sign',
      },
    ];
  return [];
}

interface Shown {
  passed: boolean;
  words: string;
}

function judgeControl(control: PositiveControl, m: Measurement, threshold: number, context: EvaluationContext): Shown {
  if (!isSomething(control.how))
    return { passed: false, words: 'nothing says what the positive control was made with' };
  if (
    m.subject === 'membership' &&
    numberParameter(context, 'mi-control') >= 2 &&
    control.kind !== 'file' &&
    isOfScores(m)
  )
    return {
      passed: false,
      words:
        'the positive control is given by counts, and the profile asks for a file of scores that can be recomputed',
    };
  switch (control.kind) {
    case 'trials': {
      if (isOfScores(m))
        return { passed: false, words: 'the positive control counts trials, and the test is one of scores' };
      const lower = clopperPearsonLower(control.successes, control.n, SHARED);
      const needed = m.measure === 'advantage' ? threshold + (m.baseline?.upper ?? 1) : shareToShow(m, threshold);
      return {
        passed: lower > needed,
        words: `positive control: ${grouped(control.successes)} of ${grouped(control.n)} found (${control.how})${lower > needed ? '' : ', too few to show that the attack finds more than the limit'}`,
      };
    }
    case 'operating-point': {
      const tpr = clopperPearsonLower(control.truePositives, control.members, SHARED);
      const fpr = clopperPearsonUpper(control.falsePositives, control.nonMembers, SHARED);
      const passed = pointShows(m, threshold, tpr, fpr);
      return {
        passed,
        words: `positive control: ${grouped(control.truePositives)} of ${grouped(control.members)} members recognised with ${grouped(control.falsePositives)} of ${grouped(control.nonMembers)} wrongly accused (${control.how})${passed ? '' : ', too little to show that the attack finds more than the limit'}`,
      };
    }
    case 'file':
      return judgeFile(control, m, threshold, context);
  }
}

/** Whether a lower bound on the true-positive and an upper one on the false-positive rate prove more than the limit. */
function pointShows(m: Measurement, threshold: number, tpr: number, fpr: number): boolean {
  switch (m.measure) {
    case 'roc.tpr':
      return tpr * Math.min(1, (m.falsePositiveLimit ?? 1) / fpr) > threshold;
    // The curve leads at least over the point and the two corners.
    case 'roc.auc':
      return (1 + tpr - fpr) / 2 > threshold;
    case 'roc.advantage':
      return tpr - fpr > threshold;
    // Whether canaries can be told at all; the limits of these measures are in other units.
    default:
      return tpr - fpr > LEAST_SHARE;
  }
}

/** A control for measures in other units than shares finds at least this share of what it should. */
const LEAST_SHARE = 0.1;

function shareToShow(m: Measurement, threshold: number): number {
  return m.measure === 'exposure' || m.measure === 'privacy.epsilonLower' ? LEAST_SHARE : threshold;
}

function isOfScores(m: Measurement): boolean {
  return m.counts.of === 'records';
}

/** Scores of the same attack in a file of its own, which are measured like any and have to fail. */
function judgeFile(
  control: Extract<PositiveControl, { kind: 'file' }>,
  m: Measurement,
  threshold: number,
  context: EvaluationContext,
): Shown {
  const named = `the positive control ${control.file}`;
  const own = m.source.some(({ path }) => path === control.file);
  if (own) return { passed: false, words: `${named} is the file of the test itself` };
  const found = context.controls.filter((one) => one.source[0]?.path === control.file && one.group === undefined);
  if (found.length === 0) return { passed: false, words: `${named} is not among the accepted evidence` };
  const same = found.filter(
    (one) =>
      one.measure === m.measure &&
      one.falsePositiveLimit === m.falsePositiveLimit &&
      (one.technique === m.technique || one.technique === 'undeclared'),
  );
  const copy = same.some((one) => one.scores !== undefined && one.scores === m.scores);
  if (copy) return { passed: false, words: `${named} holds the scores of the test itself` };
  const best = same.map((one) => Math.max(one.lower ?? 0, one.turned?.lower ?? 0)).sort((a, b) => b - a)[0];
  if (best === undefined) return { passed: false, words: `${named} holds no result of the same kind and technique` };
  return best > threshold
    ? { passed: true, words: `${named} was recomputed: at least ${figure(m.measure, best)} (${control.how})` }
    : { passed: false, words: `${named} does not show that the attack finds more than the limit` };
}

/** A parameter of the profile that is a number; 0 when a profile made elsewhere lacks it. */
export function numberParameter(context: Pick<EvaluationContext, 'parameters'>, name: string): number {
  const value = context.parameters[name];
  return typeof value === 'number' ? value : 0;
}
