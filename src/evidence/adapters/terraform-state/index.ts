import { z } from 'zod';
import { type Adapter, newReading } from '../../adapter.ts';
import type { EvidenceFile } from '../../file.ts';
import { fitted, moment } from '../../fitting.ts';
import { bareIdentity, inventoryReading } from '../../inventories.ts';
import type { Located } from '../../observation.ts';
import type { IdentityBody, RoleBody } from '../../observations/access.ts';
import { eachValue } from '../../streaming.ts';
import { Account } from '../aws-authorization-details/index.ts';

// https://developer.hashicorp.com/terraform/internals/json-format and the state's own version 4: resources with all their
// attributes, secrets among them in clear. Attributes are taken by name, one by one; of a secret it is only counted that it
// is there. A state knows what it manages itself, so everything it shows is at least so much.

const attributes = z.looseObject({});
const resource = z.looseObject({
  mode: z.string().nullish(),
  module: z.string().max(500).nullish(),
  type: z.string().max(200),
  name: z.string().max(300),
  instances: z
    .array(
      z.looseObject({
        attributes: attributes.nullish(),
        sensitive_attributes: z.array(z.unknown()).nullish(),
      }),
    )
    .default([]),
});
type Attributes = z.infer<typeof attributes>;

const TOOL = { name: 'Terraform state' };

