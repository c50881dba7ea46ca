import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Minimatch } from 'minimatch';
import { evidenceSearch } from '../assess/assessWorkspace.ts';
import { messageOf, ProbityError } from '../errors.ts';
import { findEvidence } from '../evidence/find.ts';
import { isWithin } from '../files/place.ts';
import { readNamed } from '../files/read.ts';
import { readYaml } from '../files/yaml.ts';
import { loadWorkspace, type Workspace, workspaceSchema } from '../workspace/workspace.ts';
import { type Bounds, requireAllowed } from './bounds.ts';
import type { Job } from './job.ts';
import type { Listed, ObjectStore } from './objects.ts';
import { below, type Place, parentOf, parsePlace, placeText } from './places.ts';
import { openStore } from './stores.ts';

/** What a job is made of, known before any evidence is read. */
export interface Inputs {
  /** The workspace file's bytes. */
  config: Buffer;
  /** Everything that is read besides, by name, size and mark; a change of any of it changes a mark. */
  listing: { name: string; bytes: number; mark: string }[];
  /** Bytes that have to be fetched from elsewhere. */
  bytes: number;
  /** Puts everything on this machine's disk. @returns what an assessment is to be run over */
  bring(): Promise<{ config: string; evidence?: string[] }>;
}

const CONFIG_BYTES = 4 << 20;
const MOST_OBJECTS = 100_000;
const CONFIG_NAME = 'probity.yaml';

/**
 * Finds what a job's references name, within the worker's bounds.
 * @param scratch an empty folder of the job's own
 * @throws ProbityError JOB_REFUSED, STORE_FAILED, and those of the workspace
 */
export async function findInputs(job: Job, bounds: Bounds, scratch: string): Promise<Inputs> {
  const config = parsePlace(job.config, scratch);
  requireAllowed(config, bounds.evidence, 'evidence');
  if (Array.isArray(job.evidence)) return fetchedFiles(config, job.evidence, bounds, scratch);
  if (job.evidence === undefined) {
    if (config.kind === 'folder') return local(config.path, []);
    if (config.kind === 's3') return fetchedWorkspace(config, bounds, scratch);
    throw new ProbityError('FLEET_INVALID', 'a configuration on the web does not say where its evidence lies', {
      where: job.config,
      remedy: 'Name the evidence of the system',
    });
  }
  const evidence = parsePlace(job.evidence, scratch);
  requireAllowed(evidence, bounds.evidence, 'evidence');
  if (evidence.kind === 'https')
    throw new ProbityError('FLEET_INVALID', 'evidence on the web needs its digest', {
      where: job.evidence,
      remedy: 'Write it as evidence: [{url: https://.., sha256: ..}]',
    });
  if (config.kind === 'folder' && evidence.kind === 'folder') return local(config.path, [evidence.path]);
  return fetchedPrefix(config, evidence, bounds, scratch);
}

