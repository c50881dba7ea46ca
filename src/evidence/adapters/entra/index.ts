import { z } from 'zod';
import type { Adapter } from '../../adapter.ts';
import { fitted, moment } from '../../fitting.ts';
import { bareIdentity, inventoryReading } from '../../inventories.ts';
import type { Located } from '../../observation.ts';
import type { Credential, IdentityBody } from '../../observations/access.ts';
import { eachValue } from '../../streaming.ts';

// https://learn.microsoft.com/graph/api/resources/serviceprincipal and /application, as Graph answers (`value`) or `az ad sp
// list` and `az ad app list` print (a list). An application and its service principal share `appId`, so they are one
// identity. What roles were granted is in other lists; `secretText` and `hint` are never taken.

const TOOL = { name: 'Microsoft Entra' };
const credential = z.object({
  keyId: z.string().max(100).nullish(),
  startDateTime: z.string().nullish(),
  endDateTime: z.string().nullish(),
});
const federated = z.object({
  issuer: z.string().max(400),
  subject: z.string().max(400).nullish(),
  audiences: z.array(z.string().max(400)).nullish(),
});
const owner = z.object({
  displayName: z.string().nullish(),
  userPrincipalName: z.string().nullish(),
  accountEnabled: z.boolean().nullish(),
});
const principal = z.object({
  id: z.string().max(100).nullish(),
  appId: z.string().max(100),
  displayName: z.string().max(300).nullish(),
  servicePrincipalType: z.string().nullish(),
  accountEnabled: z.boolean().nullish(),
  passwordCredentials: z.array(credential).nullish(),
  keyCredentials: z.array(credential).nullish(),
  federatedIdentityCredentials: z.array(federated).nullish(),
  owners: z.array(owner).nullish(),
  verifiedPublisher: z.looseObject({ displayName: z.string().nullish() }).nullish(),
  publisherName: z.string().nullish(),
  appOwnerOrganizationId: z.string().nullish(),
  appOwnerTenantId: z.string().nullish(),
});
type Principal = z.infer<typeof principal>;

/** Microsoft's own tenants: what they own is part of the service. */
const MICROSOFT = new Set(['f8cdef31-a31e-4b4a-93e4-5f571e91255a', '72f988bf-86f1-41af-91ab-2d7cd011db47']);

function credentialsOf(found: Principal, collected: string | undefined): Credential[] {
  return (
    [
      ['client secret', found.passwordCredentials],
      ['certificate', found.keyCredentials],
    ] as const
  ).flatMap(([type, list]) =>
    (list ?? []).map((one, index): Credential => {
      const created = moment(one.startDateTime);
      const expires = moment(one.endDateTime);
      return {
        id: one.keyId ?? `${type} ${index}`,
        type,
        // Entra refuses one past its end; it stays in the list.
        active: !(expires !== undefined && collected !== undefined && expires.slice(0, 10) < collected.slice(0, 10)),
        statesUse: false,
        ...(created ? { created } : {}),
        ...(expires ? { expires } : {}),
      };
    }),
  );
}

function authenticationOf(found: Principal, credentials: readonly Credential[]): Partial<IdentityBody> {
  if (found.servicePrincipalType === 'ManagedIdentity') return { authentication: { method: 'workload-identity' } };
  const [token] = found.federatedIdentityCredentials ?? [];
  if (token && found.federatedIdentityCredentials?.length === 1)
    return {
      authentication: {
        method: 'oidc',
        issuer: token.issuer,
        ...(token.audiences?.[0] ? { audience: token.audiences[0] } : {}),
        conditions: token.subject ? [{ claim: 'sub', value: token.subject }] : [],
      },
    };
  const active = credentials.filter((one) => one.active);
  if (active.length === 0) return {};
  return {
    authentication: {
      method: active.some(({ type }) => type === 'client secret') ? 'shared-secret' : 'signed-assertion',
    },
  };
}

/** Lists of a principal that add up where its application and its service principal are both in a file. */
const LISTS = ['passwordCredentials', 'keyCredentials', 'federatedIdentityCredentials', 'owners'] as const;

/** What the entries of one `appId` say. */
interface Held {
  one: Principal;
  /** Whether each entry of it lists secrets and certificates both; what one leaves out nobody knows. */
  statesCredentials: boolean;
  at: string;
}

