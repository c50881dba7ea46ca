/** Does the jobs of systems from one number to another without a queue, and prints how many a second. */
import path from 'node:path';
import { jobSchema, submissionId } from '../src/fleet/job.ts';
import { performJob } from '../src/fleet/perform.ts';
import { FLEET_AS_OF, systemId } from '../test/support/fleet.ts';

const [place = '', from = '0', to = '0'] = process.argv.slice(2);
const root = { kind: 'folder', path: place } as const;
const results = path.join(place, 'packs');
const bounds = { evidence: [root], results: [root], identities: [], sign: false, evidenceBytes: 1e9 };
let start = 0;
for (let i = Number(from); i < Number(to); i++) {
  await performJob(
    jobSchema.parse({
      version: 1,
      submission: submissionId(results, FLEET_AS_OF),
      system: systemId(i),
      config: path.join(place, 'systems', systemId(i), 'probity.yaml'),
      results,
      asOf: FLEET_AS_OF,
      format: ['json'],
    }),
    bounds,
  );
  // The first one loads the program.
  start ||= performance.now();
}
console.log((Number(to) - Number(from) - 1) / ((performance.now() - start) / 1000));
