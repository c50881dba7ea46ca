import { z } from 'zod';
import type { Adapter } from '../../adapter.ts';
import { fitted, moment } from '../../fitting.ts';
import { bareIdentity, inventoryReading } from '../../inventories.ts';
import type { Located } from '../../observation.ts';
import type { IdentityBody } from '../../observations/access.ts';
import { eachValue } from '../../streaming.ts';

// https://developer.okta.com/docs/api: API tokens (/api/v1/api-tokens) and applications (/api/v1/apps). A token acts as the
// person who made it; which roles that person has is in another list. `client_secret` is never taken.

const TOOL = { name: 'Okta' };
const token = z.looseObject({
  id: z.string().max(200),
  name: z.string().max(200),
  userId: z.string().max(200).nullish(),
  created: z.string().nullish(),
  expiresAt: z.string().nullish(),
  lastUpdated: z.string().nullish(),
});

export const tokensAdapter: Adapter = {
  format: 'okta-api-tokens',
  title: 'Okta API tokens (JSON)',
  about: {
    group: 'access',
    files: 'Okta API tokens',
    recognisedBy: '`tokenWindow`',
    gives: 'tokens with age and use',
    limits: 'what a token may do is decided by its user, in another list',
  },
  recognise: (head) => (/^\s*\[/.test(head.text) && /"tokenWindow"\s*:/.test(head.text) ? 0.95 : 0),
  async read(file, context) {
    const found: Located<IdentityBody>[] = [];
    await eachValue(file, ['$.*'], (value, at) => {
      const one = fitted(token, value, file, 'an API token of Okta', at);
      const created = moment(one.created);
      const expires = moment(one.expiresAt);
      found.push({
        ...bareIdentity(TOOL, `okta-token:${one.id}`, one.name, 'machine', at),
        authentication: { method: 'api-key' },
        ...(one.userId ? { owner: `Okta user ${one.userId}` } : {}),
        credentials: [
          {
            id: one.id,
            type: 'API token',
            active: true,
            statesUse: false,
            // It lives on for as long as it is used within its window.
            ...(expires ? { expires } : {}),
            ...(created ? { created } : {}),
          },
        ],
        statesCredentials: true,
      });
    });
    const notes = ['a token has the rights of whoever made it, which are in other lists; its use is not in this one'];
    return inventoryReading({ tool: TOOL, what: 'the list', notes }, found, context);
  },
};

const app = z.looseObject({
  id: z.string().max(200),
  name: z.string().max(200).nullish(),
  label: z.string().max(200),
  status: z.string(),
  created: z.string().nullish(),
  credentials: z
    .looseObject({
      oauthClient: z
        .looseObject({ client_id: z.string().max(200).nullish(), token_endpoint_auth_method: z.string().nullish() })
        .nullish(),
    })
    .nullish(),
  settings: z
    .looseObject({ oauthClient: z.looseObject({ application_type: z.string().nullish() }).nullish() })
    .nullish(),
});

export const appsAdapter: Adapter = {
  format: 'okta-applications',
  title: 'Okta applications (JSON)',
  about: {
    group: 'access',
    files: 'Okta applications',
    recognisedBy: '`signOnMode`',
    gives: 'applications with their way to authenticate',
    limits: 'rights, scopes and the age of secrets are in other lists',
  },
  recognise: (head) =>
    /^\s*\[/.test(head.text) && /"signOnMode"\s*:/.test(head.text) && /"label"\s*:/.test(head.text) ? 0.95 : 0,
  async read(file, context) {
    const found: Located<IdentityBody>[] = [];
    await eachValue(file, ['$.*'], (value, at) => {
      const one = fitted(app, value, file, 'an application of Okta', at);
      const client = one.credentials?.oauthClient;
      const method = client?.token_endpoint_auth_method;
      const isService = one.settings?.oauthClient?.application_type === 'service';
      // Catalogue applications carry the name of their vendor's product; custom ones that of the protocol.
      const bought =
        one.name && !/^(?:oidc_client|saml_2_0|template_|bookmark|okta_)/.test(one.name) ? one.name : undefined;
      found.push({
        ...bareIdentity(TOOL, client?.client_id ?? `okta-app:${one.id}`, one.label, 'machine', at),
        statesType: isService,
        active: one.status === 'ACTIVE',
        statesActive: true,
        ...(method === 'private_key_jwt'
          ? { authentication: { method: 'signed-assertion' as const } }
          : method?.startsWith('client_secret')
            ? { authentication: { method: 'shared-secret' as const } }
            : {}),
        ...(bought ? { thirdParty: { vendor: bought, statesReviews: false } } : {}),
      });
    });
    const notes = [
      'scopes and secrets of applications are in other lists, so their rights and the age of their secrets are unknown',
    ];
    return inventoryReading({ tool: TOOL, what: 'the list', notes }, found, context);
  },
};
