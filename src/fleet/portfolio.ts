import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { loadCatalog } from '../catalog/catalog.ts';
import { buildPortfolio, portfolioFormats } from '../portfolio/build.ts';
import { readPortfolio } from '../portfolio/read.ts';
import type { Bounds } from './bounds.ts';
import { digestOf, outcomeSchema, type PortfolioJob, type PortfolioOutcome } from './job.ts';
import type { ObjectStore } from './objects.ts';
import { resultsPlace, signerFor, signingWith } from './perform.ts';
import { below, placeText } from './places.ts';
import { contentName, json } from './results.ts';
import { openStore } from './stores.ts';

const line = z.union([
  z.strictObject({ system: z.string(), outcome: outcomeSchema }),
  z.strictObject({ system: z.string(), error: z.string() }),
]);

/** What one system came to, as the list beside a portfolio has it. */
interface Listed {
  id: string;
  pack?: string;
  asOf?: string;
  error?: string;
}

/**
 * Puts together what the systems of a submission came to: the portfolio of their packs, each verified, and beside it a list
 * of which system has which pack, and which has none and why.
 * @param list a file with a line of JSON a system
 */
export async function performPortfolio(job: PortfolioJob, bounds: Bounds, list: string): Promise<PortfolioOutcome> {
  const place = resultsPlace(job.results, bounds);
  const store = await openStore(place);
  const root = `${placeText(place)}/`;
  const systems: Listed[] = [];
  for await (const text of createInterface({ input: createReadStream(list) })) {
    const one = line.parse(JSON.parse(text));
    systems.push(
      'outcome' in one
        ? { id: one.system, pack: one.outcome.pack, asOf: one.outcome.asOf }
        : { id: one.system, error: one.error },
    );
  }
  systems.sort((a, b) => (a.id < b.id ? -1 : 1));
  // What a job says of its pack came through the queue: only places that a pack can have are looked at.
  const packs = systems.flatMap(({ id, pack = '' }) => {
    const name = pack.startsWith(root) ? pack.slice(root.length) : '';
    return name.startsWith(`${id}/`) && PACK.test(name) ? [name] : [];
  });
  const scratch = await mkdtemp(path.join(tmpdir(), 'probity-fleet-'));
  try {
    const files =
      packs.length > 0 ? await portfolioFiles(job, bounds, store, await withEarlier(packs, store), scratch) : undefined;
    const name = `portfolio/${job.asOf}-${files ? contentName(files) : digestOf(systems).slice(0, 12)}`;
    if (files) await store.putFolder(name, files);
    await store.put(`${name}.json`, json({ schema: 'probity/fleet-index/v1', asOf: job.asOf, systems }));
    const failed = systems.filter(({ error }) => error !== undefined).length;
    return { portfolio: placeText(below(place, name)), systems: systems.length, failed };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const PACK = /^[A-Za-z0-9][A-Za-z0-9._-]*\/\d{4}-\d{2}-\d{2}-[0-9a-f]{12}-[0-9a-f]{12}$/;

/** Packs, and of each system the one from before, which says what changed since: where one day has just one. */
async function withEarlier(packs: readonly string[], store: ObjectStore): Promise<string[]> {
  const all: string[] = [];
  for (const pack of packs) {
    all.push(pack);
    const [system = '', name = ''] = pack.split('/');
    const earlier = (await store.folders(`${system}/`)).filter((one) => one.slice(0, 10) < name.slice(0, 10)).sort();
    const last = earlier.at(-1);
    const sameDay = earlier.filter((one) => one.slice(0, 10) === last?.slice(0, 10));
    if (last !== undefined && sameDay.length === 1 && PACK.test(`${system}/${last}`)) all.push(`${system}/${last}`);
  }
  return all;
}

async function portfolioFiles(
  job: PortfolioJob,
  bounds: Bounds,
  store: ObjectStore,
  packs: readonly string[],
  scratch: string,
): Promise<Map<string, Uint8Array>> {
  let folder = scratch;
  if (store.place.kind === 'folder') folder = store.place.path;
  else for (const pack of packs) await bring(store, pack, path.join(scratch, pack));
  const wanted = job.format.filter((id) => ['json', 'xlsx', 'html', 'pdf'].includes(id));
  const identity = await signerFor(job.identity, bounds);
  const before = process.cwd();
  // Packs are called by where they lie at the results place, on whatever machine that is.
  process.chdir(folder);
  try {
    const portfolio = await readPortfolio(packs, {
      asOf: job.asOf,
      allowUnsigned: !bounds.sign,
      profiles: (await loadCatalog()).bundledProfiles,
    });
    return await buildPortfolio(portfolio, {
      formats: portfolioFormats([...new Set(['json', ...wanted])].join(',')),
      identity,
      signing: signingWith(bounds),
    });
  } finally {
    process.chdir(before);
  }
}

async function bring(store: ObjectStore, pack: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for await (const one of store.list(`${pack}/`)) {
    const name = one.name.slice(pack.length + 1);
    if (/^[\w.-]+$/.test(name) && !name.startsWith('.')) await store.fetch(one, path.join(folder, name));
  }
}
