/* Reads the evidence files named on the command line in a process of its own, and prints what each took: one JSON line a file. */
import path from 'node:path';
import { read } from '../support/reading.ts';

for (const file of process.argv.slice(2)) {
  const started = performance.now();
  const { entry } = await read(path.dirname(file), path.basename(file));
  console.log(
    JSON.stringify({
      name: path.basename(file),
      accepted: entry.accepted,
      reason: entry.reason ?? '',
      seconds: (performance.now() - started) / 1000,
      megabytes: process.resourceUsage().maxRSS / 1024,
    }),
  );
}