/** Two entries of one `appId`: lists add up, and it is active where one of them says so. */
function together(a: Principal, b: Principal): Principal {
  const lists = LISTS.flatMap((name) => {
    const [one, other] = [a[name], b[name]];
    if (!one && !other) return [];
    const all = new Map([...(one ?? []), ...(other ?? [])].map((each) => [JSON.stringify(each), each]));
    return [[name, [...all.values()]]];
  });
  const stated = Object.entries(a).filter(([, value]) => value !== null && value !== undefined);
  const enabled = [a.accountEnabled, b.accountEnabled].filter((one) => typeof one === 'boolean');
  return {
    ...b,
    ...Object.fromEntries(stated),
    ...Object.fromEntries(lists),
    ...(enabled.length > 0 ? { accountEnabled: enabled.includes(true) } : {}),
  };
}

/** The identity that an application and its service principal are. */
function identityOf({ one, statesCredentials, at }: Held, collected: string | undefined): Located<IdentityBody> {
  const name = (one.displayName ?? one.appId).slice(0, 200);
  const credentials = credentialsOf(one, collected);
  const organisation = one.appOwnerOrganizationId ?? one.appOwnerTenantId;
  const vendor = one.verifiedPublisher?.displayName;
  const [first] = one.owners ?? [];
  const ownerName = first?.userPrincipalName ?? first?.displayName;
  return {
    ...bareIdentity(TOOL, one.appId, name, 'machine', at),
    statesType: true,
    ...(one.accountEnabled === null || one.accountEnabled === undefined
      ? {}
      : { active: one.accountEnabled, statesActive: true }),
    statesOwners: one.owners !== undefined && one.owners !== null,
    ...(ownerName ? { owner: ownerName.slice(0, 200) } : {}),
    credentials,
    statesCredentials,
    ...authenticationOf(one, credentials),
    ...(vendor && !(organisation && MICROSOFT.has(organisation))
      ? { thirdParty: { vendor: vendor.slice(0, 200), statesReviews: false } }
      : {}),
  };
}

export const adapter: Adapter = {
  format: 'microsoft-entra',
  title: 'Microsoft Entra applications and service principals (JSON of Graph)',
  about: {
    group: 'access',
    files: 'Microsoft Entra (`servicePrincipals`, `applications` of Graph, or `az ad sp list`, `az ad app list`)',
    recognisedBy: '`@odata.context`, `appId`',
    gives: 'applications with owners, secrets and certificates with start and end, federated credentials, publisher',
    limits:
      'granted roles and permissions are in other lists, so rights are unknown; an answer of several pages is named as a part',
  },
  recognise(head) {
    if (!/^\s*[[{]/.test(head.text)) return 0;
    if (/"@odata\.context"\s*:\s*"[^"]*#(?:servicePrincipals|applications)/.test(head.text)) return 0.95;
    return /"appId"\s*:/.test(head.text) &&
      /"(?:passwordCredentials|servicePrincipalType|keyCredentials)"\s*:/.test(head.text)
      ? 0.9
      : 0;
  },
  async read(file, context) {
    const head = await file.head();
    const found = new Map<string, Held>();
    const notes = new Set<string>();
    const { collected } = context.declared;
    const use = (value: unknown, at: string): void => {
      const one = fitted(principal, value, file, 'an application of Entra', at);
      const states = Array.isArray(one.passwordCredentials) && Array.isArray(one.keyCredentials);
      const known = found.get(one.appId);
      found.set(one.appId, {
        one: known ? together(known.one, one) : one,
        statesCredentials: states && known?.statesCredentials !== false,
        at: known?.at ?? at,
      });
    };
    if (/^\s*\[/.test(head.text)) await eachValue(file, ['$.*'], use);
    else {
      await eachValue(file, ['$.value.*'], use);
      if (/"@odata\.nextLink"\s*:/.test(head.text))
        notes.add('the answer goes on on a further page, and this file holds only a part: ask for all pages');
    }
    notes.add('what roles and permissions were granted is in other lists of Graph, so rights are unknown here');
    const identities = [...found.values()].map((held) => identityOf(held, collected));
    return inventoryReading({ tool: TOOL, what: 'the list', notes }, identities, context);
  },
};
