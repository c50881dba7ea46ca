import { z } from 'zod';
import { parseJson } from '../../../files/json.ts';
import type { Unevaluated } from '../../../terms.ts';
import { type Entitlement, isExact, type TokenCondition } from '../../observations/access.ts';

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html. A document is evaluated as far as that can
// be done without the request: what depends on it is unknown, never absent.

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
/** Wildcards alone, at least one of which stands for any run. */
const ANYTHING = /^[*?]*\*[*?]*$/;

/** `*` for every way to write all actions (`*:*`, `?*`), `service:*` for all of one service (`s3:?*`). */
function plainAction(action: string): string {
  const colon = action.indexOf(':');
  const service = colon < 0 ? action : action.slice(0, colon);
  if (colon >= 0 && !ANYTHING.test(action.slice(colon + 1))) return action;
  if (ANYTHING.test(service)) return '*';
  return colon < 0 ? action : `${service}:*`;
}

const actions = oneOrMore.transform((some) => some.map(plainAction));
const principals = z.union([
  z.literal('*').transform(() => ({ AWS: ['*'] }) as Record<string, string[]>),
  z.record(z.string().max(100), oneOrMore),
]);
const statement = z.looseObject({
  Effect: z.enum(['Allow', 'Deny']),
  Action: actions.optional(),
  NotAction: actions.optional(),
  Resource: oneOrMore.optional(),
  NotResource: oneOrMore.optional(),
  Principal: principals.optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});
export const policyDocument = z.looseObject({
  Statement: z.union([statement.transform((one) => [one]), z.array(statement)]),
});
export type PolicyDocument = z.infer<typeof policyDocument>;
type Statement = z.infer<typeof statement>;

/** The API hands out a document as URL-encoded text, the command line as JSON. */
export function documentOf(value: unknown, path: string): unknown {
  if (typeof value !== 'string') return value;
  let text = value;
  try {
    if (!/^\s*\{/.test(value)) text = decodeURIComponent(value);
  } catch {
    // What is no URL encoding is refused as JSON below.
  }
  return parseJson(text, path, 'EVIDENCE_MALFORMED');
}

/** What one policy, or several put together, give. */
export interface Grants {
  admin: boolean;
  entitlements: Entitlement[];
  unevaluated: Set<Unevaluated>;
  /** Resources on which `sts:AssumeRole` is allowed. */
  assumes: Set<string>;
  /** A denial of so much that nothing which is allowed elsewhere can be taken as given. */
  deniesBroadly: boolean;
  /** A denial of everything. */
  deniesAll: boolean;
}

export function noGrants(): Grants {
  return {
    admin: false,
    entitlements: [],
    unevaluated: new Set(),
    assumes: new Set(),
    deniesBroadly: false,
    deniesAll: false,
  };
}

/** Rights by which somebody gives itself more of them; what all it could become is not worked out. */
const ESCALATING = [
  'iam:AddUserToGroup',
  'iam:AttachGroupPolicy',
  'iam:AttachRolePolicy',
  'iam:AttachUserPolicy',
  'iam:CreateAccessKey',
  'iam:CreateLoginProfile',
  'iam:CreatePolicyVersion',
  'iam:PassRole',
  'iam:PutGroupPolicy',
  'iam:PutRolePolicy',
  'iam:PutUserPolicy',
  'iam:SetDefaultPolicyVersion',
  'iam:UpdateAssumeRolePolicy',
  'iam:UpdateLoginProfile',
];
const ASSUME = 'sts:AssumeRole';

/** Whether a pattern of AWS (`*` for any run, `?` for one character, case aside) fits a text. Linear. */
export function fits(pattern: string, text: string): boolean {
  const wanted = pattern.toLowerCase();
  const given = text.toLowerCase();
  let p = 0;
  let star = -1;
  let from = 0;
  for (let t = 0; t < given.length; ) {
    if (p < wanted.length && (wanted[p] === '?' || wanted[p] === given[t]) && wanted[p] !== '*') {
      p++;
      t++;
    } else if (wanted[p] === '*') {
      star = p++;
      from = t;
    } else if (star >= 0) {
      p = star + 1;
      t = ++from;
    } else return false;
  }
  while (wanted[p] === '*') p++;
  return p === wanted.length;
}

function allows({ Action, NotAction }: Statement, action: string): boolean {
  return NotAction ? !NotAction.some((one) => fits(one, action)) : (Action ?? []).some((one) => fits(one, action));
}

function isConditional({ Condition }: Statement): boolean {
  return Condition !== undefined && Object.keys(Condition).length > 0;
}

/** Variables (`${aws:username}`) and single wildcards stand for any text. */
function resourcesOf({ Resource, NotResource }: Statement): string[] {
  if (NotResource) return ['*'];
  return (Resource ?? ['*']).map((one) => {
    const wide = one
      .replaceAll(/\$\{[^}]*\}/g, '*')
      .replaceAll('?', '*')
      .replaceAll(/\*+/g, '*');
    return EVERYTHING.test(wide) ? '*' : wide;
  });
}

