import { z } from 'zod';
import type { Unevaluated } from '../../../terms.ts';
import { type Adapter, type AdapterContext, newReading, type Reading } from '../../adapter.ts';
import type { EvidenceFile } from '../../file.ts';
import { datedBy, fitted, moment } from '../../fitting.ts';
import type { Located } from '../../observation.ts';
import { type IdentityBody, isExact, type RoleBody } from '../../observations/access.ts';
import { eachValue } from '../../streaming.ts';
import {
  documentOf,
  fits,
  type Grants,
  grant,
  hostOf,
  noGrants,
  policyDocument,
  type Trust,
  trustOf,
} from './policy.ts';

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html. Users and roles are identities;
// groups and managed policies are what they are bound to. The file holds no passwords, keys, second factors or use of users
// (the credential report does), and no policies of resources, organisations or sessions.

const arn = z.string().min(1).max(2048);
const inline = z.array(z.looseObject({ PolicyName: z.string().max(200), PolicyDocument: z.unknown() })).default([]);
const attached = z.array(z.looseObject({ PolicyName: z.string().max(200), PolicyArn: arn })).default([]);
const tags = z.array(z.looseObject({ Key: z.string(), Value: z.string() })).default([]);
const boundary = z.looseObject({}).nullish();
const user = z.looseObject({
  UserName: z.string().max(200),
  Arn: arn,
  GroupList: z.array(z.string().max(200)).default([]),
  UserPolicyList: inline,
  AttachedManagedPolicies: attached,
  PermissionsBoundary: boundary,
  Tags: tags,
});
const group = z.looseObject({
  GroupName: z.string().max(200),
  Arn: arn,
  GroupPolicyList: inline,
  AttachedManagedPolicies: attached,
});
const role = z.looseObject({
  RoleName: z.string().max(200),
  Arn: arn,
  CreateDate: z.string().optional(),
  AssumeRolePolicyDocument: z.unknown(),
  RolePolicyList: inline,
  AttachedManagedPolicies: attached,
  PermissionsBoundary: boundary,
  RoleLastUsed: z.looseObject({ LastUsedDate: z.string().optional() }).optional(),
  Tags: tags,
});
const policy = z.looseObject({
  PolicyName: z.string().max(200),
  Arn: arn,
  PolicyVersionList: z
    .array(z.looseObject({ Document: z.unknown(), IsDefaultVersion: z.boolean().optional() }))
    .default([]),
});

/** Policies of AWS whose text everybody knows, where a listing leaves it out. */
const ADMINISTRATOR = /^arn:aws[a-z-]*:iam::aws:policy\/AdministratorAccess$/;
const TOOL = { name: 'AWS IAM authorization details' };

/** An identity or a role on its way: what it is given, and what it is bound to. */
interface Holder {
  body: Located<IdentityBody> | Located<RoleBody>;
  grants: Grants;
  bound: string[];
  bounded: boolean;
}

export const DETAIL_LISTS = ['UserDetailList', 'GroupDetailList', 'RoleDetailList', 'Policies'] as const;

/** The identities of one or more accounts, put together from what the API says of each. */
export class Account {
  #file: EvidenceFile;
  #holders = new Map<string, Holder>();
  #groups = new Map<string, string>();
  #trusts: { arn: string; trust: Trust }[] = [];
  #accounts = new Set<string>();
  readonly counted = { users: 0, groups: 0, roles: 0, policies: 0 };
  readonly notes = new Set<string>();

  constructor(file: EvidenceFile) {
    this.#file = file;
  }

  /** @param list the list of the API that it would stand in */
  take(list: (typeof DETAIL_LISTS)[number], value: unknown, at: string): void {
    if (list === 'UserDetailList') this.#user(value, at);
    else if (list === 'GroupDetailList') this.#group(value, at);
    else if (list === 'RoleDetailList') this.#role(value, at);
    else this.#policy(value, at);
  }

