import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Bounds } from './bounds.ts';
import { digestOf, outcomeSchema, type PortfolioJob, type PortfolioOutcome } from './job.ts';
import { resultsPlace } from './perform.ts';
import { below, placeText } from './places.ts';
import { openStore } from './stores.ts';

const line = z.union([
  z.strictObject({ system: z.string(), outcome: outcomeSchema }),
  z.strictObject({ system: z.string(), error: z.string() }),
]);

/**
 * Puts together what the systems of a submission came to: which has which pack, and which has none and why.
 * @param list a file with a line of JSON a system
 */
export async function performPortfolio(job: PortfolioJob, bounds: Bounds, list: string): Promise<PortfolioOutcome> {
  const place = resultsPlace(job.results, bounds);
  const systems: { id: string; pack?: string; asOf?: string; error?: string }[] = [];
  for await (const text of createInterface({ input: createReadStream(list) })) {
    const one = line.parse(JSON.parse(text));
    systems.push(
      'outcome' in one
        ? { id: one.system, pack: one.outcome.pack, asOf: one.outcome.asOf }
        : { id: one.system, error: one.error },
    );
  }
  systems.sort((a, b) => (a.id < b.id ? -1 : 1));
  const failed = systems.filter(({ error }) => error !== undefined).length;
  const index = { schema: 'probity/fleet-index/v1', asOf: job.asOf, systems };
  const bytes = Buffer.from(`${JSON.stringify(index, null, 2)}\n`);
  const store = await openStore(place);
  const folder = `portfolio/${job.asOf}-${digestOf(index).slice(0, 12)}`;
  await store.putFolder(folder, new Map([['systems.json', bytes]]));
  return { portfolio: placeText(below(place, folder)), systems: systems.length, failed };
}
