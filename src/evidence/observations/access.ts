import type {
  AuthenticationMethod,
  ResourceType,
  Right,
  Sensitivity,
  Stage,
  Surface,
  Tool,
  Unevaluated,
} from '../../terms.ts';

/* Who and what can reach the system, and with which secrets. */

export interface Credential {
  id: string;
  type: string;
  active: boolean;
  /** ISO 8601; when the secret was last set. */
  created?: string;
  /** ISO 8601, or `never` where the inventory says that it does not expire. */
  expires?: string;
  lastUsed?: string;
  /** False where the listing has no field for its last use, so that none is not the same as never used. */
  statesUse?: boolean;
  /** Issued per session and gone with it. */
  ephemeral?: boolean;
}

export interface Entitlement {
  actions: string[];
  /** Identifiers of resources; `*` stands for any run of characters. */
  resources: string[];
}

/** What a claim of a token has to be. Conditions on one claim in one set are alternatives. */
export interface TokenCondition {
  claim: string;
  value: string;
  /** `*` and `?` in the value stand for themselves. */
  literal?: boolean;
  /** Sets let a token in each by itself; without a number it is the first one. */
  set?: number;
}

/** Whether a condition lets one value in and no other: no wildcard, no variable that the request fills in. */
export function isExact({ value, literal }: TokenCondition): boolean {
  return !value.includes('${') && (literal === true || !/[*?]/.test(value));
}

/** One identity that can reach the AI system. */
export interface IdentityBody {
  kind: 'identity';
  id: string;
  name: string;
  type: 'human' | 'machine' | 'unknown';
  /** Whether the inventory states the type, or it was inferred from something else. */
  statesType?: boolean;
  owner?: string;
  /** Whether the owner still works here; undefined when the inventory does not say. */
  ownerStatus?: 'current' | 'left';
  /** How it proves who it is; for tokens of others (OIDC), whose, for whom and under which conditions. */
  authentication?: {
    method: AuthenticationMethod;
    issuer?: string;
    audience?: string;
    conditions?: TokenCondition[];
  };
  /** Why it may read weights, if somebody decided that, until when, and whether it may take copies away. */
  weights?: { copies: boolean; reason: string; approvedBy: string; expires: string };
  /** Whether the inventory records owners at all; where it does, a missing one is a finding. */
  statesOwners: boolean;
  active: boolean;
  /** False where the listing does not say whether it is active, and it is taken to be. */
  statesActive?: boolean;
  created?: string;
  lastUsed?: string;
  /** False where the listing has no field for its last use, so that none is not the same as never used. */
  statesUse?: boolean;
  admin?: boolean;
  /** The account that owns everything, or a break-glass one. */
  root?: boolean;
  mfa?: boolean;
  /** Undefined when the inventory says nothing of rights. */
  entitlements?: Entitlement[];
  /** What could add to these rights or take from them and was not worked out. */
  unevaluated?: Unevaluated[];
  /** Roles bound to it: it has their rights at any time. */
  roles?: string[];
  /** Identities and roles it may become. */
  assumes?: string[];
  credentials: Credential[];
  /** False where the listing says nothing of credentials, so that none is not the same as having none. */
  statesCredentials?: boolean;
  /** Which surfaces it can reach; undefined when the inventory does not say. */
  reaches?: Surface[];
  /** Pipelines, services, environments and tenants that use it; undefined when the inventory does not say. */
  usedBy?: { workloads?: string[]; environments?: string[]; tenants?: string[] };
  stages?: Stage[];
  rights?: Right[];
  /** Why it holds call-model, read-data and execute-tools together, if somebody decided that. */
  justification?: { reason: string; approvedBy: string; expires?: string };
  /** Sign-in by a person: whether it is possible, and when it last happened. */
  interactive?: { enabled: boolean; lastUsed?: string };
  /** Set when it belongs to somebody else's application. */
  thirdParty?: {
    vendor: string;
    reviewed?: string;
    scopes?: string[];
    /** False where the listing has no field for reviews. */
    statesReviews?: boolean;
  };
  collected?: string;
  tool?: Tool;
}

/** A role: rights that identities get by being bound to it or by assuming it. */
export interface RoleBody {
  kind: 'role';
  id: string;
  name: string;
  admin?: boolean;
  entitlements?: Entitlement[];
  unevaluated?: Unevaluated[];
  /** Roles whose rights belong to it. */
  roles?: string[];
  assumes?: string[];
  collected?: string;
}

/** Something that entitlements name: a model endpoint, a store, a tool, a log. */
export interface ResourceBody {
  kind: 'resource';
  id: string;
  type: ResourceType;
  surface?: Surface;
  stage?: Stage;
  sensitivity: Sensitivity;
  collected?: string;
}

/** What an access inventory says of itself. */
export interface InventoryBody {
  kind: 'inventory';
  identities: number;
  /** `none` when its keeper states that no third party has an identity. */
  thirdParties?: 'listed' | 'none';
  collected?: string;
}

/** A search for secrets in repositories, images or files. */
export interface SecretScanBody {
  kind: 'secret-scan';
  /** What was searched, by name; empty when nobody says. */
  scanned: string[];
  findings: number;
  collected?: string;
  tool?: Tool;
}

/** A secret that a scan found. The secret itself is never carried. */
export interface SecretFindingBody {
  kind: 'secret-finding';
  id: string;
  rule: string;
  /** File, line and commit, as the scan names them. */
  where: string;
  /** Whether it was tried and works; undefined when nobody tried. */
  verified?: boolean;
  review?: { decision: 'false-positive' | 'revoked' | 'accepted'; by: string; on: string };
  collected?: string;
  tool?: Tool;
}
