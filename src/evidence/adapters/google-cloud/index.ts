import { z } from 'zod';
import type { Adapter, AdapterContext, Reading } from '../../adapter.ts';
import type { EvidenceFile } from '../../file.ts';
import { fitted, moment } from '../../fitting.ts';
import { bareIdentity, inventoryReading } from '../../inventories.ts';
import type { Located } from '../../observation.ts';
import type { IdentityBody, RoleBody } from '../../observations/access.ts';
import { eachValue } from '../../streaming.ts';

// https://cloud.google.com/iam/docs/reference/rest: what `gcloud .. --format=json` prints of policies (`projects
// get-iam-policy`, `asset search-all-iam-policies`), of service accounts and of their keys. Roles are named and not spelled
// out, so what a predefined or custom role allows is unknown; of the basic ones it is known by name.

const TOOL = { name: 'Google Cloud IAM' };
const binding = z.looseObject({
  role: z.string().max(300),
  members: z.array(z.string().max(1000)).nullish(),
  condition: z.looseObject({}).nullish(),
});
const policy = z.looseObject({ bindings: z.array(binding).nullish() });
const searched = z.looseObject({ resource: z.string().max(2000).optional(), policy });

/** Roles by which somebody can act as others, or give itself rights. */
const ESCALATING =
  /^roles\/(?:iam\.(?:serviceAccount(?:TokenCreator|User|Admin|KeyAdmin|OpenIdTokenCreator)|workloadIdentityUser|securityAdmin|roleAdmin|organizationRoleAdmin|admin)|resourcemanager\.(?:projectIamAdmin|folderIamAdmin|organizationAdmin)|deploymentmanager\.editor|cloudbuild\.builds\.editor|cloudfunctions\.(?:admin|developer)|run\.admin|compute\.(?:admin|instanceAdmin(?:\.v1)?))$/;

function roleBody(id: string, role: string, at: string): Located<RoleBody> {
  const body: Located<RoleBody> = { kind: 'role', id, name: id, at };
  if (role === 'roles/owner') return { ...body, admin: true, entitlements: [{ actions: ['*'], resources: ['*'] }] };
  if (role === 'roles/editor') return { ...body, entitlements: [{ actions: ['* except IAM'], resources: ['*'] }] };
  if (role === 'roles/viewer') return { ...body, entitlements: [{ actions: ['read'], resources: ['*'] }] };
  return ESCALATING.test(role) ? { ...body, unevaluated: ['escalation'] } : body;
}

