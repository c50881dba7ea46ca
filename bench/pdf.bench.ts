/**
 * Prints reports of 100, 1 000 and 10 000 findings: seconds and pages of each, and how the cost of a finding grows from
 * one size to the next (1 would be linear).
 */
import { PDFDocument } from '@cantoo/pdf-lib';
import { assessWorkspace } from '../src/assess/assessWorkspace.ts';
import { renderPdf } from '../src/report/pdf/index.ts';

const example = await assessWorkspace({
  config: new URL('../evidence/probity.yaml', import.meta.url).pathname,
  asOf: '2026-11-21',
});
let before: { findings: number; seconds: number } | undefined;
for (const count of [100, 1000, 10_000]) {
  const assessment = structuredClone(example);
  assessment.findings = Array.from({ length: count }, (_, index) => {
    const finding = example.findings[index % example.findings.length];
    if (!finding) throw new Error('the example has no findings');
    return { ...finding, id: `${finding.id}-${index}` };
  });
  const start = process.hrtime.bigint();
  const bytes = await renderPdf(assessment, undefined);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const pages = (await PDFDocument.load(bytes, { updateMetadata: false })).getPageCount();
  const growth = before
    ? `, cost of a finding ${(seconds / count / (before.seconds / before.findings)).toFixed(2)} times that of the size before`
    : '';
  console.log(
    `  ${String(count).padStart(6)} findings  ${seconds.toFixed(1)} s, ${pages} pages, ${(bytes.length / 1e6).toFixed(1)} MB${growth}`,
  );
  before = { findings: count, seconds };
}
