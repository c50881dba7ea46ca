import type { Browser, Page } from 'puppeteer-core';
import { messageOf, ProbityError } from '../../errors.ts';
import { borrowBrowser } from './browser.ts';
import { destinationPages } from './document.ts';

/** How long one page set may take to lay out, in milliseconds. */
const TIMEOUT = 300_000;

/**
 * Prints HTML to PDF in a sealed page: no script, no request of any kind, tagged and outlined. It is printed twice: the
 * first time to learn on which page each anchor falls.
 * @param html makes the document from the page numbers by anchor; the first time with none
 */
export async function printPdf(html: (pages: ReadonlyMap<string, number>) => string): Promise<Uint8Array> {
  const { browser, close } = await borrowBrowser();
  try {
    const draft = await print(browser, html(new Map()));
    return await print(browser, html(await destinationPages(draft)));
  } catch (error) {
    if (error instanceof ProbityError) throw error;
    throw new ProbityError('BROWSER_FAILED', `the PDF could not be printed: ${messageOf(error)}`, { cause: error });
  } finally {
    await close();
  }
}

async function print(browser: Browser, html: string): Promise<Uint8Array> {
  const page = await browser.newPage();
  try {
    await seal(page);
    await page.setContent(html, { waitUntil: 'load', timeout: TIMEOUT });
    return await page.pdf({
      preferCSSPageSize: true,
      printBackground: true,
      tagged: true,
      outline: true,
      timeout: TIMEOUT,
      waitForFonts: true,
    });
  } finally {
    await page.close();
  }
}

/** The document carries everything it needs; whatever it asks for beyond that is refused. */
async function seal(page: Page): Promise<void> {
  await page.setJavaScriptEnabled(false);
  await page.setOfflineMode(true);
  await page.setRequestInterception(true);
  page.on('request', (request) => {
    const verdict = request.url().startsWith('data:font/') ? request.continue() : request.abort('blockedbyclient');
    verdict.catch(() => undefined);
  });
}
