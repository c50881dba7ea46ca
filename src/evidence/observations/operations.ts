import type {
  AttackClass,
  AUTHORISES,
  ChangeKind,
  COPIES,
  EventType,
  ExerciseType,
  MASKED,
  NOTIFIED,
  OUTPUTS,
  PARTITIONS,
  StoreType,
  Surface,
  Tool,
} from '../../terms.ts';

/* How the system is run: what it gives out, what it logs, what was changed. */

/** One kind of output of one surface. */
export interface OutputBody {
  kind: 'output';
  surface: Surface;
  gives: (typeof OUTPUTS)[number];
  /** Decimals that a rounded score keeps. */
  decimals?: number;
  /** Who gets it. */
  audience?: string;
  /** Why more than a label, text or rounded score is needed, if somebody decided that. */
  justification?: { reason: string; approvedBy: string; expires?: string };
  collected?: string;
}

/** One event out of a sample of a log. */
export interface EventBody {
  kind: 'event';
  id: string;
  type: EventType;
  time?: string;
  /** Who caused it: the caller, the workload. */
  identity?: string;
  /** The output it belongs to, by which events are put together. */
  output?: string;
  /** The records, documents or tables it touched. */
  data?: string[];
  collected?: string;
}

/** A dated change of the AI system. */
export interface ChangeBody {
  kind: 'change';
  of: ChangeKind;
  date: string;
  description: string;
  /** The surfaces it concerns; undefined means those that `controls/changes.yaml` names for its kind. */
  surfaces?: Surface[];
}

/** What a surface gives away beside its answers, and what a reader's program does with them. */
export interface ChannelBody {
  kind: 'channel';
  surface: Surface;
  remoteContent?: 'text-only' | 'blocked' | 'listed-hosts' | 'allowed';
  activeContent?: 'blocked' | 'allowed';
  cacheSharedBy?: 'nobody' | 'caller' | 'tenant' | 'everybody';
  streaming?: 'none' | 'padded' | 'token-by-token';
  errors?: 'uniform' | 'telling';
  collected?: string;
}

/** Whose rights decide what is handed out, and since when. */
export interface Authorisation {
  by: (typeof AUTHORISES)[number];
  since: string;
  /** For whom the token is made out with which the caller's rights are passed on. */
  audience?: string;
}

/** A store of vectors, documents, an agent's memory or traces. */
export interface StoreBody {
  kind: 'store';
  id: string;
  type: StoreType;
  surface?: Surface;
  /** Resources of the access inventory that it is. */
  covers?: string[];
  authorisation?: Authorisation;
  partitions?: (typeof PARTITIONS)[number];
  /** Who may read all of it. */
  readers?: string[];
  encryption?: { atRest: boolean; inTransit: boolean };
  backups?: 'none' | { encrypted: boolean; keptDays: number };
  /** The last deletion that was followed through its copies, and the days it took. */
  deletion?: { carriedTo: (typeof COPIES)[number][]; followed: string; days: number };
  retentionDays?: number;
  masking?: { masks: (typeof MASKED)[number][]; sampled: string; entries: number; unmasked: number };
  collected?: string;
}

/** A tool that an agent may call, as it is loaded. */
export interface AgentToolBody {
  kind: 'agent-tool';
  id: string;
  server?: string;
  /** Resources of the access inventory that it is. */
  covers?: string[];
  version?: string;
  /** SHA-256 (hex) of what is loaded. */
  pinned?: string;
  transport?: 'in-process' | 'stdio' | 'https' | 'http';
  authenticates?: 'caller-token' | 'workload' | 'shared-key' | 'nobody';
  authorisation?: Authorisation;
  review?: { on: string; by: string; of: string };
  collected?: string;
}

/**
 * What another tool found or checked, by its own rule and counted. It is evidence at second hand: a number of hits says
 * nothing of how often was tried, and what was checked is not what a control asks, so it decides none.
 */
export interface ToolFindingBody {
  kind: 'tool-finding';
  /** The tool's own identifier of the rule or check. */
  id: string;
  title: string;
  severity: 'low' | 'medium' | 'high' | 'critical' | 'unknown';
  failed: number;
  passed: number;
  /** To be judged by people. */
  manual: number;
  /** Set aside by people. */
  muted: number;
  collected?: string;
  tool?: Tool;
}

interface ExerciseOf {
  kind: 'exercise';
  of: ExerciseType;
  id: string;
  attackClasses: AttackClass[];
  /** In earnest, or practised. */
  real: boolean;
  started: string;
  /** Undefined while it is open. */
  finished?: string;
  by: { name: string; role: string };
  record: { title: string; sha256: string };
}

/** Something practised or done in earnest, with its times. */
export type ExerciseBody = ExerciseOf &
  (
    | { of: 'breach-notification'; notified: { whom: (typeof NOTIFIED)[number]; at: string }[] }
    | { of: 'secret-revocation'; refusedAfter?: boolean }
    | { of: 'erasure'; surfaces: Surface[]; records: number; probe?: string }
    | { of: 'memory-reset'; asked: number; recalled: number }
    | {
        of: 'query-budget';
        surface: Surface;
        budget: {
          queries: number;
          hours: number;
          per: 'identity' | 'tenant' | 'address' | 'session' | 'everybody';
        };
        sent: number;
        refusedAt?: number;
      }
  );
