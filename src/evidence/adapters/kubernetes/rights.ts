/* What rights of Kubernetes lead to. https://kubernetes.io/docs/concepts/security/rbac-good-practices/ */

interface Rule {
  apiGroups?: string[] | null | undefined;
  resources?: string[] | null | undefined;
  nonResourceURLs?: string[] | null | undefined;
  verbs: string[];
}
export type Rules = readonly Rule[];

/** Verbs by which a subject gains rights it was not given, on anything. */
const ESCALATING = ['escalate', 'bind', 'impersonate'];
/** Resources that have such a verb, so that all verbs on them are that one too, with their groups. */
const ESCALATED = [
  'clusterroles',
  'clusterrolebindings',
  'roles',
  'rolebindings',
  'users',
  'groups',
  'serviceaccounts',
  'uids',
  'userextras/x',
];
const THEIR_GROUPS = ['', 'rbac.authorization.k8s.io', 'authentication.k8s.io', '*'];
/** What runs as another account once somebody may write it, hands out its token, or decides what others may. */
const LEADING = [
  'pods',
  'podtemplates',
  'replicationcontrollers',
  'deployments',
  'statefulsets',
  'daemonsets',
  'jobs',
  'cronjobs',
  'replicasets',
  'persistentvolumes',
  'pods/ephemeralcontainers',
  'serviceaccounts/token',
  'certificatesigningrequests/approval',
  'mutatingwebhookconfigurations',
  'validatingwebhookconfigurations',
];
/** What runs commands in what is there, also by a mere `get`. */
const RUNNING = ['pods/exec', 'pods/attach', 'nodes/proxy'];

/** Whether a resource as a rule writes it (`*`, `pods/*`, or every kind with one part of it) is one of these. */
function isOneOf(written: string, some: readonly string[]): boolean {
  if (written === '*') return true;
  const [kind, part] = written.split('/');
  return some.some((one) => {
    const [ofKind, ofPart] = one.split('/');
    return (kind === '*' || kind === ofKind) && (part === ofPart || (part === '*' && ofPart !== undefined));
  });
}

/** Whether rules let their holder gain rights that they do not give. */
export function escalates(rules: Rules): boolean {
  return rules.some(({ verbs, resources, apiGroups }) => {
    const any = verbs.includes('*');
    const made = any || ['create', 'update', 'patch'].some((verb) => verbs.includes(verb));
    const seen = any || ['get', 'list', 'watch'].some((verb) => verbs.includes(verb));
    const on = (some: readonly string[]): boolean => (resources ?? []).some((one) => isOneOf(one, some));
    return (
      verbs.some((verb) => ESCALATING.includes(verb)) ||
      (any && on(ESCALATED) && (apiGroups ?? []).some((group) => THEIR_GROUPS.includes(group))) ||
      (made && on(LEADING)) ||
      ((made || seen) && on(RUNNING)) ||
      (seen && on(['secrets']))
    );
  });
}

/** Groups that everybody, every account or anybody without one is in. */
export const EVERYBODY = /^Group system:(?:authenticated|unauthenticated|serviceaccounts(?::.+)?)$/;

/** Whether a rule only reads addresses of the server (versions, health, discovery), or asks for one's own rights. */
export function looksAround({ resources, nonResourceURLs, verbs }: Rule): boolean {
  const on = resources ?? [];
  return on.length === 0
    ? verbs.every((verb) => verb === 'get' || verb === 'head') && !nonResourceURLs?.some((one) => /^\/?\*/.test(one))
    : on.every((one) => /^selfsubject[a-z]*reviews$/.test(one)) && verbs.every((verb) => verb === 'create');
}
