import { z } from 'zod';
import { parseJson } from '../../../files/json.ts';
import { yamlDocuments } from '../../../files/yaml.ts';
import type { Unevaluated } from '../../../terms.ts';
import { type Adapter, newReading, type Reading } from '../../adapter.ts';
import type { EvidenceFile } from '../../file.ts';
import { datedBy, fitted, moment } from '../../fitting.ts';
import type { Located } from '../../observation.ts';
import type { Credential, Entitlement, IdentityBody, RoleBody } from '../../observations/access.ts';
import { eachValue, entryCounter, holdHeapSmall } from '../../streaming.ts';
import { isDefault } from './defaults.ts';
import { EVERYBODY, escalates, looksAround, type Rules } from './rights.ts';

// https://kubernetes.io/docs/reference/access-authn-authz/rbac/: what `kubectl get .. -o json` or `-o yaml` prints, or
// manifests. A binding gives rights in its namespace, a cluster binding everywhere; rights add up and nothing denies. The
// data of a Secret is never looked at.

const name = z.string().min(1).max(300);
const metadata = z.looseObject({
  name,
  namespace: z.string().max(300).nullish(),
  creationTimestamp: z.string().nullish(),
  annotations: z.record(z.string(), z.unknown()).nullish(),
  labels: z.record(z.string(), z.unknown()).nullish(),
});
const named = z.looseObject({ kind: z.string().max(100), metadata });
const rule = z.looseObject({
  apiGroups: z.array(z.string()).nullish(),
  resources: z.array(z.string()).nullish(),
  resourceNames: z.array(z.string()).nullish(),
  nonResourceURLs: z.array(z.string()).nullish(),
  verbs: z.array(z.string()),
});
const role = named.extend({ rules: z.array(rule).nullish(), aggregationRule: z.unknown().optional() });
const binding = named.extend({
  roleRef: z.looseObject({ kind: z.string(), name }),
  subjects: z.array(z.looseObject({ kind: z.string(), name, namespace: z.string().nullish() })).nullish(),
});
const secret = named.extend({ type: z.string().nullish() });
const podSpec = z.looseObject({ serviceAccountName: z.string().nullish(), serviceAccount: z.string().nullish() });
const workload = named.extend({
  spec: z.looseObject({
    serviceAccountName: z.string().nullish(),
    template: z.looseObject({ spec: podSpec }).nullish(),
    jobTemplate: z.looseObject({ spec: z.looseObject({ template: z.looseObject({ spec: podSpec }) }) }).nullish(),
  }),
});

const TOOL = { name: 'Kubernetes' };
const WORKLOADS = new Set(['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob']);
const LONG_LIVED = 'kubernetes.io/service-account-token';

type Role = z.infer<typeof role> & { at: string };

/** The rights of a role where a binding gives them: `kubernetes/<namespace or *>/<group>/<resource>[/<name>]`. */
function entitlementsOf({ rules }: Role, namespace: string | undefined): Entitlement[] {
  return (rules ?? []).flatMap(({ apiGroups, resources, resourceNames, nonResourceURLs, verbs }): Entitlement[] => {
    if (verbs.length === 0) return [];
    const groups = apiGroups ?? [];
    const kinds = resources ?? [];
    const only = resourceNames ?? [];
    const scope = namespace ?? '*';
    const whole = groups.includes('*') && kinds.includes('*') && only.length === 0;
    const named = whole
      ? [namespace === undefined ? '*' : `kubernetes/${namespace}/*`]
      : groups.flatMap((group) =>
          kinds.flatMap((kind) =>
            (only.length > 0 ? only : ['']).map((one) =>
              one === ''
                ? `kubernetes/${scope}/${group || 'core'}/${kind}`
                : `kubernetes/${scope}/${group || 'core'}/${kind}/${one}`,
            ),
          ),
        );
    const urls = (nonResourceURLs ?? []).map((one) => `kubernetes/urls${one.startsWith('/') ? one : `/${one}`}`);
    const all = [...new Set([...named, ...urls])];
    return all.length > 0 ? [{ actions: verbs, resources: all }] : [];
  });
}

