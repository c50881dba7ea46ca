import { runsOf, sampleSize } from '../measure/counts.ts';
import type { Measurement } from '../measure/measurement.ts';
import type { Shows } from '../terms.ts';
import type { Ground } from './ground.ts';
import { inOrder, type Judgement, type Need, type PowerBasis, type Reason } from './outcome.ts';
import { mostOf } from './power.ts';

/** The answers to the six questions of a test. */
export interface Warrant {
  target: { stated?: string; matched: boolean; model?: string };
  shows: Shows;
  power: { basis: PowerBasis; control?: string };
  counted: { decided: number; missing: number; runs: number; planned?: boolean };
  sample: { enough: boolean; needs?: Need[] };
  /** What of the test's own parameters was held against the profile, in words. */
  bar: string[];
  strength: 'strong' | 'weak';
  /** The questions that are not answered, in the order of REASONS. */
  open: Reason[];
}

/** Whether a pass on this ground is a strong one: strong by construction, or shown where it has to succeed. */
export function strengthOf(m: Measurement, ground: Ground | undefined, basis: PowerBasis): 'strong' | 'weak' {
  if (basis === 'control') return 'strong';
  if (ground?.technique?.strength !== 'strong') return 'weak';
  return m.subject === 'membership' || basis === 'planted' ? 'strong' : 'weak';
}

/** The warrant of a measurement: its ground, and what every criterion that considered it found. */
export function warrantOf(m: Measurement, ground: Ground, judgements: readonly Judgement[]): Warrant {
  const { counts } = m;
  const { stated, matched, model } = ground.target;
  const missing = counts.of === 'attempts' ? counts.missing : 0;
  const decided = counts.of === 'records' ? counts.members + counts.nonMembers : sampleSize(counts);
  const power = judgements.find(({ power: { basis } }) => basis !== 'none')?.power ??
    judgements[0]?.power ?? { basis: 'none' as const };
  const open = inOrder([...ground.open.map(({ reason }) => reason), ...judgements.flatMap((one) => one.open)]);
  const needs = mostOf(judgements.flatMap((one) => one.needs));
  return {
    target: { ...(stated === undefined ? {} : { stated }), matched, ...(model === undefined ? {} : { model }) },
    shows: m.shows,
    power,
    counted: {
      decided,
      missing,
      runs: runsOf(counts),
      ...(ground.planned === undefined ? {} : { planned: ground.planned }),
    },
    sample: {
      enough: judgements.length > 0 && !open.includes('insufficient-sample'),
      ...(needs.length > 0 ? { needs } : {}),
    },
    bar: [...new Set(judgements.flatMap((one) => one.bar))],
    strength: strengthOf(m, ground, power.basis),
    open,
  };
}
