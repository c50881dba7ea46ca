import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { renderPdf } from '../../src/report/pdf/index.ts';
import { exampleAssessment, examplePdf, hostileAssessment } from '../support/example.ts';
import { ask, judgeHere } from '../support/judges.ts';
import { scratch } from '../support/workspace.ts';

/* veraPDF on what an archive (PDF/A-3b) and a screen reader (PDF/UA-1) ask for. What signing adds is judged where it is signed. */

const folder = scratch();

for (const [name, make] of [
  ['the report', () => examplePdf()],
  ['the brief', async () => renderPdf(await exampleAssessment(), undefined, { pages: 'summary' })],
  ['a report of hostile texts', async () => renderPdf(await hostileAssessment(), undefined)],
] as const)
  test(`veraPDF finds no failed rule in ${name}`, async (t) => {
    if (!judgeHere('verapdf', t)) return;
    const file = path.join(folder, `${name.replaceAll(' ', '-')}.pdf`);
    writeFileSync(file, await make());
    for (const flavour of ['ua1', '3b']) {
      const { text } = await ask('verapdf', ['-f', flavour, '--format', 'xml', '--maxfailuresdisplayed', '2', file]);
      const failed = [...text.matchAll(/clause="([^"]+)"[^>]*status="failed"/g)].map(([, clause]) => clause);
      assert.match(text, /isCompliant="true"/, `${flavour}: ${failed.join(', ') || text.slice(0, 500)}`);
    }
  });
