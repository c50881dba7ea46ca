import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Assessment } from '../../src/assess/assessment.ts';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { withHistory } from '../../src/compare/history.ts';
import { renderPdf } from '../../src/report/pdf/index.ts';
import { exampleAssessment, examplePdf, hostileAssessment } from '../support/example.ts';
import { ask, judgeHere } from '../support/judges.ts';
import { ROOT, scratch, write } from '../support/workspace.ts';

/* veraPDF on what an archive (PDF/A-3b) and a screen reader (PDF/UA-1) ask for. What signing adds is judged where it is signed. */

const folder = scratch();

/** The example with an assessment before it, and with what people answered. */
async function lived(): Promise<Assessment> {
  const before = structuredClone(await exampleAssessment());
  before.asOf = '2026-08-21';
  const now = structuredClone(await exampleAssessment());
  const assessment = withHistory(now, [before], (await loadCatalog()).bundledProfiles);
  for (const finding of assessment.findings.slice(0, 30))
    Object.assign(finding, { owner: 'Ada Ruiz', due: '2026-11-01', status: 'in progress', response: 'Begun.' });
  return assessment;
}

for (const [name, make] of [
  ['the report', () => examplePdf()],
  ['the brief', async () => renderPdf(await exampleAssessment(), undefined, { pages: 'summary' })],
  ['a report with history and responses', async () => renderPdf(await lived(), undefined)],
  [
    'a brief from a template of one’s own',
    async () => {
      const own = path.join(folder, 'own');
      const ours = path.join(ROOT, 'templates/pdf/report.hbs');
      write(own, { 'report.hbs': readFileSync(ours, 'utf8').replace('For the person who decides', 'For the board') });
      return renderPdf(await exampleAssessment(), undefined, { pages: 'summary', template: own });
    },
  ],
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
