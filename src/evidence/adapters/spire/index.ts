import { z } from 'zod';
import type { Adapter } from '../../adapter.ts';
import { fitted, moment } from '../../fitting.ts';
import { bareIdentity, inventoryReading } from '../../inventories.ts';
import type { Located } from '../../observation.ts';
import type { IdentityBody } from '../../observations/access.ts';
import { eachValue } from '../../streaming.ts';

// https://github.com/spiffe/spire: `spire-server entry show -output json`. An entry says which workloads get which identity;
// what it may do is decided where it is shown. Entries of one identity for several nodes are one identity.

const TOOL = { name: 'SPIRE' };
const spiffe = z.looseObject({ trust_domain: z.string().max(300), path: z.string().max(1000) });
const entry = z.looseObject({
  id: z.string().max(200).nullish(),
  spiffe_id: spiffe,
  admin: z.boolean().nullish(),
  downstream: z.boolean().nullish(),
  created_at: z.union([z.string(), z.number()]).nullish(),
});

export const adapter: Adapter = {
  format: 'spire-entries',
  title: 'SPIRE registration entries (JSON)',
  about: {
    group: 'access',
    files: 'SPIRE (`entry show -output json`)',
    recognisedBy: '`spiffe_id`',
    gives: 'workload identities',
    limits: 'what one may do is decided where it is shown',
  },
  recognise: (head) => (/"entries"\s*:\s*\[/.test(head.text) && /"spiffe_id"\s*:/.test(head.text) ? 0.95 : 0),
  async read(file, context) {
    const found = new Map<string, Located<IdentityBody>>();
    let entries = 0;
    await eachValue(file, ['$.entries.*'], (value, at) => {
      const one = fitted(entry, value, file, 'an entry of SPIRE', at);
      entries++;
      const id = `spiffe://${one.spiffe_id.trust_domain}${one.spiffe_id.path}`;
      const created = moment(
        typeof one.created_at === 'string' ? Number(one.created_at) * 1000 : (one.created_at ?? 0) * 1000,
      );
      const known = found.get(id) ?? {
        ...bareIdentity(TOOL, id, id, 'machine', at),
        statesType: true,
        authentication: { method: 'workload-identity' as const },
        credentials: [{ id, type: 'SVID', active: true, ephemeral: true, ...(created ? { created } : {}) }],
        statesCredentials: true,
      };
      // Whoever administers the server, or signs for others, can become anybody in its domain.
      if (one.admin || one.downstream) known.unevaluated = ['escalation'];
      found.set(id, known);
    });
    const notes = [`${entries} entries; what an identity may do is decided where it is shown, so rights are unknown`];
    return inventoryReading({ tool: TOOL, what: 'the list', notes }, [...found.values()], context);
  },
};