function textOf(of: Attributes, name: string): string | undefined {
  const value: unknown = of[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function textsOf(of: Attributes, name: string): string[] {
  const value: unknown = of[name];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

/** What AWS policies and attachments hang on, by the name of the user, role or group. */
interface Hung {
  inline: { PolicyName: string; PolicyDocument: unknown }[];
  attached: { PolicyName: string; PolicyArn: string }[];
  groups: string[];
}

const KINDS = ['user', 'role', 'group'] as const;
type Kind = (typeof KINDS)[number];

class State {
  #account: Account;
  #holders: { kind: Kind; name: string; of: Attributes; at: string }[] = [];
  #policies: { of: Attributes; at: string }[] = [];
  #hung = new Map<string, Hung>();
  #others = new Map<string, Located<IdentityBody>>();
  #keys: { user: string; credential: IdentityBody['credentials'][number]; at: string }[] = [];
  secrets = 0;
  readonly ignored = new Map<string, number>();

  constructor(file: EvidenceFile) {
    this.#account = new Account(file);
  }

  take(type: string, of: Attributes, at: string): void {
    const aws = /^aws_iam_(user|role|group)(?:_(policy|policy_attachment|membership|group_membership))?$/.exec(type);
    if (aws) this.#aws(aws[1] as Kind, aws[2], of, at);
    else if (type === 'aws_iam_policy') this.#policies.push({ of, at });
    else if (type === 'aws_iam_access_key') this.#accessKey(of, at);
    else if (type === 'google_service_account') this.#google(of, at);
    else if (type === 'google_service_account_key') this.#googleKey(of, at);
    else if (type === 'azuread_application' || type === 'azuread_service_principal') this.#entra(of, at);
    else this.ignored.set(type, (this.ignored.get(type) ?? 0) + 1);
  }

  #hang(kind: Kind, name: string | undefined): Hung {
    const key = `${kind} ${name ?? ''}`;
    const known = this.#hung.get(key) ?? { inline: [], attached: [], groups: [] };
    this.#hung.set(key, known);
    return known;
  }

  #aws(kind: Kind, part: string | undefined, of: Attributes, at: string): void {
    const name = textOf(of, part === undefined ? 'name' : kind);
    if (part === undefined && name !== undefined) this.#holders.push({ kind, name, of, at });
    else if (part === 'policy' && name !== undefined)
      this.#hang(kind, name).inline.push({ PolicyName: textOf(of, 'name') ?? 'inline', PolicyDocument: of['policy'] });
    else if (part === 'policy_attachment' && name !== undefined) {
      const arn = textOf(of, 'policy_arn');
      if (arn) this.#hang(kind, name).attached.push({ PolicyName: arn.split('/').at(-1) ?? arn, PolicyArn: arn });
    } else if (part === 'group_membership')
      this.#hang('user', textOf(of, 'user')).groups.push(...textsOf(of, 'groups'));
    else if (part === 'membership')
      for (const user of textsOf(of, 'users')) this.#hang('user', user).groups.push(textOf(of, 'group') ?? '');
  }

  #accessKey(of: Attributes, at: string): void {
    const user = textOf(of, 'user');
    const id = textOf(of, 'id');
    if (user === undefined || id === undefined) return;
    const created = moment(textOf(of, 'create_date'));
    this.#keys.push({
      user,
      at,
      credential: {
        // The id itself is half of the key; its end tells two apart.
        id: `${user}/access-key-${id.slice(-4)}`,
        type: 'access key',
        active: textOf(of, 'status') !== 'Inactive',
        statesUse: false,
        expires: 'never',
        ...(created ? { created } : {}),
      },
    });
  }

  #google(of: Attributes, at: string): void {
    const email = textOf(of, 'email');
    if (email === undefined) return;
    const id = `serviceAccount:${email}`;
    this.#others.set(id, {
      ...bareIdentity(TOOL, id, email, 'machine', at),
      statesType: true,
      active: of['disabled'] !== true,
      unevaluated: ['unlisted'],
      credentials: this.#others.get(id)?.credentials ?? [],
    });
  }

  #googleKey(of: Attributes, at: string): void {
    const [, email, key] =
      /serviceAccounts\/([^/]*)(?:\/keys\/([^/]*))?$/.exec(
        textOf(of, 'name') ?? textOf(of, 'service_account_id') ?? '',
      ) ?? [];
    if (email === undefined) return;
    const id = `serviceAccount:${email}`;
    const known = this.#others.get(id) ?? {
      ...bareIdentity(TOOL, id, email, 'machine', at),
      statesType: true,
      unevaluated: ['unlisted'],
    };
    this.#others.set(id, known);
    const created = moment(textOf(of, 'valid_after'));
    const expires = /^9999/.test(textOf(of, 'valid_before') ?? '') ? 'never' : moment(textOf(of, 'valid_before'));
    known.credentials.push({
      id: key ?? 'key',
      type: 'service account key',
      active: true,
      statesUse: false,
      ...(created ? { created } : {}),
      ...(expires ? { expires } : {}),
    });
  }

  #entra(of: Attributes, at: string): void {
    const id = textOf(of, 'client_id') ?? textOf(of, 'application_id');
    if (id === undefined || this.#others.has(id)) return;
    this.#others.set(id, {
      ...bareIdentity(TOOL, id, textOf(of, 'display_name') ?? id, 'machine', at),
      statesType: true,
      unevaluated: ['unlisted'],
    });
  }

  found(): Located<IdentityBody | RoleBody>[] {
    for (const { of, at } of this.#policies) {
      const arn = textOf(of, 'arn');
      if (arn)
        this.#account.take(
          'Policies',
          {
            PolicyName: textOf(of, 'name') ?? arn,
            Arn: arn,
            PolicyVersionList: [{ Document: of['policy'], IsDefaultVersion: true }],
          },
          at,
        );
    }
    for (const { kind, name, of, at } of this.#holders) {
      const arn = textOf(of, 'arn');
      if (arn === undefined) continue;
      const { inline, attached, groups } = this.#hang(kind, name);
      const more = textsOf(of, 'managed_policy_arns').map((one) => ({
        PolicyName: one.split('/').at(-1) ?? one,
        PolicyArn: one,
      }));
      const known = new Set(attached.map(({ PolicyArn }) => PolicyArn));
      const managed = [...attached, ...more.filter(({ PolicyArn }) => !known.has(PolicyArn))];
      const bounded = textOf(of, 'permissions_boundary') === undefined ? {} : { PermissionsBoundary: {} };
      if (kind === 'role')
        this.#account.take(
          'RoleDetailList',
          {
            RoleName: name,
            Arn: arn,
            AssumeRolePolicyDocument: of['assume_role_policy'],
            RolePolicyList: inline,
            AttachedManagedPolicies: managed,
            ...bounded,
          },
          at,
        );
      else if (kind === 'user')
        this.#account.take(
          'UserDetailList',
          {
            UserName: name,
            Arn: arn,
            GroupList: groups,
            UserPolicyList: inline,
            AttachedManagedPolicies: managed,
            ...bounded,
          },
          at,
        );
      else
        this.#account.take(
          'GroupDetailList',
          { GroupName: name, Arn: arn, GroupPolicyList: inline, AttachedManagedPolicies: managed },
          at,
        );
    }
    const aws = this.#account.observations();
    const users = new Map(aws.flatMap((one) => (one.kind === 'identity' ? [[one.name, one] as const] : [])));
    for (const { user, credential } of this.#keys) users.get(user)?.credentials.push(credential);
    return [...aws, ...this.#others.values()].map((one) =>
      one.kind === 'identity'
        ? { ...one, tool: TOOL, unevaluated: [...new Set([...(one.unevaluated ?? []), 'unlisted' as const])] }
        : one,
    );
  }
}

