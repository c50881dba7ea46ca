import { z } from 'zod';
import type { Adapter, AdapterContext, Reading } from '../../adapter.ts';
import type { EvidenceFile } from '../../file.ts';
import { fitted, moment } from '../../fitting.ts';
import { bareIdentity, inventoryReading } from '../../inventories.ts';
import type { Located } from '../../observation.ts';
import type { IdentityBody } from '../../observations/access.ts';
import { eachValue } from '../../streaming.ts';

// https://docs.github.com/rest: installations of apps (/orgs/ORG/installations), fine-grained tokens that may act on an
// organisation (/orgs/ORG/personal-access-tokens) and deploy keys (/repos/OWNER/REPO/keys). Permissions reach the
// repositories of an account; which ones, where only some were selected, is in another list.

const TOOL = { name: 'GitHub' };
const permissions = z.record(z.string().max(100), z.string().max(40));

const installation = z.looseObject({
  id: z.number(),
  app_slug: z.string().max(200),
  account: z.looseObject({ login: z.string().max(200) }).nullish(),
  permissions: permissions.nullish(),
  repository_selection: z.string().nullish(),
  suspended_at: z.string().nullish(),
});

/** Permissions as entitlements on the repositories of an account. */
function rightsOf(
  granted: Readonly<Record<string, string>>,
  account: string,
  selection: string | null | undefined,
): Pick<IdentityBody, 'entitlements' | 'unevaluated'> {
  const actions = Object.entries(granted).map(([name, level]) => `${name}:${level}`);
  return {
    entitlements: actions.length > 0 ? [{ actions, resources: [`github:${account}/*`] }] : [],
    // The star stands for the selected ones, and nobody says which these are.
    ...(selection === 'all' ? {} : { unevaluated: ['unlisted' as const] }),
  };
}

