import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { type Catalog, findProfile, loadCatalog, probeLookup, threatTerms } from '../catalog/catalog.ts';
import { frameworkNamed } from '../catalog/cited.ts';
import { ProbityError } from '../errors.ts';
import type { Search } from '../evidence/find.ts';
import { type IngestOptions, ingest, matchesSource } from '../evidence/ingest.ts';
import { redactText } from '../evidence/secrets.ts';
import { isWithin } from '../files/place.ts';
import { TOOL } from '../tool.ts';
import { overlaysOf } from '../workspace/overlays.ts';
import { type LoadedResponses, loadResponses } from '../workspace/responses.ts';
import { type LoadedWorkspace, loadWorkspace, type Workspace } from '../workspace/workspace.ts';
import { assess } from './assess.ts';
import { type Assessment, withTextsVisible } from './assessment.ts';

export interface AssessWorkspaceOptions {
  /** The workspace file, `probity.yaml`. */
  config: string;
  /** Files, folders or patterns relative to the current folder; without them, the workspace's own patterns. */
  evidence?: readonly string[];
  /** ISO date. */
  asOf: string;
  /** Default: the workspace's risk tier. */
  profile?: string;
  /** Overlay folders on the catalog, relative to the current folder, after those that the workspace names. */
  controls?: readonly string[];
  /** A file of kind Responses, relative to the current folder; default: the one that the workspace names. */
  responses?: string;
  redact?: boolean;
  /** Show a few of the leaked answers in the reports; default false. */
  showContent?: boolean;
  /** Refuse to go on when a file is rejected. */
  strict?: boolean;
  onProgress?: IngestOptions['onProgress'];
  /** The catalog with all its overlays, where whoever asks has it already. */
  catalog?: Catalog;
}

/**
 * Evidence to assessment: the left half of the data flow, with its reads of the disk.
 * @throws ProbityError for a bad workspace, catalog or pattern, and under `strict` for the first rejected file
 */
export async function assessWorkspace(options: AssessWorkspaceOptions): Promise<Assessment> {
  const loaded = await loadWorkspace(options.config);
  const { workspace } = loaded;
  const catalog = options.catalog ?? (await loadCatalog([...overlaysOf(loaded), ...(options.controls ?? [])]));
  checkCited(loaded, catalog);
  const profile = findProfile(catalog, options.profile ?? workspace.riskTier);
  const responses = await responsesOf(loaded, options.responses, options.redact ?? true);
  const search = await evidenceSearch(loaded, options.evidence ?? []);
  const { files, observations, unread } = await ingest({
    ...search,
    ignore: [...(search.ignore ?? []), ...(responses ? [responses.path] : [])],
    sources: workspace.sources,
    probes: probeLookup(catalog),
    terms: threatTerms(catalog),
    techniques: new Map(catalog.techniques.map(({ id, attackClass }) => [id, attackClass])),
    ...(options.redact === undefined ? {} : { redact: options.redact }),
    ...(options.showContent ? { showContent: true } : {}),
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
  });
  const unmatchedSources = workspace.sources
    .map(({ match }) => match)
    .filter(
      (match) =>
        !files.some(
          ({ path: name, partOf }) =>
            matchesSource(name, match) || (partOf !== undefined && matchesSource(partOf.file, match)),
        ),
    );
  const rejected = files.find((entry) => !entry.accepted);
  if (options.strict && rejected)
    throw new ProbityError('EVIDENCE_MALFORMED', rejected.reason ?? 'rejected', {
      where: rejected.path,
      remedy: 'Mend or leave out the file, or run without --strict',
    });
  const assessment = assess({
    workspace,
    catalog,
    profile,
    files,
    observations,
    unread,
    unmatchedSources,
    ...(responses ? { responses } : {}),
    asOf: options.asOf,
    tool: TOOL,
    redacted: options.redact ?? true,
    ...(options.showContent ? { contentShown: true } : {}),
  });
  // Evidence is tamed when it is read; names of the workspace and texts of own controls are, here.
  return withTextsVisible(assessment);
}

/** @throws ProbityError WORKSPACE_INVALID for a framework that the catalog does not have */
function checkCited({ workspace, file }: LoadedWorkspace, catalog: Catalog): void {
  const frameworks = catalog.frameworks.map(({ document }) => document);
  (workspace.frameworks ?? []).forEach((name, index) => {
    if (frameworkNamed(frameworks, name)) return;
    throw new ProbityError('WORKSPACE_INVALID', `the catalog has no framework ${name}`, {
      where: `${file}#/frameworks/${index}`,
      remedy: `Name some of: ${frameworks.map(({ id }) => id).join(', ')}`,
    });
  });
}

/** What people answered, by the file that was asked for or that the workspace names; secrets in what they wrote are masked. */
async function responsesOf(
  { workspace, root }: LoadedWorkspace,
  asked: string | undefined,
  redact: boolean,
): Promise<LoadedResponses | undefined> {
  const file = asked ?? (workspace.responses === undefined ? undefined : path.resolve(root, workspace.responses));
  if (file === undefined) return undefined;
  const place = path.resolve(file);
  // Where it lies outside of the workspace is nobody's business but the machine's.
  const named = isWithin(root, place) ? path.relative(root, place).split(path.sep).join('/') : path.basename(place);
  const loaded = await loadResponses(file, named);
  if (!redact) return loaded;
  const responses = loaded.document.responses.map((one) => ({
    ...one,
    ...(one.response === undefined ? {} : { response: redactText(one.response) }),
    ...(one.acceptance ? { acceptance: { ...one.acceptance, reason: redactText(one.acceptance.reason) } } : {}),
  }));
  return { ...loaded, document: { ...loaded.document, responses } };
}

/** What is searched for evidence: what is named, relative to the current folder, else what the workspace says. */
export async function evidenceSearch(
  { workspace, root, file }: LoadedWorkspace,
  named: readonly string[],
): Promise<Search> {
  return {
    patterns:
      named.length > 0 ? named.map((pattern) => path.relative(root, path.resolve(pattern)) || '.') : workspace.evidence,
    named: named.length > 0,
    // A positive control that is a file is read with the evidence, whether or not a pattern names it.
    within: await presentControls(workspace, root),
    // Controls of one's own are no evidence, wherever they lie.
    ignore: [
      ...workspace.ignore,
      ...workspace.controls.map((folder) => path.posix.join(folder, '**')),
      path.relative(root, file).split(path.sep).join('/'),
      // Answers of people are no evidence.
      ...(workspace.responses === undefined ? [] : [workspace.responses]),
    ],
    root,
  };
}

/** The files that the workspace names as positive controls, as far as they are there; what is not is said of its test. */
async function presentControls(workspace: Workspace, root: string): Promise<string[]> {
  const named = new Set(
    workspace.sources.flatMap(({ positiveControl }) =>
      positiveControl?.kind === 'file' ? [positiveControl.file] : [],
    ),
  );
  const present = await Promise.all(
    [...named].map(async (file) => ((await lstat(path.resolve(root, file)).catch(() => undefined)) ? [file] : [])),
  );
  return present.flat();
}