class Cluster {
  #file: EvidenceFile;
  #roles = new Map<string, Role>();
  #bindings: { found: z.infer<typeof binding>; at: string }[] = [];
  #identities = new Map<string, Located<IdentityBody>>();
  #made = new Map<string, Located<RoleBody>>();
  #tokens: { account: string; credential: Credential }[] = [];
  #workloads: { account: string; workload: string }[] = [];
  #other = new Map<string, number>();
  #namespaces = new Set<string>();
  readonly counted = new Map<string, number>();
  /** Whether Secrets were listed, without which nobody knows of lasting tokens. */
  secretsListed = false;
  /** Subjects of bindings that the cluster makes for itself. */
  own = 0;

  constructor(file: EvidenceFile) {
    this.#file = file;
  }

  take(value: unknown, at: string): void {
    const what = 'an object of Kubernetes';
    const { kind, metadata: of } = fitted(named, value, this.#file, what, at);
    const namespace = of.namespace ?? 'default';
    this.counted.set(kind, (this.counted.get(kind) ?? 0) + 1);
    if (kind === 'RoleBinding') this.#namespaces.add(namespace);
    if (kind === 'ServiceAccount') this.#account(namespace, of, at);
    else if (kind === 'Role' || kind === 'ClusterRole')
      this.#roles.set(roleId(kind, of.name, namespace), { ...fitted(role, value, this.#file, what, at), at });
    else if (kind === 'RoleBinding' || kind === 'ClusterRoleBinding')
      this.#bindings.push({ found: fitted(binding, value, this.#file, what, at), at });
    else if (kind === 'Secret') this.#secret(fitted(secret, value, this.#file, what, at));
    else if (WORKLOADS.has(kind)) this.#workload(fitted(workload, value, this.#file, what, at));
    else this.#other.set(kind, (this.#other.get(kind) ?? 0) + 1);
  }

  #account(namespace: string, of: z.infer<typeof metadata>, at: string): void {
    const id = accountId(namespace, of.name);
    const annotation = (key: string): string | undefined => {
      const value = of.annotations?.[key] ?? of.labels?.[key];
      return typeof value === 'string' && value !== '' ? value.slice(0, 2048) : undefined;
    };
    const owner = annotation('owner') ?? annotation('app.kubernetes.io/owner');
    const google = annotation('iam.gke.io/gcp-service-account');
    const assumes = [
      annotation('eks.amazonaws.com/role-arn'),
      google && `serviceAccount:${google}`,
      annotation('azure.workload.identity/client-id'),
    ].filter((one): one is string => typeof one === 'string');
    this.#identities.set(id, {
      ...this.#identities.get(id),
      ...identity(id, `${namespace}/${of.name}`, 'machine', at),
      ...(owner ? { owner } : {}),
      ...(assumes.length > 0 ? { assumes } : {}),
    });
  }

  #secret({ type, metadata: of }: z.infer<typeof secret>): void {
    this.secretsListed = true;
    const account = of.annotations?.['kubernetes.io/service-account.name'];
    if (type !== LONG_LIVED || typeof account !== 'string') return;
    const created = moment(of.creationTimestamp);
    this.#tokens.push({
      account: accountId(of.namespace ?? 'default', account),
      credential: {
        id: `${of.namespace ?? 'default'}/${of.name}`,
        type: 'service account token',
        active: true,
        statesUse: false,
        expires: 'never',
        ...(created ? { created } : {}),
      },
    });
  }

  #workload({ kind, metadata: of, spec }: z.infer<typeof workload>): void {
    const pod = spec.template?.spec ?? spec.jobTemplate?.spec.template.spec ?? spec;
    const account = accountId(of.namespace ?? 'default', pod.serviceAccountName || 'default');
    this.#workloads.push({ account, workload: `${kind} ${of.namespace ?? 'default'}/${of.name}` });
  }

  observations(): Located<IdentityBody | RoleBody>[] {
    const groups = new Map<string, string[]>();
    const own = new Set<string>();
    for (const { found, at } of this.#bindings) {
      const within = found.kind === 'RoleBinding' ? (found.metadata.namespace ?? 'default') : undefined;
      const bound = this.#bound(found.roleRef, within, at);
      for (const subject of found.subjects ?? []) {
        if (
          isOwn(found, subject, this.#roles.get(roleId(found.roleRef.kind, found.roleRef.name, within ?? ''))?.rules)
        ) {
          this.own++;
          if (subject.kind === 'ServiceAccount') own.add(accountId(subject.namespace ?? '', subject.name));
          continue;
        }
        const id =
          subject.kind === 'ServiceAccount'
            ? accountId(subject.namespace ?? within ?? 'default', subject.name)
            : subject.kind === 'User'
              ? (accountOf(subject.name) ?? `User ${subject.name}`)
              : `Group ${subject.name}`;
        if (subject.kind === 'Group' && ACCOUNT_GROUP.test(subject.name)) {
          const given = groups.get(subject.name);
          if (given) given.push(bound);
          else groups.set(subject.name, [bound]);
        }
        const shown =
          subject.kind === 'ServiceAccount' ? `${subject.namespace ?? within ?? 'default'}/${subject.name}` : id;
        const known =
          this.#identities.get(id) ??
          identity(id, shown, id.startsWith('system:serviceaccount:') ? 'machine' : 'unknown', at);
        this.#identities.set(id, known);
        rolesOf(known).push(bound);
      }
    }
    for (const id of own) if (this.#identities.get(id)?.roles === undefined) this.#identities.delete(id);
    for (const [group, given] of groups)
      this.#made.set(membersOf(group), {
        kind: 'role',
        id: membersOf(group),
        name: membersOf(group),
        entitlements: [],
        roles: given,
        at: '',
      });
    for (const [id, one] of this.#identities) {
      const namespace = /^system:serviceaccount:([^:]+):/.exec(id)?.[1];
      if (namespace === undefined) continue;
      for (const group of ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${namespace}`])
        if (groups.has(group)) rolesOf(one).push(membersOf(group));
    }
    for (const { account, credential } of this.#tokens) {
      const known = this.#identities.get(account);
      if (known) known.credentials.push(credential);
      else
        this.#identities.set(account, {
          ...identity(account, account.split(':').slice(2).join('/'), 'machine', ''),
          credentials: [credential],
        });
    }
    for (const { account, workload: user } of this.#workloads) {
      const known = this.#identities.get(account);
      if (known) {
        const users = known.usedBy?.workloads ?? [];
        users.push(user);
        known.usedBy = { workloads: users };
      }
    }
    // Roles that nothing here binds may be bound by another file.
    for (const [id, { metadata: of, kind, at }] of this.#roles)
      if (!this.#made.has(id))
        this.#bound({ kind, name: of.name }, kind === 'Role' ? (of.namespace ?? 'default') : undefined, at);
    for (const one of this.#identities.values()) {
      if (this.isWhole) one.entitlements = [];
      else one.unevaluated = ['unlisted'];
      if (!this.secretsListed) one.statesCredentials = false;
    }
    return [...this.#identities.values(), ...this.#made.values()];
  }

  /** Whether all bindings of a cluster are listed: every cluster has some for all of it, and some for its own namespace. */
  get isWhole(): boolean {
    return this.counted.has('ClusterRoleBinding') && this.#namespaces.has('kube-system');
  }

  /** The rights of a role where a binding gives them, as a role of ours; made once. */
  #bound({ kind, name: of }: { kind: string; name: string }, namespace: string | undefined, at: string): string {
    const found = this.#roles.get(roleId(kind, of, namespace ?? ''));
    const id = `${kind} ${kind === 'Role' ? `${namespace ?? ''}/` : ''}${of}${kind === 'ClusterRole' && namespace !== undefined ? ` in ${namespace}` : ''}`;
    if (this.#made.has(id)) return id;
    // What it may do is known by its name alone, where the listing leaves it out.
    const everything = kind === 'ClusterRole' && of === 'cluster-admin';
    if (!found && !everything) return id;
    const entitlements = found
      ? entitlementsOf(found, namespace)
      : [{ actions: ['*'], resources: [namespace === undefined ? '*' : `kubernetes/${namespace}/*`] }];
    const unevaluated: Unevaluated[] = [
      ...(found && escalates(found.rules ?? []) ? (['escalation'] as const) : []),
      // The control plane fills an aggregated role in; a manifest does not show with what.
      ...(found?.aggregationRule && (found.rules ?? []).length === 0 ? (['conditions'] as const) : []),
    ];
    const admin =
      namespace === undefined &&
      entitlements.some(({ actions, resources }) => actions.includes('*') && resources.includes('*'));
    this.#made.set(id, {
      kind: 'role',
      id,
      name: id,
      ...(admin ? { admin } : {}),
      entitlements,
      ...(unevaluated.length > 0 ? { unevaluated } : {}),
      at: found?.at ?? at,
    });
    return id;
  }

  /** Kinds that are not read, most frequent first. */
  others(): string {
    return [...this.#other]
      .toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .slice(0, 8)
      .map(([kind, count]) => `${kind} ${count}`)
      .join(', ');
  }
}

/** Whether a subject has a role by a binding that every cluster makes for its own parts, and no more by it than they need. */
function isOwn(
  { kind, metadata: of, roleRef }: z.infer<typeof binding>,
  subject: { kind: string; name: string; namespace?: string | null | undefined },
  rules: Rules | null | undefined,
): boolean {
  if (of.labels?.['kubernetes.io/bootstrapping'] !== 'rbac-defaults') return false;
  const who = `${subject.kind} ${subject.kind === 'ServiceAccount' ? `${subject.namespace ?? ''}/` : ''}${subject.name}`;
  if (!isDefault(`${kind} ${of.namespace ? `${of.namespace}/` : ''}${of.name}`, `${roleRef.kind} ${roleRef.name}`, who))
    return false;
  // Everybody is in these groups, so what they are given counts as soon as it is more than to look around.
  return !EVERYBODY.test(who) || rules?.every(looksAround) === true;
}

function identity(id: string, shown: string, type: IdentityBody['type'], at: string): Located<IdentityBody> {
  return {
    kind: 'identity',
    id,
    name: shown,
    type,
    ...(type === 'machine' ? { statesType: true } : {}),
    statesOwners: false,
    active: true,
    statesActive: false,
    credentials: [],
    tool: TOOL,
    at,
  };
}

/** Groups that service accounts are in by themselves. */
const ACCOUNT_GROUP = /^system:(?:authenticated|serviceaccounts(?::.+)?)$/;

function membersOf(group: string): string {
  return `members of ${group}`;
}

/** The roles of an identity, to add to. */
function rolesOf(one: Located<IdentityBody>): string[] {
  one.roles ??= [];
  return one.roles;
}

function accountId(namespace: string, of: string): string {
  return `system:serviceaccount:${namespace}:${of}`;
}

/** A service account that is bound by its name as a user. */
function accountOf(user: string): string | undefined {
  return /^system:serviceaccount:[^:]+:[^:]+$/.test(user) ? user : undefined;
}

function roleId(kind: string, of: string, namespace: string): string {
  return kind === 'Role' ? `Role ${namespace}/${of}` : `ClusterRole ${of}`;
}

const KINDS = 'ServiceAccount|Role|ClusterRole|RoleBinding|ClusterRoleBinding';
const IN_JSON = new RegExp(`"kind"\\s*:\\s*"(?:${KINDS}|Secret|List|(?:${KINDS}|Secret)List)"`);
const IN_YAML = new RegExp(`^[ \\t]*(?:- )?kind:\\s*["']?(?:${KINDS}|List|(?:${KINDS})List)["']?[ \\t\\r]*$`, 'm');

/** The first field of an object itself; reports of other tools hold objects within. */
const OBJECT =
  /^\s*\{\s*"(?:(?:apiVersion|kind|items|rules|aggregationRule|roleRef|subjects)"\s*:|metadata"\s*:\s*\{[^{}]*"name"\s*:)/;

/** So many objects of one cluster are taken. */
const MOST_OBJECTS = 150_000;

async function readInto(cluster: Cluster, file: EvidenceFile): Promise<void> {
  holdHeapSmall(file);
  const count = entryCounter(file, MOST_OBJECTS);
  const head = await file.head();
  if (/^\s*\{/.test(head.text)) {
    if (/"kind"\s*:\s*"\w*List"/.test(head.text) || /"items"\s*:\s*\[/.test(head.text))
      await eachValue(file, ['$.items.*'], (value, at) => {
        count();
        cluster.take(value, at);
      });
    else cluster.take(parseJson(await file.text(), file.path, 'EVIDENCE_MALFORMED'), '');
    return;
  }
  for (const { value, line } of yamlDocuments(await file.text(), file.path, 'EVIDENCE_MALFORMED')) {
    count();
    const items = typeof value === 'object' && value !== null && !Array.isArray(value) ? value.items : undefined;
    if (Array.isArray(items)) for (const [index, item] of items.entries()) cluster.take(item, `/items/${index}`);
    else if (value !== null) cluster.take(value, `line ${line}`);
  }
}

export const adapter: Adapter = {
  format: 'kubernetes-rbac',
  title: 'Kubernetes access (kubectl JSON or YAML, manifests)',
  about: {
    group: 'access',
    files:
      'Kubernetes (`kubectl get serviceaccounts,roles,clusterroles,rolebindings,clusterrolebindings,secrets -A -o json`, or YAML of one or more documents)',
    recognisedBy: '`apiVersion`, `kind`',
    gives:
      'service accounts, users and groups with the roles bound to them, where each binding gives them; wildcards; lasting tokens (Secrets of type `kubernetes.io/service-account-token`); workloads; the cloud roles that annotations name',
    limits:
      'rights that lead to more (`escalate`, `bind`, `impersonate`, creating pods, reading Secrets) are not followed, and nothing passes by them; without `-A` and both kinds of bindings, rights beside those listed are unknown; the data of Secrets is never looked at; what a cluster makes for its own parts is counted, not listed',
  },
  recognise(head) {
    if (/"?apiVersion"?\s*:\s*["']?probity\//.test(head.text)) return 0;
    if (/^\s*\{/.test(head.text))
      return OBJECT.test(head.text) &&
        /"apiVersion"\s*:\s*"(?:v1|rbac\.authorization\.k8s\.io\/)/.test(head.text) &&
        IN_JSON.test(head.text)
        ? 0.85
        : 0;
    return /^[ \t]*(?:- )?apiVersion:\s*["']?(?:v1|rbac\.authorization\.k8s\.io\/)/m.test(head.text) &&
      IN_YAML.test(head.text)
      ? 0.85
      : 0;
  },
  async read(file, context): Promise<Reading> {
    const cluster = new Cluster(file);
    await readInto(cluster, file);
    const reading = newReading(TOOL);
    const dated = datedBy(reading, context, undefined, 'the listing');
    const found = cluster.observations();
    const identities = found.filter(({ kind }) => kind === 'identity').length;
    if (identities > 0) reading.observations.push({ kind: 'inventory', identities, ...dated, at: '' });
    for (const one of found) reading.observations.push({ ...one, ...dated });
    const counted = [...cluster.counted].map(([kind, count]) => `${kind} ${count}`).toSorted();
    reading.warnings.push(`objects: ${counted.join(', ')}`);
    if (cluster.own > 0)
      reading.warnings.push(
        `${cluster.own} subjects are parts of the cluster itself, bound by its default roles (kubernetes.io/bootstrapping: rbac-defaults), and are not listed as identities`,
      );
    const others = cluster.others();
    if (others !== '') reading.warnings.push(`not read: ${others}`);
    if (!cluster.isWhole && identities > 0)
      reading.warnings.push(
        'it does not list the bindings of a whole cluster, so rights beside those listed are unknown: add -A and rolebindings, clusterrolebindings',
      );
    if (!cluster.secretsListed && identities > 0)
      reading.warnings.push('Secrets are not listed, so whether lasting tokens of service accounts exist is unknown');
    if (identities === 0)
      reading.warnings.push(
        'it binds nobody: hand in service accounts and bindings as well (kubectl get serviceaccounts,roles,clusterroles,rolebindings,clusterrolebindings,secrets -A -o json)',
      );
    return reading;
  },
};
