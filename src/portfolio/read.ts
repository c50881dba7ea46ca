import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Assessment } from '../assess/assessment.ts';
import type { Profile } from '../catalog/schemas.ts';
import { compare } from '../compare/compare.ts';
import { messageOf, ProbityError, whyUnread } from '../errors.ts';
import { PORTFOLIO_FILES } from '../pack/files.ts';
import { readAttested } from '../pack/read.ts';
import { ATTACK_CLASSES } from '../terms.ts';
import type { TrustStore } from '../verify/signature.ts';
import {
  bySystem,
  type Portfolio,
  type PortfolioOptions,
  portfolioOf,
  type Refused,
  type SystemPacks,
} from './portfolio.ts';
import { type PackFacts, packFacts } from './system.ts';

/* Packs from the disk to a portfolio, one at a time: only what is kept of each stays in memory. */

export interface ReadPortfolioOptions extends PortfolioOptions {
  trust?: TrustStore;
  requireTrust?: boolean;
  /** Count packs that nobody signed as well; they are shown as not verified. */
  allowUnsigned?: boolean;
  profiles: readonly Profile[];
  onProgress?: (done: number, total: number) => void;
}

/**
 * Reads, verifies and puts together every pack below the given places.
 * @throws ProbityError USAGE where nothing counts
 */
export async function readPortfolio(places: readonly string[], options: ReadPortfolioOptions): Promise<Portfolio> {
  const found = await packsBelow(places);
  const refused: Refused[] = [...found.refused];
  const facts: PackFacts[] = [];
  for (const [index, place] of found.packs.entries()) {
    options.onProgress?.(index, found.packs.length);
    const read = await readPack(place, options);
    if ('why' in read) refused.push({ path: place, why: read.why });
    else facts.push(read.facts);
  }
  const sorted = bySystem(facts);
  refused.push(...sorted.refused);
  const [first] = refused;
  if (sorted.systems.length === 0)
    throw new ProbityError('USAGE', `no pack counts${first ? `: ${first.why}` : ''}`, {
      where: first?.path ?? places.join(', '),
      remedy: 'Name packs that probity run made, or folders that hold some',
    });
  const systems: SystemPacks[] = [];
  for (const one of sorted.systems) systems.push(await withChange(one, options));
  return portfolioOf(systems, refused, options);
}

const DEEPEST = 8;
const PACK_SIGNS = new Set(['assessment.json', 'attestation.dsse.json', 'report.pdf']);

/** The packs in places, sorted: folders that are one, zips, assessments, and whatever lies below other folders. */
async function packsBelow(places: readonly string[]): Promise<{ packs: string[]; refused: Refused[] }> {
  const packs = new Set<string>();
  const refused: Refused[] = [];
  const visit = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true });
    // A portfolio that was written before is none of its own packs.
    if (entries.some((entry) => entry.name === PORTFOLIO_FILES.json)) return;
    if (entries.some((entry) => entry.isFile() && PACK_SIGNS.has(entry.name))) {
      packs.add(folder);
      return;
    }
    if (depth >= DEEPEST) return;
    for (const entry of entries) {
      const inner = path.join(folder, entry.name);
      if (entry.isDirectory() && !entry.name.startsWith('.')) await visit(inner, depth + 1);
      else if (entry.isFile() && entry.name.toLowerCase().endsWith('.zip')) packs.add(inner);
    }
  };
  for (const place of places) {
    const stats = await stat(place).catch((error: unknown) => whyUnread(error));
    if (typeof stats === 'string') refused.push({ path: place, why: stats });
    else if (stats.isDirectory()) await visit(path.normalize(place), 0);
    else packs.add(path.normalize(place));
  }
  return { packs: [...packs].sort(), refused };
}

type Read = { facts: PackFacts } | { why: string };

async function readPack(place: string, options: ReadPortfolioOptions): Promise<Read> {
  try {
    const { assessment, sha256, signed, problems, vouchedBy } = await readAttested(place, options);
    const [problem] = problems;
    if (problem !== undefined) return { why: `does not verify: ${problem}` };
    if (!signed && (!options.allowUnsigned || options.requireTrust)) return { why: 'nobody signed it' };
    return { facts: packFacts(assessment, { path: place, sha256, verified: signed, signers: vouchedBy }) };
  } catch (error) {
    return { why: error instanceof ProbityError ? error.message : messageOf(error) };
  }
}

/** Since when each gap of a system is open, and what changed since the pack before. */
async function withChange(one: SystemPacks, options: ReadPortfolioOptions): Promise<SystemPacks> {
  const newest = one.packs.at(-1);
  if (!newest || one.packs.length < 2) return one;
  const assessments: Assessment[] = [];
  for (const { system } of one.packs.slice(-MOST_BEFORE)) {
    const { assessment, sha256 } = await readAttested(system.path, options);
    // What is compared is what was verified.
    if (sha256 !== system.sha256)
      throw new ProbityError('SIGNATURE_BROKEN', 'the pack was changed while it was read', { where: system.path });
    assessments.push(assessment);
  }
  const [before, after] = assessments.slice(-2) as [Assessment, Assessment];
  const comparison = compare(before, after, { profiles: options.profiles, earlier: assessments.slice(0, -2) });
  const since = new Map(comparison.gaps.map((gap) => [`${gap.control}.${gap.attackClass}`, gap.since]));
  const { system } = newest;
  for (const attackClass of ATTACK_CLASSES) {
    const facts = system.classes[attackClass];
    const gaps = comparison.gaps.filter((gap) => gap.attackClass === attackClass);
    const numbers = comparison.measurements.filter((number) => number.attackClass === attackClass);
    const count = (change: string): number => gaps.filter((gap) => gap.change === change).length;
    facts.gaps = facts.gaps.map((gap) => ({ ...gap, since: since.get(`${gap.control}.${attackClass}`) ?? gap.since }));
    facts.change = {
      since: before.asOf,
      new: count('new'),
      reopened: count('reopened'),
      closed: count('closed'),
      evidenceGone: count('evidence-gone'),
      better: numbers.filter(({ change }) => change === 'better').length,
      worse: numbers.filter(({ change }) => change === 'worse').length,
    };
  }
  system.earlier = one.packs.slice(0, -1).map(({ system: { asOf } }) => asOf);
  return one;
}

/** So many packs of a system are looked back on; two years of quarters. */
const MOST_BEFORE = 8;
