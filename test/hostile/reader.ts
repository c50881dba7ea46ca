/* Reads the evidence files named on the command line in a process of its own, and prints what each took of the processor: one JSON line a file. */
import path from 'node:path';
import { read } from '../support/reading.ts';

for (const file of process.argv.slice(2)) {
  // What one file took is not what the files before it left to be collected.
  globalThis.gc?.();
  const started = process.cpuUsage();
  const { entry } = await read(path.dirname(file), path.basename(file));
  console.log(
    JSON.stringify({
      name: path.basename(file),
      accepted: entry.accepted,
      reason: entry.reason ?? '',
      seconds: (({ user, system }) => (user + system) / 1e6)(process.cpuUsage(started)),
      megabytes: process.resourceUsage().maxRSS / 1024,
    }),
  );
}
