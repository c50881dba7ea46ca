import type { Page } from 'puppeteer-core';
import { launchBrowser } from '../../src/report/pdf/browser.ts';

/** Shows a page in the real browser, and closes it whatever comes of it. */
export async function inBrowser<T>(url: string, look: (page: Page) => Promise<T>): Promise<T> {
  const { browser, close } = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 900 });
    await page.goto(url);
    return await look(page);
  } finally {
    await close();
  }
}
