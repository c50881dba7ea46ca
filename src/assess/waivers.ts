import type { Observation } from '../evidence/observation.ts';
import type { WaiverBody } from '../evidence/observations/governance.ts';
import { addDays } from '../schema.ts';

/** A risk acceptance with what became of it. */
export interface JudgedWaiver extends Observation<WaiverBody> {
  inForce: boolean;
  /** The last day it holds: its own, or the profile's where that comes first. */
  ends: string;
  /** Whether it asks for longer than the profile lets it run. */
  capped: boolean;
}

/** @param mostDays how long the profile lets a risk acceptance run; undefined when it sets no limit */
export function judgeWaivers(
  waivers: readonly Observation<WaiverBody>[],
  asOf: string,
  mostDays: number | undefined,
): JudgedWaiver[] {
  return waivers.map((waiver) => {
    const own = waiver.expires.slice(0, 10);
    const cap = mostDays === undefined ? own : addDays(waiver.issued, mostDays);
    const ends = own < cap ? own : cap;
    // One that asks for longer than may be granted was granted by nobody.
    const capped = cap < own;
    return { ...waiver, ends, capped, inForce: !capped && waiver.issued.slice(0, 10) <= asOf && own >= asOf };
  });
}
