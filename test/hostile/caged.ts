/* Starts the browser of the PDF, says where it is, and stays until it is stopped. */
import { launchBrowser } from '../../src/report/pdf/browser.ts';

const { browser, sandboxed } = await launchBrowser();
const page = await browser.newPage();
await page.setContent('<p>text</p>');
console.log(JSON.stringify({ pid: browser.process()?.pid, sandboxed }));
setInterval(() => undefined, 1000);