  #user(value: unknown, at: string): void {
    const found = fitted(user, value, this.#file, 'the authorization details of AWS', at);
    this.counted.users++;
    this.#hold(
      {
        ...identity(found.Arn, found.UserName, at),
        // Without the last use beside it, the day it was made would read as never used.
        type: 'unknown',
        statesCredentials: false,
        ...ownerOf(found.Tags),
      },
      found.UserPolicyList,
      [...found.GroupList.map(groupId), ...found.AttachedManagedPolicies.map(({ PolicyArn }) => PolicyArn)],
      Boolean(found.PermissionsBoundary),
      at,
    );
  }

  #group(value: unknown, at: string): void {
    const found = fitted(group, value, this.#file, 'the authorization details of AWS', at);
    this.counted.groups++;
    this.#groups.set(groupId(found.GroupName), found.Arn);
    this.#hold(
      { kind: 'role', id: found.Arn, name: found.GroupName, at },
      found.GroupPolicyList,
      found.AttachedManagedPolicies.map(({ PolicyArn }) => PolicyArn),
      false,
      at,
    );
  }

  #role(value: unknown, at: string): void {
    const found = fitted(role, value, this.#file, 'the authorization details of AWS', at);
    this.counted.roles++;
    const trust = trustOf(this.#document(found.AssumeRolePolicyDocument, `${at}/AssumeRolePolicyDocument`));
    this.#trusts.push({ arn: found.Arn, trust });
    const created = moment(found.CreateDate);
    const used = found.RoleLastUsed;
    const lastUsed = moment(used?.LastUsedDate);
    this.#hold(
      {
        ...identity(found.Arn, found.RoleName, at),
        ...naturalOf(trust),
        ...(used && created ? { created } : {}),
        ...(lastUsed ? { lastUsed } : {}),
        ...ownerOf(found.Tags),
      },
      found.RolePolicyList,
      found.AttachedManagedPolicies.map(({ PolicyArn }) => PolicyArn),
      Boolean(found.PermissionsBoundary),
      at,
    );
  }

  #policy(value: unknown, at: string): void {
    const found = fitted(policy, value, this.#file, 'the authorization details of AWS', at);
    this.counted.policies++;
    const grants = noGrants();
    const current = found.PolicyVersionList.findIndex(({ IsDefaultVersion }) => IsDefaultVersion === true);
    const chosen = current === -1 && found.PolicyVersionList.length === 1 ? 0 : current;
    const version = found.PolicyVersionList[chosen];
    if (version) grant(this.#document(version.Document, `${at}/PolicyVersionList/${chosen}/Document`), grants);
    else grants.unevaluated.add('unlisted');
    this.#holders.set(found.Arn, {
      body: { kind: 'role', id: found.Arn, name: found.PolicyName, at },
      grants,
      bound: [],
      bounded: false,
    });
  }

  #hold(body: Holder['body'], policies: z.infer<typeof inline>, bound: string[], bounded: boolean, at: string): void {
    const account = /^arn:[^:]*:iam::(\d+):/.exec(body.id)?.[1];
    if (account) this.#accounts.add(account);
    const grants = noGrants();
    policies.forEach(({ PolicyDocument: text, PolicyName: name }, index) => {
      grant(this.#document(text, `${at} policy ${index} (${name})`), grants);
    });
    this.#holders.set(body.id, { body, grants, bound, bounded });
  }

  #document(value: unknown, at: string) {
    return fitted(policyDocument, documentOf(value, this.#file.path), this.#file, 'a policy of AWS', at);
  }

  /** Everything put together: denials and boundaries, who may take on which role, and who stands outside. */
  observations(): Located<IdentityBody | RoleBody>[] {
    this.#addKnown();
    const edges = this.#edges();
    const made: Located<IdentityBody | RoleBody>[] = [];
    for (const [id, holder] of this.#holders) {
      const { body, grants } = holder;
      const over = this.#over(holder);
      const dropped = over.deniesAll || over.deniesBroadly || holder.bounded;
      const unevaluated: Unevaluated[] = over.deniesAll
        ? []
        : [
            ...grants.unevaluated,
            ...(over.deniesBroadly && !grants.unevaluated.has('denials') ? (['denials'] as const) : []),
            ...(holder.bounded ? (['boundary'] as const) : []),
            ...(edges.conditional.has(id) && !grants.unevaluated.has('conditions') ? (['conditions'] as const) : []),
            ...(body.kind === 'identity' ? (['policies-of-resources'] as const) : []),
          ];
      const roles = dropped ? [] : holder.bound.map((one) => this.#groups.get(one) ?? one);
      const assumes = over.deniesAll ? [] : [...(edges.direct.get(id) ?? [])];
      made.push({
        ...body,
        ...(grants.admin && !dropped ? { admin: true } : {}),
        entitlements: dropped ? [] : grants.entitlements,
        ...(unevaluated.length > 0 ? { unevaluated } : {}),
        ...(roles.length > 0 ? { roles } : {}),
        ...(assumes.length > 0 ? { assumes } : {}),
      });
    }
    made.push(...edges.made);
    return made;
  }

  /** What denies to a holder, by itself and by what it is bound to. */
  #over({ grants, bound }: Holder): { deniesAll: boolean; deniesBroadly: boolean } {
    const all = [grants, ...bound.flatMap((one) => this.#grantsOf(one))];
    return { deniesAll: all.some((one) => one.deniesAll), deniesBroadly: all.some((one) => one.deniesBroadly) };
  }

  #grantsOf(bound: string): Grants[] {
    const holder = this.#holders.get(this.#groups.get(bound) ?? bound);
    if (!holder) return [];
    return [holder.grants, ...holder.bound.flatMap((one) => this.#holders.get(one)?.grants ?? [])];
  }

  /** AdministratorAccess says what it is by its name, also where its text was left out of the listing. */
  #addKnown(): void {
    for (const { body, bound } of [...this.#holders.values()])
      for (const one of bound)
        if (ADMINISTRATOR.test(one) && !this.#holders.has(one))
          this.#holders.set(one, {
            body: { kind: 'role', id: one, name: 'AdministratorAccess', at: body.at },
            grants: { ...noGrants(), admin: true },
            bound: [],
            bounded: false,
          });
  }

  /** Who may take on which role, by trust alone or by trust and right together. */
  #edges() {
    const direct = new Map<string, Set<string>>();
    const conditional = new Set<string>();
    const outside = new Map<string, Located<IdentityBody>>();
    /** Roles that trust the whole account: whoever there has the right to take them on may. */
    const delegated: string[] = [];
    const link = (from: string, to: string): void => {
      const known = direct.get(from);
      if (known) known.add(to);
      else direct.set(from, new Set([to]));
    };
    for (const { arn: to, trust } of this.#trusts) {
      const at = this.#holders.get(to)?.body.at ?? '';
      if (trust.denies)
        this.notes.add(
          'trust policies that deny are not worked out, so who may take on a role is at most what is listed',
        );
      for (const { arn: named, conditional: under } of trust.principals) {
        const from = principal(named);
        const account = /^(?:arn:[^:]*:iam::)?(\d{12})(?::root)?$/.exec(from)?.[1];
        if (account !== undefined && this.#accounts.has(account)) {
          if (under)
            this.notes.add('roles that trust their own account under a condition are taken to be open to nobody by it');
          else delegated.push(to);
        } else if (this.#holders.has(from)) {
          if (under) conditional.add(from);
          else link(from, to);
        } else if (/^A(?:IDA|ROA)[A-Z0-9]+$/.test(from))
          this.notes.add('some roles trust identities that have since been deleted');
        else if (under)
          this.notes.add(`identities of other accounts may take on roles under conditions that are not worked out`);
        else {
          const id = from === '*' ? 'arn:aws:iam::*' : from;
          outside.set(id, {
            ...identity(id, from === '*' ? 'anybody with an AWS account' : `${from} (another account)`, at),
            type: 'unknown',
            entitlements: [],
            statesCredentials: false,
            unevaluated: ['policies-of-resources', 'unlisted'],
          });
          link(id, to);
        }
      }
    }
    const patterns = this.#patterns(delegated, link);
    for (const [id, one] of outside) {
      const assumes = direct.get(id);
      if (assumes) one.assumes = [...assumes];
      direct.delete(id);
    }
    return { direct, conditional, made: [...outside.values(), ...patterns] };
  }

  /** A node for each pattern of roles that somebody may take on, so that a thousand holders of it do not list a thousand roles each. */
  #patterns(delegated: readonly string[], link: (from: string, to: string) => void): Located<RoleBody>[] {
    const wanted = new Map<string, { holders: string[]; at: string }>();
    for (const [id, { grants, body }] of this.#holders)
      for (const pattern of grants.assumes) {
        const known = wanted.get(pattern);
        if (known) known.holders.push(id);
        else wanted.set(pattern, { holders: [id], at: body.at });
      }
    const open = new Set(delegated);
    const made: Located<RoleBody>[] = [];
    let work = 0;
    for (const [pattern, { holders, at }] of wanted) {
      if (!/[*?]/.test(pattern)) {
        if (open.has(pattern)) for (const holder of holders) link(holder, pattern);
        continue;
      }
      work += open.size;
      if (work > MOST_MATCHES) {
        this.notes.add(
          'there are too many patterns of roles to match them all: what the last of them reach is unknown',
        );
        for (const holder of holders) this.#holders.get(holder)?.grants.unevaluated.add('unlisted');
        continue;
      }
      const matched = [...open].filter((role) => fits(pattern, role));
      if (matched.length === 0) continue;
      const id = `sts:AssumeRole on ${pattern}`;
      made.push({ kind: 'role', id, name: `roles that ${pattern} names`, entitlements: [], assumes: matched, at });
      for (const holder of holders) link(holder, id);
    }
    return made;
  }
}

/** So many roles are held against patterns. */
const MOST_MATCHES = 4_000_000;

function identity(id: string, name: string, at: string): Located<IdentityBody> {
  return {
    kind: 'identity',
    id,
    name,
    type: 'unknown',
    statesOwners: false,
    active: true,
    statesActive: false,
    credentials: [],
    tool: TOOL,
    at,
  };
}

function groupId(name: string): string {
  return `group ${name}`;
}

/** A session stands for the role that it is one of. */
function principal(named: string): string {
  const session = /^arn:([^:]*):sts::(\d+):assumed-role\/([^/]+)\//.exec(named);
  return session ? `arn:${session[1]}:iam::${session[2]}:role/${session[3]}` : named;
}

function ownerOf(list: z.infer<typeof tags>): { owner?: string } {
  const owner = list.find(({ Key }) => /^(owner|owned[-_ ]?by|owner[-_ ]?email|team)$/i.test(Key))?.Value.trim();
  return owner ? { owner: owner.slice(0, 200) } : {};
}

/** Who takes on a role says what it is: services and foreign tokens are machines, sign-in by SAML is people. */
function naturalOf({ principals, services, federated }: Trust): Pick<IdentityBody, 'type'> & Partial<IdentityBody> {
  const saml = federated.filter(({ provider }) => provider.includes(':saml-provider/'));
  const tokens = federated.filter(({ provider }) => !provider.includes(':saml-provider/'));
  if (principals.length > 0) return { type: 'unknown' };
  if (saml.length > 0) return { type: saml.length === federated.length && services.length === 0 ? 'human' : 'unknown' };
  const [token] = tokens;
  if (token && services.length === 0 && tokens.every(({ provider }) => provider === token.provider)) {
    // Several statements each let somebody in: all of their conditions are shown, and one without any is none.
    const asked = tokens.map((one) => one.conditions.filter(({ claim }) => claim !== 'aud'));
    const conditions = asked.some((some) => some.length === 0)
      ? []
      : asked.flatMap((some, set) => some.map((one) => (set > 0 ? { ...one, set } : one)));
    const audiences = tokens.flatMap((one) => one.conditions).filter(({ claim }) => claim === 'aud');
    const audience = (audiences.find((one) => !isExact(one)) ?? audiences[0])?.value;
    const issuer = hostOf(token.provider);
    return {
      type: 'machine',
      authentication: {
        method: 'oidc',
        issuer: issuer.includes('://') ? issuer : `https://${issuer}`,
        ...(audience ? { audience } : {}),
        conditions,
      },
    };
  }
  return services.length > 0 && tokens.length === 0
    ? { type: 'machine', authentication: { method: 'workload-identity' } }
    : { type: tokens.length > 0 ? 'machine' : 'unknown' };
}

async function read(file: EvidenceFile, context: AdapterContext): Promise<Reading> {
  const account = new Account(file);
  await eachValue(
    file,
    DETAIL_LISTS.map((list) => `$.${list}.*`),
    (value, at) => {
      const list = DETAIL_LISTS.find((one) => at.startsWith(`/${one}/`));
      if (list) account.take(list, value, at);
    },
  );
  const reading = newReading(TOOL);
  const dated = datedBy(reading, context, undefined, 'the listing');
  const { users, groups, roles, policies } = account.counted;
  const found = account.observations();
  const identities = found.filter(({ kind }) => kind === 'identity').length;
  reading.observations.push({ kind: 'inventory', identities, ...dated, at: '' });
  for (const one of found) reading.observations.push({ ...one, ...dated });
  reading.warnings.push(
    `${users} users, ${roles} roles, ${groups} groups and ${policies} policies; ${identities - users - roles} identities stand outside the account`,
    'conditions, denials and boundaries are not worked out: a right that depends on one is unknown, and nothing passes by it; what policies of resources grant besides is not in this file',
    'keys, passwords, second factors and the last use of users are not in this file: the credential report has them',
    ...account.notes,
  );
  return reading;
}

export const adapter: Adapter = {
  format: 'aws-authorization-details',
  title: 'AWS account authorization details (JSON)',
  about: {
    group: 'access',
    files: 'AWS `get-account-authorization-details` (JSON)',
    recognisedBy: '`UserDetailList`, `RoleDetailList`, `GroupDetailList`',
    gives:
      'users and roles as identities; groups and managed policies as what they are bound to; wildcards; administrators; who may take on which role, by trust and by right; OIDC trust with issuer, audience and conditions; owners from tags',
    limits:
      'no keys, passwords, second factors or use of users (the credential report has them); conditions, boundaries and denials of everything but something are not worked out, and rights that depend on one are unknown (a denial of single things takes nothing from a pass, a single right under a condition leaves open how far it reaches); policies of resources, organisations and sessions are not in it, so how far an identity reaches is never shown whole',
  },
  recognise: (head) =>
    /^\s*\{/.test(head.text) && /"(UserDetailList|GroupDetailList|RoleDetailList)"\s*:\s*\[/.test(head.text) ? 0.95 : 0,
  read,
};
