/**
 * A run in its parts, so that the next one sees where time goes: assess, layout (view and page), print (Chromium), finish
 * (tags, page numbers, archive), sign, and the workbook beside them. For the bundled example, for 1 000 findings, and for
 * 10 000 measurements; with the largest resident memory of this process, without that of the browser.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PDFDocument } from '@cantoo/pdf-lib';
import type { Assessment } from '../src/assess/assessment.ts';
import { assessWorkspace } from '../src/assess/assessWorkspace.ts';
import { renderPdf } from '../src/report/pdf/index.ts';
import { Printer } from '../src/report/pdf/print.ts';
import { renderXlsx } from '../src/report/xlsx/index.ts';
import { loadPkcs12 } from '../src/sign/keys/pkcs12.ts';
import { sealPdf } from '../src/sign/pdf/seal.ts';
import { createTrialSigner } from '../src/sign/trial.ts';

const PASSPHRASE = 'correct horse';
const folder = mkdtempSync(path.join(tmpdir(), 'probity-bench-'));
const file = path.join(folder, 'trial.p12');
await createTrialSigner(file, PASSPHRASE, 'Bench');

let last = process.hrtime.bigint();
function lap(): number {
  const now = process.hrtime.bigint();
  const seconds = Number(now - last) / 1e9;
  last = now;
  return seconds;
}

/** A list made longer by repeating it under new ids. */
function repeated<T extends { id: string }>(list: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, index) => {
    const one = list[index % list.length] as T;
    return { ...one, id: `${one.id}-${index}` };
  });
}

/** @param limit seconds, on two cores that nothing else uses */
async function measure(what: string, assessment: Assessment, assessed: number, limit: number): Promise<void> {
  const parts: [string, number][] = assessed > 0 ? [['assess', assessed]] : [];
  const printer = new Printer();
  printer.warmUp();
  lap();
  const bytes = await renderPdf(assessment, undefined, { printer, onPart: (part) => parts.push([part, lap()]) });
  const identity = await loadPkcs12(file, PASSPHRASE);
  const sealed = await sealPdf(bytes, identity, { role: 'preparer', time: new Date(), level: 'b' });
  parts.push(['sign', lap()]);
  await renderXlsx(assessment, undefined);
  parts.push(['workbook', lap()]);
  await printer.close();
  const total = parts.reduce((sum, [, seconds]) => sum + seconds, 0);
  const pages = (await PDFDocument.load(sealed, { updateMetadata: false })).getPageCount();
  console.log(
    `  ${what.padEnd(22)} ${total.toFixed(1)} s (${(total / limit).toFixed(2)} of the limit of ${limit} s): ${parts.map(([name, seconds]) => `${name} ${seconds.toFixed(2)}`).join(', ')}; ${pages} pages, ${(sealed.length / 1e6).toFixed(1)} MB, at most ${Math.round(process.resourceUsage().maxRSS / 1024)} MB resident (limit 1000)`,
  );
}

lap();
const example = await assessWorkspace({
  config: new URL('../evidence/probity.yaml', import.meta.url).pathname,
  asOf: '2026-11-21',
});
const assessed = lap();
await measure('the example', example, assessed, 3);
await measure('1 000 findings', { ...example, findings: repeated(example.findings, 1000) }, 0, 8);
await measure('10 000 measurements', { ...example, measurements: repeated(example.measurements, 10_000) }, 0, 30);
rmSync(folder, { recursive: true });
