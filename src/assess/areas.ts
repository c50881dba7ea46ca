import { type Control, SUPPORTING_FAMILIES } from '../catalog/schemas.ts';
import type { Area } from '../terms.ts';
import { CHECKS } from './checks/index.ts';

/**
 * What a control is about. Leakage comes first: a control that compares a measured bound is about leakage, whatever it asks
 * besides; one whose checks all judge tests is about what the tests are worth.
 */
export function areaOf(control: Pick<Control, 'family' | 'attackClasses'>): Area {
  if (control.family === 'governance') return 'paperwork';
  if (SUPPORTING_FAMILIES.includes(control.family)) return 'safeguards';
  const about = Object.values(control.attackClasses).flatMap(({ criteria }) =>
    criteria.map((one) => ('check' in one ? aboutOf(one.check) : 'leakage')),
  );
  if (about.includes('leakage')) return 'leakage';
  return about.every((one) => one === 'tests') ? 'tests' : 'safeguards';
}

function aboutOf(check: string): Area {
  return CHECKS.find(({ name }) => name === check)?.about ?? 'safeguards';
}
