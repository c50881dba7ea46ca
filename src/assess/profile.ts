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
export function looserThanTier(
  profile: Pick<Profile, 'parameters'>,
  tier: string,
  bundled: readonly Profile[],
): Looser[] {
  const base = bundled.find(({ id }) => id === tier);
  if (!base) return [];
  return Object.entries(base.parameters).flatMap(([parameter, asked]): Looser[] => {
    const value = profile.parameters[parameter];
    return value !== undefined && isLooser(parameter, value, asked, bundled)
      ? [{ parameter, value, bundled: asked }]
      : [];
  });
}

/**
 * Whether a parameter asks for less with one value than with another. Which way is looser is read off the bundled profiles,
 * from low to high; where they do not differ, any other value is.
 */
export function isLooser(
  parameter: string,
  value: number | string,
  than: number | string,
  bundled: readonly Profile[],
): boolean {
  if (value === than) return false;
  const [low, , high] = TIERS.map((id) => bundled.find((one) => one.id === id)?.parameters ?? {});
  const rising = sizeOf(low?.[parameter]) - sizeOf(high?.[parameter]);
  return Number.isNaN(rising) || rising === 0 || (sizeOf(value) - sizeOf(than)) * rising > 0;
}

function sizeOf(value: number | string | undefined): number {
  if (typeof value === 'number') return value;
  if (value === undefined) return Number.NaN;
  const severity = SEVERITY_ORDER.indexOf(value);
  return severity === -1 ? days(value) : severity;
}