/** Who a member of a policy is; undefined for what has been deleted. */
function memberOf(member: string, at: string): Located<IdentityBody> | undefined {
  if (member.startsWith('deleted:')) return undefined;
  const name = member.replace(/^[A-Za-z]+:(?=[^/])/, '');
  if (member.startsWith('serviceAccount:'))
    return { ...bareIdentity(TOOL, member, name, 'machine', at), statesType: true };
  if (member.startsWith('user:')) return { ...bareIdentity(TOOL, member, name, 'human', at), statesType: true };
  if (/^principal(?:Set)?:\/\//.test(member)) return bareIdentity(TOOL, member, member, 'machine', at);
  if (member === 'allUsers') return bareIdentity(TOOL, member, 'anybody at all', 'unknown', at);
  if (member === 'allAuthenticatedUsers')
    return bareIdentity(TOOL, member, 'anybody with a Google account', 'unknown', at);
  return bareIdentity(TOOL, member, member, 'unknown', at);
}

class Policies {
  #members = new Map<string, Located<IdentityBody>>();
  #roles = new Map<string, Located<RoleBody>>();
  deleted = 0;
  conditional = 0;

  add({ bindings }: z.infer<typeof policy>, resource: string | undefined, at: string): void {
    (bindings ?? []).forEach(({ role, members, condition }, index) => {
      const place = `${at}/bindings/${index}`;
      const id = resource === undefined ? role : `${role} on ${resource}`;
      const under = condition !== null && condition !== undefined;
      if (under) this.conditional++;
      if (!under && !this.#roles.has(id)) this.#roles.set(id, this.#rights(id, role, resource, place));
      for (const member of members ?? []) {
        const known = this.#members.get(member) ?? memberOf(member, place);
        if (known === undefined) {
          this.deleted++;
          continue;
        }
        this.#members.set(member, known);
        if (under) known.unevaluated = ['conditions', 'unlisted'];
        else if (known.roles) known.roles.push(id);
        else known.roles = [id];
      }
    });
  }

  /** A role on one resource gives its rights there. */
  #rights(id: string, role: string, resource: string | undefined, at: string): Located<RoleBody> {
    const body = roleBody(id, role, at);
    if (resource === undefined || /\/(?:projects|folders|organizations)\/[^/]+$/.test(resource) || !body.entitlements)
      return body;
    const { admin: _admin, ...rest } = body;
    return { ...rest, entitlements: body.entitlements.map(({ actions }) => ({ actions, resources: [resource] })) };
  }

  found(): Located<IdentityBody | RoleBody>[] {
    // A policy of one place says nothing of those above, beside and below it.
    for (const one of this.#members.values()) one.unevaluated ??= ['unlisted'];
    return [...this.#members.values(), ...this.#roles.values()];
  }

  get notes(): string[] {
    return [
      'roles are named and not spelled out: what one other than owner, editor and viewer allows is unknown, and nothing passes by it',
      'policies of folders, organisations and single resources add to those listed, and groups are not resolved',
      ...(this.conditional > 0 ? [`${this.conditional} bindings depend on conditions that are not worked out`] : []),
      ...(this.deleted > 0 ? [`${this.deleted} bindings are of identities that have since been deleted`] : []),
    ];
  }
}

export const policyAdapter: Adapter = {
  format: 'google-cloud-iam-policy',
  title: 'Google Cloud IAM policies (JSON)',
  about: {
    group: 'access',
    files: 'Google Cloud `projects get-iam-policy`, `asset search-all-iam-policies` (`--format=json`)',
    recognisedBy: '`bindings`',
    gives: 'members and their roles, owner, editor and viewer by what they allow',
    limits:
      'other roles are named and not spelled out, so what they allow is unknown; conditions and groups are not resolved; one policy says nothing of those above, beside and below it',
  },
  recognise: (head) =>
    /^\s*[[{]/.test(head.text) &&
    /"bindings"\s*:\s*\[/.test(head.text) &&
    /"members"\s*:\s*\[/.test(head.text) &&
    /"role"\s*:\s*"(?:roles|projects|organizations)\//.test(head.text)
      ? 0.9
      : 0,
  async read(file, context): Promise<Reading> {
    const policies = new Policies();
    const head = await file.head();
    if (/^\s*\[/.test(head.text))
      await eachValue(file, ['$.*'], (value, at) => {
        const { resource, policy: found } = fitted(searched, value, file, 'an IAM policy that a search found', at);
        policies.add(found, resource, `${at}/policy`);
      });
    else policies.add(fitted(policy, await file.json(), file, 'an IAM policy'), undefined, '');
    return inventoryReading({ tool: TOOL, what: 'the policy', notes: policies.notes }, policies.found(), context);
  },
};

const account = z.looseObject({
  email: z.string().max(300),
  displayName: z.string().max(200).nullish(),
  disabled: z.boolean().nullish(),
});

export const accountsAdapter: Adapter = {
  format: 'google-cloud-service-accounts',
  title: 'Google Cloud service accounts (JSON)',
  about: {
    group: 'access',
    files: 'Google Cloud `iam service-accounts list --format=json`',
    recognisedBy: '`/serviceAccounts/`',
    gives: 'service accounts, and whether they are switched off',
    limits: 'no rights, no keys',
  },
  recognise: (head) =>
    /^\s*\[/.test(head.text) &&
    /"name"\s*:\s*"projects\/[^"]*\/serviceAccounts\/[^"/]*"/.test(head.text) &&
    /"email"\s*:/.test(head.text)
      ? 0.9
      : 0,
  read: (file, context) =>
    each(file, context, account, 'a service account of Google Cloud', ({ email, disabled }, at) => ({
      ...bareIdentity(TOOL, `serviceAccount:${email}`, email, 'machine', at),
      statesType: true,
      statesActive: true,
      active: disabled !== true,
    })),
};

const key = z.looseObject({
  name: z.string().max(500),
  keyType: z.string().nullish(),
  validAfterTime: z.string().nullish(),
  validBeforeTime: z.string().nullish(),
  disabled: z.boolean().nullish(),
});

export const keysAdapter: Adapter = {
  format: 'google-cloud-service-account-keys',
  title: 'Google Cloud keys of service accounts (JSON)',
  about: {
    group: 'access',
    files: 'Google Cloud `iam service-accounts keys list --format=json`',
    recognisedBy: '`/keys/`',
    gives: 'keys of service accounts with their ages and ends',
    limits: 'no rights; when a key was last used is not in it',
  },
  recognise: (head) =>
    /^\s*\[/.test(head.text) && /"name"\s*:\s*"projects\/[^"]*\/serviceAccounts\/[^"]*\/keys\//.test(head.text)
      ? 0.95
      : 0,
  async read(file, context) {
    const accounts = new Map<string, Located<IdentityBody>>();
    await eachValue(file, ['$.*'], (value, at) => {
      const found = fitted(key, value, file, 'a key of a service account', at);
      const [, email = '', id = ''] = /serviceAccounts\/([^/]*)\/keys\/([^/]*)$/.exec(found.name) ?? [];
      const known = accounts.get(email) ?? {
        ...bareIdentity(TOOL, `serviceAccount:${email}`, email, 'machine', at),
        statesType: true,
        statesCredentials: true,
      };
      accounts.set(email, known);
      const created = moment(found.validAfterTime);
      const endless = /^9999/.test(found.validBeforeTime ?? '');
      const expires = endless ? 'never' : moment(found.validBeforeTime);
      known.credentials.push({
        id,
        type: found.keyType === 'SYSTEM_MANAGED' ? 'key kept by Google' : 'service account key',
        active: found.disabled !== true,
        statesUse: false,
        ...(found.keyType === 'SYSTEM_MANAGED' ? { ephemeral: true } : {}),
        ...(created ? { created } : {}),
        ...(expires ? { expires } : {}),
      });
    });
    return inventoryReading({ tool: TOOL, what: 'the list' }, [...accounts.values()], context);
  },
};

async function each<T>(
  file: EvidenceFile,
  context: AdapterContext,
  schema: z.ZodType<T>,
  what: string,
  make: (value: T, at: string) => Located<IdentityBody>,
): Promise<Reading> {
  const found: Located<IdentityBody>[] = [];
  await eachValue(file, ['$.*'], (value, at) => {
    found.push(make(fitted(schema, value, file, what, at), at));
  });
  return inventoryReading({ tool: TOOL, what: 'the list' }, found, context);
}
