import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { renderXlsx } from '../src/report/xlsx/index.ts';
import { exampleAssessment } from '../test/support/example.ts';
import { manyFindings } from '../test/support/many.ts';

const COUNT = 100_000;
const [, , what] = process.argv;

/** Renders a workbook of many rows in this process, and prints what it took. */
async function measure(rows: 'gaps' | 'identities'): Promise<void> {
  const example = await exampleAssessment();
  const assessment = rows === 'gaps' ? manyFindings(example, COUNT) : example;
  if (rows === 'identities') {
    const [first] = example.identities.widest;
    if (first)
      assessment.identities.widest = Array.from({ length: COUNT }, (_, index) => ({
        ...first,
        id: `identity-${index}`,
        name: `Identity ${index}`,
      }));
  }
  globalThis.gc?.();
  const before = Math.round(process.memoryUsage().rss / 2 ** 20);
  const start = performance.now();
  const bytes = await renderXlsx(assessment, undefined);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `${COUNT} ${rows}: ${seconds} s, ${Math.round(bytes.length / 2 ** 20)} MiB written, ${Math.round(process.resourceUsage().maxRSS / 1024)} MB at most (limit 300), ${before} MB before`,
  );
}

if (what === 'gaps' || what === 'identities') await measure(what);
else
  for (const rows of ['gaps', 'identities'])
    console.log(
      execFileSync(
        process.execPath,
        ['--expose-gc', '--max-old-space-size=230', '--max-semi-space-size=4', fileURLToPath(import.meta.url), rows],
        {
          encoding: 'utf8',
        },
      ).trim(),
    );
