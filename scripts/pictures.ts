/**
 * Makes the pictures of the documentation from the bundled example: the page (docs/page.png) by the browser, the sheet of
 * gaps (docs/workbook.png) by LibreOffice and poppler, where these are installed.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { assessWorkspace } from '../src/assess/assessWorkspace.ts';
import { renderHtml } from '../src/report/html/index.ts';
import { launchBrowser } from '../src/report/pdf/browser.ts';
import { renderXlsx } from '../src/report/xlsx/index.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const docs = (name: string): string => path.join(ROOT, 'docs', name);
const folder = mkdtempSync(path.join(tmpdir(), 'probity-pictures-'));
const assessment = await assessWorkspace({ config: path.join(ROOT, 'evidence/probity.yaml'), asOf: '2026-11-21' });

try {
  const page = path.join(folder, 'report.html');
  writeFileSync(page, await renderHtml(assessment, undefined));
  const { browser, close } = await launchBrowser();
  try {
    const tab = await browser.newPage();
    await tab.setViewport({ width: 1280, height: 860 });
    await tab.goto(`${pathToFileURL(page).href}#gap-mi-05-a`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await tab.screenshot({ path: docs('page.png') });
  } finally {
    await close();
  }
  const workbook = path.join(folder, 'report.xlsx');
  writeFileSync(workbook, await renderXlsx(assessment, undefined));
  execFileSync('soffice', [
    '--headless',
    `-env:UserInstallation=${pathToFileURL(folder).href}/profile`,
    '--convert-to',
    'pdf:calc_pdf_Export:{"PageRange":{"type":"string","value":"1-60"}}',
    '--outdir',
    folder,
    workbook,
  ]);
  const text = execFileSync('pdftotext', ['-layout', path.join(folder, 'report.pdf'), '-'], { encoding: 'utf8' });
  const number = text.split('\f').findIndex((one) => one.includes('Management response')) + 1;
  execFileSync('pdftoppm', [
    ...['-png', '-r', '80', '-f', String(number), '-l', String(number)],
    path.join(folder, 'report.pdf'),
    path.join(folder, 'sheet'),
  ]);
  const picture = readdirSync(folder).find((name) => name.startsWith('sheet') && name.endsWith('.png'));
  if (picture) copyFileSync(path.join(folder, picture), docs('workbook.png'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