export const installationsAdapter: Adapter = {
  format: 'github-app-installations',
  title: 'GitHub: installations of apps (JSON)',
  about: {
    group: 'access',
    files: 'GitHub: installations of apps (REST API)',
    recognisedBy: '`app_slug`',
    gives: 'apps with their permissions',
    limits: 'which repositories were selected is in another list',
  },
  recognise: (head) => (/"installations"\s*:\s*\[/.test(head.text) && /"app_slug"\s*:/.test(head.text) ? 0.95 : 0),
  async read(file, context) {
    const found: Located<IdentityBody>[] = [];
    await eachValue(file, ['$.installations.*'], (value, at) => {
      const one = fitted(installation, value, file, 'an installation of a GitHub app', at);
      const account = one.account?.login ?? 'unnamed';
      found.push({
        ...bareIdentity(TOOL, `github-app:${one.app_slug}@${account}`, one.app_slug, 'machine', at),
        statesType: true,
        active: !one.suspended_at,
        statesActive: true,
        // An app signs with its key and gets a token for an hour.
        authentication: { method: 'signed-assertion' },
        ...rightsOf(one.permissions ?? {}, account, one.repository_selection),
        thirdParty: {
          vendor: one.app_slug,
          scopes: Object.entries(one.permissions ?? {}).map(([name, level]) => `${name}:${level}`),
          statesReviews: false,
        },
      });
    });
    return inventoryReading({ tool: TOOL, what: 'the list' }, found, context);
  },
};

const token = z.looseObject({
  id: z.number(),
  owner: z.looseObject({ login: z.string().max(200) }),
  repository_selection: z.string().nullish(),
  permissions: z.looseObject({ organization: permissions.nullish(), repository: permissions.nullish() }).nullish(),
  access_granted_at: z.string().nullish(),
  token_expired: z.boolean().nullish(),
  token_expires_at: z.string().nullish(),
  token_last_used_at: z.string().nullish(),
});

async function readTokens(file: EvidenceFile, context: AdapterContext): Promise<Reading> {
  const people = new Map<string, Located<IdentityBody>>();
  await eachValue(file, ['$.*'], (value, at) => {
    const one = fitted(token, value, file, 'a token of GitHub', at);
    const id = `github-user:${one.owner.login}`;
    const known = people.get(id) ?? {
      ...bareIdentity(TOOL, id, one.owner.login, 'human', at),
      statesCredentials: true,
      entitlements: [],
      unevaluated: ['unlisted'],
    };
    people.set(id, known);
    const [created, expires, lastUsed] = [one.access_granted_at, one.token_expires_at, one.token_last_used_at].map(
      moment,
    );
    known.credentials.push({
      id: `token ${one.id}`,
      type: 'fine-grained token',
      active: one.token_expired !== true,
      expires: expires ?? 'never',
      ...(created ? { created } : {}),
      ...(lastUsed ? { lastUsed } : {}),
    });
    const granted = { ...one.permissions?.organization, ...one.permissions?.repository };
    known.entitlements?.push(...(rightsOf(granted, 'organisation', one.repository_selection).entitlements ?? []));
  });
  return inventoryReading({ tool: TOOL, what: 'the list' }, [...people.values()], context);
}

export const tokensAdapter: Adapter = {
  format: 'github-fine-grained-tokens',
  title: 'GitHub: fine-grained tokens of an organisation (JSON)',
  about: {
    group: 'access',
    files: 'GitHub: fine-grained tokens of an organisation (REST API)',
    recognisedBy: '`token_expired`',
    gives: 'tokens with permissions, expiry and use',
    limits: 'which repositories were selected is in another list',
  },
  recognise: (head) => (/^\s*\[/.test(head.text) && /"token_expired"\s*:/.test(head.text) ? 0.95 : 0),
  read: readTokens,
};

const deployKey = z.looseObject({
  id: z.number(),
  title: z.string().max(300).nullish(),
  url: z.string().max(500).nullish(),
  read_only: z.boolean(),
  created_at: z.string().nullish(),
  last_used: z.string().nullish(),
  added_by: z.string().max(200).nullish(),
  enabled: z.boolean().nullish(),
});

export const deployKeysAdapter: Adapter = {
  format: 'github-deploy-keys',
  title: 'GitHub: deploy keys of a repository (JSON)',
  about: {
    group: 'access',
    files: 'GitHub: deploy keys of a repository (REST API)',
    recognisedBy: '`read_only` and `key`',
    gives: 'keys with age and use, and whether they may write',
    limits: 'deploy keys of other repositories are not in it',
  },
  recognise: (head) =>
    /^\s*\[/.test(head.text) && /"read_only"\s*:/.test(head.text) && /"key"\s*:\s*"(?:ssh|ecdsa|sk)-/.test(head.text)
      ? 0.95
      : 0,
  async read(file, context) {
    const found: Located<IdentityBody>[] = [];
    await eachValue(file, ['$.*'], (value, at) => {
      const one = fitted(deployKey, value, file, 'a deploy key', at);
      const repository = /\/repos\/([^/]+\/[^/]+)\/keys\//.exec(one.url ?? '')?.[1] ?? 'unnamed repository';
      const created = moment(one.created_at);
      const lastUsed = moment(one.last_used);
      found.push({
        ...bareIdentity(
          TOOL,
          `github-deploy-key:${one.id}`,
          `deploy key ${one.title ?? one.id} of ${repository}`,
          'machine',
          at,
        ),
        statesType: true,
        active: one.enabled !== false,
        statesActive: true,
        ...(one.added_by ? { owner: one.added_by } : {}),
        ...(created ? { created } : {}),
        ...(lastUsed ? { lastUsed } : {}),
        authentication: { method: 'signed-assertion' },
        entitlements: [
          { actions: [one.read_only ? 'contents:read' : 'contents:write'], resources: [`github:${repository}`] },
        ],
        credentials: [
          {
            id: String(one.id),
            type: 'deploy key',
            active: one.enabled !== false,
            expires: 'never',
            ...(created ? { created } : {}),
            ...(lastUsed ? { lastUsed } : {}),
          },
        ],
        statesCredentials: true,
      });
    });
    return inventoryReading({ tool: TOOL, what: 'the list' }, found, context);
  },
};
