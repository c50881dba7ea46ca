import type { Profile } from '../catalog/schemas.ts';
import { days } from '../schema.ts';

/** A parameter that asks for less than the bundled profile of the declared tier. */
export interface Looser {
  parameter: string;
  value: number | string;
  bundled: number | string | null;
}

const TIERS = ['low', 'moderate', 'high'] as const;
const SEVERITY_ORDER: readonly (number | string)[] = ['low', 'medium', 'high', 'critical'];

/**
 * What a profile asks less of than the bundled one of the system's tier. Which way is looser is read off the bundled
 * profiles, from low to high; where they do not differ, any other value is named.
 */
export function looserThanTier(profile: Profile, tier: string, bundled: readonly Profile[]): Looser[] {
  const base = bundled.find(({ id }) => id === tier);
  if (!base) return [];
  const [low, , high] = TIERS.map((id) => bundled.find((one) => one.id === id)?.parameters ?? {});
  return Object.entries(base.parameters).flatMap(([parameter, asked]): Looser[] => {
    const value = profile.parameters[parameter];
    if (value === asked) return [];
    if (value === undefined) return [];
    const rising = sizeOf(low?.[parameter]) - sizeOf(high?.[parameter]);
    const difference = sizeOf(value) - sizeOf(asked);
    const looser = Number.isNaN(rising) || rising === 0 || difference * rising > 0;
    return looser ? [{ parameter, value, bundled: asked }] : [];
  });
}

function sizeOf(value: number | string | undefined): number {
  if (typeof value === 'number') return value;
  if (value === undefined) return Number.NaN;
  const severity = SEVERITY_ORDER.indexOf(value);
  return severity === -1 ? days(value) : severity;
}