/** Attributes whose value is a secret, by their names alone. */
const SECRET_NAME = /(?:secret|password|private_key|token|_pem|access_key|connection_string|ses_smtp_password)/i;
const NO_SECRET =
  /(?:_id|_arn|_name|_version|_length|_policy|_ttl|_status|_date|_enabled|_type|_url|_hash|_last)$|^encrypted_/i;

function secretsIn(of: Attributes): number {
  return Object.entries(of).filter(
    ([name, value]) =>
      typeof value === 'string' && value.length >= 8 && SECRET_NAME.test(name) && !NO_SECRET.test(name),
  ).length;
}

export const adapter: Adapter = {
  format: 'terraform-state',
  title: 'Terraform or OpenTofu state (version 4), of which no values are taken',
  about: {
    group: 'access',
    files: 'Terraform or OpenTofu state (version 4)',
    recognisedBy: '`terraform_version`, `lineage`',
    gives:
      'AWS users, roles, groups, policies and keys put together; Google service accounts and keys; Entra applications',
    limits:
      'no value of any attribute is carried beyond names, ARNs, policies and dates; it knows what it manages itself, so nothing passes by it; hand in a listing instead, for a state holds secrets in clear',
  },
  recognise: (head) =>
    /^\s*\{/.test(head.text) && /"terraform_version"\s*:/.test(head.text) && /"(?:lineage|serial)"\s*:/.test(head.text)
      ? 0.95
      : 0,
  async read(file, context) {
    const state = new State(file);
    let resources = 0;
    await eachValue(file, ['$.resources.*'], (value, at) => {
      const { mode, type, instances } = fitted(resource, value, file, 'a Terraform state', at);
      resources++;
      instances.forEach(({ attributes: of }, index) => {
        if (!of) return;
        state.secrets += secretsIn(of);
        if (mode !== 'data') state.take(type, of, `${at}/instances/${index}`);
      });
    });
    if (resources === 0) {
      const reading = newReading(TOOL);
      reading.warnings.push('the state holds no resources');
      return reading;
    }
    const found = state.found();
    const notes = [
      `${resources} resources; it shows what this state manages, so rights and keys from elsewhere are unknown and nothing passes by it: hand in a listing of the cloud as well`,
      ...(state.secrets > 0
        ? [
            `the state holds ${state.secrets} secrets in clear; none is taken, but whoever reads the file has them: keep states encrypted, and hand in a listing instead`,
          ]
        : []),
      ...(state.ignored.size > 0 ? [`resources of ${state.ignored.size} other types are not read`] : []),
    ];
    return inventoryReading({ tool: TOOL, what: 'the state', notes }, found, context);
  },
};
