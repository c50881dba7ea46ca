import { readFile } from 'node:fs/promises';
import Handlebars from 'handlebars';
import { PORTFOLIO_FILES } from '../pack/files.ts';
import { finishPdf } from '../report/pdf/document.ts';
import { fontFaces } from '../report/pdf/index.ts';
import { Printer } from '../report/pdf/print.ts';
import type { Portfolio } from './portfolio.ts';
import { portfolioView } from './view.ts';

const TEMPLATES = new URL('../../templates/pdf/', import.meta.url);

/**
 * The portfolio as a PDF, before signing. Its body is at most ten pages for 200 systems; the lists of packs come after it.
 * @param text the portfolio as it is written, which the PDF carries with it
 */
export async function renderPortfolioPdf(portfolio: Portfolio, text: string, signing: string): Promise<Uint8Array> {
  const [template, css, fonts] = await Promise.all([
    readFile(new URL('portfolio.hbs', TEMPLATES), 'utf8'),
    readFile(new URL('portfolio.css', TEMPLATES), 'utf8'),
    fontFaces(),
  ]);
  const view = portfolioView(portfolio);
  const html = Handlebars.create().compile(template, { strict: false })({
    ...view,
    signing,
    css: fonts + css,
    classes: view.classes.map((one) => ({ ...one, actions: one.actions.slice(0, MOST_LISTED) })),
    causes: view.causes.slice(0, MOST_LISTED),
    moreCauses: Math.max(0, view.causes.length - MOST_LISTED),
    endingSoon: view.endingSoon.slice(0, MOST_LISTED),
    moreEnding: Math.max(0, view.endingSoon.length - MOST_LISTED),
  });
  const printer = new Printer();
  const printed = await printer.print(html).finally(() => printer.close());
  return finishPdf(printed, {
    title: view.title,
    author: view.tool,
    subject: `${view.count} systems as of ${view.asOf}; root over the packs ${view.root}`,
    creator: view.tool,
    date: portfolio.asOf.slice(0, 10),
    identity: text,
    attachments: [
      {
        name: PORTFOLIO_FILES.json,
        description: 'The portfolio this document was made from',
        mimeType: 'application/json',
        bytes: Buffer.from(text),
      },
    ],
  });
}

/** What the body lists of each kind; the workbook has all. */
const MOST_LISTED = 12;
