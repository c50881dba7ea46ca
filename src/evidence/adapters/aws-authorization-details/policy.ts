import { z } from 'zod';
import { parseJson } from '../../../files/json.ts';
import type { Unevaluated } from '../../../terms.ts';
import type { Entitlement } from '../../observations/access.ts';

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html. A document is evaluated as far as that can
// be done without the request: what depends on it is unknown, never absent.

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const principals = z.union([
  z.literal('*').transform(() => ({ AWS: ['*'] }) as Record<string, string[]>),
  z.record(z.string().max(100), oneOrMore),
]);
const statement = z.looseObject({
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMore.optional(),
  NotAction: oneOrMore.optional(),
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
  return (Resource ?? ['*']).map((one) =>
    one
      .replaceAll(/\$\{[^}]*\}/g, '*')
      .replaceAll('?', '*')
      .replaceAll(/\*+/g, '*'),
  );
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
    (everywhere &&
      (one.NotAction !== undefined ||
        (one.Action ?? []).some((action) => action === '*' || action.endsWith(':*')) ||
        ESCALATING.some((action) => allows(one, action))))
  );
}

/** Adds what a document gives. */
export function grant({ Statement: statements }: PolicyDocument, to: Grants): void {
  for (const one of statements) {
    const conditional = isConditional(one);
    const everywhere = resourcesOf(one).includes('*');
    if (one.Effect === 'Deny') {
      const everything = one.Action?.includes('*') === true && everywhere;
      // A denial of single things takes away and adds nothing: what is granted beside it stands as written.
      if (everything && !conditional && !one.NotResource) to.deniesAll = true;
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
    if (everywhere && ESCALATING.some((action) => allows(one, action))) to.unevaluated.add('escalation');
  }
}

/** Who may take on a role, out of its trust policy. */
export interface Trust {
  /** ARNs, account numbers or `*`, each with whether a condition stands beside it. */
  principals: { arn: string; conditional: boolean }[];
  services: string[];
  federated: { provider: string; conditions: { claim: string; value: string }[] }[];
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
      trust.federated.push({ provider, conditions: conditionsOf(one) });
  }
  return trust;
}

/** Comparisons of claims with texts. */
const COMPARES = /^(?:ForAnyValue:|ForAllValues:)?String(?:Equals|Like)(?:IgnoreCase)?$/;

function conditionsOf({ Condition }: Statement): { claim: string; value: string }[] {
  return Object.entries(Condition ?? {}).flatMap(([operator, keys]) =>
    COMPARES.test(operator)
      ? Object.entries(keys).flatMap(([key, values]) => {
          const claim = key.slice(key.lastIndexOf(':') + 1);
          return (Array.isArray(values) ? values : [values]).flatMap((value: unknown) =>
            typeof value === 'string' ? [{ claim, value }] : [],
          );
        })
      : [],
  );
}