/** An ARN that names nothing but a partition and perhaps an account: all that there is. */
const EVERYTHING = /^arn(?::aws[a-z-]*)?[:*]*(?:(?<=\*:\*:)\d{12}:)?\*$/;

/** Whether a denial names every resource as it is written, without anything that is only taken to be wide. */
function deniesEverywhere({ Resource, NotResource }: Statement): boolean {
  return !NotResource && (Resource ?? ['*']).some((one) => /^\*+$/.test(one));
}

/** Whether a resource may be one of IAM: rights to raise rights mean nothing on those of other services. */
function mayBeOfIam(resource: string): boolean {
  const [arn, partition, service] = resource.toLowerCase().split(':');
  if (arn !== 'arn' || partition === undefined || service === undefined) return true;
  if (/^[a-z0-9-]+$/.test(service)) return service === 'iam';
  // A wildcard runs across colons, so what stands before it is all that is known.
  return partition.includes('*') || 'iam'.startsWith(service.slice(0, service.indexOf('*')));
}

/** Rights over the credentials of oneself, which give nobody more rights. */
const OWN_CREDENTIALS = ['iam:CreateAccessKey', 'iam:CreateLoginProfile', 'iam:UpdateLoginProfile'];
const ONESELF = /:user\/(?:\*\/)?\$\{aws:username\}$/;

/** Whether a grant lets its holder raise its rights. One resource is enough: it may be the holder or what it becomes. */
function escalates(one: Statement): boolean {
  if (!resourcesOf(one).some(mayBeOfIam)) return false;
  const oneself = !one.NotResource && (one.Resource ?? []).length > 0 && one.Resource?.every((at) => ONESELF.test(at));
  return ESCALATING.some((action) => allows(one, action) && !(oneself && OWN_CREDENTIALS.includes(action)));
}

/**
 * The entitlements of one statement. A right on `*` that is not all rights of its service reaches what that service has, so
 * it is not everything there is.
 */
function entitlementsOf(one: Statement): Entitlement[] {
  const resources = resourcesOf(one);
  if (one.NotAction) return [{ actions: [`* except ${one.NotAction.slice(0, 20).join(', ')}`], resources }];
  const actions = (one.Action ?? []).map((action) => action.replaceAll(/\*+/g, '*'));
  if (!resources.includes('*')) return actions.length > 0 ? [{ actions, resources }] : [];
  const whole = actions.filter((action) => action === '*' || action.endsWith(':*'));
  const byService = new Map<string, string[]>();
  for (const action of actions.filter((one) => !whole.includes(one))) {
    const service = action.split(':')[0]?.toLowerCase() ?? '';
    const known = byService.get(service);
    if (known) known.push(action);
    else byService.set(service, [action]);
  }
  return [
    ...(whole.length > 0 ? [{ actions: whole, resources: ['*'] }] : []),
    ...[...byService].map(([service, some]) => ({ actions: some, resources: [`arn:*:${service}:*`] })),
  ];
}

/** Whether a grant is one to everything of a service or beyond, to become another, or to give oneself rights. */
function isWide(one: Statement): boolean {
  const everywhere = resourcesOf(one).includes('*');
  return (
    allows(one, ASSUME) ||
    escalates(one) ||
    (everywhere &&
      (one.NotAction !== undefined || (one.Action ?? []).some((action) => action === '*' || action.endsWith(':*'))))
  );
}

