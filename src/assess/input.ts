import type { Catalog } from '../catalog/catalog.ts';
import type { Profile } from '../catalog/schemas.ts';
import type { EvidenceEntry } from '../evidence/ingest.ts';
import type { Observation } from '../evidence/observation.ts';
import type { Unread } from '../evidence/unread.ts';
import type { LoadedResponses } from '../workspace/responses.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** Everything that an assessment is made of. */
export interface AssessInput {
  workspace: Workspace;
  catalog: Catalog;
  profile: Profile;
  files: readonly EvidenceEntry[];
  observations: readonly Observation[];
  /** Files that were not read and may hold changes or plans. */
  unread?: readonly Unread[];
  /** Entries under `sources` that match no file. */
  unmatchedSources?: readonly string[];
  /** What people answered to the findings of earlier runs; it changes no state. */
  responses?: LoadedResponses;
  /** ISO date; the only clock there is. */
  asOf: string;
  tool: { name: string; version: string };
  redacted: boolean;
  /** Whether examples of leaked answers were asked for; default false. */
  contentShown?: boolean;
}
