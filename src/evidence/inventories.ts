import type { Tool } from '../terms.ts';
import { type AdapterContext, newReading, type Reading } from './adapter.ts';
import { datedBy } from './fitting.ts';
import type { Located } from './observation.ts';
import type { IdentityBody, RoleBody } from './observations/access.ts';

/** The observations of a listing of identities: what it is, then who and what is in it. */
export function inventoryReading(
  listing: { tool: Tool; what: string; date?: string | undefined; notes?: Iterable<string> },
  found: readonly Located<IdentityBody | RoleBody>[],
  context: AdapterContext,
): Reading {
  const reading = newReading(listing.tool);
  const dated = datedBy(reading, context, listing.date, listing.what);
  const identities = found.filter(({ kind }) => kind === 'identity').length;
  if (identities > 0) reading.observations.push({ kind: 'inventory', identities, ...dated, at: '' });
  for (const one of found) reading.observations.push({ ...one, ...dated });
  reading.warnings.push(...(listing.notes ?? []));
  return reading;
}

/** An identity of which a listing says no more than its name. */
export function bareIdentity(
  tool: Tool,
  id: string,
  name: string,
  type: IdentityBody['type'],
  at: string,
): Located<IdentityBody> {
  return {
    kind: 'identity',
    id,
    name,
    type,
    statesOwners: false,
    active: true,
    statesActive: false,
    credentials: [],
    statesCredentials: false,
    tool,
    at,
  };
}