/** Adds what a document gives. */
export function grant({ Statement: statements }: PolicyDocument, to: Grants): void {
  for (const one of statements) {
    const conditional = isConditional(one);
    const everywhere = resourcesOf(one).includes('*');
    if (one.Effect === 'Deny') {
      const everything = one.Action?.includes('*') === true && deniesEverywhere(one);
      // A denial of single things takes away and adds nothing: what is granted beside it stands as written.
      if (everything && !conditional) to.deniesAll = true;
      else if (one.NotAction || one.NotResource || one.Action?.includes('*')) to.deniesBroadly = true;
      continue;
    }
    if (conditional) {
      to.unevaluated.add(isWide(one) ? 'conditions' : 'narrow-conditions');
      continue;
    }
    to.entitlements.push(...entitlementsOf(one));
    if (one.Action?.includes('*') && everywhere && !one.NotResource) to.admin = true;
    if (allows(one, ASSUME)) for (const resource of resourcesOf(one)) to.assumes.add(resource);
    if (escalates(one)) to.unevaluated.add('escalation');
  }
}

/** Who may take on a role, out of its trust policy. */
export interface Trust {
  /** ARNs, account numbers or `*`, each with whether a condition stands beside it. */
  principals: { arn: string; conditional: boolean }[];
  services: string[];
  federated: { provider: string; conditions: TokenCondition[] }[];
  denies: boolean;
}

const TAKES_ON = [ASSUME, 'sts:AssumeRoleWithWebIdentity', 'sts:AssumeRoleWithSAML'];

export function trustOf({ Statement: statements }: PolicyDocument): Trust {
  const trust: Trust = { principals: [], services: [], federated: [], denies: false };
  for (const one of statements) {
    if (!TAKES_ON.some((action) => allows(one, action))) continue;
    if (one.Effect === 'Deny') {
      trust.denies = true;
      continue;
    }
    const conditional = isConditional(one);
    for (const arn of one.Principal?.AWS ?? []) trust.principals.push({ arn, conditional });
    trust.services.push(...(one.Principal?.Service ?? []));
    for (const provider of one.Principal?.Federated ?? [])
      trust.federated.push({ provider, conditions: conditionsOf(one, provider) });
  }
  return trust;
}

/**
 * Comparisons of claims with texts that fail where the claim is missing, as those that end with `IfExists` or begin with
 * `ForAllValues` do not.
 */
const COMPARES = /^(?:ForAnyValue:)?String(?:Equals(?:IgnoreCase)?|Like)$/;

/** The name by which keys of conditions call a provider. */
export function hostOf(provider: string): string {
  return provider.replace(/^arn:[^:]*:iam::\d*:oidc-provider\//, '').replace(/^https:\/\//, '');
}

/**
 * What a statement asks of the claims of a token of the provider. Values of one key are alternatives and operators add to
 * each other, so of several operators on one claim the exact one decides.
 */
function conditionsOf({ Condition }: Statement, provider: string): TokenCondition[] {
  const prefix = `${hostOf(provider)}:`.toLowerCase();
  const byClaim = new Map<string, TokenCondition[]>();
  for (const [operator, keys] of Object.entries(Condition ?? {})) {
    if (!COMPARES.test(operator)) continue;
    const literal = !operator.endsWith('Like');
    for (const [key, values] of Object.entries(keys)) {
      // Names of keys are the same in every case.
      if (!key.toLowerCase().startsWith(prefix)) continue;
      const claim = key.slice(prefix.length).toLowerCase();
      const asked = (Array.isArray(values) ? values : [values]).map((one: unknown): TokenCondition => {
        const value = ['string', 'number', 'boolean'].includes(typeof one) ? String(one) : '*';
        return { claim, value, ...(literal && /[*?]/.test(value) && typeof one === 'string' ? { literal } : {}) };
      });
      const known = byClaim.get(claim);
      if (asked.length > 0 && !known?.every(isExact)) byClaim.set(claim, asked);
    }
  }
  return [...byClaim.values()].flat();
}
