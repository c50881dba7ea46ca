import { z } from 'zod';
import type { Adapter } from '../../adapter.ts';
import { fitted, moment } from '../../fitting.ts';
import { bareIdentity, inventoryReading } from '../../inventories.ts';
import type { Located } from '../../observation.ts';
import type { IdentityBody, RoleBody } from '../../observations/access.ts';
import { eachLine } from '../../streaming.ts';

// https://developer.hashicorp.com/vault/api-docs/auth/token: `vault token lookup -format=json -accessor ..`, one answer or one
// a line. `id` is the token itself when it was looked up by itself; it is never taken.

const TOOL = { name: 'HashiCorp Vault' };
const lookup = z.looseObject({
  data: z.looseObject({
    accessor: z.string().max(200),
    creation_time: z.number(),
    expire_time: z.string().nullish(),
    creation_ttl: z.number().nullish(),
    explicit_max_ttl: z.number().nullish(),
    period: z.union([z.number(), z.string()]).nullish(),
    display_name: z.string().max(200).nullish(),
    policies: z.array(z.string().max(200)).nullish(),
    type: z.string().nullish(),
    entity_id: z.string().max(200).nullish(),
  }),
});

/** A token that lives for a day at most is issued for a task. Its `ttl` is only what remains of that. */
const SHORT = 86_400;

export const adapter: Adapter = {
  format: 'vault-tokens',
  title: 'HashiCorp Vault tokens (JSON of token lookup)',
  about: {
    group: 'access',
    files: 'HashiCorp Vault (`token lookup`)',
    recognisedBy: '`accessor`, `creation_ttl`',
    gives: 'tokens with age, expiry and policies; root by name',
    limits: 'what other policies allow is unknown; the token itself is never taken',
  },
  recognise: (head) =>
    /^\s*\{/.test(head.text) &&
    /"accessor"\s*:/.test(head.text) &&
    /"(?:creation_ttl|explicit_max_ttl|num_uses)"\s*:/.test(head.text)
      ? 0.9
      : 0,
  async read(file, context) {
    const found: Located<IdentityBody>[] = [];
    const roles = new Map<string, Located<RoleBody>>();
    const use = (value: unknown, at: string): void => {
      const { data } = fitted(lookup, value, file, 'a token of Vault', at.startsWith('/') ? at : '');
      const policies = data.policies ?? [];
      for (const policy of policies)
        if (!roles.has(policy))
          roles.set(policy, {
            kind: 'role',
            id: `vault-policy:${policy}`,
            name: `Vault policy ${policy}`,
            // What other policies say is not in a look-up.
            ...(policy === 'root' ? { admin: true, entitlements: [{ actions: ['*'], resources: ['*'] }] } : {}),
            at,
          });
      const ends = moment(data.expire_time ?? undefined);
      // Renewals move its end, so the longer of what it was made for and what it has got counts.
      const seconds = Math.max(
        data.creation_ttl ?? 0,
        ends ? Math.floor(Date.parse(ends) / 1000) - data.creation_time : 0,
      );
      found.push({
        ...bareIdentity(TOOL, `vault-accessor:${data.accessor}`, data.display_name || data.accessor, 'unknown', at),
        ...(policies.length > 0 ? { roles: policies.map((policy) => `vault-policy:${policy}`) } : { entitlements: [] }),
        credentials: [
          {
            id: data.accessor,
            type: `${data.type ?? 'service'} token`,
            active: true,
            statesUse: false,
            created: new Date(data.creation_time * 1000).toISOString(),
            // A periodic token is renewed for as long as somebody does.
            ...(ends && !data.period ? { expires: ends } : { expires: 'never' as const }),
            ...(ends && seconds > 0 && seconds <= SHORT && !data.period ? { ephemeral: true } : {}),
          },
        ],
        statesCredentials: true,
      });
    };
    const text = await file.head();
    if (/\n\s*\{/.test(text.text.trim()) && !/\n\s+"/.test(text.text)) await eachLine(file, use);
    else use(await file.json(), '');
    const notes = ['what policies other than root allow is not in a look-up, so rights are unknown'];
    return inventoryReading({ tool: TOOL, what: 'the look-up', notes }, [...found, ...roles.values()], context);
  },
};