/** Everything lies on this machine and is read where it lies. */
async function local(config: string, named: string[]): Promise<Inputs> {
  const loaded = await loadWorkspace(config);
  const names = await findEvidence(await evidenceSearch(loaded, named));
  const overlays = await Promise.all(
    loaded.workspace.controls.map((folder) => filesBelow(path.resolve(loaded.root, folder))),
  );
  const { responses } = loaded.workspace;
  const listing = await Promise.all(
    [
      ...names.map((name) => path.resolve(loaded.root, name)),
      ...overlays.flat(),
      ...(responses === undefined ? [] : [path.resolve(loaded.root, responses)]),
    ].map(async (file) => {
      const stats = await lstat(file, { bigint: true }).catch(() => undefined);
      const mark = stats ? `${stats.mode}-${stats.ino}-${stats.mtimeNs}-${stats.ctimeNs}` : 'gone';
      return { name: file, bytes: Number(stats?.size ?? 0), mark };
    }),
  );
  return {
    config: await readNamed(config),
    listing,
    bytes: 0,
    bring: async () => ({ config, ...(named.length > 0 ? { evidence: named } : {}) }),
  };
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

/** Evidence out of a bucket, for a configuration that may lie elsewhere. */
async function fetchedPrefix(
  config: Place,
  evidence: Exclude<Place, { kind: 'https' }>,
  bounds: Bounds,
  scratch: string,
): Promise<Inputs> {
  const text = await configText(config);
  const store = await openStore(evidence);
  const listed = await listAll(store, () => true, bounds);
  const folder = path.join(scratch, 'evidence');
  return {
    config: text,
    listing: listed.map(({ name, bytes, mark }) => ({ name: placeText(below(evidence, name)), bytes, mark })),
    bytes: total(listed),
    async bring() {
      await mkdir(folder, { recursive: true });
      await bringAll(store, listed, folder);
      return { config: await writeConfig(text, scratch), evidence: [folder] };
    },
  };
}

/** A configuration in a bucket, with the evidence that it names below its own place. */
async function fetchedWorkspace(
  config: Extract<Place, { kind: 's3' }>,
  bounds: Bounds,
  scratch: string,
): Promise<Inputs> {
  const text = await configText(config);
  const workspace = readYaml(workspaceSchema, text.toString('utf8'), placeText(config), 'WORKSPACE_INVALID');
  const { folder, name: own } = parentOf(config);
  if (folder.kind !== 's3') throw new TypeError('the folder of an object is one');
  requireAllowed(folder, bounds.evidence, 'evidence');
  const store = await openStore(folder);
  const wanted = wantedBy(workspace);
  const listed = await listAll(store, (name) => name !== own && name !== CONFIG_NAME && wanted(name), bounds);
  return {
    config: text,
    listing: listed.map(({ name, bytes, mark }) => ({ name: placeText(below(folder, name)), bytes, mark })),
    bytes: total(listed),
    async bring() {
      await bringAll(store, listed, scratch);
      return { config: await writeConfig(text, scratch) };
    },
  };
}

/** Which files a workspace can come to read. */
function wantedBy(workspace: Workspace): (name: string) => boolean {
  const plain = (pattern: string): string => path.posix.normalize(pattern).replace(/\/+$/, '');
  const named = [
    ...workspace.evidence.flatMap((pattern) => [plain(pattern), `${plain(pattern)}/**`]),
    ...workspace.controls.map((folder) => `${plain(folder)}/**`),
    ...(workspace.responses === undefined ? [] : [plain(workspace.responses)]),
    ...workspace.sources.flatMap(({ positiveControl }) =>
      positiveControl?.kind === 'file' ? [plain(positiveControl.file)] : [],
    ),
  ].map((pattern) => new Minimatch(pattern === './**' ? '**' : pattern, { dot: true }));
  return (name) => named.some((pattern) => pattern.match(name));
}

/** Single files on the web, each with the digest that it must have. */
async function fetchedFiles(
  config: Place,
  files: readonly { url: string; sha256: string }[],
  bounds: Bounds,
  scratch: string,
): Promise<Inputs> {
  const places = files.map(({ url, sha256 }) => {
    const place = parsePlace(url, scratch);
    if (place.kind !== 'https')
      throw new ProbityError('FLEET_INVALID', 'single files are named by their address', {
        where: url,
        remedy: 'Name a folder or s3://BUCKET/PREFIX outright, or give https addresses',
      });
    requireAllowed(place, bounds.evidence, 'evidence');
    return { place, sha256, name: decodeURIComponent(parentOf(place).name) || 'evidence' };
  });
  const text = await configText(config);
  const folder = path.join(scratch, 'evidence');
  return {
    config: text,
    listing: places.map(({ place, sha256 }) => ({ name: place.url, bytes: 0, mark: sha256 })),
    bytes: 0,
    async bring() {
      await mkdir(folder, { recursive: true });
      for (const [index, { place, sha256, name }] of places.entries()) {
        const twice = places.slice(0, index).some((one) => one.name === name);
        const to = targetOf(folder, twice ? `${index}-${name}` : name);
        await download(place.url, sha256, to, bounds.evidenceBytes);
      }
      return { config: await writeConfig(text, scratch), evidence: [folder] };
    },
  };
}

async function configText(config: Place): Promise<Buffer> {
  if (config.kind === 'https')
    throw new ProbityError('FLEET_INVALID', 'a configuration lies in a folder or in S3', { where: config.url });
  const { folder, name } = parentOf(config);
  if (folder.kind === 'https') throw new TypeError('not an address');
  const text = await (await openStore(folder)).get(name, CONFIG_BYTES);
  if (text === undefined)
    throw new ProbityError('WORKSPACE_MISSING', 'there is no such workspace file', { where: placeText(config) });
  return text;
}

async function writeConfig(text: Buffer, scratch: string): Promise<string> {
  const file = path.join(scratch, CONFIG_NAME);
  await writeFile(file, text, { mode: 0o600 });
  return file;
}

async function listAll(store: ObjectStore, wanted: (name: string) => boolean, bounds: Bounds): Promise<Listed[]> {
  const listed: Listed[] = [];
  let bytes = 0;
  for await (const one of store.list('')) {
    if (!wanted(one.name)) continue;
    listed.push(one);
    bytes += one.bytes;
    if (listed.length > MOST_OBJECTS || bytes > bounds.evidenceBytes)
      throw new ProbityError(
        'EVIDENCE_TOO_LARGE',
        `more than ${MOST_OBJECTS} files, or ${bounds.evidenceBytes} bytes, of evidence for one system`,
        { where: placeText(store.place), remedy: 'Summarise large files where they lie: probity evidence summarise' },
      );
  }
  return listed;
}

function total(listed: readonly Listed[]): number {
  return listed.reduce((sum, { bytes }) => sum + bytes, 0);
}

async function bringAll(store: ObjectStore, listed: readonly Listed[], folder: string): Promise<void> {
  for (const one of listed) {
    const to = targetOf(folder, one.name);
    await mkdir(path.dirname(to), { recursive: true });
    await store.fetch(one, to);
  }
}

/** Where a name from elsewhere goes on this disk. @throws ProbityError JOB_REFUSED for one that leads out of the folder */
function targetOf(folder: string, name: string): string {
  const parts = name.split('/');
  const to = path.join(folder, ...parts);
  if (
    name.includes('\0') ||
    name.includes('\\') ||
    parts.some((part) => part === '' || part === '.' || part === '..') ||
    !isWithin(folder, to)
  )
    throw new ProbityError('JOB_REFUSED', 'the name of an object cannot be the name of a file', {
      where: name.slice(0, 200),
    });
  return to;
}

/** Downloads a file that must have a digest, from its own server only. @throws ProbityError NETWORK_FAILED, STORE_FAILED */
async function download(url: string, sha256: string, to: string, limit: number): Promise<void> {
  let bytes = 0;
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(600_000) });
    if (!response.ok || !response.body) throw new Error(`it answered ${response.status}`);
    await pipeline(
      Readable.fromWeb(response.body),
      async function* (source: AsyncIterable<Uint8Array>) {
        for await (const chunk of source) {
          bytes += chunk.length;
          if (bytes > limit) throw new Error(`it is larger than ${limit} bytes`);
          yield chunk;
        }
      },
      createWriteStream(to, { flags: 'wx', mode: 0o600 }),
    );
  } catch (error) {
    throw new ProbityError('NETWORK_FAILED', `the evidence could not be fetched: ${messageOf(error)}`, {
      where: url,
      cause: error,
    });
  }
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(to)) hash.update(chunk);
  if (hash.digest('hex') !== sha256)
    throw new ProbityError('JOB_REFUSED', 'the file does not have the digest that the job states', { where: url });
}
