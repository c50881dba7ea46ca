/*
 * Makes the pictures of the documentation anew from the bundled example: three pages of the report side by side, the page for
 * those who decide by itself, report.html as it opens at a gap, and the workbook's sheet of gaps as it is printed. Needs
 * pdftoppm and pdftotext (poppler-utils) and LibreOffice; the browser that lays out the report puts them together.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { assessWorkspace } from '../src/assess/assessWorkspace.ts';
import { renderHtml } from '../src/report/html/index.ts';
import { launchBrowser } from '../src/report/pdf/browser.ts';
import { destinationPages } from '../src/report/pdf/document.ts';
import { renderPdf } from '../src/report/pdf/index.ts';
import { renderXlsx } from '../src/report/xlsx/index.ts';

const ROOT = path.join(import.meta.dirname, '..');
const WIDTH = 1240;

const assessment = await assessWorkspace({ config: path.join(ROOT, 'evidence/probity.yaml'), asOf: '2026-11-21' });
const bytes = await renderPdf(assessment, undefined);
const pages = await destinationPages(bytes);
const folder = mkdtempSync(path.join(tmpdir(), 'probity-pictures-'));
const { browser, close } = await launchBrowser();
try {
  writeFileSync(path.join(folder, 'report.pdf'), bytes);
  const pageOf = (file: string, number: number): string => {
    const page = String(number);
    execFileSync('pdftoppm', ['-r', '110', '-png', '-singlefile', '-f', page, '-l', page, file, 'page'], {
      cwd: folder,
    });
    return `data:image/png;base64,${readFileSync(path.join(folder, 'page.png')).toString('base64')}`;
  };
  const pictureOf = (anchor: string, before = 0): string => pageOf('report.pdf', (pages.get(anchor) ?? 1) - before);
  const compose = async (name: string, pictures: readonly string[], width: number): Promise<void> => {
    const page = await browser.newPage();
    await page.setJavaScriptEnabled(false);
    await page.setViewport({ width, height: 100 });
    const each = `calc(${100 / pictures.length}% - 12px)`;
    await page.setContent(
      `<!doctype html><body style="margin:0;padding:6px;background:#d9dde2;display:flex;align-items:flex-start">${pictures
        .map((one) => `<img src="${one}" style="width:${each};height:auto;margin:6px;display:block" alt="">`)
        .join('')}</body>`,
      { waitUntil: 'load' },
    );
    await page.screenshot({ path: path.join(ROOT, 'docs', name), fullPage: true });
    await page.close();
  };
  // How far identities reach is the last page before the frameworks.
  await compose('report.png', [pictureOf('summary'), pictureOf('part-b'), pictureOf('frameworks', 1)], WIDTH);
  await compose('report-decide.png', [pictureOf('summary')], 760);
  await compose('report-plan.png', [pictureOf('plan'), pictureOf('part-a')], WIDTH);

  const file = path.join(folder, 'report.html');
  writeFileSync(file, await renderHtml(assessment, undefined));
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 860 });
  await page.goto(`${pathToFileURL(file).href}#gap-mi-05-a`);
  // The page brings the gap into sight over a few frames.
  await new Promise((resolve) => setTimeout(resolve, 500));
  await page.screenshot({ path: path.join(ROOT, 'docs/page.png') });

  writeFileSync(path.join(folder, 'workbook.xlsx'), await renderXlsx(assessment, undefined));
  const profile = `-env:UserInstallation=${pathToFileURL(folder).href}/profile`;
  execFileSync('soffice', ['--headless', profile, '--convert-to', 'pdf', 'workbook.xlsx'], { cwd: folder });
  const sheets = execFileSync('pdftotext', ['-layout', 'workbook.pdf', '-'], { cwd: folder, encoding: 'utf8' });
  const printed = (words: string): string =>
    pageOf('workbook.pdf', sheets.split('\f').findIndex((one) => one.includes(words)) + 1);
  await compose('workbook.png', [printed('One row for each finding.'), printed('Management response')], WIDTH);
} finally {
  await close();
  rmSync(folder, { recursive: true });
}
