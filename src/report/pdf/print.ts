import { messageOf, ProbityError } from '../../errors.ts';
import type { CagedBrowser } from './browser.ts';

/** How long a page may take to lay out, in milliseconds. */
const TIMEOUT = 600_000;

/**
 * Prints HTML to PDF in a sealed page: no script, no request of any kind, tagged and outlined. The browser is started
 * once, before it is needed where somebody says so, and ends with {@link Printer.close}.
 */
export class Printer {
  #browser: Promise<CagedBrowser> | undefined;
  readonly #handed = Promise.withResolvers<void>();

  /** Starts the browser, so that it is there when something is to be printed. */
  warmUp(): void {
    // Why it did not start is told by whoever prints.
    this.#started().catch(() => undefined);
  }

  /** Settles once the first document is with the browser, which from then on works for itself. */
  handed(): Promise<void> {
    return this.#handed.promise;
  }

  /** @throws ProbityError BROWSER_MISSING or BROWSER_FAILED */
  async print(html: string): Promise<Uint8Array> {
    const { browser } = await this.#started();
    try {
      // A context of its own: nothing that one document leaves in the browser is there for the next.
      const context = await browser.createBrowserContext();
      try {
        const page = await context.newPage();
        await seal(page);
        const loaded = page.setContent(html, { waitUntil: 'load', timeout: TIMEOUT });
        this.#handed.resolve();
        await loaded;
        return await page.pdf({
          preferCSSPageSize: true,
          printBackground: true,
          tagged: true,
          outline: true,
          timeout: TIMEOUT,
          waitForFonts: true,
        });
      } finally {
        await context.close();
      }
    } catch (error) {
      if (error instanceof ProbityError) throw error;
      throw new ProbityError('BROWSER_FAILED', `the PDF could not be printed: ${messageOf(error)}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    const started = await this.#browser?.catch(() => undefined);
    this.#browser = undefined;
    await started?.close();
  }

  #started(): Promise<CagedBrowser> {
    this.#browser ??= import('./browser.ts').then(({ borrowBrowser }) => borrowBrowser());
    return this.#browser;
  }
}

type Page = Awaited<ReturnType<CagedBrowser['browser']['newPage']>>;

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
