/* The bindings that a control plane makes at every start: plugin/pkg/auth/authorizer/rbac/bootstrappolicy of Kubernetes. */

/** Parts of the controller manager; the binding, its role and its service account have one name. */
const CONTROLLERS = `
  attachdetach-controller certificate-controller clusterrole-aggregation-controller cronjob-controller
  daemon-set-controller deployment-controller device-taint-eviction-controller disruption-controller endpoint-controller
  endpointslice-controller endpointslicemirroring-controller ephemeral-volume-controller expand-controller
  generic-garbage-collector horizontal-pod-autoscaler job-controller legacy-service-account-token-cleaner
  namespace-controller node-controller persistent-volume-binder pod-garbage-collector pv-protection-controller
  pvc-protection-controller replicaset-controller replication-controller resource-claim-controller
  resourcequota-controller root-ca-cert-publisher route-controller selinux-warning-controller
  service-account-controller service-cidrs-controller service-controller statefulset-controller
  storage-version-migrator-controller storageversion-garbage-collector taint-eviction-controller
  ttl-after-finished-controller ttl-controller validatingadmissionpolicy-status-controller
  volumeattributesclass-protection-controller`
  .trim()
  .split(/\s+/);

/** Binding, role and subjects. */
const DEFAULTS = new Map<string, { role: string; subjects: readonly string[] }>([
  ...[
    ['cluster-admin', 'cluster-admin', 'Group system:masters'],
    ['system:monitoring', 'system:monitoring', 'Group system:monitoring'],
    ['system:discovery', 'system:discovery', 'Group system:authenticated'],
    ['system:basic-user', 'system:basic-user', 'Group system:authenticated'],
    [
      'system:public-info-viewer',
      'system:public-info-viewer',
      'Group system:authenticated',
      'Group system:unauthenticated',
    ],
    [
      'system:service-account-issuer-discovery',
      'system:service-account-issuer-discovery',
      'Group system:serviceaccounts',
    ],
    ['system:node-proxier', 'system:node-proxier', 'User system:kube-proxy'],
    ['system:kube-controller-manager', 'system:kube-controller-manager', 'User system:kube-controller-manager'],
    ['system:kube-scheduler', 'system:kube-scheduler', 'User system:kube-scheduler'],
    ['system:volume-scheduler', 'system:volume-scheduler', 'User system:kube-scheduler'],
    ['system:kube-dns', 'system:kube-dns', 'ServiceAccount kube-system/kube-dns'],
  ].map(
    ([name, role, ...subjects]) => [`ClusterRoleBinding ${name}`, { role: `ClusterRole ${role}`, subjects }] as const,
  ),
  ...CONTROLLERS.map(
    (name) =>
      [
        `ClusterRoleBinding system:controller:${name}`,
        { role: `ClusterRole system:controller:${name}`, subjects: [`ServiceAccount kube-system/${name}`] },
      ] as const,
  ),
  ...[
    [
      'kube-system/system::extension-apiserver-authentication-reader',
      'extension-apiserver-authentication-reader',
      'User system:kube-controller-manager',
      'User system:kube-scheduler',
    ],
    ...['kube-controller-manager', 'kube-scheduler'].map((name) => [
      `kube-system/system::leader-locking-${name}`,
      `system::leader-locking-${name}`,
      `User system:${name}`,
      `ServiceAccount kube-system/${name}`,
      ...(name === 'kube-controller-manager' ? ['ServiceAccount kube-system/leader-election-controller'] : []),
    ]),
    ...[
      'kube-system/bootstrap-signer',
      'kube-system/cloud-provider',
      'kube-system/token-cleaner',
      'kube-public/bootstrap-signer',
    ].map((at) => {
      const [namespace, name] = at.split('/');
      return [
        `${namespace}/system:controller:${name}`,
        `system:controller:${name}`,
        `ServiceAccount kube-system/${name}`,
      ];
    }),
  ].map(([name, role, ...subjects]) => [`RoleBinding ${name}`, { role: `Role ${role}`, subjects }] as const),
]);

/**
 * Whether a control plane itself gives a role to a subject by a binding.
 * @param binding kind and name, as `RoleBinding <namespace>/<name>` or `ClusterRoleBinding <name>`
 * @param role kind and name
 * @param subject kind and name, with the namespace of a service account
 */
export function isDefault(binding: string, role: string, subject: string): boolean {
  const made = DEFAULTS.get(binding);
  return made?.role === role && made.subjects.includes(subject);
}
